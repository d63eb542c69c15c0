"""How far do two raters agree, for many pairs at once: from tables of which scores met how often.

Where the scores have few values the table says all of a pair, and a table less a prompt's own is
what is left without the prompt. Elsewhere each pair is measured alone, with the same result.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.stats import alpha, jackknife, ranks
from pipeline.stats.alpha import Floats
from pipeline.stats.jackknife import LeftOut
from pipeline.stats.pairs import Measured, Pair

_ROUNDING = 1e-9
_CELLS = 1_000_000
"""Cells of tables held at once."""
_SMALL = 50_000
"""Cells of a pair's tables up to which they are quicker than its answers, however few these are."""
_EACH = 40
"""And more of them for more answers, so many for each."""


Found = TypeVar("Found")


class Crosstabs(NamedTuple):
    """How often each value of the one rater met each value of the other."""

    pairs: Sequence[Pair]
    domain: Floats
    """The values, ascending."""
    counts: Floats
    """Values x values x pairs x samples: without prompt 0, 1, ...; the last sample is whole."""


def alphas(pairs: Sequence[Pair], prompts: int, metric: str) -> list[Measured]:
    """Krippendorff's alpha of each pair, whole and without prompt 0, 1, ..., `prompts` - 1.

    >>> pair = Pair(np.array([1.0, 2, 3, 1]), np.array([1.0, 2, 2, 1]), np.array([0, 0, 1, 1]), 1)
    >>> (found,) = alphas([pair], 2, "ordinal")
    >>> round(found.value, 3), found.left_out.value.round(3)
    (0.9, array([0.833, 1.   ]))
    """

    def alone(pair: Pair) -> Measured:
        both = np.stack((pair.one, pair.two))
        found = alpha.point(both, metric)
        if found.value is None:
            return Measured(None, found.reason, LeftOut(np.zeros(0), np.zeros(0, np.bool_)))
        return Measured(found.value, None, jackknife.left_out(both, pair.prompt, prompts, metric))

    return each(pairs, prompts, lambda tables: _alphas(tables, metric), alone)


def taus(pairs: Sequence[Pair], prompts: int) -> list[Measured]:
    """tau-b of each pair, whole and without prompt 0, 1, ..., `prompts` - 1."""
    return each(pairs, prompts, _taus, lambda pair: ranks.measured(pair, prompts))


def each(
    pairs: Sequence[Pair],
    prompts: int,
    together: Callable[[Crosstabs], list[Found]],
    alone: Callable[[Pair], Found],
) -> list[Found]:
    """What is found of each pair, by tables where these are small; 0 prompts = the whole only."""
    longest = max((len(pair.one) for pair in pairs), default=0)
    domain = np.unique(np.concatenate([x for pair in pairs for x in pair[:2]] or [np.zeros(0)]))
    cells = len(domain) ** 2 * (prompts + 1)
    dense = (prompts + longest + len(domain)) * len(domain)
    if cells > max(_SMALL, _EACH * longest) or dense > jackknife.DENSE_CELLS:
        return [alone(pair) for pair in pairs]
    return [x for tables in _batches(pairs, prompts, domain) for x in together(tables)]


