"""Who agrees with whom: people among themselves, judges among themselves, each judge with people.

A judge never enters the table of the people: pure noise beside them then shows alpha .21-.39.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.stats import alpha, bootstrap, crosstabs, jackknife
from pipeline.stats.alpha import Alpha, Codes, Floats, Grid, Mask
from pipeline.stats.jackknife import Interval, LeftOut
from pipeline.stats.pairs import Measured, Pair
from pipeline.tables import AGREEMENT, conform

Row = dict[str, str | float | int | None]


class Beside(NamedTuple):
    """One judge beside the people: the mean over people h of alpha({judge, h})."""

    alpha: Alpha
    """Units, ratings and raters are those of the answers that the judge shares with somebody."""
    interval: Interval
    note: str | None
    """Which people the mean leaves out, and why."""


def by_rubric(ratings: pl.DataFrame, metrics: Mapping[str, str]) -> pl.DataFrame:
    """The agreement on each rubric of `metrics` (rubric -> metric), as AGREEMENT.

    Per rubric a row `humans`, a row `judges`, and a row `judge-human` for every judge and, where
    RATINGS has one, the panel. What is not defined is null, with a note.

    Raises:
        ValueError: a rubric of the ratings has no metric, or a metric is not known.
    """
    lacking = sorted(set(ratings["rubric"].unique()) - set(metrics))
    if lacking:
        raise ValueError(f"no metric for the rubrics {lacking}; there are {sorted(metrics)}")
    rows = [
        {"rubric": rubric, "metric": metric, **row}
        for rubric, metric in metrics.items()
        for row in _rows(alpha.pivot(ratings.filter(pl.col("rubric") == rubric)), metric)
    ]
    return conform(pl.DataFrame(rows, schema=AGREEMENT), AGREEMENT)


def beside_people(people: Floats, judge: Floats, prompts: Codes, metric: str) -> Beside:
    """Each person paired with the judge on the answers both rated, and the mean of the alphas.

    `people` is people x answers, `judge` and `prompts` have one entry per answer. Where some
    alpha({judge, h}) is not defined the mean is over the rest, in the whole sample and in each
    sample that lacks a prompt. The interval is the plain jackknife-t over prompts.

    >>> people = np.array([[1.0, 2, 3, 1, 2, 3], [1, 1, 3, 2, 2, 3]])
    >>> both = beside_people(people, people[0], np.arange(6), "interval")
    >>> [round(alpha.point(np.array([people[0], h]), "interval").value, 3) for h in people]
    [1.0, 0.771]
    >>> round(both.alpha.value, 3), both.interval.kind, both.interval.prompts
    (0.885, 'jackknife', 6)
    """
    shared = np.flatnonzero(~np.isnan(judge) & (~np.isnan(people)).any(axis=0))
    people, judge = people[:, shared], judge[shared]
    names, prompt = np.unique(prompts[shared], return_inverse=True)
    pairs = [
        Pair(judge[rated], person[rated], prompt[rated], 1)
        for person in people
        if (rated := ~np.isnan(person)).any()
    ]
    found = crosstabs.alphas(pairs, len(names), metric)
    values = [each.value for each in found if each.value is not None]
    ratings = int((~np.isnan(people)).sum()) + len(shared)
    raters = len(pairs) + 1 if pairs else 0
    if not values:
        reason = "; ".join(sorted({each.reason for each in found if each.reason}))
        reason = f"not defined with any person: {reason or 'no answer rated by both'}"
        none = Interval(None, None, None, len(names), None)
        return Beside(Alpha(None, reason, len(shared), ratings, raters), none, None)
    mean = float(np.mean(values))
    interval = jackknife.plain(mean, _mean_left_out(found))
    return Beside(Alpha(mean, None, len(shared), ratings, raters), interval, _left_aside(found))


def _mean_left_out(found: list[Measured]) -> LeftOut:
    """The mean over people in each sample that lacks a prompt, of the alphas defined there."""
    lefts = [each.left_out for each in found if each.value is not None]
    defined = np.stack([left.defined for left in lefts])
    value = np.where(defined, np.stack([left.value for left in lefts]), 0.0)
    people = defined.sum(axis=0)
    return LeftOut(value.sum(axis=0) / np.maximum(people, 1), people > 0)


def _left_aside(found: list[Measured]) -> str | None:
    """Whom the mean leaves out; nobody is None."""
    reasons = [each.reason for each in found if each.reason]
    here = [each.left_out for each in found if each.value is not None]
    samples = int((~np.stack([left.defined for left in here])).any(axis=0).sum())
    notes = []
    if reasons:
        why = ", ".join(sorted(set(reasons)))
        notes.append(f"mean over {len(here)} of {len(found)} people; not defined elsewhere: {why}")
    if samples:
        notes.append(f"the mean loses a person when one of {samples} prompts is deleted")
    return "; ".join(notes) or None


def _rows(grid: Grid, metric: str) -> Iterator[Row]:
    kind = grid.raters["kind"].to_numpy()
    people, judges = kind == "human", kind == "judge"
    yield {
        **_among(grid, people, metric, "humans", "human rater"),
        **_drawn_again(grid.values[people], grid.prompts, metric),
    }
    yield _among_judges(grid, judges, metric)
    for place in (*np.flatnonzero(judges), *np.flatnonzero(kind == "panel")):
        judge = grid.values[place]
        beside = beside_people(grid.values[people], judge, grid.prompts, metric)
        between = int((judge % 1 > 0).sum()) if metric == "nominal" else 0
        aside = f"nominal: each of {between} scores between levels disagrees with every level"
        notes = [note for note in (beside.note, aside if between else None) if note]
        row = _row("judge-human", beside.alpha, beside.interval, "; ".join(notes))
        yield {**row, "rater": grid.raters["rater"][int(place)]}


def _among(grid: Grid, chosen: Mask, metric: str, comparison: str, noun: str) -> Row:
    """The row of some raters among themselves."""
    values = grid.values[chosen]
    found = alpha.point(values, metric)
    scored = int((~np.isnan(values)).any(axis=1).sum())
    if scored < 2:
        reason = f"only one {noun}: agreement needs two" if scored else f"no {noun}"
        found = found._replace(reason=reason)
    return _row(comparison, found, jackknife.interval(values, grid.prompts, metric))


def _among_judges(grid: Grid, judges: Mask, metric: str) -> Row:
    """The row of the judges that are models; of all judges where fewer than two are."""
    computed = grid.raters["computed"].to_numpy()
    rated = (~np.isnan(grid.values)).any(axis=1)
    models, counting = judges & rated & ~computed, judges & rated & computed
    enough = int(models.sum()) >= 2
    row = _among(grid, models if enough else models | counting, metric, "judges", "judge")
    notes = [str(row["note"])] if row["note"] else []
    if models.any():
        notes.append(f"models: {_names(grid, models)}")
    if counting.any():
        why = "left out" if enough else "taken in, as fewer than two are models"
        notes.append(f"judges that only count, {why}: {_names(grid, counting)}")
    return {**row, "note": "; ".join(notes) or None}


def _drawn_again(people: Floats, prompts: Codes, metric: str) -> Row:
    """The interval that published work mostly gives, to hold it against: prompts drawn again."""
    groups = len(np.unique(prompts[(~np.isnan(people)).sum(axis=0) >= 2]))
    if not 3 <= groups <= _MOST_PROMPTS:
        return {}
    found = bootstrap.replicates(people, metric, _REPLICATES, prompts=prompts).alpha
    if not len(found):
        return {}
    low, high = np.quantile(found, (0.025, 0.975))
    return {"bootstrap_low": float(low), "bootstrap_high": float(high)}


_REPLICATES, _MOST_PROMPTS = 2_000, 10_000


def _names(grid: Grid, chosen: Mask) -> str:
    return ", ".join(grid.raters["rater"].filter(pl.Series(chosen)))


def _row(comparison: str, value: Alpha, interval: Interval, note: str = "") -> Row:
    missing = value.reason or interval.note
    return {
        "comparison": comparison,
        "rater": None,
        "alpha": value.value,
        "low": interval.low,
        "high": interval.high,
        "interval": interval.kind,
        "bootstrap_low": None,
        "bootstrap_high": None,
        "units": value.units,
        "ratings": value.ratings,
        "prompts": interval.prompts,
        "raters": value.raters,
        "note": "; ".join(part for part in (missing, note) if part) or None,
    }
