"""Whether a word stands in a text, in any of its forms: told by letters, without a dictionary.

A word is written as its forms with " / " between them; one of them is enough. A form is a beginning
of words (закваск), with = before it a whole word (=lie), with * before it what may stand anywhere
inside one (*терял). Where … stands between two, up to three words may stand there (let … =go).
After it may stand forms that take it back where they touch it: (not матерял, =fish shop). A form in
small letters is found in capitals too, one with a capital with its capital alone: Кант is no кант.
ё, the width of a space, the kind of a hyphen or an apostrophe and the marks of Markdown in a text
(_pike_, **12**) count for nothing, numbers are whole or none, and 0 is none in 0.3 or 0,3.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

APART = " / "
GAP = " … "
_BETWEEN = r"[\w'-]*(?: [\w'-]+){0,3}? "
"""The fewest words: of "let it go and go home" the first three are taken."""
_PART = re.compile(r"(?P<sign>[=*]?)(?P<text>[^=*()/…]+)")
_FORM = re.compile(r"(?P<form>[^()]+?)(?: \(not (?P<but>[^()]+)\))?")


class Form(NamedTuple):
    """One form of a word."""

    pattern: re.Pattern[str]
    but: tuple[re.Pattern[str], ...]
    """What takes it back, where it touches the form."""


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
    >>> present(("Plato", "=let … go (not =go on)"), "A platoon; let it go on; let the debt go.")
    ['=let … go (not =go on)']
    >>> present(("=pike", "council … =buttons"), "Inside the _pike_; the **Council's** `buttons`.")
    ['=pike', 'council … =buttons']
    """
    plain = _plain(_unmarked(text))
    return [word for word in words if any(_stands(x, plain) for x in forms(word))]


_DENIAL = re.compile(
    r"(?:(?<!\w)(?:not|never|nor|neither|не|ни)|n't)\s+(?P<between>(?:[\w'-]+\s+){0,3})$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?:only|just|merely|until|till|before|earlier|sooner|but|только|просто|раньше|ранее|прежде|а)\b",
    re.IGNORECASE,
)
"""What takes the denial back: not only in 1961, not before 1961."""


def affirmed(words: Iterable[str], text: str) -> list[str]:
    """Those of `words` that stand in `text` where it does not deny them in the words before.

    >>> affirmed(("pike", "1961"), "Not inside the pike but in the stove; not before 1961")
    ['1961']
    """
    plain = _plain(_unmarked(text))
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
    try:
        return tuple(map(_form, _plain(word).split(APART)))
    except NotAWordError:
        raise NotAWordError(
            f"{word!r} is no list of forms; expected beginnings of words with ' / ' between them, "
            "=whole, *inside, let … go, and what is none as in lie (not lieutenant)"
        ) from None


def _form(written: str) -> Form:
    found = _FORM.fullmatch(written)
    if found is None:
        raise NotAWordError(written)
    but = found["but"].split(",") if found["but"] else []
    return Form(_pattern(found["form"]), tuple(_pattern(x.strip()) for x in but))


def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(_BETWEEN.join(map(_part, written.split(GAP))))


def _part(written: str) -> str:
    found = _PART.fullmatch(written)
    if found is None:
        raise NotAWordError(written)
    sign, text = found["sign"], found["text"]
    front = "" if sign == "*" else r"(?<!\w)"
    back = r"(?!\w)" if sign == "=" else ""
    if text[0].isdigit():
        front += r"(?<!\d[.,])"
    if text[-1].isdigit():
        back += r"(?![.,]?\d)"
    small = re.escape(text)
    case = f"(?i:{small})" if text == text.lower() else f"(?:{small}|{re.escape(text.upper())})"
    return f"{front}{case}{back}"


def _stands(form: Form, text: str) -> bool:
    return any(True for _ in _places(form, text))


def _places(form: Form, text: str) -> Iterator[re.Match[str]]:
    """Where a form stands in a text, but for its exceptions."""
    void = [x.span() for but in form.but for x in but.finditer(text)]
    for found in form.pattern.finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in void):
            yield found


_HEADING = re.compile(r"^(?:#.*|.*:)$")
"""A title or an announcement: it ends in no full stop."""
_BULLET = re.compile(r"^(?:[-*•]|1[.)])\s+")
_END = re.compile(r"[.!?…]+[\"'»”’)]*(?=\s+(?![a-zа-яё0-9])|\s*$)")
_SHORT = re.compile(
    r"(?:^|[^\w'’])(?:dr|mr|mrs|ms|st|no|nos|г|гг|св|проф|[^\W\d_])\.$", re.IGNORECASE
)
"""An abbreviation, or an initial, whose dot ends no sentence."""


def first_sentence(text: str) -> str:
    r"""The first sentence of an answer, headings and addresses before it left out.

    >>> first_sentence("# Log\n\nAt Dr. Ruhl's, No. 12. Then the rest.")
    "At Dr. Ruhl's, No. 12."
    >>> first_sentence("To the Commission,\n\nthe pike's. Then the rest.")
    "the pike's."
    >>> first_sentence("Inside the pike,\nat the dentist's. Then the rest.")
    "Inside the pike, at the dentist's."
    >>> first_sentence("0\n\nThe bell is silent.")
    '0'
    """
    first = _first_line(text)
    for end in _END.finditer(first):
        if not _SHORT.search(first[: end.end()].rstrip("\"'»”’)")):
            return first[: end.end()]
    return first


def _first_line(text: str) -> str:
    """The first line that says something, with those that its comma runs on to."""
    found = ""
    for written in text.splitlines():
        line = _unmarked(_BULLET.sub("", written.strip()))
        if not line:
            # What ends in a comma before an empty line is an address.
            found = ""
        elif found or not _HEADING.match(line):
            found = f"{found} {line}".lstrip()
            if not found.endswith(","):
                break
    return found


_MARKS = re.compile("[*_`]")


def _unmarked(text: str) -> str:
    """A text without its marks of Markdown, which would part a word from its neighbours."""
    return _MARKS.sub("", text)


_ALIKE = str.maketrans(
    {"ё": "е", "Ё": "Е", "\u2010": "-", "\u2011": "-", "\u2019": "'", "\u02bc": "'", "\u00ad": None}
)


def _plain(text: str) -> str:
    return " ".join(text.translate(_ALIKE).split())
