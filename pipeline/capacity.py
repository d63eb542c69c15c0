"""The capacity profile of an arm: the eight rows by which the two extremes differ, with units."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from judges.rubric import Prose
from judges.verdict import Frozen

Extra = Literal[
    "attention_sinks",
    "router_boost",
    "softmax_tricks",
    "sliding_window",
    "speculative_decoding",
    "router_reranking",
]


class Experts(Frozen):
    """The experts of a mixture; `total: 0` says that the model is dense."""

    total: Annotated[StrictInt, Field(ge=0)] | None = None
    active: Annotated[StrictInt, Field(ge=0)] | None = None
    """Experts that work on one token."""
    size_billion: Annotated[float, Field(gt=0)] | None = None
    """Parameters of one expert, in billions."""


class Thinking(Frozen):
    """How long the model may think."""

    mode: Literal["unlimited", "capped", "none"]
    seconds: Annotated[float, Field(gt=0)] | None = None
    """The cap, or how long "unlimited" is waited for; None = no limit of ours."""


class Profile(Frozen):
    """What is claimed of an arm's capacity. None = the maker does not publish it."""

    parameters_billion: Annotated[float, Field(gt=0)] | None = None
    """All weights, in billions."""
    quantisation: Prose
    """The method, or "none"."""
    weight_bits: Annotated[float, Field(gt=0)] | None = None
    """Bits per weight as loaded: 16 for BF16, about 4.5 for Q4_0."""
    experts: Experts = Experts()
    context_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    """The window, prompt and answer together."""
    thinking: Thinking
    extras: tuple[Extra, ...] = ()
    """Architecture extras that are switched on."""
    inference: Literal["tuned", "defaults"]
    """Settings tuned for thinking, or the server's defaults."""
