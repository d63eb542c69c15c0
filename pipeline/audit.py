"""A run counted again from its own folder alone, and whether anything in it was changed."""

from pathlib import Path
from typing import NamedTuple

from judges.digest import digest
from pipeline import derive, snapshot, store
from pipeline.demos import prompts
from pipeline.derive import Derived
from pipeline.errors import UserError
from pipeline.forms import KeptForms
from pipeline.store import Run
from pipeline.study import Design


class Audit(NamedTuple):
    """What counting a run again came to."""

    design: Design
    derived: Derived
    report: Path
    sealed: int
    """Records that are as they were when sealed."""
    unsealed: int
    """Records written after the last seal."""
    strays: dict[str, int]
    """Per file of records the lines that are none, as a crash leaves them; files without any are
    left out."""
    differing: tuple[str, ...]
    """Derived files that were not what the records make; they are now."""
    missing: tuple[str, ...]
    """Derived files that were not there; they are now."""
    filled: bool
    """Whether the sheet for people has been filled in: then it is theirs, and is left as it is."""


def sealed(folder: Path) -> Run:
    """The run in `folder`, which must have come to an end.

    Raises:
        UserError: the folder is none.
    """
    run = Run.look(folder)
    if "seals" not in run.manifest:
        raise UserError(f"{folder}: has no sealed manifest.json; is it a run that came to an end?")
    return run


def audit(folder: Path) -> Audit:
    """Every figure of the run in `folder`, made again from its records, offline.

    Raises:
        UserError: the folder is no run, or a sealed record or the design was altered.
    """
    run = sealed(folder)
    kept = snapshot.load(folder)
    faults = [
        f"{folder / store.file_of(name)}: ALTERED: it is not what it was when it was sealed"
        for name in run.altered
    ]
    if digest((folder / snapshot.NAME).read_text(encoding="utf-8")) != run.manifest.get("design"):
        faults.append(f"{folder / snapshot.NAME}: ALTERED since the report was made")
    if faults:
        raise UserError("\n".join(faults))
    forms = KeptForms(kept.snapshot.forms, prompts(kept.design.tasks))
    told = kept.snapshot
    made_with = dict(told.versions)
    state = derive.standing(
        kept.design, run, forms, kept.human, told.tuned, told.stopped, made_with
    )
    derived, files = derive.build(state)
    made = derive.kept_sheet(files, folder)
    missing, differing = store.mend(folder, made)
    kept_records = sum(seal[0] for seal in run.manifest["seals"].values())
    total = sum(journal.seal().records for journal in run.journals.values())
    return Audit(
        kept.design,
        derived,
        folder / "report.html",
        kept_records,
        total - kept_records,
        {store.file_of(x): one.torn for x, one in run.journals.items() if one.torn},
        differing,
        missing,
        made.keys() != files.keys(),
    )
