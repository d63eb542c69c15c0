"""How it is known that a step moved its factor: by what was set, or by what was shown."""

from typing import Any

import pytest
import yaml
from conftest import Project

from pipeline import direction, moved, study
from pipeline.arms import Arm
from pipeline.models.catalogue import Model
from pipeline.rungs import Crossing, Known, Rung
from pipeline.verifying import marks, more, spent
from pipeline.verifying.compare import Check

Given = dict[str, list[dict[str, Any]]]
"""Stored answers by arm."""
SERVED = {
    "provider": "vllm",
    "name": "big",
    "family": "t",
    "training": "instruct",
    "base_url": "http://127.0.0.1:9/v1",
    "quantisation": "none",
    "context_tokens": 8192,
}


@pytest.fixture
def rungs(project: Project) -> tuple[study.Design, dict[str, Rung]]:
    """A ladder over servers that nobody starts, by factor."""
    project.models(
        big=SERVED,
        big4={**SERVED, "base_url": "http://127.0.0.1:7/v1", "quantisation": "awq"},
        one={**SERVED, "base_url": "http://127.0.0.1:8/v1", "serving": {"active_experts": 1}},
    )
    project.arm("high", "big", temperature=0.8, max_tokens=200, effort="high")
    high = yaml.safe_load((project.root / "data/arms/high.yaml").read_text("utf-8"))
    high["profile"]["thinking"] = {"mode": "unlimited"}
    project.write("data/arms/high.yaml", high)
    project.arm("low", "big4", max_tokens=100)
    project.task("stone", "What?", "Что?")
    project.panel({"id": "length", "computed": "length"})
    ladder: list[dict[str, Any]] = [
        {"factor": "quantisation", "start": "hicap", "levels": ["big4"]},
        {"factor": "experts", "start": "hicap", "levels": ["one"]},
        {"factor": "context", "start": "hicap", "levels": [2048]},
        {"factor": "thinking", "start": "hicap", "levels": ["off"]},
        {"factor": "sampling", "start": "hicap", "levels": [{"sampling": {"temperature": 0}}]},
    ]
    project.study(ablations=ladder)
    design = study.load("trial", project.root)
    return design, {x.factor: x for x in design.ladder.rungs}


def told(
    design: study.Design, answers: Given | None = None, **shown: tuple[Check, ...]
) -> dict[str, str | None]:
    """The mark of each factor's step, where so much was shown of it."""
    factors = {x.arm: x.factor for x in design.ladder.rungs}
    checks = {x.name: shown.get(factors.get(x.name, x.name), ()) for x in design.arms}
    found = {
        x.name: moved.Shown(x, marks.settings(x, checks[x.name]), (answers or {}).get(x.name, ()))
        for x in design.arms
    }
    return {x.factor: y.mark for x, y in moved.of(design.ladder.rungs, found, 1).items()}


def test_a_step_is_marked_by_what_it_set(rungs: tuple[study.Design, dict[str, Rung]]) -> None:
    assert told(rungs[0]) == {
        "quantisation": "declared",
        "experts": "declared",
        "context": "enforced",
        "thinking": "enforced",
        "sampling": "enforced",
    }


def test_what_was_shown_of_the_factor_counts_for_or_against(
    rungs: tuple[study.Design, dict[str, Rung]],
) -> None:
    design, _ = rungs
    thought = Check("profile.thinking.mode", "none", "9/9", "answers", False, "thought")
    at_work = Check("profile.experts.active", 1, 1, "answers", True, "experts.active")
    other = Check("profile.parameters_billion", 70.0, 7.0, "listed", False, "parameters_billion")
    found = told(design, thinking=(thought,), experts=(at_work,), sampling=(other,))
    assert found["thinking"] == "contradicted", "it was told not to think, and thought"
    assert found["experts"] == "verified"
    assert found["sampling"] == "enforced", "what contradicts another field is said elsewhere"


