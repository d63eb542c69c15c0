"""A rubric tuned: its wording of today beside the one before, on the gold that may be looked at."""

import asyncio
from collections import Counter
from functools import reduce
from typing import NamedTuple

import polars as pl

from judges.rubric import Rubric
from pipeline import asking, probing, score, snapshot
from pipeline import probes as probe_files
from pipeline.errors import UserError
from pipeline.ledger import Accepted, Half, Ledger, Look, Search, Split, Version, seen, split
from pipeline.looks import pair
from pipeline.records import now
from pipeline.stats.tuned import Change, Comparison
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import beside, judged, looked, moved, rated, shots, versions
from pipeline.tuning.beside import Stood
from pipeline.tuning.judged import NOTHING, Spent, Worded
from pipeline.tuning.moved import Moved
from pipeline.tuning.rated import Rated
from pipeline.tuning.shots import Shots


class Wish(NamedTuple):
    """What is to be tried."""

    rubric: str
    seed: int | None = None
    """Of the deal of tasks that have no half yet; it is written down. None = 0."""
    open_lockbox: bool = False
    demos: bool = False
    """Whether to compare how many rated answers judges are shown."""
    against: int | None = None
    """The version to compare with; None = the earlier one that stood best, see `beside.chosen`."""


class Sides(NamedTuple):
    """Today's wording and the one before it."""

    now: Worded
    before: Worded | None


class Tuned(NamedTuple):
    """What tuning came to."""

    study: str
    rubric: Rubric
    reported: tuple[str, ...]
    """Where tasks were dealt for the first time: the studies that had shown a report before."""
    version: Version
    against: Version | None
    above: tuple[Stood, ...]
    """Earlier versions that stand above today's on the tune half, the best first."""
    wordings: Counter[str]
    """How many ratings were made under which wording."""
    split: tuple[int, int]
    """Tasks of the gold in the tune half and in the lockbox."""
    halves: dict[Half, Comparison]
    """Those that were looked at; none while verdicts are owed."""
    optimism: Change | None
    """Of the gain on the version compared with; None before the lockbox was opened beside it."""
    moved: tuple[Moved, ...]
    probes: dict[str, pl.DataFrame] | None
    """SENSITIVITY by `before` and `after`; empty where not asked, None where there are none."""
    shots: Shots | None
    gold: Spent
    """On the rated answers."""
    probed: Spent
    looks: tuple[Look, ...]
    """At this rubric, all there were."""
    searches: int
    """For better words, which looked at the tune half too."""


FEWEST_EACH = 5
"""Tasks that a half must have before it is looked at."""


def tune(design: Design, wish: Wish, watch: asking.Watch) -> Tuned:
    """Judge a rubric's gold under its wording of today, and compare.

    Only verdicts that are not there are asked for. The lockbox is judged and counted only where
    the wish says so, and once for each version; where numbers of demonstrations are compared, only
    if one of them gained on the tune half.

    Raises:
        UserError: something must be mended first; nothing was asked then.
        OSError: the disk failed; what was stored before is safe.
    """
    ledger = Ledger(design.root)
    with Run(design.folder) as run:
        gold = rated.of(design, run, wish.rubric)
        probes = _probes_of(design, gold.rubric)
        version = beside.kept(design, gold.rubric, ledger)
        others = beside.others(design, run, ledger, version)
        against = beside.chosen(others, run, gold, ledger, version, wish.against)
        dealt = _deal(design, gold, ledger, wish.seed)
        parts = _parts(gold, ledger, wish, version, against)
        sides = _sides(design, run, gold.rubric, against)
        spent, tried = _asked(design, run, sides, parts, wish, watch)
        whole = reduce(Spent.plus, spent.values())
        open_ = not whole.stopped
        probed, shares = _probe(design, run, sides, watch) if probes and open_ else (NOTHING, {})
        found = {} if whole.owed else _compare(sides, run, {x: parts[x] for x in spent})
        ledger.add(*looked.looks(design, version, against, found, spent, tried))
        told = _moved(sides, run, parts["tune"]) if "tune" in found else ()
        above = _above(others, run, sides, parts["tune"]) if "tune" in found else ()
    looks = tuple(ledger.looks(gold.rubric.id))
    name, panel = design.study.name, score.panel_identity(design)
    number = None if against is None else against.number
    return Tuned(
        study=name,
        rubric=gold.rubric,
        reported=dealt.reported if dealt is not None else (),
        version=version,
        against=against,
        above=above,
        wordings=rated.wordings(gold, design, ledger),
        split=(_dealt(gold, ledger, "tune"), _dealt(gold, ledger, "lockbox")),
        halves=found,
        optimism=pair(looks, version.number, name, panel, number).optimism,
        moved=told,
        probes=shares if probes else None,
        shots=tried,
        gold=whole,
        probed=probed,
        looks=looks,
        searches=sum(x.rubric == gold.rubric.id for x in ledger.of(Search)),
    )


