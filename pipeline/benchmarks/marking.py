"""Is a reply right: read strictly, so that what cannot be read is wrong and is counted apart."""

import re
from decimal import Decimal, InvalidOperation
from typing import Literal

from judges.verdict import Language
from pipeline.benchmarks.items import LETTERS
from pipeline.benchmarks.wordings import Question

Mark = Literal["right", "wrong", "unreadable"]

_LOOKALIKES = str.maketrans("АВСЕН", "ABCEH")
"""Cyrillic capitals that look like the letters of the prompt."""
_SAID = r"(?:(?:the )?(?:right |correct )?(?:answer|option)(?: is)?|(?:верный |правильный )?ответ)"
_LED = re.compile(rf"^{_SAID}\s*[:=—–-]?\s*", re.IGNORECASE)
_LETTER = re.compile(r"^\(?([A-J])\)?[.)]?(?:\s*(.+))?$")
_NUMBERS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$"),
    "ru": re.compile(r"^[+-]?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?$"),
}


def mark(question: Question, reply: str) -> Mark:
    """What the last line of a reply comes to.

    A letter may stand in brackets or bold, after "answer:", and with its own option behind it; a
    number in the manner of the language. Anything else is unreadable.
    """
    line = _last_line(reply)
    if line is None:
        return "unreadable"
    if question.options:
        said = _letter(line, question.options)
        return "unreadable" if said is None else "right" if said == question.right else "wrong"
    number = _number(line, question.language)
    if number is None:
        return "unreadable"
    return "right" if number == Decimal(question.right) else "wrong"


def _last_line(reply: str) -> str | None:
    """The last line that says anything, without marks of emphasis and without a lead."""
    lines = [x.strip(" \t*_`$\"'«»“”") for x in reply.splitlines()]
    last = next((x for x in reversed(lines) if x), None)
    return None if last is None else _LED.sub("", last).strip(" *_`$").rstrip(". *_`$")


def _letter(line: str, options: tuple[str, ...]) -> str | None:
    """The letter that a line gives; None where it gives none, or one with another's option.

    >>> _letter("B) brass", ("tin", "brass")), _letter("B) tin", ("tin", "brass"))
    ('B', None)
    """
    found = _LETTER.match(line[:2].translate(_LOOKALIKES) + line[2:])
    if found is None or found[1] not in LETTERS[: len(options)]:
        return None
    own = options[LETTERS.index(found[1])]
    if found[2] is not None and found[2].rstrip(".").casefold() != own.rstrip(".").casefold():
        return None
    return found[1]


def _number(line: str, language: Language) -> Decimal | None:
    """The number that a line is, and nothing beside it.

    >>> _number("1,250.", "en"), _number("2,5", "ru"), _number("about 7", "en")
    (Decimal('1250'), Decimal('2.5'), None)
    """
    plain = re.sub(r"[\u00a0\u202f]", " ", line).replace("\N{MINUS SIGN}", "-").removesuffix(".")
    if not _NUMBERS[language].match(plain):
        return None
    joined = plain.replace(" ", "")
    joined = joined.replace(",", "") if language == "en" else joined.replace(",", ".")
    try:
        return Decimal(joined)
    except InvalidOperation:
        return None
