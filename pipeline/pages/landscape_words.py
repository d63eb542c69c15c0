"""What the report says of the probability landscape, and its notes in Russian."""

LANDSCAPE = {
    "landscape": ("The probability landscape", "Ландшафт вероятностей"),
    "landscape_key": (
        "Entropy: how many bits the choice of the next token carries; 0 if only one is possible. "
        "Along own answers: over the beginnings of answers, asked again with their probabilities "
        "in the way the arm is asked; where it thinks aloud first, over those of its notes. "
        "On the same texts: after the same words, whoever wrote them. A server shows only the most "
        "probable tokens, so the entropy is given as what it is at least, and beside it what it is "
        "at most; differences are between the least values. Nothing here was judged: a wide "
        "landscape is not yet a deep thought.",
        "Энтропия показывает, сколько бит несёт выбор следующего токена: 0, когда возможен лишь "
        "один. «По своим ответам»: вдоль начал ответов, запрошенных ещё раз вместе с "
        "вероятностями, — так же, как спрашивают сам ответ; если модель сначала думает вслух, то "
        "вдоль начал её заметок. «На одних текстах»: после одних и тех же слов, кто бы их ни "
        "написал. "
        "Сервер показывает только самые вероятные токены, поэтому дана нижняя граница энтропии, а "
        "рядом — верхняя; разницы взяты между нижними. Здесь никто ничего не оценивал: широкий "
        "ландшафт — ещё не глубокая мысль.",
    ),
    "landscape_draws_key": (
        "Different words, pairs and threes: their share among all words of the draws of one task, "
        "taken together. Spread: the mean distance (1 − cosine) of the embeddings of every two "
        "draws. Both need two draws or more; as many of each arm are taken. For the differences "
        "every text is cut to the same number of words, as longer ones repeat themselves more.",
        "Разные слова, пары и тройки: их доля среди всех слов повторных ответов на одно задание, "
        "взятых вместе. Разброс: среднее расстояние (1 − косинус) между эмбеддингами каждых двух "
        "ответов. Для того и другого нужно не меньше двух ответов; у всех полюсов их берётся "
        "поровну. Для разниц все тексты обрезаны до одного числа слов, потому что длинные чаще "
        "повторяются.",
    ),
    "scape_silent": (
        "Not known of any arm — {why}: {what}.",
        "Ни для кого не известно — {why}: {what}.",
    ),
    "scape_refused": (
        "Not measured for any pair of arms: {why}.",
        "Ни для одной пары не измерено: {why}.",
    ),
    "landscape_table": (
        "How wide each arm’s landscape is",
        "Насколько широк ландшафт у каждого полюса",
    ),
    "landscape_gaps": ("Who has the wider one", "У кого он шире"),
    "landscape_gaps_table": (
        "Differences on the tasks that both arms have, paired by task",
        "Разницы на заданиях, которые есть у обоих полюсов, попарно по заданиям",
    ),
    "divergence": (
        "What each would say next in the same place",
        "Что каждый сказал бы дальше на том же месте",
    ),
    "divergence_table": (
        "How far the next-token distributions of two arms lie apart after the same texts",
        "Как далеко расходятся распределения следующего токена у двух полюсов после одних и тех же "
        "текстов",
    ),
    "divergence_key": (
        "In bits, 0 where both expect exactly the same. P is the first arm, Q the second. KL(P‖Q): "
        "what P’s choices cost whoever expects Q. Jensen–Shannon: the same both ways, at most 1. "
        "All three are lower bounds: tokens that are not shown are merged or left out, which can "
        "only bring two distributions nearer (the data-processing inequality). With the weights "
        "of one model at two precisions this is what quantisation itself did. Texts are continued "
        "bare, without the chat template.",
        "В битах; 0, когда оба ожидают в точности одного. P — первый полюс, Q — второй. KL(P‖Q): "
        "во сколько обходится выбор P тому, кто ждёт Q. Йенсен–Шеннон: то же в обе стороны, не "
        "больше 1. Все три — оценки снизу: токены, которых не видно, слиты вместе или пропущены, "
        "а это может только сблизить распределения (неравенство обработки данных). Если это одна "
        "модель в двух точностях, то видно, что сделала сама квантизация. Тексты продолжаются как "
        "есть, без шаблона диалога.",
    ),
    "scape_entropy_own": ("entropy along own answers, bits", "энтропия по своим ответам, бит"),
    "scape_entropy_same": ("entropy on the same texts, bits", "энтропия на одних текстах, бит"),
    "scape_distinct_1": ("different words", "разных слов"),
    "scape_distinct_2": ("different pairs of words", "разных пар слов"),
    "scape_distinct_3": ("different threes of words", "разных троек слов"),
    "scape_spread": ("spread of draws in meaning", "разброс ответов по смыслу"),
    "scape_value": ("mean", "среднее"),
    "scape_most": ("at most", "не больше"),
    "scape_rest": ("probability not shown", "вероятность вне показанных"),
    "scape_units": ("places or answers", "мест или ответов"),
    "scape_arms": ("arms", "полюса"),
    "scape_difference": ("difference", "разница"),
    "scape_p": ("p", "p"),
    "scape_forward": ("KL(P‖Q)", "KL(P‖Q)"),
    "scape_backward": ("KL(Q‖P)", "KL(Q‖P)"),
    "scape_shannon": ("Jensen–Shannon", "Йенсен–Шеннон"),
    "scape_same_top": ("same first choice", "первый выбор совпал"),
    "scape_shared": ("of P on tokens both show", "доля P на общих токенах"),
    "scape_prefixes": ("texts", "текстов"),
    "scape_every_language": ("all", "все"),
    "stage_landscape": ("probability landscape", "ландшафт вероятностей"),
}  # fmt: skip

NOTES = {
    r"no interval: the same on every prompt": "интервала нет: на всех заданиях одно и то же",
    r"much of the probability is not shown": "изрядная часть вероятности не показана",
    r"no prompt has a value": "ни у одного задания нет значения",
    r"one draw per answer": "на каждое задание один ответ, сравнивать не с чем",
    r"fewer than two draws of any answer": "ни на одно задание нет двух ответов",
    r"not asked yet": "ещё не спрошено",
    r"no task fits, as the arm puts it": "ни одно задание не помещается так, как его ставят",
    r"no log-probabilities asked for": "вероятности не запрошены",
    r"no prefixes asked for": "тексты для продолжения не запрошены",
    r"no embeddings asked for": "эмбеддинги не запрошены",
    r"its answers are recorded: no model is asked": (
        "ответы записаны: ни одну модель не спрашивают"
    ),
    r"Claude gives no log-probabilities": "Claude не сообщает вероятностей",
    r"the server gives no log-probabilities": "сервер не сообщает вероятностей",
    r"a text does not fit the model's window": "текст не помещается в окно модели",
    r"its service continues no bare text": "эта служба не продолжает текст без диалога",
    r"no text was continued by both": "ни одного текста не продолжили оба",
    r"a server does not count the tokens of a text: the tokenisers may differ": (
        "сервер не считает токены текста: токенизаторы могут быть разными"
    ),
    r"the tokenisers differ: (\d+) of (\d+) texts are not as many tokens": (
        "токенизаторы разные: у {0} из {1} текстов число токенов не совпало"
    ),
}
"""Patterns of notes, and their Russian."""
