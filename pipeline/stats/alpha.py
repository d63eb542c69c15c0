"""How far do several raters agree: Krippendorff's alpha of one table of ratings.

Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability"; ordinal distances by midranks.
"""

import math
from typing import Literal, NamedTuple, cast

import krippendorff
import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PLACES = "raters are places in the table, not persons"
"""Why nothing is said of single persons where what stands for a rater is a place in a row."""
METRICS = ("nominal", "ordinal", "interval")

_PACKAGE_CELLS = 100_000
"""The package holds several arrays of units x values x values; above this the closed form is used,
which gives the same number, faster, in memory that grows with the ratings only."""


class Grid(NamedTuple):
    """The ratings of one rubric as an array: the one place where null becomes NaN."""

    values: Floats
    """Raters x answers; NaN = not rated."""
    raters: pl.DataFrame
    """kind, rater and computed of each row of `values`."""
    prompts: Codes
    """The number of the prompt of each column of `values`."""


class Pairable(NamedTuple):
    """The ratings that can be paired: those of units with at least two."""

    kept: Codes
    """Columns of the array that are such units, ascending; `unit` counts these."""
    unit: Codes
    """The unit of each rating, ascending."""
    code: Codes
    """The place of each rating's value in `domain`."""
    domain: Floats
    """The distinct values, ascending."""
    size: Codes
    """Ratings per unit: m_u."""


class Alpha(NamedTuple):
    """Krippendorff's alpha, or why there is none."""

    value: float | None
    reason: str | None
    """Set exactly where `value` is None."""
    units: int
    """Units with at least two ratings."""
    ratings: int
    """Ratings of those units."""
    raters: int
    """Raters who gave one of them."""


def pivot(ratings: pl.DataFrame) -> Grid:
    """The grid of one rubric's ratings, rows by kind and rater, columns by response.

    Takes the columns response, prompt, kind, rater, computed and score of RATINGS.

    Raises:
        ValueError: a rater has two scores for one response.
    """
    raters = ratings.group_by("kind", "rater").agg(pl.col("computed").fill_null(False).any())
    raters = raters.sort("kind", "rater")
    answers = ratings.group_by("response").agg(pl.col("prompt").first()).sort("response")
    places = raters.drop("computed").with_row_index("row")
    scored = (
        # the rank of a response is its place among `answers`
        ratings.select(pl.col("response").rank("dense").alias("column"), "kind", "rater", "score")
        .drop_nulls("score")
        .join(places, on=["kind", "rater"])
    )
    assert not scored["score"].is_nan().any(), "a missing score is null, never NaN"
    row, column = scored["row"].to_numpy(), scored["column"].to_numpy() - 1
    cell = row.astype(np.int64) * answers.height + column
    if (times := np.bincount(cell)).size and times.max() > 1:
        first, place = np.divmod(int(times.argmax()), answers.height)
        rater, response = raters["rater"][int(first)], answers["response"][int(place)]
        raise ValueError(f"rater {rater!r} has more than one score for response {response!r}")
    values = np.full((raters.height, answers.height), np.nan)
    values[row, column] = scored["score"].to_numpy()
    prompts = answers["prompt"].rank("dense").cast(pl.Int64).to_numpy() - 1
    return Grid(values, raters, prompts)


def pairable(values: Floats) -> Pairable:
    """The ratings of the units (columns) of `values` that have at least two."""
    size = (~np.isnan(values)).sum(axis=0)
    kept = np.flatnonzero(size >= 2)
    by_unit = values[:, kept].T
    given = by_unit[~np.isnan(by_unit)]
    unit = np.repeat(np.arange(len(kept)), size[kept])
    # Sorting and looking up is several times as fast as `unique` with its inverse.
    domain = np.unique(given)
    code = np.searchsorted(domain, given)
    return Pairable(kept, unit, code, domain, size[kept])


