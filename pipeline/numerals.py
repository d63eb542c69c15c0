"""The numbers that a text states, in digits or in words, read in English and in Russian."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from judges.verdict import Language

_EN = """
    one (?:two|both) three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen
"""
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_RU = """
    од(?:ин|на|но|ного|ной|ному|ним|ном|ну) (?:дв(?:а|е|ух|ум|умя|ое|оих|оим)|об(?:а|е|оих|еих))
    тр(?:и|ех|ем|емя|ое|оих|оим) четыр(?:е|ех|ем|ьмя)|четверо|четверых|четверым
    пят(?:ь|и|ью|еро|ерых) шест(?:ь|и|ью|еро|ерых) сем(?:ь|и|еро|ерых) вос(?:емь|ьми|емью)
    девят(?:ь|и|ью) десят(?:ь|и|ью) одиннадцат(?:ь|и|ью) двенадцат(?:ь|и|ью) тринадцат(?:ь|и|ью)
    четырнадцат(?:ь|и|ью) пятнадцат(?:ь|и|ью) шестнадцат(?:ь|и|ью) семнадцат(?:ь|и|ью)
    восемнадцат(?:ь|и|ью) девятнадцат(?:ь|и|ью)
"""
_RU_TENS = """
    двадцат(?:ь|и|ью) тридцат(?:ь|и|ью) сорока? пят(?:ьдесят|идесяти|ьюдесятью)
    шест(?:ьдесят|идесяти|ьюдесятью) сем(?:ьдесят|идесяти|ьюдесятью)
    вос(?:емьдесят|ьмидесяти|емьюдесятью) девяност[оа]
"""
# "семью" is left out: it is a family oftener than seven.


def _readers(units: str, tens: str) -> list[tuple[re.Pattern[str], int]]:
    told = [*enumerate(units.split(), 1), *((10 * n, x) for n, x in enumerate(tens.split(), 2))]
    return [(re.compile(x), n) for n, x in told]


_READ: dict[Language, list[tuple[re.Pattern[str], int]]] = {
    "en": _readers(_EN, _EN_TENS),
    "ru": _readers(_RU, _RU_TENS),
}
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")


_YEARS = re.compile(r"летн\w*$")
_SENTENCES: dict[Language, str] = {
    "en": r"[\s-]+(?:\w+\s+){0,2}sentences?\b",
    "ru": r"[\s-]+(?:\w+\s+){0,2}(?:фраз|предложени)\w*",
}
_WORDS: dict[Language, str] = {"en": r"\s+words?\b", "ru": r"\s+слов\w*"}
WAYS: dict[Language, dict[str, str]] = {
    "en": {
        "exactly": "exactly|precisely",
        "at most": "at most|no more than|not more than|up to|within|no longer than|not exceeding",
        "at least": "at least|no fewer than|not fewer than|no less than|not less than|a minimum of",
    },
    "ru": {
        "exactly": "ровно|в точности",
        "at most": "не больше|не более|не длиннее|самое большее|максимум|в пределах",
        "at least": "не меньше|не менее|не короче|по меньшей мере|минимум|хотя бы",
    },
}
"""By what a language says which way a number bounds; it stands right before the number."""


class Number(NamedTuple):
    """A whole number in a text, with where it stands there."""

    value: int
    start: int
    end: int


def numbers(text: str, language: Language) -> Iterator[Number]:
    """The whole numbers that a text states, in its order; fractions and ordinals are none.

    >>> [x.value for x in numbers("Twenty-five men, 3 dogs, 0.5 miles, the third.", "en")]
    [25, 3]
    >>> [x.value for x in numbers("Двадцати пяти людям, не меньше шести", "ru")]
    [25, 6]
    """
    plain = text.lower().replace("ё", "е")
    held: Number | None = None
    for token in _TOKEN.finditer(plain):
        value = _value(token.group(), language)
        if held is not None:
            between = plain[held.end : token.start()].strip(" -\n")
            if not between and value is not None and value < 10 and held.value % 10 == 0:
                yield Number(held.value + value, held.start, token.end())
                held = None
                continue
            yield held
            held = None
        if value is None:
            continue
        one = Number(value, token.start(), token.end())
        if value >= 20 and value % 10 == 0 and not token.group().isdigit():
            held = one
        else:
            yield one
    if held is not None:
        yield held


def _value(token: str, language: Language) -> int | None:
    if token.isdigit():
        return int(token)
    bare = _YEARS.sub("", token) if language == "ru" else token
    return next((n for x, n in _READ[language] if x.fullmatch(bare)), None)


class Count(NamedTuple):
    """A number with what bounds it, or with sentences after it, as an asking text has them."""

    way: str
    """exactly | at most | at least; empty = none was read."""
    value: int
    sentences: bool

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.way} {self.value}{' sentences' * self.sentences}".strip()


def counts(text: str, language: Language) -> set[Count]:
    """The numbers that are bounded, and those of sentences, words left out: limits tell of these.

    >>> sorted(map(str, counts("Exactly 3 sentences, at least five silences, nine men.", "en")))
    ['at least 5', 'exactly 3 sentences']
    >>> sorted(map(str, counts("Одна фраза, не меньше пяти молчаний, не больше 90 слов.", "ru")))
    ['1 sentences', 'at least 5']
    """
    plain = text.lower().replace("ё", "е")
    found = set()
    for one in numbers(text, language):
        before, after = plain[: one.start].rstrip(), plain[one.end :]
        ways = WAYS[language].items()
        way = next((x for x, y in ways if re.search(rf"\b(?:{y})$", before)), "")
        sentences = re.match(_SENTENCES[language], after) is not None
        # A bounded one is dropped as easily as said: exactly one day, a day exactly.
        bounded = bool(way) and one.value > 1
        if (bounded or sentences) and re.match(_WORDS[language], after) is None:
            found.add(Count(way, one.value, sentences))
    return found
