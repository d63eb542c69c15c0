"""What files and servers show of the arms' models: looked at before the first call, and kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline import preflight
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.generate import WantedResponse
from pipeline.models import showing, weights
from pipeline.models.catalogue import Model
from pipeline.models.showing import NOTHING, Fact, Place, merged, place
from pipeline.records import Observation, now, observation_key
from pipeline.store import Run
from pipeline.verifying import compare, spent, wrongs

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.models.endpoint import Endpoint

Known = Mapping[Place, Sequence[Fact]]
"""Facts by the model that they tell of and where it was looked at."""


def kept(run: Run) -> Known:
    """What the run's records say was shown of each model when it was looked at last, and when.

    What a server shows for nothing was looked at as a whole, and so were prompts of counted
    length: what one of them does not show any more is not known any more.
    """
    looks: dict[tuple[Place, bool], list[Fact]] = defaultdict(list)
    for record in run.observations.records():
        fact = Fact(record["field"], record["value"], record["source"], record["at"])
        look = ((record["model"], record["address"]), fact.source == "counted")
        looks[look] = [*(x for x in looks[look] if x.at == fact.at), fact]
    places = dict.fromkeys(where for where, _ in looks)
    return {
        x: tuple(y for y in (*looks[x, False], *looks[x, True]) if y.field != NOTHING)
        for x in places
    }


def keep(
    run: Run, model: Model, facts: Iterable[Fact], counted: bool = False, again: bool = False
) -> None:
    """Write down a look at `model`: what it shows for nothing, or what `counted` prompts came to.

    One that shows what the last one did is written `again` only, so that its time is renewed; one
    that shows nothing clears what the last one showed.
    """
    at, look = now(), tuple(facts)
    there = kept(run).get(place(model), ())
    known = {x[:3] for x in there if (x.source == "counted") is counted}
    if known == {x[:3] for x in look} and not (again and look):
        return
    who, address = place(model)
    for field, value, source, _ in look or (Fact(NOTHING, 0, "counted" if counted else "listed"),):
        key = observation_key(who, address, field, value, source, at)
        if key in run.observations:
            continue  # two entries of one server, looked at within a millisecond
        run.observations.append(
            Observation(
                key=key,
                model=who,
                address=address,
                name=model.id,
                field=field,
                value=value,
                source=source,
                at=at,
            )
        )


def of_files(arms: Iterable[Arm], root: "Path") -> Known:
    """What the weights on this disk show without being loaded; files that are lacking show none."""
    found: dict[Place, Sequence[Fact]] = {}
    for arm in arms:
        path = root / str(arm.model.file)
        if arm.model.provider == "gguf" and path.is_file():
            found[place(arm.model)] = showing.of_file(weights.read(path, str(arm.model.file)))
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
    now_shown = {place(endpoints[name].model): tuple(facts) for name, facts in found.items()}
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
            for line in wrongs.lines(arm, compare.checks(arm, known.get(place(arm.model), ())))
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
    return wrongs.lines(arm, [x for x in spent.checks(arm, records) if x.final])
