"""What is the mean of a quantity that people measured rarely and a panel often: PPI++.

Angelopoulos, Duchi, Zrnic (2023), "PPI++: Efficient Prediction-Powered Inference", in the form for
small samples of METHOD section 5: the weight counts its own noise, the interval is Student's.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from pipeline.stats.alpha import Floats

_ROUNDING = 1e-9
"""A share of the scale below which a spread or a correlation is rounding error."""


class Estimate(NamedTuple):
    """A mean on the human scale with its interval, or why there is none."""

    value: float | None
    low: float | None
    high: float | None
    error: float | None
    freedom: float | None
    p: float | None
    """Two-sided, of a mean of 0."""
    weight: float
    """lambda: how far the panel was used; 0 = people alone."""
    saved: float | None
    """1 - error^2 / (error of people alone)^2; None where there is no error."""
    gold: int
    others: int
    note: str | None


def mean(
    people: Floats,
    panel: Floats,
    others: Floats,
    level: float = 0.95,
    given: float | None = None,
) -> Estimate:
    """The mean of what people see, corrected by what the panel sees of the same and of `others`.

    `people` and `panel` have one entry per gold prompt, `others` one per further prompt:

        lam = max(0, cov(y, f) / ((1 + n/N) var(f_all)))
        theta = lam mean(f_other) + mean(y - lam f)
        se^2 = lam^2 var(f_other)/N + var(y - lam f) (n-1)/(n-2)/n, interval with t(n-2)

    Where the panel can add nothing (N < 2, its scores do not vary, or they do not rise with those
    of people) lam is 0 and the interval is that of the people's mean, with t(n-1). A lam that is
    `given` is used where N allows: estimates that are held side by side then differ by their scores
    alone.

    >>> y, f = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.0, 1.0, 2.0, 3.0])
    >>> found = mean(y, f, np.array([1.0, 2.0, 2.0, 3.0, 2.0, 2.0, 3.0, 1.0]))
    >>> round(found.weight, 3), round(found.value, 3), round(found.error, 3), found.freedom
    (1.679, 3.17, 0.52, 2.0)
    >>> mean(y, f, np.array([])).value
    2.75
    """
    n, size = len(people), len(others)
    if n < 3:
        few = f"{n} of 3 prompts needed that people rated in both arms"
        return Estimate(None, None, None, None, None, None, 0.0, None, n, size, few)
    weight, note = _weight(people, panel, others)
    if given is not None and size > 1:
        weight, note = given, None if given else "people alone: the weight is given as 0"
    if weight == 0:
        alone = plain(people, level)
        return alone._replace(others=size, note=alone.note or note)
    rest = people - weight * panel
    value = weight * float(others.mean()) + float(rest.mean())
    variance = weight**2 * float(others.var(ddof=1)) / size
    variance += float(rest.var(ddof=1)) * (n - 1) / (n - 2) / n
    found = student(value, math.sqrt(variance), n - 2, level)
    saved = 1 - variance / (float(people.var(ddof=1)) / n)
    return found._replace(weight=weight, saved=saved, gold=n, others=size)


def plain(people: Floats, level: float = 0.95) -> Estimate:
    """The mean that people alone give, with Student's interval.

    >>> [round(x, 3) for x in plain(np.array([1.0, 2.0, 3.0]))[:5]]
    [2.0, -0.484, 4.484, 0.577, 2.0]
    """
    n = len(people)
    if n < 3:
        return mean(people, people, np.array([]), level)
    error = float(people.std(ddof=1)) / math.sqrt(n)
    return student(float(people.mean()), error, n - 1, level)._replace(gold=n)


def student(value: float, error: float, freedom: float, level: float = 0.95) -> Estimate:
    """`value` +- t(freedom) * error. An error of 0 is no knowledge: then there is no interval."""
    if error <= _ROUNDING * max(1.0, abs(value)):
        note = "no interval: the difference is the same on every prompt that people rated"
        return Estimate(value, None, None, None, None, None, 0.0, 0.0, 0, 0, note)
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(value) / error))
    return Estimate(
        value, value - reach, value + reach, error, float(freedom), p, 0.0, 0.0, 0, 0, None
    )


def welch(errors: Sequence[float], freedoms: Sequence[float]) -> float:
    """Degrees of freedom of a sum or difference with these errors (Welch 1947, Satterthwaite 1946).

    Where no error is above 0, the smallest of the parts'.

    >>> round(welch([0.05, 0.1], [19, 19]), 2)
    27.94
    """
    below = sum(e**4 / f for e, f in zip(errors, freedoms, strict=True))
    return sum(e**2 for e in errors) ** 2 / below if below else min(freedoms)


def _weight(people: Floats, panel: Floats, others: Floats) -> tuple[float, str | None]:
    """lambda, and where it is 0 the reason."""
    n, size = len(people), len(others)
    if size < 2:
        return 0.0, "people alone: the panel scored no further prompts" if not size else (
            "people alone: the panel scored one further prompt only"
        )
    whole = np.concatenate((panel, others))
    if not _varies(whole):
        return 0.0, "people alone: the panel sees the same difference on every prompt"
    if not (_varies(panel) and _varies(people)):
        return 0.0, "people alone: no spread on the prompts that people rated"
    covariance = float(np.cov(people, panel)[0, 1])
    spread = float(people.std(ddof=1) * panel.std(ddof=1))
    if covariance <= _ROUNDING * spread:
        return 0.0, "people alone: the panel's differences do not rise with the people's"
    return covariance / ((1 + n / size) * float(whole.var(ddof=1))), None


def _varies(values: Floats) -> bool:
    return bool(np.ptp(values) > _ROUNDING * max(1.0, float(np.abs(values).max())))
