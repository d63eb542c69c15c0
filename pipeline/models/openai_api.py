"""OpenAI, through its official SDK."""

import os
from typing import Any

import openai
from dspy.lm15 import (
    CapabilityError,
    LM15Error,
    Request,
    Response,
    ServerError,
    TimeoutError,
    TransportError,
)

from pipeline.models import faults, measuring, wire
from pipeline.models.catalogue import Model
from pipeline.models.measuring import Embedded, NextToken
from pipeline.models.showing import Fact


class OpenAIEngine:
    """One attempt per call: the SDK's own retries are off, ours are counted."""

    def __init__(self, model: Model) -> None:
        """The key is read from the environment now; a missing one was reported before."""
        self.model = model
        self._client = openai.AsyncOpenAI(
            api_key=os.environ.get(model.env or "", ""),
            base_url=model.base_url,
            max_retries=0,
            timeout=model.timeout_seconds,
            http_client=openai.DefaultAioHttpClient(),
        )

    async def complete(self, request: Request) -> Response:
        """The reply to `request`.

        Raises:
            dspy.lm15.LM15Error: the call failed.
        """
        fields: dict[str, Any] = wire.body(request, limit_field="max_completion_tokens")
        try:
            reply = (await self._client.chat.completions.create(**fields)).model_dump()
        except openai.APIError as error:
            raise translated(error) from error
        except (ValueError, AttributeError, TypeError) as error:  # what the SDK makes of garbage
            raise ServerError(f"the reply is no completion: {error}", provider="openai") from error
        return wire.response(reply, request, "openai")

    async def next_token(self, text: str, most: int) -> NextToken:
        """Nothing: the service continues no bare text.

        Raises:
            dspy.lm15.CapabilityError: always.
        """
        raise CapabilityError("OpenAI's chat models continue no bare text", provider="openai")

    async def embed(self, text: str) -> Embedded:
        """The embedding of `text`.

        Raises:
            dspy.lm15.LM15Error: the call failed.
        """
        try:
            reply = await self._client.embeddings.create(
                model=self.model.name, input=[text], encoding_format="float"
            )
        except openai.APIError as error:
            raise translated(error) from error
        return measuring.embedded(reply.model_dump(), "openai")

    async def probe(self) -> None:
        """Ask for the list of models: free, and enough to know server, key and name.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached, refuses, or does not have the model.
        """
        try:
            names = [x.id async for x in self._client.models.list(timeout=2)]
        except openai.APIError as error:
            raise translated(error) from error
        faults.check_served(self.model, names)

    async def shown(self) -> tuple[Fact, ...]:
        """The name, which `probe` found among the listed; OpenAI lists nothing else."""
        return (Fact("name", self.model.name, "listed"),)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def translated(error: openai.APIError) -> LM15Error:
    """The SDK's error in the canonical vocabulary."""
    cause = f" ({error.__cause__})" if error.__cause__ else ""
    if isinstance(error, openai.APITimeoutError):  # also what the SDK makes of a hang-up
        return TimeoutError(faults.scrub(f"{error}{cause}"), provider="openai")
    if isinstance(error, openai.APIStatusError):
        body = error.body if error.body is not None else str(error)
        return faults.from_status(error.status_code, body, error.response.headers, "openai")
    return TransportError(faults.scrub(f"{error}{cause}"), provider="openai")
