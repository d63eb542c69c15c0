"""What people rated, as gold: from the database or from a file they handed back."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric
from pipeline import files, gold, store
from pipeline.errors import UserError
from pipeline.gold import RaterClass
from pipeline.rating.form import Saved
from pipeline.rating.handout import Dealt, Handout
from pipeline.study import Design

_REASONS = {
    "unclear": "cannot judge: the rubric or the task is unclear",
    "broken": "cannot judge: the answer is broken",
    "language": "cannot judge: the language",
    "unwilling": "cannot judge: would rather not",
    "other": "cannot judge",
}


class Taken(NamedTuple):
    """Ratings taken in."""

    first: tuple[gold.Rating, ...]
    """What becomes gold."""
    again: tuple[gold.Rating, ...]
    """Of answers shown once more: they measure the person."""


def taken(handout: Handout, saved: Iterable[Saved], classes: Mapping[str, RaterClass]) -> Taken:
    """The saved scores of a handout as ratings; `classes` by rater, crowd where none is known.

    Raises:
        UserError: a score is of no item of this handout.
    """
    items = {x.id: x for x in handout.items}
    first: list[gold.Rating] = []
    again: list[gold.Rating] = []
    for one in saved:
        if one.id not in items:
            raise UserError(f"item {one.id} was not dealt in handout {handout.id}")
        item = items[one.id]
        (again if item.again else first).append(_rating(item, one, classes.get(item.rater)))
    return Taken(tuple(first), tuple(again))


def _rating(item: Dealt, saved: Saved, rater_class: RaterClass | None) -> gold.Rating:
    comment = saved.comment
    if saved.reason is not None:
        comment = "; ".join(x for x in (_REASONS[saved.reason], comment) if x)
    return gold.Rating(
        rater=item.rater,
        rater_class=rater_class or "crowd",
        response_key=item.response,
        rubric=item.rubric,
        rubric_digest=item.digest,
        score=saved.score,
        seconds=saved.seconds,
        comment=comment,
        when=saved.when,
    )


class Added(NamedTuple):
    """What came into a gold file."""

    path: Path
    new: int
    revised: int
    same: int


def into(path: Path, ratings: Sequence[gold.Rating], design: Design) -> Added:
    """Put `ratings` into the gold file at `path`, whole and by rename.

    A later score by the same person on the same answer, rubric and wording takes the place of the
    earlier one; what is there and earlier stays.

    Raises:
        UserError: the file is at fault.
    """
    held: dict[tuple[str, str, str, str | None], gold.Rating] = {}
    if path.exists():
        for rating in every(path, design.root):
            held[_place(rating)] = rating
    new = revised = same = 0
    for rating in ratings:
        before = held.get(_place(rating))
        if before is None:
            new += 1
        elif before == rating or before.when > rating.when:
            same += 1
            continue
        else:
            revised += 1
        held[_place(rating)] = rating
    if new or revised:  # else the file stays as somebody may have laid it out
        path.parent.mkdir(parents=True, exist_ok=True)
        store.replace(path, written(list(held.values())))
    return Added(path, new, revised, same)


def without(path: Path, rater: str, design: Design) -> None:
    """Take all that a person wrote out of a gold file."""
    if path.exists():
        kept = [x for x in every(path, design.root) if x.rater != rater]
        store.replace(path, written(kept))


def _place(rating: gold.Rating) -> tuple[str, str, str, str | None]:
    return rating.rater, rating.response_key, rating.rubric, rating.rubric_digest


def written(ratings: Sequence[gold.Rating]) -> bytes:
    """Ratings as a gold file."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, gold.COLUMNS, lineterminator="\n")
    table.writeheader()
    order = sorted(ratings, key=lambda x: (x.rater, x.response_key, x.rubric, x.when))
    for rating in order:
        row = rating.model_dump()
        table.writerow({x: "" if row[x] is None else row[x] for x in gold.COLUMNS})
    return text.getvalue().encode()


def every(path: Path, root: Path) -> tuple[gold.Rating, ...]:
    """The ratings of a gold file, on whatever rubric of the project.

    Raises:
        UserError: every fault of the file, one a line.
    """
    names = sorted(x.stem for x in (root / "rubrics").glob("*.yaml"))
    loaded = tuple(files.load(root / "rubrics" / f"{x}.yaml", Rubric, root) for x in names)
    return tuple(row.rating for row in gold.load(path, root, loaded))
