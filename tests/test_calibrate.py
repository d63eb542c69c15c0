from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.findings import CALIBRATED, CALIBRATION
from pipeline.stats import calibrate, maps, ordinal
from pipeline.stats.alpha import Floats
from pipeline.stats.maps import Line
from pipeline.tables import RATINGS

# --- numbers from R ----------------------------------------------------------------------------


def _numbers(text: str) -> Floats:
    return np.array([float(x) for x in text.split()])


JUDGE = _numbers("""
    3.3 3.61 2.84 2.92 4.19 3.13 4.26 3.91 3.58 3.1 3.19 3.43 2.83 3.47 3.03 3.61 3.49 4.04 3.3
    3.27 3.26 3.59 3.38 3.78 3.64 3.6 3.51 3.22 3.49 3.11 3.05 3.13 3.94 2.81 3.17 3.84 3.51 4.37
    3.29 3.43
""")
HUMAN = _numbers("""
    2 3 3 2 4 2 3 4 3 2 3 3 2 3 2 3 3 4 4 3 2 4 3 2 3 4 2 2 2 3 3 2 3 2 3 3 2 4 2 3
""")


def test_reference_clm_logit() -> None:
    model = ordinal.fit(JUDGE[:, None], HUMAN)
    assert model is not None
    assert model.levels.tolist() == [2, 3, 4]
    assert model.thresholds == pytest.approx([11.215914034253, 14.002260821389], abs=1e-6)
    assert model.slope == pytest.approx([3.477804347775], abs=1e-6)
    assert model.log_likelihood == pytest.approx(-33.870136169273, abs=1e-9)
    expected = [2.079299940238, 2.341196632698, 2.860645437123, 3.414003787565, 3.826876070871]
    told = ordinal.expected(model, np.array([[2.5], [3], [3.5], [4], [4.5]]))
    assert told == pytest.approx(expected, abs=1e-6)


def test_reference_least_squares_line() -> None:
    found = maps.line(JUDGE, HUMAN)
    assert found is not None
    assert found.slope == pytest.approx(1.065064214082, abs=1e-9)
    assert found.y - found.slope * found.x == pytest.approx(-0.8643534285504, abs=1e-9)
    assert found.error == pytest.approx(0.2493226460308, abs=1e-9)


# --- the cumulative logit ----------------------------------------------------------------------


def test_levels_told_apart_without_error_have_no_maximum_unless_there_is_a_ridge() -> None:
    x, y = np.arange(6.0)[:, None], np.array([1.0, 1, 1, 2, 2, 2])
    assert ordinal.fit(x, y) is None
    drawn = ordinal.fit(x, y, ridge=0.16)
    assert drawn is not None
    assert 0 < drawn.slope[0] < 5
    assert ordinal.fit(x, np.ones(6)) is None


