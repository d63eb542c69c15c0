"""The order of the stages, and nothing else: answers, verdicts, tables, report, seal."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import certificate, derive, owed, preflight
from pipeline.benchmarks import asked as benchmarks
from pipeline.benchmarks import harness
from pipeline.errors import UserError
from pipeline.landscape import wanted as landscape
from pipeline.ledger import Ledger
from pipeline.store import Run, file_of
from pipeline.study import Design
from pipeline.tuning import reported

if TYPE_CHECKING:
    from pipeline.asking import Watch

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


async def _stages(design: Design, run: Run, watch: "Watch", say: Say, calibrated: bool) -> Result:
    _say_what_was_found(run, say)
    answers = owed.responses(design, run)
    human = owed.human_ratings(design, run, answers.wanted)
    forms = owed.forms(design, run, answers.wanted, human)
    ledger = Ledger(design.root)
    tuned = ledger.tuned(design.study.name, design.rubrics)
    if calibrated:
        judged = owed.judged(run, answers.wanted)
        wanted = owed.verdicts(design, run, [x.item for x in judged], forms).wanted
        accepted = frozenset(tuned.accepted)
        read_in = certificate.read_in(design, judged, answers)
        basis = certificate.Basis(design, judged, wanted, human, forms, read_in, accepted)
        certificate.check(basis, run.folder, derive.edited(run))
    preflight.raise_any(preflight.budget_faults(design))
    questions = benchmarks.replies(design, run)
    if questions.missing:
        harness.check_installed(design.study.name)
    asked = 0
    stopped: list[str] = []
    if answers.missing:
        from pipeline import asking

        _say_resumed("answers", len(answers.wanted), len(answers.missing), say)
        preflight.raise_any(preflight.task_window_faults(design, forms))
        preflight.raise_any(preflight.recording_faults(answers.missing, design))
        preflight.raise_any(preflight.embedding_faults(design))
        outcome = await asking.responses(design, run, answers, watch)
        asked += outcome.done
        stopped += outcome.stopped
    if questions.missing:
        from pipeline import asking

        _say_resumed("benchmark answers", len(questions.wanted), len(questions.missing), say)
        outcome = await asking.benchmarks(design, run, questions, watch)
        asked += outcome.done
        stopped += outcome.stopped
    judged = owed.judged(run, answers.wanted)
    verdicts = owed.verdicts(design, run, [x.item for x in judged], forms)
    if verdicts.missing or verdicts.unfit:
        from pipeline import asking

        if verdicts.missing:
            _say_resumed("verdicts", len(verdicts.wanted), len(verdicts.missing), say)
        try:
            outcome = await asking.verdicts(design, run, verdicts, forms, watch)
            asked += outcome.done
            stopped += outcome.stopped
        except UserError as error:
            if not answers.missing:
                raise
            stopped += str(error).splitlines()  # what was asked just now is still worth a report
    lacking = landscape.of(design, run, owed.responses(design, run), judged)
    if lacking.missing:
        from pipeline import asking

        _say_resumed("landscape calls", len(lacking.wanted), len(lacking.missing), say)
        try:
            outcome = await asking.landscape(design, run, lacking, watch)
            asked += outcome.done
            stopped += outcome.stopped
        except UserError as error:
            stopped += str(error).splitlines()  # the answers and verdicts are worth a report
    reported.count(design, run, judged, verdicts, human, ledger)
    tuned = ledger.tuned(design.study.name, design.rubrics)
    state = derive.standing(design, run, forms, human, tuned, tuple(stopped))
    derived = derive.refresh(state, forms)
    return Result(
        design.folder / "report.html",
        derived,
        asked,
        derive.owed_calls(state),
        derive.owed_reasons(state),
        tuple(stopped),
        certificate.uncalibrated_rubrics(run.folder),
        bool(run.altered),
    )


def _say_what_was_found(run: Run, say: Say) -> None:
    for name, journal in run.journals.items():
        if journal.torn:
            say(f"{name}.jsonl: {journal.torn} torn line(s) left by a crash; owed again")
    for name in derive.edited(run):
        say(f"{name}: is not what was written at the last clean end; it is made anew")
    for name in run.altered:
        say(f"{file_of(name)}: ALTERED: it is not what it was at a clean end")


def _say_resumed(what: str, wanted: int, missing: int, say: Say) -> None:
    if missing < wanted:
        say(f"resuming: {wanted - missing} of {wanted} {what} done, {missing} to ask")
