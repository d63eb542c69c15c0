"""Every field of an arm with its mark, and its profile as far as it has been shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from judges.rubric import Text
from pipeline import arms, extremes
from pipeline.arms import Arm
from pipeline.capacity import Mark, Profile
from pipeline.extremes import Extreme, Held
from pipeline.models.showing import Fact, Place, Source, place
from pipeline.verifying import compare, spent
from pipeline.verifying.compare import Check

_NOT_SAID = ("not published", "not a model")


class Marked(NamedTuple):
    """One field of an arm, how it is known, and what was shown of it."""

    field: str
    value: str
    mark: Mark
    found: Text | None
    """What was shown, where that says more than the mark."""
    source: Source | None
    """What showed it."""


def checks(
    arm: Arm, known: Mapping[Place, Sequence[Fact]], records: Sequence[dict[str, Any]]
) -> tuple[Check, ...]:
    """All that was shown of `arm`: by files and servers (`known`), by its answers."""
    return (*compare.checks(arm, known.get(place(arm.model), ())), *spent.checks(arm, records))


def settings(arm: Arm, found: Iterable[Check]) -> tuple[Marked, ...]:
    """Every field that is declared or was shown, in the order of `arms.settings`."""
    shown = _gravest(found)
    declared = arms.settings(arm)
    told = [_marked(x, shown.get(x.field)) for x in declared]
    fields = {x.field for x in declared}
    return tuple(
        told
        + [
            Marked(x.field, str(x.found), "verified", None, x.source)
            for x in shown.values()
            if x.field not in fields
        ]
    )


def _gravest(found: Iterable[Check]) -> dict[str, Check]:
    """One check for each field: the last, unless an earlier one contradicts."""
    shown: dict[str, Check] = {}
    for check in found:
        if check.field not in shown or shown[check.field].agrees:
            shown[check.field] = check
    return shown


def _marked(setting: arms.Setting, check: Check | None) -> Marked:
    if check is None:
        return Marked(*setting, None, None)
    mark: Mark = "verified" if check.agrees else "contradicted"
    more = not check.agrees or check.words is not None or str(check.found) != setting.value
    found = check.shown if more else None
    return Marked(setting.field, setting.value, mark, found, check.source)


def held(extreme: Extreme, arm: Arm, found: Iterable[Check]) -> tuple[Held, ...]:
    """The eight rows of the extreme that `arm` plays: asked, actual, met."""
    shown = _gravest(found)
    marks = {
        x.field.removeprefix("profile."): x.mark
        for x in settings(arm, shown.values())
        if x.field.startswith("profile.") and x.value not in _NOT_SAID
    }
    if arms.inference(arm) != arm.profile.inference:
        marks["inference"] = "enforced"
    return extremes.held(extreme, actual(arm, shown.values()), marks)


def actual(arm: Arm, found: Iterable[Check]) -> Profile:
    """The profile with what was shown where that differs, and with the settings really sent.

    The mode of thinking stays as declared: a contradiction of it is in the marks. A window that
    is not what was declared, and of which only a bound was found, is not known; nor are experts
    at work of which answers show now one number, now another.
    """
    profile = arm.profile.model_dump()
    profile["inference"] = arms.inference(arm)
    for check in found:
        room, _, field = check.field.partition(".")
        if room != "profile" or (check.agrees and check.declared is not None):
            continue
        if field == "extras":
            kept = [x for x in profile["extras"] or () if x != "sliding_window"]
            profile["extras"] = [*kept, *(["sliding_window"] if check.found else [])]
        elif field in ("context_tokens", "experts.active") or not check.bound:
            inner, _, name = field.rpartition(".")
            value = None if check.bound else check.found
            (profile[inner] if inner else profile)[name] = value
    return Profile.model_validate(profile)
