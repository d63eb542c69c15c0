"""The two extremes of capacity row by row: what is asked, what an arm is, and whether it is met."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from judges.rubric import Text
from pipeline.capacity import ROWS, Asked, Mark, Profile, Row

Extreme = Literal["hicap", "locap"]
Met = Literal["yes", "no", "not known"]
HICAP_EXTRAS = frozenset({"attention_sinks", "router_boost", "softmax_tricks"})
HICAP_SECONDS = 600.0
"""Ten minutes, if it wants them."""
_UNKNOWN = Text(en="not known", ru="неизвестно")
_WORDS = {
    "unlimited": Text(en="unlimited", ru="не ограничено"),
    "capped": Text(en="capped", ru="ограничено"),
    "none": Text(en="none", ru="нет"),
    "tuned": Text(en="tuned", ru="подобраны"),
    "defaults": Text(en="the defaults", ru="по умолчанию"),
    "attention_sinks": Text(en="attention sinks", ru="стоки внимания"),
    "router_boost": Text(en="router boost", ru="усиление маршрутизатора"),
    "softmax_tricks": Text(en="softmax tricks", ru="приёмы с softmax"),
    "sliding_window": Text(en="sliding window", ru="скользящее окно"),
    "speculative_decoding": Text(en="speculative decoding", ru="спекулятивное декодирование"),
    "router_reranking": Text(en="router re-ranking", ru="переранжирование маршрутизатором"),
}


class Held(NamedTuple):
    """One row of an extreme held against the arm that plays it."""

    row: str
    title: Text
    unit: Text | None
    asked: Text
    actual: Text
    mark: Mark | None
    """How it is known; None where it is not."""
    met: Met


def held(extreme: Extreme, profile: Profile, marks: Mapping[str, Mark]) -> tuple[Held, ...]:
    """The eight rows: what `extreme` asks, what `profile` is, and whether that meets it.

    `profile` has in it what was shown where that differs from what was said; `marks` says by
    field how each is known. A range is met from one end to the other: more than a range asks is
    not met either, as the extremes would then be other ones. Source of the rows: the study's
    definition of the two extremes.
    """
    return tuple(_held(row, extreme, profile, marks) for row in ROWS)


def _held(row: Row, extreme: Extreme, profile: Profile, marks: Mapping[str, Mark]) -> Held:
    asked = row.hicap if extreme == "hicap" else row.locap
    mark = next((marks[x] for x in row.fields if x in marks), None)
    actual = _said(row, profile)
    if actual == _UNKNOWN and mark != "contradicted":
        mark = None  # that of a field beside it, which is known
    if row.id == "thinking" and mark == "contradicted":
        actual = Text(
            en=f"{actual.en} by its profile, otherwise by its answers",
            ru=f"по профилю {actual.ru}, по ответам иначе",
        )
    met = _met(row, asked, extreme, profile, marks)
    return Held(row.id, row.title, row.unit, asked.said, actual, mark, met)


def number_of(profile: Profile, field: str) -> float | None:
    """A number of the profile by its dotted name; None = not known."""
    room, _, name = field.rpartition(".")
    value = getattr(getattr(profile, room) if room else profile, name)
    assert value is None or isinstance(value, int | float)
    return value


def _met(
    row: Row, asked: Asked, extreme: Extreme, profile: Profile, marks: Mapping[str, Mark]
) -> Met:
    said: dict[str, bool | None] = {
        "thinking": _thinking(extreme, profile) and marks.get("thinking.mode") != "contradicted",
        "extras": _extras(extreme, profile),
        "inference": profile.inference == ("tuned" if extreme == "hicap" else "defaults"),
    }
    experts = profile.experts
    if row.id in ("experts", "expert_size") and experts.total == 0:
        said[row.id] = extreme == "locap"  # of a dense model no expert is too many or too large
    if row.id == "experts" and extreme == "locap" and experts.total in (1, 2):
        pair = None if experts.active is None else experts.active == 1
        said[row.id] = experts.total == 2 and pair
    if row.id == "quantisation" and extreme == "hicap":
        said[row.id] = _unquantised(asked, profile)
    elif row.id == "quantisation" and profile.weight_bits is None and _is_plain(profile):
        said[row.id] = False  # weights that nobody quantised have 16 bits or more
    holds = said[row.id] if row.id in said else _in_range(asked, profile)
    return "not known" if holds is None else "yes" if holds else "no"


def _unquantised(asked: Asked, profile: Profile) -> bool | None:
    """Whether no weight is quantised: by the method's name, and by the bits where none is named.

    Embeddings kept in more bits may bring the mean of a quantised model above 16.
    """
    if profile.quantisation.lower().startswith("not "):  # not published, not stated
        return _in_range(asked, profile)
    return _is_plain(profile) and _in_range(asked, profile) is not False


def _is_plain(profile: Profile) -> bool:
    return profile.quantisation.lower() in _PLAIN


_PLAIN = frozenset({"none", "f16", "fp16", "bf16", "bfloat16", "f32", "fp32"})


def _in_range(asked: Asked, profile: Profile) -> bool | None:
    """Whether every number is in its range; None where none is outside and some are not known."""
    found = [(number_of(profile, field), bounds) for field, bounds in asked.ranges]
    if any(value is not None and not bounds.holds(value) for value, bounds in found):
        return False
    return None if any(value is None for value, _ in found) else True


def _thinking(extreme: Extreme, profile: Profile) -> bool:
    asked = profile.thinking
    if extreme == "locap":
        return asked.mode in ("capped", "none")
    return asked.mode == "unlimited" and (asked.seconds or HICAP_SECONDS) >= HICAP_SECONDS


def _extras(extreme: Extreme, profile: Profile) -> bool | None:
    if profile.extras is None:
        return None
    return set(profile.extras) >= HICAP_EXTRAS if extreme == "hicap" else not profile.extras


def _said(row: Row, profile: Profile) -> Text:
    """What the profile says in the words of the row, without its unit."""
    if row.id == "thinking":
        mode, seconds = _WORDS[profile.thinking.mode], profile.thinking.seconds
        if seconds is None:
            return mode
        told = written(seconds)
        return Text(en=f"{mode.en}, {told.en} s", ru=f"{mode.ru}, {told.ru} с")
    if row.id == "inference":
        return _WORDS[profile.inference]
    if row.id == "extras":
        if profile.extras is None:
            return _UNKNOWN
        return _joined([_WORDS[x] for x in profile.extras]) if profile.extras else _WORDS["none"]
    if row.id == "quantisation":
        return _quantisation(profile)
    if row.id == "experts":
        return _experts(profile)
    if row.id == "expert_size" and profile.experts.total == 0:
        return Text(en="none: the model is dense", ru="нет: модель плотная")
    value = number_of(profile, row.fields[0])
    return _UNKNOWN if value is None else written(value)


def _quantisation(profile: Profile) -> Text:
    name = _WORDS.get(profile.quantisation, Text(en=profile.quantisation, ru=profile.quantisation))
    if profile.weight_bits is None:
        return name
    bits = written(profile.weight_bits)
    return Text(en=f"{name.en}, {bits.en}", ru=f"{name.ru}, {bits.ru}")


def _experts(profile: Profile) -> Text:
    total, active = profile.experts.total, profile.experts.active
    if total is None:
        return _UNKNOWN
    if total == 0:
        return Text(en="0", ru="0")
    if active is None:
        return Text(en=f"{total}, at work: not known", ru=f"{total}, в работе: неизвестно")
    return Text(en=f"{total}, {active} at work", ru=f"{total}, в работе {active}")


def written(value: float) -> Text:
    r"""A number of a profile as people write it.

    >>> written(131072), written(7.615616)
    (Text(en='131,072', ru='131\xa0072'), Text(en='7.62', ru='7,62'))
    """
    if 0.001 <= value < 10:
        shown = f"{value:.3g}"
    else:  # never 4.9e-05
        shown = f"{value:,.{2 if value >= 10 else 6}f}".rstrip("0").rstrip(".")
    return Text(en=shown, ru=shown.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","}))


def _joined(texts: list[Text]) -> Text:
    return Text(en=", ".join(x.en for x in texts), ru=", ".join(x.ru for x in texts))


def unmet(extreme: Extreme, arm: str, rows: tuple[Held, ...]) -> Text:
    """What of an extreme the arm that plays it does not meet, and what is not known, in words."""
    lacking = [x for x in rows if x.met == "no"]
    open_ones = [x for x in rows if x.met == "not known"]
    met = len(rows) - len(lacking) - len(open_ones)
    name = "HiCap" if extreme == "hicap" else "LoCap"
    en = f"{arm} meets {met} of the {len(rows)} rows of {name}."
    ru = f"{arm}: выполнено условий {name}: {met} из {len(rows)}."
    if lacking:
        en += f" Not met: {_row_list(lacking, 'en', 'asked')}."
        ru += f" Не выполнено: {_row_list(lacking, 'ru', 'нужно')}."
    if open_ones:
        en += f" Not known: {', '.join(x.title.en for x in open_ones)}."
        ru += f" Неизвестно: {', '.join(x.title.ru for x in open_ones)}."
    return Text(en=en, ru=ru)


def _row_list(rows: list[Held], language: Literal["en", "ru"], asked: str) -> str:
    return "; ".join(
        f"{getattr(x.title, language)}: {getattr(x.actual, language)} ({asked}: "
        f"{getattr(x.asked, language)})"
        for x in rows
    )
