"""What each study needs on this machine, what of it is there, and what to do about the rest."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline import preflight, study
from pipeline.errors import UserError
from pipeline.models.catalogue import Model, identity
from pipeline.models.showing import Fact, place
from pipeline.study import Design
from pipeline.tabled import counted, kinds
from pipeline.verifying import compare, observing, wrongs

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint


class Need(NamedTuple):
    """One thing that a study needs."""

    study: str
    what: str
    there: bool
    todo: str
    """A line each; empty where it is there."""
    lacks: Literal["missing", "to mend"] = "missing"
    """What is the matter with it where it is not there."""


def examine(name: str, root: Path) -> tuple[Need, ...]:
    """Everything that the study `name` needs; its servers are asked something free."""
    if kinds.is_one(name, root):
        return (_ratings(name, root),)
    try:
        design = study.load(name, root)
    except UserError as error:
        return (Need(name, "its files", False, str(error), "to mend"),)
    models, silent = _models(design), _embedder(design)
    needs = [_local(design, model, chat=model is not silent) for model in models]
    askable = [m for m, need in zip(models, needs, strict=True) if need.there and not m.local]
    probed = dict(zip([m.id for m in askable], asyncio.run(_probe(design, askable)), strict=True))
    checked = [
        Need(name, need.what, False, said) if (said := probed.get(model.id)) else need
        for model, need in zip(models, needs, strict=True)
    ]
    return (*checked, *_twins(design, models))


def _ratings(name: str, root: Path) -> Need:
    """The table that a study of ratings needs, which nobody is asked for."""
    try:
        path = counted.ratings_file(counted.load(name, root), root)
    except UserError as error:
        return Need(name, "its table of ratings", False, str(error), "to mend")
    what = "nothing: its ratings are simulated" if path is None else f"its ratings in {path.name}"
    return Need(name, what, True, "")


def _models(design: Design) -> list[Model]:
    names = {judge.model for judge in design.panel.judges if judge.model is not None}
    judges = [design.models[x] for x in sorted(names)]
    last = [silent] if (silent := _embedder(design)) is not None else []
    return list({m.id: m for m in (*(arm.model for arm in design.arms), *judges, *last)}.values())


def _embedder(design: Design) -> Model | None:
    """The model that only embeds answers; None where none does, or it also answers or judges."""
    asked = design.study.landscape
    if asked is None or asked.embeddings is None:
        return None
    talking = {x.model.id for x in design.arms} | {x.model for x in design.panel.judges}
    return None if asked.embeddings in talking else design.models[asked.embeddings]


def _local(design: Design, model: Model, chat: bool) -> Need:
    faults = preflight.model_faults(model, design, chat)
    if not faults:
        mine = [x for x in design.arms if x.model.id == model.id]
        shown = observing.of_files(mine, design.root).get(place(model), ())
        faults = _contradictions(design, model, shown)
    where = model.base_url or model.file or f"the {model.provider} API"
    key = f", key from {model.env}" if model.env else ""
    what = f"{model.id}: {model.name} at {where}{key}"
    return Need(design.study.name, what, not faults, "; ".join(faults))


async def _probe(design: Design, models: list[Model]) -> list[str | None]:
    from pipeline.models.endpoint import connect

    endpoints = [connect(model, design.root, design.tasks) for model in models]
    try:
        return list(await asyncio.gather(*(_problem(design, x) for x in endpoints)))
    finally:
        for endpoint in endpoints:
            await endpoint.engine.aclose()


async def _problem(design: Design, endpoint: "Endpoint") -> str | None:
    """Why the endpoint cannot be asked, or how it is not what the profiles of its arms say."""
    if said := await preflight.problem(endpoint):
        return said
    try:
        shown = await observing.of_endpoints([endpoint])
    except UserError as error:
        return str(error)
    return "; ".join(_contradictions(design, endpoint.model, shown[endpoint.model.id])) or None


def _contradictions(design: Design, model: Model, shown: Sequence[Fact]) -> list[str]:
    return [
        line
        for arm in design.arms
        if arm.model.id == model.id
        for line in wrongs.lines(arm, compare.checks(arm, shown))
    ]


def _twins(design: Design, models: list[Model]) -> list[Need]:
    """Entries of one identity at two addresses: replicas, or weights that must be told apart."""
    found = []
    for index, one in enumerate(models):
        for other in models[index + 1 :]:
            if identity(one) == identity(other) and one.base_url != other.base_url:
                what = f"{one.id} and {other.id}: one model at two addresses"
                found.append(Need(design.study.name, what, *_compare(one, other)))
    return found


def _compare(one: Model, other: Model) -> tuple[bool, str]:
    from pipeline.models.compatible import served

    try:
        left, right = asyncio.run(served(one)), asyncio.run(served(other))
    except UserError as error:
        return False, str(error)
    differing = sorted(x for x in left.keys() | right.keys() if left.get(x) != right.get(x))
    if not differing:
        return True, ""
    said = ", ".join(f"{x} {left.get(x)!r} / {right.get(x)!r}" for x in differing)
    return False, f"they serve different things ({said}): set `quantisation` or `revision`"
