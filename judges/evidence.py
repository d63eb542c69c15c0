"""How the judged text is kept apart from the judge's orders, and whether a quote stands in it."""

import re
import unicodedata
from typing import NamedTuple

from judges.digest import digest

_SIGNS: dict[str, str] = {
    **dict.fromkeys("«»„“”‟″〝〞❝❞", '"'),
    **dict.fromkeys("‘’‚‛′❛❜`´", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    "…": "...",
    **dict.fromkeys("\u00ad\u200b\ufeff", ""),
}
"""Signs that typography and models exchange freely; a soft hyphen is no sign at all."""
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_INSIDE_WORDS = re.compile("[\u00ad\u200b\ufeff]")
_WORD = re.compile(r"\w+")


class Span(NamedTuple):
    """Where a quote stands in the answer: characters start (included) to end (not included)."""

    start: int
    end: int


class Normalised(NamedTuple):
    """A text made comparable, and for each of its characters the place it came from."""

    text: str
    origin: tuple[int, ...]


def normalise(text: str) -> Normalised:
    """`text` in NFC, with plain quotes and dashes and single spaces, and where each sign came from.

    >>> normalise("«Да» —  нет").text
    '"Да" - нет'
    """
    signs: list[str] = []
    origin: list[int] = []
    for start, cluster in _clusters(text):
        for sign in _exchanged(unicodedata.normalize("NFC", cluster)):
            if sign.isspace():
                if not signs or signs[-1] == " ":
                    continue
                sign = " "
            signs.append(sign)
            origin.append(start)
    if signs and signs[-1] == " ":
        signs.pop()
        origin.pop()
    return Normalised("".join(signs), (*origin, len(text)))


def _exchanged(text: str) -> str:
    """`text` with its typography made plain; a search for the few signs is faster than a table."""
    return _SIGN.sub(lambda found: _SIGNS[found.group()], text)


def _clusters(text: str) -> list[tuple[int, str]]:
    """Each base character with the marks that follow it, and where it starts."""
    if text.isascii():
        return list(enumerate(text))
    found: list[tuple[int, str]] = []
    for index, sign in enumerate(text):
        if found and unicodedata.combining(sign):
            start, cluster = found[-1]
            found[-1] = (start, cluster + sign)
        else:
            found.append((index, sign))
    return found


def plain(text: str) -> str:
    """`normalise(text).text`, many times faster: for the question whether, not where.

    >>> plain("«Да» —  нет")
    '"Да" - нет'
    """
    return " ".join(_exchanged(unicodedata.normalize("NFC", text)).split())


def contains(quote: str, answer: str) -> bool:
    """Whether `quote` stands in `answer`: one changed letter is enough for no.

    Differences of typography do not count (see `plain`), nor do quotation marks around the whole
    quote. An empty quote stands nowhere.
    """
    wanted = _wanted(quote)
    if not wanted or quote in answer:
        return bool(wanted)
    if _lacks_a_word(wanted[0], answer):
        return False
    text = plain(answer)
    return any(x in text for x in wanted)


def _lacks_a_word(quote: str, answer: str) -> bool:
    """Whether a word of the plain `quote` is certainly not in `answer`: no need to look closer.

    Making a text plain changes no letter, unless it composes accents or drops a sign inside a word.
    """
    if _INSIDE_WORDS.search(answer) or not unicodedata.is_normalized("NFC", answer):
        return False
    return any(word not in answer for word in _WORD.findall(quote))


def locate(quote: str, answer: Normalised) -> Span | None:
    """Where `quote` stands in the normalised answer; None where `contains` is false."""
    for wanted in _wanted(quote):
        start = answer.text.find(wanted)
        if start >= 0:
            last = answer.origin[start + len(wanted) - 1]
            after = answer.origin[start + len(wanted)]
            return Span(answer.origin[start], max(after, last + 1))
    return None


def _wanted(quote: str) -> list[str]:
    """The quote as it is looked for: as it stands, then without quotation marks around it."""
    whole = plain(quote)
    bare = whole.strip("\"'").strip()
    return list(dict.fromkeys((whole, bare))) if bare else []


def fence_mark(seed: str, *texts: str) -> str:
    """A mark for the fence around `texts` that none of them contains.

    `seed` is a digest of the texts, so a text would have to contain its own digest to forge the
    mark. The same item gets the same mark, so that servers can reuse the beginning of the prompt.
    """
    attempt = 0
    while True:
        mark = digest("fence", attempt, seed)[:12]
        if not any(mark in text for text in texts):
            return mark
        attempt += 1


def fenced(text: str, mark: str) -> str:
    """`text` between an opening and a closing line that carry `mark`."""
    return f"<<<DATA {mark}\n{text}\nDATA {mark}>>>"
