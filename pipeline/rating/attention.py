"""Attention items: no answers, each says which level to choose; kept apart, never gold."""

import csv
import io
import random
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric, seen_digest
from pipeline import files, gold, store
from pipeline.errors import UserError
from pipeline.pages.attention_words import ANSWER, TASK
from pipeline.rating.form import Saved
from pipeline.rating.handout import Dealt, Handout
from pipeline.study import Design


class Attended(NamedTuple):
    """What somebody chose on an attention item."""

    rater: str
    item: str
    asked: int
    chosen: int | None
    when: str


class Missed(NamedTuple):
    """How many of the attention items that a person saw they got wrong."""

    wrong: int
    seen: int


def among(
    items: Sequence[Dealt], count: int, rubrics: Mapping[str, Rubric], chance: random.Random
) -> tuple[Dealt, ...]:
    """One person's items with `count` attention items behind answers drawn at random.

    Never first, never between two questions on one answer, and no two in a row.
    """
    visits = [list(x) for _, x in groupby(items, key=lambda x: (x.response, x.again))]
    after = set(chance.sample(range(len(visits)), min(count, len(visits))))
    found: list[Dealt] = []
    for n, visit in enumerate(visits):
        found += [*visit, *([_item(visit[-1], rubrics, chance)] if n in after else [])]
    return tuple(found)


def _item(before: Dealt, rubrics: Mapping[str, Rubric], chance: random.Random) -> Dealt:
    """An item in the language of the one before it."""
    rubric = rubrics[chance.choice(sorted(rubrics))]
    return Dealt(
        id=secrets.token_hex(16),
        rater=before.rater,
        prompt="attention",
        response="",
        rubric=rubric.id,
        language=before.language,
        digest=seen_digest(rubric, before.language),
        again=False,
        level=chance.choice(rubric.scale),
    )


def shown(item: Dealt, rubric: Rubric) -> tuple[str, str]:
    """What stands where a task and an answer stand."""
    name = next((x.name for x in rubric.levels if x.level == item.level), None)
    said = "" if name is None else getattr(name, item.language)
    return (
        getattr(TASK, item.language),
        getattr(ANSWER, item.language).format(level=item.level, name=said),
    )


def attended(handout: Handout, saved: Iterable[Saved]) -> tuple[Attended, ...]:
    """What was saved of a handout's attention items."""
    asked = {x.id: (x.rater, x.level) for x in handout.items if x.level is not None}
    return tuple(
        Attended(rater, x.id, level, x.score, x.when)
        for x in saved
        if x.id in asked
        for rater, level in [asked[x.id]]
        if level is not None
    )


def file_of(design: Design) -> Path:
    """Where they are kept: no gold file."""
    return design.root / "data" / "gold" / "attention" / f"{design.study.name}.csv"


def kept(design: Design) -> tuple[Attended, ...]:
    """What was kept of a study's attention items, as a spreadsheet may have saved it since.

    Raises:
        UserError: the file is no such table any more.
    """
    path = file_of(design)
    if not path.exists():
        return ()
    name = files.shown(path, design.root)
    try:
        table = gold.sheet_of(path.read_text(encoding="utf-8-sig"))
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name}: is no CSV in UTF-8: {error}") from None
    if missing := [x for x in Attended._fields if x not in (table.fieldnames or ())]:
        raise UserError(f"{name}:1: columns are missing: {', '.join(missing)}")
    return tuple(_row(row, f"{name}: row {n}") for n, row in enumerate(rows, 1))


def _row(row: Mapping[str, str | None], where: str) -> Attended:
    rater, item, asked, chosen, when = ((row[x] or "").strip() for x in Attended._fields)
    try:
        return Attended(rater, item, int(asked), int(chosen) if chosen else None, when)
    except ValueError:
        said = f"asked is {asked!r} and chosen {chosen!r}, expected levels"
        raise UserError(f"{where}: {said} (chosen may be empty)") from None


def keep(design: Design, fresh: Sequence[Attended]) -> None:
    """Put what people chose beside what is kept, by item; whole and by rename."""
    if not fresh:
        return
    path = file_of(design)
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.alone(path):
        rows = _last((*kept(design), *fresh))
        text = io.StringIO(newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerows([Attended._fields, *sorted(rows.values())])
        store.replace(path, text.getvalue().encode())


def _last(found: Iterable[Attended]) -> dict[str, Attended]:
    """By item what was chosen last."""
    return {x.item: x for x in sorted(found, key=lambda x: x.when)}


def missed(found: Iterable[Attended]) -> dict[str, Missed]:
    """By person how many of theirs were wrong; the later of two choices on one item counts."""
    last = _last(found).values()
    seen = Counter(x.rater for x in last)
    wrong = Counter(x.rater for x in last if x.chosen != x.asked)
    return {x: Missed(wrong[x], n) for x, n in seen.items()}
