"""How wide is each arm's probability landscape, and how far apart, as the page says it."""

from typing import NamedTuple

from judges.rubric import Text
from pipeline.pages.belief import percent
from pipeline.pages.notes import note
from pipeline.pages.numerals import MINUS, both, fill, named, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row
from pipeline.pages.words import WORDS

_DIGITS = {"entropy_own": 2, "entropy_same": 2, "forward": 4, "backward": 4, "shannon": 4}
"""Digits after the point; three where nothing is said."""
_DISTANCES = ("forward", "backward", "shannon", "same_top")


class Apart(NamedTuple):
    """Two arms in one language."""

    row: Row
    """The first of its rows of DIVERGENCE: what is the same in all of them."""
    distances: tuple[Text, ...]
    """KL(P || Q), KL(Q || P), Jensen-Shannon and the share of the same first token."""


def figure(row: Row, column: str) -> Text:
    """A figure of a row, to the digits of its measure; a dash where there is none."""
    signed = column == "difference"
    return number(row[column], _DIGITS.get(row["measure"], 3), signed)


def interval(row: Row) -> Text:
    """The 95% interval of a row, or a dash."""
    if row["low"] is None or row["high"] is None:
        return WORDS["none"]
    signed = "difference" in row
    low, high = (number(row[x], _DIGITS.get(row["measure"], 3), signed) for x in ("low", "high"))
    return Text(en=f"{low.en} to {high.en}", ru=f"от {low.ru} до {high.ru}")


def language(row: Row) -> Text:
    """The language that a row is about."""
    spoken = row["language"]
    if spoken is None:
        return WORDS["none" if row["note"] and not row["prompts"] else "scape_every_language"]
    return named("in", spoken)


def arms(row: Row) -> Text:
    """The pair of a row as a difference."""
    return both(f"{row['high_arm']} {MINUS} {row['low_arm']}")


def by_measure(rows: list[Row]) -> list[list[Row]]:
    """The rows of each measure, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["measure"], []).append(row)
    return list(found.values())


def told(rows: list[Row]) -> list[Row]:
    """The rows of the measures of which something is known, or not known for several reasons."""
    return [row for own in by_measure(rows) if not _silent(own) for row in own]


def silent(rows: list[Row]) -> list[tuple[Text, Text]]:
    """The measures of which nothing is known in any row, for one reason, which is said once."""
    found: dict[str, list[str]] = {}
    for own in by_measure(rows):
        if _silent(own):
            found.setdefault(own[0]["note"] or "", []).append(own[0]["measure"])
    told = []
    for why, measures in found.items():
        en, ru = (
            "; ".join(getattr(WORDS[f"scape_{x}"], y) for x in measures) for y in ("en", "ru")
        )
        told.append((Text(en=en, ru=ru), note(why) if why else WORDS["unknown"]))
    return told


def _silent(rows: list[Row]) -> bool:
    """Whether the rows of a measure are all without a value, and for the same reason."""
    value = "difference" if "difference" in rows[0] else "value"
    return len({x["note"] for x in rows}) == 1 and all(x[value] is None for x in rows)


def refused(slip: Slip) -> Text | None:
    """Why no pair of arms was measured, where that is one reason for all; None elsewhere."""
    notes = set(slip.divergence["note"])
    if len(notes) > 1 or slip.divergence["value"].is_not_null().any():
        return None
    return fill("scape_refused", why=note(notes.pop()))


def apart(slip: Slip) -> list[Apart]:
    """DIVERGENCE with a row per pair and language."""
    found: dict[tuple[str, str, str | None], dict[str, Row]] = {}
    for row in slip.divergence.to_dicts():
        place = (row["high_arm"], row["low_arm"], row["language"])
        found.setdefault(place, {})[row["measure"]] = row
    return [
        Apart(next(iter(rows.values())), tuple(_distance(rows.get(x)) for x in _DISTANCES))
        for rows in found.values()
    ]


def _distance(row: Row | None) -> Text:
    """A value with its interval in brackets."""
    if row is None:
        return WORDS["none"]
    if row["measure"] == "same_top":
        return percent(row["value"])
    value, low, high = (number(row[x], 4) for x in ("value", "low", "high"))
    if row["low"] is None:
        return value
    return Text(en=f"{value.en} [{low.en}, {high.en}]", ru=f"{value.ru} [{low.ru}; {high.ru}]")
