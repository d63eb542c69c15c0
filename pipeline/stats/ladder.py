"""What does one factor do: each arm of the ladder beside the end that it was moved away from.

An effect is arm - end over prompts, in levels of a five-level scale. Where people rated both arms
of enough prompts it is corrected by them (METHOD, section 5). Elsewhere it is the panel's own, and
only on rubrics on which the panel is usable: then it says what that panel sees.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipeline.findings import CROSSINGS, EFFECTS
from pipeline.rungs import CONTROL, Crossing, Rung
from pipeline.stats import corrected, differences, ppi
from pipeline.stats.adjust import benjamini_hochberg
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.stats.ppi import Estimate
from pipeline.tables import conform

LEAST_GOLD = 10
"""Prompts that people must have rated in both arms before they correct an effect."""
_PLACE = ["prompt", "arm", "response"]
MEAN = "the mean of the usable rubrics"
Row = dict[str, object]
_ALIKE = "no interval: the difference is the same on every prompt"


class Seen(NamedTuple):
    """Scores of all arms on one scale."""

    ratings: pl.DataFrame
    """RATINGS, scores in levels of five."""
    usable: tuple[str, ...]
    """Rubrics on which the panel is usable."""


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


def effects(given: Seen, rungs: Sequence[Rung]) -> pl.DataFrame:
    """The effect of each rung on each rubric and on the mean of the usable ones, as EFFECTS.

    p of the means is adjusted over all rungs but those of the null control.
    """
    rubrics = given.ratings["rubric"].unique().sort().to_list()
    rows: list[Row] = []
    for rung in rungs:
        arms = Arms(rung.arm, rung.end)
        means = _means(given.ratings, arms)
        place = {x: y for x, y in rung._asdict().items() if x in EFFECTS.names()}
        for name in rubrics:
            own = means.filter(rubric=name)
            rows.append(place | {"rubric": name} | _effect(own, arms, name in given.usable))
        rows.append(place | {"rubric": None} | _effect(averaged(means, given.usable), arms, True))
    found = conform(pl.DataFrame(rows, schema=EFFECTS, infer_schema_length=None), EFFECTS)
    tested = pl.col("rubric").is_null() & (pl.col("factor") != CONTROL)
    p = found.select(pl.when(tested).then("p"))["p"].to_list()
    return found.with_columns(adjusted=pl.Series(benjamini_hochberg(p), dtype=pl.Float64))


def _means(ratings: pl.DataFrame, arms: Arms) -> pl.DataFrame:
    """`differences.by_answer` of two arms, people who saw one of them only left out."""
    both = ratings.filter(pl.col("arm").is_in(list(arms))).select(differences.COLUMNS)
    return differences.by_answer(differences.seen_both(both, arms).ratings, arms)


def averaged(means: pl.DataFrame, usable: Collection[str]) -> pl.DataFrame:
    """Rows of `differences.by_answer` for the mean of `usable`; null where one has no score."""
    wanted = len(usable)

    def mean(name: str) -> pl.Expr:
        return (
            pl.when(pl.col(name).count() == wanted)
            .then(pl.col(name).mean())
            .otherwise(pl.lit(None))
        ).alias(name)

    chosen = means.filter(pl.col("rubric").is_in(list(usable)))
    parts = [mean("people"), mean("panel"), pl.col("partial").any()]
    found = chosen.group_by(_PLACE, maintain_order=True).agg(*parts)
    return found.select(pl.lit(MEAN).alias("rubric"), pl.all()).select(means.columns)


def _effect(means: pl.DataFrame, arms: Arms, usable: bool) -> Row:
    prompts = differences.by_prompt(means, arms)
    gold = prompts.filter(pl.col("gold")).height
    panel = prompts["panel"].drop_nulls().to_numpy()
    basis = "people and panel"
    if gold >= LEAST_GOLD:
        found = corrected.estimate(prompts)
        basis = "people" if found.weight == 0 else basis
    elif usable:
        found, basis = plain(panel), "panel"
    else:
        said = f"the panel is not usable on it, and people rated both arms of {gold} prompts only"
        found, basis = ppi.plain(panel[:0])._replace(note=said), "panel"
    return _row(found) | {"basis": basis, "gold_prompts": gold, "prompts": len(panel)}


def plain(values: Floats) -> Estimate:
    """The mean of differences between prompts, with Student's interval."""
    if len(values) < 3:
        none = ppi.plain(values[:0])
        return none._replace(note=f"{len(values)} of 3 prompts needed with a score in both arms")
    found = ppi.plain(values)
    return found if found.note is None else found._replace(note=_ALIKE)


