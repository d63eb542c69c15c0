"""Answers drawn at random and dealt: to whom, how many, and nobody the same ones twice."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from judges.verdict import Language
from pipeline import goldplan, owed
from pipeline.errors import UserError
from pipeline.gold import DESIGNED, Rating
from pipeline.goldplan import GoldPlan
from pipeline.owed import JudgedAnswer
from pipeline.rating import attention, earlier, handout
from pipeline.rating.earlier import Given
from pipeline.rating.handout import Dealt, Handout, Invited
from pipeline.rating.shelf import Shelf
from pipeline.stats.thresholds import Target
from pipeline.store import Run
from pipeline.study import Design

TASKS_EACH = 2
"""That everybody has at least: between a task's two answers stands another's."""


class Wish(NamedTuple):
    """Who is to rate, and how much."""

    raters: tuple[Invited, ...]
    prompts: int
    seed: int


class Opened(NamedTuple):
    """A study whose answers can be rated."""

    design: Design
    judged: tuple[JudgedAnswer, ...]
    known: frozenset[str]
    """The keys of all answers that it wants or has."""


def invited(text: str, design: Design) -> tuple[Invited, ...]:
    """Who is meant by `anna:en,boris`: a pseudonym each, and the one language that they read.

    Raises:
        UserError: every fault of it, one a line.
    """
    found, faults = [], []
    for one in (x.strip() for x in text.split(",") if x.strip()):
        rater, _, language = (x.strip() for x in one.partition(":"))
        reads = next((x for x in design.study.languages if x == language), None)
        if ":" in one and reads is None:
            spoken = " or ".join(design.study.languages)
            faults.append(f"rater {one!r}: reads {language!r}, expected {spoken}, or no colon")
        try:
            Rating(rater=rater, response_key="0" * 32, rubric="x", score=1)
        except ValueError:
            faults.append(
                f"rater {rater!r}: expected a pseudonym: letters, digits, spaces, _ . -, at most 40"
            )
        if rater.casefold() in {x.casefold() for x in (*owed.machines(design), "owner", DESIGNED)}:
            said = "is the name of a judge, the panel, the owner or designed levels here"
            faults.append(f"rater {rater!r}: {said}")
        found.append(Invited(rater, reads))
    if len({x.rater.casefold() for x in found}) < len(found):
        faults.append("--raters: name each person once, with commas between: --raters anna,boris")
    if faults:
        raise UserError("\n".join(faults))
    return tuple(found)


def opened(design: Design) -> Opened:
    """The answers of a study.

    Raises:
        UserError: some are not there yet.
    """
    run = Run.look(design.folder)
    responses = owed.responses(design, run)
    if responses.missing:
        name = design.study.name
        said = f"{len(responses.missing)} answers are not there yet: run antipode score {name}"
        raise UserError(f"{name}: {said} first")
    known = frozenset({x.key for x in responses.wanted} | run.responses.keys())
    return Opened(design, owed.judged(run, responses.wanted), known)


def deal(study: Opened, wish: Wish, shelf: Shelf | None = None) -> Handout:
    """Draw prompts at random among those that want people, and deal them to the raters.

    Nobody is dealt what they were dealt before, by a server or in a file, or have rated.

    Raises:
        UserError: somebody is known in another spelling, there is nothing left to rate, or not
            enough for all.
    """
    design = study.design
    target = design.study.target or Target()
    dealt, rated = earlier.deals(design, shelf), _rated(design)
    if faults := _misspelt(wish, {x for one in dealt for x in one.raters}, rated):
        raise UserError("\n".join(faults))
    had = earlier.given(design, study.judged, dealt, rated)
    left = {x: earlier.left(design, study.judged, had, x) for x in wish.raters}
    if done := [x for x in wish.raters if not left[x]]:
        raise UserError(_done(study, done))
    before = earlier.before(design, had, left, TASKS_EACH)
    plan = goldplan.plan(design, target, wish.prompts, wish.seed, before)
    if plan.rows.is_empty():
        raise UserError(_done(study, wish.raters))
    made = handout.make(design, study.judged, plan.rows, wish.raters, wish.seed, target, had)
    if crowded := [x for x in made.raters if not _is_spread(made.of(x))]:
        raise UserError(_crowded(plan, made, crowded, had))
    return _with_attention(made, design)


def _done(study: Opened, raters: Sequence[Invited]) -> str:
    """That there is nothing left for these people, why, and what to do."""
    by_reason: dict[str, list[str]] = {}
    for one in raters:
        by_reason.setdefault(_why_done(study, one), []).append(one.rater)
    name = study.design.study.name
    return "\n".join(
        f"{name}: no task is left for {', '.join(who)}: {why}" for why, who in by_reason.items()
    )


def _why_done(study: Opened, one: Invited) -> str:
    """Whether somebody has had all that they can read, or can read nothing in both arms."""
    ends = {x.name for x in study.design.ends}
    asked = [x for x in study.judged if x.want.arm.name in ends and x.want.language == one.reads]
    strange = sum(x.item.language != one.reads for x in asked)
    spoken = "" if one.reads is None else f" in {_SPOKEN[one.reads]}"
    why = f"of {len(asked)} answers asked for{spoken} {strange} came back in another language"
    if earlier.readable(study.design, study.judged, one):
        return (
            "all that they can read in both arms they were dealt or rated before"
            f"{f' ({why})' if strange else ''}; leave them out, name others, or add tasks"
        )
    return (
        f"no task has an answer{spoken} in both arms"
        f"{f': {why}' if strange else ''}; leave them out, name others who read what is there, or "
        "add tasks"
    )


_SPOKEN: dict[Language, str] = {"en": "English", "ru": "Russian"}


def _with_attention(made: Handout, design: Design) -> Handout:
    """`made` with the attention items that the study wants, if any."""
    rubrics = {x.id: x for x in design.rubrics}
    items = [
        item
        for rater in made.raters
        for item in attention.among(
            made.of(rater),
            design.study.attention,
            rubrics,
            random.Random(f"{made.seed} attention {rater}"),
        )
    ]
    return made.model_copy(update={"items": tuple(items)})


def _is_spread(items: Sequence[Dealt]) -> bool:
    """Whether a person has two tasks or more, and no two answers to one follow each other."""
    visits = [(x.prompt, x.response) for x in items]
    return len({x for x, _ in visits}) >= TASKS_EACH and all(
        one == other or one[0] != other[0] for one, other in pairwise(visits)
    )


def _crowded(plan: GoldPlan, made: Handout, crowded: Sequence[str], had: frozenset[Given]) -> str:
    """Why there is not enough for all, and what would be."""
    has = Counter(response for _, response in {(x.rater, x.response) for x in had})
    wanted: dict[str, int] = {}
    for prompt, response, people in plan.rows.select("prompt", "response", "raters").iter_rows():
        wanted[prompt] = max(wanted.get(prompt, 0), people - has[response])
    most = sum(wanted.values()) // TASKS_EACH if len(wanted) >= TASKS_EACH else 0
    mends = ["draw more, --prompts"] if plan.undrawn else []
    if most:
        fewer = most < len(made.raters)
        mends.append(f"name {most} people at most" if fewer else "name others")
    return (
        f"{len(crowded)} of {len(made.raters)} people ({crowded[0]} for one) would have fewer than "
        f"{TASKS_EACH} tasks, or see two answers to one in a row: {len(wanted)} were drawn, for "
        f"{sum(wanted.values())} people in all; "
        f"{', or '.join(mends) or 'the study needs more tasks'}"
    )


def _rated(design: Design) -> Sequence[Rating]:
    """What people rated so far, as the study's gold says."""
    run = Run.look(design.folder)
    return owed.by_people(owed.human_ratings(design, run, owed.responses(design, run).wanted))


def _misspelt(wish: Wish, invited: Collection[str], rated: Sequence[Rating]) -> list[str]:
    """Who is written in other capitals than they were before: they would be dealt it all again."""
    known = {*invited, *(x.rater for x in rated)}
    before = {x.casefold(): x for x in sorted(known)}
    return [
        f"rater {x.rater!r}: is {before[x.rater.casefold()]!r} in what was dealt or rated before; "
        "write the name so, or take another"
        for x in wish.raters
        if x.rater not in known and x.rater.casefold() in before
    ]
