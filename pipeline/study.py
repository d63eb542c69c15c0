"""A study: one YAML file that says what to compare, and everything it names, checked together."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import Field, StrictInt, field_validator, model_validator

from judges.digest import digest
from judges.panel import Panel
from judges.rubric import SLUG, Rubric, Slug, Text
from judges.verdict import Frozen, Language
from pipeline import arms, files, ladder, studycheck
from pipeline.ablations import Ablation, Interaction, Move
from pipeline.benchmarks import items
from pipeline.errors import Faults, UserError
from pipeline.ladder import Ladder
from pipeline.landscape.settings import LandscapeStudy
from pipeline.models import catalogue
from pipeline.models.catalogue import Model
from pipeline.rubrics import load as read_rubric
from pipeline.rungs import End
from pipeline.stats.thresholds import Target, Thresholds
from pipeline.tasks import Task
from pipeline.texts import with_text

if TYPE_CHECKING:
    from pipeline.models import recorded

T = TypeVar("T")
_SLUG = re.compile(SLUG)


class Extremes(Frozen):
    """The two ends that a study compares: names of `data/arms`."""

    hicap: Slug
    locap: Slug

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.hicap == self.locap:
            raise ValueError(f"hicap and locap are both {self.hicap!r}: nothing to compare")
        return self


class Study(Frozen):
    """What to compare, on which tasks, by which panel, against which people."""

    name: Slug
    title: Text
    about: Text | None = None
    arms: Extremes
    tasks: Literal["all", "core"] | tuple[Slug, ...]
    """Names of `data/tasks`, or all there are, or the core of them for cheap runs."""
    languages: tuple[Language, ...] = Field(("ru", "en"), min_length=1)
    draws: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    """Answers asked per arm, task and language."""
    rubrics: tuple[Slug, ...] = Field(min_length=1)
    """Names of `rubrics/`."""
    rubric_language: Literal["answer", "en", "ru"] = "answer"
    """The language a judge reads the rubric in: the answer's own, or always one."""
    panel: Slug
    """A name of `judges/panels`."""
    benchmarks: tuple[items.Choice, ...] = ()
    """Items with one right answer, put to the same arms: the ends, and the ladder between them
    unless `arms: ends` keeps one to the ends; they need the extra lm-eval."""
    gold: tuple[Slug, ...] = ()
    """Names of `data/gold`: people's ratings."""
    target: Target | None = None
    """How much gold is wanted: until it is there, what the report says is labelled interim."""
    attention: Annotated[int, Field(ge=0, le=10)] = 0
    """Items for each person that are no answer and say which level to choose: see `gold check`."""
    thresholds: Thresholds = Thresholds()
    """The bounds by which the panel is called usable, rank-only, undecided or not usable."""
    landscape: LandscapeStudy | None = None
    """What is measured of the probability landscape of the arms; nothing where it is left out."""
    budget: Annotated[float, Field(gt=0)] | None = None
    """US dollars that the whole study may cost; it stops cleanly before it would cost more."""
    ablations: tuple[Ablation, ...] = ()
    """The ladder between the ends: one factor moved, the rest held."""
    interactions: tuple[Interaction, ...] = ()
    """Pairs of factors crossed."""

    @property
    def moved_models(self) -> frozenset[str]:
        """The models that the ladder names beside those of the ends."""
        levels = [level for x in self.ablations for level in x.levels]
        for one in self.interactions:
            levels += [x.level for x in (one.first, one.second) if isinstance(x, Move)]
        return frozenset(x.model for x in levels if x.model is not None)

    @field_validator("tasks", "languages", "rubrics", "benchmarks", "gold")
    @classmethod
    def _named_once(cls, value: T) -> T:
        if isinstance(value, tuple):
            names = [x.name if isinstance(x, items.Choice) else x for x in value]
            for name in sorted({x for x in names if names.count(x) > 1}):
                raise ValueError(f"{name!r} is named twice (keep one)")
        return value


class Design(NamedTuple):
    """A study with everything it names."""

    root: Path
    study: Study
    hicap: arms.Arm
    locap: arms.Arm
    tasks: tuple[Task, ...]
    rubrics: tuple[Rubric, ...]
    panel: Panel
    models: dict[str, Model]
    written: bool
    """Whether the answers of an arm are texts written for a purpose, and no model's."""
    recorded: dict[str, str]
    """Digest of each recorded answer by arm/task/language/draw; empty where models are asked."""
    ladder: Ladder = ladder.NONE
    benchmarks: tuple[items.Loaded, ...] = ()

    @property
    def ends(self) -> tuple[arms.Arm, arms.Arm]:
        """Both ends, the high one first."""
        return (self.hicap, self.locap)

    @property
    def arms(self) -> tuple[arms.Arm, ...]:
        """Every arm that is asked: both ends, the high one first, then the ladder between them."""
        return (*self.ends, *self.ladder.arms)

    @property
    def budget(self) -> float | None:
        """US dollars that the whole study may cost."""
        return self.study.budget

    @property
    def folder(self) -> Path:
        """Where its run lives."""
        return self.root / "data" / "runs" / self.study.name

    def rubric_language(self, answer: Language) -> Language:
        """The language in which a judge reads a rubric for an answer in that language."""
        return answer if self.study.rubric_language == "answer" else self.study.rubric_language


