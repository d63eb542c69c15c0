"""How much more must people rate for a wanted interval, and which prompts next."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import GOLD_PLAN
from pipeline.tables import conform

_Z = 1.96
FULLY_RATED = 40
"""Prompts that three people rate; further ones get fewer (METHOD, section 7)."""
MANY, _ONE = 3, 1


class Needed(NamedTuple):
    """How many are needed in all, or why no number of them is enough."""

    number: int | None
    note: str | None


THUMB = (150, 0.1)
"""So many answers at 3 people each give that half-width where alpha is near .45 (METHOD, 7)."""


def for_alpha(now: int, half_now: float, half_target: float) -> Needed:
    """Answers with people's ratings needed for alpha +- `half_target`; `now` gave +- `half_now`.

    n_new = n_now (hw_now / hw_target)^2, as many raters each as now. Where there is no interval to
    start from, the rule of thumb for 3 people each.

    >>> for_alpha(50, 0.20, 0.10).number
    200
    >>> for_alpha(0, 0.0, 0.2).number
    38
    """
    if not (now > 0 and half_now > 0):
        answers, half = THUMB
        said = "no interval of alpha to start from: by rule of thumb, at 3 people each"
        return Needed(_up(answers * (half / half_target) ** 2), said)
    return Needed(_up(now * (half_now / half_target) ** 2), None)


def by_people(answers: int, each: float, alpha: float) -> dict[int, int]:
    """How many answers the same interval takes at 2 to 5 people each, where `each` take `answers`.

    n is as (1 + (k-1) rho)^2 / (k (k-1)) for k people each (Bonett 2002, for the intraclass
    correlation, which interval alpha estimates); alpha below 0 counts as 0.

    >>> by_people(150, 3, 0.45)
    {2: 263, 3: 150, 4: 115, 5: 98}
    """
    rho = max(alpha, 0.0)

    def takes(k: float) -> float:
        return (1 + (k - 1) * rho) ** 2 / (k * (k - 1))

    return {k: _up(answers * takes(k) / takes(each)) for k in (2, 3, 4, 5)}


def for_gap(half: float, variance: float, correlation: float, prompts: int) -> Needed:
    """Gold prompts needed, of `prompts` that the panel scores, for a gap +- `half`.

    n = (1.96/h)^2 var(y) (1 - r^2 N/(n+N)), where n + N is the number of all prompts, so that n
    stands on both sides; with A = (1.96/h)^2 var(y) it is n = A (1 - r^2) / (1 - A r^2 / prompts).
    `variance` is that of the people's differences, `correlation` theirs with the panel's (one below
    0 is of no use and counts as 0). At least 3, which an interval needs.

    >>> for_gap(0.3, 1.0, 0.0, 200).number
    43
    >>> for_gap(0.3, 1.0, 0.7, 200).number
    25
    >>> for_gap(0.1, 1.0, 0.7, 200)
    Needed(number=None, note='even all 200 prompts give +-0.14 only; 385 would be needed')
    """
    alone = (_Z / half) ** 2 * variance
    square = max(correlation, 0.0) ** 2
    if alone > prompts:
        best = _Z * math.sqrt(variance / prompts) if prompts else math.inf
        said = f"even all {prompts} prompts give +-{best:.2g} only; {_up(alone)} would be needed"
        return Needed(None, said)
    if square >= 1:
        return Needed(3, None)
    return Needed(max(3, _up(alone * (1 - square) / (1 - alone * square / prompts))), None)


def half_width(variance: float, correlation: float, gold: int, prompts: int) -> float | None:
    """About how wide, to either side, the gap's interval is with so many gold prompts of all.

    >>> round(half_width(1.0, 0.7, 25, 200), 2)
    0.3
    """
    if not 0 < gold <= prompts:
        return None
    square = max(correlation, 0.0) ** 2
    return _Z * math.sqrt(variance / gold * (1 - square * (prompts - gold) / prompts))


def next_prompts(
    answers: pl.DataFrame,
    rated: pl.DataFrame,
    arms: tuple[str, str],
    count: int,
    seed: int,
    barred: Collection[str] = (),
    late: Collection[str] = (),
    people: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Which answers people should rate next: `count` prompts at random, both arms of each.

    `answers` are ANSWERS; `rated` has a row (prompt) per prompt that is gold already. Drawn are
    prompts that are neither that nor `barred`, and on which both arms have an answer in some common
    language, those that are `late` after all others; of each language in which both have one, one
    draw per arm. Prompts beyond the first 40, those rated before included, are given to one person
    rather than three. Where `people` says how many each prompt is given to, those that are gold
    already are drawn as well. As GOLD_PLAN, in the order in which to rate: stopped early, what is
    rated is still a random sample.
    """
    place = ["prompt", "language"]
    both = of_both_arms(answers, arms).sort(*place, "arm", "draw")
    before = set(rated["prompt"].unique())
    able = both["prompt"].unique().sort().to_list()
    done = before if people is None else set()
    open_ones = [x for x in able if x not in done and x not in barred]
    random = np.random.default_rng(seed)
    shuffled = [open_ones[int(i)] for i in random.permutation(len(open_ones))]
    drawn = sorted(shuffled, key=lambda x: x in late)[:count]
    there, taken = (Counter(x in late for x in every) for every in (open_ones, drawn))
    gold = len(before & set(able))
    few = [MANY if n + gold <= FULLY_RATED else _ONE for n in range(1, len(drawn) + 1)]
    plan = pl.DataFrame(
        {
            "prompt": drawn,
            "raters": few if people is None else [people[x] for x in drawn],
            "probability": [taken[x in late] / there[x in late] for x in drawn],
        },
        schema={x: GOLD_PLAN[x] for x in ("prompt", "raters", "probability")},
    ).with_row_index("place", 1)
    plan = plan.with_columns(
        overall=pl.lit(len(before.intersection(able).union(drawn)) / max(len(able), 1)),
        seed=pl.lit(seed),
    )
    ticket = pl.Series("ticket", random.random(both.height))
    chosen = both.with_columns(
        ticket, answer_probability=1 / pl.len().over(*place, "arm").cast(pl.Float64)
    ).filter(pl.col("ticket") == pl.col("ticket").min().over(*place, "arm"))
    kept = ["prompt", "language", "arm", "draw", "response", "answer_probability"]
    found = plan.join(chosen.select(kept), on="prompt").sort("place", "language", "arm")
    return conform(found, GOLD_PLAN)


def of_both_arms(answers: pl.DataFrame, arms: tuple[str, str]) -> pl.DataFrame:
    """The ANSWERS of two arms to prompts that both have answered in that language."""
    there = answers.filter(
        pl.col("finish").is_in(["complete", "truncated"]), pl.col("arm").is_in(list(arms))
    )
    return there.filter(pl.col("arm").n_unique().over("prompt", "language") == 2)


def _up(number: float) -> int:
    """The next whole number, where 200.0000001 is 200."""
    return math.ceil(number - 1e-9 * max(1.0, abs(number)))
