"""All that is derived from the records: tables, files beside the report, the report, the seal."""

import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Protocol

import polars as pl

from judges.digest import digest
from pipeline import certificate, gold, owed, snapshot, store
from pipeline.benchmarks import asked
from pipeline.benchmarks.asked import Replies
from pipeline.forms import FormDigests, Forms
from pipeline.landscape import wanted as landscape
from pipeline.ledger import Tuned
from pipeline.owed import JudgedAnswer, Responses, Verdicts
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tables import packed
from pipeline.verifying import marks, observing

PACKAGES = ("antipode", "dspy", "openai", "anthropic", "krippendorff", "polars", "xllamacpp")


class HasKey(Protocol):
    """Whatever is wanted: a record of its key answers it."""

    @property
    def key(self) -> str:
        """Of the record."""


class State(NamedTuple):
    """Where a study stands once nothing more is asked in this run."""

    design: Design
    run: Run
    responses: Responses
    replies: Replies
    """On benchmarks."""
    judged: tuple[JudgedAnswer, ...]
    verdicts: Verdicts
    human: tuple[gold.Row, ...]
    stopped: tuple[str, ...]
    versions: dict[str, str]
    """Of what the figures are made with."""
    forms: FormDigests
    """Of what judges were told."""
    tuned: Tuned
    landscape: landscape.Landscape
    """What is wanted of the probability landscape."""

    @property
    def basis(self) -> certificate.Basis:
        """What the certificate of the study is made from."""
        return certificate.Basis(
            self.design,
            self.judged,
            self.verdicts.wanted,
            self.human,
            self.forms,
            certificate.read_in(self.design, self.judged, self.responses),
            frozenset(self.tuned.accepted),
        )


class Derived(NamedTuple):
    """The tables of a study."""

    ratings: pl.DataFrame
    agreement: pl.DataFrame
    strata: pl.DataFrame
    gaps: pl.DataFrame
    completion: pl.DataFrame
    costs: pl.DataFrame
    panel_verdicts: pl.DataFrame
    judge_verdicts: pl.DataFrame
    conditions: pl.DataFrame
    deltas: pl.DataFrame
    alternatives: pl.DataFrame
    pairwise: pl.DataFrame
    bias: pl.DataFrame
    corrected: pl.DataFrame
    levels: pl.DataFrame
    calibration: pl.DataFrame
    calibrated: pl.DataFrame
    compression: pl.DataFrame
    independence: pl.DataFrame
    contribution: pl.DataFrame
    confusion: pl.DataFrame
    triage: pl.DataFrame
    repeatability: pl.DataFrame
    own_family: pl.DataFrame
    repetition: pl.DataFrame
    originality: pl.DataFrame
    difficulty: pl.DataFrame
    checks: pl.DataFrame
    effects: pl.DataFrame
    causes: pl.DataFrame
    crossings: pl.DataFrame
    known_groups: pl.DataFrame
    landscape: pl.DataFrame
    landscape_gaps: pl.DataFrame
    divergence: pl.DataFrame
    marks: pl.DataFrame
    benchmarks: pl.DataFrame
    benchmark_gaps: pl.DataFrame
    benchmark_effects: pl.DataFrame
    structure: pl.DataFrame
    headline: pl.DataFrame


def standing(
    design: Design,
    run: Run,
    forms: FormDigests,
    human: tuple[gold.Row, ...],
    tuned: Tuned,
    stopped: tuple[str, ...] = (),
    made_with: dict[str, str] | None = None,
) -> State:
    """Where a study stands by the records of its run."""
    responses = owed.responses(design, run)
    judged = owed.judged(run, responses.wanted)
    verdicts = owed.verdicts(design, run, [x.item for x in judged], forms)
    made_with = made_with or versions()
    return State(
        design,
        run,
        responses,
        asked.replies(design, run),
        judged,
        verdicts,
        human,
        stopped,
        made_with,
        forms,
        tuned,
        landscape.of(design, run, responses, judged),
    )


_SHEET = "sheet.csv"
_BESIDE = (_SHEET, "rubrics.txt", certificate.NAME)
"""Derived files of a study that asks models, beside its tables and its report."""


def owed_calls(state: State) -> int:
    """Calls that are still owed: answers, on benchmarks too, verdicts, the landscape."""
    return sum(len(x) for x in _missing(state))


def _missing(state: State) -> tuple[Sequence[HasKey], ...]:
    parts = (state.responses, state.replies, state.verdicts, state.landscape)
    return tuple(x.missing for x in parts)


def owed_reasons(state: State) -> tuple[str, ...]:
    """Why calls are owed: a line per asker and kind of their last failures, with the message."""
    missing = {x.key for part in _missing(state) for x in part}
    last = {x["key"]: x for x in state.run.failures.records() if x["key"] in missing}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for record in last.values():
        place = (record["stage"], record["who"], record["kind"])
        groups.setdefault(place, []).append(record["message"])
    return tuple(
        f"{who}: {stage} owed: {len(said)} ({kind}): {said[-1]}"
        for (stage, who, kind), said in sorted(groups.items())
    )


