"""The page on which the owner of a study watches people rate."""

from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from judges.rubric import Text
from pipeline.pages.report import TEMPLATES
from pipeline.stats.planning import Needed
from pipeline.stats.thresholds import Target


class Progress(NamedTuple):
    """How far one person is."""

    rater: str
    rater_class: str | None
    done: int
    of: int
    unjudged: int
    seconds: float | None
    """Median of an item; None before the first."""
    itself: float | None
    """Share of the repeats on which the person gave the same level; None before the first."""


class Agreed(NamedTuple):
    """How far people agree on one rubric so far."""

    rubric: str
    title: Text
    alpha: float | None
    low: float | None
    high: float | None
    answers: int
    needed: Needed
    """Answers for the wanted interval."""
    interim: bool
    note: str | None


class Split(NamedTuple):
    """An answer on which people are far apart."""

    rubric: str
    task: str
    answer: str
    scores: tuple[int, ...]


class Figures(NamedTuple):
    """All that the owner's page shows."""

    progress: tuple[Progress, ...]
    agreed: tuple[Agreed, ...]
    splits: tuple[Split, ...]
    target: Target


def render(title: Text, dealt: str, seed: int, found: Figures, csrf: str) -> str:
    """The page as HTML; it has no script, and every value is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("owner.html.j2").render(
        title=title, dealt=dealt, seed=seed, found=found, csrf=csrf
    )
