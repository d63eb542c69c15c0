"""A rubric tuned against people: what is asked, what is sealed, and what may be said of it."""

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import yaml
from conftest import Project
from fake_server import FakeServer, answer_or_verdict, is_verdict_request, verdict
from people import go, rated

from pipeline import cli, ledger, study, tuning_lines
from pipeline.columns import number
from pipeline.errors import UserError
from pipeline.ledger import Ledger, Look, Split
from pipeline.stats import tuned as stats_tuned
from pipeline.stats.alpha import Codes, Floats, Mask
from pipeline.tuning import tune
from pipeline.tuning.tune import Tuned, Wish

TASKS = 24
CLOSE = "Count what is meant."
"""Words by which the scripted judge comes nearer to people."""


def byte(*parts: object) -> int:
    return hashlib.sha256(repr(parts).encode()).digest()[0]


def quality(text: str) -> int:
    """What people see in an answer: 1 to 5, by the answer's text alone."""
    return 1 + byte("quality", text) % 5


def people(row: dict[str, str], rater: int) -> int:
    seen = quality(row["answer"]) + (byte(row["response_key"], rater) % 4 == 0)
    return min(seen, 5)


def told(body: dict[str, Any]) -> tuple[str, str]:
    """The system message of a request, and the answer it asks about."""
    system = next(x["content"] for x in body["messages"] if x["role"] == "system")
    text = body["messages"][-1]["content"]
    return system, re.findall(r"<<<DATA (\S+)\n(.*?)\nDATA \1>>>", text, re.DOTALL)[-1][1]


def scripted(body: dict[str, Any]) -> Any:
    """A judge that guesses, unless it is told what people go by."""
    if not is_verdict_request(body):
        return answer_or_verdict(body)
    system, answer = told(body)
    score = quality(answer) if CLOSE in system else 1 + byte("guess", answer) % 5
    return verdict(score, rationale=f"{score} it is", evidence=[answer[:10]])


@pytest.fixture
def tuned(served: Project, server: FakeServer) -> Project:
    """A study of 24 tasks in two languages that three people have rated, on irony."""
    server.reply = scripted
    for n in range(TASKS - 1):
        served.task(f"more_{n:02}", f"More {n}?", f"Ещё {n}?")
    rated(served, people)
    server.bodies.clear()
    return served


def run(project: Project, **wish: Any) -> Tuned:
    design = study.load("trial", project.root)
    return tune.tune(design, Wish("irony", **wish), lambda _: nullcontext())


def reword(project: Project, text: str = CLOSE, field: str = "look_for") -> None:
    """Put `text` among what judges look for, in both languages; people do not see it."""
    path = project.root / "rubrics/irony.yaml"
    loaded = path.read_text("utf-8")
    data = yaml.safe_load(loaded)
    if field == "look_for":
        said = {"en": text, "ru": f"Судье сказано и по-русски, теми же самыми словами: {text}"}
        for language, line in said.items():
            data["look_for"][language] = [*data["look_for"][language], line]
    else:
        data["levels"][2]["anchor"]["en"] += f" {text}"
        data["levels"][2]["anchor"]["ru"] += f" {text}"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


def gold_calls(server: FakeServer) -> list[str]:
    """The answers that judges were asked about since the last look, probes left out."""
    found = [told(x)[1] for x in server.bodies if is_verdict_request(x)]
    server.bodies.clear()
    return [x for x in found if x.startswith("The stone says")]


# --- what is asked ------------------------------------------------------------------------------


def test_a_comment_asks_nothing_and_an_anchor_asks_the_gold_of_the_tune_half(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tuned.root)
    first = run(tuned)
    assert first.gold.asked == 0, "the study's own verdicts are taken"
    assert first.against is None
    assert gold_calls(server) == []
    path = tuned.root / "rubrics/irony.yaml"
    path.write_text("# edited\n" + path.read_text("utf-8"), "utf-8")
    assert cli.main(["tune", "irony", "trial"]) == 0
    assert "asked: verdicts on rated answers 0 (" in capsys.readouterr().out
    assert server.bodies == []
    assert len(Ledger(tuned.root).versions("irony")) == 1, "a comment is no version"
    reword(tuned, field="anchor")
    assert cli.main(["tune", "irony", "trial"]) == 0
    said = capsys.readouterr().out
    half = Ledger(tuned.root).half("tune")
    assert len(half) == TASKS / 2
    assert f"asked: verdicts on rated answers {len(half) * 4} (" in said, "two arms, two languages"
    asked = gold_calls(server)
    assert len(asked) == len(half) * 4
    assert "irony@2 beside @1" in said
    box = {f"More {int(x[5:])}?" for x in Ledger(tuned.root).half("lockbox") if x != "stone"}
    assert not any(x.split(": ", 1)[1] in box for x in asked), "the lockbox is not judged"


