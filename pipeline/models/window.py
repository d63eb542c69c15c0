"""How long a prompt a server really takes, by prompts whose tokens it has counted itself."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from dspy.lm15 import Config, LM15Error, Message, Request

from pipeline.models import faults
from pipeline.models.showing import Fact, margin
from pipeline.models.wire import UNNAMED

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint

_WORD = " one"
_FEW, _MORE = 16, 80
"""Words of the two prompts by which the tokens of a word are counted."""


class Took(NamedTuple):
    """What became of one prompt."""

    words: int
    tokens: int | None
    """As the server counts; None where it refused the prompt as too long."""


class Uncounted(Exception):  # noqa: N818  # no fault: the server merely does not say
    """The server counts no prompt tokens, or not by words, so no prompt has a known length."""


class Tried(NamedTuple):
    """What the prompts came to."""

    facts: tuple[Fact, ...]
    """`window.*`, and `replied`: the name under which the prompts were answered."""
    counted: bool
    """Whether the server counts a prompt's tokens; where it does not, no window can be tried."""


Take = Callable[[int], Awaitable[Took]]
"""Puts a prompt of so many words."""


async def asked(endpoint: "Endpoint", window: int) -> Tried:
    """What a prompt just within `window` and one beyond it came to.

    Costs four calls of one reply token: two short prompts, one about as long as the window, and
    one that is longer and should be refused. Where the server takes the longer one without
    refusing it but counts fewer tokens, it has cut it without a word.

    Raises:
        dspy.lm15.LM15Error: a call failed for another reason than its length.
    """
    names: set[str] = set()
    try:
        facts, counted = await _tried(partial(_take, endpoint, names), window), True
    except Uncounted:
        facts, counted = (), False
    said = ", ".join(sorted(names))
    return Tried((*facts, *([Fact("replied", said, "counted")] if said else [])), counted)


async def _tried(take: Take, window: int) -> tuple[Fact, ...]:
    """The facts `window.*`.

    Raises:
        Uncounted: no prompt of a known length can be made.
    """
    few, more = await take(_FEW), await take(_MORE)
    if few.tokens is None or more.tokens is None:
        return (Fact("window.refused", _MORE, "counted"),)
    each = (more.tokens - few.tokens) / (_MORE - _FEW)
    if each <= 0:
        raise Uncounted
    others = few.tokens - _FEW * each

    def words(tokens: int) -> int:
        return max(1, int((tokens - others) / each))

    near, beyond = window - margin(window), window + margin(window) + 256
    within = await take(words(near))
    if within.tokens is None:
        return (Fact("window.refused", near, "counted"),)
    if within.tokens < near - margin(window) / 2:
        return (Fact("window.kept", within.tokens, "counted"),)
    further = await take(words(beyond))
    if further.tokens is None:
        return (
            Fact("window.accepted", within.tokens, "counted"),
            Fact("window.refused", beyond, "counted"),
        )
    if further.tokens < beyond - margin(window) / 2:
        return (Fact("window.kept", further.tokens, "counted"),)
    return (Fact("window.accepted", further.tokens, "counted"),)


async def _take(endpoint: "Endpoint", names: set[str], words: int) -> Took:
    """What became of one prompt; the name under which it was answered is put into `names`."""
    request = Request(
        model=endpoint.model.name,
        messages=(Message.user(f"Say yes.{_WORD * words}"),),
        config=Config(max_tokens=1),
    )
    try:
        answered = await endpoint.ask(request)
    except LM15Error as error:
        if faults.describe(error).kind == "overflow":
            return Took(words, None)
        raise
    if answered.response.model != UNNAMED:
        names.add(answered.response.model)
    tokens = answered.response.usage.input_tokens
    if tokens is None:
        raise Uncounted
    return Took(words, tokens)
