"""How large is a gap beside the spread of what it lies between: one measure for items and levels.

Cohen's d with the average of both arms' standard deviations (d_av: Cumming 2012, ch. 11; Lakens
2013), made smaller by Hedges' factor. The interval is the gap's own, divided by that deviation, and
widened as the deviation too is estimated (first-order delta method; its error by the jackknife, as
0/1 items are far from normal: Bonett 2008 gives the normal case).
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from pipeline.stats.alpha import Floats

_ROUNDING = 1e-12


class Spread(NamedTuple):
    """How far an arm's prompts or items lie apart, both arms together."""

    deviation: float | None
    """sqrt((s_high^2 + s_low^2) / 2); None where it is 0 or there are under three prompts."""
    error: float
    """Its relative standard error."""
    prompts: int


class Standardised(NamedTuple):
    """A gap in standard deviations, with its intervals; all None where it is not defined."""

    value: float | None
    error: float | None
    low: float | None
    """95% interval."""
    high: float | None
    low_90: float | None
    high_90: float | None
    p: float | None
    """Two-sided, of no gap."""


NOTHING = Standardised(None, None, None, None, None, None, None)


def spread(high: Floats, low: Floats) -> Spread:
    """The deviation within the arms over the prompts that both have, in the same order.

    >>> spread(np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 4.0])).deviation
    1.5811388300841898
    """
    n = len(high)
    if n < 3:
        return Spread(None, 0.0, n)
    whole = _deviation(high, low)
    if whole <= _ROUNDING:
        return Spread(None, 0.0, n)
    kept = ~np.eye(n, dtype=bool)
    each = np.array([_deviation(high[x], low[x]) for x in kept])
    variance = (n - 1) / n * float(((each - each.mean()) ** 2).sum())
    return Spread(whole, math.sqrt(variance) / whole, n)


def _deviation(high: Floats, low: Floats) -> float:
    return math.sqrt((float(high.var(ddof=1)) + float(low.var(ddof=1))) / 2)


def hedges(freedom: float) -> float:
    """Hedges' factor against the bias of small samples (Hedges & Olkin 1985, approximate).

    >>> round(hedges(9), 4)
    0.9143
    """
    return 1 - 3 / (4 * freedom - 1)


def standardise(
    gap: float,
    error: float | None,
    freedom: float | None,
    beside: Spread,
    centre: float | None = None,
) -> Standardised:
    """`gap` in units of `beside`; its intervals lie about `centre`, which is `gap` if not given.

    `error` is the gap's standard error, of Student's t with `freedom`; None leaves no interval.
    """
    if beside.deviation is None:
        return NOTHING
    unit = hedges(beside.prompts - 1) / beside.deviation
    value = gap * unit
    if error is None or freedom is None:
        return NOTHING._replace(value=value)
    middle = value if centre is None else centre * unit
    whole = math.hypot(error * unit, middle * beside.error)
    wide, narrow = (reach(freedom, x) * whole for x in (0.95, 0.9))
    # Of the gap itself: where 0 lies does not depend on the unit.
    p = (
        2 * float(stdtr(freedom, -abs(gap if centre is None else centre) / error))
        if error
        else None
    )
    return Standardised(
        value, whole, middle - wide, middle + wide, middle - narrow, middle + narrow, p
    )


def reach(freedom: float, level: float) -> float:
    """How many standard errors an interval of Student's t goes to each side.

    >>> round(reach(10, 0.95), 3)
    2.228
    """
    return float(stdtrit(freedom, (1 + level) / 2))
