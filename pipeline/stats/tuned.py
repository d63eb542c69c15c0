"""Did another wording bring a panel nearer to people: before and after on the same answers."""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from pipeline.stats import alpha, contrast, delta, jackknife, pairs, ppi
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.contrast import Contrast


class People(NamedTuple):
    """How far people agree among themselves: the ceiling."""

    alpha: float | None
    low: float | None
    """95% interval, as everywhere below but for delta's."""
    high: float | None
    ceiling: float | None
    """What one more person would reach beside the others."""
    note: str | None


class Standing(NamedTuple):
    """How a panel stands beside people under one wording."""

    alpha: float | None
    """Mean over people of alpha with each."""
    low: float | None
    high: float | None
    delta: float | None
    delta_low: float | None
    """90% interval."""
    delta_high: float | None
    note: str | None


class Change(NamedTuple):
    """A difference of two alphas over prompts; a null has its reason in `note`."""

    value: float | None
    low: float | None
    high: float | None
    error: float | None
    prompts: int
    note: str | None


class Whole(NamedTuple):
    """A wording by itself: all scores that its panel gave, whatever another wording lacks."""

    standing: Standing
    given: int
    """Scores of the panel's judges."""
    wanted: int
    """Those that they should have given: as many as judges times answers."""


class Comparison(NamedTuple):
    """Two wordings on the same answers."""

    answers: int
    prompts: int
    people: People
    before: Standing | None
    after: Standing
    change: Change | None
    """Alpha after less alpha before; None where there is no before."""
    left_out: int = 0
    """Scores of judges that have none under the other wording, and count for neither."""
    whole: Whole | None = None
    """Today's wording by itself; None = not told."""
    whole_before: Whole | None = None


def compare(
    people: Floats, after: Floats, before: Floats | None, prompts: Codes, metric: str
) -> Comparison:
    """How a panel does under a wording, and what that changed.

    `people` is people x answers, the others and `prompts` have one entry per answer; NaN is no
    score. All is counted on the answers that somebody scored and the panel under both wordings.
    The change has its interval by the jackknife-t that deletes a prompt from both at once.
    """
    there = ~np.isnan(after) & (~np.isnan(people)).any(axis=0)
    if before is not None:
        there &= ~np.isnan(before)
    shared = pairs.number(np.flatnonzero(there), prompts)
    people = people[:, shared.kept]
    panels = [x[shared.kept] for x in (after, before) if x is not None]
    beside = [delta.beside(x, people, shared, metric) for x in panels]
    standings = [_standing(x, people, shared, metric) for x in panels]
    change = None
    if before is not None:
        change = _change(contrast.contrast(beside[0], beside[1]))
    return Comparison(
        answers=len(shared.kept),
        prompts=shared.prompts,
        people=_people(people, shared, metric),
        before=standings[1] if before is not None else None,
        after=standings[0],
        change=change,
    )


def alphas(
    people: Floats, after: Floats, before: Floats, prompts: Codes, metric: str
) -> tuple[float | None, float | None]:
    """The two panels' alphas alone, after and before, on the answers that `compare` counts."""
    there = ~np.isnan(after) & ~np.isnan(before) & (~np.isnan(people)).any(axis=0)
    shared = pairs.number(np.flatnonzero(there), prompts)
    people = people[:, shared.kept]
    after, before = after[shared.kept], before[shared.kept]
    both = [delta.beside(x, people, shared, metric).value for x in (after, before)]
    return both[0], both[1]


def optimism(tune: Change, lockbox: Change) -> Change:
    """The change on the tune half less that on the lockbox: how much of it was fitted.

    The halves have no prompt in common, so the errors add; Welch's degrees of freedom.

    >>> one = Change(0.2, 0.1, 0.3, 0.05, 20, None)
    >>> found = optimism(one, Change(0.0, -0.2, 0.2, 0.1, 20, None))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3), found.prompts
    (0.2, -0.029, 0.429, 40)
    """
    prompts = tune.prompts + lockbox.prompts
    if tune.value is None or lockbox.value is None:
        return Change(None, None, None, None, prompts, "a half has no change")
    value = tune.value - lockbox.value
    if tune.error is None or lockbox.error is None:
        return Change(value, None, None, None, prompts, "a half has no interval")
    errors = [tune.error, lockbox.error]
    error = math.hypot(*errors)
    if error == 0:
        return Change(value, value, value, 0.0, prompts, "neither half varies")
    freedom = ppi.welch(errors, [x.prompts - 1 for x in (tune, lockbox)])
    reach = float(stdtrit(freedom, 0.975)) * error
    return Change(value, value - reach, value + reach, error, prompts, None)


def _standing(panel: Floats, people: Floats, shared: pairs.Numbered, metric: str) -> Standing:
    beside = delta.beside(panel, people, shared, metric)
    found = delta.of_judge(panel, people, shared.prompt, metric)
    low = high = None
    note = beside.note
    if beside.value is not None:
        interval = jackknife.plain(beside.value, beside.left_out)
        low, high = interval.low, interval.high
        note = note or interval.note
    return Standing(beside.value, low, high, found.value, found.low, found.high, note)


def _people(people: Floats, shared: pairs.Numbered, metric: str) -> People:
    found = alpha.point(people, metric)
    span = jackknife.interval(people, shared.prompt, metric)
    top = delta.ceiling(people, shared.prompt, metric)
    note = found.reason or span.note
    return People(found.value, span.low, span.high, top.one, note)


def _change(found: Contrast) -> Change:
    return Change(found.value, found.low_95, found.high_95, found.error, found.prompts, found.note)
