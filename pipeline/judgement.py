"""How far a study's panel may be believed, and the gap that people would see."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline import findings, tables
from pipeline.owed import Responses
from pipeline.stats import alt_test, bias, corrected, delta, pairwise, panel_verdict
from pipeline.stats.conditions import ArmBias
from pipeline.stats.differences import Arms
from pipeline.study import Design


class Judgement(NamedTuple):
    """The tables of METHOD sections 2, 3, 5 and 6 of a study."""

    panel_verdicts: pl.DataFrame
    """VERDICTS of the panel; empty where nobody rated anything."""
    conditions: pl.DataFrame
    """CONDITIONS of those verdicts."""
    deltas: pl.DataFrame
    """DELTAS: judges, the panel, and each person left out, beside people."""
    alternatives: pl.DataFrame
    """ALT_TESTS: the alternative annotator test of each judge and the panel."""
    pairwise: pl.DataFrame
    """PAIRWISE: other coefficients of agreement."""
    bias: pl.DataFrame
    """BIAS of each judge and the panel's mean."""
    corrected: pl.DataFrame
    """CORRECTED: the gap on the human scale."""


def of(design: Design, ratings: pl.DataFrame, answers: pl.DataFrame) -> Judgement:
    """The judgement of a study from its RATINGS and ANSWERS; empty tables where nobody rated."""
    if ratings.filter(pl.col("kind") == "human").is_empty():
        return Judgement(
            *(
                pl.DataFrame(schema=x)
                for x in (
                    findings.VERDICTS,
                    findings.CONDITIONS,
                    findings.DELTAS,
                    findings.ALT_TESTS,
                    findings.PAIRWISE,
                    findings.BIAS,
                    findings.CORRECTED,
                )
            )
        )
    metrics = {rubric.id: rubric.metric for rubric in design.rubrics}
    arms = Arms(design.hicap.name, design.locap.name)
    scales = {rubric.id: (rubric.scale[0], rubric.scale[-1]) for rubric in design.rubrics}
    biases = bias.by_rubric(ratings, answers.select("response", "words"), arms, own_arms(design))
    limits = design.study.thresholds
    verdicts = panel_verdict.by_rubric(
        ratings, metrics, limits, arm_bias=_arm_bias(biases), scales=scales
    )
    return Judgement(
        panel_verdicts=verdicts.verdicts,
        conditions=verdicts.conditions,
        deltas=delta.by_rubric(ratings, metrics),
        alternatives=alt_test.by_rubric(
            ratings,
            metrics,
            limits.epsilon.model_dump(),
            alt_test.Rules(limits.items_per_person, limits.level, limits.winning_rate),
        ),
        pairwise=pairwise.by_rubric(ratings, metrics),
        bias=biases,
        corrected=corrected.by_rubric(
            ratings, arms, answers, {name: float(scale[0]) for name, scale in scales.items()}
        ),
    )


LEAST_GOLD_PROMPTS = 10
"""Prompts that people must have rated in both arms before a gap on their scale is shown."""


def hidden_gaps(conditions: pl.DataFrame, corrected: pl.DataFrame) -> dict[str, Text]:
    """The rubrics whose gap on the human scale is not shown, and why.

    It is valid with any judge, but needs gold on both arms and people who agree beyond chance.
    """
    agree = conditions.filter(pl.col("condition") == "human-alpha")
    low = {row["rubric"]: row["low"] for row in agree.to_dicts()}
    main = corrected.filter(pl.col("answers") == "judged")
    hidden: dict[str, Text] = {}
    for row in main.to_dicts():
        rubric, prompts = row["rubric"], row["gold_prompts"] or 0
        if prompts < LEAST_GOLD_PROMPTS:
            hidden[rubric] = Text(
                en=f"people rated both arms of {prompts} tasks, {LEAST_GOLD_PROMPTS} are needed",
                ru=f"люди оценили оба полюса в заданиях числом {prompts}, нужно не меньше "
                f"{LEAST_GOLD_PROMPTS}",
            )
        elif (low.get(rubric) or 0) <= 0:
            hidden[rubric] = Text(
                en="people have not been shown to agree among themselves beyond chance",
                ru="не показано, что люди согласны между собой больше, чем случайно",
            )
        elif row["gap"] is None:
            hidden[rubric] = Text(en=str(row["note"]), ru=str(row["note"]))
    return hidden


def own_arms(design: Design) -> dict[str, list[str]]:
    """For each judging model, the arms of its own family."""
    return {
        judge.id: [
            arm.name for arm in design.arms if arm.model.family == design.models[judge.model].family
        ]
        for judge in design.panel.judges
        if judge.model is not None
    }


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


def _arm_bias(biases: pl.DataFrame) -> dict[str, ArmBias]:
    """The panel's bias towards the high arm, alone: the bias that reaches the gap."""
    found = biases.filter(
        pl.col("factor") == "arm", ~pl.col("adjusted"), pl.col("rater") == "panel"
    )
    return {
        row["rubric"]: ArmBias(row["coefficient"], row["low"], row["high"], row["note"])
        for row in found.to_dicts()
    }
