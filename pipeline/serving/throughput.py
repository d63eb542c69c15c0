"""How fast an arm's model may answer on given cards: a rough range from two bounds.

Writing one token of each answer reads the weights once and every answer's keys and values: bound
by memory bandwidth. Reading a prompt costs two operations a weight and token: bound by compute
(Pope et al. 2022, "Efficiently Scaling Transformer Inference", arXiv 2211.05102, section 2). What
cards tell each other and the attention's own operations are left out. The range is 0.3 to 0.7 of
the bound: what engines usually reach of it, taken and not measured.
"""

from typing import NamedTuple

from pipeline.arms import Arm
from pipeline.serving import memory
from pipeline.serving.memory import Figure, Fit

REACHED = (0.3, 0.7)
"""Of the bound: an assumption."""


class Range(NamedTuple):
    """Tokens a second, all answers together; None = not known, and why."""

    low: float | None
    high: float | None
    why: str = ""


def active_parameters(arm: Arm) -> Figure:
    """Weights that work on one token; all of them where the model is dense.

    All but the experts that rest: total - (experts - active) x size of an expert.
    """
    profile, experts = arm.profile, arm.profile.experts
    if profile.parameters_billion is None:
        return Figure(None, "profile.parameters_billion is not given")
    if not experts.total:
        return Figure(profile.parameters_billion * 1e9)
    active = _active_experts(arm)
    if active is None or experts.size_billion is None:
        return Figure(None, "profile.experts does not give active and size_billion")
    resting = (experts.total - active) * experts.size_billion
    return Figure(max(0.0, profile.parameters_billion - resting) * 1e9)


def weights_read(arm: Arm, answers: int) -> Figure:
    """Bytes of weights that one step for `answers` answers reads, on average.

    Of E experts, k of them for each token, a step touches E x (1 - (1 - k/E)^answers), where
    tokens are routed alike and each for itself.
    """
    loaded, profile, experts = memory.weights(arm), arm.profile, arm.profile.experts
    if loaded.value is None or not experts.total:
        return loaded
    active = _active_experts(arm)
    if active is None or experts.size_billion is None or profile.parameters_billion is None:
        return Figure(None, "profile.experts does not give active and size_billion")
    share = min(1.0, experts.total * experts.size_billion / profile.parameters_billion)
    touched = 1 - (1 - active / experts.total) ** answers
    return Figure(loaded.value * (1 - share + share * touched))


def decode(arm: Arm, on: Fit, answers: int, tokens: int) -> Range:
    """Tokens a second while `answers` are written at once, each with `tokens` of context."""
    read, one, active = (
        weights_read(arm, answers),
        memory.token(arm, on.cards),
        active_parameters(arm),
    )
    for figure in (read, one, active):
        if figure.value is None:
            return Range(None, None, figure.why)
    if on.card.bandwidth is None or on.card.compute is None:
        return Range(None, None, f"{on.card.name} is not in the table of cards")
    assert read.value is not None
    assert one.value is not None
    assert active.value is not None
    kept = answers * memory.held(arm, tokens) * one.value
    moved = (read.value + kept) / (on.cards * on.card.bandwidth)
    counted = 2 * active.value * answers / (on.cards * on.card.compute)
    bound = answers / max(moved, counted)
    return Range(bound * REACHED[0], bound * REACHED[1])


def prefill(arm: Arm, on: Fit) -> Range:
    """Tokens of prompts read a second."""
    active = active_parameters(arm)
    if active.value is None:
        return Range(None, None, active.why)
    if on.card.compute is None:
        return Range(None, None, f"{on.card.name} is not in the table of cards")
    bound = on.cards * on.card.compute / (2 * active.value)
    return Range(bound * REACHED[0], bound * REACHED[1])


def _active_experts(arm: Arm) -> int | None:
    serving = arm.model.serving
    set_to = serving.active_experts if serving is not None else None
    return set_to or arm.profile.experts.active
