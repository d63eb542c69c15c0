"""What is told of the seven causes and of the null control where an effect has no interval."""

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from scored import scores
from test_report import make_slip

from pipeline import console
from pipeline.pages import climb, notes, report
from pipeline.rungs import Crossing, Known, Rung, Way
from pipeline.stats import causes, crossed, ladder
from pipeline.tables import RATINGS

ENDS = {"depth": (1.0, 5.0), "irony": (1.0, 5.0)}
USABLE = tuple(ENDS)
LEVELS = {"high": 1.0, "low": -0.5, "short": 0.0, "long": 0.3}
SIDE: dict[str, Way] = {"hicap": "down", "locap": "up"}
DOWN = Rung("context", "hicap", "4096", 0, True, "high", "short")
UP = Rung("context", "locap", "32768", 0, True, "low", "long")
GUESSED = Rung("speculative", "hicap", "ngram", 0, True, "high", "guessed")


def table(levels: dict[str, float] = LEVELS, prompts: int = 40, **copies: Any) -> pl.DataFrame:
    """Scores of arms, and of copies: another arm's with so much added to each of them."""
    whole = scores(levels, np.random.default_rng(3), prompts)
    parts = [whole]
    for name, (arm, more) in copies.items():
        renamed = pl.col("response").str.replace(arm, name)
        own = whole.filter(arm=arm).with_columns(arm=pl.lit(name), response=renamed)
        parts.append(own.with_columns(pl.col("score") + more))
    return pl.concat(parts)


def effects(ratings: pl.DataFrame, *rungs: Rung, **marks: str | None) -> pl.DataFrame:
    """Of rungs that move their factor to the side that tests its cause."""
    known = {x: Known(marks.get(x.arm, "enforced"), SIDE[x.start]) for x in rungs}
    return ladder.effects(ladder.seen(ratings, USABLE, ENDS), rungs, known)


def told(found: pl.DataFrame, factor: str = "context") -> tuple[str, str | None]:
    row = causes.of(found, USABLE).filter(factor=factor).to_dicts()[0]
    return row["state"], row["because"]


def test_the_terminal_tells_what_was_tested_and_what_was_not() -> None:
    found = effects(table(), DOWN)
    lines = console.causes(found, causes.of(found, USABLE))
    assert lines[0] == "null control: was not run"
    assert lines[1].startswith("cause 3, context: supported (")
    assert lines[2:] == ["causes not tested here: 1, 2, 4, 5, 6, 7"]
    shifted = effects(table(guessed=("high", 0.5)), DOWN, GUESSED)
    assert console.causes(shifted, causes.of(shifted, USABLE))[0].startswith("null control: FAILS")
    both = effects(table(), DOWN, UP)
    assert console.causes(both, causes.of(both, USABLE))[1] == "cause 3, context: supported"
    assert console.causes(found.clear(), causes.of(found.clear(), USABLE)) == []


def test_a_null_control_that_writes_the_same_answers_holds() -> None:
    found = effects(table(guessed=("high", 0.0)), GUESSED)
    assert causes.control(found) == ("alike", None)
    said = climb.control(make_slip(effects=found))
    assert "holds" in said.en
    assert "exactly 0 on every task" in said.en
    assert "ровно ноль" in said.ru


def test_a_null_control_that_is_shifted_by_as_much_on_every_task_fails() -> None:
    found = effects(table(guessed=("high", 0.5)), GUESSED)
    assert found["low"].is_null().all()
    assert causes.control(found).state == "shifted"
    assert "fails" in climb.control(make_slip(effects=found)).en


def test_a_null_control_that_ran_is_not_said_to_be_missing() -> None:
    few = effects(table(prompts=2, guessed=("high", 0.0)), GUESSED)
    assert causes.control(few).state == "uncounted"
    said = climb.control(make_slip(effects=few))
    assert "ran and is not counted, because 2 of 3 tasks needed" in said.en
    assert "не засчитан" in said.ru
    assert causes.control(effects(table(), DOWN)) == ("none", None)
    other = GUESSED._replace(start="locap", end="low", arm="echo")
    both = pl.concat([few, effects(table(echo=("low", 0.0)), other)])
    assert causes.control(both).state == "alike"
    assert "One of its arms is not counted" in climb.control(make_slip(effects=both)).en


