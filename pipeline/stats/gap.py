"""How far apart do two arms lie: the uncorrected gap, as the judges alone see it."""

import polars as pl

from pipeline.tables import GAPS, conform, panel_judges

Row = dict[str, str | float | int | None]


def uncorrected(ratings: pl.DataFrame, high_arm: str, low_arm: str) -> pl.DataFrame:
    """The gap high - low of each rubric, over all kinds of task (null) and per kind, as GAPS.

    The panel's score of an answer is the mean of its judges' scores (beside people it is their
    median: METHOD, "Ratings"). A prompt's answers are averaged over draws, and over the
    languages that both arms have; the gap is the mean over the prompts that both arms have. It
    carries no interval on purpose: on real data the interval of such a gap holds the human one in
    .14-.32 of cases, not .95 (METHOD 5).
    """
    assert high_arm != low_arm, "a gap lies between two arms"
    rows = []
    panel = panel_judges(ratings)
    for rubric in ratings["rubric"].unique().sort():
        judged = panel.filter(pl.col("rubric") == rubric)
        assert not judged["score"].is_nan().any(), "a missing score is null, never NaN"
        prompts = _by_prompt(judged, high_arm, low_arm)
        kinds = prompts["task_kind"].drop_nulls().unique().sort()
        parts = [prompts.filter(pl.col("task_kind") == kind) for kind in kinds]
        counting = judged.filter(pl.col("computed"), pl.col("score").is_not_null())
        names = sorted(counting["rater"].unique())
        for kind, part in zip((None, *kinds), (prompts, *parts), strict=True):
            row = _row(part, high_arm, low_arm, names)
            rows.append({"rubric": rubric, "task_kind": kind, **row})
    return conform(pl.DataFrame(rows, schema=GAPS), GAPS)


def _by_prompt(judged: pl.DataFrame, high_arm: str, low_arm: str) -> pl.DataFrame:
    """Per prompt of one rubric the mean score in each arm, null where an arm has none.

    It is over the languages that both arms have; they are `apart` where there is no such, and then
    each over its own. `partial` counts the answers that only some of the judges scored.
    """
    answers = (
        judged.group_by("task_kind", "prompt", "language", "arm", "response")
        .agg(pl.col("score").mean(), pl.col("score").count().alias("judges"))
        .with_columns(pl.col("judges").is_between(1, pl.col("judges").max() - 1).alias("partial"))
        .filter(pl.col("arm").is_in([high_arm, low_arm]))
        .sort("response")  # one order of summing: equal tables give equal gaps, to the last bit
    )
    sides = {"high": high_arm, "low": low_arm}
    cells = answers.group_by("task_kind", "prompt", "language").agg(
        *(pl.col("score").filter(pl.col("arm") == y).mean().alias(x) for x, y in sides.items()),
        pl.col("partial").sum(),
    )
    both = pl.col("high").is_not_null() & pl.col("low").is_not_null()
    cells = cells.with_columns(both=both).sort("prompt", "language")
    any_both = pl.col("both").any()
    apart = ~any_both & pl.col("high").is_not_null().any() & pl.col("low").is_not_null().any()
    prompts = cells.group_by("task_kind", "prompt").agg(
        *(
            pl.when(any_both)
            .then(pl.col(x).filter("both").mean())
            .otherwise(pl.col(x).mean())
            .alias(x)
            for x in sides
        ),
        pl.col("partial").sum(),
        apart.alias("apart"),
    )
    return prompts.sort("prompt")


def _row(prompts: pl.DataFrame, high_arm: str, low_arm: str, counting: list[str]) -> Row:
    both = prompts.drop_nulls(["high", "low"]).filter(~pl.col("apart"))
    missing = {
        arm: prompts.height - prompts[column].count()
        for arm, column in ((high_arm, "high"), (low_arm, "low"))
    }
    notes = [
        f"prompts left out, as arm {arm!r} has no score: {count}"
        for arm, count in missing.items()
        if count
    ]
    if apart := int(prompts["apart"].sum()):
        notes.append(f"prompts left out, as no language has a score in both arms: {apart}")
    if both.is_empty():
        notes.insert(0, "no prompt has a score in both arms")
    if partial := int(both["partial"].sum()):
        notes.append(f"answers scored by some of the judges only: {partial}")
    if counting:
        notes.append(
            f"the panel has no other judges than those that only count: {', '.join(counting)}"
        )
    return {
        "high_arm": high_arm,
        "low_arm": low_arm,
        "high": _mean(both["high"]),
        "low": _mean(both["low"]),
        "gap": _mean(both["high"] - both["low"]),
        "prompts": both.height,
        "note": "; ".join(notes) or None,
    }


def _mean(scores: pl.Series) -> float | None:
    return None if scores.is_empty() else float(scores.to_numpy().mean())
