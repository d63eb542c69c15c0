"""What a text of a task orders: words closed or demanded by quoting them, a beginning, an end."""

import re

from judges.verdict import Language
from pipeline.tasks import Constraints, Task
from pipeline.wordforms import present

_QUOTE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r'["“]([^"“”]+)["”]'),
    "ru": re.compile(r"«([^«»]+)»"),
}
_ASIDE = re.compile(r"\([^()]*\)")
"""What stands in brackets explains a word and is none."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_ORDER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:without|leave out|avoid|will not have|(?:do not|don't|never) (?:use|write)"
        r'|uses?(?: neither| both)?)(?: the (?:words?|verbs?|nouns?))? "'
        r'|\b(?:has|have|contains?|includes?) the words? "|\bno form of the words? "'
        r'|\bthe words? ".*\b(?:closed|banned|forbidden|not available|must|may not)\b',
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\b(?:без|избегайте|не (?:используйте|употребляйте|пишите)|используйте|употребите)"
        r"(?: (?:слов[ао]?|глагол(?:а|ы|ов)?|существительн(?:ого|ое|ых|ые)))? «"
        r"|\b(?:есть|долж(?:но|ны) быть) слов[ао] «|\bни «.*не (?:примет|употреб)"
        r"|\bслов[ао]? «.*\b(?:закрыт|под запрет|запрещ[её]н|избегайте|не употреб|должн|нельзя)",
        re.IGNORECASE,
    ),
}
"""How a sentence says that the words which it quotes are closed, or must stand in the answer.

A sentence that turns down a thought and not its words ("It cannot be known" is not an answer) says
none of these.
"""
_PLACES: dict[str, dict[Language, re.Pattern[str]]] = {
    "beginning": {
        "en": re.compile(r"\b(?:begin|start|open) (?:with|by)\b", re.IGNORECASE),
        "ru": re.compile(r"\bнач(?:ните|инайте) со?\b", re.IGNORECASE),
    },
    "end": {
        "en": re.compile(r"\b(?:end|finish|close) (?:with|by|on)\b", re.IGNORECASE),
        "ru": re.compile(r"\b(?:за)?к[оа]нч(?:ите|ивайте)\b", re.IGNORECASE),
    },
}
"""How a text says what an answer begins or ends with."""


def quoted(text: str, language: Language) -> list[str]:
    """The words that `text` closes or demands by quoting them, in its order.

    >>> quoted('A "yes". Without the words "joke" ("jest" too) or "irony", please.', "en")
    ['joke', 'irony']
    >>> quoted("Он сказал «да». Слова «снег» и «сухо» должны в ней стоять.", "ru")
    ['снег', 'сухо']
    """
    plain = re.sub("[“”]", '"', _ASIDE.sub("", text))
    plain = " ".join(plain.split())
    ordering = (x for x in _SENTENCE.split(plain) if _ORDER[language].search(x))
    return [x.strip(" .,") for sentence in ordering for x in _QUOTE[language].findall(sentence)]


def faults(task: Task, languages: tuple[Language, ...]) -> list[str]:
    """Faults of a task that orders in one language alone, or what its constraints do not know.

    Both languages quote as many words, each has an entry in `uses` or `avoids` of some turn, and
    both say with what to begin or to end, or neither.
    """
    turns = {x: getattr(task, x) for x in ("text", "then") if getattr(task, x) is not None}
    found = []
    for field, texts in turns.items():
        where = f"data/tasks/{task.id}.yaml: {field}"
        said = {x: str(getattr(texts, x)) for x in languages}
        found += [*_words(task, where, said), *_places(where, said)]
    return found


def _words(task: Task, where: str, said: dict[Language, str]) -> list[str]:
    told = {x: quoted(text, x) for x, text in said.items()}
    found = [
        f"{where}.{language} closes or demands {x!r}, of which uses and avoids say nothing in that "
        "language; expected an entry that stands in it"
        for language, words in told.items()
        for x in words
        if not present(_entries(task, language), x)
    ]
    if len({len(x) for x in told.values()}) > 1:
        each = "; ".join(f"{x}: {', '.join(map(repr, y)) or 'none'}" for x, y in told.items())
        found.append(
            f"{where} closes or demands unlike numbers of words ({each}); expected as many in each "
            "language"
        )
    return found


def _places(where: str, said: dict[Language, str]) -> list[str]:
    found = []
    for place, ways in _PLACES.items():
        told = {x: ways[x].search(text) is not None for x, text in said.items()}
        if any(told.values()):
            lacking = (x for x, orders in told.items() if not orders)
            found += [
                f"{where}.{x} orders no {place}, the other does; expected both" for x in lacking
            ]
    return found


def _entries(task: Task, language: Language) -> list[str]:
    turns: tuple[Constraints | None, ...] = (task.constraints, task.then_constraints)
    given = (x for turn in turns if turn for x in (turn.uses, turn.avoids) if x is not None)
    return [entry for lines in given for entry in getattr(lines, language)]
