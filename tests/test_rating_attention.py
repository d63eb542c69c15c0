"""Attention items: off unless asked for, no rating ever, and whoever misses one is named."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Project
from fake_server import FakeServer
from people import go
from starlette.testclient import TestClient

from pipeline import study
from pipeline.errors import UserError
from pipeline.rating import address, attention, books, collecting, dealing, owner, rate, server
from pipeline.rating.address import Served
from pipeline.rating.dealing import Wish
from pipeline.rating.desk import Desk
from pipeline.rating.handout import Dealt, Handout, here
from pipeline.rating.shelf import Shelf

HOST = "127.0.0.1:8765"
WHERE = Served("127.0.0.1", 8765, None, None, None)


@pytest.fixture
def watchful(served: Project, server: FakeServer) -> Project:
    """A study of six tasks that wants two attention items for each person."""
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"], attention=2)
    go(served)
    return served


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with closing(Shelf(f"sqlite:///{tmp_path}/one.db")) as found:
        yield found


def checks(handout: Handout, rater: str) -> list[Dealt]:
    return [x for x in handout.of(rater) if x.level is not None]


def ratings_of_checks(handout: Handout, ratings: list[dict[str, object]]) -> list[object]:
    """Those of attention items alone."""
    asked = {x.id for x in handout.items if x.level is not None}
    return [x for x in ratings if x["id"] in asked]


def begun(project: Project, shelf: Shelf, raters: str) -> tuple[Desk, dict[str, str]]:
    opened = dealing.opened(study.load("trial", project.root))
    desk = rate.desk_of(opened, shelf)
    rate.dealt(opened, Wish(dealing.invited(raters, opened.design), 6, 1), shelf)
    lines = (x.partition(": ") for x in rate.links(desk, WHERE))
    return desk, {who: x.rpartition("/")[2] for who, _, x in lines if "/r/" in x}


def test_they_stand_between_answers_and_say_what_to_choose(watchful: Project, shelf: Shelf) -> None:
    desk, _ = begun(watchful, shelf, "anna,boris")
    (handout,) = desk.handouts()
    for rater in handout.raters:
        items = handout.of(rater)
        places = [n for n, x in enumerate(items) if x.level is not None]
        assert len(places) == 2
        for n in places:
            before, after = items[n - 1], items[n + 1 : n + 2]
            assert n > 0
            assert before.level is None
            assert all((x.response, x.again) != (before.response, before.again) for x in after)
        form = desk.form(shelf.raters(handout.id)[0]._replace(rater=rater), "x")
        shown = {x.id: x for x in form.items}
        for item in checks(handout, rater):
            told = {"en": "This is no answer", "ru": "Это не ответ"}[item.language]
            assert told in shown[item.id].answer
            assert f" {item.level} " in shown[item.id].answer.replace(",", " ").replace("—", " ")
    assert len({x.level for x in handout.items}) > 1


def test_a_study_that_asks_for_none_has_none(served: Project, server: FakeServer) -> None:
    served.task("more", "More?", "Ещё?")
    go(served)
    opened = dealing.opened(study.load("trial", served.root))
    made = dealing.deal(opened, Wish(dealing.invited("anna", opened.design), 2, 1))
    assert {x.level for x in made.items} == {None}


def test_who_misses_one_is_named_and_no_choice_is_a_rating(watchful: Project, shelf: Shelf) -> None:
    desk, tokens = begun(watchful, shelf, "anna,boris")
    (handout,) = desk.handouts()
    app = server.app(desk, address.names(WHERE))
    for rater, token in tokens.items():
        client = TestClient(app, base_url=f"http://{HOST}")
        client.get(f"/r/{token}")
        for n, item in enumerate(checks(handout, rater)):
            assert item.level is not None
            right = rater == "anna" or n == 0
            score = item.level if right else 1 + item.level % 5
            body = {"id": item.id, "score": score, "seconds": 3, "revision": 0}
            headers = {"X-CSRF-Token": server.csrf_of(token)}
            assert client.post("/api/save", json=body, headers=headers).status_code == 200
    page = owner.render(desk, "en", "x")
    assert page.count("attention items missed") == 1
    assert "attention items missed: 1 of 2" in page
    assert "проверок внимания не пройдено: 1 из 2" in owner.render(desk, "ru", "x")
    assert {x.done for x in owner.figures(desk).progress} == {0}, "nothing is rated yet"
    assert collecting.collect(desk, set(desk.judged)).new == 0
    assert owner.download(desk, "csv").decode().count("\n") == 1
    flags = books.checked(desk.design).flags
    assert [(x.rater, x.what, x.ratings) for x in flags] == [
        ("boris", "missed attention items, of 2", 1)
    ]
    desk.forget("boris")
    assert books.checked(desk.design).flags == ()
    assert {x.rater for x in attention.kept(desk.design)} == {"anna"}


def test_its_file_is_read_as_a_spreadsheet_saves_it_or_named(watchful: Project) -> None:
    design = study.load("trial", watchful.root)
    wanted = attention.Attended("anna", "0" * 32, 3, None, "2026-01-01T00:00:00Z")
    attention.keep(design, [wanted])
    path = attention.file_of(design)
    path.write_text("\ufeff" + path.read_text("utf-8").replace(",", ";"), "utf-8")
    assert attention.kept(design) == (wanted,)
    kept = path.read_text("utf-8")
    for old, new, said in (
        ("item;", "thing;", r"attention/trial\.csv:1: columns are missing: item"),
        (";3;", ";three;", r"attention/trial\.csv: row 1: asked is 'three' and chosen ''"),
    ):
        path.write_text(kept.replace(old, new), "utf-8")
        with pytest.raises(UserError, match=said):
            books.checked(design)


def test_a_file_that_comes_back_tells_it_too(watchful: Project) -> None:
    opened = dealing.opened(study.load("trial", watchful.root))
    (page,) = rate.export(opened, Wish(dealing.invited("anna", opened.design), 6, 1))
    assert page.exists()
    (sent,) = here(watchful.root, "trial")
    ratings = [
        {
            "id": x.id,
            "score": 1 if x.level is None else 1 + x.level % 5,
            "seconds": 9,
            "when": "2026-01-01T00:00:00Z",
            "revision": 1,
            "rubric": x.rubric,
            "rubric_digest": x.digest,
            "language": x.language,
        }
        for x in sent.of("anna")
    ]
    body = {
        "kind": "antipode-ratings",
        "version": 1,
        "study": "trial",
        "rater": "anna",
        "rater_class": "writer",
        "form": "0" * 32,
        "interface": "ru",
        "ratings": ratings,
    }
    path = watchful.root / "anna.json"
    path.write_text(json.dumps(body | {"ratings": ratings_of_checks(sent, ratings)}))
    assert books.added(path, opened.design).new == 0
    assert attention.missed(attention.kept(opened.design)) == {"anna": (2, 2)}
    path.write_text(json.dumps(body))
    added = books.added(path, opened.design)
    assert added.new == sum(x.level is None and not x.again for x in sent.items)
    assert attention.missed(attention.kept(opened.design)) == {"anna": (2, 2)}
