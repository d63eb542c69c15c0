"""Where ratings are taken: the study, what was dealt, and the database, behind plain functions."""

import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric, seen_digest
from judges.verdict import Item, Language
from pipeline import files
from pipeline.errors import UserError
from pipeline.gold import RaterClass
from pipeline.owed import JudgedAnswer
from pipeline.rating import intake, pages_of
from pipeline.rating.form import Calling, RatingForm, Saved, Standing
from pipeline.rating.handout import Dealt, Handout
from pipeline.rating.shelf import Conflict, Rater, Score, Shelf, digest_of
from pipeline.study import Design


class Refused(NamedTuple):
    """Why something is not saved."""

    status: int
    said: str


class Desk:
    """One study's ratings of one handout."""

    def __init__(
        self,
        design: Design,
        judged: Sequence[JudgedAnswer],
        handout: Handout,
        shelf: Shelf,
        owner: str,
    ) -> None:
        """`owner` is the owner's token."""
        self.design, self.handout, self.shelf = design, handout, shelf
        self._judged = {x.want.key: x for x in judged}
        self._items = {x.id: x for x in handout.items}
        self._owner = digest_of(owner)
        self._rubrics = {x.id: x for x in design.rubrics}
        self._read: dict[str, tuple[int, Rubric | None]] = {}
        for rubric in self._rubrics:  # read before fifty people ask for it in one second
            self._now(rubric)

    def item(self, response: str) -> Item:
        """An answer as people see it."""
        return self._judged[response].item

    def is_owner(self, token: str) -> bool:
        """Whether this is the owner's token; compared in constant time."""
        return hmac.compare_digest(digest_of(token), self._owner)

    def form(self, rater: Rater, csrf: str) -> RatingForm:
        """The page of a person, with what they have saved."""
        return pages_of.page(
            self.design,
            self._judged,
            self.handout,
            rater.rater,
            csrf=csrf,
            rater_class=_said(rater.rater_class),
            saved=self.saved(rater),
        )

    def saved(self, rater: Rater) -> list[Saved]:
        """What a person has saved."""
        return self.shelf.saved(self.handout.id, rater.rater)

    def save(
        self, rater: Rater, item: str, revision: int, said: Score
    ) -> Saved | Conflict | Refused:
        """Store a score, or say why not: it is durable when this returns."""
        dealt = self._items.get(item)
        if dealt is None or dealt.rater != rater.rater:
            return Refused(404, "no such item")
        if said.score is not None and said.score not in self._rubrics[dealt.rubric].scale:
            levels = self._rubrics[dealt.rubric].scale
            return Refused(422, f"score is {said.score}, expected {levels[0]}..{levels[-1]}")
        if not self._as_dealt(dealt):
            return Refused(410, "the rubric has other words now")
        return self.shelf.save(rater, item, revision, said)

    def _as_dealt(self, dealt: Dealt) -> bool:
        """Whether the rubric's file still has the words that the person was given."""
        rubric = self._now(dealt.rubric)
        return rubric is not None and seen_digest(rubric, dealt.language) == dealt.digest

    def _now(self, name: str) -> Rubric | None:
        """The rubric as its file stands; read again only where the file has changed."""
        path: Path = self.design.root / "rubrics" / f"{name}.yaml"
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        held = self._read.get(name)
        if held is None or held[0] != changed:
            try:
                held = (changed, files.load(path, Rubric, self.design.root))
            except UserError:  # half written: whoever edits it will finish
                held = (changed, None)
            self._read[name] = held
        return held[1]

    def forget(self, rater: str) -> None:
        """Delete a person with all they wrote, from the database and from the study's gold."""
        self.shelf.forget(self.handout.id, rater)
        folder = self.design.root / "data" / "gold"
        for name in (self.design.study.name, f"{self.design.study.name}_again"):
            intake.without(folder / f"{name}.csv", rater, self.design)

    def introduce(self, rater: Rater, said: Calling | Standing, language: Language) -> None:
        """Note of what class a person is."""
        self.shelf.introduce(rater, said, language)

    def classes(self) -> dict[str, RaterClass]:
        """The rater_class of each person who has said what they are."""
        return {
            x.rater: pages_of.class_of(said)
            for x in self.shelf.raters(self.handout.id)
            if (said := _said(x.rater_class)) is not None
        }


def _said(value: str | None) -> Calling | Standing | None:
    known: tuple[Calling | Standing, ...] = (
        "writer",
        "philosopher",
        "other",
        "expert",
        "skilled",
        "crowd",
    )
    return next((x for x in known if x == value), None)
