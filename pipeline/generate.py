"""What the arms owe: each task in each language, each draw, asked through the arm's program."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from judges.verdict import Language
from pipeline import answered
from pipeline.arms import Arm
from pipeline.costs import tokens_estimated, worst_cost
from pipeline.put import fitted, put
from pipeline.records import Response, response_key
from pipeline.study import Design
from pipeline.tasks import Task

if TYPE_CHECKING:
    from pipeline.models.endpoint import Answered, Endpoint
    from pipeline.models.lm import AsyncEngine
    from pipeline.work import Job

_APART = 1000
"""Between the seeds of two candidates, so that no draw's seed is another draw's candidate."""
NO_ROOM = "the window asked for has no room for the task beside the replies"


class Asked(Protocol):
    """What an answer must be known by to be asked and recorded, whatever it answers."""

    @property
    def key(self) -> str:
        """Of its record."""

    @property
    def arm(self) -> Arm:
        """Who is asked."""

    @property
    def name(self) -> str:
        """What is asked, as the record calls it."""

    @property
    def language(self) -> Language:
        """In which language."""

    @property
    def draw(self) -> int:
        """Which of several answers it is."""

    @property
    def first(self) -> str:
        """What is put to the model in the first turn."""

    @property
    def second(self) -> str | None:
        """What is put to it after its answer; None where one turn is all."""

    @property
    def prompt(self) -> str:
        """Both turns."""

    @property
    def turns(self) -> int:
        """Calls that one answer takes."""


class WantedResponse(NamedTuple):
    """One answer that the study asks for."""

    key: str
    arm: Arm
    task: Task
    language: Language
    draw: int

    @property
    def prompt(self) -> str:
        """All that is asked, both turns where there are two."""
        return self.task.prompt(self.language)

    @property
    def name(self) -> str:
        """The task's id."""
        return self.task.id

    @property
    def first(self) -> str:
        """What is put to the model in the first turn."""
        return self.task.first(self.language)

    @property
    def second(self) -> str | None:
        """What is put to it after its answer; None where one turn is all."""
        return self.task.second(self.language)

    @property
    def turns(self) -> int:
        """Replies that the answer is made of."""
        return 1 if self.task.then is None else 2

    @property
    def calls(self) -> int:
        """Calls that one answer takes."""
        return calls_of(self)

    @property
    def tokens(self) -> float:
        """About how many tokens all its prompts are."""
        return tokens_of(self)

    @property
    def most_tokens(self) -> int | None:
        """At most in all its replies; None where no limit is sent."""
        return most_tokens_of(self)


def calls_of(want: Asked) -> int:
    """Calls that one answer takes: its turns, thinking aloud before them, and picking."""
    knobs = want.arm.knobs
    one = want.turns + (knobs.thinking_tokens is not None)
    return one * knobs.candidates + (knobs.candidates > 1)


def tokens_of(want: Asked) -> float:
    """About how many tokens all its prompts are, each carrying what was said before it."""
    asked = put(want.first, want.second, want.language, want.arm)
    if asked is None:
        return 0.0
    knobs, reply = want.arm.knobs, want.arm.sampling.max_tokens or 0
    first, thoughts = tokens_estimated(asked.first), knobs.thinking_tokens
    one = first
    if thoughts is not None:
        one += first + thoughts
    if asked.second is not None:
        one += first + reply + tokens_estimated(asked.second)
    picking = first + knobs.candidates * want.turns * reply if knobs.candidates > 1 else 0
    if knobs.window_tokens is not None:
        picking = min(picking, knobs.window_tokens - reply)
    return one * knobs.candidates + picking


def most_tokens_of(want: Asked) -> int | None:
    """At most in all its replies; None where no limit is sent."""
    knobs, most = want.arm.knobs, want.arm.sampling.max_tokens
    if most is None:
        return None
    one = most * want.turns + (knobs.thinking_tokens or 0)
    return one * knobs.candidates + most * (knobs.candidates > 1)


