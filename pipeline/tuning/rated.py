"""The gold of one rubric, and the halves that it falls into."""

from collections import Counter
from typing import NamedTuple

from judges.rubric import Rubric
from pipeline import gold, owed
from pipeline.errors import UserError
from pipeline.ledger import Half, Ledger
from pipeline.owed import JudgedAnswer
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import versions

FEWEST = 10
"""Tasks whose answers people must have rated before a rubric is tuned on them."""


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


def of(design: Design, run: Run, rubric: str) -> Rated:
    """The gold of a study on one of its rubrics.

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
    if tasks < FEWEST:
        raise UserError(
            f"{name}: people have rated answers to {tasks} tasks on {rubric}; tuning on fewer than "
            f"{FEWEST} fits their noise: {FEWEST - tasks} more are needed (antipode gold plan "
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