def test_a_wording_that_helps_is_shown_to_help(tuned: Project, server: FakeServer) -> None:
    run(tuned)
    reword(tuned)
    found = run(tuned)
    one = found.halves["tune"]
    assert one.before is not None
    assert one.change is not None
    assert one.before.alpha is not None
    assert one.before.alpha < 0.3
    assert one.after.alpha is not None
    assert one.after.alpha > 0.6
    assert one.change.low is not None
    assert one.change.low > 0
    assert one.people.ceiling is not None
    assert one.people.alpha is not None
    assert len(found.moved) == 10
    far = [abs(x.after - x.before) for x in found.moved]
    assert far == sorted(far, reverse=True)
    assert all(x.said[0].why_after == f"{x.after:g} it is" for x in found.moved)
    assert set(found.probes) == {"before", "after"}
    assert found.gold.cost is not None
    assert found.gold.cost > 0
    assert found.wordings == {"today's words": TASKS * 4 * 3}, "people see no other words"


BLIND = "Judge what is not there."
"""Words by which the scripted judge gives one level to all, and so agrees with nobody."""


def three_wordings(project: Project, server: FakeServer) -> None:
    """A wording that helps, looked at; a bad one, looked at; the one it all began with."""

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body) and BLIND in told(body)[0]:
            return verdict(6 - quality(told(body)[1]), rationale="no", evidence=[])
        return scripted(body)

    server.reply = reply
    path = project.root / "rubrics/irony.yaml"
    first = path.read_text("utf-8")
    reword(project)
    run(project)
    path.write_text(first, "utf-8")
    reword(project, BLIND)
    run(project)
    path.write_text(first, "utf-8")


def test_a_bad_version_between_does_not_make_the_next_one_look_good(
    tuned: Project, server: FakeServer
) -> None:
    run(tuned)
    three_wordings(tuned, server)
    reword(tuned, "Another line.")
    found = run(tuned)
    assert found.against is not None
    assert found.against.number == 2, "the best that was seen, not the last"
    change = found.halves["tune"].change
    assert change is not None
    assert change.high is not None
    assert change.high < 0
    assert [x.version for x in found.above] == [2]


def test_a_version_seen_only_as_the_one_before_may_be_the_best(
    tuned: Project, server: FakeServer
) -> None:
    path = tuned.root / "rubrics/irony.yaml"
    first = path.read_text("utf-8")
    reword(tuned)
    go(tuned)  # a good wording, which tuning begins with and never looks at by itself
    for words in (BLIND, "Another line."):
        path.write_text(first, "utf-8")
        reword(tuned, words)
        found = run(tuned)
    assert found.version.number == 3
    assert found.against is not None
    assert found.against.number == 1
    assert [x.against for x in found.looks] == [1, 1]


def test_another_version_can_be_named_and_a_better_one_is_told_all_the_same(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tuned.root)
    run(tuned)
    three_wordings(tuned, server)
    reword(tuned, "Another line.")
    assert cli.main(["tune", "irony", "trial", "--against", "3"]) == 0
    said = capsys.readouterr().out
    assert "irony@4 beside @3" in said
    assert f"on the tune half: {tuning_lines._NEARER}" in said
    assert re.search(r"earlier versions stand higher .*: @2 at 0\.\d+", said)
    for wrong, why in (("9", "there is no irony@9"), ("4", "irony@4 is today's wording")):
        assert cli.main(["tune", "irony", "trial", "--against", wrong]) == 2
        assert f"--against {wrong}: {why}; it can be compared with: 1, 2, 3" in (
            capsys.readouterr().err
        )


