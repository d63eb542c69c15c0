"""What a person hands back from a page in a file: read, and held against what was dealt."""

import codecs
import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from judges.rubric import Rubric, seen_digest
from pipeline import files, gold
from pipeline.errors import UserError
from pipeline.rating import attention, handout, intake, pages_of
from pipeline.rating.attention import Attended
from pipeline.rating.form import Handed, Returned, whole_json
from pipeline.rating.handout import Dealt
from pipeline.study import Design

_OF_PAGE = ("study", "rater", "rater_class", "form")
"""Columns that say the same in each row of the page's table."""
_OF_RATING = (*Returned.model_fields,)
_MOST_FAULTS = 20


class Taken(NamedTuple):
    """The ratings of a file."""

    ratings: tuple[gold.Rating, ...]
    again: tuple[gold.Rating, ...]
    """Of answers shown once more: they measure the person, and are no gold."""
    attended: tuple[Attended, ...]
    notes: tuple[str, ...]
    """What is to be known of them, a line each."""


def is_json(path: Path) -> bool:
    """Whether a file is JSON by its name, as a mail programme or a disk may have spelled it."""
    return path.suffix.lower() == ".json"


def is_table_of_page(path: Path) -> bool:
    """Whether a file is the table that a page makes, and no sheet or gold file."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            header = file.readline()
    except FileNotFoundError:
        return False  # whoever reads it says so
    columns = {x.strip().strip('"') for x in header.replace(";", ",").replace("\t", ",").split(",")}
    return {"form", "id", "revision"} <= columns


def ratings(path: Path, design: Design) -> Taken:
    """The ratings of a file that the page made, JSON or its table.

    Raises:
        UserError: it is none, or holds what was not dealt; every fault of its ratings, one a line.
    """
    name = files.shown(path, design.root)
    held = _handed(path, name) if is_json(path) else _table(path, name)
    if held.study != design.study.name:
        raise UserError(f"{name}: rates the study {held.study!r}, not {design.study.name!r}")
    kept = handout.dealt_to(held.rater, [x.id for x in held.ratings], design.root)
    items = {x.id: x for x in kept.of(held.rater)}
    rubrics = _rubrics(design, {items[x.id].rubric for x in held.ratings})
    if faults := _faults(held.ratings, items, rubrics):
        more = [f"... and {len(faults) - _MOST_FAULTS} more"] * (len(faults) > _MOST_FAULTS)
        raise UserError("\n".join(f"{name}: {x}" for x in (*faults[:_MOST_FAULTS], *more)))
    classes = {held.rater: pages_of.class_of(held.rater_class)}
    found = intake.taken(kept, held.ratings, classes)
    seen = attention.attended(kept, held.ratings)
    return Taken(*found, seen, _notes([items[x.id] for x in held.ratings], rubrics, design))


def _handed(path: Path, name: str) -> Handed:
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)  # editors put one there
        return Handed.model_validate_json(whole_json(data))
    except FileNotFoundError:
        raise UserError(f"{name}: no such file") from None
    except ValidationError as error:
        raise UserError(f"{name}: is not what a rating page hands back: {_first(error)}") from None


def _table(path: Path, name: str) -> Handed:
    """The page's table as what it is the table of."""
    try:
        table = gold.sheet_of(path.read_text(encoding="utf-8-sig"))
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name}: is no CSV in UTF-8: {error}") from None
    wanted = (*_OF_PAGE, *_OF_RATING)
    faults = [f"column {x!r} is missing" for x in wanted if x not in (table.fieldnames or ())]
    faults = faults or [
        f"line {n}: has another number of columns than the header"
        for n, x in enumerate(rows, 2)
        if None in x or None in x.values()
    ]
    faults = faults or [
        f"{x} is not the same in all rows: one file is one person's"
        for x in _OF_PAGE
        if len({row[x] for row in rows}) > 1
    ]
    if not rows and not faults:
        faults = ["has no rating"]
    if faults:
        raise UserError("\n".join(f"{name}: {x}" for x in faults[:_MOST_FAULTS]))
    head = {x: rows[0][x].strip() for x in _OF_PAGE}
    whole = {"kind": "antipode-ratings", "version": 1, "interface": "en"}
    given = [{x: _cell(x, row[x]) for x in _OF_RATING} for row in rows]
    try:
        return Handed.model_validate(head | whole | {"ratings": given}, strict=False)
    except ValidationError as error:
        raise UserError(f"{name}: is not what a rating page hands back: {_first(error)}") from None


def _cell(column: str, text: str) -> object:
    """A cell as the value that it stands for; what is no number is left for the message."""
    if column == "comment":
        return text
    text = text.strip()
    if column in ("score", "reason") and not text:
        return None
    try:
        if column == "seconds":
            return float(text.replace(",", "."))
        return int(text) if column in ("score", "revision") else text
    except ValueError:
        return text


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(x) for x in first['loc'])}: {first['msg']}"


def _rubrics(design: Design, names: set[str]) -> dict[str, Rubric | None]:
    """The rubrics of the project as they stand; None where there is none of that name."""
    found: dict[str, Rubric | None] = {x.id: x for x in design.rubrics if x.id in names}
    for name in sorted(names - found.keys()):
        path = design.root / "rubrics" / f"{name}.yaml"
        found[name] = files.load(path, Rubric, design.root) if path.exists() else None
    return found


def _faults(
    given: Sequence[Returned], items: Mapping[str, Dealt], rubrics: Mapping[str, Rubric | None]
) -> list[str]:
    faults = []
    first: dict[str, int] = {}
    for n, x in enumerate(given):
        if (before := first.setdefault(x.id, n)) != n:
            faults.append(f"ratings[{n}] rates the same as ratings[{before}]: keep one of them")
        rubric, item = rubrics[items[x.id].rubric], items[x.id]
        if rubric is None:
            faults.append(f"ratings[{n}] is on {item.rubric!r}, and rubrics/ has it no more")
        elif x.score is not None and x.score not in rubric.scale:
            faults.append(f"ratings[{n}].score is {x.score}, expected a level of {item.rubric}")
        if x.rubric_digest != item.digest:
            faults.append(f"ratings[{n}] was made under other words than those handed out")
    return faults


def _notes(
    rated: Sequence[Dealt], rubrics: Mapping[str, Rubric | None], design: Design
) -> tuple[str, ...]:
    """What does not count as it stands: old words, and rubrics that the study does not ask."""
    asked = {x.id for x in design.rubrics}
    old: Counter[Any] = Counter()
    for item in (x for x in rated if not x.again and x.level is None):
        rubric = rubrics[item.rubric]
        if item.rubric not in asked:
            old[f"are on {item.rubric}, which {design.study.name} does not ask"] += 1
        elif rubric is not None and seen_digest(rubric, item.language) != item.digest:
            old[f"were made under other words of {item.rubric} than today's"] += 1
    return tuple(f"beware: {n} of the ratings {said}" for said, n in sorted(old.items()))
