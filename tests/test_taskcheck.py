"""Limits that differ between the languages, tasks that are nearly one, and what is not loaded."""

from typing import Any

import pytest
from conftest import ROOT, Project

from pipeline import cli, taskcheck
from pipeline.tasks import Task

TEXT = {
    "en": "Say what the grey stone by the road keeps silent about. At most 90 words.",
    "ru": "Скажите, о чём молчит серый камень у дороги. Не больше 90 слов.",
}
STONE = {
    "id": "stone",
    "kind": "creative",
    "title": {"en": "Stone", "ru": "Камень"},
    "text": TEXT,
    "constraints": {"words_at_most": 90},
}


def faults(**more: Any) -> list[str]:
    return taskcheck.limits(Task.model_validate(STONE | more))


def test_a_task_that_says_what_it_checks_is_well() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"text": {**TEXT, "ru": "О чём молчит камень? Не больше 80 слов."}},
            "only one language names so many words: 80, 90",
        ),
        ({"constraints": {"words_at_most": 70}}, "constraints.words_at_most is 70, text.en says"),
        ({"constraints": None}, "text.ru names 90 words, constraints do not"),
    ],
)
def test_limits_that_differ_are_named(more: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(**more)), faults(**more)


def test_two_tasks_that_are_nearly_one_are_named_once_per_language() -> None:
    other = STONE | {
        "id": "rock",
        "text": {
            "en": "Say what the grey stone by the road keeps silent about now. At most 90 words.",
            "ru": "Совсем другое: перечислите всё, что вы забыли. Не больше 90 слов.",
        },
    }
    (found,) = taskcheck.alike([Task.model_validate(x) for x in (STONE, other)])
    assert (found.one, found.other, found.language) == ("stone", "rock", "en")
    assert found.share > 0.5


def test_the_shipped_tasks_are_well() -> None:
    found = taskcheck.check(ROOT)
    assert found.faults == ()
    assert len(found.rows) == len(list((ROOT / "data/tasks").glob("*.yaml")))


def test_the_command_exits_2_and_names_file_and_fault(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "data/studies").mkdir(parents=True, exist_ok=True)
    project.task("stone", "Stone? At most 90 words.", "Камень? Не больше 80 слов.")
    (project.root / "data/tasks/broken.yaml").write_text("id: broken\n", encoding="utf-8")
    monkeypatch.chdir(project.root)
    assert cli.main(["tasks", "check"]) == 2
    shown = capsys.readouterr()
    assert "1 tasks, 0 of them core" in shown.out
    assert "data/tasks/broken.yaml:1: field 'kind' is missing" in shown.err
    assert "data/tasks/stone.yaml: only one language names so many words" in shown.err
