"""How often is one arm above the other: Cliff's delta."""

import numpy as np

from pipeline.stats.alpha import Floats

_ROUNDING = 1e-9
"""Means of equal scores may differ by this much and still be a tie."""


def cliffs_delta(high: Floats, low: Floats) -> float | None:
    """Cliff (1993): over all pairs of one of `high` and one of `low`, P(above) - P(below).

    None where one of them is empty.

    >>> cliffs_delta(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.75
    """
    if not (len(high) and len(low)):
        return None
    return float(_signs(high[:, None] - low[None, :]).mean())


def paired_delta(differences: Floats) -> float | None:
    """Cliff's delta within pairs: the share of pairs above 0 less the share below; None if none.

    >>> paired_delta(np.array([0.5, 1.0, 0.0, -0.25]))
    0.25
    """
    return float(_signs(differences).mean()) if len(differences) else None


def _signs(differences: Floats) -> Floats:
    return np.asarray(np.where(np.abs(differences) <= _ROUNDING, 0.0, np.sign(differences)))
