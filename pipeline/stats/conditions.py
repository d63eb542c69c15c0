"""What must hold before a judge's score is believed: each condition's value, interval and state."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from pipeline.stats import adjust, alpha, alt_test, crosstabs, delta, jackknife, pairs
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.alt_test import AltTest, Person, Rules
from pipeline.stats.contrast import Contrast, Sample, contrast, p_above
from pipeline.stats.remembered import remembered
from pipeline.stats.thresholds import Thresholds

HOLDS, FAILS, STRADDLES, UNTESTED = "holds", "fails", "straddles", "untested"
UNMEASURED = "unmeasured"
ONLY_COUNTS = "it only counts words itself"
HUMAN_ALPHA, DELTA, ANNOTATOR = "human-alpha", "delta", "alternative-annotator"
FLOOR, ARM_BIAS, RANK = "floor", "arm-bias", "rank"


class Case(NamedTuple):
    """One rubric and one judge: all that a verdict rests on. NaN is no score."""

    judge: Floats
    people: Floats
    """People x answers."""
    classes: Sequence[str]
    """The rater_class of each of the people."""
    counting: Floats
    """Judges that only count x answers; may have no row."""
    prompts: Codes
    metric: str
    only_counts: bool = False
    """Whether the judge itself is one that only counts, or a panel of such."""
    places: bool = False
    """Whether each of the people is a place in a table and not always one person."""


class ArmBias(NamedTuple):
    """The interval of a judge's bias towards an arm, in levels of five; None + note = none."""

    value: float | None
    low: float | None
    high: float | None
    note: str | None = None


class Condition(NamedTuple):
    """One condition and what became of it."""

    condition: str
    state: str
    """holds | fails | straddles | untested | unmeasured: one that is untested does not apply and
    counts for nothing, one that is unmeasured does apply and is open."""
    bound: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    """Of the interval; None where there is none."""
    p: float | None = None
    """One-sided: small speaks for the judge."""
    prompts_needed: int | None = None
    """Where it straddles: prompts that would decide it if the value stays where it is."""
    note: str | None = None


def human_alpha(case: Case, limits: Thresholds) -> Condition:
    """(a): people agree, by the lower 95% bound of their alpha."""
    found = alpha.point(case.people, case.metric)
    span = jackknife.interval(case.people, case.prompts, case.metric)
    p = jackknife.p_above(case.people, case.prompts, case.metric, limits.human_alpha)
    bound, note = limits.human_alpha, found.reason or span.note
    return _bounded(
        Condition(
            HUMAN_ALPHA, UNTESTED, bound, found.value, span.low, span.high, 0.95, p, note=note
        ),
        span.prompts,
    )


def beside_people(case: Case, limits: Thresholds) -> Condition:
    """(b): the judge stands beside people as they beside each other, less the margin."""
    found = delta.of_judge(case.judge, case.people, case.prompts, case.metric)
    return _of_contrast(DELTA, found, limits.delta)


def annotator(case: Case, limits: Thresholds) -> Condition:
    """(c): the alternative annotator test; fails where the judge is worse beside most people.

    The test has no interval, so METHOD's "wholly beyond" is the same test turned round: people who
    are better than the judge by more than epsilon, of whom so many that the rest cannot pass it.
    """
    if case.places:
        return Condition(ANNOTATOR, UNTESTED, limits.winning_rate, note=alpha.PLACES)
    rules = Rules(limits.items_per_person, limits.level, limits.winning_rate)
    epsilon = [limits.epsilon.of(name) for name in case.classes]
    found = alt_test.compare(case.judge, case.people, epsilon, case.metric, rules)
    bound = limits.winning_rate
    if found.winning_rate is None or found.worse_rate is None:
        return Condition(ANNOTATOR, UNTESTED, bound, note=found.reason)
    fails = found.worse_rate > 1 - bound
    state = HOLDS if found.passes else FAILS if fails else STRADDLES
    if state != STRADDLES:
        return Condition(ANNOTATOR, state, bound, found.winning_rate, p=found.p)
    needed = _prompts_for_test(case, found, rules)
    said = "not passed, nor shown to be worse: too few answers to tell"
    return Condition(
        ANNOTATOR, state, bound, found.winning_rate, p=found.p, prompts_needed=needed, note=said
    )


def above_counting(case: Case, limits: Thresholds) -> Condition:
    """(d): the judge is nearer to people than the best judge that only counts."""
    if case.only_counts:
        return Condition(FLOOR, FAILS, limits.floor, note=ONLY_COUNTS)
    best = delta.floor(case.judge, case.counting, case.people, case.prompts, case.metric)
    if best is None:
        why = "no judge that only counts" + (" has a value" if len(case.counting) else "")
        return Condition(FLOOR, UNTESTED, limits.floor, note=why)
    found = _of_contrast(FLOOR, best[1], limits.floor)
    if found.state == HOLDS:
        return found
    return found._replace(
        note="; ".join(x for x in ("not shown to be better than word counts", found.note) if x)
    )


