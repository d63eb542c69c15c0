"""Ratings for tests: of raters whose scores are given, and real ones from beside the project."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from pipeline.tables import RATINGS

GOLD = Path(__file__).resolve().parents[1] / "../shared/gold"
HUMAN, JUDGE, COUNTING, PANEL = "human", "judge", "counting", "panel"


def rated(
    kind: str, rater: str, scores: Sequence[float | None], per_prompt: int = 1
) -> pl.DataFrame:
    """One rater's scores of answers 0, 1, ... on the rubric `depth`, as RATINGS."""
    rows = [
        {
            "response": f"r{i:03}",
            "prompt": f"p{i // per_prompt:03}",
            "task_kind": "irony",
            "language": "en",
            "arm": "high",
            "draw": 0,
            "rubric": "depth",
            "rater": rater,
            "kind": JUDGE if kind == COUNTING else kind,
            "rater_class": "crowd" if kind == HUMAN else None,
            "computed": None if kind in (HUMAN, PANEL) else kind == COUNTING,
            "score": score,
            "reason": "refused" if score is None else None,
        }
        for i, score in enumerate(scores)
    ]
    return pl.DataFrame(rows, schema=RATINGS)


# Three people and a judge, 40 answers on five levels; the numbers that R gave rest on these.
ITEMS = [
    "23.3242352325332231234423334125533453253",
    "244513334.344325242243325144225335352443",
    "534315354222533334333.542355135334251432",
]
LLM = "2343134432335333334223543344125334443332"


def scores(row: str) -> list[float | None]:
    return [None if x == "." else float(x) for x in row]


def gold(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A set's ratings as RATINGS, with a panel of its judges, and its measured human alphas."""
    folder = GOLD / name
    if not folder.is_dir():
        pytest.skip(f"the human ratings of {name} are not here: {folder}")
    raw = pl.read_parquet(folder / "ratings.parquet")
    ratings = raw.select(
        pl.col("item_id").cast(pl.String).alias("response"),
        pl.col("prompt_id").cast(pl.String).alias("prompt"),
        pl.lit("story").alias("task_kind"),
        pl.lit("en").alias("language"),
        pl.col("system").alias("arm"),
        pl.lit(0, pl.Int64).alias("draw"),
        pl.col("criterion").alias("rubric"),
        pl.col("rater_id").alias("rater"),
        pl.col("rater_kind").alias("kind"),
        pl.lit(None, pl.String).alias("rater_class"),
        pl.when(rater_kind="judge").then(False).alias("computed"),
        "score",
        pl.lit(None, pl.String).alias("reason"),
    )
    keys = [c for c in ratings.columns if c not in ("rater", "kind", "computed", "score")]
    panel = ratings.filter(kind="judge").group_by(keys).agg(pl.col("score").median())
    panel = panel.with_columns(
        rater=pl.lit("panel"), kind=pl.lit("panel"), computed=pl.lit(None, pl.Boolean)
    ).select(RATINGS.names())
    return pl.concat((ratings, panel)), pl.read_csv(folder / "measured_human_alpha.csv")
