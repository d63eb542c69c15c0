"""What may stand at a place of a file: its model's fields, and the form of one that is missing."""

import types
import typing
from typing import Any

from pydantic import BaseModel

Path_ = tuple[str | int, ...]
"""Where a value stands in a file: keys and list positions from the top."""


def known(model: Any, at: Path_) -> list[str]:
    """The fields that the model at place `at` inside `model` knows."""
    return [name for x in models_in(_at(model, at)) for name in x.model_fields]


def form(model: Any, at: Path_) -> str:
    """What is to be written for the field at place `at` inside `model`, as far as it must be."""
    return f"{at[-1]}: {_form(_at(model, at))}"


def _at(model: Any, at: Path_) -> Any:
    """The type of what stands at place `at` inside `model`."""
    for part in at:
        options = [x for x in models_in(model) if isinstance(part, int) or part in x.model_fields]
        if options and not isinstance(part, int):
            model = options[0].model_fields[part].annotation
    return model


def _form(annotation: Any) -> str:
    """A type as its author would write a value of it: a choice has | between what may stand."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        needed = [(x, y) for x, y in annotation.model_fields.items() if y.is_required()]
        return "{" + ", ".join(f"{x}: {_form(y.annotation)}" for x, y in needed) + "}"
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(map(str, inside))
    if origin is typing.Annotated:
        return _form(inside[0])
    if origin is tuple:
        return f"[{_form(inside[0])}, ...]"
    if origin in _UNIONS:
        return " | ".join(dict.fromkeys(_form(x) for x in inside if x is not types.NoneType))
    return _PLAIN.get(annotation, "...")


_PLAIN = {str: "text", int: "number", float: "number", bool: "true | false"}
_UNIONS = (typing.Union, types.UnionType)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The pydantic models inside a type: itself, or those of a tuple, mapping or union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (tuple, list, dict, *_UNIONS):
        return [m for x in typing.get_args(annotation) for m in models_in(x)]
    return []
