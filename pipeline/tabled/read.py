"""Somebody else's table of ratings, read by the columns that a study names."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from judges.verdict import Language
from pipeline import files
from pipeline.errors import UserError
from pipeline.tabled.cells import table
from pipeline.tabled.kinds import Columns, TableStudy
from pipeline.tabled.table import SCORES, TEXTS, Table
from pipeline.tables import conform

_MOST_FAULTS = 20
_NO_SYSTEM = "-"
_UNIT = ["response", "rubric", "rater", "kind", "judge_draw"]
_OURS = {
    "response": "item",
    "rubric": "criterion",
    "arm": "system",
    "rater_class": "class",
    "computed": "kind (judge and computed)",
    **{x: x for x in ("rater", "prompt", "kind", "language")},
}
"""What a user calls our columns: the names under `columns`."""
_MOST = 1e15
"""Beyond this no scale reaches, and squares lose their digits."""
_CLASSES = ("expert", "skilled", "crowd")
_LANGUAGES: tuple[Language, ...] = ("en", "ru")


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


def read(path: Path, study: TableStudy, root: Path) -> Table:
    """The ratings in the CSV or parquet file at `path`.

    Rows are counted from 1, the head not counted. A score off the scale is read as it stands.

    Raises:
        UserError: every fault of the file, one a line.
    """
    try:
        return _read(path, study, root)
    except pl.exceptions.PolarsError as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{files.shown(path, root)}: a column cannot be read: {said}") from None


def _read(path: Path, study: TableStudy, root: Path) -> Table:
    assert study.columns is not None, "a simulation reads no file"
    name = files.shown(path, root)
    raw = table(path, name)
    faults = Faults(name)
    _check_columns(raw, study, faults)
    faults.raise_any()
    raw = raw.with_row_index("row", 1)
    for column, value in study.only.items():
        raw = raw.filter(pl.col(column).cast(pl.String).str.strip_chars() == str(value))
    if raw.is_empty():
        said = "no row fits `only`" if study.only else "has no rows"
        raise UserError(f"{name}: {said}")
    long = _long(raw, study.columns)
    long = long.filter(~pl.all_horizontal(_blank(x) for x in ("response", "rater", "rubric")))
    found = _scored(_named(long, study), study, faults)
    _check(found, study, faults)
    faults.raise_any()
    return Table(conform(found.select(SCORES.names()), SCORES), _texts(long, study.columns, name))


def _blank(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column) == "")


def _check_columns(raw: pl.DataFrame, study: TableStudy, faults: Faults) -> None:
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


def _long(raw: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """The table with one score a row, under our names; all text but score, draw and row."""
    named = {
        "response": columns.item,
        "rater": columns.rater,
        "prompt": columns.prompt,
        "arm": columns.system,
        "kind": columns.kind,
        "rater_class": columns.rater_class,
        "language": columns.language,
        "judge_draw": columns.draw,
        "task": columns.task,
        "text": columns.text,
    }
    taken = [
        pl.lit(None, pl.String).alias(ours)
        if theirs is None
        else pl.col(theirs).cast(pl.String).str.strip_chars().alias(ours)
        for ours, theirs in named.items()
    ]
    if not columns.scores:
        assert columns.score is not None
        rubric = pl.lit("score") if columns.criterion is None else pl.col(columns.criterion)
        return raw.select(
            "row",
            *taken,
            rubric.cast(pl.String).str.strip_chars().alias("rubric"),
            pl.col(columns.score).alias("score"),
        )
    wide = [pl.col(x).cast(pl.String).alias(f"score {i}") for i, x in enumerate(columns.scores)]
    spread = raw.select("row", *taken, *wide)
    names = {f"score {i}": x for i, x in enumerate(columns.scores)}
    long = spread.unpivot(
        list(names), index=["row", *named], variable_name="rubric", value_name="score"
    )
    return long.with_columns(pl.col("rubric").replace(names))


def _named(long: pl.DataFrame, study: TableStudy) -> pl.DataFrame:
    """The columns that a table may lack, filled in as the study says."""
    assert study.columns is not None
    columns = study.columns
    kind = (
        pl.lit("human")
        if columns.kind is None
        else pl.col("kind").replace_strict(study.kinds, default=None, return_dtype=pl.String)
    )
    prompt = pl.col("response") if columns.prompt is None else pl.col("prompt")
    language = pl.lit(study.language) if columns.language is None else pl.col("language")
    draw = (
        pl.lit(0, pl.Int64)
        if columns.draw is None
        else pl.col("judge_draw").cast(pl.Int64, strict=False)
    )
    named = pl.col("rater_class").replace("", None).fill_null(study.rater_class)
    rated_by = pl.lit(study.rater_class) if columns.rater_class is None else named
    return long.with_columns(
        told_kind=pl.col("kind"),
        kind=kind,
        prompt=prompt,
        language=language,
        arm=pl.col("arm").fill_null(_NO_SYSTEM),
        judge_draw=draw,
        rater_class=rated_by,
    ).with_columns(
        computed=pl.when(pl.col("kind") != "human").then(pl.col("kind") == "computed"),
        judge_draw=pl.when(pl.col("kind") == "human").then(0).otherwise("judge_draw"),
        rater_class=pl.when(pl.col("kind") == "human").then("rater_class"),
        kind=pl.col("kind").replace({"computed": "judge"}),
    )


def _scored(long: pl.DataFrame, study: TableStudy, faults: Faults) -> pl.DataFrame:
    """The table with its scores as numbers; notes those that are neither numbers nor missing."""
    if long["score"].dtype.is_numeric() and not study.values:
        gone = [x for word in study.missing if (x := _number(word)) is not None]
        score = pl.col("score").cast(pl.Float64).fill_nan(None)
        found = long.with_columns(pl.when(~score.is_in(gone)).then(score).alias("score"))
        faults.rows(found.filter(pl.col("score").abs() > _MOST), "score {score} is out of reach")
        return found
    if long["score"].dtype.is_float():  # 1.0 is the word 1 of `values`
        whole = pl.col("score").cast(pl.Int64, strict=False)
        as_word = pl.when(whole == pl.col("score")).then(whole.cast(pl.String))
        long = long.with_columns(as_word.otherwise(pl.col("score").cast(pl.String)).alias("score"))
    said = pl.col("score").cast(pl.String).str.strip_chars()
    missing = said.is_in(list(study.missing)) | said.is_null()
    word = said.replace_strict(study.values or {"": 0.0}, default=None, return_dtype=pl.Float64)
    number = said.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    score = (
        pl.when(~missing)
        .then(word if study.values else None)
        .fill_null(pl.when(~missing & number.is_finite() & (number.abs() <= _MOST)).then(number))
    )
    found = long.with_columns(score=score, told_score=said, given=~missing)
    faults.rows(
        found.filter(pl.col("given") & pl.col("score").is_null()),
        "score is {told_score!r}, expected a number, a word of `values` or one of `missing`",
    )
    return found


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _check(found: pl.DataFrame, study: TableStudy, faults: Faults) -> None:
    """What would make a wrong number: what is not named, given twice, or said two ways."""
    for column in ("response", "rater", "prompt", "rubric"):
        faults.rows(found.filter(_blank(column)), f"the {_OURS[column]} is empty")
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
    faults.rows(found.filter(pl.col("rater") == "panel"), "no rater may be called 'panel'")
    _check_one(found, "rater", ("kind", "rater_class", "computed"), faults)
    _check_one(found, "response", ("prompt", "arm", "language"), faults)
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


def _texts(long: pl.DataFrame, columns: Columns, name: str) -> pl.DataFrame:
    """TEXTS, empty where there is no column of them.

    Raises:
        UserError: an answer has two texts.
    """
    if columns.text is None:
        return pl.DataFrame(schema=TEXTS)
    known = long.filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
    found = known.group_by("response").agg(
        pl.col("task").drop_nulls().first(),
        pl.col("text").first(),
        pl.col("text").n_unique().alias("n"),
    )
    several = found.filter(pl.col("n") > 1).sort("response").to_dicts()
    if several:
        one = several[0]
        raise UserError(f"{name}: item {one['response']!r} has {one['n']} different texts")
    return conform(found.drop("n").sort("response"), TEXTS)
