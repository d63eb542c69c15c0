from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated import COUNTING, HUMAN, ITEMS, JUDGE, LLM, PANEL, gold, rated, scores

from pipeline.findings import DELTAS
from pipeline.stats import alpha, contrast, delta, jackknife, pairs
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.contrast import p_above

PEOPLE = np.array([scores(row) for row in ITEMS], float)
JUDGED = np.array(scores(LLM), float)
EACH = np.arange(40)


def point(*rows: Floats, metric: str = "ordinal") -> float:
    value = alpha.point(np.stack(rows), metric).value
    assert value is not None
    return value


# --- numbers from R ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "each", "humans", "value", "error", "ci90"),
    [
        (
            "ordinal",
            [0.4604950927966, 0.3777931357114, 0.5822736592128],
            0.411228284964,
            0.0622923442763,
            0.08332539355291,
            [-0.07810053832779, 0.2026852268804],
        ),
        (
            "interval",
            [0.4846692607004, 0.4192704325073, 0.6130653266332],
            0.4182098765432,
            0.08745846340375,
            0.07892068910989,
            [-0.04551304226582, 0.2204299690733],
        ),
    ],
)
def test_reference_judge_human_delta(
    metric: str, each: list[float], humans: float, value: float, error: float, ci90: list[float]
) -> None:
    found = delta.of_judge(JUDGED, PEOPLE, EACH, metric)
    assert found.one == pytest.approx(np.mean(each), abs=1e-9)
    assert found.other == pytest.approx(humans, abs=1e-9)
    assert found.value == pytest.approx(value, abs=1e-9)
    assert found.error == pytest.approx(error, abs=1e-9)
    assert [found.low, found.high] == pytest.approx(ci90, abs=1e-9)
    assert (found.prompts, found.note) == (40, None)
    assert found.low_95 is not None
    assert found.low_95 < ci90[0]


# --- which pairs are compared ------------------------------------------------------------------


def blocked(
    seed: int, groups: int, per_prompt: int, raters: int, each: int
) -> tuple[Floats, Codes]:
    """Scores of raters who all are alike; the first rates everything, of the rest some a prompt."""
    random = np.random.default_rng(seed)
    prompts = np.repeat(np.arange(groups), per_prompt)
    truth = random.normal(0, 0.6, groups)[prompts] + random.normal(0, 0.6, len(prompts))
    values = np.clip(np.round(3 + truth + random.normal(0, 1, (raters + 1, len(prompts)))), 1, 5)
    for group in range(groups):
        values[np.ix_(1 + random.permutation(raters)[each:], prompts == group)] = np.nan
    return values, prompts


def test_blocked_raters_do_not_lower_delta_of_a_judge_who_is_one_of_them() -> None:
    built, of_pairs = [], []
    for seed in range(60):
        values, prompts = blocked(seed, 12, 4, 11, 3)
        found = delta.of_judge(values[0], values[1:], prompts, "ordinal")
        single = [alpha.point(values[[0, h]], "ordinal").value for h in range(1, 12)]
        assert found.other is not None
        built.append(found.value)
        of_pairs.append(np.mean([x for x in single if x is not None]) - found.other)
    assert np.mean(of_pairs) < -0.045
    assert abs(np.mean(np.array(built, float))) < 0.035


def test_a_person_with_one_answer_of_each_prompt_is_compared_with_others_together() -> None:
    random = np.random.default_rng(4)
    prompts = np.repeat(np.arange(12), 4)
    judge = random.integers(1, 6, 48).astype(np.float64)
    people = np.tile(judge, (3, 1))
    people[1:, np.arange(48) % 4 != 0] = np.nan
    found = pairs.beside(judge, people, prompts)
    assert [(x.raters, len(x.one)) for x in found] == [(1, 48), (2, 24)]


def test_a_mean_of_little_weight_is_no_smaller_for_it() -> None:
    whole = jackknife.LeftOut(np.array([2.0, 3.0]), np.ones(2, np.bool_))
    part = jackknife.LeftOut(np.array([4.0, 4.0]), np.array([True, False]))
    found = contrast.weighted_mean([(0.25, 2.5, whole), (0.25, 4.0, part)], 2)
    assert found.left_out.value.tolist() == [3.0, 3.0]


