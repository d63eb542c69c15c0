"""What the owner's page says in its own words, in both languages."""

from judges.rubric import Text

_PAIRS = {
    "ratings": ("ratings", "оценки"),
    "other": ("Русский", "English"),
    "dealt": (
        "Handed out {at}, seed {seed}. This page reads itself anew every quarter of a minute.",
        "Роздано {at}, зерно {seed}. Страница сама обновляется каждые пятнадцать секунд.",
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
    "reached": ("target reached", "цель достигнута"),
    "split": ("Where people are split", "Где люди расходятся"),
    "scores": ("scores", "оценки"),
    "answer": ("answer", "ответ"),
    "nowhere": ("Nowhere yet by two levels or more.", "Пока нигде на два уровня и больше."),
    "forget_title": ("Delete all ratings: {who}", "Удалить все оценки: {who}"),
    "forget_said": (
        "Their scores and comments leave the database and the study’s gold files, and their link "
        "stops working. It cannot be undone.",
        "Оценки и комментарии исчезнут из базы и из файлов золота, ссылка перестанет работать. "
        "Отменить это нельзя.",
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
