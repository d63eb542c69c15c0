"""How many judges is a panel worth, if its judges err together."""

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import INDEPENDENCE
from pipeline.stats import alpha, equate, jackknife
from pipeline.stats.alpha import Codes, Floats
from pipeline.tables import conform, panel_judges

Row = dict[str, str | float | int | None]
_ROUNDING = 1e-9


class Effective(NamedTuple):
    """The effective number of judges, or why there is none."""

    value: float | None
    low: float | None
    """95% interval, jackknife-t over prompts of its log."""
    high: float | None
    correlation: float | None
    """Mean correlation of the errors of two judges."""
    answers: int
    prompts: int
    note: str | None


def by_rubric(ratings: pl.DataFrame) -> pl.DataFrame:
    """The effective number of the panel's judges on each rubric, as INDEPENDENCE."""
    rows = []
    for rubric in ratings["rubric"].unique().sort():
        chosen = ratings.filter(pl.col("rubric") == rubric)
        people = chosen.filter(pl.col("kind") == "human")
        grid = alpha.pivot(pl.concat([people, panel_judges(chosen)]))
        human = (grid.raters["kind"] == "human").to_numpy()
        scored = (~np.isnan(grid.values)).any(axis=1)
        found = effective(grid.values[~human & scored], grid.values[human], grid.prompts)
        row = found._asdict()
        row["effective"] = row.pop("value")
        rows.append({"rubric": rubric, "judges": int((~human & scored).sum()), **row})
    return conform(pl.DataFrame(rows, schema=INDEPENDENCE), INDEPENDENCE)


def effective(judges: Floats, people: Floats, prompts: Codes) -> Effective:
    """As many judges with independent errors as would make as good a mean.

    A judge's error is what its score has beyond the true score T, e = J - bT. The people's mean H
    stands for T but is noisy, and its noise would enter every pair of errors alike; so the errors'
    covariance is C = cov(J) - cov(J,H) cov(J,H)' / (rel_H var(H)), which holds T and not H. The
    number is k tr(C) / 1'C1: with equal variances and correlation r, k / (1 + (k-1) r) (Kish 1965).

    Takes the answers that every judge and at least one person scored.
    """
    shared = np.flatnonzero((~np.isnan(judges)).all(axis=0) & (~np.isnan(people)).any(axis=0))
    judges, people = judges[:, shared], people[:, shared]
    names, prompt = np.unique(prompts[shared], return_inverse=True)
    none = Effective(None, None, None, None, len(shared), len(names), None)
    if len(judges) < 2:
        return none._replace(note="fewer than two judges")
    scale = equate.scale(judges.mean(axis=0), people, prompt)
    if scale.noise is None or scale.reliability is None or scale.reliability <= _ROUNDING:
        return none._replace(note=scale.reason)
    rows = np.stack((*judges, np.nanmean(people, axis=0)))
    value, correlation = _number(rows, scale.noise)
    if value is None:
        return none._replace(note="the errors leave no variance once the gold's noise is taken off")
    keep = [prompt != i for i in range(len(names))]
    left = [_number(rows[:, x], equate.noise(people[:, x]))[0] for x in keep]
    found = none._replace(value=value, correlation=correlation)
    logs = np.array([math.log(x) for x in left if x is not None])
    if len(logs) < len(left):
        return found._replace(note="no interval: not defined without one of the prompts")
    low, high, _ = jackknife.student(math.log(value), logs)
    return found._replace(low=math.exp(low), high=math.exp(high))


def _number(rows: Floats, noise: float) -> tuple[float | None, float | None]:
    """Effective number and mean correlation; the last of `rows` is the people's mean."""
    covariance = np.cov(rows)
    true = float(covariance[-1, -1]) - noise
    if true <= _ROUNDING:
        return None, None
    beside = covariance[-1, :-1]
    errors = covariance[:-1, :-1] - np.outer(beside, beside) / true
    own, whole = np.diag(errors), float(errors.sum())
    if (own <= _ROUNDING).any() or whole <= _ROUNDING:
        return None, None
    size = np.sqrt(own)
    pairs = (errors / np.outer(size, size))[np.triu_indices(len(own), 1)]
    return len(own) * float(own.sum()) / whole, float(pairs.mean())
