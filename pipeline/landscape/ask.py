"""One call of the probability landscape: an opening, a next token or an embedding, as a record."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from judges.digest import digest
from pipeline.costs import cost_of, tokens_estimated, worst_cost
from pipeline.landscape.records import LandscapeRecord, packed
from pipeline.landscape.wanted import Wanted
from pipeline.records import Call, now

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint
    from pipeline.work import Job

NO_LOGPROBS = "the server gives no log-probabilities"
NO_ROOM = "a text does not fit the model's window"
_LASTING = ("invalid_request", "unsupported")
"""Faults that may say that a model gives no probabilities at all."""


def job(want: Wanted, logprobs: int | None, endpoint: "Endpoint") -> "Job":
    """The job of one call."""
    from pipeline.work import Job

    return Job(
        key=want.key,
        who=want.who,
        endpoint=endpoint,
        worst_cost=worst_cost(want.model.price, tokens_estimated(want.text), most_tokens(want)),
        ask=partial(ask, want, logprobs, endpoint),
    )


def most_tokens(want: Wanted) -> int:
    """The most tokens that the reply to `want` may have."""
    if want.kind == "opening":
        assert want.sampling is not None
        return want.sampling.max_tokens or 0
    return 1 if want.kind == "next" else 0


async def ask(want: Wanted, logprobs: int | None, endpoint: "Endpoint") -> LandscapeRecord:
    """The record of one call; where the thing is not to be had, one that says why.

    Raises:
        faults.CALL_FAULTS: the call failed, and another may fare better.
    """
    from dspy.lm15 import LM15Error

    from pipeline.models import faults

    try:
        if want.kind == "opening":
            return await _opening(want, logprobs or 0, endpoint)
        if want.kind == "next":
            return await _next(want, logprobs or 0, endpoint)
        return await _embedding(want, endpoint)
    except LM15Error as error:
        fault = faults.describe(error)
        refused = "logprob" in fault.message.lower() and fault.kind in _LASTING
        if fault.kind != "overflow" and not refused:
            raise
        # what a server turns away, it does not bill
        call = _call(want, None, 0, 0, 0.0, getattr(error, "attempts", 1))
        said = fault.message if refused else NO_ROOM
        return LandscapeRecord(**_place(want), said=said, call=call)


async def _opening(want: Wanted, logprobs: int, endpoint: "Endpoint") -> LandscapeRecord:
    """The probabilities along the beginning of an answer, asked as the arm asks for answers."""
    from dspy.lm15 import Message, Request

    from pipeline.models.wire import UNNAMED, config_of

    assert want.sampling is not None
    config = replace(config_of(want.model, want.sampling, 0), logprobs=logprobs)
    request = Request(model=want.model.name, messages=(Message.user(want.text),), config=config)
    answered = await endpoint.ask(request)
    reply, usage = answered.response, answered.response.usage
    model = None if reply.model == UNNAMED else reply.model
    call = _call(
        want, model, usage.input_tokens, usage.output_tokens, answered.seconds, answered.attempts
    )
    places = tuple(
        tuple(sorted((round(min(0.0, x.logprob), 5) for x in token.top), reverse=True))[:logprobs]
        for token in reply.logprobs or ()
        if token.top
    )
    said = None if places else NO_LOGPROBS
    return LandscapeRecord(**_place(want), logprobs=places, said=said, call=call)


async def _next(want: Wanted, logprobs: int, endpoint: "Endpoint") -> LandscapeRecord:
    found, seconds, attempts = await endpoint.next_token(want.text, logprobs)
    call = _call(want, found.model, found.tokens_in, found.tokens_out, seconds, attempts)
    if not found.tokens:
        return LandscapeRecord(**_place(want), said=NO_LOGPROBS, call=call)
    return LandscapeRecord(
        **_place(want), tokens=found.tokens, logprobs=(found.logprobs,), call=call
    )


async def _embedding(want: Wanted, endpoint: "Endpoint") -> LandscapeRecord:
    found, seconds, attempts = await endpoint.embed(want.text)
    call = _call(want, found.model, found.tokens_in, 0, seconds, attempts)
    return LandscapeRecord(**_place(want), vector=packed(found.vector), call=call)


def _place(want: Wanted) -> dict[str, Any]:
    return {"key": want.key, "kind": want.kind, "who": want.who, "at": now()}


def _call(
    want: Wanted,
    model: str | None,
    tokens_in: int | None,
    tokens_out: int | None,
    seconds: float,
    attempts: int,
) -> Call:
    return Call(
        model=model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_thinking=None,
        seconds=round(seconds, 3),
        cost=cost_of(want.model.price, tokens_in, tokens_out),
        attempts=attempts,
        request=digest(want.kind, want.text),
    )
