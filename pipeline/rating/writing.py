"""One thread that saves for everybody: those who wait at the same moment share one commit."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import NamedTuple

from pipeline.rating.form import Saved
from pipeline.rating.shelf import Conflict, Gone, Shelf, Write

_TOGETHER = 64
"""Scores in one commit at most."""


class _Job(NamedTuple):
    write: Write
    done: "Future[Saved | Conflict | Gone]"


class Writer:
    """Saves scores on a database; a disk that takes its time is waited for once by all."""

    def __init__(self, shelf: Shelf) -> None:
        """Its thread starts with the first score."""
        self._shelf = shelf
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def save(self, write: Write) -> "Future[Saved | Conflict | Gone]":
        """What came of it, once it is on the disk; what the database raises is raised there."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        job = _Job(write, Future())
        self._queue.put(job)
        return job.done

    def close(self) -> None:
        """Save what is waiting, and end."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        while True:
            jobs, ended = self._waiting()
            self._write([x for x in jobs if x.done.set_running_or_notify_cancel()])
            if ended:
                return

    def _waiting(self) -> tuple[list[_Job], bool]:
        """All that wait now, at least one; and whether that was the last."""
        found: list[_Job] = []
        one = self._queue.get()
        while one is not None:
            found.append(one)
            if len(found) == _TOGETHER:
                return found, False
            try:
                one = self._queue.get_nowait()
            except Empty:
                return found, False
        return found, True

    def _write(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        try:
            results = self._shelf.save_all([x.write for x in jobs])
        except Exception as error:  # whatever it is: it is raised where each of them is awaited
            if len(jobs) > 1:  # one of them may be to blame: the others are saved without it
                for job in jobs:
                    self._write([job])
            else:
                jobs[0].done.set_exception(error)
            return
        for job, result in zip(jobs, results, strict=True):
            job.done.set_result(result)