def test_pairs_taken_together_are_told_and_stand_for_all_of_them() -> None:
    values, prompts = blocked(0, 12, 4, 11, 3)
    found = delta.of_judge(values[0], values[1:], prompts, "ordinal")
    assert found.note == "11 of 11 pairs share less than 75% of the answers: taken together as one"
    person, item = np.nonzero(~np.isnan(values[1:]))
    together = point(values[0, item], values[1:][person, item])
    assert found.one == pytest.approx(together, abs=1e-9)


def test_a_person_who_rated_most_stands_alone_beside_those_who_rated_little() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(3, 1, 40)
    people = np.clip(np.round(truth + random.normal(0, 0.7, (3, 40))), 1, 5)
    people[1, 20:], people[2, :20] = np.nan, np.nan
    judge = np.clip(np.round(truth), 1, 5)
    found = delta.of_judge(judge, people, EACH, "ordinal")
    halves = np.concatenate((people[1, :20], people[2, 20:]))
    expected = (point(judge, people[0]) + point(judge, halves)) / 2  # two halves are one person
    assert found.one == pytest.approx(expected, abs=1e-9)


def test_interval_is_the_jackknife_over_prompts_of_the_whole_difference() -> None:
    prompts = EACH // 4
    found = delta.of_judge(JUDGED, PEOPLE, prompts, "ordinal")
    left = []
    for p in range(10):
        rest = prompts != p
        mean = np.mean([point(JUDGED[rest], h[rest]) for h in PEOPLE])
        left.append(mean - point(*PEOPLE[:, rest]))
    assert found.value is not None
    narrow = jackknife.student(found.value, np.array(left), 0.90)
    wide = jackknife.student(found.value, np.array(left), 0.95)
    assert [found.low, found.high] == pytest.approx(narrow[:2], abs=1e-9)
    assert [found.low_95, found.high_95] == pytest.approx(wide[:2], abs=1e-9)


def test_people_are_compared_on_the_answers_that_the_judge_scored() -> None:
    judge = JUDGED.copy()
    judge[:15] = np.nan
    found = delta.of_judge(judge, PEOPLE, EACH, "ordinal")
    same = delta.of_judge(judge[15:], PEOPLE[:, 15:], EACH[15:], "ordinal")
    assert found == same
    assert found.prompts == 25


# --- p -----------------------------------------------------------------------------------------


def test_p_lies_on_the_side_of_the_bounds() -> None:
    found = delta.of_judge(JUDGED, PEOPLE, EACH, "ordinal")
    assert found.low is not None
    assert found.low_95 is not None
    assert p_above(found, found.low) == pytest.approx(0.05, abs=1e-9)
    assert p_above(found, found.low_95) == pytest.approx(0.025, abs=1e-9)
    assert p_above(found._replace(error=None), 0.0) is None
    flat = found._replace(error=0.0)
    assert (p_above(flat, 0.0), p_above(flat, 0.5)) == (0.0, 1.0)


# --- the ceiling and the floor -----------------------------------------------------------------


