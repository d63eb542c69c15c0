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

import uvicorn

from pipeline import store
from pipeline.errors import UserError
from pipeline.pages import rate as page
from pipeline.rating import address, collecting, handout, pages_of, server
from pipeline.rating.address import Served
from pipeline.rating.dealing import Opened, Wish, deal
from pipeline.rating.desk import Desk
from pipeline.rating.handout import FOLDER, Handout, Kept
from pipeline.rating.intake import Added
from pipeline.rating.server import Application
from pipeline.rating.shelf import Shelf, Unable, cause, opened
from pipeline.study import Design

Say = Callable[[str], None]
_PATIENCE = 5
"""Seconds that open requests have left when the server is stopped."""


def export(study: Opened, wish: Wish, database: str | None = None) -> tuple[Path, ...]:
    """A self-contained page for each person, to be sent by mail; nobody needs a network.

    What was dealt by a server here is known without a database, from its file; what another machine
    dealt stands in the `database` alone that both share. Pages that an earlier call was cut short
    in writing are written; where it wished the same, they are what comes back.

    Raises:
        UserError: there is nothing left to rate, or not enough for all.
    """
    root = study.design.root
    with handout.alone(root):
        cut = [x for x in handout.unfinished(root, study.design.study.name) if x.handout.in_files]
        pages = [(_is_of(x.handout, wish), _pages(study, x)) for x in cut]
        if again := [paths for same, paths in pages if same]:
            return again[0]
        if database is None:
            made = deal(study, wish)
        else:
            with _shelf(study.design, database) as shelf:
                made = deal(study, wish, shelf)
        return _pages(study, handout.keep(_begun(made, wish, in_files=True), root))


def _pages(study: Opened, kept: Kept) -> tuple[Path, ...]:
    """Everybody's page of a handout, written where it is not there yet."""
    folder = kept.path.with_suffix("")
    folder.mkdir(exist_ok=True)
    judged = {x.want.key: x for x in study.judged}
    paths = tuple(folder / f"{rater}.html" for rater in kept.handout.raters)
    for rater, path in zip(kept.handout.raters, paths, strict=True):
        if not path.exists():
            form = pages_of.page(study.design, judged, kept.handout, rater)
            store.replace(path, page.render(form).encode())
    handout.finish(kept)
    return paths


def _begun(made: Handout, wish: Wish, in_files: bool) -> Handout:
    """A deal of which nobody has anything yet: were it cut short now, the same wish goes on."""
    noted = {"prompts": wish.prompts, "in_files": in_files, "unfinished": True}
    return made.model_copy(update=noted)


def _is_of(made: Handout, wish: Wish) -> bool:
    """Whether a handout is what is wished."""
    people = {x: made.reads.get(x) for x in made.raters}
    wished = (dict(wish.raters), wish.prompts, wish.seed)
    return (people, made.prompts, made.seed) == wished


def serve(study: Opened, wish: Wish | None, where: Served, say: Say) -> Added:
    """Serve the page until it is stopped, then put what people rated into the study's gold.

    With a wish more is dealt; whoever was invited before goes on under the old link. What was saved
    before a crash is put into the gold first.

    Raises:
        UserError: nothing was dealt yet, the port is taken, a name is none, or TLS cannot be had.
    """
    names = address.names(where)
    _check_tls(where)
    with _shelf(study.design, where.database) as shelf:
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
def _shelf(design: Design, database: str | None) -> Iterator[Shelf]:
    folder = design.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shelf = opened(database or f"sqlite:///{folder / design.study.name}.db")
    try:
        yield shelf
    except Unable as error:
        raise UserError(
            f"the database cannot be used now: {cause(error)}; what was saved is in it, and goes "
            "into the gold when this is started again"
        ) from None
    finally:
        shelf.close()


def desk_of(study: Opened, shelf: Shelf) -> Desk:
    """The desk of a study on a database."""
    owner = _token(shelf.secret(), study.design.study.name, "owner")
    return Desk(study.design, study.judged, shelf, owner)


def dealt(study: Opened, wish: Wish, shelf: Shelf) -> Handout:
    """What is wished, dealt and kept, with an invitation for everybody.

    Where the same was wished before and cut short, it is that deal.

    Raises:
        UserError: there is nothing left to rate, or not enough for all.
    """
    root, secret = study.design.root, shelf.secret()
    with handout.alone(root):
        there = {x.id for x in shelf.handouts()}
        cut = handout.unfinished(root, study.design.study.name)
        mine = None
        for kept in (x for x in cut if not x.handout.in_files):
            if _is_of(kept.handout, wish):
                mine = kept
            elif kept.handout.id in there:
                handout.finish(kept)
            else:  # nobody has an invitation to it: it keeps nothing from anybody
                kept.path.unlink()
        if mine is None:
            made = _begun(deal(study, wish, shelf), wish, in_files=False)
            mine = handout.keep(made, root)
        made = mine.handout.model_copy(update={"unfinished": False})
        if made.id not in there:
            shelf.invite(made, {x: _token(secret, made.id, f"r {x}") for x in made.raters})
        return handout.finish(mine)


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
        faults = _tls_faults(where.certificate, where.key)
    if faults:
        raise UserError("\n".join(faults))


def _tls_faults(certificate: Path, key: Path) -> list[str]:
    """Why these two files are no certificate and its key."""
    asked: list[bool] = []

    def passphrase() -> str:
        """Asked for where the key is locked: nobody is there to type it when a service starts."""
        asked.append(True)
        return ""

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password=passphrase)
    except OSError as error:
        said = getattr(error, "reason", None) or error.strerror or error
        if asked:
            mend = f"openssl pkey -in {key} -out unlocked.pem"
            return [f"--tls-key {key}: is locked with a passphrase; unlock it: {mend}"]
        return [
            f"--tls-certificate {certificate}, --tls-key {key}: expected a certificate and its key "
            f"as PEM ({said})"
        ]
    return []


def _run(app: Application, where: Served, listening: socket) -> None:
    """Serve until somebody stops it; addresses, which hold invitations, are never logged."""
    config = uvicorn.Config(
        app,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        access_log=False,
        proxy_headers=False,  # anybody here could say to be anybody, and guess on
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
