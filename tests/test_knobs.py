"""What an arm does with a task beside asking it: instructions, thinking aloud, drafts, a cut."""

import json
import re
from typing import Any

import pytest
import yaml
from conftest import Project
from fake_server import FakeServer, completion, is_verdict_request, verdict
from people import go
from test_verifying import marks

from pipeline import plan, study
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.programs.direct import picked
from pipeline.programs.words import INSTRUCTIONS, NOW, THINK


def turned(project: Project, arm: str = "low", **knobs: Any) -> None:
    """Turn these knobs of an arm."""
    path = project.root / f"data/arms/{arm}.yaml"
    given = yaml.safe_load(path.read_text("utf-8"))
    if "thinking_tokens" in knobs:
        given["profile"]["thinking"] = {"mode": "capped"}
    path.write_text(yaml.safe_dump(given | {"knobs": knobs}, allow_unicode=True), "utf-8")


def answers(project: Project, arm: str = "low") -> list[dict[str, Any]]:
    every = [json.loads(x) for x in project.lines("responses")]
    return [x for x in every if x["arm"] == arm]


def asked(server: FakeServer) -> list[dict[str, Any]]:
    """The bodies of the small arm's requests."""
    return [x for x in server.bodies if not is_verdict_request(x) and x.get("temperature") is None]


def test_the_model_picks_one_of_its_drafts(served: Project, server: FakeServer) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        said = body["messages"][-1]["content"]
        if "=== 3 ===" in said:
            return completion("2")
        return completion(f"draft of seed {body.get('seed')}")

    turned(served, candidates=3)
    path = served.root / "data/arms/low.yaml"
    path.write_text(path.read_text("utf-8").replace("max_tokens: 50", "max_tokens: 50\n  seed: 7"))
    server.reply = reply
    wanted = plan.plan(study.load("trial", served.root)).lines[1]
    assert go(served).owed == 0
    assert [x["text"] for x in answers(served)] == ["draft of seed 1007"] * 2
    mine = asked(server)
    assert sorted({x["seed"] for x in mine}) == [7, 1007, 2007]
    assert len(mine) == wanted.calls == 2 * 4
    assert all(x["call"]["attempts"] == 4 for x in answers(served)), "all of them cost"


@pytest.mark.parametrize(("missed", "mark"), [(2, "verified"), (3, "contradicted")])
def test_where_no_draft_is_named_the_first_is_kept_and_the_mark_says_how_often(
    served: Project, server: FakeServer, missed: int, mark: str
) -> None:
    """The answers are asked once either way."""
    for n in range(3):
        served.task(f"more{n}", f"What of {n}?", f"Что о {n}?")
    picks = 0

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        nonlocal picks
        if "=== 2 ===" not in body["messages"][-1]["content"]:
            return completion(f"draft of seed {body.get('seed')}")
        picks += 1
        return completion("I like both" if picks <= missed else "Answer 2.")

    turned(served, candidates=2)
    path = served.root / "data/arms/low.yaml"
    path.write_text(path.read_text("utf-8").replace("max_tokens: 50", "max_tokens: 50\n  seed: 7"))
    server.reply = reply
    result = go(served)
    assert result.owed == 0
    found = [(x["pick"], x["text"]) for x in answers(served)]
    none = {"drafts": 2, "number": None, "said": "I like both"}
    second = {"drafts": 2, "number": 2, "said": None}
    assert found.count((none, "draft of seed 7")) == missed
    assert found.count((second, "draft of seed 1007")) == 8 - missed
    assert marks(served, "low")["knobs.candidates"] == mark
    said = f"the model named the draft that it keeps in {8 - missed} of 8 answers"
    assert said in result.report.read_text("utf-8")
    calls = len(server.bodies)
    assert go(served).owed == 0
    assert len(server.bodies) == calls, "nothing is asked again"


REFUSED = (400, {"error": {"message": "no"}}, {})
TOO_LONG = (400, {"error": {"message": "exceeds the maximum context length"}}, {})


