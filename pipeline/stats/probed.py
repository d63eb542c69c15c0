"""Does a judge's score move where it must, and stay where it must not."""

import polars as pl
from scipy.special import ndtri

from pipeline.findings import PROBED, SENSITIVITY
from pipeline.tables import conform

STEP = 0.5
"""Levels that count as a movement: half a level is one for a panel of two."""


def moved(scores: pl.DataFrame) -> pl.DataFrame:
    """Each probe and rater, as PROBED.

    `scores` has a row per rubric, probe, kind, language, must and rater with its scores `base` and
    `changed`, null where there is none, and how many were `left_out` for want of the other.
    """
    keys = ["rubric", "probe", "kind", "language", "rater", "must"]
    moved_by = pl.col("changed") - pl.col("base")
    right = (
        pl.when(must="rise")
        .then(moved_by >= STEP)
        .when(must="fall")
        .then(moved_by <= -STEP)
        .when(must="not rise")
        .then(moved_by < STEP)
        .otherwise(moved_by.abs() < STEP)
    )
    found = scores.with_columns(moved=moved_by, right=right).sort(keys)
    return conform(found, PROBED)


def by_judge(probed: pl.DataFrame) -> pl.DataFrame:
    """The share of probes on which each rater did right, as SENSITIVITY.

    Of those whose score must move: sensitivity; of those whose score must stay: specificity. A
    probe without both scores counts as missing. The interval is Wilson's (1927) for as many trials
    as there are different probes: a probe in two languages is put to a judge twice and is little
    more than one trial.
    """
    still = pl.col("must").is_in(["stay", "not rise"])
    move = pl.when(still).then(pl.lit("stay")).otherwise(pl.lit("move"))
    counted = (
        probed.with_columns(must=move)
        .group_by("rubric", "rater", "must")
        .agg(
            pl.col("right").sum().cast(pl.Int64),
            pl.col("right").count().cast(pl.Int64).alias("probes"),
            pl.col("right").null_count().cast(pl.Int64).alias("missing"),
            pl.col("left_out").sum(),
            pl.col("probe").filter(pl.col("right").is_not_null()).n_unique().alias("trials"),
        )
        .sort("rubric", "rater", "must")
    )
    rows = [
        {**row, **_share(row["right"], row["probes"], row.pop("trials"))}
        for row in counted.to_dicts()
    ]
    return conform(pl.DataFrame(rows, schema=SENSITIVITY), SENSITIVITY)


def _share(right: int, probes: int, trials: int) -> dict[str, float | None]:
    """The share of `probes` with Wilson's interval for so many `trials`.

    >>> {name: round(x, 4) for name, x in _share(2, 4, 4).items() if x is not None}
    {'share': 0.5, 'low': 0.15, 'high': 0.85}
    """
    if not probes:
        return {"share": None, "low": None, "high": None}
    share, z = right / probes, float(ndtri(0.975))
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * (share * (1 - share) / trials + z**2 / (4 * trials**2)) ** 0.5 / (1 + z**2 / trials)
    return {"share": share, "low": max(0.0, middle - half), "high": min(1.0, middle + half)}
