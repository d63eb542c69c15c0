"""Made-up ratings of arms of a ladder, for tests of what is made of them."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipeline.tables import RATINGS

RUBRICS = ("depth", "irony")


def scores(
    shifts: Mapping[str, float],
    random: np.random.Generator,
    prompts: int = 70,
    people: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """RATINGS of two judges on every arm, and of so many people on some of them."""
    rows = []
    for prompt in range(prompts):
        level = random.normal(3, 0.4)
        for arm, shift in shifts.items():
            true = level + shift + random.normal(0, 0.5)
            raters = [("a", "judge"), ("b", "judge")]
            raters += [(f"p{x}", "human") for x in range((people or {}).get(arm, 0))]
            for rubric in RUBRICS:
                for rater, kind in raters:
                    value = float(np.clip(np.round(true + random.normal(0, 0.5)), 1, 5))
                    rows.append(
                        dict.fromkeys(RATINGS.names())
                        | {
                            "response": f"{prompt}-{arm}",
                            "prompt": f"t{prompt}",
                            "task_kind": "long_chain" if prompt % 2 else "irony",
                            "language": "ru" if prompt % 3 else "en",
                            "arm": arm,
                            "draw": 0,
                            "rubric": rubric,
                            "rater": rater,
                            "kind": kind,
                            "rater_class": "expert" if kind == "human" else None,
                            "computed": False if kind == "judge" else None,
                            "score": value,
                        }
                    )
    return pl.DataFrame(rows, schema=RATINGS)
