"""What looks wrong in people's ratings: named and counted, and nothing is dropped for it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from judges import surface
from judges.rubric import seen_digest
from pipeline import gold
from pipeline.owed import JudgedAnswer
from pipeline.study import Design

FASTEST = 12.0
"""Words a second beyond which nobody has read an answer: some 720 a minute, skimming included."""
_ALIKE = 20
"""Ratings of one person on one rubric from which "always the same level" is worth a word."""


class Flag(NamedTuple):
    """Something to ask a person about."""

    rater: str
    rubric: str | None
    """None = whatever the rubric."""
    what: str
    ratings: int


def flags(
    design: Design, judged: Sequence[JudgedAnswer], rows: Sequence[gold.Row]
) -> tuple[Flag, ...]:
    """What looks wrong in the ratings of a study, by person and rubric."""
    answers = {x.want.key: x for x in judged}
    found: Counter[tuple[str, str | None, str]] = Counter()
    levels: dict[tuple[str, str], list[int]] = defaultdict(list)
    rubrics = {x.id: x for x in design.rubrics}
    for rating, _ in rows:
        one = answers.get(rating.response_key)
        if one is None:
            found[rating.rater, None, "rated an answer that the study does not judge"] += 1
            continue
        if rating.score is None:
            continue
        language = design.rubric_language(one.item.language)
        if rating.rubric_digest is None:
            found[rating.rater, rating.rubric, "which words were seen is not known"] += 1
        elif rating.rubric_digest != seen_digest(rubrics[rating.rubric], language):
            found[rating.rater, rating.rubric, "rated under other words than today's"] += 1
        words = len(surface.words(one.item.answer))
        if rating.seconds is not None and rating.seconds * FASTEST < words:
            found[rating.rater, rating.rubric, "faster than the answer can be read"] += 1
        levels[rating.rater, rating.rubric].append(rating.score)
    for (rater, rubric), given in levels.items():
        if len(given) >= _ALIKE and len(set(given)) == 1:
            found[rater, rubric, f"always the same level ({given[0]})"] += len(given)
    return tuple(Flag(*place, n) for place, n in sorted(found.items(), key=lambda x: str(x[0])))


class Standing(NamedTuple):
    """One person in a gold file."""

    rater: str
    rater_class: str
    ratings: int
    unjudged: int
    """Answers that could not be judged."""
    answers: int
    rubrics: tuple[str, ...]
    first: str
    last: str


def standings(ratings: Sequence[gold.Rating]) -> tuple[Standing, ...]:
    """Who rated how much, by name."""
    by_rater: dict[str, list[gold.Rating]] = defaultdict(list)
    for rating in ratings:
        by_rater[rating.rater].append(rating)
    return tuple(
        Standing(
            rater,
            own[0].rater_class,
            sum(x.score is not None for x in own),
            sum(x.score is None for x in own),
            len({x.response_key for x in own}),
            tuple(sorted({x.rubric for x in own})),
            min((x.when for x in own if x.when), default=""),
            max((x.when for x in own if x.when), default=""),
        )
        for rater, own in sorted(by_rater.items())
    )