def test_an_effect_of_exactly_0_in_one_direction_supports_nothing() -> None:
    ran = effects(table(echo=("low", 0.0)), DOWN, UP._replace(arm="echo"))
    down = ran.filter(pl.col("rubric").is_null(), start="hicap").to_dicts()[0]
    assert down["effect"] < 0
    assert down["adjusted"] < 0.05
    nothing = "from locap: the effect is exactly 0 on every prompt"
    assert told(ran) == ("not supported", nothing)
    still = table(echo=("low", 0.0), same=("high", 0.0))
    state, _ = told(effects(still, DOWN._replace(arm="same"), UP._replace(arm="echo")))
    assert state == "not supported", "both ran, and neither moves anything"


def test_a_direction_that_cannot_be_tested_is_named_and_is_no_support() -> None:
    ratings = table()
    thin = ratings.filter((pl.col("arm") != "long") | pl.col("prompt").is_in(["t0", "t1"]))
    state, because = told(effects(thin, DOWN, UP))
    assert state == "not tested"
    assert because is not None
    assert "from locap: 2 of 3 prompts needed" in because
    assert "from hicap: it moves as predicted" in because
    lifted = effects(table(lifted=("low", 0.5)), DOWN, UP._replace(arm="lifted"))
    assert told(lifted)[0] == "not tested", "as much on every task has no p"
    lowered = effects(table(lowered=("low", -0.5)), DOWN, UP._replace(arm="lowered"))
    assert told(lowered) == ("not supported", "from locap: it moves the other way")


def test_a_cause_that_rests_on_one_direction_or_on_a_declared_setting_says_so() -> None:
    state, because = told(effects(table(), DOWN, short="declared"))
    assert state == "supported"
    assert because == "one direction only; what was moved is only declared"
    ran = effects(table(), DOWN, UP, short="declared", long="verified")
    assert told(ran) == ("supported", "from hicap: what was moved is only declared")
    assert told(effects(table(), DOWN, UP, short="enforced", long="verified"))[1] is None
    none = effects(table(), DOWN, UP, short=None, long="verified")
    assert told(none)[1] == "from hicap: what was moved is only declared", "no field tells of it"


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("contradicted", "what was moved is contradicted by what was shown"),
        ("refused", "what was moved was refused by the provider"),
    ],
)
def test_a_move_that_did_not_take_place_tests_nothing(mark: str, said: str) -> None:
    alone = effects(table(), DOWN, short=mark)
    assert alone.filter(pl.col("rubric").is_null())["adjusted"][0] < 0.05
    assert told(alone) == ("not tested", said)
    assert told(effects(table(), DOWN, UP, short=mark)) == (
        "not tested",
        f"from hicap: {said}; from locap: it moves as predicted",
    )
    still = effects(table(echo=("low", 0.0)), DOWN, UP._replace(arm="echo"), short=mark)
    nothing = "from locap: the effect is exactly 0 on every prompt"
    assert told(still) == ("not supported", f"{nothing}; from hicap: {said}")


def wayward(ratings: pl.DataFrame, **ways: Way | None) -> tuple[str, str | None]:
    """What is told of cause 3 where its two steps went these ways."""
    known = {x: Known("enforced", ways.get(x.arm, SIDE[x.start])) for x in (DOWN, UP)}
    ran = [x for x in (DOWN, UP) if x.arm in ratings["arm"].unique()]
    return told(ladder.effects(ladder.seen(ratings, USABLE, ENDS), ran, known))


def test_a_step_to_the_other_side_is_no_test_of_a_cause() -> None:
    wrong = "it moves context up, away from what cause 3 says"
    down = table().filter(pl.col("arm") != "long")
    assert wayward(down, short="up") == ("not tested", wrong)
    state, because = wayward(table(), long="down")
    assert state == "supported", "as if it had not run"
    other = "it moves context down, away from what cause 3 says"
    assert because == f"one direction only; from locap: {other}"
    assert wayward(table(), long=None) == (
        "supported",
        "from locap: which way it was moved cannot be told",
    )
    wider = Rung("sampling", "hicap", "temperature 2", 0, True, "high", "short")
    ran = ladder.effects(
        ladder.seen(table(), USABLE, ENDS), [wider], {wider: Known("enforced", "up")}
    )
    because = "it moves sampling to a wider choice, away from what cause 5 says"
    assert told(ran, "sampling") == ("not tested", because)


def cut(cuts: int | None, reply: bool = False) -> pl.DataFrame:
    known = Known("enforced", "down", reply=reply, cut=cuts, answered=40)
    return ladder.effects(ladder.seen(table(), USABLE, ENDS), [DOWN], {DOWN: known})