def answer(task: str, removed: int | None, finish: str = "complete") -> dict[str, Any]:
    gone = None if removed is None else {"where": "start", "characters": removed, "of": 900}
    return {"task": task, "language": "en", "finish": finish, "removed": gone}


def test_what_a_window_cut_is_counted_task_by_task(
    rungs: tuple[study.Design, dict[str, Rung]],
) -> None:
    design, by = rungs
    rung = by["context"]
    plain = {x.name: moved.Shown(x, marks.settings(x, ())) for x in design.arms}

    def known(step: list[dict[str, Any]], end: list[dict[str, Any]]) -> Known:
        given = {rung.arm: step, rung.end: end}
        shown = {x: y._replace(answers=given.get(x, ())) for x, y in plain.items()}
        return moved.of([rung], shown, 4)[rung]

    whole = [answer(x, None) for x in "abcd"]
    some = [answer("a", 50), answer("b", None), answer("c", 9, "truncated")]
    found = known([*some, answer("d", 700, "overflow")], whole)
    assert (found.cut, found.answered, found.asked) == (2, 3, 4), "one is too long to be asked"
    assert known(whole, whole).cut == 0
    assert known([], whole).cut is None, "nothing is known yet"
    assert not found.reply
    assert moved.of([by["thinking"]], plain, 4)[by["thinking"]].cut is None
    both = Crossing("hicap", "", "language", rung.end, rung.arm, None, None)
    wholly = both._replace(second="long_chain")
    given = {rung.arm: some, rung.end: [*whole, answer("a", None) | {"language": "ru"}]}
    shown = {x: y._replace(answers=given.get(x, ())) for x, y in plain.items()}
    counts = moved.crossed([both, wholly], shown, 4)
    assert [x.answered for x in counts.values()] == [0, 3], "the step has no Russian answers"


def turned(arm: Arm, model: dict[str, Any] | None = None, **parts: dict[str, Any]) -> Arm:
    """`arm` with some fields of its model, sampling, knobs or profile put anew."""
    old = {"sampling": arm.sampling, "knobs": arm.knobs, "profile": arm.profile}
    new = {x: type(old[x]).model_validate(old[x].model_dump() | y) for x, y in parts.items()}
    given = arm.model.model_dump() | (model or {})
    return arm._replace(model=Model.model_validate(given), **new)


