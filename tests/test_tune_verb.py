"""`antipode tune` as asked: what goes together, which study is meant, what a search leaves."""

import os
import subprocess
from typing import Any

import pytest
from conftest import ROOT, Project
from fake_server import FakeServer, Reply
from people import people, rated
from test_tuning import scripted

from pipeline import cli
from pipeline.ledger import Ledger, Search

TASKS = 24


@pytest.fixture
def tuned(served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A study of 24 tasks that three people have rated, on irony."""
    server.reply = scripted
    for n in range(TASKS - 1):
        served.task(f"more_{n:02}", f"More {n}?", f"Ещё {n}?")
    rated(served, people)
    monkeypatch.chdir(served.root)
    return served


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--propose", "--demos"], "--propose and --demos are different jobs: give one"),
        (["--accept-gold", "--open-lockbox"], "--accept-gold and --open-lockbox are different"),
        (["--calls", "5"], "--calls belongs to --propose, which is not given"),
        (["--propose", "--calls", "0"], "--calls 0: must be above 0"),
        (["--propose", "--dollars", "-1"], "--dollars -1: must be above 0"),
        (["--propose", "--dollars", "nan"], "--dollars nan: must be above 0"),
    ],
)
def test_options_that_do_nothing_together_are_refused(
    tuned: Project, server: FakeServer, asked: list[str], said: str, capsys: Any
) -> None:
    server.bodies.clear()
    assert cli.main(["tune", "irony", "trial", *asked]) == 2
    assert said in capsys.readouterr().err
    assert server.bodies == []
    assert not (tuned.root / "rubrics/tuning.jsonl").exists()


def test_a_rubric_that_is_not_there_and_a_table_are_named(tuned: Project, capsys: Any) -> None:
    assert cli.main(["tune", "irnoy"]) == 2
    assert "there is no rubric 'irnoy'; there are: " in capsys.readouterr().err
    tuned.write("data/studies/made.yaml", {"name": "made", "simulation": {"seed": 1}})
    for verb in (["parity", "made"], ["tune", "irony", "made"]):
        assert cli.main(verb) == 2
        assert "made: is a table of ratings: no judge" in capsys.readouterr().err


def test_the_one_study_with_gold_is_meant_and_of_several_one_must_be_named(
    tuned: Project, capsys: Any
) -> None:
    tuned.write("data/studies/made.yaml", {"name": "made", "simulation": {"seed": 1}})
    assert cli.main(["tune", "irony"]) == 0
    assert "tasks to tune on" in capsys.readouterr().out
    path = tuned.root / "data/studies/trial.yaml"
    other = path.read_text("utf-8").replace("name: trial", "name: other")
    (tuned.root / "data/studies/other.yaml").write_text(other, "utf-8")
    assert cli.main(["tune", "irony"]) == 2
    assert "name one: other, trial" in capsys.readouterr().err
    assert cli.main(["tune", "depth"]) == 2
    said = capsys.readouterr().err
    assert "depth: no study of data/studies has gold on it" in said
    assert said.endswith("name the file of data/gold in the study: `gold: [NAME]`\n")


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (["DEMOS=1"], "antipode tune depth  --demos"),
        (["STUDY=mine", "DEMOS=1"], "antipode tune depth mine --demos"),
        (["DEMOS=0"], "antipode tune depth  "),
    ],
)
def test_make_tune_reaches_the_comparison_of_demonstrations(given: list[str], ends: str) -> None:
    asked = ["make", "-n", "-o", ".venv/base", "tune", "RUBRIC=depth", *given]
    outside = {x: y for x, y in os.environ.items() if not x.startswith("MAKE")}  # `make check`
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, env=outside)
    assert done.stdout.splitlines()[-1].endswith(ends)


def test_a_search_is_written_down_and_counted(
    tuned: Project, server: FakeServer, capsys: Any
) -> None:
    assert cli.main(["tune", "irony", "trial", "--propose", "--calls", "60"]) in (0, 1)
    assert "asked" in capsys.readouterr().out
    (search,) = Ledger(tuned.root).of(Search)
    assert (search.rubric, search.version, search.study) == ("irony", 1, "trial")
    assert 0 < search.calls <= 60
    assert cli.main(["tune", "irony", "trial"]) == 0
    assert "searches for words on it: 1;" in capsys.readouterr().out


def test_a_dead_judge_gives_no_score_and_a_code_that_says_so(
    tuned: Project, server: FakeServer, capsys: Any
) -> None:
    server.reply = lambda _: Reply(500, {"error": "down"})
    assert cli.main(["tune", "irony", "trial", "--propose", "--calls", "60"]) == 2
    told = capsys.readouterr()
    assert "closeness to people 0.000" not in told.out
    assert "the judge gave no verdict" in told.out + told.err
