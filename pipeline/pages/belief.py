"""May the panel be believed, and the gap that people would see: what the page says of both."""

from typing import NamedTuple

from judges.rubric import Text
from pipeline.pages.notes import note
from pipeline.pages.numerals import counted, fill, named, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row, rows, titles
from pipeline.pages.words import WORDS
from pipeline.stats.terms import Criterion

_SIGNS = {
    "usable": "✓",
    "rank-only": "↕",
    "undecided": "?",
    "not usable": "✕",
    "holds": "✓",
    "straddles": "?",
    "unmeasured": "?",
    "fails": "✕",
}
"""What tells the verdicts and states apart where no colour does."""

_BOUNDS = ("complete", "worst", "best")
"""Rows of CORRECTED that stand beneath the main one."""


class Stamp(NamedTuple):
    """A verdict or a state: its sign and its word."""

    kind: str
    """A class of the page's style."""
    sign: str
    word: Text


class Condition(NamedTuple):
    """One condition of a verdict, in words."""

    row: Row
    """Of CONDITIONS."""
    name: Text
    measure: Text
    """What its value is."""
    stamp: Stamp
    interval: Text
    must_be: Text


class Verdict(NamedTuple):
    """The verdict on one rubric, in words."""

    rubric: Criterion
    stamp: Stamp
    decided: tuple[Condition, ...]
    would_decide: Text
    p_holm: Text
    tasks: Text
    remarks: tuple[Text, ...]
    conditions: tuple[Condition, ...]


def verdicts(slip: Slip) -> list[Verdict]:
    """One verdict per rubric; it says so where there is none."""
    return [_verdict(slip, rubric) for rubric in slip.criteria]


def withheld(slip: Slip, rubric: str) -> Text | None:
    """What must be said beside the panel's own score; None where that is usable."""
    row = _row(slip, rubric)
    if row is None:
        return WORDS["withheld_unrated"]
    if rubric in slip.outdated:
        return fill("withheld", verdict=named("verdict", "uncalibrated"))
    if row["verdict"] == "usable":
        return None
    return fill("withheld", verdict=named("verdict", row["verdict"]))


def shown_gaps(slip: Slip) -> list[Row]:
    """The main row of CORRECTED of each rubric whose gap may be shown."""
    found = (
        _main(slip, rubric.id) for rubric in slip.criteria if rubric.id not in slip.hidden_gaps
    )
    return [row for row in found if row is not None]


def hidden(slip: Slip) -> list[tuple[Text, Text]]:
    """The rubrics whose gap is not shown, each with the reason."""
    shown = {row["rubric"] for row in shown_gaps(slip)}
    names = titles(slip.criteria)
    return [(names[x], _reason(slip, x)) for x in names if x not in shown]


def bounds(slip: Slip) -> list[Row]:
    """The rows of CORRECTED that bound the gaps shown, rubric by rubric (its `place`)."""
    return [
        {**row, "place": place}
        for place, main in enumerate(shown_gaps(slip))
        for name in _BOUNDS
        for row in rows(slip.corrected, main["rubric"])
        if row["answers"] == name
    ]


def probability(p: float | None) -> Text:
    """A p; never 0.

    >>> probability(0.00026).ru, probability(0.0125).en
    ('< 0,001', '0.013')
    """
    if p is None or p >= 0.001:
        return number(p, 3)
    return Text(en="< 0.001", ru="< 0,001")


def percent(share: float | None) -> Text:
    """A share of one in per cent, or a dash.

    >>> percent(0.125).en, percent(None).en
    ('12%', '–')
    """
    if share is None:
        return WORDS["none"]
    shown = number(100 * share, 0)
    return Text(en=f"{shown.en}%", ru=f"{shown.ru}\N{NO-BREAK SPACE}%")


def span(low: float | None, high: float | None) -> Text:
    """An interval of differences, with their signs, or a dash.

    >>> span(-0.5, 1)
    Text(en='−0.50 to +1.00', ru='от −0,50 до +1,00')
    """
    if low is None or high is None:
        return WORDS["none"]
    ends = number(low, 2, signed=True), number(high, 2, signed=True)
    return Text(en=f"{ends[0].en} to {ends[1].en}", ru=f"от {ends[0].ru} до {ends[1].ru}")


