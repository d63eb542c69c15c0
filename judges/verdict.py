"""What a judge is given and what it gives back."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["en", "ru"]
"""The languages of tasks, rubrics and pages."""


class Frozen(BaseModel):
    """The base of every record: it cannot be changed, and a field it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Frozen):
    """All that a rater, model or person, gets to see of an answer. No arm and no model name."""

    key: str
    """Digest of task and answer: equal answers to one task are one item."""
    language: Language
    task: str
    answer: str


class Quote(Frozen):
    """A piece of the answer that a judge cites for its score."""

    text: str
    found: bool
    """Whether the answer really contains it (after normalising quotes, dashes and spaces)."""


class Measurement(Frozen):
    """A score read off a judge's token probabilities instead of its words."""

    probabilities: tuple[float, ...]
    """One per level, worst to best; they sum to 1."""
    mass: float
    """Share of the probability, 0 to 1, that fell on any level before it was scaled to 1."""
    expectation: float
    """Mean level under `probabilities`."""


class Verdict(Frozen):
    """What one judge says of one item on one rubric, once."""

    score: int | None
    """A level of the rubric; None where the judge abstained, and then `reason` says why."""
    reason: str | None
    """Why there is no score; None where there is one."""
    rationale: str
    evidence: tuple[Quote, ...]
    how: Literal["stated", "measured", "computed"]
    """Whether the score was said in words, read off probabilities or counted from the text."""
    measurement: Measurement | None
    """Only where `how` is "measured"; None there if the reply carried no usable probabilities."""
