"""How wide are the arms' landscapes, and how far apart: means over prompts, with intervals.

A prompt is a task. Its places, draws and, over all languages, its languages are averaged first, so
that the interval is Student's over prompts; arms are compared on the prompts that both have.
"""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from pipeline.findings import DIVERGENCE, LANDSCAPE, LANDSCAPE_GAPS
from pipeline.stats import ppi
from pipeline.stats.alpha import Floats
from pipeline.tables import conform

MEASURES = ("entropy_own", "entropy_same", "distinct_1", "distinct_2", "distinct_3", "spread")
"""In the order of the tables."""
FLAT = "no interval: the same on every prompt"
VEIL = "much of the probability is not shown"
VEILED = 0.25
"""Share of the probability beyond which what is not shown is said in a note."""
SHARES = ("distinct_1", "distinct_2", "distinct_3", "same_top")
"""Measures that lie between 0 and 1; the others lie above 0."""

CELLS = pl.Schema(
    {
        "measure": pl.String,
        "arm": pl.String,
        "language": pl.String,
        "prompt": pl.String,
        "value": pl.Float64,
        "most": pl.Float64,
        "rest": pl.Float64,
        "units": pl.Int64,
    }
)
"""One row per measure, arm, language and prompt."""

PAIRED = pl.Schema(
    {
        "measure": pl.String,
        "high_arm": pl.String,
        "low_arm": pl.String,
        "language": pl.String,
        "prompt": pl.String,
        "difference": pl.Float64,
    }
)
"""One row per measure, pair of arms, language and prompt that both have."""

APART = pl.Schema(
    {
        "high_arm": pl.String,
        "low_arm": pl.String,
        "language": pl.String,
        "prompt": pl.String,
        "forward": pl.Float64,
        "backward": pl.Float64,
        "shannon": pl.Float64,
        "same_top": pl.Float64,
        "shared": pl.Float64,
    }
)
"""One row per pair of arms and prefix."""

Pair = tuple[str, str]


class Mean(NamedTuple):
    """A mean over prompts, or why a part of it is missing."""

    value: float | None
    low: float | None
    high: float | None
    """95% interval."""
    p: float | None
    """Two-sided, of a mean of 0."""
    note: str | None


def mean(values: Floats) -> Mean:
    """The mean of one value a prompt with Student's 95% interval.

    >>> import numpy as np
    >>> mean(np.array([1.0, 2.0, 3.0])).value, mean(np.array([1.0, 2.0])).note
    (2.0, 'no interval: 2 of 3 prompts needed')
    >>> mean(np.array([0.5, 0.5, 0.5])).note
    'no interval: the same on every prompt'
    """
    n = len(values)
    if n == 0:
        return Mean(None, None, None, None, "no prompt has a value")
    value = float(values.mean())
    if n < 3:
        return Mean(value, None, None, None, f"no interval: {n} of 3 prompts needed")
    found = ppi.student(value, float(values.std(ddof=1)) / n**0.5, n - 1)
    return Mean(value, found.low, found.high, found.p, FLAT if found.low is None else None)


def by_arm(cells: pl.DataFrame, lacking: Mapping[tuple[str, str], str]) -> pl.DataFrame:
    """Each measure of each arm, as LANDSCAPE, from CELLS.

    `lacking` says why a (measure, arm) is not measured: it has a row with that note alone.
    """
    rows = []
    for (measure, arm, language), part in _parts(cells, ["measure", "arm"]):
        prompts = part.group_by("prompt", maintain_order=True).agg(
            pl.col("value", "most", "rest").mean(), pl.col("units").sum()
        )
        found, rest = _bounded(mean(prompts["value"].to_numpy()), measure), _mean(prompts["rest"])
        veil = VEIL if rest is not None and rest > VEILED else None
        rows.append(
            {
                "measure": measure,
                "arm": arm,
                "language": language,
                **_without_p(found),
                "most": _mean(prompts["most"]),
                "rest": rest,
                "note": "; ".join(x for x in (found.note, veil) if x) or None,
                "prompts": prompts.height,
                "units": int(prompts["units"].sum()),
            }
        )
    rows += [
        dict.fromkeys(LANDSCAPE.names())
        | {"measure": measure, "arm": arm, "prompts": 0, "units": 0, "note": why}
        for (measure, arm), why in lacking.items()
    ]
    return conform(_ordered(pl.DataFrame(rows, schema=LANDSCAPE)), LANDSCAPE)


