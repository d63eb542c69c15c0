"""Several deals, several machines, one database: no link ends, nothing saved is left behind."""

import csv
import io
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Project
from fake_server import FakeServer, Reply, completion, is_verdict_request, verdict
from people import go, rated
from starlette.testclient import TestClient

from pipeline import cli, gold, goldplan, study
from pipeline.errors import UserError
from pipeline.rating import (
    address,
    books,
    collecting,
    dealing,
    handout,
    intake,
    owner,
    rate,
    server,
)
from pipeline.rating.address import Served
from pipeline.rating.dealing import Opened, Wish
from pipeline.rating.desk import Desk
from pipeline.rating.form import Saved
from pipeline.rating.shelf import Shelf
from pipeline.stats.thresholds import Target

HOST = "127.0.0.1:8765"
WHERE = Served("127.0.0.1", 8765, None, None, None)


def answered(project: Project, russian: str) -> Opened:
    """A study of five more tasks, which ask so in Russian."""
    for n in range(5):
        project.task(f"more_{n}", f"More {n}?", russian.format(n))
    go(project)
    return dealing.opened(study.load("trial", project.root))


@pytest.fixture
def opened(served: Project, server: FakeServer) -> Opened:
    return answered(served, "Ещё {}?")


@pytest.fixture
def spoken(served: Project, server: FakeServer) -> Opened:
    """A study whose Russian tasks are answered in Russian."""
    return answered(served, "Расскажите ещё раз, и подробно: {}?")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with closing(Shelf(f"sqlite:///{tmp_path}/shared.db")) as found:
        yield found


class Prepared(NamedTuple):
    """A server as far as it is without a port."""

    desk: Desk
    lines: tuple[str, ...]


def start(
    opened: Opened, shelf: Shelf, raters: str = "", seed: int = 1, prompts: int = 3
) -> Prepared:
    """What `rate.serve` does around the port."""
    desk = rate.desk_of(opened, shelf)
    collecting.collect(desk, opened.known)
    if raters:
        rate.dealt(opened, Wish(dealing.invited(raters, opened.design), prompts, seed), shelf)
    return Prepared(desk, rate.links(desk, WHERE))


def links(found: Prepared) -> list[tuple[str, str]]:
    parts = (x.partition(": ") for x in found.lines)
    return [(who, link.rpartition("/")[2]) for who, _, link in parts if "/r/" in link]


def rate_all(found: Prepared, token: str, score: int = 3) -> int:
    """How many items were saved under this invitation."""
    client = TestClient(server.app(found.desk, address.names(WHERE)), base_url=f"http://{HOST}")
    assert client.get(f"/r/{token}").status_code == 200
    rater = found.desk.shelf.whose(token)
    assert rater is not None
    handout = found.desk.handout(rater)
    assert handout is not None
    for item in handout.of(rater.rater):
        body = {"id": item.id, "score": score, "reason": None, "seconds": 3, "revision": 0}
        headers = {"X-CSRF-Token": server.csrf_of(token)}
        assert client.post("/api/save", json=body, headers=headers).status_code == 200
    return len(handout.of(rater.rater))


def gold_of(opened: Opened) -> list[dict[str, str]]:
    path = opened.design.root / "data/gold/trial.csv"
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_a_later_deal_ends_no_link_and_leaves_nothing_uncollected(
    opened: Opened, shelf: Shelf
) -> None:
    first = start(opened, shelf, "anna,boris")
    (_, anna), (_, boris) = links(first)
    rate_all(first, anna)
    # Killed here: nothing was put into the gold, and then more is dealt.
    second = start(opened, shelf, "vera", seed=2)
    assert {x["rater"] for x in gold_of(opened)} == {"anna"}, "before anything else"
    assert [x for x, _ in links(second)] == ["anna", "boris", "vera"]
    assert [y for _, y in links(second)][:2] == [anna, boris]
    rate_all(second, boris)
    rate_all(second, links(second)[2][1])
    collecting.collect(second.desk, opened.known)
    assert {x["rater"] for x in gold_of(opened)} == {"anna", "boris", "vera"}
    again = start(opened, shelf)
    assert links(again) == links(second)


