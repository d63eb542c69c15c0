"""Where people and panel part: which answers to look at, the widest apart first."""

from typing import NamedTuple
from urllib.parse import quote

import polars as pl

from judges.rubric import Level, Rubric, Text
from pipeline.pages.numerals import fill, number
from pipeline.pages.slip import AnswerSlip, Slip
from pipeline.pages.views import Row
from pipeline.pages.views import plain as foreign

LOOKS = ("rubric ambiguous", "judge wrong", "gold suspect")
SHOWN = 50
"""Items that a list shows."""


class Item(NamedTuple):
    """One answer to look at on one rubric."""

    row: Row
    """Of TRIAGE."""
    answer: AnswerSlip | None
    """None where its text is not on the page."""
    levels: tuple[Level, ...]
    """Those from the people's lowest to their highest, and the panel's; none if not known."""


class Looks(NamedTuple):
    """One list of answers to look at."""

    look: str
    items: tuple[Item, ...]
    found: int
    """How many there are; more than `items` where the list is cut."""


def looks(slip: Slip) -> list[Looks]:
    """The three lists; each rubric has a fair share of one that is too long to be shown whole."""
    answers = {x.key: x for x in slip.answers}
    rubrics = {x.id: x for x in slip.rubrics}
    found = []
    for look in LOOKS:
        table = slip.triage.filter(pl.col("look") == look)
        place = pl.int_range(pl.len()).over("rubric")
        kept = table.with_columns(place=place).sort("place", maintain_order=True).head(SHOWN)
        shown = kept.sort("size", descending=True, maintain_order=True).drop("place").to_dicts()
        items = (
            Item(row, answers.get(row["response"]), _levels(row, rubrics.get(row["rubric"])))
            for row in shown
        )
        found.append(Looks(look, tuple(items), table.height))
    return found


def _levels(row: Row, rubric: Rubric | None) -> tuple[Level, ...]:
    """The levels that people gave between them, and the one or two nearest to the panel's."""
    if rubric is None:
        return ()
    low, high, panel = row["people_low"], row["people_high"], row["panel"]
    return tuple(x for x in rubric.levels if low <= x.level <= high or abs(x.level - panel) < 1)


def address(key: str) -> str:
    """Where the reader finds an answer: as scripts encode it, so that both spell it alike."""
    return "#answer-" + quote(key, safe="~()*!'")


def scores(row: Row, side: str) -> Text:
    """What people, or the judges, gave: their median, and from which level to which."""
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    if low == high:
        return fill("scores_same", score=plain(low))
    return fill("scores_spread", median=plain(row[side]), low=plain(low), high=plain(high))


def who(row: Row) -> Text | None:
    """Who stands apart; of more than four the first three, and how many more. None: nobody alone.

    >>> who({"who": "a, b, c, d, e"}).en
    'a, b, c and 2 more'
    """
    if row["who"] is None:
        return None
    names = row["who"].split(", ")
    if len(names) <= 4:
        return foreign(row["who"])
    first = foreign(", ".join(names[:3]))
    return fill("look_more", names=first, left=str(len(names) - 3))


def plain(value: float) -> Text:
    """A score with no more digits than it needs.

    >>> plain(3.0).en, plain(2.5).ru, plain(1.8333333).en
    ('3', '2,5', '1.83')
    """
    digits = next(n for n in (0, 1, 2) if n == 2 or round(value, 2) == round(value, n))
    return number(value, digits)
