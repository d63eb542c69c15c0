"""What a model is told with every request, for arms and judges alike."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, StrictStr, model_validator

from judges.verdict import Frozen

Effort = Literal["off", "minimal", "low", "medium", "high", "xhigh", "max"]


class Settings(Frozen):
    """Request settings, each for itself. None: not sent, the server's own default holds."""

    temperature: Annotated[float, Field(ge=0, le=2, strict=True)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, strict=True)] | None = None
    top_k: Annotated[StrictInt, Field(ge=1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, strict=True)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2, strict=True)] | None = None
    seed: StrictInt | None = None
    """Draw n is asked with seed + n; without one, draws differ only by the server's own chance."""
    max_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    """Most tokens of a reply, thinking included where the provider counts it so."""
    stop: tuple[StrictStr, ...] = ()
    effort: Effort | None = None
    """How hard to think, in the provider's words."""
    thinking_budget_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    """Most tokens of thinking; needs an `effort` other than off."""

    def told(self) -> dict[str, object]:
        """The settings that are set, by name: what the endpoint is to be told."""
        return self.model_dump(exclude_none=True, exclude_defaults=True)


class Sampling(Settings):
    """Request settings that are sent together. None: the server's own default holds."""

    @model_validator(mode="after")
    def _budget_needs_thinking(self) -> Self:
        if self.thinking_budget_tokens is not None and self.effort in (None, "off"):
            raise ValueError(
                "thinking_budget_tokens is set, so effort must say how hard to think "
                "(minimal, low, medium, high, xhigh or max)"
            )
        if (self.thinking_budget_tokens or 0) >= (self.max_tokens or 2**62):
            raise ValueError(
                f"thinking_budget_tokens is {self.thinking_budget_tokens}, which leaves nothing of "
                f"the max_tokens of {self.max_tokens} for the answer"
            )
        return self
