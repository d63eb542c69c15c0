"""A real llama.cpp server in a process of its own, as people start one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(file: Path, window: int, slots: int = 1) -> Iterator[str]:
    """The base URL of a server of `file` that it calls `tiny`, each slot with a `window`."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(file), str(window), str(slots)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"{process.stdout.readline().strip()}/v1"
    finally:
        process.stdin.close()  # it waits for that, and ends
        process.wait()
        process.stdout.close()


def _serve(file: str, window: int, slots: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {"tiny"}
    params.n_ctx, params.n_parallel = window * slots, slots
    params.use_jinja, params.warmup, params.verbosity = True, False, -1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
