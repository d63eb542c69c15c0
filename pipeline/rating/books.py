"""The gold files of a project: what is in them, what looks wrong, how files become one."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pydantic import ValidationError

from pipeline import files, goldcheck, owed
from pipeline.errors import UserError
from pipeline.gold import Rating
from pipeline.goldcheck import Flag, Standing
from pipeline.rating import handout, intake, pages_of
from pipeline.rating.form import Handed
from pipeline.rating.intake import Added
from pipeline.store import Run
from pipeline.study import Design


class Book(NamedTuple):
    """A gold file and who wrote in it."""

    name: str
    people: tuple[Standing, ...]


def listed(root: Path) -> tuple[Book, ...]:
    """Every gold file of the project.

    Raises:
        UserError: a file is at fault.
    """
    found = []
    for path in sorted((root / "data" / "gold").glob("*.csv")):
        found.append(Book(path.stem, goldcheck.standings(intake.every(path, root))))
    return tuple(found)


def checked(design: Design) -> tuple[Flag, ...]:
    """What looks wrong in a study's gold; nothing is dropped for it.

    Raises:
        UserError: a file cannot be read, or rates answers of another study.
    """
    run = Run.look(design.folder)
    wanted = owed.responses(design, run).wanted
    rows = owed.human_ratings(design, run, wanted)
    return goldcheck.flags(design, owed.judged(run, wanted), rows)


def added(path: Path, design: Design) -> Added:
    """Take in what a person handed back: the page's file, or a filled-in sheet.

    Raises:
        UserError: the file is none of these, or is not of this study; nothing is written then.
    """
    if path.suffix == ".json":
        ratings = _handed(path, design)
    else:
        ratings = list(intake.every(path, design.root))
        if not ratings:
            raise UserError(f"{files.shown(path, design.root)}: has no rating")
    run = Run.look(design.folder)
    known = {x.key for x in owed.responses(design, run).wanted} | run.responses.keys()
    strange = sorted({x.response_key for x in ratings} - known)
    if strange:
        raise UserError(
            f"{files.shown(path, design.root)}: {len(strange)} answers are none of "
            f"{design.study.name}'s ({strange[0]} ...)"
        )
    return intake.into(_own(design), ratings, design)


def merged(paths: Sequence[Path], into: Path, design: Design) -> Added:
    """Several gold files as one: of two scores of one thing by one person the later counts.

    Raises:
        UserError: a file is at fault.
    """
    ratings = [x for path in paths for x in intake.every(path, design.root)]
    return intake.into(into, ratings, design)


def exported(design: Design, path: Path) -> int:
    """A study's gold as one long table, CSV or parquet by the ending; how many rows.

    Raises:
        UserError: a file is at fault, or the ending is neither.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise UserError(f"{path}: ends in {path.suffix!r}, expected .csv or .parquet")
    run = Run.look(design.folder)
    rows = owed.human_ratings(design, run, owed.responses(design, run).wanted)
    table = pl.DataFrame([x.model_dump() for x, _ in rows])
    if path.suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path)
    return table.height


def _own(design: Design) -> Path:
    return design.root / "data" / "gold" / f"{design.study.name}.csv"


def _handed(path: Path, design: Design) -> list[Rating]:
    """The ratings of a file that the page made, repeats left out."""
    name = files.shown(path, design.root)
    try:
        held = Handed.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{name}: no such file") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(x) for x in first["loc"])
        said = f"{where}: {first['msg']}"
        raise UserError(f"{name}: is not what a rating page hands back: {said}") from None
    if held.study != design.study.name:
        raise UserError(f"{name}: rates the study {held.study!r}, not {design.study.name!r}")
    kept = handout.dealt_to(held.rater, [x.id for x in held.ratings], design.root)
    scales = {x.id: x.scale for x in design.rubrics}
    items = {x.id: x for x in kept.of(held.rater)}
    faults = [
        f"{name}: ratings[{n}].score is {x.score}, expected a level of {items[x.id].rubric}"
        for n, x in enumerate(held.ratings)
        if x.score is not None and x.score not in scales[items[x.id].rubric]
    ]
    faults += [
        f"{name}: ratings[{n}] was made under other words than those handed out"
        for n, x in enumerate(held.ratings)
        if x.rubric_digest != items[x.id].digest
    ]
    if faults:
        raise UserError("\n".join(faults[:20]))
    classes = {held.rater: pages_of.class_of(held.rater_class)}
    return list(intake.taken(kept, held.ratings, classes).first)
