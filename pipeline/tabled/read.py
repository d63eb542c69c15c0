"""Somebody else's table of ratings, read by the columns that a study names."""

from pathlib import Path

import polars as pl

from pipeline import files
from pipeline.errors import UserError
from pipeline.tabled.cells import table
from pipeline.tabled.faulty import Faults, blank, check, check_columns
from pipeline.tabled.kinds import Columns, TableStudy
from pipeline.tabled.table import SCORES, TEXTS, Table
from pipeline.tables import conform

_NO_SYSTEM = "-"
_MOST = 1e15
"""Beyond this no scale reaches, and squares lose their digits."""


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
    check_columns(raw, study, faults)
    faults.raise_any()
    raw = raw.with_row_index("row", 1)
    for column, value in study.only.items():
        raw = raw.filter(pl.col(column).cast(pl.String).str.strip_chars() == str(value))
    if raw.is_empty():
        said = "no row fits `only`" if study.only else "has no rows"
        raise UserError(f"{name}: {said}")
    long = _long(raw, study.columns)
    long = long.filter(~pl.all_horizontal(blank(x) for x in ("response", "rater", "rubric")))
    found = _scored(_named(long, study), study, faults)
    check(found, study, faults)
    faults.raise_any()
    return Table(conform(found.select(SCORES.names()), SCORES), _texts(long, study.columns, name))


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
        "order": columns.order,
        "finish": columns.finish,
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
    draw = pl.lit(0, pl.Int64) if columns.draw is None else _whole("judge_draw")
    named = pl.col("rater_class").replace("", None).fill_null(study.rater_class)
    rated_by = pl.lit(study.rater_class) if columns.rater_class is None else named
    return long.with_columns(
        told_kind=pl.col("kind"),
        kind=kind,
        prompt=prompt,
        language=language,
        arm=pl.col("arm").fill_null(_NO_SYSTEM),
        judge_draw=draw,
        told_order=pl.col("order"),
        order=_whole("order"),
        finish=pl.col("finish").replace("", None).fill_null("complete"),
        rater_class=rated_by,
    ).with_columns(
        computed=pl.when(pl.col("kind") != "human").then(pl.col("kind") == "computed"),
        judge_draw=pl.when(pl.col("kind") == "human").then(0).otherwise("judge_draw"),
        rater_class=pl.when(pl.col("kind") == "human").then("rater_class"),
        kind=pl.col("kind").replace({"computed": "judge"}),
    )


def _whole(column: str) -> pl.Expr:
    """The whole numbers of a column of text, 3.0 among them as spreadsheets write it; else null."""
    number = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(number == number.round(0)).then(number.cast(pl.Int64, strict=False))


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
        found.filter(
            pl.col("given"), pl.col("told_score").str.contains(r"^[+-]?[1-9]\d{0,2}(,\d{3})+$")
        ),
        "score is {told_score!r}: is that a thousand or a decimal comma? write it with a point, or "
        "without one",
    )
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
