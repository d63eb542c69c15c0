"""What does one factor do: each arm of the ladder beside the end that it was moved away from.

An effect is arm - end over prompts, in levels of a five-level scale. Where people rated both arms
of enough prompts it is corrected by them (METHOD, section 5). Elsewhere it is the panel's own, and
only on rubrics on which the panel is usable: then it says what that panel sees.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from pipeline.findings import EFFECTS
from pipeline.rungs import CONTROL, Known, Rung
from pipeline.stats import corrected, differences, ppi
from pipeline.stats.adjust import benjamini_hochberg
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.stats.ppi import Estimate
from pipeline.tables import conform

LEAST_GOLD = 10
"""Prompts of which people must have rated every arm before they correct an effect."""
_PLACE = ["prompt", "language", "arm", "response"]
MEAN = "the mean of the usable rubrics"
Row = dict[str, object]
ALIKE = "no interval: the difference is the same on every prompt"
_WHOLE = "that have a score in all that is compared"
NOWHERE = "on no rubric is the panel both usable and calibrated"
NOT_HERE = (
    "the panel is not usable or not calibrated on it, and people rated every arm on {} prompts only"
)
UNCUT = "no prompt was cut otherwise than at the end"
UNTHOUGHT = "thinking was not seen to change from the end's as asked"
REPLY = "the reply's limit moved with the window"


class Seen(NamedTuple):
    """Scores of all arms on one scale."""

    ratings: pl.DataFrame
    """RATINGS, scores in levels of five."""
    usable: tuple[str, ...]
    """Rubrics on which the panel is usable and calibrated."""


def seen(
    ratings: pl.DataFrame, usable: Collection[str], ends: Mapping[str, tuple[float, float]]
) -> Seen:
    """`ratings` on one scale, the lowest level 1 and the highest 5, whatever the rubric's are."""
    low, width = ({x: f(e) for x, e in ends.items()} for f in (min, lambda e: e[1] - e[0]))
    rubric = pl.col("rubric")
    known = ratings.filter(rubric.is_in(list(ends)))
    place, over = rubric.replace_strict(low), rubric.replace_strict(width)
    score = (1 + 4 * (pl.col("score") - place) / over).alias("score")
    return Seen(known.with_columns(score), tuple(sorted(set(usable) & set(ends))))


def effects(
    given: Seen, rungs: Sequence[Rung], known: Mapping[Rung, Known] | None = None
) -> pl.DataFrame:
    """The effect of each rung on each rubric and on the mean of the usable ones, as EFFECTS.

    p of the means is adjusted over all rungs but those of the null control, each arm beside its
    end counted once. `known` says of the rungs whether they moved what they should; None = of
    none.
    """
    rows: list[Row] = []
    for rung in rungs:
        arms = Arms(rung.arm, rung.end)
        place: Row = {x: y for x, y in rung._asdict().items() if x in EFFECTS.names()}
        place |= (known or {}).get(rung, Known())._asdict()
        for name, means, lacking in by_rubric(given, arms):
            found = place | {"rubric": name} | told(differences.by_prompt(means, arms), lacking)
            rows.append(noted(found, place))
    table = conform(pl.DataFrame(rows, schema=EFFECTS, infer_schema_length=None), EFFECTS)
    tested = pl.col("rubric").is_null() & (pl.col("factor") != CONTROL)
    once = tested & pl.struct("arm", "end", tested).is_first_distinct()
    p = table.select(pl.when(once).then("p"))["p"].to_list()
    table = table.with_columns(adjusted=pl.Series(benjamini_hochberg(p), dtype=pl.Float64))
    same = pl.col("adjusted").drop_nulls().first().over("arm", "end")
    return table.with_columns(adjusted=pl.when(tested).then(same))


def noted(row: Row, known: Mapping[str, Any]) -> Row:
    """A row with what must be said of its arms; of a rubric without an effect, why it has none."""
    if row["rubric"] is not None and row["effect"] is None:
        return row
    note = [] if row["note"] is None else [str(row["note"])]
    return row | {"note": "; ".join([*note, *remarks(known)]) or None}


def remarks(row: Mapping[str, Any]) -> list[str]:
    """What must be said of arms whatever their effect is, from what is known of them."""
    cut, asked, answered = (row[x] for x in ("cut", "asked", "answered"))
    said = [UNCUT] if cut == 0 else []
    said += [UNTHOUGHT] if row["thought"] is False else []
    if asked is not None and answered < asked:
        lost = f"{asked - answered} of {asked} wordings of tasks left out"
        said.append(f"{lost}: not answered in all that is compared")
    if cut and answered is not None and cut < answered:
        said.append(f"cut on {cut} of {answered} wordings of tasks")
    return said + ([REPLY] if row["reply"] else [])


def by_rubric(
    given: Seen, arms: Sequence[str]
) -> Iterable[tuple[str | None, pl.DataFrame, str | None]]:
    """Each rubric and then the mean of the usable ones (None), with its scores of these arms.

    The scores are rows of `differences.score_means`, of people who saw every one of the arms; the
    third part is why the panel's own view of them may not be told, None = it may.
    """
    own = given.ratings.filter(pl.col("arm").is_in(list(arms))).select(differences.COLUMNS)
    means = differences.score_means(differences.paired(own, arms).ratings)
    for name in given.ratings["rubric"].unique().sort():
        lacking = None if name in given.usable else NOT_HERE
        yield name, means.filter(rubric=name), lacking
    yield None, _averaged(means, given.usable), None if given.usable else NOWHERE


def _averaged(means: pl.DataFrame, usable: Collection[str]) -> pl.DataFrame:
    """Rows of `differences.score_means` for the mean of `usable`; null where one has no score."""
    wanted = len(usable)

    def mean(name: str) -> pl.Expr:
        return pl.when(pl.col(name).count() == wanted).then(pl.col(name).mean()).alias(name)

    chosen = means.filter(pl.col("rubric").is_in(list(usable)))
    parts = [mean("people"), mean("panel"), pl.col("partial").any()]
    found = chosen.group_by(_PLACE, maintain_order=True).agg(*parts)
    return found.select(pl.lit(MEAN).alias("rubric"), pl.all()).select(means.columns)


def told(prompts: pl.DataFrame, lacking: str | None) -> Row:
    """What the differences of these prompts come to, by whom: the columns of EFFECTS on it.

    `prompts` are rows of `differences.by_prompt`, or others with its people, panel, gold and
    settled. People tell where they rated enough of them, else the panel, unless something is
    `lacking` for that.
    """
    gold = prompts.filter(pl.col("gold")).height
    panel = prompts["panel"].drop_nulls().to_numpy()
    found, basis = plain(panel), "panel"
    if gold >= LEAST_GOLD:
        found = corrected.estimate(prompts)
        basis = "people" if found.weight == 0 else "people and panel"
    elif lacking is not None:
        found = ppi.plain(panel[:0])._replace(note=lacking.format(gold))
    return row(found) | {"basis": basis, "gold_prompts": gold, "prompts": len(panel)}


def plain(values: Floats) -> Estimate:
    """The mean of differences between prompts, with Student's interval."""
    if len(values) < 3:
        none = ppi.plain(values[:0])
        return none._replace(note=f"{len(values)} of 3 prompts needed {_WHOLE}")
    found = ppi.plain(values)
    return found if found.note is None else found._replace(note=ALIKE)


def row(found: Estimate) -> Row:
    """An estimate as the columns of EFFECTS and CROSSINGS name its parts."""
    return {x: getattr(found, x) for x in ("low", "high", "p", "note")} | {"effect": found.value}
