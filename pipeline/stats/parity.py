"""Does a judge give another score when it reads the same rubric in the other language."""

import polars as pl

from pipeline.findings import PARITY
from pipeline.stats import ppi
from pipeline.tables import conform


def shifts(scores: pl.DataFrame) -> pl.DataFrame:
    """The shift ru - en of each judge and the panel on each rubric, in levels, as PARITY.

    `scores` has a row per rubric, rater, prompt and answer, with its scores `en` and `ru`, null
    where there is none, and how many were `left_out` for want of the other. A prompt's answers are
    averaged; the interval is Student's over prompts.
    """
    rows = []
    keys = ["rubric", "rater"]
    for (rubric, rater), part in scores.sort(*keys, "prompt").group_by(keys, maintain_order=True):
        both = part.drop_nulls(["en", "ru"])
        prompts = both.group_by("prompt", maintain_order=True).agg(
            (pl.col("ru") - pl.col("en")).mean().alias("shift")
        )
        found = ppi.plain(prompts["shift"].to_numpy())
        few = f"{prompts.height} of 3 prompts needed with a score in both languages"
        flat = "no interval: the shift is the same on every prompt"
        note = None if found.low is not None else few if found.value is None else flat
        rows.append(
            {
                "rubric": rubric,
                "rater": rater,
                "shift": found.value,
                "low": found.low,
                "high": found.high,
                "answers": both.height,
                "prompts": prompts.height,
                "missing": part.height - both.height,
                "left_out": int(part["left_out"].sum()),
                "note": note,
            }
        )
    return conform(pl.DataFrame(rows, schema=PARITY), PARITY)
