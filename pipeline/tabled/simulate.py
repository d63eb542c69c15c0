"""Ratings drawn from a seed, to show every state that a report can be in. Nobody's."""

import numpy as np
import polars as pl

from pipeline.stats.alpha import Floats
from pipeline.tabled.kinds import Machine, Simulated, Simulation
from pipeline.tabled.table import SCORES, TEXTS, Table

_MIDDLE, _SPREAD = 3.0, 0.9
"""True quality in levels: its middle, and how far prompts and answers lie about it."""


def simulate(simulation: Simulation) -> Table:
    """The ratings of simulated people and judges: the same for the same simulation.

    Per rubric the true quality of an answer is 3 +- gap/2 by arm and a normal deviate; a person
    sees it with noise, and all scores are rounded to the levels 1 to 5.
    """
    parts = []
    for place, rubric in enumerate(simulation.rubrics):
        random = np.random.default_rng((simulation.seed, place))
        arm = np.tile([0.5, -0.5], simulation.prompts)
        quality = _MIDDLE + rubric.gap * arm + random.normal(0, _SPREAD, 2 * simulation.prompts)
        parts += [_person(rubric, i, quality, random) for i in range(rubric.people)]
        parts += [
            _judge(rubric, judge, draw, quality, arm, random)
            for judge in rubric.judges
            for draw in range(judge.draws)
        ]
    scores = pl.concat(parts) if parts else pl.DataFrame(schema=SCORES)
    return Table(scores, pl.DataFrame(schema=TEXTS))


def _person(
    rubric: Simulated, place: int, quality: Floats, random: np.random.Generator
) -> pl.DataFrame:
    seen = _levels(quality + random.normal(0, rubric.noise, len(quality)))
    seen[2 * rubric.rated :] = np.nan
    rows = _rows(rubric.id, f"simulated_{place + 1}", seen).drop_nulls("score")
    return rows.with_columns(
        kind=pl.lit("human"),
        rater_class=pl.lit("crowd"),
        computed=pl.lit(None, pl.Boolean),
        judge_draw=pl.lit(0, pl.Int64),
    ).select(SCORES.names())


def _judge(
    rubric: Simulated,
    judge: Machine,
    draw: int,
    quality: Floats,
    arm: Floats,
    random: np.random.Generator,
) -> pl.DataFrame:
    meant = _MIDDLE + judge.slope * (quality - _MIDDLE) + judge.offset + judge.favour * (arm > 0)
    seen = _levels(meant + random.normal(0, judge.noise, len(quality)))
    seen[random.random(len(seen)) < judge.missing] = np.nan
    return (
        _rows(rubric.id, judge.id, seen)
        .with_columns(
            kind=pl.lit("judge"),
            rater_class=pl.lit(None, pl.String),
            computed=pl.lit(judge.computed),
            judge_draw=pl.lit(draw, pl.Int64),
        )
        .select(SCORES.names())
    )


def _levels(scores: Floats) -> Floats:
    return np.clip(np.round(scores), 1.0, 5.0)


def _rows(rubric: str, rater: str, scores: Floats) -> pl.DataFrame:
    """One rater's scores of every answer, high and low in turn."""
    count = len(scores)
    prompts = np.repeat(np.arange(1, count // 2 + 1), 2)
    arms = ["high", "low"] * (count // 2)
    frame = pl.DataFrame(
        {
            "response": [f"simulated-{p:04}-{arm}" for p, arm in zip(prompts, arms, strict=True)],
            "prompt": [f"simulated-{p:04}" for p in prompts],
            "arm": arms,
            "score": pl.Series(scores, dtype=pl.Float64).fill_nan(None),
        }
    )
    return frame.with_columns(language=pl.lit("en"), rubric=pl.lit(rubric), rater=pl.lit(rater))
