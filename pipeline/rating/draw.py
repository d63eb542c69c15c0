"""Who rates which answers, in which order: drawn from a seed, balanced, blind.

A prompt's answers go to the same people, both arms of it, so that a person's severity falls out of
the difference. Which people is nearly a balanced incomplete block design: whoever has least to do
so far, and among them those who met least, and then swaps (Cochran and Cox 1957, ch. 11, on why
balance).
"""

import math
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

REPEATS = 0.05
"""The share of all answers that are shown once more, to hold each person against themselves."""
APART = 3
"""Other answers at least between an answer and its repeat."""
_SWAPS = 20_000
"""That are tried at most, so that any two people meet over about as many prompts as any others."""


class Visit(NamedTuple):
    """One answer shown to one person, to be scored on every rubric in this order."""

    prompt: str
    response: str
    rubrics: tuple[str, ...]
    again: bool
    """Whether it is a repeat."""


class Assignment(NamedTuple):
    """What one person is shown, in order."""

    rater: str
    visits: tuple[Visit, ...]


def assign(
    plan: pl.DataFrame,
    raters: Sequence[str],
    rubrics: Sequence[str],
    seed: int,
    repeats: float = REPEATS,
    reads: Mapping[str, Collection[str]] = MappingProxyType({}),
    given: Collection[tuple[str, str, str]] = (),
) -> tuple[Assignment, ...]:
    """The assignments of `raters` to the answers of `plan`, as GOLD_PLAN.

    An answer gets as many people as the plan says, or all who can read it: `reads` says which
    answers those are for each person who cannot read all. What was `given` before, as (rater,
    answer, rubric), is not given again, and whoever was given it counts. Two answers to one prompt
    never follow each other where a person has another prompt to put between them. Of all answers
    dealt, `repeats` are shown again, as far as there is a place for them, to each person no more
    than that share of their own, rounded up.

    Raises:
        ValueError: nobody rates, or a rater is named twice.
    """
    if not raters or len(set(raters)) < len(raters):
        raise ValueError(f"raters are {list(raters)}, expected names, each once")
    chance = random.Random(f"{seed} {' '.join(sorted(raters))}")
    answers: dict[str, list[str]] = {}
    people: dict[str, int] = {}
    for prompt, response, count in plan.select("prompt", "response", "raters").iter_rows():
        own = answers.setdefault(prompt, [])
        own += [] if response in own else [response]
        people[prompt] = max(people.get(prompt, 0), count)
    left = _left(answers, raters, rubrics, reads, given)
    lacking = _lacking(answers, people, rubrics, given)
    blocks = _balanced(
        _blocks(answers, lacking, left, chance), left, random.Random(f"{seed} swaps")
    )
    owed = chance.random()  # of a repeat: its fractions go from one person to the next
    found = []
    for rater in raters:
        own_chance = random.Random(f"{seed} {rater}")
        order = _spread(blocks[rater], own_chance)
        owed += repeats * len(order)
        most = math.ceil(repeats * len(order))  # what others had no place for does not pile up
        whole = _with_repeats(order, min(int(owed), most), own_chance)
        owed -= len(whole) - len(order)
        found.append(Assignment(rater, _visits(whole, rubrics, left[rater], own_chance)))
    return tuple(found)


def _left(
    answers: Mapping[str, Sequence[str]],
    raters: Sequence[str],
    rubrics: Sequence[str],
    reads: Mapping[str, Collection[str]],
    given: Collection[tuple[str, str, str]],
) -> dict[str, dict[str, list[str]]]:
    """By person and answer that they can read: the rubrics on which it is new to them."""
    had = frozenset(given)
    return {
        rater: {
            response: [x for x in rubrics if (rater, response, x) not in had]
            for own in answers.values()
            for response in own
            if response in reads.get(rater, own)
        }
        for rater in raters
    }


def _lacking(
    answers: Mapping[str, Sequence[str]],
    people: Mapping[str, int],
    rubrics: Sequence[str],
    given: Collection[tuple[str, str, str]],
) -> dict[str, int]:
    """By answer how many more people it wants: those it has are counted on its poorest rubric."""
    has = Counter((response, rubric) for _, response, rubric in frozenset(given))
    return {
        response: people[prompt] - min(has[response, x] for x in rubrics)
        for prompt, own in answers.items()
        for response in own
    }


def _blocks(
    answers: Mapping[str, Sequence[str]],
    lacking: dict[str, int],
    left: Mapping[str, Mapping[str, Sequence[str]]],
    chance: random.Random,
) -> dict[str, list[tuple[str, str]]]:
    """By person the (prompt, answer) pairs they rate.

    Of each prompt: those with least to do come first, and among them those who met least.
    """
    given: dict[str, list[tuple[str, str]]] = {x: [] for x in left}
    met: Counter[frozenset[str]] = Counter()
    for prompt, own in answers.items():
        chosen: list[str] = []
        tie = {x: chance.random() for x in left}
        while True:
            free = {
                x: [y for y in own if lacking[y] > 0 and left[x].get(y)]
                for x in left
                if x not in chosen
            }
            able = [x for x in free if free[x]]
            if not able:
                break
            one = min(
                able,
                key=lambda x: (
                    len(given[x]),
                    sum(met[frozenset((x, other))] for other in chosen),
                    tie[x],
                ),
            )
            chosen.append(one)
            given[one] += [(prompt, x) for x in free[one]]
            for response in free[one]:
                lacking[response] -= 1
        met.update(frozenset(pair) for pair in combinations(chosen, 2))
    return given


