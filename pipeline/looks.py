"""What the looks that were counted come to: which belong together, who saw what."""

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


def seen(looks: Sequence[Look], study: str, panel: str) -> frozenset[int]:
    """The versions that one study and panel have seen on the tune half."""
    mine = [
        x
        for x in looks
        if (x.study, x.panel, x.half, x.demos) == (study, panel, "tune", None) and x.by == "tune"
    ]
    return frozenset(y for x in mine for y in (x.version, x.against) if y is not None)


def _change_of(look: Look) -> Change:
    return Change(
        look.change, look.change_low, look.change_high, look.change_error, look.prompts, None
    )
