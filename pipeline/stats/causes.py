"""Why may the small one fail: seven causes, each told by the factor that tests it or not at all."""

from typing import Any, NamedTuple

import polars as pl

from pipeline.findings import CAUSES
from pipeline.rungs import CONTROL, End, Factor
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
_SIGN: dict[End, int] = {"hicap": -1, "locap": 1}
"""Which way a cause moves the score: down from the high end, up from the low one."""


class Tested(NamedTuple):
    """One direction of a factor: the row of EFFECTS of its farthest level."""

    start: End
    row: dict[str, Any]

    @property
    def supports(self) -> bool:
        """Whether it moves the predicted way and no chance is seen in it."""
        effect, p = self.row["effect"], self.row["adjusted"]
        return p is not None and p < LEVEL and effect * _SIGN[self.start] > 0


def of(effects: pl.DataFrame, usable: int) -> pl.DataFrame:
    """One row per cause, as CAUSES, from EFFECTS; `usable` is on how many rubrics the panel is.

    Supported: at the farthest level of its factor the mean of the usable rubrics moves the
    predicted way with an adjusted p below .05, in both directions of the ladder where both ran.
    """
    means = effects.filter(pl.col("rubric").is_null(), pl.col("last")).to_dicts()
    rows = []
    for number, factor in CAUSE.items():
        ran = [Tested(x["start"], x) for x in means if x["factor"] == factor]
        state, note = _told(ran, factor, usable)
        row: dict[str, Any] = {"cause": number, "factor": factor, "state": state, "note": note}
        for one in ran:
            way = "down" if one.start == "hicap" else "up"
            row |= {way: one.row["effect"], f"{way}_p": one.row["adjusted"]}
            row |= {f"{way}_low": one.row["low"], f"{way}_high": one.row["high"]}
        rows.append(row)
    return conform(pl.DataFrame(rows, schema=CAUSES, infer_schema_length=None), CAUSES)


def _told(ran: list[Tested], factor: Factor, usable: int) -> tuple[str, str | None]:
    if not ran:
        return "not tested", f"no arm of this study moves {factor} alone"
    if not usable:
        return "not tested", "the panel is usable on no rubric"
    known = [x for x in ran if x.row["adjusted"] is not None]
    if not known:
        return "not tested", "; ".join(dict.fromkeys(str(x.row["note"]) for x in ran))
    lost = [f"from {x.start}: {x.row['note']}" for x in ran if x not in known]
    if all(x.supports for x in known):
        return "supported", "; ".join(lost) or None
    against = [f"from {x.start}: {_why(x)}" for x in known if not x.supports]
    return "not supported", "; ".join((*against, *lost))


def _why(one: Tested) -> str:
    return "the effect may be chance" if one.row["adjusted"] >= LEVEL else "it moves the other way"


def control(effects: pl.DataFrame) -> bool | None:
    """Whether the null control holds: no interval of its mean leaves 0 out; None = not run."""
    rows = effects.filter(
        pl.col("rubric").is_null(), pl.col("factor") == CONTROL, pl.col("low").is_not_null()
    )
    if rows.is_empty():
        return None
    return bool(((rows["low"] <= 0) & (rows["high"] >= 0)).all())
