"""The notes of the tables as the page says them; one that is not known here stays as it is."""

import re
from functools import cache

from judges.rubric import Text
from pipeline.pages.landscape_words import NOTES

_NOTES = {
    r"people alone: nobody judged": "только люди: судей нет",
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
    r"no interval: the value is the same whichever prompt is deleted, which tells no error": (
        "интервала нет: значение не меняется, какое задание ни убери, и об ошибке это не говорит"
    ),
    r"on (\d+) of (\d+) rubrics: compare with the like only": (
        "по рубрикам: {0} из {1} — сравнивать только с такими же"
    ),
    r"no interval: (\d+) of 3 prompts needed": "интервала нет: заданий {0}, а нужно 3",
    r"no interval: alpha is not defined without (\d+) of the (\d+) prompts": (
        "интервала нет: без некоторых заданий ({0} из {1}) альфа не определена"
    ),
    r"prompts left out, as arm '(.+)' has no score: (\d+)": (
        "не учтено заданий, на которых у {0} нет оценки: {1}"
    ),
    r"prompts left out, as no language has a score in both arms: (\d+)": (
        "не учтено заданий, у которых ни на одном языке нет оценок обоих полюсов: {0}"
    ),
    r"no prompt has a score in both arms": "ни у одного задания нет оценок на обоих полюсах",
    r"answers scored by some of the judges only: (\d+)": "ответов, оценённых не всеми судьями: {0}",
    r"the panel has no other judges than those that only count: (.+)": (
        "в панели нет других судей, кроме тех, что только считают: {0}"
    ),
    # of the verdict's conditions
    r"people: (.+)": "люди: {0}",
    r"raters are places in the table, not persons": "оценщики здесь — места в таблице, а не люди",
    r"nobody to meet": "сравнивать не с кем",
    r"not measured": "не измерено",
    r"no interval": "интервала нет",
    r"not shown to be better than word counts": "не показано, что она лучше подсчёта слов",
    r"it only counts words itself": "панель сама только считает слова",
    r"not passed, nor shown to be worse: too few answers to tell": (
        "тест не пройден, но и хуже людей судья не показан: ответов слишком мало"
    ),
    r"no judge that only counts": "нет судьи, который только считает",
    r"no judge that only counts has a value": (
        "ни у одного судьи, который только считает, нет значения"
    ),
    r"(\d+) people with at least (\d+) shared items, (\d+) needed": (
        "людей, у которых не меньше {1} общих ответов: {0}, а нужно {2}"
    ),
    r"mean over (\d+) of (\d+) pairs": "среднее по парам оценщиков: {0} из {1}",
    r"(\d+) of (\d+) pairs share less than (\d+)% of the answers: taken together as one": (
        "пары, у которых общих заданий меньше {2}\u00a0% ({0} из {1}), взяты вместе как одна"
    ),
    r"the mean loses a pair when one of (\d+) prompts is deleted": (
        "без одного из заданий (таких {0}) среднее теряет пару оценщиков"
    ),
    r"no interval: not defined without (\d+) of the (\d+) prompts": (
        "интервала нет: без некоторых заданий ({0} из {1}) значение не определено"
    ),
    r"one rater per answer: the noise of the people is not known": (
        "на ответ по одному оценщику, поэтому разброс людей неизвестен"
    ),
    r"(\d+) of 3 prompts needed with people and the judge": (
        "заданий с оценками и людей, и судьи: {0}, а нужно 3"
    ),
    r"the people's mean is all noise: reliability not above 0": (
        "среднее людей — сплошной шум: надёжность не выше 0"
    ),
    r"the people's mean is all noise without one of the prompts": (
        "без одного из заданий среднее людей — сплошной шум"
    ),
    r"the judge's scores are not shown to go with the people's \(interval of b holds 0\)": (
        "не показано, что оценки судьи растут вместе с оценками людей (0 внутри интервала b)"
    ),
    r"cannot be told: the same on every answer": "не различить: на всех ответах одно и то же",
    r"cannot be told: tied to the others": "не различить: связано с остальным",
    r"too few answers or prompts": "слишком мало ответов или заданий",
    r"answers left out, as a factor is not known there: (\d+)": (
        "не учтено ответов, о которых не всё известно: {0}"
    ),
    # of the corrected gap
    r"(\d+) of 3 prompts needed that people rated in both arms": (
        "заданий, где люди оценили оба полюса: {0}, а нужно 3"
    ),
    r"no interval: the difference is the same on every prompt that people rated": (
        "интервала нет: разность одна и та же на всех заданиях, которые оценили люди"
    ),
    r"people alone: the panel scored no further prompts": (
        "только люди: других заданий панель не оценивала"
    ),
    r"people alone: the panel scored one further prompt only": (
        "только люди: панель оценила лишь одно другое задание"
    ),
    r"people alone: the panel sees the same difference on every prompt": (
        "только люди: панель видит на всех заданиях одну и ту же разность"
    ),
    r"people alone: no spread on the prompts that people rated": (
        "только люди: на заданиях, которые они оценили, нет разброса"
    ),
    r"people alone: the panel's differences do not rise with the people's": (
        "только люди: разности панели не растут вместе с разностями людей"
    ),
    r"people alone: the panel scored too few of the prompts that people rated": (
        "только люди: панель оценила слишком мало заданий из тех, что оценили люди"
    ),
    r"raters left out, as they saw one arm only: (.+)": (
        "не учтены оценщики, видевшие только один полюс: {0}"
    ),
    r"ratings left out, as their rater saw one arm of the prompt only: (\d+)": (
        "не учтено оценок тех, кто в этом задании видел только один полюс: {0}"
    ),
    r"prompts that people rated in both arms in no language, not gold: (\d+)": (
        "заданий, где люди ни на одном языке не оценили оба полюса, в эталон они не вошли: {0}"
    ),
    r"gold prompts left out, as the panel did not score them: (\d+)": (
        "не учтено заданий с оценками людей, которые не оценила панель: {0}"
    ),
    r"prompts left out, as neither people nor the panel scored both arms: (\d+)": (
        "не учтено заданий, где ни люди, ни панель не оценили оба полюса: {0}"
    ),
    # of the audits
    r"fewer than two judges": "судей меньше двух",
    r"fewer than two judges, or none of the family, go with the people": (
        "вместе с людьми идут меньше двух судей, или среди них нет судей этого семейства"
    ),
    r"the errors leave no variance once the gold's noise is taken off": (
        "за вычетом шума людей от ошибок не остаётся разброса"
    ),
    r"no interval: not defined without one of the prompts": (
        "интервала нет: без одного из заданий значение не определено"
    ),
    r"the only judge": "судья один",
    r"agreement with people is not defined": "согласие с людьми не определено",
    r"no interval: too few prompts, or not defined without one": (
        "интервала нет: заданий мало, или без одного из них значение не определено"
    ),
    r"no independent judge": "независимых судей нет",
    r"no prompt has a score of an independent judge in both arms": (
        "ни у одного задания нет оценок независимого судьи на обоих полюсах"
    ),
    r"no judge is left out, or none matters": "исключать некого, или это ничего не меняет",
    r"no interval: fewer than three prompts": "интервала нет: заданий меньше трёх",
    r"one draw per answer": "повтор один, сравнивать не с чем",
    r"fewer than two answers that people rated too": (
        "ответов, которые оценили и люди, меньше двух"
    ),
    r"people do not differ on these answers, or rated one each": (
        "оценки людей на этих ответах не различаются, или у каждого она одна"
    ),
    r"the judge gives one score only": "судья ставит всем одну оценку",
    r"too few prompts for an interval": "для интервала мало заданий",
    r"(\d+) of 3 prompts needed that people and the panel scored": (
        "заданий с оценками и людей, и панели: {0}, а нужно 3"
    ),
    r"the panel gives one score to all answers that people rated": (
        "всем ответам, которые оценили люди, панель ставит одну оценку"
    ),
    r"too few gold answers, or the panel does not tell them apart": (
        "ответов с оценками людей мало, или панель их не различает"
    ),
    r"no arm of this study moves (\w+) alone": (
        "в этом исследовании ничто не меняет один только этот фактор"
    ),
    r"on no rubric is the panel both usable and calibrated": (
        "нет рубрики, на которой панель и пригодна, и откалибрована"
    ),
    r"the panel is not usable or not calibrated on it, and people rated every arm on (\d+) "
    "prompts only": (
        "панель на ней не пригодна или не откалибрована, а заданий, где люди оценили все плечи, "
        "лишь {0}"
    ),
    r"from hicap: (.+)": "от верхнего полюса: {0}",
    r"from locap: (.+)": "от нижнего полюса: {0}",
    r"the effect may be chance": "эффект может быть случайным",
    r"it moves the other way": "сдвиг в другую сторону",
    r"it moves as predicted": "сдвиг в предсказанную сторону",
    r"the effect is exactly 0 on every prompt": "эффект ровно ноль в каждом задании",
    r"one direction only": "шли только в одну сторону",
    r"it moves \w+ (.+), away from what cause (\d) says": (
        "фактор сдвинут {0}, а причина {1} говорит об обратном"
    ),
    r"up": "вверх",
    r"down": "вниз",
    r"to a wider choice": "к более широкому выбору",
    r"to a narrower choice": "к более узкому выбору",
    r"no prompt was cut otherwise than at the end": (
        "ни одно задание не обрезано иначе, чем у полюса"
    ),
    r"thinking was not seen to change from the end's as asked": (
        "не видно, чтобы размышление изменилось против полюса так, как задано"
    ),
    r"(\d+) of (\d+) wordings of tasks left out: not answered in all that is compared": (
        "не учтено формулировок заданий, на которые ответили не все сравниваемые плечи: {0} из {1}"
    ),
    r"cut on (\d+) of (\d+) wordings of tasks": "обрезано формулировок заданий: {0} из {1}",
    r"the reply's limit moved with the window": "вместе с окном сдвинут и предел длины ответа",
    r"which way it was moved cannot be told": "в какую сторону сдвинута настройка, не сказать",
    r"what was moved is only declared": "сдвинутая настройка только заявлена",
    r"what was moved was refused by the provider": "сдвинутую настройку провайдер отклонил",
    r"what was moved is contradicted by what was shown": (
        "сдвинутую настройку опровергает то, что показано на деле"
    ),
    r"(\d+) of 3 prompts needed that have a score in all that is compared": (
        "заданий, где есть все сравниваемые оценки: {0}, а нужно 3"
    ),
    r"no interval: the difference is the same on every prompt": (
        "интервала нет: разница одна и та же во всех заданиях"
    ),
    r"the two ends' lengths hardly overlap: at equal length nothing can be told": (
        "длины ответов двух полюсов почти не пересекаются: при равной длине ничего сказать нельзя"
    ),
    r"no two arms are compared": "два полюса не сравниваются",
    r"no interval of alpha to start from: by rule of thumb, at 3 people each": (
        "интервала альфы ещё нет: по опыту, когда каждый ответ оценивают трое"
    ),
    r"people gave one level only": "люди поставили всем один уровень",
    r"(\d+) of (\d+) prompts needed that people rated": (
        "заданий с оценками людей: {0}, а нужно {1}"
    ),
    r"(\w+) of some pairs not defined: (.+)": "{0}: для некоторых пар не определено, {1}",
    r"ac2": "AC2",
    r"kappa": "взвешенная каппа",
    r"tau_b": "тау-b",
    r"spearman": "Спирмен",
    r"no interval: a single answer or prompt decides the coefficient": (
        "интервала нет: коэффициент держится на одном ответе или задании"
    ),
    r"no interval: nothing is left over": "интервала нет: сверх коэффициентов данных не осталось",
    r"fewer than two answers rated by both": "ответов, которые оценили оба, меньше двух",
    r"one rater gives the same score \((.+)\) throughout": "один из двоих ставит всем {0}",
    r"(\d+) x (\d+) values are too many for tau-b": (
        "для тау-b слишком много разных оценок: {0} на {1}"
    ),
    r"(\d+) values are too many for AC2": "для AC2 слишком много разных оценок: {0}",
    r"nobody rated it": "никто не оценивал",
    r"its gap may not be shown": "её разрыв показывать нельзя",
    r"rank-only": "панель годится только для порядка",
    r"undecided": "о панели не решено",
    r"not usable": "панель непригодна",
    r"uncalibrated": "панель не откалибрована",
    r"no gap": "разрыва нет",
    r"no percentile: no leaderboard was laid beside it": (
        "места среди других нет: рейтинг не приложен"
    ),
    r"no answer yet": "ответов ещё нет",
    r"questions still owed: (\d+)": "ещё не получено ответов: {0}",
    r"fewer than two items answered by both arms": "вопросов с ответами обоих полюсов меньше двух",
    r"fewer than three items answered by both arms": (
        "вопросов с ответами обоих полюсов меньше трёх"
    ),
    r"fewer than three tasks answered by both arms": "заданий с ответами обоих полюсов меньше трёх",
    r"each arm does the same on every item: there is no spread to measure by": (
        "каждый полюс справился со всеми вопросами одинаково: разброса, чтобы мерить, нет"
    ),
    r"neither arm is shown to do better than guessing": (
        "не показано, что хоть один полюс отвечает лучше, чем наугад"
    ),
    r"replies that could not be read: (\d+) of (\d+) of the high end's, (\d+) of (\d+) of the low "
    r"end's": "не удалось прочитать ответов: у верхнего полюса {0} из {1}, у нижнего {2} из {3}",
    r"people's scores have no spread to measure by": "у оценок людей нет разброса, чтобы мерить",
    r"no spread": "разброса нет",
    r"no interval: the difference is the same on every task": (
        "интервала нет: разница одна и та же на всех заданиях"
    ),
    r"the levels are names without an order": "у уровней этой шкалы нет порядка",
}


