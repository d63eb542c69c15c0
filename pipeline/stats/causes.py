"""Why may the small one fail: seven causes, each told by the factor that tests it or not at all."""

from collections.abc import Collection
from typing import Any, Literal, NamedTuple

import polars as pl

from pipeline.findings import CAUSES, EFFECTS
from pipeline.rungs import CONTROL, End, Factor, Way
from pipeline.stats import ladder
from pipeline.tables import conform

CAUSE: dict[int, Factor] = {
    1: "quantisation",
    2: "attention",
    3: "context",
    4: "experts",
    5: "sampling",
    6: "thinking",
    7: "extras",
}
"""The causes of a small model's failure by number, and the factor that each is tested by."""
LEVEL = 0.05
_AWAY = "it moves the other way"
_NOTHING = 1e-9
"""An effect below this is 0 but for rounding."""
_SIGN: dict[End, int] = {"hicap": -1, "locap": 1}
"""Which way a cause moves the score: down from the high end, up from the low one."""
_SIDE: dict[End, Way] = {"hicap": "down", "locap": "up"}
"""Which way a factor is moved so that its cause is tested: all seven speak of too little of it."""
_WAYS = {"sampling": {"up": "to a wider choice", "down": "to a narrower choice"}}
UNTOLD = "which way it was moved cannot be told"
"""What must be said of a move that may lie on either side of its end."""
DECLARED = "what was moved is only declared"
"""What must be said of a move that is neither enforced nor verified, or of which no field tells."""
UNMOVED = {
    "refused": "what was moved was refused by the provider",
    "contradicted": "what was moved is contradicted by what was shown",
}
"""Marks of a move that did not take place, so that its arm tests nothing, and why."""
Stand = Literal["supports", "against", "open"]
Held = Literal["alike", "holds", "fails", "shifted", "uncounted", "none"]


class Tested(NamedTuple):
    """What one direction of a factor says of its cause."""

    start: End
    stands: Stand
    why: str | None
    """Why it does not support the cause; None where it does."""
    astray: bool
    """Whether its factor was moved away from what the cause says: then it is no test of it."""
    doubts: tuple[str, ...]
    """What must be said of it all the same."""


class Control(NamedTuple):
    """What the null control says."""

    state: Held
    """alike: exactly 0 on every prompt; shifted: one other effect on every prompt; uncounted: it
    ran and has no effect that is known."""
    note: str | None
    """Why one that ran is not counted."""


def of(effects: pl.DataFrame, usable: Collection[str]) -> pl.DataFrame:
    """The causes as CAUSES, from EFFECTS; `usable` are the rubrics of their means.

    Supported: at the farthest level of its factor the mean of the usable rubrics moves the
    predicted way with an adjusted p below .05, in both directions of the ladder where both ran. A
    level to which the factor was moved the other way (up from the high end) is no test.
    """
    shown = pl.col("rubric").is_null() | pl.col("rubric").is_in(list(usable))
    last = effects.filter(pl.col("last"), shown).sort(
        "start", pl.col("rubric").is_not_null(), maintain_order=True
    )
    copied = [x for x in CAUSES.names() if x in EFFECTS.names() and x != "factor"]
    rows: list[dict[str, Any]] = []
    for number, factor in CAUSE.items():
        own = last.filter(factor=factor).to_dicts()
        ran = [_tested(x, number) for x in own if x["rubric"] is None]
        state, because = _told(ran, factor)
        head = {"cause": number, "factor": factor, "state": state, "because": because}
        rows += [head | {x: row[x] for x in copied} for row in own] or [head]
    return conform(pl.DataFrame(rows, schema=CAUSES, infer_schema_length=None), CAUSES)


