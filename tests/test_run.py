"""A study from end to end on a real HTTP server: what is asked, what is not asked again."""

import csv
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from conftest import ROOT, Project
from fake_server import FakeServer, answer_or_verdict, completion, is_verdict_request, verdict
from people import go, people, rated

from pipeline import plan, run, study
from pipeline.errors import UserError
from pipeline.models import endpoint


def planned(project: Project) -> int:
    return plan.plan(study.load("trial", project.root)).calls


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for no clock here."""
    monkeypatch.setattr(endpoint, "_wait", lambda attempt, retry_after: 0.0)


def test_a_cold_run_makes_the_planned_calls_and_a_second_run_none(
    served: Project, server: FakeServer
) -> None:
    expected = planned(served)
    assert expected == 4 + 4
    assert server.calls == 0, "a plan asks nothing"
    result = go(served)
    assert (result.asked, result.owed, server.calls) == (8, 0, expected)
    assert result.report.exists()
    assert planned(served) == 0
    again = go(served)
    assert (again.asked, again.owed, server.calls) == (0, 0, expected)
    assert all(x.equals(y) for x, y in zip(again.derived, result.derived, strict=True))


def test_renaming_an_arm_or_commenting_a_file_asks_nothing(
    served: Project, server: FakeServer
) -> None:
    go(served)
    before = server.calls
    for folder, old, new in (("arms", "high", "renamed"),):
        text = (served.root / f"data/{folder}/{old}.yaml").read_text("utf-8")
        (served.root / f"data/{folder}/{old}.yaml").unlink()
        (served.root / f"data/{folder}/{new}.yaml").write_text(
            "# a comment\n" + text.replace("id: high", "id: renamed"), "utf-8"
        )
    served.study(languages=["ru", "en"], arms={"hicap": "renamed", "locap": "low"})
    result = go(served)
    assert (result.asked, server.calls) == (0, before)
    assert set(result.derived.ratings["arm"]) == {"renamed", "low"}


def test_moving_a_server_to_another_address_asks_nothing(
    served: Project, server: FakeServer
) -> None:
    go(served)
    before = server.calls
    path = served.root / "data/models.yaml"
    path.write_text(path.read_text("utf-8").replace("127.0.0.1", "localhost"), "utf-8")
    assert (go(served).asked, server.calls) == (0, before)


def test_other_weights_under_the_same_name_are_asked_anew(
    served: Project, server: FakeServer
) -> None:
    go(served)
    path = served.root / "data/models.yaml"
    path.write_text(path.read_text("utf-8").replace("q4", "q8"), "utf-8")
    result = go(served)
    assert result.asked == 2, "two answers; equal answers are not judged again"


def edit_anchor(project: Project, old: str, new: str) -> None:
    path = project.root / "rubrics/irony.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_editing_an_anchor_asks_that_rubric_only_and_editing_it_back_nothing(
    served: Project, server: FakeServer
) -> None:
    served.study(languages=["en"], rubrics=["irony", "depth"])
    go(served)
    before = server.calls
    anchor = study.load("trial", served.root).rubrics[0].levels[1].anchor.en
    first = " ".join(anchor.split()[:4])
    edit_anchor(served, first, f"CHANGED {first}")
    assert go(served).asked == 2
    asked = [x["messages"][0]["content"] for x in server.bodies[before:]]
    assert len(asked) == 2
    assert all(f"CHANGED {first}" in x for x in asked)
    after = server.calls
    edit_anchor(served, f"CHANGED {first}", first)
    assert (go(served).asked, server.calls) == (0, after)


def test_no_arm_or_model_name_reaches_a_judge(served: Project, server: FakeServer) -> None:
    served.models(
        **{
            name: {
                "provider": "openai-compatible",
                "name": "fake",
                "family": f"family-of-{name}",
                "training": "instruct",
                "base_url": server.address,
                "quantisation": f"bits-of-{name}",
            }
            for name in ("secret_big", "secret_small", "secret_judge")
        }
    )
    served.arm("high_secret_arm", "secret_big")
    served.arm("low_secret_arm", "secret_small")
    served.panel({"id": "judge_secret", "model": "secret_judge"})
    served.study(arms={"hicap": "high_secret_arm", "locap": "low_secret_arm"})
    go(served)
    judged = [x for x in server.bodies if is_verdict_request(x)]
    assert judged
    for body in judged:
        text = json.dumps(body["messages"], ensure_ascii=False)
        for name in ("secret", "fake", "family-of", "bits-of", "hicap", "locap", "trial"):
            assert name not in text.lower()


def reply_once(fault: Any, after: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Fail the first verdict request of every prompt, then answer."""
    seen: set[str] = set()

    def reply(body: dict[str, Any]) -> Any:
        prompt = body["messages"][-1]["content"]
        if is_verdict_request(body) and prompt not in seen:
            seen.add(prompt)
            return fault
        return after(body)

    return reply