def positions(table: Pairable, metric: str) -> Floats:
    """A point on a line for each value, such that a distance of `metric` is a squared difference.

    For ordinal ones this is the midrank m_v = (ratings below v) + n_v/2: Krippendorff's distance
    (n_v/2 + all between + n_w/2)^2 is (m_v - m_w)^2. Interval values are brought to 0..1, which
    alpha does not notice and which keeps squares from over- and underflowing.

    >>> positions(pairable(np.array([[1.0, 1, 2, 9], [1, 2, 2, 9]])), "ordinal")
    array([1.5, 4.5, 7. ])

    Raises:
        ValueError: the metric is none of METRICS, or is interval over values that are not finite.
    """
    if metric == "ordinal":
        count = np.bincount(table.code, minlength=len(table.domain))
        return np.asarray(np.cumsum(count) - count / 2)
    if metric == "nominal":
        return np.arange(len(table.domain), dtype=np.float64)
    if metric != "interval":
        raise ValueError(f"metric {metric!r} is not known, expected one of {METRICS}")
    spread = float(table.domain[-1]) - float(table.domain[0])
    if not math.isfinite(spread):
        raise ValueError(f"interval scores reach from {table.domain[0]} to {table.domain[-1]}")
    return np.asarray((table.domain - table.domain[0]) / (spread or 1.0))


def pair_squares(x: Floats, table: Pairable) -> Floats:
    """Per unit, the sum over its pairs of (x_i - x_j)^2 / (m_u - 1); `x` holds one per rating."""
    start = np.cumsum(table.size) - table.size
    # Seen from the unit's first rating, a unit whose ratings agree gives exactly 0.
    x = x - np.repeat(x[start], table.size)
    one = np.bincount(table.unit, x, len(table.size))
    two = np.bincount(table.unit, x * x, len(table.size))
    return np.asarray((table.size * two - one * one) / (table.size - 1))


def unit_disagreement(table: Pairable, metric: str) -> Floats:
    """w_u of Hughes (2022): per unit, the sum over its pairs of distance / (m_u - 1)."""
    if metric != "nominal":
        return pair_squares(positions(table, metric)[table.code], table)
    values = len(table.domain)
    cell, count = np.unique(table.unit * values + table.code, return_counts=True)
    same = np.bincount(cell // values, count * count, len(table.size))
    return np.asarray((table.size**2 - same) / 2 / (table.size - 1))


def closed_form(table: Pairable, metric: str) -> float:
    """Alpha in memory that grows with the ratings, however many values they have.

    alpha = 1 - (N-1) W / (N S) with W = sum over units of w_u and S = sum over values of
    n_v n_w d_vw / (2N), which for squared differences is the sum of squares about the mean.
    There must be two different values.
    """
    n = len(table.code)
    count = np.bincount(table.code)
    x = positions(table, metric)
    if metric == "nominal":
        total = (n * n - float(count @ count)) / (2 * n)
    else:
        total = float(count @ (x - count @ x / n) ** 2)
    return float(1 - (n - 1) * unit_disagreement(table, metric).sum() / (n * total))


def point(values: Floats, metric: str) -> Alpha:
    """Krippendorff's alpha of a raters x units array, NaN for missing.

    Example C of Krippendorff (2011), four observers and twelve units:

    >>> _ = np.nan
    >>> c = np.array([[1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    ...               [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    ...               [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    ...               [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _]])
    >>> [round(point(c, metric).value, 3) for metric in METRICS]
    [0.743, 0.815, 0.849]
    >>> point(np.ones((2, 5)), "nominal").reason
    'all ratings are equal (1)'

    Raises:
        ValueError: the metric is none of METRICS, or is interval over values that are not finite.
    """
    if metric not in METRICS:
        raise ValueError(f"metric {metric!r} is not known, expected one of {METRICS}")
    table = pairable(values)
    raters = int((~np.isnan(values[:, table.kept])).any(axis=1).sum())
    reason = _undefined(values, table)
    value = None if reason else _value(table, metric)
    return Alpha(value, reason, len(table.size), len(table.code), raters)


def _undefined(values: Floats, table: Pairable) -> str | None:
    """Why alpha is not defined: what cannot differ cannot agree beyond chance either."""
    if np.isnan(values).all():
        return "nothing is rated"
    if not len(table.size):
        return "no answer has two ratings"
    if len(table.domain) == 1:
        return f"all ratings are equal ({table.domain[0]:g})"
    return None


def _value(table: Pairable, metric: str) -> float:
    units, values = len(table.size), len(table.domain)
    if units * values**2 > _PACKAGE_CELLS:
        return closed_form(table, metric)
    counts = np.bincount(table.unit * values + table.code, minlength=units * values)
    return float(
        krippendorff.alpha(
            value_counts=counts.reshape(units, values),
            value_domain=positions(table, metric),
            level_of_measurement=cast(Literal["nominal", "ordinal", "interval"], metric),
        )
    )