def test_a_ridge_draws_the_slope_to_zero_and_weights_are_repeated_rows() -> None:
    slopes = [
        model.slope[0]
        for ridge in (0, 1, 10, 1000)
        if (model := ordinal.fit(JUDGE[:, None], HUMAN, ridge)) is not None
    ]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] == pytest.approx(0, abs=0.05)
    twice = ordinal.fit(np.tile(JUDGE, 2)[:, None], np.tile(HUMAN, 2), 1.0)
    weighed = ordinal.fit(JUDGE[:, None], HUMAN, 1.0, np.full(40, 2.0))
    assert twice is not None
    assert weighed is not None
    assert weighed.thresholds == pytest.approx(twice.thresholds, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_fit_is_a_maximum(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=(40, 2))
    y = np.clip(np.round(3 + x @ [1.0, -0.5] + random.logistic(size=40)), 1, 5)
    model = ordinal.fit(x, y, ridge=0.5)
    assert model is not None

    def value(thresholds: Floats, slope: Floats) -> float:
        place = np.searchsorted(model.levels, y)
        ends = np.concatenate(([-np.inf], thresholds, [np.inf]))
        below, above = (ends[place + i] - x @ slope for i in (0, 1))
        chance = 1 / (1 + np.exp(-above)) - 1 / (1 + np.exp(-below))
        return float(np.log(chance).sum() - 0.25 * slope @ slope)

    best = value(model.thresholds, model.slope)
    for _ in range(10):
        shift = random.normal(0, 0.01, len(model.thresholds) + 2)
        other = value(model.thresholds + shift[2:], model.slope + shift[:2])
        assert other < best


# --- affine maps -------------------------------------------------------------------------------


def test_unsure_slopes_are_drawn_furthest() -> None:
    lines = [Line(0, 0, 0.5, 0.1), None, Line(0, 0, 1.0, 0.1), Line(0, 0, 1.5, 0.5)]
    found = maps.shrink(lines)
    assert np.isnan(found[1])
    moved = np.abs(found[[0, 2, 3]] - [0.5, 1.0, 1.5])
    assert moved.argmax() == 2
    equal = maps.shrink([Line(0, 0, 0.5, 0.5), Line(0, 0, 0.7, 0.5)])
    assert equal == pytest.approx([0.6, 0.6])
    assert maps.shrink([Line(0, 0, 0.5, 0.5)]).tolist() == [0.5]
    assert maps.shrink([]).tolist() == []


def test_line_needs_points_that_differ() -> None:
    assert maps.line(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None
    assert maps.line(np.ones(5), np.arange(5.0)) is None


# --- from ratings ------------------------------------------------------------------------------

SCALE = {"depth": (1, 2, 3, 4, 5), "irony": (1, 2, 3, 4, 5)}


def study(gold: int, others: int = 20, seed: int = 0, slope: float = 0.5) -> pl.DataFrame:
    """Three people on the first `gold` answers, one judge everywhere; two answers per prompt."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for rubric in SCALE:
        truth = random.normal(3, 0.9, gold + others)
        judge = 2 + slope * (truth - 3) + random.normal(0, 0.2, gold + others)
        for i in range(gold + others):
            people = np.clip(np.round(truth[i] + random.normal(0, 0.6, 3)), 1, 5)
            raters = [(f"h{k}", "human", float(x)) for k, x in enumerate(people) if i < gold]
            for rater, kind, score in (*raters, ("a", "judge", float(judge[i]))):
                rows.append(
                    {
                        "response": f"r{i:03}",
                        "prompt": f"p{i // 2:03}",
                        "task_kind": "irony",
                        "language": "en",
                        "arm": "big",
                        "draw": i % 2,
                        "rubric": rubric,
                        "rater": rater,
                        "kind": kind,
                        "rater_class": None,
                        "computed": None if kind == "human" else False,
                        "score": score,
                        "reason": None,
                    }
                )
    return pl.DataFrame(rows, schema=RATINGS)


@pytest.mark.parametrize(("gold", "small"), [(40, "affine"), (40, "ordinal"), (90, "affine")])
def test_calibration_beats_raw_scores_and_the_mean(gold: int, small: Any) -> None:
    found = calibrate.by_rubric(study(gold), SCALE, small)
    assert found.maps.schema == CALIBRATION
    assert found.scores.schema == CALIBRATED
    assert found.maps["map"].to_list() == ["ridge" if gold >= 60 else small] * 2
    for row in found.maps.rows(named=True):
        assert row["error"] < row["constant_error"] < row["raw_error"]
        assert (row["gold"], row["prompts"], row["note"]) == (gold, gold // 2, None)
        assert (row["slope"] is None) == (row["map"] != "affine")
    assert found.scores.height == 2 * (gold + 20)
    assert found.scores.null_count().sum_horizontal()[0] == 0
    bounds = found.scores.select((pl.col("low") <= pl.col("calibrated")).all())
    assert bounds.item()
    assert found.scores["high"].max() <= 5  # type: ignore[operator]


@pytest.mark.parametrize("gold", [40, 90])
def test_intervals_hold_what_people_would_say(gold: int) -> None:
    inside, total = 0, 0
    for seed in range(12):
        whole = study(gold + 60, others=0, seed=seed)
        late = pl.col("response") >= f"r{gold:03}"
        learnt = whole.filter(~(late & (pl.col("kind") == "human")))
        told = calibrate.by_rubric(learnt, SCALE).scores.filter(late)
        people = whole.filter(late, kind="human").group_by("rubric", "response")
        both = told.join(people.agg(pl.col("score").mean()), on=["rubric", "response"])
        inside += both.filter(pl.col("score").is_between("low", "high")).height
        total += both.height
    assert total == 12 * 2 * 60
    assert 0.93 < inside / total < 0.985


def test_errors_are_out_of_fold_by_prompt() -> None:
    """Where both answers of a prompt share their noise, a fold that parts them would cheat."""
    ratings = study(40)
    once = calibrate.by_rubric(ratings, SCALE, seed=1).maps
    assert once.equals(calibrate.by_rubric(ratings.reverse(), SCALE, seed=1).maps)
    assert not once.equals(calibrate.by_rubric(ratings, SCALE, seed=2).maps)
    scores = calibrate.collect(ratings, tuple(SCALE))
    outside = calibrate._out_of_fold(scores, ["affine", "affine"], 1)
    changed = scores.people.copy()
    changed[:2] = 5  # both answers of the first prompt
    other = calibrate._out_of_fold(scores._replace(people=changed), ["affine", "affine"], 1)
    assert np.array_equal(outside[:, :2], other[:, :2])
    assert not np.array_equal(outside[:, 2:40], other[:, 2:40])


def test_a_constant_added_to_the_panel_changes_nothing() -> None:
    ratings = study(40)
    judge = pl.col("kind") == "judge"
    moved = ratings.with_columns(
        score=pl.when(judge).then(pl.col("score") + 2).otherwise(pl.col("score"))
    )
    for small in ("affine", "ordinal"):
        one = calibrate.by_rubric(ratings, SCALE, small)
        two = calibrate.by_rubric(moved, SCALE, small)
        np.testing.assert_allclose(two.scores["calibrated"], one.scores["calibrated"], atol=1e-6)
        np.testing.assert_allclose(two.maps["error"], one.maps["error"], atol=1e-6)


def test_rubrics_that_cannot_be_calibrated_are_null_with_a_reason() -> None:
    ratings = study(40)
    constant = ratings.with_columns(
        score=pl.when(pl.col("kind") == "judge", pl.col("rubric") == "irony")
        .then(3.0)
        .otherwise("score")
    )
    found = calibrate.by_rubric(constant, SCALE)
    depth, irony = found.maps.rows(named=True)
    assert depth["error"] is not None
    assert irony["error"] is None
    assert irony["note"] == "the panel gives one score to all answers that people rated"
    scores = found.scores.filter(rubric="irony")
    assert scores["panel"].null_count() == 0
    assert scores["calibrated"].null_count() == scores.height == 60

    nobody = calibrate.by_rubric(ratings.filter(kind="judge"), SCALE)
    assert nobody.maps["note"].unique().to_list() == [
        "0 of 3 prompts needed that people and the panel scored"
    ]
    assert nobody.scores["calibrated"].null_count() == 120
    empty = calibrate.by_rubric(pl.DataFrame(schema=RATINGS), SCALE)
    assert empty.scores.is_empty()
    assert calibrate.by_rubric(ratings, {}).maps.is_empty()


def test_people_who_give_one_level_have_no_ordinal_map() -> None:
    same = study(40).with_columns(
        score=pl.when(pl.col("kind") == "human").then(3.0).otherwise("score")
    )
    found = calibrate.by_rubric(same, SCALE, "ordinal")
    assert found.maps["note"].unique().to_list() == ["people gave one level only"]
