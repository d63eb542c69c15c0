"""The rating server: what it takes, what it refuses, and that nothing is lost or doubled."""

import csv
import io
import json
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postgres
import pytest
from conftest import Project
from fake_server import FakeServer
from people import go
from sqlalchemy import event
from starlette.testclient import TestClient

from pipeline import goldplan, study
from pipeline.errors import UserError
from pipeline.pages import refused
from pipeline.rating import address, books, collecting, dealing, handout, intake, server
from pipeline.rating.address import Served
from pipeline.rating.desk import Desk
from pipeline.rating.handout import Handout
from pipeline.rating.intake import Added
from pipeline.rating.shelf import Rater, Score, Shelf, Write
from pipeline.stats.thresholds import Target

SECRET = Score(3, "a secret of mine", None, 1.0)
HOST = "127.0.0.1:8765"
WHERE = Served("127.0.0.1", 8765, None, None, None)


class Office:
    """A desk with its invitations, and a browser for each person."""

    def __init__(self, desk: Desk, tokens: dict[str, str], owner: str) -> None:
        self.desk, self.tokens, self.owner = desk, tokens, owner
        self.app = server.app(desk, address.names(WHERE))

    def browser(self, token: str | None = None, base: str = f"http://{HOST}") -> TestClient:
        client = TestClient(self.app, base_url=base, follow_redirects=True)
        if token is not None:
            assert client.get(f"/r/{token}").status_code == 200
        return client

    @property
    def handout(self) -> Handout:
        (only,) = self.desk.handouts()
        return only

    def items(self, rater: str) -> list[str]:
        return [x.id for x in self.handout.of(rater)]

    def fresh(self) -> "Office":
        """The same, as a server that is started again finds it."""
        design = study.load("trial", self.desk.design.root)
        opened = dealing.opened(design)
        return Office(
            Desk(design, opened.judged, self.desk.shelf, self.owner), self.tokens, self.owner
        )

    def send(self, client: TestClient, rater: str, item: str, **more: Any) -> Any:
        body = {
            "id": item,
            "score": 3,
            "comment": "",
            "reason": None,
            "seconds": 4.0,
            "revision": 0,
        }
        csrf = server.csrf_of(self.tokens[rater])
        return client.post("/api/save", json=body | more, headers={"X-CSRF-Token": csrf})


def collect(office: Office) -> Added:
    return collecting.collect(office.desk, set(office.desk.judged))


@pytest.fixture
def office(served: Project, server: FakeServer) -> Iterator[Office]:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    go(served)
    design = study.load("trial", served.root)
    opened = dealing.opened(design)
    plan = goldplan.plan(design, Target(), 6, 1)
    invited = dealing.invited("anna,boris", design)
    dealt = handout.make(design, opened.judged, plan.rows, invited, 1, Target())
    shelf = Shelf(f"sqlite:///{served.root}/ratings.db")
    tokens = {x: secrets.token_urlsafe(24) for x in dealt.raters}
    owner = secrets.token_urlsafe(24)
    shelf.invite(dealt, tokens)
    yield Office(Desk(design, opened.judged, shelf, owner), tokens, owner)
    shelf.close()


