"""What is a judge unfair to, and what it confuses: the audits as the page says them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline.pages.numerals import MINUS, both, named, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row, common_notes, rater, rows
from pipeline.pages.words import WORDS
from pipeline.stats import adjust
from pipeline.stats.terms import Criterion


class Bias(NamedTuple):
    """One factor of one rater, alone and beside the other factors."""

    rater: str
    factor: Text
    contrast: Text | None
    """What a coefficient of one stands for; None where the row is about all factors."""
    alone: Row | None
    """Of BIAS; None where it was not asked alone."""
    beside: Row | None
    answers: int | None
    notes: tuple[str, ...]

    @property
    def p_adjusted(self) -> float | None:
        """Benjamini and Hochberg's, of the row that asks the question."""
        known = [x["p_adjusted"] for x in (self.alone, self.beside) if x is not None]
        return next((p for p in known if p is not None), None)

    @property
    def name(self) -> Text:
        """What the rater is called on the page."""
        return WORDS["judges_all"] if self.rater == "judges" else rater(self.rater)

    @property
    def judge(self) -> str | None:
        """The judge that it is, for the filters; the panel always stays."""
        return None if self.rater in ("judges", "panel") else self.rater


class Cell(NamedTuple):
    """How often one level of a judge met one level of a person."""

    pairs: int
    share: float
    """Of all pairs in which people gave that level."""


class Heat(NamedTuple):
    """A judge's levels against people's, on one rubric."""

    rater: str
    levels: tuple[float, ...]
    """Worst to best: those of the rubric, and any other that was given."""
    cells: tuple[tuple[Cell | None, ...], ...]
    """A row per level of people, an entry per level of the judge; None where they never met."""
    pairs: int
    same: float
    """Share of pairs of the same level."""

    @property
    def judge(self) -> str | None:
        """The judge that it is, for the filters; the panel always stays."""
        return None if self.rater == "panel" else self.rater


def biases(slip: Slip, rubric: str, panel: bool) -> list[Bias]:
    """The bias on a rubric: of the panel and of all judges stacked, or of each judge."""
    found: dict[str, list[Row]] = {}
    for row in rows(slip.bias, rubric):
        if (row["rater"] in ("panel", "judges")) == panel:
            found.setdefault(row["rater"], []).append(row)
    return [each for who, own in _panel_first(found) for each in _of_rater(who, own)]


def common(found: Iterable[Bias]) -> list[str]:
    """What stands in the notes of every row."""
    return common_notes([{"note": "; ".join(each.notes)} for each in found])


def _panel_first(found: dict[str, list[Row]]) -> list[tuple[str, list[Row]]]:
    return sorted(found.items(), key=lambda entry: (entry[0] != "panel", entry[0]))


def _of_rater(who: str, own: Sequence[Row]) -> list[Bias]:
    """The rows of a rater; one alone where none of its factors has a value, for one reason."""
    notes = {row["note"] for row in own}
    if len(own) > 1 and len(notes) == 1 and all(row["coefficient"] is None for row in own):
        shown = tuple(x for x in notes if x)
        return [Bias(who, WORDS["every_factor"], None, None, None, own[0]["answers"], shown)]
    found = []
    for factor in dict.fromkeys(row["factor"] for row in own):
        each = {row["adjusted"]: row for row in own if row["factor"] == factor}
        one = next(iter(each.values()))
        said = dict.fromkeys(row["note"] for row in each.values() if row["note"])
        found.append(
            Bias(
                who,
                named("factor", factor),
                _contrast(factor, one["contrast"]),
                each.get(False),
                each.get(True),
                one["answers"],
                tuple(said),
            )
        )
    return found


def _contrast(factor: str, said: str) -> Text:
    """What a coefficient of one stands for, in words."""
    if (known := WORDS.get(f"contrast_{factor}")) is not None:
        return known
    one, minus, other = said.partition(" - ")
    if not minus:
        return both(said)
    ends = [named("in", x) if factor == "language" else both(x) for x in (one, other)]
    return Text(en=f"{ends[0].en} {MINUS} {ends[1].en}", ru=f"{ends[0].ru} {MINUS} {ends[1].ru}")


def beyond(row: Row | None) -> bool:
    """Whether the interval of a bias leaves out 0."""
    if row is None or row["low"] is None or row["high"] is None:
        return False
    return bool(row["low"] > 0 or row["high"] < 0)


def heats(slip: Slip, rubric: Criterion) -> list[Heat]:
    """The confusion of the panel and of each judge with people; none where there are no levels."""
    table = slip.confusion.filter(pl.col("rubric") == rubric.id)
    found = [_heat(str(who), part, rubric) for (who,), part in table.group_by("rater")]
    judges = {x.id: place for place, x in enumerate(slip.judges)}
    return sorted(found, key=lambda x: (x.judge is not None, judges.get(x.rater, -1), x.rater))


def _heat(who: str, table: pl.DataFrame, rubric: Criterion) -> Heat:
    met = {(row["human_score"], row["judge_score"]): row["pairs"] for row in table.to_dicts()}
    levels = tuple(sorted({*rubric.scale, *(x for pair in met for x in pair)}))
    whole = {x: sum(n for (human, _), n in met.items() if human == x) for x in levels}
    cells = tuple(
        tuple(
            Cell(met[human, judge], met[human, judge] / whole[human])
            if (human, judge) in met
            else None
            for judge in levels
        )
        for human in levels
    )
    pairs = sum(met.values())
    same = sum(n for (human, judge), n in met.items() if human == judge)
    return Heat(who, levels, cells, pairs, same / pairs)


def holm(shown: Sequence[Row]) -> list[float | None]:
    """Holm's adjusted p of the gaps shown, in their order: one question per rubric."""
    return adjust.holm([row["p"] for row in shown])


def line(row: Row) -> Text:
    """The affine map of a rubric, or a dash where its map is of another kind."""
    if row["slope"] is None or row["intercept"] is None:
        return WORDS["none"]
    slope, start = number(row["slope"]), number(row["intercept"], 2, signed=True)
    return Text(en=f"{slope.en} x {start.en}", ru=f"{slope.ru} x {start.ru}")


def with_span(
    value: float | None, low: float | None, high: float | None, signed: bool = False
) -> Text:
    """A value with its interval in brackets; a dash where there is none."""
    if value is None:
        return WORDS["none"]
    shown = [number(x, 2, signed) for x in (value, low, high)]
    if low is None or high is None:
        return shown[0]
    return Text(
        en=f"{shown[0].en} [{shown[1].en}, {shown[2].en}]",
        ru=f"{shown[0].ru} [{shown[1].ru}; {shown[2].ru}]",
    )


def heights(slip: Slip) -> list[Row]:
    """The rows of LEVELS of the rubrics whose gap may be shown, rubric by rubric (its `place`)."""
    return [
        {**row, "place": place}
        for place, rubric in enumerate(slip.criteria)
        if rubric.id not in slip.hidden_gaps
        for row in rows(slip.levels, rubric.id)
    ]


def kept(checks: pl.DataFrame) -> list[Row]:
    """Per arm and check how many answers kept to it, and of how many it can be told."""
    counted_rows = (
        checks.drop_nulls("met")
        .group_by("check", "arm", maintain_order=True)
        .agg(pl.col("met").sum().alias("kept"), pl.len().alias("of"))
    )
    return counted_rows.sort("check", maintain_order=True).to_dicts()
