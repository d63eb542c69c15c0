"""How wide is the landscape of what a model might say next, and how far do two of them lie apart.

All of it from truncated distributions: a server shows the most probable tokens of a place and
nothing of the rest. What follows from that alone is given, as bounds; nothing is assumed of the
rest but that none of its tokens is more probable than the last one shown. Entropies and divergences
are in bits.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.stats.alpha import Floats

VOCABULARY = 2**18
"""Tokens that a vocabulary is taken to have at most; the largest in wide use have about as many."""
UNTOLD = "\0"
"""How the name of a token begins that cannot be told from others, or found again elsewhere."""
_LEAST = 1e-12
"""A probability below which a server's figure is rounding; taken as this much in a ratio."""


class Entropy(NamedTuple):
    """The entropy of one place, in bits."""

    least: float
    """What it is at least, whatever the rest looks like."""
    most: float
    """What it is at most: with the rest spread evenly over the whole vocabulary."""
    rest: float
    """The probability of all that is not shown."""


class Divergence(NamedTuple):
    """How far the next-token distributions P and Q lie apart at one place, at least; in bits."""

    forward: float
    """KL(P || Q) = sum p log(p / q)."""
    backward: float
    """KL(Q || P)."""
    shannon: float
    """Jensen and Shannon's: the mean of both against (P + Q) / 2; at most 1 (Lin 1991)."""
    same_top: bool
    """Whether both put the same token first."""
    shared: float
    """Of P, on tokens that both show."""


def entropy(logprobs: Sequence[float], vocabulary: int = VOCABULARY) -> Entropy:
    """The bounds of the entropy of a distribution of which the most probable tokens are shown.

    With r = 1 - sum p not shown, none of it above m, the last probability shown (Shannon 1948):

        H >= -sum p log p - r log min(m, r)
        H <= -sum p log p - r log(r / (V - shown))

    >>> half = math.log(0.5)
    >>> entropy([half, half])
    Entropy(least=1.0, most=1.0, rest=0.0)
    >>> found = entropy([half], vocabulary=5)
    >>> found.least, found.most
    (1.0, 2.0)
    """
    p = _probabilities(logprobs)
    shown = float(-(p[p > 0] * np.log2(p[p > 0])).sum())
    rest = max(0.0, 1 - float(p.sum()))
    left = vocabulary - len(p)
    assert left >= 0, "a vocabulary holds what is shown of it"
    if rest < _LEAST or left == 0:
        return Entropy(shown + 0.0, shown + 0.0, rest)
    most = shown - rest * math.log2(rest / left)
    least = shown - rest * math.log2(min(float(p.min()), rest))
    return Entropy(min(least, most), most, rest)


def divergence(one: Mapping[str, float], other: Mapping[str, float]) -> Divergence:
    """The least divergences that two places may have; each is token -> log-probability.

    Two lower bounds, the larger of which is taken. The one: what both show stays, all else is one
    bucket; merging outcomes never raises a divergence (the data-processing inequality; Cover and
    Thomas 2006, 2.8). The other: a divergence is a sum of terms that are never below 0, such as
    p log(p / q) - p + q; of the union of what is shown, a token that one side hides has there at
    most the last probability shown, which bounds its term, and the terms of what both hide are left
    out. Tokens whose names begin with `UNTOLD` are left to the bucket, and their terms out.

    >>> half, tenth = math.log(0.5), math.log(0.1)
    >>> divergence({"a": half, "b": half}, {"a": half, "b": half}).forward
    0.0
    >>> found = divergence({"a": half, "b": half}, {"a": math.log(0.9), "b": tenth})
    >>> round(found.forward, 3), round(found.shannon, 3), found.same_top
    (0.737, 0.147, True)
    """
    assert one, "a place shows something"
    assert other, "a place shows something"
    both = [x for x in one if x in other]
    hidden = [x for x in one if x not in other and not x.startswith(UNTOLD)]
    foreign = [x for x in other if x not in one and not x.startswith(UNTOLD)]
    p_all, q_all = (_probabilities(list(x.values())) for x in (one, other))
    p_cap, q_cap = float(p_all.min()), float(q_all.min())
    p, q = (_probabilities([x[token] for token in both]) for x in (one, other))
    alone = _probabilities([one[x] for x in hidden])
    strange = _probabilities([other[x] for x in foreign])
    left, right = np.append(p, _over(p)), np.append(q, _over(q))
    p_union = np.concatenate((p, alone, np.minimum(p_cap, strange)))
    q_union = np.concatenate((q, np.minimum(q_cap, alone), strange))
    return Divergence(
        max(_kullback(left, right), _kullback(p_union, q_union)),
        max(_kullback(right, left), _kullback(q_union, p_union)),
        min(1.0, max(_jensen(left, right), _jensen(p_union, q_union))),
        _first(one) == _first(other),
        float(p.sum()),
    )


def _probabilities(logprobs: Sequence[float]) -> Floats:
    """Probabilities that add up to 1 at most: what a server rounds up is taken off."""
    p = np.exp(np.asarray(logprobs, np.float64))
    return np.asarray(p / max(1.0, float(p.sum())))


def _over(p: Floats) -> float:
    return max(0.0, 1 - float(p.sum()))


def _first(place: Mapping[str, float]) -> str:
    return min(place, key=lambda token: (-place[token], token))


def _kullback(p: Floats, q: Floats) -> float:
    """Sum of p log(p / q) - p + q, each of which is 0 or more; in bits."""
    low = np.maximum(q, _LEAST)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(p > 0, p * np.log(p / low), 0.0)
    return max(0.0, float((logs - p + q).sum())) / math.log(2)


def _jensen(p: Floats, q: Floats) -> float:
    """Sum of (p log(p / m) + q log(q / m)) / 2 with m = (p + q) / 2, each 0 or more; in bits."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = [np.where(x > 0, x * np.log2(x / middle), 0.0) for x in (p, q)]
    return max(0.0, float((sides[0] + sides[1]).sum()) / 2)


def spread(vectors: Sequence[Sequence[float]]) -> float | None:
    """The mean distance 1 - cosine of every two vectors, 0 to 2; None where there are not two.

    >>> spread([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
    0.6666666666666666
    """
    if len(vectors) < 2:
        return None
    rows = np.asarray(vectors, np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    above = np.triu_indices(len(rows), 1)
    return float(np.clip(1 - (rows @ rows.T)[above], 0, 2).mean())
