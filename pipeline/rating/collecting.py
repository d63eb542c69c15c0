"""What people saved, from the database into the study's gold: of every handout, not the last."""

from collections import Counter
from collections.abc import Collection, Mapping

from judges.rubric import Rubric
from pipeline import files, gold
from pipeline.errors import UserError
from pipeline.rating import attention, intake
from pipeline.rating.attention import Attended
from pipeline.rating.desk import Desk
from pipeline.rating.intake import Added, Taken


def everything(desk: Desk) -> Taken:
    """All that people saved for the study, of all its handouts, in the order in which they did.

    Of two scores of one thing by one person the later one.
    """
    classes = desk.classes()
    found = [intake.taken(x, desk.shelf.saved(x.id), classes) for x in desk.handouts()]
    return Taken(
        intake.latest(x for one in found for x in one.first),
        intake.latest(x for one in found for x in one.again),
    )


def so_far(desk: Desk) -> Taken:
    """All that people rated for the study: what they saved, and what they handed back in files.

    Raises:
        UserError: a file of a handout is none.
    """
    saved, handed = everything(desk), handed_in(desk)
    return Taken(*(intake.latest((*x, *y)) for x, y in zip(saved, handed, strict=True)))


def handed_in(desk: Desk) -> Taken:
    """What came back of the pages that were sent as files, as the gold files hold it.

    Raises:
        UserError: a file of a handout is none.
    """
    dealt = {
        again: {intake.place_of(x) for one in desk.sent() for x in one.items if x.again == again}
        for again in (False, True)
    }
    design = desk.design
    found = {}
    for again, path in ((False, intake.own_file(design)), (True, intake.again_file(design))):
        rows = gold.read(path, design.root, design.rubrics).rows
        found[again] = tuple(x for x, _ in rows if intake.place(x) in dealt[again])
    return Taken(found[False], found[True])


def attended(desk: Desk) -> tuple[Attended, ...]:
    """What people chose on attention items, in files that came back and in the database."""
    dealt = (x for x in desk.handouts() if any(y.level is not None for y in x.items))
    saved = (y for x in dealt for y in attention.attended(x, desk.shelf.saved(x.id)))
    return (*attention.kept(desk.design), *saved)


def collect(desk: Desk, known: Collection[str]) -> Added:
    """Put what people rated so far into the study's gold file; a row stands in it once.

    `known` are the keys of all answers that the study wants or has. What no gold file of this
    project could be read with, because its rubric or its answer is gone or its rater is somebody
    else there, stays in the database, and the notes say so.

    Raises:
        UserError: a gold file is at fault.
    """
    design, (first, again) = desk.design, everything(desk)
    rubrics = {x: _rubric(desk, x) for x in sorted({x.rubric for x in (*first, *again)})}
    people = intake.unfit_people(first, design)

    def unfit(rating: gold.Rating) -> str | None:
        return people.get(rating.rater) or _unfit(rating, rubrics, known)

    kept = [x for x in first if unfit(x) is None]
    left = Counter(why for x in first if (why := unfit(x)) is not None)
    # One person's row that no file can hold does not keep back what the others rated.
    unread = intake.unreadable(kept, design)
    left.update(unread.values())
    kept = [x for x in kept if intake.place(x) not in unread]
    # First what becomes gold: a fault of the other files must not keep it back.
    added = intake.into(intake.own_file(design), kept, design)
    repeats = [x for x in again if unfit(x) is None]
    unread = intake.unreadable(repeats, design)
    repeats = [x for x in repeats if intake.place(x) not in unread]
    if repeats:
        intake.into(intake.again_file(design), repeats, design)
    attention.keep(design, attended(desk))
    notes = tuple(f"{n} ratings stay in the database alone: {why}" for why, n in left.items())
    return added._replace(notes=notes)


def _rubric(desk: Desk, name: str) -> Rubric | None:
    """A rubric of the project as it stands, whether or not the study still asks it."""
    path = desk.design.root / "rubrics" / f"{name}.yaml"
    try:
        return files.load(path, Rubric, desk.design.root)
    except UserError:
        return None


def _unfit(
    rating: gold.Rating, rubrics: Mapping[str, Rubric | None], known: Collection[str]
) -> str | None:
    """Why a gold file with this rating could not be read; None where it could."""
    rubric = rubrics[rating.rubric]
    if rubric is None:
        return f"rubrics/{rating.rubric}.yaml cannot be read"
    if rating.score is not None and rating.score not in rubric.scale:
        return f"{rating.rubric} has no level {rating.score} any more"
    return None if rating.response_key in known else "their answers are not on this machine"
