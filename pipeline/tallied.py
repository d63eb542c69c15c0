"""All that is counted of a study, from its records and ratings."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from judges import surface
from pipeline import judgement, outcomes
from pipeline.derive import Derived, State
from pipeline.findings import CAUSES, KNOWN_GROUPS
from pipeline.stats import (
    agreement,
    causes,
    difficulty,
    gap,
    known_groups,
    ladder,
    originality,
    repetition,
)
from pipeline.stats.terms import Terms
from pipeline.study import Design

Records = Mapping[str, dict[str, Any]]


class Stored(NamedTuple):
    """What the tables of a study are counted from."""

    answers: Records
    verdicts: Records
    ratings: pl.DataFrame
    """RATINGS."""
    draws: pl.DataFrame
    """DRAWS."""


def tables(state: State, terms: Terms, stored: Stored) -> Derived:
    """Every table of a study."""
    texts = _texts(state)
    words = {x.want.key: len(surface.words(x.item.answer)) for x in state.judged}
    design, table = state.design, stored.ratings
    judged = judgement.of(
        terms, table, judgement.answers_table(state.responses, stored.answers, words)
    )
    used = judgement.independent(terms, table)
    # A pool of answers, and how hard a task is, hang on who answers: on the ends, ladder or not.
    between = pl.col("arm").is_in([x.name for x in design.ends])
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
        costs=outcomes.costs_table(state, stored.answers, stored.verdicts),
        **_ladder(design, terms, used, judged.panel_verdicts, words),
        **judged._asdict(),
        **judgement.unrated(terms, table, stored.draws)._asdict(),
    )


def _ladder(
    design: Design,
    terms: Terms,
    ratings: pl.DataFrame,
    verdicts: pl.DataFrame,
    words: Mapping[str, int],
) -> dict[str, pl.DataFrame]:
    """The tables of what moving one factor does, and of whether the ends differ at all."""
    usable = verdicts.filter(verdict="usable")["rubric"].to_list()
    seen = ladder.seen(ratings, usable, terms.ends)
    rungs = design.ladder.rungs
    effects = ladder.effects(seen, rungs)
    groups = pl.DataFrame(schema=KNOWN_GROUPS)
    if terms.arms is not None:
        groups = known_groups.by_rubric(seen, terms.arms, words)
    return {
        "effects": effects,
        "causes": causes.of(effects, len(usable)) if rungs else pl.DataFrame(schema=CAUSES),
        "crossings": ladder.crossings(seen, design.ladder.crossings),
        "known_groups": groups,
    }


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
