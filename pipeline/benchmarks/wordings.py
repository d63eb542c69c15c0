"""How an item is put to a model: as it stands, with its options shuffled, and in other words."""

import random
from collections.abc import Iterable
from typing import Literal, NamedTuple

from judges.verdict import Language
from pipeline.benchmarks.items import LETTERS, Item, Kind, Loaded

Form = Literal["plain", "shuffled", "reworded"]
FORMS: tuple[Form, ...] = ("plain", "shuffled", "reworded")

_ASK: dict[Kind, dict[Language, str]] = {
    "multiple_choice": {
        "en": "On the last line of your answer write the letter of the right option ({letters}) "
        "and nothing else.",
        "ru": "В последней строке ответа напишите букву верного варианта ({letters}) и больше "
        "ничего.",
    },
    "number": {
        "en": "On the last line of your answer write the number in figures and nothing else.",
        "ru": "В последней строке ответа напишите число цифрами и больше ничего.",
    },
}


class Question(NamedTuple):
    """One item in one form and language, as it is asked."""

    benchmark: str
    item: str
    language: Language
    form: Form
    prompt: str
    options: tuple[str, ...]
    """As they are lettered in the prompt; none where a number is asked for."""
    right: str
    """The letter or the number."""


def questions(loaded: Loaded, languages: Iterable[Language]) -> tuple[Question, ...]:
    """Every question of a benchmark in `languages`: items in their order, then forms."""
    return tuple(
        found
        for language in languages
        for item in loaded.items
        for form in FORMS
        if (found := question(loaded, item, language, form)) is not None
    )


def question(loaded: Loaded, item: Item, language: Language, form: Form) -> Question | None:
    """`item` in that form; None where it has no such form or language."""
    asked: str | None = getattr(item.question, language)
    if form == "reworded":
        asked = getattr(item.reworded, language, None)
    if asked is None or (form == "shuffled" and item.options is None):
        return None
    options: tuple[str, ...] = getattr(item.options, language, None) or ()
    right = item.answer
    if form == "shuffled":
        order = shuffled(len(options), LETTERS.index(right), f"{loaded.benchmark.seed} {item.id}")
        options = tuple(options[x] for x in order)
        right = LETTERS[order.index(LETTERS.index(item.answer))]
    lettered = "\n".join(f"{x}) {said}" for x, said in zip(LETTERS, options, strict=False))
    how = _ASK[loaded.benchmark.kind][language].format(letters=", ".join(LETTERS[: len(options)]))
    prompt = "\n\n".join(x for x in (asked, lettered, how) if x)
    return Question(loaded.benchmark.id, item.id, language, form, prompt, options, right)


def shuffled(count: int, right: int, seed: str) -> tuple[int, ...]:
    """An order of `count` options, the same for one seed, in which the right one has moved.

    >>> order = shuffled(4, 2, "0 key")
    >>> sorted(order), order.index(2) == 2
    ([0, 1, 2, 3], False)
    """
    order = list(range(count))
    drawn = random.Random(seed)
    while order[right] == right:
        drawn.shuffle(order)
    return tuple(order)
