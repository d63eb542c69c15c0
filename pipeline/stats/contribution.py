"""What does each judge add to the panel, and what do judges of an arm's own family change."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from pipeline.findings import CONTRIBUTION, OWN_FAMILY
from pipeline.stats import alpha, corrected, crosstabs, differences, jackknife, ppi
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.differences import Arms
from pipeline.stats.pairs import Pair
from pipeline.tables import conform, panel_judges

Row = dict[str, str | float | int | None]


def by_judge(ratings: pl.DataFrame, metrics: Mapping[str, str], arms: Arms | None) -> pl.DataFrame:
    """What each judge of the panel adds on each rubric, as CONTRIBUTION.

    Two things: the panel's agreement with people (mean over people of alpha with the panel's
    median) with and without the judge, 90% interval by the jackknife-t over prompts; and the
    standard error of the corrected gap with and without it, null where no arms are compared.
    """
    rows = []
    seen = ratings if arms is None else differences.seen_both(ratings, arms).ratings
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
    panel = panel_judges(ratings)["rater"].unique().sort().to_list()
    kin = [x for x in panel if set(own.get(x, ())) & set(arms)]
    every, independent = (differences.by_answer(ratings, arms, x) for x in ((), kin))
    rows = []
    for rubric in ratings["rubric"].unique().sort():
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
    names, prompt = np.unique(prompts[both], return_inverse=True)
    found = [_beside(x[both], people[:, both], prompt, len(names), metric) for x in medians]
    for name, each in zip(("alpha_with", "alpha_without"), found, strict=True):
        row[name] = each[0]
    if found[0][0] is None or found[1][0] is None:
        return {**row, "note": "agreement with people is not defined"}
    row["added"] = added = found[0][0] - found[1][0]
    left = found[0][1] - found[1][1]
    if len(left) < 3 or np.isnan(left).any():
        return {**row, "note": "no interval: too few prompts, or not defined without one"}
    low, high, _ = jackknife.student(added, left, level=0.90)
    return {**row, "low": low, "high": high}


def _beside(
    judge: Floats, people: Floats, prompt: Codes, prompts: int, metric: str
) -> tuple[float | None, Floats]:
    """Mean alpha of the judge and each person, whole and without prompt 0, 1, ... (NaN = none)."""
    pairs = [
        Pair(judge[rated], x[rated], prompt[rated], 1)
        for x in people
        if (rated := ~np.isnan(x)).any()
    ]
    kept = [x for x in crosstabs.alphas(pairs, prompts, metric) if x.value is not None]
    if not kept:
        return None, np.array([])
    lefts = [x.left_out for x in kept]
    defined = np.stack([x.defined for x in lefts])
    total = np.where(defined, np.stack([x.value for x in lefts]), 0.0).sum(axis=0)
    some = defined.any(axis=0)
    mean = np.divide(total, defined.sum(axis=0), out=np.full(prompts, np.nan), where=some)
    return float(np.mean([x.value for x in kept if x.value is not None])), mean


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
