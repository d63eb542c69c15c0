"""One model at work: its engine under its limits, with retries that are bounded and counted."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from dspy.lm15 import InvalidRequestError, LM15Error, Request, Response

from pipeline.models import faults
from pipeline.models.catalogue import Model
from pipeline.models.measuring import Embedded, Measures, NextToken
from pipeline.models.showing import Fact
from pipeline.tasks import Task

ATTEMPTS = 4
_FIRST_WAIT = 0.5

T = TypeVar("T")


class Engine(Protocol):
    """What an endpoint needs of a provider: DSPy's asynchronous engine, and a free probe."""

    model: Model

    async def complete(self, request: Request) -> Response:
        """The reply to `request`, from one attempt; raises dspy.lm15 errors."""

    async def probe(self) -> None:
        """Raise a dspy.lm15 error if a call could not succeed; costs nothing."""

    async def shown(self) -> tuple[Fact, ...]:
        """What can be seen of the model for nothing, once `probe` went well."""

    async def aclose(self) -> None:
        """Let go of what is held."""


class Answered(NamedTuple):
    """A reply and what it took."""

    request: Request
    response: Response
    seconds: float
    """Of the attempt that brought it: no waiting for limits, no failed attempts."""
    attempts: int


class Attempted(NamedTuple, Generic[T]):
    """What a call brought, and what the attempt that brought it took."""

    value: T
    seconds: float
    attempts: int


