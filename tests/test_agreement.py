from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from rated import COUNTING, HUMAN, ITEMS, JUDGE, LLM, PANEL, gold, rated, scores

from pipeline.stats import agreement, alpha, jackknife
from pipeline.stats.alpha import Floats
from pipeline.tables import AGREEMENT, RATINGS


def rows(*raters: pl.DataFrame, metric: str = "ordinal") -> dict[str, dict[str, Any]]:
    """The rows of the only rubric, by comparison, or by judge where it is judge-human."""
    found = agreement.by_rubric(pl.concat(raters), {"depth": metric})
    assert found.schema == AGREEMENT
    return {row["rater"] or row["comparison"]: row for row in found.iter_rows(named=True)}


ANN = [1.0, 2, 3, 4, 5, 1, 2, 3, 4, 5]
BOB = [1.0, 2, 3, 4, 4, 2, 2, 3, 5, 5]
EVE = [2.0, 2, 3, 3, 5, 1, 1, 3, 4, 5]
people = (rated(HUMAN, "ann", ANN), rated(HUMAN, "bob", BOB))

# --- numbers from R ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "each", "humans", "delta", "error", "ci90"),
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
def test_reference_judge_beside_people(
    metric: str, each: list[float], humans: float, delta: float, error: float, ci90: list[float]
) -> None:
    raters = [rated(HUMAN, f"h{i}", scores(row)) for i, row in enumerate(ITEMS)]
    found = rows(*raters, rated(JUDGE, "llm", scores(LLM)), metric=metric)
    assert found["humans"]["alpha"] == pytest.approx(humans, abs=1e-9)
    assert found["llm"]["alpha"] == pytest.approx(np.mean(each), abs=1e-9)
    assert found["llm"]["alpha"] - found["humans"]["alpha"] == pytest.approx(delta, abs=1e-9)
    assert found["llm"]["interval"] == "jackknife"

    # the jackknife of the difference rests on the same left-out samples
    judge, table = np.array(scores(LLM), float), np.array([scores(r) for r in ITEMS], float)
    items = np.arange(40)
    left = [jackknife.left_out(np.stack((judge, h)), items, 40, metric).value for h in table]
    among = jackknife.left_out(table, items, 40, metric).value
    bounds = jackknife.student(delta, np.mean(left, axis=0) - among, level=0.90)
    assert bounds.error == pytest.approx(error, abs=1e-9)
    assert bounds[:2] == pytest.approx(ci90, abs=1e-9)


# --- real ratings ------------------------------------------------------------------------------


def test_ttcw_judges_beside_experts() -> None:
    ratings, measured = gold("ttcw")
    found = agreement.by_rubric(ratings, dict.fromkeys(measured["criterion"], "nominal"))
    humans = found.filter(comparison="humans").join(
        measured, left_on="rubric", right_on="criterion"
    )
    np.testing.assert_allclose(humans["alpha"], humans["alpha_nominal"], atol=1e-9)
    assert humans["prompts"].unique().to_list() == [12]
    beside = found.filter(comparison="judge-human")
    assert beside.height == 14 * 8
    # 11 experts share 48 stories, a quarter each: those who share few prompts are one pair
    assert beside["note"].str.contains("share less than 75% of the answers: taken together").any()
    panel = beside.filter(rater="panel")
    assert (panel["alpha"] < humans["alpha"]).all()
    assert (panel["alpha"] < 0).sum() == 13
    assert found.select(pl.col("alpha", "low", "high").is_nan().any()).row(0) == (False,) * 3


def test_hanna_judges_beside_people() -> None:
    ratings, measured = gold("hanna")
    found = agreement.by_rubric(ratings, dict.fromkeys(measured["criterion"], "ordinal"))
    humans = found.filter(comparison="humans").join(
        measured, left_on="rubric", right_on="criterion"
    )
    np.testing.assert_allclose(humans["alpha"], humans["alpha_ordinal"], atol=1e-9)
    assert humans["prompts"].unique().to_list() == [96]
    assert found.filter(comparison="judge-human").height == 6 * 21
    assert found["low"].null_count() == 0


