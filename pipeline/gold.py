"""The human gold set: CSV files of people's ratings, as spreadsheets really write them."""

import csv
import difflib
import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import polars as pl
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from judges.digest import KEY_LENGTH
from judges.rubric import Rubric, Slug
from judges.verdict import Frozen
from pipeline import files
from pipeline.errors import UserError
from pipeline.ledger import Ledger

RaterClass = Literal["expert", "skilled", "crowd"]
COLUMNS = (
    "rater",
    "rater_class",
    "response_key",
    "rubric",
    "rubric_digest",
    "score",
    "seconds",
    "comment",
    "when",
    "revision",
)
TABLE = pl.Schema(
    dict.fromkeys(COLUMNS, pl.String())
    | {"score": pl.Int64(), "seconds": pl.Float64(), "revision": pl.Int64()}
)
"""A row per rating; null where nothing is known."""
_KEY = r"^[0-9a-f]{32}$"
assert KEY_LENGTH == 32, "the pattern above is a key's"
_NUMBERS = {
    "score": "a level of the rubric, or nothing",
    "seconds": "a number from 0 up",
    "revision": "a whole number from 1 up, or nothing",
}
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_WRITTEN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T,]+(\d{1,2})(:\d\d(?::\d\d)?))?")
_DATES = "a date as 2026-11-30 or 30.11.2026, with a time behind it or not"
DESIGNED = "design"
"""The rater of levels that written texts were made for: nobody's ratings, and no person's name."""
SHEET = ("task", "answer")
"""Columns that `sheet.csv` carries for the person who fills it in; they are not read back."""
_MOST_FAULTS = 20
csv.field_size_limit(2**30)
"""A sheet carries whole answers, which may be longer than the reader's own limit."""


def as_read(text: str) -> str:
    r"""`text` as it comes back from a gold file: one kind of line end, no space around.

    >>> as_read(" a\rb\r\n")
    'a\nb'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def iso(when: str) -> str:
    """A date as people and spreadsheets write it, in ISO 8601; what is so already stays.

    >>> iso("30.11.2026"), iso("1.12.2026 9:05"), iso("2026-11-30T10:00:00Z"), iso("")
    ('2026-11-30', '2026-12-01T09:05', '2026-11-30T10:00:00Z', '')
    """
    text = when.strip()
    if found := _WRITTEN.fullmatch(text):
        day, month, year, hour, rest = found.groups()
        text = f"{year}-{month:0>2}-{day:0>2}" + (f"T{hour:0>2}{rest}" if hour else "")
    try:
        instant(text)
    except ValueError:
        raise ValueError(_DATES) from None
    return text


def instant(when: str) -> datetime:
    """The moment that a date in ISO 8601 names, to be put in order: none first, a day at its start.

    >>> instant("2026-11-30T10:00:00+03:00") < instant("2026-11-30T08:00:00Z")
    True
    """
    found = datetime.fromisoformat(when) if when else datetime.min
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


class Rating(Frozen):
    """One person's score of one answer on one rubric."""

    rater: Annotated[str, StringConstraints(pattern=r"^\w[\w .\-]{0,39}$")]
    """A pseudonym, in any alphabet."""
    rater_class: RaterClass = "crowd"
    response_key: Annotated[str, StringConstraints(pattern=_KEY)]
    rubric: Slug
    rubric_digest: Annotated[str, StringConstraints(pattern=_KEY)] | None = None
    """Of what the person saw: see `judges.rubric.seen_digest`; None = not known."""
    score: int | None
    """None = could not judge; then `comment` says why."""
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    comment: Annotated[str, AfterValidator(as_read)] = ""
    when: Annotated[str, AfterValidator(iso)] = ""
    """In ISO 8601; empty = not known."""
    revision: Annotated[int, Field(ge=1)] | None = None
    """How often the page had saved it, this time included; None = it is not from the page."""


def table(ratings: Sequence[Rating]) -> pl.DataFrame:
    """Ratings as TABLE, whatever the first of them lack."""
    return pl.DataFrame([x.model_dump() for x in ratings], schema=TABLE)


class Row(NamedTuple):
    """A rating and where it stands, for messages."""

    rating: Rating
    where: str


class Read(NamedTuple):
    """What is in a gold file."""

    rows: tuple[Row, ...]
    """The good ones, on the rubrics that were asked for."""
    faults: tuple[str, ...]
    """A line each, with file and line."""
    bare: bool = False
    """Whether there is a header and nothing below it, as a deletion leaves of one person's file."""


def load(path: Path, root: Path, rubrics: tuple[Rubric, ...]) -> tuple[Row, ...]:
    """The ratings of a gold file on the study's rubrics; those on its other rubrics are left out.

    Raises:
        UserError: every fault of the file, one a line; that there is none, for a file with rows.
    """
    found = read(path, root, rubrics)
    if not (found.rows or found.faults or found.bare):
        said = f"{files.shown(path, root)}: has no rating on a rubric of the study"
        found = found._replace(faults=(said,))
    return sound(found)


