"""The words of the headline picture and of the benchmarks beside it, in both languages."""

HEADLINE = {
    "headline": ("The gap in one picture", "Разрыв одной картиной"),
    "headline_picture": (
        "High end minus low end, in standard deviations",
        "Верхний полюс минус нижний, в стандартных отклонениях",
    ),
    "headline_key": (
        "The mark is the gap divided by the spread within the arms, the thin line its 95% "
        "interval, the heavy one its 90% interval; an arrow at its end: it goes on beyond the "
        "picture. The shaded band is ±{bound}: arms whose "
        "heavy line lies inside it count as equivalent. The upright line is no gap; right of "
        "it the high end is higher. Rubrics are on the human scale, corrected for the judges’ "
        "errors.",
        "Значок — разрыв, делённый на разброс внутри полюсов; тонкая линия — его 95%-й интервал, "
        "толстая — 90%-й; стрелка на конце — он продолжается за краем. Закрашенная полоса — "
        "±{bound}: полюсы, чья толстая линия целиком внутри неё, считаются равноценными. "
        "Вертикальная черта — разрыва нет; правее неё "
        "верхний полюс выше. Рубрики — на шкале людей, с поправкой на ошибки судей.",
    ),
    "headline_none": ("There is nothing to draw yet.", "Рисовать пока нечего."),
    "headline_undrawn": ("Not in the picture", "Чего на картине нет"),
    "headline_benchmark": ("Benchmarks", "Бенчмарки"),
    "headline_rubric": ("Creative thinking", "Творческое мышление"),
    "headline_structure": ("Structure alone", "Одна только структура"),
    "headline_structure_row": ("form of the answers", "форма ответов"),
    "headline_no_benchmark": (
        "benchmarks: the study asks none",
        "бенчмарки: в исследовании их нет",
    ),
    "headline_no_rubric": (
        "creative thinking: on no rubric may the panel be believed yet",
        "творческое мышление: пока ни по одной рубрике панели нельзя верить",
    ),
    "headline_no_structure": (
        "structure: no texts of answers are kept",
        "структура: тексты ответов не хранятся",
    ),
    "headline_says_lacks": (
        "Whether the benchmark gap predicts the creative gap cannot be said: the picture lacks "
        "{what}.",
        "Предсказывает ли разрыв на бенчмарках разрыв в творческом мышлении, сказать нельзя: не "
        "хватает {what}.",
    ),
    "headline_lack_benchmark": ("a gap on benchmarks", "разрыва на бенчмарках"),
    "headline_lack_rubric": ("a usable rubric", "пригодной рубрики"),
    "headline_says_illusion": (
        "Equivalent on benchmarks, apart on creative thinking: {apart}. On every benchmark the "
        "90% interval of the gap lies inside ±{bound} standard deviations. The likeness is an "
        "illusion of equivalence: benchmarks alone would have called these two the same.",
        "На бенчмарках полюсы равноценны, в творческом мышлении расходятся: {apart}. На каждом "
        "бенчмарке 90%-й интервал разрыва лежит внутри ±{bound} стандартного отклонения. Это "
        "иллюзия равноценности: по одним бенчмаркам эти двое — одно и то же.",
    ),
    "headline_says_same": (
        "Equivalent on every benchmark and, in creative thinking, on every rubric that could be "
        "measured ({known} of {rubrics}): everywhere the 90% interval of the gap lies inside "
        "±{bound} standard deviations.",
        "Полюсы равноценны на каждом бенчмарке, а в творческом мышлении — по каждой рубрике, где "
        "разрыв измерен ({known} из {rubrics}): всюду 90%-й интервал разрыва лежит внутри "
        "±{bound} стандартного отклонения.",
    ),
    "headline_says_quiet": (
        "Equivalent on benchmarks. In creative thinking a gap is neither shown nor ruled out.",
        "На бенчмарках полюсы равноценны. В творческом мышлении разрыв не показан, но и не "
        "исключён.",
    ),
    "headline_says_both": (
        "Apart on both: on benchmarks ({benchmarks}) and in creative thinking ({apart}), and all "
        "these gaps point the same way. Here the benchmarks do tell that there is a gap.",
        "Полюсы расходятся и на бенчмарках ({benchmarks}), и в творческом мышлении ({apart}), "
        "и всё в одну сторону. Здесь бенчмарки о разрыве предупреждают.",
    ),
    "headline_says_opposed": (
        "Apart on both, but not the same way: on benchmarks {benchmarks}, in creative thinking "
        "{apart}. The benchmark gap does not tell the direction of the creative one.",
        "Полюсы расходятся и там и там, но не в одну сторону: на бенчмарках {benchmarks}, в "
        "творческом мышлении {apart}. Направления творческого разрыва бенчмарки не "
        "предсказывают.",
    ),
    "headline_says_benchmarks": (
        "Apart on benchmarks ({benchmarks}). In creative thinking no gap is shown.",
        "На бенчмарках полюсы расходятся ({benchmarks}). В творческом мышлении разрыв не показан.",
    ),
    "headline_says_creative": (
        "Apart in creative thinking: {apart}. On benchmarks no gap is shown, but equivalence on "
        "every one of them is not shown either{needed}.",
        "В творческом мышлении полюсы расходятся: {apart}. На бенчмарках разрыв не показан, но "
        "не показана и равноценность на каждом из них{needed}.",
    ),
    "headline_says_open": (
        "Nothing may be said yet: neither a gap nor equivalence is shown on every benchmark, "
        "and in creative thinking no gap is shown{needed}.",
        "Сказать пока нечего: ни разрыв, ни равноценность на всех бенчмарках не показаны, а в "
        "творческом мышлении разрыв не показан{needed}.",
    ),
    "headline_needed": (
        ": to show it would take about {items} items, if the gap stays",
        ": чтобы её показать, нужно вопросов: около {items}, если разрыв не изменится",
    ),
    "headline_no_needed": ("\u200b", "\u200b"),
    "headline_predicts_not": (
        "Does the benchmark gap predict the creative gap? Not here: beyond the mean gap on "
        "benchmarks lie, in standard deviations, {beyond} (95% intervals over all rubrics "
        "of the picture together).",
        "Предсказывает ли разрыв на бенчмарках разрыв в творческом мышлении? Здесь — нет: сверх "
        "среднего разрыва на бенчмарках, в стандартных отклонениях, {beyond} (95%-е интервалы "
        "сразу на все рубрики картины).",
    ),
    "headline_predicts_open": (
        "Does the benchmark gap predict the creative gap? Nothing here shows that it does not: "
        "on none of the rubrics that could be measured ({known} of {rubrics}) does the gap differ "
        "surely from the mean gap on benchmarks. That is no proof that it does: the intervals "
        "reach as far as {reach} standard deviations.",
        "Предсказывает ли разрыв на бенчмарках разрыв в творческом мышлении? Обратного здесь не "
        "видно: ни по одной из рубрик, где он измерен ({known} из {rubrics}), разрыв не отличается "
        "наверняка от среднего на бенчмарках. Это не доказывает, что предсказывает: интервалы "
        "простираются до {reach} стандартного отклонения.",
    ),
    "headline_silent": (
        "The benchmark “{name}” tells nothing: {why}.",
        "Бенчмарк «{name}» ни о чём не говорит: {why}.",
    ),
    "headline_structure_equivalent": (
        "By structure alone the arms are equivalent.",
        "По одной только структуре полюсы равноценны.",
    ),
    "headline_structure_apart": (
        "By structure alone the arms are apart: {gap}.",
        "По одной только структуре полюсы расходятся: {gap}.",
    ),
    "headline_structure_open": (
        "By structure alone neither a gap nor equivalence is shown.",
        "Одна только структура не показывает ни разрыва, ни равноценности.",
    ),
    # benchmarks
    "benchmarks": ("Benchmarks, form by form", "Бенчмарки: по формам вопросов"),
    "benchmarks_key": (
        "The same items as they stand, with their options shuffled and in other words. Who knows "
        "them by heart loses accuracy there; who understands them does not. “Right in every "
        "form” counts an item only where no form of it went wrong.",
        "Одни и те же вопросы: как есть, с переставленными вариантами и другими словами. Кто "
        "помнит их наизусть, теряет на этом в точности; кто понимает — нет. «Верно во всех "
        "формах» — вопрос засчитан, только если ни в одной форме не было ошибки.",
    ),
    "benchmarks_table": ("Accuracy by arm and form", "Точность по плечам и формам вопросов"),
    "benchmark_gaps_table": (
        "Accuracy of the high end less that of the low end, item by item",
        "Точность верхнего полюса минус нижнего, вопрос за вопросом",
    ),
    "benchmark": ("benchmark", "бенчмарк"),
    "any_arm": ("arm", "плечо"),
    "form": ("form", "форма"),
    "form_plain": ("as it stands", "как есть"),
    "form_shuffled": ("options shuffled", "варианты переставлены"),
    "form_reworded": ("in other words", "другими словами"),
    "form_every": ("right in every form", "верно во всех формах"),
    "items": ("items", "вопросов"),
    "accuracy": ("accuracy", "точность"),
    "interval_95": ("95% interval", "95%-й интервал"),
    "chance_corrected": ("beyond guessing", "сверх угадывания"),
    "drop": ("lost against “as it stands”", "потеря против «как есть»"),
    "unreadable": ("not readable", "не прочитать"),
    "percentile": ("percentile", "процентиль"),
    "only_high": ("high end better", "лучше верхний"),
    "only_low": ("low end better", "лучше нижний"),
}
