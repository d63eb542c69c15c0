"""Tasks: what is asked in one turn or two, and what code can tell of the answer."""

from typing import Any

import pytest
from conftest import Project
from fake_server import FakeServer, answer_or_verdict, completion, is_verdict_request
from hypothesis import given
from hypothesis import strategies as st
from people import go
from pydantic import ValidationError

from pipeline import plan, study
from pipeline.tasks import NOT_APART, TURN, Task, checks

BOTH = {"en": "x", "ru": "х"}


def task(**fields: Any) -> Task:
    base = {"id": "stone", "kind": "creative", "title": BOTH, "text": BOTH}
    return Task.model_validate(base | fields)


def told(found: Task, answer: str, language: Any = "en") -> dict[str, tuple[bool, str]]:
    return {x.name: (x.met, x.found) for x in checks(found, language, answer)}


def test_each_constraint_says_what_it_found() -> None:
    limits = {
        "words_at_least": 3,
        "words_at_most": 5,
        "uses": {"en": ["sourdough", "leap second"], "ru": ["закваск", "високосн"]},
        "avoids": {"en": ["in conclusion"], "ru": ["в заключение"]},
    }
    found = task(constraints=limits)
    assert told(found, "A leap\n second for SOURDOUGH") == {
        "words_at_least": (True, "5"),
        "words_at_most": (True, "5"),
        "uses": (True, ""),
        "avoids": (True, ""),
    }
    assert told(found, "В заключение о закваске и закваске ещё", "ru") == {
        "words_at_least": (True, "7"),
        "words_at_most": (False, "7"),
        "uses": (False, "високосн"),
        "avoids": (False, "в заключение"),
    }


def test_a_planted_detail_is_found_missed_or_taken_for_another() -> None:
    planted = {
        "what": {"en": "the year", "ru": "год"},
        "right": {"en": ["1911", "nineteen eleven"], "ru": ["1911"]},
        "wrong": {"en": ["1913"], "ru": ["1913"]},
    }
    found = task(planted=[planted])
    assert told(found, "It was 1911.")["planted"] == (True, "the year")
    assert told(found, "It was 1913.")["planted"][0] is False
    assert told(found, "1911, or 1913?")["planted"][0] is False
    assert told(found, "Long ago.")["planted"][0] is False


def test_a_detail_asked_for_in_the_first_sentence_is_looked_for_there_alone() -> None:
    planted = {
        "what": {"en": "the year", "ru": "год"},
        "right": {"en": ["1911"], "ru": ["1911"]},
        "wrong": {"en": ["1913"], "ru": ["1913"]},
    }
    first = task(planted=[planted | {"first_sentence": True}])
    late, beside = "Long ago. It was 1911.", "## Answer\n\nIn 1911, says Dr. Ruhl. Not in 1913."
    assert told(first, late)["planted"][0] is False
    assert told(first, beside)["planted"][0] is True
    assert told(task(planted=[planted]), late)["planted"][0] is True
    assert told(task(planted=[planted]), beside)["planted"][0] is False


@given(words=st.lists(st.sampled_from(["море", "sea", "и", "камня"]), max_size=12))
def test_the_count_of_words_is_exact(words: list[str]) -> None:
    found = task(constraints={"words_at_most": 6})
    assert told(found, ", ".join(words))["words_at_most"] == (len(words) <= 6, str(len(words)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"words_at_least": 9, "words_at_most": 5},
        {"uses": {"en": ["a", "b"], "ru": ["а"]}},
        {"avoids": {"en": ["a"], "ru": []}},
        {"words_at_most": 0},
    ],
)
def test_constraints_that_differ_by_language_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        task(constraints=wrong)


