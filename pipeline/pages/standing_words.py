"""What the report says of agreement with people and of the leaderboard of judges."""

STANDING = {
    "agreement": ("Agreement with people", "Согласие с людьми"),
    "agreement_heading": (
        "Krippendorff’s alpha of every judge, the panel and each person, beside people",
        "Альфа Криппендорфа: каждый судья, панель и каждый человек рядом с людьми",
    ),
    "agreement_key": (
        "The mark is alpha, a mean over the people beside whom one stands: 1 is full agreement; 0, "
        "the grey upright line, is what chance would give. The thin line is its 95% interval. The "
        "band is that of people among themselves, the blue upright line the ceiling: what one more "
        "person would reach. The heavy line is the 90% interval of delta, laid from the small blue "
        "tick, which is alpha of people on the same answers: where the line lies wholly left of "
        "the tick, one agrees with people less than people do. Hollow diamonds are people, each "
        "left out in turn; hollow squares, judges that only count words: the baseline that the "
        "panel must beat. At the right: alpha, and delta in brackets.",
        "Знак — альфа, средняя по людям, с которыми сравнивают: 1 — полное согласие, 0 (серая "
        "вертикаль) — согласие на уровне случайного. Тонкая линия — её 95%-й интервал. Полоса — "
        "такой же интервал людей между собой, синяя вертикаль — потолок: сколько набрал бы ещё "
        "один человек. Толстая линия — 90%-й интервал дельты, отложенный от синей чёрточки, то "
        "есть от альфы людей на тех же ответах: если линия целиком левее чёрточки, согласия с "
        "людьми меньше, чем у людей друг с другом. Пустые ромбы — люди, каждого по очереди "
        "сравнивают с остальными; пустые квадраты — судьи, которые только считают слова: нижняя "
        "планка, выше которой панель обязана подняться. Справа — альфа, в скобках дельта.",
    ),
    "agreement_none": (
        "No alpha is defined, so there is no picture; the reasons follow.",
        "Ни одна альфа не определена, рисовать нечего; причины ниже.",
    ),
    "people_drawn": (
        "People in the picture: the {drawn} of {all} who rated most; the table has all.",
        "На рисунке из людей {drawn} с наибольшим числом оценок (всего {all}); в таблице все.",
    ),
    "undefined": ("Not defined, and why", "Что не определено и почему"),
    "everywhere": ("every rubric", "все рубрики"),
    "between_table": ("Judges among themselves", "Судьи между собой"),
    "people": ("people", "люди"),
    "people_between": ("people among themselves", "люди между собой"),
    "judges_between": ("judges among themselves", "судьи между собой"),
    "with_people": ("{rater} with people", "{rater} с людьми"),
    "panel": ("panel", "панель"),
    "overall": ("Which judge is nearest to people", "Какой судья ближе всех к людям"),
    "overall_table": (
        "delta of each judge on each rubric, and its mean",
        "Дельта каждого судьи по каждой рубрике и её среднее",
    ),
    "overall_mean": ("mean", "среднее"),
    "overall_key": (
        "0: agrees with a person as people do; below 0: less. The mean only orders the judges: "
        "whether one may be believed is said rubric by rubric.",
        "0 — согласен с человеком так же, как люди между собой; ниже нуля — меньше. Среднее только "
        "упорядочивает судей: можно ли верить судье, сказано по каждой рубрике отдельно.",
    ),
    "alpha": ("alpha", "альфа"),
    "interval": ("95% interval", "95%-й интервал"),
    "units": ("answers", "ответов"),
    "ratings": ("ratings", "оценок"),
    "raters": ("raters", "оценщиков"),
    # the filters
    "sift": ("Show only", "Показать только"),
    "sift_key": (
        "They hide rows; nothing is counted anew.",
        "Фильтры прячут строки, но ничего не пересчитывают.",
    ),
    "sift_clear": ("Show all", "Показать всё"),
    "sift_hidden": ("Rows hidden: {count}.", "Скрыто строк: {count}."),
    "sift_nothing": ("Nothing here fits the filters.", "Под эти условия здесь ничего нет."),
    # the leaderboard
    "board": ("Who comes near to people: {rubric}", "Кто ближе к людям: {rubric}"),
    "board_key": (
        "Sorted by delta: alpha beside people, minus alpha of people among themselves on the same "
        "answers. The alternative annotator test asks of each person whether the judge could stand "
        "in; omega is the share of people for whom it could, and half is enough to pass. Taken "
        "alone: the verdict that a judge would get as a panel of its own, and what decided it.",
        "Порядок — по дельте: альфа рядом с людьми минус альфа людей между собой на тех же "
        "ответах. Тест на замену спрашивает о каждом человеке, мог ли бы судья его заменить; "
        "омега — доля тех, кого мог бы, и для зачёта хватает половины. Сам по себе — какой вердикт "
        "получил бы судья, будь он панелью, и что его решило.",
    ),
    "board_table": (
        "The panel, every judge and each person left out",
        "Панель, каждый судья и каждый человек против остальных",
    ),
    "rater": ("who", "кто"),
    "is_person": ("a person, left out", "человек против остальных"),
    "is_counting": ("floor: counts words only", "нижняя планка: только считает"),
    "ceiling": ("one more person", "ещё один человек"),
    "is_ceiling": ("ceiling", "потолок"),
    "yardstick": ("alpha of people", "альфа людей"),
    "delta": ("delta", "дельта"),
    "interval_90": ("90% interval", "90%-й интервал"),
    "omega": ("omega", "омега"),
    "alt_test": ("could stand in for a person", "может заменить человека"),
    "taken_alone": ("taken alone", "сам по себе"),
    "alone_human-alpha": ("people", "люди"),
    "alone_delta": ("delta", "дельта"),
    "alone_alternative-annotator": ("omega", "омега"),
    "alone_floor": ("word counts", "подсчёт слов"),
    "alone_arm-bias": ("arm bias", "перекос к полюсу"),
    "alone_rank": ("order", "порядок"),
    "untested": (
        "Who could stand in for a person cannot be said: {why}.",
        "Кто мог бы заменить человека, сказать нельзя: {why}.",
    ),
    "yes": ("yes", "да"),
    "no": ("no", "нет"),
    "cannot be said": ("cannot be said", "нельзя сказать"),
    "over_floor": (
        "The panel beside the best judge that only counts, {judge}: alpha {panel} against {floor}, "
        "a lead of {lead}, 90% interval {interval}.",
        "Панель рядом с лучшим из судей, которые только считают ({judge}): альфа {panel} против "
        "{floor}, перевес {lead}, 90%-й интервал {interval}.",
    ),
    "over_floor_unknown": (
        "The panel beside the best judge that only counts, {judge}: not known ({why}).",
        "Панель рядом с лучшим из судей, которые только считают ({judge}): неизвестно ({why}).",
    ),
    "effective": (
        "The panel’s {judges} err as {effective} independent ones would (95% interval {interval}); "
        "the errors of two judges correlate at {correlation} on average.",
        "Панель ошибается так, как ошибались бы независимые судьи числом {effective} (95%-й "
        "интервал {interval}); всего судей:\u00a0{judges}, средняя корреляция ошибок двух "
        "судей\u00a0— {correlation}.",
    ),
    "effective_unknown": (
        "How many independent judges the panel is worth is not known: {why}.",
        "Скольким независимым судьям равна панель, неизвестно: {why}.",
    ),
    "more": ("More of each judge", "Подробнее о каждом судье"),
    "more_key": (
        "other measures, steadiness, use of the scale, what each judge adds, each arm and language",
        "другие меры, устойчивость, размах шкалы, вклад каждого судьи, полюса и языки порознь",
    ),
    "parted_table": (
        "Alpha with people in each arm and language by itself",
        "Альфа с людьми на каждом полюсе и в каждом языке отдельно",
    ),
    "parted": ("arm or language", "полюс или язык"),
    "measures_table": (
        "Other measures of agreement with people, means over pairs",
        "Другие меры согласия с людьми, средние по парам",
    ),
    "ac2": ("AC2", "AC2"),
    "kappa": ("weighted kappa", "взвешенная каппа"),
    "tau_b": ("tau-b", "тау-b"),
    "spearman": ("Spearman", "Спирмен"),
    "bias_levels": ("above people, levels", "выше людей, уровней"),
    "pairs": ("pairs", "пар"),
    "drawn_again": (
        "People’s alpha by a bootstrap of tasks, as published work often gives it: {low} to "
        "{high}. It covers less than 95% and decides nothing here.",
        "Альфа людей бутстрепом по заданиям, как её часто дают в публикациях: от {low} до {high}. "
        "Такой интервал накрывает реже, чем в 95% случаев, и здесь ничего не решает.",
    ),
    "alpha_interval": ("95% interval of alpha", "95%-й интервал альфы"),
    "steady_table": (
        "Does it say the same twice, and how wide a scale does it use",
        "Говорит ли он дважды одно и то же и какую часть шкалы занимает",
    ),
    "itself": ("alpha with itself", "альфа с самим собой"),
    "same": ("all draws the same", "все повторы совпали"),
    "no_draws": (
        "made of its judges, so it has no draws of its own",
        "составлена из судей, своих повторов у неё нет",
    ),
    "ratio": ("spread, a person is 1", "размах, у человека 1"),
    "levels_used": ("different scores", "разных оценок"),
    "commonest": ("commonest score", "самая частая оценка"),
    "added_table": ("What each judge adds to the panel", "Что каждый судья даёт панели"),
    "added": ("alpha added", "прибавка альфы"),
    "alpha_with": ("alpha of all", "альфа всех"),
    "alpha_without": ("without it", "без него"),
    "error_with": ("error of the gap, all", "ошибка разрыва, все"),
    "error_without": ("without it", "без него"),
}  # fmt: skip
"""English and Russian by key, as those of words.py."""
