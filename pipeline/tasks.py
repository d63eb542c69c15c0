"""What both arms are asked: the task, its texts, and what can be checked without a judge."""

import re
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from judges import surface
from judges.rubric import Lines, Slug, Text
from judges.verdict import Frozen, Language

TaskKind = Literal[
    "creative",
    "long_chain",
    "irony",
    "ontology",
    "meta_reflection",
    "philosophical",
    "generative_conflict",
]
TURN = "\n\n* * *\n\n"
"""What stands between two turns, in what is asked and in what is judged."""


class Constraints(Frozen):
    """What an answer must keep to, by count and by letter."""

    words_at_most: Annotated[StrictInt, Field(ge=1)] | None = None
    words_at_least: Annotated[StrictInt, Field(ge=1)] | None = None
    uses: Lines | None = None
    """Words that must occur, or the beginnings of words: Russian ones are inflected."""
    avoids: Lines | None = None
    """Words, or beginnings of words, that must not occur."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        low, high = self.words_at_least, self.words_at_most
        if low is not None and high is not None and low > high:
            raise ValueError(f"words_at_least {low} is more than words_at_most {high}")
        for name in ("uses", "avoids"):
            given: Lines | None = getattr(self, name)
            if given is not None and len(given.en) != len(given.ru):
                raise ValueError(
                    f"{name} names {len(given.en)} in English, {len(given.ru)} in Russian"
                )
        return self


class Planted(Frozen):
    """A detail that stands in the task's text far from where it is needed."""

    what: Text
    right: Lines
    """Beginnings of words, or with = before it a whole word, for one that others begin with too;
    one of them in the answer shows that it was found."""
    wrong: Lines | None = None
    """Those of the distractors: one of them in place of the right one shows a lost thread."""


class Task(Frozen):
    """One thing that both arms are asked, in both languages."""

    id: Slug
    kind: TaskKind
    title: Text
    reads: Text | None = None
    """What is to be read first; it stands before the task in the prompt."""
    reads_file: Slug | None = None
    """A text of `data/texts` to be read first, in place of `reads`: its name without language."""
    text: Text
    then: Text | None = None
    """What is asked after the answer, in a second turn."""
    constraints: Constraints | None = None
    planted: tuple[Planted, ...] = ()
    banal: Text | None = None
    """What a literal or banal answer looks like."""
    tags: tuple[Slug, ...] = ()
    core: StrictBool = False
    """Whether it is one of the few for cheap runs."""

    @model_validator(mode="after")
    def _reads_one_text(self) -> Self:
        if self.reads is not None and self.reads_file is not None:
            raise ValueError("reads and reads_file are both given (keep one)")
        return self

    def first(self, language: Language) -> str:
        """What is put to a model in the first turn."""
        text = str(getattr(self.text, language))
        return text if self.reads is None else f"{getattr(self.reads, language)}\n\n{text}"

    def second(self, language: Language) -> str | None:
        """What is put to it after its answer; None where one turn is all."""
        return None if self.then is None else str(getattr(self.then, language))

    def prompt(self, language: Language) -> str:
        """All that is asked, as raters see it and keys count it."""
        second = self.second(language)
        return self.first(language) if second is None else f"{self.first(language)}{TURN}{second}"


class Check(NamedTuple):
    """One thing about an answer that code can tell."""

    name: str
    """words_at_most | words_at_least | uses | avoids | planted."""
    met: bool
    found: str
    """What there is: a count, the words that are missing or too much, the detail."""


def checks(task: Task, language: Language, answer: str) -> tuple[Check, ...]:
    """What can be told of `answer` without judging it, in the order of the task's file.

    A word counts where some word of the answer begins with it, whatever the case; of several words
    the last one may go on.
    """
    found = [*_constraints(task.constraints, language, answer)] if task.constraints else []
    for planted in task.planted:
        right = _present(getattr(planted.right, language), answer)
        wrong = _present(getattr(planted.wrong, language), answer) if planted.wrong else []
        what = str(getattr(planted.what, language))
        found.append(Check("planted", bool(right) and not wrong, what))
    return tuple(found)


def _constraints(given: Constraints, language: Language, answer: str) -> list[Check]:
    words = len(surface.words(answer))
    found = []
    if given.words_at_least is not None:
        found.append(Check("words_at_least", words >= given.words_at_least, str(words)))
    if given.words_at_most is not None:
        found.append(Check("words_at_most", words <= given.words_at_most, str(words)))
    if given.uses is not None:
        wanted = getattr(given.uses, language)
        there = _present(wanted, answer)
        found.append(Check("uses", len(there) == len(wanted), _listed(set(wanted) - set(there))))
    if given.avoids is not None:
        there = _present(getattr(given.avoids, language), answer)
        found.append(Check("avoids", not there, _listed(there)))
    return found


def _present(beginnings: tuple[str, ...], answer: str) -> list[str]:
    """Those of `beginnings` with which some word of `answer` begins; numbers are whole or none.

    With = before it one is a whole word.

    >>> _present(("закваск", "sea bell"), "О Закваске; the sea  bells")
    ['закваск', 'sea bell']
    >>> _present(("art", "12"), "heart 121")
    []
    >>> _present(("=акт", "=акта"), "активно искали, но Акта не нашли")
    ['=акта']
    """
    text = " ".join(answer.split())
    return [x for x in beginnings if re.search(_pattern(x), text, re.IGNORECASE)]


def _pattern(beginning: str) -> str:
    end = r"(?!\d)" if beginning[-1].isdigit() else ""
    end = r"(?!\w)" if beginning[0] == "=" else end
    return rf"(?<!\w){re.escape(beginning.removeprefix('='))}{end}"


def _listed(words: set[str] | list[str]) -> str:
    return ", ".join(sorted(words))
