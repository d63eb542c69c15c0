"""What is a judge unfair to: its error beside people, against length, arm, language and order.

The error is read on the people's scale, D = J/b - mean_h (METHOD, section 6), and regressed; at a
quality-length correlation of .5 a partial correlation would raise a false alarm in 23-45 %.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import BIAS
from pipeline.stats import adjust, alpha, differences, equate, regression
from pipeline.stats.alpha import Codes, Floats, Grid
from pipeline.stats.differences import Arms
from pipeline.stats.equate import Scale
from pipeline.stats.regression import Coefficient
from pipeline.tables import conform, panel_judges

Row = dict[str, str | float | int | bool | None]
OWN = "own family"


class Factor(NamedTuple):
    """Something a judge may be unfair to."""

    name: str
    contrast: str
    """What a coefficient of one stands for."""
    value: Floats
    """One per answer; NaN = not known."""


class Errors(NamedTuple):
    """The errors of one judge on the answers that people rated too."""

    place: Codes
    """The columns of the grid that these answers are."""
    value: Floats
    """D = J/b - mean_h; empty where there is no b."""
    prompt: Codes
    scale: Scale


def by_rubric(
    ratings: pl.DataFrame,
    facts: pl.DataFrame,
    arms: Arms | None,
    own: Mapping[str, Collection[str]] | None = None,
    order: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The bias of every judge, and of the panel's mean, on each rubric, as BIAS.

    `facts` has a row per response: response, words (null = not known). `own` names per judge the
    arms of its own family. `order`, as ORDER, says at which place a judge was shown an answer; the
    panel has one only where all its judges saw every answer at the same. Each factor stands alone
    (the bias that reaches the gap) and, where there are several, beside the others. Without `arms`
    every answer counts and the arm is no factor. What is not defined is null, with a note.
    """
    if arms is not None:
        ratings = differences.paired(ratings, arms).ratings
        ratings = ratings.filter(pl.col("arm").is_in(list(arms)))
    rows = []
    for rubric in ratings["rubric"].unique().sort():
        chosen = _with_mean(ratings.filter(pl.col("rubric") == rubric))
        grid, factors = alpha.pivot(chosen), _factors(chosen, facts, arms)
        raters = zip(grid.raters["kind"], grid.raters["rater"], strict=True)
        judges = {x: i for i, (kind, x) in enumerate(raters) if kind in ("judge", "panel")}
        found = {name: errors(grid, place) for name, place in judges.items()}
        panel = panel_judges(chosen)["rater"].unique()
        shown = _shown(chosen["response"].unique().sort(), rubric, order, panel)
        for name, each in found.items():
            own_factors = [*factors, *shown.get(name, ())]
            rows += [{"rubric": rubric, "rater": name, **row} for row in _audit(each, own_factors)]
        rows += [
            {"rubric": rubric, "rater": "judges", **row}
            for row in _own_family(found, factors, chosen, own or {})
        ]
    adjusted = adjust.benjamini_hochberg([_alone(row) for row in rows])
    for row, p in zip(rows, adjusted, strict=True):
        row["p_adjusted"] = p
    return conform(pl.DataFrame(rows, schema=BIAS), BIAS)


def _alone(row: Row) -> float | None:
    """The p of a factor that stands alone; the same factor beside others asks nothing new."""
    p = row["p"]
    return None if p is None or (row["adjusted"] and row["factor"] != OWN) else float(p)


def errors(grid: Grid, place: int) -> Errors:
    """The errors of the judge in row `place` of a grid beside the people in it."""
    people = grid.values[(grid.raters["kind"] == "human").to_numpy()]
    judge = grid.values[place]
    shared = np.flatnonzero(~np.isnan(judge) & (~np.isnan(people)).any(axis=0))
    _, prompt = np.unique(grid.prompts[shared], return_inverse=True)
    judge, people = judge[shared], people[:, shared]
    found = equate.scale(judge, people, prompt)
    if found.reason is not None or found.slope is None:
        return Errors(shared, np.array([]), prompt, found)
    return Errors(shared, judge / found.slope - np.nanmean(people, axis=0), prompt, found)


