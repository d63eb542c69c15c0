from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated import HUMAN, JUDGE, PANEL, gold, rated
from scipy.stats import kendalltau, spearmanr
from test_alpha import grid

from pipeline.findings import PAIRWISE
from pipeline.stats import pairwise, ranks
from pipeline.stats.alpha import Floats
from pipeline.stats.pairs import Pair

A = np.array([float(x) for x in "51322242353543543224"])
B = np.array([float(x) for x in "53322343353553543224"])
MEASURES = ("ac2", "kappa", "tau_b", "spearman", "bias")

unhurried = settings(deadline=None, max_examples=60)
levels = st.sampled_from([1.0, 2.0, 2.5, 3.0, 5.0])
two_raters = st.lists(st.tuples(levels, levels), min_size=2, max_size=14)


# --- numbers from R ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (pairwise.kappa, 0.8689138576779),
        (pairwise.tau_b, 0.8383163781253),
        (pairwise.spearman, 0.8951501743075),
    ],
)
def test_reference_pairwise(
    measure: Callable[[Floats, Floats], pairwise.Measure], expected: float
) -> None:
    assert measure(A, B).value == pytest.approx(expected, abs=1e-9)
    assert measure(B, A).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("krippendorff2011_C", 0.9140007235516),
        ("full3x20", 0.8922800718133),
        ("missing4x20", 0.7079165916746),
    ],
)
def test_reference_ac2(name: str, expected: float) -> None:
    assert pairwise.ac2(grid(name)).value == pytest.approx(expected, abs=1e-9)


# --- properties --------------------------------------------------------------------------------


@given(scores=two_raters)
@unhurried
def test_ranks_agree_with_scipy(scores: list[tuple[float, float]]) -> None:
    one, two = np.array(scores).T
    if len(set(one)) == 1 or len(set(two)) == 1:
        assert pairwise.tau_b(one, two).reason == pairwise.spearman(one, two).reason
        assert "throughout" in (pairwise.tau_b(one, two).reason or "")
        return
    assert pairwise.tau_b(one, two).value == pytest.approx(kendalltau(one, two)[0], abs=1e-9)
    assert pairwise.spearman(one, two).value == pytest.approx(spearmanr(one, two)[0], abs=1e-9)


@given(scores=two_raters, data=st.data())
@unhurried
def test_tau_left_out_is_tau_of_what_is_left(
    scores: list[tuple[float, float]], data: st.DataObject
) -> None:
    one, two = np.array(scores).T
    some = st.lists(st.integers(0, 3), min_size=len(one), max_size=len(one))
    prompt = np.array(data.draw(some))
    found = ranks.measured(Pair(one, two, prompt, 1), 4)
    if found.value is None:
        return
    for p in range(4):
        expected = pairwise.tau_b(one[prompt != p], two[prompt != p]).value
        assert found.left_out.defined[p] == (expected is not None)
        if expected is not None:
            assert found.left_out.value[p] == pytest.approx(expected, abs=1e-9)


def test_tau_left_out_works_through_many_values_piece_by_piece() -> None:
    random = np.random.default_rng(4)
    one = random.normal(size=900)
    two = one + random.normal(size=900)
    prompt = np.arange(900) % 7
    found = ranks.measured(Pair(one, two, prompt, 1), 7)
    rest = prompt != 6
    assert found.left_out.value[6] == pytest.approx(kendalltau(one[rest], two[rest])[0], abs=1e-9)


@pytest.mark.parametrize(
    ("answers", "prompts", "levels"), [(1200, 3, 6), (900, 2, 40), (60, 40, 3)]
)
def test_tau_left_out_holds_with_large_and_with_empty_prompts(
    answers: int, prompts: int, levels: int
) -> None:
    random = np.random.default_rng(7)
    one = random.integers(0, levels, answers).astype(float)
    two = np.clip(one + random.integers(-2, 3, answers), 0, levels)
    prompt = random.integers(0, prompts, answers)
    found = ranks.measured(Pair(one, two, prompt, 1), prompts)
    for p in range(prompts):
        rest = prompt != p
        expected = kendalltau(one[rest], two[rest])[0]
        assert found.left_out.value[p] == pytest.approx(expected, abs=1e-9)