def test_a_person_saves_revises_and_finds_it_again(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    item = office.items("anna")[0]
    assert office.send(anna, "anna", item).json() == {"revision": 1}
    assert office.send(anna, "anna", item).json() == {"revision": 1}, "sent twice, stored once"
    assert office.send(anna, "anna", item, score=5, revision=1).json() == {"revision": 2}
    stale = office.send(anna, "anna", item, score=1, revision=1)
    assert stale.status_code == 409
    assert stale.json()["saved"]["score"] == 5, "another window was faster"
    elsewhere = office.browser(office.tokens["anna"])
    (saved,) = elsewhere.get("/api/saved").json()["saved"]
    assert (saved["id"], saved["score"], saved["revision"]) == (item, 5, 2)


def test_the_page_tells_nothing_of_arms_models_or_other_people(office: Office) -> None:
    page = office.browser(office.tokens["anna"]).get("/rate").text
    assert "The stone says" in page or "Более" in page
    for secret in ("boris", "hicap", "locap", '"high"', '"low"', "fake", office.tokens["anna"]):
        assert secret not in page.lower()
    for item in office.handout.items:
        assert item.response not in page, "an answer's key tells two people's pages together"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"score": 6}, 422),
        ({"score": None}, 422),
        ({"score": None, "reason": "boring"}, 422),
        ({"comment": "x" * 4001}, 422),
        ({"comment": "x" * 1_000_000}, 413),
        ({"seconds": -1}, 422),
        ({"seconds": "1e999"}, 422),
        ({"seconds": 8 * 24 * 3600}, 422),
        ({"revision": -1}, 422),
        ({"revision": 2**31 - 1}, 422),
        ({"revision": 2**64}, 422),
        ({"arm": "high"}, 422),
        ({"id": "../../etc/passwd"}, 422),
        ({"id": "0" * 32}, 404),
    ],
)
def test_what_is_no_rating_is_refused(office: Office, more: dict[str, Any], status: int) -> None:
    anna = office.browser(office.tokens["anna"])
    found = office.send(anna, "anna", office.items("anna")[0], **more)
    assert found.status_code == status
    assert set(found.json()) == {"error"}
    assert anna.get("/api/saved").json() == {"saved": []}


