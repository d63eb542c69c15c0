"""What can go wrong in a call, in one vocabulary, whoever was asked."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dspy import lm15
from dspy.utils.exceptions import AdapterParseError, LMError

from judges.judging import NotAVerdictError
from pipeline.models.catalogue import Model, answers

if TYPE_CHECKING:
    from pipeline.models.endpoint import Answered


class UnfinishedError(Exception):
    """A call of an answer failed after others of that answer were paid for; its cause says how."""

    def __init__(self, error: LMError, replied: "Sequence[Answered]") -> None:
        """Keep the replies: their cost is counted."""
        self.paid = tuple(x.response for x in replied)
        self.attempts = sum(x.attempts for x in replied) + attempts(error)
        super().__init__(str(error))


CALL_FAULTS = (lm15.LM15Error, LMError, AdapterParseError, NotAVerdictError, UnfinishedError)
"""Everything that a call may raise by itself; whatever else rises is our own mistake."""

RETRYABLE = frozenset({"rate_limit", "timeout", "server", "transport"})
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (lm15.ContextLengthError, "overflow"),
    (lm15.AuthError, "auth"),
    (lm15.BillingError, "billing"),
    (lm15.RateLimitError, "rate_limit"),
    (lm15.UnsupportedModelError, "unknown_model"),
    (lm15.InvalidRequestError, "invalid_request"),
    (lm15.TimeoutError, "timeout"),
    (lm15.ServerError, "server"),
    (lm15.TransportError, "transport"),
    (lm15.CapabilityError, "unsupported"),
    (lm15.LM15Error, "server"),
)
_CONTEXT = re.compile(
    r"context (size|length|window)|maximum context|too many tokens|prompt is too long", re.I
)
_SECRET = re.compile(r"\b(?:sk|key|pk)-[A-Za-z0-9_\-*.]{6,}|Bearer\s+\S+", re.I)

_ADVICE = re.compile(r"\s*Pass the key explicitly[^.]*\.?")
"""DSPy's advice on keys, which here come from the environment alone."""

SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
"""How the name of a variable that holds a key must end; see `Model.key_env`."""


class Fault(NamedTuple):
    """One failed call, as it is recorded."""

    kind: str
    message: str
    status: int | None
    retry_after: float | None
    paid: tuple[lm15.Response, ...] = ()
    """The replies that were paid for all the same."""


def describe(error: BaseException) -> Fault:
    """`error` in the vocabulary of `failures.jsonl`, with no key left in its text."""
    if isinstance(error, UnfinishedError) and error.__cause__ is not None:
        return describe(error.__cause__)._replace(paid=error.paid)
    if isinstance(error, NotAVerdictError):
        return Fault(error.kind, scrub(str(error)), None, None, (error.response,))
    if isinstance(error, AdapterParseError):
        return Fault("parse", scrub(str(error)), None, None)
    if isinstance(error, LMError) and isinstance(error.__cause__, lm15.LM15Error):
        error = error.__cause__
    kind = next((name for cls, name in _KINDS if isinstance(error, cls)), "server")
    return Fault(
        kind,
        scrub(str(error)),
        getattr(error, "status", None),
        getattr(error, "retry_after", None),
    )


def attempts(error: BaseException) -> int:
    """How many requests were sent before `error` was given in to, as far as it says."""
    return int(getattr(error, "attempts", getattr(error.__cause__, "attempts", 1)))


def scrub(text: str, most: int = 500) -> str:
    """`text` on one line, shortened, with everything that looks like a key taken out.

    Keys are taken out before anything is cut off, and signs that would steer a terminal after that.
    """
    for name, value in os.environ.items():
        if len(value) >= 8 and name.endswith(SECRET_NAMES):
            text = text.replace(value, f"${name}")
    text = _ADVICE.sub("", " ".join(_SECRET.sub("[key]", text).split()))
    text = "".join(x if x.isprintable() else "\N{REPLACEMENT CHARACTER}" for x in text)
    return text if len(text) <= most else text[: most - 3] + "..."


def from_status(
    status: int, body: Any, headers: Mapping[str, str], provider: str
) -> lm15.LM15Error:
    """The error that an HTTP reply other than 200 stands for."""
    message = scrub(_message(body) or f"HTTP {status} without a word")
    if 300 <= status < 400:
        where = scrub(headers.get("location") or "an address that it does not say")
        message = f"HTTP {status}: it redirects to {where}; write that address as base_url"
    details = {"provider": provider, "status": status}
    if status in (401, 403):
        return lm15.AuthError(message, **details)
    if status == 402 or "insufficient_quota" in str(body):
        return lm15.BillingError(message, **details)
    if status == 429:
        return lm15.RateLimitError(message, retry_after=_retry_after(headers), **details)
    if status in (400, 413, 422) and _CONTEXT.search(str(body)):
        return lm15.ContextLengthError(message, **details)
    if status == 404:
        return lm15.UnsupportedModelError(message, **details)
    if status in (408, 504):
        return lm15.TimeoutError(message, retry_after=_retry_after(headers), **details)
    if status >= 500:
        return lm15.ServerError(message, retry_after=_retry_after(headers), **details)
    return lm15.InvalidRequestError(message, **details)


def _message(body: Any) -> str | None:
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail")
    return str(error) if error else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait, ten minutes at most; nonsense counts as not said."""
    value = headers.get("retry-after") or ""
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        if until.tzinfo is None:  # "-0000", or no zone: such a date is meant as UTC
            until = until.replace(tzinfo=UTC)
        seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), 600.0) if math.isfinite(seconds) else None


def check_served(model: Model, served: list[str]) -> None:
    """Refuse a model that its server does not list, under its name or one that it stands for.

    Raises:
        dspy.lm15.UnsupportedModelError: nothing that is listed is `model`.
    """
    if not any(answers(model, x) for x in served):
        there = ", ".join(sorted(served)[:8]) + (", ..." if len(served) > 8 else "")
        said = f"there is no model {model.name!r}; the server lists: {there or 'none'}"
        if served and model.answers_as is None:
            said += "; if the name is an alias of one of these, write that one as answers_as"
        raise lm15.UnsupportedModelError(said, provider=model.provider)