def effect(errors_: Floats, factors: list[Floats], place: int, prompt: Codes) -> Coefficient:
    """The coefficient of the factor at `place`, beside all `factors`; cannot be told = a reason.

    >>> d = np.array([0.1, 0.9, 0.0, 1.2, 0.2, 0.8])
    >>> arm = np.array([0.0, 1, 0, 1, 0, 1])
    >>> found = effect(d, [arm], 0, np.array([0, 0, 1, 1, 2, 2]))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.867, 0.108, 1.626)
    """
    columns = np.column_stack((np.ones(len(errors_)), *factors))
    rank = regression.independent(columns)
    own = np.delete(columns, place + 1, axis=1)
    without = int(regression.independent(own).sum())
    if without == int(rank.sum()):
        flat = "the same on every answer" if np.ptp(factors[place]) == 0 else "tied to the others"
        return Coefficient(np.nan, None, None, None, None, None, f"cannot be told: {flat}")
    kept = columns[:, rank]
    if len(errors_) - kept.shape[1] < 2 or len(np.unique(prompt)) < 3:
        return Coefficient(np.nan, None, None, None, None, None, "too few answers or prompts")
    where = int(rank[: place + 1].sum())
    return regression.read(regression.least_squares(kept, errors_, prompt), where)


def _with_mean(ratings: pl.DataFrame) -> pl.DataFrame:
    """`ratings` with the panel as the mean of its judges: that is what the gap is made of."""
    judges = panel_judges(ratings)
    place = [
        x for x in ratings.columns if x not in ("rater", "computed", "score", "kind", "reason")
    ]
    panel = judges.sort("rater").group_by(place).agg(pl.col("score").mean())
    panel = panel.with_columns(
        rater=pl.lit("panel"),
        kind=pl.lit("panel"),
        computed=pl.lit(None, pl.Boolean),
        reason=pl.lit(None, pl.String),
    )
    others = ratings.filter(pl.col("kind") != "panel")
    return pl.concat([others, panel.select(others.columns)])


def _factors(ratings: pl.DataFrame, facts: pl.DataFrame, arms: Arms | None) -> list[Factor]:
    """The factors that are known, one value per column of the grid."""
    answers = ratings.group_by("response").agg(pl.col("arm", "language").first()).sort("response")
    answers = answers.join(facts, on="response", how="left", maintain_order="left")
    words = answers["words"].cast(pl.Float64)
    length = words.set(words <= 0, None).log().to_numpy()
    found = [Factor("log length", "e times as many words", length)]
    if arms is not None:
        high = (answers["arm"] == arms.high).cast(pl.Float64).to_numpy()
        found.append(Factor("arm", f"{arms.high} - {arms.low}", high))
    names = answers["language"].unique().sort().to_list()
    if len(names) == 2:
        other = (answers["language"] == names[1]).cast(pl.Float64).to_numpy()
        found.append(Factor("language", f"{names[1]} - {names[0]}", other))
    return [x for x in found if not np.isnan(x.value).all()]


def _from_first_to_last(column: str) -> pl.Expr:
    """Places as shares of the way from the first to the last: 0 to 1."""
    place = pl.col(column)
    return (place - place.min()) / (place.max() - place.min())


def _shown(
    responses: pl.Series, rubric: str, order: pl.DataFrame | None, panel: Collection[str]
) -> dict[str, tuple[Factor, ...]]:
    """Per judge, and for the panel, the place at which each of the answers was shown."""
    if order is None:
        return {}
    own = order.filter(rubric=rubric)
    own = own.with_columns(order=_from_first_to_last("order").over("rater"))
    of_panel = own.filter(pl.col("rater").is_in(list(panel)))
    common = (
        of_panel.group_by("response")
        .agg(pl.col("order").n_unique().alias("places"), pl.col("order").first(), pl.len())
        .filter(pl.col("places") == 1, pl.col("len") == len(panel))
        .select("response", "order")
    )
    if common.height < of_panel["response"].n_unique():
        common = common.clear()  # the few answers at one place in all orders are no order
    parts = own.partition_by("rater", as_dict=True)
    seen = {str(rater): part for (rater,), part in parts.items()} | {"panel": common}
    places = responses.to_frame()
    found = {
        who: places.join(part, on="response", how="left", maintain_order="left")["order"]
        for who, part in seen.items()
    }
    return {
        who: (Factor("order", "the last shown - the first", place.cast(pl.Float64).to_numpy()),)
        for who, place in found.items()
        if place.drop_nulls().n_unique() > 1
    }


