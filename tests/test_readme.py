"""The README names what there is: every target, every verb, every folder."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Project
from fake_server import FakeServer, Reply, answer_or_verdict
from people import go

from pipeline import cli, files, rubrics
from pipeline.stats.panel_verdict import NOT_USABLE, RANK_ONLY, UNDECIDED, USABLE
from pipeline.tasks import Task

README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_every_make_target_is_named() -> None:
    targets = re.findall(r"^([a-z]+):.*?## ", MAKEFILE, re.MULTILINE)
    assert "score" in targets
    for target in targets:
        assert f"make {target}" in README, target


def test_every_target_is_phony() -> None:
    phony = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split())
    assert set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)) <= phony


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ([], "antipode rate sample"),
        (["STUDY=mine", "RATERS=anna, boris:ru"], 'antipode rate mine --raters "anna, boris:ru"'),
        (["RATERS=anna", "PORT=8766"], 'antipode rate sample --raters "anna" --port 8766'),
    ],
)
def test_make_rate_keeps_what_it_is_given(given: list[str], ends: str) -> None:
    asked = ["make", "-n", "-o", ".venv/base", "rate", *given]
    outside = {x: y for x, y in os.environ.items() if not x.startswith("MAKE")}  # `make check`
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, env=outside)
    assert done.stdout.splitlines()[-1].rstrip().endswith(ends)


def test_every_verb_is_named() -> None:
    text = cli._parser().format_help()
    verbs = re.findall(r"^    ([a-z]+) ", text, re.MULTILINE)
    assert "score" in verbs
    for verb in verbs:
        assert f"antipode {verb}" in README, verb


def test_what_antipode_is_stands_before_its_first_use_by_that_name() -> None:
    assert README.index("`antipode` here and in messages is `.venv/bin/antipode`") < min(
        x.start() for x in re.finditer(r"^antipode |`antipode \w", README, re.MULTILINE)
    )


def test_every_word_of_the_column_panel_is_is_explained() -> None:
    verdicts = (USABLE, RANK_ONLY, UNDECIDED, NOT_USABLE)
    for word in (*verdicts, "uncalibrated", "unrated", "no judges"):
        assert f"*{word}*" in README, word


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), (page, target)


def test_the_least_rubric_and_task_that_are_shown_load(tmp_path: Path) -> None:
    (tmp_path / "rubrics").mkdir()
    for page, name in (("rubrics", "rubrics/tenderness.yaml"), ("tasks", "last_tram.yaml")):
        text = (ROOT / f"docs/{page}.md").read_text("utf-8")
        (shown,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        (tmp_path / name).write_text(shown, "utf-8")
    assert rubrics.load(tmp_path / "rubrics/tenderness.yaml", tmp_path).scale == (1, 2, 3)
    assert files.load(tmp_path / "last_tram.yaml", Task, tmp_path).id == "last_tram"


def under_the_name_asked_for(body: dict[str, Any]) -> Reply:
    said = answer_or_verdict(body)
    assert isinstance(said, dict)
    return {**said, "model": body["model"]}


def test_the_least_study_with_own_models_that_is_shown_runs(
    project: Project, server: FakeServer
) -> None:
    page = (ROOT / "docs/own_models.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n# .*?(\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    shutil.copy(ROOT / "data/models.yaml", project.root / "data")
    shutil.copytree(ROOT / "data/tasks", project.root / "data/tasks", dirs_exist_ok=True)
    for path, shown in blocks:
        with (project.root / path).open("a", encoding="utf-8") as file:
            file.write(shown.replace("http://127.0.0.1:11434/v1", server.address))
    server.models = ["big", "small", "judge"]
    server.reply = under_the_name_asked_for
    result = go(project, "mine")
    assert (result.owed, result.report.exists()) == (0, True), result.stopped


def test_the_two_commands_come_first() -> None:
    first, second = re.findall(r"^make (\w+)", README, re.MULTILINE)[:2]
    assert (first, second) == ("score", "test")


def test_the_locks_agree_and_name_no_host() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        found = re.findall(r"^([a-z0-9][^\s;]+==[^\s;]+)", text, re.MULTILINE)
        return {re.sub(r"\[.*?\]", "", x) for x in found}  # the tools may take more extras

    base, tools = pins("requirements.lock"), pins("requirements-dev.lock")
    assert base < tools
    assert any(x.startswith("dspy==") for x in base)
