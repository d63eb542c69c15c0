"""Does a judge say the same twice, and does it use as much of the scale as people do."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from pipeline.findings import COMPRESSION, REPEATABILITY
from pipeline.stats import alpha, jackknife
from pipeline.stats.alpha import Codes, Floats
from pipeline.tables import conform

Row = dict[str, str | float | int | None]

_ROUNDING = 1e-7
"""A deviation below this share of the whole one is rounding error."""


def by_judge(draws: pl.DataFrame, metrics: Mapping[str, str]) -> pl.DataFrame:
    """How far each judge agrees with itself, from DRAWS and the metric per rubric.

    Each draw is taken for a rater: alpha 1 is a judge that always says the same of an answer, which
    says nothing of whether it is right. As REPEATABILITY; one draw only is null, with a note.
    """
    rows = [
        {"rubric": rubric, "rater": rater, "metric": metrics[str(rubric)], **row}
        for (rubric, rater), part in draws.sort("rubric", "rater", "response").group_by(
            ["rubric", "rater"], maintain_order=True
        )
        for row in [_with_itself(part, metrics[str(rubric)])]
    ]
    return conform(pl.DataFrame(rows, schema=REPEATABILITY), REPEATABILITY)


def compression(ratings: pl.DataFrame, places: bool = False) -> pl.DataFrame:
    """How wide a scale each judge uses beside one person on the same answers, as COMPRESSION.

    The person's spread is the root of the mean variance of the people who rated at least two of
    these answers. The interval is the jackknife-t over prompts of the log of the ratio. Where human
    raters are `places` in a table one of them mixes persons, and nobody's spread is known.
    """
    of_places: Row = dict.fromkeys(("people", "ratio", "low", "high")) if places else {}
    of_places |= {"note": alpha.PLACES} if places else {}
    rows = []
    for rubric in ratings["rubric"].unique().sort():
        grid = alpha.pivot(ratings.filter(pl.col("rubric") == rubric))
        kind = grid.raters["kind"].to_numpy()
        people = grid.values[kind == "human"]
        for place in (*np.flatnonzero(kind == "judge"), *np.flatnonzero(kind == "panel")):
            row = _spread(grid.values[place], people, grid.prompts)
            about = {"rubric": rubric, "rater": grid.raters["rater"][int(place)]}
            rows.append({**about, **row, **of_places})
    return conform(pl.DataFrame(rows, schema=COMPRESSION), COMPRESSION)


def _with_itself(draws: pl.DataFrame, metric: str) -> Row:
    taken = draws.with_columns(
        kind=pl.lit("judge"), rater=pl.col("judge_draw").cast(pl.String), computed=pl.lit(False)
    )
    grid = alpha.pivot(taken)
    found = alpha.point(grid.values, metric)
    interval = jackknife.interval(grid.values, grid.prompts, metric)
    twice = grid.values[:, (~np.isnan(grid.values)).sum(axis=0) >= 2]
    same = None
    if twice.size:
        same = float((np.nanmax(twice, axis=0) == np.nanmin(twice, axis=0)).mean())
    count = int((~np.isnan(grid.values)).any(axis=1).sum())
    note = "one draw per answer" if count < 2 else found.reason or interval.note
    return {
        "alpha": found.value,
        "low": interval.low,
        "high": interval.high,
        "same": same,
        "draws": count,
        "answers": found.units,
        "note": note,
    }


def _spread(judge: Floats, people: Floats, prompts: Codes) -> Row:
    shared = ~np.isnan(judge) & (~np.isnan(people)).any(axis=0)
    scores, people, prompt = judge[shared], people[:, shared], prompts[shared]
    levels, times = np.unique(scores, return_counts=True)
    row: Row = dict.fromkeys(("spread", "people", "ratio", "low", "high", "commonest"))
    row |= {"levels": len(levels), "answers": len(scores), "note": None}
    if len(scores) < 2:
        return {**row, "note": "fewer than two answers that people rated too"}
    own, theirs = _deviations(scores, people)
    row |= {"spread": own, "people": theirs, "commonest": float(times.max()) / len(scores)}
    if theirs is None or theirs == 0:
        return {**row, "note": "people do not differ on these answers, or rated one each"}
    row["ratio"] = own / theirs
    left = _ratios_left_out(scores, people, prompt)
    if own == 0 or len(left) < 3 or np.isnan(left).any():
        why = "the judge gives one score only" if own == 0 else "too few prompts for an interval"
        return {**row, "note": why}
    logs = np.log(left)
    low, high, _ = jackknife.student(math.log(own / theirs), logs)
    return {**row, "low": math.exp(low), "high": math.exp(high)}


def _deviations(scores: Floats, people: Floats) -> tuple[float, float | None]:
    """Standard deviation of the judge and of one person; None where nobody rated two answers."""
    count = (~np.isnan(people)).sum(axis=1)
    able = people[count >= 2]
    own = float(scores.std(ddof=1)) if len(scores) > 1 else 0.0
    if not len(able):
        return own, None
    return own, math.sqrt(float(np.nanvar(able, axis=1, ddof=1).mean()))


def _ratios_left_out(scores: Floats, people: Floats, prompt: Codes) -> Floats:
    """The ratio of deviations without each prompt; NaN where one of the two is 0 or not defined."""
    values = np.vstack((scores, people[(~np.isnan(people)).any(axis=1)]))
    rated = ~np.isnan(values)
    # about each rater's mean, so that nothing is lost when a prompt's share is taken off the whole
    values = np.where(rated, values - np.nanmean(values, axis=1, keepdims=True), 0.0)
    order = np.argsort(prompt, kind="stable")
    start = np.flatnonzero(np.diff(prompt[order], prepend=-1))
    own = (np.add.reduceat(x[:, order], start, axis=1) for x in (1.0 * rated, values, values**2))
    count, one, two = (x.sum(axis=1, keepdims=True) - x for x in own)
    able = count >= 2
    squares = two - one**2 / np.maximum(count, 1)
    squares[squares <= _ROUNDING**2 * (values**2).sum(axis=1, keepdims=True)] = 0.0
    variance = np.where(able, squares / np.maximum(count - 1, 1), 0.0)
    theirs = variance[1:].sum(axis=0) / np.maximum(able[1:].sum(axis=0), 1)
    some = (variance[0] > 0) & (theirs > 0)
    ratio = np.divide(variance[0], theirs, out=np.full(len(start), np.nan), where=some)
    return np.asarray(np.sqrt(ratio))