def test_a_window_that_cut_nothing_is_no_test_and_one_that_cut_some_says_so() -> None:
    none = cut(0, reply=True)
    assert none.filter(pl.col("rubric").is_null())["adjusted"][0] < 0.05, "the reply was shorter"
    assert told(none) == ("not tested", "no prompt was cut otherwise than at the end")
    assert told(cut(12, reply=True)) == (
        "supported",
        "one direction only; cut on 12 of 40 wordings of tasks; the reply's limit moved with the "
        "window",
    )
    assert told(cut(40)) == told(cut(None)) == ("supported", "one direction only")
    (note, *_) = cut(12)["note"].unique()
    assert note == "cut on 12 of 40 wordings of tasks"


def test_a_step_of_thinking_by_which_none_was_seen_to_change_is_no_test() -> None:
    off = Rung("thinking", "hicap", "off", 0, True, "high", "short")

    def ran(thought: bool | None, mark: str = "enforced") -> pl.DataFrame:
        known = {off: Known(mark, "down", thought=thought)}
        return ladder.effects(ladder.seen(table(), USABLE, ENDS), [off], known)

    unseen = ran(False)
    assert unseen.filter(pl.col("rubric").is_null())["adjusted"][0] < 0.05, (
        "chance, or another cause"
    )
    assert told(unseen, "thinking") == ("not tested", ladder.UNTHOUGHT)
    assert set(unseen["note"]) == {ladder.UNTHOUGHT}
    alone = ("supported", "one direction only")
    assert told(ran(True, "verified"), "thinking") == told(ran(None), "thinking") == alone


def test_tasks_without_an_answer_are_told_beside_the_effect_of_the_others() -> None:
    """What a window refuses is lost where it would count most."""
    lost = "12 of 40 wordings of tasks left out: not answered in all that is compared"
    known = {DOWN: Known("enforced", "down", asked=40, answered=28)}
    kept = table().filter((pl.col("arm") != "short") | (pl.col("prompt") > "t20"))
    found = ladder.effects(ladder.seen(kept, USABLE, ENDS), [DOWN], known)
    assert set(found["note"]) == {lost}
    assert told(found) == ("supported", f"one direction only; {lost}")
    few = kept.filter((pl.col("arm") != "short") | pl.col("prompt").is_in(["t30", "t31"]))
    thin = ladder.effects(ladder.seen(few, USABLE, ENDS), [DOWN], known)
    needed = "2 of 3 prompts needed that have a score in all that is compared"
    assert told(thin) == ("not tested", f"{needed}; {lost}"), "said once"
    assert set(thin.drop_nulls("rubric")["note"]) == {needed}
    both = {PAIR: Known(asked=60, answered=48)}
    rows = crossed.by_rubric(ladder.seen(unfair(people=0), USABLE, ENDS), [PAIR], both)
    assert all("12 of 60 wordings of tasks left out" in x for x in rows["note"])


def test_a_language_that_an_arm_lost_on_some_tasks_is_no_effect_of_the_arm() -> None:
    """Russian answers lie a level higher in every arm; the small window refuses half of them."""
    random = np.random.default_rng(3)
    rows = [
        {
            "response": f"{place}-{arm}-{language}",
            "prompt": f"t{place:02}",
            "task_kind": "irony",
            "language": language,
            "arm": arm,
            "draw": 0,
            "rubric": rubric,
            "rater": "a",
            "kind": "judge",
            "computed": False,
            "score": 2.5 + (language == "ru") + random.normal(0, 0.2),
        }
        for place in range(60)
        for arm in ("high", "short", "q4", "both")
        for language in ("en", "ru")
        for rubric in USABLE
        if arm not in ("short", "both") or language == "en" or place % 2
    ]
    ratings = pl.DataFrame([dict.fromkeys(RATINGS.names()) | x for x in rows], schema=RATINGS)
    seen = ladder.seen(ratings, USABLE, ENDS)
    pair = Crossing("hicap", "quantisation", "context", "high", "q4", "short", "both")
    for found in (ladder.effects(seen, [DOWN]), crossed.by_rubric(seen, [pair])):
        (mean,) = found.filter(pl.col("rubric").is_null()).to_dicts()
        assert abs(mean["effect"]) < 0.1


def test_an_interval_without_an_adjusted_p_is_no_effect_of_a_ladder() -> None:
    found = effects(table(), DOWN).with_columns(adjusted=pl.lit(None, pl.Float64))
    with pytest.raises(AssertionError, match="short: an interval without an adjusted p"):
        causes.of(found, USABLE)