def test_a_server_learns_of_a_deal_that_another_made(opened: Opened, shelf: Shelf) -> None:
    first = start(opened, shelf, "anna")
    second = start(opened, shelf, "vera", seed=2)
    assert rate_all(first, links(second)[-1][1]) > 0


def test_two_machines_on_one_database_share_its_links(
    opened: Opened, shelf: Shelf, tmp_path: Path
) -> None:
    first = start(opened, shelf, "anna,boris")
    with closing(Shelf(f"sqlite:///{tmp_path}/shared.db")) as other:
        second = start(opened, other)
        assert second.lines == first.lines
        for found, (_, token) in zip((first, second), links(first), strict=True):
            rate_all(found, token)
        assert len(first.desk.shelf.saved(first.desk.handouts()[0].id)) == len(
            first.desk.handouts()[0].items
        )


def test_a_forgotten_person_stays_forgotten(opened: Opened, shelf: Shelf) -> None:
    start(opened, shelf, "anna,boris")
    found = start(opened, shelf, "anna", seed=2)
    annas = [token for who, token in links(found) if who == "anna"]
    assert len(annas) == 2
    for token in annas:
        rate_all(found, token)
    collecting.collect(found.desk, opened.known)
    gold = opened.design.root / "data/gold/trial.csv"
    # A row that the study could not read must not keep a person in it.
    gold.write_text(
        gold.read_text("utf-8") + "anna,crowd,x,irony,,99,,,\nolga,crowd,x,irony,,99,,,\n"
    )
    found.desk.forget("anna")
    assert "anna" not in gold.read_text("utf-8")
    assert "olga,crowd,x,irony,,99" in gold.read_text("utf-8"), "nobody else's rows are touched"
    gold.unlink()
    again = start(opened, shelf)
    assert [who for who, _ in links(again)] == ["boris"]
    assert all(shelf.whose(x) is None for x in annas)
    assert "anna" not in gold.read_text("utf-8") if gold.exists() else True


def test_the_last_person_of_a_gold_file_may_be_deleted(
    opened: Opened, shelf: Shelf, served: Project
) -> None:
    found = start(opened, shelf, "anna,boris", prompts=6)
    (_, anna), (_, boris) = links(found)
    rate_all(found, anna)
    collecting.collect(found.desk, opened.known)
    found.desk.forget("anna")
    assert gold_of(opened) == []
    assert {x.name: x.people for x in books.listed(served.root)} == {"trial": (), "trial_again": ()}
    served.study(languages=["ru", "en"], gold=["trial"])
    assert go(served).derived.ratings.filter(kind="human").is_empty(), "scored without gold"
    opened = dealing.opened(study.load("trial", served.root))
    again = start(opened, shelf)
    assert rate_all(again, boris)
    collecting.collect(again.desk, opened.known)
    assert {x["rater"] for x in gold_of(opened)} == {"boris"}


def test_who_alone_had_repeats_may_be_deleted(opened: Opened, shelf: Shelf) -> None:
    found = start(opened, shelf, "anna,boris", prompts=6)
    (_, anna), (_, boris) = links(found)
    rate_all(found, anna)
    rate_all(found, boris)
    path = intake.again_file(opened.design)
    path.write_text(",".join(gold.COLUMNS) + "\n")
    collecting.collect(found.desk, opened.known)
    assert path.read_text("utf-8").count("\n") > 1


def test_a_spoilt_file_of_repeats_keeps_no_rating_back(opened: Opened, shelf: Shelf) -> None:
    found = start(opened, shelf, "anna", prompts=6)
    rate_all(found, links(found)[0][1])
    intake.again_file(opened.design).write_text("no table\n")
    with pytest.raises(UserError, match=r"trial_again\.csv:1: column 'rater' is missing"):
        collecting.collect(found.desk, opened.known)
    assert {x["rater"] for x in gold_of(opened)} == {"anna"}


