"""Three ways to get the same verdicts from a server, each measured in a process of its own.

`python -m benchmarks.drivers WAY PORT CALLS IN_FLIGHT` prints one JSON line: see `Measured`.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson
from dspy.lm15 import Request, Response

from benchmarks import workload
from benchmarks.server import Server
from judges.judging import Reply
from judges.verdict import Item
from pipeline import asking, score
from pipeline.forms import Forms
from pipeline.models import wire
from pipeline.models.compatible import CompatibleEngine
from pipeline.models.endpoint import Endpoint
from pipeline.owed import Verdicts
from pipeline.store import Run
from pipeline.study import Design
from pipeline.work import Progress


class Measured(NamedTuple):
    """What one way took, by its own clocks and by the server's count."""

    seconds: float
    cpu_seconds: float
    """Of this process, all threads."""
    peak_mb: float
    """Of this process from its start, imports and all."""
    served: int
    most_in_flight: int
    verdicts: int
    """Read and found to be verdicts."""


class Load(NamedTuple):
    """What is to be asked of which server."""

    server: Server
    design: Design
    forms: Forms
    warm_up: list[Item]
    """One for each connection, asked before the clock starts."""
    items: list[Item]
    in_flight: int

    async def bodies(self, items: list[Item]) -> deque[dict[str, Any]]:
        """The body of the request that our own path sends for each item."""
        endpoint = Endpoint(self.design.models["judge"], _Catcher())
        found: deque[dict[str, Any]] = deque()
        for want in score.wanted(self.design, items, self.forms):
            try:
                await score.job(want, endpoint, self.forms, budget=False).ask()
            except _CaughtError as caught:
                found.append(wire.body(caught.request))
        return found


class _CaughtError(Exception):
    """A request on its way to a server."""

    def __init__(self, request: Request) -> None:
        self.request = request


class _Catcher(CompatibleEngine):
    """Sends nothing."""

    def __init__(self) -> None:
        pass

    async def complete(self, request: Request) -> Response:
        raise _CaughtError(request)


class Gauge:
    """Clock, processor time and the server's count over a block."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __enter__(self) -> Self:
        self._server.seen(reset=True)
        self._clock, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.seconds = time.perf_counter() - self._clock
        self.cpu_seconds = time.process_time() - self._cpu
        self.seen = self._server.seen()


class _Connection(asyncio.Protocol):
    """A kept connection that speaks the least HTTP/1.1 there is."""

    async def open(self, port: int) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", port)
        self._came = b""
        return self

    async def ask(self, request: bytes) -> bytes:
        """The body of the reply to a whole request."""
        self._reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._reply

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
        if len(body) == length:
            self._came = b""
            self._reply.set_result(body)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._reply.done():
            self._reply.set_exception(error or ConnectionError("the server hung up"))

    def close(self) -> None:
        self._transport.close()


async def raw(load: Load, gauge: Gauge) -> int:
    """The floor: prepared bytes over asyncio's own transports, orjson, one validation."""

    def request(body: dict[str, Any]) -> bytes:
        data = orjson.dumps(body)
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data

    async def ask_on(connection: _Connection, requests: deque[bytes]) -> int:
        verdicts = 0
        while requests:
            reply = orjson.loads(await connection.ask(requests.popleft()))
            Reply.model_validate_json(reply["choices"][0]["message"]["content"])
            verdicts += 1
        return verdicts

    async def ask_all(requests: deque[bytes]) -> int:
        return sum(await asyncio.gather(*(ask_on(x, requests) for x in connections)))

    connections = [await _Connection().open(load.server.port) for _ in range(load.in_flight)]
    warm_up = deque(map(request, await load.bodies(load.warm_up)))
    requests = deque(map(request, await load.bodies(load.items)))
    await ask_all(warm_up)
    with gauge:
        verdicts = await ask_all(requests)
    for connection in connections:
        connection.close()
    return verdicts


async def sdk(load: Load, gauge: Gauge) -> int:
    """The official SDK as its own pages show it, over its faster transport."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    async def ask_from(bodies: deque[dict[str, Any]]) -> int:
        verdicts = 0
        while bodies:
            reply = await client.chat.completions.create(**bodies.popleft())
            Reply.model_validate_json(reply.choices[0].message.content or "")
            verdicts += 1
        return verdicts

    async def ask_all(bodies: deque[dict[str, Any]]) -> int:
        return sum(await asyncio.gather(*(ask_from(bodies) for _ in range(load.in_flight))))

    warm_up, bodies = await load.bodies(load.warm_up), await load.bodies(load.items)
    async with AsyncOpenAI(
        base_url=load.server.base_url, api_key="none", http_client=DefaultAioHttpClient()
    ) as client:
        await ask_all(warm_up)
        with gauge:
            return await ask_all(bodies)


async def ours(load: Load, gauge: Gauge) -> int:
    """A study's own path, from items to verdicts on disk, checks and connecting included."""

    async def ask_all(items: list[Item]) -> int:
        wanted = score.wanted(load.design, items, load.forms)
        found = Verdicts(wanted, wanted, given_up={}, unfit=())
        return (await asking.verdicts(load.design, run, found, load.forms, unwatched)).done

    def unwatched(_: Progress) -> AbstractContextManager[object]:
        return nullcontext()

    with Run(load.design.folder) as run:
        await ask_all(load.warm_up)
        with gauge:
            await ask_all(load.items)
    return len(Run.look(load.design.folder).verdicts) - len(load.warm_up)


WAYS: dict[str, Callable[[Load, Gauge], Awaitable[int]]] = {"raw": raw, "sdk": sdk, "ours": ours}


def main() -> None:
    """Measure one way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    for name in ("port", "calls", "in_flight"):
        parser.add_argument(name, type=int)
    asked = parser.parse_args()
    server = Server(asked.port)
    gauge = Gauge(server)
    with tempfile.TemporaryDirectory() as folder:
        design = workload.design(Path(folder), server.base_url, asked.in_flight)
        load = Load(
            server=server,
            design=design,
            forms=Forms(design, {}),
            warm_up=workload.items(asked.in_flight, first=asked.calls),
            items=workload.items(asked.calls),
            in_flight=asked.in_flight,
        )
        verdicts = asyncio.run(_measure(asked.way, load, gauge))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = Measured(gauge.seconds, gauge.cpu_seconds, peak, *gauge.seen, verdicts)
    print(json.dumps(measured._asdict()))


async def _measure(way: str, load: Load, gauge: Gauge) -> int:
    return await WAYS[way](load, gauge)


if __name__ == "__main__":
    main()
