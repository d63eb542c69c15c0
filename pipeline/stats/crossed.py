"""What does a second factor add to the effect of a first: two of them moved from one end."""

import math
from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.findings import CROSSINGS
from pipeline.rungs import Crossing, Known
from pipeline.stats import corrected, ladder, ppi
from pipeline.stats.ladder import Row, Seen
from pipeline.stats.ppi import Estimate
from pipeline.tables import conform

Weights = Mapping[tuple[str, ...], float]
"""How each cell counts: an arm, or an arm and a language."""


def by_rubric(
    given: Seen, wanted: Sequence[Crossing], known: Mapping[Crossing, Known] | None = None
) -> pl.DataFrame:
    """Every crossing on every rubric and on the mean of the usable ones, as CROSSINGS.

    Of four arms: (both - second) - (first - end), prompt by prompt. Of a language: the effect in
    Russian less that in English, prompt by prompt. Of long chains: the effect on them less that on
    the other kinds, between prompts (Welch). People and panel tell as they do of the ladder.
    `known` says of the crossings what was answered; None = of none.
    """
    facts = given.ratings.select("response", "task_kind").unique("response")
    rows: list[Row] = []
    for one in wanted:
        place = {x: getattr(one, x) for x in ("start", "first", "second")}
        arms = [x for x in (one.both, one.other, one.one, one.end) if x is not None]
        for name, means, lacking in ladder.by_rubric(given, arms):
            own = means.join(facts, on="response", how="left")
            found = place | {"rubric": name} | _crossed(own, one, lacking)
            rows.append(ladder.noted(found, (known or {}).get(one, Known())._asdict()))
    return conform(pl.DataFrame(rows, schema=CROSSINGS, infer_schema_length=None), CROSSINGS)


def _crossed(means: pl.DataFrame, one: Crossing, lacking: str | None) -> Row:
    if one.other is not None and one.both is not None:
        signs: Weights = {(one.both,): 1.0, (one.other,): -1.0, (one.one,): -1.0, (one.end,): 1.0}
        return ladder.told(_contrast(means, ["arm"], signs), lacking)
    arms: Weights = {(one.one,): 1.0, (one.end,): -1.0}
    if one.second == "language":
        tongues = (("ru", 1.0), ("en", -1.0))
        cells = {(*x, y): w * v for x, w in arms.items() for y, v in tongues}
        return ladder.told(_contrast(means, ["arm", "language"], cells), lacking)
    long = pl.col("task_kind") == "long_chain"
    return _between([_contrast(means.filter(x), ["arm"], arms) for x in (long, ~long)], lacking)


def _contrast(means: pl.DataFrame, by: list[str], weights: Weights) -> pl.DataFrame:
    """Per prompt the weighted sum over its cells, as people and as the panel see it.

    Columns as those of `differences.by_prompt` that an estimate rests on. Where a language is no
    part of a cell, the sums of the languages that have every cell are averaged. On a prompt of
    which people rated every cell (gold) the panel's sum is taken over the very answers that they
    scored.
    """
    rows = [(*cell, weight) for cell, weight in weights.items()]
    schema = {**dict.fromkeys(by, pl.String), "weight": pl.Float64}
    own = means.join(pl.DataFrame(rows, schema=schema, orient="row"), on=by)
    rated, place = pl.col("people").is_not_null(), ["prompt"]
    if "language" not in by:
        place.append("language")
    every_cell = list(dict.fromkeys([*place, *by]))
    every = pl.struct(by).filter(rated).n_unique().over(place) == len(weights)
    own = own.with_columns(every=every).with_columns(gold=pl.col("every").any().over("prompt"))
    used = own.filter((rated & pl.col("every")) | ~pl.col("gold"))
    cells = used.group_by(every_cell).agg(
        pl.col("people", "panel").mean(), pl.col("weight", "gold").first()
    )

    def total(name: str) -> pl.Expr:
        known = pl.col(name).count() == len(weights)
        return pl.when(known).then((pl.col(name) * pl.col("weight")).sum()).alias(name)

    # In one order: a sum of floats hangs on it.
    found = cells.sort(every_cell).group_by(place, maintain_order=True)
    sums = found.agg(total("people"), total("panel"), pl.col("gold").first())
    whole = sums.group_by("prompt", maintain_order=True)
    return whole.agg(pl.col("people", "panel").mean(), pl.col("gold").first(), settled=False)


def _between(parts: Sequence[pl.DataFrame], lacking: str | None) -> Row:
    """The mean of the first prompts less that of the others, told by people or by the panel."""
    gold = min(x.filter("gold").height for x in parts)
    panels = [x["panel"].drop_nulls().to_numpy() for x in parts]
    found = [ladder.plain(x) for x in panels]
    basis = "panel"
    if gold >= ladder.LEAST_GOLD:
        found = [corrected.estimate(x) for x in parts]
        basis = "people" if all(x.weight == 0 for x in found) else "people and panel"
    elif lacking is not None:
        nothing = ladder.plain(panels[0][:0])
        found = [nothing._replace(note=lacking.format(gold))] * 2
    counts = {"gold_prompts": gold, "prompts": sum(map(len, panels))}
    return ladder.row(_less(*found)) | {"basis": basis} | counts


def _less(one: Estimate, other: Estimate) -> Estimate:
    """The difference of two means, with Welch's degrees of freedom (Welch 1947)."""
    notes = "; ".join(dict.fromkeys(x.note for x in (one, other) if x.note)) or None
    if one.value is None or other.value is None:
        return (one if one.value is None else other)._replace(note=notes)
    errors = [x.error or 0.0 for x in (one, other)]
    freedom = ppi.welch(errors, [x.freedom or 1.0 for x in (one, other)])
    found = ppi.student(one.value - other.value, math.hypot(*errors), freedom)
    return found._replace(note=ladder.ALIKE if found.note else notes)
