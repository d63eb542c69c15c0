"""YAML files into models: every fault of a file at once, with its line and what would be right."""

import difflib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import SafeConstructor

from pipeline import fields
from pipeline.errors import UserError
from pipeline.fields import Path_

M = TypeVar("M", bound=BaseModel)


class Scalar(NamedTuple):
    """Where a plain value is written in a YAML text: characters start to end (not included)."""

    start: int
    end: int
    style: str | None
    """Its first sign: a quote, > or |; None where it stands bare."""


class Parsed(NamedTuple):
    """The plain values of a YAML file and the line of each."""

    data: Any
    lines: dict[Path_, int]


def load(path: Path, model: type[M], root: Path) -> M:
    """The file at `path` as a `model`.

    Raises:
        UserError: the file is missing, is no YAML, or does not fit the model; one line per fault.
    """
    parsed = parse(path, root)
    return validate(parsed, model, shown(path, root))


def load_map(path: Path, model: type[M], root: Path, key: str) -> dict[str, M]:
    """A file of named entries under one top key, each as a `model` whose id is its name.

    Raises:
        UserError: as for `load`.
    """
    name = shown(path, root)
    parsed = parse(path, root)
    data = parsed.data
    if not isinstance(data, dict) or set(data) != {key} or not isinstance(data[key], dict):
        raise UserError(f"{name}:1: expected one top field {key!r} with named entries under it")
    found: dict[str, M] = {}
    faults: list[str] = []
    for entry, value in data[key].items():
        lines = {path[2:]: n for path, n in parsed.lines.items() if path[:2] == (key, entry)}
        body = {"id": entry, **value} if isinstance(value, dict) else value
        try:
            found[entry] = validate(Parsed(body, lines), model, name, (key, entry))
        except UserError as error:
            faults.append(str(error))
    if faults:
        raise UserError("\n".join(faults))
    return found


