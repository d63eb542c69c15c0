import math
from typing import Any

import polars as pl
import pytest

from pipeline.stats import gap
from pipeline.tables import GAPS, RATINGS


def rating(
    prompt: str, arm: str, rater: str, score: float | None, **changed: str | int | bool | None
) -> dict[str, Any]:
    """One row of RATINGS; the response follows from what tells one answer from another."""
    row: dict[str, Any] = {
        "prompt": prompt,
        "task_kind": "irony",
        "language": "en",
        "arm": arm,
        "draw": 0,
        "rubric": "depth",
        "rater": rater,
        "kind": "judge",
        "rater_class": None,
        "computed": False,
        "score": score,
        "reason": "refused" if score is None else None,
        **changed,
    }
    return {**row, "response": f"{prompt}-{arm}-{row['language']}-{row['draw']}"}


def gaps(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    ratings = pl.DataFrame(list(rows), schema=RATINGS)
    found = gap.uncorrected(ratings, "big", "small")
    assert found.schema == GAPS
    # the order of the rows is no part of the question
    assert gap.uncorrected(ratings.reverse(), "big", "small").equals(found)
    return found.rows(named=True)


def test_panel_is_the_mean_of_its_judges_and_neither_median_nor_people() -> None:
    rows = [rating("p", "big", judge, s) for judge, s in (("a", 1.0), ("b", 1.0), ("c", 4.0))]
    others = [
        rating("p", "big", "panel", 1.0, kind="panel", computed=None),
        rating("p", "big", "ann", 5.0, kind="human", computed=None),
    ]
    low = [rating("p", "small", judge, 1.0) for judge in "abc"]
    whole, irony = gaps(*rows, *others, *low)
    assert (whole["high"], whole["low"], whole["gap"], whole["prompts"]) == (2.0, 1.0, 1.0, 1)
    assert (whole["task_kind"], whole["high_arm"], whole["low_arm"]) == (None, "big", "small")
    assert whole["note"] is None
    assert irony == {**whole, "task_kind": "irony"}


def test_prompts_weigh_the_same_however_many_answers_they_have() -> None:
    twins = [
        rating("p", "big", "a", score, language=language, draw=draw)
        for language, draw, score in (
            ("en", 0, 5.0),
            ("en", 1, 4.0),
            ("ru", 0, 3.0),
            ("ru", 1, 4.0),
        )
    ]
    single = rating("q", "big", "a", 2.0)
    low = [rating("p", "small", "a", 1.0), rating("q", "small", "a", 2.0)]
    english = gaps(*twins, single, *low)[0]
    assert (english["high"], english["gap"]) == ((4.5 + 2.0) / 2, (3.5 + 0.0) / 2), "of both arms"
    low.append(rating("p", "small", "a", 1.0, language="ru"))
    whole = gaps(*twins, single, *low)[0]
    assert (whole["high"], whole["low"], whole["gap"], whole["prompts"]) == (3.0, 1.5, 1.5, 2)


def test_each_kind_of_task_and_each_rubric_has_its_row_in_order() -> None:
    rows = [
        rating(prompt, arm, "a", score, task_kind=kind, rubric=rubric)
        for rubric in ("irony", "depth")
        for prompt, kind, high in (("p", "leap", 4.0), ("q", "chain", 2.0))
        for arm, score in (("big", high), ("small", 1.0))
    ]
    found = [(row["rubric"], row["task_kind"], row["gap"]) for row in gaps(*rows)]
    assert found == [
        ("depth", None, 2.0),
        ("depth", "chain", 1.0),
        ("depth", "leap", 3.0),
        ("irony", None, 2.0),
        ("irony", "chain", 1.0),
        ("irony", "leap", 3.0),
    ]


def test_prompts_missing_in_one_arm_are_left_out_and_counted() -> None:
    whole = gaps(
        rating("p", "big", "a", 4.0),
        rating("p", "small", "a", 3.0),
        rating("q", "big", "a", 1.0),
        rating("q", "small", "a", None),
        rating("r", "big", "a", 1.0),
        rating("s", "small", "a", 5.0),
        rating("t", "small", "a", None),
        rating("u", "other", "a", 5.0),
    )[0]
    assert (whole["high"], whole["low"], whole["gap"], whole["prompts"]) == (4.0, 3.0, 1.0, 1)
    assert whole["note"] == (
        "prompts left out, as arm 'big' has no score: 2; "
        "prompts left out, as arm 'small' has no score: 3"
    )


def test_answers_that_a_judge_did_not_score_are_told() -> None:
    whole = gaps(
        rating("p", "big", "a", 4.0),
        rating("p", "big", "b", 2.0),
        rating("p", "small", "a", 3.0),
        rating("p", "small", "b", None),
    )[0]
    assert whole["gap"] == 0.0
    assert whole["note"] == "answers scored by some of the judges only: 1"


def test_judges_that_only_count_stand_beside_the_panel_and_not_in_it() -> None:
    rows = [
        rating("p", arm, judge, score, computed=judge == "words")
        for judge, arm, score in (
            ("a", "big", 3.0),
            ("words", "big", 5.0),
            ("a", "small", 3.0),
            ("words", "small", 1.0),
        )
    ]
    whole = gaps(*rows)[0]
    assert (whole["gap"], whole["note"]) == (0.0, None)
    alone = gaps(*(row for row in rows if row["computed"]))[0]
    assert alone["gap"] == 4.0
    assert "no other judges than those that only count: words" in alone["note"]


@pytest.mark.parametrize(
    "rows",
    [
        [rating("p", "big", "a", 4.0), rating("q", "small", "a", 3.0)],
        [rating("p", "big", "a", None), rating("p", "small", "a", None)],
        [rating("p", "big", "a", 4.0)],
        [rating("p", "other", "a", 4.0)],
        [rating("p", "big", "ann", 4.0, kind="human", computed=None)],
    ],
)
def test_no_common_prompt_is_null_with_a_reason(rows: list[dict[str, Any]]) -> None:
    whole = gaps(*rows)[0]
    assert (whole["high"], whole["low"], whole["gap"], whole["prompts"]) == (None, None, None, 0)
    assert whole["note"].startswith("no prompt has a score in both arms")


def test_swapped_arms_swap_the_sign() -> None:
    ratings = pl.DataFrame(
        [rating(p, arm, "a", s) for p, arm, s in (("p", "big", 4.5), ("p", "small", 1.25))],
        schema=RATINGS,
    )
    one = gap.uncorrected(ratings, "big", "small")["gap"][0]
    assert gap.uncorrected(ratings, "small", "big")["gap"][0] == -one
    assert math.isclose(one, 3.25)


def test_no_ratings_no_rows() -> None:
    assert gaps() == []


def test_arms_that_share_no_language_are_not_compared() -> None:
    apart = [rating("p", "big", "a", 4.0), rating("p", "small", "a", 1.0, language="ru")]
    both = [rating("q", arm, "a", 2.0) for arm in ("big", "small")]
    whole = gaps(*apart, *both)[0]
    assert (whole["gap"], whole["prompts"]) == (0.0, 1)
    assert whole["note"] == "prompts left out, as no language has a score in both arms: 1"
