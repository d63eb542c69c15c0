"""Which way does a step of the ladder move its factor: to more of it, to less, or can none tell."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple, get_args

from judges.sampling import Effort
from pipeline.arms import Arm
from pipeline.greedy import PENALTIES, sent
from pipeline.models.catalogue import taken
from pipeline.rungs import Factor, Way
from pipeline.serving import memory


class Span(NamedTuple):
    """Between which two numbers something lies, both included."""

    low: float
    high: float


Ways = list[Way | None]
"""Of each part of a factor that is moved; None = which way cannot be told."""
_ANY = Span(0, math.inf)
_BITS = 16.0
"""Of keys and values where nothing is said of them."""
_SCALES = 0.1
"""The share by which bits that somebody wrote down may miss those of the weights as loaded."""
_MODES = ("none", "capped", "unlimited")
_EFFORTS: tuple[str, ...] = get_args(Effort)
_SETTINGS = {"temperature": Span(0, 2), "top_p": Span(0, 1), "top_k": Span(1, math.inf)}
"""Between what a setting lies that is not sent: the server's default is among it."""


def of(factor: Factor, arm: Arm, end: Arm) -> Way | None:
    """Whether `arm` has more or less of the factor than the end it starts from.

    None = not told: by what is known it may be either, its parts go different ways, or the factor
    has no more and less. Of sampling, `up` is a wider choice of the next token.
    """
    ways = set(_PARTS[factor](arm, end)) if factor in _PARTS else set()
    return ways.pop() if len(ways) == 1 else None


def _way(was: Span, now: Span) -> Ways:
    """Which way one part went; nothing where it stayed."""
    if was == now:
        return []
    return ["down" if now.high <= was.low else "up" if now.low >= was.high else None]


def _exactly(value: float | None, unknown: Span = _ANY) -> Span:
    return unknown if value is None else Span(value, value)


def _quantisation(arm: Arm, end: Arm) -> Ways:
    both = (end, arm)
    said = [x.profile.weight_bits for x in both]
    if all(x.model.quantisation and memory.method(x) in memory.WEIGHT_BITS for x in both):
        return _way(*map(_named_bits, both))
    if None not in said:
        return _way(*map(_exactly, said))
    # What is said may count the scales or leave them out: beside a name it is no exact number.
    return _way(
        *(_named_bits(x) if y is None else _roughly(y) for x, y in zip(both, said, strict=True))
    )


def _named_bits(arm: Arm) -> Span:
    """Bits a weight by the method's name: of several, those nearest to what the profile says.

    Of weights as published the profile alone tells what they were published in.
    """
    said, method = arm.profile.weight_bits, memory.method(arm)
    if arm.model.quantisation is None:
        return _ANY
    if method == "none" and said is not None:
        return _roughly(said)
    if method in memory.WEIGHT_BITS:
        bits = (memory.WEIGHT_BITS[method], *memory.OTHER_BITS.get(method, ()))
        if said is not None:
            return _exactly(min(bits, key=lambda x: abs(x - said)))
        return Span(min(bits), max(bits))
    if named := re.match(r"(?:I?Q|TQ|BF|F)(\d+)", method):
        # A type of a GGUF file: its scales lie within the next bit.
        return Span(float(named[1]), float(named[1]) + (0.99 if int(named[1]) < 16 else 0))
    return _ANY


def _roughly(bits: float) -> Span:
    return Span((1 - _SCALES) * bits, (1 + _SCALES) * bits)


def _attention(arm: Arm, end: Arm) -> Ways:
    was, now = (x.model.serving for x in (end, arm))
    windows = [_exactly(x.sliding_window if x else None, _exactly(math.inf)) for x in (was, now)]
    caches = [x.kv_cache if x is not None else None for x in (was, now)]
    bits = [_exactly(memory.CACHE_BITS[x] if x is not None else _BITS) for x in caches]
    return [*_way(*windows), *_way(*bits)]


def _context(arm: Arm, end: Arm) -> Ways:
    # A cut takes away from one and the same model's window, whatever that is.
    unknown = _exactly(math.inf) if arm.model == end.model else _ANY
    was, now = (_exactly(x.knobs.window_tokens or x.model.context_tokens) for x in (end, arm))
    return _way(*(unknown if x == _ANY else x for x in (was, now)))


def _experts(arm: Arm, end: Arm) -> Ways:
    served = [x.model.serving.active_experts if x.model.serving else None for x in (end, arm)]
    said = [x.profile.experts.active for x in (end, arm)]
    return _way(*(_exactly(x if x is not None else y) for x, y in zip(served, said, strict=True)))


def _sampling(arm: Arm, end: Arm) -> Ways:
    was, now = (sent(x) for x in (end, arm))
    ways = [
        way
        for name, bounds in _SETTINGS.items()
        for way in _way(_exactly(was.get(name), bounds), _exactly(now.get(name), bounds))
    ]
    # What is below the least share is cut off: more of it is a narrower choice.
    rest = [Span(0, 1) if "min_p" not in x else _exactly(1 - x["min_p"]) for x in (was, now)]
    ways += _way(*rest)
    return [*ways, *(None for x in PENALTIES if was.get(x) != now.get(x))]


def _thinking(arm: Arm, end: Arm) -> Ways:
    modes = [_MODES.index(x.profile.thinking.mode) for x in (end, arm)]
    if modes[0] != modes[1]:
        return _way(*map(_exactly, modes))
    sent = [taken(x.model, x.sampling) for x in (end, arm)]
    efforts = [x.get("effort") for x in sent]
    ranks = [_EFFORTS.index(str(x)) if x is not None else None for x in efforts]
    budgets = [
        x.sampling.thinking_budget_tokens if "thinking_budget_tokens" in y else math.inf
        for x, y in zip((end, arm), sent, strict=True)
    ]
    notes = [x.knobs.thinking_tokens or 0 for x in (end, arm)]
    parts = (ranks, budgets, notes)
    return [way for was, now in parts for way in _way(_exactly(was), _exactly(now))]


def _extras(arm: Arm, end: Arm) -> Ways:
    return _way(*(_exactly(x.knobs.candidates) for x in (end, arm)))


_PARTS: dict[Factor, Callable[[Arm, Arm], Ways]] = {
    "quantisation": _quantisation,
    "attention": _attention,
    "context": _context,
    "experts": _experts,
    "sampling": _sampling,
    "thinking": _thinking,
    "extras": _extras,
}
