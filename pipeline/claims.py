"""What the profile of an arm of the ladder claims, from that of the end it starts from."""

from collections.abc import Iterable
from typing import Any

from pipeline.ablations import Level
from pipeline.arms import Arm, inference, thinking_sent
from pipeline.capacity import Extra, Profile, ThinkingMode
from pipeline.errors import UserError
from pipeline.models.catalogue import Model
from pipeline.rungs import Factor


def claimed(end: Arm, arm: Arm, factor: Factor, level: Level, where: str) -> Profile:
    """The profile of `arm`, which is `end` with `factor` at `level`.

    What the end's profile said of the factor and the level does not say is not known any more.

    Raises:
        UserError: nothing tells how long the moved arm may think.
    """
    model = arm.model
    values: dict[str, Any] = end.profile.model_dump()
    if level.model is not None and factor == "quantisation":
        values |= {"quantisation": model.quantisation or "not stated", "weight_bits": None}
    if level.model is not None and factor == "size":
        values |= {"parameters_billion": None, "experts": {}}
    if level.model is not None and factor == "experts":
        active = model.serving.active_experts if model.serving else None
        values["experts"] = {**values["experts"], "active": active}
    if factor == "thinking" and level.profile.thinking is None:
        values["thinking"] = {"mode": _thinking(end, arm, where)}
    if factor in _EXTRA and values["extras"] is not None:
        values["extras"] = _extras(end.model, model, factor, values["extras"])
    values["context_tokens"] = arm.knobs.window_tokens or model.context_tokens
    values |= level.profile.model_dump(exclude_none=True)
    return Profile.model_validate(values | {"inference": inference(arm)})


_EXTRA: dict[Factor, tuple[str, Extra]] = {
    "attention": ("sliding_window", "sliding_window"),
    "speculative": ("speculative", "speculative_decoding"),
}
"""The field of `serving` by which a factor is an extra of a profile, and that extra."""


def _extras(old: Model, new: Model, factor: Factor, extras: Iterable[Extra]) -> list[Extra]:
    """The extras of a profile once the model is loaded otherwise."""
    field, extra = _EXTRA[factor]
    was, now = (getattr(x.serving, field) if x.serving else None for x in (old, new))
    if was == now:
        return list(extras)
    return [*(x for x in extras if x != extra), *([extra] if now is not None else [])]


def _thinking(end: Arm, arm: Arm, where: str) -> ThinkingMode:
    """How long the moved arm may think.

    Raises:
        UserError: it is sent nothing of it any more, so the level has to say what its model does.
    """
    sent = thinking_sent(arm)
    if sent is not None:
        return sent
    if thinking_sent(end) is None:
        return end.profile.thinking.mode
    if end.knobs.thinking_tokens is not None:
        return "none"  # the knob is for models that have no thinking of their own
    raise UserError(
        f"{where}: nothing of thinking is sent any more, so the model's own default holds; say "
        "what that is: profile: {thinking: {mode: none}}, capped or unlimited"
    )
