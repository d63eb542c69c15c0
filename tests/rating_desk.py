"""A rating form of real rubrics, and a server that keeps what its page saves or fails as told."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from aiohttp import web
from conftest import ROOT

from judges.rubric import Rubric, Text, seen_digest
from judges.verdict import Language
from pipeline.pages import rate
from pipeline.rating.form import Closure, Practice, RatingForm, RatingItem, RubricForm

TOKEN = "t" * 32
SLIP = "<script>document.title = 'taken'</script><img src=x onerror='document.title=1'> & </script>"


def rubric(name: str) -> Rubric:
    text = (ROOT / "rubrics" / f"{name}.yaml").read_text("utf-8")
    return Rubric.model_validate(yaml.safe_load(text))


def make_form(
    mode: str = "server",
    language: Language = "en",
    count: int = 20,
    questions: int = 1,
    **more: Any,
) -> RatingForm:
    """`count` items, so many on each answer, the last six on another rubric; two for practice."""
    depth, irony = rubric("depth"), rubric("irony")

    def item(index: int) -> RatingItem:
        at = irony if index >= 14 else depth
        answer = "\n\n".join(
            getattr(x.example, language) for x in at.levels[: 1 + index % 5] if x.example
        )
        task = f"Task {index + 1}: {SLIP}"
        answer += f"\n\n{SLIP}"
        return RatingItem(
            id=f"{index:032x}",
            place=1 + index // questions,
            rubric=at.id,
            rubric_digest=seen_digest(at, language),
            language=language,
            task=task,
            answer=answer,
        )

    practice = tuple(
        Practice(
            rubric="depth",
            task=Text(en="Why keep a promise?", ru="Зачем держать обещание?"),
            answer=depth.levels[level - 1].example or Text(en="-", ru="-"),
            level=level,
            why=Text(en=f"Because it is {level}.", ru=f"Потому что это {level}."),
        )
        for level in (3, 1)
    )
    base: dict[str, Any] = {
        "mode": mode,
        "study": "night",
        "title": Text(en="Night readings", ru="Ночные чтения"),
        "rater": "anna",
        "rater_class": "expert",
        "csrf": TOKEN if mode == "server" else None,
        "items": tuple(item(i) for i in range(count)),
        "rubrics": {x.id: RubricForm.of(x) for x in (depth, irony)},
        "practice": practice,
    }
    return RatingForm.model_validate(base | more)


class Desk:
    """Saves as the contract says, unless `orders` holds what the next saves shall meet instead."""

    def __init__(self) -> None:
        self.address = ""
        self.form = make_form(practice=())
        self.saved: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.orders: list[str] = []
        self.greetings: list[dict[str, Any]] = []
        self.closed: set[str] = set()

    async def page(self, request: web.Request) -> web.Response:
        found = [{**x, "when": "2026-01-01T00:00:00Z"} for x in self.saved.values()]
        form = RatingForm.model_validate({**self.form.model_dump(), "saved": found})
        return web.Response(text=rate.render(form), content_type="text/html")

    async def all_saved(self, request: web.Request) -> web.Response:
        return web.json_response({"saved": [*self.saved.values()]})

    async def hello(self, request: web.Request) -> web.Response:
        self.greetings.append(await request.json())
        return web.json_response({})

    async def save(self, request: web.Request) -> web.Response:
        assert request.headers["X-CSRF-Token"] == TOKEN
        body = await request.json()
        order = self.orders.pop(0) if self.orders else "ok"
        if order == "hang up":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if order == "portal":
            return web.Response(text="<p>Log in to our network</p>", content_type="text/html")
        if order.isdigit():
            return web.Response(status=int(order), text="no")
        if self.item(body["id"]).rubric in self.closed:
            return web.json_response({"closed": self.closure(body["id"])}, status=410)
        held = self.saved.get(body["id"])
        revision = held["revision"] if held else 0
        if body["revision"] != revision:
            return web.json_response({"revision": revision, "saved": held}, status=409)
        self.keep({**body, "revision": revision + 1})
        if order == "save, then hang up":
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"revision": revision + 1})

    def closure(self, key: str) -> dict[str, Any]:
        """That the rubric of an item has other words now."""
        rubric = self.item(key).rubric
        return Closure(
            about=rubric,
            title=self.form.rubrics[rubric].title,
            said=Text(en="It was reworded.", ru="Слова изменились."),
            items=tuple(x.id for x in self.form.items if x.rubric == rubric),
        ).model_dump()

    def item(self, key: str) -> RatingItem:
        return next(x for x in self.form.items if x.id == key)

    def keep(self, record: dict[str, Any]) -> None:
        self.saved[record["id"]] = {"when": "", **record}
        self.writes.append(record["id"])

    def scores(self) -> list[int | None]:
        return [self.saved[x.id]["score"] for x in self.form.items if x.id in self.saved]


@web.middleware
async def one_connection_each(request: web.Request, handler: Any) -> web.StreamResponse:
    """Or the browser itself would ask again after a hang-up on a connection it has used before."""
    response: web.StreamResponse = await handler(request)
    response.force_close()
    return response


@contextmanager
def running() -> Iterator[Desk]:
    """The desk on a free port of the loopback, in a thread of its own."""
    desk = Desk()
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def start() -> web.AppRunner:
        app = web.Application(middlewares=[one_connection_each])
        app.router.add_get("/", desk.page)
        app.router.add_get("/api/saved", desk.all_saved)
        app.router.add_post("/api/save", desk.save)
        app.router.add_post("/api/hello", desk.hello)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        desk.address = f"http://{host}:{port}/"
        return runner

    def serve() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        loop.call_soon(ready.set)  # not before the loop runs: a stop before that would be lost
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield desk
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
