"""How p values are corrected when several questions are asked at once.

Holm (1979); Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001). As R's `p.adjust`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.stats.alpha import Floats

Adjusted = list[float | None]
Method = Callable[[Sequence[float | None]], Adjusted]


def holm(p: Sequence[float | None]) -> Adjusted:
    """Holm's adjusted p, which bound the chance of a single false alarm.

    A null stays null, and is not counted among the questions.

    >>> [round(x, 3) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    >>> holm([0.02, None])
    [0.02, None]
    """
    values, order = _sorted(p)
    factor = np.arange(len(values), 0, -1.0)
    return _placed(p, order, np.maximum.accumulate(factor * values))


def benjamini_hochberg(p: Sequence[float | None]) -> Adjusted:
    """Adjusted p, which bound the share of false alarms among independent questions.

    >>> [round(x, 3) for x in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    values, order = _sorted(p)
    return _placed(p, order, _step_up(values))


def benjamini_yekutieli(p: Sequence[float | None]) -> Adjusted:
    """Adjusted p, which bound the share of false alarms however the questions depend.

    >>> [round(x, 3) for x in benjamini_yekutieli([0.01, 0.04, 0.03])]
    [0.055, 0.073, 0.073]
    """
    values, order = _sorted(p)
    return _placed(p, order, _step_up(values) * harmonic(len(values)))


def harmonic(tests: int) -> float:
    """1 + 1/2 + ... + 1/tests: what dependence costs in Benjamini and Yekutieli.

    >>> harmonic(2)
    1.5
    """
    return float((1 / np.arange(1, tests + 1)).sum())


def _sorted(p: Sequence[float | None]) -> tuple[Floats, list[int]]:
    known = [(x, place) for place, x in enumerate(p) if x is not None]
    for x, _ in known:
        if not 0 <= x <= 1:
            raise ValueError(f"p is {x!r}, expected a number from 0 to 1, or None")
    known.sort()
    return np.array([x for x, _ in known], dtype=np.float64), [place for _, place in known]


def _step_up(values: Floats) -> Floats:
    scaled = values * len(values) / np.arange(1, len(values) + 1)
    return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])


def _placed(p: Sequence[float | None], order: list[int], adjusted: Floats) -> Adjusted:
    found: Adjusted = [None] * len(p)
    for place, value in zip(order, adjusted, strict=True):
        found[place] = min(float(value), 1.0)
    return found
