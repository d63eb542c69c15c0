"""What tuning has seen: `rubrics/tuning.jsonl`, to which lines are only ever added.

Which tasks are sealed, which wordings there were, every look at how a wording does, and which gold
of an older wording was accepted: whoever tunes on a few people's ratings fools themselves unless
somebody counts.
"""

import os
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from judges.digest import digest
from judges.rubric import Rubric, Slug, seen_digest, whole_digest
from judges.verdict import Frozen, Language
from pipeline.errors import UserError

LANGUAGES: tuple[Language, ...] = ("en", "ru")
Half = Literal["tune", "lockbox"]


class Split(Frozen):
    """Tasks that went to one half or the other, for good."""

    what: Literal["split"] = "split"
    at: str
    seed: int
    tune: tuple[str, ...]
    lockbox: tuple[str, ...]
    reported: tuple[Slug, ...] = ()
    """At the first deal: the studies that had shown a report before, when nothing was counted."""


class Version(Frozen):
    """A wording of a rubric, as people and judges read it; its file is kept beside the ledger."""

    what: Literal["version"] = "version"
    at: str
    rubric: Slug
    number: int
    digest: str
    """Of what judges are told, in both languages: a comment is not in it."""
    seen: dict[Language, str]
    """Of what people see: the digest that their ratings carry."""
    scale: tuple[int, ...]
    """Its levels: scores on other levels are of another scale."""


class Accepted(Frozen):
    """Ratings made under an older wording, taken for ratings of this one by somebody's decision."""

    what: Literal["accepted"] = "accepted"
    at: str
    rubric: Slug
    version: int
    seen: dict[Language, str]


class Look(Frozen):
    """One look at how a wording does beside people on one half of the gold."""

    what: Literal["look"] = "look"
    at: str
    by: Literal["tune", "score"] = "tune"
    """score: a report counted all the gold, and so this half too; it tells no figure of it."""
    rubric: Slug
    version: int
    against: int | None
    """The version it is compared with; None where there is none."""
    study: Slug
    panel: str
    """The digest of its judges: two panels' looks are never set side by side."""
    half: Half
    demos: int | None
    """Where demonstrations were compared: how many this is about; None = as the panel has it."""
    answers: int
    prompts: int
    alpha: float | None
    """Mean over people of the panel's alpha with each, by all scores that its judges gave."""
    low: float | None
    """95% interval, as all below."""
    high: float | None
    delta: float | None
    scores: int | None = None
    """Those that its judges gave; None = not told."""
    scores_wanted: int | None = None
    """Those that they should have given."""
    paired: float | None = None
    """The alpha by those judges of an answer alone that scored it under both versions."""
    before: float | None = None
    """That of the version it is compared with, by the same judges on the same answers."""
    change: float | None
    """Of `paired` against `before`."""
    change_low: float | None
    change_high: float | None
    change_error: float | None
    calls: int
    """Verdicts asked for this look."""
    cost: float | None
    """US dollars; None = not known."""


class Search(Frozen):
    """A search for better words on the tune half: it has looked at it as often as it scored."""

    what: Literal["search"] = "search"
    at: str
    rubric: Slug
    version: int
    study: Slug
    judge: Slug
    language: Language
    answers: int
    calls: int
    cost: float | None
    found: bool
    """Whether something better was proposed."""


class Tuned(Frozen):
    """What of the ledger the report of a study rests on."""

    accepted: tuple[Slug, ...] = ()
    """Rubrics for whose wording of today older ratings were accepted."""
    versions: dict[Slug, int] = Field({})
    """Of its rubrics as they stand, those that were tuned."""
    looks: tuple[Look, ...] = ()
    """At these rubrics by this study, whatever the version."""