def _balanced(
    blocks: Mapping[str, Sequence[tuple[str, str]]],
    left: Mapping[str, Mapping[str, Sequence[str]]],
    chance: random.Random,
) -> dict[str, list[tuple[str, str]]]:
    """The blocks, after swaps that lower the sum of squares of how often any two people meet.

    Two people trade a prompt each, where each could have had the other's as it was dealt: how many
    rate an answer and how much anybody has to do stay the same.
    """
    seats: dict[str, dict[str, list[str]]] = {}
    for rater, own in blocks.items():
        for prompt, response in own:
            seats.setdefault(prompt, {}).setdefault(rater, []).append(response)
    met = Counter(frozenset(x) for people in seats.values() for x in combinations(people, 2))
    even, more = divmod(sum(met.values()), max(1, math.comb(len(blocks), 2)))
    # By how much the sum of squares, halved, lies above that of the evenest there could be.
    excess = sum(math.comb(x, 2) for x in met.values()) - more * even
    excess -= math.comb(len(blocks), 2) * math.comb(even, 2)
    prompts = sorted(seats)
    for _ in range(_SWAPS):
        if not excess:
            break
        here, there = chance.sample(prompts, 2)
        one, other = chance.choice(list(seats[here])), chance.choice(list(seats[there]))
        if one in seats[there] or other in seats[here]:
            continue
        if not _can_trade(one, other, seats[here], seats[there], left):
            continue
        old = seats[here].keys() - seats[there].keys() - {one}
        new = seats[there].keys() - seats[here].keys() - {other}
        gone = [frozenset(x) for x in (*((one, y) for y in old), *((other, y) for y in new))]
        come = [frozenset(x) for x in (*((other, y) for y in old), *((one, y) for y in new))]
        change = sum(met[x] + 1 for x in come) - sum(met[x] for x in gone)
        if change > 0:
            continue
        excess += change
        met.subtract(gone)
        met.update(come)
        seats[here][other] = seats[here].pop(one)
        seats[there][one] = seats[there].pop(other)
    return {x: [(y, z) for y in seats for z in seats[y].get(x, ())] for x in blocks}


def _can_trade(
    one: str,
    other: str,
    here: Mapping[str, Sequence[str]],
    there: Mapping[str, Sequence[str]],
    left: Mapping[str, Mapping[str, Sequence[str]]],
) -> bool:
    """Whether `one` could have had what `other` has of a prompt, and the other way round."""
    traded = (*here[one], *there[other])
    return len(here[one]) == len(there[other]) and all(
        left[one].get(x) == left[other].get(x) for x in traded
    )


def _visits(
    order: Sequence[tuple[str, str]],
    rubrics: Sequence[str],
    left: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> tuple[Visit, ...]:
    """One person's answers in their order, each with its rubrics in an order of its own."""
    seen: set[str] = set()
    visits = []
    for prompt, response in order:
        shuffled = list(rubrics)
        chance.shuffle(shuffled)
        asked = tuple(x for x in shuffled if x in left[response])
        visits.append(Visit(prompt, response, asked, response in seen))
        seen.add(response)
    return tuple(visits)


def _spread(every: Sequence[tuple[str, str]], chance: random.Random) -> list[tuple[str, str]]:
    """All of them shuffled, no two of one prompt in a row where that can be.

    At each place one of the other prompts is drawn, with the chance of how much it still has; one
    that has more left than half of the rest must come now.
    """
    left: dict[str, list[tuple[str, str]]] = {}
    for one in every:
        left.setdefault(one[0], []).append(one)
    for own in left.values():
        chance.shuffle(own)
    order: list[tuple[str, str]] = []
    while left:
        rest = sum(map(len, left.values()))
        last = order[-1][0] if order else None
        free = [x for x in left if x != last] or list(left)
        pressing = [x for x in free if 2 * len(left[x]) > rest]
        prompt = (
            pressing[0]
            if pressing
            else chance.choices(free, weights=[len(left[x]) for x in free])[0]
        )
        order.append(left[prompt].pop())
        if not left[prompt]:
            del left[prompt]
    return order


def _with_repeats(
    order: list[tuple[str, str]], count: int, chance: random.Random
) -> list[tuple[str, str]]:
    """`order` with `count` of its answers once more, or as many as find a place."""
    firsts = list(order)
    for _ in range(count):
        able = [(one, places) for one in firsts if (places := _places(order, one))]
        if not able:
            break
        one, places = chance.choice(able)
        place = chance.choice(places)
        order = [*order[:place], one, *order[place:]]
        firsts.remove(one)
    return order


def _places(order: Sequence[tuple[str, str]], one: tuple[str, str]) -> list[int]:
    """Where `one` may stand again: far enough behind itself, beside no answer to its prompt."""
    return [
        place
        for place in range(order.index(one) + 1 + APART, len(order) + 1)
        if one[0] not in {x[0] for x in order[place - 1 : place + 1]}
    ]
