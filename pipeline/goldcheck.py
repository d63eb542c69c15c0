"""What looks wrong in people's ratings: named and counted, and nothing is dropped for it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from judges import surface
from judges.rubric import seen_digest
from pipeline import gold
from pipeline.owed import JudgedAnswer
from pipeline.study import Design

FASTEST = 12.0
"""Words a second beyond which nobody has read an answer: some 720 a minute, skimming included."""
_ALIKE = 20
"""Ratings of one person from which "always the same level" is worth a word."""


class Flag(NamedTuple):
    """Something to ask a person about."""

    rater: str
    rubric: str | None
    """None = whatever the rubric."""
    what: str
    ratings: int


def flags(
    design: Design,
    judged: Sequence[JudgedAnswer],
    rows: Sequence[gold.Row],
    known: Collection[str],
) -> tuple[Flag, ...]:
    """What looks wrong in the ratings of a study, by person and rubric.

    `known` are the keys of all answers that the study wants or has.
    """
    answers = {x.want.key: x for x in judged}
    rubrics = {x.id: x for x in design.rubrics}

    def today(rating: gold.Rating) -> str | None:
        one = answers.get(rating.response_key)
        language = None if one is None else design.rubric_language(one.item.language)
        return None if language is None else seen_digest(rubrics[rating.rubric], language)

    rows = gold.newest(rows, today)
    ratings = [x for x, _ in rows if x.response_key in answers]
    found: Counter[tuple[str, str | None, str]] = Counter()
    for rating, _ in rows:
        if rating.response_key not in known:
            found[rating.rater, None, "rated an answer that is none of the study's"] += 1
        elif rating.response_key not in answers:
            found[rating.rater, None, "rated an answer that the study does not judge"] += 1
    found.update(_worded(today, ratings))
    found.update(_hasty(answers, ratings))
    found.update(_alike(ratings))
    return tuple(Flag(*place, n) for place, n in sorted(found.items(), key=lambda x: str(x[0])))


Found = Counter[tuple[str, str | None, str]]


def _worded(today: Callable[[gold.Rating], str | None], ratings: Sequence[gold.Rating]) -> Found:
    """Ratings made under words that are not today's, or are not known."""
    found: Found = Counter()
    for rating in ratings:
        if rating.rubric_digest is None:
            found[rating.rater, rating.rubric, "which words were seen is not known"] += 1
        elif rating.rubric_digest != today(rating):
            found[rating.rater, rating.rubric, "rated under other words than today's"] += 1
    return found


def _hasty(answers: Mapping[str, JudgedAnswer], ratings: Sequence[gold.Rating]) -> Found:
    """Answers rated faster than they can be read.

    An answer is read once for all its questions: their times are added up. Where one of them is not
    known, or the answer could not be judged, nothing is said.
    """
    found: Found = Counter()
    read: dict[tuple[str, str], list[gold.Rating]] = defaultdict(list)
    for rating in ratings:
        read[rating.rater, rating.response_key].append(rating)
    for (rater, key), own in read.items():
        times = [x.seconds for x in own if x.seconds is not None]
        words = len(surface.words(answers[key].item.answer))
        whole = len(times) == len(own) and any(x.score is not None for x in own)
        if whole and sum(times) * FASTEST < words:
            found[rater, None, "faster than the answer can be read"] += len(own)
    return found


def _alike(ratings: Sequence[gold.Rating]) -> Found:
    """People who give one level only: on all rubrics, else on one of them."""
    found: Found = Counter()
    levels: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for rating in ratings:
        if rating.score is not None:
            levels[rating.rater][rating.rubric].append(rating.score)
    for rater, by_rubric in levels.items():
        every = [x for given in by_rubric.values() for x in given]
        if len(by_rubric) > 1 and len(every) >= _ALIKE and len(set(every)) == 1:
            found[rater, None, f"always the same level ({every[0]})"] += len(every)
            continue
        for rubric, given in by_rubric.items():
            if len(given) >= _ALIKE and len(set(given)) == 1:
                found[rater, rubric, f"always the same level ({given[0]})"] += len(given)
    return found


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
            min((x.when for x in own if x.when), key=gold.instant, default=""),
            max((x.when for x in own if x.when), key=gold.instant, default=""),
        )
        for rater, own in sorted(by_rater.items())
    )
