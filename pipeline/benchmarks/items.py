"""What a benchmark is: its file, its items, and the leaderboard that a user may lay beside it."""

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import BaseModel, Field, StrictInt, StrictStr, StringConstraints, model_validator

from judges.rubric import Prose, Slug, Text
from judges.verdict import Frozen, Language
from pipeline import files
from pipeline.errors import UserError

M = TypeVar("M", bound=BaseModel)
Kind = Literal["multiple_choice", "number"]
LETTERS = "ABCDEFGHIJ"


class Said(Frozen):
    """A text in one of the languages or in both; published items have one."""

    en: Prose | None = None
    ru: Prose | None = None

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.en is None and self.ru is None:
            raise ValueError("neither en nor ru is given (give one at least)")
        return self


class Options(Frozen):
    """What is to be chosen from, in the same order in each language."""

    en: Annotated[tuple[Prose, ...], Field(min_length=2, max_length=10)] | None = None
    ru: Annotated[tuple[Prose, ...], Field(min_length=2, max_length=10)] | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.en or self.ru or ())

    @model_validator(mode="after")
    def _same(self) -> Self:
        if self.en is not None and self.ru is not None and len(self.en) != len(self.ru):
            raise ValueError(f"{len(self.en)} options in English, {len(self.ru)} in Russian")
        for one in (self.en or (), self.ru or ()):
            if len(set(one)) < len(one):
                raise ValueError("an option stands there twice")
        return self


class Item(Frozen):
    """One item: a line of the items' file."""

    id: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    topic: Prose | None = None
    question: Said
    reworded: Said | None = None
    """The same content in other words: who knows the wording by heart stumbles there."""
    options: Options | None = None
    answer: Prose
    """The letter of the right option, A for the first; or the number."""
    check: Prose | None = None
    """Sums of plain numbers that come to the answer; the tests work them out."""

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.options is None:
            try:
                float(self.answer)
            except ValueError:
                raise ValueError(f"answer is {self.answer!r}, expected a number: 12.5") from None
        elif self.answer not in tuple(LETTERS[: self.options.count]):
            last = LETTERS[self.options.count - 1]
            raise ValueError(f"answer is {self.answer!r}, expected a letter from A to {last}")
        for language in self.languages:
            if self.options is not None and getattr(self.options, language) is None:
                raise ValueError(f"options.{language} is missing")
        return self

    @property
    def languages(self) -> tuple[Language, ...]:
        """Those in which it can be asked."""
        both: tuple[Language, ...] = ("en", "ru")
        return tuple(x for x in both if getattr(self.question, x) is not None)


class Hub(Frozen):
    """Where published items come from: a task of lm-eval, and which of its fields hold what."""

    task: Prose
    """A task or group of lm-eval; `antipode benchmark NAME` fetches its items, with a network."""
    question: Prose = "question"
    answer: Prose = "answer"
    """A field with the place of the right option from 0, its letter, or a text with the number."""
    options: Prose | None = None
    after: Prose | None = None
    """What stands right before the number in the field of the answer."""
    language: Language = "en"


class Benchmark(Frozen):
    """A benchmark, as `data/benchmarks/<id>.yaml` gives it."""

    id: Slug
    title: Text
    about: Text | None = None
    kind: Kind
    items: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z0-9_./-]+\.jsonl$")]
    """A file beside this one, one item a line."""
    hub: Hub | None = None
    """Where the items are fetched from once; None = the file comes with the project."""
    chance: Annotated[float, Field(ge=0, lt=1)]
    """The share that guessing gets right."""
    subset: Annotated[StrictInt, Field(ge=1)] | None = None
    """Items asked; None = all. A smaller number asks some of those that a larger one asks."""
    seed: StrictInt = 0
    """By which the subset is drawn and the options are shuffled."""


class Ranked(Frozen):
    """One line of a leaderboard."""

    model: Prose
    score: Annotated[float, Field(ge=0, le=1)]
    """Accuracy, from 0 to 1."""


Put = Literal["all", "ends"]
"""To which arms of a study a benchmark is put: to all that are asked, or to the two ends."""


class Loaded(Frozen):
    """A benchmark with the items that a study asks of it."""

    benchmark: Benchmark
    items: tuple[Item, ...]
    arms: Put = "all"
    leaderboard: tuple[Ranked, ...] = ()
    """Empty where the user laid none beside it."""


class Choice(Frozen):
    """A benchmark that a study asks."""

    name: Slug
    """A name of `data/benchmarks`."""
    items: Annotated[StrictInt, Field(ge=1)] | None = None
    """Items asked, in place of what the benchmark's file says."""
    arms: Put = "all"
    """`all`: both ends and every arm of the ladder; `ends`: the two ends alone."""


class Row(NamedTuple):
    """A line of a file and where it stands."""

    name: str
    line: int
    data: object


