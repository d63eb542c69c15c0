"""What people rated, as gold: from the database or from a file they handed back."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric
from pipeline import files, gold, owed, store
from pipeline.errors import UserError
from pipeline.gold import RaterClass
from pipeline.rating import attention
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


Place = tuple[str, str, str, str | None]
"""Rater, answer, rubric and wording: a gold file holds one rating of each."""


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
        if item.level is not None:  # no answer: see `attention`
            continue
        (again if item.again else first).append(_rating(item, one, classes.get(item.rater)))
    return Taken(tuple(first), tuple(again))


def latest(ratings: Iterable[gold.Rating]) -> tuple[gold.Rating, ...]:
    """A rating per person, answer, rubric and wording, the last one, in the order of time."""
    found: dict[Place, gold.Rating] = {}
    for rating in ratings:
        before = found.get(place(rating))
        if before is None or gold.later(rating, before):
            found[place(rating)] = rating
    return tuple(sorted(found.values(), key=lambda x: gold.instant(x.when)))


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
        revision=saved.revision,
    )


class Differing(NamedTuple):
    """Two scores of one thing by one person, of which one counts."""

    counts: gold.Rating
    not_this: gold.Rating
    old: bool
    """Whether the one that counts was there before the other came."""

    def said(self) -> str:
        """It in one line."""
        one, other, _ = self
        return (
            f"{one.rater} scored {one.response_key[:8]}… on {one.rubric} twice: "
            f"{_shown(one)} counts, {_shown(other)} does not"
        )


def _shown(rating: gold.Rating) -> str:
    score = "no level" if rating.score is None else str(rating.score)
    return f"{score} ({rating.when or 'no date'})"


class Added(NamedTuple):
    """What came into a gold file."""

    path: Path
    new: int
    revised: int
    same: int
    differing: tuple[Differing, ...] = ()
    """Scores of one thing that were not the same."""
    notes: tuple[str, ...] = ()
    """What else is to be known of it, a line each."""


def into(path: Path, ratings: Sequence[gold.Rating], design: Design) -> Added:
    """Put `ratings` into the gold file at `path`, whole and by rename.

    A later score by the same person on the same answer, rubric and wording takes the place of the
    earlier one; what is there and later stays.

    Raises:
        UserError: the file is at fault, or could not be read with these ratings in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.alone(path):
        before = every(path, design.root) if path.exists() else ()
        held, added = _joined(path, before, ratings)
        if added.new or added.revised:  # else the file stays as somebody may have laid it out
            if unfit := unreadable(held, design):
                said = f"{files.shown(path, design.root)}: is no gold with the ratings of"
                raise UserError(
                    "\n".join(sorted({f"{said} {x[0]}: {y}" for x, y in unfit.items()}))
                )
            store.replace(path, written(held))
    return added


def _joined(
    path: Path, there: Sequence[gold.Rating], ratings: Sequence[gold.Rating]
) -> tuple[tuple[gold.Rating, ...], Added]:
    """What the file at `path` holds once `ratings` are put to those that are there."""
    held = {place(x): x for x in there}
    new = revised = same = 0
    differing = []
    for rating in ratings:
        before = held.get(place(rating))
        stays = before is not None and (before == rating or gold.later(before, rating))
        if before is not None and before.score != rating.score:
            pair = (before, rating) if stays else (rating, before)
            differing.append(Differing(*pair, old=stays))
        if before is None:
            new += 1
        elif stays:
            same += 1
            continue
        else:
            revised += 1
        held[place(rating)] = rating
    return tuple(held.values()), Added(path, new, revised, same, tuple(differing))


def unreadable(ratings: Sequence[gold.Rating], design: Design) -> dict[Place, str]:
    """By place of each rating that a gold file could not be read with: why not.

    Raises:
        UserError: a rubric of theirs is at fault.
    """
    rubrics = _rubrics(design.root, {x.rubric for x in ratings})

    def fault(some: Sequence[gold.Rating]) -> str | None:
        found = gold.parsed(written(some).decode(), "", design.root, rubrics)
        if not found.faults and {x for x, _ in found.rows} == set(some):
            return None
        said = [x.lstrip(":0123456789 ") for x in found.faults] or ["it is read back as another"]
        return said[0]

    if fault(ratings) is None:
        return {}
    return {place(x): why for x in ratings if (why := fault([x])) is not None}


def unfit_people(ratings: Sequence[gold.Rating], design: Design) -> dict[str, str]:
    """By person whose ratings the study could not be scored with: why not.

    What `ratings` take the place of in the study's own file is left out of account.
    """
    taken = owed.machines(design)
    found = {
        x.rater: f"rater {x.rater!r} is also the name of a judge or of the panel: take another"
        for x in ratings
        if x.rater in taken
    }
    fresh = {place(x): x for x in ratings}
    held = dict.fromkeys((own_file(design), *_named(design)))
    rows = [row for path in held for row in gold.read(path, design.root, design.rubrics).rows]
    others = {x.rater: (x.rater_class, where) for x, where in rows if not _replaced(x, fresh)}
    for x in ratings:
        other, where = others.setdefault(x.rater, (x.rater_class, "another line"))
        if other != x.rater_class:
            said = f"is {x.rater_class} here and {other} at {where}: make it the same in both"
            found.setdefault(x.rater, f"{x.rater!r} {said}")
    return found


