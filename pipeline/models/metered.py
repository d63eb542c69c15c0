"""An engine behind a gate: every single attempt is let through, and accounted for, by somebody."""

from typing import NamedTuple, Protocol

from dspy.lm15 import LM15Error, Request, Response

from pipeline.models.catalogue import Model
from pipeline.models.endpoint import Endpoint, Engine
from pipeline.models.faults import describe
from pipeline.models.showing import Fact


class Tokens(NamedTuple):
    """What a reply took, as its server counts; None where it does not say."""

    given: int | None
    written: int | None


class Gate(Protocol):
    """Who lets attempts through."""

    async def open(self, model: Model, prompt: str, most_tokens: int | None) -> float:
        """The US dollars held for one attempt; raises where it may not be made."""

    async def close(
        self, model: Model, held: float, took: Tokens | None, fault: str | None
    ) -> None:
        """The attempt is over: what it took, None where no reply came; and its kind of fault."""


class MeteredEngine:
    """Another engine, each of whose attempts passes a gate: retries are attempts too."""

    def __init__(self, engine: Engine, gate: Gate) -> None:
        """Nothing is asked yet."""
        self.model = engine.model
        self._engine = engine
        self._gate = gate

    async def complete(self, request: Request) -> Response:
        """The reply to `request`; raises dspy.lm15 errors, and whatever the gate raises."""
        prompt = "\n".join([request.system or "", *(x.text or "" for x in request.messages)])
        held = await self._gate.open(self.model, prompt, request.config.max_tokens)
        took, fault = None, None
        try:
            response = await self._engine.complete(request)
            took = Tokens(response.usage.input_tokens, response.usage.output_tokens)
        except LM15Error as error:
            fault = describe(error).kind
            raise
        finally:
            await self._gate.close(self.model, held, took, fault)
        return response

    async def probe(self) -> None:
        """Free, and so not counted; raises dspy.lm15 errors."""
        await self._engine.probe()

    async def shown(self) -> tuple[Fact, ...]:
        """Free, and so not counted; raises dspy.lm15 errors."""
        return await self._engine.shown()

    async def aclose(self) -> None:
        """Let go of what the engine holds."""
        await self._engine.aclose()


def meter(endpoint: Endpoint, gate: Gate) -> None:
    """Put `endpoint` behind `gate`."""
    endpoint.engine = MeteredEngine(endpoint.engine, gate)
