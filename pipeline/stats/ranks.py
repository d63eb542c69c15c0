"""How far do two raters rank alike: Kendall's tau-b, whole and without each prompt.

Counted on the table of which two values met how often, not answer by answer. Kendall (1945).
"""

import numpy as np

from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.jackknife import LeftOut
from pipeline.stats.pairs import Measured, Pair

_CELLS = 4_000_000
"""Cells of a table of values beyond which two raters have no tau-b."""
_OUTER = 200
"""Answers to one prompt up to which each is compared with each."""


def measured(pair: Pair, prompts: int) -> Measured:
    """tau-b of a pair and of what is left without prompt 0, 1, ..., `prompts` - 1."""
    none = LeftOut(np.zeros(prompts), np.zeros(prompts, np.bool_))
    reason = flat(pair.one, pair.two)
    if reason:
        return Measured(None, reason, none)
    (first, x), (second, y) = (np.unique(z, return_inverse=True) for z in (pair.one, pair.two))
    shape = len(first), len(second)
    if shape[0] * shape[1] > _CELLS:
        return Measured(None, f"{shape[0]} x {shape[1]} values are too many for tau-b", none)
    value, left = left_out(x, y, pair.prompt, prompts)
    return Measured(float(value), None, LeftOut(np.nan_to_num(left), ~np.isnan(left)))


def flat(one: Floats, two: Floats) -> str | None:
    """Why ranks say nothing of two raters."""
    if len(one) < 2:
        return "fewer than two answers rated by both"
    for each in (one, two):
        if (each == each[0]).all():
            return f"one rater gives the same score ({each[0]:g}) throughout"
    return None


def taus(score: Floats, answers: Codes, tied_one: Floats, tied_two: Floats) -> Floats:
    """tau-b of each entry, NaN where one rater is flat.

    `score` is concordant - discordant pairs of answers, the ties are sums of squared counts.
    """
    n = np.asarray(answers, np.float64)
    untied = (n * n - tied_one) * (n * n - tied_two) / 4
    found = np.full(n.shape, np.nan)
    return np.asarray(np.divide(score, np.sqrt(untied), out=found, where=untied > 0))


def left_out(x: Codes, y: Codes, prompt: Codes, prompts: int) -> tuple[Floats, Floats]:
    """tau-b of two raters' codes, and of what is left without prompt 0, 1, ..., `prompts` - 1.

    What is left scores what all score, less each of the prompt's answers beside all others, plus
    the pairs within the prompt, which that takes off twice.

    >>> one, two = np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])
    >>> [x.round(4).tolist() for x in left_out(one, two, np.array([0, 0, 1, 1]), 2)]
    [0.8, [nan, 1.0]]
    """
    own = leads(x, y)
    count_x, count_y = np.bincount(x), np.bincount(y)
    tied = float(count_x @ count_x), float(count_y @ count_y)
    whole = taus(own.sum() / 2, np.array(len(x)), *(np.array(t) for t in tied))
    order = np.argsort(prompt, kind="stable")
    size = np.bincount(prompt, minlength=prompts)
    parts = np.split(order, np.cumsum(size)[:-1]) if prompts else []
    inside = np.array([_score(x[part], y[part]) for part in parts])
    left = taus(
        own.sum() / 2 - np.bincount(prompt, own, prompts)[:prompts] + inside,
        len(x) - size[:prompts],
        tied[0] + _tied_change(x, count_x, prompt, prompts),
        tied[1] + _tied_change(y, count_y, prompt, prompts),
    )
    return whole, left


def leads(x: Codes, y: Codes) -> Floats:
    """Per answer, the answers with which it is concordant less those with which it is discordant.

    >>> leads(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2]))
    array([3., 2., 1., 2.])
    """
    shape = int(x.max()) + 1, int(y.max()) + 1
    below = np.zeros((shape[0] + 1, shape[1] + 1))
    counts = np.bincount(x * shape[1] + y, minlength=shape[0] * shape[1]).reshape(shape)
    np.cumsum(np.cumsum(counts, axis=0), axis=1, out=below[1:, 1:])
    # concordant lie in the lower left and the upper right, discordant in the other two quarters
    corners = below[x, y] + below[x + 1, y + 1] + below[x, y + 1] + below[x + 1, y]
    sides = below[x, -1] + below[x + 1, -1] + below[-1, y] + below[-1, y + 1]
    return np.asarray(corners - sides + len(x))


def _score(x: Codes, y: Codes) -> float:
    """Concordant - discordant pairs of answers."""
    if len(x) < 2:
        return 0.0
    if len(x) <= _OUTER:
        return float((np.sign(x[:, None] - x) * np.sign(y[:, None] - y)).sum()) / 2
    codes = (np.unique(z, return_inverse=True)[1] for z in (x, y))
    return float(leads(*codes).sum()) / 2


def _tied_change(code: Codes, count: Codes, prompt: Codes, prompts: int) -> Floats:
    """What the sum of squared counts changes by when each prompt is deleted."""
    cell, times = np.unique(prompt * len(count) + code, return_counts=True)
    owner, value = np.divmod(cell, len(count))
    change = times * times - 2 * times * count[value]
    return np.asarray(np.bincount(owner, change, prompts)[:prompts], np.float64)