def test_optimism_is_of_the_versions_that_are_compared(tuned: Project, server: FakeServer) -> None:
    run(tuned)
    three_wordings(tuned, server)
    reword(tuned, "Another line.")
    assert run(tuned, open_lockbox=True, against=3).optimism is not None
    assert run(tuned, against=2).optimism is None, "the lockbox was opened beside the other"
    assert run(tuned, against=3).optimism is not None


def test_what_people_rated_under_older_words_is_marked(tuned: Project, server: FakeServer) -> None:
    run(tuned)
    reword(tuned, field="anchor")
    assert set(run(tuned).wordings) == {"irony@1"}
    assert "rated under another wording" in go(tuned).report.read_text("utf-8")


def test_a_judge_that_falls_silent_under_the_new_words_is_no_gain(
    tuned: Project, server: FakeServer
) -> None:
    judges = [
        {"id": x, "model": "judge", "sampling": {"max_tokens": n}}
        for x, n in (("close", 210), ("far", 211), ("off", 212))
    ]
    tuned.panel(*judges)

    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        system, answer = told(body)
        if body["max_tokens"] == 210:
            return verdict(quality(answer), evidence=[])
        if CLOSE in system:
            return verdict(None, abstention="not answerable", evidence=[])
        return verdict(1, evidence=[])

    server.reply = reply
    go(tuned)
    run(tuned)
    reword(tuned)
    found = run(tuned)
    one = found.halves["tune"]
    assert one.change is not None
    assert one.change.value == 0, "the one judge that scored under both gave the same"
    assert one.left_out == 2 * one.answers
    assert found.moved == ()
    shown = [x.split() for x in tuning_lines.tuned(found)]
    assert ["judges'", "scores", "left", "out", str(one.left_out)] in shown


def test_a_version_that_silences_bad_judges_is_not_the_best_to_compare_with(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """@2 helps a judge; @3 helps none and silences two that guess, so its panel agrees better."""
    monkeypatch.chdir(tuned.root)
    tuned.panel(
        *(
            {"id": x, "model": "judge", "sampling": {"max_tokens": n}}
            for x, n in (("close", 210), ("far", 211), ("off", 212))
        )
    )

    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        system, answer = told(body)
        who = body["max_tokens"]
        if who == 210:
            return verdict(quality(answer), evidence=[])
        if BLIND in system:
            return verdict(None, abstention="not answerable", evidence=[])
        helped = who == 211 and CLOSE in system and byte(answer) % 4
        return verdict(quality(answer) if helped else 1 + byte(who, answer) % 5, evidence=[])

    server.reply = reply
    go(tuned)
    run(tuned)
    path = tuned.root / "rubrics/irony.yaml"
    first = path.read_text("utf-8")
    for words in (CLOSE, BLIND):
        path.write_text(first, "utf-8")
        reword(tuned, words)
        run(tuned)
    path.write_text(first, "utf-8")
    reword(tuned, "Another line.")
    found = run(tuned)
    second, third = (next(x for x in found.looks if x.version == n) for n in (2, 3))
    assert third.alpha is not None
    assert third.paired is not None
    assert second.alpha is not None
    assert third.alpha > second.alpha
    assert third.paired == third.before, "the judge that is left gave the same"
    assert third.scores is not None
    assert third.scores_wanted == 3 * third.scores
    assert found.against is not None
    assert found.against.number == 2
    assert [x.version for x in found.above] == [2]


def test_scores_that_both_wordings_lack_are_told(tuned: Project, server: FakeServer) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body) and byte("silent", told(body)[1]) % 2:
            return verdict(None, abstention="not answerable", evidence=[])
        return scripted(body)

    server.reply = reply
    tuned.panel({"id": "half", "model": "judge", "sampling": {"max_tokens": 210}})
    go(tuned)
    run(tuned)
    reword(tuned, "Another line.")
    found = run(tuned)
    one = found.halves["tune"]
    assert one.left_out == 0
    assert one.whole is not None
    lacking = one.whole.wanted - one.whole.given
    assert lacking > 0
    assert re.search(
        rf"judges' scores now +{one.whole.given} of {one.whole.wanted}, {lacking} lacking",
        "\n".join(tuning_lines.tuned(found)),
    )


# --- the halves ---------------------------------------------------------------------------------