def load(name: str, root: Path) -> Design:
    """The study `data/studies/<name>.yaml` with everything it names.

    Raises:
        UserError: every fault of every file, one a line.
    """
    name = Path(name).stem if name.endswith(".yaml") else name
    path = root / "data" / "studies" / f"{name}.yaml"
    if path.exists() and not _SLUG.match(path.stem):
        raise UserError(
            f"{files.shown(path, root)}: a study's file, and the name in it, are of small Latin "
            f"letters, digits and _, a letter first: {path.stem!r} cannot be one"
        )
    study = files.load(path, Study, root)
    if study.name != path.stem:
        said = f"{files.shown(path, root)}: name is {study.name!r}, expected {path.stem!r}"
        raise UserError(f"{said} (the file's name)")
    faults = Faults()
    models = faults.take(lambda: catalogue.load(root / "data" / "models.yaml", root))
    ends = _ends(study, root, models, faults)
    tasks = _tasks(study, root, faults)
    rubrics = _rubrics(study, root, faults)
    benchmarks = items.load_all(study.benchmarks, root, study.languages, faults.take)
    panel = _named(root / "judges" / "panels" / f"{study.panel}.yaml", Panel, root, faults)
    between = None
    if models is not None and ends is not None:
        between = faults.take(partial(climb, study, *ends, models))
    studycheck.check(study, studycheck.Named(root, models, ends, tasks, rubrics, panel), faults)
    every = (*(ends or ()), *(between.arms if between is not None else ()))
    files_of = [faults.take(partial(_recordings, arm, root)) for arm in every]
    studycheck.check_servers([*(x.model for x in every), *_others(study, panel, models)], faults)
    faults.raise_any()
    assert models is not None
    assert ends is not None
    assert panel is not None
    assert between is not None
    return Design(
        root,
        study,
        *ends,
        tasks,
        rubrics,
        panel,
        models,
        written=any(x.origin == "written" for x in files_of if x is not None),
        recorded={
            key: value
            for arm, file in zip(every, files_of, strict=True)
            for key, value in _recorded(arm, file, study.draws).items()
        },
        ladder=between,
        benchmarks=benchmarks,
    )


def _ends(
    study: Study, root: Path, models: dict[str, Model] | None, faults: Faults
) -> tuple[arms.Arm, arms.Arm] | None:
    """The arms of both ends, the high one first; None where one cannot be."""
    high, low = (
        faults.take(partial(arms.load, root / "data" / "arms" / f"{name}.yaml", root, models))
        for name in (study.arms.hicap, study.arms.locap)
    )
    return None if high is None or low is None else (high, low)


def _rubrics(study: Study, root: Path, faults: Faults) -> tuple[Rubric, ...]:
    paths = [root / "rubrics" / f"{x}.yaml" for x in study.rubrics]
    loaded = [_as_named(faults.take(partial(read_rubric, x, root)), x, root, faults) for x in paths]
    return tuple(x for x in loaded if x is not None)


def _others(study: Study, panel: Panel | None, models: dict[str, Model] | None) -> list[Model]:
    """The models that judge, embed, or are named by a ladder, which may have faults of its own."""
    names = [*study.moved_models, *(x.model for x in (panel.judges if panel is not None else ()))]
    names += [study.landscape.embeddings] if study.landscape is not None else []
    return [models[x] for x in names if x in models] if models is not None else []


def climb(study: Study, high: arms.Arm, low: arms.Arm, models: dict[str, Model]) -> Ladder:
    """The ladder of a study between its ends.

    Raises:
        UserError: a level that cannot be.
    """
    where = f"data/studies/{study.name}.yaml"
    ends: dict[End, arms.Arm] = {"hicap": high, "locap": low}
    return ladder.resolve(study.ablations, study.interactions, ends, models, where)


def _recordings(arm: arms.Arm, root: Path) -> "recorded.Answers | None":
    """The file of an arm whose answers are recorded; None for any other."""
    if arm.model.provider != "recorded":
        return None
    from pipeline.models import recorded

    return recorded.load(root / str(arm.model.file), root)


def _recorded(arm: arms.Arm, found: "recorded.Answers | None", draws: int) -> dict[str, str]:
    """The digests of an arm's recorded answers, by arm/task/language/draw; none for any other."""
    return {
        f"{arm.name}/{x.task}/{x.language}/{draw}": digest(x.text, x.reasoning, x.truncated)
        for x in (found.answers if found is not None else ())
        if x.variant == arm.model.name
        for draw in range(draws)
        if x.draw == (0 if arm.sampling.seed is None else arm.sampling.seed + draw)
    }


M = TypeVar("M", Rubric, Panel, Task)


def _named(path: Path, model: type[M], root: Path, faults: Faults) -> M | None:
    """The file as a `model` whose id is the file's name, or None and a fault."""
    return _as_named(faults.take(lambda: files.load(path, model, root)), path, root, faults)


def _as_named(loaded: M | None, path: Path, root: Path, faults: Faults) -> M | None:
    """What was loaded, or None; a fault where its id is not the file's name."""
    if loaded is not None and loaded.id != path.stem:
        said = f"{files.shown(path, root)}: id is {loaded.id!r}, expected {path.stem!r}"
        faults.lines.append(f"{said} (the file's name)")
    return loaded


def _tasks(study: Study, root: Path, faults: Faults) -> tuple[Task, ...]:
    folder = root / "data" / "tasks"
    every = isinstance(study.tasks, str)
    names = sorted(x.stem for x in folder.glob("*.yaml")) if every else study.tasks
    if not names:
        faults.lines.append(f"data/studies/{study.name}.yaml: tasks names none")
    tasks = [_named(folder / f"{name}.yaml", Task, root, faults) for name in names]
    read = [faults.take(partial(with_text, task, root)) for task in tasks if task is not None]
    found = tuple(task for task in read if task is not None)
    return tuple(x for x in found if x.core) if study.tasks == "core" else found
