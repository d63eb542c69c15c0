"""The records of a study: what was asked, what came back, what a judge said, what failed."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from judges.digest import digest, digest_of_names
from judges.verdict import Frozen, Item, Language, Verdict
from pipeline.knobs import Cut

Finish = Literal["complete", "truncated", "refused", "empty", "overflow"]
"""`overflow`: the task did not fit the arm's window, so there is no answer."""
Stage = Literal["answers", "benchmarks", "verdicts", "landscape"]


class Call(Frozen):
    """The facts of one or more calls that made a record. None = the server did not say."""

    model: str | None
    """The model's name as the server returned it."""
    tokens_in: int | None
    tokens_out: int | None
    """Thinking included where the provider counts it so."""
    tokens_thinking: int | None
    seconds: float
    cost: float | None
    """US dollars; None = the price or the token count is not known, never 0 for unknown."""
    attempts: int
    """Requests sent, retries included."""
    request: str
    """Digest of the request as it was put to the engine."""
    experts: int | None = None
    """The most experts that worked on one token in one layer; None = the server does not say."""


class Largest(Frozen):
    """The largest single call of those that made one answer. None = the server did not say."""

    thinking: int | None
    """Tokens of thinking in one call; where they are not counted, words of it that were shown."""
    aloud: int | None
    """Tokens of thinking aloud before the answer; None where that was not asked for either."""
    filled: int | None
    """Tokens of the window that one call could fill: its prompt, and its reply at its longest."""
    broken_off: bool
    """Whether a call of the answer reached the limit on its reply while it was thinking."""


class Pick(Frozen):
    """What came of asking a model which of its drafts it keeps."""

    drafts: int
    number: int | None
    """The draft that it named, from 1, which is the answer; None = none, and the first is kept."""
    said: str | None = None
    """The beginning of what it said instead of a number."""


class Removed(Frozen):
    """What of a task's first turn a model was not shown, as the window asked for has no room."""

    where: Cut
    characters: int
    of: int
    """Characters that there were."""


class Response(Frozen):
    """What an arm answered to one task in one language, once."""

    key: str
    arm: str
    """The arm's name when it was asked; the key does not depend on it."""
    task: str
    language: Language
    draw: int
    text: str
    """Without its thinking; empty where `finish` is refused, empty or overflow."""
    reasoning: str | None
    """Thinking shown by the server or cut out of `<think>` in the text; not judged."""
    reasoning_words: int
    """Words of `reasoning`: a count even where the server counts no thinking tokens."""
    finish: Finish
    said: str | None = None
    """What the model or server said instead of an answer (a refusal, an overflow)."""
    removed: Removed | None = None
    """None = the model was shown all of it."""
    pick: Pick | None = None
    """None = there was one draft."""
    language_found: Language | None
    """By script: ru where most letters are Cyrillic, en where most are Latin; None if neither."""
    call: Call
    largest: Largest | None = None
    """None = nobody was asked."""
    at: str
    """When it was written, ISO 8601 UTC."""

    @property
    def judged(self) -> bool:
        """Whether there is an answer to judge: a truncated one is judged as it stands."""
        return self.finish in ("complete", "truncated")


class VerdictRecord(Frozen):
    """One verdict as it is stored."""

    key: str
    item: str
    rubric: str
    rubric_digest: str
    language: Language
    """Of the rubric."""
    judge: str
    """The judge's id when it was asked; the key does not depend on it."""
    draw: int
    verdict: Verdict
    call: Call | None
    """None for a computed judge."""
    at: str


class Failure(Frozen):
    """A call that brought no record: it is owed again and scores nothing."""

    key: str
    stage: Stage
    who: str
    """Arm, judge or embedding model."""
    kind: str
    """auth, billing, rate_limit, timeout, server, transport, parse, refusal, truncated ..."""
    message: str
    attempts: int
    cost: float | None = Field(default=None)
    """What the replies that came all the same cost, where the server counted them; None = not
    known."""
    at: str


Shown = str | int | float


class Observation(Frozen):
    """One thing that a file or a server showed of a model, once: it may show another later."""

    key: str
    model: str
    """The model's identity."""
    address: str | None
    """Where it was looked at: a server or a file; None = its maker's API."""
    name: str
    """The model's name in the catalogue when it was seen; nothing depends on it."""
    field: str
    """What of the model it tells, as `pipeline.models.showing` names it."""
    value: Shown
    source: str
    """Where it stood."""
    at: str


def response_key(
    arm: str, program: str, prompt: str, language: Language, draw: int, recorded: str | None
) -> str:
    """The key of a response: the arm's identity, the program, the task's text and which draw.

    `recorded` is the digest of the recorded answer, where the arm has its answers from a file.
    """
    return digest("response", arm, program, prompt, language, draw, recorded)


def item_of(prompt: str, answer: str, language: Language) -> Item:
    """The item that raters see for an answer: equal answers to one task share it."""
    return Item(
        key=digest("item", prompt, answer, language), language=language, task=prompt, answer=answer
    )


def verdict_key(item: str, form: str, judge: str, draw: int) -> str:
    """The key of a verdict: the item, the form (rubric and wording), the judge and which draw."""
    return digest_of_names("verdict", item, form, judge, draw)


def observation_key(
    model: str, address: str | None, field: str, value: Shown, source: str, at: str
) -> str:
    """The key of an observation."""
    return digest("observation", model, address, field, value, source, at)


def now() -> str:
    """The time of a record, ISO 8601 UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
