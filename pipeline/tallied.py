"""All that is counted of a study, from its records and ratings."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import polars as pl

from judges import surface
from pipeline import findings, judgement, outcomes
from pipeline.benchmarks import asked
from pipeline.derive import Derived, State
from pipeline.landscape import counted
from pipeline.rungs import Crossing, Known, Rung
from pipeline.stats import (
    agreement,
    benchmarks,
    causes,
    crossed,
    difficulty,
    gap,
    headline,
    known_groups,
    ladder,
    originality,
    repetition,
    structure,
)
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Terms
from pipeline.study import Design

Records = Mapping[str, dict[str, Any]]


class Stored(NamedTuple):
    """What the tables of a study are counted from."""

    answers: Records
    replies: Records
    """On benchmarks."""
    verdicts: Records
    landscape: Records
    ratings: pl.DataFrame
    """RATINGS."""
    draws: pl.DataFrame
    """DRAWS."""


def tables(state: State, terms: Terms, stored: Stored) -> Derived:
    """Every table of a study; HEADLINE and those of the ladder wait for the certificate, empty."""
    texts = _texts(state)
    words = {x.want.key: len(surface.words(x.item.answer)) for x in state.judged}
    design, table = state.design, stored.ratings
    judged = judgement.of(
        terms, table, judgement.answers_table(state.responses, stored.answers, words)
    )
    used = judgement.independent(terms, table)
    # A pool of answers, and how hard a task is, hang on who answers: on the ends, ladder or not.
    between = pl.col("arm").is_in([x.name for x in design.ends])
    marks = asked.marks(state.replies, stored.replies)
    loaded = {x.benchmark.id: x for x in design.benchmarks}
    return Derived(
        ratings=table,
        agreement=agreement.by_rubric(table, {x.id: x.metric for x in design.rubrics}),
        strata=agreement.by_stratum(table, terms.metrics),
        gaps=gap.uncorrected(used, design.hicap.name, design.locap.name),
        repetition=repetition.by_arm(texts),
        originality=originality.by_answer(texts.filter(between)),
        difficulty=difficulty.by_task(table.filter(between), terms.ends, terms.arms),
        checks=outcomes.checks_table(state),
        completion=outcomes.completion(state, stored.answers),
        costs=outcomes.costs_table(state, stored.answers, stored.replies, stored.verdicts),
        marks=marks,
        benchmarks=benchmarks.by_form(
            marks,
            {name: x.benchmark.chance for name, x in loaded.items()},
            {name: [y.score for y in x.leaderboard] for name, x in loaded.items()},
        ),
        benchmark_gaps=benchmarks.gaps(marks, Arms(design.hicap.name, design.locap.name)),
        benchmark_effects=benchmarks.effects(marks, design.ladder.rungs),
        structure=structure.by_answer(texts),
        headline=pl.DataFrame(schema=findings.HEADLINE),
        effects=pl.DataFrame(schema=findings.EFFECTS),
        causes=pl.DataFrame(schema=findings.CAUSES),
        crossings=pl.DataFrame(schema=findings.CROSSINGS),
        known_groups=_known_groups(terms, used, words),
        **judged._asdict(),
        **counted.tables(design, state.landscape, stored.landscape, state.judged)._asdict(),
        **judgement.unrated(terms, table, stored.draws)._asdict(),
    )


def _known_groups(terms: Terms, ratings: pl.DataFrame, words: Mapping[str, int]) -> pl.DataFrame:
    """Whether the ends differ at all."""
    if terms.arms is None:
        return pl.DataFrame(schema=findings.KNOWN_GROUPS)
    return known_groups.by_rubric(ladder.seen(ratings, (), terms.ends), terms.arms, words)


def climbed(
    design: Design,
    terms: Terms,
    derived: Derived,
    outdated: Collection[str],
    known: Mapping[Rung, Known],
    answered: Mapping[Crossing, Known],
) -> dict[str, pl.DataFrame]:
    """The tables of what moving one factor does; a panel that is not calibrated tells nothing.

    `known` says of each rung whether it moved what it should, and which way, `answered` of
    each crossing on how many prompts.
    """
    if not design.study.ablations and not design.study.interactions:
        return {}
    usable = set(derived.panel_verdicts.filter(verdict="usable")["rubric"]) - set(outdated)
    ratings = judgement.independent(terms, derived.ratings)
    seen = ladder.seen(ratings, usable, terms.ends)
    effects = ladder.effects(seen, design.ladder.rungs, known)
    return {
        "effects": effects,
        "causes": causes.of(effects, seen.usable),
        "crossings": crossed.by_rubric(seen, design.ladder.crossings, answered),
    }


def picture(
    terms: Terms, derived: Derived, outdated: Collection[str], hidden: Collection[str]
) -> pl.DataFrame:
    """HEADLINE of a study: rubrics on which the panel is not usable are named and not drawn."""
    if terms.arms is None:
        return pl.DataFrame(schema=findings.HEADLINE)
    verdict = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    verdict |= dict.fromkeys(hidden, "its gap may not be shown")
    verdict |= dict.fromkeys(outdated, "uncalibrated")
    unusable = {
        x.id: said
        for x in terms.criteria
        if (said := verdict.get(x.id, "nobody rated it")) != "usable"
    }
    sources = headline.Sources(
        terms.arms,
        derived.marks,
        derived.benchmarks,
        derived.corrected,
        derived.ratings,
        derived.structure,
    )
    return headline.picture(sources, unusable, terms.limits.equivalence)


def _texts(state: State) -> pl.DataFrame:
    """Each answer that was judged, its place, and the banal answer written for its task.

    Null = there is none. What such an answer looks like (`banal`) is a description for people: it
    may name the right reading, and no distance is measured to it.
    """
    rows = [
        {
            "response": x.want.key,
            "prompt": x.want.task.id,
            "arm": x.want.arm.name,
            "language": x.item.language,
            "text": x.item.answer,
            "banal": getattr(x.want.task.banal_answer, x.item.language, None),
        }
        for x in state.judged
    ]
    names = ("response", "prompt", "arm", "language", "text", "banal")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