def wanted(design: Design) -> tuple[WantedResponse, ...]:
    """Every answer that the study asks for, in a fixed order."""
    arms = [(arm, arm.identity) for arm in design.arms]
    return tuple(
        WantedResponse(
            response_key(
                identity,
                arm.program_identity,
                task.prompt(language),
                language,
                draw,
                design.recorded.get(f"{arm.name}/{task.id}/{language}/{draw}"),
            ),
            arm,
            task,
            language,
            draw,
        )
        for arm, identity in arms
        for task in design.tasks
        for language in design.study.languages
        for draw in range(design.study.draws)
    )


def job(want: WantedResponse, endpoint: "Endpoint") -> "Job":
    """The job that asks for one answer."""
    from pipeline.work import Job

    return Job(
        key=want.key,
        who=want.arm.name,
        endpoint=endpoint,
        worst_cost=worst_cost(want.arm.model.price, want.tokens, want.most_tokens),
        ask=partial(answer, want, endpoint),
    )


async def answer(want: Asked, endpoint: "Endpoint") -> Response:
    """The arm's answer as a record: also where it refused, was empty or had no room.

    Raises:
        faults.CALL_FAULTS: the call failed and brought no answer.
    """
    from dspy.utils.exceptions import LMError

    from pipeline.models import faults

    asked = put(want.first, want.second, want.language, want.arm)
    if asked is None:
        return answered.overflowed(want, NO_ROOM)
    program, engines = _engined(want, endpoint)
    try:
        found = await program.acall(task=asked.first, then=asked.second)
    except LMError as error:
        fault = faults.describe(error)
        replied = engines.replied
        if fault.kind == "overflow":
            return answered.overflowed(want, fault.message, replied)
        if not replied:
            raise
        raise faults.UnfinishedError(error, replied) from error
    return answered.record(want, asked, engines.said(found))


class Engines(NamedTuple):
    """What each part of a program asks through, with what was asked and answered."""

    drafts: "tuple[AsyncEngine, ...]"
    aloud: "tuple[AsyncEngine, ...]"
    """Of thinking aloud, one a draft."""
    pick: "tuple[AsyncEngine, ...]"
    """Of picking one of several drafts."""

    @property
    def replied(self) -> "list[Answered]":
        """Every call that brought a reply."""
        return [
            x for one in (self.drafts, self.pick, self.aloud) for engine in one for x in engine.log
        ]

    def said(self, found: Any) -> "answered.Said":
        """The reply that counts, from a program's prediction."""
        aloud = [x for engine in self.aloud for x in engine.log]
        log, turns = self.drafts[found.kept].log, [str(x) for x in found.turns]
        pick = answered.pick_of(len(self.drafts), found.named, found.picking)
        return answered.Said(turns, str(found.thoughts), log, aloud, self.replied, pick)


def _engined(want: Asked, endpoint: "Endpoint") -> tuple[Any, Engines]:
    """The arm's program, each part of it on an engine of its own."""
    from dataclasses import replace

    from pipeline.models.lm import AsyncEngine, program_lm
    from pipeline.models.wire import config_of
    from pipeline.programs.catalogue import build

    arm, thinking = want.arm, want.arm.knobs.thinking_tokens
    fit, drafts_of = partial(fitted, arm), arm.knobs.candidates
    program = build(arm.program, want.language, thinking is not None, drafts_of, fit)
    drafts, aloud, pick = [], [], []

    def engine(draw: int, most: int | None = None) -> AsyncEngine:
        config = config_of(arm.model, arm.sampling, draw)
        return AsyncEngine(endpoint, config if most is None else replace(config, max_tokens=most))

    for number, draft in enumerate(program.drafts):
        draw = want.draw + _APART * number
        drafts.append(engine(draw))
        draft.set_lm(program_lm(drafts[-1], arm.model))
        if thinking is not None:
            aloud.append(engine(draw, thinking))
            draft.think.set_lm(program_lm(aloud[-1], arm.model))
    if program.pick is not None:
        pick.append(engine(want.draw))
        program.pick.set_lm(program_lm(pick[-1], arm.model))
    return program, Engines(tuple(drafts), tuple(aloud), tuple(pick))