@pytest.mark.parametrize(
    ("fault", "kind", "retried"),
    [
        ((429, {"error": {"message": "slow down"}}, {"Retry-After": "0"}), "rate_limit", True),
        ((500, {"error": {"message": "oh"}}, {}), "server", True),
        ((503, "", {}), "server", True),
        (None, "transport", True),
        (b"this is not JSON", "server", True),
        (b'{"choices": [{"mess', "server", True),
        ({"choices": []}, "server", True),
        ({}, "server", True),
        (completion("I would say 4."), "parse", False),
        (
            completion('{"rationale": "so", "evidence": [], "score": 9, "abstention": null}'),
            "parse",
            False,
        ),
        (
            completion('{"rationale": "so", "evidence": [], "score": null, "abstention": ""}'),
            "parse",
            False,
        ),
        (completion('{"rationale": "s', finish="length"), "truncated", False),
        (completion("", refusal="I will not"), "refusal", False),
        ((400, {"error": {"message": "no such option"}}, {}), "invalid_request", False),
    ],
)
def test_a_fault_is_mended_by_a_retry_or_recorded_and_owed_again(
    served: Project, server: FakeServer, fault: Any, kind: str, retried: bool
) -> None:
    answer = server.reply
    server.reply = reply_once(fault, answer)
    first = go(served)
    if retried:
        assert first.owed == 0
        records = [orjson.loads(x) for x in served.lines("verdicts")]
        assert {x["call"]["attempts"] for x in records} == {2}
        assert not served.lines("failures")
        return
    assert first.owed == 4
    failures = [orjson.loads(x) for x in served.lines("failures")]
    assert {x["kind"] for x in failures} == {kind}
    assert not served.lines("verdicts"), "a fault is never a verdict"
    second = go(served)
    assert (second.owed, second.asked) == (0, 4)


def test_a_server_that_never_recovers_costs_bounded_tries_and_stops_nobody_else(
    served: Project, server: FakeServer
) -> None:
    answer = server.reply
    hopeless = (500, {"error": {"message": "broken"}}, {})
    server.reply = lambda body: hopeless if is_verdict_request(body) else answer(body)
    result = go(served)
    assert result.owed == 4
    assert server.calls == 4 + 4 * endpoint.ATTEMPTS
    assert {orjson.loads(x)["attempts"] for x in served.lines("failures")} == {endpoint.ATTEMPTS}


def test_the_calls_of_the_report_are_those_that_the_server_had(
    served: Project, server: FakeServer
) -> None:
    """An answer of two turns is one record of two calls, and a call that failed was tried often."""
    served.task(
        "brook", "What does the brook think?", "О чём?", then={"en": "Why?", "ru": "Зачем?"}
    )
    answer, due = server.reply, planned(served)
    hopeless = (500, {"error": {"message": "broken"}}, {})
    server.reply = lambda body: (
        hopeless if is_verdict_request(body) and "brook" in str(body) else answer(body)
    )
    result = go(served)
    calls = {(x["stage"], x["who"]): x["calls"] for x in result.derived.costs.to_dicts()}
    assert calls["answers", "high"] == calls["answers", "low"] == 6, "2 languages, 1 + 2 turns"
    assert calls["failed", "one"] > result.owed
    assert sum(calls.values()) == server.calls > due


def test_a_refusing_judge_is_asked_three_times_and_then_has_no_score(
    served: Project, server: FakeServer
) -> None:
    answer = server.reply
    refusal = completion("", refusal="I will not")
    server.reply = lambda body: refusal if is_verdict_request(body) else answer(body)
    assert [go(served).owed for _ in range(3)] == [4, 4, 0]
    before = server.calls
    result = go(served)
    assert server.calls == before
    ratings = result.derived.ratings
    judge = ratings.filter(ratings["rater"] == "one")
    assert judge["score"].null_count() == 4
    assert set(judge["reason"]) == {"the judge refused every time it was asked"}


