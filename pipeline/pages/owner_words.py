"""What the owner's page says in its own words, in both languages."""

from judges.rubric import Text

_PAIRS = {
    "ratings": ("ratings", "оценки"),
    "other": ("Русский", "English"),
    "download": ("Download", "Скачать"),
    "dealt": ("Handed out: {all}.", "Роздано: {all}."),
    "one_deal": ("{at} UTC (seed {seed})", "{at} UTC (зерно {seed})"),
    "anew": (
        "This page reads itself anew every quarter of a minute.",
        "Страница сама обновляется каждые пятнадцать секунд.",
    ),
    "unread": (
        "The server does not answer: these figures are older.",
        "Сервер не отвечает: эти цифры уже не свежие.",
    ),
    "so_far": ("the ratings so far, repeats left out", "оценки на эту минуту, без повторных"),
    "people": ("People", "Люди"),
    "rater": ("rater", "кто"),
    "class": ("class", "кто как читатель"),
    "done": ("done", "сделано"),
    "items": ("scores", "оценок"),
    "unjudged": ("not judged", "не смогли"),
    "seconds": ("seconds each", "секунд на оценку"),
    "again": ("same again", "повторили себя"),
    "again_of": ("{same} of {all}", "{same} из {all}"),
    "of": ("{who}: {done} of {all}", "{who}: {done} из {all}"),
    "forget": ("Delete …", "Удалить…"),
    "forget_whom": ("Delete {who} …", "Удалить {who}…"),
    "missed": (
        "attention items missed: {n} of {all}",
        "проверок внимания не пройдено: {n} из {all}",
    ),
    "in_file": (
        "rates in a file; ratings taken in: {n}",
        "оценивает в файле; принято оценок: {n}",
    ),
    "repeats": (
        "Hidden repeats among these: {n}. An answer is shown once more to see whether its score "
        "stays; the figures below leave them out.",
        "Из них скрытых повторов: {n}. Ответ показывают ещё раз, чтобы узнать, повторится ли "
        "оценка; в числах ниже их нет.",
    ),
    "agree": (
        "How far people agree: Krippendorff’s alpha, wanted within ±{half}",
        "Насколько люди согласны: альфа Криппендорфа, нужна с точностью ±{half}",
    ),
    "rubric": ("rubric", "рубрика"),
    "interval": ("95% interval", "интервал 95\u00a0%"),
    "answers": ("answers of 2+ people", "ответов, где людей двое и больше"),
    "needed": ("answers needed", "нужно ответов"),
    "thumb": ("by rule of thumb, 3 people each", "прикидка: по трое на ответ"),
    "there": ("the study has {n}", "всего в исследовании {n}"),
    "state": ("state", "состояние"),
    "interim": ("interim", "предварительно"),
    "left": (
        "ratings still to come: {n} ({who}).",
        "ещё не поставлено оценок: {n} ({who}).",
    ),
    "left_narrow": (
        "the interval is as narrow as was wanted, but it is final only when all that was dealt is "
        "rated. Ratings still to come: {n} ({who}).",
        "нужная точность уже есть, но итогом она станет, только когда оценят всё розданное. Ещё не "
        "поставлено оценок: {n} ({who}).",
    ),
    "too_wide": (
        "all that was dealt is rated, and it does not tell as much as was wanted. Deal more.",
        "всё розданное оценено, а нужной точности пока нет. Раздайте ещё.",
    ),
    "closed": (
        "of what was dealt nothing is left to rate, and it does not tell as much as was wanted. "
        "Deal more.",
        "из розданного оценивать больше нечего, а нужной точности нет. Раздайте ещё.",
    ),
    "exhausted": (
        "every answer of the study is rated, and it does not tell as much as was wanted. Let more "
        "people rate, or add tasks.",
        "все ответы исследования оценены, а нужной точности нет. Позовите ещё людей или добавьте "
        "заданий.",
    ),
    "stale": (
        "Reworded since: ratings under other words, which do not count here: {n}.",
        "Вопрос с тех пор переписали. Оценок по прежней редакции, которые здесь не в счёт: {n}.",
    ),
    "shut": ("Closed unrated: {n}.", "Закрыто неоценённых: {n}."),
    "moved": (
        "The study file says another target now. The one fixed when the study was first dealt "
        "counts.",
        "В файле исследования теперь другая цель. Считается та, что была назначена при первой "
        "раздаче.",
    ),
    "reached": ("target reached", "цель достигнута"),
    "split": ("Where people are split", "Где люди расходятся"),
    "scores": ("scores", "оценки"),
    "task": ("Task", "Задание"),
    "answer": ("Answer", "Ответ"),
    "nowhere": ("Nowhere yet by two levels or more.", "Пока нигде на два уровня и больше."),
    "forget_title": ("Delete all ratings: {who}", "Удалить все оценки: {who}"),
    "forget_said": (
        "Their scores and comments, from everything that was ever dealt to them in this study, "
        "leave the database and the study’s gold files here, their links stop working for good, "
        "and a file of theirs is taken in no more. It cannot be undone.",
        "Оценки и комментарии этого человека, сколько бы раз ему ни раздавали ответы этого "
        "исследования, исчезнут из базы и из здешних файлов эталона, его ссылки перестанут "
        "работать навсегда, а присланный им файл больше не примут. Отменить это нельзя.",
    ),
    "forget_not": (
        "It does not reach gold files on other machines, downloads and exports, files this person "
        "sent back by mail, backups, figures already counted, and the database’s list of who was "
        "given which answers, which holds the pseudonym and nothing they wrote.",
        "Удаление не затронет файлы эталона на других машинах, скачанные и выгруженные таблицы, "
        "файлы, присланные этим человеком по почте, резервные копии, уже сосчитанные результаты и "
        "хранящийся в базе список того, кому какие ответы розданы: там есть псевдоним, но нет "
        "ничего написанного этим человеком.",
    ),
    "type": ("Type the name to be sure:", "Чтобы подтвердить, введите имя:"),
    "delete": ("Delete", "Удалить"),
    "back": ("Back", "Назад"),
}
WORDS = {name: Text(en=en, ru=ru) for name, (en, ru) in _PAIRS.items()}
KINDS = {
    "writer": Text(en="writes or edits", ru="пишет или редактирует"),
    "philosopher": Text(en="works in philosophy", ru="занимается философией"),
    "other": Text(en="neither writer nor philosopher", ru="не пишет и не философ"),
    "expert": Text(en="expert", ru="знаток"),
    "skilled": Text(en="skilled", ru="опытный"),
    "crowd": Text(en="crowd", ru="обычный читатель"),
}
"""What a person is called, by what they said of themselves or by the class in a gold file."""