def test_ac2_is_the_mean_weight_of_pairs_beside_that_of_the_marginals() -> None:
    random = np.random.default_rng(3)
    values = random.normal(60, 20, (4, 50)).round(2)
    values[random.random(values.shape) < 0.3] = np.nan
    domain = np.unique(values[~np.isnan(values)])
    weight = 1 - ((domain[:, None] - domain) / np.ptp(domain)) ** 2
    count = np.array([[(unit == v).sum() for v in domain] for unit in values.T])
    size = count.sum(axis=1)
    pairs = (count * (count @ weight - 1)).sum(axis=1)[size > 1]
    observed = (pairs / (size * (size - 1))[size > 1]).mean()
    share = (count[size > 0] / size[size > 0, None]).mean(axis=0)
    q = len(domain)
    expected = weight.sum() / (q * (q - 1)) * (share * (1 - share)).sum()
    found = pairwise.ac2(values).value
    assert found == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)


def test_ac2_shares_out_what_lies_between_two_levels() -> None:
    random = np.random.default_rng(5)
    values = random.integers(2, 11, (3, 80)) / 2  # half levels from 1 to 5
    levels = np.arange(1.0, 6)
    belongs = np.maximum(0, 1 - np.abs(values[..., None] - levels))
    share = belongs.mean(axis=(0, 1))
    apart = np.stack([(values[i] - values[j]) ** 2 for i, j in ((0, 1), (0, 2), (1, 2))])
    observed = 1 - apart.mean() / 16
    weight = 1 - (levels[:, None] - levels) ** 2 / 16
    expected = weight.sum() / 20 * (share * (1 - share)).sum()
    found = pairwise.ac2(values, levels).value
    assert found == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)
    off = pairwise.ac2(np.array([[1.0, 2, 6], [1, 2, 5]]), levels).value
    wide = pairwise.ac2(np.array([[1.0, 2, 6], [1, 2, 5]]), (*levels, 6.0)).value
    assert off == wide, "a score beyond the ends is a category of its own"


@given(scores=two_raters)
@unhurried
def test_the_same_rater_twice_agrees_wholly(scores: list[tuple[float, float]]) -> None:
    one = np.array(scores)[:, 0]
    if len(set(one)) == 1:
        assert pairwise.kappa(one, one).reason == f"all ratings are equal ({one[0]:g})"
        assert pairwise.ac2(np.stack((one, one))).reason == f"all ratings are equal ({one[0]:g})"
        return
    for measure in (pairwise.kappa, pairwise.tau_b, pairwise.spearman):
        assert measure(one, one).value == pytest.approx(1.0, abs=1e-9)
    assert pairwise.ac2(np.stack((one, one))).value == pytest.approx(1.0, abs=1e-9)
    assert pairwise.bias(one, one).value == 0.0


@given(scores=two_raters)
@unhurried
def test_kappa_is_the_ratio_of_disagreements(scores: list[tuple[float, float]]) -> None:
    one, two = np.array(scores).T
    expected = ((one[:, None] - two) ** 2).mean()
    found = pairwise.kappa(one, two).value
    assert (found is None) == (expected == 0)
    if found is not None:
        assert found == pytest.approx(1 - ((one - two) ** 2).mean() / expected, abs=1e-9)


def test_an_offset_lowers_kappa_and_leaves_ranks_alone() -> None:
    harsh = pairwise.kappa(A, A - 2).value
    assert harsh is not None
    assert harsh < 0.5
    assert pairwise.tau_b(A, A - 2).value == pytest.approx(1.0)
    assert pairwise.bias(A, A - 2).value == 2.0


# --- edges -------------------------------------------------------------------------------------