def _audit(found: Errors, factors: list[Factor]) -> Iterator[Row]:
    """The rows of one judge."""
    values = [x.value[found.place] for x in factors]
    telling = [i for i, x in enumerate(values) if len(x) and np.nanmin(x) < np.nanmax(x)]
    for i, factor in enumerate(factors):
        yield _row(factor, False, found, [values[i]], 0)
        if i in telling and len(telling) > 1:
            yield _row(factor, True, found, [values[j] for j in telling], telling.index(i))


def _row(factor: Factor, adjusted: bool, found: Errors, values: list[Floats], place: int) -> Row:
    """One factor of one judge; answers on which a factor is not known are left out."""
    base = _base(factor, adjusted, found)
    if found.scale.reason is not None:
        return {**base, "note": found.scale.reason}
    known = np.isfinite(np.stack(values).sum(axis=0))
    prompt = found.prompt[known]
    got = effect(found.value[known], [x[known] for x in values], place, prompt)
    lost = len(known) - int(known.sum())
    notes = [
        got.reason,
        f"answers left out, as a factor is not known there: {lost}" if lost else None,
    ]
    counts: Row = {"answers": int(known.sum()), "prompts": len(np.unique(prompt))}
    note = "; ".join(x for x in notes if x) or None
    return {**base, **_numbers(got, prompt), **counts, "note": note}


def _base(factor: Factor, adjusted: bool, found: Errors) -> Row:
    numbers = ("coefficient", "low", "high", "error", "freedom", "p", "method")
    return {
        **dict.fromkeys(numbers),
        "factor": factor.name,
        "contrast": factor.contrast,
        "adjusted": adjusted,
        "slope": found.scale.slope,
        "reliability": found.scale.reliability,
        "answers": found.scale.answers,
        "prompts": found.scale.prompts,
    }


def _numbers(got: Coefficient, prompt: Codes) -> Row:
    clustered = len(np.unique(prompt)) < len(prompt)
    return {
        "coefficient": None if np.isnan(got.value) else got.value,
        "low": got.low,
        "high": got.high,
        "error": got.error,
        "freedom": got.freedom,
        "p": got.p,
        "method": None if got.low is None else "CR2" if clustered else "HC3",
    }


def _own_family(
    found: dict[str, Errors],
    factors: list[Factor],
    ratings: pl.DataFrame,
    own: Mapping[str, Collection[str]],
) -> Iterator[Row]:
    """One row: how much higher judges rate their own family than other judges rate it.

    The errors of all judges are stacked; each judge has its own mean, and the arms may differ.
    """
    models = panel_judges(ratings)["rater"].unique()
    judges = {x: e for x, e in found.items() if x in models}
    if not any(own.get(x) for x in judges):
        return
    factor = Factor(OWN, "own family - other judges", np.array([]))
    usable = [x for x, e in judges.items() if e.scale.reason is None]
    base = _base(factor, True, next(iter(judges.values())))
    base |= {"slope": None, "reliability": None, "answers": 0, "prompts": 0}
    if not any(own.get(x) for x in usable) or len(usable) < 2:
        yield {**base, "note": "fewer than two judges, or none of the family, go with the people"}
        return
    arm = ratings.group_by("response").agg(pl.col("arm").first()).sort("response")["arm"]
    names = np.repeat(usable, [len(judges[x].place) for x in usable])
    place = np.concatenate([judges[x].place for x in usable])
    value = np.concatenate([judges[x].value for x in usable])
    prompt = alpha.pivot(ratings).prompts[place]
    kin = [arm[int(i)] in own.get(str(x), ()) for x, i in zip(names, place, strict=True)]
    arms = [x.value[place] for x in factors if x.name == "arm"]
    beside = [*((names == x).astype(float) for x in usable[1:]), *arms]
    got = effect(value, [*beside, np.array(kin, float)], len(beside), prompt)
    counts: Row = {"answers": len(np.unique(place)), "prompts": len(np.unique(prompt))}
    yield {**base, **_numbers(got, prompt), **counts, "note": got.reason}
