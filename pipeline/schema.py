"""JSON schemas of the YAML files, for editors that complete and check them."""

import ast
import inspect
import json
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, create_model

from judges.panel import Panel
from judges.probe import Probes
from judges.rubric import Rubric
from pipeline import fields
from pipeline.arms import ArmFile
from pipeline.benchmarks.items import Benchmark
from pipeline.models.catalogue import Model
from pipeline.study import Study
from pipeline.tabled.kinds import TableStudy
from pipeline.tasks import Task

KINDS: dict[str, type[BaseModel]] = {
    "study": Study,
    "ratings": TableStudy,
    "arm": ArmFile,
    "task": Task,
    "rubric": Rubric,
    "probes": Probes,
    "panel": Panel,
    "benchmark": Benchmark,
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of every kind of file, by the kind's name."""
    found = {kind: _described(model.model_json_schema(), model) for kind, model in KINDS.items()}
    catalogue = create_model("Models", models=(dict[str, Model], ...))
    entry: dict[str, Any] = _described(catalogue.model_json_schema(), Model)
    fields = entry["$defs"]["Model"]
    del fields["properties"]["id"]  # an entry's name is its id
    fields["required"].remove("id")
    return {**found, "models": entry}


def _described(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """`schema` with what the source says beneath each field, so that an editor shows it."""
    known = {x.__name__: x for x in _reached(model, {model})}
    for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
        said = _docstrings(known[name]) if name in known else {}
        for field, told in part.get("properties", {}).items():
            if field in said and "description" not in told:
                told["description"] = said[field]
    return schema


def _reached(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """`model` and every model that its fields hold."""
    for field in model.model_fields.values():
        for one in fields.models_in(field.annotation):
            if one not in seen:
                seen |= _reached(one, seen | {one})
    return seen


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The text beneath each field in the source of `model`, inherited ones too, on one line."""
    found: dict[str, str] = {}
    bodies = [_body(x) for x in reversed(model.__mro__) if x.__module__.startswith(_OURS)]
    for field, text in (pair for body in bodies for pair in pairwise(body)):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            info = model.model_fields.get(field.target.id)
            name = info.alias if info is not None and info.alias else field.target.id
            found[name] = " ".join(str(text.value.value).split())
    return found


_OURS = ("judges.", "pipeline.")


def _body(model: type) -> list[ast.stmt]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    return tree.body


def write(folder: Path) -> tuple[Path, ...]:
    """Write every schema into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, schema in schemas().items():
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return tuple(written)