def _row(found: Estimate) -> Row:
    return {x: getattr(found, x) for x in ("low", "high", "p", "note")} | {"effect": found.value}


def crossings(given: Seen, wanted: Sequence[Crossing]) -> pl.DataFrame:
    """What a second factor adds to the effect of a first, as CROSSINGS; by the panel's scores.

    Of four arms: (both - second) - (first - end), prompt by prompt. Of a language: the effect in
    Russian less that in English, prompt by prompt. Of long chains: the effect on them less that on
    the other kinds, between prompts (Welch).
    """
    means = differences.score_means(given.ratings)
    facts = given.ratings.select("response", "prompt", "language", "task_kind").unique("response")
    means = means.join(facts.drop("prompt"), on="response", how="left")
    rows: list[Row] = []
    for one in wanted:
        place = {x: getattr(one, x) for x in ("start", "first", "second")}
        for name in (*given.usable, None):
            own = means.filter(rubric=name) if name else _mean_panel(means, given.usable)
            rows.append(place | {"rubric": name} | _crossed(own, one))
    return conform(pl.DataFrame(rows, schema=CROSSINGS, infer_schema_length=None), CROSSINGS)


def _mean_panel(means: pl.DataFrame, usable: Collection[str]) -> pl.DataFrame:
    """The mean over `usable` of the panel's score of each answer that has them all."""
    chosen = means.filter(pl.col("rubric").is_in(list(usable)))
    by = chosen.group_by(*_PLACE, "language", "task_kind", maintain_order=True)
    found = by.agg(pl.col("panel").mean(), pl.col("panel").count().alias("scored"))
    return found.filter(pl.col("scored") == len(usable)).drop("scored")


def _crossed(means: pl.DataFrame, one: Crossing) -> Row:
    if one.other is not None and one.both is not None:
        signs = {one.both: 1.0, one.other: -1.0, one.one: -1.0, one.end: 1.0}
        values = _contrast(means, ["arm"], {(x,): w for x, w in signs.items()})
        found = plain(values)
        return _row(found) | {"prompts": len(values)}
    signs = {one.one: 1.0, one.end: -1.0}
    if one.second == "language":
        weights: dict[tuple[str, ...], float] = {
            (x, y): w * v for x, w in signs.items() for y, v in (("ru", 1.0), ("en", -1.0))
        }
        values = _contrast(means, ["arm", "language"], weights)
        return _row(plain(values)) | {"prompts": len(values)}
    arms: dict[tuple[str, ...], float] = {(x,): w for x, w in signs.items()}
    long = pl.col("task_kind") == "long_chain"
    parts = [_contrast(means.filter(x), ["arm"], arms) for x in (long, ~long)]
    return _row(_welch(*parts)) | {"prompts": sum(map(len, parts))}


def _contrast(
    means: pl.DataFrame, cells: list[str], weights: Mapping[tuple[str, ...], float]
) -> Floats:
    """Per prompt the weighted sum over its cells, of prompts that have a score in all of them."""
    by = means.drop_nulls("panel").group_by("prompt", *cells).agg(pl.col("panel").mean())
    rows = [(*cell, weight) for cell, weight in weights.items()]
    schema = {**dict.fromkeys(cells, pl.String), "weight": pl.Float64}
    joined = by.join(pl.DataFrame(rows, schema=schema, orient="row"), on=cells)
    whole = joined.group_by("prompt").agg(
        (pl.col("panel") * pl.col("weight")).sum().alias("sum"), pl.len().alias("cells")
    )
    return whole.filter(pl.col("cells") == len(weights)).sort("prompt")["sum"].to_numpy()


def _welch(one: Floats, other: Floats) -> Estimate:
    """The difference of two means, with Welch's degrees of freedom (Welch 1947)."""
    if min(len(one), len(other)) < 3:
        said = f"{min(len(one), len(other))} of 3 prompts needed on either side"
        return plain(one[:0])._replace(note=said)
    errors = [float(x.std(ddof=1)) / math.sqrt(len(x)) for x in (one, other)]
    freedom = ppi.welch(errors, [len(one) - 1, len(other) - 1])
    found = ppi.student(float(one.mean() - other.mean()), math.hypot(*errors), freedom)
    return found if found.note is None else found._replace(note=_ALIKE)
