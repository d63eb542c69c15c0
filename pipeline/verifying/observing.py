"""What files and servers show of the arms' models: looked at before the first call, and kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline import preflight
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.models import showing, weights
from pipeline.models.catalogue import Model, identity
from pipeline.models.showing import Fact
from pipeline.records import Observation, now, observation_key
from pipeline.store import Run
from pipeline.verifying import compare

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.models.endpoint import Endpoint

Known = Mapping[str, Sequence[Fact]]
"""Facts by the identity of the model that they tell of."""


def kept(run: Run) -> Known:
    """What the run's records say was shown: of each field of each model, the last."""
    last: dict[str, dict[str, Fact]] = defaultdict(dict)
    for record in run.observations.records():
        fact = Fact(record["field"], record["value"], record["source"])
        last[record["model"]][record["field"]] = fact
    return {model: tuple(facts.values()) for model, facts in last.items()}


def keep(run: Run, model: Model, facts: Iterable[Fact]) -> None:
    """Write down what was shown of `model`, where the run does not have it as its last already."""
    who = identity(model)
    there = {x.field: x for x in kept(run).get(who, ())}
    for fact in facts:
        if there.get(fact.field) == fact:
            continue
        at = now()
        run.observations.append(
            Observation(
                key=observation_key(who, fact.field, fact.value, fact.source, at),
                model=who,
                name=model.id,
                field=fact.field,
                value=fact.value,
                source=fact.source,
                at=at,
            )
        )


def of_files(arms: Iterable[Arm], root: "Path") -> Known:
    """What the weights on this disk show without being loaded; files that are lacking show none."""
    found: dict[str, Sequence[Fact]] = {}
    for arm in arms:
        path = root / str(arm.model.file)
        if arm.model.provider == "gguf" and path.is_file():
            found[identity(arm.model)] = showing.of_file(weights.read(path, str(arm.model.file)))
    return found


async def of_endpoints(endpoints: Iterable["Endpoint"]) -> dict[str, Sequence[Fact]]:
    """What each endpoint shows, by its model's id; they must have been probed.

    Raises:
        UserError: one of them answers no more.
    """
    from pipeline.models import faults

    found: dict[str, Sequence[Fact]] = {}
    for endpoint in endpoints:
        try:
            found[endpoint.model.id] = await endpoint.engine.shown()
        except faults.CALL_FAULTS as error:
            fault = faults.describe(error)
            said = f"data/models.yaml: {endpoint.model.id}: {fault.kind}: {fault.message}"
            raise UserError(said) from error
    return found


async def hold(arms: Sequence[Arm], endpoints: Mapping[str, "Endpoint"], run: Run) -> None:
    """Keep what the endpoints of `arms` show, and refuse them where it contradicts an arm.

    Raises:
        UserError: one line for each field that is not what was declared.
    """
    asked = {arm.model.id for arm in arms}
    found = await of_endpoints(x for name, x in endpoints.items() if name in asked)
    for name, facts in found.items():
        keep(run, endpoints[name].model, facts)
    run.sync()
    refuse(arms, {identity(endpoints[name].model): facts for name, facts in found.items()})


def refuse(arms: Sequence[Arm], known: Known) -> None:
    """Refuse arms that are not what was shown of them.

    Raises:
        UserError: one line for each field that is not what was declared.
    """
    preflight.raise_any(
        [
            line
            for arm in arms
            for line in compare.faults(arm, compare.checks(arm, known.get(identity(arm.model), ())))
        ]
    )
