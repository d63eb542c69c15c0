"""The ladder as a study gives it: one factor moved away from one end, the rest held."""

import re
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import Field, StrictInt, field_serializer, model_validator

from judges.rubric import Prose, Slug
from judges.sampling import Settings
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
_PROFILE = {
    "quantisation": ("weight_bits",),
    "context": ("context_tokens",),
    "experts": ("experts",),
    "thinking": ("thinking",),
    "size": ("parameters_billion", "experts"),
}
_MODELS = ("quantisation", "attention", "context", "experts", "size", "speculative")
"""Factors that another entry of `data/models.yaml` may move."""
_NUMBER = {"context": "window_tokens", "thinking": "thinking_tokens", "extras": "candidates"}
"""The knob that a bare number turns."""


class Claims(Frozen):
    """What of the profile a level moves with its factor: only rows that are the factor's own.

    None = as at the end it starts from.
    """

    parameters_billion: Annotated[float, Field(gt=0, strict=True)] | None = None
    weight_bits: Annotated[float, Field(gt=0, strict=True)] | None = None
    experts: Experts | None = None
    context_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    thinking: Thinking | None = None


class Level(Frozen):
    """Where a factor is moved to: only fields that are the factor's own.

    A field of `sampling`, `knobs` or `serving` that is given stands in place of the end's, and
    null puts it back to the default; what is not given is as at the end.
    """

    name: Prose | None = None
    """What it is called in the report; None = its values."""
    model: Slug | None = None
    """A name of `data/models.yaml` that differs in this factor alone."""
    sampling: Settings = Settings()
    knobs: Knobs = Knobs()
    serving: Serving = Serving()
    """`gguf` only: a server is loaded as it was started, and so is a `model` of its own."""
    profile: Claims = Claims()

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, given: Any) -> Any:
        if isinstance(given, _Unfit):
            raise ValueError(
                f"a level of {given.factor} is {given.value!r}, expected {given.wanted}"
            )
        return given

    @field_serializer("sampling", "knobs", "serving")
    def _as_given(self, value: Frozen) -> dict[str, object]:
        # A null that was given moves its field, and one that was not does not.
        return value.model_dump(mode="json", exclude_unset=True)

    @property
    def label(self) -> str:
        """What it is called."""
        if self.name is not None:
            return self.name
        values = [self.model] if self.model else []
        for part in (self.knobs, self.sampling, self.serving):
            values += [_said(name, value) for name, value in moved(part).items()]
        return " ".join(values)


def moved(part: Settings | Knobs | Serving) -> dict[str, Any]:
    """The fields of a level's part that it moves, in their order; None = back to the default."""
    values = part.model_dump()
    return {name: values[name] for name in values if name in part.model_fields_set}


def _said(name: str, value: object) -> str:
    """One field of a level in the words of its label."""
    if value is None:
        return "brief" if name == "instructions" else f"{name} default"
    if name in _SAMPLING["sampling"]:
        return f"{name} {value:g}"
    if name == "max_tokens":  # a bare number is a window, or a budget
        return f"{name} {value}"
    if isinstance(value, dict):
        return "-".join(str(x) for x in value.values() if x is not None)
    return str(value)


class _Unfit(NamedTuple):
    """A level that its factor has no short form for."""

    factor: str
    value: object
    wanted: str


def level_of(factor: Any, given: Any) -> Any:
    """A level as a mapping, where it is given as one value: the usual one of its factor.

    >>> level_of("context", 4096)
    {'knobs': {'window_tokens': 4096}}
    >>> level_of("thinking", "off"), level_of("thinking", 512)
    ({'sampling': {'effort': 'off'}}, {'knobs': {'thinking_tokens': 512}})
    """
    if isinstance(given, (dict, Level)):
        return given
    if factor not in get_args(Factor):
        return {}  # it is said of the factor that there is no such
    if isinstance(given, int) and not isinstance(given, bool) and factor in _NUMBER:
        return {"knobs": {_NUMBER[factor]: given}}
    if factor == "thinking" and isinstance(given, (str, bool)):
        return {"sampling": {"effort": given}}
    if factor == "instructions" and isinstance(given, str):
        return {"knobs": {"instructions": given}}
    if factor == "sampling" and given == "defaults":
        return {"name": "defaults", "sampling": dict.fromkeys(_SAMPLING["sampling"])}
    if factor in _MODELS and isinstance(given, str) and re.fullmatch(_NAME, given):
        return {"model": given}
    return _Unfit(factor, given, _wanted(factor))


_NAME = r"[a-z][a-z0-9_]*"


def _wanted(factor: str) -> str:
    """What a level of `factor` may be, in words."""
    short = {
        "thinking": "an effort (off, low, ..., max)",
        "sampling": "`defaults`",
        "instructions": "`brief` or `detailed`",
    }
    said = ["a whole number (unquoted)"] if factor in _NUMBER else []
    said += [short[factor]] if factor in short else []
    said += ["a name of data/models.yaml"] if factor in _MODELS else []
    return f"{', '.join(said)}, or fields"


def _strange(factor: Factor, level: Level) -> str | None:
    """What a level moves that is not its factor's, or that it moves nothing; None = all is well."""
    given = {
        "sampling": (moved(level.sampling), _SAMPLING),
        "knobs": (moved(level.knobs), _KNOBS),
        "serving": (moved(level.serving), _SERVING),
        "profile": (level.profile.model_dump(exclude_none=True), _PROFILE),
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
        return f"factor {factor} does not move {', '.join(strange)}: one at a time"
    if level.model is None and not any(given[x][0] for x in ("sampling", "knobs", "serving")):
        return f"a level of {factor} moves nothing"
    return None


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
            levels = [level_of(given.get("factor"), x) for x in given["levels"]]
            return {**given, "levels": levels}
        return given

    @model_validator(mode="after")
    def _one_factor(self) -> Self:
        found = [
            f"levels[{place}]: {said}"
            for place, level in enumerate(self.levels)
            if (said := _strange(self.factor, level))
        ]
        if found:
            raise ValueError("; ".join(found))
        return self


class Move(Frozen):
    """One factor at one level."""

    factor: Factor
    level: Level

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, given: Any) -> Any:
        if isinstance(given, dict) and "level" in given:
            return {**given, "level": level_of(given.get("factor"), given["level"])}
        return given

    @model_validator(mode="after")
    def _one_factor(self) -> Self:
        if said := _strange(self.factor, self.level):
            raise ValueError(said)
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
