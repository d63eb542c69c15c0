"""How likely is each level given a score: the cumulative logit model, with a ridge on its slopes.

McCullagh (1980), "Regression Models for Ordinal Data": logit P(Y <= k) = threshold_k - slope' x.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from pipeline.stats.alpha import Codes, Floats

_STEPS = 100
_SMALLEST = 1e-300


class Ordinal(NamedTuple):
    """A fitted model."""

    levels: Floats
    """The levels seen, ascending."""
    thresholds: Floats
    """One less than levels."""
    slope: Floats
    log_likelihood: float
    """Without the ridge's share."""


def fit(
    columns: Floats, score: Floats, ridge: float = 0.0, weight: Floats | None = None
) -> Ordinal | None:
    """The model of `score` on `columns` (rows x columns) that maximises the likelihood.

    `ridge` times half the sum of squared slopes is taken off the log-likelihood; bring columns to
    one scale first. None: one level only, or the maximum lies at infinity (no ridge, and the
    columns tell the levels apart without error).

    >>> x = np.array([[1.0], [2], [3], [4], [5], [6]])
    >>> found = fit(x, np.array([1.0, 1, 2, 1, 2, 2]))
    >>> found.levels, found.thresholds.round(2), found.slope.round(2)
    (array([1., 2.]), array([4.25]), array([1.21]))
    """
    levels, code = np.unique(score, return_inverse=True)
    if len(levels) < 2:
        return None
    weight = np.ones(len(score)) if weight is None else weight
    share = np.cumsum(np.bincount(code, weight))[:-1] / weight.sum()
    point = np.concatenate((np.log(share / (1 - share)), np.zeros(columns.shape[1])))
    rows = _rows(columns, code, len(levels))
    penalty = np.concatenate((np.zeros(len(levels) - 1), np.full(columns.shape[1], ridge)))
    found = _newton(point, rows, weight, penalty)
    if found is None:
        return None
    cut = len(levels) - 1
    value = _likelihood(found, rows, weight, np.zeros_like(penalty))
    return Ordinal(levels, found[:cut], found[cut:], value)


def expected(model: Ordinal, columns: Floats) -> Floats:
    """The mean level under the model, for each row of `columns`."""
    below = np.asarray(expit(model.thresholds - (columns @ model.slope)[:, None]))
    return np.asarray(model.levels[-1] - below @ np.diff(model.levels))


class _Rows(NamedTuple):
    """What makes the upper and the lower bound of each row's level."""

    upper: Floats
    lower: Floats
    top: Floats
    """Added to the upper bound: infinity at the highest level."""
    bottom: Floats


def _rows(columns: Floats, code: Codes, levels: int) -> _Rows:
    cuts = np.zeros((len(code), levels + 1))
    upper, lower = cuts.copy(), cuts.copy()
    upper[np.arange(len(code)), code + 1] = 1
    lower[np.arange(len(code)), code] = 1
    top = np.where(code == levels - 1, np.inf, 0.0)
    bottom = np.where(code == 0, -np.inf, 0.0)
    return _Rows(
        np.hstack((upper[:, 1:-1], -columns)), np.hstack((lower[:, 1:-1], -columns)), top, bottom
    )


def _likelihood(point: Floats, rows: _Rows, weight: Floats, penalty: Floats) -> float:
    """The penalised log-likelihood; minus infinity where the thresholds are out of order."""
    upper, lower = rows.upper @ point + rows.top, rows.lower @ point + rows.bottom
    if (upper <= lower).any():
        return -np.inf
    # by the smaller tail: near 1 a difference of two values of expit would be rounding error
    chance = np.where(lower > 0, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
    logs = np.log(np.maximum(chance, _SMALLEST))
    return float(weight @ logs - (penalty * point) @ point / 2)


def _newton(point: Floats, rows: _Rows, weight: Floats, penalty: Floats) -> Floats | None:
    """The maximum, by Newton's method with halved steps; None where there is none."""
    value = _likelihood(point, rows, weight, penalty)
    for _ in range(_STEPS):
        gradient, curvature = _slopes(point, rows, weight, penalty)
        if np.abs(gradient).max() < 1e-9 * max(1.0, weight.sum()):
            return point
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        for _half in range(30):
            better = _likelihood(point + step, rows, weight, penalty)
            if better > value - 1e-12:
                break
            step = step / 2
        point, value = point + step, better
        if value > -1e-6 * weight.sum():
            return None
    return None


def _slopes(point: Floats, rows: _Rows, weight: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """Gradient of the penalised log-likelihood, and minus its second derivative."""
    high = np.asarray(expit(rows.upper @ point + rows.top))
    low = np.asarray(expit(rows.lower @ point + rows.bottom))
    chance = np.maximum(high - low, _SMALLEST)
    one, two = high * (1 - high), low * (1 - low)
    up, down = one / chance, two / chance
    gradient = (weight * up) @ rows.upper - (weight * down) @ rows.lower - penalty * point
    # second derivatives of log(F(a) - F(b)) in a, in b and mixed
    above = weight * (up**2 - up * (1 - 2 * high))
    below = weight * (down**2 + down * (1 - 2 * low))
    mixed = (rows.upper.T * (weight * up * down)) @ rows.lower
    curvature = (rows.upper.T * above) @ rows.upper + (rows.lower.T * below) @ rows.lower
    return gradient, curvature - mixed - mixed.T + np.diag(penalty)
