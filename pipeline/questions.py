"""The four questions that a study ends with, per arm, each answered by rubrics or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline.pages.slip import QuestionSlip
from pipeline.stats.terms import Criterion

Answer = Literal["yes", "no", "cannot be said"]


class Question(NamedTuple):
    """A question and the rubrics that speak to it."""

    text: Text
    rubrics: tuple[str, ...]


TITLES = {
    "depth": Text(en="Depth", ru="Глубина"),
    "irony": Text(en="Irony", ru="Ирония"),
    "meta_reflection": Text(en="Meta-reflection", ru="Метарефлексия"),
    "ontological_branching": Text(en="Ontological branching", ru="Онтологическое ветвление"),
    "generative_conflict": Text(en="Generative conflict", ru="Генеративный конфликт"),
    "cognitive_leap": Text(en="Cognitive leap", ru="Когнитивный скачок"),
}
"""The rubrics that are asked for, also where a study, and so its run, has no file of one."""

QUESTIONS = (
    Question(
        Text(en="Does it create something new?", ru="Создаёт ли модель новое?"),
        ("ontological_branching", "cognitive_leap"),
    ),
    Question(
        Text(en="Can it hold a complex idea?", ru="Способна ли модель удержать сложную идею?"),
        ("depth", "generative_conflict"),
    ),
    Question(
        Text(en="Can it ask itself questions?", ru="Умеет ли модель задавать вопросы самой себе?"),
        ("meta_reflection",),
    ),
    Question(
        Text(en="Is it fit for a philosopher?", ru="Подходит ли модель философу?"),
        ("depth", "irony", "meta_reflection", "ontological_branching", "generative_conflict"),
    ),
)


def answers(
    levels: pl.DataFrame,
    criteria: Sequence[Criterion],
    arms: Sequence[str],
    hidden: Mapping[str, Text],
) -> tuple[QuestionSlip, ...]:
    """The four questions for each arm, from LEVELS; `hidden` are rubrics people do not bear out.

    Yes: on every rubric of the question that the study has, the arm's level on the human scale lies
    above the middle of the scale with its whole 95% interval. No: on one of them it lies below.
    There are none where no arms are compared.
    """
    known = {x.id: x for x in criteria}
    rows = {(row["rubric"], row["arm"]): row for row in levels.to_dicts()}
    return tuple(
        _answer(question, arm, known, rows, hidden) for question in QUESTIONS for arm in arms
    )


def _answer(
    question: Question,
    arm: str,
    known: Mapping[str, Criterion],
    rows: Mapping[tuple[str, str], dict[str, Any]],
    hidden: Mapping[str, Text],
) -> QuestionSlip:
    asked = [known[x] for x in question.rubrics if x in known]
    if not asked:
        titles = [TITLES[x] for x in question.rubrics]
        because = Text(
            en="the study has none of its rubrics: " + ", ".join(x.en for x in titles),
            ru="в исследовании нет ни одной рубрики этого вопроса: "
            + ", ".join(x.ru for x in titles),
        )
        return QuestionSlip(arm, question.text, "cannot be said", because)
    found = [_state(x, rows.get((x.id, arm)), hidden) for x in asked]
    states = {state for state, _ in found}
    answer: Answer = "no" if "no" in states else "yes" if states == {"yes"} else "cannot be said"
    told = [said for state, said in found if answer == "yes" or state == answer]
    return QuestionSlip(arm, question.text, answer, _joined(told))


def _state(
    rubric: Criterion, row: dict[str, Any] | None, hidden: Mapping[str, Text]
) -> tuple[Answer, Text]:
    """What one rubric says of an arm, and on what it rests."""
    middle = (rubric.scale[0] + rubric.scale[-1]) / 2
    if rubric.id in hidden:
        why = hidden[rubric.id]
        return "cannot be said", Text(
            en=f"{rubric.title.en}: {why.en}", ru=f"{rubric.title.ru}: {why.ru}"
        )
    if row is None or not row["gold_prompts"]:
        return "cannot be said", Text(
            en=f"{rubric.title.en}: nobody has rated the arm's answers",
            ru=f"{rubric.title.ru}: ответов модели никто не оценивал",
        )
    if row["low"] is None:
        return "cannot be said", Text(
            en=f"{rubric.title.en}: people have rated too few tasks",
            ru=f"{rubric.title.ru}: люди оценили слишком мало заданий",
        )
    where = f"{row['level']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
    said = Text(
        en=f"{rubric.title.en}: {where}, the middle is {middle:g}",
        ru=f"{rubric.title.ru}: {where.replace(', ', '; ').replace('.', ',')}, середина шкалы — "
        f"{middle:g}".replace(".", ","),
    )
    state: Answer = "cannot be said"
    if row["low"] > middle:
        state = "yes"
    elif row["high"] < middle:
        state = "no"
    return state, said


def _joined(texts: Iterable[Text]) -> Text:
    parts = list(texts)
    return Text(en="; ".join(x.en for x in parts), ru="; ".join(x.ru for x in parts))
