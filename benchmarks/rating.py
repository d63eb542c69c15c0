"""Fifty people rate at once while the server is killed: nothing may be lost, doubled, or slow.

    python -m benchmarks.rating [seconds]

The sample study is rated in a folder of its own. Each person saves one item after another and
revises some; a save counts once the server has said so. At the end what the server told is held
against its database.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import aiohttp
import numpy as np

from pipeline.rating import server
from pipeline.rating.shelf import digest_of

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, SECONDS, KILLS = 50, 60.0, 5
P99 = 0.1


class Storm(NamedTuple):
    """What came of it."""

    told: dict[str, tuple[int, int]]
    """By item the last revision and score that the server called saved."""
    stored: dict[str, list[tuple[int, int]]]
    """By item every revision and score in the database."""
    seconds: list[float]
    """How long each save took that was answered."""
    kills: int

    @property
    def lost(self) -> int:
        """Items whose last saved score is not in the database."""
        return sum(x not in self.stored.get(item, []) for item, x in self.told.items())

    @property
    def doubled(self) -> int:
        """Items of which a revision stands twice, or one is missing between others."""
        return sum(
            sorted(x for x, _ in rows) != list(range(1, len(rows) + 1))
            for rows in self.stored.values()
        )


class Office:
    """The server as a process of its own, which may be killed and started again."""

    def __init__(self, root: Path, port: int) -> None:
        """Not started yet."""
        self.root, self.port = root, port
        self.links: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self, raters: list[str]) -> None:
        """Start it, and read its invitations; with `raters` deal anew."""
        dealt = ["--raters", ",".join(raters), "--prompts", "34"] if raters else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "rate", "sample", "--port", str(self.port), *dealt],
            cwd=self.root,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            who, _, link = line.strip().partition(": ")
            if "/r/" in link or "/owner/" in link:
                self.links[who] = link.rsplit("/", 1)[1]
            if line.startswith("stop with"):
                return
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.communicate()


async def person(
    office: Office, rater: str, items: list[str], going: Callable[[], bool], storm: Storm
) -> None:
    """Save and revise until it is over; what was not answered is sent again as it was."""
    chance = random.Random(rater)
    token = office.links[rater]
    base = f"http://127.0.0.1:{office.port}"
    cookie = f"{server.COOKIE}_{digest_of(office.links['owner'])[:8]}"
    headers = {"X-CSRF-Token": server.csrf_of(token), "Cookie": f"{cookie}={token}"}
    known: dict[str, int] = {}
    async with aiohttp.ClientSession(headers=headers) as session:
        while going():
            await asyncio.sleep(chance.uniform(0.15, 0.45))
            item = chance.choice(items)
            score = chance.randint(1, 5)
            body = {
                "id": item,
                "score": score,
                "comment": f"{rater} {chance.random()}",
                "reason": None,
                "seconds": 3.5,
                "revision": known.get(item, 0),
            }
            revision = await _told(session, f"{base}/api/save", body, storm)
            known[item] = revision
            storm.told[item] = (revision, score)


async def _told(
    session: aiohttp.ClientSession, url: str, body: dict[str, object], storm: Storm
) -> int:
    """The revision that the server says is saved; asks until it says so."""
    failures = 0
    while True:
        start = time.perf_counter()
        try:
            async with session.post(url, json=body) as response:
                said = await response.json()
                if response.status == 200:
                    storm.seconds.append(time.perf_counter() - start)
                    return int(said["revision"])
                if response.status != 429:
                    raise RuntimeError(f"{response.status}: {said}")
        except aiohttp.ClientError:
            pass  # killed: the same is sent again once somebody listens
        await asyncio.sleep(min(60, 2**failures) * random.uniform(0.75, 1.25))  # as the page does
        failures += 1


async def _killer(office: Office, kills: int, turn: Callable[[int], Awaitable[None]]) -> None:
    for number in range(kills):
        await turn(number)
        await asyncio.to_thread(office.kill)
        await asyncio.to_thread(office.start, [])


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def project(root: Path) -> None:
    """A copy of the project's files with the sample study answered."""
    for name in ("data", "judges", "rubrics"):
        shutil.copytree(
            ROOT / name, root / name, ignore=shutil.ignore_patterns("runs", "handouts", "*.py*")
        )
    _widen(root)
    subprocess.run(
        [sys.executable, "-m", "pipeline", "score", "sample"],
        cwd=root,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _widen(root: Path) -> None:
    """More tasks, so that each of the people has something to rate: their answers are filler."""
    tasks = ("after_ten", "auction_of_gaps", "better_toasts", "blank_line", "border_at_lunch")
    tasks += ("heavy_pound", "late_book", "clever_bench", "dripping_tap", "glove_on_fence")
    tasks += ("house_museum", "laugh_on_tape", "museum_label", "night_apology", "nine_chairs")
    tasks += ("one_plaque", "open_pass", "pale_rectangle", "same_parrot", "three_seats")
    tasks += ("salt_clock", "snow_in_june", "spoiled_recipe", "taken_seat", "third_beat", "tirn")
    study, answers = root / "data/studies/sample.yaml", root / "data/sample/answers.yaml"
    listed = "".join(f"\n  - {x}" for x in tasks)
    study.write_text(study.read_text("utf-8").replace("\ntasks:", f"\ntasks:{listed}"), "utf-8")
    with answers.open("a", encoding="utf-8") as file:
        for task, language, arm in product(tasks, ("en", "ru"), ("hicap", "locap")):
            said = f"A filler for a benchmark of the server: {task}, {language}, {arm}."
            file.write(f"  - {{task: {task}, language: {language}, variant: {arm}, ")
            file.write(f"levels: {{}}, text: '{said}'}}\n")


def storm(root: Path, people: int, kills: int, seconds: float | None, saves: int = 0) -> Storm:
    """Let people rate for so long, or so often all together, with the server killed in between."""
    project(root)
    office = Office(root, free_port())
    raters = [f"person{n}" for n in range(people)]
    office.start(raters)
    dealt = json.loads(next((root / "data/gold/handouts").glob("*.json")).read_text("utf-8"))
    found = Storm({}, {}, [], kills)
    items = {x: [y["id"] for y in dealt["items"] if y["rater"] == x] for x in raters}
    asyncio.run(_rate(office, items, found, seconds, saves))
    office.stop()
    with sqlite3.connect(root / "data/gold/handouts/sample.db") as database:
        for item, revision, score in database.execute("select item, revision, score from saved"):
            found.stored.setdefault(item, []).append((revision, score))
    return found


async def _rate(
    office: Office, items: dict[str, list[str]], found: Storm, seconds: float | None, saves: int
) -> None:
    start = time.perf_counter()

    def going() -> bool:
        if seconds is None:
            return len(found.seconds) < saves
        return time.perf_counter() - start < seconds

    async def turn(number: int) -> None:
        """Until the next kill is due."""
        share = (number + 1) / (found.kills + 1)
        while going():
            done = len(found.seconds) / saves if seconds is None else _since(start) / seconds
            if done >= share:
                return
            await asyncio.sleep(0.02)

    await asyncio.gather(
        _killer(office, found.kills, turn),
        *(person(office, x, own, going, found) for x, own in items.items()),
    )


def _since(start: float) -> float:
    return time.perf_counter() - start


def _load() -> str:
    """How busy the machine is: its load over 1, 5 and 15 minutes."""
    return " ".join(f"{x:.2f}" for x in os.getloadavg())


def main(seconds: float) -> int:
    """Print the figures; 1 where a mark is missed."""
    before = _load()
    with tempfile.TemporaryDirectory() as folder:
        found = storm(Path(folder), PEOPLE, KILLS, seconds)
    p50, p99 = np.quantile(found.seconds, (0.5, 0.99))
    print(f"{PEOPLE} people, {seconds:.0f} s, {len(found.seconds)} saves, {found.kills} kills")
    print(f"load of {os.cpu_count()} cores: {before} before, {_load()} after")
    print(f"lost {found.lost}, doubled {found.doubled}")
    print(f"median {1000 * p50:.1f} ms, p99 {1000 * p99:.1f} ms (mark {1000 * P99:.0f} ms)")
    return int(found.lost > 0 or found.doubled > 0 or p99 > P99)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
