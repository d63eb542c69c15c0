"""A rubric tuned: its wording of today beside the one before, on the gold that may be looked at."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import polars as pl

from judges.rubric import Rubric
from pipeline import asking, files, probing, snapshot
from pipeline.errors import UserError
from pipeline.ledger import (
    Accepted,
    Half,
    Ledger,
    Look,
    Version,
    optimism,
    seen,
    split,
    version_digest,
)
from pipeline.records import now
from pipeline.stats.tuned import Change, Comparison
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import judged, moved, rated, shots, versions
from pipeline.tuning.judged import NOTHING, Spent, Worded
from pipeline.tuning.moved import Moved
from pipeline.tuning.rated import Rated
from pipeline.tuning.shots import Shots


class Wish(NamedTuple):
    """What is to be tried."""

    rubric: str
    seed: int = 0
    """Of the deal of tasks that have no half yet; it is written down."""
    open_lockbox: bool = False
    demos: bool = False
    """Whether to compare how many rated answers judges are shown."""


class Sides(NamedTuple):
    """Today's wording and the one before it."""

    now: Worded
    before: Worded | None


class Tuned(NamedTuple):
    """What tuning came to."""

    study: str
    rubric: Rubric
    version: Version
    against: Version | None
    wordings: Counter[str]
    """How many ratings were made under which wording."""
    split: tuple[int, int]
    """Tasks of the gold in the tune half and in the lockbox."""
    halves: dict[Half, Comparison]
    """Those that were looked at; none while verdicts are owed."""
    optimism: Change | None
    """Of the wording's gain; None before the lockbox was opened."""
    moved: tuple[Moved, ...]
    probes: dict[str, pl.DataFrame]
    """SENSITIVITY by `before` and `after`; empty where the rubric has no probes."""
    shots: Shots | None
    gold: Spent
    """On the rated answers."""
    probed: Spent
    looks: tuple[Look, ...]
    """At this rubric, all there were."""


def tune(design: Design, wish: Wish, watch: asking.Watch) -> Tuned:
    """Judge a rubric's gold under its wording of today, and compare.

    Only verdicts that are not there are asked for. The lockbox is judged and counted only where
    the wish says so, and once for each version.

    Raises:
        UserError: something must be mended first; nothing was asked then.
        OSError: the disk failed; what was stored before is safe.
    """
    ledger = Ledger(design.root)
    with Run(design.folder) as run:
        gold = rated.of(design, run, wish.rubric)
        version, against = _versions(design, gold.rubric, ledger)
        if wish.open_lockbox:
            _check_unopened(ledger, version)
        dealt = split(gold.prompts, ledger, wish.seed, now())
        ledger.add(*([dealt] if dealt is not None else []))
        sides = _sides(design, run, gold.rubric, against)
        halves: tuple[Half, ...] = ("tune", "lockbox") if wish.open_lockbox else ("tune",)
        parts: dict[Half, Rated] = {x: rated.half(gold, ledger, x) for x in halves}
        spent = asyncio.run(_ask(sides, run, parts, watch))
        probed, probes = _probe(design, run, sides, watch) if not spent.stopped else (NOTHING, {})
        found = _compare(sides, run, parts) if not spent.owed else {}
        tried = None
        if wish.demos and not spent.stopped:
            tried = shots.compare(design, run, gold.rubric, parts, watch)
        ledger.add(*_looks(design, version, against, found, spent, tried))
        told = _moved(sides, run, parts["tune"]) if "tune" in found else ()
    looks = tuple(ledger.looks(gold.rubric.id))
    return Tuned(
        study=design.study.name,
        rubric=gold.rubric,
        version=version,
        against=against,
        wordings=rated.wordings(gold, design, ledger),
        split=(
            len(gold.prompts & ledger.half("tune")),
            len(gold.prompts & ledger.half("lockbox")),
        ),
        halves=found,
        optimism=optimism(looks, version.number),
        moved=told,
        probes=probes,
        shots=tried,
        gold=spent,
        probed=probed,
        looks=looks,
    )


def accept(design: Design, rubric: str) -> Accepted:
    """Take the ratings of older wordings for ratings of today's, and write that down.

    Raises:
        UserError: the study lacks the rubric.
    """
    found = next((x for x in design.rubrics if x.id == rubric), None)
    if found is None:
        there = ", ".join(x.id for x in design.rubrics)
        raise UserError(f"{design.study.name}: has no rubric {rubric!r}; there are: {there}")
    ledger = Ledger(design.root)
    version, _ = _versions(design, found, ledger)
    entry = Accepted(at=now(), rubric=rubric, version=version.number, seen=seen(found))
    if not ledger.accepts(found):
        ledger.add(entry)
    return entry