def shown(path: Path, root: Path) -> str:
    """`path` as messages name it: relative to the project where it lies inside."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def parse(path: Path, root: Path) -> Parsed:
    """The values of a YAML file.

    Raises:
        UserError: the file cannot be read, is no YAML, or gives a key twice.
    """
    return parse_text(read(path, root).removeprefix("\ufeff"), shown(path, root))


def read(path: Path, root: Path) -> str:
    """The text of a file to the letter: a byte-order mark and its kind of line ends included.

    Raises:
        UserError: the file is missing, or is no UTF-8.
    """
    name = shown(path, root)
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError(_missing(path, name)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{name}: cannot be read as UTF-8 text: {error}") from None


def parse_text(text: str, name: str) -> Parsed:
    """The values of a YAML text that messages call `name`.

    Raises:
        UserError: it is no YAML, or gives a key twice.
    """
    lines: dict[Path_, int] = {}
    faults: list[str] = []
    try:
        node = _composed(text)
        if node is None:
            raise UserError(f"{name}: the file is empty")
        data = _plain(node, (), lines, faults, SafeConstructor())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        colon = error.problem == "mapping values are not allowed here"
        hint = " (a text with a colon and a space in it must be quoted)" if colon else ""
        if str(error.problem).startswith("expected ',' or"):  # inside {...}, more than one text
            hint = " (quote the text)"
        if (opened := _left_open(text, error)) is not None:
            hint = f" (is the quote that opens in line {opened} left open?)"
        raise UserError(f"{name}:{line}: not valid YAML: {error.problem}{hint}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise UserError(f"{name}: is nested too deep, or refers to itself") from None
    if faults:
        raise UserError("\n".join(f"{name}:{fault}" for fault in faults))
    return Parsed(data, lines)


def _left_open(text: str, error: yaml.MarkedYAMLError) -> int | None:
    """The line of a quote that runs over lines up to where the fault was found; None = none does.

    A quote that lacks its end takes the next one for it, however far below that is.
    """
    if error.context == "while scanning a quoted scalar" and error.context_mark:
        return int(error.context_mark.line) + 1
    last = None
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, yaml.SafeLoader):
            if error.problem_mark and token.start_mark.index >= error.problem_mark.index:
                break
            last = token if isinstance(token, yaml.ScalarToken) and not token.plain else last
    if last is None or error.problem_mark is None:
        return None
    runs_on = last.start_mark.line < last.end_mark.line == error.problem_mark.line
    return int(last.start_mark.line) + 1 if runs_on and last.style in ("'", '"') else None


_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which a PyYAML built without it lacks; it reads twenty times as fast."""


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a YAML text; None where it is empty.

    What libyaml does not take is put to PyYAML's own reader, whose faults are what messages tell.
    """
    try:
        return yaml.compose(text, _QUICK)
    except yaml.YAMLError:
        return yaml.compose(text, yaml.SafeLoader)


def written(value: BaseModel) -> str:
    """A model as the YAML text that would be read as it."""
    data = value.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)


def scalars(text: str) -> dict[Path_, Scalar]:
    """Where each value of a YAML text is written that `parse_text` takes."""
    root = _composed(text)
    return {} if root is None else dict(_scalars(root, ()))


def _scalars(node: yaml.Node, at: Path_) -> Iterator[tuple[Path_, Scalar]]:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            yield from _scalars(value_node, (*at, str(key_node.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value_node in enumerate(node.value):
            yield from _scalars(value_node, (*at, index))
    elif isinstance(node, yaml.ScalarNode):
        yield at, Scalar(node.start_mark.index, node.end_mark.index, node.style or None)


def _missing(path: Path, name: str) -> str:
    there = sorted(x.stem for x in path.parent.glob(f"*{path.suffix}"))
    close = difflib.get_close_matches(path.stem, there, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(there) or 'none'}"
    return f"{name}: no such file; {hint}"


def _plain(
    node: yaml.Node, at: Path_, lines: dict[Path_, int], faults: list[str], made: SafeConstructor
) -> Any:
    """The value of a YAML node; notes the line of every field and the keys given twice."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in result:
                faults.append(f"{line}: field {dotted((*at, key))!r} is given twice (keep one)")
            lines[(*at, key)] = line
            result[key] = _plain(value_node, (*at, key), lines, faults, made)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(x, (*at, i), lines, faults, made) for i, x in enumerate(node.value)]
    if node.tag not in _SCALARS:
        return node.value  # a date or a tag of somebody's own is read as the text it is
    return made.construct_object(node)


_SCALARS = {f"tag:yaml.org,2002:{x}" for x in ("str", "int", "float", "bool", "null")}


