"""Type annotations in vLLM's source, read as what a value may be."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.serving.options import Field, Kind
from pipeline.serving.source import Module, Source

_PLAIN: dict[str, Kind] = {
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "str": "string",
    "dict": "object",
    "Mapping": "object",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "Sequence": "array",
    "Iterable": "array",
}
_BOUNDS = {"gt": "above", "ge": "least", "le": "most"}


class Read(NamedTuple):
    """What one annotation allows, gathered over its branches."""

    kinds: frozenset[Kind] = frozenset()
    choices: tuple[str | int, ...] = ()
    bounds: tuple[tuple[str, float], ...] = ()
    of: tuple[tuple[str, str], ...] = ()
    """Classes by module and name."""

    def joined(self, other: "Read") -> "Read":
        """Either of both."""
        return Read(
            self.kinds | other.kinds,
            tuple(dict.fromkeys((*self.choices, *other.choices))),
            (*self.bounds, *other.bounds),
            tuple(dict.fromkeys((*self.of, *other.of))),
        )


def read(node: ast.expr, module: Module, source: Source) -> Read:
    """What the annotation `node` of `module` allows; what is not known adds nothing."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return read(ast.parse(node.value, mode="eval").body, module, source)
        return Read(frozenset({"null"})) if node.value is None else Read()
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return read(node.left, module, source).joined(read(node.right, module, source))
    if isinstance(node, ast.Subscript):
        return _subscript(node, module, source)
    if isinstance(node, ast.Name):
        return _named(node.id, module, source)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        other = _module_called(node.value.id, module, source)
        return Read() if other is None else _named(node.attr, other, source)
    return Read()


def _named(name: str, module: Module, source: Source) -> Read:
    if name in _PLAIN:
        return Read(frozenset({_PLAIN[name]}))
    found = source.meaning(name, module)
    if found is None:
        return Read()
    if isinstance(found.node, ast.ClassDef):
        bases = {x.id for x in found.node.bases if isinstance(x, ast.Name)}
        if any("Enum" in x for x in bases):
            return Read(frozenset({"string"}))
        return Read(frozenset({"object"}), of=((found.module.name, found.node.name),))
    return read(found.node, found.module, source)


def _subscript(node: ast.Subscript, module: Module, source: Source) -> Read:
    name = node.value.id if isinstance(node.value, ast.Name) else ""
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return _literal(inner, module, source)
    if name in ("Optional", "Union", "SkipValidation", "SerializeAsAny"):
        found = Read(frozenset({"null"})) if name == "Optional" else Read()
        for one in inner:
            found = found.joined(read(one, module, source))
        return found
    if name == "Annotated":
        found = read(inner[0], module, source)
        return found._replace(bounds=(*found.bounds, *_bounds(inner[1:], module)))
    return Read(frozenset({_PLAIN[name]})) if name in _PLAIN else Read()


def _literal(inner: list[ast.expr], module: Module, source: Source) -> Read:
    """A Literal's values; another Literal that it names is opened."""
    found = Read()
    for one in inner:
        if isinstance(one, ast.Constant) and isinstance(one.value, (str, int)):
            kind: Kind = (
                "boolean"
                if isinstance(one.value, bool)
                else "integer"
                if isinstance(one.value, int)
                else "string"
            )
            found = found.joined(Read(frozenset({kind}), (one.value,)))
        else:
            found = found.joined(read(one, module, source))
    return found


def _module_called(name: str, module: Module, source: Source) -> Module | None:
    """The module that `name` stands for, imported or put off with vLLM's LazyLoader."""
    if name in module.imported:
        target, original = module.imported[name]
        return source.module(f"{target}.{original}".rstrip("."))
    lazy = module.values.get(name)
    if isinstance(lazy, ast.Call) and lazy.args and isinstance(lazy.args[-1], ast.Constant):
        return source.module(str(lazy.args[-1].value))
    return None


def _bounds(nodes: list[ast.expr], module: Module) -> Iterator[tuple[str, float]]:
    """The bounds that `Field(...)` calls set."""
    for call in nodes:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            for keyword in call.keywords:
                value = number(keyword.value, module)
                if keyword.arg in _BOUNDS and value is not None:
                    yield _BOUNDS[keyword.arg], value


def number(node: ast.expr, module: Module) -> float | None:
    """The number that `node` comes to; None where it is none, or is not plain arithmetic."""
    if isinstance(node, ast.Constant):
        plain = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        return node.value if plain else None  # type: ignore[return-value]
    if isinstance(node, ast.Name) and node.id in module.values:
        return number(module.values[node.id], module)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand, module)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp):
        left, right = number(node.left, module), number(node.right, module)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Pow):
            return float(left**right)
        return left - right if isinstance(node.op, ast.Sub) else None
    return None


def field(statement: ast.AnnAssign, module: Module, source: Source) -> tuple[Field, Read]:
    """The field that a class body declares, its classes by bare name, and what was read."""
    found = read(statement.annotation, module, source)
    value = statement.value
    default: object = None
    required = value is None
    bounds = dict(found.bounds)
    if isinstance(value, ast.Call):
        bounds |= dict(_bounds([value], module))
        given = {x.arg: x.value for x in value.keywords}
        first = value.args[0] if value.args else given.get("default")
        default = first.value if isinstance(first, ast.Constant) else None
        required = not value.args and not {"default", "default_factory", "init"} & given.keys()
    elif isinstance(value, ast.Constant):
        default = value.value
    elif value is not None:
        default = number(value, module)
    # vLLM writes `x: int = None` for what it works out itself: null is then taken too.
    kinds = found.kinds
    plain = default if isinstance(default, (str, int, float)) else None
    made = Field(
        kinds=tuple(sorted(kinds)),
        choices=found.choices,
        of=tuple(sorted(name for _, name in found.of)),
        default=plain,
        required=required,
        **bounds,
    )
    return made, found
