"""How weights of our own are loaded: what of it can change an answer, and what it takes to hold."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from judges.rubric import Prose
from judges.verdict import Frozen

Cache = Literal["f32", "f16", "bf16", "fp8", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"]


class Speculative(Frozen):
    """Tokens guessed ahead and checked by the model itself: faster, and nothing else is meant."""

    method: Literal["ngram", "draft"]
    model: Prose | None = None
    """`draft`: the smaller model that guesses; for `gguf` a file."""
    tokens: Annotated[StrictInt, Field(ge=1, le=64)] = 4
    """Guessed at once."""

    @model_validator(mode="after")
    def _draft_has_a_model(self) -> Self:
        if (self.method == "draft") != (self.model is not None):
            raise ValueError("speculative: `draft` needs a `model`, and `ngram` has none")
        return self


class Yarn(Frozen):
    """The window stretched by YaRN (Peng et al., arXiv 2309.00071): short texts suffer a little."""

    factor: Annotated[float, Field(gt=1, le=64)]
    original_tokens: Annotated[StrictInt, Field(ge=1)]
    """The window before it is stretched (original_max_position_embeddings)."""
    rope_theta: Annotated[float, Field(gt=0)]
    """As in the model's own configuration: vLLM takes these settings whole or not at all."""

    @property
    def context_tokens(self) -> int:
        """The window after it."""
        return int(self.factor * self.original_tokens)


class Shape(Frozen):
    """What the model's published configuration says of its build: memory is estimated from it."""

    layers: Annotated[StrictInt, Field(ge=1)]
    kv_heads: Annotated[StrictInt, Field(ge=1)]
    """Heads of keys and values in a layer (num_key_value_heads)."""
    head_dim: Annotated[StrictInt, Field(ge=1)]
    context_tokens: Annotated[StrictInt, Field(ge=1)]
    """The largest window that it was made for (max_position_embeddings), without `yarn`."""
    embedding_billion: Annotated[float, Field(ge=0)] = 0
    """Parameters of the embedding and of the head, in billions: quantised weights keep these in 16
    bits."""


class Serving(Frozen):
    """How the weights are loaded. None = as the engine does of itself."""

    dtype: Literal["bfloat16", "float16", "float32"] | None = None
    """Of what is not quantised."""
    kv_cache: Cache | None = None
    """The type in which keys and values are kept."""
    sliding_window: Annotated[StrictInt, Field(ge=1)] | None = None
    """Tokens back to which attention is cut."""
    active_experts: Annotated[StrictInt, Field(ge=1)] | None = None
    """Experts that work on one token, of the same weights."""
    yarn: Yarn | None = None
    speculative: Speculative | None = None
    reasoning_parser: Prose | None = None
    """vLLM's name of how this family marks its thinking; a thinking budget needs it."""
    card: Prose | None = None
    """`vllm`: the GPU it is to run on, as `antipode serve` lists them. None: what is here."""
    memory_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """`vllm`: the part of each card's memory that it may take."""
    sequences: Annotated[StrictInt, Field(ge=1, le=4096)] | None = None
    """`vllm`: answers written at once, at most."""

    def changes(self) -> dict[str, object]:
        """What of it can change an answer, by name: part of what the model is."""
        return self.model_dump(exclude_none=True, exclude=_UNCHANGING)


_UNCHANGING = {"reasoning_parser", "card", "memory_share", "sequences"}
_NOT_EMBEDDED = {"dtype", "sliding_window", "active_experts", "yarn"}


def embeddable(serving: Serving) -> None:
    """Refuse what the embedded llama.cpp engine cannot be told.

    Raises:
        ValueError: says which fields, and what to do instead.
    """
    given = serving.model_dump(exclude_none=True).keys()
    if held := sorted(_NOT_EMBEDDED & given):
        raise ValueError(
            f"serving: {', '.join(held)}: a GGUF file fixes that itself; write another file and "
            "give it an entry of its own"
        )
    if held := sorted(_UNCHANGING & given):
        raise ValueError(f"serving: {', '.join(held)}: only vLLM is told that; leave it out")
    if serving.kv_cache == "fp8":
        raise ValueError("serving: kv_cache is 'fp8', which llama.cpp lacks; q8_0 is the nearest")
