from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.findings import ANSWERS, GOLD_PLAN
from pipeline.stats import planning

ARMS = ("big", "small")
NOBODY = pl.DataFrame(schema={"prompt": pl.String})


def answers(prompts: int, draws: int = 1, **changed: str) -> pl.DataFrame:
    """Both arms' answers in both languages; `changed` gives the finish of some by `p.arm.lang`."""
    rows: list[dict[str, Any]] = [
        {
            "response": f"p{i:03}-{arm}-{language}-{draw}",
            "prompt": f"p{i:03}",
            "task_kind": "irony",
            "language": language,
            "arm": arm,
            "draw": draw,
            "finish": changed.get(f"p{i:03}_{arm}_{language}", "complete"),
            "words": 50,
        }
        for i in range(prompts)
        for arm in ARMS
        for language in ("en", "ru")
        for draw in range(draws)
    ]
    return pl.DataFrame(rows, schema=ANSWERS)


def test_gold_for_alpha_grows_with_the_square_of_the_width() -> None:
    assert planning.for_alpha(48, 0.19, 0.10).number == 174  # 48 * 3.61 = 173.3
    assert planning.for_alpha(48, 0.10, 0.10).number == 48
    thumb = planning.for_alpha(0, 0.1, 0.05)
    assert thumb.number == 600
    assert thumb.note is not None
    assert "by rule of thumb, at 3 people each" in thumb.note


def test_more_people_each_take_fewer_answers_and_more_ratings() -> None:
    found = planning.by_people(150, 3, 0.45)
    assert found[3] == 150
    answers = [found[k] for k in sorted(found)]
    assert answers == sorted(answers, reverse=True)
    # Bonett's n for an intraclass correlation of .45: 2 people each to 3.
    assert found[2] / found[3] == pytest.approx((1.45**2 / 2) / (1.9**2 / 6), rel=0.01)


def test_gold_for_the_gap_solves_the_formula_of_the_method() -> None:
    n = planning.for_gap(0.25, 1.3, 0.8, 300).number
    assert n is not None
    exact = (1.96 / 0.25) ** 2 * 1.3 * (1 - 0.8**2 * (300 - n) / 300)
    assert n - 1 <= exact <= n
    assert planning.for_gap(0.25, 1.3, -0.4, 300) == planning.for_gap(0.25, 1.3, 0.0, 300)
    assert planning.for_gap(0.25, 1.3, 1.0, 300).number == 3


def test_too_few_prompts_for_the_gap_are_told() -> None:
    found = planning.for_gap(0.1, 1.0, 0.99, 200)
    assert found.number is None
    assert found.note == "even all 200 prompts give +-0.14 only; 385 would be needed"
    assert planning.for_gap(0.1, 1.0, 0.5, 0).number is None
    assert planning.half_width(1.0, 0.5, 0, 10) is None


@given(
    half=st.floats(0.05, 1),
    variance=st.floats(0.1, 3),
    correlation=st.floats(0, 0.99),
    prompts=st.integers(10, 2000),
)
def test_needed_gold_gives_the_wanted_width(
    half: float, variance: float, correlation: float, prompts: int
) -> None:
    number = planning.for_gap(half, variance, correlation, prompts).number
    if number is not None:
        got = planning.half_width(variance, correlation, min(number, prompts), prompts)
        assert got is not None
        assert got <= half * (1 + 1e-6)


def test_prompts_are_drawn_at_random_with_both_arms() -> None:
    plan = planning.next_prompts(answers(30), NOBODY, ARMS, 5, seed=7)
    assert plan.schema == GOLD_PLAN
    assert plan["prompt"].n_unique() == 5
    assert plan.height == 5 * 2 * 2
    assert plan.group_by("prompt", "language").agg(pl.col("arm").n_unique())["arm"].to_list() == (
        [2] * 10
    )
    assert plan["place"].unique().sort().to_list() == [1, 2, 3, 4, 5]
    assert set(plan["probability"]) == {5 / 30}
    assert set(plan["seed"]) == {7}
    assert set(plan["raters"]) == {3}