def test_people_of_two_deals_are_of_one_class(opened: Opened, shelf: Shelf) -> None:
    first = start(opened, shelf, "anna")
    rate_all(first, links(first)[0][1])
    second = start(opened, shelf, "anna", seed=2)
    later = shelf.whose(links(second)[1][1])
    assert later is not None
    second.desk.introduce(later, "philosopher", "ru")
    rate_all(second, links(second)[1][1])
    collecting.collect(second.desk, opened.known)
    assert {x["rater_class"] for x in gold_of(opened)} == {"expert"}


def test_a_person_who_is_somebody_else_in_the_gold_stays_in_the_database(
    opened: Opened, shelf: Shelf
) -> None:
    found = start(opened, shelf, "anna,boris")
    for _, token in links(found):
        rate_all(found, token)
    gold = opened.design.root / "data/gold/trial.csv"
    other = next(
        x.response
        for x in dealing.deal(opened, Wish((handout.Invited("anna"),), 3, 1), shelf).items
    )
    gold.write_text(
        "rater,rater_class,response_key,rubric,score,when\n"
        f"anna,expert,{other},irony,3,2026-01-01\n"
    )
    added = collecting.collect(found.desk, opened.known)
    (note,) = added.notes
    assert "stay in the database alone: 'anna' is crowd here and expert at data/gold" in note
    assert {x["rater"] for x in gold_of(opened) if x["rater_class"] == "crowd"} == {"boris"}


def test_nothing_dealt_is_said(opened: Opened, shelf: Shelf) -> None:
    with pytest.raises(UserError, match="nothing was dealt yet: name who rates"):
        start(opened, shelf)


def test_people_of_a_study_whose_gold_is_written_have_a_file_of_their_own(
    opened: Opened, shelf: Shelf
) -> None:
    written = opened._replace(design=opened.design._replace(written=True))
    found = start(written, shelf, "anna")
    rate_all(found, links(found)[0][1])
    added = collecting.collect(found.desk, written.known)
    assert added.path.name == "trial_people.csv"
    assert not (opened.design.root / "data/gold/trial.csv").exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda x: None, r"--tls-certificate .*cert.pem: no such file\n--tls-key .*: no such file"),
        (lambda x: x.write_text("no certificate"), "expected a certificate and its key as PEM"),
    ],
)
def test_tls_that_cannot_be_had_is_said_before_anything_is_dealt(
    opened: Opened, tmp_path: Path, make: object, said: str
) -> None:
    files = (tmp_path / "cert.pem", tmp_path / "key.pem")
    for path in files:
        make(path)  # type: ignore[operator]
    where = Served("127.0.0.1", 0, *files, None)
    wish = Wish(dealing.invited("anna", opened.design), 3, 1)
    with pytest.raises(UserError, match=said):
        rate.serve(opened, wish, where, print)
    assert not (opened.design.root / "data/gold/handouts").exists()


def places(one: handout.Handout, rater: str) -> Counter[tuple[str, str]]:
    """The answers and rubrics of a person, repeats left out."""
    return Counter((x.response, x.rubric) for x in one.of(rater) if not x.again)


def test_nobody_is_dealt_the_same_twice(opened: Opened, shelf: Shelf) -> None:
    start(opened, shelf, "anna,boris")
    found = start(opened, shelf, "anna,vera")
    first, second = found.desk.handouts()
    assert not places(first, "anna") & places(second, "anna")
    assert places(second, "anna") == places(second, "vera")
    assert len(places(second, "anna")) == 3 * 2 * 2, "three tasks, two languages, two arms"
    with pytest.raises(UserError, match="no task is left for anna: all that they can read"):
        start(opened, shelf, "anna,dora")


def in_english(body: Any) -> Reply:
    if is_verdict_request(body):
        return verdict(3)
    words = "a stone keeps silent for as long as the hill stands, and nobody hears it"
    return completion(f"In {body['max_tokens']} words: {words}.")


def test_who_can_read_nothing_is_not_said_to_have_had_it(
    served: Project, server: FakeServer, shelf: Shelf
) -> None:
    server.reply = in_english
    opened = answered(served, "Ещё {}?")
    said = (
        "trial: no task is left for anna: no task has an answer in Russian in both arms: of 12 "
        "answers asked for in Russian 12 came back in another language; leave them out"
    )
    with pytest.raises(UserError, match=said):
        start(opened, shelf, "anna:ru,boris:en")
    start(opened, shelf, "boris:en,vera:en", prompts=6)
    with pytest.raises(UserError, match="for boris: all that they can read in both arms they were"):
        start(opened, shelf, "boris:en,dora:en")


