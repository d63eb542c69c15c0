"""The words of the leaderboards and of the four questions."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline.pages import belief
from pipeline.pages.notes import note
from pipeline.pages.numerals import both, counted, fill, named, number, span
from pipeline.pages.slip import QuestionSlip, Slip
from pipeline.pages.standing import Floor, Standing
from pipeline.pages.views import Row, own_note
from pipeline.pages.words import WORDS


def questions(slip: Slip) -> list[tuple[Text, list[QuestionSlip]]]:
    """Each question with its answers, an arm each."""
    found: dict[str, list[QuestionSlip]] = {}
    for each in slip.questions:
        found.setdefault(each.question.en, []).append(each)
    return [(each[0].question, each) for each in found.values()]


class Overall(NamedTuple):
    """One judge, or the panel, over all rubrics."""

    rater: Text
    judge: str | None
    """None for the panel."""
    deltas: tuple[float | None, ...]
    """One per rubric, in the order of the slip's."""
    mean: float | None
    """None where one is missing that others have: a mean of fewer would not be comparable."""


def overall(slip: Slip) -> list[Overall]:
    """Every judge's delta on every rubric, the nearest to people first; none on one rubric alone.

    A mean over rubrics says who is nearest on the whole; it is no measure of its own.
    """
    if len(slip.criteria) < 2:
        return []
    kinds = ("judge-human", "panel-human")
    rows = slip.deltas.filter(pl.col("comparison").is_in(kinds), pl.col("delta").is_not_null())
    found: dict[str, dict[str, float]] = {}
    for row in rows.to_dicts():
        found.setdefault(row["rater"], {})[row["rubric"]] = row["delta"]
    panel = set(rows.filter(comparison="panel-human")["rater"])
    most = len({x for deltas in found.values() for x in deltas})
    told = [
        Overall(
            WORDS["panel"] if rater in panel else both(rater),
            None if rater in panel else rater,
            tuple(deltas.get(x.id) for x in slip.criteria),
            sum(deltas.values()) / most if len(deltas) == most else None,
        )
        for rater, deltas in found.items()
    ]
    return sorted(told, key=lambda x: (x.mean is None, -(x.mean or 0.0), x.rater.en))


def noted(found: Sequence[Standing]) -> list[Row]:
    """The notes of a leaderboard as rows, to find what all of them say."""
    return [{"note": each.note} for each in found]


def reasons(one: Standing, test: Row | None, common: Sequence[str]) -> list[Text]:
    """What is to be said beside a row: of its delta, then of its alternative annotator test."""
    parts = [own_note({"note": x}, common) for x in (one.note, test and test["note"])]
    return [note(part) for part in dict.fromkeys(parts) if part]


def untested(tests: Iterable[Row]) -> str | None:
    """Why the alternative annotator test says nothing of anybody, where that is one reason."""
    notes = {(test["passes"], test["note"]) for test in tests}
    if len(notes) != 1:
        return None
    ((passed, why),) = notes
    return why if passed is None else None


def passes(test: Row | None) -> Text:
    """Whether a judge could stand in for a person; a dash where it was not asked."""
    if test is None:
        return WORDS["none"]
    return WORDS[{True: "yes", False: "no", None: "cannot be said"}[test["passes"]]]


def alone(row: Row | None) -> Text:
    """The verdict that a judge would get as a panel of its own, and what decided it."""
    if row is None:
        return WORDS["none"]
    verdict = named("verdict", row["verdict"])
    if row["verdict"] == "usable":
        return verdict
    deciding = [named("alone", x) for x in row["decided_by"].split(", ")]
    en, ru = (", ".join(getattr(x, language) for x in deciding) for language in ("en", "ru"))
    return Text(en=f"{verdict.en} ({en})", ru=f"{verdict.ru} ({ru})")


def over_floor(floor: Floor) -> Text:
    """The panel over the best judge that only counts, in a sentence."""
    row = floor.row
    if row["delta"] is None:
        why = note(row["note"]) if row["note"] else WORDS["unknown"]
        return fill("over_floor_unknown", judge=floor.judge, why=why)
    return fill(
        "over_floor",
        judge=floor.judge,
        panel=number(row["alpha"]),
        floor=number(row["yardstick_alpha"]),
        lead=number(row["delta"], 2, signed=True),
        interval=_interval(belief.span(row["low"], row["high"]), row["note"]),
    )


def effective(row: Row) -> Text:
    """How many independent judges a panel is worth, in a sentence."""
    if row["effective"] is None:
        why = note(row["note"]) if row["note"] else WORDS["unknown"]
        return fill("effective_unknown", why=why)
    return fill(
        "effective",
        judges=counted(row["judges"], "judge"),
        effective=number(row["effective"], 1),
        interval=_interval(span(row["low"], row["high"]), row["note"]),
        correlation=number(row["correlation"]),
    )


def drawn_again(slip: Slip, rubric: str) -> Text | None:
    """The bootstrap's interval of people's alpha, in a sentence; None where there is none."""
    people = slip.agreement.filter(rubric=rubric, comparison="humans").drop_nulls("bootstrap_low")
    for row in people.to_dicts():
        low, high = number(row["bootstrap_low"]), number(row["bootstrap_high"])
        return fill("drawn_again", low=low, high=high)
    return None


def _interval(said: Text, why: str | None) -> Text:
    """An interval; where there is none, the reason."""
    if said != WORDS["none"] or not why:
        return said
    reason = note(why)
    return Text(en=f"– ({reason.en})", ru=f"– ({reason.ru})")
