"""The human gold set: CSV files of people's ratings, as spreadsheets really write them."""

import csv
import io
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints, ValidationError

from judges.digest import KEY_LENGTH
from judges.rubric import Rubric, Slug
from judges.verdict import Frozen
from pipeline import files
from pipeline.errors import UserError

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
)
_KEY = r"^[0-9a-f]{32}$"
assert KEY_LENGTH == 32, "the pattern above is a key's"


class Rating(Frozen):
    """One person's score of one answer on one rubric."""

    rater: Slug
    """A pseudonym."""
    rater_class: RaterClass = "crowd"
    response_key: Annotated[str, StringConstraints(pattern=_KEY)]
    rubric: Slug
    rubric_digest: Annotated[str, StringConstraints(pattern=_KEY)]
    """Of what the person saw: see `judges.rubric.seen_digest`."""
    score: int | None
    """None = could not judge; then `comment` says why."""
    seconds: Annotated[float, Field(ge=0)] | None = None
    comment: str = ""
    when: str = ""


class Row(NamedTuple):
    """A rating and where it stands, for messages."""

    rating: Rating
    where: str


def load(path: Path, root: Path, rubrics: tuple[Rubric, ...]) -> tuple[Row, ...]:
    """The ratings of a gold file on the study's rubrics; ratings on other rubrics are left out.

    Reads a byte-order mark, `;` or tabs for commas, decimal commas and any line end.

    Raises:
        UserError: every fault of the file, one a line.
    """
    name = files.shown(path, root)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{name}: no such file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: is not UTF-8 ({error.reason}); save it as UTF-8") from None
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [x.strip() for x in table.fieldnames or ()]
    faults = _column_faults(name, columns)
    if faults:
        raise UserError("\n".join(faults))
    table.fieldnames = columns
    rows: list[Row] = []
    scales = {rubric.id: rubric.scale for rubric in rubrics}
    try:
        for record in table:
            where = f"{name}:{table.line_num}"
            if any(value for value in record.values()):
                row = _row(record, where, scales, faults)
                rows += [row] if row is not None and row.rating.rubric in scales else []
    except csv.Error as error:
        raise UserError(f"{name}:{table.line_num}: not valid CSV: {error}") from None
    faults += _repeats(rows)
    if faults:
        raise UserError("\n".join(faults))
    return tuple(rows)


def _column_faults(name: str, columns: list[str]) -> list[str]:
    needed = {"rater", "response_key", "rubric", "rubric_digest", "score"}
    missing = sorted(needed - set(columns))
    unknown = sorted(set(columns) - set(COLUMNS))
    faults = [f"{name}:1: column {x!r} is missing" for x in missing]
    return faults + [
        f"{name}:1: column {x!r} is not known; known are: {', '.join(COLUMNS)}" for x in unknown
    ]


def _row(
    record: dict[str, str], where: str, scales: dict[str, tuple[int, ...]], faults: list[str]
) -> Row | None:
    if None in record or None in record.values():
        faults.append(f"{where}: has another number of columns than the header")
        return None
    values: dict[str, object] = {k: v.strip() for k, v in record.items() if v.strip()}
    values["score"] = _number(str(values["score"])) if "score" in values else None
    if "seconds" in values:
        values["seconds"] = _number(str(values["seconds"]))
    try:
        rating = Rating.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            said = str(fault["msg"]).removeprefix("Input should be ")
            field = ".".join(str(x) for x in fault["loc"])
            faults.append(f"{where}: {field} is {fault['input']!r}, expected {said}")
        return None
    scale = scales.get(rating.rubric)
    if scale is not None and rating.score is not None and rating.score not in scale:
        faults.append(
            f"{where}: score is {rating.score}, expected one of {scale[0]}..{scale[-1]} "
            f"(the levels of {rating.rubric})"
        )
        return None
    return Row(rating, where)


def _number(text: str) -> object:
    """The number that `text` writes, with decimal point or comma; else the text, to be refused."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _repeats(rows: list[Row]) -> list[str]:
    first: dict[tuple[str, str, str], str] = {}
    faults = []
    for rating, where in rows:
        key = (rating.rater, rating.response_key, rating.rubric)
        if key in first:
            faults.append(
                f"{where}: {rating.rater!r} has already scored this answer on {rating.rubric} "
                f"({first[key]}); keep one"
            )
        first.setdefault(key, where)
    return faults


def check_known(rows: tuple[Row, ...], known: set[str]) -> None:
    """Refuse ratings of answers that the study neither wants nor has.

    Raises:
        UserError: one line per unknown answer, at most ten.
    """
    faults = [
        f"{where}: response_key {rating.response_key!r} is no answer of this study"
        for rating, where in rows
        if rating.response_key not in known
    ]
    if faults:
        more = [f"... and {len(faults) - 10} more"] if len(faults) > 10 else []
        raise UserError("\n".join(faults[:10] + more))