def test_what_is_not_defined_says_why() -> None:
    none, flat = np.zeros(0), np.full(5, 3.0)
    for measure in (pairwise.kappa, pairwise.bias):
        assert measure(none, none) == (None, "no answer rated by both")
    assert pairwise.tau_b(none, none).reason == "fewer than two answers rated by both"
    assert pairwise.spearman(A[:5], flat).reason == "one rater gives the same score (3) throughout"
    assert pairwise.kappa(A[:5], flat).value == pytest.approx(0.0, abs=0.3)
    assert pairwise.ac2(np.array([[1.0, np.nan], [np.nan, 2.0]])).reason is not None


def test_too_many_values_for_tau_are_told() -> None:
    many = np.arange(2_100.0)
    assert pairwise.tau_b(many, many).reason == "2100 x 2100 values are too many for tau-b"
    assert pairwise.spearman(many, many).value == pytest.approx(1.0)


# --- the table ---------------------------------------------------------------------------------


def test_table_has_people_and_each_judge_and_tells_what_is_missing() -> None:
    raters = (
        rated(HUMAN, "ann", A.tolist()),
        rated(HUMAN, "bob", B.tolist()),
        rated(JUDGE, "flat", [3.0] * 20),
        rated(JUDGE, "high", (A + 1).tolist()),
        rated(JUDGE, "silent", [None] * 20),
        rated(PANEL, "panel", A.tolist()),
    )
    found = pairwise.by_rubric(pl.concat(raters), {"depth": "ordinal"}, {"depth": range(1, 6)})
    assert found.schema == PAIRWISE
    rows = {row["rater"] or "humans": row for row in found.iter_rows(named=True)}
    assert rows["humans"]["kappa"] == pytest.approx(0.8689138576779, abs=1e-9)
    assert (rows["humans"]["bias"], rows["humans"]["pairs"]) == (None, 1)
    flat = rows["flat"]
    assert (flat["tau_b"], flat["spearman"], flat["pairs"]) == (None, None, 2)
    assert "spearman of some pairs not defined: one rater gives the same score (3)" in flat["note"]
    assert flat["kappa"] is not None
    assert rows["high"]["bias"] == pytest.approx((1 + 1 + (A - B).mean()) / 2)
    assert rows["high"]["tau_b"] == pytest.approx((1 + 0.8383163781253) / 2, abs=1e-9)
    assert [rows["silent"][name] for name in MEASURES] == [None] * 5
    assert rows["silent"]["note"] == "nobody to meet"
    assert rows["panel"]["comparison"] == "panel-human"


def test_names_without_order_have_no_such_measure() -> None:
    raters = pl.concat((rated(HUMAN, "ann", A.tolist()), rated(HUMAN, "bob", B.tolist())))
    row = pairwise.by_rubric(raters, {"depth": "nominal"}).row(0, named=True)
    assert [row[name] for name in MEASURES] == [None] * 5
    assert row["note"] == "the levels are names without an order"


def test_hanna_measures_of_a_judge_are_those_of_its_pairs() -> None:
    ratings, _ = gold("hanna")
    some = ratings.filter(pl.col("rater").str.starts_with("Beluga") | (pl.col("kind") == "human"))
    found = pairwise.by_rubric(some, {"Complexity": "ordinal"})
    assert found.height == 5
    assert found.select(pl.col(MEASURES).is_nan().any()).row(0) == (False,) * 5
    row = found.filter(rater="Beluga-13B/prompt1").row(0, named=True)
    one = some.filter(rubric="Complexity").pivot("rater", index="response", values="score")
    people = [name for name in one.columns if name.startswith("human")]
    judge = one["Beluga-13B/prompt1"].to_numpy()
    expected = np.mean([kendalltau(judge, one[h].to_numpy())[0] for h in people])
    assert row["tau_b"] == pytest.approx(expected, abs=1e-9)


def test_ttcw_constant_judges_are_null_with_a_reason() -> None:
    ratings, measured = gold("ttcw")
    found = pairwise.by_rubric(ratings, dict.fromkeys(measured["criterion"], "nominal"))
    flat = found.filter(pl.col("tau_b").is_null())
    assert flat.height > 0
    assert flat["note"].str.contains("throughout").all()
    assert found["bias"].drop_nulls().is_not_nan().all()
