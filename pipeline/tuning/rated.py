"""The gold of one rubric, and the halves that it falls into."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from judges.panel import Panel
from judges.rubric import Rubric
from pipeline import files, gold, owed
from pipeline.errors import UserError
from pipeline.ledger import Half, Ledger
from pipeline.owed import JudgedAnswer
from pipeline.store import Run
from pipeline.study import Design, Study
from pipeline.tabled import kinds
from pipeline.tuning import versions


class Rated(NamedTuple):
    """The answers that people scored on a rubric."""

    rubric: Rubric
    answers: tuple[JudgedAnswer, ...]
    human: tuple[gold.Row, ...]
    """The scores, none missing."""

    @property
    def prompts(self) -> frozenset[str]:
        """The tasks of the answers."""
        return frozenset(x.want.task.id for x in self.answers)

    def within(self, prompts: frozenset[str]) -> "Rated":
        """The part of it on these tasks."""
        answers = tuple(x for x in self.answers if x.want.task.id in prompts)
        keys = {x.want.key for x in answers}
        human = tuple(x for x in self.human if x.rating.response_key in keys)
        return Rated(self.rubric, answers, human)


def study_of(rubric: str, root: Path) -> str:
    """The one study on whose gold this rubric can be tuned: it has some, and a judging model.

    Raises:
        UserError: there is none, or there are several.
    """
    names = sorted(x.stem for x in (root / "rubrics").glob("*.yaml"))
    if rubric not in names:
        raise UserError(f"there is no rubric {rubric!r}; there are: {', '.join(names)}")
    found = []
    for path in sorted((root / "data" / "studies").glob("*.yaml")):
        if kinds.is_one(path.stem, root):
            continue
        study = files.load(path, Study, root)
        if rubric not in study.rubrics or not study.gold:
            continue
        panel = files.load(root / "judges" / "panels" / f"{study.panel}.yaml", Panel, root)
        if any(x.model is not None for x in panel.judges):
            found.append(study.name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(
            f"{rubric}: the gold of several studies may be meant; name one: {', '.join(found)}"
        )
    raise UserError(
        f"{rubric}: no study of data/studies has gold on it and a judge that is a model; have "
        "answers of a study rated (make rate STUDY=... RATERS=...), then name the file of "
        "data/gold in the study: `gold: [NAME]`"
    )


FEWEST = 10
"""Tasks whose answers people must have rated before a rubric is tuned on them."""


def of(design: Design, run: Run, rubric: str, fewest: int = FEWEST) -> Rated:
    """The gold of a study on one of its rubrics, on `fewest` tasks at least.

    Raises:
        UserError: the study lacks the rubric, answers, a judging model, or enough gold.
    """
    name = design.study.name
    found = next((x for x in design.rubrics if x.id == rubric), None)
    if found is None:
        there = ", ".join(x.id for x in design.rubrics)
        raise UserError(f"{name}: has no rubric {rubric!r}; there are: {there}")
    if all(x.model is None for x in design.panel.judges):
        raise UserError(
            f"{name}: its judges only count words, which no wording of a rubric changes; tune on a "
            "study whose panel has a model: make tune RUBRIC=... STUDY=..."
        )
    responses = owed.responses(design, run)
    if responses.missing:
        said = f"{len(responses.missing)} answers are not there yet: run antipode score {name}"
        raise UserError(f"{name}: {said} first")
    human = owed.human_ratings(design, run, responses.wanted)
    scored = [x for x in human if x.rating.rubric == rubric and x.rating.score is not None]
    keys = {x.rating.response_key for x in scored}
    answers = tuple(x for x in owed.judged(run, responses.wanted) if x.want.key in keys)
    there_ = {x.want.key for x in answers}
    rated = Rated(found, answers, tuple(x for x in scored if x.rating.response_key in there_))
    tasks = len(rated.prompts)
    if tasks < fewest:
        raise UserError(
            f"{name}: people have rated answers to {tasks} tasks on {rubric}; tuning on fewer than "
            f"{fewest} fits their noise: {fewest - tasks} more are needed (antipode gold plan "
            f"{name} draws them)"
        )
    return rated


def wordings(rated: Rated, design: Design, ledger: Ledger) -> Counter[str]:
    """How many of the ratings were made under which version of the rubric."""
    read_in = {x.want.key: design.rubric_language(x.item.language) for x in rated.answers}
    return Counter(
        versions.under(x.rubric_digest, rated.rubric, read_in[x.response_key], ledger)
        for x, _ in rated.human
    )


def half(rated: Rated, ledger: Ledger, which: Half) -> Rated:
    """The gold of one half."""
    return rated.within(ledger.half(which))
