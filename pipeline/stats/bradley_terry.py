"""Which of several contestants is stronger, from verdicts on pairs, and does the first place help.

Bradley & Terry (1952) with an intercept for the first place: P(first wins) =
logistic(position + strength_first - strength_second), by maximum likelihood.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit, ndtri

from pipeline.stats.alpha import Floats

_STEPS = 50
_SEPARATED = 15.0
"""A log-odds beyond which somebody wins always: its maximum lies at infinity."""


class Strengths(NamedTuple):
    """Strengths in log-odds against the first contestant, or why there are none."""

    names: tuple[str, ...]
    strength: Floats
    """0 for the first of `names`."""
    error: Floats
    position: float | None
    """The log-odds that being shown first adds."""
    position_error: float | None
    position_low: float | None
    """95% interval."""
    position_high: float | None
    verdicts: int
    reason: str | None


def fit(first: Sequence[str], second: Sequence[str], won: Floats) -> Strengths:
    """The strengths of all who are named; `won` is 1 where the first won, 0 lost, 0.5 a tie.

    Without an intercept a judge that likes what it sees first would lend strength to whoever is
    shown first more often. Verdicts are taken for independent.

    >>> won = np.array([1.0, 1, 1, 0, 1, 1, 0, 0])
    >>> found = fit(list("aaaabbbb"), list("bbbbaaaa"), won)
    >>> round(float(found.strength[1]), 3), round(found.position, 3)
    (-0.549, 0.549)
    """
    names = tuple(sorted({*first, *second}))
    index = {name: place for place, name in enumerate(names)}
    one, two = (np.array([index[x] for x in side], int) for side in (first, second))
    none = Strengths(names, np.array([]), np.array([]), *(None,) * 4, len(won), None)
    if len(names) < 2:
        return none._replace(reason="fewer than two contestants")
    columns = np.ones((len(won), 1 + len(names)))
    columns[:, 1:] = np.eye(len(names))[one] - np.eye(len(names))[two]
    columns = np.delete(columns, 1, axis=1)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        return none._replace(reason="not everybody met, or nobody met in both orders")
    fit = _logistic(columns, won)
    if fit is None:
        return none._replace(reason="somebody always wins or loses: the strength has no bound")
    coefficient, error = fit
    position, spread = float(coefficient[0]), float(error[0])
    reach = float(ndtri(0.975)) * spread
    return none._replace(
        strength=np.concatenate(([0.0], coefficient[1:])),
        error=np.concatenate(([0.0], error[1:])),
        position=position,
        position_error=spread,
        position_low=position - reach,
        position_high=position + reach,
    )


def _logistic(columns: Floats, won: Floats) -> tuple[Floats, Floats] | None:
    """Maximum-likelihood coefficients and their errors, by Newton; None = there is no maximum."""
    coefficient = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        chance = np.asarray(expit(columns @ coefficient))
        weight = chance * (1 - chance)
        information = (columns.T * weight) @ columns
        step = np.linalg.solve(information, columns.T @ (won - chance))
        coefficient = coefficient + step
        if np.abs(columns @ coefficient).max() > _SEPARATED:
            return None
        if np.abs(step).max() < 1e-12:
            return coefficient, np.sqrt(np.diag(np.linalg.inv(information)))
    return None
