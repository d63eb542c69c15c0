from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from rated import COUNTING, HUMAN, ITEMS, JUDGE, LLM, PANEL, gold, rated, scores
from test_delta import majority

from judges.rubric import Text
from pipeline import judgement
from pipeline.findings import ANSWERS, CONDITIONS, VERDICTS
from pipeline.ratings import panel
from pipeline.stats import conditions, jackknife, panel_verdict
from pipeline.stats.alpha import Floats
from pipeline.stats.conditions import ArmBias, Case, Condition
from pipeline.stats.differences import Arms
from pipeline.stats.panel_verdict import NOT_USABLE, RANK_ONLY, UNDECIDED, USABLE
from pipeline.stats.terms import Criterion, Terms
from pipeline.stats.thresholds import Thresholds
from pipeline.tables import RATINGS

LIMITS = Thresholds()
DEPTH = {"depth": "ordinal"}
EXPERTS = Thresholds.model_validate({"epsilon": {"crowd": 0.2}})
"""The rated people are crowd; simulated ones are held to the margin of experts."""


def simulated(seed: int = 0, items: int = 150) -> tuple[Floats, Floats]:
    """Three people (alpha near .45) and a judge like them, and the quality that they all see."""
    random = np.random.default_rng(seed)
    quality = random.normal(0, 1, items)
    values = np.clip(np.round(3 + quality + random.normal(0, 1, (4, items))), 1, 5)
    return values, quality


def table(judge: Floats, people: Floats, *more: pl.DataFrame) -> pl.DataFrame:
    rows = [rated(HUMAN, f"h{i}", scores.tolist()) for i, scores in enumerate(people)]
    found = [None if np.isnan(x) else float(x) for x in judge]
    return pl.concat([*rows, rated(PANEL, "panel", found), *more])


def verdict(judge: Floats, people: Floats, *more: pl.DataFrame, **given: Any) -> dict[str, Any]:
    limits = given.pop("limits", EXPERTS)
    found = panel_verdict.by_rubric(table(judge, people, *more), DEPTH, limits, **given)
    assert found.verdicts.schema == VERDICTS
    assert found.conditions.schema == CONDITIONS
    states = found.conditions.select("condition", "state").iter_rows()
    return {**found.verdicts.row(0, named=True), "states": dict(states)}


# --- what the conditions add up to -------------------------------------------------------------

A = Condition("human-alpha", "holds", 0.2, 0.45, 0.35, 0.55, 0.95, 1e-5)
B = Condition("delta", "holds", -0.15, 0.0, -0.08, 0.08, 0.9, 0.001)
C = Condition("alternative-annotator", "holds", 0.5, 1.0, p=0.01)
D = Condition("floor", "holds", 0.0, 0.2, 0.1, 0.3, 0.9, 0.002)
E = Condition("arm-bias", "holds", 0.5, 0.1, -0.1, 0.3, 0.95)
R = Condition("rank", "straddles", -0.15, -0.1, -0.2, 0.0, 0.9, 0.2)


@pytest.mark.parametrize(
    ("changed", "expected", "by"),
    [
        ({}, USABLE, ("alternative-annotator",)),
        ({"delta": "straddles"}, UNDECIDED, ("delta",)),
        ({"delta": "fails"}, NOT_USABLE, ("delta",)),
        ({"delta": "fails", "rank": "holds"}, RANK_ONLY, ("delta", "rank")),
        (
            {"delta": "fails", "rank": "holds", "human-alpha": "straddles"},
            NOT_USABLE,
            ("delta",),
        ),
        ({"floor": "fails", "rank": "holds"}, NOT_USABLE, ("floor",)),
        ({"arm-bias": "fails"}, NOT_USABLE, ("arm-bias",)),
        ({"human-alpha": "fails", "floor": "straddles"}, NOT_USABLE, ("human-alpha",)),
        ({"human-alpha": "untested"}, UNDECIDED, ("human-alpha",)),
        ({"delta": "untested", "floor": "straddles"}, UNDECIDED, ("delta", "floor")),
        (
            {"alternative-annotator": "untested", "floor": "untested", "arm-bias": "untested"},
            USABLE,
            ("alternative-annotator",),
        ),
        ({"rank": "fails"}, USABLE, ("alternative-annotator",)),
    ],
)
def test_conditions_add_up(changed: dict[str, str], expected: str, by: tuple[str, ...]) -> None:
    found = [x._replace(state=changed.get(x.condition, x.state)) for x in (A, B, C, D, E, R)]
    assert panel_verdict.decide(found) == (expected, by)