def test_two_deals_at_once_give_nobody_the_same_twice(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)

    def slowly(*given: Any) -> handout.Handout:
        made = dealing.deal(*given)
        with suppress(threading.BrokenBarrierError):  # the other waits, and deals after this one
            both.wait(1)
        return made

    monkeypatch.setattr(rate, "deal", slowly)
    wish = Wish(dealing.invited("anna,boris", opened.design), 3, 1)
    machines = [threading.Thread(target=rate.export, args=(opened, wish)) for _ in range(2)]
    for one in machines:
        one.start()
    for one in machines:
        one.join()
    first, second = handout.here(opened.design.root, "trial")
    assert not places(first, "anna") & places(second, "anna")


class Killed(BaseException):
    """As by SIGKILL: nothing catches it."""


def killed(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("after", [False, True])
def test_a_deal_cut_short_is_finished_by_wishing_the_same(
    opened: Opened, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(*((handout, "finish") if after else (shelf, "invite")), killed)
        with pytest.raises(Killed):
            start(opened, shelf, "anna,boris", prompts=6)
    (begun,) = handout.here(opened.design.root, "trial")
    found = start(opened, shelf, "anna,boris", prompts=6)
    assert [x for x, _ in links(found)] == ["anna", "boris"]
    assert [x.items for x in found.desk.handouts()] == [begun.items]
    assert rate_all(found, links(found)[0][1]) == len(begun.of("anna"))
    with pytest.raises(UserError, match="no task is left for anna"):
        start(opened, shelf, "anna,boris", prompts=6)


def test_a_deal_cut_short_keeps_nothing_from_those_whom_it_did_not_invite(
    opened: Opened, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(shelf, "invite", killed)
        with pytest.raises(Killed):
            start(opened, shelf, "anna,boris", prompts=6)
    found = start(opened, shelf, "anna,vera", prompts=6)
    assert [x for x, _ in links(found)] == ["anna", "vera"]
    assert [x.id for x in handout.here(opened.design.root)] == [
        x.id for x in found.desk.handouts()
    ], "of the other nothing is left"


def test_pages_that_were_cut_short_are_written_by_wishing_the_same(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = Wish(dealing.invited("anna,boris,vera", opened.design), 6, 1)
    with monkeypatch.context() as cut:
        pages = iter(["anna's"])
        cut.setattr(rate.page, "render", lambda _: next(pages))
        with pytest.raises(StopIteration):
            rate.export(opened, wish)
    (begun,) = handout.here(opened.design.root, "trial")
    anna, boris, vera = rate.export(opened, wish)
    assert anna.read_text("utf-8") == "anna's", "she may have it already"
    for rater, path in (("boris", boris), ("vera", vera)):
        text = path.read_text("utf-8")
        assert all(x.id in text for x in begun.of(rater))
    (sent,) = handout.here(opened.design.root, "trial")
    assert (sent.items, sent.unfinished) == (begun.items, False)
    with pytest.raises(UserError, match="no task is left for anna, boris, vera"):
        rate.export(opened, wish)


@pytest.mark.parametrize("by", ["server", "file", "sheet"])
def test_a_person_in_other_capitals_is_no_other_person(
    opened: Opened, shelf: Shelf, by: str
) -> None:
    if by == "server":
        start(opened, shelf, "anna,boris")
        for path in (opened.design.root / handout.FOLDER).glob("*.json"):
            path.unlink()
    elif by == "file":
        rate.export(opened, Wish(dealing.invited("anna,boris", opened.design), 3, 1))
    else:
        row = gold.Rating(
            rater="anna", response_key=opened.judged[0].want.key, rubric="irony", score=3
        )
        (opened.design.root / "data/gold/trial.csv").write_bytes(intake.written((row,)))
        kept = opened.design.study.model_copy(update={"gold": ("trial",)})
        opened = opened._replace(design=opened.design._replace(study=kept))
    with pytest.raises(UserError, match=r"^rater 'Anna': is 'anna' in what was dealt or rated"):
        start(opened, shelf, "Anna,vera")
    start(opened, shelf, "anna,vera")


def test_what_was_sent_in_a_file_is_not_dealt_by_a_server(opened: Opened, shelf: Shelf) -> None:
    rate.export(opened, Wish(dealing.invited("anna,boris", opened.design), 3, 1))
    (sent,) = handout.here(opened.design.root, "trial")
    found = start(opened, shelf, "anna", prompts=5)
    (dealt,) = found.desk.handouts()
    assert not places(sent, "anna") & places(dealt, "anna")
    assert len(places(dealt, "anna")) == 12, "of the three tasks that were left"


@pytest.mark.parametrize("shared", [False, True])
def test_what_a_server_dealt_is_not_sent_in_a_file(
    opened: Opened,
    shelf: Shelf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shared: bool,
) -> None:
    found = start(opened, shelf, "anna,boris")
    (dealt,) = found.desk.handouts()
    words = ["--raters", "anna", "--prompts", "5", "--export"]
    if shared:  # a machine that has the database and not the files of the one that dealt
        for path in (opened.design.root / handout.FOLDER).glob("*.json"):
            path.unlink()
        words += ["--database", f"sqlite:///{tmp_path}/shared.db"]
    monkeypatch.chdir(opened.design.root)
    assert cli.main(["rate", "trial", *words]) == 0
    (sent,) = (x for x in handout.here(opened.design.root, "trial") if x.in_files)
    assert len(places(sent, "anna")) == 12, "of the three tasks that were left"
    assert not places(sent, "anna") & places(dealt, "anna")
    people = {x.rater: x for x in owner.figures(found.desk).progress}
    assert people["anna"].of == len(dealt.of("anna")) + len(sent.of("anna")), "both are to come"


def test_who_rates_in_a_file_fixes_the_target_and_is_seen_by_the_owner(
    served: Project, server: FakeServer, tmp_path: Path
) -> None:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], target={"alpha": 0.4, "gap": 0.3})
    go(served)
    opened = dealing.opened(study.load("trial", served.root))
    rate.export(opened, Wish(dealing.invited("anna,vera", opened.design), 6, 1))
    served.study(languages=["ru", "en"], target={"alpha": 0.2, "gap": 0.3})
    opened = dealing.opened(study.load("trial", served.root))
    with closing(Shelf(f"sqlite:///{tmp_path}/one.db")) as one:
        found = start(opened, one, "boris", prompts=6)
        figures = owner.figures(found.desk)
        assert (figures.target.alpha, figures.moved) == (0.4, True)
        assert {x.rater: (x.in_file, x.done) for x in figures.progress} == {
            "anna": (True, 0),
            "vera": (True, 0),
            "boris": (False, 0),
        }
        (sent,) = handout.here(served.root, "trial")[:1]
        mine = sent.of("anna")
        saved = [
            Saved(id=x.id, score=3, seconds=9, when="2026-01-01T00:00:00+00:00", revision=1)
            for x in mine
        ]
        first, again = intake.taken(sent, saved, {"anna": "expert"})
        intake.into(intake.own_file(opened.design), first, opened.design)
        intake.into(intake.again_file(opened.design), again, opened.design)
        rate_all(found, links(found)[0][1])
        figures = owner.figures(found.desk)
        people = {x.rater: x for x in figures.progress}
        assert (people["anna"].done, people["anna"].of) == (len(mine), len(mine))
        assert people["anna"].who == "expert"
        dealt = [x for one in found.desk.every() for who in one.raters for x in one.of(who)]
        assert figures.repeats == sum(x.again for x in dealt) > 0
        assert sum(x.of for x in figures.progress) == len(dealt)
        (irony,) = figures.agreed
        assert irony.answers == 24, "both rated them all"
        assert dict(irony.left) == {"vera": len([x for x in sent.of("vera") if not x.again])}
        assert f"ratings taken in: {len(mine)}" in owner.render(found.desk, "en", "x")
        assert "anna" in owner.download(found.desk, "csv").decode()
        collecting.collect(found.desk, opened.known)
        found.desk.forget("anna")
        assert "anna" not in owner.download(found.desk, "csv").decode()


def test_what_a_person_rated_on_a_sheet_is_not_dealt_to_them(served: Project) -> None:
    rated(served, lambda _, n: 2 + n)
    for n in range(3):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    go(served)
    opened = dealing.opened(study.load("trial", served.root))
    made = dealing.deal(opened, Wish(dealing.invited("anna,dora", opened.design), 9, 1))
    assert {x.prompt for x in made.items} == {"more_0", "more_1", "more_2"}, (
        "three people are enough"
    )


def test_nobody_sees_the_answers_to_one_task_in_a_row(opened: Opened) -> None:
    def people(count: int) -> tuple[handout.Invited, ...]:
        return tuple(handout.Invited(f"r{n}") for n in range(count))

    for prompts, most in ((6, 9), (3, 4), (2, 3)):
        more = "draw more, --prompts, or " if prompts < 6 else "in all; "
        with pytest.raises(UserError, match=f"{more}name {most} people at most"):
            dealing.deal(opened, Wish(people(most + 1), prompts, 1))
        made = dealing.deal(opened, Wish(people(most), prompts, 1))
        for one in made.raters:
            visits = [(x.prompt, x.response) for x in made.of(one)]
            assert all(x == y or x[0] != y[0] for x, y in pairwise(visits))
    with pytest.raises(
        UserError, match=r"1 were drawn, for 3 people in all; draw more, --prompts$"
    ):
        dealing.deal(opened, Wish(people(1), 1, 1))
    with pytest.raises(UserError, match="for 18 people in all; name 9 people at most"):
        dealing.deal(opened, Wish(people(40), 9, 1))


def people_each(*dealt: handout.Handout) -> set[int]:
    """How many people the answers have."""
    asked = {(x.response, x.rater) for one in dealt for x in one.items if not x.again}
    return set(Counter(response for response, _ in asked).values())


def test_people_of_one_language_leave_the_other_to_those_who_come_later(
    spoken: Opened, shelf: Shelf
) -> None:
    start(spoken, shelf, "anna:ru,boris:ru,vera:ru", prompts=6)
    found = start(spoken, shelf, "dora,erik,olga", prompts=6)
    first, second = found.desk.handouts()
    assert {x.language for x in second.items} == {"en"}
    assert people_each(first, second) == {3}


def test_who_reads_one_language_is_not_drawn_what_others_lack_in_another(
    spoken: Opened, shelf: Shelf
) -> None:
    start(spoken, shelf, "anna:ru,boris:ru,vera:ru", prompts=3)
    found = start(spoken, shelf, "dora:ru,erik:ru,olga:ru", prompts=3)
    first, second = found.desk.handouts()
    assert not {x.prompt for x in first.items} & {x.prompt for x in second.items}
    assert people_each(first, second) == {3}


def test_once_enough_have_all_of_it_others_get_it_beyond_them(opened: Opened, shelf: Shelf) -> None:
    start(opened, shelf, "anna,boris,vera", prompts=6)
    found = start(opened, shelf, "dora,erik", prompts=6)
    assert people_each(*found.desk.handouts()) == {5}
    with pytest.raises(UserError, match=r"no task is left for anna: .* or add tasks"):
        start(opened, shelf, "anna,olga", prompts=6)


def test_what_one_has_had_is_still_drawn_for_the_others(opened: Opened) -> None:
    design = opened.design
    halves = {x.id: ("anna", "boris")[n % 2] for n, x in enumerate(design.tasks)}
    rows = (
        gold.Rating(rater=halves[x.want.task.id], response_key=x.want.key, rubric="irony", score=3)
        for x in opened.judged
    )
    (design.root / "data/gold/trial.csv").write_bytes(intake.written(tuple(rows)))
    kept = design.study.model_copy(update={"gold": ("trial",)})
    one = opened._replace(design=design._replace(study=kept))
    made = dealing.deal(one, Wish(dealing.invited("anna,boris", design), 6, 1))
    shown = {rater: {x.prompt for x in made.of(rater)} for rater in made.raters}
    assert shown == {
        "anna": {x for x, rater in halves.items() if rater == "boris"},
        "boris": {x for x, rater in halves.items() if rater == "anna"},
    }


def test_the_levels_that_texts_were_written_for_are_no_person(opened: Opened) -> None:
    kept = opened.design.study.model_copy(update={"gold": ("trial",)})
    written = opened._replace(design=opened.design._replace(study=kept, written=True))
    rows = (
        gold.Rating(rater="design", response_key=x.want.key, rubric="irony", score=3)
        for x in opened.judged
    )
    (opened.design.root / "data/gold/trial.csv").write_bytes(intake.written(tuple(rows)))
    wish = Wish(dealing.invited("anna,boris,vera", opened.design), 6, 1)
    assert people_each(dealing.deal(written, wish)) == {3}
    assert goldplan.plan(written.design, Target(), 6, 1).rows["prompt"].n_unique() == 6


def test_those_who_were_dealt_to_count_before_they_rate(opened: Opened, shelf: Shelf) -> None:
    start(opened, shelf, "anna,boris", prompts=6)
    found = start(opened, shelf, "vera,dora", prompts=6)
    first, second = found.desk.handouts()
    people = Counter(
        (x.response, x.rubric) for one in (first, second) for x in one.items if not x.again
    )
    assert set(people.values()) == {3}
    found.desk.forget("vera")
    third = dealing.deal(opened, Wish(dealing.invited("olga", opened.design), 6, 1), shelf)
    assert places(third, "olga") == places(second, "vera"), "who was deleted does not count"


def test_under_other_words_an_answer_may_be_dealt_again_on_that_rubric_alone(
    served: Project, server: FakeServer
) -> None:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    go(served)
    wish = Wish((handout.Invited("anna"),), 6, 1)
    rate.export(dealing.opened(study.load("trial", served.root)), wish)
    path = served.root / "rubrics/irony.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("question:\n  en: >-\n", "question:\n  en: >-\n    Now, ").replace(
            "  ru: >-\n", "  ru: >-\n    Итак, ", 1
        ),
        "utf-8",
    )
    again = dealing.deal(dealing.opened(study.load("trial", served.root)), wish)
    assert {x.rubric for x in again.items} == {"irony"}
    assert len({x.prompt for x in again.items}) == 6


