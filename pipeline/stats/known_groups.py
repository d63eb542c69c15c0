"""Does a rubric part the two ends at all, and does it still where answers are of equal length?"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipeline.findings import KNOWN_GROUPS
from pipeline.stats import differences, ladder, regression
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.differences import Arms
from pipeline.stats.ladder import Seen
from pipeline.tables import conform

_KNOTS = tuple(x / 10 for x in range(1, 10))
"""Quantiles of length between which the score may bend: a step or a slope of it is followed."""
_EDGE = 0.05
"""Share of an end's answers, at either side, beyond which its lengths are not compared."""
LEAST_SHARED = 0.5
"""Of the answers, how many must have a length that the other end has too."""
_APART = "the two ends' lengths hardly overlap: at equal length nothing can be told"


def by_rubric(given: Seen, arms: Arms, words: Mapping[str, int | None]) -> pl.DataFrame:
    """Per rubric the panel's gap between the ends, plain and between answers of equal length.

    As KNOWN_GROUPS. The adjusted gap is the arm's coefficient beside a piecewise linear function
    of log(words), with a mean for each prompt of its own; the error is CR2 by prompt. It is taken
    over answers of a length that both ends have; where fewer than half are such, length and end
    cannot be told apart and it is null. `words` are those of each answer.
    """
    means = differences.by_answer(given.ratings.select(differences.COLUMNS), arms)
    rows = []
    for rubric in means["rubric"].unique().sort():
        own = means.filter(rubric=rubric).drop_nulls("panel")
        plain, equal = _gap(own, arms), _adjusted(own, arms, words)
        notes = "; ".join(str(x["note"]) for x in (plain, equal) if x.get("note"))
        rows.append({"rubric": rubric} | plain | equal | {"note": notes or None})
    return conform(pl.DataFrame(rows, schema=KNOWN_GROUPS, infer_schema_length=None), KNOWN_GROUPS)


def _gap(means: pl.DataFrame, arms: Arms) -> dict[str, object]:
    values = differences.by_prompt(means, arms)["panel"].drop_nulls().to_numpy()
    found = ladder.plain(values)
    known = found.low is not None and found.high is not None
    return {
        "gap": found.value,
        "low": found.low,
        "high": found.high,
        "tells": (found.low > 0 or found.high < 0) if known else None,  # type: ignore[operator]
        "prompts": len(values),
        "note": found.note,
    }


def _adjusted(
    means: pl.DataFrame, arms: Arms, words: Mapping[str, int | None]
) -> dict[str, object]:
    counts = means["response"].replace_strict(words, default=None, return_dtype=pl.Float64)
    rows = means.with_columns(words=counts).filter(pl.col("words") > 0).sort("prompt", "response")
    shared = _shared(rows, arms)
    both = shared.filter(pl.col("arm").n_unique().over("prompt") == 2)
    none: dict[str, object] = {"adjusted": None, "adjusted_low": None, "adjusted_high": None}
    if shared.height < LEAST_SHARED * rows.height:
        return none | {"note": _APART}
    if both["prompt"].n_unique() < 3:
        return none
    _, prompt = np.unique(both["prompt"].to_numpy(), return_inverse=True)
    arm = (both["arm"] == arms.high).cast(pl.Float64).to_numpy()
    columns = np.column_stack((arm, *_bends(np.log(both["words"].to_numpy()))))
    columns, y = _within(columns, prompt), _within(both["panel"].to_numpy()[:, None], prompt)[:, 0]
    # The arm goes last, so that what length says already is not laid to its account.
    order = [*range(1, columns.shape[1]), 0]
    kept = regression.independent(columns[:, order])
    if not kept[-1]:
        return none | {"note": _APART}
    fit = regression.least_squares(columns[:, order][:, kept], y, prompt)
    found = regression.read(fit, int(kept.sum()) - 1)
    return {"adjusted": found.value, "adjusted_low": found.low, "adjusted_high": found.high}


def _shared(rows: pl.DataFrame, arms: Arms) -> pl.DataFrame:
    """The answers whose length lies in the bulk of both ends' lengths."""
    ends = [rows.filter(arm=x)["words"] for x in arms]
    if any(x.is_empty() for x in ends):
        return rows.clear()
    low = max(float(x.quantile(_EDGE, "linear") or 0) for x in ends)
    high = min(float(x.quantile(1 - _EDGE, "linear") or 0) for x in ends)
    return rows.filter(pl.col("words").is_between(low, high))


def _bends(lengths: Floats) -> list[Floats]:
    knots = np.unique(np.quantile(lengths, _KNOTS))
    return [lengths, *(np.maximum(lengths - x, 0.0) for x in knots)]


def _within(columns: Floats, prompt: Codes) -> Floats:
    """Each column less its mean in the row's prompt."""
    sums = np.zeros((int(prompt.max()) + 1, columns.shape[1]))
    np.add.at(sums, prompt, columns)
    return np.asarray(columns - (sums / np.bincount(prompt)[:, None])[prompt])
