"""The wording that today's is set beside: which one, and whether a better one was seen."""

from pathlib import Path

from judges.rubric import Rubric
from pipeline import files, score, snapshot
from pipeline.errors import UserError
from pipeline.ledger import Ledger, Version, version_digest
from pipeline.looks import Stood, standing
from pipeline.records import now
from pipeline.stats.tuned import Comparison
from pipeline.study import Design
from pipeline.tuning import versions


def kept(design: Design, rubric: Rubric, ledger: Ledger) -> Version:
    """Today's version; where tuning begins, that of the study's last report is kept before it."""
    path = design.root / "rubrics" / f"{rubric.id}.yaml"
    if not ledger.versions(rubric.id):
        last = _of_last_report(design.folder, rubric.id)
        if last is not None and version_digest(last) != version_digest(rubric):
            versions.keep(last, files.written(last), ledger, now())
    return versions.keep(rubric, files.read(path, design.root), ledger, now())


def chosen(
    design: Design, rubric: Rubric, ledger: Ledger, version: Version, named: int | None
) -> Version | None:
    """The version to compare with: the one that is named, or else the one that stood best.

    That is the one whose alpha was the highest when this study and panel last saw it on the tune
    half: the last one tried may have been a bad one, and beside it anything looks like a gain.
    Where this panel has looked at no other, the last that was looked at, or else kept. One with
    other levels is none to compare with: people's scores are on today's.

    Raises:
        UserError: the named one is not there, is today's, or has other levels.
    """
    others = comparable(ledger, version)
    if named is not None:
        if named not in others:
            raise UserError(_not_comparable(version, named, ledger, sorted(others)))
        return others[named]
    looks = ledger.looks(rubric.id)
    best = standing(looks, design.study.name, score.panel_identity(design))
    seen_last = [x.version for x in reversed(looks)]
    ranked = [x for x in (*(x.version for x in best), *seen_last, *reversed(others)) if x in others]
    return others[ranked[0]] if ranked else None


def _of_last_report(folder: Path, rubric: str) -> Rubric | None:
    """The wording that a run's last report was made under; None where there was none."""
    if not (folder / snapshot.NAME).exists():
        return None
    kept = snapshot.load(folder).design.rubrics
    return next((x for x in kept if x.id == rubric), None)


def comparable(ledger: Ledger, version: Version) -> dict[int, Version]:
    """The other versions of its rubric that have its levels, by number."""
    return {
        x.number: x
        for x in ledger.versions(version.rubric)
        if x.number != version.number and x.scale == version.scale
    }


def _not_comparable(version: Version, named: int, ledger: Ledger, others: list[int]) -> str:
    """Why today's version cannot be set beside the one that is named."""
    there = ", ".join(map(str, others)) or "none yet"
    kept = next((x for x in ledger.versions(version.rubric) if x.number == named), None)
    why = (
        f"there is no {version.rubric}@{named}"
        if kept is None
        else f"{version.rubric}@{named} is today's wording"
        if named == version.number
        else f"{version.rubric}@{named} has the levels {kept.scale[0]}..{kept.scale[-1]}, today's "
        f"are {version.scale[0]}..{version.scale[-1]}"
    )
    return f"--against {named}: {why}; it can be compared with: {there}"


def above(
    ledger: Ledger, version: Version, study: str, panel: str, found: Comparison | None
) -> tuple[Stood, ...]:
    """The other versions that stood above today's alpha on the tune half when last seen there.

    None where today's has none; the best first.
    """
    if found is None or found.after.alpha is None:
        return ()
    mine, others = found.after.alpha, comparable(ledger, version)
    stood = standing(ledger.looks(version.rubric), study, panel)
    return tuple(x for x in stood if x.version in others and x.alpha > mine)


def check_unopened(ledger: Ledger, version: Version) -> None:
    """Refuse to open the lockbox a second time.

    Raises:
        UserError: it was opened for this version.
    """
    for look in ledger.looks(version.rubric):
        mine = look.by == "tune" and look.version == version.number
        if mine and look.half == "lockbox":
            raise UserError(
                f"rubrics/tuning.jsonl: the lockbox was opened for {version.rubric}@"
                f"{version.number} on {look.at[:10]}; it is opened once for each version, or it "
                "would be a second tune half"
            )