def sound(found: Read) -> tuple[Row, ...]:
    """The ratings of a gold file in which nothing is wrong; there may be none.

    Raises:
        UserError: every fault of the file, one a line.
    """
    rows, faults = found.rows, found.faults
    if faults:
        more = [f"... and {len(faults) - _MOST_FAULTS} more"] * (len(faults) > _MOST_FAULTS)
        raise UserError("\n".join([*faults[:_MOST_FAULTS], *more]))
    return rows


def read(path: Path, root: Path, rubrics: tuple[Rubric, ...]) -> Read:
    """The ratings of a gold file on these rubrics, and what is wrong with the rest of it.

    Reads a byte-order mark, `;` or tabs for commas, decimal commas and any line end. A row without
    a rater, as in a sheet that is not filled in, is no rating.
    """
    name = files.shown(path, root)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        there = ", ".join(sorted(x.stem for x in path.parent.glob("*.csv"))) or "none"
        return Read((), (f"{name}: no such file; there are: {there}",))
    except UnicodeDecodeError as error:
        return Read((), (f"{name}: is not UTF-8 ({error.reason}); save it as UTF-8",))
    return parsed(text, name, root, rubrics)


def parsed(text: str, name: str, root: Path, rubrics: tuple[Rubric, ...]) -> Read:
    """What a gold file of this text holds; `name` is the file's in what is said of it."""
    table = sheet_of(text)
    if wrong := _column_faults(name, list(table.fieldnames or ())):
        return Read((), tuple(wrong))
    faults: list[str] = []
    rows: list[Row] = []
    names = {x.stem for x in (root / "rubrics").glob("*.yaml")}
    known = _Known({x.id: x for x in rubrics}, names, Ledger(root))
    bare = True
    try:
        for record in table:
            bare = False
            where = f"{name}:{table.line_num}"
            if None in record or None in record.values():
                faults.append(f"{where}: has another number of columns than the header")
            elif not (record.get("rater") or "").strip():
                if (record.get("score") or "").strip():
                    faults.append(f"{where}: there is a score, but nobody is named in `rater`")
            else:
                row = _row(record, where, known, faults)
                rows += [row] if row is not None and row.rating.rubric in known.rubrics else []
    except csv.Error as error:
        return Read(tuple(rows), (*faults, f"{name}:{table.line_num}: not valid CSV: {error}"))
    return Read(tuple(rows), (*dict.fromkeys(faults), *repeats(rows)), bare)


def sheet_of(text: str) -> "csv.DictReader[str]":
    """The rows of a CSV file as spreadsheets write it: commas, semicolons or tabs between."""
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table.fieldnames = [x.strip() for x in table.fieldnames or ()]
    return table


def _column_faults(name: str, columns: list[str]) -> list[str]:
    missing = sorted({"rater", "response_key", "rubric", "score"} - set(columns))
    unknown = sorted(set(columns) - set(COLUMNS) - set(SHEET))
    faults = [f"{name}:1: column {x!r} is missing" for x in missing]
    twice = sorted({x for x in columns if columns.count(x) > 1})
    faults += [f"{name}:1: column {x!r} is given twice (keep one)" for x in twice]
    return faults + [
        f"{name}:1: column {x!r} is not known; known are: {', '.join(COLUMNS)}" for x in unknown
    ]


class _Known(NamedTuple):
    """What a rating may be on."""

    rubrics: dict[str, Rubric]
    names: set[str]
    """Of all rubrics of the project: ratings on the others are passed over."""
    ledger: Ledger


def _row(record: dict[str, str], where: str, known: _Known, faults: list[str]) -> Row | None:
    values: dict[str, object] = {
        k: v.strip() for k, v in record.items() if v.strip() and k not in SHEET
    }
    values.setdefault("score", None)
    strange = [x for x in _NUMBERS if values.get(x) and not _NUMBER.fullmatch(str(values[x]))]
    for field, wanted in ((x, _NUMBERS[x]) for x in strange):
        faults.append(f"{where}: {field} is {values[field]!r}, expected {wanted}")
    if strange:
        return None
    for field in _NUMBERS.keys() & values.keys():
        if values[field] is not None:
            values[field] = float(str(values[field]).replace(",", "."))
    try:
        rating = Rating.model_validate(values)
    except ValidationError as error:
        faults += [f"{where}: {_said(fault)}" for fault in error.errors(include_url=False)]
        return None
    if rating.score is None and not rating.comment:
        faults.append(
            f"{where}: score is empty: say in `comment` why no level could be given, "
            "or clear `rater` if this answer was not rated"
        )
        return None
    if rating.rubric not in known.names | known.rubrics.keys():
        names = sorted(known.names | known.rubrics.keys())
        close = difflib.get_close_matches(rating.rubric, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names)}"
        faults.append(f"{where}: rubric {rating.rubric!r} is not known; {hint}")
        return None
    rubric = known.rubrics.get(rating.rubric)
    off = None if rubric is None else _off_scale(rating, rubric, where, known.ledger)
    if off is not None:
        faults.append(off)
        return None
    return Row(rating, where)