def test_a_cause_stands_beside_its_arms_and_every_usable_rubric() -> None:
    ran = effects(table(), DOWN, UP, short="enforced", long="declared")
    rows = causes.of(ran, USABLE).filter(factor="context").to_dicts()
    assert [(x["start"], x["arm"], x["rubric"]) for x in rows] == [
        (start, arm, rubric)
        for start, arm in (("hicap", "short"), ("locap", "long"))
        for rubric in (None, "depth", "irony")
    ]
    assert all(x["low"] < x["effect"] < x["high"] for x in rows)
    assert {x["mark"] for x in rows} == {"enforced", "declared"}
    lone = causes.of(ran, ("depth",)).filter(factor="context")
    assert "irony" not in lone["rubric"].to_list(), "of a rubric that is not usable nothing is told"
    slip = make_slip(effects=ran, causes=causes.of(ran, USABLE))
    html = report.render(slip)
    cell = html[html.index('id="causes-table"') :]
    cell = cell[: cell.index("</table>")]
    for text in ("4096", "32768", "fate enforced", "fate declared", "Глубина", "only declared"):
        assert text in cell
    named = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'aria-labelledby="([^"]+)"', html)) <= named, "the picture's name too"


def test_the_reasons_are_said_in_words_in_both_languages() -> None:
    said = notes.note("from hicap: the effect is exactly 0 on every prompt; one direction only")
    assert said.en.startswith("from the high end: the effect is exactly 0 on every task")
    assert (
        said.ru
        == "от верхнего полюса: эффект ровно ноль в каждом задании; шли только в одну сторону"
    )
    known = [
        *(f"from locap: {x}" for x in (causes.DECLARED, *causes.UNMOVED.values())),
        "from locap: it moves as predicted",
        "it moves context down, away from what cause 3 says",
        "it moves sampling to a wider choice, away from what cause 5 says",
        f"from hicap: {causes.UNTOLD}",
        "4 of 8 wordings of tasks left out: not answered in all that is compared",
        *(ladder.UNCUT, ladder.UNTHOUGHT, ladder.REPLY, "cut on 12 of 40 wordings of tasks"),
        ladder.NOWHERE,
        ladder.NOT_HERE.format(4),
        str(ladder.plain(np.zeros(1)).note),
    ]
    assert [x for x in known if notes.note(x).ru == x] == []
    assert re.findall("[a-z]+", " ".join(notes.note(x).ru for x in known)) == []


def test_what_holds_for_every_step_is_said_once() -> None:
    rows = effects(table(same=("high", 0.0)), DOWN, DOWN._replace(level="2048", arm="same"))
    every = rows.with_columns(
        note=pl.concat_str(
            pl.lit("people alone: no judge"), "note", separator="; ", ignore_nulls=True
        )
    )
    found = climb.notes(climb.steps(make_slip(effects=every)))
    assert found.common == ["people alone: no judge"]
    assert found.own == ["", ""], "0.00 on every task needs no note"
    html = report.render(make_slip(effects=every))
    cell = html[html.index('id="ladder-table"') :]
    assert cell.count("Told by, in every row: the panel.") == 1
    assert cell[: cell.index("</table>")].count("the panel") == 0


def test_an_arm_that_is_named_often_is_tested_once() -> None:
    """Else a step that is sure of itself, named anew, would carry the doubtful ones along."""
    levels = {"high": 1.0, "short": 0.0, "q4": 0.82, "one": 1.0}
    rest = (
        Rung("quantisation", "hicap", "q4", 0, True, "high", "q4"),
        Rung("experts", "hicap", "one", 0, True, "high", "one"),
    )
    again = [DOWN._replace(level=f"again {n}") for n in range(8)]
    alone = effects(table(levels), DOWN, *rest)
    often = effects(table(levels), DOWN, *rest, *again)
    told_of = pl.col("rubric").is_null()
    by = ["factor", "adjusted"]
    assert often.head(alone.height).filter(told_of)[by].equals(alone.filter(told_of)[by])
    named = often.filter(told_of, factor="context")
    assert named.height == 9
    assert named["adjusted"].n_unique() == 1
    assert named["adjusted"].null_count() == 0


# --- two factors crossed

ARMS = {"high": 1.0, "q4": 0.5, "ctx": 0.5, "both": 0.0}
PAIR = Crossing("hicap", "quantisation q4", "context 4096", "high", "q4", "ctx", "both")


