"""The wording that today's is set beside: which one, and whether a better one was seen."""

from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric
from pipeline import files, score, snapshot
from pipeline.errors import UserError
from pipeline.ledger import Ledger, Version, version_digest
from pipeline.looks import seen
from pipeline.records import now
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import judged, versions
from pipeline.tuning.judged import Heard, Worded
from pipeline.tuning.rated import Rated


class Stood(NamedTuple):
    """A version that stands above today's beside people, by the same judges of each answer."""

    version: int
    alpha: float
    today: float


def kept(design: Design, rubric: Rubric, ledger: Ledger) -> Version:
    """Today's version; where tuning begins, that of the study's last report is kept before it."""
    path = design.root / "rubrics" / f"{rubric.id}.yaml"
    if not ledger.versions(rubric.id):
        last = _of_last_report(design.folder, rubric.id)
        if last is not None and version_digest(last) != version_digest(rubric):
            versions.keep(last, files.written(last), ledger, now())
    return versions.keep(rubric, files.read(path, design.root), ledger, now())


def others(design: Design, run: Run, ledger: Ledger, version: Version) -> dict[int, Worded]:
    """The other versions that this study and panel have seen on the tune half, by number."""
    kept_ = comparable(ledger, version)
    there = seen(ledger.looks(version.rubric), design.study.name, score.panel_identity(design))
    return {
        x: judged.worded(design, run, versions.load(kept_[x], design.root))
        for x in sorted(there & kept_.keys())
    }


def chosen(
    stored: dict[int, Worded],
    run: Run,
    gold: Rated,
    ledger: Ledger,
    version: Version,
    named: int | None,
) -> Version | None:
    """The version to compare with: the one that is named, or else the one that stands best.

    That is the best of `stored`, which this study and panel have seen on the tune half: the last
    one tried may have been a bad one, and beside it anything looks like a gain. Where this panel
    has looked at no other, the last that was looked at, or else kept. One with other levels is none
    to compare with: people's scores are on today's.

    Raises:
        UserError: the named one is not there, is today's, or has other levels.
    """
    there = comparable(ledger, version)
    if named is not None:
        if named not in there:
            raise UserError(_not_comparable(version, named, ledger, sorted(there)))
        return there[named]
    part = gold.within(ledger.half("tune"))
    best = _best({x: judged.heard(y, run, part) for x, y in stored.items()}, gold.rubric)
    seen_last = [x.version for x in reversed(ledger.looks(version.rubric))]
    ranked = [x for x in (best, *seen_last, *reversed(there)) if x in there]
    return there[ranked[0]] if ranked else None


def _best(heard: dict[int, Heard], rubric: Rubric) -> int | None:
    """The one that no later one beats; None where there is none.

    From the first on, each is set beside the best so far, by the judges of an answer that scored it
    under both: else a wording that silences bad judges would stand above all. Of two that are equal
    so, the one with more scores stays; where these are equal too, the later.
    """
    best: int | None = None
    for number, one in heard.items():
        if best is None:
            best = number
            continue
        mine, other = judged.alphas(one, heard[best], rubric)
        gain = 0.0 if mine is None or other is None else mine - other
        if (gain, judged.given(one) - judged.given(heard[best])) >= (0.0, 0):
            best = number
    return best


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


def above(stored: dict[int, Worded], run: Run, part: Rated, now_: Heard) -> tuple[Stood, ...]:
    """The other versions that stand above today's on the tune half, the furthest above first.

    Each is set beside today's by the judges of an answer that scored it under both.
    """
    found = []
    for number, one in stored.items():
        after, before = judged.alphas(now_, judged.heard(one, run, part), part.rubric)
        if before is not None and after is not None and before > after:
            found.append(Stood(number, before, after))
    return tuple(sorted(found, key=lambda x: x.today - x.alpha))


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
