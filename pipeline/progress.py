"""What a terminal shows while models are asked."""

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.work import Progress

_REFRESH_SECONDS = 0.2


@contextmanager
def watch(progress: "Progress") -> Iterator[None]:
    """Show rate, cost and time left on standard error, where that is a terminal."""
    flying = sum(x.model.limits.concurrency for x in progress.endpoints)
    if not sys.stderr.isatty():
        yield
        return
    from tqdm import tqdm

    print(
        f"{progress.stage}: {progress.total} calls; if stopped, at most {flying} calls in flight "
        "are paid again (after a power cut also those of the last half second)",
        file=sys.stderr,
    )
    columns, rows = shutil.get_terminal_size()
    bar = tqdm(
        total=progress.total,
        desc=progress.stage,
        unit=" call",
        file=sys.stderr,
        ncols=columns,
        nrows=rows,
    )
    over = threading.Event()

    def refresh() -> None:
        bar.n = progress.done
        said = [f"{progress.purse.spent:.4f} $"]
        if progress.failed:
            said.append(f"{progress.failed} failed")
        if progress.waits_for is not None:
            said.append(f"waiting for {progress.waits_for}")
        bar.set_postfix_str(", ".join(said))

    def keep() -> None:
        while not over.wait(_REFRESH_SECONDS):
            refresh()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        refresh()
        bar.close()