def test_p_of_a_rubric_is_the_largest_of_its_conditions() -> None:
    assert panel_verdict.largest_p([A, B, C, D, E, R]) == 0.01
    assert panel_verdict.largest_p([A, B, C._replace(p=None), D, E, R]) == 0.002
    assert panel_verdict.largest_p([A, B._replace(p=None), C, D, E, R]) is None


# --- the reference data as a panel -------------------------------------------------------------


def test_reference_conditions_of_the_small_set() -> None:
    people = np.array([scores(row) for row in ITEMS], float)
    case = Case(
        np.array(scores(LLM), float),
        people,
        ["expert"] * 3,
        np.empty((0, 40)),
        np.arange(40),
        "ordinal",
    )
    human, beside, annotator, floor, arm, _ = conditions.evaluate(case, LIMITS)
    assert human.value == pytest.approx(0.411228284964, abs=1e-9)
    assert (beside.value, beside.low, beside.high) == pytest.approx(
        (0.0622923442763, -0.07810053832779, 0.2026852268804), abs=1e-9
    )
    assert (beside.state, annotator.state) == ("holds", "holds")
    assert annotator.value == 1.0
    # of three people two must be matched: the second smallest p_BY
    assert annotator.p == pytest.approx(0.0007702192727317, abs=1e-9)
    assert (floor.state, floor.note) == ("untested", "no judge that only counts")
    assert (arm.state, arm.note) == ("untested", "no two arms are compared")


# --- simulated judges --------------------------------------------------------------------------


def test_two_judges_on_one_set_get_different_verdicts() -> None:
    values, quality = simulated()
    random = np.random.default_rng(1)
    equal = verdict(values[0], values[1:])
    noise = verdict(random.permutation(values[0]), values[1:])
    constant = verdict(np.full(150, 3.0), values[1:])
    weak = verdict(np.clip(np.round(3 + quality + random.normal(0, 1.6, 150)), 1, 5), values[1:])
    found = [row["verdict"] for row in (equal, noise, constant, weak)]
    assert found == [USABLE, NOT_USABLE, NOT_USABLE, UNDECIDED]
    assert "delta" in noise["decided_by"]
    assert "delta" in constant["decided_by"]
    assert weak["prompts_needed"] > weak["prompts"] == 150
    assert weak["people_needed"] == 3
    assert equal["prompts_needed"] is None


def test_a_harsh_judge_who_ranks_as_people_do_is_rank_only() -> None:
    values, quality = simulated(3)
    random = np.random.default_rng(5)
    harsh = np.round(1 + quality + random.normal(0, 0.6, 150))
    found = verdict(harsh, values[1:], scales={"depth": (1, 5)})
    assert found["verdict"] == RANK_ONLY
    assert found["decided_by"].startswith("delta")
    assert found["decided_by"].endswith("rank")
    assert found["off_scale"] == (harsh < 1).sum()


def test_panel_that_word_counts_match_is_not_usable() -> None:
    values, quality = simulated(2)
    words = rated(COUNTING, "words", np.clip(np.round(3 + quality), 1, 5).tolist())
    found = verdict(values[0], values[1:], words)
    assert found["states"]["floor"] == "fails"
    assert (found["verdict"], found["decided_by"]) == (NOT_USABLE, "floor")
    assert "floor: not shown to be better than word counts" in found["note"]