def test_the_limits_of_two_turns_hold_for_one_answer_each() -> None:
    found = task(
        then=BOTH,
        constraints={"words_at_most": 2, "avoids": {"en": ["grey"], "ru": ["сер"]}},
        then_constraints={"words_at_most": 4, "uses": {"en": ["sea"], "ru": ["мор"]}},
    )
    one = [(x.name, x.met, x.found) for x in checks(found, "en", f"a b c{TURN}a grey sea")]
    assert one == [
        ("words_at_most", False, "first answer: 3"),
        ("avoids", True, ""),
        ("words_at_most", True, "second answer: 3"),
        ("uses", True, ""),
    ]
    two = [x.met for x in checks(found, "en", f"grey{TURN}a b c d e")]
    assert two == [True, False, False, False]


@pytest.mark.parametrize("answer", ["a b", f"a{TURN}b{TURN}c"])
def test_turns_that_cannot_be_told_apart_are_not_counted(answer: str) -> None:
    limits = {"words_at_most": 2}
    found = checks(task(then=BOTH, constraints=limits, then_constraints=limits), "en", answer)
    assert [(x.met, x.found) for x in found] == [(None, NOT_APART)] * 2


def test_limits_of_a_turn_that_there_is_not_are_refused() -> None:
    with pytest.raises(ValidationError, match="there is no second turn"):
        task(then_constraints={"words_at_most": 2})


@pytest.mark.parametrize(
    "wrong", ["", "(not a)", "a (not", "a b / ", "=", "a=b", "a … =", "a …", "a (not =)"]
)
def test_a_word_that_is_not_written_as_its_forms_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        task(constraints={"avoids": {"en": [wrong], "ru": ["а"]}})


def two_turns(project: Project) -> None:
    project.task(
        "stone",
        "What does the stone think?",
        "О чём думает камень?",
        reads={"en": "A stone lies here.", "ru": "Здесь лежит камень."},
        then={"en": "And what of that thought?", "ru": "А что об этой мысли?"},
    )


def test_a_second_turn_carries_the_first_without_its_thinking(
    served: Project, server: FakeServer
) -> None:
    two_turns(served)
    served.study()
    served.thinking("high", "low")

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return answer_or_verdict(body)
        return completion(
            f"<think>kvetch</think>turn {len(body['messages'])}, {body['max_tokens']}"
        )

    server.reply = reply
    planned = plan.plan(study.load("trial", served.root)).calls
    result = go(served)
    assert (result.owed, server.calls) == (0, planned)
    assert planned == 2 * 2 + 2, "two turns of both arms, one verdict on each"
    asked = [x["messages"] for x in server.bodies if len(x["messages"]) == 3]
    assert len(asked) == 2
    for first, said, then in asked:
        assert first["content"] == "A stone lies here.\n\nWhat does the stone think?"
        assert said["content"].startswith("turn 1, ")
        assert then["content"] == "And what of that thought?"
    judged = next(x for x in server.bodies if is_verdict_request(x))["messages"][-1]["content"]
    assert f"turn 1, 100{TURN}turn 3, 100" in judged or f"turn 1, 50{TURN}turn 3, 50" in judged
    assert f"stone think?{TURN}And what of that thought?" in judged
    page = result.report.read_text("utf-8")
    assert planned_again(served) == 0
    assert "kvetch" not in page[: page.index('id="data"')]


def planned_again(project: Project) -> int:
    return plan.plan(study.load("trial", project.root)).calls


@pytest.mark.parametrize("empty", [1, 3])
def test_a_turn_without_a_word_leaves_what_was_said(
    served: Project, server: FakeServer, empty: int
) -> None:
    two_turns(served)
    served.study()
    server.reply = lambda body: (
        answer_or_verdict(body)
        if is_verdict_request(body)
        else completion("" if len(body["messages"]) == empty else f"so {body['max_tokens']}")
    )
    done = go(served).derived.completion
    assert done["empty" if empty == 1 else "truncated"].to_list() == [1, 1]


def test_the_key_of_a_task_of_one_turn_is_that_of_its_text() -> None:
    assert task().prompt("en") == "x"
    assert task(then=BOTH).prompt("en") == f"x{TURN}x"
    assert task(reads=BOTH).prompt("ru") == "х\n\nх"
