"""What files and servers show of the arms' models: looked at before the first call, and kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline import preflight
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.generate import WantedResponse
from pipeline.models import showing, weights
from pipeline.models.catalogue import Model, identity
from pipeline.models.showing import Fact, merged
from pipeline.records import Observation, now, observation_key
from pipeline.store import Run
from pipeline.verifying import compare, spent

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.models.endpoint import Endpoint

Known = Mapping[str, Sequence[Fact]]
"""Facts by the identity of the model that they tell of."""


def kept(run: Run) -> Known:
    """What the run's records say was shown of each model when it was looked at last, and when.

    What a server shows for nothing was looked at as a whole, and so were prompts of counted
    length: what one of them does not show any more is not known any more.
    """
    looks: dict[tuple[str, bool], list[Fact]] = defaultdict(list)
    for record in run.observations.records():
        fact = Fact(record["field"], record["value"], record["source"], record["at"])
        place = (record["model"], fact.source == "counted")
        looks[place] = [*(x for x in looks[place] if x.at == fact.at), fact]
    models = {model for model, _ in looks}
    return {x: (*looks[x, False], *looks[x, True]) for x in sorted(models)}


def keep(run: Run, model: Model, facts: Iterable[Fact]) -> None:
    """Write down what was shown of `model`, where the run does not have it as its last already."""
    who, at, shown = identity(model), now(), tuple(facts)
    there = kept(run).get(who, ())
    for counted in (False, True):
        known = {x[:3] for x in there if (x.source == "counted") is counted}
        look = [x for x in shown if (x.source == "counted") is counted]
        if known == {x[:3] for x in look}:
            continue
        for fact in look:
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

    What `antipode verify` found earlier counts too, where nothing of the same field is shown now.

    Raises:
        UserError: one line for each field that is not what was declared.
    """
    asked = {arm.model.id for arm in arms}
    found = await of_endpoints(x for name, x in endpoints.items() if name in asked)
    for name, facts in found.items():
        keep(run, endpoints[name].model, facts)
    run.sync()
    now_shown = {identity(endpoints[name].model): tuple(facts) for name, facts in found.items()}
    seen = kept(run)
    refuse(arms, {x: merged(tuple(seen.get(x, ())), now_shown[x]) for x in now_shown})


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


def refuse_answered(arms: Sequence[Arm], wanted: Sequence[WantedResponse], run: Run) -> None:
    """Refuse to go on with arms that are not what their own stored answers show.

    Raises:
        UserError: one line for each field that is not what was declared.
    """
    names = {x.name for x in arms}
    found = contradicted([x for x in wanted if x.arm.name in names], run)
    preflight.raise_any([line for lines in found.values() for line in lines])


def contradicted(wanted: Iterable[WantedResponse], run: Run) -> dict[str, list[str]]:
    """The arms that their stored answers contradict for good, by name, with the lines of each."""
    keys: dict[str, list[str]] = defaultdict(list)
    arms: dict[str, Arm] = {}
    for want in wanted:
        arms[want.arm.name] = want.arm
        keys[want.arm.name].append(want.key)
    found = {x: answered(arm, list(run.responses.read(keys[x]))) for x, arm in arms.items()}
    return {name: lines for name, lines in found.items() if lines}


def answered(arm: Arm, records: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each field of `arm` that its answers contradict for good."""
    return compare.faults(arm, [x for x in spent.checks(arm, records) if x.final])