Entry = Annotated[Split | Version | Accepted | Look | Search, Field(discriminator="what")]
T = TypeVar("T", Split, Version, Accepted, Look, Search)
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Ledger:
    """The entries of a project, oldest first."""

    def __init__(self, root: Path) -> None:
        """Read them; a project without any has none.

        Raises:
            UserError: a line is none of ours.
        """
        self.path = root / "rubrics" / "tuning.jsonl"
        self.entries: list[Entry] = []
        self._unended = False
        text = self.path.read_bytes() if self.path.exists() else b""
        if text and not text.endswith(b"\n") and _is_entry(text.rpartition(b"\n")[2]):
            text += b"\n"  # whole but for its end, as some editors leave it
            self._unended = True
        whole, _, torn = text.rpartition(b"\n")
        self._torn = len(torn)  # by a crash in the middle of a write
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                self.entries.append(_ENTRY.validate_json(line))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(str(x) for x in first["loc"])
                what = first["msg"]
                if first["type"] == "union_tag_not_found":
                    where, what = "what", "is missing: it says what the line is"
                said = f"rubrics/tuning.jsonl:{number}: {where or 'line'}: {what}"
                raise UserError(f"{said}; lines are only added here, never edited") from None
        self._check_versions()
        self._check_halves()

    def _check_versions(self) -> None:
        seen: dict[tuple[str, str], int] = {}
        numbers: dict[tuple[str, int], str] = {}
        for x in self.of(Version):
            other = seen.setdefault((x.rubric, x.digest), x.number)
            if other != x.number:
                raise UserError(
                    f"rubrics/tuning.jsonl: versions {other} and {x.number} of {x.rubric} have one "
                    "digest: they are one wording; remove the line of the later one"
                )
            if numbers.setdefault((x.rubric, x.number), x.digest) != x.digest:
                raise UserError(
                    f"rubrics/tuning.jsonl: two wordings are {x.rubric}@{x.number}: were two "
                    "branches merged? Give the later one, its looks and its kept file a new number"
                )

    def _check_halves(self) -> None:
        both = sorted(self.half("tune") & self.half("lockbox"))
        if both:
            raise UserError(
                f"rubrics/tuning.jsonl: {len(both)} tasks are in both halves ({both[0]} ...): were "
                "two branches merged? Take one of the `split` lines out; what was opened under it "
                "is no longer sealed, so keep the one that was looked into least"
            )

    def of(self, kind: type[T]) -> list[T]:
        """The entries of one kind."""
        return [x for x in self.entries if isinstance(x, kind)]

    def add(self, *entries: Entry) -> None:
        """Write `entries` behind the others, on the disk before this returns."""
        if not entries:
            return
        lines = "".join(f"{x.model_dump_json()}\n" for x in entries).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            if self._torn:
                file.truncate(file.tell() - self._torn)
                self._torn = 0
            start = file.tell()
            lines = b"\n" * self._unended + lines
            self._unended = False
            try:
                while lines:
                    lines = lines[file.write(lines) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)
                raise
        self.entries += entries

    def half(self, half: Half) -> frozenset[str]:
        """The tasks of a half."""
        return frozenset(x for split in self.of(Split) for x in getattr(split, half))

    def versions(self, rubric: str) -> list[Version]:
        """The wordings of a rubric, oldest first."""
        return [x for x in self.of(Version) if x.rubric == rubric]

    def looks(self, rubric: str) -> list[Look]:
        """The looks at a rubric, oldest first."""
        return [x for x in self.of(Look) if x.rubric == rubric]

    def version(self, rubric: Rubric) -> Version | None:
        """The version that `rubric` is; None where it was never kept."""
        now = version_digest(rubric)
        return next((x for x in self.versions(rubric.id) if x.digest == now), None)

    def other_scale(self, seen: str | None, rubric: Rubric) -> tuple[int, ...] | None:
        """The levels of the version that people saw, where today's are others; else None."""
        for x in self.versions(rubric.id):
            if seen in x.seen.values() and x.scale != rubric.scale:
                return x.scale
        return None

    def accepts(self, rubric: Rubric) -> bool:
        """Whether older ratings were accepted for the wording that people see today."""
        today = seen(rubric)
        return any(x.rubric == rubric.id and x.seen == today for x in self.of(Accepted))

    def tuned(self, study: str, rubrics: Sequence[Rubric]) -> Tuned:
        """What the report of a study rests on."""
        versions = {x.id: kept.number for x in rubrics if (kept := self.version(x)) is not None}
        looks = tuple(x for x in self.of(Look) if x.study == study and x.rubric in versions)
        accepted = tuple(x.id for x in rubrics if self.accepts(x))
        return Tuned(accepted=accepted, versions=versions, looks=looks)


def seen(rubric: Rubric) -> dict[Language, str]:
    """The digests of what people see of a rubric."""
    return {x: seen_digest(rubric, x) for x in LANGUAGES}


def _is_entry(line: bytes) -> bool:
    try:
        _ENTRY.validate_json(line)
    except ValidationError:
        return False
    return True


def version_digest(rubric: Rubric) -> str:
    """The digest of a wording: of all that judges are told, in both languages."""
    return digest([whole_digest(rubric, x) for x in LANGUAGES])


def split(prompts: Iterable[str], ledger: Ledger, seed: int, at: str) -> Split | None:
    """The halves of those `prompts` that have none yet; None where all have.

    The halves of `prompts` come out equal, but for one; what was dealt before stays where it is.
    """
    every = set(prompts)
    halves = {x: len(every & ledger.half(x)) for x in ("tune", "lockbox")}
    new = sorted(every - ledger.half("tune") - ledger.half("lockbox"))
    if not new:
        return None
    random.Random(f"{seed} {' '.join(new)}").shuffle(new)
    dealt: dict[str, list[str]] = {"tune": [], "lockbox": []}
    for prompt in new:
        half = "tune" if halves["tune"] <= halves["lockbox"] else "lockbox"
        halves[half] += 1
        dealt[half].append(prompt)
    tune, lockbox = (tuple(sorted(dealt[x])) for x in ("tune", "lockbox"))
    return Split(at=at, seed=seed, tune=tune, lockbox=lockbox)