def _replaced(rating: gold.Rating, fresh: Mapping[Place, gold.Rating]) -> bool:
    """Whether a rating gives way to a fresh one."""
    other = fresh.get(place(rating))
    return other is not None and not gold.later(rating, other)


def own_file(design: Design) -> Path:
    """Where people's ratings of a study go."""
    return design.root / "data" / "gold" / f"{owed.own_gold(design)}.csv"


def again_file(design: Design) -> Path:
    """Where second scores of one answer go, which are no gold."""
    return design.root / "data" / "gold" / f"{design.study.name}_again.csv"


def unnamed(path: Path, design: Design) -> str | None:
    """What to write into the study file so that a gold file counts; None where it does.

    Nor where there is none yet: to name it would be a fault.
    """
    study = design.study
    if path.stem in study.gold or not path.exists():
        return None
    # Levels that texts were written for are nobody's ratings: they are not mixed with people's.
    named = [path.stem] if design.written else [*study.gold, path.stem]
    return (
        f"name it in data/studies/{study.name}.yaml, so that it counts: gold: [{', '.join(named)}]"
    )


def written_to(design: Design) -> tuple[Path, ...]:
    """Every file in which what a person said of this study may stand."""
    return tuple(
        dict.fromkeys(
            (own_file(design), again_file(design), attention.file_of(design), *_named(design))
        )
    )


def _named(design: Design) -> tuple[Path, ...]:
    """The gold files that the study names."""
    return tuple(design.root / "data" / "gold" / f"{x}.csv" for x in design.study.gold)


def without(path: Path, rater: str, root: Path) -> None:
    """Take all that a person wrote out of a gold file; whatever else it holds stays as it is.

    Raises:
        UserError: it does not say who wrote what.
    """
    if not path.exists():
        return
    with store.alone(path):
        _taken_out(path, rater, root)


def _taken_out(path: Path, rater: str, root: Path) -> None:
    # Bytes that are no UTF-8, and faults of other rows, are kept: a deletion waits for no repair.
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        text = file.read()
    # Left on, the mark would keep the quotes of the first column's name from being any.
    bare = text.removeprefix("\ufeff")
    header, _, _ = bare.partition("\n")
    delimiter = max(",;\t", key=header.count)
    rows = list(csv.reader(io.StringIO(bare, newline=""), delimiter=delimiter))
    columns = [x.strip() for x in rows[0]] if rows else []
    if rows and "rater" not in columns:
        said = f"nothing of {rater!r} can be taken out; name the column of the raters so"
        raise UserError(f"{files.shown(path, root)}:1: has no column 'rater': {said}")
    kept = [x for x in rows if not _is_by(rater, x, columns)]
    if len(kept) < len(rows):
        fresh = io.StringIO(newline="")
        csv.writer(fresh, delimiter=delimiter, lineterminator="\n").writerows(kept)
        mark = text[: len(text) - len(bare)]
        store.replace(path, (mark + fresh.getvalue()).encode("utf-8", "surrogateescape"))


def _is_by(rater: str, row: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether a row of a table with these columns is a person's."""
    at = columns.index("rater")
    return at < len(row) and row[at].strip() == rater


def place(rating: gold.Rating) -> Place:
    """Where a rating belongs."""
    return rating.rater, rating.response_key, rating.rubric, rating.rubric_digest


def place_of(item: Dealt) -> Place:
    """Where the rating of an item belongs."""
    return item.rater, item.response, item.rubric, item.digest


def written(ratings: Sequence[gold.Rating]) -> bytes:
    """Ratings as a gold file."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, gold.COLUMNS, lineterminator="\n")
    table.writeheader()
    order = sorted(ratings, key=lambda x: (x.rater, x.response_key, x.rubric, x.when))
    for rating in order:
        row = rating.model_dump()
        if rating.seconds is not None:  # never as 1e-05, which not every reader takes
            row["seconds"] = f"{Decimal(repr(rating.seconds)):f}"
        table.writerow({x: "" if row[x] is None else row[x] for x in gold.COLUMNS})
    return text.getvalue().encode()


def every(path: Path, root: Path) -> tuple[gold.Rating, ...]:
    """The ratings of a gold file, on whatever rubric of the project; it may hold none.

    Raises:
        UserError: every fault of the file, one a line.
    """
    return tuple(x for x, _ in rows(path, root))


def rows(path: Path, root: Path) -> tuple[gold.Row, ...]:
    """The ratings of a gold file as `every` gives them, each with where it stands.

    Raises:
        UserError: every fault of the file, one a line.
    """
    names = {x.stem for x in (root / "rubrics").glob("*.yaml")}
    return gold.sound(gold.read(path, root, _rubrics(root, names)))


def _rubrics(root: Path, names: Iterable[str]) -> tuple[Rubric, ...]:
    return tuple(files.load(root / "rubrics" / f"{x}.yaml", Rubric, root) for x in sorted(names))
