"""What is said of a study whose answers are written texts, by which gold it names."""

import csv
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from pipeline import cli

LEVELS = "and the ratings are the levels they were designed"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample's files, and beside its designed levels a file of two people's ratings."""
    for folder in ("arms", "tasks", "sample", "gold"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    shutil.copy(ROOT / "data/models.yaml", tmp_path / "data/models.yaml")
    (tmp_path / "data/studies").mkdir()
    shutil.copytree(ROOT / "rubrics", tmp_path / "rubrics")
    shutil.copytree(ROOT / "judges/panels", tmp_path / "judges/panels")
    with (tmp_path / "data/gold/sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "data/gold/people.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows({**x, "rater": who} for x in rows for who in ("anna", "boris"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def study(root: Path, gold: str) -> None:
    """The sample under the name `mine`, with this gold."""
    text = (ROOT / "data/studies/sample.yaml").read_text("utf-8")
    text = text.replace("name: sample", "name: mine").replace("gold: [sample]", f"gold: {gold}")
    (root / "data/studies/mine.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("gold", "designed"), [("[sample]", True), ("[people]", False), ("[]", False)]
)
def test_only_a_designed_gold_is_called_designed_levels(
    root: Path, gold: str, designed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    study(root, gold)
    assert cli.main(["score", "mine"]) == cli.OK
    said = capsys.readouterr().out
    page = (root / "data/runs/mine/report.html").read_text("utf-8")
    assert "These answers are written texts" in page
    assert (LEVELS in page) == designed
    assert ("written texts and designed levels" in said) == designed
    assert ("written texts: no measurement of any model\n" in said) != designed
    assert cli.main(["audit", "mine"]) == cli.OK
    assert ("written texts and designed levels" in capsys.readouterr().out) == designed


def test_designed_levels_are_not_counted_as_one_person_more(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study(root, "[people, sample]")
    assert cli.main(["score", "mine"]) == cli.MEND
    assert capsys.readouterr().err == (
        "data/studies/mine.yaml: gold names data/gold/sample.csv, the levels that texts were "
        "written for, which nobody rated, beside people's ratings (data/gold/people.csv); name the "
        "one or the other\n"
    )


def test_no_setting_moves_an_arm_of_recorded_answers(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study(root, "[sample]")
    with (root / "data/studies/mine.yaml").open("a", encoding="utf-8") as file:
        file.write("ablations:\n- factor: sampling\n  start: hicap\n")
        file.write("  levels: [{sampling: {temperature: 0.5}}]\n")
    assert cli.main(["plan", "mine"]) == cli.MEND
    said = "sample_high has recorded answers, which no sampling reaches: nothing moves"
    assert said in capsys.readouterr().err
