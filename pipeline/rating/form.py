"""What one person is given to rate, and what comes back from the page."""

import json
from collections import Counter
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictInt,
    StringConstraints,
    model_validator,
)

from judges.digest import KEY_LENGTH, digest
from judges.rubric import Rubric, Slug, Text, seen_digest
from judges.verdict import Frozen, Language

LONGEST_COMMENT = 4000
"""Characters of a comment that the page lets a person write."""

Key = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{KEY_LENGTH}}}$")]
Pseudonym = Annotated[str, StringConstraints(pattern=r"^\w[\w .\-]{0,39}$")]
Seconds = Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]
"""Time on one item: a page that says more than a week has lost count."""
Comment = Annotated[str, StringConstraints(max_length=LONGEST_COMMENT)]
Calling = Literal["writer", "philosopher", "other"]
"""What a person says of themselves on the first screen."""
Standing = Literal["expert", "skilled", "crowd"]
"""What the owner has put down for a person whom they know."""
Reason = Literal["unclear", "broken", "language", "unwilling", "other"]
"""Why an answer cannot be judged; after "other" the comment says it."""


def whole(text: str) -> str:
    r"""`text` without halves of characters, which no file can hold: each becomes a mark.

    >>> whole("a\ud83d b") == "a\ufffd b"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_json(data: bytes) -> bytes:
    r"""JSON without halves of characters; what is no JSON comes back as it is.

    >>> whole_json(rb'{"a": "\ud83d"}').decode() == '{"a": "\ufffd"}'
    True
    """
    if b"\\ud" not in data.lower():
        return data
    try:
        return whole(json.dumps(json.loads(data), ensure_ascii=False)).encode()
    except ValueError:
        return data


def _moment(when: str) -> str:
    try:
        datetime.fromisoformat(when)
    except ValueError:
        said = f"is {when!r}, expected a moment in ISO 8601, as 2026-11-30T10:00:00Z"
        raise ValueError(said) from None
    return when


Moment = Annotated[str, AfterValidator(_moment)]
Whole = Annotated[str, BeforeValidator(lambda x: whole(x) if isinstance(x, str) else x)]


class RatingItem(Frozen):
    """One answer to be rated on one rubric. No arm, no model, no key of the study."""

    id: Key
    """Made for this person, so that two people's files cannot be matched by it."""
    place: Annotated[StrictInt, Field(ge=1)]
    """Which answer it is of, in the order shown: the questions on one answer share it."""
    rubric: Slug
    rubric_digest: Key
    """Of the wording with which it was handed out."""
    language: Language
    task: Whole
    answer: Whole


class FormLevel(Frozen):
    """One step of the scale, as a person sees it."""

    level: StrictInt
    name: Text
    anchor: Text


class RubricForm(Frozen):
    """What a person sees of a rubric: judges are told more."""

    title: Text
    question: Text
    levels: tuple[FormLevel, ...] = Field(min_length=2, max_length=11)
    digest: dict[Language, Key]
    """Of what is seen in each language: see `judges.rubric.seen_digest`."""

    @classmethod
    def of(cls, rubric: Rubric) -> Self:
        """What people see of `rubric`."""
        levels = tuple(
            FormLevel(level=x.level, name=x.name, anchor=x.anchor) for x in rubric.levels
        )
        return cls(
            title=rubric.title,
            question=rubric.question,
            levels=levels,
            digest={"en": seen_digest(rubric, "en"), "ru": seen_digest(rubric, "ru")},
        )


class Practice(Frozen):
    """An answer whose level is told after the person has chosen one."""

    rubric: Slug
    task: Text
    answer: Text
    level: StrictInt
    why: Text
    """Why that level and not its neighbours; says something also to those who chose it."""


class Saved(Frozen):
    """What is kept of one item."""

    id: Key
    score: StrictInt | None
    """None = could not judge, and then `reason` says why."""
    comment: Comment = ""
    reason: Reason | None = None
    seconds: Seconds
    """With the tab in view and the person not idle; all visits to the item together."""
    when: Moment
    """ISO 8601, UTC, of the last change."""
    revision: Annotated[StrictInt, Field(ge=1)]
    """1 where it was saved once; each change adds one."""

    @model_validator(mode="after")
    def _score_or_reason(self) -> Self:
        if (self.score is None) == (self.reason is None):
            raise ValueError("there is either a score or a reason why there is none")
        return self


class Closure(Frozen):
    """Items that are no longer taken, and why."""

    about: Slug
    """The rubric or the task that it is about."""
    title: Text
    said: Text
    items: tuple[Key, ...] = Field(min_length=1)


class RatingForm(Frozen):
    """All that a person's page holds."""

    mode: Literal["file", "server"]
    study: str
    title: Text
    rater: Pseudonym | None = None
    """None = the page asks for a pseudonym."""
    rater_class: Calling | Standing | None = None
    """None = the page asks."""
    csrf: str | None = None
    items: tuple[RatingItem, ...]
    """In the order in which they are to be rated."""
    rubrics: dict[Slug, RubricForm]
    practice: tuple[Practice, ...] = ()
    saved: tuple[Saved, ...] = ()
    closed: tuple[Closure, ...] = ()
    """Some of their items may be none of `items`: nothing is left to show of them."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        faults = _unknown_rubrics(self) + _unknown_items(self)
        if (self.mode == "server") != (self.csrf is not None):
            faults.append(f"csrf is {self.csrf!r} in mode {self.mode!r}; only a server has one")
        if self.mode == "server" and self.rater is None:
            faults.append("rater is None, but a server knows whom it has invited")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def digest(self) -> str:
        """Tells this form from every other: what was kept for one is not taken for another's.

        Items have ids of their own, and so it stays the same when some are closed.
        """
        items = {x.id for x in self.items} | {x for one in self.closed for x in one.items}
        return digest(self.study, self.rater, sorted(items))


def _unknown_rubrics(form: RatingForm) -> list[str]:
    places = [(f"items[{i}]", x.rubric) for i, x in enumerate(form.items)]
    places += [(f"practice[{i}]", x.rubric) for i, x in enumerate(form.practice)]
    faults = [
        f"{place}.rubric is {rubric!r}, expected one of {', '.join(sorted(form.rubrics))}"
        for place, rubric in places
        if rubric not in form.rubrics
    ]
    for i, each in enumerate(form.practice):
        levels = [x.level for x in form.rubrics[each.rubric].levels] if not faults else []
        if levels and each.level not in levels:
            faults.append(f"practice[{i}].level is {each.level}, expected one of {levels}")
    return faults


def _unknown_items(form: RatingForm) -> list[str]:
    counts = Counter(x.id for x in form.items)
    saved = Counter(x.id for x in form.saved)
    return [
        *(f"item {x!r} is given {n} times" for x, n in counts.items() if n > 1),
        *(f"item {x!r} is saved {n} times" for x, n in saved.items() if n > 1),
        *(f"saved item {x!r} is no item of this form" for x in saved if x not in counts),
    ]


class Returned(Saved):
    """One rating in the file that a person hands back."""

    rubric: Slug
    rubric_digest: Key
    """Of the wording that the person saw."""
    language: Language


class Handed(Frozen):
    """The file that a person hands back: JSON of this, or CSV with a row for each rating."""

    kind: Literal["antipode-ratings"]
    version: Literal[1]
    study: str
    rater: Pseudonym
    rater_class: Calling | Standing
    form: Key
    """`RatingForm.digest` of the page it comes from."""
    interface: Language
    """The language in which the page spoke to the person."""
    ratings: tuple[Returned, ...]
