"""The list of vLLM's options, read from its source: python -m pipeline.serving.remake WHEEL."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError
from pipeline.serving import annotations
from pipeline.serving.options import KEPT, REQUESTS, Field, Kind, Options
from pipeline.serving.source import Module, Source

_ARGUMENTS = "vllm.engine.arg_utils"
_FRONTEND = "vllm.entrypoints.common.cli_args"
_PROTOCOLS = {
    "/v1/chat/completions": "vllm.entrypoints.openai.chat_completion.protocol",
    "/v1/completions": "vllm.entrypoints.openai.completion.protocol",
    "/v1/embeddings": "vllm.entrypoints.pooling.embed.protocol",
}
_QUANTISATION = "vllm.model_executor.layers.quantization"
_REASONING = "vllm.reasoning"
_TYPES: dict[str, Kind] = {"int": "integer", "float": "number", "str": "string"}


class _Place(NamedTuple):
    """A field of a configuration class: what a flag is made from."""

    of: str
    name: str | None
    """None while only the class is known."""


def remake(path: Path) -> Options:
    """The options of the vLLM in the wheel or folder `path`; nothing of it is imported.

    Raises:
        UserError: there is no vLLM, or it is built otherwise than this reader knows.
    """
    source = Source(path, "vllm")
    reader = _Reader(source)
    flags, aliases = reader.flags()
    methods = _known(source, _QUANTISATION, "QuantizationMethods")
    parsers = source.needed(_REASONING).values.get("_REASONING_PARSERS_TO_REGISTER")
    names = _keys(parsers)
    flags["--quantization"] = flags["--quantization"].model_copy(update={"choices": methods})
    flags["--reasoning-parser"] = flags["--reasoning-parser"].model_copy(update={"choices": names})
    for address, module in _PROTOCOLS.items():
        reader.take(module, REQUESTS[address])
    return Options(
        version=_version(source),
        flags=dict(sorted(flags.items())),
        aliases=dict(sorted(aliases.items())),
        classes=dict(sorted(reader.known().items())),
        deprecated_quantisation=_known(source, _QUANTISATION, "DEPRECATED_QUANTIZATION_METHODS"),
    )


class _Reader:
    """Gathers flags and the classes that they and the requests are made of."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.classes: dict[str, dict[str, Field]] = {}

    def take(self, module: str, name: str) -> None:
        """Put a class and those that its fields hold among the classes; bases included."""
        if name in self.classes:
            return
        held: dict[str, Field] = {}
        self.classes[name] = held
        for statement, where in self._statements(module, name):
            made, read = annotations.field(statement, where, self.source)
            assert isinstance(statement.target, ast.Name)
            held[_alias(statement) or statement.target.id] = made
            for inner_module, inner in read.of:
                self.take(inner_module, inner)
        if not held:  # no fields of its own here: anything may stand in it
            del self.classes[name]

    def known(self) -> dict[str, dict[str, Field]]:
        """The classes, their fields naming only classes that are among them."""
        return {
            name: {key: self._narrowed(field) for key, field in fields.items()}
            for name, fields in self.classes.items()
        }

    def _narrowed(self, field: Field) -> Field:
        held = tuple(x for x in field.of if x in self.classes)
        return field.model_copy(update={"of": held}) if held != field.of else field

    def flags(self) -> tuple[dict[str, Field], dict[str, str]]:
        """Every long flag of `vllm serve`, and the long name of every other."""
        found: dict[str, Field] = {}
        aliases: dict[str, str] = {}
        for statement, where in self._statements(_FRONTEND, "FrontendArgs"):
            assert isinstance(statement.target, ast.Name)
            flag = f"--{statement.target.id.replace('_', '-')}"
            found[flag] = self._closed(annotations.field(statement, where, self.source))
        module = self.source.needed(_ARGUMENTS)
        frontend = self.source.needed(_FRONTEND)
        calls = [
            *_calls(module, _function(module, "EngineArgs", "add_cli_args")),
            *_calls(module, _function(module, "AsyncEngineArgs", "add_cli_args")),
            *_calls(frontend, frontend.functions.get("make_arg_parser")),
        ]
        for call, places, where in calls:
            names = [x.value for x in call.args if isinstance(x, ast.Constant)]
            long = [str(x) for x in names if str(x).startswith("--")]
            if long:
                found[long[0]] = self._flag(call, places, where)
                aliases |= {str(x): long[0] for x in names if x != long[0]}
        return found, aliases

    def _flag(self, call: ast.Call, places: dict[str, _Place], module: Module) -> Field:
        """What one `add_argument` call takes."""
        place = next((p for k in call.keywords if (p := _spread(k, places)) is not None), None)
        field = Field() if place is None else self._of(place, module)
        for keyword in call.keywords:
            node = keyword.value
            if keyword.arg == "type" and isinstance(node, ast.Name) and node.id in _TYPES:
                field = field.model_copy(update={"kinds": (_TYPES[node.id],)})
            elif keyword.arg == "action" and _is_switch(node):
                field = field.model_copy(update={"kinds": ("boolean",)})
            elif keyword.arg == "default" and isinstance(node, ast.Constant):
                field = field.model_copy(update={"default": node.value})
            elif keyword.arg == "choices" and (values := self._values(node, module)):
                field = field.model_copy(update={"kinds": ("string",), "choices": values})
        return field if field.kinds or field.of else field.model_copy(update={"kinds": ("string",)})

    def _of(self, place: _Place, module: Module) -> Field:
        found = self.source.meaning(place.of, module)
        if found is None:
            raise UserError(f"{place.of}: no such class; this version is built otherwise")
        for statement, where in self._statements(found.module.name, place.of):
            if isinstance(statement.target, ast.Name) and statement.target.id == place.name:
                return self._closed(annotations.field(statement, where, self.source))
        raise UserError(f"{place.of}.{place.name}: no such field; this version is built otherwise")

    def _closed(self, made: tuple[Field, annotations.Read]) -> Field:
        """A flag's field; what its JSON may hold goes among the classes."""
        field, read = made
        for module, name in read.of:
            self.take(module, name)
        return self._narrowed(field).model_copy(update={"required": False})

    def _values(self, node: ast.expr, module: Module) -> tuple[str | int, ...]:
        """The choices that a call spells out; none where it does not."""
        if isinstance(node, ast.List):
            return tuple(x.value for x in node.elts if isinstance(x, ast.Constant))  # type: ignore[misc]
        if isinstance(node, ast.Call) and node.args:  # get_args(LogLevel)
            return annotations.read(node.args[0], module, self.source).choices
        return ()

    def _statements(self, module: str, name: str) -> Iterator[tuple[ast.AnnAssign, Module]]:
        """The fields of a class, those of its bases first; each as Python finds it, once."""
        where = self.source.needed(module)
        if (node := where.classes.get(name)) is None:
            raise UserError(f"{module}: no class {name}; this version is built otherwise")
        held: dict[str, tuple[ast.AnnAssign, Module]] = {}
        for base in node.bases:
            found = self.source.meaning(base.id, where) if isinstance(base, ast.Name) else None
            if found is not None and isinstance(found.node, ast.ClassDef):
                for statement, place in self._statements(found.module.name, found.node.name):
                    held.setdefault(ast.unparse(statement.target), (statement, place))
        for own in node.body:
            if isinstance(own, ast.AnnAssign) and isinstance(own.target, ast.Name):
                said = ast.dump(own.annotation)
                if "ClassVar" not in said and not own.target.id.startswith("_"):
                    held[own.target.id] = own, where
        yield from held.values()


