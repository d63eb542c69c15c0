"""May a judge stand in for a person: the alternative annotator test.

Calderon, Reichart and Dror (2025), "The Alternative Annotator Test for LLM-as-a-Judge".
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtr

from pipeline.findings import ALT_TESTS
from pipeline.stats import adjust, alpha
from pipeline.stats.alpha import Floats, Grid
from pipeline.tables import conform

Row = dict[str, str | float | int | bool | None]

EPSILON: Mapping[str, float] = {"expert": 0.2, "skilled": 0.15, "crowd": 0.1}
"""What a judge is forgiven beside a person of each class, as it costs less."""

PEOPLE = 3
"""Eligible people below which there is no test."""


class Person(NamedTuple):
    """The judge and one person, each beside the other people."""

    row: int
    """The person's row in the array."""
    items: int
    """Answers that the person, the judge and somebody else scored."""
    epsilon: float
    difference: float
    """mean of d = (the person is as near to the others as the judge) - (the reverse)."""
    error: float
    """Standard error of that mean."""
    p: float
    """Of "the mean of d is at least epsilon": small speaks for the judge."""
    p_adjusted: float
    advantage: float
    """Share of items on which the judge is as near to the others, or nearer."""


class AltTest(NamedTuple):
    """Does the judge win against enough people, or why it cannot be said."""

    winning_rate: float | None
    """omega: share of the people against whom the hypothesis is rejected."""
    passes: bool | None
    p: float | None
    """The smallest level at which the test passes."""
    worse_rate: float | None
    """Share of the people who are better by more than epsilon, by the same test turned round."""
    advantage: float | None
    people: tuple[Person, ...]
    reason: str | None
    """Set exactly where there is no winning rate."""


class Rules(NamedTuple):
    """The numbers of the test that a study may set."""

    least_items: int = 30
    level: float = 0.05
    share: float = 0.5


RULES = Rules()


def compare(
    judge: Floats,
    people: Floats,
    epsilon: Sequence[float],
    metric: str,
    rules: Rules = RULES,
) -> AltTest:
    """The test of one judge; `people` is people x answers, `epsilon` one number per person.

    Each person is left out in turn. On every answer that the person, the judge and at least one
    other scored, both are measured against the others: S = -RMSE, or the share of the same answers
    where the metric is nominal. d = [S_person >= S_judge] - [S_judge >= S_person]; a one-sided
    t-test asks whether mean(d) < epsilon; Benjamini-Yekutieli over people. Where d does not vary, p
    is 0 or 1.

    >>> people = np.tile([1.0, 2, 3, 2], (3, 10))
    >>> found = compare(people[0], people, [0.1] * 3, "ordinal")
    >>> found.winning_rate, found.passes, found.people[0].items
    (1.0, True, 40)
    >>> compare(people[0], people[:2], [0.1] * 2, "ordinal").reason
    '2 people with at least 30 shared items, 3 needed'
    """
    met = [_differences(judge, people, row, metric) for row in range(len(people))]
    eligible = [row for row, d in enumerate(met) if len(d) >= rules.least_items]
    if len(eligible) < PEOPLE:
        some = f"{len(eligible)} people with at least {rules.least_items} shared items"
        return AltTest(None, None, None, None, None, (), f"{some}, {PEOPLE} needed")
    found = [_person(row, met[row], epsilon[row]) for row in eligible]
    adjusted = _yekutieli([person.p for person in found])
    turned = _yekutieli([1 - person.p for person in found])
    persons = tuple(x._replace(p_adjusted=p) for x, p in zip(found, adjusted, strict=True))
    rate = sum(p < rules.level for p in adjusted) / len(found)
    worse = sum(p < rules.level for p in turned) / len(found)
    needed = max(1, math.ceil(rules.share * len(found) - 1e-9))
    advantage = sum(person.advantage for person in found) / len(found)
    smallest = sorted(adjusted)[needed - 1]
    return AltTest(rate, rate >= rules.share, smallest, worse, advantage, persons, None)


