"""The command as a person meets it: exit codes, lines, and what they say to do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Project
from fake_server import FakeServer, completion, is_verdict_request

from judges.rubric import Text
from pipeline import cli, console
from pipeline.stats.terms import Criterion


def antipode(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_study_ends_with_a_table_and_the_report(served: Project, server: FakeServer) -> None:
    done = antipode(served, "score", "trial")
    assert done.returncode == cli.OK
    assert "irony" in done.stdout
    assert "no human ratings" in done.stdout
    assert "report: data/runs/trial/report.html" in done.stdout
    assert done.stderr == "", "quiet where it is no terminal"


def test_owed_calls_are_said_and_exit_1(served: Project, server: FakeServer) -> None:
    answer = server.reply
    server.reply = lambda body: (
        completion("no verdict") if is_verdict_request(body) else answer(body)
    )
    done = antipode(served, "score", "trial")
    assert done.returncode == cli.OWED
    assert "4 calls are still owed" in done.stdout
    assert "one: verdicts owed: 4 (" in done.stdout + done.stderr


def test_a_part_of_a_run_is_audited_though_no_answer_is_in_a_language_that_is_owed(
    served: Project, server: FakeServer
) -> None:
    """The low arm owes its Russian answer, and the high one answered the Russian task in English:
    no rubric was read in Russian yet, and the certificate counts the Russian prompts already.
    """
    judged = server.reply

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return judged(body)
        russian = "камень" in body["messages"][-1]["content"]
        if russian and body["max_tokens"] == 50:
            return (400, {"error": {"message": "no"}}, {})
        return completion(f"The stone thinks of rain, {body['max_tokens']} times over and again.")

    server.reply = reply
    assert antipode(served, "score", "trial").returncode == cli.OWED
    done = antipode(served, "audit", "trial")
    assert (done.returncode, done.stderr) == (cli.OK, "")
    assert "byte for byte" in done.stdout


def test_what_a_person_must_mend_is_one_line_and_exit_2(served: Project) -> None:
    path = served.root / "data/studies/trial.yaml"
    path.write_text(path.read_text("utf-8").replace("panel:", "pannel:"), "utf-8")
    done = antipode(served, "score", "trial")
    assert done.returncode == cli.MEND
    assert "field 'pannel' is not known; did you mean 'panel'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_study_says_which_there_are(served: Project) -> None:
    done = antipode(served, "plan", "nothing")
    assert done.returncode == cli.MEND
    assert done.stderr == "data/studies/nothing.yaml: no such file; there are: trial\n"


def test_the_wrong_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chdir(tmp_path)
    try:
        assert cli.main(["score"]) == cli.MEND
    finally:
        os.chdir(ROOT)
    assert "run antipode in the project's folder" in capsys.readouterr().err


def test_a_plan_shows_calls_money_and_the_exact_prompt(served: Project, server: FakeServer) -> None:
    done = antipode(served, "plan", "trial")
    assert done.returncode == cli.OK
    assert "calls: 8 at most; cost at most: 0.0" in done.stdout
    prompt = antipode(served, "plan", "trial", "--show-prompt", "irony").stdout
    assert antipode(served, "score", "trial").returncode == cli.OK
    first = next(x for x in server.bodies if is_verdict_request(x) and "stone" in str(x))
    assert first["messages"][0]["content"].splitlines()[0] in prompt or "Вы" in prompt
    after = antipode(served, "plan", "trial", "--show-prompt", "irony").stdout
    sent = [
        f"--- system\n{x['messages'][0]['content']}\n--- user\n{x['messages'][1]['content']}\n"
        for x in server.bodies
        if is_verdict_request(x)
    ]
    assert after in sent


def test_a_plan_says_why_there_are_more_calls_than_answers(served: Project) -> None:
    assert "more calls than answers" not in antipode(served, "plan", "trial").stdout
    served.task("brook", "What does it think?", "О чём?", then={"en": "Why?", "ru": "Зачем?"})
    path = served.root / "data/arms/low.yaml"
    path.write_text(path.read_text("utf-8") + "knobs: {candidates: 2}\n", "utf-8")
    said = antipode(served, "plan", "trial").stdout
    assert "as there are: a second turn of brook; drafts and the picking of one in low" in said


def test_a_plan_names_the_steps_of_the_ladder_that_are_the_other_end(served: Project) -> None:
    served.arm("low", "big", temperature=0.2, max_tokens=100)
    levels = [{"sampling": {"temperature": x}} for x in (0.3, 0.2)]
    served.study(ablations=[{"factor": "sampling", "start": "hicap", "levels": levels}])
    said = antipode(served, "plan", "trial").stdout
    assert "high+sampling=temperature 0.3" in said
    assert (
        "sampling temperature 0.2 from high: asks what low asks, whose answers stand for it" in said
    )


def test_doctor_says_what_is_missing_and_what_to_do(served: Project, server: FakeServer) -> None:
    assert antipode(served, "doctor", "trial").returncode == cli.OK
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("name: fake", "name: fake\n    key_env: NO_SUCH_KEY", 1), "utf-8")
    done = antipode(served, "doctor", "trial")
    assert done.returncode == cli.MEND
    assert "needs the environment variable NO_SUCH_KEY, which is not set" in done.stdout
    assert antipode(served, "doctor").returncode == cli.OK


def test_doctor_lists_the_faults_of_files_under_one_heading(served: Project) -> None:
    path = served.root / "data/arms/low.yaml"
    text = path.read_text("utf-8").replace("mode: none", "mode: nought")
    path.write_text(text.replace("inference:", "inferance:"), "utf-8")
    said = antipode(served, "doctor", "trial").stdout.splitlines()
    assert said[:2] == ["trial: not ready", "  to mend its files"]
    assert len(said) == 5, "a mode, a field not known, a field missing"
    assert all(x.startswith("          data/arms/low.yaml:") for x in said[2:])


def test_doctor_tells_replicas_from_other_weights(served: Project, server: FakeServer) -> None:
    path = served.root / "data/models.yaml"
    text = path.read_text("utf-8").replace("quantisation: none", "quantisation: q4")
    other = server.address.replace("127.0.0.1", "localhost")
    path.write_text(text.replace(server.address, other, 1), "utf-8")
    done = antipode(served, "doctor", "trial")
    assert "big and small: one model at two addresses" in done.stdout
    assert done.returncode == cli.OK, "both serve the same thing: they are replicas"


def test_titles_in_warnings_are_told_with_the_ids_of_the_table() -> None:
    named = [("strays", "A judge that strays"), ("irony", "irony"), ("depth", "Depth")]
    criteria = [Criterion(x, Text(en=y, ru=y), "ordinal", (1.0, 2.0)) for x, y in named]
    said = ["Scores that are no level of A judge that strays: 3.", "Nobody rated irony."]
    assert console.titled(criteria, said) == ["in the lines below: strays is 'A judge that strays'"]
    assert console.titled(criteria, ["Rows without a score: 3."]) == []


def test_help_needs_no_library() -> None:
    code = "import sys; from pipeline import cli; cli._parser(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"dspy", "polars", "pydantic", "numpy", "yaml"} & set(done.stdout.split())


def test_another_process_finds_the_report_up_to_date(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = served.root / "data/runs/trial/manifest.json"
    seen = set()
    for seed in ("1", "2", "3"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        assert antipode(served, "score", "trial").returncode == cli.OK
        seen.add((manifest.read_bytes(), manifest.stat().st_mtime_ns))
    assert len(seen) == 1, "nothing depends on the order of a set"


def test_a_verb_that_is_misspelled_is_told_which_was_meant(served: Project) -> None:
    done = antipode(served, "scoer", "trial")
    assert done.returncode == cli.MEND
    assert done.stderr.rstrip().endswith("did you mean 'score'?")


def test_a_folder_in_which_nothing_was_asked_is_listed_as_no_run(served: Project) -> None:
    server = served.root / "data/models.yaml"
    text = server.read_text("utf-8")
    server.write_text(
        text.replace("name: fake", "name: fake\n    key_env: NO_SUCH_KEY", 1), "utf-8"
    )
    assert antipode(served, "score", "trial").returncode == cli.MEND
    assert not (served.root / "data/runs/trial").exists()
    killed = served.root / "data/runs/trial"  # one that is killed before its first call leaves this
    killed.mkdir(parents=True)
    (killed / "lock").write_text("1", "utf-8")
    assert "no such run; there are: none" in antipode(served, "audit", "other").stderr


def test_a_decimal_comma_and_a_word_after_a_quotation_are_told_how_to_write(
    served: Project,
) -> None:
    served.study(budget="10,5")
    said = antipode(served, "plan", "trial").stderr
    assert "budget' is '10,5', expected a number: write 10.5" in said
    served.study()
    task = served.root / "data/tasks/stone.yaml"
    task.write_text('id: stone\ntitle: {en: "Is it" tender, ru: Да}\n', "utf-8")
    assert "(quote the text)" in antipode(served, "plan", "trial").stderr


def test_a_second_run_of_judges_that_count_says_why_nothing_is_asked(
    served: Project, server: FakeServer
) -> None:
    served.panel({"id": "length", "computed": "length"})
    assert antipode(served, "score", "trial").returncode == cli.OK
    said = antipode(served, "score", "trial").stdout
    assert "nothing to ask: every answer and verdict is there" in said
    assert "its judges only count words, which no wording of a rubric changes" in said
