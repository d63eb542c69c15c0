"""The 50 ms server of `server.c`: compiled, started on a free port, stopped."""

import http.client
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError

LATENCY_MS = 50
_SOURCE = Path(__file__).with_name("server.c")


class Seen(NamedTuple):
    """What the server has seen since it was last reset."""

    served: int
    most_in_flight: int


class Server(NamedTuple):
    """A running server."""

    port: int

    @property
    def base_url(self) -> str:
        """What an OpenAI client calls its base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def seen(self, reset: bool = False) -> Seen:
        """The server's own count of completions, set back to 0 before it is given if `reset`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/reset" if reset else "/stats")
            return Seen(**json.loads(connection.getresponse().read()))
        finally:
            connection.close()


@contextmanager
def serving(latency_ms: float = LATENCY_MS) -> Iterator[Server]:
    """A server for as long as the block runs.

    Raises:
        UserError: there is no C compiler, or it does not take the source.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = _build(Path(folder) / "server")
        process = subprocess.Popen(
            [program, str(latency_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()))
        finally:
            process.stdin.close()  # that ends it
            process.wait(10)
            process.stdout.close()


def _build(program: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise UserError("no C compiler found (cc, gcc, clang): the benchmark's server is in C")
    built = subprocess.run(
        [compiler, "-O2", "-o", program, _SOURCE], capture_output=True, text=True, check=False
    )
    if built.returncode:
        first = next(iter(built.stderr.splitlines()), "no message")
        raise UserError(f"{compiler} does not compile {_SOURCE.name} (it needs Linux): {first}")
    return program
