"""What is judged: one dimension of an answer, with anchored levels, in English and Russian."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, StrictStr, StringConstraints, model_validator

from judges.digest import digest
from judges.verdict import Frozen, Language

Prose = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1)]
SLUG = r"^[a-z][a-z0-9_]*$"
"""An id that a person types, which is also the name of its file."""
Slug = Annotated[StrictStr, StringConstraints(pattern=SLUG, max_length=60)]


class Text(Frozen):
    """One text in both languages."""

    en: Prose
    ru: Prose

    @property
    def quoted(self) -> "Text":
        """The same in quotation marks: a title may be a phrase, and is then lost in a sentence."""
        return Text(en=f"“{self.en}”", ru=f"«{self.ru}»")


class Lines(Frozen):
    """A list of short texts in both languages."""

    en: tuple[Prose, ...] = Field(min_length=1)
    ru: tuple[Prose, ...] = Field(min_length=1)


class Level(Frozen):
    """One step of the scale."""

    level: StrictInt
    name: Text
    """A word or two, shown beside the number."""
    anchor: Text
    """What an answer of this level does."""
    example: Text | None = None
    """A short passage of this level; written, not a model's."""


class Rubric(Frozen):
    """One dimension, its question and its levels from worst to best."""

    id: Slug
    title: Text
    metric: Literal["ordinal", "nominal", "interval"] = "ordinal"
    """How far apart two levels count in Krippendorff's alpha."""
    question: Text
    """The one question a rater answers."""
    look_for: Lines
    ignore: Lines
    """What must not move the score: length, formatting, erudition for show ..."""
    boundary: Text | None = None
    """How it differs from its neighbours; None where nothing else is judged that comes near it."""
    examples_answer: Text | None = None
    """The task that all examples answer: for people who practise on them; no judge is told it."""
    levels: tuple[Level, ...] = Field(min_length=2, max_length=11)

    @model_validator(mode="after")
    def _levels_are_contiguous(self) -> Self:
        first = self.levels[0].level
        for index, level in enumerate(self.levels):
            if level.level != first + index:
                raise ValueError(
                    f"levels[{index}].level is {level.level}, expected {first + index} "
                    "(levels run from worst to best without a gap)"
                )
        return self

    @property
    def scale(self) -> tuple[int, ...]:
        """The levels as numbers, worst to best."""
        return tuple(level.level for level in self.levels)


def measurable(scale: tuple[int, ...]) -> bool:
    """Whether one token can tell the levels apart: not where one's digits begin another's.

    >>> measurable((1, 2, 3)), measurable((1, 10))
    (True, False)
    """
    labels = [str(level) for level in scale]
    return not any(a != b and b.startswith(a) for a in labels for b in labels)


def seen_digest(rubric: Rubric, language: Language) -> str:
    """The digest of what a person sees in `language`: question, level names and anchors."""
    return digest(
        rubric.id,
        getattr(rubric.question, language),
        [(x.level, getattr(x.name, language), getattr(x.anchor, language)) for x in rubric.levels],
    )


def whole_digest(rubric: Rubric, language: Language) -> str:
    """The digest of everything a judge is told of `rubric` in `language`."""
    # Only where it is given: a rubric without it keeps the digest its verdicts were stored under.
    boundary = (getattr(rubric.boundary, language),) if rubric.boundary else ()
    return digest(
        seen_digest(rubric, language),
        rubric.metric,
        getattr(rubric.title, language),
        getattr(rubric.look_for, language),
        getattr(rubric.ignore, language),
        [getattr(x.example, language) if x.example else None for x in rubric.levels],
        *boundary,
    )
