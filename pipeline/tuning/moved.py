"""The answers whose score a new wording moved most, with what judges said before and after."""

from collections import defaultdict
from statistics import median
from typing import Any, NamedTuple

import polars as pl

from judges.digest import digest
from judges.verdict import Language
from pipeline.ratings import PANEL
from pipeline.tuning.judged import Heard
from pipeline.tuning.rated import Rated

SHOWN = 10


class Said(NamedTuple):
    """What one judge said under both wordings."""

    judge: str
    before: float | None
    after: float | None
    why_before: str
    why_after: str


class Moved(NamedTuple):
    """An answer that the panel scores otherwise now."""

    task: str
    language: Language
    prompt: str
    answer: str
    people: tuple[int, ...]
    before: float
    after: float
    said: tuple[Said, ...]
    """What each judge said, the one that moved furthest first."""

    @property
    def nearer(self) -> bool:
        """Whether it is nearer to the people's median now."""
        middle = median(self.people)
        return abs(self.after - middle) < abs(self.before - middle)


def most(rated: Rated, before: Heard, after: Heard) -> tuple[Moved, ...]:
    """The ten answers that moved most, the furthest first; fewer where fewer moved."""
    one, other = (_panel(x.ratings) for x in (before, after))
    people: dict[str, list[int]] = defaultdict(list)
    for rating, _ in rated.human:
        assert rating.score is not None, "the gold of a rubric has scores only"
        people[rating.response_key].append(rating.score)
    found = [
        Moved(
            x.want.task.id,
            x.item.language,
            x.item.task,
            x.item.answer,
            tuple(sorted(people[x.want.key])),
            one[x.want.key],
            other[x.want.key],
            _said(before.verdicts[x.want.key], after.verdicts[x.want.key]),
        )
        for x in rated.answers
        if x.want.key in one and x.want.key in other and one[x.want.key] != other[x.want.key]
    ]
    order = {x.item.answer: digest("moved", x.item.key) for x in rated.answers}
    return tuple(sorted(found, key=lambda x: (-abs(x.after - x.before), order[x.answer]))[:SHOWN])


def _panel(ratings: pl.DataFrame) -> dict[str, float]:
    rows = ratings.filter(pl.col("rater") == PANEL).drop_nulls("score")
    return dict(rows.select("response", "score").iter_rows())


def _said(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[Said, ...]:
    """What each judge said, of its draws the pair that is furthest apart; the furthest first."""
    one, other = (_draws(side) for side in (before, after))
    both = [
        max(
            (
                Said(judge, x["score"], y["score"], x["rationale"], y["rationale"])
                for x in draws
                for y in other[judge]
            ),
            key=_far,
        )
        for judge, draws in one.items()
        if judge in other
    ]
    return tuple(sorted(both, key=lambda x: (-_far(x), x.judge)))


def _draws(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        found[record["judge"]].append(record["verdict"])
    return found


def _far(said: Said) -> float:
    """How far a judge moved; one that abstained under one wording stands last."""
    if said.before is None or said.after is None:
        return 0.0
    return abs(said.after - said.before)
