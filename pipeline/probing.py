"""A panel put to the probes of its rubrics: texts changed where a score must move, or must not."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import polars as pl

from judges.panel import Panel
from judges.probe import MAY_EXPECT, Probe
from judges.rubric import Rubric
from judges.verdict import Item, Language
from pipeline import asking, files, owed, probes
from pipeline import rubrics as rubrics_
from pipeline.errors import Faults
from pipeline.forms import Forms
from pipeline.models import catalogue
from pipeline.models.catalogue import Model
from pipeline.ratings import PANEL, scored
from pipeline.records import item_of
from pipeline.stats import paired, probed
from pipeline.store import Run
from pipeline.tasks import Task
from pipeline.work import Outcome

_LANGUAGES: tuple[Language, ...] = ("en", "ru")


class ProbeBench(NamedTuple):
    """A panel and the rubrics it is probed on."""

    root: Path
    panel: Panel
    rubrics: tuple[Rubric, ...]
    models: dict[str, Model]
    tasks: tuple[Task, ...] = ()
    budget: float | None = None

    def rubric_language(self, answer: Language) -> Language:
        """A probe is judged in its own language."""
        return answer

    @property
    def folder(self) -> Path:
        """Where its verdicts are kept."""
        return self.root / "data" / "runs" / f"probe_{self.panel.id}"


class Side(NamedTuple):
    """One text of a probe, as judges see it."""

    rubric: str
    probe: Probe
    language: Language
    side: str
    """base | changed."""
    item: Item


class Probed(NamedTuple):
    """What probing came to."""

    bench: ProbeBench
    asked: int
    owed: int
    stopped: tuple[str, ...]
    moved: pl.DataFrame
    """PROBED."""
    shares: pl.DataFrame
    """SENSITIVITY."""


def load(panel: str, rubrics: Sequence[str], root: Path) -> ProbeBench:
    """The bench of a panel on these rubrics, or on all that have probes.

    Raises:
        UserError: every fault of every file, one a line.
    """
    faults = Faults()
    models = faults.take(lambda: catalogue.load(root / "data" / "models.yaml", root))
    found = faults.take(
        lambda: files.load(root / "judges" / "panels" / f"{panel}.yaml", Panel, root)
    )
    names = rubrics or sorted(x.stem for x in (root / "rubrics" / "probes").glob("*.yaml"))
    loaded = [
        faults.take(partial(rubrics_.load, root / "rubrics" / f"{x}.yaml", root)) for x in names
    ]
    faults.raise_any()
    assert models is not None
    assert found is not None
    return ProbeBench(root, found, tuple(x for x in loaded if x is not None), models)


def probe(bench: ProbeBench, watch: asking.Watch) -> Probed:
    """Ask the panel of every probe that it was not asked about, and count.

    Raises:
        UserError: something must be mended first.
        OSError: the disk failed; what was stored before is safe.
    """
    with Run(bench.folder) as run:
        forms = Forms(bench, dict(run.manifest.get("forms", {})))
        found = within(bench, run, forms, watch)
        run.seal({"panel": bench.panel.id, "forms": forms.digests, "owed": found.owed})
    return found


def within(bench: ProbeBench, run: Run, forms: Forms, watch: asking.Watch) -> Probed:
    """The same in a run that is open already; raises as `probe`."""
    outcome = asyncio.run(_ask(bench, run, forms, watch))
    rows: list[Row] = []
    missing = 0
    for one, sides in _by_rubric(bench):
        found = owed.verdicts(one, run, [x.item for x in sides], forms)
        missing += len(found.missing)
        rows += _scores(sides, found, run)
    moved = probed.moved(pl.DataFrame(rows, schema=_SCORES, orient="row"))
    return Probed(bench, outcome.done, missing, outcome.stopped, moved, probed.by_judge(moved))


Row = tuple[str | float | None, ...]
_SCORES = {
    **dict.fromkeys(("rubric", "probe", "kind", "language", "must", "rater"), pl.String),
    **dict.fromkeys(("base", "changed"), pl.Float64),
    "left_out": pl.Int64,
}


async def _ask(bench: ProbeBench, run: Run, forms: Forms, watch: asking.Watch) -> Outcome:
    """Each rubric's probes are judged on that rubric alone."""
    done, failed, left = 0, 0, 0
    stopped: list[str] = []
    for one, sides in _by_rubric(bench):
        found = owed.verdicts(one, run, [x.item for x in sides], forms)
        if found.missing or found.unfit:
            outcome = await asking.verdicts(one, run, found, forms, watch)
            done, failed = done + outcome.done, failed + outcome.failed
            left += outcome.owed
            stopped += outcome.stopped
    return Outcome(done, failed, left, tuple(stopped))


def _by_rubric(bench: ProbeBench) -> Iterable[tuple[ProbeBench, list[Side]]]:
    for rubric in bench.rubrics:
        yield bench._replace(rubrics=(rubric,)), _sides(rubric.id, bench.root)


def _sides(rubric: str, root: Path) -> list[Side]:
    return [
        Side(
            rubric,
            each,
            language,
            side,
            item_of(getattr(each.task, language), getattr(getattr(each, side), language), language),
        )
        for each in probes.load(rubric, root).probes
        for language in _LANGUAGES
        for side in ("base", "changed")
    ]


def _must(probe: Probe) -> str:
    """What the score must do; padding and names may well lower it, and must not lift it."""
    may = MAY_EXPECT[probe.kind]
    return "not rise" if probe.must == "stay" and "fall" in may else probe.must


def _scores(sides: Sequence[Side], found: owed.Verdicts, run: Run) -> list[Row]:
    """What each judge and the panel gave both sides of each probe; None where there is no score.

    The panel's are the medians over the judges that scored both sides.
    """
    stored = {x["key"]: scored(x).score for x in run.verdicts.read(x.key for x in found.wanted)}
    models = {x.judge.id for x in found.wanted if x.judge.computed is None}
    given: dict[str, dict[str, list[float]]] = {}
    for want in found.wanted:
        scores = given.setdefault(want.item.key, {}).setdefault(want.judge.id, [])
        if (score := stored.get(want.key)) is not None:
            scores.append(score)
    rows: list[Row] = []
    for base, changed in zip(sides[::2], sides[1::2], strict=True):
        one, other = (
            {judge: mean(x) if x else None for judge, x in given[side.item.key].items()}
            for side in (base, changed)
        )
        told = {
            judge: paired.Sides(x, other[judge], (x is None) != (other[judge] is None))
            for judge, x in one.items()
        }
        members = {x for x in one if x in models or not models}
        told[PANEL] = paired.panel({x: one[x] for x in members}, {x: other[x] for x in members})
        about = (base.rubric, base.probe.id, base.probe.kind, base.language, _must(base.probe))
        rows += [(*about, rater, *x) for rater, x in told.items()]
    return rows
