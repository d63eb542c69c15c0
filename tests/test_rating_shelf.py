"""The database of ratings, on SQLite and on PostgreSQL: the same promises on both."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import postgres
import pytest
import sqlalchemy as sa

from pipeline.errors import UserError
from pipeline.rating import stored
from pipeline.rating.form import Saved
from pipeline.rating.handout import Dealt, Handout
from pipeline.rating.shelf import Conflict, Gone, Rater, Score, Shelf, Write, opened, said_of

ITEMS = [f"{n:032x}" for n in range(40)]


def handout(raters: tuple[str, ...] = ("anna", "Борис")) -> Handout:
    items = tuple(
        Dealt(
            id=item,
            rater=raters[n % len(raters)],
            prompt="stone",
            response="0" * 32,
            rubric="irony",
            language="ru",
            digest="1" * 32,
            again=False,
        )
        for n, item in enumerate(ITEMS)
    )
    return Handout(
        id="a" * 32,
        study="trial",
        at="2026-01-01T00:00:00",
        seed=1,
        repeats=0.05,
        raters=raters,
        probability={"stone": 1.0},
        items=items,
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "postgresql" and postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed here")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        if request.param == "sqlite":
            yield f"sqlite:///{folder}/ratings.db"
            return
        with postgres.running(Path(folder) / "server") as found:
            yield found


@pytest.fixture
def shelf(url: str) -> Iterator[Shelf]:
    used = Shelf(url)
    stored.META.drop_all(used._engine)
    used.close()
    found = Shelf(url)
    found.invite(handout(), {"anna": "token of anna", "Борис": "token of boris"})
    yield found
    found.close()


ANNA = Rater("a" * 32, "anna", None, None)
SAID = Score(4, "да — «так»", None, 12.5)


def test_a_score_is_there_for_another_connection_once_it_is_saved(shelf: Shelf, url: str) -> None:
    saved = shelf.save(ANNA, ITEMS[0], 0, SAID)
    assert isinstance(saved, Saved)
    other = Shelf(url)
    (found,) = other.saved("a" * 32, "anna")
    other.close()
    assert found == saved
    assert said_of(found) == SAID


def test_the_same_twice_is_stored_once_and_another_window_is_told(shelf: Shelf) -> None:
    first = shelf.save(ANNA, ITEMS[0], 0, SAID)
    assert shelf.save(ANNA, ITEMS[0], 0, SAID) == first
    later = shelf.save(ANNA, ITEMS[0], 0, SAID._replace(score=1))
    assert later == Conflict(first)  # type: ignore[arg-type]
    revised = shelf.save(ANNA, ITEMS[0], 1, SAID._replace(score=1))
    assert isinstance(revised, Saved)
    assert revised.revision == 2
    assert shelf.saved("a" * 32) == [revised], "the highest revision counts"


def test_many_windows_at_once_neither_lose_nor_double(shelf: Shelf) -> None:
    answers: list[Saved | Conflict | Gone] = []

    def window(score: int) -> None:
        for item in ITEMS[:10]:
            answers.append(shelf.save(ANNA, item, 0, SAID._replace(score=score)))

    threads = [threading.Thread(target=window, args=(1 + n % 5,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = shelf.saved("a" * 32)
    assert len(found) == 10
    assert {x.revision for x in found} == {1}
    kept = {x.id: x.score for x in found}
    told = [x for x in answers if isinstance(x, Saved)]
    assert all(kept[x.id] == x.score for x in told), "whoever was told 'saved' was right"
    assert len(answers) == 80


def test_a_token_is_stored_as_its_digest_alone(shelf: Shelf, url: str) -> None:
    found = shelf.whose("token of anna")
    assert found is not None
    assert found.rater == "anna"
    assert shelf.whose("token of nobody") is None
    if url.startswith("sqlite"):
        assert b"token of anna" not in Path(url.removeprefix("sqlite:///")).read_bytes()


def test_a_later_handout_leaves_the_first_ones_invitations(shelf: Shelf, url: str) -> None:
    shelf.introduce(ANNA, "writer", "ru")
    later = handout().model_copy(update={"id": "b" * 32, "at": "2026-02-01T00:00:00"})
    other = Shelf(url)  # as another machine has it
    other.invite(later, {"anna": "another token"})
    assert other.handouts(known=[later.id]) == [handout()]
    other.close()
    first, second = shelf.whose("token of anna"), shelf.whose("another token")
    assert first is not None
    assert second is not None
    assert (first.handout, first.rater_class, first.language) == ("a" * 32, "writer", "ru")
    assert second.handout == later.id
    shelf.introduce(first, None, "en")
    again = shelf.whose("token of anna")
    assert again is not None
    assert (again.rater_class, again.language) == ("writer", "en"), "as said before"
    assert [x.rater for x in shelf.raters("a" * 32)] == ["anna", "Борис"]
    assert shelf.handouts() == [handout(), later]


def test_all_who_share_a_database_share_its_secret(shelf: Shelf, url: str) -> None:
    found: list[bytes] = []

    def machine() -> None:
        one = Shelf(url)
        found.append(one.secret())
        one.close()

    threads = [threading.Thread(target=machine) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert {len(x) for x in found} == {32}
    assert set(found) == {shelf.secret()}


def test_a_forgotten_person_is_gone_from_every_handout(shelf: Shelf) -> None:
    later = handout().model_copy(update={"id": "b" * 32})
    shelf.invite(later, {"anna": "another token"})
    shelf.save(ANNA, ITEMS[0], 0, SAID)
    shelf.save(ANNA._replace(handout=later.id), ITEMS[2], 0, SAID)
    shelf.save(ANNA._replace(rater="Борис"), ITEMS[1], 0, SAID)
    assert shelf.forget(["a" * 32, later.id], "anna") == 4, "two scores, two invitations"
    assert [x.id for x in shelf.saved("a" * 32)] == [ITEMS[1]]
    assert shelf.saved(later.id) == []
    assert shelf.whose("token of anna") is None
    assert shelf.whose("another token") is None
    assert [x.rater for x in shelf.raters("a" * 32)] == ["Борис"]


def test_nothing_of_a_deleted_person_is_left_in_what_was_dealt(shelf: Shelf) -> None:
    shelf.forget(["a" * 32], "anna")
    (dealt,) = shelf.handouts()
    assert dealt.raters == ("Борис",)
    assert {x.rater for x in dealt.items} == {"Борис"}


def test_two_deletions_at_once_bring_nobody_back(shelf: Shelf) -> None:
    both = [threading.Thread(target=shelf.forget, args=(["a" * 32], x)) for x in ("anna", "Борис")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    (dealt,) = shelf.handouts()
    assert (dealt.raters, dealt.items) == ((), ())


def test_what_a_deleted_person_wrote_is_in_no_file_while_the_database_is_open(
    tmp_path: Path,
) -> None:
    with closing(Shelf(f"sqlite:///{tmp_path}/one.db")) as shelf:
        shelf.invite(handout(("anna", "boris")), {"anna": "a token", "boris": "another"})
        for n, item in enumerate(ITEMS[::2]):
            shelf.save(ANNA, item, 0, Score(4, f"by anna {n} " + "z" * 500, None, 1.0))
        assert any(b"by anna" in x.read_bytes() for x in tmp_path.iterdir())
        shelf.forget(["a" * 32], "anna")
        left = {x.name: x.read_bytes() for x in tmp_path.iterdir()}
        assert "one.db-wal" in left, "it is open"
        assert [name for name, data in left.items() if b"anna" in data] == []


def rows(shelf: Shelf) -> int:
    with shelf._engine.connect() as connection:
        return len(connection.execute(stored.SAVED.select()).all())


def test_nothing_of_a_deleted_person_is_stored_and_nobody_elses_is_lost(shelf: Shelf) -> None:
    shelf.forget(["a" * 32], "anna")
    boris = ANNA._replace(rater="Борис")
    found = shelf.save_all([Write(ANNA, ITEMS[0], 0, SAID), Write(boris, ITEMS[1], 0, SAID)])
    assert found[0] == Gone(ANNA)
    assert shelf.saved("a" * 32) == [found[1]]
    assert rows(shelf) == 1


def test_a_deletion_waits_for_the_save_that_came_before_it(shelf: Shelf) -> None:
    with shelf._engine.begin() as connection:
        shelf._save(connection, Write(ANNA, ITEMS[0], 0, SAID))
        deletion = threading.Thread(target=shelf.forget, args=(["a" * 32], "anna"))
        deletion.start()
        deletion.join(0.3)
        assert deletion.is_alive(), "the save has not ended yet"
    deletion.join(10)
    assert rows(shelf) == 0


def test_saves_and_a_deletion_over_two_deals_do_not_wait_for_each_other(shelf: Shelf) -> None:
    later = handout().model_copy(update={"id": "0" * 32})
    shelf.invite(later, {"anna": "another token"})
    second = ANNA._replace(handout=later.id)
    found: list[int] = []
    with shelf._engine.begin() as connection:
        shelf._save(connection, Write(second, ITEMS[2], 0, SAID))
        deletion = threading.Thread(
            target=lambda: found.append(shelf.forget([ANNA.handout, later.id], "anna"))
        )
        deletion.start()
        deletion.join(0.3)
        shelf._save(connection, Write(ANNA, ITEMS[0], 0, SAID))
    deletion.join(10)
    assert found == [4]


def test_scores_are_stored_in_the_order_of_a_deletion_and_told_in_their_own(shelf: Shelf) -> None:
    later = handout().model_copy(update={"id": "0" * 32})
    shelf.invite(later, {"anna": "another token"})
    stored_: list[str] = []
    save = shelf._save

    def noted(connection: sa.Connection, write: Write) -> Saved | Conflict | Gone:
        stored_.append(write.item)
        return save(connection, write)

    shelf._save = noted  # type: ignore[method-assign]
    second = ANNA._replace(handout=later.id)
    told = shelf.save_all([Write(ANNA, ITEMS[0], 0, SAID), Write(second, ITEMS[2], 0, SAID)])
    assert stored_ == [ITEMS[2], ITEMS[0]]
    assert [x.id for x in told if isinstance(x, Saved)] == [ITEMS[0], ITEMS[2]]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("foo", "--database: expected a URL"),
        ("foo://a:hush@b/c", "--database: expected a URL"),
        ("sqlite:////nowhere/at/all/x.db", "cannot be opened: unable to open database file"),
        ("postgresql+psycopg://me:hush@127.0.0.1:1/x", "cannot be opened: .*127.0.0.1"),
        ("oracle://me:hush@127.0.0.1:1/x", "--database: .* is not installed"),
    ],
)
def test_a_database_that_is_none_is_refused_in_one_line(url: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        opened(url)
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)
