"""What the arms owe: each task in each language, each draw, asked through the arm's program."""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from judges.digest import digest
from judges.verdict import Language
from pipeline.arms import Arm
from pipeline.costs import cost_of, tokens_estimated, worst_cost
from pipeline.programs.thinking import split_thinking
from pipeline.records import Call, Finish, Response, now, response_key
from pipeline.study import Design
from pipeline.tasks import TURN, Task

if TYPE_CHECKING:
    from pipeline.models.endpoint import Answered, Endpoint
    from pipeline.work import Job

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)


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
        """Calls that one answer takes."""
        return 1 if self.task.then is None else 2

    @property
    def tokens(self) -> float:
        """About how many tokens all its prompts are; the second turn carries the first answer."""
        first = tokens_estimated(self.task.first(self.language))
        if self.turns == 1:
            return first
        reply = self.arm.sampling.max_tokens or 0
        return first + tokens_estimated(self.prompt) + reply

    @property
    def most_tokens(self) -> int | None:
        """At most in all its replies; None where no limit is sent."""
        most = self.arm.sampling.max_tokens
        return None if most is None else most * self.turns


def wanted(design: Design) -> tuple[WantedResponse, ...]:
    """Every answer that the study asks for, in a fixed order."""
    return tuple(
        WantedResponse(
            response_key(
                arm.identity,
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
        for arm in design.arms
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
    from dspy.utils.exceptions import AdapterParseError, LMError

    from pipeline.models import faults
    from pipeline.models.lm import AsyncEngine, program_lm
    from pipeline.models.wire import config_of
    from pipeline.programs.catalogue import build

    engine = AsyncEngine(endpoint, config_of(want.arm.model, want.arm.sampling, want.draw))
    program = build(want.arm.program)
    program.set_lm(program_lm(engine, want.arm.model))
    try:
        asked = program.acall(task=want.first, then=want.second)
        turns = [str(x) for x in (await asked).turns]
    except AdapterParseError:
        # DSPy takes an empty reply for a parse fault; here it is an answer, and says something.
        if not engine.log or engine.log[-1].response.text:
            raise
        turns = [*(x.response.text or "" for x in engine.log[:-1]), ""]
    except LMError as error:
        fault = faults.describe(error)
        if fault.kind != "overflow":
            raise
        return overflowed(want, fault.message)
    return record(want, turns, engine.log)


def record(want: Asked, turns: Sequence[str], log: "list[Answered]") -> Response:
    """The record of an answer that `log` brought: thinking cut out, finish and facts noted."""
    last = log[-1].response
    parts = [split_thinking(x) for x in turns]
    inline = "\n".join(thinking for thinking, _ in parts if thinking)
    said = [said for _, said in parts if said]
    bare = TURN.join(said)
    shown = [p.text for x in log for p in x.response.message.parts if p.type == "thinking"]
    refusal = next((p.text for p in last.message.parts if p.type == "refusal"), None)
    finish: Finish = "complete"
    if refusal is not None or last.finish_reason == "content_filter":
        finish = "refused"
    elif any(x.response.finish_reason == "length" for x in log) or 0 < len(said) < want.turns:
        finish = "truncated" if bare else "empty"
    elif not bare:
        finish = "empty"
    refused = finish == "refused"
    reasoning = "\n".join(x for x in (*shown, inline) if x)
    return Response(
        key=want.key,
        arm=want.arm.name,
        task=want.name,
        language=want.language,
        draw=want.draw,
        text="" if refused else bare,
        reasoning=reasoning or None,
        reasoning_words=len(reasoning.split()),
        finish=finish,
        said=(refusal or bare or "stopped by the provider's filter") if refused else None,
        language_found=None if refused else language_of(bare),
        call=call_of(want.arm, log),
        at=now(),
    )


def overflowed(want: Asked, message: str) -> Response:
    """The record of a task that did not fit the arm's window: asked once, and said."""
    return Response(
        key=want.key,
        arm=want.arm.name,
        task=want.name,
        language=want.language,
        draw=want.draw,
        text="",
        reasoning=None,
        reasoning_words=0,
        finish="overflow",
        said=message,
        language_found=None,
        call=Call(
            model=None,
            tokens_in=None,
            tokens_out=None,
            tokens_thinking=None,
            seconds=0.0,
            cost=0.0,  # what a server turns away, it does not bill
            attempts=1,
            request=digest(want.prompt),
        ),
        at=now(),
    )


def call_of(arm: Arm, log: "list[Answered]") -> Call:
    """The facts of all calls of one answer together."""
    from pipeline.models.wire import UNNAMED

    usages = [x.response.usage for x in log]
    tokens_in = _sum([u.input_tokens for u in usages])
    tokens_out = _sum([u.output_tokens for u in usages])
    return Call(
        model=None if log[-1].response.model == UNNAMED else log[-1].response.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_thinking=_sum([u.reasoning_tokens for u in usages]),
        seconds=round(sum(x.seconds for x in log), 3),
        cost=cost_of(arm.model.price, tokens_in, tokens_out),
        attempts=sum(x.attempts for x in log),
        request=digest([repr(x.request) for x in log]),
    )


def _sum(counts: list[int | None]) -> int | None:
    """The sum, or None where any count is not known."""
    known = [x for x in counts if x is not None]
    return sum(known) if len(known) == len(counts) and known else None


def language_of(text: str) -> Language | None:
    """The language by script: ru where most letters are Cyrillic, en where most are Latin.

    >>> language_of("Сизиф и AGI"), language_of("Sisyphus"), language_of("42")
    ('ru', 'en', None)
    """
    russian, english = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if russian == english:
        return None
    return "ru" if russian > english else "en"
