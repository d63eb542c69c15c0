"""The chat-completions wire: our settings into a request, a request into a body, a reply back."""

import base64
import io
from tokenize import TokenError
from typing import Any, cast

import numpy as np
from dspy.lm15 import (
    Config,
    Message,
    Reasoning,
    RefusalPart,
    Request,
    Response,
    ServerError,
    TextPart,
    ThinkingPart,
    TokenLogprob,
    TopLogprob,
    Usage,
)

from judges.sampling import Sampling
from pipeline.models.catalogue import Model, taken

_FINISH = {
    **dict.fromkeys(("stop", "eos", "eos_token", "stop_sequence", "tool_calls"), "stop"),
    "length": "length",
    "content_filter": "content_filter",
}
"""Whatever else a server says of the end (abort, error, nothing) is no end of an answer."""

UNNAMED = "(not said)"
"""The model's name where the server names none."""


def config_of(model: Model, sampling: Sampling, draw: int) -> Config:
    """The settings of one draw: only what the model takes; the seed moves with the draw."""
    told = cast(dict[str, Any], taken(model, sampling))
    seed = told.pop("seed", None)
    effort, budget = told.pop("effort", None), told.pop("thinking_budget_tokens", None)
    extensions = {name: told.pop(name) for name in ("min_p",) if name in told}
    return Config(
        **told,
        seed=None if seed is None else seed + draw,
        reasoning=Reasoning(effort=effort, thinking_budget=budget) if effort else None,
        extensions=extensions or None,
    )


def messages(request: Request) -> list[dict[str, str]]:
    """The request's messages as role and content."""
    system = [{"role": "system", "content": request.system}] if request.system else []
    return system + [{"role": m.role, "content": m.text or ""} for m in request.messages]


def body(request: Request, limit_field: str = "max_tokens") -> dict[str, Any]:
    """The chat-completions body of `request`; `limit_field` names the cap on the reply's tokens."""
    config = request.config
    fields: dict[str, Any] = {
        "model": request.model,
        "messages": messages(request),
        limit_field: config.max_tokens,
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": config.top_k,
        "seed": config.seed,
        "stop": list(config.stop) or None,
        "frequency_penalty": config.frequency_penalty,
        "presence_penalty": config.presence_penalty,
        **(config.extensions or {}),
    }
    if config.reasoning is not None:
        effort = config.reasoning.effort
        fields["reasoning_effort"] = "none" if effort == "off" else effort
        fields["thinking_token_budget"] = config.reasoning.thinking_budget
    if config.response_format is not None:
        fields["response_format"] = _response_format(config.response_format)
    if config.logprobs is not None:
        fields["logprobs"] = True
        fields["top_logprobs"] = config.logprobs
    return {name: value for name, value in fields.items() if value is not None}


def _response_format(canonical: dict[str, Any]) -> dict[str, Any]:
    if canonical["type"] != "json_schema":
        return canonical
    schema = {name: value for name, value in canonical.items() if name != "type"}
    return {"type": "json_schema", "json_schema": schema}


def response(reply: Any, request: Request, provider: str) -> Response:
    """The canonical response of a chat-completions reply.

    Raises:
        ServerError: the reply is no chat completion.
    """
    try:
        choice = reply["choices"][0]
        said = choice["message"]
        text, refusal = sound(_text(said.get("content"))), sound(said.get("refusal") or "")
        thinking = sound(said.get("reasoning") or said.get("reasoning_content") or "")
        parts: list[Any] = [ThinkingPart(thinking)] if thinking else []
        parts.append(RefusalPart(refusal) if refusal else TextPart(text))
        return Response(
            id=str(reply["id"]) if reply.get("id") else None,
            model=reply.get("model") or UNNAMED,
            message=Message.assistant(parts),
            finish_reason=cast(Any, _FINISH[choice["finish_reason"]]),
            usage=_usage(reply.get("usage") or {}),
            logprobs=_logprobs(choice.get("logprobs")) if request.config.logprobs else None,
            provider_data=_routing(choice.get("routed_experts")),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ServerError(
            f"the reply is no chat completion ({type(error).__name__}: {error})", provider=provider
        ) from error


def experts(response: Response) -> int | None:
    """The most experts that worked on one token in one layer; None where it was not said."""
    found = (response.provider_data or {}).get(_EXPERTS)
    return found if isinstance(found, int) else None


_EXPERTS = "experts"
_NPY = "k05VTVBZ"
"""How an `.npy` file begins in base64."""
_MOST_ROUTING = 1 << 18
"""Characters of a reply's routing that are read: the first tokens tell, all may be megabytes."""


def _routing(encoded: Any) -> dict[str, int] | None:
    """The count of experts, from vLLM's routing; None where it is not said, or cannot be read.

    An answer needs no routing: one that is malformed shows nothing, and the answer counts.
    """
    if not isinstance(encoded, str) or not encoded.startswith(_NPY):
        return None
    try:
        most = _most_experts(encoded)
    except (ValueError, TypeError, ZeroDivisionError, TokenError):
        return None
    return None if most is None else {_EXPERTS: most}


def _most_experts(encoded: str) -> int | None:
    """Experts at work on one token in one layer, from an `.npy` of (tokens, layers, experts).

    Raises:
        ValueError, TypeError, ZeroDivisionError, TokenError: it is no such array.
    """
    file = io.BytesIO(base64.b64decode(encoded[:_MOST_ROUTING]))
    np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
    header = np.lib.format.read_array_header_1_0(file)  # type: ignore[no-untyped-call]
    shape, _, kind = header
    layers, most = shape[-2:]
    whole = np.frombuffer(rest := file.read(), kind, len(rest) // kind.itemsize)
    tokens = len(whole) // (layers * most)
    if not tokens:
        return None
    routed = np.sort(whole[: tokens * layers * most].reshape(tokens * layers, most))
    return int(1 + (np.diff(routed) != 0).sum(axis=1).max())


def _text(content: str | list[dict[str, str]] | None) -> str:
    """What was said; some servers send it as a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content)
    return content or ""


def sound(text: str) -> str:
    """`text` as UTF-8 can hold it: half a surrogate pair, left by a cut, becomes ?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _usage(usage: dict[str, Any]) -> Usage:
    details = usage.get("completion_tokens_details") or {}
    return Usage(
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=usage.get("completion_tokens"),
        reasoning_tokens=details.get("reasoning_tokens"),
    )


def _logprobs(given: Any) -> tuple[TokenLogprob, ...] | None:
    """Token log-probabilities as the server sent them; None where it sent none."""
    tokens = (given or {}).get("content")
    if not tokens:
        return None
    return tuple(
        TokenLogprob(
            token=token["token"],
            logprob=float(token["logprob"]),
            top=tuple(
                TopLogprob(token=top["token"], logprob=float(top["logprob"]))
                for top in token.get("top_logprobs") or ()
            ),
        )
        for token in tokens
    )
