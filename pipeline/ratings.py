"""Every score of a study, by people and machines alike, in one table."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from pipeline import findings, gold, tables
from pipeline.generate import WantedResponse
from pipeline.score import WantedVerdict

PANEL = "panel"
"""The rater made of all judges: their median, half levels kept."""


class Judged(NamedTuple):
    """An answer that was judged and the item under which judges saw it."""

    want: WantedResponse
    item: str


class Scored(NamedTuple):
    """The score of a stored verdict, or why it has none."""

    score: float | None
    reason: str | None


def scored(record: dict[str, Any]) -> Scored:
    """The score that counts of a verdict record: the level, or the mean level where measured."""
    said = record["verdict"]
    if said["score"] is None or said["how"] != "measured":
        return Scored(None if said["score"] is None else float(said["score"]), said["reason"])
    if said["measurement"] is None:
        return Scored(None, "no usable token probabilities came back")
    return Scored(float(said["measurement"]["expectation"]), None)


class Collected(NamedTuple):
    """Every score of a study."""

    ratings: pl.DataFrame
    """RATINGS, the panel's rows included."""
    draws: pl.DataFrame
    """DRAWS: the judges' before they are averaged."""


def collect(
    judged: Iterable[Judged],
    verdicts: Iterable[WantedVerdict],
    stored: Mapping[str, Scored],
    given_up: Mapping[str, str],
    human: Iterable[gold.Row],
) -> Collected:
    """Every score of a study, by answer, rubric and rater.

    `stored` are the scores of verdicts by key; `given_up` why others are not asked for. A
    judge's draws are averaged; a verdict that is still owed has no row: nothing stands in for it.
    """
    answers = list(judged)
    by_item: dict[str, list[WantedResponse]] = {}
    for want, item in answers:
        by_item.setdefault(item, []).append(want)
    rows = [row for verdict in verdicts for row in _judge_rows(verdict, by_item, stored, given_up)]
    draws = pl.DataFrame(rows, schema=findings.DRAWS)
    judges = over_draws(draws)
    wanted = {want.key: want for want, _ in answers}
    people = pl.DataFrame(
        [
            _human_row(x.rating, wanted[x.rating.response_key])
            for x in human
            if x.rating.response_key in wanted
        ],
        schema=tables.RATINGS,
    )
    return Collected(in_order(pl.concat([judges, panel(judges), people])), draws)


def in_order(ratings: pl.DataFrame) -> pl.DataFrame:
    """RATINGS in the one order that they are kept in."""
    return ratings.sort("rubric", "prompt", "language", "arm", "draw", "response", "kind", "rater")


def _place(want: WantedResponse) -> dict[str, Any]:
    return {
        "response": want.key,
        "prompt": want.task.id,
        "task_kind": want.task.kind,
        "language": want.language,
        "arm": want.arm.name,
        "draw": want.draw,
    }


def _judge_rows(
    verdict: WantedVerdict,
    by_item: dict[str, list[WantedResponse]],
    stored: Mapping[str, Scored],
    given_up: Mapping[str, str],
) -> list[dict[str, Any]]:
    found = stored.get(verdict.key)
    if found is None and verdict.key not in given_up:
        return []
    found = found or Scored(None, given_up[verdict.key])
    return [
        {
            **_place(want),
            "rubric": verdict.rubric.id,
            "rater": verdict.judge.id,
            "kind": "judge",
            "rater_class": None,
            "computed": verdict.judge.computed is not None,
            "score": found.score,
            "reason": found.reason,
            "judge_draw": verdict.draw,
        }
        for want in by_item.get(verdict.item.key, ())
    ]


def over_draws(draws: pl.DataFrame) -> pl.DataFrame:
    """One row per judge: the mean over its draws that have a score; null where none has."""
    keys = [x for x in tables.RATINGS.names() if x not in ("score", "reason")]
    grouped = draws.group_by(keys, maintain_order=True).agg(
        pl.col("score").mean(), pl.col("reason").drop_nulls().first()
    )
    reason = pl.when(pl.col("score").is_null()).then(pl.col("reason"))
    return tables.conform(grouped.with_columns(reason=reason), tables.RATINGS)


def panel(judges: pl.DataFrame) -> pl.DataFrame:
    """The panel's rows: the median of its judges' scores; null where no judge gave one."""
    places = ["response", "prompt", "task_kind", "language", "arm", "draw", "rubric"]
    score = pl.col("score")
    rows = (
        tables.panel_judges(judges)
        .group_by(places, maintain_order=True)
        .agg(
            score.median(),
            computed=pl.col("computed").all(),
            reason=pl.when(score.count() == 0).then(pl.lit("no judge gave a score")),
        )
    )
    return tables.conform(
        rows.with_columns(
            rater=pl.lit(PANEL), kind=pl.lit("panel"), rater_class=pl.lit(None, pl.String)
        ),
        tables.RATINGS,
    )


def _human_row(rating: gold.Rating, want: WantedResponse) -> dict[str, Any]:
    return {
        **_place(want),
        "rubric": rating.rubric,
        "rater": rating.rater,
        "kind": "human",
        "rater_class": rating.rater_class,
        "computed": None,
        "score": None if rating.score is None else float(rating.score),
        "reason": None if rating.score is not None else rating.comment or "could not judge",
    }
