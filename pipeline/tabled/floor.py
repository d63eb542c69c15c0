"""Word counts as judges of a table that brings its texts: the floor for its own judges."""

from typing import cast, get_args

import polars as pl

from judges import surface
from judges.panel import Measure
from judges.verdict import Item, Language
from pipeline.stats.terms import Criterion, Terms
from pipeline.tabled.table import SCORES, Table
from pipeline.tables import conform

_MOST_OF_THEM = 0.9
MEASURES: tuple[Measure, ...] = get_args(Measure)


def with_counts(table: Table, terms: Terms) -> pl.DataFrame:
    """SCORES of the table and of the counts of its texts.

    Nothing is added where under nine tenths of the answers have a text (a floor of some of them
    would decide over all), where the table has judges that only count, or a rater by the name of a
    count.
    """
    there = table.scores
    few = table.texts.height < _MOST_OF_THEM * there["response"].n_unique()
    if table.texts.is_empty() or few or there["computed"].fill_null(False).any():
        return there
    if set(there["rater"].unique()) & set(MEASURES):
        return there
    places = there.unique(["response", "rubric"]).select(
        "response", "prompt", "language", "arm", "rubric", "finish"
    )
    shares = pl.DataFrame(
        [
            {"response": row["response"], "rater": measure, "share": _share(measure, row)}
            for row in table.texts.join(
                places.unique("response"), on="response", maintain_order="left"
            ).iter_rows(named=True)
            for measure in MEASURES
        ],
        schema={"response": pl.String, "rater": pl.String, "share": pl.Float64},
    )
    counted = places.join(shares, on="response").sort("rubric", "response", "rater")
    scales = {x.id: x for x in terms.criteria}
    score = [_level(scales[row[0]], row[1]) for row in counted.select("rubric", "share").rows()]
    rows = counted.with_columns(
        kind=pl.lit("judge"),
        rater_class=pl.lit(None, pl.String),
        computed=pl.lit(True),
        judge_draw=pl.lit(0, pl.Int64),
        order=pl.lit(None, pl.Int64),
        score=pl.Series(score, dtype=pl.Float64),
    )
    return pl.concat([there, conform(rows.drop("share"), SCORES)])


def _share(measure: Measure, row: dict[str, str | None]) -> float:
    language = cast(Language, row["language"])
    item = Item(key="", language=language, task=row["task"] or "", answer=row["text"] or "")
    return surface.share(measure, item)[0]


def _level(criterion: Criterion, share: float) -> float:
    """The level, or on a scale without levels the place, that far up."""
    scale = criterion.scale
    if criterion.stepped:
        return scale[min(int(share * len(scale)), len(scale) - 1)]
    return scale[0] + share * (scale[-1] - scale[0])
