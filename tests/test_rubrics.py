"""Rubric files held to what no field can tell alone: every fault at once, each with its line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Project

from judges.rubric import Rubric
from pipeline import cli, files, probing, rubrics, study
from pipeline.errors import UserError

Change = Callable[[dict[str, Any]], object]


def changed(project: Project, change: Change) -> Path:
    path = project.root / "rubrics/irony.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=90), "utf-8")
    return path


def line_of(path: Path, *at: str | int) -> int:
    return files.parse(path, path.parents[1]).lines[at]


def same(data: dict[str, Any], *at: str | int) -> None:
    for part in at:
        data = data[part]  # type: ignore[call-overload]
    data["ru"] = data["en"]


def no_example(data: dict[str, Any], level: int) -> None:
    data["levels"][level]["example"] = None


def copied(data: dict[str, Any], name: str) -> None:
    data["levels"][3][name]["ru"] = f" {data['levels'][1][name]['ru']} "


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        (lambda x: same(x, "question"), ("question", "ru"), "'question.ru' is the English one"),
        (
            lambda x: same(x, "levels", 2, "name"),
            ("levels", 2, "name", "ru"),
            "'levels[2].name.ru' is the English one again; write it in Russian",
        ),
        (
            lambda x: same(x, "levels", 4, "anchor"),
            ("levels", 4, "anchor", "ru"),
            "'levels[4].anchor.ru' is the English one again",
        ),
        (
            lambda x: x["look_for"]["en"].append("More."),
            ("look_for",),
            "'look_for' has 6 lines in English and 5 in Russian",
        ),
        (
            lambda x: x["ignore"]["ru"].pop(),
            ("ignore",),
            "'ignore' has 5 lines in English and 4 in Russian",
        ),
        (
            lambda x: copied(x, "name"),
            ("levels", 3, "name", "ru"),
            "'levels[3].name.ru' is that of level 2; say what sets level 4 apart",
        ),
        (
            lambda x: copied(x, "anchor"),
            ("levels", 3, "anchor", "ru"),
            "'levels[3].anchor.ru' is that of level 2",
        ),
        *(
            (
                lambda x, level=level: no_example(x, level),
                ("levels", level, "example"),
                f"'levels[{level}].example' is missing; the levels 1, 3, 5 need one",
            )
            for level in (0, 2, 4)
        ),
    ],
)
def test_a_rubric_that_is_not_two_full_wordings_is_refused_with_the_line(
    project: Project, change: Change, at: tuple[str | int, ...], said: str
) -> None:
    path = changed(project, change)
    with pytest.raises(UserError) as raised:
        rubrics.load(path, project.root)
    assert str(raised.value).startswith(f"rubrics/irony.yaml:{line_of(path, *at)}: field ")
    assert said in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


ENGLISH, RUSSIAN = "Words that are English, with слово.", "Слова по-русски, среди них word."


def put(data: dict[str, Any], at: tuple[str | int, ...], text: str) -> None:
    for part in at[:-1]:
        data = data[part]  # type: ignore[index]
    data[at[-1]] = text  # type: ignore[index]


@pytest.mark.parametrize(("language", "text"), [("ru", ENGLISH), ("en", RUSSIAN)])
@pytest.mark.parametrize(
    "at",
    [
        ("title",),
        ("question",),
        ("boundary",),
        ("examples_answer",),
        ("levels", 1, "name"),
        ("levels", 1, "anchor"),
        ("levels", 2, "example"),
        ("look_for", 1),
        ("ignore", 0),
    ],
)
def test_every_text_is_in_its_language(
    project: Project, at: tuple[str | int, ...], language: str, text: str
) -> None:
    spot = (at[0], language, at[1]) if len(at) == 2 else (*at, language)

    def change(data: dict[str, Any]) -> None:
        other = {"en": "A text.", "ru": "Текст."}
        for field in ("boundary", "examples_answer"):
            data.setdefault(field, other)
        put(data, spot, text)

    path = changed(project, change)
    with pytest.raises(UserError) as raised:
        rubrics.load(path, project.root)
    (said,) = str(raised.value).splitlines()
    assert said.startswith(f"rubrics/irony.yaml:{line_of(path, *spot)}: field ")
    script, name = ("Cyrillic", "Russian") if language == "ru" else ("Latin", "English")
    assert said.endswith(f"is not mostly {script} letters; write it in {name}")


def test_all_faults_are_named_at_once_and_in_their_order(project: Project) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["levels"][4]["example"]
        same(data, "question")
        data["ignore"]["ru"].pop()

    path = changed(project, change)
    with pytest.raises(UserError) as raised:
        rubrics.load(path, project.root)
    told = str(raised.value).splitlines()
    assert ["question.ru" in told[0], "ignore" in told[1], "example" in told[2]] == [True] * 3
    assert told[2].startswith(f"rubrics/irony.yaml:{line_of(path, 'levels', 4)}: ")


@pytest.mark.parametrize(("levels", "without"), [(2, ()), (4, (1, 2)), (3, ()), (5, (1, 3))])
def test_other_scales_need_their_ends_and_their_middle(
    project: Project, levels: int, without: tuple[int, ...]
) -> None:
    def change(data: dict[str, Any]) -> None:
        data["levels"] = data["levels"][:levels]
        for level in without:
            no_example(data, level)

    assert len(rubrics.load(changed(project, change), project.root).levels) == levels


def test_studies_and_probes_refuse_it_before_anything_is_asked(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(served, lambda x: same(x, "question"))
    said = "'question.ru' is the English one again"
    with pytest.raises(UserError, match=said):
        study.load("trial", served.root)
    with pytest.raises(UserError, match=said):
        probing.load("panel_of_test", ["irony"], served.root)
    monkeypatch.chdir(served.root)
    assert cli.main(["plan", "trial"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted((ROOT / "rubrics").glob("*.yaml")), ids=lambda x: x.stem)
def test_the_shipped_rubrics_hold(path: Path) -> None:
    assert rubrics.load(path, ROOT) == files.load(path, Rubric, ROOT)
