"""Python source of a package, read with `ast` from a folder or a wheel: nothing is imported."""

import ast
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError


class Module(NamedTuple):
    """What the top of one module says."""

    name: str
    values: dict[str, ast.expr]
    """Names that are given a value."""
    classes: dict[str, ast.ClassDef]
    functions: dict[str, ast.FunctionDef]
    imported: dict[str, tuple[str, str]]
    """Names from elsewhere: the module, and what it is called there ("" = the module itself)."""


class Found(NamedTuple):
    """A name's meaning and the module in which it stands."""

    module: Module
    node: ast.expr | ast.ClassDef


class Source:
    """The modules of one package, each parsed once, when it is asked for."""

    def __init__(self, path: Path, package: str) -> None:
        """`path` is a wheel, a folder that holds the package, or the package's own folder.

        Raises:
            UserError: the package is not there.
        """
        self._archive = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
        self._folder = path.parent if path.name == package and path.is_dir() else path
        self._modules: dict[str, Module | None] = {}
        if self.module(package) is None:
            said = f"holds no package {package!r}; expected its wheel, or the folder it lies in"
            raise UserError(f"{path}: {said}")

    def module(self, name: str) -> Module | None:
        """The module of that dotted name; None where the package has none."""
        if name not in self._modules:
            text = self._text(name)
            self._modules[name] = None if text is None else _module(name, *text)
        return self._modules[name]

    def needed(self, name: str) -> Module:
        """The module of that dotted name.

        Raises:
            UserError: the package has none: it is built otherwise than the reader knows.
        """
        found = self.module(name)
        if found is None:
            raise UserError(f"{name}: no such module; this version is built otherwise")
        return found

    def meaning(self, name: str, module: Module) -> Found | None:
        """What `name` stands for in `module`, followed through imports; None: not in here."""
        if name in module.classes:
            return Found(module, module.classes[name])
        if name in module.imported:
            target, original = module.imported[name]
            other = self.module(target)
            # A module may name itself (a circular import for types): that leads nowhere.
            if other is None or other.name == module.name or not original:
                return None
            return self.meaning(original, other)
        return Found(module, module.values[name]) if name in module.values else None

    def _text(self, name: str) -> tuple[str, str] | None:
        """The text of a module, and the package that its relative imports begin at."""
        path = name.replace(".", "/")
        around = name.rpartition(".")[0]
        for file, package in ((f"{path}.py", around), (f"{path}/__init__.py", name)):
            if self._archive is not None:
                if file in self._archive.namelist():
                    return self._archive.read(file).decode("utf-8"), package
            elif (self._folder / file).is_file():
                return (self._folder / file).read_text("utf-8"), package
        return None


def _module(name: str, text: str, package: str) -> Module:
    module = Module(name, {}, {}, {}, {})
    for node in _top(ast.parse(text).body):
        if isinstance(node, ast.ClassDef):
            module.classes.setdefault(node.name, node)
        elif isinstance(node, ast.FunctionDef):
            module.functions.setdefault(node.name, node)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            whence = f"{above}.{node.module or ''}".strip(".")
            for alias in node.names:
                module.imported.setdefault(alias.asname or alias.name, (whence, alias.name))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    module.imported.setdefault(alias.asname, (alias.name, ""))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            module.values.setdefault(node.targets[0].id, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            module.values.setdefault(node.target.id, node.value)
    return module


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module; what stands under `if TYPE_CHECKING` comes before its `else`."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _top(node.body)
            yield from _top(node.orelse)
        else:
            yield node
