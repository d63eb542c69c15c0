"""How well do arms do on benchmarks: accuracy in each form, what guessing leaves, and the gap."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipeline.findings import BENCHMARK_EFFECTS, BENCHMARK_GAPS, BENCHMARKS
from pipeline.rungs import Rung
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.stats.standardised import reach
from pipeline.tables import conform

Row = dict[str, str | float | int | None]
EVERY = "every"
"""The form of a row in which an item is right only where it is right in all its forms."""
_Z = 1.959963984540054


class Share(NamedTuple):
    """A share with its interval."""

    value: float | None
    low: float | None
    high: float | None


class Paired(NamedTuple):
    """A difference of two accuracies over the same items."""

    value: float
    centre: float
    """Of the intervals: Bonett and Price's estimate."""
    error: float
    freedom: float
    low: float
    """95% interval."""
    high: float


def wilson(right: float, of: int) -> Share:
    """A share with Wilson's 95% interval (Wilson 1927). `right` may be no whole number.

    An item asked in two languages counts as one trial with the mean of both: its variance is at
    most that of one answer, so the interval is rather too wide.

    >>> [round(x, 4) for x in wilson(81, 263)]
    [0.308, 0.2553, 0.3662]
    """
    if of == 0:
        return Share(None, None, None)
    p, z2 = right / of, _Z**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    return Share(p, max(0.0, middle - half), min(1.0, middle + half))


def corrected(share: float | None, chance: float) -> float | None:
    """(p - c) / (1 - c): 0 is guessing, 1 all right, below 0 worse than guessing.

    >>> corrected(0.625, 0.25)
    0.5
    """
    return None if share is None else (share - chance) / (1 - chance)


def percentile(share: float | None, scores: Sequence[float]) -> float | None:
    """The per cent of `scores` that lie below, those equal counted half; None where there are none.

    >>> percentile(0.5, [0.4, 0.5, 0.6, 0.7])
    37.5
    """
    if share is None or not scores:
        return None
    below = sum(x < share - 1e-12 for x in scores)
    equal = sum(abs(x - share) <= 1e-12 for x in scores)
    return 100 * (below + equal / 2) / len(scores)


def paired(differences: Floats) -> Paired | None:
    """The mean of differences between -1 and 1 with an interval that holds where all are 0.

    Bonett and Price (2012): one item is added that only the one side has right and one that only
    the other has, so that few or no discordant items are no certainty. With Student's t. None
    without items.

    >>> import numpy as np
    >>> found = paired(np.zeros(20))
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.0, -0.135, 0.135)
    """
    n = len(differences)
    if n < 2:
        return None
    centre = float(differences.sum()) / (n + 2)
    variance = (float((differences**2).sum()) + 2) / (n + 2) - centre**2
    error, freedom = math.sqrt(variance / (n + 2)), float(n - 1)
    half = reach(freedom, 0.95) * error
    low, high = max(-1.0, centre - half), min(1.0, centre + half)
    return Paired(float(differences.mean()), centre, error, freedom, low, high)


def by_form(
    marks: pl.DataFrame, chances: Mapping[str, float], boards: Mapping[str, Sequence[float]]
) -> pl.DataFrame:
    """BENCHMARKS of MARKS: accuracy by benchmark, arm, form and language (null: together).

    `chances` is what guessing gets right, `boards` the scores of other models, by benchmark.
    """
    rows = []
    for (benchmark, arm), part in marks.group_by(["benchmark", "arm"], maintain_order=True):
        for language in (None, *part["language"].unique(maintain_order=True)):
            mine = part if language is None else part.filter(language=language)
            plain = by_item(mine.filter(form="plain"))
            for form in (*mine["form"].unique(maintain_order=True), EVERY):
                asked = mine if form == EVERY else mine.filter(form=form)
                row = _row(asked, form, plain, chances[str(benchmark)])
                scores = boards.get(str(benchmark), ())
                rank = percentile(_float(row["accuracy"]), scores) if form == "plain" else None
                place = {"benchmark": benchmark, "arm": arm, "form": form, "language": language}
                notes = [str(row["note"])] if row["note"] else []
                if not scores:
                    notes.append(NO_BOARD)
                rows.append({**row, **place, "percentile": rank, "note": "; ".join(notes) or None})
    return conform(pl.DataFrame(rows, schema=BENCHMARKS), BENCHMARKS)


NO_BOARD = "no percentile: no leaderboard was laid beside it"


