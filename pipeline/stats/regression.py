"""How does one quantity hang on others: least squares with errors that a bad model does not spoil.

HC3: MacKinnon & White (1985). CR2, for rows that come in clusters: Bell & McCaffrey (2002), with
the degrees of freedom of Satterthwaite as Pustejovsky & Tipton (2018) give them.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from pipeline.stats.alpha import Codes, Floats, Mask

_ROUNDING = 1e-9
_SMALLEST = 1e-15
"""A share of a sum of squares below which a difference from it is rounding error."""


class Fit(NamedTuple):
    """Coefficients with their errors; NaN where an error is not defined."""

    coefficient: Floats
    error: Floats
    freedom: Floats
    method: str
    """HC3 | CR2."""


class Coefficient(NamedTuple):
    """One coefficient with its 95% interval, or why there is none."""

    value: float
    low: float | None
    high: float | None
    error: float | None
    freedom: float | None
    p: float | None
    """Two-sided, of 0."""
    reason: str | None


def least_squares(columns: Floats, y: Floats, clusters: Codes) -> Fit:
    """The regression of `y` on `columns` (rows x columns, of full rank); HC3, or CR2 by cluster.

    `clusters` is the cluster of each row: where no two rows share one, HC3 with n - p degrees of
    freedom, else CR2 with Satterthwaite's.

    >>> x, y = np.array([0.0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 3, 2, 4, 6])
    >>> fit = least_squares(np.stack((np.ones(6), x), axis=1), y, np.arange(6))
    >>> fit.coefficient, fit.error.round(3), fit.method
    (array([2., 2.]), array([0.707, 1.581]), 'HC3')
    >>> least_squares(np.ones((4, 1)), np.array([1.0, 2, 3, 6]), np.array([0, 0, 1, 1])).method
    'CR2'
    """
    bread = np.asarray(np.linalg.inv(columns.T @ columns), np.float64)
    coefficient = bread @ (columns.T @ y)
    rest = y - columns @ coefficient
    _, cluster = np.unique(clusters, return_inverse=True)
    if np.bincount(cluster).max() > 1:
        return _cr2(columns, rest, cluster, bread, coefficient)
    leverage = np.einsum("ij,jk,ik->i", columns, bread, columns)
    free = 1 - leverage
    scaled = np.divide(rest, free, out=np.full_like(rest, np.nan), where=free > _ROUNDING)
    meat = (columns.T * scaled**2) @ columns
    error = np.sqrt(np.diag(bread @ meat @ bread))
    freedom = np.full(len(error), float(len(y) - len(error)))
    return Fit(coefficient, error, freedom, "HC3")


def read(fit: Fit, place: int, level: float = 0.95) -> Coefficient:
    """The coefficient at `place` with Student's interval."""
    value, error = float(fit.coefficient[place]), float(fit.error[place])
    freedom = float(fit.freedom[place])
    if not np.isfinite(error) or not freedom > 0:
        why = "no interval: a single answer or prompt decides the coefficient"
        return Coefficient(value, None, None, None, None, None, why)
    if error <= _ROUNDING * max(1.0, abs(value)):
        return Coefficient(value, None, None, None, None, None, "no interval: nothing is left over")
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(value) / error))
    return Coefficient(value, value - reach, value + reach, error, freedom, p, None)


def independent(columns: Floats) -> Mask:
    """Which columns say something that the ones before them do not.

    >>> independent(np.array([[1.0, 0, 2, 1], [1, 1, 2, 0], [1, 1, 2, 0]]))
    array([ True,  True, False, False])
    """
    found = np.zeros(columns.shape[1], np.bool_)
    basis = np.zeros((len(columns), 0))
    for place, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > _ROUNDING * max(1.0, float(np.linalg.norm(column))):
            found[place] = True
            basis = np.column_stack((basis, rest / size))
    return found


def _cr2(columns: Floats, rest: Floats, cluster: Codes, bread: Floats, coefficient: Floats) -> Fit:
    """CR2 without an array of the size of a cluster.

    With bread = LL', Z = XL and Z_g the rows of a cluster, (I - H_gg)^(-1/2) Z_g equals
    Z_g (I - Z_g'Z_g)^(-1/2): all matrices are columns x columns, and all clusters go at once.
    """
    root = np.linalg.cholesky(bread)
    z = columns @ root
    groups = int(cluster.max()) + 1
    order = np.argsort(cluster, kind="stable")
    start = np.searchsorted(cluster[order], np.arange(groups))
    gram = np.add.reduceat((z[:, :, None] * z[:, None, :])[order], start)
    score = np.add.reduceat((z * rest[:, None])[order], start)
    value, vector = np.linalg.eigh(gram)
    free = 1 - value
    scale = np.divide(1.0, np.sqrt(np.abs(free)), out=np.zeros_like(free), where=free > _ROUNDING)
    half = (vector * scale[:, None, :]) @ vector.transpose(0, 2, 1)
    meat = np.einsum("gij,gj->gi", half, score) @ root.T
    error = np.sqrt((meat**2).sum(axis=0))
    freedom = np.array([_satterthwaite(gram, half, weights) for weights in root])
    return Fit(coefficient, error, freedom, "CR2")


def _satterthwaite(gram: Floats, half: Floats, weights: Floats) -> float:
    """(sum of eigenvalues)^2 / (sum of their squares) of the estimated variance's matrix.

    That matrix, clusters x clusters, is diag(a) - TT'; its sums need T'T only.
    """
    own = half @ weights
    turned = np.einsum("gij,gj->gi", gram, own)
    a, t = np.einsum("gi,gi->g", own, turned), np.einsum("gi,gi->g", turned, turned)
    squares = float(a @ (a - 2 * t) + ((turned.T @ turned) ** 2).sum())
    return float((a - t).sum()) ** 2 / squares if squares > _SMALLEST * float(a @ a) else 0.0
