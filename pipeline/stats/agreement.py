"""Who agrees with whom: people among themselves, judges among themselves, each judge with people.

A judge never enters the table of the people: pure noise beside them then shows alpha .21-.39.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import STRATA
from pipeline.stats import alpha, bootstrap, delta, jackknife, pairs
from pipeline.stats.alpha import Alpha, Codes, Floats, Grid, Mask
from pipeline.stats.jackknife import Interval
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


def by_stratum(ratings: pl.DataFrame, metrics: Mapping[str, str]) -> pl.DataFrame:
    """The agreement with people on the answers of each arm, and of each language, as STRATA.

    None where there is one arm or language only, or more than `MOST_VALUES`.
    """
    rows = []
    rated = ratings.filter(pl.col("kind") == "human")
    for stratum in ("arm", "language"):
        values = rated[stratum].drop_nulls().unique().sort()
        if not 2 <= len(values) <= MOST_VALUES:
            continue
        for value in values:
            part = ratings.filter(pl.col(stratum) == value)
            for rubric, metric in metrics.items():
                grid = alpha.pivot(part.filter(pl.col("rubric") == rubric))
                about = {"rubric": rubric, "stratum": stratum, "value": value}
                rows += [{**about, **row} for row in _with_people(grid, metric)]
    kept = [{name: row.get(name) for name in STRATA.names()} for row in rows]
    return conform(pl.DataFrame(kept, schema=STRATA), STRATA)


MOST_VALUES = 6
"""Arms or languages beyond which agreement is not told for each."""


def beside_people(people: Floats, judge: Floats, prompts: Codes, metric: str) -> Beside:
    """Each person paired with the judge on the answers both rated, and the mean of the alphas.

    `people` is people x answers, `judge` and `prompts` have one entry per answer. People who share
    few prompts with the judge are taken together (`pairs.beside`). Where some alpha({judge, h}) is
    not defined the mean is over the rest, in the whole sample and in each sample that lacks a
    prompt. The interval is the plain jackknife-t over prompts.

    >>> people = np.array([[1.0, 2, 3, 1, 2, 3], [1, 1, 3, 2, 2, 3]])
    >>> both = beside_people(people, people[0], np.arange(6), "interval")
    >>> [round(alpha.point(np.array([people[0], h]), "interval").value, 3) for h in people]
    [1.0, 0.771]
    >>> round(both.alpha.value, 3), both.interval.kind, both.interval.prompts
    (0.885, 'jackknife', 6)
    """
    shared = np.flatnonzero(~np.isnan(judge) & (~np.isnan(people)).any(axis=0))
    numbered = pairs.number(shared, prompts)
    met = people[:, shared]
    found = delta.beside(judge[shared], met, numbered, metric)
    ratings = int((~np.isnan(met)).sum()) + len(shared)
    someone = int((~np.isnan(met)).any(axis=1).sum())
    raters = someone + 1 if someone else 0
    if found.value is None:
        none = Interval(None, None, None, numbered.prompts, None)
        reason = found.note or "not defined with any person: no answer rated by both"
        return Beside(Alpha(None, reason, len(shared), ratings, raters), none, None)
    interval = jackknife.plain(found.value, found.left_out)
    return Beside(Alpha(found.value, None, len(shared), ratings, raters), interval, found.note)


def _rows(grid: Grid, metric: str) -> Iterator[Row]:
    kind = grid.raters["kind"].to_numpy()
    people, judges = kind == "human", kind == "judge"
    with_people = _with_people(grid, metric)
    yield {**next(with_people), **_drawn_again(grid.values[people], grid.prompts, metric)}
    yield _among_judges(grid, judges, metric)
    yield from with_people


def _with_people(grid: Grid, metric: str) -> Iterator[Row]:
    """People among themselves, then each judge and the panel beside them."""
    kind = grid.raters["kind"].to_numpy()
    people, judges = kind == "human", kind == "judge"
    yield _among(grid, people, metric, "humans", "human rater")
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
