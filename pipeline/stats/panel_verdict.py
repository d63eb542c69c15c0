"""May the panel's own score be believed: usable, rank-only, undecided or not usable, per rubric.

METHOD section 3. The verdict governs the panel's own score; a gap on the human scale is valid with
any judge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import CONDITIONS, VERDICTS
from pipeline.stats import adjust, alpha, alt_test, conditions
from pipeline.stats.alpha import Floats
from pipeline.stats.conditions import ArmBias, Case, Condition
from pipeline.stats.thresholds import Thresholds
from pipeline.tables import conform

USABLE, RANK_ONLY, UNDECIDED, NOT_USABLE = "usable", "rank-only", "undecided", "not usable"

Row = dict[str, str | float | int | bool | None]

DEFAULTS = Thresholds()


class Decision(NamedTuple):
    """A verdict and the conditions that decide it."""

    verdict: str
    decided_by: tuple[str, ...]


class Verdicts(NamedTuple):
    """The verdict on each rubric and what it rests on."""

    verdicts: pl.DataFrame
    """VERDICTS"""
    conditions: pl.DataFrame
    """CONDITIONS"""


def decide(found: Sequence[Condition]) -> Decision:
    """The verdict that the conditions add up to.

    Human agreement and delta must be known; the other conditions count where they can be computed.
    A usable panel names the condition that is nearest to its bound. One that only counts words is
    never rank-only: that would say of word counts that they may be used.

    >>> a = Condition("human-alpha", "holds", 0.2, 0.45, 0.3, 0.6, p=0.001)
    >>> b = Condition("delta", "straddles", -0.15, -0.1, -0.3, 0.1, p=0.2)
    >>> decide([a, b])
    Decision(verdict='undecided', decided_by=('delta',))
    >>> decide([a, b._replace(state="fails"), Condition("rank", "holds", -0.15)]).verdict
    'rank-only'
    """
    state = {each.condition: each.state for each in found}
    needed = [each for each in found if each.condition != conditions.RANK]
    fails = tuple(each.condition for each in needed if each.state == conditions.FAILS)
    agree = state[conditions.HUMAN_ALPHA] == conditions.HOLDS
    ranks = state.get(conditions.RANK) == conditions.HOLDS
    counts = any(each.note == conditions.ONLY_COUNTS for each in needed)
    if agree and ranks and conditions.DELTA in fails and not counts:
        return Decision(RANK_ONLY, (*fails, conditions.RANK))
    if fails:
        return Decision(NOT_USABLE, fails)
    must = (conditions.HUMAN_ALPHA, conditions.DELTA)
    unknown = tuple(
        each.condition
        for each in needed
        if each.state in (conditions.STRADDLES, conditions.UNMEASURED)
        or (each.state == conditions.UNTESTED and each.condition in must)
    )
    if unknown:
        return Decision(UNDECIDED, unknown)
    tightest = max((each for each in needed if each.p is not None), key=lambda each: each.p or 0.0)
    return Decision(USABLE, (tightest.condition,))


def largest_p(found: Sequence[Condition]) -> float | None:
    """The p of a rubric; None where human agreement or delta has none.

    "Every condition holds" is an intersection, so its p is the largest (Berger 1982); nothing is
    corrected within a rubric.
    """
    p = {each.condition: each.p for each in found if each.condition != conditions.RANK}
    if p[conditions.HUMAN_ALPHA] is None or p[conditions.DELTA] is None:
        return None
    return max(each for each in p.values() if each is not None)


def by_rubric(
    ratings: pl.DataFrame,
    metrics: Mapping[str, str],
    limits: Thresholds = DEFAULTS,
    rater: str = "panel",
    arm_bias: Mapping[str, ArmBias] | None = None,
    scales: Mapping[str, tuple[float, float]] | None = None,
) -> Verdicts:
    """The verdict on `rater`, the panel or any judge, on each rubric of `metrics`.

    `arm_bias` is by rubric; `scales` the lowest and highest level of each, beyond which scores are
    counted, and used as they are. Holm corrects over the rubrics that have a p.

    Raises:
        ValueError: no judge or panel of the ratings has that name.
    """
    return by_rater(ratings, metrics, limits, {rater: arm_bias or {}}, scales)


def by_rater(
    ratings: pl.DataFrame,
    metrics: Mapping[str, str],
    limits: Thresholds,
    arm_bias: Mapping[str, Mapping[str, ArmBias]],
    scales: Mapping[str, tuple[float, float]] | None = None,
    places: bool = False,
) -> Verdicts:
    """The verdicts on each rater that `arm_bias` names (rater -> rubric -> bias), one by one.

    `places`: a human rater is a place in a table, and nothing can be said of single persons.

    Raises:
        ValueError: no judge or panel of the ratings has one of these names.
    """
    machines = ratings.filter(pl.col("kind") != "human")["rater"].unique().sort()
    for rater in arm_bias:
        if rater not in machines:
            raise ValueError(f"no judge {rater!r}; there are {machines.to_list()}")
    rows: list[Row] = []
    details: list[Row] = []
    for rubric, metric in metrics.items():
        people = None
        for rater, case in cases(ratings.filter(pl.col("rubric") == rubric), metric, arm_bias):
            case = case._replace(places=places)
            found = conditions.evaluate(case, limits, arm_bias[rater].get(rubric), people)
            people = found[0]
            about: Row = {"rubric": rubric, "rater": rater}
            scale = (scales or {}).get(rubric)
            rows.append({**about, **_verdict(case, found, limits), **_counts(case, scale)})
            details.extend({**about, **each._asdict()} for each in found)
    for rater in arm_bias:
        own = [row for row in rows if row["rater"] == rater]
        for row, p in zip(own, adjust.holm([_number(row["p"]) for row in own]), strict=True):
            usable = row["verdict"] == USABLE and p is not None and p <= limits.level
            row.update(p_holm=p, usable_holm=usable)
    return Verdicts(
        conform(pl.DataFrame(rows, schema=VERDICTS), VERDICTS),
        conform(pl.DataFrame(details, schema=CONDITIONS), CONDITIONS),
    )


def cases(ratings: pl.DataFrame, metric: str, raters: Iterable[str]) -> Iterator[tuple[str, Case]]:
    """Each rater with the arrays of one rubric's ratings; who has no row scored nothing."""
    grid = alpha.pivot(ratings)
    kind, names = grid.raters["kind"].to_numpy(), grid.raters["rater"].to_numpy()
    computed = grid.raters["computed"].to_numpy()
    silent = np.full(len(grid.prompts), np.nan)
    people, classes = grid.values[kind == "human"], alt_test.classes(ratings, grid)
    for rater in raters:
        own = (names == rater) & (kind != "human")
        yield (
            rater,
            Case(
                judge=grid.values[own][0] if own.any() else silent,
                people=people,
                classes=classes,
                counting=grid.values[(kind == "judge") & computed & ~own],
                prompts=grid.prompts,
                metric=metric,
                only_counts=bool(computed[own].any()),
            ),
        )


