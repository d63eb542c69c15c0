"""All that is derived from the records: tables, files beside the report, the report, the seal."""

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from judges.digest import digest
from pipeline import gold, store
from pipeline.arms import settings
from pipeline.owed import JudgedAnswer, Responses, Verdicts
from pipeline.score import Forms
from pipeline.store import Run
from pipeline.study import Design

PACKAGES = ("antipode", "dspy", "openai", "anthropic", "krippendorff", "polars", "xllamacpp")


class State(NamedTuple):
    """Where a study stands once nothing more is asked in this run."""

    design: Design
    run: Run
    responses: Responses
    judged: tuple[JudgedAnswer, ...]
    verdicts: Verdicts
    human: tuple[gold.Row, ...]
    stopped: tuple[str, ...]


class Derived(NamedTuple):
    """The tables of a study."""

    ratings: pl.DataFrame
    agreement: pl.DataFrame
    gaps: pl.DataFrame
    completion: pl.DataFrame
    costs: pl.DataFrame


def owed_calls(state: State) -> int:
    """Calls that are still owed: answers, and verdicts on the answers there are."""
    return len(state.responses.missing) + len(state.verdicts.missing)


def refresh(state: State, forms: Forms) -> Derived | None:
    """Write tables, report and seal; None where all of them are as they would be written now."""
    run, folder = state.run, state.run.folder
    basis = _basis(state)
    if run.manifest.get("basis") == basis and (folder / "report.html").exists():
        return None
    from pipeline import compose
    from pipeline.pages import report

    derived, slip = compose.compose(state)
    for name, table in derived._asdict().items():
        table.write_parquet(folder / f"{name}.parquet")
        table.write_csv(folder / f"{name}.csv")
    store.replace(folder / "report.html", report.render(slip).encode())
    run.seal(
        {
            "study": state.design.study.name,
            "basis": basis,
            "forms": forms.digests,
            "owed": owed_calls(state),
            "arms": {x.name: [list(row) for row in settings(x)] for x in state.design.arms},
            "versions": versions(),
        }
    )
    return derived


def versions() -> dict[str, str]:
    """What the figures were made with."""
    return {"python": platform.python_version(), **{x: version(x) for x in PACKAGES}}


def _basis(state: State) -> str:
    """The digest of everything that a report is made from, this program included."""
    design = state.design
    seals = [list(journal.seal()) for journal in state.run.journals.values()]
    sources: list[Any] = [design.study.model_dump(), [arm._asdict() for arm in design.arms]]
    sources += [x.model_dump() for x in (*design.tasks, *design.rubrics, design.panel)]
    sources += [row.rating.model_dump() for row in state.human]
    return digest(seals, _plain(sources), [x.key for x in state.verdicts.missing], _program())


def _plain(value: Any) -> Any:
    """`value` as JSON can carry it."""
    if hasattr(value, "model_dump"):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(x) for x in value]
    return value


@cache
def _program() -> str:
    """The digest of the source files that make a report."""
    root = Path(__file__).parent
    files = [x for x in root.rglob("*") if x.suffix in (".py", ".j2", ".css", ".js")]
    return digest([(x.name, x.read_text(encoding="utf-8")) for x in sorted(files)])
