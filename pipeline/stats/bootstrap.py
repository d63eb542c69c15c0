"""How would alpha scatter were the answers drawn again: thousands of replicates at once.

Answers with the same ratings are one pattern; a replicate is a multinomial weight per pattern, and
one matrix product gives the sums of all replicates. The interval that is reported comes from the
jackknife over prompts (METHOD, section 1): the bootstrap's covers less.
"""

from typing import NamedTuple

import numpy as np

from pipeline.stats import alpha
from pipeline.stats.alpha import Codes, Floats, Pairable

_CELLS = 20_000_000
"""Numbers held at once in any one array."""
_FEW = 64
"""Up to so many different values units are sorted into patterns of how often each was given."""


class Replicates(NamedTuple):
    """Alpha of each replicate, or why there is none."""

    alpha: Floats
    """Only of replicates in which it is defined."""
    undefined: int
    """Replicates in which all ratings are equal."""
    reason: str | None


class _Patterns(NamedTuple):
    """What is drawn with replacement."""

    times: Codes
    """How often each pattern stands in the sample."""
    sums: Floats
    """Patterns x what one of them adds to a replicate; see `_sums`."""


def replicates(
    values: Floats,
    metric: str,
    count: int = 10_000,
    seed: int = 0,
    prompts: Codes | None = None,
) -> Replicates:
    """Alpha of `count` samples of the units (columns) of `values`, drawn with replacement.

    With `prompts`, the prompt of each unit, whole prompts are drawn. Ordinal distances are taken
    from each replicate's own marginals.

    >>> ratings = np.array([[1.0, 2, 3, 3, 2, 1, 4, 1, 2], [1, 2, 3, 3, 2, 2, 4, 1, 2]])
    >>> found = replicates(ratings, "ordinal", 1000)
    >>> len(found.alpha), found.undefined, bool(0.9 < np.median(found.alpha) < 1)
    (1000, 0, True)

    Raises:
        ValueError: the metric is not known, or is interval over values that are not finite.
    """
    reason = alpha.point(values, metric).reason
    table = alpha.pairable(values)
    domain = len(table.domain)
    width = domain * (domain + 1) // 2 if metric == "ordinal" else domain + 1
    if reason is None and metric != "interval" and len(table.size) * width > _CELLS:
        reason = f"too many different scores for a bootstrap: {domain} in {len(table.size)} answers"
    if reason is not None:
        return Replicates(np.array([]), 0, reason)
    patterns = _patterns(table, metric, None if prompts is None else prompts[table.kept])
    draws = int(patterns.times.sum())
    batch = max(1, _CELLS // sum(patterns.sums.shape))
    random = np.random.default_rng(seed)
    found = np.concatenate(
        [
            _alphas(
                random.multinomial(draws, patterns.times / draws, min(batch, count - start)),
                patterns.sums,
                metric,
                domain,
            )
            for start in range(0, count, batch)
        ]
    )
    defined = ~np.isnan(found)
    return Replicates(found[defined], int((~defined).sum()), None)


def _patterns(table: Pairable, metric: str, prompts: Codes | None) -> _Patterns:
    """Units with the same ratings are one pattern; with `prompts`, each prompt is one."""
    units, domain = len(table.size), len(table.domain)
    if metric == "interval" and domain > _FEW:
        sums, unit = _moments(table), np.arange(units)
    else:
        cells = np.bincount(table.unit * domain + table.code, minlength=units * domain)
        kinds, unit = _distinct(cells.reshape(units, domain))
        sums = _sums(kinds, alpha.positions(table, metric), metric)
    if prompts is None:
        return _Patterns(np.bincount(unit), sums)
    names, prompt = np.unique(prompts, return_inverse=True)
    kind, times = np.unique(prompt * len(sums) + unit, return_counts=True)
    owner, kind = np.divmod(kind, len(sums))
    start = np.searchsorted(owner, np.arange(len(names)))
    return _Patterns(
        np.ones(len(names), np.int64), np.add.reduceat(sums[kind] * times[:, None], start)
    )


def _distinct(cells: Codes) -> tuple[Codes, Codes]:
    """The different rows of `cells`, and which of them each row is."""
    base = int(cells.max()) + 1
    if base ** cells.shape[1] < 2**62:
        code = cells @ (base ** np.arange(cells.shape[1]))
        _, first, kind = np.unique(code, return_index=True, return_inverse=True)
        return cells[first], kind
    kinds, kind = np.unique(cells, axis=0, return_inverse=True)
    return kinds, kind.reshape(-1)


def _sums(kinds: Codes, place: Floats, metric: str) -> Floats:
    """What a unit of each kind adds, a kind being how often each value was given.

    ordinal: the values' counts and, for each pair of values i < j, c_i c_j / (m - 1); nominal: the
    counts and w_u; interval: m, the sums of x and x^2, and w_u.
    """
    size = kinds.sum(axis=1)
    if metric == "ordinal":
        i, j = np.triu_indices(kinds.shape[1], 1)
        return np.hstack((kinds, kinds[:, i] * kinds[:, j] / (size - 1)[:, None]))
    if metric == "nominal":
        within = (size**2 - (kinds**2).sum(axis=1)) / 2 / (size - 1)
        return np.column_stack((kinds, within))
    one, two = kinds @ place, kinds @ place**2
    return np.column_stack((size, one, two, (size * two - one**2) / (size - 1)))


def _moments(table: Pairable) -> Floats:
    """The sums of `_sums` for the metric interval, of each unit, however many values there are."""
    place = alpha.positions(table, "interval")[table.code]
    one, two = (np.bincount(table.unit, x) for x in (place, place**2))
    return np.column_stack((table.size, one, two, alpha.pair_squares(place, table)))


def _alphas(weight: Codes, sums: Floats, metric: str, domain: int) -> Floats:
    """Alpha = 1 - (N-1) W / (N S) of each replicate; NaN where nothing differs."""
    total = weight.astype(np.float64) @ sums
    if metric == "interval":
        n, within = total[:, 0], total[:, 3]
        spread = total[:, 2] - total[:, 1] ** 2 / n
    elif metric == "nominal":
        count, within = total[:, :domain], total[:, domain]
        n = count.sum(axis=1)
        spread = (n**2 - (count**2).sum(axis=1)) / (2 * n)
    else:
        count, pairs = total[:, :domain], total[:, domain:]
        n = count.sum(axis=1)
        rank = np.cumsum(count, axis=1) - count / 2
        i, j = np.triu_indices(domain, 1)
        within = (pairs * (rank[:, i] - rank[:, j]) ** 2).sum(axis=1)
        spread = (count * (rank - n[:, None] / 2) ** 2).sum(axis=1)
    left = np.full(len(n), np.nan)
    some = spread > 1e-12 * n
    left[some] = 1 - (n[some] - 1) * within[some] / (n[some] * spread[some])
    return left