def test_the_halves_are_dealt_once_and_written_down(tuned: Project) -> None:
    run(tuned, seed=7)
    lines = (tuned.root / "rubrics/tuning.jsonl").read_text("utf-8").splitlines()
    kept = [x for x in map(json.loads, lines) if x["what"] == "split"]
    assert [x["seed"] for x in kept] == [7]
    assert len(kept[0]["tune"]) == len(kept[0]["lockbox"]) == TASKS / 2
    run(tuned, seed=7)
    with pytest.raises(UserError, match=r"--seed 8: every rated task .* \(seed 7, in"):
        run(tuned, seed=8)
    assert len(Ledger(tuned.root).of(Split)) == 1, "a new seed deals nothing anew"


def test_new_tasks_join_the_smaller_half() -> None:
    class Held(Ledger):
        def __init__(self) -> None:
            self.entries = []

    held = Held()
    first = ledger.split([f"t{n}" for n in range(11)], held, 1, "now")
    assert first is not None
    assert (len(first.tune), len(first.lockbox)) == (6, 5)
    held.entries.append(first)
    assert ledger.split(["t1", "t2"], held, 5, "now") is None
    more = ledger.split([f"t{n}" for n in range(14)], held, 5, "now")
    assert more is not None
    assert (len(more.tune), len(more.lockbox)) == (1, 2)
    assert not set(more.tune + more.lockbox) & set(first.tune + first.lockbox)


def test_the_lockbox_is_opened_on_purpose_and_once(tuned: Project, server: FakeServer) -> None:
    run(tuned)
    reword(tuned)
    closed = run(tuned)
    assert set(closed.halves) == {"tune"}
    assert closed.optimism is None
    found = run(tuned, open_lockbox=True)
    assert set(found.halves) == {"tune", "lockbox"}
    assert found.halves["lockbox"].prompts == TASKS / 2
    assert found.optimism is not None
    assert found.optimism.low is not None
    assert found.optimism.low < 0 < found.optimism.high, "the gain is real, not fitted"
    with pytest.raises(UserError, match=r"the lockbox was opened for irony@2 on 20"):
        run(tuned, open_lockbox=True)
    halves = [x.half for x in Ledger(tuned.root).of(Look)]
    assert halves == ["tune", "tune", "tune", "lockbox"], "every look is counted"
    reword(tuned, "Another line.")
    assert set(run(tuned, open_lockbox=True).halves) == {"tune", "lockbox"}, "a new version"


def test_the_report_shows_the_looks_and_the_optimism(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tuned)
    reword(tuned)
    run(tuned, open_lockbox=True)
    monkeypatch.chdir(tuned.root)
    page = go(tuned).report.read_text("utf-8")
    assert 'id="tuning"' in page
    assert "irony@2" in page
    assert cli.main(["audit", "trial"]) == 0


def test_the_report_keeps_what_the_lockbox_showed_of_earlier_wordings(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tuned)
    reword(tuned)
    gain = run(tuned, open_lockbox=True).optimism
    assert gain is not None
    assert gain.value is not None
    reword(tuned, "Another line.")
    run(tuned)
    page = go(tuned).report.read_text("utf-8")
    rows = re.findall(r"<td>irony@(\d).*?</tr>", page, re.DOTALL)
    assert rows == ["3", "2"]
    row = page[page.index("<td>irony@2") :].partition("</tr>")[0]
    assert number(gain.value, sign=True).replace("-", "\N{MINUS SIGN}") in row


@pytest.mark.parametrize("levels", [4, 6])
def test_gold_on_levels_of_an_earlier_wording_is_told_in_one_line(
    tuned: Project, server: FakeServer, levels: int
) -> None:
    """Scores that today's levels have too are no better: a 3 of five is no 3 of six."""
    run(tuned)
    path = tuned.root / "rubrics/irony.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    more = data["levels"][4] | {
        "level": 6,
        "name": {"en": "Even more", "ru": "Ещё больше"},
        "anchor": {"en": "Irony upon irony.", "ru": "Ирония над иронией."},
    }
    data["levels"] = [*data["levels"], more][:levels]
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    with pytest.raises(UserError) as told:
        go(tuned)
    (line,) = str(told.value).splitlines()
    assert f"irony was rated on the levels 1..5, today's are 1..{levels}: give it" in line


