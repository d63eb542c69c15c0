"""Does an answer repeat itself: how varied its phrases are, and whether it runs in a loop."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import REPETITION
from pipeline.tables import conform

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_LOOP = 3
"""A phrase said this often in a row, at the very end, is a loop."""


class Repetition(NamedTuple):
    """How an answer repeats itself; all counts are of words."""

    words: int
    distinct_1: float | None
    """Share of different words (Li et al. 2016); None = the text has no word."""
    distinct_2: float | None
    """Share of different pairs of neighbours; None = fewer than two words."""
    distinct_3: float | None
    longest: int
    """The longest span that stands in the text at least twice; the two may overlap."""
    loop: int
    """Words at the end that are one phrase said three times in a row or more; 0 = none."""


def measure(text: str) -> Repetition:
    """How `text` repeats itself, case and punctuation aside.

    >>> measure("The sea is far. The sea is near, the sea is...")  # doctest: +ELLIPSIS
    Repetition(words=11, distinct_1=0.45..., distinct_2=0.6, distinct_3=0.77..., longest=3, loop=0)
    >>> measure("So it goes on: on and on and on and on and").loop
    8
    """
    words = _words(text)
    one, two, three = (_distinct(words, n) for n in (1, 2, 3))
    return Repetition(len(words), one, two, three, _longest(words), _loop(words))


def length(text: str) -> int:
    """The words of `text` as they are counted here."""
    return len(_words(text))


def pooled(texts: Sequence[str], n: int, most: int | None = None) -> float | None:
    """The share of different n-grams among those of all `texts` together: how varied draws are.

    With `most`, each text's first so many words count: a longer text repeats more of itself, so
    texts are held side by side at one length. None where no text has n words.

    >>> pooled(["a b a b", "a b c"], 2), pooled(["a b a b", "a b c"], 2, most=2)
    (0.6, 0.5)
    """
    spans = [x for text in texts for x in _spans(_words(text)[:most], n)]
    return len(set(spans)) / len(spans) if spans else None


def by_arm(texts: pl.DataFrame) -> pl.DataFrame:
    """How the answers of each arm repeat themselves, as REPETITION.

    `texts` has a row (arm, language, text) per answer.
    """
    rows = []
    for (arm, language), part in texts.sort("arm", "language").group_by(
        ["arm", "language"], maintain_order=True
    ):
        found = [measure(text) for text in part["text"]]
        rows.append(
            {
                "arm": arm,
                "language": language,
                "answers": len(found),
                "loops": sum(x.loop > 0 for x in found),
                "loop_words": sum(x.loop for x in found),
                "longest": float(np.median([x.longest for x in found])),
                "distinct": _median([x.distinct_1 for x in found]),
                "distinct_pairs": _median([x.distinct_2 for x in found]),
            }
        )
    return conform(pl.DataFrame(rows, schema=REPETITION), REPETITION)


def _median(values: list[float | None]) -> float | None:
    known = [x for x in values if x is not None]
    return float(np.median(known)) if known else None


def _distinct(words: list[str], n: int) -> float | None:
    spans = _spans(words, n)
    return len(set(spans)) / len(spans) if spans else None


def _words(text: str) -> list[str]:
    return list(map(str.lower, _WORD.findall(text)))


def _spans(words: list[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def _longest(words: list[str]) -> int:
    """Found by halving: where a span of n words comes twice, one of n - 1 does.

    Spans are compared by number. Those of 2, 4, 8 ... words are numbered from their halves, as long
    as one comes twice; any other from the two spans of such a length that begin and end it.
    """
    known_words: dict[str, int] = {}
    first = [known_words.setdefault(word, len(known_words)) for word in words]
    numbers, different, size = [np.array(first, np.int64)], len(known_words), 1
    low, high = 0, max(len(words) - 1, 0)
    while different < len(numbers[-1]) and 2 * size < len(words):
        half, low, size = numbers[-1], size, 2 * size
        pair = half[:-low] * len(words) + half[low:]
        values, codes = np.unique(pair, return_inverse=True)
        numbers.append(codes.astype(np.int64))
        different = len(values)
    if different == len(numbers[-1]):
        high = min(high, size - 1)
    while low < high:
        middle = (low + high + 1) // 2
        known = numbers[middle.bit_length() - 1]
        spans = len(words) - middle + 1
        pair = known[:spans] * len(words) + known[len(known) - spans :]
        low, high = (middle, high) if len(np.unique(pair)) < spans else (low, middle - 1)
    return low


def _loop(words: list[str]) -> int:
    """The Z-function of the reversed words: how far they run on with each period."""
    back = words[::-1]
    n, best, left, right = len(back), 0, 0, 0
    match = [0] * n
    for i in range(1, n):
        same = min(right - i, match[i - left]) if i < right else 0
        while i + same < n and back[same] == back[i + same]:
            same += 1
        match[i] = same
        if i + same > right:
            left, right = i, i + same
        if same + i >= _LOOP * i:
            best = max(best, same + i)
    return best
