from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pipeline import judgement
from pipeline.findings import ANSWERS, CORRECTED
from pipeline.stats import corrected, differences, effect, ppi
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.tables import AGREEMENT, RATINGS

ARMS = Arms("big", "small")

# --- numbers from R ----------------------------------------------------------------------------


def _numbers(text: str) -> list[float]:
    return [float(x) for x in text.split()]


PEOPLE = _numbers("""
    2.159 4.384 1.745 3.07 4.711 2.397 2.528 2.365 2.714 3.138 4.228 2.198 1.92 2.842 1.928
""")
PANEL = _numbers("""
    1.942 3.27 0.63 2.769 3.668 2.628 2.741 2.889 2.753 3.106 3.313 2.748 2.593 2.161 1.423
""")
OTHERS = _numbers("""
    3.354 2.916 4.499 3.972 4.2 3.528 1.79 1 1.345 2.541 2.757 2.676 2.956 4.101 2.321 3.51 1.935
    1.365 1.786 3.262 3.218 3.613 4.685 2.326 1.916 2.422 2.42 2.823 2.651 2.732 2.46 3.711 1.606
    2.196 2.668 2.576 0.998 3.08 1.096 1.754 3.201 1.523 2.292 2.641 3.326 2.789 3.495 2.218 3.127
    2.426 2.621 1.436 4.443 3.132 2.99 1.964 4.391 2.224 1.909 2.108
""")
A = _numbers("5 1 3 2 2 2 4 2 3 5 3 5 4 3 5 4 3 2 2 4")
B = _numbers("5 3 3 2 2 3 4 3 3 5 3 5 5 3 5 4 3 2 2 4")


def test_reference_recommended_t() -> None:
    found = ppi.mean(np.array(PEOPLE), np.array(PANEL), np.array(OTHERS))
    assert found.weight == pytest.approx(0.5663726556953, abs=1e-9)
    assert found.value == pytest.approx(2.883015444536, abs=1e-9)
    assert found.error == pytest.approx(0.1921056757205, abs=1e-9)
    assert found.freedom == 13
    assert found[1:3] == pytest.approx([2.467996363981, 3.298034525092], abs=1e-9)
    assert (found.gold, found.others, found.note) == (15, 60, None)


def test_reference_recommended_t_from_ratings() -> None:
    """The same numbers from a table of ratings: the low arm is 0 on every prompt."""
    rows = [
        rating(f"p{i:02}", arm, who, score if arm == "big" else 0.0, kind=kind)
        for i, (y, f) in enumerate(zip(PEOPLE, PANEL, strict=True))
        for arm in ARMS
        for who, kind, score in (("ann", "human", y), ("a", "judge", f))
    ]
    rows += [
        rating(f"q{i:02}", arm, "a", f if arm == "big" else 0.0)
        for i, f in enumerate(OTHERS)
        for arm in ARMS
    ]
    found = row(rows)
    assert found["gap"] == pytest.approx(2.883015444536, abs=1e-9)
    assert [found["low"], found["high"]] == pytest.approx(
        [2.467996363981, 3.298034525092], abs=1e-9
    )
    assert found["people_only"] == pytest.approx(np.mean(PEOPLE))
    assert found["judges_only"] == pytest.approx(np.mean(PANEL + OTHERS))
    assert (found["gold_prompts"], found["other_prompts"]) == (15, 60)
    assert (found["cliffs_delta"], found["note"]) == (1.0, None)


def test_reference_cliffs_delta() -> None:
    a, b = np.array(A, float), np.array(B, float)
    assert effect.cliffs_delta(a, b) == pytest.approx(-0.12, abs=1e-12)
    assert effect.paired_delta(a - b) == pytest.approx(-0.2, abs=1e-12)
    assert effect.cliffs_delta(a, b[:0]) is None
    assert effect.paired_delta(np.array([])) is None


# --- the six lines -----------------------------------------------------------------------------

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.normal(0.3, 1, 40)
JUDGE = 0.6 * TRUTH + RANDOM.normal(0.4, 0.3, 40)


