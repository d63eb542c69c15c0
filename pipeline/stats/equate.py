"""How many of a judge's levels make one of the people's: the scale on which its error is read.

A judge that squeezes the scale would otherwise seem to be unfair to every good answer. The people's
mean is itself noisy, which pulls a plain regression towards 0: the slope is corrected for that.
"""

from typing import NamedTuple

import numpy as np

from pipeline.stats import jackknife
from pipeline.stats.alpha import Codes, Floats

_ROUNDING = 1e-9


class Scale(NamedTuple):
    """The slope b = cov(J, H) / (rel_H var(H)) of one judge, or why there is none."""

    slope: float | None
    low: float | None
    """95% interval, jackknife over prompts."""
    high: float | None
    reliability: float | None
    """rel_H: the share of the variance of the people's mean that is not noise."""
    noise: float | None
    """The variance of the noise in the people's mean."""
    answers: int
    prompts: int
    reason: str | None
    """Why errors cannot be read on the people's scale; None = they can."""
    left_out: Floats
    """The slope without prompt 0, 1, ...; empty where there is none."""


class _Sums(NamedTuple):
    """Sums over answers, per prompt or over what is left without each."""

    answers: Floats
    judge: Floats
    people: Floats
    products: Floats
    squares: Floats
    within: Floats
    """Sum of squares of ratings about their answer's mean."""
    spare: Floats
    """Sum of (ratings - 1)."""
    inverse: Floats
    """Sum of 1 / ratings."""


def scale(judge: Floats, people: Floats, prompt: Codes) -> Scale:
    """The scale of a judge beside people; `people` is raters x answers, NaN = not rated.

    Every answer has a score of the judge and of at least one person; `prompt` numbers the prompts
    0, 1, ... without a hole. rel_H = 1 - noise / var(H), where noise is the pooled variance of the
    ratings of one answer times the mean of 1/k: with k ratings each, mean(within) / (k var(H)).

    >>> people = np.array([[1.0, 2, 3, 4, 5, 3], [2.0, 2, 3, 5, 5, 2]])
    >>> found = scale(0.5 * people.mean(axis=0) + 2, people, np.arange(6))
    >>> round(found.reliability, 3), round(found.slope, 3)
    (0.936, 0.534)
    """
    prompts = int(prompt.max()) + 1 if len(prompt) else 0
    none = Scale(None, None, None, None, None, len(judge), prompts, None, np.array([]))
    if prompts < 3:
        return none._replace(reason=f"{prompts} of 3 prompts needed with people and the judge")
    parts = _parts(judge, people, prompt, prompts)
    if parts.spare.sum() < 1:
        return none._replace(reason="one rater per answer: the noise of the people is not known")
    whole = _Sums(*(x.sum(keepdims=True) for x in parts))
    slope, reliability = _slopes(whole)
    none = none._replace(reliability=float(reliability[0]), noise=noise(people))
    if not reliability[0] > _ROUNDING:
        return none._replace(reason="the people's mean is all noise: reliability not above 0")
    value = float(slope[0])
    left, sure = _slopes(_Sums(*(x.sum() - x for x in parts)))
    if not (sure > _ROUNDING).all():
        why = "the people's mean is all noise without one of the prompts"
        return none._replace(slope=value, reason=why)
    low, high, _ = jackknife.student(value, left)
    why_not = "the judge's scores are not shown to go with the people's (interval of b holds 0)"
    reason = why_not if low <= 0 <= high else None
    return none._replace(slope=value, low=low, high=high, reason=reason, left_out=left)


def noise(people: Floats) -> float:
    """The variance of the noise in the people's mean: pooled within an answer, times mean 1/k.

    >>> round(noise(np.array([[1.0, 2, 3], [2.0, 2, 5]])), 3)
    0.417
    """
    count = (~np.isnan(people)).sum(axis=0)
    within = float(np.nansum((people - np.nansum(people, axis=0) / count) ** 2))
    return within / max(float((count - 1).sum()), 1.0) * float((1 / count).mean())


def noise_left_out(people: Floats, prompt: Codes) -> Floats:
    """`noise` without prompt 0, 1, ...; every answer has a rating, every number an answer."""
    count = (~np.isnan(people)).sum(axis=0)
    within = np.nansum((people - np.nansum(people, axis=0) / count) ** 2, axis=0)
    own = [np.bincount(prompt, x) for x in (within, count - 1, 1 / count, np.ones(len(count)))]
    squares, spare, inverse, answers = (x.sum() - x for x in own)
    return np.asarray(squares / np.maximum(spare, 1.0) * inverse / np.maximum(answers, 1.0))


def _parts(judge: Floats, people: Floats, prompt: Codes, prompts: int) -> _Sums:
    count = (~np.isnan(people)).sum(axis=0)
    mean = np.nansum(people, axis=0) / count
    within = np.nansum((people - mean) ** 2, axis=0)
    # about the means: sums of squares of large numbers would lose the small differences
    j, h = judge - judge.mean(), mean - mean.mean()
    columns = (np.ones(len(j)), j, h, j * h, h * h, within, count - 1.0, 1.0 / count)
    return _Sums(*(np.asarray(np.bincount(prompt, x, prompts), np.float64) for x in columns))


def _slopes(sums: _Sums) -> tuple[Floats, Floats]:
    """Slope and reliability of each entry of `sums`."""
    n = np.maximum(sums.answers, 2)
    covariance = (sums.products - sums.judge * sums.people / n) / (n - 1)
    variance = (sums.squares - sums.people**2 / n) / (n - 1)
    true = variance - sums.within / np.maximum(sums.spare, 1) * sums.inverse / n
    slope = np.divide(covariance, true, out=np.zeros_like(true), where=true > _ROUNDING)
    share = np.divide(true, variance, out=np.zeros_like(true), where=variance > _ROUNDING)
    return slope, share