@pytest.mark.parametrize(
    ("factor", "was", "now", "way"),
    [
        ("context", {"knobs": {"window_tokens": 4096}}, {"knobs": {"window_tokens": 8000}}, "up"),
        ("context", {}, {"knobs": {"window_tokens": 4096}}, "down"),
        ("context", {"model": {"context_tokens": None}}, {"model": {"context_tokens": 64}}, None),
        ("context", {}, {"model": {"context_tokens": 512}}, "down"),
        ("quantisation", {"model": {"quantisation": "awq"}}, {}, "up"),
        ("quantisation", {}, {"model": {"quantisation": "gptq"}}, "down"),
        ("quantisation", {"profile": {"weight_bits": 16}}, {"profile": {"weight_bits": 8}}, "down"),
        (
            "quantisation",
            {"model": {"quantisation": "Q4_0"}},
            {"model": {"quantisation": "Q5_K_M"}},
            "up",
        ),
        ("quantisation", {}, {"model": {"quantisation": "mine"}}, None),
        (
            "quantisation",
            {"model": {"quantisation": "awq"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "awq_marlin"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "awq"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "auto_awq"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "mxfp4"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "awq"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "gptq"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "awq"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "gptq"}, "profile": {"weight_bits": 8}},
            {"model": {"quantisation": "awq"}},
            "down",
        ),
        (
            "quantisation",
            {"model": {"quantisation": "awq"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "none"}},
            "up",
        ),
        (
            "quantisation",
            {"model": {"quantisation": "none"}, "profile": {"weight_bits": 8}},
            {"model": {"quantisation": "fp8"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "compressed-tensors"}, "profile": {"weight_bits": 4}},
            {"model": {"quantisation": "awq"}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "compressed-tensors"}, "profile": {"weight_bits": 8}},
            {"model": {"quantisation": "awq"}},
            "down",
        ),
        (
            "quantisation",
            {"model": {"quantisation": "awq"}},
            {"model": {"quantisation": "compressed-tensors"}, "profile": {"weight_bits": 4}},
            None,
        ),
        (
            "quantisation",
            {"model": {"quantisation": "Q4_K_M"}, "profile": {"weight_bits": 4.84}},
            {"model": {"quantisation": "Q4_K_S"}, "profile": {"weight_bits": 4.57}},
            "down",
        ),
        ("attention", {}, {"model": {"serving": {"kv_cache": "q4_0"}}}, "down"),
        ("attention", {"model": {"serving": {"sliding_window": 64}}}, {}, "up"),
        ("experts", {"profile": {"experts": {"active": 8}}}, {}, None),
        (
            "experts",
            {"profile": {"experts": {"active": 8}}},
            {"model": {"serving": {"active_experts": 1}}},
            "down",
        ),
        ("sampling", {}, {"sampling": {"temperature": 2.0}}, "up"),
        ("sampling", {}, {"sampling": {"temperature": 0}}, "down"),
        ("sampling", {}, {"sampling": {"temperature": None}}, None),
        ("sampling", {}, {"sampling": {"min_p": 0.2}}, None),
        ("sampling", {"sampling": {"min_p": 0.1}}, {"sampling": {"min_p": 0.2}}, "down"),
        ("sampling", {}, {"sampling": {"temperature": 0.1, "top_p": 1}}, None),
        ("sampling", {}, {"sampling": {"presence_penalty": 1}}, None),
        ("thinking", {}, {"sampling": {"effort": "max"}}, "up"),
        (
            "thinking",
            {},
            {
                "sampling": {"thinking_budget_tokens": 64},
                "profile": {"thinking": {"mode": "capped"}},
            },
            "down",
        ),
        (
            "thinking",
            {"profile": {"thinking": {"mode": "none"}}},
            {"knobs": {"thinking_tokens": 64}, "profile": {"thinking": {"mode": "capped"}}},
            "up",
        ),
        ("thinking", {}, {"sampling": {"max_tokens": 300}}, None),
        ("extras", {"knobs": {"candidates": 4}}, {"knobs": {"candidates": 1}}, "down"),
        ("size", {"profile": {"parameters_billion": 70}}, {}, None),
    ],
)
def test_which_way_a_step_went_is_told_where_it_can_be(
    rungs: tuple[study.Design, dict[str, Rung]],
    factor: Any,
    was: dict[str, Any],
    now: dict[str, Any],
    way: str | None,
) -> None:
    high = rungs[0].hicap
    assert direction.of(factor, turned(high, **now), turned(high, **was)) == way


def test_a_step_of_thinking_is_verified_by_a_difference_and_not_by_thinking_alone(
    rungs: tuple[study.Design, dict[str, Rung]],
) -> None:
    design, by_factor = rungs
    none = Check("profile.thinking.mode", "none", 0, "answers", True, "thought")
    assert told(design, thinking=(none,))["thinking"] == "enforced", "the end may not think either"
    rung = by_factor["thinking"]
    less = {rung.arm: given(0, 0, 0), rung.end: given(100, 300, 190)}
    assert told(design, less)["thinking"] == "verified"
    more_of_it = {rung.arm: given(100, 400, 90), rung.end: given(0, 0, 0)}
    assert told(design, more_of_it)["thinking"] == "enforced", "it was to be less"
    some = Check("profile.thinking.mode", "none", 1, "answers", False, "thought")
    found = told(design, less, thinking=(some,))["thinking"]
    assert found == "contradicted", "its answers are not the arm's, and go no further"