def by_rubric(
    ratings: pl.DataFrame,
    metrics: Mapping[str, str],
    epsilon: Mapping[str, float] = EPSILON,
    rules: Rules = RULES,
    places: bool = False,
) -> pl.DataFrame:
    """The test of every judge and the panel on each rubric of `metrics`, as ALT_TESTS.

    `epsilon` is by rater_class; a person without one counts as crowd, the strictest. The test
    leaves out one person in turn: where raters are `places` in a table there is none.
    """
    rows = [
        {"rubric": rubric, **row, **(_OF_PLACES if places else {})}
        for rubric, metric in metrics.items()
        for row in _rows(ratings.filter(pl.col("rubric") == rubric), metric, epsilon, rules)
    ]
    return conform(pl.DataFrame(rows, schema=ALT_TESTS), ALT_TESTS)


_OF_PLACES: Row = {
    **dict.fromkeys(("winning_rate", "passes", "p", "advantage")),
    **dict.fromkeys(("people", "items"), 0),
    "note": alpha.PLACES,
}


def classes(ratings: pl.DataFrame, grid: Grid) -> tuple[str, ...]:
    """The rater_class of each person of the grid, in its order; crowd where none is told.

    Raises:
        ValueError: a person has two classes.
    """
    people = ratings.filter(pl.col("kind") == "human").select("rater", "rater_class").drop_nulls()
    told = people.unique().sort("rater", "rater_class")
    twice = told.filter(pl.col("rater").is_duplicated())
    if twice.height:
        name, both = twice["rater"][0], twice.filter(pl.col("rater") == twice["rater"][0])
        raise ValueError(f"rater {name!r} has the classes {both['rater_class'].to_list()}")
    named: dict[str, str] = dict(told.iter_rows())
    names = grid.raters.filter(pl.col("kind") == "human")["rater"]
    return tuple(named.get(name, "crowd") for name in names)


def _rows(
    ratings: pl.DataFrame, metric: str, epsilon: Mapping[str, float], rules: Rules
) -> Iterator[Row]:
    grid = alpha.pivot(ratings)
    kind = grid.raters["kind"].to_numpy()
    people = grid.values[kind == "human"]
    forgiven = [epsilon[name] for name in classes(ratings, grid)]
    for place in (*np.flatnonzero(kind == "judge"), *np.flatnonzero(kind == "panel")):
        found = compare(grid.values[place], people, forgiven, metric, rules)
        yield {
            "rater": grid.raters["rater"][int(place)],
            "winning_rate": found.winning_rate,
            "passes": found.passes,
            "p": found.p,
            "advantage": found.advantage,
            "people": len(found.people),
            "items": sum(person.items for person in found.people),
            "note": found.reason,
        }


def _differences(judge: Floats, people: Floats, row: int, metric: str) -> Floats:
    """The d of each answer that the person, the judge and somebody else scored."""
    others = np.delete(people, row, axis=0)
    scored = ~np.isnan(people[row]) & ~np.isnan(judge) & (~np.isnan(others)).any(axis=0)
    others = others[:, scored]
    # Both are measured against the same others: the sums order them as the means and roots do.
    if metric == "nominal":
        own, judged = ((others != x[scored]) & ~np.isnan(others) for x in (people[row], judge))
    else:
        own, judged = ((others - x[scored]) ** 2 for x in (people[row], judge))
    lead = np.nansum(judged, axis=0, dtype=np.float64) - np.nansum(own, axis=0, dtype=np.float64)
    return np.asarray(np.where(np.abs(lead) < 1e-9, 0.0, np.sign(lead)))


def _person(row: int, d: Floats, epsilon: float) -> Person:
    n, centre = len(d), float(d.mean())
    error = float(d.std(ddof=1)) / math.sqrt(n)
    p = float(stdtr(n - 1, (centre - epsilon) / error)) if error else float(centre >= epsilon)
    return Person(row, n, epsilon, centre, error, p, p, float((d <= 0).mean()))


def _yekutieli(p: Sequence[float]) -> list[float]:
    return [x for x in adjust.benjamini_yekutieli(p) if x is not None]