def test_ceiling_is_the_mean_of_every_two_people() -> None:
    found = delta.ceiling(PEOPLE, EACH, "ordinal")
    couples = [point(PEOPLE[a], PEOPLE[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert found.one == pytest.approx(np.mean(couples), abs=1e-9)
    assert found.value == pytest.approx(0.0, abs=0.02)


def test_floor_takes_the_best_judge_that_counts() -> None:
    random = np.random.default_rng(2)
    noise = random.integers(1, 6, 40).astype(float)
    near = np.nan_to_num(PEOPLE[0], nan=3.0)
    found = delta.floor(JUDGED, np.stack((noise, near)), PEOPLE, EACH, "ordinal")
    assert found is not None
    row, best = found
    assert row == 1
    beside = delta.of_judge(JUDGED, PEOPLE, EACH, "ordinal").one
    assert best.one == pytest.approx(beside, abs=1e-9)
    assert best.value is not None
    assert best.value < 0
    clear = delta.floor(JUDGED, noise[None], PEOPLE, EACH, "ordinal")
    assert clear is not None
    assert clear[1].low is not None
    assert clear[1].low > 0


def test_floor_without_a_judge_that_counts_is_none() -> None:
    assert delta.floor(JUDGED, np.empty((0, 40)), PEOPLE, EACH, "ordinal") is None
    silent = np.full((1, 40), np.nan)
    assert delta.floor(JUDGED, silent, PEOPLE, EACH, "ordinal") is None


# --- properties --------------------------------------------------------------------------------

levels = st.sampled_from([1.0, 2.0, 3.0, 4.0, np.nan])
unhurried = settings(deadline=None, max_examples=40)


@st.composite
def tables(draw: st.DrawFn) -> Floats:
    raters, answers = draw(st.integers(2, 5)), draw(st.integers(3, 12))
    cells = draw(st.lists(levels, min_size=raters * answers, max_size=raters * answers))
    return np.array(cells).reshape(raters, answers)


def same(one: Any, two: Any) -> bool:
    numbers = [(x, y) for x, y in zip(one, two, strict=True) if not isinstance(x, str)]
    return all(
        (x is None) == (y is None) and (x is None or x == pytest.approx(y, abs=1e-9))
        for x, y in numbers
    )


@given(values=tables(), data=st.data())
@unhurried
def test_the_order_of_people_and_answers_changes_nothing(
    values: Floats, data: st.DataObject
) -> None:
    prompts = np.arange(values.shape[1]) // 2
    people = data.draw(st.permutations(range(1, len(values))))
    answers = data.draw(st.permutations(range(values.shape[1])))
    one = delta.of_judge(values[0], values[1:], prompts, "ordinal")
    two = delta.of_judge(
        values[0][answers], values[people][:, answers], prompts[answers], "ordinal"
    )
    assert same(one, two)


@given(values=tables())
@unhurried
def test_a_person_and_an_answer_without_scores_change_nothing(values: Floats) -> None:
    prompts = np.arange(values.shape[1])
    one = delta.of_judge(values[0], values[1:], prompts, "ordinal")
    silent = np.vstack((values, np.full(values.shape[1], np.nan)))
    assert delta.of_judge(silent[0], silent[1:], prompts, "ordinal") == one
    longer = np.hstack((values, np.full((len(values), 1), np.nan)))
    more = np.append(prompts, 99)
    assert delta.of_judge(longer[0], longer[1:], more, "ordinal") == one


@given(values=tables())
@unhurried
def test_what_has_no_value_says_why(values: Floats) -> None:
    found = delta.of_judge(values[0], values[1:], np.arange(values.shape[1]), "nominal")
    assert found.low is not None or found.note
    assert (found.low is None) == (found.error is None)
    assert all(x is None or np.isfinite(x) for x in found if not isinstance(x, str))


# --- edges -------------------------------------------------------------------------------------


def test_constant_judge_is_worse_than_people_and_never_crashes() -> None:
    found = delta.of_judge(np.full(40, 3.0), PEOPLE, EACH, "ordinal")
    assert found.one is not None
    assert found.one < 0.05
    assert found.high is not None
    assert found.high < 0


@pytest.mark.parametrize(
    ("judge", "people", "reason"),
    [
        (np.full(6, np.nan), np.ones((2, 6)), "not defined with any person: nobody to meet"),
        (np.ones(6), np.ones((2, 6)), "not defined with any person: all ratings are equal (1)"),
        (np.arange(6.0), np.arange(6.0)[None], "people: no answer has two ratings"),
        (np.arange(6.0), np.empty((0, 6)), "not defined with any person: nobody to meet"),
    ],
)
def test_undefined_is_none_with_a_reason(judge: Floats, people: Floats, reason: str) -> None:
    found = delta.of_judge(judge, people, np.arange(6), "ordinal")
    assert (found.value, found.low, found.error) == (None, None, None)
    assert found.note is not None
    assert reason in found.note


def test_two_prompts_have_no_interval() -> None:
    found = delta.of_judge(JUDGED, PEOPLE, EACH % 2, "ordinal")
    assert found.value is not None
    assert (found.low, found.note) == (None, "no interval: 2 of 3 prompts needed")


def test_difference_that_one_prompt_carries_has_no_interval() -> None:
    people = np.array([[2.0, 2, 2, 2, 5], [2, 2, 2, 2, 4]])
    judge = np.array([1.0, 2, 1, 2, 3])
    found = delta.of_judge(judge, people, np.arange(5), "ordinal")
    assert found.value is not None
    assert found.note is not None
    assert "no interval: not defined without 1 of the 5 prompts" in found.note


# --- the table ---------------------------------------------------------------------------------


def table(*raters: pl.DataFrame) -> list[dict[str, Any]]:
    found = delta.by_rubric(pl.concat(raters), {"depth": "ordinal"})
    assert found.schema == DELTAS
    return found.rows(named=True)


def test_table_has_judges_panel_people_ceiling_and_floor() -> None:
    people = [rated(HUMAN, f"h{i}", scores(row)) for i, row in enumerate(ITEMS)]
    words = rated(COUNTING, "words", [float(i % 5 + 1) for i in range(40)])
    rows = table(
        *people, rated(JUDGE, "llm", scores(LLM)), words, rated(PANEL, "panel", scores(LLM))
    )
    assert [(row["comparison"], row["rater"], row["yardstick"]) for row in rows] == [
        ("judge-human", "llm", "humans"),
        ("judge-human", "words", "humans"),
        ("panel-human", "panel", "humans"),
        ("left-out-human", "h0", "humans"),
        ("left-out-human", "h1", "humans"),
        ("left-out-human", "h2", "humans"),
        ("ceiling", None, "humans"),
        ("floor", "panel", "words"),
    ]
    assert rows[0]["delta"] == pytest.approx(0.0622923442763, abs=1e-9)
    assert (rows[0]["units"], rows[0]["prompts"], rows[0]["people"]) == (40, 40, 3)
    left_out = rows[3]
    others = (point(PEOPLE[0], PEOPLE[1]) + point(PEOPLE[0], PEOPLE[2])) / 2
    assert left_out["alpha"] == pytest.approx(others, abs=1e-9)
    assert left_out["people"] == 2


def test_of_two_people_neither_can_be_left_out() -> None:
    rows = table(*(rated(HUMAN, f"h{i}", scores(row)) for i, row in enumerate(ITEMS[:2])))
    assert [row["comparison"] for row in rows] == ["left-out-human", "left-out-human", "ceiling"]
    assert rows[0]["delta"] is None
    assert rows[0]["note"] == "people: no answer has two ratings"
    assert rows[2]["alpha"] == pytest.approx(rows[2]["yardstick_alpha"], abs=1e-9)


def test_rubric_without_ratings_has_a_ceiling_that_says_so() -> None:
    found = table(rated(JUDGE, "llm", scores(LLM)).filter(pl.lit(False)))
    assert [row["comparison"] for row in found] == ["ceiling"]
    assert found[0]["note"] == (
        "not defined with any person: nobody to meet; people: nothing is rated"
    )


# --- real ratings ------------------------------------------------------------------------------


def majority(ratings: pl.DataFrame) -> pl.DataFrame:
    """The people's own majority, entered as a judge."""
    keys = ["response", "prompt", "task_kind", "language", "arm", "draw", "rubric"]
    rows = ratings.filter(kind="human").group_by(keys).agg(pl.col("score").median())
    return rows.with_columns(
        rater=pl.lit("majority"),
        kind=pl.lit("judge"),
        rater_class=pl.lit(None, pl.String),
        computed=pl.lit(False),
        reason=pl.lit(None, pl.String),
    ).select(ratings.columns)


def test_ttcw_panel_falls_short_and_the_experts_majority_does_not() -> None:
    ratings, measured = gold("ttcw")
    both = pl.concat((ratings, majority(ratings)))
    found = delta.by_rubric(both, dict.fromkeys(measured["criterion"], "nominal"))
    panel = found.filter(rater="panel", comparison="panel-human")
    assert (panel["delta"] < -0.15).all()
    assert (panel["high"] < -0.15).sum() == 13
    control = found.filter(rater="majority")
    assert control.height == 14
    assert (control["low"] > -0.15).all()
    yardstick = control.join(measured, left_on="rubric", right_on="criterion")
    np.testing.assert_allclose(yardstick["yardstick_alpha"], yardstick["alpha_nominal"], atol=1e-9)
    # 10 of the 11 experts saw at most 6 of the 12 prompts
    assert control["note"].str.starts_with("10 of 11 pairs share less than 75%").all()
    top = found.filter(comparison="ceiling")
    assert top["delta"].abs().max() < 0.05


def test_hanna_ceiling_is_near_the_alpha_of_the_people() -> None:
    ratings, _ = gold("hanna")
    some = ratings.filter(pl.col("kind") != "judge")
    found = delta.by_rubric(some, {"Complexity": "ordinal", "Coherence": "ordinal"})
    top = found.filter(comparison="ceiling")
    np.testing.assert_allclose(top["yardstick_alpha"], [0.2658, -0.0539], atol=5e-5)
    assert top["delta"].abs().max() < 0.01
    assert found.filter(comparison="left-out-human")["low"].null_count() == 0


def test_pairs_of_a_complete_design_are_the_raters_themselves() -> None:
    found = pairs.among(PEOPLE, EACH)
    assert [pair.weight for pair in found] == [1, 1, 1]
    assert [len(pair.one) for pair in found] == [38, 38, 38]
