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


def seen(way: Way, answers: Records, others: Records, aloud: bool, shown: bool) -> bool | None:
    """Whether `answers` were thought about more than `others`, or less where the way is down.

    Answers to one task in one language are compared, draw by draw: in tokens where the server
    counts them all, and else in words shown, as of notes that were thought `aloud`. None = that
    cannot be told: there are too few of them, or the words need not be all there were, as those of
    a provider by which thinking is not `shown`.
    """
    given = [[x for x in some if x["finish"] != "overflow"] for some in (answers, others)]
    counted = all(x["call"]["tokens_thinking"] is not None for some in given for x in some)
    one, other = (_amounts(x, counted and not aloud) for x in given)
    sign = 1 if way == "up" else -1
    apart = [sign * (one[x] - other[x]) for x in one.keys() & other.keys()]
    if len(apart) < _LEAST:
        return None
    mean = fmean(apart)
    if mean > 0 and mean > _ERRORS * stdev(apart) / len(apart) ** 0.5:
        return True
    return False if counted or aloud or shown else None


def _amounts(records: Records, counted: bool) -> dict[tuple[str, str, int], int]:
    return {
        (x["task"], x["language"], x["draw"]): x["call"]["tokens_thinking"]
        if counted
        else x["reasoning_words"]
        for x in records
    }