def test_a_report_on_new_words_is_counted_as_a_look_into_the_lockbox(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tuned.root)
    go(tuned)
    assert not (tuned.root / "rubrics/tuning.jsonl").exists(), "nothing is sealed yet"
    run(tuned)
    reword(tuned)
    go(tuned)
    (look,) = [x for x in Ledger(tuned.root).of(Look) if x.by == "score"]
    assert (look.version, look.half, look.prompts) == (2, "lockbox", TASKS / 2)
    assert (look.answers, look.alpha) == (TASKS / 2 * 4, None), "the report tells no figure of it"
    page = go(tuned).report.read_text("utf-8")
    assert [x.by for x in Ledger(tuned.root).of(Look)] == ["tune", "score"], "once for a version"
    assert "lockbox already seen in reports" in page
    assert cli.main(["audit", "trial"]) == 0
    capsys.readouterr()
    assert cli.main(["tune", "irony", "trial", "--open-lockbox"]) == 0, "it was never opened"
    said = capsys.readouterr().out
    assert "the lockbox of this version was already seen through a report (of trial, 20" in said
    assert "into the lockbox: 1, and 1 through reports" in said
    assert cli.main(["tune", "irony", "trial", "--open-lockbox"]) == 2


def test_looks_are_counted_before_a_rubric_is_tuned_once_tasks_are_sealed(
    tuned: Project, server: FakeServer
) -> None:
    first = run(tuned)
    assert first.reported == ("trial",)
    told_ = "\n".join(tuning_lines.tuned(first))
    assert "reports made before the tasks were dealt and sealed are not counted, of trial" in told_
    book = Ledger(tuned.root)
    assert [x.reported for x in book.of(Split)] == [("trial",)]
    # As if the tasks had been sealed for another rubric, and this one never tuned.
    lines = book.path.read_text("utf-8").splitlines(keepends=True)
    book.path.write_text("".join(x for x in lines if '"what":"split"' in x), "utf-8")
    shutil.rmtree(tuned.root / "rubrics/versions")
    go(tuned)
    (look,) = Ledger(tuned.root).of(Look)
    assert (look.by, look.rubric, look.version, look.half) == ("score", "irony", 1, "lockbox")
    again_ = run(tuned)
    assert again_.reported == ()
    assert "and 1 through reports" in "\n".join(tuning_lines.tuned(again_))


def test_a_report_whose_lockbox_was_opened_is_no_further_look(
    tuned: Project, server: FakeServer
) -> None:
    run(tuned)
    reword(tuned)
    run(tuned, open_lockbox=True)
    go(tuned)
    assert {x.by for x in Ledger(tuned.root).of(Look)} == {"tune"}


# --- bad input ----------------------------------------------------------------------------------


def test_too_little_gold_is_refused_with_the_number_needed(
    served: Project, server: FakeServer
) -> None:
    for n in range(6):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    rated(served, people)
    with pytest.raises(UserError, match=r"answers to 7 tasks on irony.*10 .*: 3 more are needed"):
        run(served)
    assert not (served.root / "rubrics/tuning.jsonl").exists(), "nothing is written"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.panel({"id": "words", "computed": "length"}), "its judges only count words"),
        (lambda p: p.study(languages=["ru", "en"], gold=["three"], rubrics=["depth"]), "no rubric"),
    ],
)
def test_what_cannot_be_tuned_is_said(
    tuned: Project, change: Callable[[Project], None], said: str
) -> None:
    change(tuned)
    with pytest.raises(UserError, match=said):
        run(tuned)


def test_a_line_that_was_edited_is_named(tuned: Project) -> None:
    run(tuned)
    path = tuned.root / "rubrics/tuning.jsonl"
    path.write_text(path.read_text("utf-8").replace('"seed":0', '"sead":0'), "utf-8")
    with pytest.raises(UserError, match=r"tuning\.jsonl:\d: .*never edited"):
        run(tuned)
    path.write_text('{"at":"2026-01-01"}\n', "utf-8")
    with pytest.raises(UserError, match=r"tuning\.jsonl:1: what: is missing: it says what the"):
        run(tuned)


