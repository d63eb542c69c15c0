"""The page that says, in both languages, why a link does not open."""

from judges.rubric import Text
from pipeline.pages.templating import template

_NEW = ("Ask whoever invited you for the link.", "Попросите ссылку у того, кто вас пригласил.")
_PAIRS = {
    "unknown": (
        f"This invitation is not known, or no longer holds. {_NEW[0]}",
        f"Это приглашение неизвестно или больше не действует. {_NEW[1]}",
    ),
    "uninvited": (
        "This page opens by your own link. If you have opened it here before, open the link once "
        "more.",
        "Эта страница открывается по вашей личной ссылке. Если здесь она уже открывалась, откройте "
        "ссылку ещё раз.",
    ),
    "guesses": (
        "Too many wrong links came from your network. Wait a minute and try again.",
        "Из вашей сети пришло слишком много неверных ссылок. Подождите минуту и попробуйте снова.",
    ),
    "often": (
        "This was asked too often. Wait a little and try again.",
        "Слишком много запросов подряд. Подождите немного и попробуйте снова.",
    ),
    "not_owner": (
        "This page opens by the owner’s link, which the server printed when it was started.",
        "Эта страница открывается по ссылке владельца: сервер напечатал её при запуске.",
    ),
    "elsewhere": (
        "This server does not answer to the name in your link. Open the link as it was given to "
        "you; whoever runs the server can add a name with --name.",
        "Сервер не отзывается на имя, которое стоит в вашей ссылке. Откройте ссылку в том виде, в "
        "каком её получили; владелец сервера может добавить имя ключом --name.",
    ),
    "foreign": (
        "This was sent from another site, or from a page that is no longer current. Open it again "
        "by your link.",
        "Это пришло с другого сайта или с устаревшей страницы. Откройте её снова по своей ссылке.",
    ),
    "away": (
        "The ratings cannot be reached now. What was saved is safe; try again in a minute.",
        "Сейчас к оценкам нет доступа. Всё сохранённое цело; попробуйте снова через минуту.",
    ),
    "undeleted": (
        "It could not be deleted, or not all of it; why, the server’s log says. Once that is "
        "mended, delete once more.",
        "Удалить не получилось, или получилось не до конца; причина — в журнале сервера. Когда она "
        "будет устранена, удалите ещё раз.",
    ),
    "nobody": ("Nobody by that name was invited.", "Никого с таким именем не приглашали."),
    "unsure": (
        "The name was typed otherwise, so nothing was deleted. Go back and type it once more.",
        "Имя введено иначе, поэтому ничего не удалено. Вернитесь и введите его ещё раз.",
    ),
    "nothing": ("There is no such page here.", "Такой страницы здесь нет."),
}
REFUSALS: dict[str, Text] = {name: Text(en=en, ru=ru) for name, (en, ru) in _PAIRS.items()}


def render(said: str) -> str:
    """The page as HTML: `said` is one of REFUSALS, and any other refusal is shown as it stands."""
    return template("refused.html.j2").render(said=REFUSALS.get(said) or Text(en=said, ru=said))
