"""A panel on two sides of one thing: by the same judges, or an absence looks like a shift."""

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple


class Sides(NamedTuple):
    """What a panel gave either side."""

    one: float | None
    """The median over the judges that scored both sides; None where none did, as the next."""
    other: float | None
    left_out: int
    """Judges that scored one side only; they count for neither."""


def panel(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> Sides:
    """The panel's scores of two sides, from those of its judges by name; None is no score.

    >>> panel({"a": 5.0, "b": 2.0, "c": 3.0}, {"a": None, "b": 2.0, "c": 3.0})
    Sides(one=2.5, other=2.5, left_out=1)
    """
    judges = one.keys() | other.keys()
    given = [(one.get(x), other.get(x)) for x in sorted(judges)]
    both = [(x, y) for x, y in given if x is not None and y is not None]
    alone = sum((x is None) != (y is None) for x, y in given)
    if not both:
        return Sides(None, None, alone)
    return Sides(float(median(x for x, _ in both)), float(median(y for _, y in both)), alone)