@pytest.mark.parametrize(
    ("bias", "state"),
    [
        (ArmBias(0.8, 0.6, 1.0), "fails"),
        (ArmBias(-0.8, -1.0, -0.6), "fails"),
        (ArmBias(0.8, 0.4, 1.2), "holds"),
        (ArmBias(0.0, -0.9, 0.9), "holds"),
        (ArmBias(None, None, None, "nobody rated one of the arms"), "unmeasured"),
    ],
)
def test_arm_bias_fails_only_wholly_beyond_the_bound(bias: ArmBias, state: str) -> None:
    values, _ = simulated()
    found = verdict(values[0], values[1:], arm_bias={"depth": bias})
    assert found["states"]["arm-bias"] == state
    expected = {"fails": NOT_USABLE, "holds": USABLE, "unmeasured": UNDECIDED}
    assert found["verdict"] == expected[state]


def test_a_judge_that_only_counts_is_never_rank_only() -> None:
    worse, ranks = B._replace(state="fails"), R._replace(state="holds")
    counts = Condition("floor", "fails", 0.0, note=conditions.ONLY_COUNTS)
    assert panel_verdict.decide([A, worse, D, ranks]).verdict == RANK_ONLY
    assert panel_verdict.decide([A, worse, counts, ranks]).verdict == NOT_USABLE


def test_several_raters_at_once_are_each_as_alone() -> None:
    values, quality = simulated()
    random = np.random.default_rng(3)
    other = np.clip(np.round(3 + quality + random.normal(0, 2, 150)), 1, 5)
    ratings = pl.concat([table(values[0], values[1:]), rated(JUDGE, "b", list(other))])
    machines = ratings.filter(pl.col("kind") != "human")["rater"].unique().sort().to_list()
    assert len(machines) == 2
    both = panel_verdict.by_rater(ratings, DEPTH, LIMITS, {x: {} for x in machines})
    for rater in machines:
        alone = panel_verdict.by_rubric(ratings, DEPTH, LIMITS, rater)
        assert both.verdicts.filter(rater=rater).equals(alone.verdicts)
        assert both.conditions.filter(rater=rater).equals(alone.conditions)


def test_strong_is_said_where_people_agree_beyond_the_second_bound() -> None:
    values, quality = simulated()
    assert not verdict(values[0], values[1:])["strong"]
    random = np.random.default_rng(0)
    sure = np.clip(np.round(3 + quality + random.normal(0, 0.5, (4, 150))), 1, 5)
    assert verdict(sure[0], sure[1:])["strong"]


def test_thresholds_move_the_verdict() -> None:
    values, _ = simulated()
    strict = Thresholds.model_validate({"delta": 0.3, "epsilon": {"crowd": 0.2}})
    assert verdict(values[0], values[1:], limits=strict)["states"]["delta"] == "fails"
    # people whose class is not told are crowd: a judge like them is not forgiven enough
    assert verdict(values[0], values[1:], limits=LIMITS)["verdict"] == UNDECIDED


def test_thresholds_are_frozen_and_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        LIMITS.delta = 0.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match=r"alhpa\n.*Extra inputs are not permitted"):
        Thresholds.model_validate({"alhpa": 0.2})
    assert (LIMITS.human_alpha, LIMITS.strong_alpha, LIMITS.delta) == (0.2, 0.4, -0.15)
    assert [LIMITS.epsilon.of(x) for x in ("expert", "skilled", "crowd", "?")] == [
        0.2,
        0.15,
        0.1,
        0.1,
    ]


# --- how many prompts decide -------------------------------------------------------------------


def test_prompts_needed_shrink_the_interval_to_its_bound() -> None:
    values, quality = simulated()
    random = np.random.default_rng(1)
    weak = np.clip(np.round(3 + quality + random.normal(0, 1.6, 150)), 1, 5)
    found = panel_verdict.by_rubric(table(weak, values[1:]), DEPTH, EXPERTS)
    row = found.conditions.filter(condition="delta").row(0, named=True)
    assert row["state"] == "straddles"
    reach = row["value"] - row["low"] if row["value"] > -0.15 else row["high"] - row["value"]
    assert row["prompts_needed"] == int(150 * (reach / (row["value"] + 0.15)) ** 2) + 1


def test_a_value_on_its_bound_is_decided_by_no_number_of_prompts() -> None:
    assert conditions.prompts_to_decide(40, 0.2, 0.0) is None


