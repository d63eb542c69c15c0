"""Which map takes the panel's scores to the people's: affine, ordinal or ridge."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.stats import ordinal
from pipeline.stats.alpha import Floats, Mask

_SLOPE_RIDGE = 0.16
"""1 / 2.5^2: a slope of 2.5 on the logit per standard deviation is as far as one expects to see;
the scale of Gelman et al. (2008), "A weakly informative default prior distribution"."""
_ROUNDING = 1e-9


class Predicted(NamedTuple):
    """What people are expected to say."""

    predicted: Floats
    """Answers x rubrics; NaN where there is no map or no score of the panel."""
    lines: Floats
    """Rubrics x (intercept, slope) of the affine map; NaN elsewhere."""
    reasons: tuple[str | None, ...]
    """Why a rubric has no map."""


class Line(NamedTuple):
    """A least-squares line through its means, with the error of its slope."""

    x: float
    y: float
    slope: float
    error: float


def predict(panel: Floats, people: Floats, kinds: Sequence[str], train: Mask) -> Predicted:
    """What people are expected to say of every answer, learnt from the answers in `train`.

    `panel` and `people` are answers x rubrics, NaN = no score; `kinds` one of affine, ordinal and
    ridge per rubric.
    """
    gold = ~np.isnan(panel) & ~np.isnan(people) & train[:, None]
    lines = [line(panel[x, i], people[x, i]) for i, x in enumerate(gold.T)]
    slopes = shrink(lines)
    found = np.full(panel.shape, np.nan)
    affine = np.full((panel.shape[1], 2), np.nan)
    others: dict[str, Callable[[Floats, Floats, Mask, int], Floats | None]] = {
        "ordinal": _ordinal,
        "ridge": _ridge,
    }
    reasons: list[str | None] = []
    for i, (kind, drawn) in enumerate(zip(kinds, lines, strict=True)):
        reasons.append(None)
        if drawn is None:
            reasons[i] = "too few gold answers, or the panel does not tell them apart"
        elif kind == "affine":
            affine[i] = drawn.y - slopes[i] * drawn.x, slopes[i]
            found[:, i] = affine[i, 0] + affine[i, 1] * panel[:, i]
        elif (told := others[kind](panel, people, gold[:, i], i)) is None:
            reasons[i] = "people gave one level only"
        else:
            found[:, i] = np.where(np.isnan(panel[:, i]), np.nan, told)
    return Predicted(found, affine, tuple(reasons))


def line(x: Floats, y: Floats) -> Line | None:
    """The least-squares line; None with fewer than three points or an x that does not vary.

    >>> line(np.array([1.0, 2, 3]), np.array([2.0, 2, 5]))  # doctest: +ELLIPSIS
    Line(x=2.0, y=3.0, slope=1.5, error=0.866...)
    """
    if len(x) < 3 or np.ptp(x) <= _ROUNDING:
        return None
    spread = x - x.mean()
    square = float(spread @ spread)
    slope = float(spread @ y) / square
    rest = y - y.mean() - slope * spread
    return Line(
        float(x.mean()), float(y.mean()), slope, float((rest @ rest / (len(x) - 2) / square) ** 0.5)
    )


def shrink(lines: Sequence[Line | None]) -> Floats:
    """The slopes drawn to their common mean, each as far as it is unsure: empirical Bayes.

    The variance between the true slopes is that of DerSimonian & Laird (1986). One slope stays as
    it is. NaN where there is no line.

    >>> shrink([Line(0, 0, 0.5, 0.1), Line(0, 0, 1.0, 0.1), Line(0, 0, 1.5, 0.5)]).round(3)
    array([0.528, 0.989, 1.069])
    """
    known = [i for i, x in enumerate(lines) if x is not None]
    found = np.full(len(lines), np.nan)
    slope = np.array([x.slope for x in lines if x is not None])
    noise = np.array([max(x.error, _ROUNDING) ** 2 for x in lines if x is not None])
    if len(known) < 2:
        found[known] = slope
        return found
    weight = noise.min() / noise  # relative: a line without noise would drown the others' digits
    mean = float(weight @ slope / weight.sum())
    excess = float(weight @ (slope - mean) ** 2) - (len(known) - 1) * float(noise.min())
    spare = float(weight.sum() - weight @ weight / weight.sum())
    between = max(0.0, excess / spare) if spare > _ROUNDING else float(slope.var())
    mean = float((slope / (between + noise)).sum() / (1 / (between + noise)).sum())
    found[known] = (between * slope + noise * mean) / (between + noise)
    return found


def _ordinal(panel: Floats, people: Floats, gold: Mask, place: int) -> Floats | None:
    """The mean level under the ridge cumulative logit; a mean of people lies between two levels."""
    score = panel[:, place]
    centre, scale = float(score[gold].mean()), float(score[gold].std())
    columns = ((np.where(np.isnan(score), centre, score) - centre) / scale)[:, None]
    below, above = np.floor(people[gold, place]), np.ceil(people[gold, place])
    share = people[gold, place] - below
    # half a level is read as half an answer at the level below and half at the one above
    rows = np.concatenate((columns[gold], columns[gold]))
    model = ordinal.fit(
        *_weighed(rows, np.concatenate((below, above)), np.concatenate((1 - share, share)))
    )
    return None if model is None else ordinal.expected(model, columns)


def _weighed(rows: Floats, score: Floats, weight: Floats) -> tuple[Floats, Floats, float, Floats]:
    kept = weight > 0
    return rows[kept], score[kept], _SLOPE_RIDGE, weight[kept]


def _ridge(panel: Floats, people: Floats, gold: Mask, place: int) -> Floats:
    """Ridge on the panel's means of all rubrics.

    The penalty is that of Hoerl, Kennard & Baldwin (1975), k = p s^2 / b'b, from the least-squares
    fit of standardised columns. A missing mean on another rubric is taken for the average one.
    """
    filled = panel.copy()
    with_some = ~np.isnan(panel[gold]).all(axis=0)
    filled = filled[:, with_some]
    centre, scale = np.nanmean(filled[gold], axis=0), np.nanstd(filled[gold], axis=0)
    filled = filled[:, scale > _ROUNDING]
    centre, scale = centre[scale > _ROUNDING], scale[scale > _ROUNDING]
    columns = np.where(np.isnan(filled), 0.0, (filled - centre) / scale)
    x, y = columns[gold], people[gold, place]
    mean, gram = float(y.mean()), x.T @ x
    plain = np.linalg.pinv(gram) @ (x.T @ (y - mean))
    rest = y - mean - x @ plain
    freedom = max(len(y) - len(plain) - 1, 1)
    size = float(plain @ plain)
    penalty = len(plain) * float(rest @ rest) / freedom / size if size > _ROUNDING else 1e9
    slope = np.linalg.solve(gram + penalty * np.eye(len(plain)), x.T @ (y - mean))
    return np.asarray(mean + columns @ slope)
