"""How often somebody may ask: a bucket each, filled at a steady rate."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

_MOST_BUCKETS = 10_000
"""Beyond so many askers the one that was quiet longest is forgotten."""


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    burst: float
    second: float


SAVES = Rate(60, 10)
"""Of one person: nobody rates ten items a second, and a queue kept offline comes at once."""
LOOKS = Rate(40, 2)
"""Of one person: pages opened, and all else that is no save."""
GUESSES = Rate(10, 0.1)
"""Of one address: tokens that are nobody's."""


class Limits:
    """The buckets of everybody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """All are full."""
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def allow(self, what: str, who: str, rate: Rate) -> bool:
        """Take one from the bucket of `who`; whether there was one."""
        left = self._left(what, who, rate)
        allowed = left >= 1
        self._buckets.pop((what, who), None)
        self._buckets[what, who] = (left - 1 if allowed else left, self._clock())
        while len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return allowed

    def is_empty(self, what: str, who: str, rate: Rate) -> bool:
        """Whether nothing is left in the bucket of `who`; nothing is taken."""
        return self._left(what, who, rate) < 1

    def _left(self, what: str, who: str, rate: Rate) -> float:
        now = self._clock()
        left, at = self._buckets.get((what, who), (rate.burst, now))
        return min(rate.burst, left + (now - at) * rate.second)
