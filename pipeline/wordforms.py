"""Whether a word stands in a text, in any of its forms: told by letters, without a dictionary.

A word is written as its forms with " / " between them; one of them is enough. A form is a beginning
of words (закваск), with = before it a whole word (=lie), with * before it what may stand anywhere
inside one (*терял); after it may stand what it is not: (not матерял, =lied), beginnings again, or
whole words. Case, ё and the width of a space count for nothing, numbers are whole or none, and 0 is
none in 0.3 or 0,3.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

APART = " / "
_FORM = re.compile(r"(?P<sign>[=*]?)(?P<text>[^=*()/]+?)(?: \(not (?P<but>[^()]+)\))?")


class Form(NamedTuple):
    """One form of a word."""

    pattern: re.Pattern[str]
    but: re.Pattern[str] | None
    """Words of the text that are none, whole; None = no exception."""


class NotAWordError(ValueError):
    """A word is not written as its forms are."""


def present(words: Iterable[str], text: str) -> list[str]:
    """Those of `words` that stand in `text`.

    >>> present(("закваск", "sea bell"), "О Закваске; the sea  bells")
    ['закваск', 'sea bell']
    >>> present(("art", "12"), "heart 121")
    []
    >>> present(("=акт / =акта", "*теря (not матеря)"), "активно искали, но Акта матерям не дали")
    ['=акт / =акта']
    """
    plain = _plain(text)
    return [word for word in words if any(_stands(x, plain) for x in forms(word))]


_DENIAL = re.compile(
    r"(?:(?<!\w)(?:not|never|nor|neither|не|ни)|n['’]t)\s+(?P<between>(?:[\w'’-]+\s+){0,3})$"
)
_BOUND = re.compile(
    r"\b(?:only|just|merely|until|till|before|earlier|sooner|but|только|просто|раньше|ранее|прежде|а)\b"
)
"""What takes the denial back: not only in 1961, not before 1961."""


def affirmed(words: Iterable[str], text: str) -> list[str]:
    """Those of `words` that stand in `text` where it does not deny them in the words before.

    >>> affirmed(("pike", "1961"), "Not inside the pike but in the stove; not before 1961")
    ['1961']
    """
    plain = _plain(text)
    return [
        word
        for word in words
        if any(not _denied(plain, x) for form in forms(word) for x in _places(form, plain))
    ]


def _denied(text: str, found: re.Match[str]) -> bool:
    before = re.sub(r"\w+$", "", text[: found.start()])
    denial = _DENIAL.search(before)
    return denial is not None and _BOUND.search(denial["between"]) is None


@cache
def forms(word: str) -> tuple[Form, ...]:
    """The forms of a word as it is written.

    Raises:
        NotAWordError: it is not written so.
    """
    found = [_FORM.fullmatch(x) for x in _plain(word).split(APART)]
    if any(x is None for x in found):
        raise NotAWordError(
            f"{word!r} is no list of forms; expected beginnings of words with ' / ' between them, "
            "=whole, *inside, and what is none as in lie (not lieutenant)"
        )
    return tuple(_form(**x.groupdict()) for x in found if x is not None)


def _form(sign: str, text: str, but: str | None) -> Form:
    front = "" if sign == "*" else r"(?<!\w)"
    back = r"(?!\w)" if sign == "=" else ""
    if text[0].isdigit():
        front += r"(?<!\d[.,])"
    if text[-1].isdigit():
        back += r"(?![.,]?\d)"
    return Form(re.compile(f"{front}{re.escape(text)}{back}"), _exceptions(but))


def _exceptions(but: str | None) -> re.Pattern[str] | None:
    if but is None:
        return None
    each = (x.strip() for x in but.split(","))
    return re.compile(
        "|".join(re.escape(x[1:]) if x[0] == "=" else rf"{re.escape(x)}.*" for x in each)
    )


def _stands(form: Form, text: str) -> bool:
    return any(True for _ in _places(form, text))


def _places(form: Form, text: str) -> Iterator[re.Match[str]]:
    """Where a form stands in a text, but for its exceptions."""
    for found in form.pattern.finditer(text):
        if form.but is None or form.but.fullmatch(_word_at(text, found)) is None:
            yield found


def _word_at(text: str, found: re.Match[str]) -> str:
    """The whole word that a match begins in."""
    before = re.search(r"\w*$", text[: found.start()])
    after = re.match(r"\w*", text[found.start() :])
    assert before is not None
    assert after is not None
    return before.group() + after.group()


_HEADING = re.compile(r"^(?:#.*|.*:)\s*$")
_BULLET = re.compile(r"^(?:[-*•]|1[.)])\s+")
_END = re.compile(r"[.!?…]+[\"'»”’)*_]*(?=\s+(?![a-zа-яё0-9])|\s*$)")
_SHORT = re.compile(r"(?:^|\W)(?:dr|mr|mrs|ms|st|no|nos|г|гг|св|проф|[^\W\d_])\.$", re.IGNORECASE)
"""An abbreviation, or an initial, whose dot ends no sentence."""


def first_sentence(text: str) -> str:
    r"""The first sentence of an answer, headings before it left out.

    >>> first_sentence("# Log\n\nAt Dr. Ruhl's, No. 12. Then the rest.")
    "At Dr. Ruhl's, No. 12."
    >>> first_sentence("0\n\nThe bell is silent.")
    '0'
    """
    lines = (_BULLET.sub("", x.strip()) for x in text.splitlines())
    first = next((x for x in lines if x and not _HEADING.match(x)), "")
    for end in _END.finditer(first):
        if not _SHORT.search(first[: end.end()].rstrip("\"'»”’)*_")):
            return first[: end.end()]
    return first


def _plain(text: str) -> str:
    return " ".join(text.split()).lower().replace("ё", "е")
