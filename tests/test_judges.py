"""What each judge is worth: repeatability, compression, independence, contribution, pairs."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.findings import (
    COMPRESSION,
    CONTRIBUTION,
    DRAWS,
    INDEPENDENCE,
    OWN_FAMILY,
    REPEATABILITY,
)
from pipeline.stats import (
    bradley_terry,
    contribution,
    independence,
    jackknife,
    repeatability,
    repetition,
)
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.tables import RATINGS

ARMS = Arms("big", "small")
METRICS = {"depth": "interval"}


def ratings_of(scores: dict[str, Floats], draw: int | None = None) -> pl.DataFrame:
    """RATINGS of people (`h...`), word counters (`w...`) and judges: two answers per prompt."""
    rows: list[dict[str, Any]] = [
        {
            "response": f"r{i:03}",
            "prompt": f"p{i // 2:03}",
            "task_kind": "irony",
            "language": "en",
            "arm": ARMS[i % 2],
            "draw": 0,
            "rubric": "depth",
            "rater": rater,
            "kind": "human" if rater[0] == "h" else "judge",
            "rater_class": None,
            "computed": None if rater[0] == "h" else rater[0] == "w",
            "score": None if np.isnan(score) else float(score),
            "reason": None,
        }
        for rater, values in scores.items()
        for i, score in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=RATINGS)


def panel(
    judges: int, shared: float = 0.0, answers: int = 400, seed: int = 0, slope: float = 0.7
) -> dict[str, Floats]:
    """Three people, and judges whose errors share a part of their variance."""
    random = np.random.default_rng(seed)
    truth = random.normal(3, 1, answers)
    common = random.normal(0, 1, answers)
    scores = {f"h{k}": truth + random.normal(0, 0.9, answers) for k in range(3)}
    for j in range(judges):
        error = np.sqrt(shared) * common + np.sqrt(1 - shared) * random.normal(0, 1, answers)
        scores[f"j{j}"] = 1 + slope * truth + 0.5 * error
    return scores


# --- numbers from R ----------------------------------------------------------------------------

VERDICTS = {
    ("2", "1"): "11111111",
    ("3", "1"): "10110111",
    ("4", "1"): "10110111",
    ("1", "2"): "11001101",
    ("3", "2"): "10100010",
    ("4", "2"): "01111101",
    ("1", "3"): "01100101",
    ("2", "3"): "11100000",
    ("4", "3"): "01111011",
    ("1", "4"): "01000100",
    ("2", "4"): "00000010",
    ("3", "4"): "11000101",
}


def test_reference_bradley_terry_with_position() -> None:
    first = [pair[0] for pair, won in VERDICTS.items() for _ in won]
    second = [pair[1] for pair, won in VERDICTS.items() for _ in won]
    won = np.array([float(x) for row in VERDICTS.values() for x in row])
    found = bradley_terry.fit(first, second, won)
    assert found.position == pytest.approx(0.291609549632, abs=1e-9)
    assert found.strength == pytest.approx(
        [0, 0.487295166707, 0.6224637262195, 1.395995536589], abs=1e-9
    )
    errors = [found.position_error, *found.error[1:]]
    expected = [0.2225933646688, 0.3781748248005, 0.379889713595, 0.4093807979301]
    assert errors == pytest.approx(expected, abs=1e-6)
    assert (found.names, found.verdicts, found.reason) == (("1", "2", "3", "4"), 96, None)


# --- pairs -------------------------------------------------------------------------------------


def test_position_is_told_from_strength() -> None:
    """Whoever is shown first mostly wins; `a` is shown first more often and is no stronger."""
    random = np.random.default_rng(3)
    first = ["a"] * 300 + ["b"] * 100
    second = ["b"] * 300 + ["a"] * 100
    won = (random.random(400) < 0.7).astype(float)
    found = bradley_terry.fit(first, second, won)
    assert found.position == pytest.approx(np.log(0.7 / 0.3), abs=0.3)
    assert abs(found.strength[1]) < 3 * found.error[1]
    assert found.position_low is not None
    assert found.position_low > 0


@pytest.mark.parametrize(
    ("first", "second", "won", "reason"),
    [
        ([], [], [], "fewer than two contestants"),
        (["a", "a"], ["b", "b"], [1, 0], "nobody met in both orders"),
        (["a", "b", "c", "d"], ["b", "a", "d", "c"], [1, 0, 1, 0], "not everybody met"),
        (["a", "b"] * 9, ["b", "a"] * 9, [1, 0] * 9, "somebody always wins or loses"),
    ],
)
def test_strengths_that_cannot_be_told_have_a_reason(
    first: list[str], second: list[str], won: list[float], reason: str
) -> None:
    found = bradley_terry.fit(first, second, np.array(won, float))
    assert found.position is None
    assert found.reason is not None
    assert reason in found.reason


def test_swapped_places_swap_the_sign_of_position() -> None:
    random = np.random.default_rng(4)
    first, second = list("abcabcabc") * 6, list("bcacabbca") * 6
    won = random.integers(0, 2, 54).astype(float)
    one, two = (
        bradley_terry.fit(first, second, won),
        bradley_terry.fit(second, first, 1 - won),
    )
    assert two.position == pytest.approx(-one.position, abs=1e-9)  # type: ignore[operator]
    assert two.strength == pytest.approx(one.strength, abs=1e-9)


# --- a judge with itself -----------------------------------------------------------------------


def draws_of(values: Floats) -> pl.DataFrame:
    """DRAWS of one judge: `values` is draws x answers."""
    parts = [
        ratings_of({"a": row}).with_columns(judge_draw=pl.lit(i, pl.Int64))
        for i, row in enumerate(values)
    ]
    return pl.concat(parts).select(DRAWS.names())


def test_judge_that_repeats_itself_has_alpha_one() -> None:
    scores = np.tile([1.0, 2, 3, 4, 5, 3, 2, 4], (3, 1))
    found = repeatability.by_judge(draws_of(scores), METRICS)
    assert found.schema == REPEATABILITY
    row = found.row(0, named=True)
    assert (row["alpha"], row["same"], row["draws"], row["answers"]) == (1.0, 1.0, 3, 8)


def test_judge_that_rolls_dice_does_not_agree_with_itself() -> None:
    scores = np.random.default_rng(0).integers(1, 6, (2, 300)).astype(float)
    row = repeatability.by_judge(draws_of(scores), METRICS).row(0, named=True)
    assert row["low"] < 0 < row["high"]
    assert row["same"] == pytest.approx(0.2, abs=0.07)


def test_one_draw_is_null_with_a_reason() -> None:
    row = repeatability.by_judge(draws_of(np.ones((1, 6))), METRICS).row(0, named=True)
    assert (row["alpha"], row["same"], row["note"]) == (None, None, "one draw per answer")
    constant = repeatability.by_judge(draws_of(np.ones((2, 6))), METRICS).row(0, named=True)
    assert (constant["alpha"], constant["same"]) == (None, 1.0)
    assert constant["note"] == "all ratings are equal (1)"
    assert repeatability.by_judge(pl.DataFrame(schema=DRAWS), METRICS).is_empty()


def test_compression_is_the_ratio_of_spreads() -> None:
    scores = panel(1)
    scores["j1"] = 3 + 0.5 * (scores["h0"] - 3)
    found = repeatability.compression(ratings_of({k: scores[k] for k in ("h0", "j1")}))
    assert found.schema == COMPRESSION
    row = found.row(0, named=True)
    assert row["ratio"] == pytest.approx(0.5)
    assert (row["low"], row["high"]) == (pytest.approx(0.5), pytest.approx(0.5))
    noisy = repeatability.compression(ratings_of(scores)).filter(rater="j0").row(0, named=True)
    assert noisy["low"] < noisy["ratio"] < noisy["high"]
    assert noisy["ratio"] == pytest.approx(np.sqrt(0.49 + 0.25) / np.sqrt(1.81), abs=0.05)


def test_interval_of_compression_is_that_of_the_ratios_without_each_prompt() -> None:
    scores = panel(1, answers=24)
    scores["h1"][:21] = np.nan  # who has one answer left without prompt 11 counts there no more
    scores["h2"][[2, 3, 9]] = np.nan
    table = ratings_of(scores)
    row = repeatability.compression(table).row(0, named=True)
    left = [
        repeatability.compression(table.filter(pl.col("prompt") != prompt))["ratio"].item()
        for prompt in table["prompt"].unique().sort()
    ]
    bounds = jackknife.student(np.log(row["ratio"]), np.log(left))
    assert [row["low"], row["high"]] == pytest.approx(np.exp(bounds[:2]), abs=1e-9)


def test_compression_that_cannot_be_told_has_a_reason() -> None:
    scores = panel(1, answers=20)
    scores["j0"] = np.full(20, 3.0)
    row = repeatability.compression(ratings_of(scores)).row(0, named=True)
    assert (row["ratio"], row["low"], row["commonest"]) == (0.0, None, 1.0)
    assert row["note"] == "the judge gives one score only"
    alone = repeatability.compression(ratings_of({"j0": scores["j0"]})).row(0, named=True)
    assert alone["note"] == "fewer than two answers that people rated too"
    flat = {"h0": np.full(20, 3.0), "j0": scores["h0"]}
    row = repeatability.compression(ratings_of(flat)).row(0, named=True)
    assert (row["ratio"], row["note"]) == (
        None,
        "people do not differ on these answers, or rated one each",
    )


# --- effective number --------------------------------------------------------------------------


@pytest.mark.parametrize(("shared", "expected"), [(0.0, 5.0), (0.5, 5 / 3), (0.9, 5 / 4.6)])
def test_effective_number_of_judges_is_freed_of_the_noise_of_the_gold(
    shared: float, expected: float
) -> None:
    """Three noisy people: unless their noise is taken off, all judges seem to err alike."""
    found = []
    for seed in range(20):
        row = independence.by_rubric(ratings_of(panel(5, shared, seed=seed))).row(0, named=True)
        found.append(row)
    assert np.mean([x["effective"] for x in found]) == pytest.approx(expected, rel=0.1)
    assert np.mean([x["correlation"] for x in found]) == pytest.approx(shared, abs=0.04)
    held = [x["low"] <= expected <= x["high"] for x in found]
    assert np.mean(held) >= 0.8


def test_interval_of_the_effective_number_is_that_of_the_numbers_without_each_prompt() -> None:
    scores = panel(4, shared=0.4, answers=60)
    scores["h2"][::3] = np.nan
    table = ratings_of(scores)
    row = independence.by_rubric(table).row(0, named=True)
    left = [
        independence.by_rubric(table.filter(pl.col("prompt") != prompt))["effective"].item()
        for prompt in table["prompt"].unique().sort()
    ]
    bounds = jackknife.student(np.log(row["effective"]), np.log(left))
    assert [row["low"], row["high"]] == pytest.approx(np.exp(bounds[:2]), abs=1e-9)


def test_effective_number_that_cannot_be_told_has_a_reason() -> None:
    found = independence.by_rubric(ratings_of(panel(1)))
    assert found.schema == INDEPENDENCE
    assert found["note"].to_list() == ["fewer than two judges"]
    one_rater = {k: v for k, v in panel(3).items() if k not in ("h1", "h2")}
    note = independence.by_rubric(ratings_of(one_rater))["note"].item()
    assert note == "one rater per answer: the noise of the people is not known"
    truth = panel(0, answers=40)
    mean = np.mean(list(truth.values()), axis=0)
    perfect = {**truth, "j0": mean, "j1": mean}
    row = independence.by_rubric(ratings_of(perfect)).row(0, named=True)
    assert row["effective"] is None
    assert row["note"] == "the errors leave no variance once the gold's noise is taken off"
    nobody = {k: v for k, v in panel(3).items() if k[0] == "j"}
    assert independence.by_rubric(ratings_of(nobody))["effective"].to_list() == [None]


# --- what each judge adds ----------------------------------------------------------------------


def test_bad_judge_takes_away_and_a_good_one_adds() -> None:
    scores = panel(2, answers=120)
    # nobody has rated the last 60 answers: there is something for the panel to save
    for k in range(3):
        scores[f"h{k}"][60:] = np.nan
    scores["j2"] = np.random.default_rng(9).normal(3, 2, 120)
    ratings = ratings_of(scores)
    found = contribution.by_judge(ratings, METRICS, ARMS)
    assert found.schema == CONTRIBUTION
    assert contribution.by_judge(ratings.reverse(), METRICS, ARMS).equals(found)
    rows = {x["judge"]: x for x in found.rows(named=True)}
    assert list(rows) == ["j0", "j1", "j2"]
    assert rows["j2"]["added"] < rows["j0"]["added"]
    assert rows["j0"]["added"] > 0
    for row in rows.values():
        assert row["low"] < row["added"] < row["high"]
        assert row["added"] == pytest.approx(row["alpha_with"] - row["alpha_without"])
    assert rows["j2"]["error_without"] < rows["j2"]["error_with"] < rows["j0"]["error_without"]


def test_contribution_that_cannot_be_told_has_a_reason() -> None:
    only = contribution.by_judge(ratings_of(panel(1, answers=20)), METRICS, ARMS)
    assert only["note"].to_list() == ["the only judge"]
    nobody = {k: v for k, v in panel(2, answers=20).items() if k[0] == "j"}
    found = contribution.by_judge(ratings_of(nobody), METRICS, ARMS)
    assert found["note"].to_list() == ["agreement with people is not defined"] * 2
    assert found["error_with"].to_list() == [None, None]


def test_word_counters_are_no_part_of_the_panel() -> None:
    scores = panel(2, answers=40)
    with_counter = {**scores, "words": np.arange(40.0)}
    found = contribution.by_judge(ratings_of(with_counter), METRICS, ARMS)
    assert found.equals(contribution.by_judge(ratings_of(scores), METRICS, ARMS))


def test_own_family_changes_the_gap_by_what_it_favours() -> None:
    scores = {k: v for k, v in panel(2, answers=80).items() if k[0] == "j"}
    scores["kin"] = scores["j0"] + np.tile([0.9, 0.0], 40)
    ratings = ratings_of(scores)
    found = contribution.own_family(ratings, ARMS, {"kin": ["big"], "j1": ["other"]})
    assert found.schema == OWN_FAMILY
    row = found.row(0, named=True)
    assert (row["judges"], row["prompts"], row["note"]) == ("kin", 40, None)
    assert row["difference"] == pytest.approx(row["gap_with"] - row["gap_without"])
    assert row["low"] < row["difference"] < row["high"]
    assert row["difference"] == pytest.approx(0.3, abs=0.1)


def test_no_independent_judge_is_told() -> None:
    ratings = ratings_of({k: v for k, v in panel(2, answers=20).items() if k[0] == "j"})
    every = contribution.own_family(ratings, ARMS, {"j0": ["big"], "j1": ["small"]})
    row = every.row(0, named=True)
    assert (row["gap_without"], row["note"]) == (None, "no independent judge")
    none = contribution.own_family(ratings, ARMS, {}).row(0, named=True)
    assert (none["judges"], none["difference"]) == (None, 0.0)
    assert none["note"] == "no judge is left out, or none matters"


# --- loops and self-repetition -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "longest", "loop"),
    [
        ("", 0, 0),
        ("one", 0, 0),
        ("all words here differ", 0, 0),
        ("no no no", 2, 3),
        ("no no", 1, 0),
        ("Море, море - шумит. Море шумит; море шумит", 4, 6),
        ("the end is the end is the end is the", 7, 10),
        ("a b c and then a b c", 3, 0),
    ],
)
def test_repetition(text: str, longest: int, loop: int) -> None:
    found = repetition.measure(text)
    assert (found.longest, found.loop) == (longest, loop)
    assert (found.distinct_1 is None) == (found.words == 0)


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_repetition_is_what_it_says(words: list[str]) -> None:
    found = repetition.measure(" ".join(words))
    n = len(words)
    spans = {
        size
        for size in range(1, n)
        for i in range(n - size + 1)
        for j in range(i + 1, n - size + 1)
        if words[i : i + size] == words[j : j + size]
    }
    assert found.longest == max(spans, default=0)
    looped = [
        size
        for size in range(3, n + 1)
        for period in range(1, size // 3 + 1)
        if all(words[-i] == words[-i - period] for i in range(1, size - period + 1))
    ]
    assert found.loop == max(looped, default=0)
    if n:
        assert found.distinct_1 == len(set(words)) / n


def test_long_answer_is_measured_fast() -> None:
    found = repetition.measure("again and again " * 5000)
    assert (found.words, found.loop) == (15_000, 15_000)
