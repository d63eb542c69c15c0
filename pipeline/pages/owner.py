"""The page on which the owner of a study watches people rate."""

from typing import NamedTuple

from judges.rubric import Text
from judges.verdict import Language
from pipeline.pages.notes import note
from pipeline.pages.owner_words import CLASSES, WORDS
from pipeline.pages.templating import template
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
    in_file: bool = False
    """Whether the person rates in a file alone: `done` is what was taken in of it."""
    missed: tuple[int, int] | None = None
    """Attention items that went wrong, and how many were seen; None = none was."""


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
    left: int
    """Ratings that were dealt and are still to come."""
    narrow: bool
    """Whether the interval is as narrow as was wanted."""
    note: str | None

    @property
    def interim(self) -> bool:
        """Whether this is a look on the way: more is to come, or more is needed."""
        return self.left > 0 or not self.narrow


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
    """That was fixed when the study was first dealt."""
    moved: bool
    """Whether the study file says otherwise now."""


class Sheet(NamedTuple):
    """What the page is about, and for whom."""

    title: Text
    dealt: tuple[tuple[str, int], ...]
    """When, ISO 8601 in UTC, and with which seed: each handout."""
    language: Language
    csrf: str


def render(sheet: Sheet, found: Figures) -> str:
    """The page as HTML; it has no script, and every value is escaped."""
    return _made(sheet, found=found, rater=None)


def forgetting(sheet: Sheet, rater: str) -> str:
    """The page that asks whether all that `rater` wrote shall go."""
    return _made(sheet, found=None, rater=rater)


def _made(sheet: Sheet, found: Figures | None, rater: str | None) -> str:
    language = sheet.language
    return template("owner.html.j2").render(
        title=getattr(sheet.title, language),
        dealt=sheet.dealt,
        csrf=sheet.csrf,
        language=language,
        other="en" if language == "ru" else "ru",
        say={name: getattr(text, language) for name, text in WORDS.items()},
        classes={name: getattr(text, language) for name, text in CLASSES.items()},
        titles={} if found is None else {x.rubric: x.title for x in found.agreed},
        note=note,
        found=found,
        rater=rater,
    )
