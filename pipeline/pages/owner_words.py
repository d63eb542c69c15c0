"""What the owner's page says in its own words, in both languages."""

from judges.rubric import Text

_PAIRS = {
    "ratings": ("ratings", "оценки"),
    "other": ("Русский", "English"),
    "dealt": ("Handed out: {all}.", "Роздано: {all}."),
    "one_deal": ("{at} UTC (seed {seed})", "{at} UTC (зерно {seed})"),
    "anew": (
        "This page reads itself anew every quarter of a minute.",
        "Страница сама обновляется каждые пятнадцать секунд.",
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
    "of": ("{who}: {done} of {all}", "{who}: {done} из {all}"),
    "forget": ("Delete …", "Удалить…"),
    "missed": (
        "attention items missed: {n} of {all}",
        "проверок внимания не пройдено: {n} из {all}",
    ),
    "in_file": (
        "rates in a file; ratings taken in: {n}",
        "оценивает в файле; принято оценок: {n}",
    ),
    "agree": (
        "How far people agree: Krippendorff’s alpha, wanted within ±{half}",
        "Насколько люди согласны: альфа Криппендорфа, нужна с точностью ±{half}",
    ),
    "rubric": ("rubric", "рубрика"),
    "interval": ("95% interval", "интервал 95 %"),
    "to": ("{low} to {high}", "от {low} до {high}"),
    "answers": ("answers of 2+ people", "ответов, где людей двое и больше"),
    "needed": ("answers needed", "нужно ответов"),
    "state": ("state", "состояние"),
    "interim": ("interim", "предварительно"),
    "left": (": ratings still to come: {n}", ": ещё не поставлено оценок: {n}"),
    "too_wide": (
        ": all that was dealt is rated, and it does not tell as much as was wanted; deal more",
        ": всё розданное оценено, а нужной точности пока нет; раздайте ещё",
    ),
    "moved": (
        "The study file says another target now. The one fixed when the study was first dealt "
        "counts.",
        "В файле исследования теперь другая цель. Считается та, что была назначена при первой "
        "раздаче.",
    ),
    "reached": ("target reached", "цель достигнута"),
    "split": ("Where people are split", "Где люди расходятся"),
    "scores": ("scores", "оценки"),
    "answer": ("answer", "ответ"),
    "nowhere": ("Nowhere yet by two levels or more.", "Пока нигде на два уровня и больше."),
    "forget_title": ("Delete all ratings: {who}", "Удалить все оценки: {who}"),
    "forget_said": (
        "Their scores and comments, from everything that was ever dealt to them in this study, "
        "leave the database and the study’s gold files here, and their links stop working for "
        "good. It cannot be undone.",
        "Оценки и комментарии этого человека, сколько бы раз ему ни раздавали ответы этого "
        "исследования, исчезнут из базы и из здешних файлов эталона, его ссылки перестанут "
        "работать навсегда. Отменить это нельзя.",
    ),
    "forget_not": (
        "It does not reach gold files on other machines, downloads and exports, files this person "
        "sent back by mail, backups, figures already counted, and the list of who was given which "
        "answers (data/gold/handouts), which holds the pseudonym and nothing they wrote.",
        "Удаление не затронет файлы эталона на других машинах, скачанные и выгруженные таблицы, "
        "файлы, присланные этим человеком по почте, резервные копии, уже сосчитанные результаты и "
        "список того, кому какие ответы розданы (data/gold/handouts): там есть псевдоним, но нет "
        "ничего написанного этим человеком.",
    ),
    "type": ("Type the name to be sure:", "Чтобы подтвердить, введите имя:"),
    "delete": ("Delete", "Удалить"),
    "back": ("Back", "Назад"),
}
WORDS = {name: Text(en=en, ru=ru) for name, (en, ru) in _PAIRS.items()}
CLASSES = {
    "expert": Text(en="expert", ru="знаток"),
    "skilled": Text(en="skilled", ru="опытный"),
    "crowd": Text(en="crowd", ru="обычный читатель"),
}
