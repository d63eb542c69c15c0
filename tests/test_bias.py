import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.findings import BIAS
from pipeline.stats import adjust, bias, equate, regression
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.differences import Arms
from pipeline.tables import RATINGS

ARMS = Arms("big", "small")

# --- numbers from R ----------------------------------------------------------------------------


def _numbers(text: str) -> Floats:
    return np.array([float(x) for x in text.split()])


LENGTH = _numbers("""
    221 193 355 79 445 184 68 93 153 148 48 217 113 162 197 316 206 260 100 120 181 151 89 79 132
    215 175 85 104 103
""")
PEOPLE = _numbers("""
    1 3 3 4 5 3 5 3 4 4 3 1 3 3 5 3 4 5 3 2 2 5 3 3 4 4 3 2 4 4
""")
JUDGE = _numbers("""
    1.88 3.67 2.64 2.25 5 3.56 3.33 3.58 3.42 2.8 2.2 1.53 3.02 2.19 4.67 3.64 3.95 5 2.34 2.37
    3.11 4.39 2.45 2.39 3.53 3.45 2.94 1.38 2.9 3.95
""")
VALUES = _numbers("""
    -0.511 0.071 0.345 0.069 -0.318 0.14 0.559 -0.056 -0.523 -0.741 0.376 -0.502 0.124 -0.03 1.111
    1.05 0.399 -0.239 1.499 1.469 0.227 1.476 0.822 1.457 1.814 0.051 -0.56 0.311 0.306 -0.352
""")
CLUSTERS = _numbers("""
    1 1 2 2 2 3 4 4 4 4 5 5 6 6 6 7 7 7 8 8 9 10 10 10 10 11 11 12 12 12
""")


def test_reference_length_bias() -> None:
    columns = np.column_stack((np.ones(30), PEOPLE, np.log(LENGTH)))
    fit = regression.least_squares(columns, JUDGE, np.arange(30))
    assert fit.coefficient[2] == pytest.approx(0.740239218204, abs=1e-9)
    assert fit.error[2] == pytest.approx(0.1842583969435, abs=1e-9)
    assert (fit.method, fit.freedom[2]) == ("HC3", 27)


def test_reference_clustered_mean() -> None:
    fit = regression.least_squares(np.ones((30, 1)), VALUES, CLUSTERS.astype(int))
    assert fit.coefficient[0] == pytest.approx(0.3281333333333, abs=1e-9)
    assert fit.error[0] == pytest.approx(0.2016586670863, abs=1e-9)
    assert fit.freedom[0] == pytest.approx(9.475385079138, abs=1e-9)
    assert fit.method == "CR2"


# --- regression --------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), groups=st.integers(5, 12), columns=st.integers(1, 4))
def test_cr2_is_what_its_definition_says(seed: int, groups: int, columns: int) -> None:
    """Against the definition with whole matrices: A_g = (I - H_gg)^(-1/2)."""
    random = np.random.default_rng(seed)
    cluster = np.concatenate([np.arange(groups), random.integers(0, groups, 30)])
    n = len(cluster)
    x = np.column_stack((np.ones(n), random.normal(size=(n, columns - 1))))
    y = random.normal(size=n)
    fit = regression.least_squares(x, y, cluster)
    bread = np.linalg.inv(x.T @ x)
    rest = np.eye(n) - x @ bread @ x.T
    meat, spread = np.zeros((columns, columns)), np.zeros((groups, columns, n))
    for g in range(groups):
        own = np.flatnonzero(cluster == g)
        value, vector = np.linalg.eigh(rest[np.ix_(own, own)])
        root = (vector / np.sqrt(value)) @ vector.T
        score = x[own].T @ root @ (rest @ y)[own]
        meat += np.outer(score, score)
        spread[g] = (rest[:, own] @ root @ x[own] @ bread).T
    assert fit.error == pytest.approx(np.sqrt(np.diag(bread @ meat @ bread)), rel=1e-6)
    for i in range(columns):
        matrix = spread[:, i] @ spread[:, i].T
        freedom = np.trace(matrix) ** 2 / (matrix**2).sum()
        assert fit.freedom[i] == pytest.approx(freedom, rel=1e-6)


