"""Whether the tasks hold together: limits the same in both languages, no two alike, a balance."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from judges import surface
from judges.verdict import Language
from pipeline import files
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.tasks import Task
from pipeline.texts import with_text

LANGUAGES: tuple[Language, ...] = ("en", "ru")
ALIKE = 0.25
"""The share of common shingles from which two tasks are called near-duplicates."""
_SHINGLE = 3
"""Words in a shingle: Broder (1997), "On the resemblance and containment of documents"."""


class Alike(NamedTuple):
    """Two tasks that ask nearly the same."""

    one: str
    other: str
    language: Language
    share: float
    """Common shingles over all of both, 0 to 1."""


class Size(NamedTuple):
    """How long a task is in one language."""

    words: int
    """Of what is asked, without what is to be read."""
    tokens: float
    """Of the whole prompt; estimated."""


class Row(NamedTuple):
    """One task as the table shows it."""

    task: Task
    sizes: dict[Language, Size]


class TaskCheck(NamedTuple):
    """What was found."""

    rows: tuple[Row, ...]
    alike: tuple[Alike, ...]
    faults: tuple[str, ...]
    """A line each; empty where all is well."""


def check(root: Path) -> TaskCheck:
    """Every task of `data/tasks`, checked."""
    tasks, faults = _load(root)
    faults += [fault for task in tasks for fault in limits(task)]
    pairs = alike(tasks)
    faults += [
        f"data/tasks/{x.one}.yaml: {x.language} is nearly that of {x.other!r} ({x.share:.0%} of "
        "their word triples are common)"
        for x in pairs
    ]
    rows = tuple(Row(task, {x: _size(task, x) for x in LANGUAGES}) for task in tasks)
    return TaskCheck(rows, pairs, tuple(faults))


def limits(task: Task) -> list[str]:
    """Faults of a task whose languages ask for different lengths, or not for what is checked.

    A number of words that a text names must be named in the other language too, and stand in
    `constraints`; a limit in `constraints` must stand in both texts. A task of two turns names the
    length of each and is held to their sum.
    """
    where = f"data/tasks/{task.id}.yaml"
    bare = {x: f"{getattr(task.text, x)} {task.second(x) or ''}" for x in LANGUAGES}
    stated = {x: Counter(_STATED[x].findall(bare[x])) for x in LANGUAGES}
    faults = []
    if stated["en"] != stated["ru"]:
        differ = (stated["en"] - stated["ru"]) + (stated["ru"] - stated["en"])
        faults.append(
            f"{where}: only one language names so many words: {', '.join(sorted(differ))}"
        )
    given = task.constraints
    kept = {
        field: str(limit)
        for field in ("words_at_most", "words_at_least")
        if given is not None and (limit := getattr(given, field)) is not None
    }
    for language in LANGUAGES if task.then is None else ():
        for field, limit in kept.items():
            if limit not in re.findall(r"\d+", bare[language]):
                said = f"constraints.{field} is {limit}, text.{language} says nothing of it"
                faults.append(f"{where}: {said}")
        for number in sorted(stated[language].keys() - set(kept.values())):
            faults.append(f"{where}: text.{language} names {number} words, constraints do not")
    return faults


_STATED: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(\d+) words"),
    "ru": re.compile(r"(\d+) слов"),
}


def alike(tasks: Sequence[Task]) -> tuple[Alike, ...]:
    """The pairs of tasks that share more word triples than chance allows, the closest first."""
    found = []
    for language in LANGUAGES:
        shingles = {task.id: _shingles(task.prompt(language)) for task in tasks}
        for one, other in combinations(shingles, 2):
            common = len(shingles[one] & shingles[other])
            share = common / max(len(shingles[one] | shingles[other]), 1)
            if share >= ALIKE:
                found.append(Alike(one, other, language, share))
    return tuple(sorted(found, key=lambda x: -x.share))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [x.lower() for x in surface.words(text)]
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}


def _size(task: Task, language: Language) -> Size:
    asked = f"{getattr(task.text, language)} {task.second(language) or ''}"
    return Size(len(surface.words(asked)), tokens_estimated(task.prompt(language)))


def _load(root: Path) -> tuple[list[Task], list[str]]:
    tasks, faults = [], []
    for path in sorted((root / "data" / "tasks").glob("*.yaml")):
        try:
            task = with_text(files.load(path, Task, root), root)
        except UserError as error:
            faults += str(error).splitlines()
            continue
        tasks.append(task)
        if task.id != path.stem:
            faults.append(f"{files.shown(path, root)}: id is {task.id!r}, expected {path.stem!r}")
    return tasks, faults