def test_same_seed_same_plan_whatever_the_order_of_the_rows() -> None:
    asked = answers(30, draws=3)
    plan = planning.next_prompts(asked, NOBODY, ARMS, 5, seed=7)
    assert planning.next_prompts(asked.reverse(), NOBODY, ARMS, 5, seed=7).equals(plan)
    assert not planning.next_prompts(asked, NOBODY, ARMS, 5, seed=8).equals(plan)
    # a longer plan begins with the shorter one
    longer = planning.next_prompts(asked, NOBODY, ARMS, 9, seed=7)
    kept = ["place", "prompt", "response"]
    assert longer.filter(pl.col("place") <= 5).select(kept).equals(plan.select(kept))


def test_one_draw_of_each_arm_and_language() -> None:
    plan = planning.next_prompts(answers(10, draws=4), NOBODY, ARMS, 10, seed=1)
    assert plan.height == 10 * 2 * 2
    assert set(plan["answer_probability"]) == {0.25}
    assert plan["draw"].n_unique() == 4


def test_rated_prompts_are_not_drawn_again_but_count() -> None:
    rated = pl.DataFrame({"prompt": [f"p{i:03}" for i in range(38)]})
    plan = planning.next_prompts(answers(60), rated, ARMS, 6, seed=1)
    assert not set(plan["prompt"]) & set(rated["prompt"])
    assert plan.filter(pl.col("place") <= 2)["raters"].unique().to_list() == [3]
    assert plan.filter(pl.col("place") > 2)["raters"].unique().to_list() == [1]
    assert set(plan["probability"]) == {6 / 22}
    assert set(plan["overall"]) == {44 / 60}


def test_late_prompts_are_drawn_after_all_others() -> None:
    late = {f"p{i:03}" for i in range(6)}
    plan = planning.next_prompts(answers(10), NOBODY, ARMS, 7, seed=1, late=late)
    own = dict(plan.select("prompt", "place").iter_rows())
    assert {x for x, place in own.items() if place <= 4} == {f"p{i:03}" for i in range(6, 10)}
    chances = dict(plan.select("prompt", "probability").iter_rows())
    assert {x in late: chance for x, chance in chances.items()} == {True: 3 / 6, False: 1.0}


def test_rated_prompts_are_drawn_where_more_people_are_wanted() -> None:
    rated = pl.DataFrame({"prompt": ["p000", "p001"]})
    people = {"p000": 5, "p001": 4, "p002": 3}
    plan = planning.next_prompts(answers(3), rated, ARMS, 3, seed=1, people=people)
    assert dict(plan.select("prompt", "raters").iter_rows()) == people
    assert set(plan["overall"]) == {1.0}


def test_prompts_without_a_common_language_are_not_drawn() -> None:
    lost = {"p000_big_en": "refused", "p000_small_ru": "empty", "p001_big_en": "refused"}
    plan = planning.next_prompts(answers(4, **lost), NOBODY, ARMS, 9, seed=1)
    assert plan["prompt"].unique().sort().to_list() == ["p001", "p002", "p003"]
    assert plan.filter(prompt="p001")["language"].unique().to_list() == ["ru"]
    assert set(plan["probability"]) == {1.0}


def test_every_prompt_is_drawn_as_often() -> None:
    asked = answers(10)
    times = dict.fromkeys(asked["prompt"].unique(), 0)
    for seed in range(300):
        for prompt in planning.next_prompts(asked, NOBODY, ARMS, 3, seed)["prompt"].unique():
            times[prompt] += 1
    assert min(times.values()) > 60  # 90 expected, standard deviation 8
    assert max(times.values()) < 120


@pytest.mark.parametrize("prompts", [0, 3])
def test_nothing_left_to_draw_is_an_empty_plan(prompts: int) -> None:
    asked = answers(prompts)
    plan = planning.next_prompts(asked, asked.select("prompt"), ARMS, 5, seed=1)
    assert plan.is_empty()
    assert plan.schema == GOLD_PLAN
