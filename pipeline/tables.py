"""The tables of a study: every column is spelled here, once."""

import io

import polars as pl

RATINGS = pl.Schema(
    {
        "response": pl.String,  # key of the judged answer
        "prompt": pl.String,  # id of the task: both languages of a task are one prompt
        "task_kind": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "draw": pl.Int64,
        "rubric": pl.String,
        "rater": pl.String,
        "kind": pl.String,  # human | judge | panel
        "rater_class": pl.String,  # expert | skilled | crowd for people; null for machines
        "computed": pl.Boolean,  # a judge that counts words; null for people
        "score": pl.Float64,  # null = none, then `reason` says why
        "reason": pl.String,
    }
)
"""One row per response, rubric and rater. A judge's draws are averaged into its row; the panel is
a rater named "panel": the median of its judges."""

AGREEMENT = pl.Schema(
    {
        "rubric": pl.String,
        "comparison": pl.String,  # humans | judges | judge-human
        "rater": pl.String,  # the judge or "panel" where comparison is judge-human; else null
        "metric": pl.String,
        "alpha": pl.Float64,  # Krippendorff's alpha; null + note where it is not defined
        "low": pl.Float64,  # 95% interval, jackknife over prompts
        "high": pl.Float64,
        "interval": pl.String,  # eta-jackknife | jackknife | null
        "bootstrap_low": pl.Float64,  # of people: 95% percentiles over prompts drawn again; they
        "bootstrap_high": pl.Float64,  # cover less, decide nothing; of 3 to 10,000 prompts
        "units": pl.Int64,  # answers with at least two ratings
        "ratings": pl.Int64,  # ratings of those answers
        "prompts": pl.Int64,
        "raters": pl.Int64,
        "note": pl.String,  # why a number is missing, or what to beware of
    }
)
"""One row per rubric and comparison."""

GAPS = pl.Schema(
    {
        "rubric": pl.String,
        "task_kind": pl.String,  # null = all kinds together
        "high_arm": pl.String,
        "low_arm": pl.String,
        "high": pl.Float64,  # mean over prompts of the panel's mean score
        "low": pl.Float64,
        "gap": pl.Float64,  # high - low, on the rubric's levels; judges only, uncorrected
        "prompts": pl.Int64,  # prompts on which both arms have a score
        "note": pl.String,
    }
)
"""One row per rubric and kind of task: uncorrected, judges only, no interval on the human scale."""

COMPLETION = pl.Schema(
    {
        "arm": pl.String,
        "language": pl.String,
        "wanted": pl.Int64,
        "complete": pl.Int64,
        "truncated": pl.Int64,
        "refused": pl.Int64,
        "empty": pl.Int64,
        "overflow": pl.Int64,  # the task did not fit the arm's window
        "owed": pl.Int64,
    }
)
"""One row per arm and language: what became of the answers asked for."""

CHECKS = pl.Schema(
    {
        "response": pl.String,
        "task": pl.String,
        "language": pl.String,
        "arm": pl.String,
        "check": pl.String,  # words_at_most | words_at_least | uses | avoids | planted
        "met": pl.Boolean,  # null = it cannot be told, and `found` says why
        "found": pl.String,  # a count, the words missing or too much, or the planted detail
    }
)
"""One row per judged answer and thing that code can tell of it."""

COSTS = pl.Schema(
    {
        "stage": pl.String,  # answers | benchmarks | verdicts | landscape | superseded | failed
        "who": pl.String,  # arm, judge or embedding model
        "calls": pl.Int64,  # requests sent, tries again included
        "tokens_in": pl.Int64,
        "tokens_out": pl.Int64,
        "tokens_thinking": pl.Int64,
        "seconds": pl.Float64,  # summed over calls
        "cost": pl.Float64,  # US dollars; null = the price of a model is not known
    }
)
"""One row per arm or judge that asked a model."""


def conform(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """`frame` with exactly the columns of `schema`, in its order and types.

    Raises:
        ValueError: a column is missing or one too many.
    """
    if set(frame.columns) != set(schema.names()):
        raise ValueError(f"columns are {sorted(frame.columns)}, expected {sorted(schema.names())}")
    return frame.select([pl.col(name).cast(kind) for name, kind in schema.items()])


def packed(frame: pl.DataFrame) -> bytes:
    """`frame` as a parquet file: the same bytes for the same frame."""
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


def panel_judges(ratings: pl.DataFrame) -> pl.DataFrame:
    """The rows of RATINGS of the judges that make up the panel.

    Judges that only count are the floor that the others must beat; they make up the panel only
    where nobody else does.
    """
    judges = ratings.filter(pl.col("kind") == "judge")
    models = judges.filter(~pl.col("computed"))
    return judges if models.is_empty() else models
