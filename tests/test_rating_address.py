"""Under which names the page is served: whom it answers, which links it prints."""

import socket
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.rating import address
from pipeline.rating.address import Served


def where(host: str = "127.0.0.1", port: int = 8765, tls: bool = False, *names: str) -> Served:
    file = Path("x.pem") if tls else None
    return Served(host, port, file, file, None, names)


@pytest.mark.parametrize(
    ("at", "authority", "local", "ours"),
    [
        (where(), "127.0.0.1:8765", None, True),
        (where(), "LOCALHOST:8765", None, True),
        (where(), "[::1]:8765", None, True),
        (where(), "127.0.0.1:80", None, False),
        (where(), "127.0.0.1", None, False),
        (where(), "evil.example:8765", ("127.0.0.1", 8765), False),
        (where("0.0.0.0"), "192.0.2.7:8765", ("192.0.2.7", 8765), True),
        (where("0.0.0.0"), "192.0.2.8:8765", ("192.0.2.7", 8765), False),
        (where("0.0.0.0"), "evil.example:8765", ("evil.example", 8765), False),
        (where("0.0.0.0"), f"{socket.gethostname()}:8765", ("192.0.2.7", 8765), True),
        (where("0.0.0.0"), f"{socket.gethostname()}.local:8765", None, True),
        (where("::"), "[2001:DB8::7]:8765", ("2001:db8::7", 8765), True),
        (where("::"), "192.0.2.7:8765", ("::ffff:192.0.2.7", 8765), True),
        (where("0.0.0.0", 80), "192.0.2.7", ("192.0.2.7", 80), True),
        (where("0.0.0.0", 443, True), "192.0.2.7", ("192.0.2.7", 443), True),
        (where("::1", 80), "[::1]", None, True),
        (where("box.lan"), "box.lan:8765", None, True),
        (where("127.0.0.1", 8765, False, "rate.example.org:443"), "rate.example.org", None, True),
        (where("127.0.0.1", 8765, False, "rate.example.org"), "rate.example.org:8765", None, True),
        (where("127.0.0.1", 8765, False, "rate.example.org:443"), "example.org", None, False),
        (where(), "", None, False),
        (where(), "::1:8765", None, False),
        (where(), "127.0.0.1:8765/x", None, False),
        (where(), "a@127.0.0.1:8765", None, False),
    ],
)
def test_a_request_is_ours_by_a_name_we_have_or_the_address_it_came_to(
    at: Served, authority: str, local: tuple[str, int] | None, ours: bool
) -> None:
    assert address.names(at).hold(authority, local) == ours


@pytest.mark.parametrize(
    ("at", "base"),
    [
        (where(), "http://127.0.0.1:8765"),
        (where("::1"), "http://[::1]:8765"),
        (where("::1", 80), "http://[::1]"),
        (where("box.lan", 443, True), "https://box.lan"),
        (where("box.lan", 443), "https://box.lan"),
        (where("box.lan", 8765, True), "https://box.lan:8765"),
        (where("0.0.0.0", 8765, False, "rate.example.org:443"), "https://rate.example.org"),
        (where("0.0.0.0", 8765, False, "rate.example.org"), "http://rate.example.org:8765"),
    ],
)
def test_a_link_is_one_that_can_be_opened(at: Served, base: str) -> None:
    assert address.bases(at)[0] == base


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_everywhere_is_no_address_to_be_sent_to_anybody(host: str) -> None:
    for base in address.bases(where(host)):
        assert "0.0.0.0" not in base
        assert "[::]" not in base
    for found in address.own(host):
        socket.create_server(
            (found, 0), family=address.socket.AF_INET6 if ":" in found else socket.AF_INET
        ).close()


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="--name 'http://x': expected HOST or HOST:PORT"):
        address.names(where("127.0.0.1", 8765, False, "http://x", "box:99999"))


def test_a_proxy_at_the_port_of_https_speaks_tls() -> None:
    found = address.names(where("127.0.0.1", 8765, False, "rate.example.org:443"))
    assert found.is_behind_tls("rate.example.org")
    assert not found.is_behind_tls("127.0.0.1:8765")
