"""Which levels does a judge give where a person gave which."""

from collections.abc import Sequence

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
    middles = {x.id: (x.scale[0] + x.scale[-1]) / 2 for x in criteria if x.stepped}
    scored = ratings.drop_nulls("score").select("rubric", "response", "kind", "rater", "score")
    people = scored.filter(pl.col("kind") == "human").select(
        "rubric", "response", pl.col("score").alias("human_score")
    )
    judges = scored.filter(pl.col("kind") != "human").rename({"score": "judge_score"})
    middle = pl.DataFrame(
        {"rubric": list(middles), "middle": list(middles.values())},
        schema={"rubric": pl.String, "middle": pl.Float64},
    )
    pairs = judges.join(people, on=["rubric", "response"]).join(middle, on="rubric")
    for name in ("judge_score", "human_score"):
        score = pl.col(name)
        nearest = pl.when(score > pl.col("middle")).then((score - 0.5).ceil())
        pairs = pairs.with_columns(nearest.otherwise((score + 0.5).floor()).alias(name))
    keys = ["rubric", "rater", "judge_score", "human_score"]
    counted = pairs.group_by(keys).agg(pl.len().cast(pl.Int64).alias("pairs")).sort(keys)
    return conform(counted, CONFUSION)