def _off_scale(rating: Rating, rubric: Rubric, where: str, ledger: Ledger) -> str | None:
    """Why a score does not fit today's levels; None where it does.

    A line on the row; where the rubric had other levels then, one that all such rows share: a 3 of
    five levels is no 3 of six.
    """
    today = f"{rubric.scale[0]}..{rubric.scale[-1]}"
    older = ledger.other_scale(rating.rubric_digest, rubric)
    if rating.score is not None and older is not None:
        then = f"{older[0]}..{older[-1]}"
        return (
            f"{where.rpartition(':')[0]}: {rubric.id} was rated on the levels {then}, today's are "
            f"{today}: give it these levels back, or take those ratings out"
        )
    if rating.score is None or rating.score in rubric.scale:
        return None
    return f"{where}: score is {rating.score}, expected one of {today} (the levels of {rubric.id})"


def _said(fault: Any) -> str:
    """One fault of a row in words."""
    field = ".".join(str(x) for x in fault["loc"])
    if fault["type"] == "missing":
        return f"{field} is missing"
    if field in _NUMBERS:
        return f"{field} is {fault['input']!r}, expected {_NUMBERS[field]}"
    said = str(fault["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    if fault["type"] == "string_pattern_mismatch":
        said = {
            "rater": "a pseudonym: letters, digits, spaces, _ . or -, at most 40",
            "rubric": "the id of a rubric: small Latin letters, digits and _",
        }.get(field, "32 of the characters 0-9 a-f, as in sheet.csv")
    return f"{field} is {fault['input']!r}, expected {said}"


def later(one: Rating, other: Rating) -> bool:
    """Whether `one` was given after `other`, by the same person on the same thing.

    The page counts revisions, and a clock may be set back between two of them.
    """
    if one.revision is not None and other.revision is not None and one.revision != other.revision:
        return one.revision > other.revision
    return instant(one.when) > instant(other.when)


def repeats(rows: Sequence[Row]) -> list[str]:
    """A line for each rating of an answer that the same rater had already rated on that rubric.

    Under another wording it is no repeat: see `newest`.
    """
    first: dict[tuple[str, str, str, str | None], str] = {}
    faults = []
    for rating, where in rows:
        key = (rating.rater, rating.response_key, rating.rubric, rating.rubric_digest)
        if key in first:
            faults.append(
                f"{where}: {rating.rater!r} has already scored this answer on {rating.rubric} "
                f"({first[key]}); keep one"
            )
        first.setdefault(key, where)
    return faults


def newest(rows: Sequence[Row], today: Callable[[Rating], str | None]) -> tuple[Row, ...]:
    """One rating per rater, answer and rubric: of several wordings today's, else the last one.

    `today` is the digest of what people see of a rating's rubric today.
    """
    chosen: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        rating = row.rating
        key = (rating.rater, rating.response_key, rating.rubric)
        held = chosen.get(key)
        if held is None or held.rating.rubric_digest != today(held.rating):
            chosen[key] = row
    return tuple(chosen.values())


def classes(rows: Sequence[Row]) -> list[str]:
    """A line for each rater who is of one class here and of another there."""
    first: dict[str, Row] = {}
    faults: dict[str, str] = {}
    for row in rows:
        other = first.setdefault(row.rating.rater, row)
        if other.rating.rater_class != row.rating.rater_class:
            faults.setdefault(
                row.rating.rater,
                f"{row.where}: {row.rating.rater!r} is {row.rating.rater_class} here and "
                f"{other.rating.rater_class} at {other.where} (crowd where it is empty)",
            )
    return list(faults.values())


def check_unmixed(rows: Sequence[Row], study: str) -> None:
    """Refuse levels that texts were written for beside people's ratings, in a study.

    Raises:
        UserError: agreement would be counted with one person more than there is.
    """
    made, given = (
        sorted({x.where.rpartition(":")[0] for x in rows if (x.rating.rater == DESIGNED) == levels})
        for levels in (True, False)
    )
    if made and given:
        raise UserError(
            f"data/studies/{study}.yaml: gold names {', '.join(made)}, the levels that texts were "
            f"written for, which nobody rated, beside people's ratings ({', '.join(given)}); name "
            "the one or the other"
        )


def check_known(rows: tuple[Row, ...], known: set[str], study: str) -> None:
    """Refuse ratings of answers that the study neither wants nor has.

    Raises:
        UserError: one line per file, with its first such row.
    """
    strange: dict[str, list[Row]] = {}
    for row in rows:
        if row.rating.response_key not in known:
            strange.setdefault(row.where.rpartition(":")[0], []).append(row)
    faults = [
        f"{found[0].where}: response_key {found[0].rating.response_key!r} is no answer of study "
        f"{study!r}; {len(found)} of the ratings in {name} are of none. Where a task or an arm "
        "was changed, change it back; else take those rows out"
        for name, found in strange.items()
    ]
    if faults:
        raise UserError("\n".join(faults))