def failing(served: Project, server: FakeServer, place: str, fault: Any) -> list[float]:
    """Let every call at `place` of the small arm's three drafts fail; what its others cost."""
    paid: list[float] = []

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        if body.get("temperature") is not None:
            return completion("plain")
        picking = "=== 3 ===" in body["messages"][-1]["content"]
        if picking if place == "pick" else body["seed"] == int(place):
            return fault
        said: Any = completion("a draft")
        used = said["usage"]
        paid.append((used["prompt_tokens"] + 2 * used["completion_tokens"]) / 1e6)
        return said

    turned(served, candidates=3)
    path = served.root / "data/arms/low.yaml"
    path.write_text(path.read_text("utf-8").replace("max_tokens: 50", "max_tokens: 50\n  seed: 7"))
    server.reply = reply
    return paid


@pytest.mark.parametrize("place", ["pick", "7"])
def test_replies_that_came_before_an_answer_failed_are_paid_for(
    served: Project, server: FakeServer, place: str
) -> None:
    paid = failing(served, server, place, REFUSED)
    assert go(served).owed > 0
    failures = [json.loads(x) for x in served.lines("failures")]
    drafts = 3 if place == "pick" else 2
    assert len(paid) == drafts * 2
    assert [x["kind"] for x in failures] == ["invalid_request"] * 2
    assert [x["attempts"] for x in failures] == [drafts + 1] * 2
    assert [x["cost"] for x in failures] == pytest.approx([sum(paid) / 2] * 2)


def test_a_budget_holds_where_answers_fail_again_and_again(
    served: Project, server: FakeServer
) -> None:
    paid = failing(served, server, "pick", REFUSED)
    budget = 0.006
    served.study(languages=["ru", "en"], budget=budget)
    for _ in range(9):
        result = go(served)
        if any("budget" in x for x in result.stopped):
            break
    others = sum(json.loads(x)["call"]["cost"] for x in served.lines("responses"))
    judged = sum(json.loads(x)["call"]["cost"] for x in served.lines("verdicts"))
    assert result.stopped == ("the budget of 0.006 US dollars is used up",)
    assert len(paid) > 6, "it failed more than once"
    assert sum(paid) + others + judged <= budget


def test_replies_that_came_before_a_call_that_did_not_fit_are_paid_for(
    served: Project, server: FakeServer
) -> None:
    paid = failing(served, server, "pick", TOO_LONG)
    assert go(served).owed == 0
    found = answers(served)
    assert [x["finish"] for x in found] == ["overflow"] * 2
    assert [x["call"]["cost"] for x in found] == pytest.approx([sum(paid) / 2] * 2)


def test_what_is_shown_to_pick_a_draft_fits_the_window_and_favours_none(
    served: Project, server: FakeServer
) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        return completion(
            "3" if "=== 3 ===" in body["messages"][-1]["content"] else "a word " * 200
        )

    turned(served, window_tokens=512, candidates=3)
    server.reply = reply
    assert go(served).owed == 0
    picking = [x["messages"][-1]["content"] for x in asked(server)]
    picking = [x for x in picking if "=== 3 ===" in x]
    assert len(picking) == 2
    for said in picking:
        assert 400 < tokens_estimated(said) + 50 <= 512
        shown = re.findall(r"=== \d ===\n\n(.*)", said)
        assert len({len(x) for x in shown}) == 1 < len(shown)
        assert all(x.endswith("word") for x in shown), "a window that rolls on loses the start"
    assert [x["text"] for x in answers(served)] == [("a word " * 200).strip()] * 2, "kept whole"


def test_a_window_that_shows_next_to_nothing_of_the_drafts_is_refused(served: Project) -> None:
    turned(served, window_tokens=256, candidates=4)
    said = "beside a reply of 50 that shows the model 25 tokens of each when it picks one"
    with pytest.raises(UserError, match=said):
        study.load("trial", served.root)


