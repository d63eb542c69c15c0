"""Ratings wanted: answers drawn and dealt, then a server here or a file for each person."""

import base64
import gc
import hashlib
import hmac
import signal
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket
from typing import NamedTuple

import uvicorn

from pipeline import goldplan, owed, store
from pipeline.errors import UserError
from pipeline.gold import Rating
from pipeline.owed import JudgedAnswer
from pipeline.pages import rate as page
from pipeline.rating import address, collecting, earlier, handout, pages_of, server
from pipeline.rating.address import Served
from pipeline.rating.desk import Desk
from pipeline.rating.earlier import Given
from pipeline.rating.handout import FOLDER, Handout, Invited
from pipeline.rating.intake import Added
from pipeline.rating.server import Application
from pipeline.rating.shelf import Shelf
from pipeline.stats.thresholds import Target
from pipeline.store import Run
from pipeline.study import Design

Say = Callable[[str], None]
_PATIENCE = 5
"""Seconds that open requests have left when the server is stopped."""


class Wish(NamedTuple):
    """Who is to rate, and how much."""

    raters: tuple[Invited, ...]
    prompts: int
    seed: int


class Opened(NamedTuple):
    """A study whose answers can be rated."""

    design: Design
    judged: tuple[JudgedAnswer, ...]
    known: frozenset[str]
    """The keys of all answers that it wants or has."""


def invited(text: str, design: Design) -> tuple[Invited, ...]:
    """Who is meant by `anna:en,boris`: a pseudonym each, and the one language that they read.

    Raises:
        UserError: every fault of it, one a line.
    """
    found, faults = [], []
    for one in (x.strip() for x in text.split(",") if x.strip()):
        rater, _, language = (x.strip() for x in one.partition(":"))
        reads = next((x for x in design.study.languages if x == language), None)
        if ":" in one and reads is None:
            spoken = " or ".join(design.study.languages)
            faults.append(f"rater {one!r}: reads {language!r}, expected {spoken}, or no colon")
        try:
            Rating(rater=rater, response_key="0" * 32, rubric="x", score=1)
        except ValueError:
            faults.append(
                f"rater {rater!r}: expected a pseudonym: letters, digits, spaces, _ . -, at most 40"
            )
        found.append(Invited(rater, reads))
    if len({x.rater.casefold() for x in found}) < len(found):
        faults.append("--raters: name each person once, with commas between: --raters anna,boris")
    if faults:
        raise UserError("\n".join(faults))
    return tuple(found)


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
    known = frozenset({x.key for x in responses.wanted} | run.responses.keys())
    return Opened(design, owed.judged(run, responses.wanted), known)


def deal(study: Opened, wish: Wish, shelf: Shelf | None = None) -> Handout:
    """Draw prompts at random among those that want people, and deal them to the raters.

    Nobody is dealt what they were dealt before, by a server or in a file, or have rated.

    Raises:
        UserError: there is nothing left to rate, or not enough for all.
    """
    design = study.design
    target = design.study.target or Target()
    had = _given(study, shelf)
    before = earlier.before(design, study.judged, had, wish.raters)
    plan = goldplan.plan(design, target, wish.prompts, wish.seed, before)
    if plan.rows.is_empty():
        raise UserError(
            f"{design.study.name}: no task is left for {', '.join(x.rater for x in wish.raters)}: "
            "each was dealt to one of them before, or to enough people; name others, or delete on "
            "the owner's page who will rate no more"
        )
    made = handout.make(design, study.judged, plan.rows, wish.raters, wish.seed, target, had)
    idle = [x for x in made.raters if not made.of(x)]
    if idle:
        raise UserError(
            f"{len(idle)} of {len(made.raters)} people would have nothing to rate ({idle[0]} for "
            f"one): {len(made.probability)} tasks were drawn; draw more, --prompts, or name fewer"
        )
    return made


