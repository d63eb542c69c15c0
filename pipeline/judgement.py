"""How far a study's panel may be believed, and the gap that people would see."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline import findings, tables
from pipeline.owed import Responses
from pipeline.ratings import PANEL
from pipeline.stats import (
    alt_test,
    bias,
    calibrate,
    confusion,
    contribution,
    corrected,
    delta,
    independence,
    levels,
    pairwise,
    panel_verdict,
    repeatability,
    triage,
)
from pipeline.stats.conditions import ArmBias
from pipeline.stats.differences import Arms
from pipeline.stats.panel_verdict import Verdicts
from pipeline.stats.terms import Criterion, Terms
from pipeline.study import Design


class Judgement(NamedTuple):
    """The tables of METHOD sections 2 to 6 of a study; empty where nobody rated anything.

    Each is named as its schema in `findings`.
    """

    panel_verdicts: pl.DataFrame
    """VERDICTS of the panel."""
    judge_verdicts: pl.DataFrame
    """VERDICTS of each of its judges, as if it were the panel."""
    conditions: pl.DataFrame
    deltas: pl.DataFrame
    """Judges, the panel, and each person left out, beside people."""
    alternatives: pl.DataFrame
    """ALT_TESTS of each judge and the panel."""
    pairwise: pl.DataFrame
    bias: pl.DataFrame
    """Of each judge and the panel's mean."""
    corrected: pl.DataFrame
    """The gap on the human scale; empty where no arms are compared."""
    levels: pl.DataFrame
    """How high each arm lies on the human scale; empty where no arms are compared."""
    calibration: pl.DataFrame
    calibrated: pl.DataFrame
    compression: pl.DataFrame
    independence: pl.DataFrame
    contribution: pl.DataFrame
    confusion: pl.DataFrame
    triage: pl.DataFrame


_SCHEMAS = {
    "panel_verdicts": findings.VERDICTS,
    "judge_verdicts": findings.VERDICTS,
    "alternatives": findings.ALT_TESTS,
    **{
        name: getattr(findings, name.upper())
        for name in Judgement._fields
        if name not in ("panel_verdicts", "judge_verdicts", "alternatives")
    },
}


class Unrated(NamedTuple):
    """What needs nobody's ratings."""

    repeatability: pl.DataFrame
    """REPEATABILITY: each judge with itself."""
    own_family: pl.DataFrame
    """OWN_FAMILY: the gap with and without judges of an arm's own family; may be empty."""


def of(
    terms: Terms, ratings: pl.DataFrame, answers: pl.DataFrame, order: pl.DataFrame | None = None
) -> Judgement:
    """The judgement of a study from its RATINGS and ANSWERS.

    `order`, as ORDER, is of ratings made elsewhere: here a judge is shown one answer in each call.
    """
    if ratings.filter(pl.col("kind") == "human").is_empty():
        return Judgement(**{name: pl.DataFrame(schema=x) for name, x in _SCHEMAS.items()})
    metrics, limits = terms.metrics, terms.limits
    facts = answers.select("response", "words")
    biases = bias.by_rubric(ratings, facts, terms.arms, terms.own, order)
    gaps, heights = _between(terms, ratings, answers)
    verdicts = _verdicts(terms, ratings, biases)
    calibration = calibrate.by_rubric(ratings, terms.scales)
    return Judgement(
        panel_verdicts=verdicts.verdicts.filter(rater=PANEL),
        judge_verdicts=verdicts.verdicts.filter(pl.col("rater") != PANEL),
        conditions=verdicts.conditions,
        deltas=delta.by_rubric(ratings, metrics, terms.places),
        alternatives=alt_test.by_rubric(
            ratings,
            metrics,
            limits.epsilon.model_dump(),
            alt_test.Rules(limits.items_per_person, limits.level, limits.winning_rate),
            terms.places,
        ),
        pairwise=pairwise.by_rubric(ratings, metrics, _stepped(terms)),
        bias=biases,
        corrected=gaps,
        levels=heights,
        calibration=calibration.maps,
        calibrated=calibration.scores,
        compression=repeatability.compression(ratings, terms.places),
        independence=independence.by_rubric(ratings),
        contribution=contribution.by_judge(
            ratings, metrics, terms.arms, independent(terms, ratings)
        ),
        confusion=confusion.by_judge(ratings, terms.criteria),
        triage=triage.items(ratings, terms.criteria),
    )


def _verdicts(terms: Terms, ratings: pl.DataFrame, biases: pl.DataFrame) -> Verdicts:
    """The verdicts on the panel and on each of its judges; none where nobody judged."""
    judges = tables.panel_judges(ratings)["rater"].unique().sort()
    if judges.is_empty():
        none = (findings.VERDICTS, findings.CONDITIONS)
        return Verdicts(*(pl.DataFrame(schema=x) for x in none))
    bias_of = {x: _arm_bias(biases, terms, x) for x in (PANEL, *judges)}
    return panel_verdict.by_rater(
        ratings, terms.metrics, terms.limits, bias_of, terms.ends, terms.places
    )


def _stepped(terms: Terms) -> dict[str, tuple[float, ...]]:
    """The levels of the rubrics that have any, which AC2 counts."""
    return {x.id: x.scale for x in terms.criteria if x.stepped}


def unrated(terms: Terms, ratings: pl.DataFrame, draws: pl.DataFrame) -> Unrated:
    """What the judges' own scores tell, from RATINGS and their DRAWS."""
    own = pl.DataFrame(schema=findings.OWN_FAMILY)
    if terms.arms is not None and terms.kin:
        own = contribution.own_family(ratings, terms.arms, terms.own)
    return Unrated(repeatability.by_judge(draws, terms.metrics), own)


