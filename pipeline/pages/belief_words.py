"""What the report says of the panel's verdict and of the gap, corrected and not."""

BELIEF = {
    "belief": ("May this panel be believed?", "Можно ли верить этой панели?"),
    "belief_none": (
        "No person has rated these answers, so this cannot be said.",
        "Эти ответы не оценивал ни один человек, поэтому сказать этого нельзя.",
    ),
    "belief_no_judges": (
        "There is no judge here to be held against people.",
        "Судей здесь нет: сверять с людьми некого.",
    ),
    "belief_key": (
        "The verdict is on the panel’s own score, rubric by rubric. Usable: every condition that "
        "can be tested holds. For ranking only: the panel’s levels differ from people’s, but it "
        "puts answers in the order in which people put them. Not usable: some interval lies wholly "
        "beyond its bound, or the panel itself only counts words. Undecided: there are too few "
        "ratings to tell.",
        "Вердикт касается собственной оценки панели, по каждой рубрике отдельно. Пригодна: "
        "выполнены все условия, которые можно проверить. Только для порядка: уровни у панели "
        "не те, что у людей, но ответы она расставляет в том же порядке. Непригодна: хотя бы один "
        "интервал целиком за своей границей или сама панель только считает слова. Не решено: "
        "оценок мало, чтобы судить.",
    ),
    "verdicts_table": ("The verdict on each rubric", "Вердикт по каждой рубрике"),
    "verdict": ("verdict", "вердикт"),
    "verdict_usable": ("usable", "пригодна"),
    "verdict_rank-only": ("rank-only", "только для порядка"),
    "verdict_undecided": ("undecided", "не решено"),
    "verdict_not usable": ("not usable", "непригодна"),
    "verdict_uncalibrated": ("uncalibrated", "не откалибрована"),
    "unrated": ("no person has rated it", "люди её не оценивали"),
    "decided_by": ("decided by", "что решило"),
    "would_decide": ("what would decide", "чего не хватает"),
    "would_decide_about": (
        "about {tasks} and {people} people per answer would decide",
        "хватило бы примерно: заданий — {tasks}, людей на ответ — {people}",
    ),
    "would_decide_unknown": ("cannot be told yet", "пока нельзя сказать"),
    "p_holm": ("p, Holm", "p с поправкой Холма"),
    "tasks_rated": ("tasks rated by people", "заданий с оценками людей"),
    "strong": ("people agree strongly", "согласие людей сильное"),
    "not_usable_holm": (
        "no longer usable once several rubrics are allowed for (Holm)",
        "с поправкой на число рубрик (Холм) пригодность не доказана",
    ),
    "panel_missing": (
        "answers that people rated and the panel did not: {count}",
        "ответов с оценкой людей, но без оценки панели: {count}",
    ),
    "off_scale": ("scores beyond the levels: {count}", "оценок за пределами уровней: {count}"),
    # the conditions
    "conditions": ("What each verdict rests on", "На чём держится каждый вердикт"),
    "conditions_table": ("The conditions", "Условия"),
    "condition": ("condition and its value", "условие и что за значение"),
    "condition_human-alpha": ("people agree among themselves", "люди согласны между собой"),
    "condition_delta": (
        "the panel agrees with a person as people do",
        "панель согласна с человеком не хуже, чем люди друг с другом",
    ),
    "condition_alternative-annotator": (
        "alternative annotator test",
        "тест на замену человека-оценщика",
    ),
    "condition_floor": ("better than word counts", "панель лучше простого подсчёта слов"),
    "condition_arm-bias": (
        "no bias beyond the bound is shown",
        "перекос больше границы не доказан",
    ),
    "condition_rank": ("ranks as people do", "панель упорядочивает ответы, как люди"),
    "state": ("state", "итог"),
    "state_holds": ("holds", "выполнено"),
    "state_fails": ("fails", "не выполнено"),
    "state_straddles": ("straddles its bound", "граница внутри интервала"),
    "state_unmeasured": ("cannot be measured", "измерить нельзя"),
    "state_untested": ("untested", "не проверено"),
    "value": ("value", "значение"),
    "interval_of": ("interval", "интервал"),
    "must_be": ("bound", "граница"),
    "bound_above": ("above {bound}", "больше {bound}"),
    "bound_at_least": ("at least {bound}", "не меньше {bound}"),
    "bound_within": ("within ±{bound}", "в пределах ±{bound}"),
    "measure_human-alpha": ("alpha of people among themselves", "альфа людей между собой"),
    "measure_delta": (
        "alpha of the panel with a person, minus that of people",
        "альфа панели с человеком минус альфа людей",
    ),
    "measure_alternative-annotator": (
        "share of people whom the panel could stand in for",
        "доля людей, которых панель могла бы заменить",
    ),
    "measure_floor": (
        "alpha of the panel with a person, minus that of the best judge that only counts",
        "альфа панели с человеком минус альфа лучшего судьи, который только считает",
    ),
    "measure_arm-bias": (
        "the panel’s error in favour of the high end, levels",
        "ошибка панели в пользу верхнего полюса, в уровнях",
    ),
    "measure_rank": (
        "tau-b of the panel with a person, minus that of people",
        "тау-b панели с человеком минус тау-b людей",
    ),
    "withheld": (
        "The panel’s own score is withheld from the headline (verdict: {verdict}).",
        "Собственная оценка панели здесь не идёт в выводы (вердикт: {verdict}).",
    ),
    "withheld_unrated": (
        "The panel’s own score is withheld from the headline (no person has rated this rubric).",
        "Собственная оценка панели здесь не идёт в выводы (люди эту рубрику не оценивали).",
    ),
    # the gap on the human scale
    "human_gap": ("The gap on the human scale", "Разрыв на шкале людей"),
    "human_gap_picture": (
        "High end minus low end in points of the scale, as people would rate them",
        "Верхний полюс минус нижний, в пунктах шкалы, как их оценили бы люди",
    ),
    "human_gap_key": (
        "The dot is the gap, the line its 95% interval, the upright line no gap at all; right of "
        "it the high end is higher. The panel’s errors are corrected by what people rated, so the "
        "interval holds even where the panel may not be believed.",
        "Точка — разрыв, отрезок — его 95%-й интервал, вертикальная черта — разрыва нет; правее "
        "неё верхний полюс выше. Ошибки панели поправлены по оценкам людей, поэтому интервал верен "
        "и там, где самой панели верить нельзя.",
    ),
    "human_gap_table": (
        "The gap in points of the scale, all judged answers",
        "Разрыв в пунктах шкалы, все оценённые ответы",
    ),
    "p_holm_gap": ("p, Holm over these rubrics", "p с поправкой Холма на все эти рубрики"),
    "p_plain": ("p, one rubric alone", "p без поправки на число рубрик"),
    "tasks_other": ("other tasks", "прочих заданий"),
    "saved": ("variance saved by the panel", "доля дисперсии, снятая панелью"),
    "people_only": ("people only", "только люди"),
    "judges_only": ("judges only, uncorrected", "только судьи, без поправки"),
    "cliffs_delta": ("Cliff’s delta", "дельта Клиффа"),
    "bounds": ("If other answers are counted", "Если считать другие ответы"),
    "bounds_key": (
        "complete ones only, or refused ones too, at the worst and the best that they could be",
        "только законченные или вместе с отказами, в худшем и в лучшем случае",
    ),
    "bounds_table": (
        "The gap in points of the scale, by the answers counted",
        "Разрыв в пунктах шкалы при разном отборе ответов",
    ),
    "counted_answers": ("answers counted", "какие ответы учтены"),
    "counted_complete": ("complete answers only", "только законченные ответы"),
    "counted_worst": (
        "worst for the high end: its refusals at the lowest level, the other’s at the highest",
        "худшее для верхнего полюса: его отказы на низшем уровне, отказы нижнего на высшем",
    ),
    "counted_best": (
        "best for the high end: the low end’s refusals at the lowest level, its own at the highest",
        "лучшее для верхнего полюса: отказы нижнего на низшем уровне, его собственные на высшем",
    ),
    "hidden_gaps": ("Not shown, and why", "Что не показано и почему"),
    # the uncorrected gap
    "gap": ("The gap", "Разрыв"),
    "gap_heading": (
        "Uncorrected, judges only; no interval on the human scale",
        "Без поправки, только судьи; интервала на шкале людей нет",
    ),
    "gap_key": (
        "Each line runs from the low end’s mean to the high end’s on the rubric’s own levels; the "
        "number at its right is the difference, high minus low. The heavy line is all tasks "
        "together, the thin ones are the kinds of task.",
        "Каждый отрезок соединяет среднее нижнего полюса со средним верхнего на уровнях самой "
        "рубрики; число справа — разность, верхний минус нижний. Жирный отрезок — все задания "
        "вместе, тонкие — виды заданий.",
    ),
    "gap_none": (
        "No task has a score in both arms, so there is no gap to show.",
        "Ни у одного задания нет оценок на обоих полюсах, поэтому разрыв показать нельзя.",
    ),
    "gap_table": (
        "The panel’s mean levels and their difference: uncorrected, judges only",
        "Средние уровни по оценкам панели и их разность: без поправки, только судьи",
    ),
}
"""English and Russian by key, as those of words.py."""