def test_a_dead_key_stops_after_a_few_calls(served: Project, server: FakeServer) -> None:
    served.task("second", "Two?", "Два?")
    served.task("third", "Three?", "Три?")
    for n in range(10):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    answer = server.reply
    dead = (401, {"error": {"message": "key expired"}}, {})
    server.reply = lambda body: dead if is_verdict_request(body) else answer(body)
    result = go(served)
    asked = sum(is_verdict_request(x) for x in server.bodies)
    assert asked <= 3 + 4, "three faults, and what was in flight beside them"
    assert result.owed == 52
    assert any("auth" in x for x in result.stopped)


def test_a_dead_server_stops_the_run_before_anything_is_asked(served: Project) -> None:
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8")
    address = text.split("base_url: ")[1].split()[0]
    path.write_text(text.replace(address, "http://127.0.0.1:9/v1"), "utf-8")
    with pytest.raises(
        UserError, match=r"big \(fake at http://127.0.0.1:9/v1, no key\): transport"
    ):
        go(served)


def test_a_server_without_the_model_stops_the_run(served: Project, server: FakeServer) -> None:
    server.models = ["other"]
    with pytest.raises(UserError, match="there is no model 'fake'; the server lists: other"):
        go(served)
    assert server.calls == 0


def test_an_arms_refusal_and_silence_are_answers_and_are_asked_once(
    served: Project, server: FakeServer
) -> None:
    answer = server.reply

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return answer(body)
        if "max_tokens" in body and body["max_tokens"] == 50:
            return completion("", refusal="I cannot") if "stone" in str(body) else completion("")
        return completion("cut of", finish="length")

    server.reply = reply
    result = go(served)
    found = {
        (x["arm"], x["language"]): x["finish"] for x in map(orjson.loads, served.lines("responses"))
    }
    assert found == {
        ("high", "en"): "truncated",
        ("high", "ru"): "truncated",
        ("low", "en"): "refused",
        ("low", "ru"): "empty",
    }
    assert result.owed == 0
    assert len(served.lines("verdicts")) == 2, "the truncated answers are judged as they stand"
    before = server.calls
    go(served)
    assert server.calls == before


def test_thinking_in_the_answer_is_cut_out_and_not_judged(
    served: Project, server: FakeServer
) -> None:
    served.thinking("high", "low")
    answer = server.reply
    server.reply = lambda body: (
        answer(body)
        if is_verdict_request(body)
        else completion("<think>secret plan</think>\n\nThe answer.", reasoning="shown thought")
    )
    go(served)
    records = [orjson.loads(x) for x in served.lines("responses")]
    assert {x["text"] for x in records} == {"The answer."}
    assert {x["reasoning"] for x in records} == {"shown thought\nsecret plan"}
    judged = [x for x in server.bodies if is_verdict_request(x)]
    assert len(judged) == 2, "both arms said the same: one item for each language"
    assert "secret plan" not in json.dumps(judged)


def test_the_budget_is_never_overdrawn_and_the_rest_is_owed(
    served: Project, server: FakeServer
) -> None:
    served.study(languages=["ru", "en"], budget=0.0006)
    result = go(served)
    spent = sum(
        orjson.loads(x)["call"]["cost"]
        for name in ("responses", "verdicts")
        for x in served.lines(name)
    )
    assert 0 < spent <= 0.0006
    assert result.owed > 0
    assert any("budget" in x for x in result.stopped)


def test_a_budget_without_prices_is_refused(served: Project) -> None:
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        "\n".join(x for x in text.splitlines() if "price" not in x and "per_million" not in x),
        "utf-8",
    )
    served.study(budget=5)
    with pytest.raises(UserError, match="budget needs the price of"):
        go(served)


def test_a_kill_loses_at_most_what_was_in_flight(served: Project, server: FakeServer) -> None:
    for n in range(20):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "score", "trial"],
        cwd=served.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while len(served.lines("verdicts")) < 10 and process.poll() is None:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()
    lines = {name: served.lines(name) for name in ("responses", "verdicts")}
    stored = len(lines["responses"]) + len(lines["verdicts"])
    in_flight = server.calls - stored
    assert 0 <= in_flight <= 4
    result = go(served)
    assert result.owed == 0
    assert server.calls == 84 + 84 + in_flight
    for name, before in lines.items():
        assert served.lines(name)[: len(before)] == before


