"""The design of a run as its folder keeps it: enough to count all again without the project."""

import json
from pathlib import Path
from typing import NamedTuple

from judges.panel import Panel
from judges.rubric import Rubric
from judges.verdict import Frozen
from pipeline import gold
from pipeline.arms import Arm, ArmFile
from pipeline.benchmarks.items import Loaded
from pipeline.errors import UserError
from pipeline.ledger import Tuned
from pipeline.models.catalogue import Model
from pipeline.study import Design, Study, climb
from pipeline.tasks import Task

NAME = "design.json"


class Snapshot(Frozen):
    """A study with everything it names, as it was when its report was made."""

    study: Study
    hicap: ArmFile
    locap: ArmFile
    tasks: tuple[Task, ...]
    rubrics: tuple[Rubric, ...]
    panel: Panel
    models: tuple[Model, ...]
    written: bool
    """Whether the arms' answers are written texts and no model's."""
    recorded: dict[str, str]
    """Digest of each recorded answer."""
    benchmarks: tuple[Loaded, ...] = ()
    """With the items that are asked, and the leaderboards."""
    gold: tuple[tuple[str, gold.Rating], ...]
    """Each rating and where it stood."""
    forms: dict[str, str]
    """Digest of each form that was put to judges, by rubric and language."""
    tuned: Tuned
    stopped: tuple[str, ...]
    versions: dict[str, str]


class Kept(NamedTuple):
    """What a snapshot holds, as the stages take it."""

    design: Design
    human: tuple[gold.Row, ...]
    snapshot: Snapshot


def text(snapshot: Snapshot) -> str:
    """`snapshot` as its file holds it."""
    return json.dumps(snapshot.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def arm_file(arm: Arm) -> ArmFile:
    """The file that `arm` was loaded from."""
    return ArmFile(
        id=arm.name,
        title=arm.title,
        model=arm.model.id,
        program=arm.program,
        sampling=arm.sampling,
        knobs=arm.knobs,
        profile=arm.profile,
    )


def used_models(design: Design) -> tuple[Model, ...]:
    """The models that arms, judges and the ladder of `design` name, and the one that embeds."""
    names = [x.model for x in design.panel.judges if x.model is not None]
    names += design.study.moved_models
    if design.study.landscape is not None and design.study.landscape.embeddings is not None:
        names.append(design.study.landscape.embeddings)
    others = [design.models[x] for x in names]
    found = {model.id: model for model in (*(arm.model for arm in design.arms), *others)}
    return tuple(found[name] for name in sorted(found))


def load(folder: Path) -> Kept:
    """The design that a run's folder keeps.

    Raises:
        UserError: the folder keeps none, or one of another form.
    """
    path = folder / NAME
    try:
        kept = Snapshot.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; is {folder} a finished run?") from None
    except ValueError as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: is no design of a run: {said}") from None
    models = {model.id: model for model in kept.models}
    asked = [kept.hicap.model, kept.locap.model, *(x.model for x in kept.panel.judges if x.model)]
    if lacking := sorted(set(asked) - models.keys()):
        raise UserError(f"{path}: is no design of a run: it has no model {', '.join(lacking)}")
    high, low = (
        Arm(x.id, x.title, models[x.model], x.program, x.sampling, x.profile, x.knobs)
        for x in (kept.hicap, kept.locap)
    )
    try:
        between = climb(kept.study, high, low, models)
    except UserError as error:
        raise UserError(f"{path}: is no design of a run: {error}") from None
    design = Design(
        folder,
        kept.study,
        high,
        low,
        kept.tasks,
        kept.rubrics,
        kept.panel,
        models,
        kept.written,
        kept.recorded,
        between,
        kept.benchmarks,
    )
    return Kept(design, tuple(gold.Row(rating, where) for where, rating in kept.gold), kept)
