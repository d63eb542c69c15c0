"""Judges that only count: the floor that every judging model must beat.

They see the same item and write the same verdict as a model, but look at nothing except the surface
of the text. Where a panel agrees with people no better than these do, its scores carry no more than
word counts.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

from judges.digest import digest
from judges.panel import Measure
from judges.rubric import Rubric
from judges.verdict import Item, Language, Verdict

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_CYRILLIC = re.compile(r"[а-яё]+", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]+", re.IGNORECASE)
_WINDOW = 50

_SELF_EN = """
    i me my mine myself because but however yet although though unless whereas therefore thus
    perhaps maybe suppose assume doubt wonder question hypothesis
"""
_SELF_RU = """
    я мне меня мной мой моя моё мои себя себе потому но однако хотя если поэтому значит
    следовательно возможно может пожалуй допустим предположим сомневаюсь вопрос гипотеза
"""
_SELF: dict[Language, frozenset[str]] = {
    "en": frozenset(_SELF_EN.split()),
    "ru": frozenset(_SELF_RU.split()),
}
"""Connectives of contrast and cause, and words by which a text speaks of itself."""

# Cuts of each measure for five even bins, taken from the spread of ordinary essays of 50-400 words.
# They are round numbers on purpose: a floor has no business being tuned.
_CUTS: dict[Measure, tuple[float, ...]] = {
    "length": (40, 80, 120, 160, 220, 280, 360, 460, 600, 800),
    "lexical_diversity": (0.55, 0.60, 0.65, 0.70, 0.74, 0.78, 0.82, 0.86, 0.90, 0.94),
    "self_reference": (1, 2, 3, 4, 5, 6, 7.5, 9, 11, 14),
}


@lru_cache(maxsize=8)  # all measures look at a text before the next one comes
def words(text: str) -> tuple[str, ...]:
    """The words of `text` in lower case, in order.

    >>> words("Well-known: 3 «дела»!")
    ('well-known', 'дела')
    """
    return tuple(map(str.lower, _WORD.findall(text)))


def _length(item: Item) -> tuple[float, str]:
    count = len(words(item.answer))
    return count, f"слов: {count}" if item.language == "ru" else f"words: {count}"


def _lexical_diversity(item: Item) -> tuple[float, str]:
    """Moving-average type-token ratio over windows of 50 words (Covington & McFall 2010)."""
    tokens = words(item.answer)
    width = min(_WINDOW, len(tokens))
    windows = max(1, len(tokens) - _WINDOW + 1)
    ratio = _different(tokens, width, windows) / (width * windows) if tokens else 0.0
    if item.language == "ru":
        return ratio, f"доля разных слов: {ratio:.2f} (окна по {_WINDOW} слов)".replace(".", ",")
    return ratio, f"different words per word: {ratio:.2f}, in windows of {_WINDOW}"


def _different(tokens: tuple[str, ...], width: int, windows: int) -> int:
    """The different words of each window, summed: each counts where it first stands in one."""
    found = 0
    before: dict[str, int] = {}
    for place, token in enumerate(tokens):
        first, last = before.get(token, -1) + 1, place if place < windows else windows - 1
        if first <= place - width:
            first = place - width + 1
        if first <= last:
            found += last - first + 1
        before[token] = place
    return found


def _self_reference(item: Item) -> tuple[float, str]:
    tokens = words(item.answer)
    hits = sum(token in _SELF[item.language] for token in tokens)
    share = 100 * hits / len(tokens) if tokens else 0.0
    if item.language == "ru":
        return share, f"союзов, связок и слов о себе: {hits}; всего слов: {len(tokens)}"
    return share, f"connectives and words about itself: {hits} in {len(tokens)} words"


_MEASURES: dict[Measure, Callable[[Item], tuple[float, str]]] = {
    "length": _length,
    "lexical_diversity": _lexical_diversity,
    "self_reference": _self_reference,
}


def identity(measure: Measure) -> str:
    """The digest of all that fixes what `measure` gives for a text."""
    lexicon = {k: sorted(v) for k, v in _SELF.items()} if measure == "self_reference" else None
    return digest("surface", measure, _CUTS[measure], lexicon, _WINDOW)


def share(measure: Measure, item: Item) -> tuple[float, str]:
    """How far up any scale `measure` puts the item, from 0 to below 1, and what it counted."""
    value, said = _MEASURES[measure](item)
    cuts = _CUTS[measure]
    return bisect_right(cuts, value) / (len(cuts) + 1), said


def judge(measure: Measure, item: Item, rubric: Rubric) -> Verdict:
    """The level at which `measure` puts the item: the same on every rubric of that many levels."""
    place, said = share(measure, item)
    level = rubric.scale[min(int(place * len(rubric.scale)), len(rubric.scale) - 1)]
    return Verdict(
        score=level,
        reason=None,
        rationale=said,
        evidence=(),
        how="computed",
        measurement=None,
    )


def language_of(text: str) -> Language | None:
    """The language by script: ru where most letters are Cyrillic, en where most are Latin.

    >>> language_of("Сизиф и AGI"), language_of("Sisyphus"), language_of("42")
    ('ru', 'en', None)
    """
    russian, english = (len("".join(x.findall(text))) for x in (_CYRILLIC, _LATIN))
    if russian == english:
        return None
    return "ru" if russian > english else "en"
