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
    number, correlation = _numbers(np.cov(rows)[None], np.array([scale.noise]))
    value = float(number[0])
    if np.isnan(value):
        return none._replace(note="the errors leave no variance once the gold's noise is taken off")
    found = none._replace(value=value, correlation=float(correlation[0]))
    left, _ = _numbers(_covariances(rows, prompt), equate.noise_left_out(people, prompt))
    if np.isnan(left).any():
        return found._replace(note="no interval: not defined without one of the prompts")
    low, high, _ = jackknife.student(math.log(value), np.log(left))
    return found._replace(low=math.exp(low), high=math.exp(high))


def _numbers(covariance: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Effective number and mean correlation of each sample; NaN where there is none.

    `covariance` is samples x rows x rows, the last row being the people's mean.
    """
    true = covariance[:, -1, -1] - noise
    beside = covariance[:, :-1, -1]
    outer = beside[:, :, None] * beside[:, None, :]
    errors = covariance[:, :-1, :-1] - outer / np.where(true > _ROUNDING, true, 1.0)[:, None, None]
    own, whole = np.einsum("sii->si", errors), errors.sum(axis=(1, 2))
    some = (true > _ROUNDING) & (own > _ROUNDING).all(axis=1) & (whole > _ROUNDING)
    size = np.sqrt(np.where(some[:, None], own, 1.0))
    one, two = np.triu_indices(own.shape[1], 1)
    pairs = errors[:, one, two] / (size[:, one] * size[:, two])
    number = own.shape[1] * own.sum(axis=1) / np.where(some, whole, 1.0)
    return np.where(some, number, np.nan), np.where(some, pairs.mean(axis=1), np.nan)


def _covariances(rows: Floats, prompt: Codes) -> Floats:
    """The covariances of the rows without prompt 0, 1, ...: what all sum to, less its own."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    order = np.argsort(prompt, kind="stable")
    start = np.flatnonzero(np.diff(prompt[order], prepend=-1))
    rows = rows[:, order]
    size = rows.shape[1] - np.diff(start, append=rows.shape[1]).astype(np.float64)
    one = -np.add.reduceat(rows, start, axis=1).T
    products = np.stack([np.add.reduceat(rows * row, start, axis=1).T for row in rows], axis=1)
    left = products.sum(axis=0) - products
    n = size[:, None, None]
    return np.asarray((left - one[:, :, None] * one[:, None, :] / n) / np.maximum(n - 1, 1))
