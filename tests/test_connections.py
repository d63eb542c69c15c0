"""HTTP as servers really speak it: in pieces, in chunks, broken off, twice, or not at all."""

import asyncio
import itertools
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.connections import Connections, Reply

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;x=1\r\nhello\r\n7\r\n\r\n\r\nabc\r\n0\r\n\r\n"
)
Says = Callable[[asyncio.StreamWriter, int], Awaitable[None]]
"""What the server does at the nth request, counted from 0 over all connections."""


class Server:
    """Answers each request with what it is told to; counts requests and connections."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                await self.says(writer, len(self.requests) - 1)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


def asked(
    says: Says, times: int = 1, seconds: float = 5, tls: ssl.SSLContext | None = None
) -> tuple[list[Reply | Exception], Server]:
    """What so many requests, one after another, came to."""

    async def ask_all() -> list[Reply | Exception]:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        kind = "https" if tls else "http"
        connections = Connections(f"{kind}://127.0.0.1:{port}/v1", {"x-test": "yes"})
        came: list[Reply | Exception] = []
        for _ in range(times):
            try:
                came.append(await connections.ask("POST", "/say", b"{}", seconds))
            except (OSError, ValueError) as error:
                came.append(error)
        connections.close()
        listening.close()
        return came

    server = Server(says)
    return asyncio.run(ask_all()), server


def says(*pieces: bytes, close: bool = False) -> Says:
    """These pieces at every request, each in a packet of its own."""

    async def say(writer: asyncio.StreamWriter, nth: int) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()

    return say


def bodies(came: list[Reply | Exception]) -> list[bytes]:
    return [x.body for x in came if isinstance(x, Reply)]


@given(cuts=st.lists(st.integers(0, len(CHUNKED)), max_size=12))
def test_a_reply_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(CHUNKED)]
    pieces = [CHUNKED[a:b] for a, b in itertools.pairwise(ends)]
    came, server = asked(says(*pieces), times=2)
    assert bodies(came) == [b"hello\r\n\r\nabc"] * 2
    assert server.connections == 1, "kept"


def test_what_is_sent() -> None:
    came, server = asked(says(HEAD + b"Content-Length: 2\r\nX-Name: Q\r\n\r\nhi"))
    assert came == [Reply(200, {"content-length": "2", "x-name": "Q"}, b"hi")]
    head, body = server.requests[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/say HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"x-test: yes" in head
    assert body == b"{}"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n\r\nto the end",
        b"HTTP/1.0 200 OK\r\n\r\nto the end",
        HEAD + b"connection: close\r\n\r\nto the end",
        HEAD + b"connection: close\r\ncontent-length: 10\r\n\r\nto the end",
    ],
    ids=repr,
)
def test_a_body_may_end_with_its_connection(reply: bytes) -> None:
    came, server = asked(says(reply, close=True), times=2)
    assert bodies(came) == [b"to the end"] * 2
    assert server.connections == 2


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nconte",
        HEAD + b"content-length: 10\r\n\r\nhalf",
        HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
    ids=repr,
)
def test_half_a_reply_is_none(reply: bytes) -> None:
    (came,), _ = asked(says(reply, close=True))
    assert isinstance(came, ConnectionError)


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"<html></html>\r\n\r\n",
        HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        HEAD + b"content-length: two\r\n\r\nab",
        HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
    ids=repr,
)
def test_what_is_no_http_is_said_to_be_none(reply: bytes) -> None:
    (came,), _ = asked(says(reply))
    assert isinstance(came, ValueError)
    assert "no HTTP" in str(came)


def test_a_late_reply_is_never_taken_for_the_next_ones() -> None:
    async def late(writer: asyncio.StreamWriter, nth: int) -> None:
        if nth == 0:
            await timed_out.wait()
        writer.write(HEAD + b"content-length: 1\r\n\r\n%d" % nth)

    async def both() -> tuple[Reply, int]:
        server = Server(late)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        connections = Connections(f"http://127.0.0.1:{port}", {})
        with pytest.raises(TimeoutError):
            await connections.ask("POST", "/", b"", 0.01)
        timed_out.set()
        reply = await connections.ask("POST", "/", b"", 5)
        connections.close()
        listening.close()
        return reply, server.connections

    timed_out = asyncio.Event()
    reply, connections = asyncio.run(both())
    assert (reply.body, connections) == (b"1", 2)


def test_a_second_reply_that_nobody_asked_for_ends_the_connection() -> None:
    reply = HEAD + b"content-length: 2\r\n\r\nhi"
    came, server = asked(says(reply + reply), times=3)
    assert bodies(came) == [b"hi"] * 3
    assert server.connections == 3


def test_a_server_that_is_not_there() -> None:
    async def ask() -> None:
        listening = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        listening.close()
        await listening.wait_closed()
        await Connections(f"http://127.0.0.1:{port}", {}).ask("GET", "/", b"", 1)

    with pytest.raises(OSError, match="Connect"):
        asyncio.run(ask())


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(
            [*made, "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("no openssl here to make a certificate with")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    reply = says(HEAD + b"content-length: 2\r\n\r\nhi")
    (came,), server = asked(reply, tls=tls)
    assert isinstance(came, ssl.SSLCertVerificationError)
    assert not server.requests, "nothing was sent to a stranger"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        came_trusted, _ = asked(reply, tls=tls)
    assert bodies(came_trusted) == [b"hi"]
