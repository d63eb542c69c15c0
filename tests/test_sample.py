"""The shipped files: each loads, and the sample study says what it is."""

import csv
import json
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT

from judges.rubric import Rubric
from pipeline import arms, files, plan, schema, sheet, study, taskcheck
from pipeline.errors import UserError
from pipeline.models import catalogue, recorded
from pipeline.tabled import kinds
from pipeline.tasks import checks

STUDIES = sorted(
    x.stem for x in (ROOT / "data/studies").glob("*.yaml") if not kinds.is_one(x.stem, ROOT)
)


@pytest.mark.parametrize("name", STUDIES)
def test_every_shipped_study_loads_with_all_it_names(name: str) -> None:
    design = study.load(name, ROOT)
    assert design.rubrics
    assert design.tasks


def test_every_shipped_arm_loads() -> None:
    models = catalogue.load(ROOT / "data/models.yaml", ROOT)
    for path in (ROOT / "data/arms").glob("*.yaml"):
        arm = arms.load(path, ROOT, models)
        assert arm.profile.inference == arms.inference(arm), "what is sent is what it claims"


def test_tasks_cover_every_kind_in_both_languages() -> None:
    rows = taskcheck.check(ROOT).rows
    kinds = [row.task.kind for row in rows]
    assert {kinds.count(kind) for kind in set(kinds)} == {10}
    assert len(set(kinds)) == 7
    assert sum(row.task.core for row in rows) == 24
    names = {row.task.id for row in rows}
    assert {"five_concepts", "sisyphus_agi", "resistance_threefold"} <= names
    assert {"to_be", "being_and_simulation"} <= names
    assert all(row.task.banal is not None and row.task.tags for row in rows)
    assert len(study.load("api", ROOT).tasks) == sum(row.task.core for row in rows)


def test_a_judge_at_home_can_read_the_core_whole_and_no_longer_text() -> None:
    design = study.load("laptop", ROOT)
    assert {x.id for x in design.tasks} == {
        x.task.id for x in taskcheck.check(ROOT).rows if x.task.core
    }
    assert plan.plan(design).calls > 0
    longer = next(x.task for x in taskcheck.check(ROOT).rows if x.task.id == "green_buoy")
    with pytest.raises(UserError, match="for rubric, task 'green_buoy' and reply"):
        plan.plan(design._replace(tasks=(*design.tasks, longer)))


def test_rubrics_have_five_levels_with_anchor_and_example_and_a_boundary() -> None:
    paths = sorted((ROOT / "rubrics").glob("*.yaml"))
    assert len(paths) == 7
    for path in paths:
        rubric = files.load(path, Rubric, ROOT)
        assert rubric.id == path.stem
        assert rubric.scale == (1, 2, 3, 4, 5)
        assert all(level.example is not None for level in rubric.levels)
        assert rubric.boundary is not None


def test_people_are_told_the_boundary_of_every_rubric_that_has_one() -> None:
    design = study.load("sample", ROOT)
    told = sheet.rubrics(design).decode()
    for rubric in design.rubrics:
        assert rubric.boundary is not None
        assert told.count(rubric.boundary.en) == told.count(rubric.boundary.ru) == 1


def test_the_sample_answers_are_written_and_say_so() -> None:
    answers = recorded.load(ROOT / "data/sample/answers.yaml", ROOT)
    assert answers.origin == "written"
    assert len(answers.answers) >= 24
    assert {(x.variant, x.language) for x in answers.answers} == {
        (v, lang) for v in ("hicap", "locap") for lang in ("en", "ru")
    }
    assert len({x.text for x in answers.answers}) == len(answers.answers)


def test_the_sample_gold_is_the_designed_levels() -> None:
    made = subprocess.run(
        [sys.executable, "data/sample/designed.py"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    shipped = (ROOT / "data/gold/sample.csv").read_text("utf-8")
    assert made == shipped, "run: python data/sample/designed.py > data/gold/sample.csv"
    assert {row["rater"] for row in csv.DictReader(shipped.splitlines())} == {"design"}


def test_the_schemas_are_those_of_the_models() -> None:
    for kind, found in schema.schemas().items():
        path = ROOT / f"data/schema/{kind}.json"
        assert json.loads(path.read_text("utf-8")) == found, "run: make schema"


def test_every_yaml_file_points_to_its_schema() -> None:
    folders = ("rubrics", "judges/panels", "data/studies", "data/arms", "data/tasks")
    folders += ("data/imports", "rubrics/probes")
    for path in (x for folder in folders for x in (ROOT / folder).glob("*.yaml")):
        first = path.read_text("utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (path.parent / first.split("=")[1]).resolve().is_file(), path


def test_what_loads_here_loads_in_a_plain_yaml_reader_too() -> None:
    for path in (ROOT / "rubrics").rglob("*.yaml"):
        assert files.parse(path, ROOT).data == yaml.safe_load(path.read_text("utf-8"))


def test_the_sample_answers_keep_to_what_their_tasks_set() -> None:
    """But one, which was written to have lost the thread."""
    tasks = {x.id: x for x in study.load("sample", ROOT).tasks}
    found = [
        (x.task, x.language, x.variant, check.name)
        for x in recorded.load(ROOT / "data/sample/answers.yaml", ROOT).answers
        for check in checks(tasks[x.task], x.language, x.text)
        if not check.met
    ]
    assert found == [("fog_bell", "ru", "locap", "planted")]
