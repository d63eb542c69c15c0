"""A local chat-completions server that fails as it is told to, and counts what it was asked."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

Reply = dict[str, Any] | tuple[int, Any, dict[str, str]] | bytes | None
"""A body; a status with body and headers; raw bytes; or None: hang up without a word."""


def completion(text: str, model: str = "fake", finish: str = "stop", **message: Any) -> Reply:
    """A chat completion that says `text`."""
    return {
        "id": "x",
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20},
    }


def verdict(score: int | None = 3, **fields: Any) -> Reply:
    """A completion that is a verdict."""
    body = {"rationale": "so", "evidence": ["stone"], "score": score, "abstention": None} | fields
    return completion(json.dumps(body, ensure_ascii=False))


def is_verdict_request(body: dict[str, Any]) -> bool:
    return "response_format" in body


def answer_or_verdict(body: dict[str, Any]) -> Reply:
    """An answer to a task, or a verdict whose score depends on the prompt alone."""
    prompt = body["messages"][-1]["content"]
    if not is_verdict_request(body):
        return completion(f"The stone says in {body.get('max_tokens')}: {prompt}")
    return verdict(1 + hashlib.sha256(prompt.encode()).digest()[0] % 5)


class FakeServer:
    """What the server was asked, and how it answers."""

    def __init__(self) -> None:
        self.address = ""
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.reply: Callable[[dict[str, Any]], Reply] = answer_or_verdict
        self.models: list[str] = ["fake"]
        self.listing: dict[str, Any] = {}
        """What each entry of the list of models says beside its name."""
        self.models_status = 200
        self.listed = 0
        self.flying = self.most_flying = 0
        self.hold_until = 0
        """Calls wait until so many are in flight at once, or for ten seconds."""
        self.full = asyncio.Event()

    @property
    def calls(self) -> int:
        return len(self.bodies)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        self.flying += 1
        self.most_flying = max(self.flying, self.most_flying)
        try:
            if self.flying >= self.hold_until:
                self.full.set()
            await asyncio.wait_for(self.full.wait(), 10)
            reply = self.reply(body)
        finally:
            self.flying -= 1
        if reply is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(reply, bytes):
            return web.Response(body=reply, content_type="application/json")
        if isinstance(reply, tuple):
            status, said, headers = reply
            return web.json_response(said, status=status, headers=headers)
        return web.json_response(reply)

    async def list_models(self, request: web.Request) -> web.StreamResponse:
        self.listed += 1
        data = [{"id": name, "object": "model", **self.listing} for name in self.models]
        return web.json_response({"object": "list", "data": data}, status=self.models_status)


@contextmanager
def running() -> Iterator[FakeServer]:
    """A server on a free port of the loopback, in a thread of its own."""
    server = FakeServer()
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=2**26)
        for path in ("/v1/chat/completions", "/v1/completions", "/v1/embeddings"):
            app.router.add_post(path, server.complete)
        app.router.add_get("/v1/models", server.list_models)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.address = f"http://{host}:{port}/v1"
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
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