def _tested(row: dict[str, Any], cause: int) -> Tested:
    start: End = row["start"]
    if row["way"] not in (None, _SIDE[start]):
        way = _WAYS.get(row["factor"], {}).get(row["way"], row["way"])
        away = f"it moves {row['factor']} {way}, away from what cause {cause} says"
        return Tested(start, "open", away, True, ())
    stands, why = _stands(row)
    doubts = [DECLARED] if row["mark"] in ("declared", None) else []
    doubts += [UNTOLD] if row["way"] is None else []
    doubts += [x for x in ladder.remarks(row) if x not in str(why)]
    return Tested(start, stands, why, False, tuple(doubts))


def _stands(row: dict[str, Any]) -> tuple[Stand, str | None]:
    effect = row["effect"]
    if row["mark"] in UNMOVED:
        return "open", UNMOVED[row["mark"]]
    if row["cut"] == 0:
        return "open", ladder.UNCUT
    if row["thought"] is False:
        return "open", ladder.UNTHOUGHT
    if effect is None:
        return "open", row["note"]
    if abs(effect) < _NOTHING and row["low"] is None:
        return "against", "the effect is exactly 0 on every prompt"
    away = effect * _SIGN[row["start"]] < 0
    if row["low"] is None:
        return ("against", _AWAY) if away else ("open", row["note"])
    p = row["adjusted"]
    assert p is not None, f"{row['arm']}: an interval without an adjusted p: not from `ladder`"
    if p >= LEVEL:
        return "against", "the effect may be chance"
    return ("against", _AWAY) if away else ("supports", None)


def _told(ran: list[Tested], factor: Factor) -> tuple[str, str | None]:
    """The state of a cause and why: every direction that ran must support it."""
    if not ran:
        return "not tested", f"no arm of this study moves {factor} alone"
    if all(x.stands == "open" for x in ran):
        return "not tested", "; ".join(_once([(x.start, str(x.why)) for x in ran], ran))
    strayed = [f"from {x.start}: {x.why}" for x in ran if x.astray]
    ran = [x for x in ran if not x.astray]
    against = [x for x in ran if x.stands == "against"]
    lost = [x for x in ran if x.stands == "open"]
    state = "not supported" if against else "not tested" if lost else "supported"
    said = _once([(x.start, str(x.why)) for x in (*against, *lost)], ran)
    if state == "not tested":
        said += [f"from {x.start}: it moves as predicted" for x in ran if x.stands == "supports"]
    if len({x.start for x in ran}) == 1:
        said.append("one direction only")
    doubts = _once([(x.start, y) for x in ran for y in x.doubts], ran)
    return state, "; ".join((*said, *doubts, *strayed)) or None


def _once(said: list[tuple[End, str]], ran: list[Tested]) -> list[str]:
    """What is said of every direction that ran once, and else with the directions it is said of."""
    starts = {x.start for x in ran}
    found: list[str] = []
    for why in dict.fromkeys(x for _, x in said):
        of = dict.fromkeys(start for start, x in said if x == why)
        found += [why] if of.keys() == starts else [f"from {start}: {why}" for start in of]
    return found


def control(effects: pl.DataFrame) -> Control:
    """What the null control says: it holds where the intervals of its means have 0 in them.

    One that lies at exactly 0 on every prompt, as where the same text came out, holds too; one that
    lies elsewhere by the same amount on every prompt fails.
    """
    rows = effects.filter(pl.col("rubric").is_null(), pl.col("factor") == CONTROL).to_dicts()
    held = {_held(x) for x in rows}
    note = "; ".join(dict.fromkeys(x["note"] for x in rows if x["effect"] is None)) or None
    order: tuple[Held, ...] = ("fails", "shifted", "holds", "alike", "uncounted")
    return Control(next((x for x in order if x in held), "none"), note)


def _held(row: dict[str, Any]) -> Held:
    if row["effect"] is None:
        return "uncounted"
    if row["low"] is None:
        return "alike" if abs(row["effect"]) < _NOTHING else "shifted"
    return "holds" if row["low"] <= 0 <= row["high"] else "fails"
