"""The README names what there is: every target, every verb, every folder."""

import re
from pathlib import Path

from conftest import ROOT

from pipeline import cli, files, rubrics
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


def test_every_verb_is_named() -> None:
    text = cli._parser().format_help()
    verbs = re.findall(r"^    ([a-z]+) ", text, re.MULTILINE)
    assert "score" in verbs
    for verb in verbs:
        assert f"antipode {verb}" in README, verb


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
