"""How does every judge, the panel and each person left out stand beside people on a rubric."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline.pages.numerals import both, fill
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row, floor, rater, rows
from pipeline.pages.words import WORDS

Kind = Literal["people", "ceiling", "person", "panel", "model", "counting"]

_KINDS: dict[str, Kind] = {"panel-human": "panel", "left-out-human": "person", "ceiling": "ceiling"}
_ORDER: tuple[Kind, ...] = ("people", "ceiling", "person", "panel", "model", "counting")
PEOPLE_DRAWN = 12
"""People left out that a picture has room for; the table has all."""


class Standing(NamedTuple):
    """One rater beside people; what is not defined is None, and `note` says why."""

    kind: Kind
    who: str | None
    """Its id; None for people among themselves and for the ceiling."""
    alpha: float | None
    low: float | None = None
    """95% interval of alpha."""
    high: float | None = None
    yardstick: float | None = None
    """Alpha of people on the same answers."""
    delta: float | None = None
    delta_low: float | None = None
    """90% interval of delta."""
    delta_high: float | None = None
    answers: int | None = None
    note: str | None = None

    @property
    def name(self) -> Text:
        """What it is called on the page."""
        if self.who is None:
            return WORDS["people" if self.kind == "people" else "ceiling"]
        return both(self.who) if self.kind == "person" else rater(self.who)

    @property
    def judge(self) -> str | None:
        """The judge that it is, for the filters; people and the panel always stay."""
        return self.who if self.kind in ("model", "counting") else None


class Floor(NamedTuple):
    """The panel over the best judge that only counts."""

    judge: str
    row: Row
    """Of DELTAS."""


def standings(slip: Slip, rubric: str) -> list[Standing]:
    """All that stand beside people on a rubric, and people: in the order of their kinds.

    Alpha is that of DELTAS, or of AGREEMENT where DELTAS has none; its 95% interval is AGREEMENT's.
    """
    counting = floor(slip)
    agreed = {row["rater"]: row for row in rows(slip.agreement, rubric) if _with_people(row)}
    deltas = [row for row in rows(slip.deltas, rubric) if row["comparison"] != "floor"]
    found = [_of_delta(row, agreed, counting) for row in deltas]
    told = {each.who for each in found}
    found += [_of_agreement(row, counting) for who, row in agreed.items() if who not in told]
    people = agreed.get(None)
    if people is not None:
        found = [_of_agreement(people, counting), *(x for x in found if x.kind != "people")]
    return sorted(found, key=lambda x: (_ORDER.index(x.kind), -_or_least(x.alpha), x.who or ""))


def board(slip: Slip, rubric: str) -> list[Standing]:
    """The rows of a leaderboard: the highest delta first, what has none last.

    Empty where no person rated the rubric, or nobody has an alpha beside them. Where one person
    rated alone there is nobody to leave out, nor a ceiling.
    """
    if rows(slip.deltas, rubric) == []:
        return []
    found = [x for x in standings(slip, rubric) if x.kind != "people"]
    people = [x for x in found if x.kind in ("person", "ceiling")]
    if all(x.alpha is None for x in people):
        found = [x for x in found if x not in people]
    if all(x.alpha is None for x in found):
        return []
    return sorted(found, key=lambda x: (-_or_least(x.delta), -_or_least(x.alpha)))


def drawn(found: Sequence[Standing]) -> list[Standing]:
    """Those that a picture shows: the ceiling is a line there, and of many people the busiest."""
    shown = [x for x in found if x.alpha is not None and x.kind != "ceiling"]
    people = sorted((x for x in shown if x.kind == "person"), key=lambda x: -(x.answers or 0))
    left_out = people[PEOPLE_DRAWN:]
    return [x for x in shown if x not in left_out]


def undrawn(found: Sequence[Standing]) -> Text | None:
    """That a picture leaves people out; None where it does not."""
    people = sum(x.kind == "person" and x.alpha is not None for x in found)
    if people <= PEOPLE_DRAWN:
        return None
    return fill("people_drawn", drawn=str(PEOPLE_DRAWN), all=str(people))


def over_floor(slip: Slip, rubric: str) -> Floor | None:
    """The panel over word counts; None where no judge only counts."""
    found = slip.deltas.filter(pl.col("rubric") == rubric, pl.col("comparison") == "floor")
    return next((Floor(row["yardstick"], row) for row in found.to_dicts()), None)


def boarded(slip: Slip) -> set[str]:
    """The rubrics that have a leaderboard."""
    return {x.id for x in slip.criteria if board(slip, x.id)}


def by_rater(table: pl.DataFrame, rubric: str, column: str = "rater") -> dict[str | None, Row]:
    """The rows of a table on a rubric by their rater."""
    return {row[column]: row for row in rows(table, rubric)}


def _with_people(row: Row) -> bool:
    return row["comparison"] in ("humans", "judge-human")


def _of_delta(row: Row, agreed: dict[str | None, Row], counting: set[str]) -> Standing:
    who = row["rater"]
    kind = _KINDS.get(row["comparison"], "counting" if who in counting else "model")
    beside = agreed.get(who) if kind in ("panel", "model", "counting") else None
    return Standing(
        kind=kind,
        who=who,
        alpha=row["alpha"],
        low=beside["low"] if beside else None,
        high=beside["high"] if beside else None,
        yardstick=row["yardstick_alpha"],
        delta=row["delta"],
        delta_low=row["low"],
        delta_high=row["high"],
        answers=row["units"],
        note=row["note"],
    )


def _of_agreement(row: Row, counting: set[str]) -> Standing:
    who = row["rater"]
    kind: Kind = "people"
    if row["comparison"] != "humans":
        kind = "panel" if who == "panel" else "counting" if who in counting else "model"
    return Standing(
        kind, who, row["alpha"], row["low"], row["high"], answers=row["units"], note=row["note"]
    )


def _or_least(value: float | None) -> float:
    return -9.0 if value is None else value
