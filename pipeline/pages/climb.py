"""What moving one factor does, as the page says it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl
from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages import plots
from pipeline.pages.audits import with_span
from pipeline.pages.notes import note
from pipeline.pages.numerals import both, fill, listed, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row, common_notes, own_note, titles
from pipeline.pages.words import WORDS
from pipeline.rungs import CONTROL
from pipeline.stats import causes, ladder


class Told(NamedTuple):
    """What moving something away from an end does, rubric by rubric."""

    start: Text
    mean: Row
    """Of EFFECTS, CAUSES or CROSSINGS, of the mean of the usable rubrics."""
    by_rubric: dict[str, Row]

    @property
    def basis(self) -> Text:
        """Who tells its effects."""
        rows = (self.mean, *self.by_rubric.values())
        told = dict.fromkeys(x["basis"] for x in rows if x["effect"] is not None)
        return listed(WORDS[f"basis_{x}"] for x in told)


class Step(NamedTuple):
    """One arm of the ladder beside its end."""

    factor: Text
    level: str
    told: Told


class Cause(NamedTuple):
    """One of the seven causes."""

    head: Row
    """The first of its rows of CAUSES."""
    ways: tuple[tuple[Step, ...], tuple[Step, ...]]
    """What tests it away from the high end, and from the low one."""


def causes_told(slip: Slip) -> list[Cause]:
    """The causes with the steps that test them."""
    found: dict[int, list[Row]] = {}
    for row in slip.causes.to_dicts():
        found.setdefault(row["cause"], []).append(row)
    told = []
    for own in found.values():
        ways = ([x for x in own if x["start"] == start] for start in ("hicap", "locap"))
        high, low = (tuple(_steps(x)) for x in ways)
        told.append(Cause(own[0], (high, low)))
    return told


def steps(slip: Slip) -> list[Step]:
    """The ladder's steps in the order of the study's file."""
    return _steps(slip.effects.to_dicts())


def _steps(rows: Iterable[Row]) -> list[Step]:
    found = _by(rows, ("factor", "start", "level"))
    return [Step(WORDS[f"factor_{x}"], level, _told(own)) for (x, _, level), own in found.items()]


def _by(rows: Iterable[Row], names: tuple[str, ...]) -> dict[tuple[str, ...], list[Row]]:
    """The rows by what stands in those columns."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[x] for x in names), []).append(row)
    return found


def _told(own: Iterable[Row]) -> Told:
    by_rubric = {x["rubric"]: x for x in own}
    mean = by_rubric.pop(None)
    start = both({"hicap": "↓ HiCap", "locap": "↑ LoCap"}[mean["start"]])
    return Told(start, mean, by_rubric)


class Asked(NamedTuple):
    """One arm of the ladder beside its end on the benchmarks as they stand."""

    step: Step
    by_benchmark: dict[str, Row]
    """Of BENCHMARK_EFFECTS."""


def on_benchmarks(slip: Slip) -> list[Asked]:
    """The steps that were asked benchmarks, in the order of the study's file."""
    rung = ("factor", "start", "level")
    found = _by(slip.benchmark_effects.filter(form="plain").to_dicts(), rung)
    return [
        Asked(x, {row["benchmark"]: row for row in found[place]})
        for x in steps(slip)
        if (place := tuple(x.told.mean[name] for name in rung)) in found
    ]


class Notes(NamedTuple):
    """What must be said of the rows of a table."""

    common: list[str]
    """What holds for every row, said once."""
    own: list[str]
    """What is left for each."""


def notes(found: Sequence["Step | Crossed"]) -> Notes:
    """The notes of the means; an effect that is the same on every task says so by itself."""
    means = [{"note": own_note(x.told.mean, _SAID)} for x in found]
    common = common_notes(means)
    return Notes(common, [own_note(x, common) for x in means])


_SAID = (ladder.ALIKE, f"{ladder.ALIKE} that people rated")


def teller(found: Sequence["Step | Crossed"]) -> Text | None:
    """Who tells the effects of all rows; None where that differs or nobody does."""
    told = {x.told.basis for x in found} - {WORDS["none"]}
    return told.pop() if len(told) == 1 else None


def silent(slip: Slip) -> list[tuple[Text, Text]]:
    """Why rubrics lack effects, each reason once with the rubrics it is about."""
    named = titles(slip.criteria)
    lacking = slip.effects.filter(pl.col("effect").is_null()).drop_nulls(["rubric", "note"])
    found: dict[str, dict[str, None]] = {}
    for rubric, said in lacking.select("rubric", "note").iter_rows():
        found.setdefault(said, {})[rubric] = None
    return [(listed(named[x] for x in about), note(said)) for said, about in found.items()]


def shown(row: Row | None) -> Text:
    """An effect with its interval, or a dash."""
    if row is None:
        return WORDS["none"]
    if row["effect"] is not None and row["low"] is None:
        return fill("alike", value=number(row["effect"], 2, signed=True))
    return with_span(row["effect"], row["low"], row["high"], signed=True)


def p_of(p: float | None) -> Text:
    """A p, none smaller than .001.

    >>> p_of(0.00002)
    Text(en='<0.001', ru='<0,001')
    """
    return number(p, 3) if p is None or p >= 0.001 else Text(en="<0.001", ru="<0,001")


def picture(slip: Slip) -> Markup | None:
    """The mean effect of every step on one axis; None where there is none."""
    rows, called = [], {}
    for place, one in enumerate(steps(slip)):
        mean = one.told.mean
        if mean["effect"] is None:
            continue
        name = f"step-{place}"
        arrow = {"hicap": "↓", "locap": "↑"}[mean["start"]]
        said = WORDS["control_short"] if mean["factor"] == CONTROL else one.factor
        called[name] = Text(
            en=f"{arrow} {said.en} {one.level}", ru=f"{arrow} {said.ru} {one.level}"
        )
        rows.append({x: mean[x] for x in ("low", "high")} | {"rubric": name, "gap": mean["effect"]})
    return plots.forest(rows, called, "ladder")


def control(slip: Slip) -> Text:
    """What the null control says."""
    found = causes.control(slip.effects)
    if found.note is None:
        return WORDS[f"control_{found.state}"]
    if found.state == "uncounted":
        return fill("control_uncounted", why=note(found.note))
    said, rest = WORDS[f"control_{found.state}"], fill("control_rest", why=note(found.note))
    return Text(en=f"{said.en} {rest.en}", ru=f"{said.ru} {rest.ru}")


class Crossed(NamedTuple):
    """A pair of factors, from one end."""

    first: Text
    second: Text
    told: Told


def crossed(slip: Slip) -> list[Crossed]:
    """Each pair of factors from each end."""
    found = _by(slip.crossings.to_dicts(), ("start", "first", "second"))
    return [
        Crossed(_moved(first), WORDS.get(f"crossed_{second}") or _moved(second), _told(own))
        for (_, first, second), own in found.items()
    ]


def _moved(said: str) -> Text:
    """A factor and its level, the factor in the reader's words."""
    factor, _, level = said.partition(" ")
    named = WORDS[f"factor_{factor}"]
    return Text(en=f"{named.en} {level}", ru=f"{named.ru} {level}")


def rubrics_of(table: pl.DataFrame) -> list[str]:
    """The rubrics of which the table says something, in its order."""
    return [x for x in table["rubric"].unique(maintain_order=True) if x is not None]
