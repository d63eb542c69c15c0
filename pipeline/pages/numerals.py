"""How the report writes numbers, and its sentences with numbers in them, in both languages."""

from collections.abc import Iterable

from judges.rubric import Text
from pipeline.pages.words import WORDS

MINUS = "\N{MINUS SIGN}"


def both(said: str) -> Text:
    """The same in both languages; a dash where nothing is said."""
    return Text(en=said, ru=said) if said.strip() else WORDS["none"]


def number(value: float | None, digits: int = 2, signed: bool = False) -> Text:
    """`value` with a decimal point or comma; a dash where there is none.

    >>> number(-1.25, 1), number(None).en
    (Text(en='−1.2', ru='−1,2'), '–')
    """
    if value is None:
        return WORDS["none"]
    shown = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    if not shown.strip("+-0.,"):
        shown = shown.lstrip("+-")
    shown = shown.replace("-", MINUS)
    return Text(en=shown, ru=shown.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","}))


def count(value: int | None) -> Text:
    """A whole number; "unknown" where nobody counted."""
    return WORDS["unknown"] if value is None else number(value, 0)


def span(low: float | None, high: float | None) -> Text:
    """An interval, or a dash.

    >>> span(0.1, 0.25)
    Text(en='0.10 to 0.25', ru='от 0,10 до 0,25')
    """
    if low is None or high is None:
        return WORDS["none"]
    ends = number(low), number(high)
    return Text(en=f"{ends[0].en} to {ends[1].en}", ru=f"от {ends[0].ru} до {ends[1].ru}")


def money(value: float | None) -> Text:
    """US dollars; never 0 for what is not known."""
    if value is None:
        return WORDS["money_unknown"]
    shown = number(value, 2 if value >= 1 or value == 0 else 4)
    return Text(en=f"${shown.en}", ru=f"{shown.ru} $")


def duration(seconds: float) -> Text:
    """A time in the two largest units that it fills.

    >>> duration(3725), duration(4.25).en
    (Text(en='1 h 2 min', ru='1 ч 2 мин'), '4.2 s')
    """
    if seconds < 60:
        shown = number(seconds, 1)
        return Text(en=f"{shown.en} s", ru=f"{shown.ru} с")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return Text(en=f"{minutes} min {rest} s", ru=f"{minutes} мин {rest} с")
    hours, minutes = divmod(minutes, 60)
    return Text(en=f"{hours:,} h {minutes} min", ru=f"{hours} ч {minutes} мин")


def counted(value: int, noun: str) -> Text:
    """How many of a thing: English with its noun, Russian bare, for sentences like "судей: 5".

    >>> counted(1, "judge").en, counted(2, "rater").en
    ('1 judge', '2 raters')
    """
    shown = number(value, 0)
    return Text(en=f"{shown.en} {noun if value == 1 else f'{noun}s'}", ru=shown.ru)


def fill(key: str, **values: Text | str) -> Text:
    """The words of `key` with `values` in their places, each in its own language."""
    texts = {name: both(x) if isinstance(x, str) else x for name, x in values.items()}
    return Text(
        en=WORDS[key].en.format(**{name: text.en for name, text in texts.items()}),
        ru=WORDS[key].ru.format(**{name: text.ru for name, text in texts.items()}),
    )


def listed(texts: Iterable[Text]) -> Text:
    """The texts in a row, the last one after "and"; a dash where there are none."""
    items = list(texts) or [WORDS["none"]]
    english, russian = [x.en for x in items], [x.ru for x in items]
    return Text(en=_listed(english, WORDS["and"].en), ru=_listed(russian, WORDS["and"].ru))


def _listed(items: list[str], last: str) -> str:
    return f" {last} ".join(x for x in (", ".join(items[:-1]), items[-1]) if x)


def named(prefix: str, name: str) -> Text:
    """The words for a name of the tables, or the name itself where there are none."""
    return WORDS.get(f"{prefix}_{name}" if prefix else name, both(name))