def _versions(design: Design, rubric: Rubric, ledger: Ledger) -> tuple[Version, Version | None]:
    """Today's version and the last other one that was looked at, or else kept.

    Where tuning begins, that is the one of the study's last report. One with other levels is none
    to compare with: people's scores are on today's.
    """
    path = design.root / "rubrics" / f"{rubric.id}.yaml"
    if not ledger.versions(rubric.id):
        last = _of_last_report(design.folder, rubric.id)
        if last is not None and version_digest(last) != version_digest(rubric):
            versions.keep(last, files.written(last), ledger, now())
    version = versions.keep(rubric, files.read(path, design.root), ledger, now())
    looked = [x.version for x in ledger.looks(rubric.id) if x.version != version.number]
    others = {
        x.number: x
        for x in ledger.versions(rubric.id)
        if x.number != version.number and versions.load(x, design.root).scale == rubric.scale
    }
    ranked = [x for x in (*reversed(looked), *reversed(others)) if x in others]
    return version, others[ranked[0]] if ranked else None


def _of_last_report(folder: Path, rubric: str) -> Rubric | None:
    """The wording that a run's last report was made under; None where there was none."""
    if not (folder / snapshot.NAME).exists():
        return None
    kept = snapshot.load(folder).design.rubrics
    return next((x for x in kept if x.id == rubric), None)


def _check_unopened(ledger: Ledger, version: Version) -> None:
    for look in ledger.looks(version.rubric):
        if look.half == "lockbox" and look.version == version.number:
            raise UserError(
                f"rubrics/tuning.jsonl: the lockbox was opened for {version.rubric}@"
                f"{version.number} on {look.at[:10]}; it is opened once for each version, or it "
                "would be a second tune half"
            )


def _sides(design: Design, run: Run, rubric: Rubric, against: Version | None) -> Sides:
    before = None
    if against is not None:
        before = judged.worded(design, run, versions.load(against, design.root))
    return Sides(judged.worded(design, run, rubric), before)


async def _ask(sides: Sides, run: Run, parts: dict[Half, Rated], watch: asking.Watch) -> Spent:
    """Ask for what is missing: today's wording first, then what the one before still lacks."""
    items = [x.item for part in parts.values() for x in part.answers]
    spent = NOTHING
    for side in (sides.now, sides.before):
        if side is not None and not spent.stopped:
            spent = spent.plus(await judged.ask(side, run, items, watch))
    return spent


def _probe(
    design: Design, run: Run, sides: Sides, watch: asking.Watch
) -> tuple[Spent, dict[str, pl.DataFrame]]:
    """The probes of the rubric under both wordings."""
    rubric = sides.now.design.rubrics[0]
    if not (design.root / "rubrics" / "probes" / f"{rubric.id}.yaml").exists():
        return NOTHING, {}
    spent = NOTHING
    found: dict[str, pl.DataFrame] = {}
    for name, side in (("before", sides.before), ("after", sides.now)):
        if side is None:
            continue
        bench = probing.ProbeBench(
            design.root,
            side.design.panel,
            side.design.rubrics,
            design.models,
            design.tasks,
            design.budget,
        )
        held = run.verdicts.keys()
        one = probing.within(bench, run, side.forms, watch)
        spent = spent.plus(judged.spent(run, held, one.owed, one.stopped))
        found[name] = one.shares
    return spent, found


def _compare(sides: Sides, run: Run, parts: dict[Half, Rated]) -> dict[Half, Comparison]:
    found: dict[Half, Comparison] = {}
    for half, part in parts.items():
        now_ = judged.heard(sides.now, run, part)
        before = judged.heard(sides.before, run, part) if sides.before is not None else None
        found[half] = judged.compared(now_, before, part.rubric)
    return found


def _moved(sides: Sides, run: Run, part: Rated) -> tuple[Moved, ...]:
    if sides.before is None:
        return ()
    before, after = (judged.heard(x, run, part) for x in (sides.before, sides.now))
    return moved.most(part, before, after)


def _looks(
    design: Design,
    version: Version,
    against: Version | None,
    found: dict[Half, Comparison],
    spent: Spent,
    tried: Shots | None,
) -> list[Look]:
    """A line of the ledger for each half that was looked at, and for each demonstration tried."""

    def look(half: Half, one: Comparison, demos: int | None, calls: Spent) -> Look:
        change = one.change or Change(None, None, None, None, one.prompts, None)
        return Look(
            at=now(),
            rubric=version.rubric,
            version=version.number,
            against=None if against is None else against.number,
            study=design.study.name,
            panel=design.panel.id,
            half=half,
            demos=demos,
            answers=one.answers,
            prompts=one.prompts,
            alpha=one.after.alpha,
            low=one.after.low,
            high=one.after.high,
            delta=one.after.delta,
            change=change.value,
            change_low=change.low,
            change_high=change.high,
            change_error=change.error,
            calls=calls.asked,
            cost=calls.cost,
        )

    rows = [look(half, one, None, spent) for half, one in found.items()]
    for shot in tried.tried if tried is not None else ():
        rows += [look(half, one, shot.demos, shot.spent) for half, one in shot.halves.items()]
    return rows