def gaps(paired: pl.DataFrame) -> pl.DataFrame:
    """How much higher one arm lies than the other on each measure, as LANDSCAPE_GAPS."""
    rows = []
    for (measure, high, low, language), part in _parts(paired, ["measure", "high_arm", "low_arm"]):
        prompts = part.group_by("prompt", maintain_order=True).agg(pl.col("difference").mean())
        found = mean(prompts["difference"].to_numpy())
        rows.append(
            {
                "measure": measure,
                "high_arm": high,
                "low_arm": low,
                "language": language,
                "difference": found.value,
                "prompts": prompts.height,
                **{x: getattr(found, x) for x in ("low", "high", "p", "note")},
            }
        )
    return conform(_ordered(pl.DataFrame(rows, schema=LANDSCAPE_GAPS)), LANDSCAPE_GAPS)


def differences(cells: pl.DataFrame, pairs: list[Pair]) -> pl.DataFrame:
    """PAIRED of the CELLS that both arms of a pair have."""
    keys = ["measure", "language", "prompt"]
    found = [pl.DataFrame(schema=PAIRED)]
    for high, low in pairs:
        sides = [cells.filter(arm=x).select(*keys, "value") for x in (high, low)]
        both = sides[0].join(sides[1], on=keys, maintain_order="left")
        found.append(
            both.select(
                *keys,
                difference=pl.col("value") - pl.col("value_right"),
                high_arm=pl.lit(high),
                low_arm=pl.lit(low),
            ).select(PAIRED.names())
        )
    return pl.concat(found)


def divergences(apart: pl.DataFrame, refused: Mapping[Pair, str]) -> pl.DataFrame:
    """How far the arms of each pair lie apart, as DIVERGENCE, from APART.

    `refused` says why a pair is not measured: it has a row with that note alone.
    """
    rows = []
    for (high, low, language), part in _parts(apart, ["high_arm", "low_arm"]):
        prompts = part.group_by("prompt", maintain_order=True).agg(
            pl.col("forward", "backward", "shannon", "same_top", "shared").mean()
        )
        for measure in ("forward", "backward", "shannon", "same_top"):
            found = _bounded(mean(prompts[measure].to_numpy()), measure)
            rows.append(
                {
                    "high_arm": high,
                    "low_arm": low,
                    "language": language,
                    "measure": measure,
                    **_without_p(found),
                    "prompts": prompts.height,
                    "prefixes": part.height,
                    "shared": _mean(prompts["shared"]),
                }
            )
    rows += [
        dict.fromkeys(DIVERGENCE.names())
        | {"high_arm": high, "low_arm": low, "prompts": 0, "prefixes": 0, "note": why}
        for (high, low), why in refused.items()
    ]
    return conform(pl.DataFrame(rows, schema=DIVERGENCE), DIVERGENCE)


def _parts(table: pl.DataFrame, keys: list[str]) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
    """The table by `keys`: all languages together, where there are several, and each alone."""
    table = table.sort(*keys, "language", "prompt")
    found: list[tuple[tuple[str, ...], pl.DataFrame]] = []
    for names, part in table.group_by(keys, maintain_order=True):
        spoken = part["language"].unique().sort().to_list()
        if len(spoken) > 1:
            found.append(((*map(str, names), None), _over_languages(part)))  # type: ignore[arg-type]
        found += [((*map(str, names), x), part.filter(language=x)) for x in spoken]
    return found


def _over_languages(part: pl.DataFrame) -> pl.DataFrame:
    """`part` with each prompt's languages weighing the same, whatever they count."""
    numbers = [x for x, kind in part.schema.items() if kind == pl.Float64]
    whole = part.group_by("prompt", "language", maintain_order=True).agg(pl.col(numbers).mean())
    both = whole.group_by("prompt", maintain_order=True).agg(pl.col(numbers).mean().name.keep())
    return part.drop(numbers).join(both, on="prompt", maintain_order="left")


def _bounded(found: Mean, measure: str) -> Mean:
    """`found` with its interval cut where the measure itself ends."""
    if found.low is None or found.high is None:
        return found
    top = 1.0 if measure in SHARES else float("inf")
    return found._replace(low=max(0.0, found.low), high=min(top, found.high))


def _without_p(found: Mean) -> dict[str, float | str | None]:
    return {x: getattr(found, x) for x in ("value", "low", "high", "note")}


def _mean(values: pl.Series) -> float | None:
    known = values.drop_nulls()
    return None if known.is_empty() else float(known.to_numpy().mean())


def _ordered(table: pl.DataFrame) -> pl.DataFrame:
    """The rows by measure in the order of `MEASURES`, else as they stand."""
    place = pl.col("measure").replace_strict(
        list(MEASURES), range(len(MEASURES)), return_dtype=pl.Int64
    )
    return table.sort(place, maintain_order=True)