def _calls(
    module: Module, function: ast.FunctionDef | None
) -> Iterator[tuple[ast.Call, dict[str, _Place], Module]]:
    """The `add_argument` calls of a function, with what its variables hold by then."""
    if function is None:
        raise UserError(f"{module.name}: adds no arguments; this version is built otherwise")
    places: dict[str, _Place] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            place = _place(node.value, places)
            if place is not None:
                places[node.targets[0].id] = place
    for node in ast.walk(function):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if named and node.func.attr == "add_argument":  # type: ignore[attr-defined]
            yield node, places, module  # type: ignore[misc]


def _place(node: ast.expr, places: dict[str, _Place]) -> _Place | None:
    """`get_kwargs(CacheConfig)["cache_dtype"]`, whole or by way of a variable."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        first = node.args[0] if node.args else None
        if node.func.id == "get_kwargs" and isinstance(first, ast.Name):
            return _Place(first.id, None)
    if isinstance(node, ast.Name):
        return places.get(node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = _place(node.value, places)
        if inner is not None and inner.name is None:
            return inner._replace(name=str(node.slice.value))
    return None


def _spread(keyword: ast.keyword, places: dict[str, _Place]) -> _Place | None:
    """The place that `**x["field"]` or `**{**x["field"], ...}` spreads into a call."""
    if keyword.arg is not None:
        return None
    node = keyword.value
    if isinstance(node, ast.Dict):
        inner = [v for k, v in zip(node.keys, node.values, strict=True) if k is None]
        return _place(inner[0], places) if inner else None
    return _place(node, places)


def _function(module: Module, of: str, name: str) -> ast.FunctionDef | None:
    body = module.classes[of].body if of in module.classes else []
    return next((x for x in body if isinstance(x, ast.FunctionDef) and x.name == name), None)


def _is_switch(action: ast.expr) -> bool:
    """Whether an action is `store_true` or a pair of --x and --no-x."""
    said = ast.dump(action)
    return "store" in said or "BooleanOptional" in said


def _alias(statement: ast.AnnAssign) -> str | None:
    """The name under which a request carries a field, where it differs."""
    for node in ast.walk(statement):
        if isinstance(node, ast.keyword) and node.arg == "alias":
            return str(node.value.value) if isinstance(node.value, ast.Constant) else None
    return None


def _known(source: Source, module: str, name: str) -> tuple[str, ...]:
    """The texts of a Literal or a list that stands under `name`."""
    where = source.needed(module)
    node = where.values.get(name)
    if node is None:
        raise UserError(f"{module}.{name}: no such list; this version is built otherwise")
    if isinstance(node, ast.List):
        return tuple(str(x.value) for x in node.elts if isinstance(x, ast.Constant))
    return tuple(str(x) for x in annotations.read(node, where, source).choices)


def _keys(node: ast.expr | None) -> tuple[str, ...]:
    if not isinstance(node, ast.Dict):
        raise UserError(f"{_REASONING}: registers no parsers; this version is built otherwise")
    return tuple(sorted(str(x.value) for x in node.keys if isinstance(x, ast.Constant)))


def _version(source: Source) -> str:
    node = source.needed("vllm._version")
    for name in ("__version__", "version"):
        value = node.values.get(name)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    raise UserError("vllm._version: names no version; this version is built otherwise")


def main(arguments: list[str]) -> int:
    """Write the list of the given wheel or folder into the project; the exit code."""
    if len(arguments) != 1:
        print("python -m pipeline.serving.remake WHEEL_OR_FOLDER", file=sys.stderr)
        return 2
    try:
        options = remake(Path(arguments[0]))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    text = options.model_dump_json(indent=1, exclude_defaults=True)
    KEPT.write_text(text + "\n", encoding="utf-8")
    print(f"{KEPT}: vLLM {options.version}, {len(options.flags)} flags")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
