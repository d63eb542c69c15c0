"""Where ratings are taken: the study, what was dealt, and the database, behind plain functions."""

import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric, Text, seen_digest
from judges.verdict import Item, Language
from pipeline import files
from pipeline.errors import UserError
from pipeline.gold import RaterClass
from pipeline.owed import JudgedAnswer
from pipeline.pages.closures import REASONS, TASK, Why
from pipeline.rating import intake, pages_of
from pipeline.rating.form import Calling, Closure, RatingForm, Saved, Standing
from pipeline.rating.handout import Dealt, Handout, forget, here
from pipeline.rating.shelf import Rater, Score, Shelf, digest_of
from pipeline.study import Design

_State = tuple[int, int]
"""Of a file: when it was last written, and how long it is."""


class Refused(NamedTuple):
    """Why something is not saved."""

    status: int
    said: str


class Desk:
    """One study's ratings, whichever handout they belong to."""

    def __init__(
        self, design: Design, judged: Sequence[JudgedAnswer], shelf: Shelf, owner: str
    ) -> None:
        """`owner` is the owner's token."""
        self.design, self.shelf = design, shelf
        self.judged: Mapping[str, JudgedAnswer] = {x.want.key: x for x in judged}
        self._owner = digest_of(owner)
        self.mark = self._owner[:8]
        """Tells this study from others at the same address, to a browser."""
        self._rubrics = {x.id: x for x in design.rubrics}
        self._tasks = {x.id for x in design.tasks}
        self._read: dict[str, tuple[_State, Rubric | None]] = {
            x.id: ((0, 0), x) for x in design.rubrics
        }
        self._digests: dict[tuple[str, Language], tuple[_State, str]] = {}
        self._handouts: dict[str, Handout] = {}
        self._dealt: dict[str, tuple[str, Dealt]] = {}
        self.handouts()
        for rubric in self._rubrics:  # read before fifty people ask for it in one second
            self._now(rubric)

    def handouts(self) -> tuple[Handout, ...]:
        """The study's handouts, the first first; another machine may have dealt one meanwhile."""
        for fresh in self.shelf.handouts(self._handouts):
            self._handouts[fresh.id] = fresh
            self._dealt |= {x.id: (fresh.id, x) for x in fresh.items}
        mine = (x for x in tuple(self._handouts.values()) if x.study == self.design.study.name)
        return tuple(sorted(mine, key=lambda x: x.at))

    def sent(self) -> tuple[Handout, ...]:
        """The handouts whose pages were sent as files from this project.

        Raises:
            UserError: a file is no handout.
        """
        return tuple(x for x in here(self.design.root, self.design.study.name) if x.in_files)

    def every(self) -> tuple[Handout, ...]:
        """What was dealt here and what was sent, the first first."""
        return tuple(sorted((*self.handouts(), *self.sent()), key=lambda x: x.at))

    def people(self) -> tuple[tuple[Handout, tuple[str, ...]], ...]:
        """Who is still to rate what: of each handout those who were not deleted."""
        held = ((x, tuple(y.rater for y in self.shelf.raters(x.id))) for x in self.handouts())
        return (*held, *((x, x.raters) for x in self.sent()))

    def handout(self, rater: Rater) -> Handout | None:
        """What `rater` was invited to; None where that is another study's."""
        if rater.handout not in self._handouts:
            self.handouts()
        found = self._handouts.get(rater.handout)
        return None if found is None or found.study != self.design.study.name else found

    def item(self, response: str) -> Item | None:
        """An answer as people see it; None where it is no longer the study's."""
        found = self.judged.get(response)
        return None if found is None else found.item

    def is_owner(self, token: str) -> bool:
        """Whether this is the owner's token; compared in constant time."""
        return hmac.compare_digest(digest_of(token), self._owner)

    def form(self, rater: Rater, csrf: str) -> RatingForm:
        """The page of a person, with what they have saved."""
        handout = self.handout(rater)
        assert handout is not None, "asked before a page is made"
        # Another machine may have dealt under words that are newer than this server.
        words = tuple(self._now(x) or self._rubrics[x] for x in self._rubrics)
        return pages_of.page(
            self.design._replace(rubrics=words),
            self.judged,
            handout,
            rater.rater,
            csrf=csrf,
            rater_class=self.callings().get(rater.rater),
            saved=self.saved(rater),
            closed=self.closed(handout, rater.rater),
        )

    def saved(self, rater: Rater) -> list[Saved]:
        """What a person has saved."""
        return self.shelf.saved(rater.handout, rater.rater)

    def refuses(self, rater: Rater, item: str, said: Score) -> Closure | Refused | None:
        """Why a score is not to be stored; None where it is."""
        handout = self.handout(rater)
        of, dealt = self._dealt.get(item, (None, None))
        if handout is None or dealt is None or (of, dealt.rater) != (handout.id, rater.rater):
            return Refused(404, "no such item")
        if self._why(dealt) is not None:
            return next(x for x in self.closed(handout, rater.rater) if item in x.items)
        levels = (self._now(dealt.rubric) or self._rubrics[dealt.rubric]).scale
        if said.score is not None and said.score not in levels:
            return Refused(422, f"score is {said.score}, expected {levels[0]}..{levels[-1]}")
        return None

    def closed(self, handout: Handout, rater: str) -> tuple[Closure, ...]:
        """A person's items that are no longer taken, by what closed them."""
        found: dict[tuple[Why, str], list[str]] = {}
        for dealt in handout.of(rater):
            if (why := self._why(dealt)) is not None:
                about = dealt.rubric if why in ("reworded", "rubric") else dealt.prompt
                found.setdefault((why, about), []).append(dealt.id)
        return tuple(
            Closure(
                about=about, title=self._title(why, about), said=REASONS[why], items=tuple(items)
            )
            for (why, about), items in found.items()
        )

    def _title(self, why: Why, about: str) -> Text:
        """What the items are about that were closed."""
        if why not in ("reworded", "rubric"):
            return TASK
        rubric = self._rubrics.get(about) or self._now(about)
        return Text(en=about, ru=about) if rubric is None else rubric.title

    def _why(self, dealt: Dealt) -> Why | None:
        """Why an item can no longer be rated; None where it can."""
        if dealt.level is None and dealt.prompt not in self._tasks:
            return "task"
        if dealt.level is None and dealt.response not in self.judged:
            return "answer"
        if dealt.rubric not in self._rubrics:
            return "rubric"
        return None if self.today(dealt.rubric, dealt.language) == dealt.digest else "reworded"

    def today(self, name: str, language: Language) -> str | None:
        """The digest of what people see of a rubric today; None where there is no such rubric."""
        rubric = self._now(name)
        if rubric is None:
            return None
        at = self._read[name][0]
        held = self._digests.get((name, language))
        if held is None or held[0] != at:
            held = self._digests[name, language] = at, seen_digest(rubric, language)
        return held[1]

    def _now(self, name: str) -> Rubric | None:
        """The rubric as its file last stood whole; read again only where the file has changed.

        A file that is half written or away, as in a checkout, says nothing of what people saw.
        """
        path: Path = self.design.root / "rubrics" / f"{name}.yaml"
        before, known = self._read.get(name, ((0, 0), None))
        try:
            found = path.stat()
        except OSError:
            return known
        state = (found.st_mtime_ns, found.st_size)
        if state != before:
            with suppress(UserError):
                known = files.load(path, Rubric, self.design.root)
            self._read[name] = (state, known)
        return known

    def invited(self) -> tuple[Rater, ...]:
        """Everybody who holds an invitation to this study, by handout and name."""
        return tuple(x for dealt in self.handouts() for x in self.shelf.raters(dealt.id))

    def forget(self, rater: str) -> None:
        """Delete a person with all they wrote, from the study's gold, its files and the database.

        From the gold first: were it cut short in between, the person is still there to be deleted.

        Raises:
            UserError: a file is no handout, or a gold file does not say who wrote what.
        """
        for path in intake.written_to(self.design):
            intake.without(path, rater, self.design.root)
        forget(self.design.root, self.design.study.name, rater)
        self.shelf.forget([x.id for x in self.handouts()], rater)

    def introduce(self, rater: Rater, said: Calling | Standing | None, language: Language) -> None:
        """Note of what class a person is; None = as they said before."""
        self.shelf.introduce(rater, said, language)

    def classes(self) -> dict[str, RaterClass]:
        """The rater_class of each person who has said what they are."""
        return {rater: pages_of.class_of(said) for rater, said in self.callings().items()}

    def callings(self) -> dict[str, Calling | Standing]:
        """What each person says of themselves: what they said in a later handout counts."""
        found = ((x.rater, _said(x.rater_class)) for x in self.invited())
        return {rater: said for rater, said in found if said is not None}


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
