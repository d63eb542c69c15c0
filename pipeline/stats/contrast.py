"""How sure is a difference of two statistics of one sample: its interval over prompts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.stats import jackknife
from pipeline.stats.jackknife import LeftOut


class Sample(NamedTuple):
    """A statistic of a sample, and of the samples that lack one prompt each."""

    value: float | None
    left_out: LeftOut
    note: str | None
    """Why there is no value, or what it leaves aside."""


class Contrast(NamedTuple):
    """One statistic less another, or why there is none."""

    one: float | None
    other: float | None
    value: float | None
    prompts: int
    note: str | None
    low: float | None = None
    """90% interval; None, as all that follows, where there is none and `note` says why."""
    high: float | None = None
    low_95: float | None = None
    high_95: float | None = None
    error: float | None = None


def weighted_mean(parts: Sequence[tuple[float, float | None, LeftOut]], prompts: int) -> Sample:
    """The mean of the parts (weight, value, left out) that have a value.

    In a sample that lacks a prompt the mean is over those of them that are defined there.
    """
    kept = [(w, value, left) for w, value, left in parts if value is not None]
    if not kept:
        return Sample(None, LeftOut(np.zeros(prompts), np.zeros(prompts, np.bool_)), None)
    weight = np.array([w for w, _, _ in kept], np.float64)
    defined = np.stack([left.defined for _, _, left in kept])
    share = weight[:, None] * defined
    sums = (share * np.stack([np.where(x.defined, x.value, 0.0) for _, _, x in kept])).sum(axis=0)
    total = share.sum(axis=0)
    value = float(weight @ np.array([value for _, value, _ in kept]) / weight.sum())
    lost = int((~defined).any(axis=0).sum())
    note = f"the mean loses a pair when one of {lost} prompts is deleted" if lost else None
    return Sample(value, LeftOut(sums / np.where(total > 0, total, 1.0), total > 0), note)


def contrast(one: Sample, other: Sample) -> Contrast:
    """The difference one - other with its jackknife-t intervals over prompts.

    >>> left = LeftOut(np.array([2.5, 3.0, 3.5]), np.ones(3, bool))
    >>> none = LeftOut(np.ones(3), np.ones(3, bool))
    >>> found = contrast(Sample(3.0, left, None), Sample(1.0, none, None))
    >>> found.value, round(found.low, 3), round(found.low_95, 3), found.prompts
    (2.0, 0.314, -0.484, 3)
    """
    prompts = len(one.left_out.value)
    assert prompts == len(other.left_out.value), "both rest on the same prompts"
    notes = [x.note for x in (one, other) if x.note]
    if one.value is None or other.value is None:
        return Contrast(one.value, other.value, None, prompts, "; ".join(notes) or None)
    value = one.value - other.value
    lacking = int((~(one.left_out.defined & other.left_out.defined)).sum())
    if prompts < 3:
        notes.append(f"no interval: {prompts} of 3 prompts needed")
    elif lacking:
        notes.append(f"no interval: not defined without {lacking} of the {prompts} prompts")
    if prompts < 3 or lacking:
        return Contrast(one.value, other.value, value, prompts, "; ".join(notes))
    left = one.left_out.value - other.left_out.value
    narrow, wide = (jackknife.student(value, left, level) for level in (0.90, 0.95))
    if wide.error < jackknife.ROUNDING:
        notes.append(jackknife.FLAT)
        return Contrast(one.value, other.value, value, prompts, "; ".join(notes))
    intervals = (narrow.low, narrow.high, wide.low, wide.high, narrow.error)
    return Contrast(one.value, other.value, value, prompts, "; ".join(notes) or None, *intervals)


def p_above(found: Contrast, bound: float) -> float | None:
    """The one-sided p of "the difference is at most `bound`"; None where there is no interval."""
    if found.value is None or found.error is None:
        return None
    return jackknife.upper_tail(found.value, bound, found.error, found.prompts)
