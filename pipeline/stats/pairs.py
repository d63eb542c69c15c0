"""Which two raters are compared, on which answers: the pairs of which a statistic is the mean."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.contrast import Sample, weighted_mean
from pipeline.stats.jackknife import LeftOut

WIDE = 0.75
"""Two raters who share this share of the answers are compared on their own."""


class Pair(NamedTuple):
    """Two raters' scores of the answers that both rated; no NaN."""

    one: Floats
    two: Floats
    prompt: Codes
    """The number of each answer's prompt."""
    raters: int
    """How many pairs of raters it stands for: more than one where they are taken together."""
    weight: float = 1.0
    """In a mean over pairs."""


class Measured(NamedTuple):
    """A statistic of a pair and of what is left of it without each prompt."""

    value: float | None
    reason: str | None
    """Set exactly where `value` is None."""
    left_out: LeftOut


Measure = Callable[[Sequence[Pair], int], list[Measured]]
"""Measures pairs; the second argument is the number of prompts in the comparison."""


class Numbered(NamedTuple):
    """The answers that a comparison rests on, their prompts numbered from 0."""

    kept: Codes
    """Columns of the array."""
    prompt: Codes
    """The number of the prompt of each of them."""
    prompts: int


def number(chosen: Codes, prompts: Codes) -> Numbered:
    """The columns `chosen`, their prompts numbered anew, as the jackknife wants them."""
    names, prompt = np.unique(prompts[chosen], return_inverse=True)
    return Numbered(chosen, prompt.astype(np.int64), len(names))


def beside(judge: Floats, people: Floats, prompt: Codes) -> list[Pair]:
    """The judge with each person, first those who share most of the answers with the judge.

    People who share less than WIDE of them are taken together as one pair, in which the judge's
    score stands beside each of theirs. A pair of few prompts sees little of what differs between
    prompts, so that its expected disagreement is too small and its alpha too low, whereas alpha of
    all people sees it all. Measured (`benchmarks/coverage_panel.py`, 1,000 seeds) with a judge who
    is a person like the others and raters blocked by prompt: with 12 prompts of 4 answers and 3 of
    11 raters the mean of the pairs lies .056 below alpha of the people, with 40 prompts of one
    answer and 3 of 20 raters .065; with the thin pairs taken together both are within .002, with
    the same spread. In a design where everyone rates (nearly) everything nothing is taken together.

    What is taken together counts as many pairs as it has scores for: two people who rated half each
    are one, and a passer-by with two scores is next to nothing.

    >>> people = np.array([[1.0, 2, 3, 4], [1, 2, np.nan, np.nan], [np.nan, np.nan, 3, np.nan]])
    >>> for pair in beside(np.array([1.0, 1, 3, 3]), people, np.arange(4)):
    ...     print(pair.one, pair.two, pair.raters, pair.weight)
    [1. 1. 3. 3.] [1. 2. 3. 4.] 1 1.0
    [1. 1. 3.] [1. 2. 3.] 2 0.75
    """
    return _gather((_met(judge, person, prompt) for person in people), len(prompt))


def among(people: Floats, prompt: Codes) -> list[Pair]:
    """Every two people, those who share few answers taken together, each way round."""
    met = [_met(one, two, prompt) for one, two in combinations(people, 2)]
    pairs = _gather(met, len(prompt))
    return [_both_ways(pair) if pair.raters > 1 else pair for pair in pairs]


def mean(pairs: list[Pair], prompts: int, measure: Measure) -> Sample:
    """The mean over the pairs of raters, in the sample and without each prompt.

    Where some pair has no value the mean is over the rest.
    """
    each = measure(pairs, prompts)
    found = [(pair.weight, m) for pair, m in zip(pairs, each, strict=True)]
    sample = weighted_mean([(w, m.value, m.left_out) for w, m in found], prompts)
    reasons = ", ".join(sorted({m.reason for _, m in found if m.reason}))
    everyone = sum(pair.raters for pair in pairs)
    if sample.value is None:
        return sample._replace(note=f"not defined with any person: {reasons or 'nobody to meet'}")
    notes = [] if sample.note is None else [sample.note]
    together = max(pair.raters for pair in pairs)
    if together > 1:
        less = f"share less than {WIDE:.0%} of the answers"
        notes.insert(0, f"{together} of {everyone} pairs {less}: taken together as one")
    if reasons:
        left = sum(p.raters for p, m in zip(pairs, each, strict=True) if m.value is not None)
        notes.append(f"mean over {left} of {everyone} pairs; not defined elsewhere: {reasons}")
    return sample._replace(note="; ".join(notes) or None)


def _met(one: Floats, two: Floats, prompt: Codes) -> Pair:
    both = ~(np.isnan(one) | np.isnan(two))
    return Pair(one[both], two[both], prompt[both], 1)


def _gather(met: Iterable[Pair], answers: int) -> list[Pair]:
    """The wide pairs, and the thin ones as one."""
    some = [pair for pair in met if len(pair.one)]
    wide = [len(pair.one) >= WIDE * answers for pair in some]
    whole = [pair for pair, is_wide in zip(some, wide, strict=True) if is_wide]
    thin = [pair for pair, is_wide in zip(some, wide, strict=True) if not is_wide]
    return [
        *whole,
        *_together(thin, float(np.mean([len(x.one) for x in whole])) if whole else None),
    ]


def _together(thin: list[Pair], each: float | None) -> Iterator[Pair]:
    """Thin pairs as one, which counts by its scores; `each` is how many a wide pair has."""
    if thin:
        one, two, prompt = (np.concatenate([pair[i] for pair in thin]) for i in range(3))
        yield Pair(one, two, prompt, len(thin), 1.0 if each is None else len(one) / each)


def _both_ways(pair: Pair) -> Pair:
    """Each couple of scores twice: what is measured must not depend on who is named first."""
    one, two = np.concatenate((pair.one, pair.two)), np.concatenate((pair.two, pair.one))
    return Pair(one, two, np.tile(pair.prompt, 2), pair.raters, pair.weight)
