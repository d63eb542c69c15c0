"""The study in one picture: the gap on benchmarks, on rubrics and of structure, on one axis."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import HEADLINE
from pipeline.stats import adjust, benchmarks, differences, ppi
from pipeline.stats.differences import Arms
from pipeline.stats.standardised import NOTHING, Spread, Standardised, reach, spread, standardise
from pipeline.tables import conform

Row = dict[str, str | float | int | bool | None]
_ALIKE = "no interval: the difference is the same on every task"
_UNREAD = 0.25
"""The share of an arm's replies beyond which, not being read, they hide how alike the arms are."""


class Sources(NamedTuple):
    """What the picture is drawn from."""

    arms: Arms
    marks: pl.DataFrame
    """MARKS; empty where the study asks no benchmark."""
    scores: pl.DataFrame
    """BENCHMARKS: whether an arm does better than guessing."""
    corrected: pl.DataFrame
    """CORRECTED."""
    ratings: pl.DataFrame
    """RATINGS: the spread of the rubrics is that of people's scores."""
    structure: pl.DataFrame
    """STRUCTURE."""


class Drawn(NamedTuple):
    """One mark of the picture before p is adjusted."""

    group: str
    name: str
    gap: float | None
    found: Standardised
    freedom: float | None
    beside: Spread
    note: str | None


def picture(sources: Sources, unusable: Mapping[str, str], bound: float) -> pl.DataFrame:
    """HEADLINE: the standardised gap of every benchmark, usable rubric and the structure.

    `unusable` are rubrics that may not be drawn, with the reason. Two arms are *equivalent* in a
    row where its 90% interval lies within -bound to bound (two one-sided tests: Schuirmann 1987),
    *apart* where they are not and p is below .05 (Holm over the rows of the group), else *open*.
    A benchmark that measured neither arm is not drawn: two that guess are alike in nothing.
    `beyond` is how much the gap of a rubric exceeds the mean gap of the benchmarks: their items
    are no prompts of the rubrics, so the errors add in squares; its intervals hold together over
    the rubrics (Bonferroni).
    """
    drawn = [
        *_benchmarks(sources),
        *_rubrics(sources, unusable),
        *_structure(sources),
    ]
    rows: list[Row] = []
    base = _mean([x for x in drawn if x.group == "benchmark"])
    level = 1 - 0.05 / max(1, sum(x.group == "rubric" and x.found.error is not None for x in drawn))
    for group in ("benchmark", "rubric", "structure"):
        mine = [x for x in drawn if x.group == group]
        for one, p_holm in zip(mine, adjust.holm([x.found.p for x in mine]), strict=True):
            rows.append(_row(one, p_holm, base, bound, level))
    return conform(pl.DataFrame(rows, schema=HEADLINE), HEADLINE)


def _row(one: Drawn, p_holm: float | None, base: Drawn | None, bound: float, level: float) -> Row:
    found = one.found
    beyond = _beyond(one, base, level) if one.group == "rubric" else None
    return {
        "group": one.group,
        "name": one.name,
        "gap": one.gap,
        "deviation": one.beside.deviation,
        **found._asdict(),
        "freedom": one.freedom,
        "p_holm": p_holm,
        "prompts": one.beside.prompts,
        "stands": _stands(found, p_holm, bound),
        **dict(zip(("beyond", "beyond_low", "beyond_high"), beyond or (None,) * 3, strict=True)),
        "note": one.note,
    }


def _stands(found: Standardised, p_holm: float | None, bound: float) -> str | None:
    if found.low_90 is None or found.high_90 is None:
        return None
    if -bound < found.low_90 and found.high_90 < bound:
        return "equivalent"
    return "apart" if p_holm is not None and p_holm < 0.05 else "open"


def _benchmarks(sources: Sources) -> list[Drawn]:
    """The plain form of each: as a benchmark is commonly put."""
    found: list[Drawn] = []
    plain = sources.marks.filter(form="plain")
    for name in plain["benchmark"].unique(maintain_order=True):
        mine = plain.filter(benchmark=name)
        items = benchmarks.sides(mine, sources.arms)
        high, low = items["high"].to_numpy(), items["low"].to_numpy()
        beside, gap = spread(high, low), benchmarks.paired(high - low)
        note: str | None = None
        if gap is None or items.height < 3:
            note = "fewer than three items answered by both arms"
        elif (silent := _silent(name, mine, sources)) is not None:
            note, beside = silent, beside._replace(deviation=None)
        elif beside.deviation is None:
            note = "each arm does the same on every item: there is no spread to measure by"
        if gap is None:
            found.append(Drawn("benchmark", name, None, NOTHING, None, beside, note))
            continue
        size = standardise(gap.value, gap.error, gap.freedom, beside, gap.centre)
        found.append(Drawn("benchmark", name, gap.value, size, gap.freedom, beside, note))
    return found


