"""What people were given before, by any deal or in the gold: nobody is given it a second time."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from judges.rubric import seen_digest
from judges.verdict import Language
from pipeline import gold
from pipeline.goldplan import GIVEN, Before
from pipeline.owed import JudgedAnswer
from pipeline.rating import handout
from pipeline.rating.handout import Handout, Invited
from pipeline.rating.shelf import Shelf
from pipeline.study import Design


class Given(NamedTuple):
    """An answer that somebody was asked to rate, or did rate."""

    rater: str
    response: str
    rubric: str


class Deal(NamedTuple):
    """What was dealt at one time, and to whom of those who may still rate it."""

    handout: Handout
    raters: frozenset[str]


def deals(design: Design, shelf: Shelf | None = None) -> tuple[Deal, ...]:
    """Every deal of a study, in the database or in a file here; who was deleted is in none.

    Raises:
        UserError: a file is no handout.
    """
    held = shelf.handouts() if shelf is not None else []
    found = [
        Deal(x, frozenset(y.rater for y in shelf.raters(x.id)))
        for x in held
        if shelf is not None and x.study == design.study.name
    ]
    known = {x.id for x in held}
    files = (x for x in handout.here(design.root, design.study.name) if x.id not in known)
    return (*found, *(Deal(x, frozenset(x.raters)) for x in files))


def given(
    design: Design,
    judged: Sequence[JudgedAnswer],
    dealt: Sequence[Deal],
    rated: Sequence[gold.Rating],
) -> frozenset[Given]:
    """Who was given what under the words of today; under others it may be given anew.

    A rating whose words are not known counts as one under today's.
    """
    items = {x.want.key: x.item for x in judged}
    rubrics = {x.id: x for x in design.rubrics}
    today = {
        (rubric, language): seen_digest(rubrics[rubric], language)
        for rubric in rubrics
        for language in {design.rubric_language(x.language) for x in items.values()}
    }

    def holds(response: str, rubric: str, digest: str | None) -> bool:
        if response not in items or rubric not in rubrics:
            return False
        language = design.rubric_language(items[response].language)
        return digest in (None, today[rubric, language])

    handed = {
        Given(x.rater, x.response, x.rubric)
        for one in dealt
        for x in one.handout.items
        if x.rater in one.raters and holds(x.response, x.rubric, x.digest)
    }
    return frozenset(handed) | {
        Given(x.rater, x.response_key, x.rubric)
        for x in rated
        if holds(x.response_key, x.rubric, x.rubric_digest)
    }


def before(
    design: Design,
    had: Collection[Given],
    left: Mapping[Invited, frozenset[str]],
    least: int,
) -> Before:
    """What the next draw must know: who was given what, and which prompts are `left` for whom.

    `least` is how many prompts everybody needs.
    """
    rows = [(x.response, x.rubric, x.rater) for x in sorted(had)]
    every = frozenset(x.id for x in design.tasks)
    some = frozenset[str]().union(*left.values())
    read = {x.reads for x in left}
    return Before(
        pl.DataFrame(rows, schema=GIVEN, orient="row"),
        barred=every - some,
        late=some - every.intersection(*left.values()),
        languages=frozenset(x for x in design.study.languages if x in read or None in read),
        invited=len(left),
        least=least,
    )


def left(
    design: Design, judged: Sequence[JudgedAnswer], had: Collection[Given], one: Invited
) -> frozenset[str]:
    """The prompts of which a person was not yet given all that they can read, in both arms."""
    done = {(x.response, x.rubric) for x in had if x.rater == one.rater}
    rubrics = [x.id for x in design.rubrics]
    return frozenset(
        prompt
        for prompt, own in _pairs(design, judged, one)
        # Of several draws one is shown.
        if not all(any(all((x, y) in done for y in rubrics) for x in keys) for keys in own)
    )


def readable(design: Design, judged: Sequence[JudgedAnswer], one: Invited) -> frozenset[str]:
    """The prompts of which a person can read an answer in both arms, given to them or not."""
    return frozenset(prompt for prompt, _ in _pairs(design, judged, one))


def _pairs(
    design: Design, judged: Sequence[JudgedAnswer], one: Invited
) -> list[tuple[str, list[list[str]]]]:
    """Prompts, each as often as it has languages, with the answers that `one` can read by arm.

    Only where both arms have some.
    """
    arms = (design.hicap.name, design.locap.name)
    pairs: Mapping[tuple[str, Language], dict[str, list[str]]] = defaultdict(dict)
    for want, item in judged:
        spoken = {want.language, item.language}
        if want.arm.name in arms and (one.reads is None or spoken == {one.reads}):
            pairs[want.task.id, want.language].setdefault(want.arm.name, []).append(want.key)
    return [(x, list(own.values())) for (x, _), own in pairs.items() if len(own) == len(arms)]