def _between(
    terms: Terms, ratings: pl.DataFrame, answers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CORRECTED and LEVELS of the two arms, or nothing where none are compared."""
    arms = terms.arms
    if arms is None:
        return pl.DataFrame(schema=findings.CORRECTED), pl.DataFrame(schema=findings.LEVELS)
    used = independent(terms, ratings)
    return (
        corrected.by_rubric(used, arms, answers, terms.ends),
        levels.by_arm(used, arms),
    )


def dependent(terms: Terms, ratings: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Per rubric the judges of an arm's own family where no other judge sits on the panel."""
    found = {}
    for rubric, judges in _panels(ratings).items():
        if judges and judges <= set(terms.kin):
            found[rubric] = tuple(sorted(judges))
    return found


def independent(terms: Terms, ratings: pl.DataFrame) -> pl.DataFrame:
    """RATINGS without the judges of an arm's own family: the gap is made of these.

    Where a rubric has no other judge they stay, and `dependent` names them.
    """
    if not terms.kin:
        return ratings
    alone = list(dependent(terms, ratings))
    kin = (pl.col("kind") == "judge") & pl.col("rater").is_in(list(terms.kin))
    return ratings.filter(~kin | pl.col("rubric").is_in(alone))


def _panels(ratings: pl.DataFrame) -> dict[str, set[str]]:
    """The judges that make up the panel on each rubric."""
    names = tables.panel_judges(ratings).select("rubric", "rater").unique()
    found: dict[str, set[str]] = {}
    for rubric, rater in names.iter_rows():
        found.setdefault(rubric, set()).add(rater)
    return found


LEAST_GOLD_PROMPTS = 10
"""Prompts that people must have rated in both arms before a gap on their scale is shown."""


def hidden_gaps(agreement: pl.DataFrame, corrected: pl.DataFrame) -> dict[str, Text]:
    """The rubrics whose gap on the human scale is not shown, and why, from AGREEMENT and CORRECTED.

    It is valid with any judge or none, but needs gold on both arms and people who agree beyond
    chance.
    """
    agree = agreement.filter(pl.col("comparison") == "humans")
    low = {row["rubric"]: row["low"] for row in agree.to_dicts()}
    alpha = {row["rubric"]: row["alpha"] for row in agree.to_dicts()}
    main = corrected.filter(pl.col("answers") == "judged")
    hidden: dict[str, Text] = {}
    for row in main.to_dicts():
        rubric, prompts = row["rubric"], row["gold_prompts"] or 0
        if prompts < LEAST_GOLD_PROMPTS:
            hidden[rubric] = Text(
                en=f"people rated both arms of {prompts} tasks, {LEAST_GOLD_PROMPTS} are needed",
                ru=f"заданий, в которых люди оценили оба полюса, {prompts}, а нужно не меньше "
                f"{LEAST_GOLD_PROMPTS}",
            )
        elif low.get(rubric) is None and (alpha.get(rubric) or 0) > 0:
            hidden[rubric] = Text(
                en="the people's agreement has no interval: nothing tells how sure it is",
                ru="у согласия людей нет интервала: неизвестно, насколько оно надёжно",
            )
        elif (low.get(rubric) or 0) <= 0:
            hidden[rubric] = Text(
                en="people have not been shown to agree among themselves beyond chance",
                ru="не показано, что люди согласны между собой больше, чем случайно",
            )
        elif row["gap"] is None:
            hidden[rubric] = Text(en=str(row["note"]), ru=str(row["note"]))
    return hidden


def terms(design: Design) -> Terms:
    """The terms on which a study's ratings are read."""
    return Terms(
        criteria=tuple(
            Criterion(
                x.id,
                x.title,
                x.metric,
                tuple(float(level) for level in x.scale),
                (x.levels[0].name, x.levels[-1].name),
            )
            for x in design.rubrics
        ),
        arms=Arms(design.hicap.name, design.locap.name),
        own={
            judge.id: [
                arm.name
                for arm in design.arms
                if arm.model.family == design.models[judge.model].family
            ]
            for judge in design.panel.judges
            if judge.model is not None
        },
        limits=design.study.thresholds,
    )


def answers_table(
    responses: Responses, records: Mapping[str, dict[str, Any]], words: Mapping[str, int]
) -> pl.DataFrame:
    """ANSWERS: every answer that was asked for, what became of it, and how long it is."""
    rows = [
        {
            "response": want.key,
            "prompt": want.task.id,
            "task_kind": want.task.kind,
            "language": want.language,
            "arm": want.arm.name,
            "draw": want.draw,
            "finish": records[want.key]["finish"] if want.key in records else None,
            "words": words.get(want.key),
        }
        for want in responses.wanted
    ]
    return tables.conform(pl.DataFrame(rows, schema=findings.ANSWERS), findings.ANSWERS)


def _arm_bias(biases: pl.DataFrame, terms: Terms, rater: str) -> dict[str, ArmBias]:
    """A judge's bias towards the high arm, alone: the bias that reaches the gap.

    In levels of a five-level scale: the bound on it does not hang on what a scale is counted in.
    """
    if terms.arms is None:
        return {}
    found = biases.filter(pl.col("factor") == "arm", ~pl.col("adjusted"), pl.col("rater") == rater)
    rows = {row["rubric"]: row for row in found.to_dicts()}
    none = {"coefficient": None, "low": None, "high": None, "note": "not measured"}
    told = {}
    for one in terms.criteria:
        row = rows.get(one.id, none)
        value, low, high = (
            None if row[x] is None else row[x] / one.unit for x in ("coefficient", "low", "high")
        )
        told[one.id] = ArmBias(value, low, high, row["note"])
    return told
