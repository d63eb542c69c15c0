"""The gold files of a project: what is in them, what looks wrong, how files become one."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline import files, gold, goldcheck, owed
from pipeline.errors import UserError
from pipeline.goldcheck import Flag, Standing
from pipeline.rating import attention, intake, returned, spreadsheets
from pipeline.rating.attention import Attended
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


class Checked(NamedTuple):
    """What looks wrong in a study's gold; nothing is dropped for it."""

    flags: tuple[Flag, ...]
    faults: tuple[str, ...]
    """Rows that are no ratings as they stand, a line each; the study stops at them."""
    unnamed: tuple[str, ...]
    """Gold files that were not looked at: the study does not name them."""


def checked(design: Design) -> Checked:
    """What looks wrong in a study's gold: in the good rows, and which are not good.

    Raises:
        UserError: the study's records cannot be read.
    """
    folder = design.root / "data" / "gold"
    run = Run.look(design.folder)
    wanted = owed.responses(design, run).wanted
    read = [gold.read(folder / f"{x}.csv", design.root, design.rubrics) for x in design.study.gold]
    rows = [row for one in read for row in one.rows]
    within = {fault for one in read for fault in one.faults}
    faults = [fault for one in read for fault in one.faults]
    machines = owed.machines(design)
    faults += [
        f"{where}: rater {x.rater!r} is also the name of a judge or of the panel"
        for x, where in rows
        if x.rater in machines
    ][:1]
    faults += [x for x in (*gold.repeats(rows), *gold.classes(rows)) if x not in within]
    known = {x.key for x in wanted} | run.responses.keys()
    counted = {*design.study.gold, intake.again_file(design).stem}
    there = sorted(x.stem for x in folder.glob("*.csv"))
    missed = tuple(
        Flag(rater, None, f"missed attention items, of {x.seen}", x.wrong)
        for rater, x in sorted(attention.missed(attention.kept(design)).items())
        if x.wrong
    )
    return Checked(
        (*goldcheck.flags(design, owed.judged(run, wanted), rows, known), *missed),
        tuple(faults),
        tuple(x for x in there if x not in counted),
    )


def added(path: Path, design: Design) -> Added:
    """Take in what a person handed back: the page's file in either form, or a filled-in sheet.

    Raises:
        UserError: the file is none of these, or is not of this study; nothing is written then.
    """
    again: tuple[gold.Rating, ...] = ()
    seen: tuple[Attended, ...] = ()
    notes: tuple[str, ...] = ()
    if returned.is_json(path) or returned.is_table_of_page(path):
        ratings, again, seen, notes = returned.ratings(path, design)
    else:
        # The owner's table has apostrophes before what a spreadsheet would take for a formula.
        ratings = tuple(
            x.model_copy(update={"comment": spreadsheets.plain(x.comment)})
            for x in intake.every(path, design.root)
        )
    if not (ratings or again or seen):
        raise UserError(f"{files.shown(path, design.root)}: has no rating")
    run = Run.look(design.folder)
    known = {x.key for x in owed.responses(design, run).wanted} | run.responses.keys()
    strange = sorted({x.response_key for x in (*ratings, *again)} - known)
    if strange:
        raise UserError(
            f"{files.shown(path, design.root)}: {len(strange)} answers are none of "
            f"{design.study.name}'s ({strange[0]} ...)"
        )
    if faults := intake.unfit_people(ratings, design):
        raise UserError(
            "\n".join(f"{files.shown(path, design.root)}: {x}" for x in faults.values())
        )
    found = intake.into(intake.own_file(design), ratings, design)
    attention.keep(design, seen)
    if again:
        second = intake.into(intake.again_file(design), again, design)
        notes += (
            f"{files.shown(second.path, design.root)}: {second.new} new, {second.revised} revised, "
            f"{second.same} there already: second scores of one answer, which are no gold",
            *(x.said() for x in second.differing if x.old),
        )
    return found._replace(notes=(*notes, *found.notes))


def merged(paths: Sequence[Path], into: Path, design: Design) -> Added:
    """Several gold files as one: of two scores of one thing by one person the later counts.

    Raises:
        UserError: a file is at fault, or a person is of one class in this file and of another in
            that; nothing is written then.
    """
    rows = [x for path in paths for x in intake.rows(path, design.root)]
    counts: dict[intake.Place, gold.Row] = {}
    for row in (*(intake.rows(into, design.root) if into.exists() else ()), *rows):
        before = counts.get(intake.place(row.rating))
        if before is None or not gold.later(before.rating, row.rating):
            counts[intake.place(row.rating)] = row
    if faults := gold.classes(tuple(counts.values())):
        raise UserError("\n".join(faults))
    return intake.into(into, [x for x, _ in rows], design)


def exported(design: Design, path: Path) -> int:
    """A study's gold as one long table, CSV or parquet by the ending; how many rows.

    Raises:
        UserError: a file is at fault, or the ending is neither.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise UserError(f"{path}: ends in {path.suffix!r}, expected .csv or .parquet")
    run = Run.look(design.folder)
    rows = owed.human_ratings(design, run, owed.responses(design, run).wanted)
    table = gold.table([x for x, _ in rows])
    if path.suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path)
    return table.height