LONG = "It keeps what the task takes for granted in sight to the very end. " * 4


@pytest.mark.parametrize(
    "reply", ["", "0", "4", "two", "1 or 2", "2.5", "2 of 3", f"{LONG}2", "<think>2</think>"]
)
def test_a_reply_without_one_number_names_no_draft(reply: str) -> None:
    assert picked(reply, 3) is None


@pytest.mark.parametrize(
    "reply",
    [
        "2",
        "**2**",
        "Answer 2.",
        "Ответ 2",
        "2) because it is deeper",
        "Answer 2, 10/10. I keep 2.",
        f"=== 2 ===\n\n{LONG}, as 1 and 3 do not",
        "<think>1 or 3?</think>№ 2",
    ],
)
def test_one_number_names_a_draft_whatever_is_said_with_it(reply: str) -> None:
    assert picked(reply, 3) == 1


def test_thinking_aloud_goes_before_the_answer_and_is_not_judged(
    served: Project, server: FakeServer
) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        last = body["messages"][-1]["content"]
        if last.endswith(tuple(THINK.values())):
            return completion("notes to myself", finish="length")
        if last in NOW.values():
            return completion("the answer")
        return completion("and then?" if len(body["messages"]) > 1 else "plain")

    served.task("two", "First?", "Сначала?", then={"en": "And then?", "ru": "А потом?"})
    turned(served, thinking_tokens=32)
    server.reply = reply
    assert go(served).owed == 0
    by_task = {x["task"]: x for x in answers(served) if x["language"] == "en"}
    assert by_task["stone"]["text"] == "the answer"
    assert by_task["stone"]["reasoning"] == "notes to myself"
    assert by_task["stone"]["finish"] == "complete", "the cap on notes cuts no answer"
    assert by_task["two"]["text"] == "the answer\n\n* * *\n\nand then?"
    thinking = [x for x in asked(server) if x["messages"][-1]["content"].endswith(THINK["en"])]
    assert {x["max_tokens"] for x in thinking} == {32}
    judged = [x for x in server.bodies if is_verdict_request(x)]
    assert not any("notes to myself" in str(x["messages"]) for x in judged)


def test_instructions_are_put_before_the_task_and_kept_from_judges(
    served: Project, server: FakeServer
) -> None:
    turned(served, instructions="detailed")
    server.reply = lambda body: verdict(3) if is_verdict_request(body) else completion("Said.")
    assert go(served).owed == 0
    first = [x["messages"][0]["content"] for x in asked(server)]
    assert sum(x.startswith(INSTRUCTIONS["en"]) for x in first) == 1
    assert sum(x.startswith(INSTRUCTIONS["ru"]) for x in first) == 1
    judged = [x for x in server.bodies if is_verdict_request(x)]
    assert not any(INSTRUCTIONS["en"][:40] in str(x["messages"]) for x in judged)


def test_a_window_without_room_is_an_overflow_and_asks_nobody(
    served: Project, server: FakeServer
) -> None:
    served.task("two", "First?", "Сначала?", then={"en": "And then?", "ru": "А потом?"})
    turned(served, window_tokens=64)

    def counted(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        said: Any = completion("Said.")
        said["usage"]["prompt_tokens"] = int(tokens_estimated(body["messages"][-1]["content"]))
        return said

    server.reply = counted
    assert go(served).owed == 0
    by_task = {x["task"]: x for x in answers(served) if x["language"] == "en"}
    assert by_task["two"]["finish"] == "overflow"
    assert by_task["stone"]["finish"] == "complete"
    assert not any("First?" in str(x["messages"]) for x in asked(server))


def test_a_turned_knob_asks_again_and_turned_back_asks_nothing(
    served: Project, server: FakeServer
) -> None:
    go(served)
    calls = server.calls
    turned(served, instructions="detailed")
    go(served)
    assert server.calls > calls
    calls = server.calls
    turned(served)
    assert go(served).owed == 0
    assert server.calls == calls
