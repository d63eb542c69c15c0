"""A report shows the panel's agreement on all gold: whoever reads it has seen the lockbox too."""

from collections.abc import Sequence

from judges.rubric import Rubric
from pipeline import files, gold, score
from pipeline.ledger import Ledger, Look
from pipeline.owed import JudgedAnswer, Verdicts
from pipeline.records import now
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import versions


def count(
    design: Design,
    run: Run,
    judged: Sequence[JudgedAnswer],
    verdicts: Verdicts,
    human: Sequence[gold.Row],
    ledger: Ledger,
) -> None:
    """Write down a look into the lockbox for each rubric whose report is about to show it.

    That is each, tuned before or not, that has a verdict of a model on a rated answer of the
    lockbox, which holds tasks for all rubrics, and whose wording of today this study and panel have
    not counted there yet. No figure is kept of it: the
    report tells none of the lockbox apart.

    Raises:
        UserError: a rubric's file cannot be read.
        OSError: the disk failed.
    """
    panel = score.panel_identity(design)
    box = ledger.half("lockbox")
    shown = {x.item.key: x for x in judged if x.want.task.id in box}
    heard = {
        (x.rubric.id, x.item.key)
        for x in verdicts.wanted
        if x.judge.model is not None and x.key in run.verdicts
    }
    for rubric in design.rubrics:
        rated = {
            x.rating.response_key
            for x in human
            if x.rating.rubric == rubric.id and x.rating.score is not None
        }
        there = [x for key, x in shown.items() if x.want.key in rated and (rubric.id, key) in heard]
        if there:
            _add(design, rubric, panel, there, ledger)


def _add(
    design: Design, rubric: Rubric, panel: str, there: Sequence[JudgedAnswer], ledger: Ledger
) -> None:
    path = design.root / "rubrics" / f"{rubric.id}.yaml"
    version = versions.keep(rubric, files.read(path, design.root), ledger, now())
    mine = (version.number, design.study.name, panel, "lockbox")
    if any((x.version, x.study, x.panel, x.half) == mine for x in ledger.looks(rubric.id)):
        return
    ledger.add(
        Look(
            at=now(),
            by="score",
            rubric=rubric.id,
            version=version.number,
            against=None,
            study=design.study.name,
            panel=panel,
            half="lockbox",
            demos=None,
            answers=len(there),
            prompts=len({x.want.task.id for x in there}),
            alpha=None,
            low=None,
            high=None,
            delta=None,
            change=None,
            change_low=None,
            change_high=None,
            change_error=None,
            calls=0,
            cost=0.0,
        )
    )
