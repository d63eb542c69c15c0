"""vLLM's published options: which flags and request fields there are, and what they take."""

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from judges.verdict import Frozen
from pipeline.errors import UserError

Kind = Literal["null", "boolean", "integer", "number", "string", "array", "object"]
Takes = Literal["switch", "choice", "list", "integer", "number", "json", "text"]
KEPT = Path("data") / "vllm_options.json"
REQUESTS = {
    "/v1/chat/completions": "ChatCompletionRequest",
    "/v1/completions": "CompletionRequest",
    "/v1/embeddings": "EmbeddingCompletionRequest",
}
"""vLLM's name for what each path takes; of /v1/embeddings, which takes conversations too, what it
takes of bare texts."""
_MADE_WITH = "python -m pipeline.serving.remake WHEEL_OR_FOLDER"


class Field(Frozen):
    """What one flag, request field or configuration key takes. No kinds: anything."""

    kinds: tuple[Kind, ...] = ()
    choices: tuple[str | int, ...] = ()
    """Values that it knows; none: any of its kinds."""
    above: float | None = None
    least: float | None = None
    most: float | None = None
    of: tuple[str, ...] = ()
    """Classes of `Options.classes`: an object must fit one of them."""
    default: str | int | float | bool | None = None
    """None also where the default is no plain value."""
    required: bool = False

    @property
    def takes(self) -> Takes:
        """How a command line gives it, in the order in which vLLM's own parser decides."""
        if self.of:
            return "json"
        if "boolean" in self.kinds and "string" not in self.kinds:
            return "switch"
        if self.choices:
            return "choice"
        order: dict[Kind, Takes] = {
            "array": "list",
            "integer": "integer",
            "number": "number",
            "object": "json",
        }
        return next((order[x] for x in order if x in self.kinds), "text")


class Options(Frozen):
    """What one version of vLLM takes."""

    version: str
    flags: dict[str, Field]
    """By the long name, dashes included: --max-model-len."""
    aliases: dict[str, str]
    classes: dict[str, dict[str, Field]]
    """Fields of requests and of JSON flags, by class; those of `REQUESTS` are among them."""
    deprecated_quantisation: tuple[str, ...]
    """Methods that a further flag must allow."""

    def choices(self, flag: str) -> tuple[str, ...]:
        """The values that a flag knows; none where any is taken, or there is no such flag."""
        return tuple(str(x) for x in self.flags[flag].choices) if flag in self.flags else ()


class Listed(NamedTuple):
    """A list of options and where it comes from."""

    options: Options
    source: str
    """In words, for the line that says what was checked against what."""


def load(path: Path) -> Options:
    """The list kept at `path`.

    Raises:
        UserError: it is missing or is no such list; the message says how to remake it.
    """
    try:
        return Options.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; make it: {_MADE_WITH}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(x) for x in first["loc"])
        raise UserError(f"{path}: {where}: {first['msg']}; remake it: {_MADE_WITH}") from None


def argument_faults(arguments: Sequence[str], options: Options) -> tuple[str, ...]:
    """What vLLM would refuse of `vllm serve <arguments>`, one line a fault; empty: it parses."""
    given = list(arguments)
    faults = []
    if not given or given[0].startswith("-"):
        faults.append("vllm serve: the model comes first")
    at = 0 if faults else 1
    while at < len(given):
        flag = given[at]
        end = at + 1
        while end < len(given) and not given[end].startswith("--"):
            end += 1
        faults += _flag_faults(flag, given[at + 1 : end], options)
        at = end
    return tuple(faults)


def _flag_faults(flag: str, values: list[str], options: Options) -> list[str]:
    name = options.aliases.get(flag, flag)
    field = options.flags.get(name)
    if field is None and name.startswith("--no-"):
        positive = options.flags.get(f"--{name.removeprefix('--no-')}")
        field = positive if positive is not None and positive.takes == "switch" else None
    if field is None:
        close = difflib.get_close_matches(name, options.flags, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return [f"{flag} is no option of vLLM {options.version}{hint}"]
    if field.takes == "switch":
        return [f"{flag} takes no value, not {' '.join(values)!r}"] if values else []
    if len(values) != 1 and not (field.takes == "list" and values):
        return [f"{flag} takes one value, not {len(values)}"]
    if field.takes == "list":
        return []
    return _text_faults(flag, values[0], field, options)


def _text_faults(flag: str, text: str, field: Field, options: Options) -> list[str]:
    """Faults of one value as it stands on a command line."""
    if field.takes == "json":
        try:
            value = json.loads(text)
        except ValueError:
            return [] if "string" in field.kinds else [f"{flag} is {text!r}, expected JSON"]
        return value_faults(flag, value, field, options)
    try:
        integer = field.takes == "integer" or any(isinstance(x, int) for x in field.choices)
        value = int(text) if integer else float(text) if field.takes == "number" else text
    except ValueError:
        return [f"{flag} is {text!r}, expected {_expected(field)}"]
    return value_faults(flag, value, field, options)


def request_faults(path: str, body: Mapping[str, Any], options: Options) -> tuple[str, ...]:
    """What vLLM would ignore or refuse of a body sent to `path`; empty: every field is known."""
    return tuple(_object_faults("", body, REQUESTS[path], options))


def value_faults(where: str, value: Any, field: Field, options: Options) -> list[str]:
    """Faults of one JSON value; `where` is how messages call it."""
    if field.kinds and not _kinds(value) & set(field.kinds):
        return [f"{where} is {_short(value)}, expected {_expected(field)}"]
    plain = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    if field.choices and plain and value not in field.choices:
        close = difflib.get_close_matches(str(value), [str(x) for x in field.choices], n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        known = ", ".join(str(x) for x in field.choices)
        return [f"{where} is {value!r}, which vLLM {options.version} lacks{hint} It has: {known}"]
    if isinstance(value, (int, float)) and _outside(value, field):
        return [f"{where} is {value!r}, expected {_expected(field)}"]
    if isinstance(value, Mapping) and field.of:
        tried = [_object_faults(where, value, x, options) for x in field.of]
        return min(tried, key=len)
    return []


def _object_faults(where: str, value: Mapping[str, Any], name: str, options: Options) -> list[str]:
    fields = options.classes[name]
    inside = f"{where}." if where else ""
    faults = [
        f"{inside}{x} is missing"
        for x, field in fields.items()
        if field.required and x not in value
    ]
    for key, one in value.items():
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            faults.append(f"{inside}{key} is no field of {name} in vLLM {options.version}{hint}")
        else:
            faults += value_faults(f"{inside}{key}", one, fields[key], options)
    return faults


def _kinds(value: Any) -> set[Kind]:
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    if isinstance(value, float):
        return {"number"}
    if isinstance(value, str):
        return {"string"}
    return {"object"} if isinstance(value, Mapping) else {"array"}


def _outside(value: float, field: Field) -> bool:
    return (
        (field.above is not None and value <= field.above)
        or (field.least is not None and value < field.least)
        or (field.most is not None and value > field.most)
    )


def _expected(field: Field) -> str:
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("above", field.above), (">=", field.least), ("<=", field.most))
        if bound is not None
    ]
    return " ".join([" or ".join(x for x in field.kinds if x != "null"), *bounds])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
