"""A run of a study of ratings: its table sealed in a folder, and all that is counted from it."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from judges.digest import digest
from judges.rubric import Text
from judges.verdict import Frozen
from pipeline import derive, files, snapshot, store
from pipeline.derive import Derived
from pipeline.errors import UserError
from pipeline.pages import report
from pipeline.stats.terms import Terms
from pipeline.store import Run
from pipeline.tabled import heed, read, simulate, slips
from pipeline.tabled.kinds import TableStudy
from pipeline.tabled.table import SCORES, TEXTS, Table, unpacked
from pipeline.tables import packed

SUFFIXES = (".csv", ".parquet")
_SCORES, _TEXTS = "scores.parquet", "texts.parquet"


class Kept(Frozen):
    """What `design.json` holds for such a run."""

    table_study: TableStudy
    file: str
    """Where the ratings came from, relative to the project; empty where they are simulated."""
    versions: dict[str, str]


class Counted(NamedTuple):
    """What a table of ratings came to."""

    study: TableStudy
    terms: Terms
    derived: Derived
    report: Path
    scores: int
    """Rows of the table."""
    warnings: tuple[Text, ...]
    """What a reader must know to believe the figures."""
    differing: tuple[str, ...] = ()
    """Derived files that an audit found to be other than the table makes them; they are mended."""
    missing: tuple[str, ...] = ()
    """Derived files that an audit did not find; they are there now."""
    altered: tuple[str, ...] = ()
    """Sealed files of the run that were not what they were; they are made anew from the source."""


def load(name: str, root: Path) -> TableStudy:
    """The study `data/studies/<name>.yaml`.

    Raises:
        UserError: every fault of the file, one a line.
    """
    path = root / "data" / "studies" / f"{name}.yaml"
    study = files.load(path, TableStudy, root)
    if study.name != path.stem:
        said = f"{files.shown(path, root)}: name is {study.name!r}, expected {path.stem!r}"
        raise UserError(f"{said} (the file's name)")
    return study


def ratings_file(study: TableStudy, root: Path) -> Path | None:
    """Where the ratings of an imported study lie; None for a simulation.

    Raises:
        UserError: they are not there.
    """
    if study.simulation is not None:
        return None
    tried = [root / "data" / "imports" / f"{study.name}{x}" for x in SUFFIXES]
    found = [path for path in tried if path.exists()]
    if len(found) != 1:
        names = " and ".join(files.shown(x, root) for x in found or tried)
        said = "both there; keep one" if found else "not there; bring them with `antipode import`"
        raise UserError(f"the ratings of {study.name!r}, {names}: {said}")
    return found[0]


def table_of(study: TableStudy, root: Path) -> tuple[Table, str]:
    """The ratings of a study, and the file they are from.

    Raises:
        UserError: the file is missing, or is not what the study says.
    """
    path = ratings_file(study, root)
    if path is None:
        assert study.simulation is not None
        return simulate.simulate(study.simulation), ""
    return read.read(path, study, root), files.shown(path, root)


def execute(study: TableStudy, root: Path) -> Counted:
    """Count a study of ratings into its run folder; asks nobody anything.

    Raises:
        UserError: the ratings are at fault, or the folder holds a run of another kind.
    """
    table, file = table_of(study, root)
    folder = root / "data" / "runs" / study.name
    with Run(folder) as run:
        if len(run.responses) or len(run.verdicts):
            raise UserError(f"{folder}: holds a study that asked models; choose another name")
        kept = Kept(table_study=study, file=file, versions=derive.versions())
        written = {_SCORES: packed(table.scores), _TEXTS: packed(table.texts)}
        sealed = {name: _sha256(data) for name, data in written.items()}
        design = json.dumps(
            kept.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1
        )
        basis = digest(design, sealed, derive.program())
        altered = _altered(run)
        whole = all((folder / x).exists() for x in (_SCORES, _TEXTS, snapshot.NAME))
        same = run.manifest.get("basis") == basis and whole and not altered
        tables = derive.read(folder) if same and not derive.edited(run) else None
        if tables is not None:
            terms = study.terms(tuple(table.scores["rubric"].unique().sort()))
            return Counted(
                study,
                terms,
                tables,
                folder / "report.html",
                table.scores.height,
                heed.warnings(study, terms, table, tables),
            )
        altered += derive.edited(run)
        composed, made = _build(kept, table, sealed)
        for name, data in {**written, **made, snapshot.NAME: design.encode()}.items():
            store.replace(folder / name, data)
        run.manifest = {}  # all is made from the source: nothing that was altered is left
        run.seal(
            {
                "study": study.name,
                "basis": basis,
                "design": digest(design),
                "table": sealed,
                "owed": 0,
                "derived": store.digests(made),
            }
        )
    return Counted(
        study,
        composed.terms,
        composed.derived,
        folder / "report.html",
        table.scores.height,
        composed.slip.warnings,
        altered=altered,
    )


def _altered(run: Run) -> tuple[str, ...]:
    """The sealed files of a run that are there and not what they were."""
    manifest, folder = run.manifest, run.folder
    names = [
        name
        for name, sealed in manifest.get("table", {}).items()
        if (folder / name).exists() and _sha256((folder / name).read_bytes()) != sealed
    ]
    design = folder / snapshot.NAME
    if design.exists() and digest(design.read_text(encoding="utf-8")) != manifest.get("design"):
        names.append(snapshot.NAME)
    return (*names, *map(store.file_of, run.altered))


def audit(run: Run) -> Counted:
    """Every figure of such a run, made again from the table in its folder.

    Raises:
        UserError: the table or the design was altered.
    """
    folder = run.folder
    faults, held = [], {}
    faults += [
        f"{folder / store.file_of(name)}: ALTERED: it is not what it was when it was sealed"
        for name in run.altered
    ]
    unsealed = {_SCORES, _TEXTS} - run.manifest["table"].keys()
    faults += [
        f"{folder / name}: ALTERED: the manifest has no seal of it" for name in sorted(unsealed)
    ]
    for name, sealed in run.manifest["table"].items():
        try:
            held[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            faults.append(f"{folder / name}: no such file, though it was sealed")
            continue
        if _sha256(held[name]) != sealed:
            faults.append(f"{folder / name}: ALTERED: it is not what it was when it was sealed")
    design = (folder / snapshot.NAME).read_text(encoding="utf-8")
    if digest(design) != run.manifest.get("design"):
        faults.append(f"{folder / snapshot.NAME}: ALTERED since the report was made")
    if faults:
        raise UserError("\n".join(faults))
    kept = Kept.model_validate_json(design)
    table = Table(
        unpacked(held[_SCORES], SCORES, str(folder / _SCORES)),
        unpacked(held[_TEXTS], TEXTS, str(folder / _TEXTS)),
    )
    composed, made = _build(kept, table, run.manifest["table"])
    missing, differing = store.mend(folder, made)
    return Counted(
        kept.table_study,
        composed.terms,
        composed.derived,
        folder / "report.html",
        table.scores.height,
        composed.slip.warnings,
        differing,
        missing,
    )


def _build(
    kept: Kept, table: Table, sealed: dict[str, str]
) -> tuple[slips.Composed, dict[str, bytes]]:
    facts = (
        *kept.versions.items(),
        ("ratings", f"{table.scores.height} from {kept.file}" if kept.file else "simulated"),
        *((name, f"sha256 {digest}") for name, digest in sealed.items()),
    )
    composed = slips.compose(kept.table_study, table, facts)
    made = derive.table_files(composed.derived)
    made["report.html"] = report.render(composed.slip).encode()
    return composed, made


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
