"""Which levels does a judge give where a person gave which."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import polars as pl

from pipeline.findings import CONFUSION
from pipeline.stats.terms import Criterion
from pipeline.tables import conform


def by_judge(ratings: pl.DataFrame, criteria: Sequence[Criterion]) -> pl.DataFrame:
    """How often each level of a judge, or of the panel, met each level of a person, as CONFUSION.

    Every person who rated an answer is one pair. A score between two levels, as means and medians
    have them, counts for the nearer one, a half for the one nearer to the middle of the scale (so
    that no rounding flatters); one off the scale stays off it. A scale without levels has no rows.
    """
    scored = ratings.drop_nulls("score").select("rubric", "response", "kind", "rater", "score")
    people = scored.filter(pl.col("kind") == "human").select(
        "rubric", "response", pl.col("score").alias("human_score")
    )
    judges = scored.filter(pl.col("kind") != "human").rename({"score": "judge_score"})
    pairs = judges.join(people, on=["rubric", "response"])
    parts = [
        pairs.filter(rubric=x.id).with_columns(
            pl.col(name).map_batches(partial(_nearest, levels=x.scale), pl.Float64)
            for name in ("judge_score", "human_score")
        )
        for x in criteria
        if x.stepped
    ]
    keys = ["rubric", "rater", "judge_score", "human_score"]
    every = pl.concat(parts) if parts else pairs.clear()
    counted = every.group_by(keys).agg(pl.len().cast(pl.Int64).alias("pairs")).sort(keys)
    return conform(counted, CONFUSION)


def _nearest(scores: pl.Series, levels: tuple[float, ...]) -> pl.Series:
    """Each score as the level nearest to it; beyond the ends as it is.

    >>> _nearest(pl.Series([0.25, 0.3, 0.6, 2.0]), (0.0, 0.5, 1.0)).to_list()
    [0.5, 0.5, 0.5, 2.0]
    """
    known, given = np.array(levels), scores.to_numpy()
    middle = (known[0] + known[-1]) / 2
    distance = np.abs(given[:, None] - known)
    # Of two levels as near as each other the one nearer to the middle, rounding of floats aside.
    near = distance <= distance.min(axis=1, keepdims=True) + 1e-9 * np.ptp(known)
    place = np.where(near, np.abs(known - middle), np.inf).argmin(axis=1)
    off = (given < known[0]) | (given > known[-1])
    return pl.Series(np.where(off, given, known[place]), dtype=pl.Float64)
