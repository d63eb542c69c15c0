"""Under which names the page is served: which requests are meant for it, which links reach it."""

import errno
import ipaddress
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError

_EVERYWHERE = ("0.0.0.0", "::")
_HERE = ("localhost", "127.0.0.1", "::1")
_USUAL = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:/?#@\s]+))(?::(\d{1,5}))?", re.I)
# Addresses for documentation: nobody has them, and nothing is sent to find the way there.
_BEYOND = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


class Served(NamedTuple):
    """Where the page is served."""

    host: str
    port: int
    certificate: Path | None
    """With its key: TLS."""
    key: Path | None
    database: str | None
    """The URL of a database; None = a file beside the project's gold."""
    names: tuple[str, ...] = ()
    """HOST or HOST:PORT under which others reach it besides: a name, or a proxy's."""


class Place(NamedTuple):
    """A host and a port."""

    host: str
    """In small letters, an IPv6 address without brackets."""
    port: int | None
    """None = not given: the scheme's own."""


class Names(NamedTuple):
    """The places that a request may be meant for."""

    places: frozenset[Place]

    def hold(self, authority: str, local: tuple[str, int | None] | None) -> bool:
        """Whether `authority`, as in a Host header, is ours.

        `local` is the address on which the request arrived: who asks for that very address asks for
        us. Another site's name that was made to lead here is neither.
        """
        asked = place(authority)
        if asked is None:
            return False
        ports = _USUAL.values() if asked.port is None else (asked.port,)
        own = Place(_plain(local[0]), local[1]) if local and _is_address(local[0]) else None
        return any(x in self.places or x == own for x in (asked._replace(port=y) for y in ports))

    def is_behind_tls(self, authority: str) -> bool:
        """Whether `authority` is a name at the port of https, where a proxy adds it."""
        asked = place(authority)
        return (
            asked is not None
            and asked.port in (None, _USUAL["https"])
            and asked._replace(port=_USUAL["https"]) in self.places
        )


def place(authority: str) -> Place | None:
    """Host and port as a browser writes them; None where it is neither."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return None
    return Place(_plain(found[1] or found[2]), int(found[3]) if found[3] else None)


def _plain(host: str) -> str:
    """A host in one spelling: an IPv4 address inside an IPv6 one as itself."""
    host = host.lower().removesuffix(".")
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    inner = getattr(found, "ipv4_mapped", None)
    return str(found if inner is None else inner)


def names(where: Served) -> Names:
    """What requests may be meant for, besides the address on which they arrive.

    Raises:
        UserError: a name is none.
    """
    hosts = list(_HERE)
    if is_open(where):
        machine = socket.gethostname()
        hosts += [machine, f"{machine}.local"]
    if where.host not in _EVERYWHERE:
        hosts.append(where.host)
    return Names(frozenset({Place(_plain(x), where.port) for x in hosts} | {*_named(where)}))


def _named(where: Served) -> Sequence[Place]:
    """The names that were given, with their ports."""
    found = [(x, place(x)) for x in where.names]
    wrong = [x for x, y in found if y is None or not 0 < (y.port or 1) < 65536]
    if wrong:
        raise UserError(
            "\n".join(
                f"--name {x!r}: expected HOST or HOST:PORT, as in rate.example.org:443"
                for x in wrong
            )
        )
    return [y if y.port is not None else y._replace(port=where.port) for _, y in found if y]


def is_open(where: Served) -> bool:
    """Whether others than this machine reach the page."""
    return where.host not in _HERE or bool(where.names)


def bases(where: Served) -> tuple[str, ...]:
    """The starts of the links by which the page is reached, the best first; never none.

    Raises:
        UserError: a name is none.
    """
    tls = where.certificate is not None
    if where.names:
        return tuple(_base(x, tls) for x in _named(where))
    hosts = own(where.host) or _HERE[1:2] if where.host in _EVERYWHERE else (where.host,)
    return tuple(_base(Place(x, where.port), tls) for x in hosts)


def _base(at: Place, tls: bool) -> str:
    scheme = "https" if tls or at.port == _USUAL["https"] else "http"
    host = f"[{at.host}]" if ":" in at.host else at.host
    return f"{scheme}://{host}" + ("" if at.port == _USUAL[scheme] else f":{at.port}")


def own(host: str) -> tuple[str, ...]:
    """The addresses by which others reach this machine when it listens at `host`.

    None where it is on no network.
    """
    found = []
    for family, beyond in _BEYOND:
        if family == socket.AF_INET6 and host == "0.0.0.0":
            continue
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as one:
            one.connect((beyond, 9))
            found.append(one.getsockname()[0])
    with suppress(OSError):
        listed = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        found += [str(x[4][0]) for x in listed if host != "0.0.0.0" or ":" not in str(x[4][0])]
    plain = dict.fromkeys(map(_plain, found))
    return tuple(x for x in plain if _is_reachable(x))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_reachable(host: str) -> bool:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:  # with a zone, which no link can carry
        return False
    return not (found.is_loopback or found.is_link_local or found.is_unspecified)


def listening(where: Served) -> socket.socket:
    """The port, taken before anything is dealt: whoever opens a link is heard from then on.

    Raises:
        UserError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    both = where.host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            (where.host, where.port), family=family, dualstack_ipv6=both, backlog=512
        )
    except OSError as error:
        shown = f"[{where.host}]" if ":" in where.host else where.host
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"port {where.port} of {shown} is taken: the page may be open there already; for "
                "another one: --port 8766, or make rate ... PORT=8766"
            ) from None
        raise UserError(
            f"{shown}:{where.port} cannot be served at: {error.strerror or error}"
        ) from None