def test_an_answer_that_is_broken_off_does_not_undo_a_step_of_thinking(
    rungs: tuple[study.Design, dict[str, Rung]],
) -> None:
    """It contradicts that the thinking is unlimited, and not that there was more of it."""
    design, _ = rungs
    low = turned(
        design.hicap,
        sampling={"effort": "low", "thinking_budget_tokens": 64},
        profile={"thinking": {"mode": "capped"}},
    )._replace(name="short")
    rung = Rung("thinking", "locap", "high", 0, True, low.name, "long")
    step, end = given(*[5000] * 6), given(60, 64, 58, 61, 64, 60)
    step[0] |= {"finish": "truncated", "largest": {"broken_off": True}}

    def mark(answers: list[dict[str, Any]]) -> str | None:
        long = design.hicap._replace(name="long")
        fields = marks.settings(long, spent.checks(long, answers))
        assert {x.field: x.mark for x in fields}["profile.thinking.mode"] == "contradicted"
        shown = {
            "long": moved.Shown(long, fields, answers),
            "short": moved.Shown(low, marks.settings(low, ()), end),
        }
        return moved.of([rung], shown, 6)[rung].mark

    assert mark(step) == "verified"
    assert mark(step[:1]) == "contradicted", "of one answer it cannot be told"


def given(*thinking: int | None, words: int = 0) -> list[dict[str, Any]]:
    """An answer for each, thought about in so many tokens."""
    return [
        {
            "task": f"t{n}",
            "language": "en",
            "draw": 0,
            "finish": "complete",
            "reasoning_words": words,
            "removed": None,
            "call": {"tokens_thinking": x, "model": None},
        }
        for n, x in enumerate(thinking)
    ]


def test_more_or_less_thinking_is_seen_task_by_task() -> None:
    few, many = given(100, 400, 90), given(210, 520, 180)
    assert more.seen("up", many, few, False, False) is True
    assert more.seen("down", few, many, False, False) is True
    assert more.seen("down", many, few, False, False) is False, "more, and less was asked"
    assert more.seen("up", few, few, False, False) is False, "the same"
    assert more.seen("up", given(90, 420, 100), few, False, False) is False, "now more, now less"
    assert more.seen("up", many[:1], few[:1], False, False) is None, "one answer"
    shown, hidden = given(None, None, words=50), given(None, None)
    assert more.seen("up", shown, hidden, False, False) is True, "in words, where none are counted"
    assert more.seen("up", shown, shown, False, False) is None, "they may be a summary"
    assert more.seen("up", shown, shown, False, True) is False, "all of it is shown"
    assert more.seen("up", shown, shown, True, False) is False, "notes are"
    long = [*many, given(None)[0] | {"task": "t9", "finish": "overflow"}]
    assert more.seen("up", long, few, False, False) is True, "what was not answered counts nothing"


def test_an_effort_that_the_server_ignores_is_told_from_one_that_nobody_can_see(
    rungs: tuple[study.Design, dict[str, Rung]],
) -> None:
    design, by_factor = rungs
    rung = by_factor["thinking"]
    shown = {x.name: moved.Shown(x, marks.settings(x, ())) for x in design.arms}

    def known(step: list[dict[str, Any]], end: list[dict[str, Any]], one: Rung = rung) -> Known:
        both = {rung.arm: step, rung.end: end}
        given = {x: y._replace(answers=both.get(x, ())) for x, y in shown.items()}
        return moved.of([one], given, 3)[one]

    ignored = known(given(4000, 4000, 4000), given(4000, 4000, 4000))
    assert (ignored.mark, ignored.way, ignored.thought) == ("enforced", "down", False)
    assert known(given(0, 0, 0), given(4000, 4000, 4000)).thought is True
    assert known([], []).thought is None, "nothing is known yet"
    other = known(given(4000, 4000), given(4000, 4000), by_factor["sampling"])
    assert other.thought is None, "it moves no thinking"