def arm_bias(found: ArmBias | None, limits: Thresholds) -> Condition:
    """(e): the interval of the bias towards an arm is not wholly beyond the bound on either side.

    Once measured it holds unless shown otherwise, and has no p. Where arms are compared and it
    cannot be measured (nobody rated one of them, say) it is open: a judge that is taken in by one
    arm would pass every other condition. None = no arms are compared.
    """
    bound = limits.arm_bias
    if found is None:
        return Condition(ARM_BIAS, UNTESTED, bound, note="no two arms are compared")
    if found.low is None or found.high is None:
        return Condition(ARM_BIAS, UNMEASURED, bound, found.value, note=found.note)
    state = FAILS if found.low > bound or found.high < -bound else HOLDS
    return Condition(
        ARM_BIAS, state, bound, found.value, found.low, found.high, 0.95, note=found.note
    )


def rank(case: Case, limits: Thresholds) -> Condition:
    """Does the judge rank as people rank: mean tau-b beside people less mean tau-b of people."""
    rated = ~np.isnan(case.judge) & (~np.isnan(case.people)).any(axis=0)
    shared = pairs.number(np.flatnonzero(rated), case.prompts)
    people = case.people[:, shared.kept]
    met = pairs.beside(case.judge[shared.kept], people, shared.prompt)
    one = pairs.mean(met, shared.prompts, crosstabs.taus)
    return _of_contrast(RANK, contrast(one, _ranks_of_people(people, shared)), limits.rank)


@remembered
def _ranks_of_people(people: Floats, shared: pairs.Numbered) -> Sample:
    """Mean tau-b of two people."""
    return pairs.mean(pairs.among(people, shared.prompt), shared.prompts, crosstabs.taus)


def evaluate(
    case: Case, limits: Thresholds, bias: ArmBias | None = None, people: Condition | None = None
) -> tuple[Condition, ...]:
    """All conditions of METHOD section 3, in its order; `rank` last.

    `people` is what is known of them by themselves, where several judges stand beside the same.
    """
    return (
        people or human_alpha(case, limits),
        beside_people(case, limits),
        annotator(case, limits),
        above_counting(case, limits),
        arm_bias(bias, limits),
        rank(case, limits),
    )


def prompts_to_decide(prompts: int, reach: float, distance: float) -> int | None:
    """Prompts n (hw_now / hw_target)^2 at which an interval no longer reaches the bound.

    METHOD section 7, with the distance to the bound as the wanted half-width; one prompt more than
    it takes to touch. None where the value lies on the bound: no number of prompts decides.

    >>> prompts_to_decide(40, reach=0.2, distance=0.1)
    161
    """
    if abs(distance) < 1e-9:
        return None
    return math.floor(prompts * (reach / distance) ** 2) + 1


def _of_contrast(name: str, found: Contrast, bound: float) -> Condition:
    p = p_above(found, bound)
    about = Condition(name, UNTESTED, bound, found.value, found.low, found.high, 0.90, p)
    return _bounded(about._replace(note=found.note), found.prompts)


def _bounded(about: Condition, prompts: int) -> Condition:
    """The condition with its state, which is that of its interval beside its bound."""
    if about.value is None or about.low is None or about.high is None:
        return about._replace(level=None, note=about.note or "no interval")
    if about.low > about.bound:
        return about._replace(state=HOLDS)
    if about.high < about.bound:
        return about._replace(state=FAILS)
    distance = about.value - about.bound
    reach = about.value - about.low if distance > 0 else about.high - about.value
    return about._replace(
        state=STRADDLES, prompts_needed=prompts_to_decide(prompts, reach, distance)
    )


def _prompts_for_test(case: Case, found: AltTest, rules: Rules) -> int | None:
    """Prompts at which the person on whom the test turns would be decided either way."""
    persons: list[Person] = sorted(found.people, key=lambda person: person.p)
    needed = max(1, math.ceil(rules.share * len(persons) - 1e-9))
    turning = persons[needed - 1]
    each = rules.level * needed / (len(persons) * adjust.harmonic(len(persons)))
    reach = float(stdtrit(turning.items - 1, 1 - each)) * turning.error
    rated = ~np.isnan(case.judge) & ~np.isnan(case.people[turning.row])
    prompts = len(np.unique(case.prompts[rated]))
    return prompts_to_decide(prompts, reach, turning.epsilon - turning.difference)
