"""What is handed out for rating: which item is which answer, known to the owner alone."""

import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pydantic import Field

from judges.rubric import Slug, seen_digest
from judges.verdict import Frozen, Language
from pipeline import files, store
from pipeline.errors import UserError
from pipeline.owed import JudgedAnswer
from pipeline.rating import draw
from pipeline.records import now
from pipeline.stats.thresholds import Target
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
    level: int | None = None
    """That an attention item asks for; None = this is an answer to be rated."""


class Handout(Frozen):
    """Everything that was handed out at one time."""

    id: str
    study: Slug
    at: str
    seed: int
    repeats: float
    raters: tuple[str, ...]
    reads: dict[str, Language] = Field(default_factory=dict)
    """By rater who reads one language alone: which."""
    probability: dict[Slug, float]
    """By prompt: that it was drawn among those that still wanted people."""
    target: Target | None = None
    """How much gold was wanted when it was dealt; None = not noted."""
    in_files: bool = False
    """Whether each person got a page in a file and hands one back."""
    prompts: int | None = None
    """How many tasks were wished; None = not noted."""
    unfinished: bool = False
    """Whether invitations or pages of it may be lacking, as where it was cut short."""
    items: tuple[Dealt, ...]
    """By rater, in the order in which they are shown."""

    def of(self, rater: str) -> tuple[Dealt, ...]:
        """What one person is shown, in order."""
        return tuple(x for x in self.items if x.rater == rater)


class Invited(NamedTuple):
    """A person who is to rate."""

    rater: str
    reads: Language | None = None
    """Which answers alone; None = all."""


class Kept(NamedTuple):
    """A handout and its file."""

    handout: Handout
    path: Path


def make(
    design: Design,
    judged: Sequence[JudgedAnswer],
    plan: pl.DataFrame,
    invited: Sequence[Invited],
    seed: int,
    target: Target,
    given: Collection[tuple[str, str, str]] = (),
) -> Handout:
    """The handout of the answers that `plan` (GOLD_PLAN) drew, for these people.

    `given` are rater, answer and rubric of what was given before: nobody is given it again.
    """
    answers = {x.want.key: x for x in judged}
    rubrics = {x.id: x for x in design.rubrics}
    raters = [x.rater for x in invited]
    items = []
    for assignment in draw.assign(
        plan, raters, list(rubrics), seed, reads=_reads(plan, invited, answers), given=given
    ):
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
        reads={x.rater: x.reads for x in invited if x.reads is not None},
        probability=chances,
        target=target,
        items=tuple(items),
    )


def _reads(
    plan: pl.DataFrame, invited: Sequence[Invited], answers: Mapping[str, JudgedAnswer]
) -> dict[str, set[str]]:
    """Which answers those can read who read one language.

    Both arms of a task or neither: where one of them answered in another language than it was asked
    in, the pair is for those who read both.
    """
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for prompt, language, response in plan.select("prompt", "language", "response").iter_rows():
        pairs[prompt, language].append(response)
    return {
        rater: {
            response
            for (_, asked), pair in pairs.items()
            if asked == only and all(answers[x].item.language == only for x in pair)
            for response in pair
        }
        for rater, only in invited
        if only is not None
    }


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Holds the handouts of a project: whoever else would deal or delete here waits for it."""
    folder = root / FOLDER
    folder.parent.mkdir(parents=True, exist_ok=True)
    with store.alone(folder):
        yield


def keep(handout: Handout, root: Path) -> Kept:
    """Put a handout into the project under a number of its own; none is written over."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    number = max(_numbers(folder, handout.study), default=0) + 1
    while True:
        path = folder / f"{handout.study}_{number}.json"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:  # dealt by another process meanwhile
            number += 1
            continue
        store.replace(path, _written(handout))
        return Kept(handout, path)


def finish(kept: Kept) -> Handout:
    """The handout, noted as one of which no invitation or page is lacking."""
    done = kept.handout.model_copy(update={"unfinished": False})
    store.replace(kept.path, _written(done))
    return done


def unfinished(root: Path, study: str) -> tuple[Kept, ...]:
    """A study's handouts here that were cut short.

    Raises:
        UserError: a file is no handout.
    """
    found = (Kept(x, path) for path, x in _files(root))
    return tuple(x for x in found if x.handout.study == study and x.handout.unfinished)


def forget(root: Path, study: str, rater: str) -> None:
    """Take a person out of a study's handouts here, and their pages away: nothing is taken in.

    Raises:
        UserError: a file is no handout.
    """
    with alone(root):
        for path, found in _files(root):
            if found.study == study and rater in found.raters:
                path.with_suffix("").joinpath(f"{rater}.html").unlink(missing_ok=True)
                store.replace(path, _written(without(found, rater)))


def without(handout: Handout, rater: str) -> Handout:
    """A handout in which nothing is left of a person."""
    return handout.model_copy(
        update={
            "raters": tuple(x for x in handout.raters if x != rater),
            "reads": {x: y for x, y in handout.reads.items() if x != rater},
            "items": tuple(x for x in handout.items if x.rater != rater),
        }
    )


def _written(handout: Handout) -> bytes:
    return (handout.model_dump_json(indent=1) + "\n").encode()


def _numbers(folder: Path, study: str) -> list[int]:
    """The numbers that are taken, by a handout or by its pages."""
    named = re.compile(rf"{re.escape(study)}_(\d+)(\.json)?")
    return [int(found[1]) for x in folder.iterdir() if (found := named.fullmatch(x.name))]


def here(root: Path, study: str | None = None) -> tuple[Handout, ...]:
    """The handouts whose files are here, of all studies or of one.

    Raises:
        UserError: a file is no handout.
    """
    return tuple(x for _, x in _files(root) if study in (None, x.study))


def _files(root: Path) -> list[tuple[Path, Handout]]:
    """Every handout's file and what it holds."""
    found = []
    for path in sorted((root / FOLDER).glob("*.json")):
        data = path.read_bytes()
        if not data:  # its number was taken, and then the deal was cut short
            continue
        try:
            found.append((path, Handout.model_validate_json(data)))
        except ValueError as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(f"{files.shown(path, root)}: is no handout: {said}") from None
    return found


def dealt_to(rater: str, items: Sequence[str], root: Path) -> Handout:
    """The handout in which these items were dealt to that person.

    Raises:
        UserError: there is none, or a file is no handout.
    """
    for found in here(root):
        if set(items) <= {x.id for x in found.of(rater)}:
            return found
    said = f"these items were dealt to {rater!r} in no handout of this project"
    raise UserError(f"{FOLDER}: {said}; whoever was deleted is in none")