def panel_is(slip: Slip, rubric: str) -> Text:
    """The verdict on a rubric's panel in a word."""
    row = _row(slip, rubric)
    if row is None:
        return WORDS["unrated"]
    return named("verdict", "uncalibrated" if rubric in slip.outdated else row["verdict"])


def _verdict(slip: Slip, rubric: Criterion) -> Verdict:
    none = WORDS["none"]
    row = _row(slip, rubric.id)
    if row is None:
        stamp = Stamp("unrated", "–", WORDS["unrated"])
        return Verdict(rubric, stamp, (), none, none, none, (), ())
    found = tuple(
        _condition(each)
        for each in rows(slip.conditions.filter(rater="panel"), rubric.id)
        if slip.pair or each["condition"] != "arm-bias"
    )
    deciding = row["decided_by"].split(", ")
    held = rubric.id not in slip.outdated
    return Verdict(
        rubric=rubric,
        stamp=_stamp("verdict", row["verdict"] if held else "uncalibrated"),
        decided=tuple(each for each in found if each.row["condition"] in deciding),
        would_decide=_would_decide(row),
        p_holm=probability(row["p_holm"]),
        tasks=number(row["prompts"], 0),
        remarks=_remarks(row, slip.outdated.get(rubric.id)),
        conditions=found,
    )


def _condition(row: Row) -> Condition:
    name = row["condition"]
    interval = span(row["low"], row["high"])
    if row["level"] is not None:
        level = percent(row["level"])
        interval = Text(en=f"{interval.en} ({level.en})", ru=f"{interval.ru} ({level.ru})")
    how = {"alternative-annotator": "at_least", "arm-bias": "within"}.get(name, "above")
    return Condition(
        row=row,
        name=named("condition", name),
        measure=named("measure", name),
        stamp=_stamp("state", row["state"]),
        interval=interval,
        must_be=fill(f"bound_{how}", bound=number(row["bound"])),
    )


def _stamp(prefix: str, said: str) -> Stamp:
    return Stamp(said.replace(" ", "-"), _SIGNS.get(said, "–"), named(prefix, said))


def _would_decide(row: Row) -> Text:
    """How much more would settle an undecided verdict."""
    if row["verdict"] != "undecided":
        return WORDS["none"]
    tasks, people = row["prompts_needed"], row["people_needed"]
    if tasks is None or people is None:
        return WORDS["would_decide_unknown"]
    people_said = number(people, 0)
    return fill("would_decide_about", tasks=counted(tasks, "task"), people=people_said)


def _remarks(row: Row, outdated: Text | None) -> tuple[Text, ...]:
    counts = {"panel_missing": row["missing"], "off_scale": row["off_scale"]}
    said = [fill(key, count=number(count, 0)) for key, count in counts.items() if count]
    if row["strong"]:
        said.insert(0, WORDS["strong"])
    if row["verdict"] == "usable" and not row["usable_holm"]:
        said.insert(0, WORDS["not_usable_holm"])
    if outdated is not None:
        how = Text(en=f"uncalibrated: {outdated.en}", ru=f"не откалибрована: {outdated.ru}")
        said.insert(0, how)
    return tuple(said)


def _row(slip: Slip, rubric: str) -> Row | None:
    return next(iter(rows(slip.panel_verdicts, rubric)), None)


def _main(slip: Slip, rubric: str) -> Row | None:
    found = (row for row in rows(slip.corrected, rubric) if row["answers"] == "judged")
    return next((row for row in found if row["gap"] is not None), None)


def _reason(slip: Slip, rubric: str) -> Text:
    """Why a gap is not shown; what stands in one language only may be a note of the statistics."""
    said = slip.hidden_gaps.get(rubric)
    if said is None:
        return WORDS["unrated"]
    return note(said.en) if said.en == said.ru else said
