"""What the looks that were counted come to: who stood best, which belong together, who saw what."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.ledger import Look
from pipeline.stats import tuned
from pipeline.stats.tuned import Change


def reports(looks: Sequence[Look], version: int | None = None) -> list[Look]:
    """The looks into the lockbox through a report, of one version or of all, oldest first."""
    return [x for x in looks if x.by == "score" and version in (None, x.version)]


class Pair(NamedTuple):
    """The looks at one wording that may be set side by side: of one study and one panel."""

    tune: Look | None
    lockbox: Look | None

    @property
    def optimism(self) -> Change | None:
        """How much of the gain on the tune half the lockbox does not bear out; None before both."""
        if self.tune is None or self.lockbox is None or self.lockbox.against is None:
            return None
        return tuned.optimism(_change_of(self.tune), _change_of(self.lockbox))


def pair(
    looks: Sequence[Look], version: int, study: str, panel: str, against: int | None = None
) -> Pair:
    """The look into the lockbox, and the last one at the tune half against the same version.

    Of any version it was set beside, or where `against` is given of that one only.
    """
    mine = [
        x
        for x in looks
        if (x.version, x.study, x.panel, x.demos) == (version, study, panel, None)
        and x.by == "tune"
        and against in (None, x.against)
    ]
    box = next((x for x in mine if x.half == "lockbox"), None)
    halves = [x for x in mine if x.half == "tune" and (box is None or x.against == box.against)]
    return Pair(halves[-1] if halves else None, box)


class Stood(NamedTuple):
    """How a version stood beside people on the tune half when it was last seen there."""

    version: int
    alpha: float


def standing(looks: Sequence[Look], study: str, panel: str) -> list[Stood]:
    """The versions that one study and panel have seen on the tune half, best alpha first.

    Of two that are equal the later version comes first; one without an alpha is left out.
    """
    last: dict[int, float | None] = {}
    for x in looks:
        if (x.study, x.panel, x.half, x.demos) != (study, panel, "tune", None):
            continue
        if x.against is not None:
            last[x.against] = x.before
        last[x.version] = x.alpha
    known = [Stood(version, alpha) for version, alpha in last.items() if alpha is not None]
    return sorted(known, key=lambda x: (x.alpha, x.version), reverse=True)


def _change_of(look: Look) -> Change:
    return Change(
        look.change, look.change_low, look.change_high, look.change_error, look.prompts, None
    )