def validate(parsed: Parsed, model: type[M], name: str, within: Path_ = ()) -> M:
    """`parsed` as a `model`; `within` is where of the file it stands.

    Raises:
        UserError: one line per fault, with the file's line and what would be right.
    """
    try:
        return model.model_validate(parsed.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # A list whose entries are at fault is also called too short: that helps nobody.
        inner = {tuple(x["loc"])[:n] for x in errors for n in range(len(x["loc"]))}
        told = [x for x in errors if x["type"] != "too_short" or tuple(x["loc"]) not in inner]
        told = [x for x in told if not _said_already(x, errors)]
        faults = [_fault(x, parsed.lines, model, errors, within) for x in told]
        raise UserError("\n".join(f"{name}:{fault}" for fault in dict.fromkeys(faults))) from None


def _fault(
    error: Any,
    lines: dict[Path_, int],
    model: type[BaseModel],
    errors: list[Any],
    within: Path_,
) -> str:
    """One line on one pydantic error: line, field, what is wrong, what would be right."""
    at: Path_ = tuple(x for x in error["loc"] if not _is_branch(x))
    line = next((lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in lines), 1)
    field = dotted((*within, *at))
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        known = fields.known(model, at[:-1])
        close = difflib.get_close_matches(str(at[-1]), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(known)}"
        comma = " (a text with a comma inside {...} must be quoted)" if given is None else ""
        return f"{line}: field {field!r} is not known; {hint}{comma}"
    if kind == "missing":
        return f"{line}: field {field!r} is missing; write {fields.form(model, at)}"
    if kind == "value_error":
        line = lines.get((*at, *_path_in(str(error["ctx"]["error"]))), line)
        return f"{line}: {f'{field}: ' if field else ''}{error['ctx']['error']}"
    said = str(error["msg"]).removeprefix("Input should be ")
    if kind in ("string_too_short", "string_type"):
        said = "a text" if kind == "string_type" else "a text that is not empty"
    if kind in _FIELDS:
        said = _as_fields(model, at)
    elif kind == "tuple_type":
        said = _A_LIST
    elif kind in ("float_parsing", "float_type"):
        comma = str(given).replace(",", ".", 1)
        said = f"a number: write {comma}" if comma.replace(".", "", 1).isdigit() else "a number"
    elif kind == "too_short":
        said = f"{error['ctx']['min_length']} or more of them"
    elif kind == "literal_error":
        others = {x["type"] for x in _branches(error, errors)}
        said += f", or {_A_LIST}" if "tuple_type" in others else ""
        said += f", or {_as_fields(model, at)}" if others & _FIELDS else ""
    if kind == "string_pattern_mismatch" and isinstance(given, str):
        strange = next((x for x in given if x.isalpha() and not x.isascii()), None)
        hint = f"; {strange!r} is not a Latin letter" if strange else ""
        return f"{line}: field {field!r} is {_short(given)}, expected {_pattern(error)}{hint}"
    word = isinstance(given, bool) and kind != "float_type"
    quoted = " (quote it, YAML reads it as true or false)" if word else ""
    what = f"field {field!r}" if field else "the file"
    return f"{line}: {what} is {_short(given)}, expected {said}{quoted}"


def _path_in(said: str) -> Path_:
    """The place with which a message on a whole model begins, as in `levels[2].level is 7`."""
    found = re.match(r"(\w+(?:\[\d+\]|\.\w+)*) (?:is|needs|are|names) ", said)
    parts = re.findall(r"\w+", found[1]) if found else []
    return tuple(int(x) if x.isdigit() else x for x in parts)


_A_LIST = "a list, as in [one, two]"
_FIELDS = {"model_type", "dict_type"}


def _as_fields(model: type[BaseModel], at: Path_) -> str:
    names = fields.known(model, at)
    return f"fields, as in {{{names[0]}: ...}}; known are: {', '.join(names)}"


def _branches(error: Any, errors: list[Any]) -> list[Any]:
    """What else was tried at the place of an error in a union."""
    place = error["loc"][:-1]
    in_a_union = bool(error["loc"]) and _is_branch(error["loc"][-1])
    return [x for x in errors if in_a_union and x["loc"][:-1] == place and x is not error]


def _said_already(error: Any, errors: list[Any]) -> bool:
    """Whether a word, a list or fields may stand here and another fault tells all of it."""
    if error["type"] == "tuple_type" or error["type"] in _FIELDS:
        return any(x["type"] == "literal_error" for x in _branches(error, errors))
    in_a_union = error["type"] == "literal_error" and _is_branch(error["loc"][-1])
    return in_a_union and isinstance(error["input"], (list, dict))


_BRANCHES = ("literal[", "tuple[", "list[", "dict[", "function-")


def _is_branch(part: str | int) -> bool:
    """Whether a part of a place names a branch of a union and no field."""
    return isinstance(part, str) and part.startswith(_BRANCHES)


def _pattern(error: Any) -> str:
    """What a pattern asks for, in words where it is a slug's."""
    pattern = str(error["ctx"]["pattern"])
    if pattern.startswith("^[a-z][a-z0-9_]"):
        return "small Latin letters, digits and _, a letter first"
    return f"what {pattern} describes"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def dotted(at: Path_) -> str:
    """`('levels', 2, 'name')` as `levels[2].name`."""
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
