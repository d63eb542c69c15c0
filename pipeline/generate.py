"""What the arms owe: each task in each language, each draw, asked through the arm's program."""

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from judges.digest import digest
from judges.verdict import Language
from pipeline.arms import Arm
from pipeline.costs import cost_of, tokens_estimated, worst_cost
from pipeline.records import Call, Finish, Response, Task, now, response_key
from pipeline.study import Design

if TYPE_CHECKING:
    from pipeline.models.endpoint import Answered, Endpoint
    from pipeline.work import Job

_THINK = re.compile(
    r"\s*<think(?:ing)?>(?P<open>.*?)(?:</think(?:ing)?>|\Z)"
    r"|(?P<bare>(?:(?!<think).)*?)</think(?:ing)?>[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""Thinking at the beginning of a reply: between tags, or up to a closing tag whose opening one
stood in the prompt. Tags that an answer only speaks of stand elsewhere, or inside a line."""
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)


class WantedResponse(NamedTuple):
    """One answer that the study asks for."""

    key: str
    arm: Arm
    task: Task
    language: Language
    draw: int

    @property
    def prompt(self) -> str:
        """The task's text in the language."""
        return str(getattr(self.task.text, self.language))


def wanted(design: Design) -> tuple[WantedResponse, ...]:
    """Every answer that the study asks for, in a fixed order."""
    return tuple(
        WantedResponse(
            response_key(
                arm.identity,
                arm.program_identity,
                getattr(task.text, language),
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
        worst_cost=worst_cost(
            want.arm.model.price, tokens_estimated(want.prompt), want.arm.sampling.max_tokens
        ),
        ask=partial(answer, want, endpoint),
    )


async def answer(want: WantedResponse, endpoint: "Endpoint") -> Response:
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
        text = str((await program.acall(task=want.prompt)).answer)
    except AdapterParseError:
        # DSPy takes an empty reply for a parse fault; here it is an answer, and says something.
        if not engine.log or engine.log[-1].response.text:
            raise
        text = ""
    except LMError as error:
        fault = faults.describe(error)
        if fault.kind != "overflow":
            raise
        return overflowed(want, fault.message)
    return record(want, text, engine.log)


def record(want: WantedResponse, text: str, log: "list[Answered]") -> Response:
    """The record of an answer that `log` brought: thinking cut out, finish and facts noted."""
    last = log[-1].response
    inline, bare = split_thinking(text)
    shown = [p.text for x in log for p in x.response.message.parts if p.type == "thinking"]
    refusal = next((p.text for p in last.message.parts if p.type == "refusal"), None)
    finish: Finish = "complete"
    if refusal is not None or last.finish_reason == "content_filter":
        finish = "refused"
    elif last.finish_reason == "length":
        finish = "truncated" if bare else "empty"
    elif not bare:
        finish = "empty"
    refused = finish == "refused"
    reasoning = "\n".join(x for x in (*shown, inline) if x)
    return Response(
        key=want.key,
        arm=want.arm.name,
        task=want.task.id,
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


def split_thinking(text: str) -> tuple[str, str]:
    r"""The thinking that a reply begins with, and the answer after it.

    >>> split_thinking("<think>so</think> Yes.")
    ('so', 'Yes.')
    >>> split_thinking("first this\n</think>\n\nYes.")
    ('first this', 'Yes.')
    >>> split_thinking("The <think> tag is a stage direction.")
    ('', 'The <think> tag is a stage direction.')
    """
    found = _THINK.match(text)
    if found is None:
        return "", text.strip()
    thinking = found.group("open") if found.group("open") is not None else found.group("bare")
    return thinking.strip(), text[found.end() :].strip()


def overflowed(want: WantedResponse, message: str) -> Response:
    """The record of a task that did not fit the arm's window: asked once, and said."""
    return Response(
        key=want.key,
        arm=want.arm.name,
        task=want.task.id,
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