def test_judgebench_people_on_one_prompt_have_an_alpha_and_no_interval() -> None:
    ratings, measured = gold("judgebench")
    published = measured.filter(dataset="newsroom")
    found = agreement.by_rubric(
        ratings.filter(prompt="newsroom"), dict.fromkeys(published["criterion"], "ordinal")
    )
    humans = found.filter(comparison="humans")
    np.testing.assert_allclose(humans["alpha"], published["published"], atol=1e-9)
    assert humans["note"].unique().to_list() == ["no interval: 1 of 3 prompts needed"]


# --- people ------------------------------------------------------------------------------------


def test_the_bootstrap_of_people_stands_beside_and_decides_nothing() -> None:
    found = rows(*people, rated(JUDGE, "a", EVE), rated(PANEL, "panel", EVE))
    human = found["humans"]
    assert human["bootstrap_low"] < human["alpha"] < human["bootstrap_high"]
    assert human["interval"] == "eta-jackknife", "what decides is the jackknife"
    assert found["a"]["bootstrap_low"] is None
    few = rows(rated(HUMAN, "ann", ANN, per_prompt=5), rated(HUMAN, "bob", BOB, per_prompt=5))
    assert few["humans"]["bootstrap_low"] is None, "two prompts are too few to draw from"


def test_people_are_compared_without_the_judges() -> None:
    alone = rows(*people)
    beside_judges = rows(*people, rated(JUDGE, "a", EVE), rated(PANEL, "panel", EVE))
    assert beside_judges["humans"] == alone["humans"]
    human = alone["humans"]
    assert (human["units"], human["ratings"], human["prompts"], human["raters"]) == (10, 20, 10, 2)
    assert human["interval"] == "eta-jackknife"
    assert human["low"] < human["alpha"] < human["high"]
    assert human["note"] is None


def test_answers_to_one_prompt_are_deleted_together() -> None:
    ann, bob = rated(HUMAN, "ann", ANN, per_prompt=2), rated(HUMAN, "bob", BOB, per_prompt=2)
    found, single = rows(ann, bob)["humans"], rows(*people)["humans"]
    assert (found["prompts"], found["alpha"]) == (5, single["alpha"])
    assert found["low"] != single["low"]


@pytest.mark.parametrize(
    ("raters", "reason"),
    [
        ([], "no human rater"),
        ([rated(HUMAN, "ann", ANN)], "only one human rater: agreement needs two"),
        (
            [rated(HUMAN, "ann", ANN), rated(HUMAN, "bob", [None] * 10)],
            "only one human rater: agreement needs two",
        ),
        ([rated(HUMAN, "ann", [3.0] * 5), rated(HUMAN, "bob", [3.0] * 5)], "all ratings are equal"),
        (
            [rated(HUMAN, "ann", [1.0, 2.0, None]), rated(HUMAN, "bob", [None, None, 3.0])],
            "no answer has two ratings",
        ),
    ],
)
def test_people_who_cannot_be_compared_are_null_with_a_reason(
    raters: list[pl.DataFrame], reason: str
) -> None:
    found = rows(*raters, rated(JUDGE, "a", EVE))["humans"]
    assert [found[c] for c in ("alpha", "low", "high", "interval")] == [None] * 4
    assert found["note"].startswith(reason)


# --- judges ------------------------------------------------------------------------------------


def test_judges_that_count_stand_aside_where_two_models_are() -> None:
    models = rated(JUDGE, "a", ANN), rated(JUDGE, "b", BOB)
    found = rows(*models, rated(COUNTING, "words", EVE))["judges"]
    assert (found["alpha"], found["raters"]) == (rows(*models)["judges"]["alpha"], 2)
    assert found["note"] == "models: a, b; judges that only count, left out: words"


