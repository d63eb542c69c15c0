"""A PostgreSQL server for the tests that need one: in a folder of its own, on a socket."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Where `initdb` and `pg_ctl` are; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((x for x in places if (x / "pg_ctl").exists()), None)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a fresh server, which is gone afterwards."""
    tools = binaries()
    assert tools is not None, "see binaries()"
    folder.mkdir(parents=True)
    owner: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        shutil.chown(folder, "nobody")
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o055)
        owner = {"user": "nobody"}
    data = folder / "data"

    def call(*arguments: str) -> None:
        subprocess.run(arguments, check=True, capture_output=True, cwd=folder, **owner)  # type: ignore[call-overload]

    call(str(tools / "initdb"), "-D", str(data), "-U", "rating", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = (str(tools / "pg_ctl"), "-D", str(data))
    call(*control, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://rating@/postgres?host={folder}"
    finally:
        call(*control, "-m", "immediate", "stop")
