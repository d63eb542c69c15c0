"""How hard is a task, by what came of it: never by what its writer thought."""

from collections.abc import Mapping

import polars as pl

from pipeline.findings import DIFFICULTY
from pipeline.stats.differences import Arms
from pipeline.stats.ppi import plain
from pipeline.tables import conform

LEAST_ANSWERS = 3
"""Scores of a task on one rubric below which it has no difficulty there."""


def by_task(
    ratings: pl.DataFrame, ends: Mapping[str, tuple[float, float]], arms: Arms | None
) -> pl.DataFrame:
    """How hard each task came out, as DIFFICULTY, the hardest first.

    A score is read as a share of its rubric's scale; difficulty is 1 - the mean of those shares:
    0 where every answer is at the highest level of every rubric, 1 at the lowest; a score off the
    scale has no share. A task that was rated on fewer rubrics than others says so in its note:
    rubrics are not equally hard. Rows of people rest on the answers that people rated, those of the
    panel on all. The interval is Student's over the task's answers, cut at 0 and 1. `spread` is the
    mean share of the high arm less that of the low one: a task that does not part them is of little
    use however hard.
    """
    low, width = ({x: f(e) for x, e in ends.items()} for f in (min, lambda e: e[1] - e[0]))
    rubric = pl.col("rubric")
    scored = ratings.filter(pl.col("score").is_not_null(), rubric.is_in(list(ends))).with_columns(
        share=(pl.col("score") - rubric.replace_strict(low)) / rubric.replace_strict(width)
    )
    scored = scored.filter(pl.col("share").is_between(0, 1))
    rows = []
    for by, chosen in (
        ("people", scored.filter(pl.col("kind") == "human")),
        ("panel", scored.filter(pl.col("kind") == "panel")),
    ):
        answers = (
            chosen.group_by("prompt", "task_kind", "arm", "response")
            .agg(pl.col("share").mean())
            .sort("prompt", "response")
        )
        used = dict(chosen.group_by("prompt").agg(pl.col("rubric").n_unique()).iter_rows())
        every = chosen["rubric"].n_unique()
        for (prompt, kind), part in answers.group_by(["prompt", "task_kind"], maintain_order=True):
            row = _row(part, arms) | {"rubrics": used[prompt]}
            if used[prompt] < every:
                said = f"on {used[prompt]} of {every} rubrics: compare with the like only"
                row["note"] = "; ".join(str(x) for x in (row["note"], said) if x)
            rows.append({"prompt": prompt, "task_kind": kind, "by": by, **row})
    found = conform(pl.DataFrame(rows, schema=DIFFICULTY), DIFFICULTY)
    order = ["by", "difficulty", "prompt"]
    return found.sort(order, descending=[True, True, False], nulls_last=True)


def _row(part: pl.DataFrame, arms: Arms | None) -> dict[str, float | int | str | None]:
    shares = 1 - part["share"].to_numpy()
    row: dict[str, float | int | str | None] = {
        "difficulty": float(shares.mean()),
        "low": None,
        "high": None,
        "spread": None,
        "answers": part.height,
        "note": None,
    }
    if part.height < LEAST_ANSWERS:
        row["note"] = f"no interval: {part.height} of {LEAST_ANSWERS} answers needed"
    else:
        interval = plain(shares)
        if interval.low is not None and interval.high is not None:
            row |= {"low": max(interval.low, 0.0), "high": min(interval.high, 1.0)}
        row["note"] = None if interval.low is not None else "no interval: all answers are alike"
    if arms is not None:
        arm, share = part["arm"].to_numpy(), part["share"].to_numpy()
        sides = [share[arm == x] for x in arms]
        if len(sides[0]) and len(sides[1]):
            row["spread"] = float(sides[0].mean() - sides[1].mean())
    return row