def test_judges_that_count_are_taken_in_beside_one_model() -> None:
    silent = rated(JUDGE, "b", [None] * 10)
    found = rows(rated(JUDGE, "a", ANN), silent, rated(COUNTING, "words", EVE))["judges"]
    assert found["raters"] == 2
    assert found["alpha"] == pytest.approx(
        alpha.point(np.array([ANN, EVE]), "ordinal").value, abs=1e-12
    )
    assert "taken in, as fewer than two are models: words" in found["note"]


def test_one_judge_has_nobody_to_agree_with() -> None:
    found = rows(*people, rated(JUDGE, "a", EVE))["judges"]
    assert found["alpha"] is None
    assert found["note"] == "only one judge: agreement needs two; models: a"
    assert rows(*people)["judges"]["note"] == "no judge"


# --- each judge beside the people --------------------------------------------------------------


def _pair(one: Sequence[float | None], two: Sequence[float | None]) -> float:
    value = alpha.point(np.array([one, two], float), "ordinal").value
    assert value is not None
    return value


def test_judge_is_the_mean_of_its_pairs_with_each_person() -> None:
    found = rows(*people, rated(JUDGE, "a", EVE), rated(COUNTING, "words", BOB))
    judge = found["a"]
    assert judge["alpha"] == pytest.approx((_pair(EVE, ANN) + _pair(EVE, BOB)) / 2, abs=1e-12)
    assert (judge["comparison"], judge["interval"]) == ("judge-human", "jackknife")
    assert (judge["units"], judge["ratings"], judge["prompts"], judge["raters"]) == (10, 30, 10, 3)
    assert judge["note"] is None
    assert found["words"]["alpha"] == pytest.approx((_pair(BOB, ANN) + 1) / 2, abs=1e-12)


def test_interval_deletes_a_prompt_from_every_pair_at_once() -> None:
    found = rows(*people, rated(JUDGE, "a", EVE))["a"]
    left = [
        np.mean([_pair(EVE[:i] + EVE[i + 1 :], h[:i] + h[i + 1 :]) for h in (ANN, BOB)])
        for i in range(10)
    ]
    expected = jackknife.student(found["alpha"], np.array(left))
    assert found["low"] == pytest.approx(expected.low, abs=1e-9)
    assert expected.high > 1.0
    assert found["high"] == 1.0


def test_panel_comes_last_and_keeps_its_half_levels() -> None:
    half: list[float | None] = [1.5, 2, 3, 3.5, 5, 1, 1.5, 3, 4.5, None]
    found = agreement.by_rubric(
        pl.concat((*people, rated(PANEL, "panel", half), rated(JUDGE, "z", EVE))),
        {"depth": "ordinal"},
    )
    assert found["rater"].to_list() == [None, None, "z", "panel"]
    panel = found.row(3, named=True)
    assert panel["alpha"] == pytest.approx((_pair(half, ANN) + _pair(half, BOB)) / 2, abs=1e-12)
    assert (panel["units"], panel["note"]) == (9, None)


def test_nominal_warns_of_half_levels() -> None:
    yes_no = [rated(HUMAN, "ann", [0.0, 1, 0, 1]), rated(HUMAN, "bob", [0.0, 1, 1, 1])]
    found = rows(*yes_no, rated(PANEL, "panel", [0.0, 0.5, 0.5, 1]), metric="nominal")
    assert "each of 2 scores between levels disagrees" in found["panel"]["note"]


def test_people_with_whom_a_judge_is_undefined_are_left_aside_with_a_note() -> None:
    far = rated(HUMAN, "far", [None] * 9 + [5.0])  # meets the judge once, on an equal score
    found = rows(*people, far, rated(JUDGE, "a", EVE))["a"]
    assert found["alpha"] == pytest.approx((_pair(EVE, ANN) + _pair(EVE, BOB)) / 2, abs=1e-12)
    assert found["raters"] == 4
    assert (
        found["note"] == "mean over 2 of 3 pairs; not defined elsewhere: all ratings are equal (5)"
    )


