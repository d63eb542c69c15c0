"""What would people say of an answer that only the panel has scored.

For reading one answer, never for the gap: differences of calibrated scores cover worse than those
of raw ones (METHOD, section 5). Errors are out of fold, and a fold holds whole prompts.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from pipeline.findings import CALIBRATED, CALIBRATION
from pipeline.stats import differences, maps
from pipeline.stats.alpha import Codes, Floats, Mask
from pipeline.tables import conform

Row = dict[str, str | float | int | None]

RIDGE_FROM = 60
"""Gold answers from which the panel's means on all rubrics may speak for one (METHOD 4)."""
_FOLDS = 10


class Calibration(NamedTuple):
    """The maps from the panel's scores to people's, and the scores they give."""

    maps: pl.DataFrame
    """CALIBRATION."""
    scores: pl.DataFrame
    """CALIBRATED."""


class Scores(NamedTuple):
    """Answers x rubrics; NaN = none."""

    rubrics: tuple[str, ...]
    responses: tuple[str, ...]
    prompt: Codes
    """The number of each answer's prompt."""
    panel: Floats
    people: Floats


def by_rubric(
    ratings: pl.DataFrame,
    scales: Mapping[str, Sequence[float]],
    small: Literal["affine", "ordinal"] = "affine",
    seed: int = 0,
) -> Calibration:
    """The calibration of each rubric of `scales`, which maps it to its levels.

    Below 60 gold answers the map is `small`: affine with slopes shrunk over rubrics, or the ridge
    cumulative logit; from 60 on it is a ridge on the panel's means of all rubrics. Calibrated
    scores and bounds do not pass the ends of the scale. `seed` shuffles the prompts into folds.
    """
    scores = collect(ratings, tuple(scales))
    kinds = [
        "ridge" if int((_gold(scores)[:, i]).sum()) >= RIDGE_FROM else small
        for i in range(len(scores.rubrics))
    ]
    whole = maps.predict(scores.panel, scores.people, kinds, np.ones(len(scores.prompt), np.bool_))
    outside = _out_of_fold(scores, kinds, seed)
    rows, parts = [], []
    for i, (rubric, levels) in enumerate(scales.items()):
        row = _row(scores, outside, i) | {"rubric": rubric, "map": kinds[i]}
        reason = row["note"] or whole.reasons[i]
        if reason is None and kinds[i] == "affine":
            row |= {"intercept": float(whole.lines[i, 0]), "slope": float(whole.lines[i, 1])}
        rows.append({**row, "note": reason})
        told = whole.predicted[:, i] if reason is None else np.full(len(scores.prompt), np.nan)
        parts.append(_scores(scores, told, row["error"], row["prompts"], levels, i))
    return Calibration(
        conform(pl.DataFrame(rows, schema=CALIBRATION), CALIBRATION),
        conform(pl.concat(parts) if parts else pl.DataFrame(schema=CALIBRATED), CALIBRATED),
    )


def collect(ratings: pl.DataFrame, rubrics: tuple[str, ...]) -> Scores:
    """The mean scores of people and panel, as arrays over the answers of all rubrics."""
    found = differences.score_means(ratings)
    answers = found.select("response", "prompt").unique("response").sort("response")
    prompt = answers["prompt"].rank("dense").cast(pl.Int64).to_numpy() - 1
    sides = {}
    for side in ("panel", "people"):
        columns = [
            answers.join(
                found.filter(pl.col("rubric") == rubric).select("response", side),
                on="response",
                how="left",
                maintain_order="left",
            )[side].to_numpy()
            for rubric in rubrics
        ]
        sides[side] = np.column_stack(columns) if columns else np.zeros((len(answers), 0))
    return Scores(rubrics, tuple(answers["response"]), prompt, sides["panel"], sides["people"])


def _gold(scores: Scores) -> Mask:
    return np.isfinite(scores.panel + scores.people)


def _out_of_fold(scores: Scores, kinds: list[str], seed: int) -> Floats:
    """Answers predicted by what saw no answer to their prompt: [0] the maps, [1] the mean alone."""
    gold = np.unique(scores.prompt[_gold(scores).any(axis=1)])
    fold = np.full(int(scores.prompt.max(initial=-1)) + 1, -1)
    order = np.random.default_rng(seed).permutation(len(gold))
    fold[gold[order]] = np.arange(len(gold)) % _FOLDS
    own = fold[scores.prompt]
    found = np.full((2, *scores.people.shape), np.nan)
    for i in range(min(_FOLDS, len(gold))):
        held = own == i
        told = maps.predict(scores.panel, scores.people, kinds, ~held)
        found[0, held] = told.predicted[held]
        some = ~np.isnan(np.where(_gold(scores) & ~held[:, None], scores.people, np.nan))
        total = np.where(some, scores.people, 0.0).sum(axis=0)
        mean = np.divide(
            total, some.sum(axis=0), out=np.full(len(kinds), np.nan), where=some.any(0)
        )
        found[1, held] = mean
    return found


def _row(scores: Scores, outside: Floats, place: int) -> Row:
    gold = _gold(scores)[:, place]
    people, panel = scores.people[gold, place], scores.panel[gold, place]
    prompts = len(np.unique(scores.prompt[gold]))
    row: Row = dict.fromkeys(("intercept", "slope", "error", "raw_error", "constant_error", "note"))
    row |= {"gold": int(gold.sum()), "prompts": prompts}
    if prompts < 3:
        return {**row, "note": f"{prompts} of 3 prompts needed that people and the panel scored"}
    if np.ptp(panel) == 0:
        return {**row, "note": "the panel gives one score to all answers that people rated"}
    return {
        **row,
        "error": _root_mean_square(outside[0, gold, place] - people),
        "raw_error": _root_mean_square(panel - people),
        "constant_error": _root_mean_square(outside[1, gold, place] - people),
    }


def _root_mean_square(errors: Floats) -> float | None:
    known = errors[~np.isnan(errors)]
    return math.sqrt(float((known**2).mean())) if len(known) else None


def _scores(
    scores: Scores,
    told: Floats,
    error: float | str | None,
    prompts: float | str | None,
    levels: Sequence[float],
    place: int,
) -> pl.DataFrame:
    """The calibrated scores of one rubric: +- t(prompts - 1) times the error out of fold."""
    assert not isinstance(error, str)
    assert isinstance(prompts, int)
    seen = ~np.isnan(scores.panel[:, place])
    told, ends = told[seen], (min(levels), max(levels))
    reach = np.nan if error is None else float(stdtrit(max(prompts - 1, 1), 0.975)) * error
    columns = {
        "rubric": [scores.rubrics[place]] * len(told),
        "response": [x for x, here in zip(scores.responses, seen, strict=True) if here],
        "panel": scores.panel[seen, place],
        "calibrated": np.clip(told, *ends),
        "low": np.clip(told - reach, *ends),
        "high": np.clip(told + reach, *ends),
    }
    return pl.DataFrame(columns, schema=CALIBRATED, nan_to_null=True)