def _given(study: Opened, shelf: Shelf | None) -> frozenset[Given]:
    """What was given to anybody so far."""
    design = study.design
    run = Run.look(design.folder)
    rows = owed.human_ratings(design, run, owed.responses(design, run).wanted)
    dealt = earlier.deals(design, shelf)
    return earlier.given(design, study.judged, dealt, [x for x, _ in rows])


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

    With a wish more is dealt; whoever was invited before goes on under the old link. What was saved
    before a crash is put into the gold first.

    Raises:
        UserError: nothing was dealt yet, the port is taken, a name is none, or TLS cannot be had.
    """
    names = address.names(where)
    _check_tls(where)
    with _shelf(study.design, where) as shelf:
        desk = desk_of(study, shelf)
        notes = collecting.collect(desk, study.known).notes  # what is rated is not drawn again
        app = server.app(desk, names)
        # What is there now stays: searching it for garbage would halt everybody now and then.
        gc.collect()
        gc.freeze()
        # Last, so that nobody waits who knocks from here on; but before anything is dealt.
        with address.listening(where) as listening:
            if wish is not None:
                dealt(study, wish, shelf)
            for line in (*notes, *links(desk, where)):
                say(line)
            _run(app, where, listening)
        return collecting.collect(desk, study.known)


@contextmanager
def _shelf(design: Design, where: Served) -> Iterator[Shelf]:
    folder = design.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(where.database or f"sqlite:///{folder / design.study.name}.db")
    try:
        yield shelf
    finally:
        shelf.close()


def desk_of(study: Opened, shelf: Shelf) -> Desk:
    """The desk of a study on a database."""
    owner = _token(shelf.secret(), study.design.study.name, "owner")
    return Desk(study.design, study.judged, shelf, owner)


def dealt(study: Opened, wish: Wish, shelf: Shelf) -> Handout:
    """What is wished, dealt and kept, with an invitation for everybody.

    Raises:
        UserError: there is nothing left to rate, or not enough for all.
    """
    made, secret = deal(study, wish, shelf), shelf.secret()
    handout.keep(made, study.design.root)
    shelf.invite(made, {x: _token(secret, made.id, f"r {x}") for x in made.raters})
    return made


def links(desk: Desk, where: Served) -> tuple[str, ...]:
    """What the owner is to be told: everybody's link, whenever it was dealt, and their own.

    Raises:
        UserError: nothing was dealt yet.
    """
    name, secret = desk.design.study.name, desk.shelf.secret()
    handouts = desk.handouts()
    if not handouts:
        said = "nothing was dealt yet: name who rates, --raters anna,boris"
        raise UserError(f"{name}: {said}")
    base, *others = address.bases(where)
    lines = []
    for one in handouts:
        people = [x.rater for x in desk.shelf.raters(one.id)]
        if len(handouts) > 1 and people:
            lines.append(f"dealt {one.at[:16].replace('T', ' ')} UTC")
        lines += [f"{x}: {base}/r/{_token(secret, one.id, f'r {x}')}" for x in people]
    lines.append(f"owner: {base}/owner/{_token(secret, name, 'owner')}")
    return (*lines, *_also(others), *_cautions(where))


def _also(others: Sequence[str]) -> Sequence[str]:
    return [f"the same links work with {' or '.join(others)} in front"] if others else []


def _cautions(where: Served) -> Sequence[str]:
    lines = []
    if address.is_open(where):
        lines.append("beware: the page is on the network; who has a link can rate in that name")
        if not any(x.startswith("https:") for x in address.bases(where)):
            lines.append(
                "beware: without TLS (--tls-certificate, --tls-key) links can be overheard"
            )
    return [*lines, "stop with Ctrl-C: what was saved then goes into the study's gold"]


def _token(secret: bytes, of: str, who: str) -> str:
    """An invitation of 192 bits: the same as long as the secret is, and nobody else's."""
    digest = hmac.new(secret, f"{of} {who}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _check_tls(where: Served) -> None:
    """Refuse what no TLS can be made of, before anything is dealt."""
    if where.certificate is None or where.key is None:
        return
    faults = [
        f"{flag} {path}: {'no such file' if not path.exists() else 'is no file'}"
        for flag, path in (("--tls-certificate", where.certificate), ("--tls-key", where.key))
        if not path.is_file()
    ]
    if not faults:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(where.certificate, where.key)
        except OSError as error:
            said = getattr(error, "reason", None) or error.strerror or error
            faults = [
                f"--tls-certificate {where.certificate}, --tls-key {where.key}: expected a "
                f"certificate and its key as PEM ({said})"
            ]
    if faults:
        raise UserError("\n".join(faults))


def _run(app: Application, where: Served, listening: socket) -> None:
    """Serve until somebody stops it; addresses, which hold invitations, are never logged."""
    config = uvicorn.Config(
        app,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    # A service is stopped by SIGTERM; it has ratings to put away then as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):  # it stops by itself first, and then says so
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)
