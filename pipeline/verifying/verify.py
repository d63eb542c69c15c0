"""The verb that asks a study's servers what they are, the window with prompts of counted length."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import owed
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.extremes import Extreme, Held, unmet
from pipeline.models.showing import Fact, place
from pipeline.store import Run
from pipeline.study import Design
from pipeline.verifying import marks, observing, wrongs
from pipeline.verifying.compare import Check

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint


class End(NamedTuple):
    """One end of a study held against the arm that plays it."""

    extreme: Extreme
    arm: str
    rows: tuple[Held, ...]
    unmet: str
    """What of it is not met, in English."""


class Verified(NamedTuple):
    """What verifying one arm came to."""

    arm: Arm
    checks: tuple[Check, ...]
    faults: tuple[str, ...]
    """A line for each contradiction."""
    remark: str | None
    """Why the window could not be tried, where it could not."""


def verify(design: Design, names: Sequence[str]) -> tuple[Verified, ...]:
    """Ask the arms' servers what they are and how long a prompt they take; kept in the run.

    `names` are arms of the study; none = all. Where an endpoint is paid, a prompt as long as the
    window is paid.

    Raises:
        UserError: the study has no such arm, or a server does not answer.
    """
    if lacking := sorted(set(names) - {x.name for x in design.arms}):
        known = ", ".join(x.name for x in design.arms)
        raise UserError(f"no arm {', '.join(lacking)} in the study; there are: {known}")
    chosen = [x for x in design.arms if not names or x.name in names]
    with Run(design.folder) as run:
        return asyncio.run(_verify(design, chosen, run))


async def _verify(design: Design, arms: Sequence[Arm], run: Run) -> tuple[Verified, ...]:
    from pipeline import asking  # DSPy with it, which `plan` does without

    endpoints = await asking.connected([x.model for x in arms], design)
    try:
        shown = await observing.of_endpoints(endpoints.values())
        remarks = {}
        for name, endpoint in endpoints.items():
            observing.keep(run, endpoint.model, shown[name], again=True)
            tried, remarks[name] = await _window(endpoint, arms)
            if tried is not None:
                observing.keep(run, endpoint.model, tried, counted=True, again=True)
                shown[name] = (*shown[name], *tried)
        run.sync()
    finally:
        await asking.closed(endpoints)
    known = {place(endpoints[x].model): facts for x, facts in shown.items()}
    found = []
    for arm, records in _answers(design, arms, run):
        checks = marks.checks(arm, known, records)
        lines = tuple(wrongs.lines(arm, checks))
        found.append(Verified(arm, checks, lines, remarks[arm.model.id]))
    return tuple(found)


def _answers(
    design: Design, arms: Iterable[Arm], run: Run
) -> Iterator[tuple[Arm, list[dict[str, Any]]]]:
    """Each of the arms with those of its answers that are stored."""
    wanted = owed.responses(design, run).wanted
    for arm in arms:
        keys = [x.key for x in wanted if x.arm.name == arm.name]
        yield arm, list(run.responses.read(keys))


async def _window(
    endpoint: "Endpoint", arms: Sequence[Arm]
) -> tuple[tuple[Fact, ...] | None, str | None]:
    """What prompts of counted length came to (None = not put), and why the window was not tried."""
    from pipeline.models import faults
    from pipeline.models.window import asked

    model = endpoint.model
    if model.provider == "recorded":
        return None, "its answers are read from a file: there is no window"
    claimed = [x.profile.context_tokens for x in arms if x.model.id == model.id]
    window = model.context_tokens or next((x for x in claimed if x is not None), None)
    if window is None:
        return None, "no window is declared, so none can be tried: set context_tokens"
    try:
        tried = await asked(endpoint, window)
    except faults.CALL_FAULTS as error:
        fault = faults.describe(error)
        return None, f"the window was not tried to the end: {fault.kind}: {fault.message}"
    uncounted = "the window was not tried: the server does not count a prompt's tokens"
    return tried.facts, None if tried.counted else uncounted


def ends(design: Design, run: Run) -> tuple[End, ...]:
    """Both ends held against their arms, asking nobody; none where the answers are no model's.

    What counts is what the run has kept of them and what the files on this disk show.
    """
    if design.written:
        return ()
    files = observing.of_files(design.arms, design.root)
    seen = observing.kept(run)
    known = {x: (*seen.get(x, ()), *files.get(x, ())) for x in seen.keys() | files.keys()}

    def end(extreme: Extreme, arm: Arm, records: list[dict[str, Any]]) -> End:
        rows = marks.held(extreme, arm, marks.checks(arm, known, records))
        return End(extreme, arm.name, rows, unmet(extreme, arm.name, rows).en)

    high, low = _answers(design, design.ends, run)
    return end("hicap", *high), end("locap", *low)
