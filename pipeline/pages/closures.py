"""Why items are no longer taken, as people read it."""

from typing import Literal

from judges.rubric import Text

Why = Literal["reworded", "rubric", "task", "answer"]
"""The rubric has other words, or is not asked any more; the task is gone, or its answer."""

TASK = Text(en="A task", ru="Задание")
REASONS: dict[Why, Text] = {
    "reworded": Text(
        en="The question has been reworded since: these items are closed, and what you saved "
        "stays.",
        ru="Вопрос с тех пор переписали: эти пункты закрыты, а всё сохранённое остаётся.",
    ),
    "rubric": Text(
        en="This question is no longer asked: its items are closed, and what you saved stays.",
        ru="Этот вопрос больше не задают: его пункты закрыты, а всё сохранённое остаётся.",
    ),
    "task": Text(
        en="It has been taken out of the study: its items are closed, and what you saved stays.",
        ru="Его убрали из исследования: его пункты закрыты, а всё сохранённое остаётся.",
    ),
    "answer": Text(
        en="Its answers have been replaced since: these items are closed, and what you saved "
        "stays.",
        ru="Ответы на него с тех пор заменили: эти пункты закрыты, а всё сохранённое остаётся.",
    ),
}
