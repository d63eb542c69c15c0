"""Published items from the hub, once: lm-eval loads them, and they are kept as a file of ours."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline import files, store
from pipeline.benchmarks.harness import INSTALL, documents, installed
from pipeline.benchmarks.items import LETTERS, Benchmark, Hub, Item, Options, Said
from pipeline.errors import UserError


def fetch(name: str, root: Path, tasks_of_ours: Path | None = None) -> tuple[Path, int]:
    """Write the items of a benchmark from the hub; the file, and how many there are.

    `tasks_of_ours` is a folder with further tasks of lm-eval.

    Raises:
        UserError: it has no hub, lm-eval is missing, or its items are not of the form that is said.
    """
    path = root / "data" / "benchmarks" / f"{name}.yaml"
    benchmark = files.load(path, Benchmark, root)
    if benchmark.hub is None:
        raise UserError(f"{files.shown(path, root)}: has no hub; its items come with the project")
    if not installed():
        raise UserError(f"{name}: fetching needs the extra lm-eval: {INSTALL}")
    items = tuple(_items(documents(benchmark.hub.task, tasks_of_ours), benchmark.hub, name))
    into = path.parent / benchmark.items
    into.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{x.model_dump_json(exclude_none=True)}\n" for x in items)
    store.replace(into, lines.encode())
    return into, len(items)


def _items(found: Iterable[tuple[str, Mapping[str, Any]]], hub: Hub, name: str) -> Iterable[Item]:
    for number, (task, document) in enumerate(found, 1):
        try:
            yield item(f"{number:05d}", task, document, hub)
        except (KeyError, ValidationError, ValueError, IndexError) as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(
                f"data/benchmarks/{name}.yaml: hub: item {number} of {task} does not fit: {said}; "
                f"its fields are: {', '.join(sorted(document))}"
            ) from None


def item(number: str, task: str, document: Mapping[str, Any], hub: Hub) -> Item:
    """One document of a task of lm-eval as an item of ours.

    Raises:
        KeyError: a field is missing.
        ValueError: its answer is of another form.
    """
    answer = document[hub.answer]
    options = None
    if hub.options is not None:
        options = Options.model_validate({hub.language: tuple(document[hub.options])})
        answer = answer if isinstance(answer, str) else LETTERS[answer]
    else:
        answer = str(answer)
        if hub.after is not None:
            _, there, answer = answer.rpartition(hub.after)
            if not there:
                raise ValueError(f"the answer has no {hub.after!r}")
        answer = answer.strip().replace(",", "")
    return Item(
        id=number,
        topic=task,
        question=Said.model_validate({hub.language: document[hub.question]}),
        options=options,
        answer=answer,
    )
