"""The order of the stages, and nothing else: answers, verdicts, tables, report, seal."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import derive, owed, preflight
from pipeline.score import Forms
from pipeline.store import Run
from pipeline.study import Design

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


def execute(design: Design, watch: "Watch", say: Say) -> Result:
    """Run `design` to its report, or as far as calls, money and servers allow.

    Raises:
        UserError: something must be mended first.
        OSError: the disk failed; what was stored before is safe.
    """
    with Run(design.folder) as run:
        return asyncio.run(_stages(design, run, watch, say))


async def _stages(design: Design, run: Run, watch: "Watch", say: Say) -> Result:
    _say_what_was_found(run, say)
    forms = Forms(design, dict(run.manifest.get("forms", {})))
    answers = owed.responses(design, run)
    human = owed.human_ratings(design, run, answers.wanted)
    preflight.raise_any(preflight.budget_faults(design))
    asked = 0
    stopped: list[str] = []
    if answers.missing:
        from pipeline import asking

        _say_resumed("answers", len(answers.wanted), len(answers.missing), say)
        preflight.raise_any(preflight.task_window_faults(design, forms))
        preflight.raise_any(preflight.recording_faults(answers.missing, design))
        outcome = await asking.responses(design, run, answers.missing, watch)
        asked += outcome.done
        stopped += outcome.stopped
    judged = owed.judged(run, answers.wanted)
    verdicts = owed.verdicts(design, run, judged, forms)
    if verdicts.missing or verdicts.unfit:
        from pipeline import asking

        if verdicts.missing:
            _say_resumed("verdicts", len(verdicts.wanted), len(verdicts.missing), say)
        outcome = await asking.verdicts(design, run, verdicts, forms, watch)
        asked += outcome.done
        stopped += outcome.stopped
        verdicts = owed.verdicts(design, run, judged, forms)
    state = derive.State(
        design,
        run,
        owed.responses(design, run),
        judged,
        verdicts,
        human,
        tuple(stopped),
        derive.versions(),
    )
    derived = derive.refresh(state, forms)
    return Result(
        design.folder / "report.html",
        derived,
        asked,
        derive.owed_calls(state),
        derive.owed_reasons(state),
        tuple(stopped),
    )


def _say_what_was_found(run: Run, say: Say) -> None:
    for name, journal in run.journals.items():
        if journal.torn:
            say(f"{name}.jsonl: {journal.torn} torn line(s) left by a crash; owed again")
    for name in run.altered:
        say(f"{name}.jsonl: ALTERED: sealed records are not what they were at a clean end")


def _say_resumed(what: str, wanted: int, missing: int, say: Say) -> None:
    if missing < wanted:
        say(f"resuming: {wanted - missing} of {wanted} {what} done, {missing} to ask")
