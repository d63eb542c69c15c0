"""The table of ratings that a study is made of, and the file in which its run keeps it."""

import io
from typing import NamedTuple

import polars as pl

from pipeline.errors import UserError
from pipeline.tables import conform

FINISHES = ("complete", "truncated", "refused", "empty", "overflow")
"""What may have become of an answer."""

SCORES = pl.Schema(
    {
        "response": pl.String,
        "prompt": pl.String,
        "language": pl.String,
        "arm": pl.String,  # the system that wrote it; "-" where none is named
        "rubric": pl.String,
        "rater": pl.String,
        "kind": pl.String,  # human | judge
        "rater_class": pl.String,  # null for judges
        "computed": pl.Boolean,  # null for people
        "judge_draw": pl.Int64,  # 0 for people
        "order": pl.Int64,  # at which place the rater was shown the answer; null = not known
        "finish": pl.String,  # of the answer: complete | truncated | refused | empty | overflow
        "score": pl.Float64,  # null = none was given
    }
)
"""One row per answer, criterion, rater and draw."""

TEXTS = pl.Schema({"response": pl.String, "task": pl.String, "text": pl.String})
"""One row per answer whose text is known; task may be null."""


class Table(NamedTuple):
    """Ratings, and the texts as far as they came along."""

    scores: pl.DataFrame
    """SCORES."""
    texts: pl.DataFrame
    """TEXTS; may be empty."""


def unpacked(data: bytes, schema: pl.Schema, name: str) -> pl.DataFrame:
    """The frame that `tables.packed` put into `data`.

    Raises:
        UserError: it is none of this schema.
    """
    try:
        return conform(pl.read_parquet(io.BytesIO(data)), schema)
    except (pl.exceptions.PolarsError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{name}: is no table of ratings of a run: {said}") from None
