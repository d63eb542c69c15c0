"""Ratings drawn from a seed, to show every state that a report can be in. Nobody's."""

import numpy as np
import polars as pl

from pipeline.stats.alpha import Codes, Floats
from pipeline.tabled.kinds import Machine, Simulated, Simulation
from pipeline.tabled.table import SCORES, TEXTS, Table
from pipeline.tables import conform

_MIDDLE, _SPREAD = 3.0, 0.9
"""True quality in levels: its middle, and how far prompts and answers lie about it."""
_HIGHEST = 5.0
_ENDINGS, _ORDER = 1_000_000, 2_000_000
"""Streams of the seed for what became of the answers, and for the order in which a judge saw them;
those below are the rubrics'."""


def simulate(simulation: Simulation) -> Table:
    """The ratings of simulated people and judges: the same for the same simulation.

    Per rubric the true quality of an answer is 3 +- gap/2 by arm and a normal deviate; a person
    sees it with noise, and all scores are rounded to the levels 1 to 5.
    """
    answers = _answers(simulation)
    parts = []
    for place, rubric in enumerate(simulation.rubrics):
        random = np.random.default_rng((simulation.seed, place))
        arm = np.where(answers["arm"].to_numpy() == "high", 0.5, -0.5)
        quality = _MIDDLE + rubric.gap * arm + random.normal(0, _SPREAD, len(arm))
        parts += [_person(rubric, i, answers, quality, random) for i in range(rubric.people)]
        for number, judge in enumerate(rubric.judges):
            seen = np.random.default_rng((simulation.seed, _ORDER + number))
            order = seen.permutation(len(arm)) + 1
            parts += [
                _judge(rubric, judge, draw, answers, quality, order, random)
                for draw in range(judge.draws)
            ]
    return Table(pl.concat(parts), pl.DataFrame(schema=TEXTS))


def _answers(simulation: Simulation) -> pl.DataFrame:
    """Every answer: high and low in turn, in each language, prompt by prompt; and its finish."""
    places = [
        {
            "response": f"simulated-{prompt:04}-{language}-{arm}",
            "prompt": f"simulated-{prompt:04}",
            "language": language,
            "arm": arm,
        }
        for prompt in range(1, simulation.prompts + 1)
        for language in simulation.languages
        for arm in ("high", "low")
    ]
    random = np.random.default_rng((simulation.seed, _ENDINGS))
    chance = random.random(len(places))
    low = np.array([x["arm"] == "low" for x in places])
    refused = low & (chance < simulation.refused)
    cut = low & ~refused & (chance < simulation.refused + simulation.truncated)
    finish = np.select([refused, cut], ["refused", "truncated"], "complete")
    return pl.DataFrame(places).with_columns(finish=pl.Series(finish.tolist(), dtype=pl.String))


def _person(
    rubric: Simulated,
    place: int,
    answers: pl.DataFrame,
    quality: Floats,
    random: np.random.Generator,
) -> pl.DataFrame:
    seen = _levels(quality + random.normal(0, rubric.noise, len(quality)))
    rated = answers["prompt"].rank("dense") <= rubric.rated
    rows = answers.with_columns(score=pl.Series(seen)).filter(rated, pl.col("finish") != "refused")
    return conform(
        rows.with_columns(
            rubric=pl.lit(rubric.id),
            rater=pl.lit(f"simulated_{place + 1}"),
            kind=pl.lit("human"),
            rater_class=pl.lit("crowd"),
            computed=pl.lit(None, pl.Boolean),
            judge_draw=pl.lit(0, pl.Int64),
            order=pl.lit(None, pl.Int64),
        ),
        SCORES,
    )


def _judge(
    rubric: Simulated,
    judge: Machine,
    draw: int,
    answers: pl.DataFrame,
    quality: Floats,
    order: Codes,
    random: np.random.Generator,
) -> pl.DataFrame:
    favoured = judge.favour * (answers["arm"] == "high").to_numpy()
    meant = _MIDDLE + judge.slope * (quality - _MIDDLE) + judge.offset + favoured
    meant = meant + judge.drift * order / len(order)
    seen = _levels(meant + random.normal(0, judge.noise, len(quality)))
    chance = random.random(len(seen))
    seen[chance > 1 - judge.strays] = _HIGHEST + 1
    seen[(chance < judge.missing) | (answers["finish"] == "refused").to_numpy()] = np.nan
    noted = pl.Series(order, dtype=pl.Int64) if judge.drift else pl.lit(None, pl.Int64)
    return conform(
        answers.with_columns(
            rubric=pl.lit(rubric.id),
            rater=pl.lit(judge.id),
            kind=pl.lit("judge"),
            rater_class=pl.lit(None, pl.String),
            computed=pl.lit(judge.computed),
            judge_draw=pl.lit(draw, pl.Int64),
            order=noted,
            score=pl.Series(seen, dtype=pl.Float64).fill_nan(None),
        ),
        SCORES,
    )


def _levels(scores: Floats) -> Floats:
    return np.clip(np.round(scores), 1.0, _HIGHEST)
