"""What is handed out for rating: which item is which answer, known to the owner alone."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from judges.rubric import Slug, seen_digest
from judges.verdict import Frozen, Language
from pipeline import files, store
from pipeline.errors import UserError
from pipeline.owed import JudgedAnswer
from pipeline.rating import draw
from pipeline.records import now
from pipeline.study import Design

FOLDER = Path("data/gold/handouts")


class Dealt(Frozen):
    """One item as one person gets it: an answer on one rubric."""

    id: str
    """128 random bits: it tells nothing of the answer."""
    rater: str
    prompt: Slug
    response: str
    rubric: Slug
    language: Language
    """In which the rubric is read."""
    digest: str
    """Of what the person sees of the rubric."""
    again: bool
    """A repeat, which measures the person and is no gold."""


class Handout(Frozen):
    """Everything that was handed out at one time."""

    id: str
    study: Slug
    at: str
    seed: int
    repeats: float
    raters: tuple[str, ...]
    probability: dict[Slug, float]
    """By prompt: that it was drawn among those not rated before."""
    items: tuple[Dealt, ...]
    """By rater, in the order in which they are shown."""

    def of(self, rater: str) -> tuple[Dealt, ...]:
        """What one person is shown, in order."""
        return tuple(x for x in self.items if x.rater == rater)


class Kept(NamedTuple):
    """A handout and its file."""

    handout: Handout
    path: Path


def make(
    design: Design,
    judged: Sequence[JudgedAnswer],
    plan: pl.DataFrame,
    raters: Sequence[str],
    seed: int,
) -> Handout:
    """The handout of the answers that `plan` (GOLD_PLAN) drew, for these people."""
    answers = {x.want.key: x for x in judged}
    rubrics = {x.id: x for x in design.rubrics}
    items = []
    for assignment in draw.assign(plan, raters, list(rubrics), seed):
        for visit in assignment.visits:
            language = design.rubric_language(answers[visit.response].item.language)
            items += [
                Dealt(
                    id=secrets.token_hex(16),
                    rater=assignment.rater,
                    prompt=visit.prompt,
                    response=visit.response,
                    rubric=rubric,
                    language=language,
                    digest=seen_digest(rubrics[rubric], language),
                    again=visit.again,
                )
                for rubric in visit.rubrics
            ]
    chances = dict(plan.select("prompt", "probability").unique().iter_rows())
    return Handout(
        id=secrets.token_hex(16),
        study=design.study.name,
        at=now(),
        seed=seed,
        repeats=draw.REPEATS,
        raters=tuple(raters),
        probability=chances,
        items=tuple(items),
    )


def keep(handout: Handout, root: Path) -> Kept:
    """Put a handout into the project under a number of its own."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + len(list(folder.glob(f"{handout.study}_*.json")))
    path = folder / f"{handout.study}_{number}.json"
    store.replace(path, (handout.model_dump_json(indent=1) + "\n").encode())
    return Kept(handout, path)


def dealt_to(rater: str, items: Sequence[str], root: Path) -> Handout:
    """The handout in which these items were dealt to that person.

    Raises:
        UserError: there is none, or a file is no handout.
    """
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            found = Handout.model_validate_json(path.read_bytes())
        except ValueError as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(f"{files.shown(path, root)}: is no handout: {said}") from None
        if set(items) <= {x.id for x in found.of(rater)}:
            return found
    raise UserError(f"{FOLDER}: these items were dealt to {rater!r} in no handout of this project")
