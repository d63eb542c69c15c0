"""What an arm's model takes to hold: its weights, its keys and values, and the cards for both."""

import math
from typing import NamedTuple

from pipeline.arms import Arm
from pipeline.serving.cards import CARDS, COUNTS, GIB, Card

OVERHEAD = 3 * GIB
"""Kept free on each card for activations, CUDA graphs and buffers: a round figure, unmeasured."""
SHARE = 0.92
"""Of a card's memory that vLLM takes where it is told nothing (0.33)."""

WEIGHT_BITS = {
    "none": 16.0,
    "awq": 4.25,
    "awq_marlin": 4.25,
    "gptq": 4.25,
    "gptq_marlin": 4.25,
    "mxfp4": 4.25,
    "gpt_oss_mxfp4": 4.25,
    "modelopt_fp4": 4.5,
    "nvfp4_per_token": 4.5,
    "fp8": 8.0,
    "fp8_per_tensor": 8.0,
    "fp8_per_block": 8.0,
    "fp8_per_channel": 8.0,
    "mxfp8": 8.25,
    "experts_int8": 8.0,
    "int8_per_channel_weight_only": 8.0,
    "Q4_0": 4.5,
    "Q8_0": 8.5,
    "F16": 16.0,
}
"""Bits a weight with its scales, in groups of 128 for AWQ and GPTQ, 32 for MX, 16 for NV."""
OTHER_BITS = {"gptq": (2.25, 3.25, 8.25), "gptq_marlin": (8.25,)}
"""What the weights of a method may also come in."""
CACHE_BITS = {
    "f32": 32.0,
    "f16": 16.0,
    "bf16": 16.0,
    "fp8": 8.0,
    "q8_0": 8.5,
    "q5_1": 6.0,
    "q5_0": 5.5,
    "q4_1": 5.0,
    "q4_0": 4.5,
}
"""Bits a value; a block of llama.cpp is 32 values with one scale of 16 bits, `_1` has two."""


class Figure(NamedTuple):
    """A number, or the reason why there is none."""

    value: float | None
    why: str = ""


class Fit(NamedTuple):
    """A model on some cards of one kind."""

    card: Card
    cards: int
    free: float
    """Bytes left for keys and values, all cards together; negative where the weights overflow."""
    windows: int
    """Answers that can each fill the whole window at once."""


def method(arm: Arm) -> str:
    """How the weights are quantised, as the tables name it.

    vLLM's `auto_awq` and `auto_gptq` are the same weights with the kernel left to it.
    """
    return (arm.model.quantisation or "none").removeprefix("auto_")


def weights(arm: Arm) -> Figure:
    """Bytes of the weights as loaded: parameters times bits a weight, the embedding's in 16."""
    profile = arm.profile
    if profile.parameters_billion is None:
        return Figure(None, "profile.parameters_billion is not given")
    bits = profile.weight_bits or WEIGHT_BITS.get(method(arm))
    if bits is None:
        return Figure(None, f"profile.weight_bits is not given for {arm.model.quantisation!r}")
    if bits == 16 and arm.model.serving is not None and arm.model.serving.dtype == "float32":
        bits = 32
    whole = arm.model.shape.embedding_billion if arm.model.shape is not None and bits < 16 else 0
    return Figure(1e9 / 8 * ((profile.parameters_billion - whole) * bits + whole * 16))


def token(arm: Arm, count: int = 1) -> Figure:
    """Bytes of keys and values that one token of context takes, on `count` cards together.

    2 x layers x heads x dimension x bytes a value; a head is not split over cards, so that with
    more cards than heads each keeps a copy of one.
    """
    shape, serving = arm.model.shape, arm.model.serving
    if shape is None:
        return Figure(None, f"data/models.yaml: {arm.model.id}: shape is not given")
    bits = 16.0
    if serving is not None and serving.kv_cache is not None:
        bits = CACHE_BITS[serving.kv_cache]
    elif serving is not None and serving.dtype == "float32":
        bits = 32.0
    heads = math.ceil(shape.kv_heads / count) * count
    return Figure(2 * shape.layers * heads * shape.head_dim * bits / 8)


def held(arm: Arm, tokens: int) -> int:
    """Tokens kept of a context of `tokens`: no more than a sliding window looks back to."""
    serving = arm.model.serving
    seen = serving.sliding_window if serving is not None else None
    return min(tokens, seen) if seen is not None else tokens


def window(arm: Arm) -> int | None:
    """The window that is served, in tokens; None = neither model nor profile gives one."""
    return arm.model.context_tokens or arm.profile.context_tokens


def fit(arm: Arm, card: Card, count: int) -> Fit | None:
    """The model on `count` such cards; None where weights, shape or window are not known."""
    loaded, one, tokens = weights(arm).value, token(arm, count).value, window(arm)
    if loaded is None or one is None or tokens is None:
        return None
    serving = arm.model.serving
    share = serving.memory_share if serving is not None and serving.memory_share else SHARE
    free = count * (card.memory * share - OVERHEAD) - loaded
    whole = one * held(arm, tokens)
    return Fit(card, count, free, max(0, math.floor(free / whole)))


def smallest(arm: Arm, card: Card) -> Fit | None:
    """The fewest cards that hold the weights and one whole window; None where 8 do not.

    vLLM starts only where one request can fill the window; None also where `fit` cannot say.
    """
    fits = [fit(arm, card, count) for count in COUNTS]
    return next((x for x in fits if x is not None and x.windows >= 1), None)


def holding(arm: Arm) -> list[Fit]:
    """Every kind of card of which 8 or fewer hold it, the fewest of each."""
    return [found for card in CARDS if (found := smallest(arm, card)) is not None]
