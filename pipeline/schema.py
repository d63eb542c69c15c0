"""JSON schemas of the YAML files, for editors that complete and check them."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, create_model

from judges.panel import Panel
from judges.rubric import Rubric
from pipeline.arms import ArmFile
from pipeline.models.catalogue import Model
from pipeline.records import Task
from pipeline.study import Study

KINDS: dict[str, type[BaseModel]] = {
    "study": Study,
    "arm": ArmFile,
    "task": Task,
    "rubric": Rubric,
    "panel": Panel,
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of every kind of file, by the kind's name."""
    found = {kind: model.model_json_schema() for kind, model in KINDS.items()}
    catalogue = create_model("Models", models=(dict[str, Model], ...))
    entry: dict[str, Any] = catalogue.model_json_schema()
    fields = entry["$defs"]["Model"]
    del fields["properties"]["id"]  # an entry's name is its id
    fields["required"].remove("id")
    return {**found, "models": entry}


def write(folder: Path) -> tuple[Path, ...]:
    """Write every schema into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, schema in schemas().items():
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return tuple(written)
