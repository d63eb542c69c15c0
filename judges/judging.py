"""One call to a judging model, one verdict: where the reply is none it raises, never guesses."""

import math
from dataclasses import replace
from typing import NamedTuple

from dspy.lm15 import Config, Message, Request, Response, TokenLogprob, Usage
from pydantic import BaseModel, ConfigDict, ValidationError

from judges.evidence import contains
from judges.form import Form, user_message
from judges.rubric import measurable
from judges.verdict import Item, Measurement, Quote, Verdict

TOP_LOGPROBS = 20
"""Alternatives asked per token: the most that OpenAI and vLLM give."""


class NotAVerdictError(Exception):
    """The judge replied, but not with a verdict.

    `kind` is "refusal" (it would not), "truncated" (cut off by its token limit), "parse" (not the
    agreed JSON) or "no_logprobs" (to be measured, and the server measures nothing). The call is
    owed again; it never counts as a score.
    """

    def __init__(self, kind: str, message: str, response: Response) -> None:
        """Keep the reply: it was paid for, and its cost is counted."""
        self.kind = kind
        self.response = response
        super().__init__(message)


class Reply(BaseModel):
    """What a judge writes back, exactly."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rationale: str
    evidence: list[str]
    score: int | None
    abstention: str | None


class Judged(NamedTuple):
    """A verdict and the reply it was read from."""

    verdict: Verdict
    request: Request
    response: Response


def asked(form: Form, config: Config, measured: bool) -> Config:
    """`config` with what the form asks of the reply: made once for all items."""
    return replace(
        config,
        response_format=form.response_format,
        logprobs=TOP_LOGPROBS if measured else None,
    )


def request_for(form: Form, item: Item, model: str, config: Config) -> Request:
    """The one request that asks `model` about `item`; `config` is what `asked` made."""
    return Request(
        model=model,
        system=form.system,
        messages=(
            *(side for turn in form.turns for side in _shown(turn)),
            Message.user(user_message(form, item)),
        ),
        config=config,
    )


def _shown(turn: tuple[str, str]) -> tuple[Message, Message]:
    return Message.user(turn[0]), Message.assistant(turn[1])


def read(form: Form, item: Item, measured: bool, response: Response) -> Verdict:
    """The verdict that `response` states.

    Raises:
        NotAVerdictError: as for `judge`.
    """
    text = response.text or ""
    if response.finish_reason == "content_filter" or any(
        part.type == "refusal" for part in response.message.parts
    ):
        raise NotAVerdictError("refusal", "the judge refused to judge", response)
    if response.finish_reason == "length":
        raise NotAVerdictError("truncated", "the reply was cut off at its token limit", response)
    try:
        reply = Reply.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(x) for x in first["loc"]) or "reply"
        said = f"{where}: {first['msg']}; it said: {text!r}"
        raise NotAVerdictError("parse", said, response) from error
    if reply.score is not None and reply.score not in form.scale:
        said = f"score: {reply.score} is not a level of {form.rubric}"
        raise NotAVerdictError("parse", said, response)
    if reply.score is None and not (reply.abstention or "").strip():
        said = "score is null without a reason in `abstention`"
        raise NotAVerdictError("parse", said, response)
    if measured and not response.logprobs:
        said = "the server sends no token probabilities: set `scoring: stated` for this judge"
        raise NotAVerdictError("no_logprobs", said, response)
    return Verdict(
        score=reply.score,
        reason=f"abstained: {reply.abstention}" if reply.score is None else None,
        rationale=reply.rationale,
        evidence=tuple(
            Quote(text=quote, found=contains(quote, item.answer)) for quote in reply.evidence
        ),
        how="measured" if measured else "stated",
        measurement=(
            measure(form.scale, reply.score, response.logprobs or ()) if measured else None
        ),
    )


_ROUNDING = 1e-6
"""How far above 0 a log-probability may lie and still be one."""


def measure(
    scale: tuple[int, ...], score: int | None, logprobs: tuple[TokenLogprob, ...]
) -> Measurement | None:
    """The distribution over `scale` at the token that states `score`, or None.

    None where no single token states the score, where the scale cannot be measured, or where what
    the server sends as log-probabilities are none.
    """
    labels = [str(level) for level in scale]
    if score is None or not measurable(scale):
        return None
    token = _score_token(logprobs)
    if token is None or token.token.strip() != str(score):
        return None
    mass = dict.fromkeys(labels, 0.0)
    seen = {top.token: top.logprob for top in token.top} | {token.token: token.logprob}
    if not all(logprob <= _ROUNDING for logprob in seen.values()):
        return None
    for text, logprob in seen.items():
        if text.strip() in mass:
            mass[text.strip()] += math.exp(logprob)
    total = sum(mass.values())
    if total <= 0:
        return None
    probabilities = tuple(mass[label] / total for label in labels)
    return Measurement(
        probabilities=probabilities,
        mass=min(total, 1.0),
        expectation=sum(p * level for p, level in zip(probabilities, scale, strict=True)),
    )


def _score_token(logprobs: tuple[TokenLogprob, ...]) -> TokenLogprob | None:
    """The token that begins the value of `score`: after its last such key in the joined tokens.

    The tokens are joined because servers may put the thinking's tokens before the reply's. Inside a
    string the key's quotes would be escaped, so only the real key is found.
    """
    text = "".join(token.token for token in logprobs)
    key = text.rfind('"score"')
    colon = text.find(":", key) if key >= 0 else -1
    if colon < 0:
        return None
    place = colon + 1
    while place < len(text) and text[place].isspace():
        place += 1
    seen = 0
    for token in logprobs:
        seen += len(token.token)
        if seen > place:
            return token
    return None


def sample_reply(level: int | None) -> Response:
    """A reply as a judge would write it, of that level or abstaining: to try the reading of it."""
    reply = Reply(
        rationale="sample",
        evidence=["answer"],
        score=level,
        abstention="sample" if level is None else None,
    )
    return Response(
        id=None,
        model="sample",
        message=Message.assistant(reply.model_dump_json()),
        finish_reason="stop",
        usage=Usage(),
    )
