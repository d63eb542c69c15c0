"""The work itself: what is owed is asked, what comes back is stored, what fails is owed again."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from pydantic import BaseModel

from pipeline.costs import cost_of, total
from pipeline.journal import Journal
from pipeline.models import faults
from pipeline.models.endpoint import Endpoint
from pipeline.records import Failure, Stage, now
from pipeline.store import Run

SYNC_SECONDS = 0.5
"""How often what was written is pushed to the disk: what a power cut may cost."""
_AUTH_FAULTS = 3
_DEAD_FAULTS = 5
_NO_VERDICTS = 20
STOPPING = {
    "auth": _AUTH_FAULTS,
    "billing": 1,
    "unknown_model": 1,
    "no_logprobs": 1,
    "unsupported": 1,
    "invalid_request": _DEAD_FAULTS,
    "server": 2 * _DEAD_FAULTS,
    "rate_limit": 2 * _DEAD_FAULTS,
    "transport": _DEAD_FAULTS,
    "timeout": _DEAD_FAULTS,
    "parse": _NO_VERDICTS,
    "truncated": _NO_VERDICTS,
}
"""How many faults of a kind in a row stop an endpoint: another call would fare no better."""


class Job(NamedTuple):
    """One record that is owed."""

    key: str
    who: str
    """Arm or judge."""
    endpoint: Endpoint
    worst_cost: float | None
    """The most that it can cost, in US dollars; None = the price is not known."""
    ask: Callable[[], Awaitable[BaseModel]]
    """Makes the record, or raises one of `faults.CALL_FAULTS`."""
    ends: Callable[[BaseModel], bool] | None = None
    """Whether nothing more is to be asked of `who` once this record is there; None = it may be."""


class Outcome(NamedTuple):
    """What became of the jobs."""

    done: int
    failed: int
    owed: int
    """Failed or not started."""
    stopped: tuple[str, ...]
    """Why endpoints or the whole work were stopped early, in words."""


class Purse:
    """The money of a study: what is spent, and what calls in flight may still cost."""

    def __init__(self, budget: float | None, spent: float) -> None:
        """`budget` None = no limit. `spent` is what the stored records cost."""
        self.budget = budget
        self.spent = spent
        self._held = 0.0
        self._holders = 0
        self._changed = asyncio.Condition()
        self.closed = False
        self.why = "" if budget is None else f"the budget of {budget:g} US dollars is used up"

    def stop(self, why: str) -> None:
        """Let nothing more be spent, where there is a budget to keep."""
        if self.budget is not None and not self.closed:
            self.closed = True
            self.why = f"the budget cannot be kept: {why}"

    async def hold(self, worst: float) -> bool:
        """Set `worst` aside; False where it could overdraw the budget with nothing in flight."""
        assert self.budget is not None
        async with self._changed:
            while not self.closed and self.spent + self._held + worst > self.budget:
                if self._holders == 0:
                    self._held, self.closed = 0.0, True
                    self._changed.notify_all()
                    break
                await self._changed.wait()
            if self.closed:
                return False
            self._held += worst
            self._holders += 1
            return True

    async def settle(self, worst: float, cost: float) -> None:
        """The call is over: give back `worst`, pay `cost`."""
        self.spent += cost
        async with self._changed:
            self._held -= worst
            self._holders -= 1
            self._changed.notify_all()


class Progress:
    """Counts for whoever shows them: nothing is printed here."""

    def __init__(self, stage: Stage, jobs: Sequence[Job], purse: Purse) -> None:
        """`jobs` are owed."""
        self.stage = stage
        self.total = len(jobs)
        self.purse = purse
        self.endpoints = tuple(dict.fromkeys(job.endpoint for job in jobs))
        self.started = time.monotonic()
        self.done = 0
        self.failed = 0

    @property
    def waits_for(self) -> str | None:
        """The limit that holds calls back, in words; None where none does."""
        return next((said for x in self.endpoints if (said := x.waits_for)), None)


async def work_off(
    jobs: Sequence[Job], stage: Stage, journal: Journal, run: Run, purse: Purse, progress: Progress
) -> Outcome:
    """Ask every job, each address at its own concurrency, and store what comes back.

    A job that fails is written to `failures.jsonl` and stays owed; it stops nobody else, unless its
    kind says that its endpoint is dead. Cancelling loses only the calls in flight.

    Raises:
        OSError: the disk is full or gone; everything stored before it is safe.
    """
    queues: dict[object, deque[Job]] = {}
    for job in jobs:
        queues.setdefault(job.endpoint.address, deque()).append(job)
    stopped: list[str] = []
    lines = [
        _Line(stage, queue, journal, run, purse, progress, stopped) for queue in queues.values()
    ]
    workers = [line.work for line in lines for _ in range(min(line.concurrency, len(line.queue)))]
    syncing = asyncio.create_task(_sync_now_and_then(run))
    try:
        async with asyncio.TaskGroup() as group:
            for work in workers:
                group.create_task(work())
    except ExceptionGroup as group_error:  # one worker's error is enough to be read
        raise group_error.exceptions[0] from None
    finally:
        syncing.cancel()
        with suppress(asyncio.CancelledError):
            await syncing  # a disk that failed it is said, not passed over
        run.sync()
    if purse.closed:
        stopped.append(purse.why)
    owed = len(jobs) - progress.done
    return Outcome(progress.done, progress.failed, owed, tuple(stopped))


class _Line:
    """The jobs of one address, worked off by several workers."""

    def __init__(
        self,
        stage: Stage,
        queue: deque[Job],
        journal: Journal,
        run: Run,
        purse: Purse,
        progress: Progress,
        stopped: list[str],
    ) -> None:
        self.concurrency = min(job.endpoint.model.limits.concurrency for job in queue)
        self.queue = queue
        self._stage, self._journal, self._run = stage, journal, run
        self._purse, self._progress, self._stopped = purse, progress, stopped
        self._row: Counter[tuple[str, str]] = Counter()

    async def work(self) -> None:
        while self.queue:
            job = self.queue.popleft()
            if self._purse.budget is None:
                cost = await self._do(job)  # a statement of its own: += await loses what others add
                self._purse.spent += cost
                continue
            worst = job.worst_cost or 0.0
            if not await self._purse.hold(worst):
                self.queue.clear()
                return
            cost = 0.0
            try:
                cost = await self._do(job)
            finally:
                await self._purse.settle(worst, cost)

    async def _do(self, job: Job) -> float:
        """Ask and store; the cost as far as it is known."""
        try:
            record = await job.ask()
        except faults.CALL_FAULTS as error:
            return self._failed(job, error)
        self._journal.append(record)
        self._progress.done += 1
        for place in [x for x in self._row if x[0] == job.endpoint.model.id]:
            del self._row[place]
        if job.ends is not None and job.ends(record):
            self._drop(lambda x: x.who == job.who)
        call = getattr(record, "call", None)
        if call is None or call.cost is not None:
            return float(call.cost) if call is not None else 0.0
        return self._unsaid(job)

    def _unsaid(self, job: Job) -> float:
        """What is set down of a priced model that does not say its tokens: the most it can cost.

        A study with a budget stops here rather than trust that.
        """
        if job.worst_cost:
            self._purse.stop(f"{job.endpoint.model.id} does not say how many tokens it took")
        return job.worst_cost or 0.0

    def _failed(self, job: Job, error: Exception) -> float:
        fault, price = faults.describe(error), job.endpoint.model.price
        usages = [x.usage for x in fault.paid]
        costs = [cost_of(price, x.input_tokens, x.output_tokens) for x in usages]
        cost = total(costs) if costs else None
        self._run.failures.append(
            Failure(
                key=job.key,
                stage=self._stage,
                who=job.who,
                kind=fault.kind,
                message=fault.message,
                attempts=faults.attempts(error),
                cost=cost,
                at=now(),
            )
        )
        self._progress.failed += 1
        model = job.endpoint.model.id
        self._row[model, fault.kind] += 1
        limit = STOPPING.get(fault.kind)
        dead = limit is not None and self._row[model, fault.kind] >= limit
        if dead and self._drop(lambda x: x.endpoint.model.id == model):
            self._stopped.append(f"{model} stopped: {fault.kind}: {fault.message}")
        return self._unsaid(job) if costs and cost is None else cost or 0.0

    def _drop(self, goes: Callable[[Job], bool]) -> bool:
        """Take the jobs that `goes` is true of from the queue; whether there were any."""
        left = [x for x in self.queue if not goes(x)]
        dropped = len(left) < len(self.queue)
        self.queue.clear()
        self.queue.extend(left)
        return dropped


async def _sync_now_and_then(run: Run) -> None:
    while True:
        await asyncio.sleep(SYNC_SECONDS)
        await asyncio.to_thread(run.sync)
