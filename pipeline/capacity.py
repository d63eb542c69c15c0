"""The capacity profile of an arm: the eight rows by which the two extremes differ, with units."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StrictInt

from judges.rubric import Prose, Text
from judges.verdict import Frozen

Extra = Literal[
    "attention_sinks",
    "router_boost",
    "softmax_tricks",
    "sliding_window",
    "speculative_decoding",
    "router_reranking",
]


Mark = Literal["verified", "enforced", "declared", "refused", "contradicted"]
"""How a field of an arm is known: `verified`, the file, the server or the answers showed it;
`enforced`, it is sent with each request or loaded; `declared`, it is only said; `refused` by the
provider, so it has no effect; `contradicted`, something else was shown."""


class Experts(Frozen):
    """The experts of a mixture; `total: 0` says that the model is dense."""

    total: Annotated[StrictInt, Field(ge=0)] | None = None
    active: Annotated[StrictInt, Field(ge=0)] | None = None
    """Experts that work on one token."""
    size_billion: Annotated[float, Field(gt=0, strict=True)] | None = None
    """Parameters of one expert, in billions."""


ThinkingMode = Literal["unlimited", "capped", "none"]


class Thinking(Frozen):
    """How long the model may think."""

    mode: ThinkingMode
    seconds: Annotated[float, Field(gt=0, strict=True)] | None = None
    """The cap, or how long "unlimited" is waited for; None = no limit of ours."""


class Profile(Frozen):
    """What is claimed of an arm's capacity. None = the maker does not publish it."""

    parameters_billion: Annotated[float, Field(gt=0, strict=True)] | None = None
    """All weights, in billions."""
    quantisation: Prose
    """The method, or "none"."""
    weight_bits: Annotated[float, Field(gt=0, strict=True)] | None = None
    """Bits per weight as loaded: 16 for BF16, about 4.5 for Q4_0."""
    experts: Experts = Experts()
    context_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    """The window, prompt and answer together."""
    thinking: Thinking
    extras: tuple[Extra, ...] | None = None
    """Architecture extras that are switched on; [] = none are, left out = not known."""
    inference: Literal["tuned", "defaults"]
    """Settings tuned for thinking, or the server's defaults."""


Number = Literal[
    "parameters_billion",
    "weight_bits",
    "experts.total",
    "experts.active",
    "experts.size_billion",
    "context_tokens",
]
"""A number of a profile, by its dotted name."""


class Range(NamedTuple):
    """Numbers from `low` to `high`, both included; None = no bound."""

    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        """Whether `value` is among them."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Asked(NamedTuple):
    """What one extreme asks in one row."""

    said: Text
    ranges: tuple[tuple[Number, Range], ...] = ()
    """Every one of them must hold; rows of words have none."""


class Row(NamedTuple):
    """One of the eight parameters by which the extremes differ."""

    id: str
    title: Text
    unit: Text | None
    fields: tuple[str, ...]
    """The fields of the profile that tell it; how the first is known is how the row is known."""
    hicap: Asked
    locap: Asked


_BILLION = Text(en="billion", ru="млрд")
_TOKENS = Text(en="tokens", ru="токенов")

ROWS = (
    Row(
        "parameters",
        Text(en="parameters of the model", ru="параметров у модели"),
        _BILLION,
        ("parameters_billion",),
        Asked(
            Text(en="70 or more", ru="70 или больше"), (("parameters_billion", Range(70, None)),)
        ),
        # What makers sell as 7B or 8B has from 6.5 to 8.5 billion.
        Asked(
            Text(en="about 7 (6.5 to 8.5)", ru="около 7 (от 6,5 до 8,5)"),
            (("parameters_billion", Range(6.5, 8.5)),),
        ),
    ),
    Row(
        "quantisation",
        Text(en="quantisation", ru="квантование"),
        Text(en="bits per weight", ru="бит на вес"),
        ("weight_bits", "quantisation"),
        Asked(
            Text(en="none (16 or more)", ru="нет (16 или больше)"),
            (("weight_bits", Range(16, None)),),
        ),
        # Scales, and what is left in more bits, bring 4-bit methods to between 4 and 5.
        Asked(
            Text(en="4-bit (4 to 5 with scales)", ru="4-битное (от 4 до 5 с масштабами)"),
            (("weight_bits", Range(4, 5)),),
        ),
    ),
    Row(
        "experts",
        Text(en="experts, and at work on a token", ru="экспертов, и на один токен"),
        None,
        ("experts.active", "experts.total"),
        Asked(
            Text(en="128 or more, 10 to 25 at work", ru="128 или больше, в работе от 10 до 25"),
            (("experts.total", Range(128, None)), ("experts.active", Range(10, 25))),
        ),
        Asked(
            Text(en="0, or 2 with 1 at work", ru="0, или 2, из них в работе 1"),
            (("experts.total", Range(0, 2)), ("experts.active", Range(0, 1))),
        ),
    ),
    Row(
        "expert_size",
        Text(en="parameters of one expert", ru="параметров у одного эксперта"),
        _BILLION,
        ("experts.size_billion", "experts.total"),
        Asked(Text(en="7 or more", ru="7 или больше"), (("experts.size_billion", Range(7, None)),)),
        Asked(
            Text(en="1 or fewer", ru="1 или меньше"), (("experts.size_billion", Range(None, 1)),)
        ),
    ),
    Row(
        "context",
        Text(en="context window", ru="контекстное окно"),
        _TOKENS,
        ("context_tokens",),
        Asked(
            Text(en="128k to 256k", ru="от 128 до 256 тысяч"),
            (("context_tokens", Range(128_000, 262_144)),),
        ),
        Asked(
            Text(en="4k to 8k or fewer", ru="4–8 тысяч или меньше"),
            (("context_tokens", Range(None, 8_192)),),
        ),
    ),
    Row(
        "thinking",
        Text(en="thinking time", ru="время на размышление"),
        None,
        ("thinking.mode", "thinking.seconds"),
        Asked(
            Text(
                en="unlimited (600 s or more where it wants)",
                ru="не ограничено (600 с или больше, если нужно)",
            )
        ),
        Asked(Text(en="capped, or none", ru="ограничено, или без размышления")),
    ),
    Row(
        "extras",
        Text(en="extras of the architecture", ru="добавки к архитектуре"),
        None,
        ("extras",),
        Asked(
            Text(
                en="attention sinks, router boost, softmax tricks",
                ru="стоки внимания, усиление маршрутизатора, приёмы с softmax",
            )
        ),
        Asked(Text(en="none", ru="нет")),
    ),
    Row(
        "inference",
        Text(en="inference settings", ru="настройки инференса"),
        None,
        ("inference",),
        Asked(
            Text(
                en="tuned, where it takes them: thinking, temperature",
                ru="подобраны, где их принимают: размышление, температура",
            ),
        ),
        Asked(Text(en="the defaults", ru="по умолчанию")),
    ),
)
