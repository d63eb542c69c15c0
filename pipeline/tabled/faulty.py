"""What is wrong with somebody else's table of ratings: every fault, with a few of its places."""

from collections.abc import Iterable, Mapping

import polars as pl

from judges.verdict import Language
from pipeline.errors import UserError
from pipeline.tabled.kinds import TableStudy
from pipeline.tabled.table import FINISHES

_MOST_FAULTS = 20
_UNIT = ["response", "rubric", "rater", "kind", "judge_draw"]
_OURS = {
    "response": "item",
    "rubric": "criterion",
    "arm": "system",
    "rater_class": "class",
    "computed": "kind (judge and computed)",
    **{x: x for x in ("rater", "prompt", "kind", "language", "finish")},
}
"""What a user calls our columns: the names under `columns`."""
_CLASSES = ("expert", "skilled", "crowd")
_LANGUAGES: tuple[Language, ...] = ("en", "ru")
_NO_ANSWER = ("refused", "empty", "overflow")
"""What leaves nothing to score."""


class Faults:
    """Faults of a table, with a few of their places each."""

    def __init__(self, name: str) -> None:
        """None yet, in the table of this name."""
        self.name = name
        self.lines: list[str] = []

    def rows(self, bad: pl.DataFrame, said: str) -> None:
        """Note the rows of `bad`, if there are any; `said` may name its columns in braces."""
        for row in bad.head(3).iter_rows(named=True):
            where = f"{self.name}: row {row['row']} below the head"
            self.lines.append(f"{where}: {said.format(**row)}")
        if bad.height > 3:
            self.lines.append(f"{self.name}: ... and {bad.height - 3} more rows like that")

    def raise_any(self) -> None:
        """Raise what was noted.

        Raises:
            UserError: there was at least one.
        """
        if self.lines:
            more = len(self.lines) - _MOST_FAULTS
            rest = [f"... and {more} more"] if more > 0 else []
            raise UserError("\n".join(self.lines[:_MOST_FAULTS] + rest))


def check_columns(raw: pl.DataFrame, study: TableStudy, faults: Faults) -> None:
    """Note the columns that the study names and the table has not."""
    assert study.columns is not None
    named = study.columns.model_dump(exclude={"scores"}, exclude_none=True, by_alias=True)
    wanted = [(f"columns.{field}", column) for field, column in named.items()]
    wanted += [("columns.scores", column) for column in study.columns.scores]
    wanted += [("only", column) for column in study.only]
    for field, column in wanted:
        if column not in raw.columns:
            there = ", ".join(raw.columns[:30])
            said = f"no column {column!r}, which {field} names; there are: {there}"
            faults.lines.append(f"{faults.name}: {said}")
        elif not (raw[column].dtype.is_numeric() or raw[column].dtype in _TEXTUAL):
            said = (
                f"column {column!r} ({field}) holds {raw[column].dtype}, expected text or numbers"
            )
            faults.lines.append(f"{faults.name}: {said}")


_TEXTUAL = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def check(found: pl.DataFrame, study: TableStudy, faults: Faults) -> None:
    """What would make a wrong number: what is not named, given twice, or said two ways."""
    for column in ("response", "rater", "prompt", "rubric"):
        faults.rows(found.filter(blank(column)), f"the {_OURS[column]} is empty")
    faults.rows(
        found.filter(pl.col("kind").is_null()),
        "kind is {told_kind!r}, expected one of: " + ", ".join(study.kinds),
    )
    people = found.filter(pl.col("kind") == "human")
    strange = people.filter(
        ~pl.col("rater_class").is_in(_CLASSES) | pl.col("rater_class").is_null()
    )
    faults.rows(strange, "class is {rater_class!r}, expected one of: " + ", ".join(_CLASSES))
    spoken = found.filter(~pl.col("language").is_in(_LANGUAGES) | pl.col("language").is_null())
    faults.rows(spoken, "language is {language!r}, expected one of: " + ", ".join(_LANGUAGES))
    faults.rows(found.filter(pl.col("judge_draw").is_null()), "draw is no whole number")
    faults.rows(
        found.filter(pl.col("order").is_null(), ~blank("told_order")),
        "order is {told_order!r}, expected a whole number, or nothing where it is not known",
    )
    faults.rows(found.filter(pl.col("order") < 1), "order is {order}, expected 1, 2, 3 ...")
    faults.rows(
        found.filter(~pl.col("finish").is_in(FINISHES)),
        "finish is {finish!r}, expected one of: " + ", ".join(FINISHES),
    )
    faults.rows(
        found.filter(pl.col("finish").is_in(_NO_ANSWER), pl.col("score").is_not_null()),
        "item {response!r} is {finish}, and yet {rater!r} scored it",
    )
    faults.rows(found.filter(pl.col("rater") == "panel"), "no rater may be called 'panel'")
    _check_one(found, "rater", ("kind", "rater_class", "computed"), faults)
    _check_one(found, "response", ("prompt", "arm", "language", "finish"), faults)
    twice = found.filter(pl.struct(_UNIT).is_duplicated() & ~pl.struct(_UNIT).is_first_distinct())
    hint = "" if study.columns and study.columns.draw else " (a judge's draws need columns.draw)"
    faults.rows(twice, "{rater!r} has already scored {response!r} on {rubric!r}; keep one" + hint)
    _check_names(found, study, faults)


def _check_one(found: pl.DataFrame, of: str, properties: Iterable[str], faults: Faults) -> None:
    """Whoever or whatever stands in column `of` has one of each of the properties."""
    for name in properties:
        varied = found.group_by(of).agg(
            pl.col("row").first(),
            pl.col(name).drop_nulls().unique().sort().alias("all"),
        )
        bad = varied.filter(pl.col("all").list.len() > 1).sort("row")
        said = f"{_OURS[of]} {{{of}!r}} has more than one {_OURS[name]}: {{all}}"
        faults.rows(bad, said)


def _check_names(found: pl.DataFrame, study: TableStudy, faults: Faults) -> None:
    """The names that the study uses stand in the table, and every criterion has a scale."""
    there: Mapping[str, set[str]] = {x: set(found[x].unique()) for x in ("arm", "rubric", "rater")}
    for field, name in (("high", study.high), ("low", study.low)):
        if name is not None and name not in there["arm"]:
            known = ", ".join(sorted(there["arm"])[:30])
            faults.lines.append(
                f"{faults.name}: `{field}` names the system {name!r}; there are: {known}"
            )
    for name in sorted(study.criteria.keys() - there["rubric"]):
        known = ", ".join(sorted(there["rubric"] - {None})[:30])
        faults.lines.append(f"{faults.name}: no criterion {name!r}; there are: {known}")
    if study.scale is None:
        for name in sorted((there["rubric"] - {None}) - study.criteria.keys()):
            faults.lines.append(
                f"{faults.name}: criterion {name!r} has no scale (`scale` is for all)"
            )
    for judge, systems in study.own.items():
        for name in ({judge} - there["rater"]) | (set(systems) - there["arm"]):
            faults.lines.append(f"{faults.name}: `own` names {name!r}, which is not in the table")


def blank(column: str) -> pl.Expr:
    """Whether a cell says nothing."""
    return pl.col(column).is_null() | (pl.col(column) == "")