@given(
    prompts=st.integers(3, 500),
    distance=st.floats(0.01, 0.5),
    more=st.floats(0, 1),
)
def test_prompts_that_decide_are_more_than_there_are(
    prompts: int, distance: float, more: float
) -> None:
    needed = conditions.prompts_to_decide(prompts, distance + more, distance)
    assert needed is not None
    assert needed >= prompts
    assert needed == conditions.prompts_to_decide(prompts, distance + more, -distance)


# --- Holm --------------------------------------------------------------------------------------


def test_holm_corrects_over_rubrics_and_both_are_shown() -> None:
    values, _ = simulated()
    one = table(values[0], values[1:])
    noise = table(np.random.default_rng(1).permutation(values[0]), values[1:])
    ratings = pl.concat([one, noise.with_columns(rubric=pl.lit("irony"))])
    found = panel_verdict.by_rubric(ratings, {**DEPTH, "irony": "ordinal"}, EXPERTS).verdicts
    depth, irony = found.rows(named=True)
    assert depth["p_holm"] == pytest.approx(2 * depth["p"])
    assert irony["p_holm"] == irony["p"] > 0.5
    assert depth["usable_holm"] == (depth["p_holm"] <= 0.05)
    assert not irony["usable_holm"]


# --- properties --------------------------------------------------------------------------------

levels = st.sampled_from([1.0, 2.0, 3.0, 9.0, np.nan])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    raters, answers = draw(st.integers(0, 4)), draw(st.integers(1, 10))
    size = (raters + 2) * answers
    cells = draw(st.lists(levels, min_size=size, max_size=size))
    values = np.array(cells).reshape(raters + 2, answers)
    prompts = np.array(draw(st.lists(st.integers(0, 5), min_size=answers, max_size=answers)))
    metric = draw(st.sampled_from(["nominal", "ordinal", "interval"]))
    return Case(values[0], values[2:], ["crowd"] * raters, values[1:2], prompts, metric)


@given(case=cases())
@settings(deadline=None, max_examples=120)
def test_any_scores_get_a_verdict_with_reasons(case: Case) -> None:
    limits = Thresholds(items_per_person=2)
    found = conditions.evaluate(case, limits)
    decision = panel_verdict.decide(found)
    assert decision.verdict in (USABLE, RANK_ONLY, UNDECIDED, NOT_USABLE)
    assert decision.decided_by
    for each in found:
        assert each.state != "untested" or each.note
        numbers = (each.value, each.low, each.high, each.p)
        assert all(x is None or np.isfinite(x) for x in numbers)
        assert each.p is None or 0 <= each.p <= 1
        if each.state == "holds" and each.condition in ("delta", "floor", "rank"):
            assert each.p is not None
            assert each.p <= 0.05 + 1e-9


@given(case=cases(), order=st.permutations(range(4)))
@settings(deadline=None, max_examples=40)
def test_the_order_of_people_changes_no_verdict(case: Case, order: list[int]) -> None:
    rows = [i for i in order if i < len(case.people)]
    one = panel_verdict.decide(conditions.evaluate(case, LIMITS))
    turned = case._replace(people=case.people[rows])
    assert panel_verdict.decide(conditions.evaluate(turned, LIMITS)) == one


# --- edges -------------------------------------------------------------------------------------


def test_missing_verdicts_are_counted_and_the_rest_is_used() -> None:
    values, quality = simulated()
    judge = np.clip(np.round(3 + quality), 1, 5)
    judge[:20] = np.nan
    found = verdict(judge, values[1:])
    assert (found["missing"], found["verdict"]) == (20, USABLE)
    silent = verdict(np.full(150, np.nan), values[1:])
    assert (silent["missing"], silent["verdict"], silent["p"]) == (150, UNDECIDED, None)
    assert silent["decided_by"] == "delta"
    assert "delta: not defined with any person: nobody to meet" in silent["note"]


