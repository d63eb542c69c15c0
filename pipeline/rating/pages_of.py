"""The page of each person, made from what was dealt to them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from judges.rubric import Rubric, Text
from pipeline.gold import RaterClass
from pipeline.owed import JudgedAnswer
from pipeline.rating import attention
from pipeline.rating.form import (
    Calling,
    Closure,
    Practice,
    RatingForm,
    RatingItem,
    RubricForm,
    Saved,
    Standing,
)
from pipeline.rating.handout import Dealt, Handout
from pipeline.study import Design

_CLASSES: dict[str, RaterClass] = {
    "writer": "expert",
    "philosopher": "expert",
    "expert": "expert",
    "skilled": "skilled",
    "other": "crowd",
    "crowd": "crowd",
}


def class_of(said: Calling | Standing) -> RaterClass:
    """The rater_class of what a person, or the owner, says of them."""
    return _CLASSES[said]


def page(
    design: Design,
    judged: Mapping[str, JudgedAnswer],
    handout: Handout,
    rater: str,
    *,
    csrf: str | None = None,
    rater_class: Calling | Standing | None = None,
    saved: Sequence[Saved] = (),
    closed: Sequence[Closure] = (),
) -> RatingForm:
    """What one person's page holds: no arm, no model, nothing of other people.

    Items whose rubric or answer the study no longer has are left out; `closed` says so.
    """
    rubrics = {x.id: RubricForm.of(x) for x in design.rubrics}
    known = {x.id: x for x in design.rubrics}
    items = tuple(
        RatingItem(
            id=x.id,
            place=place,
            rubric=x.rubric,
            rubric_digest=x.digest,
            language=x.language,
            task=task,
            answer=answer,
        )
        for place, x in _placed(handout.of(rater))
        if x.rubric in rubrics
        for task, answer in _texts(x, known[x.rubric], judged)
    )
    shown = {x.id for x in items}
    return RatingForm(
        mode="file" if csrf is None else "server",
        study=design.study.name,
        title=design.study.title,
        rater=rater,
        rater_class=rater_class,
        csrf=csrf,
        items=items,
        rubrics=rubrics,
        practice=practice(design.rubrics),
        saved=tuple(x for x in saved if x.id in shown),
        closed=tuple(closed),
    )


def _texts(
    dealt: Dealt, rubric: Rubric, judged: Mapping[str, JudgedAnswer]
) -> tuple[tuple[str, str], ...]:
    """Task and answer of an item; nothing where the answer is gone."""
    if dealt.level is not None:
        return (attention.shown(dealt, rubric),)
    found = judged.get(dealt.response)
    return () if found is None else ((found.item.task, found.item.answer),)


def _placed(items: Sequence[Dealt]) -> Iterator[tuple[int, Dealt]]:
    """Each item with the number of its answer: the questions on one answer follow each other."""
    visits = groupby(items, key=lambda x: (x.response, x.again))
    for place, (_, questions) in enumerate(visits, 1):
        yield from ((place, x) for x in questions)


def practice(rubrics: Sequence[Rubric]) -> tuple[Practice, ...]:
    """Two examples to practise on, a low one and a high one, of two rubrics where there are two."""
    able = [x for x in rubrics if x.examples_answer is not None]
    if not able:
        return ()
    low = _examples(able[0], from_top=False)
    high = _examples(able[-1], from_top=True)
    return tuple(next(x) for x in (low, high))


def _examples(rubric: Rubric, from_top: bool) -> Iterator[Practice]:
    """The examples of a rubric from one end of its scale."""
    assert rubric.examples_answer is not None
    for level in reversed(rubric.levels) if from_top else rubric.levels:
        if level.example is not None:
            yield Practice(
                rubric=rubric.id,
                task=rubric.examples_answer,
                answer=level.example,
                level=level.level,
                why=Text(
                    en=f"It was written for level {level.level}, “{level.name.en}”: "
                    f"{level.anchor.en}",
                    ru=f"Этот текст написан для уровня {level.level}, «{level.name.ru}»: "
                    f"{level.anchor.ru}",
                ),
            )