def _deal(design: Design, gold: Rated, ledger: Ledger, seed: int | None) -> Split | None:
    """Give the tasks that have no half one, and write it down; None where all have.

    Raises:
        UserError: a seed is given that would deal nothing.
    """
    before = ledger.of(Split)
    dealt = split(gold.prompts, ledger, seed or 0, now())
    if dealt is None:
        if seed is not None and seed not in {x.seed for x in before}:
            was = ", ".join(str(x) for x in sorted({x.seed for x in before}))
            raise UserError(
                f"--seed {seed}: every rated task has its half already (seed {was}, in "
                "rubrics/tuning.jsonl), for good: leave --seed out"
            )
        return None
    dealt = dealt.model_copy(update={"reported": () if before else _reported(design)})
    ledger.add(dealt)
    return dealt


def _reported(design: Design) -> tuple[str, ...]:
    """The studies whose report lies there."""
    there = design.folder.parent.glob(f"*/{snapshot.NAME}")
    return tuple(sorted(x.parent.name for x in there))


def _dealt(gold: Rated, ledger: Ledger, half: Half) -> int:
    """How many tasks of the gold are in a half."""
    return len(gold.prompts & ledger.half(half))


def _asked(
    design: Design,
    run: Run,
    sides: Sides,
    parts: dict[Half, Rated],
    wish: Wish,
    watch: asking.Watch,
) -> tuple[dict[Half, Spent], Shots | None]:
    """What asking came to on each half that was opened, and on the demonstrations tried."""
    spent: dict[Half, Spent] = {"tune": asyncio.run(_ask(sides, run, parts["tune"], watch))}
    tried = None
    if wish.demos and not spent["tune"].stopped:
        tried = shots.compare(design, run, sides.now.design.rubrics[0], parts, watch)
    # Where no number of demonstrations gains, nothing is left for the lockbox to decide.
    opens = tried.gained if tried is not None else not wish.demos
    if "lockbox" in parts and opens and not spent["tune"].owed:
        spent["lockbox"] = asyncio.run(_ask(sides, run, parts["lockbox"], watch))
    return spent, tried


def _probes_of(design: Design, rubric: Rubric) -> bool:
    """Whether the rubric has probes; they are read now, before anything is paid."""
    if not (design.root / "rubrics" / "probes" / f"{rubric.id}.yaml").exists():
        return False
    probe_files.load(rubric.id, design.root)
    return True


def _parts(
    gold: Rated, ledger: Ledger, wish: Wish, version: Version, against: Version | None
) -> dict[Half, Rated]:
    """The halves that are looked at, each with enough tasks to tell anything.

    Raises:
        UserError: a half has too few, or the lockbox may not be opened.
    """
    halves: tuple[Half, ...] = ("tune", "lockbox") if wish.open_lockbox else ("tune",)
    parts = {x: rated.half(gold, ledger, x) for x in halves}
    for half, part in parts.items():
        if len(part.prompts) < FEWEST_EACH:
            raise UserError(
                f"{gold.rubric.id}: {len(part.prompts)} of the rated tasks are in the {half} half, "
                f"at least {FEWEST_EACH} are needed: rate answers to more tasks (which are dealt "
                "to the smaller half)"
            )
    if wish.open_lockbox:
        beside.check_unopened(ledger, version)
        if against is None and not wish.demos:
            raise UserError(
                f"{version.rubric}@{version.number} is the first version: there is nothing to "
                "compare with, and a lockbox opened now would be lost"
            )
    return parts


def accept(design: Design, rubric: str) -> Accepted:
    """Take the ratings of older wordings for ratings of today's, and write that down.

    Raises:
        UserError: the study lacks the rubric.
    """
    ledger = Ledger(design.root)
    gold = rated.of(design, Run.look(design.folder), rubric, fewest=1)
    version = beside.kept(design, gold.rubric, ledger)
    if set(rated.wordings(gold, design, ledger)) == {versions.TODAY}:
        raise UserError(f"{rubric}: every rating was made under today's words: nothing to accept")
    entry = Accepted(at=now(), rubric=rubric, version=version.number, seen=seen(gold.rubric))
    if not ledger.accepts(gold.rubric):
        ledger.add(entry)
    return entry


def _sides(design: Design, run: Run, rubric: Rubric, against: Version | None) -> Sides:
    before = None
    if against is not None:
        before = judged.worded(design, run, versions.load(against, design.root))
    return Sides(judged.worded(design, run, rubric), before)


async def _ask(sides: Sides, run: Run, part: Rated, watch: asking.Watch) -> Spent:
    """Ask for what is missing: today's wording first, then what the one before still lacks."""
    items = [x.item for x in part.answers]
    spent = NOTHING
    for side in (sides.now, sides.before):
        if side is not None and not spent.stopped:
            spent = spent.plus(await judged.ask(side, run, items, watch))
    return spent


def _probe(
    design: Design, run: Run, sides: Sides, watch: asking.Watch
) -> tuple[Spent, dict[str, pl.DataFrame]]:
    """The probes of the rubric under both wordings."""
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


def _above(others: dict[int, Worded], run: Run, sides: Sides, part: Rated) -> tuple[Stood, ...]:
    return beside.above(others, run, part, judged.heard(sides.now, run, part))


def _moved(sides: Sides, run: Run, part: Rated) -> tuple[Moved, ...]:
    if sides.before is None:
        return ()
    heard = judged.heard(sides.now, run, part), judged.heard(sides.before, run, part)
    after, before, _ = judged.paired(*heard)
    return moved.most(part, before, after)
