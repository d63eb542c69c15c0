"""Whether a word stands in a text, in any of its forms: told by letters, without a dictionary.

A word is written as its forms with " / " between them; one of them is enough. A form is a beginning
of words (закваск), with = before it a whole word (=lie), with * before it what may stand anywhere
inside one (*терял); after it may stand what it is not: (not матерял, =lied), beginnings again, or
whole words. Case, ё and the width of a space count for nothing, numbers are whole or none.
"""

import re
from collections.abc import Iterable
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
    back = r"(?!\w)" if sign == "=" else r"(?!\d)" if text[-1].isdigit() else ""
    return Form(re.compile(f"{front}{re.escape(text)}{back}"), _exceptions(but))


def _exceptions(but: str | None) -> re.Pattern[str] | None:
    if but is None:
        return None
    each = (x.strip() for x in but.split(","))
    return re.compile(
        "|".join(re.escape(x[1:]) if x[0] == "=" else rf"{re.escape(x)}.*" for x in each)
    )


def _stands(form: Form, text: str) -> bool:
    return any(
        form.but is None or form.but.fullmatch(_word_at(text, x)) is None
        for x in form.pattern.finditer(text)
    )


def _word_at(text: str, found: re.Match[str]) -> str:
    """The whole word that a match begins in."""
    before = re.search(r"\w*$", text[: found.start()])
    after = re.match(r"\w*", text[found.start() :])
    assert before is not None
    assert after is not None
    return before.group() + after.group()


def _plain(text: str) -> str:
    return " ".join(text.split()).lower().replace("ё", "е")
