"""Whether an arm was seen to think more, or less, than another."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from pipeline.rungs import Way

_LEAST = 2
"""Answers of both arms below which nothing is said of how far they spread."""
_ERRORS = 2
"""Standard errors by which the mean difference must lie beyond 0: about a 95% interval."""
Records = Sequence[Mapping[str, Any]]


def seen(way: Way, answers: Records, others: Records, aloud: bool) -> bool:
    """Whether `answers` were thought about more than `others`, or less where the way is down.

    Answers to one task in one language are compared, draw by draw: in tokens where the server
    counts them all, and else in words shown, as of notes that were thought `aloud`.
    """
    counted = all(x["call"]["tokens_thinking"] is not None for x in (*answers, *others))
    one, other = (_amounts(x, counted and not aloud) for x in (answers, others))
    sign = 1 if way == "up" else -1
    apart = [sign * (one[x] - other[x]) for x in one.keys() & other.keys()]
    if len(apart) < _LEAST:
        return False
    mean = fmean(apart)
    return mean > 0 and mean > _ERRORS * stdev(apart) / len(apart) ** 0.5


def _amounts(records: Records, counted: bool) -> dict[tuple[str, str, int], int]:
    return {
        (x["task"], x["language"], x["draw"]): x["call"]["tokens_thinking"]
        if counted
        else x["reasoning_words"]
        for x in records
        if x["finish"] != "overflow"
    }
