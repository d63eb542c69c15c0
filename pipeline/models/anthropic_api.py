"""Anthropic, through its official SDK. Claude takes no temperature, top_p, seed or logprobs."""

import os
from typing import Any, cast

import anthropic
from dspy.lm15 import (
    LM15Error,
    Message,
    Request,
    Response,
    ServerError,
    TextPart,
    ThinkingPart,
    TimeoutError,
    TransportError,
    UnsupportedFeatureError,
    Usage,
)

from pipeline.models import faults, wire
from pipeline.models.catalogue import Model, answers
from pipeline.models.showing import Fact

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class AnthropicEngine:
    """One attempt per call: the SDK's own retries are off, ours are counted."""

    def __init__(self, model: Model) -> None:
        """The key is read from the environment now; a missing one was reported before."""
        self.model = model
        self._most: int | None = None
        self._client = anthropic.AsyncAnthropic(
            api_key=os.environ.get(model.env or "", ""),
            base_url=model.base_url,
            max_retries=0,
            timeout=model.timeout_seconds,
            http_client=anthropic.DefaultAioHttpClient(),
        )

    async def complete(self, request: Request) -> Response:
        """The reply to `request`.

        Raises:
            dspy.lm15.LM15Error: the call failed, or asks for what Claude cannot give.
        """
        fields = body(request)
        try:
            reply = await self._client.messages.create(**fields)
        except anthropic.APIError as error:
            raise translated(error) from error
        except (ValueError, AttributeError, TypeError) as error:  # what the SDK makes of garbage
            raise ServerError(f"the reply is no message: {error}", provider="anthropic") from error
        return response(reply, request)

    async def probe(self) -> None:
        """Ask for the list of models: free, and enough to know server, key and name.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached, refuses, or does not have the model.
        """
        try:
            listed = [x async for x in self._client.models.list(timeout=2)]
        except anthropic.APIError as error:
            raise translated(error) from error
        faults.check_served(self.model, [x.id for x in listed])
        own = next(x for x in listed if answers(self.model, x.id))
        self._most = getattr(own, "max_input_tokens", None)  # servers that mimic it leave it out

    async def shown(self) -> tuple[Fact, ...]:
        """The name and the longest prompt that the model takes, as `probe` found them listed."""
        facts = (Fact("name", self.model.name, "listed"),)
        return (*facts, Fact("window.accepted", self._most, "listed")) if self._most else facts

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def body(request: Request) -> dict[str, Any]:
    """The messages body of `request`.

    Raises:
        dspy.lm15.UnsupportedFeatureError: log-probabilities are asked for.
    """
    config = request.config
    if config.logprobs is not None:
        raise UnsupportedFeatureError("Claude gives no log-probabilities", provider="anthropic")
    output: dict[str, Any] = {}
    fields: dict[str, Any] = {
        "model": request.model,
        "max_tokens": config.max_tokens,
        "messages": [{"role": m.role, "content": m.text or ""} for m in request.messages],
    }
    if request.system:
        fields["system"] = request.system
    if config.stop:
        fields["stop_sequences"] = list(config.stop)
    if config.reasoning is not None:
        effort, budget = config.reasoning.effort, config.reasoning.thinking_budget
        if effort == "off":
            fields["thinking"] = {"type": "disabled"}
        elif budget is not None:
            fields["thinking"] = {"type": "enabled", "budget_tokens": budget}
        else:
            fields["thinking"] = {"type": "adaptive"}
        if effort not in ("off", "minimal"):
            output["effort"] = effort
    if config.response_format is not None and config.response_format["type"] == "json_schema":
        output["format"] = {"type": "json_schema", "schema": config.response_format["schema"]}
    if output:
        fields["output_config"] = output
    return fields


def response(reply: anthropic.types.Message, request: Request) -> Response:
    """The canonical response of a message.

    Raises:
        dspy.lm15.ServerError: the reply is no message.
    """
    try:
        thinking = "".join(x.thinking for x in reply.content if x.type == "thinking")
        text = "".join(x.text for x in reply.content if x.type == "text")
        usage = reply.usage
        details = usage.output_tokens_details
        cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        parts: list[Any] = [ThinkingPart(wire.sound(thinking))] if thinking else []
        return Response(
            id=reply.id,
            model=reply.model or wire.UNNAMED,
            message=Message.assistant([*parts, TextPart(wire.sound(text))]),
            finish_reason=cast(Any, _FINISH[str(reply.stop_reason)]),
            usage=Usage(
                input_tokens=usage.input_tokens + cached,
                output_tokens=usage.output_tokens,
                reasoning_tokens=details.thinking_tokens if details else None,
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        said = f"the reply is no message ({type(error).__name__}: {error})"
        raise ServerError(said, provider="anthropic") from error


def translated(error: anthropic.APIError) -> LM15Error:
    """The SDK's error in the canonical vocabulary."""
    cause = f" ({error.__cause__})" if error.__cause__ else ""
    if isinstance(error, anthropic.APITimeoutError):  # also what the SDK makes of a hang-up
        return TimeoutError(faults.scrub(f"{error}{cause}"), provider="anthropic")
    if isinstance(error, anthropic.APIStatusError):
        body = error.body if error.body is not None else str(error)
        return faults.from_status(error.status_code, body, error.response.headers, "anthropic")
    return TransportError(faults.scrub(f"{error}{cause}"), provider="anthropic")
