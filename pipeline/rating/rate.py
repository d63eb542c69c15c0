"""Ratings wanted: answers drawn and dealt, then a server here or a file for each person."""

import base64
import hashlib
import hmac
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import uvicorn

from pipeline import goldplan, owed, store
from pipeline.errors import UserError
from pipeline.gold import Rating
from pipeline.owed import JudgedAnswer
from pipeline.pages import rate as page
from pipeline.rating import handout, intake, pages_of, server
from pipeline.rating.desk import Desk
from pipeline.rating.handout import FOLDER, Handout
from pipeline.rating.intake import Added
from pipeline.rating.shelf import Shelf
from pipeline.stats.thresholds import Target
from pipeline.store import Run
from pipeline.study import Design

Say = Callable[[str], None]


class Wish(NamedTuple):
    """Who is to rate, and how much."""

    raters: tuple[str, ...]
    prompts: int
    seed: int


class Served(NamedTuple):
    """Where the page is served."""

    host: str
    port: int
    certificate: Path | None
    """With its key: TLS."""
    key: Path | None
    database: str | None
    """The URL of a database; None = a file beside the project's gold."""


class Opened(NamedTuple):
    """A study whose answers can be rated."""

    design: Design
    judged: tuple[JudgedAnswer, ...]


def opened(design: Design) -> Opened:
    """The answers of a study.

    Raises:
        UserError: some are not there yet.
    """
    run = Run.look(design.folder)
    responses = owed.responses(design, run)
    if responses.missing:
        name = design.study.name
        said = f"{len(responses.missing)} answers are not there yet: run antipode score {name}"
        raise UserError(f"{name}: {said} first")
    return Opened(design, owed.judged(run, responses.wanted))


def deal(study: Opened, wish: Wish) -> Handout:
    """Draw prompts at random among those not yet rated, and deal them to the raters.

    Raises:
        UserError: a name is no pseudonym or stands twice, or there is nothing left to rate, or not
            enough for all.
    """
    for name in wish.raters:
        try:
            Rating(rater=name, response_key="0" * 32, rubric="x", score=1)
        except ValueError:
            raise UserError(
                f"rater {name!r}: expected a pseudonym: letters, digits, spaces, _ . -, at most 40"
            ) from None
    if len({x.casefold() for x in wish.raters}) < len(wish.raters) or not wish.raters:
        raise UserError("--raters: name each person once, with commas between: --raters anna,boris")
    design = study.design
    target = design.study.target or Target()
    plan = goldplan.plan(design, target, wish.prompts, wish.seed)
    if plan.rows.is_empty():
        raise UserError(f"{design.study.name}: nothing is left to rate: enough people rated it all")
    made = handout.make(design, study.judged, plan.rows, wish.raters, wish.seed)
    idle = [x for x in wish.raters if not made.of(x)]
    if idle:
        raise UserError(
            f"{len(idle)} of {len(wish.raters)} people would have nothing to rate ({idle[0]} for "
            f"one): {len(made.probability)} tasks were drawn; draw more, --prompts, or name fewer"
        )
    return made


def export(study: Opened, wish: Wish) -> tuple[Path, ...]:
    """A self-contained page for each person, to be sent by mail; nobody needs a network."""
    dealt = deal(study, wish)
    kept = handout.keep(dealt, study.design.root)
    folder = kept.path.with_suffix("")
    folder.mkdir()
    judged = {x.want.key: x for x in study.judged}
    paths = []
    for rater in dealt.raters:
        form = pages_of.page(study.design, judged, dealt, rater)
        path = folder / f"{rater}.html"
        store.replace(path, page.render(form).encode())
        paths.append(path)
    return tuple(paths)


def serve(study: Opened, wish: Wish | None, where: Served, say: Say) -> Added:
    """Serve the page until it is stopped, then put what people rated into the study's gold.

    Without a wish the last handout is served again, under the same invitations; what was saved
    before a crash is put into the gold first.

    Raises:
        UserError: nothing was dealt yet, or the port is taken.
    """
    with _listening(where) as socket_:
        return _served(study, wish, where, socket_, say)


def _listening(where: Served) -> socket.socket:
    """The port, taken before anything is dealt: whoever opens a link is heard from then on."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        return socket.create_server((where.host, where.port), family=family)
    except OSError as error:
        raise UserError(
            f"{where.host}:{where.port} cannot be served at ({error.strerror or error}); is it "
            "served already? another port: --port"
        ) from None


def _served(
    study: Opened, wish: Wish | None, where: Served, socket_: socket.socket, say: Say
) -> Added:
    design = study.design
    folder = design.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(where.database or f"sqlite:///{folder / design.study.name}.db")
    try:
        dealt = deal(study, wish) if wish is not None else shelf.newest(design.study.name)
        if dealt is None:
            said = "nothing was dealt yet: name who rates, --raters anna,boris"
            raise UserError(f"{design.study.name}: {said}")
        if wish is not None:
            handout.keep(dealt, design.root)
        secret = _secret(folder / "invitations.key")
        tokens = {rater: _token(secret, dealt.id, f"r {rater}") for rater in dealt.raters}
        shelf.invite(dealt, tokens)
        owner = _token(secret, dealt.id, "owner")
        desk = Desk(design, study.judged, dealt, shelf, owner)
        collect(desk)
        for line in _links(where, tokens, owner):
            say(line)
        _run(desk, where, socket_)
        return collect(desk)
    finally:
        shelf.close()


def collect(desk: Desk) -> Added:
    """Put what people rated so far into the study's gold file."""
    saved = desk.shelf.saved(desk.handout.id)
    found = intake.taken(desk.handout, saved, desk.classes())
    design = desk.design
    folder = design.root / "data" / "gold"
    if found.again:
        intake.into(folder / f"{design.study.name}_again.csv", found.again, design)
    return intake.into(folder / f"{design.study.name}.csv", found.first, design)


def _secret(path: Path) -> bytes:
    """What invitations are made from: theirs to read alone who own the project's files."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _token(secret: bytes, handout_id: str, who: str) -> str:
    """An invitation of 192 bits: the same as long as the secret is, and nobody else's."""
    digest = hmac.new(secret, f"{handout_id} {who}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _links(where: Served, tokens: dict[str, str], owner: str) -> Sequence[str]:
    scheme = "https" if where.certificate is not None else "http"
    base = f"{scheme}://{where.host}:{where.port}"
    lines = [f"{rater}: {base}/r/{token}" for rater, token in tokens.items()]
    lines.append(f"owner: {base}/owner/{owner}")
    if where.host not in ("127.0.0.1", "localhost", "::1"):
        lines.append("beware: the page is on the network; who has a link can rate in that name")
        if where.certificate is None:
            lines.append(
                "beware: without TLS (--tls-certificate, --tls-key) links can be overheard"
            )
    return [*lines, "stop with Ctrl-C: what was saved then goes into the study's gold"]


def _run(desk: Desk, where: Served, socket_: socket.socket) -> None:
    """Serve until somebody stops it; addresses, which hold invitations, are never logged."""
    names = {where.host, "localhost", "127.0.0.1"}
    hosts = frozenset(f"{name}:{where.port}" for name in names)
    config = uvicorn.Config(
        server.app(desk, hosts, secure=where.certificate is not None),
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    with suppress(KeyboardInterrupt):  # it stops by itself first, and then says so
        uvicorn.Server(config).run(sockets=[socket_])