def test_scores_off_the_scale_are_counted_and_never_clipped() -> None:
    values, _ = simulated()
    judge = values[0].copy()
    judge[:3] = (-1.0, 0.0, 9.0)
    off = verdict(judge, values[1:], scales={"depth": (1, 5)})
    clipped = verdict(np.clip(judge, 1, 5), values[1:], scales={"depth": (1, 5)})
    assert (off["off_scale"], clipped["off_scale"]) == (3, 0)
    assert off["p"] != clipped["p"]
    assert verdict(judge, values[1:])["off_scale"] is None


def test_constant_people_have_no_alpha_and_say_so() -> None:
    flat = np.full((3, 40), 3.0)
    found = verdict(flat[0], flat)
    assert (found["verdict"], found["decided_by"]) == (UNDECIDED, "human-alpha, delta")
    assert "human-alpha: all ratings are equal (3)" in found["note"]
    assert (found["p"], found["prompts_needed"]) == (None, None)
    # people who never differ are still nearer to each other than a judge who does
    far = verdict(np.arange(40.0) % 5, flat)
    assert (far["verdict"], far["decided_by"]) == (NOT_USABLE, "alternative-annotator")


def test_no_people_and_no_ratings_are_undecided() -> None:
    alone = rated(PANEL, "panel", [1.0, 2.0, 3.0])
    for ratings in (alone, alone.with_columns(rubric=pl.lit("irony"))):
        row = panel_verdict.by_rubric(ratings, DEPTH).verdicts.row(0, named=True)
        assert (row["verdict"], row["prompts"], row["people_each"]) == (UNDECIDED, 0, None)


def test_unknown_judge_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no judge 'b'; there are \['a'\]"):
        panel_verdict.by_rubric(rated(JUDGE, "a", [1.0]), DEPTH, rater="b")


def test_human_alpha_has_the_interval_of_the_agreement_table() -> None:
    values, _ = simulated()
    found = panel_verdict.by_rubric(table(values[0], values[1:]), DEPTH, EXPERTS).conditions
    row = found.filter(condition="human-alpha").row(0, named=True)
    expected = jackknife.interval(values[1:], np.arange(150), "ordinal")
    assert (row["low"], row["high"]) == pytest.approx(expected[:2], abs=1e-12)


# --- real ratings ------------------------------------------------------------------------------


def test_ttcw_panel_and_each_judge_are_not_usable_or_undecided() -> None:
    ratings, measured = gold("ttcw")
    metrics = dict.fromkeys(measured["criterion"], "nominal")
    judges = ratings.filter(kind="judge")["rater"].unique().sort().to_list()
    assert len(judges) == 7
    of_all = {}
    for rater in ("panel", *judges):
        found = panel_verdict.by_rubric(ratings, metrics, rater=rater).verdicts
        assert set(found["verdict"]) <= {NOT_USABLE, UNDECIDED}
        assert found["decided_by"].str.contains("delta|human-alpha").all()
        assert not found["usable_holm"].any()
        of_all[rater] = found["verdict"].to_list()
        undecided = found.filter(verdict=UNDECIDED)
        assert (undecided["prompts_needed"] > 12).all()
        assert found["missing"].to_list() == [1 if rater == "gemini-pro" else 0] * 14
    assert of_all["panel"].count(NOT_USABLE) == 13
    assert len({tuple(verdicts) for verdicts in of_all.values()}) > 3


def test_ttcw_majority_of_the_experts_passes_delta_on_all_tests() -> None:
    ratings, measured = gold("ttcw")
    both = pl.concat((ratings, majority(ratings)))
    metrics = dict.fromkeys(measured["criterion"], "nominal")
    found = panel_verdict.by_rubric(both, metrics, rater="majority")
    passed = found.conditions.filter(condition="delta")
    assert passed["state"].to_list() == ["holds"] * 14
    assert set(found.verdicts["verdict"]) == {USABLE, UNDECIDED}
    assert found.verdicts["decided_by"].unique().to_list() == ["human-alpha"]


