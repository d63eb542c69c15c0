"""One thread saves for everybody: told to each what came of theirs, and to nobody else's harm."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.rating.form import Saved
from pipeline.rating.handout import Handout
from pipeline.rating.shelf import Conflict, Rater, Score, Shelf, Unable, Write
from pipeline.rating.writing import Writer

ANNA = Rater("a" * 32, "anna", None, None)
DEALT = Handout(
    id="a" * 32,
    study="trial",
    at="2026-01-01T00:00:00",
    seed=1,
    repeats=0,
    raters=("anna",),
    probability={},
    items=(),
)


def write(item: int, score: int = 3, revision: int = 0, comment: str = "") -> Write:
    return Write(ANNA, f"{item:032x}", revision, Score(score, comment, None, 1.0))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with closing(Shelf(f"sqlite:///{tmp_path}/ratings.db")) as found:
        found.invite(DEALT, {"anna": "token of anna"})
        yield found


def test_each_is_told_of_their_own_score_and_in_order(shelf: Shelf) -> None:
    writer = Writer(shelf)
    waited = [writer.save(write(n % 50, score=1 + n % 5)) for n in range(300)]
    told = [x.result() for x in waited]
    writer.close()
    for n, found in enumerate(told[:50]):
        assert isinstance(found, Saved)
        assert (found.id, found.score, found.revision) == (f"{n:032x}", 1 + n % 5, 1)
    assert len(shelf.saved("a" * 32)) == 50
    for n, found in enumerate(told[50:], 50):
        first = told[n % 50]
        same = 1 + n % 5 == 1 + (n % 50) % 5
        assert found == (first if same else Conflict(first)), "no later one took its place"  # type: ignore[arg-type]


def test_one_that_cannot_be_stored_harms_no_other(shelf: Shelf) -> None:
    writer = Writer(shelf)
    half = "half a character: " + chr(0xD83D)
    waited = [writer.save(write(n, comment=half if n == 7 else "")) for n in range(20)]
    for n, one in enumerate(waited):
        if n == 7:
            with pytest.raises(ValueError, match="unicode"):
                one.result()
        else:
            assert isinstance(one.result(), Saved)
    assert isinstance(writer.save(write(7)).result(), Saved), "it goes on"
    writer.close()


def test_what_waits_when_it_ends_is_saved(shelf: Shelf) -> None:
    writer = Writer(shelf)
    waited = [writer.save(write(n)) for n in range(200)]
    writer.close()
    assert all(x.done() for x in waited)
    assert len(shelf.saved("a" * 32)) == 200


def test_a_full_disk_is_never_called_saved(tmp_path: Path) -> None:
    """SQLite's own limit on pages stands in for the disk's: it fails in the same place."""
    path = tmp_path / "ratings.db"
    with closing(Shelf(f"sqlite:///{path}")) as shelf:
        shelf.invite(DEALT, {"anna": "token of anna"})
        with shelf._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        full = lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 3}")  # noqa: E731
        from sqlalchemy import event

        shelf._engine.dispose()
        event.listen(shelf._engine, "connect", full)
        writer = Writer(shelf)
        told, refused = [], 0
        for n in range(60):
            waited = writer.save(write(n, comment="x" * 1000))
            if (error := waited.exception()) is None:
                told.append(f"{n:032x}")
            else:
                assert isinstance(error, Unable)
                refused += 1
        writer.close()
        assert refused > 0
        assert {x.id for x in shelf.saved("a" * 32)} == set(told)
