"""From the draw to the study's figures: a real server, a real browser, and what both told."""

import csv
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import postgres
import pytest
from conftest import Project
from fake_server import FakeServer
from rating_browser import PHONE, at, browser, clean, download, expect, press, visit

from benchmarks import rating as bench
from pipeline.pages.rate_words import WORDS
from pipeline.rating import address
from pipeline.rating.handout import Handout

RUBRICS = 2
DEAL = ("--raters", "anna,boris", "--prompts", "6", "--seed", "1")


class Office:
    """The server as its owner starts it, in a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, bench.free_port()
        self.links: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self, *more: str) -> None:
        self.links = {}
        words = ["-m", "pipeline", "rate", "trial", "--port", str(self.port), *more]
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            who, _, link = line.strip().partition(": ")
            if link.startswith("http"):
                self.links[who] = link
            if line.startswith("stop with"):
                return
        raise AssertionError("the server did not start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        """Ctrl-C, or another end; what it printed."""
        if self._process is None:
            return ""
        process, self._process = self._process, None
        process.send_signal(how)
        return process.communicate()[0]


def antipode(root: Path, *words: str) -> None:
    """A command, in a process of its own as its user has it (and the browser an event loop)."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def project(served: Project, server: FakeServer) -> Project:
    """A study of six tasks in two languages on two rubrics, answered."""
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    antipode(served.root, "score", "trial")
    return served


@pytest.fixture
def office(project: Project) -> Iterator[Office]:
    found = Office(project.root)
    found.start(*DEAL)
    yield found
    found.stop()


def dealt(root: Path) -> Handout:
    (path,) = (root / "data/gold/handouts").glob("*.json")
    return Handout.model_validate_json(path.read_bytes())


def level(handout: Handout, rater: str, index: int) -> int:
    """The same for everybody who reads an answer: so people agree, and it is known how far."""
    return 1 + sum(map(ord, handout.of(rater)[index - 1].response)) % 5


def past_practice(page) -> None:
    """Through the first screen and the practice, by keyboard."""
    if (calling := page.locator("[name=calling]").first).is_visible():
        calling.check()
    page.locator("#begin").focus()
    press(page, "Enter")
    heading = page.locator("#heading")
    while re.match("Practice|Проба", heading.text_content()):
        told = heading.text_content()
        press(page, "3", "Enter")
        expect(page.locator("#verdict")).to_be_focused()
        press(page, "Enter")
        expect(heading).not_to_have_text(told)


def rate_by_keys(page, handout: Handout, rater: str, first: int, last: int) -> None:
    for index in range(first, last + 1):
        at(page, index, RUBRICS)
        press(page, str(level(handout, rater, index)), "Enter")


def rate_by_taps(page, handout: Handout, rater: str, last: int) -> None:
    for index in range(1, last + 1):
        at(page, index, RUBRICS)
        page.locator(f".level:has([value='{level(handout, rater, index)}'])").tap()
        page.locator("#go").tap()


def test_two_people_rate_and_the_study_shows_how_far_they_agree(
    project: Project,
    office: Office,
    visit: Callable,
) -> None:
    handout = dealt(project.root)
    last = len(handout.of("anna"))
    assert last > 20
    page = visit(office.links["anna"])
    past_practice(page)
    rate_by_keys(page, handout, "anna", 1, 10)
    at(page, 11, RUBRICS)
    expect(page.locator("#status")).to_have_text("Answer 5, question 2 is saved")
    page.context.close()

    page = visit(office.links["anna"])
    expect(page.locator("#so-far")).to_have_text(f"Questions answered so far: 10 of {last}.")
    page.locator("#begin").focus()
    press(page, "Enter")
    rate_by_keys(page, handout, "anna", 11, last)
    expect(page.locator("#end-said")).to_have_text(WORDS["end_server"].en, timeout=20_000)

    phone = visit(office.links["boris"], locale="ru-RU", **PHONE)
    expect(phone.locator("html")).to_have_attribute("lang", "ru")
    past_practice(phone)
    rate_by_taps(phone, handout, "boris", len(handout.of("boris")))
    expect(phone.locator("#end-said")).to_have_text(WORDS["end_server"].ru, timeout=20_000)

    rated = sum(not x.again for x in handout.items)
    assert f"{rated} new" in office.stop()
    project.study(languages=["ru", "en"], rubrics=["irony", "depth"], gold=["trial"])
    antipode(project.root, "score", "trial")
    agreement = pl.read_parquet(project.root / "data/runs/trial/agreement.parquet")
    found = agreement.filter(comparison="humans")
    assert dict(zip(found["rubric"], found["alpha"], strict=True)) == {
        "depth": pytest.approx(1.0),
        "irony": pytest.approx(1.0),
    }