def test_a_torn_line_is_reported_and_its_call_owed_again(
    served: Project, server: FakeServer
) -> None:
    go(served)
    path = served.root / "data/runs/trial/verdicts.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    said: list[str] = []
    before = server.calls
    design = study.load("trial", served.root)
    result = run.execute(design, lambda _: nullcontext(), said.append)
    assert server.calls == before + 1
    assert result.owed == 0
    assert any("torn" in x for x in said)
    assert path.read_bytes().startswith(whole[:-40])


def test_a_changed_record_is_called_altered(served: Project) -> None:
    go(served)
    path = served.root / "data/runs/trial/verdicts.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"rationale":"so"', b'"rationale":"no"', 1))
    said: list[str] = []
    result = run.execute(study.load("trial", served.root), lambda _: nullcontext(), said.append)
    assert any("ALTERED" in x for x in said)
    assert result.altered
    page = Path(result.report).read_text("utf-8")
    assert page.index("ALTERED: verdicts.jsonl was changed") < page.index("<h1>")


def test_a_second_run_on_the_same_folder_is_refused(served: Project) -> None:
    from pipeline.store import Run

    with (
        Run(served.root / "data/runs/trial"),
        pytest.raises(UserError, match=rf"another run is at work here \(process {os.getpid()}\)"),
    ):
        go(served)


def test_a_run_of_another_form_is_refused(served: Project) -> None:
    go(served)
    path = served.root / "data/runs/trial/manifest.json"
    path.write_text(path.read_text("utf-8").replace('"form": 1', '"form": 0'), "utf-8")
    with pytest.raises(UserError, match="has form 0, this version reads form 1"):
        go(served)


def test_a_judge_with_too_small_a_window_is_refused_before_it_costs(
    served: Project, server: FakeServer
) -> None:
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8").replace("context_tokens: 16384", "context_tokens: 600")
    path.write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"judge 'one' needs about \d+ tokens for rubric, task"):
        go(served)
    assert server.calls == 0


def test_a_long_answer_that_no_judge_can_hold_is_refused_before_it_is_judged(
    served: Project, server: FakeServer
) -> None:
    answer = server.reply
    server.reply = lambda body: (
        answer(body) if is_verdict_request(body) else completion("word " * 40000)
    )
    result = go(served)
    assert not any(is_verdict_request(x) for x in server.bodies)
    assert (result.owed, len(served.lines("responses"))) == (0, 4), "the answers are kept"
    ratings = result.derived.ratings.filter(result.derived.ratings["rater"] == "one")
    assert set(ratings["reason"]) == {"the answer does not fit the judge's window"}
    assert len(go(served).derived.ratings) == len(result.derived.ratings)
    assert len(served.lines("failures")) == 2, "said once for each item"
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8").replace("context_tokens: 16384", "context_tokens: 1000000")
    path.write_text(text, "utf-8")
    assert go(served).asked == 2, "a larger window is another matter"


def test_a_model_name_that_changes_is_a_warning(served: Project, server: FakeServer) -> None:
    answer, number = server.reply, itertools.count()

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return answer(body)
        return completion(f"{body['max_tokens']}", model=f"fake-{next(number)}")

    server.reply = reply
    page = go(served).report.read_text("utf-8")
    assert "answered under several model names" in page