def test_many_clusters_need_no_matrix_of_their_size() -> None:
    random = np.random.default_rng(1)
    x = np.column_stack((np.ones(40_000), random.normal(size=40_000)))
    tracemalloc.start()
    fit = regression.least_squares(x, random.normal(size=40_000), np.arange(40_000) // 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fit.method == "CR2"
    assert 5_000 < fit.freedom[1] < 20_000
    assert peak < 100e6


def test_paired_arms_give_the_paired_t_test() -> None:
    random = np.random.default_rng(2)
    high, low = random.normal(0.5, 1, 20), random.normal(0, 1, 20)
    arm = np.tile([1.0, 0.0], 20)
    fit = regression.least_squares(
        np.column_stack((np.ones(40), arm)),
        np.column_stack((high, low)).ravel(),
        np.repeat(np.arange(20), 2),
    )
    difference = high - low
    found = regression.read(fit, 1)
    assert found.value == pytest.approx(difference.mean())
    assert found.error == pytest.approx(difference.std(ddof=1) / np.sqrt(20))
    assert found.freedom == pytest.approx(19)


def test_coefficient_that_one_answer_decides_has_no_interval() -> None:
    x = np.column_stack((np.ones(6), [1.0, 0, 0, 0, 0, 0]))
    found = regression.read(regression.least_squares(x, np.arange(6.0), np.arange(6)), 1)
    assert (found.low, found.p) == (None, None)
    assert found.reason == "no interval: a single answer or prompt decides the coefficient"
    exact = regression.least_squares(np.ones((6, 1)), np.ones(6), np.arange(6))
    assert regression.read(exact, 0).reason == "no interval: nothing is left over"


# --- the scale ---------------------------------------------------------------------------------


def simulated(seed: int, prompts: int = 60, slope: float = 0.6) -> tuple[Floats, Floats, Codes]:
    """A judge and three people on two answers per prompt."""
    random = np.random.default_rng(seed)
    truth = random.normal(3, 1, 2 * prompts)
    people = truth + random.normal(0, 0.8, (3, 2 * prompts))
    judge = 2 + slope * (truth - 3) + random.normal(0, 0.3, 2 * prompts)
    return judge, people, np.repeat(np.arange(prompts), 2)


def test_slope_is_freed_of_the_noise_of_the_people() -> None:
    found = [equate.scale(*simulated(seed)) for seed in range(60)]
    slopes = [x.slope for x in found if x.slope is not None]
    assert np.mean(slopes) == pytest.approx(0.6, abs=0.02)  # a plain regression gives .6 * .82
    held = [x.low <= 0.6 <= x.high for x in found if x.low is not None and x.high is not None]
    assert len(held) == 60
    assert np.mean(held) > 0.88
    assert np.mean([x.reliability for x in found if x.reliability]) == pytest.approx(
        0.824, abs=0.02
    )


def test_slope_follows_the_formula_of_the_method() -> None:
    judge, people, prompt = simulated(1)
    mean, k = people.mean(axis=0), 3
    reliability = 1 - people.var(axis=0, ddof=1).mean() / (k * mean.var(ddof=1))
    slope = np.cov(judge, mean)[0, 1] / (reliability * mean.var(ddof=1))
    found = equate.scale(judge, people, prompt)
    assert found.reliability == pytest.approx(reliability, abs=1e-12)
    assert found.slope == pytest.approx(slope, abs=1e-12)
    # each slope without a prompt is that of the table without it
    left = equate.scale(judge[2:], people[:, 2:], prompt[2:] - 1)
    assert found.left_out[0] == pytest.approx(left.slope, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda j, h, p: (j[:4], h[:, :4], p[:4]), "2 of 3 prompts needed"),
        (lambda j, h, p: (j[:0], h[:, :0], p[:0]), "0 of 3 prompts needed"),
        (lambda j, h, p: (j, h[:1], p), "one rater per answer"),
        (lambda j, h, p: (np.full_like(j, 3.0), h, p), "not shown to go with the people's"),
        (
            lambda j, h, p: (np.random.default_rng(0).normal(size=len(j)), h, p),
            "not shown to go with the people's",
        ),
        (lambda j, h, p: (j, h - h.mean(axis=0), p), "the people's mean is all noise"),
        (lambda j, h, p: (j, np.full_like(h, 2.0), p), "the people's mean is all noise"),
    ],
)
def test_errors_that_cannot_be_read_have_a_reason(
    change: Callable[..., tuple[Floats, Floats, Codes]], reason: str
) -> None:
    found = equate.scale(*change(*simulated(3)))
    assert found.reason is not None
    assert reason in found.reason


# --- the audit ---------------------------------------------------------------------------------


