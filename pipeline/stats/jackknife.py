"""How sure is an alpha: its interval over prompts, deleting one prompt at a time.

Answers to one prompt stand or fall together, so the prompt is what is deleted, with all its
answers, draws and languages. METHOD section 1 says what was simulated.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from pipeline.stats import alpha
from pipeline.stats.alpha import Codes, Floats, Mask, Pairable

DENSE_CELLS = 4_000_000
"""Up to so many, ordinal distances are taken anew when a prompt is deleted."""
ROUNDING = 1e-9
"""A share of the whole below which a difference of sums is rounding error, not spread."""

FLAT = "no interval: the value is the same whichever prompt is deleted, which tells no error"


class Bounds(NamedTuple):
    """An interval and the standard error it stands on."""

    low: float
    high: float
    error: float


class Interval(NamedTuple):
    """An interval of an alpha, or why there is none."""

    low: float | None
    high: float | None
    kind: str | None
    """eta-jackknife | jackknife; None = there is no interval, and `note` says why."""
    prompts: int
    """Prompts with a pair of ratings: as many samples with one prompt deleted."""
    note: str | None


class LeftOut(NamedTuple):
    """A statistic of the samples that lack one prompt each."""

    value: Floats
    defined: Mask
    """Where False, `value` means nothing."""


class _Kept(NamedTuple):
    """What the sample keeps when prompt 0, 1, ... is deleted; the last entry: when none is."""

    ratings: Floats
    units: Floats
    values: Codes
    """How many different values."""
    within: Floats
    """Sum over units of w_u."""
    total: Floats
    """SST: sum over values of c_v c_w d_vw / (2N)."""


def student(point: float, left_out: Floats, level: float = 0.95) -> Bounds:
    """The delete-one jackknife with Student's t (Tukey 1958): point +- t(G-1) * error.

    >>> [round(x, 3) for x in student(3.0, np.array([2.5, 3.0, 3.5]))]
    [0.516, 5.484, 0.577]
    """
    groups = len(left_out)
    error = math.sqrt((groups - 1) / groups * float(((left_out - left_out.mean()) ** 2).sum()))
    reach = float(stdtrit(groups - 1, (1 + level) / 2)) * error
    return Bounds(point - reach, point + reach, error)


def interval(values: Floats, prompts: Codes, metric: str) -> Interval:
    """The 95% interval of alpha by the eta-jackknife, else by the plain jackknife-t.

    `values` is raters x units, `prompts` the prompt of each unit. The method is that of Hughes
    (2022), "krippendorffsalpha: An R Package", with a prompt deleted where he deletes a unit; the
    centre of the interval is his estimate, which differs a little from Krippendorff's alpha.

    >>> _ = np.nan
    >>> c = np.array([[1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    ...               [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    ...               [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    ...               [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _]])
    >>> found = interval(c, np.arange(12), "interval")
    >>> found.kind, found.prompts, round(found.low, 4), round(found.high, 4)
    ('eta-jackknife', 11, -0.05, 0.9943)
    """
    centre = alpha.point(values, metric)
    table = alpha.pairable(values)
    names, prompt = np.unique(prompts[table.kept], return_inverse=True)
    if centre.value is None:
        return Interval(None, None, None, len(names), centre.reason)
    kept = _kept(table, prompt, len(names), metric)
    bounds = _eta_bounds(kept, table) if len(names) >= 3 else None
    if bounds is not None and bounds.error >= ROUNDING:
        return Interval(bounds.low, bounds.high, "eta-jackknife", len(names), None)
    return plain(centre.value, _alphas(table, prompt, kept, metric))


def upper_tail(value: float, bound: float, error: float, groups: int) -> float:
    """The one-sided p of "it is at most `bound`", by Student's t with `groups` - 1 degrees.

    >>> round(upper_tail(3.0, 0.516, 0.5774, 3), 3)
    0.025
    """
    if error < ROUNDING:
        return float(value <= bound)
    return float(stdtr(groups - 1, (bound - value) / error))


def p_above(values: Floats, prompts: Codes, metric: str, bound: float) -> float | None:
    """The one-sided p of "alpha is at most `bound`", on the scale on which `interval` stands.

    It is below .025 exactly where the 95% interval lies above the bound; None where there is no
    interval. On the eta scale the bound is log(1 + size * bound / (1 - bound)).
    """
    assert 0 <= bound < 1, "a bound on alpha lies in [0, 1)"
    table = alpha.pairable(values)
    found = interval(values, prompts, metric)
    if found.kind is None:
        return None
    names, prompt = np.unique(prompts[table.kept], return_inverse=True)
    kept = _kept(table, prompt, len(names), metric)
    eta = _etas(kept)
    if eta is not None:
        target = math.log1p(_size(kept, table) * bound / (1 - bound))
        error = student(float(eta[-1]), eta[:-1]).error
        return upper_tail(float(eta[-1]), target, error, len(names))
    centre = alpha.point(values, metric).value
    assert centre is not None, "an interval has a centre"
    error = student(centre, _alphas(table, prompt, kept, metric).value).error
    return upper_tail(centre, bound, error, len(names))


def plain(centre: float, left_out: LeftOut) -> Interval:
    """The 95% jackknife-t interval of an alpha; cut at 1, which no alpha passes.

    None where the alpha does not move: three prompts on which everybody agrees wholly are no proof
    that they would on all.
    """
    prompts = len(left_out.value)
    if prompts < 3:
        return Interval(None, None, None, prompts, f"no interval: {prompts} of 3 prompts needed")
    if not left_out.defined.all():
        lacking = int((~left_out.defined).sum())
        note = f"no interval: alpha is not defined without {lacking} of the {prompts} prompts"
        return Interval(None, None, None, prompts, note)
    bounds = student(centre, left_out.value)
    if bounds.error < ROUNDING:
        return Interval(None, None, None, prompts, FLAT)
    return Interval(bounds.low, min(bounds.high, 1.0), "jackknife", prompts, None)


def left_out(values: Floats, prompt: Codes, prompts: int, metric: str) -> LeftOut:
    """Alpha without prompt 0, 1, ..., `prompts` - 1; `prompt` is the number of each unit's."""
    table = alpha.pairable(values)
    if not len(table.size):
        return LeftOut(np.zeros(prompts), np.zeros(prompts, np.bool_))
    own = prompt[table.kept]
    return _alphas(table, own, _kept(table, own, prompts, metric), metric)


def _kept(table: Pairable, prompt: Codes, prompts: int, metric: str) -> _Kept:
    """The sums that are left, with the distances of the full sample; no loop over prompts."""
    of_rating = prompt[table.unit]
    count = np.bincount(table.code)
    cell, times = np.unique(of_rating * len(count) + table.code, return_counts=True)
    owner, value = np.divmod(cell, len(count))
    vanished = np.bincount(owner, times == count[value], prompts + 1).astype(np.int64)
    ratings = _rest(of_rating, np.ones(len(of_rating)), prompts)
    if metric == "nominal":
        # sum over v of (n_v - c_v)^2, written with the values that the deleted prompt has
        change = np.bincount(owner, times * times - 2 * times * count[value], prompts + 1)
        total = _ratio(ratings**2 - (count @ count + change), 2 * ratings)
    else:
        x = alpha.positions(table, metric)[table.code]
        x = x - x.mean()
        one, two = _rest(of_rating, x, prompts), _rest(of_rating, x * x, prompts)
        total = two - _ratio(one**2, ratings)
    return _Kept(
        ratings,
        _rest(prompt, np.ones(len(prompt)), prompts),
        len(count) - vanished,
        _rest(prompt, alpha.unit_disagreement(table, metric), prompts),
        total,
    )


def _rest(owner: Codes, weight: Floats, prompts: int) -> Floats:
    """The sum of `weight` less each prompt's own; the last entry is the whole sum."""
    share = np.bincount(owner, weight, prompts + 1)
    # The whole is the sum of the shares, so that "all but the only one" is exactly 0.
    return np.asarray(share.sum() - share)


def _ratio(above: Floats, below: Floats) -> Floats:
    """`above / below`, and 0 where nothing is left to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _etas(kept: _Kept) -> Floats | None:
    """The eta = log(MSA / MSE) of each sample; None where some eta is not defined.

    That is where MSA <= 0, and also where MSE = 0: in the full sample that is alpha = 1, in a
    left-out one all disagreement sits in the prompt that was deleted.
    """
    n, a = kept.ratings, kept.units
    if (a < 2).any() or (kept.within <= 0).any():
        return None
    mse = kept.within / n
    between = kept.total - (n - a) * mse
    if (between <= ROUNDING * kept.total).any():
        return None
    return np.asarray(np.log(between / (a - 1) / mse))


def _size(kept: _Kept, table: Pairable) -> float:
    """n_ of Hughes: the ratings per unit that a design of equal units would have."""
    n, a = float(kept.ratings[-1]), float(kept.units[-1])
    return (n - float(table.size @ table.size) / n) / (a - 1)


def _eta_bounds(kept: _Kept, table: Pairable) -> Bounds | None:
    """Bounds of alpha by way of eta; None where some eta is not defined."""
    eta = _etas(kept)
    if eta is None:
        return None
    low, high, error = student(float(eta[-1]), eta[:-1])
    size = _size(kept, table)
    return Bounds(_alpha_of(low, size), _alpha_of(high, size), error)


def _alpha_of(eta: float, size: float) -> float:
    """(e^eta - 1) / (e^eta - 1 + size), in a form that stays exact for very large eta."""
    return 1 - size / (math.expm1(min(eta, 700.0)) + size)


def _alphas(table: Pairable, prompt: Codes, kept: _Kept, metric: str) -> LeftOut:
    """Krippendorff's alpha of each sample that lacks one prompt, distances taken anew."""
    prompts, values = len(kept.ratings) - 1, len(table.domain)
    # Beyond this many values the deletion of a prompt hardly moves a rank: they stay as they are.
    if metric == "ordinal" and (prompts + len(table.size) + values) * values <= DENSE_CELLS:
        kept = _reranked(table, prompt, kept)
    defined = (kept.values >= 2) & (kept.total > ROUNDING * kept.total[-1])
    lost = (kept.ratings - 1) * kept.within
    ratio = np.divide(lost, kept.ratings * kept.total, out=np.zeros_like(lost), where=defined)
    return LeftOut(1 - ratio[:-1], defined[:-1])


def _reranked(table: Pairable, prompt: Codes, kept: _Kept) -> _Kept:
    """`kept` with the ordinal distances that each sample's own counts give.

    For each sample the disagreement of ALL units at its ranks r is r'Lr, L = diag(n) - O with O
    the coincidences of the full sample; from that goes the disagreement of the deleted units.
    """
    samples, values = len(kept.ratings), len(table.domain)
    of_rating = prompt[table.unit]
    share = np.bincount(of_rating * values + table.code, minlength=samples * values)
    share = share.reshape(samples, values)
    count = share.sum(axis=0)
    left = count - share
    # Midranks about their mean, N/2: the sum of squares about 0 is then SST itself.
    rank = np.cumsum(left, axis=1) - left / 2 - kept.ratings[:, None] / 2
    whole = rank**2 @ count.astype(np.float64)
    whole -= ((rank @ _coincidences(table)) * rank).sum(axis=1)
    squares = alpha.pair_squares(rank[of_rating, table.code], table)
    within = np.maximum(whole - np.bincount(prompt, squares, samples), 0.0)
    return kept._replace(within=within, total=(left * rank**2).sum(axis=1))


def _coincidences(table: Pairable) -> Floats:
    """How often each two values meet in a unit, each pair of ratings counting 1 / (m_u - 1)."""
    values, size = len(table.domain), table.size
    if size.max() > values:
        cells = np.bincount(table.unit * values + table.code, minlength=len(size) * values)
        cells = cells.reshape(len(size), values).astype(np.float64)
        weighted = cells / (size - 1)[:, None]
        return np.asarray(weighted.T @ cells - np.diag(weighted.sum(axis=0)))
    found = np.zeros(values**2)
    weight = 1 / (size - 1)[table.unit]
    for step in range(1, int(size.max())):
        same = np.flatnonzero(table.unit[step:] == table.unit[:-step])
        cell = table.code[same] * values + table.code[same + step]
        found += np.bincount(cell, weight[same], values**2)
    one_way = found.reshape(values, values)
    return one_way + one_way.T
