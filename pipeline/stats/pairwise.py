"""How far do two raters agree by measures other than alpha, and who is the harsher.

AC2: Gwet (2014), "Handbook of Inter-Rater Reliability", 4th ed., ch. 4. Weighted kappa: Cohen
(1968). tau-b: Kendall (1945). Rank agreement and alpha part ways where scales are offset, so both
are shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import PAIRWISE
from pipeline.stats import alpha, crosstabs, pairs, ranks
from pipeline.stats.alpha import Codes, Floats, Grid, Mask
from pipeline.stats.crosstabs import Crosstabs
from pipeline.stats.pairs import Pair
from pipeline.tables import conform

Row = dict[str, str | float | int | None]

_CELLS = 4_000_000
"""Answers times values beyond which there is no AC2."""


MEASURES = ("ac2", "kappa", "tau_b", "spearman", "bias")


class Measure(NamedTuple):
    """A measure of agreement, or why there is none."""

    value: float | None
    reason: str | None
    """Set exactly where `value` is None."""


def kappa(one: Floats, two: Floats) -> Measure:
    """Cohen's kappa with quadratic weights, 1 - E(x-y)^2 / (var x + var y + (mean x - mean y)^2).

    >>> round(kappa(np.array([1.0, 2, 3, 3]), np.array([1.0, 2, 2, 3])).value, 4)
    0.8
    """
    if not len(one):
        return Measure(None, "no answer rated by both")
    expected = float(one.var() + two.var() + (one.mean() - two.mean()) ** 2)
    if expected == 0:
        return Measure(None, f"all ratings are equal ({one[0]:g})")
    return Measure(1 - float(((one - two) ** 2).mean()) / expected, None)


def spearman(one: Floats, two: Floats) -> Measure:
    """Spearman's correlation: Pearson's of the midranks.

    >>> round(spearman(np.array([1.0, 2, 3, 3]), np.array([1.0, 2, 2, 3])).value, 4)
    0.8333
    """
    reason = ranks.flat(one, two)
    if reason:
        return Measure(None, reason)
    x, y = (_midrank(each) for each in (one, two))
    return Measure(float(x @ y) / float(np.sqrt((x @ x) * (y @ y))), None)


def tau_b(one: Floats, two: Floats) -> Measure:
    """Kendall's tau-b: (concordant - discordant) / sqrt of the pairs untied in each.

    >>> round(tau_b(np.array([1.0, 2, 3, 3]), np.array([1.0, 2, 2, 3])).value, 4)
    0.8
    """
    found = ranks.measured(Pair(one, two, np.zeros(len(one), np.int64), 1), 0)
    return Measure(found.value, found.reason)


def bias(one: Floats, two: Floats) -> Measure:
    """The mean of one - two, in levels: above 0, `one` is the milder.

    >>> bias(np.array([2.0, 3]), np.array([1.0, 3])).value
    0.5
    """
    if not len(one):
        return Measure(None, "no answer rated by both")
    return Measure(float((one - two).mean()), None)


def ac2(values: Floats, levels: Sequence[float] = ()) -> Measure:
    """Gwet's AC2 of raters x answers with quadratic weights; NaN = not rated.

    The categories are `levels` and what was given beyond their ends, without levels all values
    given: AC2, unlike alpha, depends on how many there are. A value between two levels, as a
    panel's median may be, is no category of its own: it is shared out between its neighbours.

    >>> both = np.array([[1.0, 2, 3, 3], [1, 2, 2, 3]])
    >>> round(ac2(both).value, 4), round(ac2(both, range(1, 6)).value, 4)
    (0.8182, 0.9594)
    >>> both[0, 1] = 2.5  # half of it to 2, half to 3
    >>> round(ac2(both, range(1, 6)).value, 4)
    0.9502
    """
    rated = ~np.isnan(values)
    domain = _categories(values[rated], levels)
    size = rated.sum(axis=0)
    if not (size >= 2).any():
        return Measure(None, "no answer has two ratings")
    if len(domain) < 2:
        return Measure(None, f"all ratings are equal ({domain[0]:g})")
    if values.shape[1] * len(domain) > _CELLS:
        return Measure(None, f"{len(domain)} values are too many for AC2")
    # Weights are 1 - squared difference / range^2, so that sums of squares stand for all pairs.
    x = np.where(rated, (values - domain.mean()) / (domain[-1] - domain[0]), 0.0)
    twice = size >= 2
    m, one, two = size[twice], x.sum(axis=0)[twice], (x * x).sum(axis=0)[twice]
    observed = 1 - float((2 * (m * two - one * one) / (m * (m - 1))).mean())
    unit_share = np.broadcast_to(1 / np.maximum(size, 1), values.shape)[rated]
    below, part = _between(values[rated], domain)
    shared = np.bincount(below, unit_share * (1 - part), len(domain) + 1)
    shared = shared + np.bincount(below + 1, unit_share * part, len(domain) + 1)
    share = shared[:-1] / int((size >= 1).sum())
    q, place = len(domain), (domain - domain.mean()) / (domain[-1] - domain[0])
    weights = q * q - 2 * (q * float(place @ place) - float(place.sum()) ** 2)
    expected = weights / (q * (q - 1)) * float((share * (1 - share)).sum())
    return Measure((observed - expected) / (1 - expected), None)


def by_rubric(
    ratings: pl.DataFrame,
    metrics: Mapping[str, str],
    levels: Mapping[str, Sequence[float]] | None = None,
) -> pl.DataFrame:
    """Per rubric of `metrics` the people among themselves, and each judge beside them: PAIRWISE.

    A mean over pairs of raters, those who share few prompts taken together (`pairs.beside`).
    `levels` are those of each rubric, for AC2. Names that have no order (nominal, more than two)
    have none of these measures.
    """
    rows = [
        {"rubric": rubric, **row}
        for rubric, metric in metrics.items()
        for row in _rows(
            alpha.pivot(ratings.filter(pl.col("rubric") == rubric)),
            metric,
            (levels or {}).get(rubric, ()),
        )
    ]
    return conform(pl.DataFrame(rows, schema=PAIRWISE), PAIRWISE)


def _rows(grid: Grid, metric: str, levels: Sequence[float]) -> Iterator[Row]:
    kind, names = grid.raters["kind"].to_numpy(), grid.raters["rater"]
    people = grid.values[kind == "human"]
    unordered = metric == "nominal" and len(np.unique(people[~np.isnan(people)])) > 2
    couples = pairs.among(people, grid.prompts)
    yield {
        "comparison": "humans",
        "rater": None,
        **_measures(couples, levels, unordered, ac2(people, levels)),
        "bias": None,
    }
    for comparison in ("judge", "panel"):
        for place in np.flatnonzero(kind == comparison):
            met = pairs.beside(grid.values[place], people, grid.prompts)
            yield {
                "comparison": f"{comparison}-human",
                "rater": names[int(place)],
                **_measures(met, levels, unordered),
            }


def _measures(
    met: list[Pair], levels: Sequence[float], unordered: bool, common: Measure | None = None
) -> Row:
    """Each measure's mean over the pairs for which it is defined, and what is not.

    `common` is the AC2 of all, where it is not that of each pair.
    """
    row: Row = {"pairs": sum(pair.raters for pair in met)}
    if not met or unordered:
        why = "nobody to meet" if not met else "the levels are names without an order"
        return {**row, **dict.fromkeys(MEASURES), "note": why}
    notes = {}
    measures = _each(met, levels)
    if common is not None:
        measures["ac2"] = [common] * len(met)
    for name, each in measures.items():
        found = [(pair.weight, m) for pair, m in zip(met, each, strict=True)]
        kept = [(w, m.value) for w, m in found if m.value is not None]
        row[name] = None
        if kept:
            weights, values = zip(*kept, strict=True)
            row[name] = float(np.average(values, weights=weights))
        reasons = sorted({m.reason for _, m in found if m.reason})
        if reasons:
            notes[name] = f"{name} of some pairs not defined: {', '.join(reasons)}"
    return {**row, "note": "; ".join(notes.values()) or None}


def _each(met: list[Pair], levels: Sequence[float]) -> dict[str, list[Measure]]:
    """Each measure of each pair: by tables of counts where the scores have few values."""
    found = crosstabs.each(
        met,
        0,
        lambda tables: _of_tables(tables, levels),
        lambda pair: [measure(pair, levels) for measure in _OF_PAIR.values()],
    )
    taus = [Measure(x.value, x.reason) for x in crosstabs.taus(met, 0)]
    by_name = dict(zip(_OF_PAIR, map(list, zip(*found, strict=True)), strict=True))
    return {name: by_name.get(name, taus) for name in MEASURES}


def _of_tables(tables: Crosstabs, levels: Sequence[float]) -> list[list[Measure]]:
    """The measures of _OF_PAIR of each pair; what has no value is measured alone, for its reason.

    Scores are taken about the mean of both raters, so that no square is of a large number.
    """
    counts, value = tables.counts[..., 0], tables.domain[:, None]
    one, two = counts.sum(axis=1), counts.sum(axis=0)
    n = one.sum(axis=0)
    x = value - ((one + two) * value).sum(axis=0) / (2 * n)
    bias = ((one - two) * x).sum(axis=0) / n
    apart = (counts * (x[:, None] - x[None]) ** 2).sum(axis=(0, 1)) / n
    # the means lie bias / 2 to either side of 0
    expected = ((one + two) * x**2).sum(axis=0) / n + bias**2 / 2
    differ = ((one + two) > 0).sum(axis=0) > 1
    rank = [np.cumsum(side, axis=0) - side / 2 - n / 2 for side in (one, two)]
    size = (one * rank[0] ** 2).sum(axis=0) * (two * rank[1] ** 2).sum(axis=0)
    together = (counts * rank[0][:, None] * rank[1][None]).sum(axis=(0, 1))
    values = {
        "ac2": _ac2_of_tables(tables.domain, (one + two) / (2 * n), apart, levels),
        "kappa": 1 - _ratio(apart, expected, differ),
        "spearman": _ratio(together, np.sqrt(size), size > 0),
        "bias": bias,
    }
    return [
        [
            measure(pair, levels) if np.isnan(values[name][i]) else Measure(values[name][i], None)
            for name, measure in _OF_PAIR.items()
        ]
        for i, pair in enumerate(tables.pairs)
    ]


def _ac2_of_tables(domain: Floats, share: Floats, apart: Floats, levels: Sequence[float]) -> Floats:
    """AC2 of each pair from the share of each value and the mean squared difference."""
    every = _categories(domain, levels)
    below, part = _between(domain, every)
    shares = np.zeros((len(every) + 1, share.shape[1]))
    np.add.at(shares, below, share * (1 - part)[:, None])
    np.add.at(shares, below + 1, share * part[:, None])
    shares = shares[:-1]
    given = (shares > 0) | np.isin(every, levels)[:, None]
    low = np.where(given, every[:, None], np.inf).min(axis=0)
    width = np.where(given, every[:, None], -np.inf).max(axis=0) - low
    q = given.sum(axis=0)
    place = np.where(given, every[:, None] - low - width / 2, 0.0)
    squares = 2 * (q * (place**2).sum(axis=0) - place.sum(axis=0) ** 2)
    some = width > 0
    weight = (q * q - _ratio(squares, width**2, some)) / np.maximum(q * (q - 1), 1)
    expected = weight * (shares * (1 - shares)).sum(axis=0)
    observed = 1 - _ratio(apart, width**2, some)
    return _ratio(observed - expected, 1 - expected, some)


def _categories(values: Floats, levels: Sequence[float]) -> Floats:
    """The categories of AC2, rising: the levels, and the values beyond them."""
    scale = np.unique(np.asarray(levels, np.float64))
    if len(scale):
        values = values[(values < scale[0]) | (values > scale[-1])]
    return np.unique(np.concatenate((values, scale)))


def _between(values: Floats, categories: Floats) -> tuple[Codes, Floats]:
    """The category at or below each value, and how far up it lies to the next: 0 to below 1."""
    below = np.searchsorted(categories, values, side="right") - 1
    above = np.minimum(below + 1, len(categories) - 1)
    width = categories[above] - categories[below]
    return below, np.where(width > 0, (values - categories[below]) / np.maximum(width, 1e-300), 0.0)


def _ratio(above: Floats, below: Floats, some: Mask) -> Floats:
    """`above / below` where `some`, NaN elsewhere."""
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=some))


def _midrank(values: Floats) -> Floats:
    """Ranks about their mean, ties in the middle."""
    _, code, count = np.unique(values, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - count / 2
    return np.asarray(rank[code] - len(values) / 2)


_OF_PAIR: dict[str, Callable[[Pair, Sequence[float]], Measure]] = {
    "ac2": lambda pair, levels: ac2(np.stack((pair.one, pair.two)), levels),
    "kappa": lambda pair, _: kappa(pair.one, pair.two),
    "spearman": lambda pair, _: spearman(pair.one, pair.two),
    "bias": lambda pair, _: bias(pair.one, pair.two),
}
"""Measures of two raters as they are counted where there are no tables; tau-b has its own."""