def test_a_key_never_reaches_a_record_or_a_message(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-very-secret-0123456789"
    monkeypatch.setenv("TRIAL_KEY", secret)
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8").replace("name: fake", "name: fake\n    key_env: TRIAL_KEY")
    path.write_text(text, "utf-8")
    answer = server.reply
    said = (401, {"error": {"message": f"Incorrect API key provided: {secret}"}}, {})
    server.reply = lambda body: said if is_verdict_request(body) else answer(body)
    result = go(served)
    assert server.headers[0]["Authorization"] == f"Bearer {secret}"
    folder = served.root / "data/runs/trial"
    assert all(secret.encode() not in x.read_bytes() for x in folder.iterdir() if x.is_file())
    assert secret not in " ".join(result.stopped)


@pytest.mark.parametrize("whose", ["big", "judge"])
def test_a_missing_key_is_refused_before_a_call_and_leaves_no_folder(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    monkeypatch.delenv("TRIAL_KEY", raising=False)
    path = served.root / "data/models.yaml"
    models = yaml.safe_load(path.read_text("utf-8"))["models"]
    models[whose]["key_env"] = "TRIAL_KEY"
    served.models(**models)
    with pytest.raises(UserError, match="TRIAL_KEY"):
        go(served)
    assert server.headers == []
    assert [*(served.root / "data/runs").iterdir()] == []


def test_concurrency_is_the_endpoints_own(served: Project, server: FakeServer) -> None:
    for n in range(10):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    server.hold_until = 4
    go(served)
    assert server.most_flying == 4, "both arms are at one address: its limit is theirs together"


def test_only_the_studys_own_endpoints_are_looked_up(
    served: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    asked: list[str] = []
    real = socket.getaddrinfo

    def spy(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(str(host))
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", spy)
    go(served)
    assert set(asked) <= {"127.0.0.1"}


def test_an_abstention_is_a_verdict_without_a_score(served: Project, server: FakeServer) -> None:
    answer = server.reply
    server.reply = lambda body: (
        verdict(None, abstention="a list of numbers") if is_verdict_request(body) else answer(body)
    )
    result = go(served)
    assert result.owed == 0
    rows = result.derived.ratings.filter(result.derived.ratings["rater"] == "one")
    assert rows["score"].null_count() == rows.height
    assert set(rows["reason"]) == {"abstained: a list of numbers"}


def test_a_wrong_judge_is_found_before_any_answer_is_paid_for(
    served: Project, server: FakeServer
) -> None:
    path = served.root / "data/models.yaml"
    head, judge = path.read_text("utf-8").split("  judge:")
    path.write_text(head + "  judge:" + judge.replace("name: fake", "name: jdge"), "utf-8")
    with pytest.raises(UserError, match="there is no model 'jdge'"):
        go(served)
    assert server.calls == 0


def test_a_judge_that_cannot_be_measured_stops_after_its_first_replies(
    served: Project, server: FakeServer
) -> None:
    for n in range(10):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.panel(
        {"id": "one", "model": "judge", "scoring": "measured", "sampling": {"max_tokens": 200}}
    )
    result = go(served)
    asked = sum(is_verdict_request(x) for x in server.bodies)
    assert asked <= 4, "what was in flight when the first reply came without probabilities"
    assert result.owed == 44
    assert any("set `scoring: stated`" in x for x in result.stopped)
    assert not served.lines("verdicts")


def test_the_blank_sheet_filled_in_is_gold(served: Project) -> None:
    go(served)
    sheet = (served.root / "data/runs/trial/sheet.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(sheet.splitlines()))
    assert len(rows) == 4
    for name, rater, shift in (("one", "Аня", 0), ("two", "boris", 1)):
        for n, row in enumerate(rows):
            row |= {"rater": rater, "score": str(1 + (n + shift) % 5)}
        rows[-1] |= {"rater": "", "score": ""}  # not rated by this one
        with (served.root / f"data/gold/{name}.csv").open("w", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    served.study(languages=["ru", "en"], gold=["one", "two"])
    result = go(served)
    ratings = result.derived.ratings
    human = ratings.filter(ratings["kind"] == "human")
    assert sorted(human["rater"]) == ["boris"] * 3 + ["Аня"] * 3
    page = result.report.read_text("utf-8")
    assert "another wording" not in page, "the sheet carries what people saw"


def test_an_answer_in_another_language_is_not_called_rated_under_another_wording(
    served: Project,
) -> None:
    served.study(languages=["ru", "en"], rubric_language="en")
    result = rated(served, people, rubric_language="en")
    assert "another wording" not in result.report.read_text("utf-8")
    assert not result.uncalibrated


def test_a_scale_that_cannot_be_measured_is_refused_before_a_call(
    served: Project, server: FakeServer
) -> None:
    path = served.root / "rubrics/irony.yaml"
    rubric = yaml.safe_load(path.read_text("utf-8"))
    level = rubric["levels"][0]
    texts = {x: level[x] for x in ("name", "anchor")}
    rubric["levels"] = [
        level
        | {"level": n}
        | {x: {y: f"{said} {n}" for y, said in both.items()} for x, both in texts.items()}
        for n in range(1, 11)
    ]
    path.write_text(yaml.safe_dump(rubric, allow_unicode=True), encoding="utf-8")
    served.panel({"id": "one", "model": "judge", "scoring": "measured"})
    with pytest.raises(UserError, match="one level's digits begin another's"):
        go(served)
    assert server.calls == 0


def test_a_judge_that_never_writes_a_verdict_is_stopped(
    served: Project, server: FakeServer
) -> None:
    for n in range(10):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    server.reply = lambda body: (
        completion("I would rather chat")
        if is_verdict_request(body)
        else completion(f"{body['max_tokens']} {body['messages'][-1]['content']}")
    )
    result = go(served)
    assert server.calls == 44 + 20 + 3, "20 in a row, and three in flight"
    assert any("I would rather chat" in x for x in result.stopped)


def test_judges_whose_server_is_gone_leave_a_report_of_the_answers(
    served: Project, server: FakeServer
) -> None:
    asked: list[int] = []

    def reply(body: dict[str, Any]) -> Any:
        asked.append(1)
        if len(asked) == 4:
            server.models_status = 500
        return answer_or_verdict(body)

    server.reply = reply
    result = go(served)
    assert (result.asked, result.owed) == (4, 4)
    assert any("judge" in x for x in result.stopped)
    assert result.report.exists()


def test_what_is_no_longer_wanted_stays_in_the_costs(served: Project, server: FakeServer) -> None:
    first = go(served).derived.costs["cost"].sum()
    served.panel({"id": "one", "model": "judge", "sampling": {"max_tokens": 300}})
    costs = go(served).derived.costs
    assert costs.filter(costs["stage"] == "superseded")["calls"].to_list() == [4]
    assert costs["cost"].sum() > first


@pytest.mark.parametrize("budget", [0.0006, 0.001, 0.0017, 0.004])
def test_a_budget_with_calls_in_flight_comes_to_an_end(
    served: Project, server: FakeServer, budget: float
) -> None:
    for n in range(15):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], budget=budget)
    result = go(served)
    assert result.owed > 0
    assert result.derived.costs["cost"].sum() <= budget


def test_a_budget_is_not_kept_on_trust(served: Project, server: FakeServer) -> None:
    served.study(budget=1)
    answer = server.reply

    def silent(body: dict[str, Any]) -> Any:
        reply = answer(body)
        del reply["usage"]
        return reply

    server.reply = silent
    result = go(served)
    assert any("does not say how many tokens" in x for x in result.stopped)
    assert result.owed > 0


def test_arms_that_would_be_asked_the_same_are_refused(served: Project) -> None:
    served.arm("low", "big", temperature=0.5, max_tokens=100)
    with pytest.raises(UserError, match="'high' and 'low' would be asked exactly the same"):
        go(served)


def test_two_tasks_with_one_text_are_refused(served: Project) -> None:
    served.task("again", "Other?", "О чём думает камень?")
    with pytest.raises(UserError, match=r"text\.ru is that of 'again' too"):
        go(served)


def test_one_person_in_two_gold_files_counts_once(served: Project) -> None:
    go(served)
    sheet = (served.root / "data/runs/trial/sheet.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(sheet.splitlines()))
    for name in ("one", "two"):
        with (served.root / f"data/gold/{name}.csv").open("w", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerow(rows[0] | {"rater": "anna", "score": "3"})
    served.study(languages=["ru", "en"], gold=["one", "two"])
    with pytest.raises(UserError, match="'anna' has already scored this answer"):
        go(served)


def test_an_answer_in_another_language_is_judged_in_its_own(
    served: Project, server: FakeServer
) -> None:
    served.study(languages=["ru"])
    answer = server.reply
    server.reply = lambda body: (
        answer(body)
        if is_verdict_request(body)
        else completion(f"The stone thinks in English {body['max_tokens']} times.")
    )
    result = go(served)
    judged = [x["messages"][0]["content"] for x in server.bodies if is_verdict_request(x)]
    assert all("You are a demanding reader" in x for x in judged)
    assert "another language than asked: 2" in result.report.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "kept", "thought"),
    [
        ("<think>plan</think>\nAnswer.", "Answer.", "plan"),
        ("I should plan.\n</think>\n\nAnswer.", "Answer.", "I should plan."),
        ("The <think> tag is a stage direction.", "The <think> tag is a stage direction.", None),
        ("Say </think> aloud and go on.", "Say </think> aloud and go on.", None),
    ],
)
def test_thinking_is_what_a_reply_begins_with(
    served: Project, server: FakeServer, text: str, kept: str, thought: str | None
) -> None:
    answer = server.reply
    server.reply = lambda body: answer(body) if is_verdict_request(body) else completion(text)
    go(served)
    record = orjson.loads(served.lines("responses")[0])
    assert (record["text"], record["reasoning"]) == (kept, thought)
    assert record["reasoning_words"] == len((thought or "").split())


def test_answers_that_fail_count_their_tries(served: Project, server: FakeServer) -> None:
    server.reply = lambda body: (500, {"error": {"message": "broken"}}, {})
    result = go(served)
    assert {orjson.loads(x)["attempts"] for x in served.lines("failures")} == {endpoint.ATTEMPTS}
    assert any("(server): " in x and "broken" in x for x in result.reasons)


def test_a_server_that_fails_on_everything_is_stopped(served: Project, server: FakeServer) -> None:
    for n in range(30):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    server.reply = lambda body: (500, {"error": {"message": "broken"}}, {})
    result = go(served)
    assert result.owed == 124
    assert server.calls < 30 * endpoint.ATTEMPTS


def test_a_changed_family_of_a_judge_changes_the_report(
    served: Project, server: FakeServer
) -> None:
    assert "No independent judge" not in go(served).report.read_text("utf-8")
    path = served.root / "data/models.yaml"
    path.write_text(path.read_text("utf-8").replace("family: judge", "family: big"), "utf-8")
    result = go(served)
    assert result.asked == 0
    assert "No independent judge for high" in result.report.read_text("utf-8")


def test_deleted_derived_files_are_made_again(served: Project) -> None:
    go(served)
    folder = served.root / "data/runs/trial"
    (folder / "gaps.csv").unlink()
    go(served)
    assert (folder / "gaps.csv").exists()


def test_a_recorded_answer_that_was_edited_is_another_answer(project: Project) -> None:
    def answers(text: str) -> None:
        rows = [
            {"task": "stone", "language": "en", "variant": v, "text": f"{text} {v}"}
            for v in ("hi", "lo")
        ]
        project.write("data/answers.yaml", {"origin": "model", "answers": rows})

    base = {"provider": "recorded", "family": "f", "training": "base", "file": "data/answers.yaml"}
    project.models(big={**base, "name": "hi"}, small={**base, "name": "lo"})
    project.arm("high", "big")
    project.arm("low", "small")
    project.task("stone", "What?", "Что?")
    project.panel({"id": "length", "computed": "length"})
    project.study()
    answers("One two")
    assert go(project).asked == 4
    assert go(project).asked == 0
    answers("One two three")
    assert go(project).asked == 4


def test_where_people_agree_the_gap_is_given_on_their_scale(served: Project) -> None:
    for n in range(13):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    result = rated(served, people)
    (row,) = result.derived.corrected.filter(
        result.derived.corrected["answers"] == "judged"
    ).to_dicts()
    assert row["gold_prompts"] == 14
    assert row["low"] < 2 < row["high"]
    page = result.report.read_text("utf-8")
    assert "On the human scale, as people alone rated it" in page, "every task is gold"
    assert "На шкале людей, по оценкам одних людей" in page
    assert "What may not be said" not in page
    assert result.derived.panel_verdicts["verdict"].to_list() == ["not usable"], (
        "it scores by chance"
    )
    (withheld,) = re.findall(r"do not show that it can be believed, on<.*?</ul>", page, re.DOTALL)
    assert "Irony (not usable)" in withheld


def test_where_people_do_not_agree_no_gap_is_given(served: Project) -> None:
    for n in range(13):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    chance = random.Random(3)
    result = rated(served, lambda row, rater: chance.randint(1, 5))
    page = result.report.read_text("utf-8")
    assert "On the human scale, " not in page
    assert "What may not be said: that people would see the gap" in page
    assert "people have not been shown to agree among themselves beyond chance" in page


def test_what_does_not_fit_is_noted_once_whatever_failed_before(
    served: Project, server: FakeServer
) -> None:
    answer = server.reply
    server.reply = lambda body: (
        (400, {"error": {"message": "no"}}, {})
        if is_verdict_request(body)
        else completion(f"{body['max_tokens']} " + "word " * 9000)
    )
    assert go(served).owed == 4, "they fit, and failed"
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8")
    server.reply = answer
    path.write_text(text.replace("context_tokens: 16384", "context_tokens: 9000"), "utf-8")
    assert [go(served).owed for _ in range(3)] == [0, 0, 0]
    kinds = [orjson.loads(x)["kind"] for x in served.lines("failures")]
    assert kinds == ["invalid_request"] * 4 + ["unfit"] * 4
    path.write_text(text, "utf-8")
    assert (go(served).asked, go(served).owed) == (4, 0)