class Endpoint:
    """Asks one model: paced by its limits, retried where a retry can mend it."""

    def __init__(self, model: Model, engine: Engine) -> None:
        """Wrap `engine`; nothing is asked yet."""
        self.model = model
        self.engine = engine
        self.requests = Pace(model.limits.requests_per_minute)
        self.tokens = Pace(model.limits.tokens_per_minute)
        self._told_to_wait = 0
        key = os.environ.get(model.env, "") if model.env else ""
        self._key = key if len(key) >= 8 else None

    @property
    def paced(self) -> bool:
        """Whether a limit on requests or tokens holds calls back at all."""
        return self.requests.per_minute is not None or self.tokens.per_minute is not None

    @property
    def address(self) -> tuple[str, str | None, str | None]:
        """Where it is really asked: endpoints of one address share their limits."""
        model = self.model
        return (model.provider, model.base_url or model.file, model.env)

    async def ask(self, request: Request) -> Answered:
        """The reply to `request`, after at most four attempts.

        Raises:
            dspy.lm15.LM15Error: the last fault; its `attempts` says how often it was tried.
        """
        found = await self._attempts(
            lambda: self.engine.complete(request), lambda: _tokens_of(request)
        )
        self._check_key(found.value)
        return Answered(request, *found)

    async def next_token(self, text: str, most: int) -> Attempted[NextToken]:
        """The `most` most probable tokens after `text`; raises as `ask`."""
        engine = self.engine
        assert isinstance(engine, Measures), f"{self.model.provider} continues no text"
        return await self._attempts(lambda: engine.next_token(text, most), lambda: len(text) / 3)

    async def embed(self, text: str) -> Attempted[Embedded]:
        """The embedding of `text`; raises as `ask`."""
        engine = self.engine
        assert isinstance(engine, Measures), f"{self.model.provider} embeds nothing"
        return await self._attempts(lambda: engine.embed(text), lambda: len(text) / 3)

    async def _attempts(
        self, call: Callable[[], Awaitable[T]], tokens: Callable[[], float]
    ) -> Attempted[T]:
        """What `call` brings, after at most four attempts; `tokens` it takes at most."""
        for attempt in range(1, ATTEMPTS + 1):
            if self.paced:
                await self._pace(tokens)
            started = time.monotonic()
            try:
                value = await call()
            except LM15Error as error:
                fault = faults.describe(error)
                if fault.kind not in faults.RETRYABLE or attempt == ATTEMPTS:
                    error.attempts = attempt
                    raise
                await self._wait(attempt, fault.retry_after)
            else:
                return Attempted(value, time.monotonic() - started, attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _wait(self, attempt: int, retry_after: float | None) -> None:
        self._told_to_wait += retry_after is not None
        try:
            await asyncio.sleep(_wait(attempt, retry_after))
        finally:
            self._told_to_wait -= retry_after is not None

    def _check_key(self, response: Response) -> None:
        """Refuse a reply that holds the key it was asked with: replies are stored."""
        if self._key is not None and any(
            self._key in (getattr(part, "text", None) or "") for part in response.message.parts
        ):
            said = f"the reply repeats the key in {self.model.env}: it is not kept"
            raise InvalidRequestError(said, provider=self.model.provider)

    async def _pace(self, tokens: Callable[[], float]) -> None:
        await self.requests.take(1)
        if self.tokens.per_minute is not None:
            await self.tokens.take(tokens())

    @property
    def waits_for(self) -> str | None:
        """The limit that holds calls back right now, in words; None where none does."""
        if self.requests.waiting:
            return f"{self.model.id}: {self.requests.per_minute:g} requests a minute"
        if self.tokens.waiting:
            return f"{self.model.id}: {self.tokens.per_minute:g} tokens a minute"
        if self._told_to_wait:
            return f"{self.model.id}: its server said to wait (Retry-After)"
        return None


def share_limits(endpoints: Iterable[Endpoint]) -> None:
    """Let endpoints at one address keep one set of limits together, the strictest of theirs."""
    first: dict[tuple[str, str | None, str | None], Endpoint] = {}
    for endpoint in endpoints:
        one = first.setdefault(endpoint.address, endpoint)
        if one is not endpoint:
            one.requests.per_minute = _strictest(one.requests, endpoint.requests)
            one.tokens.per_minute = _strictest(one.tokens, endpoint.tokens)
            endpoint.requests, endpoint.tokens = one.requests, one.tokens


def _strictest(one: "Pace", other: "Pace") -> float | None:
    return min((x.per_minute for x in (one, other) if x.per_minute is not None), default=None)


class Pace:
    """A rate limit: amounts are taken one after the other, spread evenly over time."""

    def __init__(self, per_minute: float | None) -> None:
        """None = no limit."""
        self.per_minute = per_minute
        self.waiting = 0
        self._next = 0.0

    async def take(self, amount: float) -> None:
        """Return when `amount` may be spent."""
        if self.per_minute is None:
            return
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + amount * 60 / self.per_minute
        if start > now:
            self.waiting += 1
            try:
                await asyncio.sleep(start - now)
            finally:
                self.waiting -= 1


def _tokens_of(request: Request) -> float:
    """About the tokens of a request and of its largest reply."""
    prompt = sum(len(m.text or "") for m in request.messages) + len(request.system or "")
    return prompt / 3 + (request.config.max_tokens or 0)


def _wait(attempt: int, retry_after: float | None) -> float:
    """Seconds before the next attempt: what the server asks for, else doubling; with jitter."""
    base = _FIRST_WAIT * 2 ** (attempt - 1) if retry_after is None else retry_after
    return base * random.uniform(1.0, 1.25) + random.uniform(0.0, 0.05)


def connect(model: Model, root: Path, tasks: tuple[Task, ...]) -> Endpoint:
    """The endpoint of `model`; nothing is asked or loaded yet. `tasks` are for recorded answers."""
    return Endpoint(model, _engine(model, root, tasks))


def _engine(model: Model, root: Path, tasks: tuple[Task, ...]) -> Engine:
    # Imported where needed: each SDK costs a study that does not use it half a second.
    if model.provider == "openai":
        from pipeline.models.openai_api import OpenAIEngine

        return OpenAIEngine(model)
    if model.provider == "anthropic":
        from pipeline.models.anthropic_api import AnthropicEngine

        return AnthropicEngine(model)
    if model.provider == "gguf":
        from pipeline.models.gguf import GgufEngine

        return GgufEngine(model, root)
    if model.provider == "recorded":
        from pipeline.models.recorded import RecordedEngine

        return RecordedEngine(model, root, tasks)
    from pipeline.models.compatible import CompatibleEngine

    return CompatibleEngine(model)
