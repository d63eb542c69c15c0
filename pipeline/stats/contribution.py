"""What does each judge add to the panel, and what do judges of an arm's own family change."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from pipeline.findings import CONTRIBUTION, OWN_FAMILY
from pipeline.stats import alpha, contrast, corrected, delta, differences, pairs, ppi
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.differences import Arms
from pipeline.tables import conform, panel_judges

Row = dict[str, str | float | int | None]


def by_judge(
    ratings: pl.DataFrame,
    metrics: Mapping[str, str],
    arms: Arms | None,
    independent: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What each judge of the panel adds on each rubric, as CONTRIBUTION.

    Two things: the panel's agreement with people (mean over people of alpha with the panel's
    median) with and without the judge, 90% interval by the jackknife-t over prompts; and the
    standard error of the corrected gap with and without it, null where no arms are compared. The
    gap is made of the `independent` ratings, which lack judges of an arm's own family.
    """
    rows = []
    seen = ratings if independent is None else independent
    if arms is not None:
        seen = _numbered(differences.paired(seen, arms).ratings)
    for rubric, metric in metrics.items():
        chosen = ratings.filter(pl.col("rubric") == rubric)
        grid = alpha.pivot(chosen)
        panel = panel_judges(chosen)["rater"].unique().sort().to_list()
        is_judge = (grid.raters["kind"] == "judge") & grid.raters["rater"].is_in(panel)
        judges = grid.values[is_judge.to_numpy()]
        people = grid.values[(grid.raters["kind"] == "human").to_numpy()]
        own = seen.filter(pl.col("rubric") == rubric)
        error = _gap_error(own, arms, ())
        for place, judge in enumerate(panel):
            row = _added(np.delete(judges, place, axis=0), judges, people, grid.prompts, metric)
            row |= {"error_with": error, "error_without": _gap_error(own, arms, (judge,))}
            rows.append({"rubric": rubric, "judge": judge, **row})
    return conform(pl.DataFrame(rows, schema=CONTRIBUTION), CONTRIBUTION)


def own_family(
    ratings: pl.DataFrame, arms: Arms, own: Mapping[str, Collection[str]]
) -> pl.DataFrame:
    """The uncorrected gap with and without the judges of either arm's own family, as OWN_FAMILY.

    `own` names per judge the arms of its family. A judge of one arm's family is left out on both
    arms: leaving it out on one would compare two panels. The difference is paired by prompt.
    """
    panels = panel_judges(ratings).select("rubric", "rater").unique()
    every_kin = [x for x, arms_of in own.items() if set(arms_of) & set(arms)]
    every, independent = (differences.by_answer(ratings, arms, x) for x in ((), every_kin))
    rows = []
    for rubric in ratings["rubric"].unique().sort():
        panel = panels.filter(pl.col("rubric") == rubric)["rater"].sort().to_list()
        kin = [x for x in panel if x in every_kin]
        pair = [
            differences.by_prompt(x.filter(pl.col("rubric") == rubric), arms)
            for x in (every, independent)
        ]
        row = _with_and_without(pair[0], pair[1], nobody=len(kin) == len(panel))
        rows.append({"rubric": rubric, "judges": ", ".join(kin) or None, **row})
    return conform(pl.DataFrame(rows, schema=OWN_FAMILY), OWN_FAMILY)


def _added(fewer: Floats, judges: Floats, people: Floats, prompts: Codes, metric: str) -> Row:
    row: Row = dict.fromkeys(("alpha_with", "alpha_without", "added", "low", "high", "note"))
    if not len(fewer):
        return {**row, "note": "the only judge"}
    medians = [_median(judges), _median(fewer)]
    both = ~np.isnan(np.stack(medians)).any(axis=0) & (~np.isnan(people)).any(axis=0)
    shared = pairs.number(np.flatnonzero(both), prompts)
    found = contrast.contrast(
        *(delta.beside(x[both], people[:, both], shared, metric) for x in medians)
    )
    row |= {"alpha_with": found.one, "alpha_without": found.other}
    if found.value is None:
        return {**row, "note": "agreement with people is not defined"}
    row["added"] = found.value
    if found.low is None:
        return {**row, "note": "no interval: too few prompts, or not defined without one"}
    return {**row, "low": found.low, "high": found.high}


def _numbered(ratings: pl.DataFrame) -> pl.DataFrame:
    """What means by answer are made of, its names as numbers: each judge takes means anew."""
    names = ("rubric", "prompt", "arm", "response", "rater")
    numbered = [pl.col(x).cast(pl.Enum(ratings[x].drop_nulls().unique().sort())) for x in names]
    return ratings.select(differences.COLUMNS).with_columns(numbered)


def _median(judges: Floats) -> Floats:
    """The median of the judges that scored each answer; NaN where none did."""
    some = (~np.isnan(judges)).any(axis=0)
    found = np.full(judges.shape[1], np.nan)
    found[some] = np.nanmedian(judges[:, some], axis=0)
    return found


def _gap_error(ratings: pl.DataFrame, arms: Arms | None, without: Collection[str]) -> float | None:
    if arms is None:
        return None
    means = differences.by_answer(ratings, arms, without)
    if means.is_empty():
        return None
    return corrected.estimate(differences.by_prompt(means, arms)).error


def _with_and_without(every: pl.DataFrame, independent: pl.DataFrame, nobody: bool) -> Row:
    whole = every["panel"].drop_nulls().to_numpy()
    row: Row = dict.fromkeys(("gap_without", "difference", "low", "high"))
    row |= {"gap_with": float(whole.mean()) if len(whole) else None, "prompts": len(whole)}
    if nobody:
        return {**row, "note": "no independent judge"}
    both = every.select("prompt", "panel").join(
        independent.select("prompt", alone="panel"), on="prompt", maintain_order="left"
    )
    both = both.drop_nulls()
    if both.is_empty():
        return {**row, "note": "no prompt has a score of an independent judge in both arms"}
    change = (both["panel"] - both["alone"]).to_numpy()
    alone = float(both["alone"].to_numpy().mean())
    row |= {"gap_without": alone, "difference": float(change.mean()), "prompts": len(change)}
    if not change.any():
        return {**row, "low": None, "high": None, "note": "no judge is left out, or none matters"}
    found = ppi.plain(change)
    note = "no interval: fewer than three prompts" if found.value is None else found.note
    return {**row, "low": found.low, "high": found.high, "note": note}
