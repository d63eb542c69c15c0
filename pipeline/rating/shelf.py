"""What people have rated so far: one database, SQLite in a file or PostgreSQL by its URL."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.errors import UserError
from pipeline.rating import stored
from pipeline.rating.form import Reason, Saved
from pipeline.rating.handout import Handout, without

CONNECTIONS = 8
"""To the database, that are kept open."""

Unable = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""The database cannot be used now: its disk is full, it is away or locked."""


class Score(NamedTuple):
    """What a person says of one item."""

    score: int | None
    comment: str
    reason: Reason | None
    """Why it cannot be judged; None exactly where there is a score."""
    seconds: float


class Rater(NamedTuple):
    """A person who was invited."""

    handout: str
    rater: str
    rater_class: str | None
    language: str | None


class Write(NamedTuple):
    """A score to be stored."""

    rater: Rater
    item: str
    revision: int
    """That the window knew; 0 = none."""
    said: Score


class Conflict(NamedTuple):
    """Another window has saved this item since: what it saved."""

    saved: Saved


class Gone(NamedTuple):
    """Nothing is stored: whoever says it was deleted meanwhile."""

    rater: Rater


class Shelf:
    """The database of ratings."""

    def __init__(self, url: str) -> None:
        """Open it, and make its tables where they are not there."""
        sqlite = sa.make_url(url).get_backend_name() == "sqlite"
        # A file does not go away as a server does: nothing is asked before each question.
        self._engine = sa.create_engine(
            url,
            pool_pre_ping=not sqlite,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            hide_parameters=True,  # of what people wrote nothing goes into a log
        )
        if sqlite:
            sa.event.listen(self._engine, "connect", _durable)
        stored.META.create_all(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def secret(self) -> bytes:
        """What invitations are made from: one for all who share this database."""
        query = sa.select(stored.SECRETS.c.value).where(stored.SECRETS.c.name == "invitations")
        with self._engine.connect() as connection:
            found = connection.scalar(query)
        if found is None:
            fresh = {"name": "invitations", "value": secrets.token_hex(32)}
            try:
                with self._engine.begin() as connection:
                    connection.execute(stored.SECRETS.insert().values(**fresh))
            except sa.exc.IntegrityError:  # another machine was faster
                return self.secret()
            found = fresh["value"]
        return bytes.fromhex(found)

    def invite(self, handout: Handout, tokens: Mapping[str, str]) -> None:
        """Store a handout and whose token is whose, by their digests."""
        with self._engine.begin() as connection:
            body = handout.model_dump_json()
            connection.execute(stored.HANDOUTS.insert().values(id=handout.id, body=body))
            for rater, token in tokens.items():
                row = {"handout": handout.id, "rater": rater, "token": digest_of(token)}
                connection.execute(stored.RATERS.insert().values(**row))

    def whose(self, token: str) -> Rater | None:
        """Whose token this is.

        It is found by its digest, which nobody can steer towards another's by trying.
        """
        wanted = digest_of(token)
        with self._engine.connect() as connection:
            row = connection.execute(stored.WHOSE, {"digest": wanted}).first()
        if row is None or not hmac.compare_digest(row.token, wanted):
            return None
        return Rater(row.handout, row.rater, row.rater_class, row.language)

    def introduce(self, rater: Rater, rater_class: str | None, language: str) -> None:
        """Note of what class a person is, None = as said before, and the language of the page."""
        said = {"language": language} | ({"rater_class": rater_class} if rater_class else {})
        with self._engine.begin() as connection:
            connection.execute(
                stored.RATERS.update()
                .where(
                    stored.RATERS.c.handout == rater.handout, stored.RATERS.c.rater == rater.rater
                )
                .values(**said)
            )

    def save(self, rater: Rater, item: str, revision: int, said: Score) -> Saved | Conflict | Gone:
        """Store one score: see `save_all`."""
        return self.save_all([Write(rater, item, revision, said)])[0]

    def save_all(self, writes: Sequence[Write]) -> list[Saved | Conflict | Gone]:
        """Store scores, on the disk before this returns; the same twice is stored once.

        Each names the revision that its window knew, 0 for none: if there is a later one, that one
        stands and comes back. Of a person who was deleted nothing is stored.

        Raises:
            DBAPIError: the database cannot store them; none of them is then stored.
        """
        # In the order in which `forget` goes, or the two could wait for each other for ever.
        order = sorted(range(len(writes)), key=lambda n: (*writes[n].rater[:2], writes[n].item))
        try:
            with self._engine.begin() as connection:
                found = {n: self._save(connection, writes[n]) for n in order}
                return [found[n] for n in range(len(writes))]
        except sa.exc.IntegrityError:  # another process was faster: its score is there by now
            return self.save_all(writes)

    def _save(self, connection: sa.Connection, write: Write) -> Saved | Conflict | Gone:
        last = self._last(connection, write.item)
        if last is not None and last.revision > write.revision:
            same = last.revision == write.revision + 1 and said_of(last) == write.said
            return last if same else Conflict(last)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        said = write.said._asdict()
        fresh = Saved(id=write.item, revision=write.revision + 1, when=at, **said)
        row = {"item": fresh.id, "revision": fresh.revision, "at": at, **said}
        row |= {"handout": write.rater.handout, "rater": write.rater.rater}
        written = connection.execute(stored.INSERTED, {f"new_{x}": y for x, y in row.items()})
        return fresh if written.rowcount else Gone(write.rater)

    def _last(self, connection: sa.Connection, item: str) -> Saved | None:
        row = connection.execute(stored.LAST, {"of": item}).first()
        return None if row is None else _saved(row)

    def saved(self, handout: str, rater: str | None = None) -> list[Saved]:
        """The latest score of each item, of one person or of all, in the order of saving."""
        newest = (
            sa.select(stored.SAVED.c.item, sa.func.max(stored.SAVED.c.revision).label("revision"))
            .where(stored.SAVED.c.handout == handout)
            .group_by(stored.SAVED.c.item)
            .subquery()
        )
        query = (
            sa.select(stored.SAVED)
            .join(
                newest,
                sa.and_(
                    stored.SAVED.c.item == newest.c.item,
                    stored.SAVED.c.revision == newest.c.revision,
                ),
            )
            .join(
                stored.RATERS,
                sa.and_(
                    stored.SAVED.c.handout == stored.RATERS.c.handout,
                    stored.SAVED.c.rater == stored.RATERS.c.rater,
                ),
            )
        )
        if rater is not None:
            query = query.where(stored.SAVED.c.rater == rater)
        with self._engine.connect() as connection:
            return [_saved(row) for row in connection.execute(query.order_by(stored.SAVED.c.at))]

    def raters(self, handout: str) -> list[Rater]:
        """Who was invited, by name."""
        query = (
            sa.select(stored.RATERS)
            .where(stored.RATERS.c.handout == handout)
            .order_by(stored.RATERS.c.rater)
        )
        with self._engine.connect() as connection:
            return [
                Rater(x.handout, x.rater, x.rater_class, x.language)
                for x in connection.execute(query)
            ]

    def forget(self, handouts: Collection[str], rater: str) -> int:
        """Delete a person with all they wrote, were dealt and their invitations.

        How many rows that were. The invitations first: a save that came before has ended by then,
        and none comes after.
        """
        with self._engine.begin() as connection:
            gone = [
                connection.execute(
                    table.delete().where(table.c.handout == handout, table.c.rater == rater)
                ).rowcount
                for table in (stored.RATERS, stored.SAVED)
                for handout in sorted(handouts)
            ]
            for handout in sorted(handouts):
                self._take_out(connection, handout, rater)
        if self._engine.dialect.name == "sqlite":
            # Or what was deleted stays in the log of changes for as long as a server runs.
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(gone)

    def _take_out(self, connection: sa.Connection, handout: str, rater: str) -> None:
        """Leave nothing of a person in what was dealt; another's deletion waits for this one."""
        mine = stored.HANDOUTS.c.id == handout
        body = connection.scalar(sa.select(stored.HANDOUTS.c.body).where(mine).with_for_update())
        if body is not None:
            kept = without(Handout.model_validate_json(body), rater).model_dump_json()
            connection.execute(stored.HANDOUTS.update().where(mine).values(body=kept))

    def handouts(self, known: Collection[str] = ()) -> list[Handout]:
        """The handouts of all studies, the first first; those that are `known` left out."""
        query = sa.select(stored.HANDOUTS.c.id)
        with self._engine.connect() as connection:
            fresh = [x for x in connection.scalars(query) if x not in known]
            if not fresh:
                return []
            bodies = connection.scalars(
                sa.select(stored.HANDOUTS.c.body).where(stored.HANDOUTS.c.id.in_(fresh))
            ).all()
        return sorted(map(Handout.model_validate_json, bodies), key=lambda x: x.at)


def opened(url: str) -> Shelf:
    """The database at a URL, which may hold a password and is therefore in no message.

    Raises:
        UserError: it is no such URL, or the database cannot be opened.
    """
    try:
        return Shelf(url)
    except (sa.exc.ArgumentError, ValueError):
        raise UserError(
            "--database: expected a URL, as postgresql+psycopg://USER:PASSWORD@HOST/NAME or "
            "sqlite:////FOLDER/FILE.db"
        ) from None
    except ImportError as error:
        said = "postgresql+psycopg://... takes the extra `postgresql`"
        raise UserError(f"--database: {error.name} is not installed; {said}") from None
    except sa.exc.DBAPIError as error:
        raise UserError(f"the database cannot be opened: {cause(error)}") from None


def cause(error: Exception) -> str:
    """What a database complains of, in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def said_of(saved: Saved) -> Score:
    """What a stored score says."""
    return Score(saved.score, saved.comment, saved.reason, saved.seconds)


def _saved(row: sa.Row[Any]) -> Saved:
    return Saved(
        id=row.item,
        score=row.score,
        comment=row.comment,
        reason=row.reason,
        seconds=row.seconds,
        when=row.at,
        revision=row.revision,
    )


def _durable(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    """SQLite as it must be here: readers never wait, a commit is on the disk, the deleted gone."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
