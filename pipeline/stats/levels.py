"""How high does each arm lie on the human scale: its mean level, corrected for the judges' error.

The same estimator as the gap's (METHOD, section 5), of one arm's scores instead of differences.
"""

from collections.abc import Sequence

import polars as pl

from pipeline.findings import LEVELS
from pipeline.stats import differences, ppi
from pipeline.stats.ppi import Estimate
from pipeline.tables import conform

LEAST_PROMPTS = 10
"""Prompts that people must have rated in an arm before its level is given."""


def by_arm(ratings: pl.DataFrame, arms: Sequence[str]) -> pl.DataFrame:
    """The mean level of each arm on each rubric as people see it, as LEVELS.

    A prompt's answers are averaged over draws and languages. Fewer than ten prompts that people
    rated: null, with a note.
    """
    ratings = ratings.select(differences.COLUMNS)
    means = differences.score_means(ratings.filter(pl.col("arm").is_in(list(arms))))
    rows = []
    for rubric in ratings["rubric"].unique().sort():
        for arm in arms:
            found = estimate(means.filter(rubric=rubric, arm=arm))
            rows.append(
                {
                    "rubric": rubric,
                    "arm": arm,
                    "level": found.value,
                    "low": found.low,
                    "high": found.high,
                    "gold_prompts": found.gold,
                    "other_prompts": found.others,
                    "note": found.note,
                }
            )
    return conform(pl.DataFrame(rows, schema=LEVELS), LEVELS)


def estimate(means: pl.DataFrame) -> Estimate:
    """The mean of one arm on one rubric from rows of `differences.score_means`."""
    rated = pl.col("people").is_not_null()
    gold = means.with_columns(gold=rated.any().over("prompt"))
    prompts = (
        gold.filter(rated | ~pl.col("gold"))
        .group_by("prompt")
        .agg(pl.col("people", "panel").mean(), pl.col("gold").first())
        .sort("prompt")
    )
    people = prompts.filter(pl.col("gold"))
    paired = people.drop_nulls("panel")
    others = prompts.filter(~pl.col("gold"))["panel"].drop_nulls().to_numpy()
    if people.height < LEAST_PROMPTS:
        few = f"{people.height} of {LEAST_PROMPTS} prompts needed that people rated"
        return Estimate(
            None, None, None, None, None, None, 0.0, None, people.height, len(others), few
        )
    if 2 * paired.height < people.height:
        few = "people alone: the panel scored too few of the prompts that people rated"
        note = "people alone: nobody judged" if prompts["panel"].is_null().all() else few
        return ppi.plain(people["people"].to_numpy())._replace(others=len(others), note=note)
    return ppi.mean(paired["people"].to_numpy(), paired["panel"].to_numpy(), others)