def _verdict(case: Case, found: Sequence[Condition], limits: Thresholds) -> Row:
    decision = decide(found)
    human = found[0]
    row: Row = {
        "verdict": decision.verdict,
        "decided_by": ", ".join(decision.decided_by),
        "strong": human.low is not None and human.low > limits.strong_alpha,
        "p": largest_p(found),
        "prompts_needed": None,
        "people_needed": None,
        "note": "; ".join(f"{x.condition}: {x.note}" for x in found if x.note) or None,
    }
    if decision.verdict != UNDECIDED:
        return row
    deciding = [x for x in found if x.condition in decision.decided_by]
    needed = [x.prompts_needed for x in deciding if x.prompts_needed is not None]
    if len(needed) == len(deciding):
        row["prompts_needed"] = max(needed)
        row["people_needed"] = max(2, round(_people_each(case.people) or 2))
    return row


def _counts(case: Case, scale: tuple[float, float] | None) -> Row:
    rated = (~np.isnan(case.people)).any(axis=0)
    off = None
    if scale is not None:
        every = np.concatenate((case.judge[None], case.people))
        off = int(((every < scale[0]) | (every > scale[1])).sum())
    return {
        "prompts": len(np.unique(case.prompts[rated])),
        "people_each": _people_each(case.people),
        "missing": int((rated & np.isnan(case.judge)).sum()),
        "off_scale": off,
    }


def _people_each(people: Floats) -> float | None:
    """Mean number of people per answer that at least two rated."""
    size = (~np.isnan(people)).sum(axis=0)
    return float(size[size >= 2].mean()) if (size >= 2).any() else None


def _number(value: str | float | None) -> float | None:
    assert not isinstance(value, str), "a p is a number"
    return value