def test_a_file_rated_offline_gives_the_rows_that_the_server_would(
    project: Project,
    office: Office,
    visit: Callable,
    tmp_path: Path,
) -> None:
    page = visit(office.links["anna"])
    past_practice(page)
    rate_by_keys(page, dealt(project.root), "anna", 1, len(dealt(project.root).of("anna")))
    expect(page.locator("#end-said")).to_have_text(WORDS["end_server"].en, timeout=20_000)
    office.stop()
    gold = project.root / "data/gold/trial.csv"
    online = _rows(gold)
    for path in sorted((project.root / "data/gold").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    antipode(project.root, "rate", "trial", *DEAL, "--export")
    handout = dealt(project.root)
    (file,) = (project.root / "data/gold/handouts").rglob("anna.html")
    page = visit(file.as_uri())
    past_practice(page)
    rate_by_keys(page, handout, "anna", 1, len(handout.of("anna")))
    back = tmp_path / "anna.json"
    back.write_text(download(page, "#save-json")[1], "utf-8")
    antipode(project.root, "gold", "add", str(back), "trial")
    assert _rows(gold) == online
    assert len(online) == sum(not x.again for x in handout.of("anna"))


def _rows(path: Path) -> list[tuple[str, ...]]:
    """A gold file without the times, which two sittings do not share."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = ("rater", "rater_class", "response_key", "rubric", "rubric_digest", "score", "comment")
    return sorted(tuple(row[x] for x in kept) for row in rows)


def test_invitations_are_in_no_log(project: Project, office: Office, visit: Callable) -> None:
    visit(office.links["anna"])
    token = office.links["anna"].rsplit("/", 1)[1]
    assert token not in office.stop()
    kept = [x for x in project.root.rglob("*") if x.is_file() and token.encode() in x.read_bytes()]
    assert kept == []


def test_the_owner_watches_in_russian_and_deletes_a_person(
    project: Project, office: Office, visit: Callable
) -> None:
    handout = dealt(project.root)
    page = visit(office.links["anna"])
    past_practice(page)
    rate_by_keys(page, handout, "anna", 1, 3)
    at(page, 4, RUBRICS)
    expect(page.locator("#status")).to_have_text("Answer 2, question 1 is saved")
    owner = page.context.browser.new_context(locale="ru-RU").new_page()
    owner.goto(office.links["owner"])
    row = owner.locator("tr", has=owner.locator("th", has_text="anna"))
    expect(row).to_contain_text(f"3 / {len(handout.of('anna'))}")
    expect(owner.locator("h2").first).to_have_text("Люди")
    expect(owner.locator("body")).to_contain_text("предварительно")
    clean(owner)
    row.get_by_role("link", name="Удалить anna…").click()
    owner.get_by_label("Чтобы подтвердить, введите имя:").fill("anna")
    clean(owner)
    owner.get_by_role("button", name="Удалить").click()
    expect(row).to_have_count(0)
    owner.context.close()
    office.stop()
    assert not (project.root / "data/gold/trial.csv").exists()
    office.start()
    assert sorted(office.links) == ["boris", "owner"], "a restart invites nobody who was deleted"


def reached(url: str) -> Any:
    """What comes of a link; without a browser, so that its cookies may be sent to any host."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(url) as found:
        return found.status, found.read().decode()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_on_the_network_reach_the_page_by_the_printed_links(
    project: Project, office: Office, host: str
) -> None:
    office.stop()
    office.start("--host", host)
    # A machine on no network still has a second address, by which nobody named it.
    beyond = [*address.own(host)] or ["127.0.0.2"]
    for at_ in beyond:
        shown = f"[{at_}]" if ":" in at_ else at_
        token = office.links["anna"].rsplit("/", 1)[1]
        status, page = reached(f"http://{shown}:{office.port}/r/{token}")
        assert status == 200
        assert '"rater":"anna"' in page
    status, page = reached(office.links["anna"])
    assert status == 200
    assert "0.0.0.0" not in office.links["anna"]


def test_a_service_that_is_stopped_puts_the_ratings_away(
    project: Project, office: Office, visit: Callable
) -> None:
    page = visit(office.links["anna"])
    past_practice(page)
    rate_by_keys(page, dealt(project.root), "anna", 1, 3)
    at(page, 4, RUBRICS)
    expect(page.locator("#status")).to_have_text("Answer 2, question 1 is saved")
    office.stop(signal.SIGTERM)
    rows = _rows(project.root / "data/gold/trial.csv")
    assert len(rows) == sum(not x.again for x in dealt(project.root).of("anna")[:3])


def test_a_taken_port_is_said_before_anything_is_dealt(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", "rate", "trial", *DEAL, "--port", port],
            cwd=project.root,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"port {port} of 127.0.0.1 is taken: the page may be open there")
    assert [*(project.root / "data/gold/handouts").glob("*.json")] == []


def test_a_guesser_is_known_whatever_address_they_claim(office: Office) -> None:
    found = []
    for n in range(14):
        url = f"http://127.0.0.1:{office.port}/r/{n:032}"
        request = urllib.request.Request(url, headers={"X-Forwarded-For": f"192.0.2.{n}"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        found.append(refused.value.code)
        refused.value.close()
    assert found[0] == 403
    assert found[-1] == 429


def test_a_database_that_goes_away_ends_a_server_with_one_line(
    project: Project,
) -> None:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed here")
    office = Office(project.root)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        with postgres.running(Path(folder) / "server") as url:
            office.start(*DEAL, "--database", url)
            assert reached(office.links["anna"])[0] == 200
        process = office._process
        assert process is not None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 2
    assert "the database cannot be used now" in said
    assert "Traceback" not in said
