"""The ladder as a study gives it: one factor moved away from one end, the rest held."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictInt, model_validator

from judges.rubric import Prose, Slug
from judges.sampling import Sampling
from judges.verdict import Frozen
from pipeline.capacity import Experts, Thinking
from pipeline.knobs import Knobs
from pipeline.models.serving import Serving
from pipeline.rungs import End, Factor

_KNOBS = {
    "context": ("window_tokens", "cut"),
    "thinking": ("thinking_tokens",),
    "extras": ("candidates",),
    "instructions": ("instructions",),
}
_SAMPLING = {
    "context": ("max_tokens",),  # the reply's share of the window
    "thinking": ("effort", "thinking_budget_tokens", "max_tokens"),
    "sampling": (
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "frequency_penalty",
        "presence_penalty",
    ),
}
_SERVING = {
    "attention": ("sliding_window", "kv_cache"),
    "experts": ("active_experts",),
    "speculative": ("speculative",),
}
_MODELS = ("quantisation", "attention", "context", "experts", "size", "speculative")
"""Factors that another entry of `data/models.yaml` may move."""


class Claims(Frozen):
    """What of the profile a level moves with its factor; None = as at the end it starts from."""

    parameters_billion: Annotated[float, Field(gt=0)] | None = None
    weight_bits: Annotated[float, Field(gt=0)] | None = None
    experts: Experts | None = None
    context_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    thinking: Thinking | None = None


class Level(Frozen):
    """Where a factor is moved to: only fields that are the factor's own."""

    name: Prose | None = None
    """What it is called in the report; None = its values."""
    model: Slug | None = None
    """A name of `data/models.yaml` that differs in this factor alone."""
    sampling: Sampling = Sampling()
    """Settings in place of those of the end."""
    knobs: Knobs = Knobs()
    serving: Serving = Serving()
    """`gguf` only: a server is loaded as it was started, and so is a `model` of its own."""
    profile: Claims = Claims()

    @property
    def label(self) -> str:
        """What it is called."""
        if self.name is not None:
            return self.name
        values = [self.model] if self.model else []
        own = _SAMPLING["sampling"]
        values += [
            f"{name} {value:g}" if name in own else str(value)
            for name, value in self.sampling.told().items()
        ]
        values += [str(x) for x in self.knobs.model_dump(exclude_defaults=True).values()]
        values += [_short(x) for x in self.serving.changes().values()]
        return " ".join(values)


def _short(value: object) -> str:
    return "-".join(str(x) for x in value.values()) if isinstance(value, dict) else str(value)


def level_of(factor: Factor, given: Any) -> Any:
    """A level as a mapping, where it is given as one value: the usual one of its factor.

    >>> level_of("context", 4096)
    {'knobs': {'window_tokens': 4096}}
    >>> level_of("thinking", "off"), level_of("thinking", 512)
    ({'sampling': {'effort': 'off'}}, {'knobs': {'thinking_tokens': 512}})
    """
    if isinstance(given, (dict, Level)):
        return given
    number = isinstance(given, int) and not isinstance(given, bool)
    if factor == "context" and number:
        return {"knobs": {"window_tokens": given}}
    if factor == "extras" and number:
        return {"knobs": {"candidates": given}}
    if factor == "thinking":
        return {"knobs": {"thinking_tokens": given}} if number else {"sampling": {"effort": given}}
    if factor == "instructions":
        return {"knobs": {"instructions": given}}
    return {"model": given}


def _check_owned(factor: Factor, level: Level) -> None:
    """Refuse a level that moves what is not its factor's.

    Raises:
        ValueError: names the fields.
    """
    given = {
        "sampling": (level.sampling.told(), _SAMPLING),
        "knobs": (level.knobs.model_dump(exclude_defaults=True), _KNOBS),
        "serving": (level.serving.model_dump(exclude_none=True), _SERVING),
    }
    strange = [
        f"{part}.{name}"
        for part, (told, owned) in given.items()
        for name in told
        if name not in owned.get(factor, ())
    ]
    if level.model is not None and factor not in _MODELS:
        strange.append("model")
    if strange:
        raise ValueError(f"factor {factor} does not move {', '.join(strange)}: one at a time")
    if level.model is None and not any(told for told, _ in given.values()):
        raise ValueError(f"a level of {factor} moves nothing")


class Ablation(Frozen):
    """One factor moved through its levels, away from one end."""

    factor: Factor
    start: End
    """From which end; the rest is held as it is there."""
    levels: tuple[Level, ...] = Field(min_length=1)
    """The last one is the farthest: the test of a cause rests on it."""

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("levels"), list):
            levels = [level_of(given.get("factor"), x) for x in given["levels"]]  # type: ignore[arg-type]
            return {**given, "levels": levels}
        return given

    @model_validator(mode="after")
    def _one_factor(self) -> Self:
        for level in self.levels:
            _check_owned(self.factor, level)
        return self


class Move(Frozen):
    """One factor at one level."""

    factor: Factor
    level: Level

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, given: Any) -> Any:
        if isinstance(given, dict) and "level" in given:
            return {**given, "level": level_of(given.get("factor"), given["level"])}  # type: ignore[arg-type]
        return given

    @model_validator(mode="after")
    def _one_factor(self) -> Self:
        _check_owned(self.factor, self.level)
        return self


class Interaction(Frozen):
    """Two factors crossed: does the second change what the first does?"""

    start: End
    first: Move
    second: Move | Literal["language", "long_chain"]
    """Another factor; or the language of the task; or long chains against the other kinds."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if isinstance(self.second, Move) and self.second.factor == self.first.factor:
            raise ValueError(f"both factors are {self.first.factor}: an interaction needs two")
        return self
