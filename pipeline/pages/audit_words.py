"""What the report says of the audits, the disagreements and the four questions."""

AUDIT = {
    # where raters and judges are simulated
    "simulated": ("simulated", "смоделировано"),
    "simulated_banner": (
        "Simulated: the raters and judges on this page are random numbers with a seed. Nothing "
        "here is a measurement of any model or of any person.",
        "Смоделировано: оценщики и судьи на этой странице — случайные числа с заданным зерном. "
        "Здесь не измерены ни модели, ни люди.",
    ),
    # the four questions
    "questions": ("The four questions", "Четыре вопроса"),
    "questions_table": (
        "What each arm is fit for, as people see it",
        "На что годится каждый полюс с точки зрения людей",
    ),
    "questions_key": (
        "Yes: on every rubric of the question that the study has, the arm lies above the middle of "
        "the scale, its whole 95% interval included. No: on one of them it lies wholly below.",
        "Да: по каждой рубрике вопроса, какая есть в исследовании, полюс выше середины шкалы "
        "вместе со всем 95%-м интервалом. Нет: хотя бы по одной он целиком ниже.",
    ),
    "asked": ("question", "вопрос"),
    "answered": ("answer", "ответ"),
    "because": ("rests on", "на чём держится"),
    # the level of each arm
    "heights": ("How high each arm lies", "На каком уровне каждый полюс"),
    "heights_table": (
        "Mean level on the human scale, corrected for the panel’s errors",
        "Средний уровень на шкале людей, с поправкой на ошибки панели",
    ),
    "heights_people": (
        "Mean level, as people rated the answers",
        "Средний уровень по оценкам людей",
    ),
    "level": ("level", "уровень"),
    "tasks_gold": ("tasks rated by people", "заданий с оценками людей"),
    # confusion
    "confusion": ("What is taken for what", "Что за что принимают"),
    "confusion_key": (
        "Down: the level a person gave; across: the level of the judge, to the nearest one. Each "
        "number counts pairs of one answer and one person; the stronger its colour, the larger its "
        "share of the row. Off the diagonal they disagree.",
        "По вертикали — уровень, который поставил человек, по горизонтали — уровень судьи, "
        "округлённый. Число — сколько пар «ответ и человек»; чем сильнее цвет клетки, тем больше "
        "её доля в строке. Вне диагонали — расхождения.",
    ),
    "confusion_person": ("person ↓ judge →", "человек ↓ судья →"),
    "confusion_same": ("{pairs} pairs, {same} the same", "пар: {pairs}, совпало {same}"),
    "confusion_unstepped": (
        "This rubric has no levels, so there is nothing to count.",
        "У этой рубрики нет уровней, поэтому считать нечего.",
    ),
    "confusion_none": (
        "No answer was scored by both a person and a judge.",
        "Нет ответа, который оценили бы и человек, и судья.",
    ),
    # bias
    "bias": ("What a judge is unfair to", "К чему судья несправедлив"),
    "bias_key": (
        "The error of a judge, in points of the people’s scale: above 0 it favours what is named "
        "first. Alone is the bias that reaches the gap; beside the others, what is left "
        "once they are accounted for, where there are several. Own family is told beside the arm "
        "only. In bold: intervals that leave out 0. Many questions are asked at once: p, adjusted "
        "(Benjamini–Hochberg, over all rubrics, raters and factors alone) is small where few such "
        "finds would be false.",
        "Ошибка судьи на шкале людей, в её пунктах: больше 0 — в пользу того, что названо первым. "
        "«Само по себе» — перекос, который доходит до разрыва; «рядом с прочими» — то, что "
        "остаётся, если учесть прочее, когда оно есть. Своё семейство считается только вместе с "
        "полюсом. Жирным — интервалы, в которые 0 не попал. Вопросов задано сразу много: "
        "p с поправкой Бенджамини–Хохберга (по всем рубрикам, судьям и причинам по отдельности) "
        "мало там, где ложных находок среди таких мало.",
    ),
    "bias_table": ("The panel, and all judges together", "Панель и все судьи вместе"),
    "bias_judges": ("Each judge by itself", "Каждый судья отдельно"),
    "bias_judges_table": ("Bias of each judge", "Перекос каждого судьи"),
    "judges_all": ("all judges", "все судьи"),
    "factor": ("unfair to", "к чему"),
    "contrast": ("in favour of", "в пользу чего"),
    "alone": ("alone", "само по себе"),
    "beside": ("beside the others", "рядом с прочими"),
    "p_alone": ("p, alone", "p, само по себе"),
    "p_bh": ("p, adjusted", "p с поправкой"),
    "every_factor": ("every factor", "всё"),
    "factor_log length": ("length", "длина"),
    "factor_arm": ("arm", "полюс"),
    "factor_language": ("language", "язык"),
    "factor_order": ("order", "порядок показа"),
    "factor_own family": ("own family", "своё семейство"),
    "contrast_log length": ("2.72 times as many words", "в 2,72 раза больше слов"),
    "contrast_order": (
        "the last shown \N{MINUS SIGN} the first",
        "показанное последним \N{MINUS SIGN} первым",
    ),
    "contrast_own family": (
        "own family \N{MINUS SIGN} other judges",
        "своё семейство \N{MINUS SIGN} прочие судьи",
    ),
    "kin": (
        "With and without judges of an arm’s own family",
        "С судьями из семейства полюса и без них",
    ),
    "kin_table": (
        "The uncorrected gap in points of the scale, judges only",
        "Разрыв в пунктах шкалы без поправки, только судьи",
    ),
    "kin_judges": ("of the family", "из семейства"),
    "gap_with": ("gap, all judges", "разрыв, все судьи"),
    "gap_without": ("independent only", "только независимые"),
    "kin_difference": ("difference", "разница"),
    # triage
    "triage": ("Where to look", "На что посмотреть"),
    "triage_key": (
        "Answers on which people and panel part by half the scale or more, the widest apart first. "
        "Open one to read it beside the rationales.",
        "Ответы, на которых люди и панель расходятся на полшкалы и больше; сначала самые далёкие. "
        "Откройте ответ, чтобы прочесть его рядом с обоснованиями судей.",
    ),
    "look_rubric ambiguous": ("The rubric is ambiguous", "Неясна рубрика"),
    "look_judge wrong": ("The judge is wrong", "Ошибся судья"),
    "look_gold suspect": ("The gold is suspect", "Сомнительна оценка человека"),
    "look_rubric ambiguous_means": (
        "People lie far apart: what the rubric asks is not clear.",
        "Люди сильно расходятся: непонятно, о чём спрашивает рубрика.",
    ),
    "look_judge wrong_means": (
        "People agree, and the panel lies far from them.",
        "Люди согласны, а панель далеко от них.",
    ),
    "look_gold suspect_means": (
        "One person lies far from the others, and the judges, of one mind, are near these and far "
        "from that person.",
        "Один человек далеко от остальных, а судьи единодушны: рядом с остальными и далеко от "
        "него.",
    ),
    "look_none": ("None.", "Таких нет."),
    "look_open": ("Read", "Читать"),
    "look_cut": (
        "Shown: {shown} of {all}, the widest apart of each rubric; left out: {left}.",
        "Показано {shown} из {all}, самые далёкие по каждой рубрике; не показано: {left}.",
    ),
    "look_scores": ("people {people}; panel {panel}", "люди: {people}; панель: {panel}"),
    "look_who": ("apart: {who}", "в стороне: {who}"),
    "look_more": ("{names} and {left} more", "{names} и ещё {left}"),
    "look_size": ("{size} levels apart", "уровней между ними: {size}"),
    "look_levels": ("Levels to look at", "На какие уровни смотреть"),
    "scores_same": ("{score}", "{score}"),
    "scores_spread": ("{median} ({low} to {high})", "{median} (от {low} до {high})"),
    # calibration
    "calibration": ("What people would say", "Что сказали бы люди"),
    "calibration_key": (
        "A map from the panel’s scores to people’s, for reading one answer; the gap is not made of "
        "it. Errors are root mean squares in points of the scale, on tasks the map has not seen. A "
        "map is worth having where its error is below both others. The reader shows the score of "
        "each answer.",
        "Пересчёт оценок панели в оценки людей нужен, чтобы читать отдельный ответ; разрыв по нему "
        "не считают. Ошибки — среднеквадратичные, в пунктах шкалы, на заданиях, которых пересчёт "
        "не видел. Он полезен там, где его ошибка меньше обеих других. Оценка каждого ответа — в "
        "разделе чтения.",
    ),
    "calibration_table": ("Calibration of each rubric", "Калибровка по рубрикам"),
    "map": ("map", "пересчёт"),
    "map_affine": ("a line", "прямая"),
    "map_ordinal": ("ordinal", "порядковый"),
    "map_ridge": ("all rubrics together", "по всем рубрикам сразу"),
    "map_line": ("the line", "формула"),
    "error_map": ("error of the map", "ошибка пересчёта"),
    "error_raw": ("of the panel itself", "самой панели"),
    "error_constant": ("of people’s mean alone", "одного среднего людей"),
    "gold": ("answers with both", "ответов с обеими оценками"),
    # distance from the common answer
    "originality": ("How far from the common answer", "Как далеко от общего ответа"),
    "originality_table": (
        "Distance of the answers: 0 the same words, 1 none in common",
        "Расстояние ответов: 0 — те же слова, 1 — ни одного общего",
    ),
    "originality_key": (
        "Counted, not judged: how few words and pairs of words an answer shares with the other "
        "answers to its task and with the task’s banal one, rare words counting more. It stands "
        "beside the rubric on cognitive leaps and not in its place: what is far may be nonsense.",
        "Сосчитано, а не оценено: как мало у ответа общих слов и пар слов с другими ответами на то "
        "же задание и с его банальным ответом; редкие слова весят больше. Это спутник рубрики о "
        "когнитивном скачке, а не замена: далёкое может оказаться и бессмыслицей.",
    ),
    "no_pool": (
        "No task has three answers in one language, so there is no pool to be far from; `draws: 2` "
        "in the study’s file makes one.",
        "Ни у одного задания нет трёх ответов на одном языке, поэтому общего ответа, от которого "
        "мерить, нет; его даёт `draws: 2` в файле исследования.",
    ),
    "distance": ("distance", "расстояние"),
    "distance_pool": ("to the other answers, mean", "до других ответов, среднее"),
    "distance_nearest": ("to the nearest of them", "до ближайшего из них"),
    "distance_banal": ("to the banal answer", "до банального ответа"),
    "distance_high": ("high end", "верхний полюс"),
    "distance_low": ("low end", "нижний полюс"),
    # difficulty
    "difficulty": ("How hard the tasks came out", "Насколько трудны оказались задания"),
    "difficulty_table": ("Tasks, the hardest first", "Задания, самые трудные сверху"),
    "difficulty_key": (
        "Counted from the scores, never set by hand: 0 where every answer is at the highest level "
        "of every rubric, 1 at the lowest. By people on the answers they rated; by the panel on "
        "all, for what its own score is worth. Spread: how much higher the high end scored, as a "
        "share of the scale.",
        "Сосчитано по оценкам, вручную не задаётся: 0 — все ответы на высшем уровне всех рубрик, "
        "1 — на низшем. По людям — на ответах, которые они оценили; по панели — на всех, насколько "
        "верить её собственной оценке. Разброс — насколько выше верхний полюс, в долях шкалы.",
    ),
    "tasks_counted": ("{n} tasks", "заданий: {n}"),
    "task": ("task", "задание"),
    "by_people": ("by people", "по людям"),
    "by_panel": ("by the panel", "по панели"),
    "answers_rated": ("answers rated", "оценено ответов"),
    "spread": ("spread", "разброс"),
    # tuning
    "tuning": ("How the rubrics were tuned", "Как настраивали рубрики"),
    "tuning_table": (
        "The panel beside people under today’s wording and those before it whose lockbox was "
        "opened, and what each gained",
        "Панель рядом с людьми при нынешней редакции и прежних, у которых вскрывали запечатанную "
        "половину, и что каждая дала",
    ),
    "tuning_key": (
        "Whoever tunes a rubric on few ratings fits their noise. So the tasks fall into a half to "
        "tune on, looked at as often as one likes, and a lockbox, opened once for each version. "
        "Optimism is what the gain on the tune half has more than that in the lockbox. The other "
        "figures of this page rest on both, so whoever reads it has already seen the lockbox: a "
        "report is counted as such a look, once for each wording.",
        "Кто настраивает рубрику по немногим оценкам, подгоняет её под случайности. Поэтому "
        "задания разделены: на одной половине настраивают и смотрят сколько угодно, другая "
        "запечатана и вскрывается один раз для каждой редакции. Оптимизм — насколько выигрыш на "
        "первой больше, чем на второй. Остальные числа этой страницы опираются на обе, так что "
        "читающий её запечатанную половину уже видел: отчёт сосчитан как такой взгляд, по одному "
        "на каждую редакцию.",
    ),
    "version": ("wording", "редакция"),
    "against": ("beside @{version}", "рядом с @{version}"),
    "looks": ("looks at the tune half", "взглядов на половину для настройки"),
    "opened": ("lockbox opened", "запечатанную вскрывали"),
    "seen_in_reports": ("lockbox already seen in reports", "запечатанную уже видели в отчётах"),
    "alpha_tune": ("tune half: alpha", "для настройки: альфа"),
    "gain_tune": ("gain", "выигрыш"),
    "alpha_lockbox": ("lockbox: alpha", "запечатанная: альфа"),
    "gain_lockbox": ("gain", "выигрыш"),
    "optimism": ("optimism", "оптимизм"),
    # repetition
    "repetition": ("Repetition and loops", "Повторы и зацикливание"),
    "repetition_table": ("How the answers repeat themselves", "Как ответы повторяют сами себя"),
    "repetition_key": (
        "A loop is an answer that ends in one phrase said three times in a row or more. The rest "
        "are medians over answers.",
        "Зацикливание — ответ кончается одной фразой, сказанной три раза подряд или больше. "
        "Остальное — медианы по ответам.",
    ),
    "loops": ("loops", "зациклились"),
    "loop_words": ("words in loops", "слов в этих повторах"),
    "longest": ("longest span said twice, words", "самый длинный повтор, слов"),
    "distinct": ("different words", "разных слов"),
    "distinct_pairs": ("different pairs of words", "разных пар слов"),
}  # fmt: skip
"""English and Russian by key, as those of words.py."""