def _row(asked: pl.DataFrame, form: str, plain: pl.DataFrame, chance: float) -> Row:
    items = by_item(asked, form == EVERY)
    found = wilson(float(items["right"].sum()), items.height)
    owed = asked["mark"].null_count()
    both = plain.join(items, on="item", suffix="_other")
    drop = None
    if form not in ("plain", EVERY):
        drop = paired((both["right"] - both["right_other"]).to_numpy())
    # That all forms are guessed right is rarer than that one is, and how rare is not known.
    guessed = (None, None, None) if form == EVERY else found
    notes = [f"questions still owed: {owed}"] if owed else []
    if found.value is None:
        notes.insert(0, "no answer yet")
    return {
        "items": items.height,
        "right": float(items["right"].sum()),
        "unreadable": asked.filter(mark="unreadable").height,
        "owed": owed,
        "accuracy": found.value,
        "low": found.low,
        "high": found.high,
        **{
            name: corrected(x, chance)
            for name, x in zip(
                ("corrected", "corrected_low", "corrected_high"), guessed, strict=True
            )
        },
        "drop": drop.value if drop else None,
        "drop_low": drop.low if drop else None,
        "drop_high": drop.high if drop else None,
        "note": "; ".join(notes) or None,
    }


def by_item(marks: pl.DataFrame, all_right: bool = False) -> pl.DataFrame:
    """Per item the share of its answers that are right, or with `all_right` whether all are.

    Columns: item, right. Items with an answer still owed are left out: half an item is none.
    """
    right = (pl.col("mark") == "right").cast(pl.Float64)
    whole = marks.group_by("item", maintain_order=True).agg(
        (right.min() if all_right else right.mean()).alias("right"),
        pl.col("mark").null_count().alias("owed"),
    )
    return whole.filter(pl.col("owed") == 0).select("item", "right").sort("item")


def sides(marks: pl.DataFrame, arms: Arms) -> pl.DataFrame:
    """Per item that both arms have answered: item, high, low."""
    high, low = (by_item(marks.filter(arm=x)) for x in arms)
    both = high.join(low, on="item", suffix="_low").sort("item")
    return both.select("item", pl.col("right").alias("high"), pl.col("right_low").alias("low"))


def gaps(marks: pl.DataFrame, arms: Arms) -> pl.DataFrame:
    """BENCHMARK_GAPS of MARKS: high - low by benchmark and form, paired by item."""
    rows = []
    for (benchmark, form), part in marks.group_by(["benchmark", "form"], maintain_order=True):
        place = {"high_arm": arms.high, "low_arm": arms.low, "benchmark": benchmark, "form": form}
        rows.append({**place, **_apart(part, arms, ("gap", "only_high", "only_low"))})
    return conform(pl.DataFrame(rows, schema=BENCHMARK_GAPS), BENCHMARK_GAPS)


def effects(marks: pl.DataFrame, rungs: Sequence[Rung]) -> pl.DataFrame:
    """BENCHMARK_EFFECTS of MARKS: each rung less its end by benchmark and form, paired by item."""
    rows = []
    parts = marks.partition_by("benchmark", "form", maintain_order=True, as_dict=True)
    for rung in rungs:
        for (benchmark, form), part in parts.items():
            if not part["arm"].is_in([rung.arm]).any():
                continue  # it is put to the ends alone
            place = {x: y for x, y in rung._asdict().items() if x in BENCHMARK_EFFECTS.names()}
            found = _apart(part, Arms(rung.arm, rung.end), ("effect", "only_arm", "only_end"))
            rows.append({**place, "benchmark": benchmark, "form": form, **found})
    return conform(pl.DataFrame(rows, schema=BENCHMARK_EFFECTS), BENCHMARK_EFFECTS)


def _apart(marks: pl.DataFrame, arms: Arms, names: tuple[str, str, str]) -> Row:
    """The difference high - low over the items of both, and on how many one alone did better.

    `names` are those of the difference and of the two counts.
    """
    items = sides(marks, arms)
    found = paired((items["high"] - items["low"]).to_numpy())
    value, only_high, only_low = names
    return {
        value: found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        only_high: items.filter(pl.col("high") > pl.col("low")).height,
        only_low: items.filter(pl.col("high") < pl.col("low")).height,
        "items": items.height,
        "note": None if found else "fewer than two items answered by both arms",
    }


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, float) else None
