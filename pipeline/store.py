"""The truth on disk: a run's folder with its journals, the lock on it, and the seal."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel

from judges.digest import KEY_LENGTH
from pipeline.errors import UserError
from pipeline.journal import Journal, named

FORM = 1
"""The form of a run folder; one of another form is refused."""
NAMES = ("responses", "benchmarks", "verdicts", "failures", "observations", "landscape")
_LOCK, _MANIFEST = "lock", "manifest.json"


class Run:
    """The folder of one study's run, held by one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Lock the folder and read its files; one that is not there is made.

        What was made is taken away again where nothing was written: a refusal leaves no trace.

        Raises:
            UserError: another process holds it, or it was written by another form of this tool.
        """
        self._made = not folder.exists()
        try:
            self._lock: int | None = _locked(folder)
        except OSError as error:
            raise UserError(f"{folder}: cannot make the run folder: {error.strerror}") from None
        self._read(folder)
        if not self.manifest:
            text = json.dumps({"form": FORM})
            replace(folder / _MANIFEST, text.encode())

    def _read(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = _manifest(folder)
        (
            self.responses,
            self.benchmarks,
            self.verdicts,
            self.failures,
            self.observations,
            self.landscape,
        ) = (Journal(folder / f"{name}.jsonl") for name in NAMES)

    @classmethod
    def look(cls, folder: Path) -> Self:
        """The run as it is now, only to be read: nothing is locked or made.

        Raises:
            UserError: it was written by another form of this tool.
        """
        run = cls.__new__(cls)
        run._lock, run._made = None, False
        run._read(folder)
        return run

    @property
    def journals(self) -> dict[str, Journal]:
        """The files of records by name."""
        return {name: getattr(self, name) for name in NAMES}

    def sync(self) -> None:
        """Push all that was appended to the disk."""
        for journal in self.journals.values():
            journal.sync()

    @property
    def altered(self) -> list[str]:
        """The files whose sealed records are not, or once were not, what they were when sealed.

        A later seal does not heal it: what was altered once stays said.
        """
        seals = self.manifest.get("seals", {})
        broken = {
            name
            for name, journal in self.journals.items()
            if seals
            and list(journal.seal(seals.get(name, (0, ""))[0])) != list(seals.get(name, ()))
        }
        # A key is asked once, whatever comes of it; only failures may repeat one.
        broken |= {x for x in NAMES if x != "failures" and self.journals[x].doubled}
        sealed = self.manifest.keys() - {"form"}
        if sealed and self.manifest.get("self") != _self_digest(self.manifest):
            broken.add("manifest")
        return sorted(broken | set(self.manifest.get("altered", ())))

    def seal(self, facts: dict[str, Any]) -> None:
        """Write the manifest, whole and by rename: the run's facts and the seal of each file."""
        self.sync()
        seals = {name: list(journal.seal()) for name, journal in self.journals.items()}
        self.manifest = {"form": FORM, **facts, "altered": self.altered, "seals": seals}
        self.manifest["self"] = _self_digest(self.manifest)
        text = json.dumps(self.manifest, ensure_ascii=False, indent=1, sort_keys=True)
        replace(self.folder / _MANIFEST, text.encode())

    def close(self) -> None:
        """Sync everything and unlock the folder; it goes if it was made for nothing."""
        for journal in self.journals.values():
            journal.close()
        if self._lock is not None:
            if self._made:
                _unmake(self.folder)
            os.close(self._lock)

    def __enter__(self) -> Self:
        """The run itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened."""
        self.close()


def file_of(name: str) -> str:
    """The file that a name among `Run.altered` stands for."""
    return _MANIFEST if name == "manifest" else f"{name}.jsonl"


def _self_digest(manifest: dict[str, Any]) -> str:
    """The digest of all that a manifest says, so that a hand in its seals is seen."""
    rest = {key: value for key, value in manifest.items() if key != "self"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader sees the old file or the new one, never a part."""
    # A name of its own, or two writers would take each other's file away; not `tempfile`, which
    # lets nobody else read it.
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        with named(path), fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one who reads and replaces the file at `path`; whoever else wants to waits.

    Everybody who adds to a file must ask here before reading it: the lock is one beside the file,
    and is taken away by whoever held it.
    """
    lock = path.with_name(path.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        while not _is_there(lock, descriptor):  # its holder took it away while this one waited
            os.close(descriptor)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The digest of each derived file, for the manifest."""
    return {name: hashlib.sha256(data).hexdigest()[:KEY_LENGTH] for name, data in files.items()}


def changed(folder: Path, sealed: Mapping[str, str]) -> tuple[str, ...]:
    """Derived files that are there and not what was written; those that are gone are no fault."""
    there = {x: path.read_bytes() for x in sealed if (path := folder / x).exists()}
    now = digests(there)
    return tuple(name for name in now if now[name] != sealed[name])


def mend(folder: Path, files: dict[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put those of `files` into `folder` that are missing there, and those that differ; both."""
    missing = tuple(name for name in files if not (folder / name).exists())
    differing = tuple(
        name
        for name, data in files.items()
        if name not in missing and (folder / name).read_bytes() != data
    )
    for name in (*missing, *differing):
        replace(folder / name, files[name])
    return missing, differing


def _locked(folder: Path) -> int:
    """The descriptor that holds the folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except FileNotFoundError:  # who made the folder for nothing has just taken it away
        return _locked(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise UserError(
            f"{folder}: another run is at work here (process {holder}); wait for it or stop it"
        ) from None
    if not _is_there(folder / _LOCK, descriptor):
        os.close(descriptor)
        return _locked(folder)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _is_there(path: Path, descriptor: int) -> bool:
    """Whether an open file is still the one at `path`: a lock on one taken away holds nothing."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _unmake(folder: Path) -> None:
    """Take a folder away that holds its lock and a bare manifest alone; its lock must be held.

    The lock file goes last: whoever makes another one meanwhile keeps the folder.
    """
    there = {x.name for x in folder.iterdir()} if folder.is_dir() else set()
    if there != {_LOCK, _MANIFEST} or _manifest(folder).keys() != {"form"}:
        return
    (folder / _MANIFEST).unlink()
    (folder / _LOCK).unlink()
    with suppress(OSError):
        folder.rmdir()


class _Manifest(BaseModel):
    """What must hold of a manifest before anything else is believed of it."""

    form: int
    seals: dict[str, tuple[int, str]] = {}  # pydantic copies it
    altered: list[str] = []
    forms: dict[str, str] = {}
    table: dict[str, str] = {}


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    if not path.exists():
        return {}
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        form = _Manifest.model_validate(manifest).form
    except ValueError:
        raise UserError(f"{path}: is no manifest of a run; move the folder away") from None
    if form != FORM:
        raise UserError(
            f"{path}: the run has form {form}, this version reads form {FORM}; "
            "move the folder away, or use the version that made it"
        )
    return manifest