def _silent(name: str, plain: pl.DataFrame, sources: Sources) -> str | None:
    """Why a benchmark measured neither arm, however alike they came out; None where it did."""
    marks = [plain.filter(pl.col("mark").is_not_null(), arm=x)["mark"] for x in sources.arms]
    (high, of_high), (low, of_low) = [((x == "unreadable").sum(), len(x)) for x in marks]
    if high > _UNREAD * of_high or low > _UNREAD * of_low:
        return (
            f"replies that could not be read: {high} of {of_high} of the high end's, "
            f"{low} of {of_low} of the low end's"
        )
    scores = sources.scores.filter(pl.col("language").is_null(), benchmark=name, form="plain")
    lows = scores.filter(pl.col("arm").is_in(list(sources.arms)))["corrected_low"]
    return None if (lows > 0).any() else "neither arm is shown to do better than guessing"


def _rubrics(sources: Sources, unusable: Mapping[str, str]) -> list[Drawn]:
    if sources.corrected.is_empty():
        return [
            Drawn("rubric", name, None, NOTHING, None, Spread(None, 0.0, 0), why)
            for name, why in unusable.items()
        ]
    pairs = differences.paired(sources.ratings.select(differences.COLUMNS), sources.arms)
    means = differences.by_answer(pairs.ratings, sources.arms).drop_nulls("people")
    rows = {x["rubric"]: x for x in sources.corrected.filter(answers="judged").to_dicts()}
    found = []
    for name in dict.fromkeys((*rows, *unusable)):
        row = rows.get(name)
        if name in unusable or row is None or row["gap"] is None:
            note = unusable.get(name) or (row["note"] if row else "no gap")
            found.append(Drawn("rubric", name, None, NOTHING, None, Spread(None, 0.0, 0), note))
            continue
        beside = _spread(means.filter(rubric=name), "people", sources.arms)
        size = standardise(row["gap"], row["error"], row["freedom"], beside)
        note = None if row["error"] is not None else _ALIKE
        note = note if beside.deviation else "people's scores have no spread to measure by"
        found.append(Drawn("rubric", name, row["gap"], size, row["freedom"], beside, note))
    return found


def _structure(sources: Sources) -> list[Drawn]:
    if sources.structure.is_empty():
        return []
    table = sources.structure.drop_nulls("score")
    both = differences.sides(table, "score", sources.arms)
    gaps = (both["high"] - both["low"]).to_numpy()
    beside = _spread(table, "score", sources.arms)
    if len(gaps) < 3 or beside.deviation is None:
        why = "fewer than three tasks answered by both arms" if len(gaps) < 3 else "no spread"
        return [Drawn("structure", "structure", None, NOTHING, None, beside, why)]
    gap, error = float(gaps.mean()), float(gaps.std(ddof=1)) / math.sqrt(len(gaps))
    sure = error > 1e-9
    size = standardise(gap, error if sure else None, len(gaps) - 1, beside)
    note = None if sure else _ALIKE
    return [Drawn("structure", "structure", gap, size, len(gaps) - 1, beside, note)]


def _spread(table: pl.DataFrame, value: str, arms: Arms) -> Spread:
    both = differences.sides(table, value, arms)
    return spread(both["high"].to_numpy(), both["low"].to_numpy())


def _mean(drawn: list[Drawn]) -> Drawn | None:
    """The mean standardised gap of the benchmarks that have one."""
    known = [x for x in drawn if x.found.value is not None and x.found.error is not None]
    if not known:
        return None
    k = len(known)
    value = float(np.mean([x.found.value for x in known]))
    errors = [(x.found.error or 0.0) / k for x in known]
    freedom = ppi.welch(errors, [x.freedom or 1.0 for x in known])
    found = NOTHING._replace(value=value, error=math.hypot(*errors))
    return Drawn("benchmark", "mean", None, found, freedom, Spread(None, 0.0, 0), None)


def _beyond(one: Drawn, base: Drawn | None, level: float) -> tuple[float, float, float] | None:
    found = one.found
    if base is None or found.value is None or found.error is None:
        return None
    assert base.found.value is not None
    errors = [found.error, base.found.error or 0.0]
    freedom = ppi.welch(errors, [one.freedom or 1.0, base.freedom or 1.0])
    value, half = found.value - base.found.value, reach(freedom, level) * math.hypot(*errors)
    return value, value - half, value + half
