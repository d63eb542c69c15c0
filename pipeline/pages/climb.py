"""What moving one factor does, as the page says it."""

from typing import NamedTuple

import polars as pl
from markupsafe import Markup

from judges.rubric import Text
from pipeline.pages import plots
from pipeline.pages.audits import with_span
from pipeline.pages.notes import note
from pipeline.pages.numerals import both, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row
from pipeline.pages.words import WORDS
from pipeline.stats import causes


class Step(NamedTuple):
    """One arm of the ladder beside its end."""

    factor: Text
    level: str
    start: Text
    mean: Row
    """Of EFFECTS, of the mean of the usable rubrics."""
    by_rubric: dict[str, Row]


def steps(slip: Slip) -> list[Step]:
    """The ladder's steps in the order of the study's file."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in slip.effects.to_dicts():
        found.setdefault((row["factor"], row["start"], row["level"]), []).append(row)
    return [
        Step(
            WORDS[f"factor_{factor}"],
            level,
            _from(start),
            next(x for x in own if x["rubric"] is None),
            {x["rubric"]: x for x in own if x["rubric"] is not None},
        )
        for (factor, start, level), own in found.items()
    ]


def silent(slip: Slip) -> list[tuple[str, Text]]:
    """The rubrics that lack effects, each with its reasons, once."""
    rows = (
        slip.effects.drop_nulls(["rubric", "note"])
        .select("rubric", "note")
        .unique(maintain_order=True)
    )
    return [(rubric, note(said)) for rubric, said in rows.iter_rows()]


def shown(row: Row | None) -> Text:
    """An effect with its interval, or a dash."""
    if row is None:
        return WORDS["none"]
    return with_span(row["effect"], row["low"], row["high"], signed=True)


def p_of(p: float | None) -> Text:
    """A p, none smaller than .001.

    >>> p_of(0.00002)
    Text(en='<0.001', ru='<0,001')
    """
    return number(p, 3) if p is None or p >= 0.001 else Text(en="<0.001", ru="<0,001")


def picture(slip: Slip) -> Markup | None:
    """The mean effect of every step on one axis; None where there is none."""
    rows, titles = [], {}
    for place, one in enumerate(steps(slip)):
        if one.mean["effect"] is None:
            continue
        name = f"step-{place}"
        arrow = {"hicap": "↓", "locap": "↑"}[one.mean["start"]]
        titles[name] = Text(
            en=f"{arrow} {one.factor.en} {one.level}", ru=f"{arrow} {one.factor.ru} {one.level}"
        )
        rows.append(
            {x: one.mean[x] for x in ("low", "high")} | {"rubric": name, "gap": one.mean["effect"]}
        )
    return plots.forest(rows, titles, "ladder")


def control(slip: Slip) -> Text:
    """What the null control says."""
    held = causes.control(slip.effects)
    return WORDS["control_none" if held is None else "control_holds" if held else "control_fails"]


class Crossed(NamedTuple):
    """A pair of factors, from one end."""

    start: Text
    first: Text
    second: Text
    rows: dict[str | None, Row]
    """Of CROSSINGS, by rubric; None = the mean of the usable ones."""


def crossed(slip: Slip) -> list[Crossed]:
    """Each pair of factors from each end."""
    found: dict[tuple[str, str, str], dict[str | None, Row]] = {}
    for row in slip.crossings.to_dicts():
        place = (row["start"], row["first"], row["second"])
        found.setdefault(place, {})[row["rubric"]] = row
    return [
        Crossed(_from(start), _moved(first), WORDS.get(f"crossed_{second}") or _moved(second), rows)
        for (start, first, second), rows in found.items()
    ]


def _from(start: str) -> Text:
    return both({"hicap": "↓ HiCap", "locap": "↑ LoCap"}[start])


def _moved(said: str) -> Text:
    """A factor and its level, the factor in the reader's words."""
    factor, _, level = said.partition(" ")
    named = WORDS[f"factor_{factor}"]
    return Text(en=f"{named.en} {level}", ru=f"{named.ru} {level}")


def rubrics_of(table: pl.DataFrame) -> list[str]:
    """The rubrics of which the table says something, in its order."""
    return [x for x in table["rubric"].unique(maintain_order=True) if x is not None]