def test_hanna_coherence_and_surprise_fail_on_the_human_condition() -> None:
    ratings, measured = gold("hanna")
    metrics = dict.fromkeys(measured["criterion"], "ordinal")
    some = ratings.filter(pl.col("kind").is_in(["human", "panel"]))
    found = panel_verdict.by_rubric(some, metrics)
    verdicts = {row["rubric"]: row for row in found.verdicts.iter_rows(named=True)}
    for rubric in ("Coherence", "Surprise"):
        assert verdicts[rubric]["verdict"] == NOT_USABLE
        assert verdicts[rubric]["decided_by"] == "human-alpha"
    assert verdicts["Complexity"]["verdict"] == USABLE
    assert verdicts["Relevance"]["verdict"] == UNDECIDED


def test_hanna_scores_off_the_scale_are_counted() -> None:
    ratings, measured = gold("hanna")
    metrics = dict.fromkeys(measured["criterion"], "ordinal")
    judges = ratings.filter(kind="judge")["rater"].unique()
    scales = dict.fromkeys(metrics, (1.0, 5.0))
    counts = 0
    verdicts = set()
    for rater in judges:
        rows = ratings.filter((pl.col("kind") == "human") | (pl.col("rater") == rater))
        one = panel_verdict.by_rubric(rows, metrics, rater=rater, scales=scales).verdicts
        counts += one["off_scale"].sum()
        verdicts.add(one.filter(rubric="Complexity")["verdict"][0])
    assert counts == 1_051
    # one set, one criterion, judges of all kinds
    assert verdicts == {USABLE, RANK_ONLY, UNDECIDED}


def leaning(scale: float, shift: float, rate_both: bool = True) -> pl.DataFrame:
    """Ratings of two arms by three people and three judges who add `shift` levels to one arm."""
    random = np.random.default_rng(8)
    rows = []
    for prompt, arm in product(range(60), ("high", "low")):
        true = random.normal(3.2 if arm == "high" else 2.8, 1)
        for kind, name in product(("human", "judge"), "abc"):
            if kind == "human" and arm == "high" and not rate_both:
                continue
            lean = shift if kind == "judge" and arm == "high" else 0.0
            level = float(np.clip(np.round(true + random.normal(0, 0.7)) + lean, 1, 5))
            rows.append(
                dict.fromkeys(RATINGS.names())
                | {
                    "response": f"{prompt}{arm}",
                    "prompt": str(prompt),
                    "language": "en",
                    "arm": arm,
                    "draw": 0,
                    "rubric": "depth",
                    "rater": f"{kind} {name}",
                    "kind": kind,
                    "rater_class": "expert" if kind == "human" else None,
                    "computed": False if kind == "judge" else None,
                    "score": scale * level,
                }
            )
    table = pl.DataFrame(rows, schema=RATINGS)
    return pl.concat([table, panel(table.filter(kind="judge"))])


def judged(scale: float, shift: float, rate_both: bool = True) -> tuple[str, dict[str, str]]:
    ratings = leaning(scale, shift, rate_both)
    title = Text(en="Depth", ru="Глубина")
    levels = tuple(scale * x for x in (1.0, 2.0, 3.0, 4.0, 5.0))
    terms = Terms(
        (Criterion("depth", title, "ordinal", levels),), Arms("high", "low"), {}, Thresholds()
    )
    there = ratings.select("response", "prompt", "arm").unique().sort("response")
    answers = pl.DataFrame(
        [
            dict.fromkeys(ANSWERS.names()) | x | {"finish": "complete", "words": 9}
            for x in there.to_dicts()
        ],
        schema=ANSWERS,
    )
    found = judgement.of(terms, ratings, answers)
    states = dict(found.conditions.select("condition", "state").iter_rows())
    return found.panel_verdicts["verdict"][0], states


@pytest.mark.parametrize("shift", [0.0, 2.0])
def test_a_verdict_does_not_hang_on_what_the_scale_is_counted_in(shift: float) -> None:
    found = judged(1.0, shift)
    assert found[1]["arm-bias"] == ("fails" if shift else "holds")
    assert judged(20.0, shift) == judged(0.25, shift) == found


def test_a_panel_is_not_usable_while_nobody_rated_one_arm() -> None:
    verdict_, states = judged(1.0, 0.0, rate_both=False)
    assert states["human-alpha"] == states["delta"] == "holds"
    assert states["arm-bias"] == "unmeasured"
    assert verdict_ == UNDECIDED
