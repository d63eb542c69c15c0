"""What is known of a step before it is scored: the mark of what it moved, which way, what came."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from judges.verdict import Language
from pipeline import direction
from pipeline.arms import Arm
from pipeline.capacity import Mark
from pipeline.rungs import Crossing, Factor, Known, Rung, Way
from pipeline.stats.differences import NO_ANSWER
from pipeline.verifying import more, spent
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


class Shown(NamedTuple):
    """An arm as far as files, servers and answers have shown it."""

    arm: Arm
    """Its profile as shown, where that differs from what was declared."""
    fields: Sequence[Marked]
    answers: Sequence[Mapping[str, Any]] = ()
    """Its records of `responses.jsonl`."""


def of(rungs: Iterable[Rung], shown: Mapping[str, Shown], prompts: int) -> dict[Rung, Known]:
    """What is known of each rung; `shown` are all arms by name, `prompts` how many each is put.

    Here and below a task in two languages is two.
    """
    return {x: _known(x, shown[x.arm], shown[x.end], prompts) for x in rungs}


def crossed(
    crossings: Iterable[Crossing], shown: Mapping[str, Shown], prompts: int
) -> dict[Crossing, Known]:
    """How many prompts all arms of each crossing answered: of languages, in both of them."""
    return {x: Known(asked=prompts, answered=len(_answered(x, shown))) for x in crossings}


def _answered(one: Crossing, shown: Mapping[str, Shown]) -> set[tuple[str, str]]:
    arms = [x for x in (one.both, one.other, one.one, one.end) if x is not None]
    places = set.intersection(*(set(_removed(shown[x])) for x in arms))
    if one.second != "language":
        return places
    return {(x, y) for x, y in places if all((x, z) in places for z in get_args(Language))}


def _known(rung: Rung, arm: Shown, end: Shown, prompts: int) -> Known:
    fields = [{x.field: x for x in one.fields} for one in (arm, end)]
    mine, others = _removed(arm), _removed(end)
    both = mine.keys() & others.keys()
    cuts = rung.factor == "context" and arm.arm.knobs.window_tokens != end.arm.knobs.window_tokens
    way = direction.of(rung.factor, arm.arm, end.arm)
    thought = _thought(way, arm, end) if rung.factor == "thinking" else None
    limits = [x.arm.sampling.max_tokens for x in (arm, end)]
    return Known(
        mark=_mark(rung.factor, fields[0], fields[1], thought),
        way=way,
        thought=thought,
        reply=rung.factor == "context" and limits[0] != limits[1],
        cut=sum(mine[x] != others[x] for x in both) if cuts and both else None,
        asked=prompts,
        answered=len(both),
    )


def _thought(way: Way | None, arm: Shown, end: Shown) -> bool | None:
    """Whether the answers of a step of thinking were thought about more or less, that way."""
    if way is None:
        return None
    aloud = any(x.arm.knobs.thinking_tokens is not None for x in (arm, end))
    return more.seen(way, arm.answers, end.answers, aloud, spent.shows(arm.arm))


def _removed(one: Shown) -> dict[tuple[str, str], object]:
    """What the window cut off each prompt that has an answer, by prompt and language."""
    given = (x for x in one.answers if x["finish"] not in NO_ANSWER)
    return {(x["task"], x["language"]): x["removed"] for x in given}


def _mark(
    factor: Factor, arm: Mapping[str, Marked], end: Mapping[str, Marked], thought: bool | None
) -> Mark | None:
    """The mark of a step; None where nothing of its factor is among the fields.

    What was shown of the factor counts, for or against; else the weakest of the fields that the
    step set otherwise than its end. A step of thinking is verified where its answers were `thought`
    about more or less than those of its end: that they were thought about at all shows of both.
    """
    shown = arm.get(_SHOWN.get(factor, ""))
    thinking = factor == "thinking"
    # That the limit on replies cut unlimited thinking off does not say that there was no more.
    refuted = shown is not None and shown.mark == "contradicted" and shown.value != "unlimited"
    if thought and not refuted:
        return "verified"
    if shown is not None and (
        shown.mark == "contradicted" or (shown.mark == "verified" and not thinking)
    ):
        return shown.mark
    found = [
        (arm.get(field) or end[field]).mark
        for field in arm.keys() | end.keys()
        if field.startswith(_SET[factor]) and _value(arm, field) != _value(end, field)
    ]
    weakest = min(found, key=_WEAKEST.index, default=None)
    return "enforced" if thinking and weakest == "verified" else weakest


def _value(fields: Mapping[str, Marked], field: str) -> str | None:
    return fields[field].value if field in fields else None