def load(choice: Choice, root: Path, languages: tuple[Language, ...]) -> Loaded:
    """The benchmark with the items that are asked.

    Raises:
        UserError: every fault of its files, one a line.
    """
    path = root / "data" / "benchmarks" / f"{choice.name}.yaml"
    found = files.load(path, Benchmark, root)
    name = files.shown(path, root)
    if found.id != path.stem:
        raise UserError(f"{name}: id is {found.id!r}, expected {path.stem!r} (the file's name)")
    items = _items(found, root)
    wanted = choice.items or found.subset or len(items)
    if wanted > len(items):
        raise UserError(f"{name}: {wanted} items are wanted, {found.items} has {len(items)}")
    chosen = _chosen(found, items, wanted)
    if not any(set(x.languages) & set(languages) for x in chosen):
        there = ", ".join(sorted({x for item in items for x in item.languages}))
        asked = ", ".join(languages)
        raise UserError(f"{name}: its items are in {there}, the study asks in {asked}")
    board = leaderboard(found.id, root)
    return Loaded(benchmark=found, items=chosen, arms=choice.arms, leaderboard=board)


def _items(benchmark: Benchmark, root: Path) -> tuple[Item, ...]:
    path = root / "data" / "benchmarks" / benchmark.items
    name = files.shown(path, root)
    if benchmark.hub is not None and not path.exists():
        raise UserError(
            f"{name}: the items are not here yet; with a network and the extra lm-eval, "
            f"antipode benchmark {benchmark.id} fetches them"
        )
    lines = files.read(path, root).splitlines()
    rows = [_parsed(name, n, line) for n, line in enumerate(lines, 1) if line.strip()]
    items = _models([x for x in rows if isinstance(x, Row)], Item)
    faults = [x for x in rows if isinstance(x, str)]
    faults += [x for x in items if isinstance(x, str)]
    sound = [x for x in items if isinstance(x, Item)]
    ids = [x.id for x in sound]
    faults += [
        f"{name}: two items are called {x!r}" for x in sorted({x for x in ids if ids.count(x) > 1})
    ]
    choosing = benchmark.kind == "multiple_choice"
    what = "options" if choosing else "no options"
    faults += [
        f"{name}: {x.id}: a benchmark of kind {benchmark.kind!r} has items with {what}"
        for x in sound
        if (x.options is not None) != choosing
    ]
    if not rows:
        faults.append(f"{name}: has no items")
    if faults:
        raise UserError("\n".join(faults))
    return tuple(sound)


def _parsed(name: str, number: int, line: str) -> Row | str:
    try:
        return Row(name, number, json.loads(line))
    except json.JSONDecodeError as error:
        return f"{name}:{number}: not valid JSON: {error.msg}"


def _models(rows: list[Row], model: type[M]) -> list[M | str]:
    """Each row as a `model`, or the lines that say why it is none."""

    def made(row: Row) -> M | str:
        try:
            return files.validate(files.Parsed(row.data, {(): row.line}), model, row.name)
        except UserError as error:
            return str(error)

    return [made(row) for row in rows]


def _chosen(benchmark: Benchmark, items: tuple[Item, ...], wanted: int) -> tuple[Item, ...]:
    """The first `wanted` of the items in a drawn order, in the order of the file."""
    drawn = [x.id for x in items]
    random.Random(f"{benchmark.seed} {benchmark.id}").shuffle(drawn)
    kept = set(drawn[:wanted])
    return tuple(x for x in items if x.id in kept)


def leaderboard(name: str, root: Path) -> tuple[Ranked, ...]:
    """The leaderboard of a benchmark, `data/leaderboards/<name>.csv`; empty where there is none.

    Raises:
        UserError: the file is not of the form model,score with scores from 0 to 1.
    """
    path = root / "data" / "leaderboards" / f"{name}.csv"
    if not path.exists():
        return ()
    shown = files.shown(path, root)
    reader = csv.DictReader(io.StringIO(files.read(path, root).removeprefix("\ufeff")))
    if reader.fieldnames != ["model", "score"]:
        raise UserError(f"{shown}:1: the columns are {reader.fieldnames}, expected model,score")
    rows = [Row(shown, n, _number(x)) for n, x in enumerate(reader, 2)]
    found = _models(rows, Ranked)
    if faults := [x for x in found if isinstance(x, str)]:
        raise UserError("\n".join(faults))
    return tuple(x for x in found if isinstance(x, Ranked))


def _number(row: dict[str, str]) -> dict[str, object]:
    try:
        return {**row, "score": float(row["score"])}
    except (TypeError, ValueError):
        return dict(row)


Take = Callable[[Callable[[], Loaded]], Loaded | None]


def load_all(
    choices: tuple[Choice, ...], root: Path, languages: tuple[Language, ...], take: Take
) -> tuple[Loaded, ...]:
    """Every benchmark of a study; `take` keeps the faults of those that do not load."""
    found = [take(lambda x=choice: load(x, root, languages)) for choice in choices]  # type: ignore[misc]
    return tuple(x for x in found if x is not None)
