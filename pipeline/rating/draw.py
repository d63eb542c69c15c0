"""Who rates which answers, in which order: drawn from a seed, balanced, blind.

A prompt's answers go to the same people, both arms of it, so that a person's severity falls out of
the difference. Which people is a balanced incomplete block design, made greedily: whoever has least
to do so far, and among them those who met least (Cochran and Cox 1957, ch. 11, on why balance).
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import polars as pl

REPEATS = 0.05
"""The share of a person's answers that are shown once more, to hold the person against itself."""
_APART = 3
"""Other answers at least between an answer and its repeat, where there are as many."""


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
) -> tuple[Assignment, ...]:
    """The assignments of `raters` to the answers of `plan`, as GOLD_PLAN.

    A prompt gets as many people as the plan says, or all there are. Two answers to one prompt never
    follow each other where a person has another prompt to put between them.

    Raises:
        ValueError: nobody rates, or a rater is named twice.
    """
    if not raters or len(set(raters)) < len(raters):
        raise ValueError(f"raters are {list(raters)}, expected names, each once")
    chance = random.Random(f"{seed} {' '.join(sorted(raters))}")
    wanted = plan.group_by("prompt", maintain_order=True).agg(
        pl.col("response").unique(maintain_order=True), pl.col("raters").max()
    )
    answers = {prompt: list(responses) for prompt, responses, _ in wanted.iter_rows()}
    people = {prompt: int(count) for prompt, _, count in wanted.iter_rows()}
    blocks = _blocks(people, {x: len(y) for x, y in answers.items()}, raters, chance)
    return tuple(
        Assignment(
            rater,
            _visits(
                {prompt: answers[prompt] for prompt in answers if rater in blocks[prompt]},
                rubrics,
                repeats,
                random.Random(f"{seed} {rater}"),
            ),
        )
        for rater in raters
    )


def _blocks(
    people: dict[str, int], sizes: dict[str, int], raters: Sequence[str], chance: random.Random
) -> dict[str, tuple[str, ...]]:
    """The people of each prompt: those with least to do, and among them those who met least."""
    load: Counter[str] = Counter()
    met: Counter[frozenset[str]] = Counter()
    found = {}
    for prompt, count in people.items():
        chosen: list[str] = []
        tie = {x: chance.random() for x in raters}
        for _ in range(min(count, len(raters))):
            free = [x for x in raters if x not in chosen]
            chosen.append(
                min(
                    free,
                    key=lambda x: (
                        load[x],
                        sum(met[frozenset((x, other))] for other in chosen),
                        tie[x],
                    ),
                )
            )
            load[chosen[-1]] += sizes[prompt]
        met.update(frozenset(pair) for pair in combinations(chosen, 2))
        found[prompt] = tuple(chosen)
    return found


def _visits(
    answers: dict[str, list[str]],
    rubrics: Sequence[str],
    repeats: float,
    chance: random.Random,
) -> tuple[Visit, ...]:
    """One person's answers in an order of their own, and some of them once more."""
    every = [(prompt, response) for prompt, own in answers.items() for response in own]
    order = _spread(every, chance)
    again = chance.sample(order, round(repeats * len(order)))
    for one in again:
        order = _put_again(order, one, chance)
    seen: set[str] = set()
    visits = []
    for prompt, response in order:
        shuffled = list(rubrics)
        chance.shuffle(shuffled)
        visits.append(Visit(prompt, response, tuple(shuffled), response in seen))
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


def _put_again(
    order: list[tuple[str, str]], one: tuple[str, str], chance: random.Random
) -> list[tuple[str, str]]:
    """`order` with `one` once more: as far behind as may be, beside no answer to its prompt."""
    first = order.index(one)
    places = [
        place
        for place in range(first + 1 + _APART, len(order) + 1)
        if one[0] not in {x[0] for x in order[max(place - 1, 0) : place + 1]}
    ]
    place = chance.choice(places) if places else len(order)
    return [*order[:place], one, *order[place:]]
