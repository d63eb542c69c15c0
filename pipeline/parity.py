"""A study's answers judged under the rubrics in both languages: does the wording move a score."""

import asyncio
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import polars as pl

from judges.panel import Panel
from judges.rubric import Rubric
from judges.verdict import Item, Language
from pipeline import asking, owed
from pipeline.errors import UserError
from pipeline.forms import Forms
from pipeline.models.catalogue import Model
from pipeline.owed import JudgedAnswer, Verdicts
from pipeline.ratings import PANEL, scored
from pipeline.stats import paired
from pipeline.stats import parity as shifts
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tasks import Task

_LANGUAGES: tuple[Language, ...] = ("en", "ru")


class ParityBench(NamedTuple):
    """The judges of a study, who read every rubric in one language."""

    root: Path
    panel: Panel
    rubrics: tuple[Rubric, ...]
    models: dict[str, Model]
    tasks: tuple[Task, ...]
    budget: float | None
    language: Language

    def rubric_language(self, answer: Language) -> Language:
        """Always the one."""
        return self.language


class Parity(NamedTuple):
    """What the comparison came to."""

    folder: Path
    asked: int
    owed: int
    stopped: tuple[str, ...]
    shifts: pl.DataFrame
    """PARITY."""


def compare(design: Design, watch: asking.Watch) -> Parity:
    """Ask the judges about the study's answers in the language in which they have not, and count.

    What the study itself has asked is not asked again. Judges that only count words read no rubric
    and are left out.

    Raises:
        UserError: the study has no answers, no judging model, or something must be mended first.
        OSError: the disk failed; what was stored before is safe.
    """
    source = Run.look(design.folder)
    wanted = owed.responses(design, source).wanted
    judged = owed.judged(source, wanted)
    panel = tuple(x for x in design.panel.judges if x.model is not None)
    name = design.study.name
    if not judged:
        raise UserError(f"{name}: has no answers yet: run antipode score {name} first")
    if not panel:
        raise UserError(f"{name}: its judges only count words, which is the same in any language")
    asked = design._replace(panel=design.panel.model_copy(update={"judges": panel}))
    folder = design.root / "data" / "runs" / f"parity_{name}"
    with Run(folder) as run:
        human = owed.human_ratings(design, source, wanted)
        shown = owed.demos(asked, source, wanted, human)
        forms = Forms(asked, dict(run.manifest.get("forms", {})), shown)
        done, stopped = asyncio.run(_ask(asked, run, source, judged, forms, watch))
        found = {x: _wanted(asked, x, run, source, judged, forms) for x in _LANGUAGES}
        table = _scores(judged, found, run, source)
        missing = sum(len(x.missing) for x in found.values())
        run.seal({"study": name, "forms": forms.digests, "owed": missing})
    return Parity(folder, done, missing, stopped, shifts.shifts(table))


def _bench(design: Design, language: Language) -> ParityBench:
    return ParityBench(
        design.root,
        design.panel,
        design.rubrics,
        design.models,
        design.tasks,
        design.budget,
        language,
    )


def _wanted(
    design: Design,
    language: Language,
    run: Run,
    source: Run,
    judged: tuple[JudgedAnswer, ...],
    forms: Forms,
) -> Verdicts:
    """The verdicts under the rubrics in `language`; missing are those that neither run has."""
    items: list[Item] = [x.item for x in judged]
    found = owed.verdicts(_bench(design, language), run, items, forms)
    return found._replace(missing=tuple(x for x in found.missing if x.key not in source.verdicts))


async def _ask(
    design: Design,
    run: Run,
    source: Run,
    judged: tuple[JudgedAnswer, ...],
    forms: Forms,
    watch: asking.Watch,
) -> tuple[int, tuple[str, ...]]:
    done = 0
    stopped: list[str] = []
    for language in _LANGUAGES:
        found = _wanted(design, language, run, source, judged, forms)
        if found.missing or found.unfit:
            bench = _bench(design, language)
            outcome = await asking.verdicts(bench, run, found, forms, watch)
            done += outcome.done
            stopped += outcome.stopped
    return done, tuple(stopped)


def _scores(
    judged: tuple[JudgedAnswer, ...], found: dict[Language, Verdicts], run: Run, source: Run
) -> pl.DataFrame:
    """A row per rubric, rater, prompt and item: what each gave under either language.

    The panel's are the medians over the judges that gave a score under both.
    """
    prompts = {x.item.key: x.want.task.id for x in judged}
    given: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(
        lambda: {"en": [], "ru": []}
    )
    for language, verdicts in found.items():
        keys = {x.key for x in verdicts.wanted}
        stored = {x["key"]: scored(x).score for y in (source, run) for x in y.verdicts.read(keys)}
        for want in verdicts.wanted:
            scores = given[want.rubric.id, want.judge.id, want.item.key][language]
            if (score := stored.get(want.key)) is not None:
                scores.append(score)
    told: dict[tuple[str, str], dict[str, paired.Sides]] = defaultdict(dict)
    for (rubric, judge, item), sides in given.items():
        en, ru = (mean(sides[x]) if sides[x] else None for x in _LANGUAGES)
        told[rubric, item][judge] = paired.Sides(en, ru, (en is None) != (ru is None))
    for raters in told.values():
        raters[PANEL] = paired.panel(
            {judge: x.one for judge, x in raters.items()},
            {judge: x.other for judge, x in raters.items()},
        )
    rows = [
        (rubric, rater, prompts[item], *sides)
        for (rubric, item), raters in told.items()
        for rater, sides in raters.items()
    ]
    return pl.DataFrame(rows, schema=_SCORES, orient="row")


_SCORES = {
    **dict.fromkeys(("rubric", "rater", "prompt"), pl.String),
    **dict.fromkeys(("en", "ru"), pl.Float64),
    "left_out": pl.Int64,
}
