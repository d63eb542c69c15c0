"""Where people and panel part: which of them is to be looked at, answer by answer.

Half the scale is far (two of five levels, or yes against no); less than that is near.
"""

from collections.abc import Sequence
from statistics import median
from typing import Literal, NamedTuple

import polars as pl

from pipeline.findings import TRIAGE
from pipeline.stats.terms import Criterion
from pipeline.tables import conform, panel_judges

Look = Literal["rubric ambiguous", "judge wrong", "gold suspect"]


class Finding(NamedTuple):
    """What is to be looked at in one answer, and how far apart the scores lie."""

    look: Look
    size: float
    """In levels."""
    who: tuple[int, ...] = ()
    """Places of the people or judges that stand apart."""


def items(ratings: pl.DataFrame, criteria: Sequence[Criterion]) -> pl.DataFrame:
    """The answers on which people and panel part, as TRIAGE, the widest apart first."""
    rows = []
    place = ["prompt", "language", "arm", "response"]
    for criterion in criteria:
        chosen = ratings.filter(pl.col("rubric") == criterion.id).drop_nulls("score")
        people = chosen.filter(pl.col("kind") == "human")
        judges = panel_judges(chosen)
        sides = [
            x.sort("rater").group_by(place).agg(pl.col("rater", "score")) for x in (people, judges)
        ]
        both = sides[0].join(sides[1], on=place, suffix="_judge").sort(place)
        for row in both.iter_rows(named=True):
            found = look(row["score"], row["score_judge"], criterion.far)
            if found is None:
                continue
            names = row["rater_judge" if found.look == "judge wrong" else "rater"]
            rows.append(
                {
                    "rubric": criterion.id,
                    **{name: row[name] for name in place},
                    "look": found.look,
                    "size": found.size,
                    "who": ", ".join(names[i] for i in found.who) or None,
                    "people": float(median(row["score"])),
                    "people_low": min(row["score"]),
                    "people_high": max(row["score"]),
                    "panel": float(median(row["score_judge"])),
                    "panel_low": min(row["score_judge"]),
                    "panel_high": max(row["score_judge"]),
                }
            )
    found_all = pl.DataFrame(rows, schema=TRIAGE)
    order = ["rubric", "look", "size", "response"]
    return conform(found_all.sort(order, descending=[False, False, True, False]), TRIAGE)


def look(people: Sequence[float], judges: Sequence[float], far: float) -> Finding | None:
    """What one answer's scores say, or None where nobody parts from anybody, or one person rated.

    People who lie near one another with the panel's median far from theirs: the judge is wrong.
    One person far from the median of at least two others who lie near one another, with a panel of
    one mind (two judges or more, all within a quarter of the scale) that is near these and far from
    that person: that person's score is suspect. People who lie far apart otherwise: what the rubric
    asks is not clear.

    >>> look([4, 4, 5], [1, 2, 1], far=2)
    Finding(look='judge wrong', size=3.0, who=(0, 1, 2))
    >>> look([4, 1, 5], [4, 5, 4], far=2)
    Finding(look='gold suspect', size=3.5, who=(1,))
    >>> look([2, 4, 4], [3, 3, 3], far=2).look, look([2, 4, 4], [3, 5, 4], far=2).look
    ('rubric ambiguous', 'rubric ambiguous')
    >>> look([1, 3, 5], [3, 3, 3], far=2)
    Finding(look='rubric ambiguous', size=4.0, who=())
    >>> look([3, 4], [4, 4], far=2) is None
    True
    """
    if len(people) < 2 or not judges:
        return None
    spread = float(max(people) - min(people))
    if spread < far:
        middle = float(median(people))
        apart = abs(float(median(judges)) - middle)
        wrong = tuple(i for i, score in enumerate(judges) if abs(score - middle) >= far)
        return Finding("judge wrong", apart, wrong) if apart >= far else None
    alone = [finding for i in range(len(people)) if (finding := _alone(people, judges, i, far))]
    if len(alone) == 1:
        return alone[0]
    return Finding("rubric ambiguous", spread)


def _alone(
    people: Sequence[float], judges: Sequence[float], place: int, far: float
) -> Finding | None:
    """Whether the person at `place` stands alone against the others and a unanimous panel."""
    others = [*people[:place], *people[place + 1 :]]
    if len(others) < 2 or max(others) - min(others) >= far:
        return None
    middle = float(median(others))
    if len(judges) < 2 or max(judges) - min(judges) > far / 2:
        return None
    if any(abs(x - middle) >= far or abs(x - people[place]) < far for x in judges):
        return None
    apart = abs(people[place] - middle)
    return Finding("gold suspect", apart, (place,)) if apart >= far else None
