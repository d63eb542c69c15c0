"""What both arms are asked: the task, its texts, and what can be checked without a judge."""

from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from judges import surface
from judges.rubric import Lines, Slug, Text
from judges.verdict import Frozen, Language
from pipeline.wordforms import affirmed, first_sentence, forms, present

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


def _check_forms(lines: Lines) -> Lines:
    for word in (*lines.en, *lines.ru):
        forms(word)
    return lines


Words = Annotated[Lines, AfterValidator(_check_forms)]
"""Words in both languages, each written as its forms: see `pipeline.wordforms`."""


class Constraints(Frozen):
    """What one answer must keep to, by count and by letter."""

    words_at_most: Annotated[StrictInt, Field(ge=1)] | None = None
    words_at_least: Annotated[StrictInt, Field(ge=1)] | None = None
    uses: Words | None = None
    """Words that must occur, each as its forms: beginnings of words, as Russian ones are inflected,
    =whole words, *what stands inside one, two with … between; ' / ' between them; (not ...) after
    one; a capital counts where it is written."""
    avoids: Words | None = None
    """Words that must not occur, written in the same way."""

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
    """A detail that can be told right or wrong without judging: planted, or to be worked out."""

    what: Text
    right: Words
    """Words, each as its forms (see `uses`): one of them in the answer shows that it was found.

    One that the answer denies in the words before it (not in the pike) shows nothing.
    """
    wrong: Words | None = None
    """Those of the distractors: one of them beside the right one shows a lost thread too."""
    first_sentence: StrictBool = False
    """Whether the text asks for it in the first sentence: then no other is looked at."""


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
    """What the answer must keep to; of a task of two turns, the first one."""
    then_constraints: Constraints | None = None
    """What the answer to the second turn must keep to."""
    planted: tuple[Planted, ...] = ()
    banal: Text | None = None
    """What a literal or banal answer looks like: described, for people."""
    banal_answer: Text | None = None
    """Such an answer itself: short, competent, forgettable. Written; nobody's, and no model's."""
    tags: tuple[Slug, ...] = ()
    core: StrictBool = False
    """Whether it is one of the few for cheap runs."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.reads is not None and self.reads_file is not None:
            raise ValueError("reads and reads_file are both given (keep one)")
        if self.then_constraints is not None and self.then is None:
            raise ValueError("then_constraints are given, but there is no second turn (then)")
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
    met: bool | None
    """None = it cannot be told, and `found` says why."""
    found: str
    """What there is: a count, the words that are missing or too much, the detail; of two turns,
    which answer it is said of."""


def checks(task: Task, language: Language, answer: str) -> tuple[Check, ...]:
    """What can be told of `answer` without judging it, in the order of the task's file."""
    parts = [answer] if task.then is None else answer.split(TURN)
    found: list[Check] = []
    for turn, given in enumerate((task.constraints, task.then_constraints)):
        if given is None:
            continue
        if len(parts) != _turns(task):
            found += [Check(x.name, None, NOT_APART) for x in _constraints(given, language, "")]
            continue
        said = "" if task.then is None else f"{('first', 'second')[turn]} answer: "
        found += [
            x._replace(found=f"{said}{x.found}" if x.found else x.found)
            for x in _constraints(given, language, parts[turn])
        ]
    for planted in task.planted:
        part = first_sentence(answer) if planted.first_sentence else answer
        right = affirmed(getattr(planted.right, language), part)
        wrong = present(getattr(planted.wrong, language), part) if planted.wrong else []
        what = str(getattr(planted.what, language))
        found.append(Check("planted", bool(right) and not wrong, what))
    return tuple(found)


NOT_APART = "the answers to the two turns cannot be told apart"


def _turns(task: Task) -> int:
    return 1 if task.then is None else 2


def _constraints(given: Constraints, language: Language, answer: str) -> list[Check]:
    words = len(surface.words(answer))
    found = []
    if given.words_at_least is not None:
        found.append(Check("words_at_least", words >= given.words_at_least, str(words)))
    if given.words_at_most is not None:
        found.append(Check("words_at_most", words <= given.words_at_most, str(words)))
    if given.uses is not None:
        wanted = getattr(given.uses, language)
        there = present(wanted, answer)
        found.append(Check("uses", len(there) == len(wanted), _listed(set(wanted) - set(there))))
    if given.avoids is not None:
        there = present(getattr(given.avoids, language), answer)
        found.append(Check("avoids", not there, _listed(there)))
    return found


def _listed(words: set[str] | list[str]) -> str:
    return ", ".join(sorted(words))
