"""The notes of the tables as the page says them; one that is not known here stays as it is."""

import re

from judges.rubric import Text

_NOTES = {
    r"no human rater": "людей среди оценщиков нет",
    r"no judge": "судей нет",
    r"only one human rater: agreement needs two": "человек один, а для согласия нужны двое",
    r"only one judge: agreement needs two": "судья один, а для согласия нужны двое",
    r"nothing is rated": "ничего не оценено",
    r"no answer has two ratings": "нет ответа с двумя оценками",
    r"no answer rated by both": "нет ответа, который оценили бы оба",
    r"all ratings are equal \((.+)\)": "все оценки одинаковы ({0})",
    r"not defined with any person: (.+)": "ни с одним человеком не определено: {0}",
    r"mean over (\d+) of (\d+) people": "среднее по людям: {0} из {1}",
    r"not defined elsewhere: (.+)": "с остальными не определено: {0}",
    r"the mean loses a person when one of (\d+) prompts is deleted": (
        "без одного из заданий (таких {0}) среднее теряет кого-то из людей"
    ),
    r"nominal: each of (\d+) scores between levels disagrees with every level": (
        "шкала номинальная: оценки между уровнями ({0}) не совпадают ни с одним уровнем"
    ),
    r"models: (.+)": "модели: {0}",
    r"judges that only count, left out: (.+)": "судьи, которые только считают, не учтены: {0}",
    r"judges that only count, taken in, as fewer than two are models: (.+)": (
        "учтены судьи, которые только считают, так как моделей меньше двух: {0}"
    ),
    r"the interval has no width: alpha is the same whichever prompt is deleted": (
        "у интервала нет ширины: альфа не меняется, какое задание ни убери"
    ),
    r"no interval: (\d+) of 3 prompts needed": "интервала нет: заданий {0}, а нужно 3",
    r"no interval: alpha is not defined without (\d+) of the (\d+) prompts": (
        "интервала нет: без некоторых заданий ({0} из {1}) альфа не определена"
    ),
    r"prompts left out, as arm '(.+)' has no score: (\d+)": (
        "не учтено заданий, на которых у {0} нет оценки: {1}"
    ),
    r"no prompt has a score in both arms": "ни у одного задания нет оценок на обоих полюсах",
    r"answers scored by some of the judges only: (\d+)": "ответов, оценённых не всеми судьями: {0}",
    r"the panel has no other judges than those that only count: (.+)": (
        "в панели нет других судей, кроме тех, что только считают: {0}"
    ),
}


def note(said: str) -> Text:
    """A note of AGREEMENT or GAPS in both languages.

    >>> note("no interval: 2 of 3 prompts needed; moon in Aries").ru
    'интервала нет: заданий 2, а нужно 3; moon in Aries'
    >>> note("no prompt has a score in both arms").en
    'no task has a score in both arms'
    """
    parts = said.split("; ")
    return Text(en="; ".join(map(_english, parts)), ru="; ".join(map(_russian, parts)))


def _english(part: str) -> str:
    """The page calls a task what the tables call a prompt."""
    known = next((x for x in _NOTES if re.fullmatch(x, part)), "")
    return part.replace("prompt", "task", 1) if "prompt" in known else part


def _russian(part: str) -> str:
    for pattern, russian in _NOTES.items():
        if match := re.fullmatch(pattern, part):
            nested = (", ".join(_russian(x) for x in group.split(", ")) for group in match.groups())
            return russian.format(*nested)
    return part