def test_a_score_given_twice_is_one_row_and_no_split(opened: Opened, shelf: Shelf) -> None:
    found = start(opened, shelf, "anna")
    (dealt,) = found.desk.handouts()
    fresh = [
        x.model_copy(update={"id": f"{n:032x}"}) for n, x in enumerate(dealt.items) if not x.again
    ]
    later = dealt.model_copy(update={"id": "f" * 32, "items": tuple(fresh)})
    shelf.invite(later, {"anna": "another token"})
    rate_all(found, links(found)[0][1], score=1)
    rate_all(found, "another token", score=5)
    table = owner.download(found.desk, "csv").decode()
    assert table.count("\n") == 1 + len(fresh)
    assert owner.figures(found.desk).splits == ()


def test_a_locked_key_is_said_in_one_line_and_asks_nothing(opened: Opened, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-subj", "/CN=x", "-passout", "pass:hush"]
    subprocess.run(
        ["openssl", *words, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    where = Served("127.0.0.1", 0, certificate, key, None)
    with pytest.raises(UserError, match=r"^--tls-key .*k.pem: is locked with a passphrase.*$"):
        rate.serve(opened, None, where, print)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "99999"], "--port is 99999, expected 1 to 65535"),
        (
            ["--port", "-1", "--prompts", "-3"],
            "--port is -1.*\n--prompts is -3, expected 1 or more",
        ),
        (["--port", "0"], "--port is 0"),
        (["--host", "[::g]"], r"\[::g\]:8765 cannot be served at"),
    ],
)
def test_numbers_that_cannot_be_are_refused_at_once(
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(opened.design.root)
    assert cli.main(["rate", "trial", "--raters", "anna", *words]) == 2
    assert re.search(said, capsys.readouterr().err)
    assert not [*(opened.design.root / "data/gold/handouts").glob("*.json")]