def test_a_person_who_drops_out_with_one_prompt_is_told() -> None:
    once = rated(HUMAN, "once", [None] * 8 + [3.0, 5.0])  # equal to the judge without prompt 8
    found = rows(*people, once, rated(JUDGE, "a", EVE))["a"]
    assert found["low"] is not None
    assert found["note"] == "the mean loses a pair when one of 1 prompts is deleted"


def test_passers_by_with_a_few_ratings_decide_nothing() -> None:
    settled = rows(*people, rated(JUDGE, "a", EVE))["a"]["alpha"]
    friends = [
        rated(HUMAN, f"friend{n}", [None] * n + [EVE[n]] + [None] * (9 - n)) for n in range(6)
    ]
    beside = rows(*people, *friends, rated(JUDGE, "a", EVE))["a"]
    one, other = _pair(EVE, ANN), _pair(EVE, BOB)
    assert beside["alpha"] == pytest.approx((one + other + 0.6 * 1.0) / 2.6, abs=1e-12)
    alone = rows(*people, friends[0], rated(JUDGE, "a", EVE))["a"]["alpha"]
    assert alone == pytest.approx(settled, abs=1e-12), "one rating is no pair at all"


def test_judge_that_meets_nobody_is_null_with_a_reason() -> None:
    half = rated(HUMAN, "ann", [1.0, 2.0, 3.0, None, None, None])
    found = rows(half, rated(JUDGE, "a", [None, None, None, 1.0, 2.0, 3.0]))["a"]
    assert [found[c] for c in ("alpha", "low", "high", "interval")] == [None] * 4
    assert (found["units"], found["ratings"], found["raters"]) == (0, 0, 0)
    assert found["note"] == "not defined with any person: nobody to meet"
    nobody = rows(rated(JUDGE, "a", EVE))["a"]
    assert nobody["note"] == found["note"]


def test_constant_judge_beside_constant_people_is_null_with_a_reason() -> None:
    same: list[float | None] = [3.0] * 6
    found = rows(rated(HUMAN, "ann", same), rated(JUDGE, "a", same))["a"]
    assert found["alpha"] is None
    assert found["note"] == "not defined with any person: all ratings are equal (3)"


def test_two_prompts_give_no_interval_beside_people() -> None:
    ann, eve = rated(HUMAN, "ann", ANN, per_prompt=5), rated(JUDGE, "a", EVE, per_prompt=5)
    found = rows(ann, eve)["a"]
    assert found["alpha"] == pytest.approx(_pair(ANN, EVE), abs=1e-12)
    assert (found["low"], found["interval"]) == (None, None)
    assert found["note"] == "no interval: 2 of 3 prompts needed"


def test_noise_beside_people_stays_near_zero() -> None:
    random = np.random.default_rng(11)
    truth = random.normal(3, 1, 300)
    scores: Floats = np.clip(np.round(truth + random.normal(0, 1, (3, 300))), 1, 5)
    noise = random.integers(1, 6, 300).astype(float)
    raters = [rated(HUMAN, f"h{i}", row.tolist()) for i, row in enumerate(scores)]
    found = rows(*raters, rated(JUDGE, "noise", noise.tolist()))
    assert found["humans"]["alpha"] > 0.35
    assert abs(found["noise"]["alpha"]) < 0.1
    assert found["noise"]["low"] < 0 < found["noise"]["high"]


# --- the table ---------------------------------------------------------------------------------


def test_rubric_without_ratings_is_told_and_one_without_metric_refused() -> None:
    empty = agreement.by_rubric(pl.DataFrame(schema=RATINGS), {"irony": "nominal"})
    assert empty.schema == AGREEMENT
    assert empty["note"].to_list() == ["no human rater", "no judge"]
    assert agreement.by_rubric(pl.DataFrame(schema=RATINGS), {}).schema == AGREEMENT
    with pytest.raises(ValueError, match=r"no metric for the rubrics \['depth'\]; there are \['i"):
        agreement.by_rubric(people[0], {"irony": "nominal"})