def test_panel_that_says_what_people_say_saves_variance() -> None:
    found = ppi.mean(TRUTH[:10], TRUTH[:10], TRUTH[10:])
    assert found.saved is not None
    assert found.saved > 0.5
    assert found.weight == pytest.approx(
        TRUTH[:10].var(ddof=1) / TRUTH.var(ddof=1) / (1 + 10 / 30), abs=1e-12
    )
    assert ppi.plain(TRUTH[:10]).saved == 0.0


@pytest.mark.parametrize(
    ("panel", "others", "said"),
    [
        (JUDGE[:12], JUDGE[:0], "no further prompts"),
        (JUDGE[:12], JUDGE[12:13], "one further prompt only"),
        (np.full(12, 0.7), np.full(20, 0.7), "sees the same difference on every prompt"),
        (np.full(12, 0.7), JUDGE[12:], "no spread on the prompts that people rated"),
        (-TRUTH[:12], -TRUTH[12:], "do not rise with the people's"),
    ],
)
def test_panel_that_can_add_nothing_leaves_people_alone(
    panel: Floats, others: Floats, said: str
) -> None:
    found, alone = ppi.mean(TRUTH[:12], panel, others), ppi.plain(TRUTH[:12])
    assert found[:8] == alone[:8]
    assert (found.weight, found.saved, found.freedom) == (0.0, 0.0, 11.0)
    assert found.note is not None
    assert said in found.note


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_gold_prompts_are_null_with_a_reason(n: int) -> None:
    for found in (ppi.mean(TRUTH[:n], JUDGE[:n], JUDGE[n:]), ppi.plain(TRUTH[:n])):
        assert found[:6] == (None,) * 6
        assert found.note == f"{n} of 3 prompts needed that people rated in both arms"


def test_no_spread_has_a_point_and_no_interval() -> None:
    found = ppi.mean(np.ones(5), JUDGE[:5], JUDGE[5:])
    assert found[:6] == (1.0, None, None, None, None, None)
    assert found.note == "no interval: the difference is the same on every prompt that people rated"


