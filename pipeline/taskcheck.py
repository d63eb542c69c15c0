"""Whether the tasks hold together: limits the same in both languages, no two alike, a balance."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

from judges import surface
from judges.verdict import Language
from pipeline import files, numerals, orders
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.tasks import Constraints, Task, Words
from pipeline.texts import with_text
from pipeline.wordforms import present

LANGUAGES: tuple[Language, ...] = ("en", "ru")
ALIKE = 0.3
"""The share of the shorter text's word pairs from which two are called near-duplicates: containment
in the sense of Broder (1997), "On the resemblance and containment of documents". Every fourth word
replaced leaves half of them; of the tasks there are, no two share a sixth."""
_STEM = 5
"""Letters of a word that count."""


class Alike(NamedTuple):
    """Two tasks that ask nearly the same."""

    one: str
    other: str
    language: Language
    what: str
    """What is alike: what is asked, or what is to be read."""
    share: float
    """Of the shorter one's word pairs, 0 to 1."""


class Size(NamedTuple):
    """How long a task is in one language."""

    words: int
    """Of what is asked, without what is to be read."""
    tokens: float
    """Of the whole prompt; estimated."""


class Row(NamedTuple):
    """One task as the table shows it."""

    task: Task
    sizes: dict[Language, Size]


class TaskCheck(NamedTuple):
    """What was found."""

    rows: tuple[Row, ...]
    alike: tuple[Alike, ...]
    faults: tuple[str, ...]
    """A line each; empty where all is well."""


def check(root: Path) -> TaskCheck:
    """Every task of `data/tasks`, checked."""
    tasks, faults = _load(root)
    faults += [
        fault
        for task in tasks
        for fault in (
            *limits(task),
            *named(task),
            *orders.faults(task, LANGUAGES),
            *numbered(task),
        )
    ]
    pairs = alike(tasks)
    faults += [
        f"data/tasks/{x.one}.yaml: {x.what} ({x.language}) is nearly that of {x.other!r} "
        f"({x.share:.0%} of the word pairs of one stand in the other)"
        for x in pairs
    ]
    rows = tuple(Row(task, {x: _size(task, x) for x in LANGUAGES}) for task in tasks)
    return TaskCheck(rows, pairs, tuple(faults))


class Limit(NamedTuple):
    """A length that is asked for."""

    way: str
    """at most | at least | about: no way was read."""
    words: int

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.way} {self.words} words"


_COUNT: dict[Language, str] = {"en": r"(\d+)\s+words", "ru": r"(\d+)\s+слов"}
_SPAN: dict[Language, str] = {
    "en": r"(?:from |between )?(\d+)(?: to | and |\s?[-–]\s?)(\d+)\s+words",
    "ru": r"(?:от )?(\d+)(?: до |\s?[-–]\s?)(\d+)\s+слов",
}
_WAYS: dict[Language, dict[str, str]] = {
    "en": {x: numerals.WAYS["en"][x] for x in ("at most", "at least")},
    "ru": {
        "at most": f"{numerals.WAYS['ru']['at most']}|до",
        "at least": f"{numerals.WAYS['ru']['at least']}|от",
    },
}


def stated(text: str, language: Language) -> tuple[list[Limit], str]:
    """The lengths in words that a text asks for, in its order, and the text without them.

    >>> stated("Be brief. At most 90 words.", "en")
    ([Limit(way='at most', words=90)], 'Be brief. .')
    >>> [str(x) for x in stated("От 50 до 80 слов, не менее 3 слов о море", "ru")[0]]
    ['at least 50 words', 'at most 80 words', 'at least 3 words']
    """
    found: list[Limit] = []
    ways = "|".join(f"(?P<{x.replace(' ', '_')}>{y})" for x, y in _WAYS[language].items())
    one = rf"(?:\b(?:{ways})\s+)?{_COUNT[language].replace('(', '(?P<words>', 1)}"
    pattern = re.compile(rf"\b{_SPAN[language]}|{one}", re.IGNORECASE)

    def note(match: re.Match[str]) -> str:
        if match["words"] is None:
            low, high = (int(x) for x in match.groups()[:2])
            found.extend((Limit("at least", low), Limit("at most", high)))
        else:
            way = next((x for x in _WAYS[language] if match[x.replace(" ", "_")]), "about")
            found.append(Limit(way, int(match["words"])))
        return ""

    return found, pattern.sub(note, text)


