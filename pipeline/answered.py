"""The record of an answer, from what a program brought."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judges.digest import digest
from judges.surface import language_of
from pipeline.arms import Arm
from pipeline.costs import cost_of
from pipeline.programs.thinking import split_thinking
from pipeline.put import Put
from pipeline.records import Call, Finish, Largest, Pick, Response, now
from pipeline.tasks import TURN

if TYPE_CHECKING:
    from pipeline.generate import Asked
    from pipeline.models.endpoint import Answered


class Said(NamedTuple):
    """What a program brought."""

    turns: Sequence[str]
    """The replies that the answer is made of."""
    thoughts: str
    """What was thought aloud before them; empty where that was not asked for."""
    log: "list[Answered]"
    """The calls that brought the turns."""
    aloud: "list[Answered]"
    """Those in which was thought aloud, for every draft."""
    every: "list[Answered]"
    """All calls, those aside too: they all cost."""
    pick: Pick | None
    """What came of picking one of several drafts."""


def record(want: "Asked", asked: Put, found: Said) -> Response:
    """The record of an answer: thinking cut out, finish and facts noted."""
    log = found.log
    last = log[-1].response
    parts = [split_thinking(x) for x in found.turns]
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
    reasoning = "\n".join(x for x in (found.thoughts, *shown, inline) if x)
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
        removed=asked.removed,
        pick=found.pick,
        language_found=None if refused else language_of(bare),
        call=call_of(want.arm, found.every),
        largest=_largest(found),
        at=now(),
    )


_SHOWN = 120
"""Characters of a reply that picks no draft which the record keeps."""


def pick_of(drafts: int, named: int | None, said: str | None) -> Pick | None:
    """The record of a pick: `named` from 0, `said` in reply; None where nobody was asked."""
    if said is None:
        return None
    if named is not None:
        return Pick(drafts=drafts, number=named + 1)
    return Pick(drafts=drafts, number=None, said=said[:_SHOWN])


def overflowed(want: "Asked", message: str, replied: "Sequence[Answered]" = ()) -> Response:
    """The record of a task that did not fit the arm's window: asked once, and said.

    `replied` are the calls that were answered before one did not fit: they were paid for.
    """
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
        call=call_of(want.arm, replied)
        if replied
        else Call(
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


def call_of(arm: Arm, log: "Sequence[Answered]") -> Call:
    """The facts of all calls of one answer together."""
    from pipeline.models.wire import UNNAMED, experts

    name, usages = log[-1].response.model, [x.response.usage for x in log]
    tokens_in = _sum([u.input_tokens for u in usages])
    tokens_out = _sum([u.output_tokens for u in usages])
    return Call(
        model=None if name == UNNAMED else name,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_thinking=_sum([u.reasoning_tokens for u in usages]),
        seconds=round(sum(x.seconds for x in log), 3),
        cost=cost_of(arm.model.price, tokens_in, tokens_out),
        attempts=sum(x.attempts for x in log),
        request=digest([repr(x.request) for x in log]),
        experts=max((n for x in log if (n := experts(x.response)) is not None), default=None),
    )


def _largest(found: Said) -> Largest:
    """The largest of the calls, each alone: what a cap on one call is held against."""
    thinking = [x for one in found.every if (x := _thinking(one)) is not None]
    aloud = [n for x in found.aloud if (n := x.response.usage.output_tokens) is not None]
    filled = [n for x in found.every if (n := _filled(x)) is not None]
    return Largest(
        thinking=max(thinking, default=None),
        aloud=max(aloud, default=None),
        filled=max(filled, default=None),
        broken_off=any(_broken_off(x) for x in found.log),
    )


def _broken_off(one: "Answered") -> bool:
    """Whether a call reached its limit in mid-thought: it thought, and said nothing yet."""
    if one.response.finish_reason != "length" or not _thinking(one):
        return False
    return not split_thinking(_text(one))[1]


def _filled(one: "Answered") -> int | None:
    prompt, most = one.response.usage.input_tokens, one.request.config.max_tokens
    return None if prompt is None or most is None else prompt + most


def _text(one: "Answered") -> str:
    return "".join(x.text for x in one.response.message.parts if x.type == "text")


def _thinking(one: "Answered") -> int | None:
    """How much was thought in a call: tokens as counted, or words shown where those are more.

    A word is a token or more, so words are never too many.
    """
    shown = [x.text for x in one.response.message.parts if x.type == "thinking"]
    words = sum(len(x.split()) for x in (split_thinking(_text(one))[0], *shown))
    counted = one.response.usage.reasoning_tokens
    return max(words, counted or 0) if words or counted is not None else None


def _sum(counts: list[int | None]) -> int | None:
    """The sum, or None where any count is not known."""
    known = [x for x in counts if x is not None]
    return sum(known) if len(known) == len(counts) and known else None
