"""A rubric reworded in one language: whose items close, and who is dealt what anew."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Project
from fake_server import FakeServer
from people import go

from judges.verdict import Language
from pipeline import study
from pipeline.errors import UserError
from pipeline.rating import dealing, owner, rate
from pipeline.rating.dealing import Opened, Wish
from pipeline.rating.desk import Desk
from pipeline.rating.form import Saved
from pipeline.rating.handout import Dealt, Handout
from pipeline.rating.shelf import Rater, Score, Shelf

OLD = {"en": "question:\n  en: >-\n", "ru": "  ru: >-\n"}
"""Where the question of a rubric begins in each language."""


class Room(NamedTuple):
    """A project whose Russian tasks are answered in Russian, and its database."""

    project: Project
    shelf: Shelf

    def opened(self) -> Opened:
        return dealing.opened(study.load("trial", self.project.root))

    def desk(self) -> Desk:
        return rate.desk_of(self.opened(), self.shelf)

    def deal(self, raters: str, seed: int = 1) -> Handout:
        opened = self.opened()
        wish = Wish(dealing.invited(raters, opened.design), 6, seed)
        return rate.dealt(opened, wish, self.shelf)

    def reword(self, language: Language, fresh: str) -> None:
        """Begin irony's question in `language` alone with `fresh`."""
        path = self.project.root / "rubrics/irony.yaml"
        head, mark, rest = path.read_text("utf-8").partition(OLD[language])
        assert mark
        path.write_text(f"{head}{mark}    {fresh} {rest.lstrip()}", "utf-8")


@pytest.fixture
def room(served: Project, server: FakeServer, tmp_path: Path) -> Iterator[Room]:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Расскажите ещё раз, и подробно: {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    go(served)
    with closing(Shelf(f"sqlite:///{tmp_path}/ratings.db")) as shelf:
        yield Room(served, shelf)


def closed(desk: Desk, dealt: Handout, rater: str) -> list[Dealt]:
    gone = {x for one in desk.closed(dealt, rater) for x in one.items}
    return [x for x in dealt.of(rater) if x.id in gone]


def asked(items: Iterable[Dealt], rater: str) -> Counter[tuple[str, Language]]:
    """How many answers a person has on which rubric in which language, repeats left out."""
    return Counter((x.rubric, x.language) for x in items if x.rater == rater and not x.again)


def rate_all(desk: Desk, rater: Rater, score: int) -> None:
    """Save what is still open to a person, as their page would."""
    handout = desk.handout(rater)
    assert handout is not None
    for item in handout.of(rater.rater):
        said = Score(score, "", None, 3.0)
        if desk.refuses(rater, item.id, said) is None:
            assert isinstance(desk.shelf.save(rater, item.id, 0, said), Saved)


@pytest.mark.parametrize(
    ("language", "fresh", "whose", "others"),
    [("ru", "Итак,", "anna", "boris"), ("en", "Now,", "boris", "anna")],
)
def test_other_words_in_one_language_close_and_deal_again_what_is_read_in_it(
    room: Room, language: Language, fresh: str, whose: str, others: str
) -> None:
    first = room.deal("anna:ru,boris:en,vera")
    assert asked(first.items, "vera") == Counter(
        {(x, y): 12 for x in ("irony", "depth") for y in ("en", "ru")}
    )
    room.reword(language, fresh)
    desk = room.desk()
    for rater in (whose, "vera"):
        shut = closed(desk, first, rater)
        assert asked(shut, rater) == {("irony", language): 12}
    assert closed(desk, first, others) == []
    second = room.deal(f"{whose}:{language},vera", seed=2)
    for rater in (whose, "vera"):
        assert asked(second.items, rater) == {("irony", language): 12}
    read = "en" if language == "ru" else "ru"
    with pytest.raises(UserError, match=f"no task is left for {others}: all that they can read"):
        room.deal(f"{others}:{read}", seed=3)


def test_the_owner_counts_what_was_rated_in_the_language_that_kept_its_words(room: Room) -> None:
    first = room.deal("anna:ru,boris:en")
    desk = room.desk()
    for rater in desk.shelf.raters(first.id):
        rate_all(desk, rater, 3)
    room.reword("ru", "Итак,")
    desk = room.desk()
    (irony, depth) = owner.figures(desk).agreed
    assert (irony.stale, depth.stale) == (12, 0), "anna's, and none of boris's"
    second = room.deal("anna:ru", seed=2)
    irony = owner.figures(desk).agreed[0]
    assert irony.left == (("anna", 12),)
    (anna,) = desk.shelf.raters(second.id)
    rate_all(desk, anna, 5)
    irony = owner.figures(desk).agreed[0]
    assert (irony.left, irony.stale) == ((), 12), "what she said of the older words stays told"
    people = {x.rater: x for x in owner.figures(desk).progress}
    assert people["anna"].same == people["anna"].repeats > 0, "3 and 3, then 5 and 5"


def test_a_server_shows_the_words_under_which_another_dealt(room: Room) -> None:
    room.deal("anna:ru")
    running = room.desk()
    room.reword("ru", "Итак,")
    second = room.deal("anna:ru", seed=2)
    (anna,) = room.shelf.raters(second.id)
    form = running.form(anna, "token")
    assert form.closed == ()
    assert form.rubrics["irony"].question.ru.startswith("Итак,")
    assert {x.rubric_digest for x in form.items} == {form.rubrics["irony"].digest["ru"]}