_NOTES |= {x: said for x, said in NOTES.items() if x not in _NOTES}
# More of them than `re` keeps: compiled once here, they are not compiled for every note.
_PATTERNS = [(re.compile(pattern), russian) for pattern, russian in _NOTES.items()]


def note(said: str) -> Text:
    """A note of the tables in both languages.

    >>> note("no interval: 2 of 3 prompts needed; moon in Aries").ru
    'интервала нет: заданий 2, а нужно 3; moon in Aries'
    >>> note("no prompt has a score in both arms").en
    'no task has a score in both arms'
    """
    parts = said.split("; ")
    return Text(en="; ".join(map(_english, parts)), ru="; ".join(map(_russian, parts)))


_MEASURES = {"ac2": "AC2", "kappa": "weighted kappa", "tau_b": "tau-b", "spearman": "Spearman"}
"""What the page calls the columns of PAIRWISE that a note may name."""


_OF = {
    "people: ": "people: ",
    "from hicap: ": "from the high end: ",
    "from locap: ": "from the low end: ",
}
"""What the page calls that of which the rest of a note is said."""


@cache
def _english(part: str) -> str:
    """The page calls a task what the tables call a prompt."""
    for about, called in _OF.items():
        if part.startswith(about):
            return f"{called}{_english(part.removeprefix(about))}"
    name, of, rest = part.partition(" of some pairs")
    if of:
        return f"{_MEASURES.get(name, name)}{of}{rest}"
    known = next((x.pattern for x, _ in _PATTERNS if x.fullmatch(part)), "")
    return part.replace("prompt", "task", 1) if "prompt" in known else part


@cache
def _russian(part: str) -> str:
    for pattern, russian in _PATTERNS:
        if match := pattern.fullmatch(part):
            nested = (", ".join(_russian(x) for x in group.split(", ")) for group in match.groups())
            return russian.format(*nested)
    return part
