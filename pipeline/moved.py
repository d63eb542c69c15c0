"""How is it known that a step of the ladder moved its factor: the mark of what it moved."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.capacity import Mark
from pipeline.rungs import Factor, Rung
from pipeline.verifying.marks import Marked

_SET: dict[Factor, tuple[str, ...]] = {
    "quantisation": ("model.quantisation",),
    "attention": ("model.serving.kv_cache", "model.serving.sliding_window"),
    "context": ("knobs.window_tokens", "model.context_tokens"),
    "experts": ("model.serving.active_experts",),
    "sampling": ("sampling.",),
    "thinking": ("sampling.", "knobs.thinking_tokens"),
    "extras": ("knobs.candidates",),
    "size": ("model.name", "model.file"),
    "instructions": ("knobs.instructions",),
    "speculative": ("model.serving.speculative",),
}
"""How the fields begin by which a factor is set."""
_SHOWN: dict[Factor, str] = {
    "quantisation": "profile.quantisation",
    "context": "profile.context_tokens",
    "experts": "profile.experts.active",
    "thinking": "profile.thinking.mode",
    "size": "profile.parameters_billion",
}
"""The field of the profile that files, servers and answers show of a factor."""
_WEAKEST: tuple[Mark, ...] = ("contradicted", "refused", "declared", "enforced", "verified")


def of(rungs: Iterable[Rung], marked: Mapping[str, Sequence[Marked]]) -> dict[Rung, Mark | None]:
    """The mark of each rung; None where nothing of its factor is among the fields.

    `marked` are the fields of every arm by its name. What was shown of the factor counts, for or
    against; else the weakest of the fields that the rung set otherwise than its end.
    """
    fields = {arm: {x.field: x for x in found} for arm, found in marked.items()}
    return {x: _mark(x.factor, fields[x.arm], fields[x.end]) for x in rungs}


def _mark(factor: Factor, arm: Mapping[str, Marked], end: Mapping[str, Marked]) -> Mark | None:
    shown = arm.get(_SHOWN.get(factor, ""))
    if shown is not None and shown.mark in ("verified", "contradicted"):
        return shown.mark
    found = [
        (arm.get(field) or end[field]).mark
        for field in arm.keys() | end.keys()
        if field.startswith(_SET[factor]) and _value(arm, field) != _value(end, field)
    ]
    return min(found, key=_WEAKEST.index, default=None)


def _value(fields: Mapping[str, Marked], field: str) -> str | None:
    return fields[field].value if field in fields else None