def added(ratings: pl.DataFrame, one: Crossing = PAIR, usable: tuple[str, ...] = USABLE) -> Any:
    rows = crossed.by_rubric(ladder.seen(ratings, usable, ENDS), [one]).to_dicts()
    return next(x for x in rows if x["rubric"] is None)


def unfair(people: int, prompts: int = 60, seed: int = 5) -> pl.DataFrame:
    """A panel that takes a level off the arm in which both factors are moved; people do not."""
    counts = dict.fromkeys(ARMS, people)
    found = scores(ARMS, np.random.default_rng(seed), prompts, people=counts)
    judged = (pl.col("kind") == "judge") & (pl.col("arm") == "both")
    return found.with_columns(score=pl.when(judged).then(pl.col("score") - 1).otherwise("score"))


def test_people_who_rated_all_four_arms_tell_what_two_factors_do_together() -> None:
    fair = added(unfair(people=3))
    assert fair["basis"] in ("people", "people and panel")
    assert fair["gold_prompts"] == 60
    assert fair["low"] < 0 < fair["high"], "each takes a half, both take one"
    alone = added(unfair(people=0))
    assert (alone["basis"], alone["gold_prompts"]) == ("panel", 0)
    assert alone["high"] < 0, "the panel's own view is off, and is said to be the panel's"


def test_gold_on_some_tasks_corrects_the_panel_on_the_others() -> None:
    held = 0
    for seed in range(20):
        whole = unfair(people=3, seed=seed)
        few = [f"t{x}" for x in range(25)]
        found = added(whole.filter((pl.col("kind") != "human") | pl.col("prompt").is_in(few)))
        assert found["gold_prompts"] == 25
        held += found["low"] <= 0 <= found["high"]
    assert held >= 16


def test_people_who_skipped_an_arm_are_left_out_of_a_crossing() -> None:
    whole = unfair(people=2)
    skipped = whole.filter((pl.col("rater") != "p1") | (pl.col("arm") != "ctx"))
    harsh = skipped.with_columns(
        score=pl.when(pl.col("rater") == "p1").then(1.0).otherwise("score")
    )
    assert added(harsh) == added(whole.filter(pl.col("rater") != "p1"))


@pytest.mark.parametrize("second", ["language", "long_chain"])
def test_people_tell_of_a_language_and_of_long_chains_too(second: str) -> None:
    one = PAIR._replace(second=second, other=None, both=None)
    ratings = unfair(people=3)
    if second == "language":
        twin = ratings.with_columns(pl.lit("en").alias("language"), pl.col("response") + "-en")
        ratings = pl.concat([ratings.with_columns(language=pl.lit("ru")), twin])
    found = added(ratings, one, usable=())
    assert found["note"] == "on no rubric is the panel both usable and calibrated"
    rows = crossed.by_rubric(ladder.seen(ratings, (), ENDS), [one]).drop_nulls("rubric").to_dicts()
    assert {x["basis"] for x in rows} <= {"people", "people and panel"}
    assert all(x["effect"] is not None for x in rows), "people need no panel"


def test_below_0_means_less_given_where_the_ladder_goes_up() -> None:
    said = climb.WORDS["crossings_key"]
    assert "away from the low end (↑): together they give less" in said.en
    assert "от нижнего (↑): вместе дают меньше" in said.ru


def test_a_crossing_stands_with_its_end_its_mean_and_every_rubric() -> None:
    seen = ladder.seen(unfair(people=3), USABLE, ENDS)
    up = PAIR._replace(start="locap", second="long_chain", other=None, both=None)
    rows = pl.concat([crossed.by_rubric(seen, [x]) for x in (PAIR, up)])
    slip = make_slip(crossings=rows)
    down, other = climb.crossed(slip)
    assert (down.told.start.en, other.told.start.en) == ("↓ HiCap", "↑ LoCap")
    assert (down.first.en, down.second.ru) == ("quantisation q4", "контекст 4096")
    assert other.second == climb.WORDS["crossed_long_chain"]
    assert down.told.mean["rubric"] is None
    assert set(down.told.by_rubric) == set(USABLE)
    assert "people" in down.told.basis.en
    html = report.render(slip)
    cell = html[html.index('id="crossings-table"') :]
    cell = cell[: cell.index("</table>")]
    assert climb.shown(down.told.mean).en in cell
    assert climb.shown(down.told.by_rubric["irony"]).en in cell