scores = st.lists(st.integers(-8, 8), min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(people=scores, panel=st.data(), shift=st.floats(-5, 5))
def test_properties_of_the_estimate(people: list[int], panel: st.DataObject, shift: float) -> None:
    y = np.array(people) / 2
    f = np.array(panel.draw(st.lists(st.integers(-8, 8), min_size=len(y) + 4, max_size=30))) / 4
    own, others = f[: len(y)], f[len(y) :]
    found = ppi.mean(y, own, others)
    assert found.value is not None
    swapped = ppi.mean(-y, -own, -others)
    assert swapped.value == pytest.approx(-found.value, abs=1e-9)
    assert swapped.p == pytest.approx(found.p)
    assert (swapped.low is None) == (found.low is None)
    # a constant added to the judge is its bias towards one arm: it changes nothing
    moved = ppi.mean(y, own + shift, others + shift)
    assert moved.value == pytest.approx(found.value, abs=1e-6)
    assert moved.error == pytest.approx(found.error, abs=1e-6)
    # nor does the judge's scale
    wider = ppi.mean(y, 3 * own, 3 * others)
    assert wider.value == pytest.approx(found.value, abs=1e-9)
    assert found.weight >= 0
    assume(found.low is not None and found.high is not None)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


# --- from ratings ------------------------------------------------------------------------------


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


def table(rows: list[dict[str, Any]], arms: Arms = ARMS, **more: Any) -> pl.DataFrame:
    ratings = pl.DataFrame(rows, schema=RATINGS)
    found = corrected.by_rubric(ratings, arms, **more)
    assert found.schema == CORRECTED
    # the order of the rows is no part of the question
    assert corrected.by_rubric(ratings.reverse(), arms, **more).equals(found)
    return found


def row(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return table(rows, **more).filter(answers="judged").row(0, named=True)


def study(gold: int = 6, others: int = 8, seed: int = 1) -> list[dict[str, Any]]:
    """Two people on the gold prompts, two judges everywhere."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(gold + others):
        for arm in ARMS:
            truth = float(random.integers(2, 5))
            people = [("ann", "human"), ("bob", "human")] if i < gold else []
            for who, kind in (*people, ("a", "judge"), ("b", "judge")):
                score = float(np.clip(truth + random.integers(-1, 2), 1, 5))
                rows.append(rating(f"p{i:02}", arm, who, score, kind=kind))
    return rows


def answer(prompt: str, arm: str, finish: str, draw: int = 0) -> dict[str, Any]:
    return {
        "response": f"{prompt}-{arm}-en-{draw}",
        "prompt": prompt,
        "task_kind": "irony",
        "language": "en",
        "arm": arm,
        "draw": draw,
        "finish": finish,
        "words": 10,
    }


def answers(rows: list[dict[str, Any]], *more: dict[str, Any]) -> pl.DataFrame:
    given_ones = {x["response"]: answer(x["prompt"], x["arm"], "complete") for x in rows}
    return pl.DataFrame(list({**given_ones, **{x["response"]: x for x in more}}.values()), ANSWERS)


def test_swapped_arms_swap_the_sign() -> None:
    one, other = row(study()), table(study(), Arms("small", "big")).row(0, named=True)
    for name in ("gap", "people_only", "judges_only", "cliffs_delta"):
        assert other[name] == pytest.approx(-one[name], abs=1e-12)
    assert [other["low"], other["high"]] == pytest.approx([-one["high"], -one["low"]])
    assert (other["p"], other["saved"]) == pytest.approx((one["p"], one["saved"]))


def test_panel_is_read_on_the_very_answers_that_people_rated() -> None:
    rows = study()
    # a second draw that nobody rated, and on which the judges are far off
    extra = [rating("p00", "big", judge, 5.0, draw=1) for judge in "ab"]
    means = differences.by_answer(pl.DataFrame(rows + extra, schema=RATINGS), ARMS)
    before = differences.by_prompt(means.filter(~pl.col("response").str.ends_with("1")), ARMS)
    assert differences.by_prompt(means, ARMS).equals(before)
    # on a prompt without people every answer counts
    extra = [rating("p09", "big", judge, 5.0, draw=1) for judge in "ab"]
    means = differences.by_answer(pl.DataFrame(rows + extra, schema=RATINGS), ARMS)
    assert not differences.by_prompt(means, ARMS).equals(before)


def test_who_makes_up_the_panel_is_one_question_to_all_rubrics() -> None:
    rows = [{**x, "rubric": rubric} for x in study() for rubric in ("depth", "irony")]
    counting = [rating("p00", "big", "words", 1.0) | {"computed": True, "rubric": "length"}]
    means = differences.by_answer(pl.DataFrame(rows + counting, schema=RATINGS), ARMS)
    assert means["rubric"].unique().sort().to_list() == ["depth", "irony"]
    alone = differences.by_answer(pl.DataFrame(counting, schema=RATINGS), ARMS)
    assert alone["panel"].to_list() == [1.0]
    same = [means.filter(rubric=x).drop("rubric") for x in ("depth", "irony")]
    assert same[0].equals(same[1])
    nothing = differences.by_answer(pl.DataFrame(schema=RATINGS), ARMS)
    assert nothing.schema == means.schema


def test_draws_and_languages_of_a_prompt_are_averaged_over_those_of_both_arms() -> None:
    rows = [
        rating("p", "big", "ann", score, language=language, draw=draw, kind="human")
        for language, draw, score in (("en", 0, 5.0), ("en", 1, 4.0), ("ru", 0, 3.0))
    ]
    rows.append(rating("p", "small", "ann", 1.0, kind="human"))
    means = differences.by_answer(pl.DataFrame(rows, schema=RATINGS), ARMS)
    assert differences.by_prompt(means, ARMS)["people"].to_list() == [4.5 - 1.0]
    rows.append(rating("p", "small", "ann", 1.0, language="ru", kind="human"))
    means = differences.by_answer(pl.DataFrame(rows, schema=RATINGS), ARMS)
    assert differences.by_prompt(means, ARMS)["people"].to_list() == [(3.5 + 2.0) / 2]


def test_an_arm_that_lost_a_language_is_not_further_off_for_it() -> None:
    """Russian answers lie a level higher in both arms, which are otherwise alike."""
    random = np.random.default_rng(5)
    rows = []
    for place, arm, language in product(range(40), ("big", "small"), ("en", "ru")):
        if arm == "big" or language == "en" or place % 2:
            score = 2.5 + (language == "ru") + random.normal(0, 0.2)
            for rater, kind in (("a", "judge"), ("ann", "human")):
                more = {"language": language, "kind": kind}
                rows.append(rating(f"p{place:02}", arm, rater, score, **more))
    means = differences.by_answer(pl.DataFrame(rows, schema=RATINGS), ARMS)
    prompts = differences.by_prompt(means, ARMS)
    for side in ("people", "panel"):
        assert abs(prompts[side].mean()) < 0.1, side
    assert prompts["gold"].all()
    apart = [x for x in rows if (x["arm"] == "big") == (x["language"] == "ru")]
    means = differences.by_answer(pl.DataFrame(apart, schema=RATINGS), ARMS)
    prompts = differences.by_prompt(means, ARMS)
    assert prompts["panel"].is_null().all(), "no language has both"
    assert not prompts["gold"].any()
    assert prompts["one_armed"].all()


def test_person_who_saw_one_arm_only_is_left_out_and_named() -> None:
    harsh = [rating(f"p{i:02}", "big", "eve", 1.0, kind="human") for i in range(6)]
    found = row(study() + harsh)
    assert found["gap"] == row(study())["gap"]
    assert found["note"] == "raters left out, as they saw one arm only: eve"
    only = [
        rating(f"p{i:02}", arm, who, 3.0 + i % 2, kind="human")
        for i in range(6)
        for arm, who in (("big", "ann"), ("small", "bob"))
    ]
    none = row(only)
    assert (none["gap"], none["low"], none["p"]) == (None, None, None)
    assert none["note"].startswith("0 of 3 prompts needed that people rated in both arms; raters")


def test_a_lenient_person_who_saw_mostly_one_arm_moves_no_gap() -> None:
    """One rating of the other arm would else switch the guard off."""
    lenient = [rating(f"p{i:02}", "big", "eve", 5.0, kind="human") for i in range(6)]
    once = rating("p00", "small", "eve", 4.0, kind="human")
    found, paired = row([*study(), *lenient, once]), row([*study(), lenient[0], once])
    assert found["gap"] == paired["gap"]
    assert found["note"] == "ratings left out, as their rater saw one arm of the prompt only: 5"
    halves = [
        rating(f"p{i:02}", "big" if i < 3 else "small", "eve", 5.0, kind="human") for i in range(6)
    ]
    assert row([*study(), *halves])["gap"] == row(study())["gap"]


def test_prompts_that_people_shared_out_by_arm_are_no_gold() -> None:
    """Two people, one a level stricter, each of whom scored one arm of each prompt."""
    apart = [
        rating(f"p{i:02}", arm, who, 3.0 - (who == "b"), kind="human")
        for i in range(12)
        for arm, who in (("big", "ab"[i % 3 == 0]), ("small", "ba"[i % 3 == 0]))
    ]
    found = row(apart)
    assert (found["gold_prompts"], found["gap"]) == (0, None)
    assert "ratings left out, as their rater saw one arm of the prompt only: 24" in found["note"]


def test_severity_cancels_where_people_scored_other_draws_or_languages() -> None:
    """The true gap is 0: a mild person and one two levels stricter, not on the same answers."""
    mild = [
        rating(f"p{i:02}", arm, "mild", 3.0 + i % 2, kind="human", language="en")
        for i in range(20)
        for arm in ARMS
    ]
    strict = [
        rating(f"p{i:02}", arm, "strict", 1.0 + i % 2, kind="human", language=language)
        for i in range(20)
        for arm, language in (("big", "en"), ("small", "en"), ("big", "ru"))
    ]
    assert row(mild + strict)["people_only"] == pytest.approx(0.0, abs=1e-12)
    other = [
        rating(x["prompt"], x["arm"], "strict", x["score"] - 2, draw=1, kind="human") for x in mild
    ]
    cut = [answer(f"p{i:02}", "small", "truncated", draw=1) for i in range(20)]
    found = table(mild + other, answers=answers(mild + other, *cut))
    gaps = {x["answers"]: x["people_only"] for x in found.to_dicts()}
    assert gaps["judged"] == pytest.approx(0.0, abs=1e-12)
    assert gaps["complete"] == pytest.approx(0.0, abs=1e-12), "who was paired is asked anew"


def test_no_panel_leaves_people_alone() -> None:
    found = row([x for x in study() if x["kind"] == "human"])
    assert found["gap"] == found["people_only"]
    assert (found["freedom"], found["weight"], found["saved"]) == (5.0, 0.0, 0.0)
    assert found["note"] == "people alone: nobody judged"


def test_no_people_are_null_with_a_reason() -> None:
    found = row([x for x in study() if x["kind"] == "judge"])
    assert found["gap"] is None
    assert found["judges_only"] is not None
    assert found["note"] == "0 of 3 prompts needed that people rated in both arms"
    assert table([]).is_empty()


def test_prompts_that_fall_out_are_counted() -> None:
    rows = [
        {**x, "score": None}
        if (x["prompt"], x["arm"], x["kind"]) in (("p00", "big", "judge"), ("p09", "big", "judge"))
        or (x["prompt"], x["arm"], x["kind"]) == ("p01", "small", "human")
        or (x["prompt"], x["rater"]) == ("p10", "b")
        else x
        for x in study()
    ]
    note = row(rows)["note"]
    assert note == (
        "prompts that people rated in both arms in no language, not gold: 1; "
        "gold prompts left out, as the panel did not score them: 1; "
        "prompts left out, as neither people nor the panel scored both arms: 1; "
        "answers scored by some of the judges only: 2"
    )


# --- answers that were not given ---------------------------------------------------------------


def test_truncated_answers_count_unless_only_complete_ones_do() -> None:
    rows = study()
    cut = answers(rows, answer("p00", "big", "truncated"), answer("p09", "small", "truncated"))
    found = table(rows, answers=cut)
    assert found["answers"].to_list() == ["judged", "complete"]
    judged, complete = found.rows(named=True)
    assert (judged["gold_prompts"], judged["other_prompts"]) == (6, 8)
    assert (complete["gold_prompts"], complete["other_prompts"]) == (5, 7)


ENDS = {"depth": (1.0, 5.0), "irony": (0.0, 1.0)}


def test_refusals_bound_the_gap() -> None:
    kept = [
        x
        for x in study(gold=8, others=12)
        if (x["prompt"], x["arm"])
        not in (("p00", "big"), ("p01", "small"), ("p12", "big"), ("p13", "small"))
    ]
    lost = [
        answer("p00", "big", "refused"),
        answer("p01", "small", "empty"),
        answer("p12", "big", "overflow"),
        answer("p13", "small", "refused"),
    ]
    found = table(kept, answers=answers(kept, *lost), ends=ENDS)
    rows = {x["answers"]: x for x in found.rows(named=True)}
    assert rows["worst"]["gap"] < rows["judged"]["gap"] < rows["best"]["gap"]
    assert rows["worst"]["gap"] < rows["lowest"]["gap"] < rows["best"]["gap"]
    assert rows["judged"]["weight"] > 0
    assert {rows[x]["weight"] for x in ("lowest", "worst", "best")} == {rows["judged"]["weight"]}
    # a prompt whose low answer people rated is gold once the high one counts at some level
    counts = {k: (x["gold_prompts"], x["other_prompts"]) for k, x in rows.items()}
    assert counts == {
        "judged": (6, 10),
        "complete": (6, 10),
        "lowest": (8, 12),
        "worst": (8, 12),
        "best": (8, 12),
    }, "the bounds are of one set of prompts"


@given(seed=st.integers(0, 10_000))
@example(seed=300)  # every gold prompt with a refusal was refused by both arms
@settings(deadline=None, max_examples=40)
def test_whatever_the_refused_answers_were_the_gap_lies_between_the_bounds(seed: int) -> None:
    random = np.random.default_rng(seed)
    every = study(gold=8, others=12, seed=seed)
    gone = {(x["prompt"], x["arm"]) for x in every if random.random() < 0.2}
    kept = [x for x in every if (x["prompt"], x["arm"]) not in gone]
    lost = [answer(prompt, arm, "refused") for prompt, arm in sorted(gone)]
    found = table(kept, answers=answers(kept, *lost), ends={"depth": (-99.0, 99.0)})
    gaps = {x["answers"]: x["people_only"] for x in found.rows(named=True)}
    whole = table(every).row(0, named=True)["people_only"]
    if gaps["worst"] is not None:
        assert gaps["worst"] <= whole <= gaps["best"]
        assert gaps["worst"] <= gaps["lowest"] <= gaps["best"]


def test_a_weight_that_is_given_is_used_where_the_panel_scored_further_prompts() -> None:
    people, panel, others = (np.array(x) for x in (PEOPLE, PANEL, OTHERS))
    half = ppi.mean(people, panel, others, given=0.5)
    assert half.value == pytest.approx(0.5 * others.mean() + (people - 0.5 * panel).mean())
    none = ppi.mean(people, panel, others, given=0.0)
    assert none[:6] == ppi.plain(people)[:6]
    assert none.note == "people alone: the weight is given as 0"
    assert ppi.mean(people, panel, others[:1], given=0.5) == ppi.mean(people, panel, others[:1])


def test_prompts_that_both_arms_refused_thin_the_gap() -> None:
    rows = study(gold=6, others=10)
    lost = [answer(p, arm, "refused") for p in ("q0", "q1", "q2", "q3") for arm in ARMS]
    found = table(rows, answers=answers(rows, *lost), ends={"depth": (1.0, 5.0)})
    named = {x["answers"]: x for x in found.rows(named=True)}
    for name in ("gap", "low", "high", "error"):
        assert named["lowest"][name] == pytest.approx(named["judged"][name] * 16 / 20)
    assert named["lowest"]["p"] == named["judged"]["p"]
    certain = (1.0 - 5.0) * 4 / 20
    assert named["worst"]["gap"] == pytest.approx(named["judged"]["gap"] * 16 / 20 + certain)
    assert named["best"]["gap"] == pytest.approx(named["judged"]["gap"] * 16 / 20 - certain)
    assert named["worst"]["p"] != named["judged"]["p"]


@pytest.mark.parametrize(
    ("alpha", "low", "said"),
    [
        (1.0, None, "the people's agreement has no interval: nothing tells how sure it is"),
        (-0.1, None, "people have not been shown to agree among themselves beyond chance"),
        (None, None, "people have not been shown to agree among themselves beyond chance"),
        (0.3, -0.1, "people have not been shown to agree among themselves beyond chance"),
        (0.3, 0.1, None),
    ],
)
def test_a_gap_is_hidden_for_the_reason_that_there_is(
    alpha: float | None, low: float | None, said: str | None
) -> None:
    people = {"rubric": "depth", "comparison": "humans", "alpha": alpha, "low": low}
    gap = {"rubric": "depth", "answers": "judged", "gap": 1.0, "gold_prompts": 12}
    tables = (
        pl.DataFrame([dict.fromkeys(schema) | row], schema=schema)
        for schema, row in ((AGREEMENT, people), (CORRECTED, gap))
    )
    hidden = judgement.hidden_gaps(*tables)
    assert {x: y.en for x, y in hidden.items()} == ({} if said is None else {"depth": said})
