"""The rating server: what it takes, what it refuses, and that nothing is lost or doubled."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Project
from fake_server import FakeServer
from people import go
from starlette.testclient import TestClient

from pipeline import goldplan, study
from pipeline.rating import handout, rate, server
from pipeline.rating.desk import Desk
from pipeline.rating.shelf import Shelf
from pipeline.stats.thresholds import Target

HOST = "127.0.0.1:8765"


class Office:
    """A desk with its invitations, and a browser for each person."""

    def __init__(self, desk: Desk, tokens: dict[str, str], owner: str) -> None:
        self.desk, self.tokens, self.owner = desk, tokens, owner
        self.app = server.app(desk, frozenset({HOST}), secure=False)

    def browser(self, token: str | None = None, base: str = f"http://{HOST}") -> TestClient:
        client = TestClient(self.app, base_url=base, follow_redirects=True)
        if token is not None:
            assert client.get(f"/r/{token}").status_code == 200
        return client

    def items(self, rater: str) -> list[str]:
        return [x.id for x in self.desk.handout.of(rater)]

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


@pytest.fixture
def office(served: Project, server: FakeServer) -> Iterator[Office]:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    go(served)
    design = study.load("trial", served.root)
    opened = rate.opened(design)
    plan = goldplan.plan(design, Target(), 6, 1)
    dealt = handout.make(design, opened.judged, plan.rows, ["anna", "boris"], 1)
    shelf = Shelf(f"sqlite:///{served.root}/ratings.db")
    tokens = {x: secrets.token_urlsafe(24) for x in dealt.raters}
    owner = secrets.token_urlsafe(24)
    shelf.invite(dealt, tokens)
    yield Office(Desk(design, opened.judged, dealt, shelf, owner), tokens, owner)
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
    for item in office.desk.handout.items:
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
        ({"revision": -1}, 422),
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
    assert set(found.json()["said"]) == {"en", "ru"}
    assert len(anna.get("/api/saved").json()["saved"]) == 1, "what was saved stays"


def test_the_owner_sees_everybody_and_can_delete_one(office: Office) -> None:
    for rater in ("anna", "boris"):
        client = office.browser(office.tokens[rater])
        for n, item in enumerate(office.items(rater)):
            assert office.send(client, rater, item, score=1 + n % 5).status_code == 200
    owner = office.browser()
    page = owner.get(f"/owner/{office.owner}").text
    assert "anna" in page
    assert "interim" in page
    assert office.owner not in page
    table = owner.get("/owner-ratings.csv").text
    firsts = [x for x in office.desk.handout.items if not x.again]
    assert table.count("\n") == 1 + len(firsts)
    assert owner.get("/owner-ratings.parquet").content[:4] == b"PAR1"
    csrf = server.csrf_of(office.owner)
    wrong = owner.post("/owner-forget", data={"csrf": csrf, "rater": "anna", "sure": "ann"})
    assert wrong.status_code == 422
    assert owner.post("/owner-forget", data={"rater": "anna", "sure": "anna"}).status_code == 403
    rate.collect(office.desk)
    gold = office.desk.design.root / "data/gold/trial.csv"
    assert "anna" in gold.read_text("utf-8")
    assert (
        owner.post(
            "/owner-forget", data={"csrf": csrf, "rater": "anna", "sure": "anna"}
        ).status_code
        == 200
    )
    assert "anna," not in owner.get("/owner-ratings.csv").text
    assert "anna" not in gold.read_text("utf-8"), "all they wrote"
    assert office.browser().get(f"/r/{office.tokens['anna']}").status_code == 403


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
        by_id = {x.id: x for x in office.desk.handout.of(rater)}
        for item in office.items(rater):
            seen = 1 + sum(map(ord, by_id[item].response)) % 5
            office.send(client, rater, item, score=seen)
    added = rate.collect(office.desk)
    assert added.new == sum(not x.again for x in office.desk.handout.items)
    assert rate.collect(office.desk) == added._replace(new=0, same=added.new)
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"], gold=["trial"])
    result = go(served)
    human = result.derived.agreement.filter(comparison="humans", rubric="irony")
    assert human["alpha"].item() == pytest.approx(1.0)
    assert set(result.derived.ratings.filter(kind="human")["rater_class"]) == {"expert"}
    assert not result.uncalibrated
