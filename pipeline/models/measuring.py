"""What a model is asked beside answers: its next token after a text, and a text's embedding."""

import math
from typing import Any, NamedTuple, Protocol, runtime_checkable

from dspy import lm15

_ROUNDING = 1e-3
"""How far shown probabilities may add up to more than 1 and still be some."""
_BROKEN = "\N{REPLACEMENT CHARACTER}"


class NextToken(NamedTuple):
    """The most probable next tokens after a text, the most probable first."""

    tokens: tuple[str, ...]
    """What tells a token from all others of its vocabulary: `#` and its id, or its text; empty
    where the text is part of a letter, as several tokens look like that."""
    logprobs: tuple[float, ...]
    """Natural logarithms; empty where the server shows none."""
    model: str | None
    tokens_in: int | None
    """Tokens of the text as the model's own tokeniser counts them."""
    tokens_out: int | None


class Embedded(NamedTuple):
    """A text as a vector."""

    vector: tuple[float, ...]
    model: str | None
    tokens_in: int | None


@runtime_checkable
class Measures(Protocol):
    """An engine that continues a bare text, and embeds one. Each raises dspy.lm15 errors."""

    async def next_token(self, text: str, most: int) -> NextToken:
        """The `most` most probable tokens after `text`."""

    async def embed(self, text: str) -> Embedded:
        """The embedding of `text`."""


def completion_body(model: str, text: str, most: int, by_id: bool) -> dict[str, Any]:
    """The body of a raw completion of one token; `by_id` asks vLLM to name tokens by their ids.

    The settings change nothing of a distribution before sampling, and leave it whole where a server
    is told to show what is left of it after sampling.
    """
    body = {
        "model": model,
        "prompt": text,
        "max_tokens": 1,
        "logprobs": most,
        "temperature": 1.0,
        "top_p": 1.0,
        "seed": 0,
    }
    return body | ({"return_tokens_as_token_ids": True} if by_id else {})


def next_token(reply: Any, most: int, provider: str) -> NextToken:
    """The distribution in a completion, in either form that servers write it.

    A server may add the token that it drew to the most probable ones: `most` are kept.

    Raises:
        dspy.lm15.ServerError: the reply is no completion.
    """
    try:
        choice, usage = reply["choices"][0], reply.get("usage") or {}
        shown = _shown(choice.get("logprobs") or {})
        shown = sorted(shown, key=lambda x: (-x[1], x[0]))[:most]
        return NextToken(
            tuple("" if _BROKEN in token else token for token, _ in shown),
            checked([logprob for _, logprob in shown]),
            reply.get("model") or None,
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        said = f"the reply is no completion ({type(error).__name__}: {error})"
        raise lm15.ServerError(said, provider=provider) from error


def checked(logprobs: list[float]) -> tuple[float, ...]:
    """`logprobs` to five places, which is what is stored.

    Raises:
        ValueError: they are no log-probabilities of different tokens.
    """
    if any(math.isnan(x) or x > _ROUNDING for x in logprobs):
        raise ValueError("a log-probability above 0")
    if sum(math.exp(x) for x in logprobs) > 1 + _ROUNDING:
        raise ValueError("probabilities that add up to more than 1")
    return tuple(round(min(0.0, max(x, -1e4)), 5) for x in logprobs)


def _shown(given: dict[str, Any]) -> list[tuple[str, float]]:
    """Tokens with log-probabilities: llama.cpp lists them, vLLM and OpenAI's old form map them."""
    if given.get("content"):
        tops = given["content"][0].get("top_logprobs") or ()
        return [(_name(x), float(x["logprob"])) for x in tops]
    mapped = (given.get("top_logprobs") or [None])[0] or {}
    return [(_by_id(token), float(logprob)) for token, logprob in mapped.items()]


def _name(token: dict[str, Any]) -> str:
    return f"#{token['id']}" if "id" in token else str(token["token"])


def _by_id(token: str) -> str:
    return f"#{token.removeprefix('token_id:')}" if token.startswith("token_id:") else token


def embedded(reply: Any, provider: str) -> Embedded:
    """The vector in a reply of /v1/embeddings.

    Raises:
        dspy.lm15.ServerError: there is none, or it holds no direction.
    """
    try:
        vector = tuple(float(x) for x in reply["data"][0]["embedding"])
        if not vector or not all(map(math.isfinite, vector)) or not any(vector):
            raise ValueError("an embedding without a direction")
        usage = reply.get("usage") or {}
        return Embedded(vector, reply.get("model") or None, usage.get("prompt_tokens"))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        said = f"the reply is no embedding ({type(error).__name__}: {error})"
        raise lm15.ServerError(said, provider=provider) from error