def limits(task: Task) -> list[str]:
    """Faults of a task whose texts ask for other lengths than its constraints, in either language.

    Each turn for itself: what a text names must stand in the constraints of its turn, the same way
    round, and what stands there must be named. So the two languages cannot differ.
    """
    turns = [("text", "constraints", task.text, task.constraints)]
    if task.then is not None:
        turns.append(("then", "then_constraints", task.then, task.then_constraints))
    faults = []
    for name, field, texts, given in turns:
        kept = _kept(given)
        for language in LANGUAGES:
            asked = Counter(stated(getattr(texts, language), language)[0])
            where = f"data/tasks/{task.id}.yaml: {name}.{language}"
            coded = ", ".join(map(str, sorted(kept))) or "nothing"
            for limit in sorted((asked - kept).keys()):
                faults.append(f"{where} asks for {limit}, {field} for {coded}")
            for limit in sorted((kept - asked).keys()):
                said = ", ".join(map(str, sorted(asked))) or "nothing"
                faults.append(f"{where} asks for {said}, {field} for {limit}")
    return list(dict.fromkeys(faults))


_TOLD = 3
"""From which number on all that a text states are compared: one and two are said of anything."""


def numbered(task: Task) -> list[str]:
    """Faults of a task that states a number in one language alone, in digits or in words.

    Numbers that are bounded and those of sentences are compared whatever they are, with the way
    they are bounded; the others from three on. Lengths in words are told by `limits`.
    """
    faults = []
    for field in ("text", "then"):
        texts = getattr(task, field)
        if texts is None:
            continue
        told = {x: _numbers(str(getattr(texts, x)), x) for x in LANGUAGES}
        for language, other in (LANGUAGES, LANGUAGES[::-1]):
            lacking = sorted(told[other] - told[language])
            if lacking:
                faults.append(
                    f"data/tasks/{task.id}.yaml: {field}.{language} lacks {', '.join(lacking)}, "
                    f"which {field}.{other} states; expected the same numbers in both"
                )
    return faults


def _numbers(text: str, language: Language) -> set[str]:
    plain = {str(x.value) for x in numerals.numbers(text, language) if x.value >= _TOLD}
    return plain | {str(x) for x in numerals.counts(text, language)}


def _kept(given: Constraints | None) -> Counter[Limit]:
    """The lengths that constraints hold an answer to."""
    found = {
        "at most": None if given is None else given.words_at_most,
        "at least": None if given is None else given.words_at_least,
    }
    return Counter(Limit(way, words) for way, words in found.items() if words is not None)


def named(task: Task) -> list[str]:
    """Faults of a task that demands or bans a word which its text does not name in that language.

    A second turn may rest on a word that the first one named.
    """
    faults = []
    for field in ("constraints", "then_constraints"):
        given: Constraints | None = getattr(task, field)
        for name in ("uses", "avoids"):
            words: Words | None = getattr(given, name, None)
            for language in LANGUAGES if words is not None else ():
                there = set(present(getattr(words, language), _asked(task, language)))
                faults += [
                    f"data/tasks/{task.id}.yaml: {field}.{name}.{language} has {x!r}, of which the "
                    "text says nothing; expected a word that stands in it, in some form"
                    for x in getattr(words, language)
                    if x not in there
                ]
    return faults


def alike(tasks: Sequence[Task]) -> tuple[Alike, ...]:
    """The pairs of tasks that ask the same in nearly the same words, the closest first.

    What is asked is compared, without what is to be read before it and without the limits; and what
    is to be read, where both have something.
    """
    found = []
    for language in LANGUAGES:
        asked = {x.id: _pairs(_asked(x, language), language) for x in tasks}
        read = {
            x.id: _pairs(str(getattr(x.reads, language)), language)
            for x in tasks
            if x.reads is not None
        }
        for what, said in (("what is asked", asked), ("what is to be read", read)):
            for one, other in combinations(said, 2):
                few = min(len(said[one]), len(said[other]))
                share = len(said[one] & said[other]) / max(few, 1)
                if share >= ALIKE:
                    found.append(Alike(one, other, language, what, share))
    return tuple(sorted(found, key=lambda x: -x.share))


def _asked(task: Task, language: Language) -> str:
    return f"{getattr(task.text, language)} {task.second(language) or ''}"


def _pairs(text: str, language: Language) -> set[tuple[str, str]]:
    """The pairs of neighbouring words, by their first letters, so that endings do not count."""
    bare = stated(text, language)[1].lower().replace("ё", "е")
    return set(pairwise(x[:_STEM] for x in surface.words(bare)))


def _size(task: Task, language: Language) -> Size:
    return Size(len(surface.words(_asked(task, language))), tokens_estimated(task.prompt(language)))


def _load(root: Path) -> tuple[list[Task], list[str]]:
    tasks, faults = [], []
    for path in sorted((root / "data" / "tasks").glob("*.yaml")):
        try:
            task = with_text(files.load(path, Task, root), root)
        except UserError as error:
            faults += str(error).splitlines()
            continue
        tasks.append(task)
        if task.id != path.stem:
            faults.append(f"{files.shown(path, root)}: id is {task.id!r}, expected {path.stem!r}")
    return tasks, faults