def test_nobody_writes_anothers_item(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    assert office.send(anna, "anna", office.items("boris")[0]).status_code == 404
    boris = office.browser(office.tokens["boris"])
    assert boris.get("/api/saved").json() == {"saved": []}


def test_a_guessed_token_is_refused_and_soon_slowly(office: Office) -> None:
    stranger = office.browser()
    found = [stranger.get(f"/r/{secrets.token_urlsafe(24)}").status_code for _ in range(12)]
    assert found[0] == 403
    assert found[-1] == 429
    assert stranger.get("/rate").status_code == 403
    assert stranger.get("/owner").status_code == 403
    assert stranger.get("/owner-ratings.csv").status_code == 403


def test_another_site_cannot_send_a_form(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    item = office.items("anna")[0]
    body = {"id": item, "score": 3, "reason": None, "seconds": 1, "revision": 0}
    right = {"X-CSRF-Token": server.csrf_of(office.tokens["anna"])}
    for headers in (
        {},
        {"X-CSRF-Token": "0" * 64},
        right | {"Origin": "https://evil.example"},
        right | {"Origin": "null"},
        right | {"Content-Type": "text/plain"},
    ):
        assert anna.post("/api/save", json=body, headers=headers).status_code in (403, 415)
    assert anna.post("/api/save", data={"id": item, "score": "3"}).status_code in (403, 415)
    assert anna.post("/api/save", json=body, headers=right | {"Origin": f"http://{HOST}"}).json()
    assert len(anna.get("/api/saved").json()["saved"]) == 1
    assert office.browser(base="http://evil.example:8765").get("/rate").status_code == 421


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/data/gold/x.csv", "/owner-ratings.db"],
)
def test_nothing_else_of_the_machine_is_served(office: Office, path: str) -> None:
    anna = office.browser(office.tokens["anna"])
    assert anna.get(path).status_code in (403, 404)


def test_other_words_close_the_old_items(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    item, other = office.items("anna")[:2]
    assert office.send(anna, "anna", item).status_code == 200
    for name in ("irony", "depth"):
        path = office.desk.design.root / f"rubrics/{name}.yaml"
        text = path.read_text("utf-8")
        path.write_text(
            text.replace("question:\n  en: >-\n", "question:\n  en: >-\n    Now, "), "utf-8"
        )
        path.write_text(
            path.read_text("utf-8").replace("  ru: >-\n", "  ru: >-\n    Итак, ", 1), "utf-8"
        )
    found = office.send(anna, "anna", other)
    assert found.status_code == 410
    assert set(found.json()["closed"]["said"]) == {"en", "ru"}
    assert other in found.json()["closed"]["items"]
    assert len(anna.get("/api/saved").json()["saved"]) == 1, "what was saved stays"


def test_the_owner_sees_everybody_and_can_delete_one(office: Office) -> None:
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        for n, item in enumerate(office.items(rater)):
            assert office.send(client, rater, item, score=1 + n % 5).status_code == 200
    owner = office.browser()
    page = owner.get(f"/owner/{office.owner}").text
    assert "anna" in page
    assert '<strong class="interim">interim</strong>' in page
    assert office.owner not in page
    table = owner.get("/owner-ratings.csv").text
    firsts = [x for x in office.handout.items if not x.again]
    assert table.count("\n") == 1 + len(firsts)
    assert owner.get("/owner-ratings.parquet").content[:4] == b"PAR1"
    csrf = server.csrf_of(office.owner)
    wrong = owner.post("/owner-forget", data={"csrf": csrf, "rater": "anna", "sure": "ann"})
    assert wrong.status_code == 422
    assert owner.post("/owner-forget", data={"rater": "anna", "sure": "anna"}).status_code == 403
    collect(office)
    gold = office.desk.design.root / "data/gold/trial.csv"
    assert "anna" in gold.read_text("utf-8")
    assert (
        owner.post(
            "/owner-forget", data={"csrf": csrf, "rater": "anna", "sure": "anna"}
        ).status_code
        == 200
    )
    assert "anna" not in owner.get("/owner-ratings.csv").text
    assert "anna" not in gold.read_text("utf-8"), "all they wrote"
    assert office.browser().get(f"/r/{office.tokens['anna']}").status_code == 403


def test_a_deletion_reaches_a_download_that_the_study_names(
    office: Office, served: Project
) -> None:
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        assert office.send(client, rater, office.items(rater)[0], comment=f"by {rater}")
    owner = office.browser()
    owner.get(f"/owner/{office.owner}")
    held = served.root / "data/gold/mine.csv"
    held.write_bytes(owner.get("/owner-ratings.csv").content)
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"], gold=["mine"])
    office.fresh().desk.forget("anna")
    text = held.read_text("utf-8")
    assert "by boris" in text
    assert "anna" not in text
    assert text.startswith("\ufeff"), "a spreadsheet still reads it as UTF-8"


def test_a_deletion_that_cannot_tell_who_wrote_what_names_the_file(
    office: Office, served: Project
) -> None:
    held = served.root / "data/gold/mine.csv"
    held.write_text("person,response_key\nanna,0\n", "utf-8")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"], gold=["mine"])
    desk = office.fresh().desk
    with pytest.raises(UserError, match=r"^data/gold/mine.csv:1: has no column 'rater': .*'anna'"):
        desk.forget("anna")
    assert "anna" in {x.rater for x in desk.invited()}, "still there to be deleted"


def test_a_save_on_its_way_when_its_person_is_deleted_does_not_come_back(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    body = {"id": office.items("anna")[0], "score": 4, "seconds": 9, "revision": 0}
    raw = json.dumps(body).encode()

    def slowly() -> Iterator[bytes]:
        yield raw[:10]
        office.desk.forget("anna")
        yield raw[10:]

    headers = {"X-CSRF-Token": server.csrf_of(office.tokens["anna"])}
    headers["Content-Type"] = "application/json"
    assert anna.post("/api/save", content=slowly(), headers=headers).status_code == 403
    owner = office.browser()
    owner.get(f"/owner/{office.owner}")
    assert "anna" not in owner.get("/owner-ratings.csv").text
    with office.desk.shelf._engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from saved").scalar() == 0


def test_what_was_rated_becomes_gold_and_the_study_shows_human_alpha(
    office: Office, served: Project
) -> None:
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        client.post(
            "/api/hello",
            json={"rater_class": "writer", "language": "ru"},
            headers={"X-CSRF-Token": server.csrf_of(office.tokens[rater])},
        )
        by_id = {x.id: x for x in office.handout.of(rater)}
        for item in office.items(rater):
            seen = 1 + sum(map(ord, by_id[item].response)) % 5
            office.send(client, rater, item, score=seen)
    added = collect(office)
    assert added.new == sum(not x.again for x in office.handout.items)
    assert collect(office) == added._replace(new=0, same=added.new)
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"], gold=["trial"])
    result = go(served)
    human = result.derived.agreement.filter(comparison="humans", rubric="irony")
    assert human["alpha"].item() == pytest.approx(1.0)
    assert set(result.derived.ratings.filter(kind="human")["rater_class"]) == {"expert"}
    assert not result.uncalibrated


def reword(office: Office, name: str) -> None:
    path = office.desk.design.root / f"rubrics/{name}.yaml"
    text = path.read_text("utf-8")
    fresh = text.replace("question:\n  en: >-\n", "question:\n  en: >-\n    Now, ")
    path.write_text(fresh.replace("  ru: >-\n", "  ru: >-\n    Итак, ", 1), "utf-8")


def form_of(client: TestClient) -> dict[str, Any]:
    page = client.get("/rate")
    assert page.status_code == 200
    found = re.search(r'<script type="application/json" id="form">(.*?)</script>', page.text, re.S)
    assert found is not None
    form: dict[str, Any] = json.loads(found[1])["form"]
    return form


def form_of_link(client: TestClient, token: str) -> dict[str, Any]:
    assert client.get(f"/r/{token}").status_code == 200
    return form_of(client)


def test_a_reworded_rubric_is_closed_when_the_page_is_opened(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    assert form_of(anna)["closed"] == []
    reword(office, "irony")
    for one in (office, office.fresh()):
        (closed,) = form_of(one.browser(office.tokens["anna"]))["closed"]
        assert closed["about"] == "irony"
        mine = {x.id for x in office.handout.of("anna") if x.rubric == "irony"}
        assert set(closed["items"]) == mine
        assert "reworded" in closed["said"]["en"]


@pytest.mark.parametrize("text", ["id: irony\ntitle:\n  en: Iro", "", None])
def test_a_rubric_half_written_or_away_closes_nothing(office: Office, text: str | None) -> None:
    anna = office.browser(office.tokens["anna"])
    item, other = [x.id for x in office.handout.of("anna") if x.rubric == "irony"][:2]
    path = office.desk.design.root / "rubrics/irony.yaml"
    whole = path.read_text("utf-8")
    path.unlink() if text is None else path.write_text(text, "utf-8")
    assert office.send(anna, "anna", item).status_code == 200
    assert form_of(anna)["closed"] == []
    path.write_text(whole, "utf-8")
    reword(office, "irony")
    assert office.send(anna, "anna", other).status_code == 410, "other words still close it"


@pytest.mark.parametrize("gone", ["study", "file"])
def test_a_rubric_out_of_the_study_closes_its_items_and_breaks_nothing(
    office: Office, served: Project, gone: str
) -> None:
    anna = office.browser(office.tokens["anna"])
    by_rubric = {x.rubric: x.id for x in office.handout.of("anna")}
    for item in by_rubric.values():
        assert office.send(anna, "anna", item).status_code == 200
    served.study(languages=["ru", "en"], rubrics=["depth"])
    if gone == "file":
        (served.root / "rubrics/irony.yaml").unlink()
    office = office.fresh()
    anna = office.browser(office.tokens["anna"])
    form = form_of(anna)
    assert {x["rubric"] for x in form["items"]} == {"depth"}
    assert [x["id"] for x in form["saved"]] == [by_rubric["depth"]]
    assert [x["about"] for x in form["closed"]] == ["irony"]
    found = office.send(anna, "anna", by_rubric["irony"], revision=1)
    assert found.status_code == 410
    assert "no longer asked" in found.json()["closed"]["said"]["en"]
    owner = office.browser()
    assert owner.get(f"/owner/{office.owner}").status_code == 200
    assert owner.get("/owner-ratings.csv").text.count("\n") == 3
    added = collect(office)
    assert added.new == (2 if gone == "study" else 1)
    assert any("rubrics/irony.yaml" in x for x in added.notes) == (gone == "file")
    served.study(languages=["ru", "en"], rubrics=["depth"], gold=["trial"])
    go(served)


def test_a_task_out_of_the_study_closes_its_items(office: Office, served: Project) -> None:
    anna = office.browser(office.tokens["anna"])
    prompt = office.handout.of("anna")[0].prompt
    (served.root / f"data/tasks/{prompt}.yaml").unlink()
    office = office.fresh()
    anna = office.browser(office.tokens["anna"])
    form = form_of(anna)
    mine = {x.id for x in office.handout.of("anna") if x.prompt == prompt}
    (closed,) = form["closed"]
    assert set(closed["items"]) == mine
    assert not mine & {x["id"] for x in form["items"]}
    assert office.send(anna, "anna", next(iter(mine))).status_code == 410
    assert office.browser().get(f"/owner/{office.owner}").status_code == 200


def test_a_second_device_need_not_say_again_who_one_is(office: Office) -> None:
    headers = {"X-CSRF-Token": server.csrf_of(office.tokens["anna"])}
    for said in ({"rater_class": "writer"}, {"rater_class": None}, {}):
        device = office.browser(office.tokens["anna"])
        found = device.post("/api/hello", json={"language": "ru", **said}, headers=headers)
        assert found.status_code == 200
        assert form_of(device)["rater_class"] == "writer"


def test_guesses_at_the_owner_are_counted_too(office: Office) -> None:
    stranger = office.browser()
    found = []
    for _ in range(12):
        stranger.cookies.set(f"antipode_owner_{office.desk.mark}", secrets.token_urlsafe(24))
        found.append(stranger.get("/owner").status_code)
    assert found[0] == 403
    assert found[-1] == 429
    assert stranger.get(f"/owner/{office.owner}").status_code == 429, "not even looked at"
    anna = TestClient(office.app, base_url=f"http://{HOST}")
    anna.cookies.set(f"{server.COOKIE}_{office.desk.mark}", office.tokens["anna"])
    assert anna.get("/api/saved").status_code == 200, "a neighbour's guesses stop no saves"


@pytest.mark.parametrize("path", ["/api/hello", "/rate", "/api/saved", "/owner"])
def test_nobody_asks_without_end(office: Office, path: str) -> None:
    client = office.browser(office.tokens["anna"])
    client.get(f"/owner/{office.owner}")
    headers = {"X-CSRF-Token": server.csrf_of(office.tokens["anna"])}

    def ask() -> int:
        if path != "/api/hello":
            return client.get(path).status_code
        return client.post(path, json={"language": "ru"}, headers=headers).status_code

    found = [ask() for _ in range(100)]
    assert found[0] == 200
    assert found[-1] == 429
    assert office.send(client, "anna", office.items("anna")[0]).status_code == 200, "saves go on"
    boris = office.browser(office.tokens["boris"])
    assert boris.get("/rate").status_code == 200


def test_a_handout_that_cannot_be_read_is_named_to_the_owner(office: Office) -> None:
    folder = office.desk.design.root / handout.FOLDER
    folder.mkdir()
    (folder / "trial_7.json").write_text("{")
    found = office.browser().get(f"/owner/{office.owner}")
    assert found.status_code == 500
    assert "data/gold/handouts/trial_7.json: is no handout" in found.text


def test_a_refused_link_says_so_in_both_languages(office: Office) -> None:
    stranger = office.browser()
    for path in ("/r/nobody", "/owner/nobody", "/rate", "/owner", "/nowhere"):
        found = stranger.get(path)
        assert found.status_code in (403, 404)
        assert found.headers["content-type"].startswith("text/html")
        assert "This does not open" in found.text
        assert "Не открывается" in found.text
    for text in refused.REFUSALS.values():
        assert text.en != text.ru
    page = refused.render("<script>x</script>")
    assert "<script>" not in page


SAID = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@x": "'@x",
    "plain": "plain",
    "a=b": "a=b",
    "he said '-'": "he said '-'",
    "x;=1+1;y": "x;'=1+1;y",
    "x\t=1+1": "x\t'=1+1",
    'x; "=1+1"': 'x; "\'=1+1"',
    "'=1+1": "''=1+1",
}


def test_no_comment_is_a_formula_in_the_owners_table(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    again = {x.id for x in office.handout.of("anna") if x.again}
    items = [x for x in office.items("anna") if x not in again]
    for item, comment in zip(items, [*SAID, "first line\n=1+2\nthird"], strict=False):
        assert office.send(anna, "anna", item, comment=comment).status_code == 200
    owner = office.browser()
    owner.get(f"/owner/{office.owner}")
    table = owner.get("/owner-ratings.csv").content.decode()
    assert table.startswith("\ufeff"), "or Excel shows Russian as noise"
    table = table.removeprefix("\ufeff")
    found = {x["comment"] for x in csv.DictReader(io.StringIO(table))}
    assert found == {*SAID.values(), "first line =1+2 third"}
    for cell in csv.reader(io.StringIO(table), delimiter=";"):
        assert not any(re.match(r'[\s"]*[=+@-]', x) for x in cell), "as another country opens it"
    collect(office)
    gold = office.desk.design.root / "data/gold/trial.csv"
    assert ",=1+1," in gold.read_text("utf-8"), "what the study reads is what was written"
    gold.unlink()
    path = office.desk.design.root / "downloaded.csv"
    path.write_text(table, "utf-8")
    books.added(path, office.desk.design)
    with gold.open(encoding="utf-8", newline="") as file:
        kept = {x["comment"] for x in csv.DictReader(file)}
    assert kept == {*SAID, "first line =1+2 third"}, "and what comes back of the table, too"


def test_what_the_disk_does_not_take_is_not_called_saved(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    anna = office.browser(office.tokens["anna"])
    first, second = office.items("anna")[:2]
    with office.desk.shelf._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    office.desk.shelf._engine.dispose()

    def full(raw: Any, _: object) -> None:
        raw.execute(f"PRAGMA max_page_count={pages}")

    event.listen(office.desk.shelf._engine, "connect", full)
    found = [office.send(anna, "anna", x, comment="x" * 4000) for x in (first, second) * 2]
    assert found[-1].status_code == 503
    assert found[-1].json() == {"error": "it cannot be saved now"}
    assert "a rating cannot be saved: database or disk is full" in caplog.text
    told = {x.json()["revision"] for x in found if x.status_code == 200}
    assert len(anna.get("/api/saved").json()["saved"]) == len(told)


def test_half_a_character_is_saved_as_a_mark(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    item = office.items("anna")[0]
    raw = json.dumps(
        {
            "id": item,
            "score": 3,
            "comment": "a\ud83d b",
            "reason": None,
            "seconds": 1,
            "revision": 0,
        }
    )
    headers = {
        "X-CSRF-Token": server.csrf_of(office.tokens["anna"]),
        "Content-Type": "application/json",
    }
    assert "\\ud83d" in raw
    assert anna.post("/api/save", content=raw, headers=headers).status_code == 200
    assert anna.get("/api/saved").json()["saved"][0]["comment"] == "a\ufffd b"
    broken = dict(office.desk.judged)
    key = office.handout.of("anna")[0].response
    item_ = broken[key].item.model_copy(update={"answer": "half \udc00"})
    broken[key] = broken[key]._replace(item=item_)
    office.desk.judged = broken
    assert "half \ufffd" in anna.get("/rate").text


def test_it_is_interim_until_all_is_rated_and_the_interval_narrow(office: Office) -> None:
    def state() -> str:
        owner = office.browser()
        return owner.get(f"/owner/{office.owner}").text

    wide = office.handout.model_copy(update={"target": Target(alpha=0.9)})
    office.desk._handouts[wide.id] = wide
    last = next(x for x in reversed(office.handout.of("anna")) if not x.again)
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        for n, x in enumerate(office.handout.of(rater)):
            score = 1 + (sum(map(ord, x.response)) + (n % 3 == 0)) % 5
            if x != last:
                assert office.send(client, rater, x.id, score=score).status_code == 200
    page = state()
    assert page.count("target reached") == 1, "of the rubric on which nothing is to come"
    assert page.count("Ratings still to come: 1 (anna: 1)") == 1, "narrow, and yet interim"
    office.send(office.browser(office.tokens["anna"]), "anna", last.id)
    assert 'class="interim"' not in state()
    narrow = wide.model_copy(update={"target": Target(alpha=0.01)})
    office.desk._handouts[wide.id] = narrow
    assert state().count("every answer of the study is rated") == 2


def test_a_reworded_rubric_reaches_no_target(office: Office) -> None:
    wide = office.handout.model_copy(update={"target": Target(alpha=0.9)})
    office.desk._handouts[wide.id] = wide
    unrated = [x for x in office.handout.of("anna") if x.rubric == "irony" and not x.again][-2:]
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        for n, x in enumerate(office.handout.of(rater)):
            score = 1 + (sum(map(ord, x.response)) + (n % 3 == 0)) % 5
            if x not in unrated:
                assert office.send(client, rater, x.id, score=score).status_code == 200
    owner = office.browser()
    page = owner.get(f"/owner/{office.owner}?language=en").text
    assert page.count("target reached") == 1
    assert "Reworded" not in page
    reword(office, "irony")
    page = owner.get("/owner?language=en").text
    stale = sum(x.rubric == "irony" and not x.again for x in office.handout.items) - 2
    assert f"ratings under other words, which do not count here: {stale}." in page
    assert "Closed unrated: 2." in page
    assert page.count("target reached") == 1, "of depth, whose words are the same"
    of = len(office.handout.of("anna")) - 2
    assert f"{of} / {of}" in page, "nobody waits for what is closed"


def test_two_studies_at_one_address_share_no_cookie(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    other = Office(
        Desk(office.desk.design, [*office.desk.judged.values()], office.desk.shelf, "other owner"),
        office.tokens,
        "other owner",
    )
    next_door = TestClient(other.app, base_url=f"http://{HOST}", cookies=anna.cookies)
    assert next_door.get("/rate").status_code == 403
    assert form_of_link(next_door, office.tokens["boris"])["rater"] == "boris"
    anna.cookies.update(next_door.cookies)
    assert form_of(anna)["rater"] == "anna"


def test_the_owner_keeps_the_language_on_the_way_to_a_deletion(office: Office) -> None:
    owner = office.browser()
    owner.headers["Accept-Language"] = "en"
    owner.get(f"/owner/{office.owner}")
    page = owner.get("/owner?language=ru").text
    link = re.search(r'href="(/owner-forget\?rater=anna[^"]*)"', page)
    assert link is not None
    asked = owner.get(link[1].replace("&amp;", "&")).text
    assert "Чтобы подтвердить" in asked
    assert 'href="/owner?language=ru"' in asked
    action = re.search(r'action="([^"]+)"', asked)
    assert action is not None
    sent = {"csrf": server.csrf_of(office.owner), "rater": "anna", "sure": "anna"}
    assert "Люди" in owner.post(action[1], data=sent).text


def test_the_target_is_the_one_that_was_fixed_when_it_was_dealt(
    office: Office, served: Project
) -> None:
    served.study(
        languages=["ru", "en"], rubrics=["irony", "depth"], target={"alpha": 0.4, "gap": 0.3}
    )
    office = office.fresh()
    page = office.browser().get(f"/owner/{office.owner}").text
    assert "wanted within ±0.10" in page
    assert "another target now" in page


def test_a_deletion_that_fails_says_so_and_can_be_repeated(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    owner = office.browser()
    owner.get(f"/owner/{office.owner}")
    spoilt = office.desk.design.root / "data/gold/trial_again.csv"
    spoilt.mkdir()
    sent = {"csrf": server.csrf_of(office.owner), "rater": "anna", "sure": "anna"}
    found = owner.post("/owner-forget", data=sent)
    assert found.status_code == 503
    assert "delete once more" in found.text
    assert "anna cannot be deleted" in caplog.text
    spoilt.rmdir()
    assert owner.post("/owner-forget", data=sent).status_code == 200
    assert office.browser().get(f"/r/{office.tokens['anna']}").status_code == 403


def test_a_database_that_is_away_is_said_everywhere_and_nothing_written_is_logged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed here")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        with postgres.running(Path(folder) / "server") as url:
            shelf = Shelf(url)
            shelf.invite(office.handout, office.tokens)
            desk = Desk(office.desk.design, [*office.desk.judged.values()], shelf, office.owner)
            away = Office(desk, office.tokens, office.owner)
            anna = away.browser(office.tokens["anna"])
            anna.get(f"/owner/{office.owner}")
        item = office.items("anna")[0]
        found = away.send(anna, "anna", item, comment="a secret of mine")
        assert (found.status_code, "error" in found.json()) == (503, True)
        for path in ("/rate", "/api/saved", "/owner", "/owner-ratings.csv", "/r/nobody"):
            assert anna.get(path).status_code == 503
        waiting = away.app.state.writer.save(
            Write(Rater(office.handout.id, "anna", None, None), item, 0, SECRET)
        )
        assert "a secret of mine" not in str(waiting.exception())
        shelf.close()
    assert "a secret of mine" not in caplog.text
    assert "the database cannot be used" in caplog.text


def test_what_one_person_sends_keeps_nobodys_gold_from_being_read(office: Office) -> None:
    anna = office.browser(office.tokens["anna"])
    first, second = [x.id for x in office.handout.of("anna") if not x.again][:2]
    assert office.send(anna, "anna", first, seconds=1e-05).status_code == 200
    assert office.send(anna, "anna", second, comment=" a\rb\r\nc\u2028").status_code == 200
    added = collect(office)
    assert (added.new, added.notes) == (2, ())
    rows = intake.every(added.path, office.desk.design.root)
    assert {(x.seconds, x.comment) for x in rows} == {(1e-05, ""), (4.0, "a\nb\nc")}
    assert collect(office).same == 2, "what was read back is what was written"


def test_a_row_that_no_gold_can_hold_is_left_out_and_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rater in ("anna", "boris"):
        item = next(x.id for x in office.handout.of(rater) if not x.again)
        office.send(office.browser(office.tokens[rater]), rater, item)
    first, again = collecting.everything(office.desk)
    bad = [x.model_copy(update={"score": None} if x.rater == "anna" else {}) for x in first]
    monkeypatch.setattr(collecting, "everything", lambda _: (bad, again))
    added = collect(office)
    assert added.new == 1
    (note,) = added.notes
    assert note.startswith("1 ratings stay in the database alone: score is empty: say in `comment`")
    assert {x.rater for x in intake.every(added.path, office.desk.design.root)} == {"boris"}
    held = added.path.read_bytes()
    with pytest.raises(
        UserError, match=r"trial.csv: is no gold with the ratings of anna: score is"
    ):
        intake.into(added.path, bad, office.desk.design)
    assert added.path.read_bytes() == held, "nothing is replaced by what cannot be read"
