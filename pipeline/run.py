"""The order of the stages, and nothing else: answers, verdicts, tables, report, seal."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pipeline import certificate, derive, gold, owed, preflight
from pipeline.benchmarks import asked as benchmarks
from pipeline.benchmarks import harness
from pipeline.benchmarks.asked import Replies
from pipeline.errors import UserError
from pipeline.forms import Forms
from pipeline.landscape import wanted as landscape
from pipeline.landscape.wanted import Landscape
from pipeline.ledger import Ledger
from pipeline.owed import JudgedAnswer, Responses, Verdicts
from pipeline.store import Run, file_of
from pipeline.study import Design
from pipeline.tuning import reported
from pipeline.verifying import observing

if TYPE_CHECKING:
    from pipeline.asking import Watch
    from pipeline.work import Outcome

Say = Callable[[str], None]


class Result(NamedTuple):
    """What a run came to."""

    report: Path
    derived: derive.Derived
    asked: int
    """Records that this run brought."""
    owed: int
    reasons: tuple[str, ...]
    """Why calls are owed: how many by whom, of what kind, and the last message."""
    stopped: tuple[str, ...]
    contradicted: tuple[str, ...]
    """Arms that are asked nothing more: their answers show that they are not what was declared."""
    uncalibrated: tuple[str, ...]
    """Rubrics on which the panel is not held against people as it stands."""
    altered: bool
    """Whether a sealed record is not what it was."""


def execute(design: Design, watch: "Watch", say: Say, calibrated: bool = False) -> Result:
    """Run `design` to its report, or as far as calls, money and servers allow.

    With `calibrated` nothing is asked of a panel whose certificate is missing or stale.

    Raises:
        UserError: something must be mended first.
        OSError: the disk failed; what was stored before is safe.
    """
    if calibrated:
        certificate.check_there(
            design.folder / certificate.NAME
        )  # a refusal leaves no trace of a run
    with Run(design.folder) as run:
        return asyncio.run(_stages(design, run, watch, say, calibrated))


class _Owing(Protocol):
    """What a stage wants, and what of it is missing."""

    @property
    def wanted(self) -> Sized: ...

    @property
    def missing(self) -> Sized: ...


class _Asking:
    """The stages that ask models, and what they brought so far."""

    def __init__(self, design: Design, run: Run, watch: "Watch", say: Say) -> None:
        self.design, self.run, self.watch, self.say = design, run, watch, say
        self.brought = 0
        self.stopped: list[str] = []
        self.contradicted: tuple[str, ...] = ()

    async def answers(self, found: Responses, forms: Forms) -> None:
        """Ask for the answers that are owed; arms that these contradict are asked nothing more."""
        if found.missing:
            from pipeline import asking

            preflight.raise_any(preflight.task_window_faults(self.design, forms))
            preflight.raise_any(preflight.recording_faults(found.missing, self.design))
            preflight.raise_any(preflight.embedding_faults(self.design))
            put = asking.responses(self.design, self.run, found, self.watch)
            await self._take("answers", found, put)
        # Whoever asked them: what a run before this one stored is looked at as well.
        lines = observing.contradicted(found.wanted, self.run)
        self.contradicted = tuple(lines)
        self.stopped += dict.fromkeys(x for own in lines.values() for x in own)

    async def benchmarks(self, found: Replies) -> None:
        """Put to the arms the benchmark questions that are owed."""
        found = found.without(self.contradicted)
        if found.missing:
            from pipeline import asking

            put = asking.benchmarks(self.design, self.run, found, self.watch)
            await self._take("benchmark answers", found, put)

    async def verdicts(
        self, found: Verdicts, judged: Sequence[JudgedAnswer], forms: Forms, fresh: bool
    ) -> None:
        """Ask the judges; what stops them all is no error where answers are `fresh`."""
        found = found.on({x.item.key for x in judged if x.want.arm.name not in self.contradicted})
        if found.missing or found.unfit:
            from pipeline import asking

            try:
                put = asking.verdicts(self.design, self.run, found, forms, self.watch)
                await self._take("verdicts", found, put)
            except UserError as error:
                if not fresh:
                    raise
                self.stopped += str(error).splitlines()  # they are still worth a report

    async def landscape(self, found: Landscape) -> None:
        """Ask for what the landscape still lacks."""
        found = found.without(self.contradicted)
        if found.missing:
            from pipeline import asking

            try:
                put = asking.landscape(self.design, self.run, found, self.watch)
                await self._take("landscape calls", found, put)
            except UserError as error:
                self.stopped += str(error).splitlines()  # answers and verdicts are worth a report

    async def _take(self, what: str, found: _Owing, outcome: Awaitable["Outcome"]) -> None:
        wanted, missing = len(found.wanted), len(found.missing)
        if 0 < missing < wanted:
            self.say(f"resuming: {wanted - missing} of {wanted} {what} done, {missing} to ask")
        came = await outcome
        self.brought += came.done
        self.stopped += came.stopped


async def _stages(design: Design, run: Run, watch: "Watch", say: Say, calibrated: bool) -> Result:
    _say_what_was_found(run, say)
    answers = owed.responses(design, run)
    human = owed.human_ratings(design, run, answers.wanted)
    forms = owed.forms(design, run, answers.wanted, human)
    ledger = Ledger(design.root)
    if calibrated:
        _check_calibrated(design, run, answers, human, forms, ledger)
    preflight.raise_any(preflight.budget_faults(design))
    questions = benchmarks.replies(design, run)
    if questions.missing:
        harness.check_installed(design.study.name)
    asked = _Asking(design, run, watch, say)
    await asked.answers(answers, forms)
    await asked.benchmarks(questions)
    judged = owed.judged(run, answers.wanted)
    verdicts = owed.verdicts(design, run, [x.item for x in judged], forms)
    await asked.verdicts(verdicts, judged, forms, fresh=bool(answers.missing))
    # What was answered just now counts: what its stage began with is out of date.
    await asked.landscape(landscape.of(design, run, owed.responses(design, run), judged))
    reported.count(design, run, judged, verdicts, human, ledger)
    tuned = ledger.tuned(design.study.name, design.rubrics)
    state = derive.standing(design, run, forms, human, tuned, tuple(asked.stopped))
    derived = derive.refresh(state, forms)
    return Result(
        design.folder / "report.html",
        derived,
        asked.brought,
        derive.owed_calls(state),
        derive.owed_reasons(state),
        tuple(asked.stopped),
        asked.contradicted,
        certificate.uncalibrated_rubrics(run.folder),
        bool(run.altered),
    )


def _check_calibrated(
    design: Design,
    run: Run,
    answers: Responses,
    human: tuple[gold.Row, ...],
    forms: Forms,
    ledger: Ledger,
) -> None:
    """Refuse a panel whose certificate is missing or stale.

    Raises:
        UserError: it is.
    """
    judged = owed.judged(run, answers.wanted)
    wanted = owed.verdicts(design, run, [x.item for x in judged], forms).wanted
    accepted = frozenset(ledger.tuned(design.study.name, design.rubrics).accepted)
    read_in = certificate.read_in(design, judged, answers)
    basis = certificate.Basis(design, judged, wanted, human, forms, read_in, accepted)
    certificate.check(basis, run.folder, derive.edited(run))


def _say_what_was_found(run: Run, say: Say) -> None:
    for name, journal in run.journals.items():
        if journal.torn:
            say(f"{name}.jsonl: {journal.torn} torn line(s) left by a crash; owed again")
    for name in derive.edited(run):
        say(f"{name}: is not what was written at the last clean end; it is made anew")
    for name in run.altered:
        say(f"{file_of(name)}: ALTERED: it is not what it was at a clean end")
