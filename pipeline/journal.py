"""Append-only files of records: read by key, torn lines told from whole ones, sealed."""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel

from judges.digest import KEY_LENGTH
from pipeline.errors import UserError

_KEY_AT = len('{"key":"')


class Seal(NamedTuple):
    """What a file held at a clean end."""

    records: int
    digest: str
    """Over the sorted digests of its records."""


class Journal:
    """One append-only file of records, found by key. The first record of a key counts."""

    def __init__(self, path: Path) -> None:
        """Read which keys are there; a line that was torn by a crash is counted and left out."""
        self.path = path
        self.torn = 0
        self.doubled = False
        """Whether two records of one key differ: which of them counts is then a matter of order."""
        self._at: dict[str, tuple[int, int]] = {}
        self._appended: list[bytes] = []
        """Digests of the records that were appended since."""
        self._descriptor: int | None = None
        self._dirty = False
        self._open_line = False
        self._size = 0
        if path.exists():
            self._scan()
        self._found = self._size
        """Bytes that were there."""

    def _scan(self) -> None:
        with self.path.open("rb") as file:
            for line in file:
                if _whole(line):
                    key = line[_KEY_AT : _KEY_AT + KEY_LENGTH].decode()
                    first = self._at.setdefault(key, (self._size, len(line)))
                    self.doubled = self.doubled or first[0] != self._size
                else:
                    self.torn += 1
                self._size += len(line)
                self._open_line = not line.endswith(b"\n")

    def __contains__(self, key: str) -> bool:
        """Whether a record of that key is stored."""
        return key in self._at

    def __len__(self) -> int:
        """How many different keys are stored."""
        return len(self._at)

    def keys(self) -> set[str]:
        """Every stored key."""
        return set(self._at)

    def append(self, record: BaseModel) -> None:
        """Store `record` with one write: after it returns, killing this process loses nothing.

        Raises:
            OSError: the disk is full or gone; what was written of the record is a torn line.
        """
        line = record.model_dump_json().encode() + b"\n"
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self.path, flags, 0o644)
        if self._open_line:
            # A record may have been cut right after an inner brace: the mark keeps it from ever
            # looking whole.
            self._write(b"#torn\n")
        self._open_line = True
        start = self._size
        self._write(line)
        self._open_line = False
        self._at.setdefault(line[_KEY_AT : _KEY_AT + KEY_LENGTH].decode(), (start, len(line)))
        self._appended.append(_record_digest(line))
        self._dirty = True

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None
        with named(self.path):
            written = os.write(self._descriptor, data)
        self._size += written
        if written < len(data):
            raise OSError(errno.ENOSPC, "no space left on device", str(self.path))

    def sync(self) -> None:
        """Push what was appended to the disk, so that a power cut loses nothing of it."""
        if self._dirty and self._descriptor is not None:
            self._dirty = False
            try:
                os.fdatasync(self._descriptor)
            except OSError:
                self._dirty = True
                raise

    def read(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The stored records of `keys`, as plain values in the order of the file."""
        wanted = sorted(self._at[key] for key in set(keys) if key in self._at)
        if not wanted:
            return
        with self.path.open("rb") as file:
            for start, length in wanted:
                file.seek(start)
                yield self._parsed(file.read(length))

    def records(self) -> Iterator[dict[str, Any]]:
        """Every whole record of the file in its order, those of one key repeated."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            yield from (self._parsed(line) for line in file if _whole(line))

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            record: dict[str, Any] = orjson.loads(line)
        except orjson.JSONDecodeError:
            said = f"{self.path}: the line of {line[_KEY_AT : _KEY_AT + KEY_LENGTH].decode()}"
            raise UserError(f"{said} is damaged; take it out, it will be asked again") from None
        fields = _FIELDS.get(self.path.stem, {})
        faults = [x for x, kind in fields.items() if not isinstance(record.get(x, ...), kind)]
        if faults:
            told = ", ".join(f"no {x}" if x not in record else f"a strange {x}" for x in faults)
            said = f"{self.path}: the record of {record['key']} has {told}"
            raise UserError(f"{said}; it is none of this program's, take it out")
        return record

    @cached_property
    def _found_digests(self) -> list[bytes]:
        """The digests of the records that were there: only seals need them, a plan does not."""
        if not self._found:
            return []
        digests, place = [], 0
        with self.path.open("rb") as file:
            for line in file:
                if place >= self._found:
                    break
                place += len(line)
                if _whole(line):
                    digests.append(_record_digest(line))
        return digests

    def seal(self, count: int | None = None) -> Seal:
        """The seal over the first `count` records of the file, or all."""
        digests = [*self._found_digests, *self._appended][:count]
        return Seal(len(digests), hashlib.sha256(b"".join(sorted(digests))).hexdigest())

    def close(self) -> None:
        """Sync and let go of the file."""
        self.sync()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


_NONE = type(None)
_ANSWER: dict[str, type | tuple[type, ...]] = {
    "arm": str,
    "task": str,
    "language": str,
    "draw": int,
    "text": str,
    "finish": str,
    "language_found": (str, _NONE),
    "call": dict,
}
_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "responses": _ANSWER,
    "benchmarks": _ANSWER,
    "verdicts": {
        "item": str,
        "rubric": str,
        "language": str,
        "judge": str,
        "draw": int,
        "verdict": dict,
        "call": (dict, _NONE),
    },
    "landscape": {
        "kind": str,
        "tokens": list,
        "logprobs": list,
        "vector": (str, _NONE),
        "said": (str, _NONE),
        "call": dict,
    },
    "failures": {"stage": str, "who": str, "kind": str, "message": str, "attempts": int},
    "observations": {
        "model": str,
        "address": (str, _NONE),
        "field": str,
        "value": (str, int, float),
        "source": str,
    },
}
"""What each record has at least, beside its key, and of which kind."""


def _whole(line: bytes) -> bool:
    """Whether `line` is a record and not what a crash left of one."""
    closed = line[_KEY_AT + KEY_LENGTH : _KEY_AT + KEY_LENGTH + 1] == b'"'
    return closed and line.endswith(b"}\n") and line.startswith(b'{"key":"')


def _record_digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=16).digest()


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors of the disk say which file they are about."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