def test_two_versions_with_one_digest_are_refused(tuned: Project) -> None:
    run(tuned)
    path = tuned.root / "rubrics/tuning.jsonl"
    lines = path.read_text("utf-8").splitlines()
    version = next(x for x in lines if '"what":"version"' in x)
    path.write_text("\n".join([*lines, version.replace('"number":1', '"number":2'), ""]), "utf-8")
    with pytest.raises(UserError, match="versions 1 and 2 of irony have one digest"):
        run(tuned)


def test_a_kept_wording_that_was_edited_is_refused(tuned: Project, server: FakeServer) -> None:
    run(tuned)
    reword(tuned)
    kept = tuned.root / "rubrics/versions/irony/1.yaml"
    kept.write_text((tuned.root / "rubrics/irony.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(UserError, match=r"1\.yaml: is not the wording that was kept"):
        run(tuned)


def test_a_line_torn_by_a_crash_is_left_out(tuned: Project) -> None:
    run(tuned)
    path = tuned.root / "rubrics/tuning.jsonl"
    before = path.read_bytes()
    path.write_bytes(before + b'{"what":"look","at":"20')
    assert len(Ledger(tuned.root).entries) == before.count(b"\n")
    run(tuned)
    assert path.read_bytes().startswith(before)
    assert len(Ledger(tuned.root).of(Look)) == 2


# --- gold of older wordings ---------------------------------------------------------------------


def again(project: Project, answers: int) -> None:
    """One person rates so many answers again, in both languages, under the words of today."""
    sheet = (project.root / "data/runs/trial/sheet.csv").read_text("utf-8-sig")
    today = {x["response_key"]: x for x in csv.DictReader(sheet.splitlines())}
    digests = sorted({x["rubric_digest"] for x in today.values() if x["rubric"] == "irony"})
    path = project.root / "data/gold/three.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    mine = [x for x in rows if x["rater"] == "anna"]
    read = [[x for x in mine if today[x["response_key"]]["rubric_digest"] == d] for d in digests]
    mine = [x for part in sorted(read, key=len) for x in part][:answers]
    with path.open("a", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writerows(
            {**x, "rubric_digest": today[x["response_key"]]["rubric_digest"]} for x in mine
        )


def test_ten_answers_rated_again_make_a_panel_calibrated(
    tuned: Project, server: FakeServer
) -> None:
    reword(tuned, field="anchor")
    assert go(tuned).uncalibrated == ("irony",)
    again(tuned, 9)
    assert go(tuned).uncalibrated == ("irony",)
    gold = (tuned.root / "data/gold/three.csv").read_text("utf-8").splitlines()
    (tuned.root / "data/gold/three.csv").write_text("\n".join(gold[:-9]) + "\n", "utf-8")
    again(tuned, 10)
    result = go(tuned)
    assert result.uncalibrated == ()
    human = result.derived.ratings.filter(kind="human", rater="anna")
    assert human["response"].is_unique().all(), "rated again takes the place of the older one"


def test_accepted_gold_is_written_down_and_said(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tuned.root)
    reword(tuned, field="anchor")
    assert go(tuned).uncalibrated == ("irony",)
    assert cli.main(["tune", "irony", "trial", "--accept-gold"]) == 0
    assert cli.main(["score", "trial", "--require-calibrated"]) == 2
    assert "accepted since it was made; run the study without" in capsys.readouterr().err
    result = go(tuned)
    assert result.uncalibrated == ()
    assert "accepted as they are" in result.report.read_text("utf-8")
    assert cli.main(["audit", "trial"]) == 0, "the run's folder knows of it"
    assert '"what":"accepted"' in (tuned.root / "rubrics/tuning.jsonl").read_text("utf-8")
    reword(tuned, "Once more.", field="anchor")
    assert go(tuned).uncalibrated == ("irony",), "it holds for that wording alone"


# --- versions -----------------------------------------------------------------------------------


def test_versions_are_set_side_by_side_and_listed(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tuned.root)
    run(tuned)
    reword(tuned)
    run(tuned)
    assert cli.main(["rubric", "diff", "irony@1", "irony"]) == 0
    said = capsys.readouterr().out
    assert "{+Count what is meant.+}" in said
    assert "(judges only)" in said
    assert "their ratings stay, judges are asked again" in said
    assert cli.main(["rubric", "diff", "irony@2", "irony"]) == 0
    assert "one wording; only comments or layout may differ" in capsys.readouterr().out
    assert cli.main(["rubric", "history"]) == 0
    said = capsys.readouterr().out
    assert "irony@1" in said
    assert re.search(r"irony@2 .*against @1", said)
    for wrong in (["diff", "irony@9", "irony"], ["diff", "irony"], ["history", "depth"]):
        assert cli.main(["rubric", *wrong]) == 2
    errors = capsys.readouterr().err
    assert "there is no irony@9; there are: irony@1, irony@2" in errors


# --- demonstrations -----------------------------------------------------------------------------


def shown_in(body: dict[str, Any]) -> list[str]:
    """The tasks of the demonstrations of a request."""
    users = [x["content"] for x in body["messages"] if x["role"] == "user"]
    return [re.findall(r"<<<DATA (\S+)\n(.*?)\nDATA \1>>>", x, re.DOTALL)[0][1] for x in users[:-1]]


def test_demonstrations_are_never_of_the_judged_task_nor_of_the_lockbox(
    tuned: Project, server: FakeServer
) -> None:
    run(tuned)
    server.bodies.clear()
    found = run(tuned, demos=True)
    assert found.shots is not None
    assert [x.demos for x in found.shots.tried] == [0, 4, 8, 16]
    book = Ledger(tuned.root)
    design = study.load("trial", tuned.root)
    tasks = {t.prompt(x): t.id for t in design.tasks for x in ("en", "ru")}
    counts = set()
    for body in server.bodies:
        if not is_verdict_request(body):
            continue
        shown = [tasks[x] for x in shown_in(body)]
        counts.add(len(shown))
        judged = told(body)[1]
        own = next((t for text, t in tasks.items() if judged.endswith(text)), None)
        assert own not in shown, "of the judged answer's own task"
        assert not set(shown) & book.half("lockbox"), "of the lockbox"
    assert counts >= {4, 8, 16}
    replies = [
        json.loads(x["content"])
        for body in server.bodies
        for x in body["messages"]
        if x["role"] == "assistant"
    ]
    assert {x["score"] for x in replies} == {1, 2, 3, 4, 5}, "stratified by level"
    assert all(x["evidence"] == [] for x in replies), "nothing is quoted that nobody quoted"


def test_the_lockbox_stays_shut_where_demonstrations_gain_nothing(
    tuned: Project, server: FakeServer
) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        answer = told(body)[1]
        right = not shown_in(body)  # who is shown anything guesses
        return verdict(quality(answer) if right else 1 + byte("guess", answer) % 5, evidence=[])

    server.reply = reply
    run(tuned)
    reword(tuned, "Another line.")
    server.bodies.clear()
    found = run(tuned, demos=True, open_lockbox=True)
    assert found.shots is not None
    assert found.shots.best == 0
    assert set(found.halves) == {"tune"}
    book = Ledger(tuned.root)
    assert {x.half for x in book.of(Look)} == {"tune"}
    half = len(book.half("tune")) * 4
    assert len(gold_calls(server)) == 4 * half, "0, 4, 8 and 16 shown, the tune half alone"
    assert "the lockbox has nothing to decide here" in "\n".join(tuning_lines.tuned(found))
    assert set(run(tuned, open_lockbox=True).halves) == {"tune", "lockbox"}, "it can still be"


def test_judges_that_fall_silent_when_shown_answers_are_no_gain(
    tuned: Project, server: FakeServer
) -> None:
    tuned.panel(
        *(
            {"id": x, "model": "judge", "sampling": {"max_tokens": n}}
            for x, n in (("close", 210), ("far", 211), ("off", 212))
        )
    )

    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        answer, who = told(body)[1], body["max_tokens"]
        if who == 210:
            return verdict(quality(answer), evidence=[])
        if len(shown_in(body)) == 16:
            return verdict(None, abstention="not answerable", evidence=[])
        return verdict(1 + byte(who, answer) % 5, evidence=[])

    server.reply = reply
    go(tuned)
    run(tuned)
    reword(tuned, "Another line.")
    found = run(tuned, demos=True, open_lockbox=True)
    assert found.shots is not None
    most = next(x for x in found.shots.tried if x.demos == 16).halves["tune"]
    assert most.after.alpha is not None
    none = found.shots.tried[0].halves["tune"].after.alpha
    assert none is not None
    assert none < most.after.alpha, "it is the good judge alone"
    assert found.shots.best == 0
    assert not found.shots.gained
    assert {x.half for x in Ledger(tuned.root).of(Look)} == {"tune"}, "the lockbox stays shut"
    told_ = "\n".join(tuning_lines.tuned(found))
    assert re.search(rf"\n16 .* {2 * most.answers}\s*\n", told_)
    assert "left out: judges' scores" in told_


def test_the_lockbox_decides_where_demonstrations_gain(tuned: Project, server: FakeServer) -> None:
    def reply(body: dict[str, Any]) -> Any:
        if not is_verdict_request(body):
            return answer_or_verdict(body)
        answer = told(body)[1]
        right = len(shown_in(body)) == 8
        return verdict(quality(answer) if right else 1 + byte("guess", answer) % 5, evidence=[])

    server.reply = reply
    found = run(tuned, demos=True, open_lockbox=True)
    assert found.shots is not None
    assert found.shots.best == 8
    opened = {x.demos: set(x.halves) for x in found.shots.tried}
    assert opened == {0: {"tune"}, 4: {"tune"}, 8: {"tune", "lockbox"}, 16: {"tune"}}
    assert "to show them, set `demos: 8`" in "\n".join(tuning_lines.tuned(found))


def test_a_panel_with_demonstrations_is_another_judge_and_can_be_audited(
    tuned: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tuned.root)
    judge = {"id": "one", "model": "judge", "demos": 4, "sampling": {"max_tokens": 200}}
    tuned.panel(judge)
    with pytest.raises(UserError, match=r"'one' is to be shown 4 answers, and people have rated 0"):
        go(tuned)
    tuned.panel({k: v for k, v in judge.items() if k != "demos"})
    run(tuned)
    tuned.panel(judge)
    server.bodies.clear()
    result = go(tuned)
    asked = [x for x in server.bodies if is_verdict_request(x)]
    assert len(asked) == TASKS * 4, "every verdict anew: it is another judge"
    assert all(len(shown_in(x)) == 4 for x in asked)
    assert not result.owed
    assert not go(tuned).asked
    assert cli.main(["audit", "trial"]) == 0
    assert cli.main(["plan", "trial"]) == 0
    assert cli.main(["probe", "--panel", "panel_of_test"]) == 2, "no gold, no demonstrations"


# --- what may be believed -----------------------------------------------------------------------


def tried(seed: int, prompts: int = 40, wordings: int = 8) -> tuple[bool, float, float]:
    """Tune on labels that have nothing to do with the answers: is no gain seen in the lockbox?

    Scripted judges give each answer a score of their own under every wording; the wording that
    gains most on the tune half is taken, as whoever tunes does. Both gains come along.
    """
    random = np.random.default_rng((7, seed))
    prompt = np.repeat(np.arange(prompts), 2)
    quality = random.normal(3, 1, 2 * prompts)
    people = np.clip(np.round(quality + random.normal(0, 0.7, (3, 2 * prompts))), 1, 5)
    people = people[:, random.permutation(2 * prompts)]
    before = random.integers(1, 6, 2 * prompts).astype(float)
    after = random.integers(1, 6, (wordings, 2 * prompts)).astype(float)
    box = prompt >= prompts // 2
    gains = [change(people, x, before, prompt, ~box).value for x in after]
    best = int(np.argmax([-9 if x is None else x for x in gains]))
    found = change(people, after[best], before, prompt, box)
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    return found.low <= 0 <= found.high, gains[best] or 0.0, found.value


def change(
    people: Floats, after: Floats, before: Floats, prompt: Codes, chosen: Mask
) -> stats_tuned.Change:
    found = stats_tuned.compare(
        people[:, chosen], after[chosen], before[chosen], prompt[chosen], "ordinal"
    )
    assert found.change is not None
    return found.change


def test_on_shuffled_labels_the_lockbox_shows_no_gain() -> None:
    held, tune_half, lockbox = np.array([tried(seed) for seed in range(200)]).mean(axis=0)
    assert held >= 0.93
    assert tune_half > 0.1, "the tune half flatters whoever takes the best of eight"
    assert abs(lockbox) < 0.06
