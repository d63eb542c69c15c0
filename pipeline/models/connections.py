"""Kept HTTP/1.1 connections: `httptools` reads the replies, asyncio moves the bytes.

No redirects, cookies, compression or proxies: a server of models needs none of them, and what a
general client does for them costs more than all the rest of a call (decision 0006).
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools

CONNECT_SECONDS = 10.0


class Reply(NamedTuple):
    """What a server sent back, whole."""

    status: int
    headers: dict[str, str]
    """By lower-case name; of a name that came twice, the last."""
    body: bytes


class Connections:
    """Connections to one server: opened when needed, kept, each with one request at a time."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        """Nothing is connected until the first request; `headers` go with every one."""
        parts = urlsplit(base_url)
        self._path = parts.path.rstrip("/")
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        said = {"host": parts.netloc.rpartition("@")[2], **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self._idle: list[_Connection] = []

    async def ask(self, method: str, path: str, data: bytes, seconds: float) -> Reply:
        """The reply to one request to `path` below the base URL.

        Raises:
            TimeoutError: it did not come within `seconds` of being sent.
            OSError: the server cannot be reached, not within ten seconds, or hung up.
            ValueError: what came is no HTTP.
        """
        head = (
            f"{method} {self._path}{path} HTTP/1.1\r\n{self._headers}"
            f"content-length: {len(data)}\r\n\r\n"
        )
        connection = await self._connection()
        try:
            reply = await connection.ask(head.encode("latin-1") + data, seconds)
        except BaseException:
            connection.abort()
            raise
        if connection.open:
            self._idle.append(connection)
        return reply

    async def _connection(self) -> "_Connection":
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    _Connection, self._host, self._port, ssl=self._tls, happy_eyeballs_delay=0.25
                )
        except TimeoutError as error:
            raise ConnectionError(f"no connection within {CONNECT_SECONDS:g} s") from error
        return connection

    def close(self) -> None:
        """Close those that are idle."""
        while self._idle:
            self._idle.pop().close()


class _Connection(asyncio.Protocol):
    """One connection; the `on_` methods are called by the parser, as the parts come."""

    open = False
    _until_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if (made := transport.get_extra_info("socket")) is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # thinking takes minutes
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[Reply] | None = None
        self.open = True

    async def ask(self, message: bytes, seconds: float) -> Reply:
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = loop.create_future()
        self._reply = reply
        late = loop.call_later(seconds, self._fail, TimeoutError())
        self._transport.write(message)
        try:
            return await reply
        finally:
            late.cancel()
            self._reply = None

    def data_received(self, data: bytes) -> None:
        if self._reply is None:
            self.abort()  # nobody asked for what comes
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ValueError(f"the reply is no HTTP: {error}"))
            self.abort()

    def on_message_begin(self) -> None:
        if self._reply is None or self._reply.done():
            self.abort()  # a second reply to one request: what comes next is nobody's
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._until_closed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """A body that neither says its length nor comes in chunks ends with the connection."""
        self._until_closed = not self._headers.keys() & {"content-length", "transfer-encoding"}

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return  # "100 Continue": the reply itself is still to come
        self._until_closed = False
        if not self._parser.should_keep_alive():
            self.close()
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(Reply(status, self._headers, b"".join(self._pieces)))

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self._reply is None:
            return
        if error is None and self._until_closed:
            self.on_message_complete()
        self._fail(error or ConnectionResetError("the server hung up"))

    def _fail(self, error: Exception) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)

    def close(self) -> None:
        self.open = False
        self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever is still on the way."""
        self.open = False
        self._transport.abort()
