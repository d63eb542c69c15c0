"""The page on which the owner of a study watches people rate."""

from typing import NamedTuple

from markupsafe import Markup

from judges.digest import digest
from judges.rubric import Text
from judges.verdict import Language
from pipeline.pages import numerals
from pipeline.pages.notes import note
from pipeline.pages.owner_words import KINDS, WORDS
from pipeline.pages.templating import hashed, source, template
from pipeline.stats.planning import Needed
from pipeline.stats.thresholds import Target


class Progress(NamedTuple):
    """How far one person is."""

    rater: str
    who: str | None
    """What the person said of themselves, or the class that the owner's file gives them."""
    done: int
    of: int
    unjudged: int
    seconds: float | None
    """Median of an item; None before the first."""
    same: int
    """Repeats on which the person gave the same level."""
    repeats: int
    """Repeats of which both scores are there."""
    in_file: bool = False
    """Whether the person rates in a file alone: `done` is what was taken in of it."""
    missed: tuple[int, int] | None = None
    """Attention items that went wrong, and how many were seen; None = none was."""


class Agreed(NamedTuple):
    """How far people agree on one rubric so far, under today's words."""

    rubric: str
    title: Text
    alpha: float | None
    low: float | None
    high: float | None
    answers: int
    needed: Needed
    """Answers for the wanted interval."""
    there: int
    """Answers that the study has."""
    left: tuple[tuple[str, int], ...]
    """Who has ratings still to give of those that were dealt, and how many."""
    stale: int
    """Ratings under other words than today's: they do not count here."""
    shut: int
    """Items that were dealt and are closed."""
    narrow: bool
    """Whether the interval is as narrow as was wanted."""
    note: str | None

    @property
    def interim(self) -> bool:
        """Whether this is a look on the way: more is to come, or more is needed."""
        return bool(self.left) or not self.narrow

    @property
    def state(self) -> str:
        """Which words say how far it is."""
        if self.left:
            return "left_narrow" if self.narrow else "left"
        if self.narrow:
            return "reached"
        if self.stale or self.shut:
            return "closed"
        return "exhausted" if 0 < self.there <= self.answers else "too_wide"

    @property
    def rule_of_thumb(self) -> bool:
        """Whether the number needed is no more than that; there is no interval to start from."""
        return self.needed.note is not None

    @property
    def untold(self) -> bool:
        """Whether no number needed can be told: the rule of thumb is met, and to no avail."""
        number = self.needed.number
        return number is None or (self.rule_of_thumb and number <= self.answers)


class Split(NamedTuple):
    """An answer on which people are far apart."""

    rubric: str
    language: Language
    task: str
    answer: str
    scores: tuple[int, ...]

    @property
    def key(self) -> str:
        """Tells it from the others while the page reads itself anew."""
        return digest(self.rubric, self.task, self.answer)


class Figures(NamedTuple):
    """All that the owner's page shows."""

    progress: tuple[Progress, ...]
    repeats: int
    """How many of the items there are hidden repeats, which count in no other figure."""
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
    """The page as HTML; every value is escaped, and its script only reads it anew."""
    return _made(sheet, found=found, rater=None)


def forgetting(sheet: Sheet, rater: str) -> str:
    """The page that asks whether all that `rater` wrote shall go."""
    return _made(sheet, found=None, rater=rater)


def _made(sheet: Sheet, found: Figures | None, rater: str | None) -> str:
    language = sheet.language
    style, script = source("owner.css"), source("owner.js")
    return template("owner.html.j2").render(
        title=getattr(sheet.title, language),
        dealt=sheet.dealt,
        csrf=sheet.csrf,
        language=language,
        other="en" if language == "ru" else "ru",
        say={name: getattr(text, language) for name, text in WORDS.items()},
        kinds={name: getattr(text, language) for name, text in KINDS.items()},
        titles={} if found is None else {x.rubric: x.title for x in found.agreed},
        note=note,
        numerals=numerals,
        found=found,
        rater=rater,
        style=Markup(style),
        style_hash=hashed(style),
        script=Markup(script),
        script_hash=hashed(script),
    )