def _batches(pairs: Sequence[Pair], prompts: int, domain: Floats) -> Iterator[Crosstabs]:
    """The tables of the pairs, as many at once as memory likes."""
    values = len(domain)
    step = max(1, _CELLS // (values**2 * (prompts + 1) or 1))
    for start in range(0, len(pairs), step):
        some = pairs[start : start + step]
        one, two, prompt = (np.concatenate([pair[i] for pair in some]) for i in range(3))
        x, y = (np.searchsorted(domain, z) for z in (one, two))
        owner = np.repeat(np.arange(len(some)), [len(pair.one) for pair in some])
        cell = (x * values + y) * len(some) + owner
        shape = values, values, len(some)
        whole = np.bincount(cell, minlength=values**2 * len(some)).reshape(*shape, 1)
        counts = np.empty((*shape, prompts + 1))
        counts[..., -1:] = whole
        if prompts:
            cell = cell * prompts + prompt
            own = np.bincount(cell, minlength=whole.size * prompts).reshape(*shape, prompts)
            np.subtract(whole, own, out=counts[..., :-1])
        yield Crosstabs(some, domain, counts)


def _alphas(tables: Crosstabs, metric: str) -> list[Measured]:
    """Alpha = 1 - (N-1) W / (N S), as in `alpha.closed_form`, of every sample of every pair."""
    count = tables.counts.sum(axis=0) + tables.counts.sum(axis=1)
    within, total = _sums(tables, count, metric)
    n = count.sum(axis=0)
    defined = ((count > 0).sum(axis=0) >= 2) & (total > _ROUNDING * total[:, -1:])
    ratio = np.divide((n - 1) * within, n * total, out=np.zeros_like(n), where=defined)
    return [
        Measured(float(1 - ratio[i, -1]), None, LeftOut(1 - ratio[i, :-1], defined[i, :-1]))
        if defined[i, -1]
        else Measured(
            None,
            f"all ratings are equal ({pair.one[0]:g})",
            LeftOut(np.zeros(0), np.zeros(0, np.bool_)),
        )
        for i, pair in enumerate(tables.pairs)
    ]


def _sums(tables: Crosstabs, count: Floats, metric: str) -> tuple[Floats, Floats]:
    """W, the sum of distances within answers, and S = sum over values of c_v c_w d_vw / (2N)."""
    counts, n = tables.counts, count.sum(axis=0)
    if metric == "nominal":
        same = np.einsum("iikp->kp", counts)
        total = (n * n - (count * count).sum(axis=0)) / (2 * np.maximum(n, 1))
        return n / 2 - same, total
    if metric == "ordinal":
        place = np.cumsum(count, axis=0) - count / 2
    else:
        place = _positions(tables, count)
    place = place - (count * place).sum(axis=0) / np.maximum(n, 1)
    total = (count * place**2).sum(axis=0)
    within = np.zeros_like(total)
    for i, row in enumerate(counts):
        within += (row * (place - place[i]) ** 2).sum(axis=0)
    return within, total


def _positions(tables: Crosstabs, count: Floats) -> Floats:
    """The values on each pair's own scale from 0 to 1; see `alpha.positions`."""
    given = count[:, :, -1] > 0
    value = tables.domain[:, None]
    low = np.where(given, value, np.inf).min(axis=0)
    spread = np.where(given, value, -np.inf).max(axis=0) - low
    if not np.isfinite(spread).all():
        ends = tables.domain[0], tables.domain[-1]
        raise ValueError(f"interval scores reach from {ends[0]} to {ends[1]}")
    place = np.where(given, value - low, 0.0) / np.where(spread > 0, spread, 1.0)
    return np.asarray(place[:, :, None])


def _taus(tables: Crosstabs) -> list[Measured]:
    """Concordant less discordant answers, from what lies above each cell to either side."""
    counts = tables.counts
    above = np.flip(np.cumsum(np.flip(counts, 0), axis=0), 0) - counts
    # to the left of a cell are discordant ones, to its right concordant
    upto = np.cumsum(above, axis=1)
    lead = upto[:, -1:] - 2 * upto + above
    score = (counts * lead).sum(axis=(0, 1))
    tied = [(counts.sum(axis=axis) ** 2).sum(axis=0) for axis in (1, 0)]
    found = ranks.taus(score, counts.sum(axis=(0, 1)), tied[0], tied[1])
    measured = []
    for pair, value in zip(tables.pairs, found, strict=True):
        left = LeftOut(np.nan_to_num(value[:-1]), ~np.isnan(value[:-1]))
        reason = ranks.flat(pair.one, pair.two)
        measured.append(Measured(None if reason else float(value[-1]), reason, left))
    return measured