def study(
    arm_bias: float = 0.0,
    length_bias: float = 0.0,
    own_bias: float = 0.0,
    seed: int = 0,
    prompts: int = 60,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """RATINGS of three people and two judges, and the words of each answer.

    Judge `b` is of the big arm's family. High arms write longer and better answers.
    """
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    words: dict[str, int] = {}
    for i in range(prompts):
        for language in ("en", "ru"):
            for arm in ARMS:
                high = float(arm == "big")
                truth = random.normal(3 + 0.5 * high, 1)
                length = 5 + 0.5 * high + random.normal(0, 0.4)
                judged = truth + arm_bias * high + length_bias * (length - 5)
                response = f"p{i:03}-{arm}-{language}"
                words[response] = int(np.exp(length))
                raters = {f"h{k}": ("human", truth + random.normal(0, 0.7)) for k in range(3)}
                for name in "ab":
                    own = own_bias * high * (name == "b")
                    score = 2 + 0.6 * (judged + own - 3) + random.normal(0, 0.25)
                    raters[name] = ("judge", score)
                for rater, (kind, score) in raters.items():
                    rows.append(
                        {
                            "response": response,
                            "prompt": f"p{i:03}",
                            "task_kind": "irony",
                            "language": language,
                            "arm": arm,
                            "draw": 0,
                            "rubric": "depth",
                            "rater": rater,
                            "kind": kind,
                            "rater_class": None,
                            "computed": None if kind == "human" else False,
                            "score": float(score),
                            "reason": None,
                        }
                    )
    facts = pl.DataFrame({"response": list(words), "words": list(words.values())})
    return pl.DataFrame(rows, schema=RATINGS), facts


def audit(
    ratings: pl.DataFrame, facts: pl.DataFrame, **more: Any
) -> dict[tuple[str, str, bool], dict[str, Any]]:
    found = bias.by_rubric(ratings, facts, ARMS, **more)
    assert found.schema == BIAS
    assert bias.by_rubric(ratings.reverse(), facts.reverse(), ARMS, **more).equals(found)
    return {(x["rater"], x["factor"], x["adjusted"]): x for x in found.rows(named=True)}


def test_fair_judge_is_found_fair() -> None:
    alarms = [
        not x["low"] <= 0 <= x["high"]
        for seed in range(8)
        for x in audit(*study(seed=seed)).values()
    ]
    assert np.mean(alarms) < 0.12


def test_bias_towards_an_arm_and_length_are_found_on_the_scale_of_people() -> None:
    found = audit(*study(arm_bias=0.8))
    arm = found["a", "arm", True]
    # b takes a part of the bias for merit where the better arm is the favoured one: .7, not .8
    assert arm["low"] < 0.7 < arm["high"]
    assert arm["low"] > 0.4
    assert arm["contrast"] == "big - small"
    assert (arm["method"], arm["answers"], arm["prompts"], arm["note"]) == ("CR2", 240, 60, None)
    fair = audit(*study())["a", "arm", True]
    assert fair["slope"] == pytest.approx(0.6, abs=0.1)
    assert arm["slope"] > fair["slope"]

    longer = audit(*study(length_bias=0.8))
    length = longer["a", "log length", True]
    assert length["low"] < 0.8 < length["high"]
    assert length["low"] > 0
    # what reaches the gap is the arm alone; beside length the judge is fair to arms
    assert longer["a", "arm", False]["low"] > 0
    assert longer["a", "arm", True]["low"] < 0 < longer["a", "arm", True]["high"]


def test_panel_is_the_mean_of_its_judges() -> None:
    found = audit(*study(arm_bias=0.5))
    one, two, panel = (found[x, "arm", False] for x in ("a", "b", "panel"))
    assert panel["coefficient"] == pytest.approx(
        (one["coefficient"] + two["coefficient"]) / 2, abs=0.1
    )
    assert panel["error"] < max(one["error"], two["error"]) + 0.01


def test_own_family_is_told_from_a_better_arm() -> None:
    own = {"b": ["big"]}
    found = audit(*study(own_bias=0.6), own=own)["judges", "own family", True]
    assert found["low"] < 0.6 < found["high"]
    assert found["low"] > 0.2
    fair = audit(*study(arm_bias=0.6), own=own)["judges", "own family", True]
    assert fair["low"] < 0 < fair["high"]
    assert ("judges", "own family", True) not in audit(*study())
    every = audit(*study(), own={"a": ["big"], "b": ["big"]})["judges", "own family", True]
    assert every["note"] == "cannot be told: tied to the others"


def test_adding_a_constant_to_the_judge_changes_nothing() -> None:
    ratings, facts = study(arm_bias=0.4, prompts=20)
    moved = ratings.with_columns(
        score=pl.when(pl.col("kind") == "judge").then(pl.col("score") + 7).otherwise("score")
    )
    one, two = audit(ratings, facts), audit(moved, facts)
    for key, row in one.items():
        assert two[key]["coefficient"] == pytest.approx(row["coefficient"], abs=1e-9)


def test_swapped_arms_swap_the_sign() -> None:
    ratings, facts = study(arm_bias=0.4, prompts=20)
    turned = bias.by_rubric(ratings, facts, Arms("small", "big")).filter(factor="arm")
    found = bias.by_rubric(ratings, facts, ARMS).filter(factor="arm")
    np.testing.assert_allclose(turned["coefficient"], -found["coefficient"], atol=1e-9)
    np.testing.assert_allclose(turned["low"], -found["high"], atol=1e-9)


def test_one_answer_per_prompt_has_hc3() -> None:
    ratings, facts = study(arm_bias=0.5)
    even = pl.col("prompt").str.tail(1).cast(pl.Int64) % 2 == 0
    arm = pl.when(even).then(pl.lit("big")).otherwise(pl.lit("small"))
    found = audit(ratings.filter(pl.col("arm") == arm, pl.col("language") == "en"), facts)
    assert found["a", "arm", False]["method"] == "HC3"
    assert ("a", "language", False) not in found


def test_factors_that_are_not_known_or_do_not_vary_are_told() -> None:
    ratings, facts = study(prompts=20)
    blank = facts.with_columns(
        words=pl.when(pl.col("response").str.starts_with("p000")).then(None).otherwise("words")
    )
    found = audit(ratings, blank)
    assert found["a", "log length", False]["note"] == (
        "answers left out, as a factor is not known there: 4"
    )
    assert found["a", "arm", False]["answers"] == 80
    same = audit(ratings, facts.with_columns(words=pl.lit(100)))
    assert same["a", "log length", False]["note"] == "cannot be told: the same on every answer"
    assert ("a", "log length", True) not in same
    nothing = facts.with_columns(words=pl.lit(None, pl.Int64))
    assert ("a", "log length", False) not in audit(ratings, nothing)


def shown(ratings: pl.DataFrame, rater: str, seed: int) -> pl.DataFrame:
    """A random order in which that judge saw the answers."""
    seen = ratings.filter(rater=rater).select("rubric", "rater", "response").sort("response")
    place = np.random.default_rng(seed).permutation(seen.height) + 1.0
    return seen.with_columns(order=pl.Series(place))


def test_a_judge_that_grows_milder_is_found_by_its_own_order() -> None:
    ratings, facts = study()
    order = pl.concat([shown(ratings, "a", 1), shown(ratings, "b", 2)])
    milder = ratings.join(order, on=["rubric", "rater", "response"], how="left").with_columns(
        score=pl.when(pl.col("rater") == "a")
        .then(
            pl.col("score") + 0.6 * pl.col("order") / pl.col("order").max()
        )  # one level of people
        .otherwise("score")
    )
    found = audit(milder.drop("order"), facts, order=order)
    drift = found["a", "order", True]
    assert drift["contrast"] == "the last shown - the first"
    assert drift["low"] < 1.0 < drift["high"]
    assert drift["low"] > 0.5
    assert drift["p_adjusted"] is None, "asked once: by the factor alone"
    assert found["a", "order", False]["p_adjusted"] < 0.001
    steady = found["b", "order", False]
    assert steady["low"] < 0 < steady["high"]
    assert ("panel", "order", False) not in found, "its judges saw them in different orders"
    assert ("panel", "order", False) not in audit(ratings, facts, order=shown(ratings, "a", 1))
    both = pl.concat([shown(ratings, x, 1) for x in "ab"])
    assert ("panel", "order", False) in audit(ratings, facts, order=both)
    last = pl.col("order").max()
    place = pl.when(pl.col("order") == last).then(1.0).when(pl.col("order") == 1).then(last)
    swapped = shown(ratings, "b", 1).with_columns(order=place.otherwise("order"))
    mixed = pl.concat([shown(ratings, "a", 1), swapped])
    assert ("panel", "order", False) not in audit(ratings, facts, order=mixed), "not one order"


def test_many_questions_are_adjusted_together() -> None:
    found = audit(*study(arm_bias=0.6), own={"b": ["big"]})
    asked = [x for x in found.values() if not x["adjusted"] or x["factor"] == "own family"]
    expected = adjust.benjamini_hochberg([x["p"] for x in asked])
    assert [x["p_adjusted"] for x in asked] == pytest.approx(expected)
    assert all(x["p_adjusted"] is None for x in found.values() if x not in asked)


def test_judge_that_does_not_go_with_people_has_no_bias_to_tell() -> None:
    ratings, facts = study(prompts=20)
    constant = ratings.with_columns(
        score=pl.when(pl.col("rater") == "a").then(3.0).otherwise("score")
    )
    found = audit(constant, facts)
    row = found["a", "arm", False]
    assert (row["coefficient"], row["low"], row["p"]) == (None, None, None)
    assert row["note"].startswith("the judge's scores are not shown to go with")
    assert found["b", "arm", False]["coefficient"] is not None
    nobody = audit(ratings.filter(kind="judge"), facts)
    assert nobody["a", "arm", False]["note"] == "0 of 3 prompts needed with people and the judge"
    assert audit(pl.DataFrame(schema=RATINGS), facts) == {}
