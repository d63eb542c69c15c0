"""The same answers under the rubric in both languages."""

from contextlib import nullcontext
from typing import Any

import polars as pl
import pytest
from conftest import Project
from fake_server import FakeServer, answer_or_verdict, is_verdict_request, verdict
from people import go

from pipeline import cli, parity, study
from pipeline.errors import UserError
from pipeline.findings import PARITY
from pipeline.stats import parity as shifts


def compare(project: Project) -> parity.Parity:
    return parity.compare(study.load("trial", project.root), lambda _: nullcontext())


def three_tasks(project: Project) -> Project:
    for n in range(2):
        project.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    return project


def kinder_in_russian(body: dict[str, Any]) -> Any:
    """Scores that depend on the prompt, and a level more under the Russian rubric."""
    if not is_verdict_request(body):
        return answer_or_verdict(body)
    said = str(body["messages"])
    base = 2 + said.count("in 100:") % 2
    return verdict(base + ("Ирония" in said or "ирони" in said), evidence=[])


def test_what_the_study_asked_is_not_asked_again(served: Project, server: FakeServer) -> None:
    server.reply = kinder_in_russian
    three_tasks(served)
    go(served)
    calls = server.calls
    found = compare(served)
    answers = 3 * 2 * 2
    assert (found.asked, found.owed) == (answers, 0)
    assert server.calls - calls == answers, "each answer once, in the language it lacked"
    assert compare(served).asked == 0
    rows = {x["rater"]: x for x in found.shifts.to_dicts()}
    assert rows.keys() == {"one", "panel"}
    assert rows["one"]["shift"] == pytest.approx(1.0)
    assert (rows["one"]["answers"], rows["one"]["prompts"], rows["one"]["missing"]) == (12, 3, 0)
    again = go(served)
    assert again.asked == 0, "the study's own run is untouched"


def test_the_interval_is_that_of_the_prompts() -> None:
    rows = [
        ("p1", 2.0, 3.0),
        ("p1", 2.0, 4.0),
        ("p2", 3.0, 3.0),
        ("p3", 3.0, 3.5),
        ("p3", 1.0, None),
    ]
    table = pl.DataFrame(rows, schema=["prompt", "en", "ru"], orient="row")
    table = table.with_columns(rubric=pl.lit("irony"), rater=pl.lit("one"), left_out=0)
    found = shifts.shifts(table)
    assert found.schema == PARITY
    row = found.row(0, named=True)
    assert row["shift"] == pytest.approx((1.5 + 0.0 + 0.5) / 3)
    assert row["low"] < 0 < row["high"]
    assert (row["answers"], row["prompts"], row["missing"]) == (4, 3, 1)
    few = shifts.shifts(table.filter(pl.col("prompt") == "p1")).row(0, named=True)
    assert few["shift"] is None
    assert few["note"] == "1 of 3 prompts needed with a score in both languages"
    same = shifts.shifts(table.with_columns(ru=pl.col("en"))).row(0, named=True)
    assert (same["shift"], same["low"]) == (0.0, None)
    assert same["note"] == "no interval: the shift is the same on every prompt"


def test_judges_that_count_and_studies_without_answers_are_refused(served: Project) -> None:
    with pytest.raises(UserError, match="has no answers yet"):
        compare(served)
    go(served)
    served.panel({"id": "length", "computed": "length"})
    with pytest.raises(UserError, match="its judges only count words"):
        compare(served)


def test_a_judge_that_is_silent_in_one_language_does_not_shift_the_panel(
    served: Project, server: FakeServer
) -> None:
    served.panel(
        *({"id": f"j{n}", "model": "judge", "sampling": {"max_tokens": 200 + n}} for n in range(3))
    )

    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        given = {200: 5, 201: 2, 202: 3}[body["max_tokens"]]
        if given == 5 and "ирони" in str(body["messages"][0]).lower():
            return verdict(None, abstention="not answerable", evidence=[])
        return verdict(given, evidence=[])

    server.reply = reply
    three_tasks(served)
    go(served)
    rows = {x["rater"]: x for x in compare(served).shifts.to_dicts()}
    assert rows["panel"]["shift"] == 0, "the two that scored both gave the same in both"
    assert (rows["panel"]["answers"], rows["panel"]["left_out"]) == (12, 12)
    assert (rows["j0"]["missing"], rows["j0"]["left_out"]) == (12, 12)
    assert rows["j1"]["left_out"] == 0


def test_the_command_prints_the_shift(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go(served)
    monkeypatch.chdir(served.root)
    assert cli.main(["parity", "trial"]) == 0
    said = capsys.readouterr().out
    assert "ru - en" in said
    assert "kept in data/runs/parity_trial" in said
