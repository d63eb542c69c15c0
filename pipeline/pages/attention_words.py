"""What an attention item says in place of a task and an answer."""

from judges.rubric import Text

TASK = Text(en="A check of attention", ru="Проверка внимания")
ANSWER = Text(
    en="This is no answer, and there is nothing to judge: it only shows that the page is being "
    "read. Choose level {level}, “{name}”.",
    ru="Это не ответ, и оценивать здесь нечего: так видно, что страницу читают. Выберите уровень "
    "{level} — «{name}».",
)
