"""What the report says of the ladder, in both languages."""

CLIMB = {
    "causes": ("Why the small one may fail", "Почему малая модель может уступать"),
    "causes_table": (
        "Seven causes, each by the factor that tests it",
        "Семь причин и проверяющий каждую фактор",
    ),
    "causes_key": (
        "Supported: at the farthest level of the factor the mean of the usable rubrics moves the "
        "predicted way (down from the high end, up from the low end), with p below .05 after "
        "Benjamini–Hochberg, in both directions where both ran. A level that gives the high end "
        "more of the factor, or the low end less, is no test. Effects are in levels of a "
        "five-level scale, with 95% intervals. The mark beside a level says how it is known that "
        "it was moved so.",
        "Подтверждается, если на самом дальнем уровне фактора среднее по пригодным рубрикам "
        "сдвигается в предсказанную сторону (от верхнего полюса вниз, от нижнего вверх) и p "
        "после поправки Бенджамини — Хохберга меньше 0,05, притом в обе стороны, если шли в обе. "
        "Уровень, на котором у верхнего полюса фактора больше или у нижнего меньше, проверкой не "
        "считается. "
        "Эффекты — в уровнях пятиуровневой шкалы, с 95%-ми интервалами. Отметка рядом с уровнем "
        "говорит, откуда известно, что сдвинули именно так.",
    ),
    "cause": ("cause", "причина"),
    "cause_1": (
        "1. Quantisation lowers the variability of activations",
        "1. Квантование снижает вариативность активаций",
    ),
    "cause_2": (
        "2. Weak attention: no “cognitive zoom”",
        "2. Слабое внимание: нет «когнитивного зума»",
    ),
    "cause_3": (
        "3. A short context cannot hold the arc of meaning",
        "3. Короткий контекст не удерживает дугу смысла",
    ),
    "cause_4": ("4. No interference of experts", "4. Нет интерференции экспертов"),
    "cause_5": ("5. A narrowed probability landscape", "5. Суженный ландшафт вероятностей"),
    "cause_6": (
        "6. A limit on time: slow ideas never form",
        "6. Предел времени: медленные идеи не успевают сложиться",
    ),
    "cause_7": ("7. No extra modules", "7. Нет дополнительных модулей"),
    "supported": ("supported", "подтверждается"),
    "not supported": ("not supported", "не подтверждается"),
    "not tested": ("not tested here", "здесь не проверялась"),
    "from_hicap": ("away from the high end", "от верхнего полюса"),
    "from_locap": ("away from the low end", "от нижнего полюса"),
    "p_bh": ("p, adjusted", "p с поправкой"),
    "not_run": ("no arm", "плеча нет"),
    "told_mean": ("mean", "среднее"),
    "control_alike": (
        "The null control holds: decoding with tokens guessed ahead, which loses nothing, comes "
        "out at exactly 0 on every task, as where it writes the same answers.",
        "Нулевой контроль выдержан: генерация с угадыванием токенов вперёд, которая ничего не "
        "теряет, дала ровно ноль в каждом задании, как и бывает, когда ответы те же самые.",
    ),
    "control_holds": (
        "The null control holds: decoding with tokens guessed ahead, which loses nothing, shows "
        "no effect.",
        "Нулевой контроль выдержан: генерация с угадыванием токенов вперёд, которая ничего не "
        "теряет, эффекта не показала.",
    ),
    "control_fails": (
        "The null control fails: decoding with tokens guessed ahead, which should lose nothing, "
        "shows an effect. One in twenty does so by chance; otherwise something else differs "
        "between these arms, and the effects below are not to be believed.",
        "Нулевой контроль не выдержан: генерация с угадыванием токенов вперёд, которая не должна "
        "ничего терять, показала эффект. В одном случае из двадцати это случайность; иначе плечи "
        "различаются чем-то ещё, и верить эффектам ниже нельзя.",
    ),
    "control_shifted": (
        "The null control fails: decoding with tokens guessed ahead, which should lose nothing, "
        "shows the same effect other than 0 on every task. Something else differs between these "
        "arms, and the effects below are not to be believed.",
        "Нулевой контроль не выдержан: генерация с угадыванием токенов вперёд, которая не должна "
        "ничего терять, показала в каждом задании один и тот же ненулевой эффект. Плечи "
        "различаются чем-то ещё, и верить эффектам ниже нельзя.",
    ),
    "control_uncounted": (
        "The null control ran and is not counted, because {why}: nothing here shows that arms "
        "that should be alike come out alike.",
        "Нулевой контроль был, но не засчитан, потому что {why}: ничто здесь не показывает, что "
        "одинаковые плечи дают одинаковый результат.",
    ),
    "control_rest": (
        "One of its arms is not counted, because {why}.",
        "Одно из его плеч не засчитано, потому что {why}.",
    ),
    "control_none": (
        "No null control was run: nothing here shows that arms that should be alike come out "
        "alike.",
        "Нулевого контроля не было: ничто здесь не показывает, что одинаковые плечи дают "
        "одинаковый результат.",
    ),
    "control_short": ("null control", "нулевой контроль"),
    "ladder": ("The ladder between the ends", "Лестница между полюсами"),
    "ladder_picture": (
        "Mean of the usable rubrics: step less its end",
        "Среднее по пригодным рубрикам: ступень минус её полюс",
    ),
    "ladder_table": (
        "Each step beside the end it starts from",
        "Каждая ступень рядом со своим полюсом",
    ),
    "ladder_key": (
        "The step less its end, in levels of a five-level scale: below 0 the step is worse. "
        "Where people rated both on ten tasks or more the effect is corrected by them; elsewhere "
        "it is the panel's own, on rubrics on which it is usable, and its interval knows nothing "
        "of the panel's errors. The mark says how it is known that the level was moved so.",
        "Ступень минус её полюс, в уровнях пятиуровневой шкалы: ниже нуля — ступень хуже. Где "
        "люди оценили оба хотя бы в десяти заданиях, эффект исправлен по ним; в остальных "
        "случаях это взгляд самой панели, по рубрикам, на которых она пригодна, и об ошибках "
        "панели интервал ничего не знает. Отметка — откуда известно, что уровень сдвинули "
        "именно так.",
    ),
    "ladder_benchmarks": ("The same steps on benchmarks", "Те же ступени на бенчмарках"),
    "ladder_benchmarks_key": (
        "Accuracy of the step less that of its end, over the same items as they stand, with a "
        "95% interval: below 0 the step is worse. An interval that holds 0 shows no loss and "
        "rules none out: see how far it reaches. A dash: the benchmark is put to the two ends "
        "alone, or too few items have an answer of both.",
        "Точность ступени минус точность её полюса на одних и тех же вопросах, заданных как есть, "
        "с 95%-м интервалом: ниже нуля — ступень хуже. Если в интервал попадает ноль, потеря не "
        "показана, но и не исключена: смотрите, как далеко он простирается. Прочерк: бенчмарк "
        "задают только двум полюсам или ответов обоих слишком мало.",
    ),
    "ladder_benchmarks_table": (
        "Accuracy of each step less that of its end, item by item",
        "Точность каждой ступени минус точность её полюса, вопрос за вопросом",
    ),
    "factor": ("factor", "фактор"),
    "level": ("level", "уровень"),
    "step_from": ("from", "откуда"),
    "mean_usable": ("mean of the usable rubrics", "среднее по пригодным рубрикам"),
    "factor_quantisation": ("quantisation", "квантование"),
    "factor_attention": ("attention", "внимание"),
    "factor_context": ("context", "контекст"),
    "factor_experts": ("active experts", "активные эксперты"),
    "factor_sampling": ("sampling", "сэмплирование"),
    "factor_thinking": ("thinking", "размышление"),
    "factor_extras": ("extra modules", "дополнительные модули"),
    "factor_size": ("size", "размер"),
    "factor_instructions": ("instructions", "инструкции"),
    "factor_speculative": ("guessing ahead (null control)", "угадывание вперёд (нулевой контроль)"),
    "crossings": ("Two factors together", "Два фактора вместе"),
    "crossings_table": (
        "What the second adds to the effect of the first",
        "Что второй добавляет к эффекту первого",
    ),
    "crossings_key": (
        "What both do together beyond the sum of what each does alone, in levels of a five-level "
        "scale; told by people where they rated every arm on ten tasks or more, elsewhere by the "
        "panel. 0: nothing beyond. Below 0, away from the high end (↓): together they take more; "
        "away from the low end (↑): together they give less. For a language the effect in Russian "
        "less that in English; for long chains the effect on them less that on other tasks.",
        "Что оба делают вместе сверх суммы того, что каждый делает порознь, в уровнях "
        "пятиуровневой шкалы; по людям, если они оценили все плечи хотя бы в десяти заданиях, "
        "иначе по панели. Ноль: сверх суммы ничего. Ниже нуля при движении от верхнего полюса "
        "(↓): вместе отнимают больше; от нижнего (↑): вместе дают меньше. Для языка — эффект "
        "по-русски минус эффект по-английски; для длинных цепочек — эффект на них минус эффект "
        "на прочих заданиях.",
    ),
    "told_all": ("Told by, in every row: {who}.", "По чьим оценкам, во всех строках: {who}."),
    "told_by": ("told by", "по чьим оценкам"),
    "basis_people": ("people", "люди"),
    "basis_people and panel": ("people, helped by the panel", "люди с помощью панели"),
    "basis_panel": ("the panel", "панель"),
    "first_factor": ("first", "первый"),
    "second_factor": ("second", "второй"),
    "crossed_language": ("language (Russian less English)", "язык (русский минус английский)"),
    "crossed_long_chain": ("long chains less other tasks", "длинные цепочки минус прочие"),
    "known_groups": ("Does a rubric part the two ends", "Различает ли рубрика два полюса"),
    "known_groups_table": (
        "The panel's gap, uncorrected, judges only: plain and at equal length",
        "Разрыв по панели, без поправки, только судьи: как есть и при равной длине",
    ),
    "known_groups_key": (
        "A rubric whose interval holds 0 cannot tell the two ends apart here, whatever its panel "
        "is worth. The intervals are of the judges' scores alone, not of what people would say: "
        "where the panel is not usable, that its scores part the ends proves nothing. At equal "
        "length: between answers of as many words to one task; a rubric that rewards length alone "
        "comes to 0.",
        "Рубрика, в чей интервал попадает ноль, здесь два полюса не различает, какова бы ни была "
        "панель. Это интервалы самих оценок судей, а не того, что сказали бы люди: там, где панель "
        "непригодна, её различие ничего не доказывает. При равной длине — между ответами в одно "
        "число слов на одно задание: рубрика, которая вознаграждает только длину, даст ноль.",
    ),
    "parts_ends": ("parts them", "различает"),
    "parts_yes": ("its panel's scores do", "оценки панели различают"),
    "panel_is": ("the panel is", "панель"),
    "parts_no": ("no: it cannot tell the ends apart", "нет: полюсов она не различает"),
    "gap_plain": ("gap", "разрыв"),
    "gap_length": ("gap at equal length", "разрыв при равной длине"),
}  # fmt: skip
"""English and Russian by key, as those of words.py."""