def refresh(state: State, forms: Forms) -> Derived:
    """The tables of a study; writes them, the report and the seal where anything has changed."""
    run, folder, held = state.run, state.run.folder, state.basis
    for rubric in state.design.rubrics:
        # The certificate counts prompts of languages in which every answer is still owed: the
        # snapshot keeps them too, or it could not be made again from the folder.
        certificate.form(held, rubric)
    kept = snapshot.text(_snapshot(state, forms))
    seals = [list(journal.seal()) for journal in run.journals.values()]
    basis = digest(kept, seals, run.altered, program())
    same = run.manifest.get("basis") == basis and all((folder / x).exists() for x in _BESIDE)
    if same and not edited(run) and (tables := read(folder)) is not None:
        return tables
    derived, files = build(state)
    for name, data in kept_sheet(files, folder).items():
        store.replace(folder / name, data)
    store.replace(folder / snapshot.NAME, kept.encode())
    run.seal(
        {
            "study": state.design.study.name,
            "basis": basis,
            "design": digest(kept),
            "forms": forms.digests,
            "owed": owed_calls(state),
            "derived": store.digests({x: y for x, y in files.items() if x != _SHEET}),
            "arms": _marks(state),
        }
    )
    return derived


def kept_sheet(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """`files` without the sheet where somebody has begun to fill it in: it is theirs."""
    from pipeline import sheet

    kept = {_SHEET} if sheet.filled(folder / _SHEET) else set()
    return {name: data for name, data in files.items() if name not in kept}


def edited(run: Run) -> tuple[str, ...]:
    """Derived files that somebody has changed: they are made anew before they are believed."""
    return store.changed(run.folder, run.manifest.get("derived", {}))


def read(folder: Path) -> Derived | None:
    """The tables as they stand in `folder`; None where one of them or the report is not there."""
    others = ("report.html", *(f"{x}.csv" for x in Derived._fields))
    if not all((folder / name).exists() for name in others):
        return None
    try:
        return Derived(*(pl.read_parquet(folder / f"{x}.parquet") for x in Derived._fields))
    except FileNotFoundError:
        return None


def build(state: State) -> tuple[Derived, dict[str, bytes]]:
    """The tables of a study, and every derived file by name: same records, same bytes."""
    from pipeline import compose, sheet
    from pipeline.pages import report

    derived, slip, held = compose.compose(state)
    files = table_files(derived)
    files[certificate.NAME] = (held.model_dump_json(indent=1) + "\n").encode()
    files[_SHEET] = sheet.blank(state.design, sorted(state.judged, key=lambda x: x.want.key))
    files["rubrics.txt"] = sheet.rubrics(state.design)
    files["report.html"] = report.render(slip).encode()
    return derived, files


def table_files(derived: Derived) -> dict[str, bytes]:
    """Every table as parquet and as CSV, by file name."""
    files: dict[str, bytes] = {}
    for name, table in derived._asdict().items():
        files[f"{name}.parquet"] = packed(table)
        files[f"{name}.csv"] = table.write_csv().encode()
    return files


def _marks(state: State) -> dict[str, list[list[str]]]:
    """Every field of each arm with its value and its mark."""
    known = observing.kept(state.run)
    found = {}
    for arm in state.design.arms:
        keys = [x.key for x in state.responses.wanted if x.arm.name == arm.name]
        shown = marks.checks(arm, known, list(state.run.responses.read(keys)))
        found[arm.name] = [[x.field, x.value, x.mark] for x in marks.settings(arm, shown)]
    return found


def _snapshot(state: State, forms: Forms) -> snapshot.Snapshot:
    design = state.design
    return snapshot.Snapshot(
        study=design.study,
        hicap=snapshot.arm_file(design.hicap),
        locap=snapshot.arm_file(design.locap),
        tasks=design.tasks,
        rubrics=design.rubrics,
        panel=design.panel,
        models=snapshot.used_models(design),
        written=design.written,
        recorded=design.recorded,
        benchmarks=design.benchmarks,
        gold=tuple((row.where, row.rating) for row in state.human),
        forms=dict(sorted(forms.used.items())),
        tuned=state.tuned,
        stopped=state.stopped,
        versions=state.versions,
    )


def versions() -> dict[str, str]:
    """What the figures were made with."""
    return {"python": platform.python_version(), **{x: version(x) for x in PACKAGES}}


@cache
def program() -> str:
    """The digest of the source files that make a report."""
    root = Path(__file__).parent
    files = [x for x in root.rglob("*") if x.suffix in (".py", ".j2", ".css", ".js")]
    return digest([(x.name, x.read_text(encoding="utf-8")) for x in sorted(files)])
