"""Answers that people scored, as judges are shown them before they judge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from judges.digest import digest
from judges.rubric import Rubric
from judges.verdict import Item, Language
from pipeline.tasks import Task

if TYPE_CHECKING:
    from judges.form import Demo

_SAID: dict[Language, tuple[str, str]] = {
    "en": ("People gave {}.", "They wrote: {}"),
    "ru": ("Люди поставили {}.", "Они написали: {}"),
}


class Scored(NamedTuple):
    """An answer that people scored on a rubric."""

    item: Item
    prompt: str
    """Id of the task."""
    language: Language
    """In which the rubric is read for it."""
    scores: tuple[int, ...]
    """One per person, none missing."""
    comments: tuple[str, ...]


class Demos:
    """The answers from which demonstrations are taken, and which task each prompt is."""

    def __init__(self, pool: Mapping[str, Sequence[Scored]], prompts: Mapping[str, str]) -> None:
        """`pool` by rubric; `prompts` the task's id by the text that judges see."""
        self._pool = pool
        self._prompts = prompts

    def prompt_of(self, item: Item) -> str | None:
        """The task that an item answers; None where it is none of the study's."""
        return self._prompts.get(item.task)

    def shown(
        self, rubric: Rubric, language: Language, count: int, prompt: str | None
    ) -> tuple["Demo", ...]:
        """`count` answers to other tasks than `prompt`, as evenly over the levels as there are.

        Those in `language` come first. Fewer where there are fewer; always the same ones for the
        same gold.
        """
        from judges.form import Demo

        return tuple(
            Demo(x.item, level_of(x.scores, rubric), _said(x, language))
            for x in self._chosen(rubric, language, count, prompt)
        )

    def there(self, rubric: Rubric) -> int:
        """How many may be shown at least, whatever the task of the judged answer."""
        tasks = [x.prompt for x in self._pool.get(rubric.id, ())]
        return len(tasks) - max((tasks.count(x) for x in set(tasks)), default=0)

    def among(self, rubric: Rubric, language: Language, count: int) -> frozenset[str]:
        """The tasks of the answers that are shown where none is left out."""
        return frozenset(x.prompt for x in self._chosen(rubric, language, count, None))

    def _chosen(
        self, rubric: Rubric, language: Language, count: int, prompt: str | None
    ) -> list[Scored]:
        """A level at a time in turn, the ends before the middle, in an order that tells nothing."""
        levels: dict[int, list[Scored]] = defaultdict(list)
        pool = [x for x in self._pool.get(rubric.id, ()) if x.prompt != prompt]
        for one in sorted(pool, key=lambda x: (x.language != language, _order(x))):
            levels[level_of(one.scores, rubric)].append(one)
        rows = [levels[x] for x in _from_the_ends(rubric.scale)]
        deep = max(map(len, rows))
        in_turn = [row[i] for i in range(deep) for row in rows if i < len(row)]
        return sorted(in_turn[:count], key=_order)


def prompts(tasks: Iterable[Task]) -> dict[str, str]:
    """The id of each task by the text that judges see."""
    languages: tuple[Language, ...] = ("en", "ru")
    return {task.prompt(x): task.id for task in tasks for x in languages}


def level_of(scores: Sequence[int], rubric: Rubric) -> int:
    """The level nearest to the median of `scores`; of two as near the one nearer the middle."""
    centre, half = (rubric.scale[0] + rubric.scale[-1]) / 2, median(scores)
    return min(rubric.scale, key=lambda x: (abs(x - half), abs(x - centre), x))


def _from_the_ends(scale: Sequence[int]) -> list[int]:
    """The levels so that few of them still reach over the whole scale.

    >>> _from_the_ends((1, 2, 3, 4, 5))
    [1, 5, 3, 2, 4]
    """
    centre = (scale[0] + scale[-1]) / 2
    return [scale[0], scale[-1], *sorted(scale[1:-1], key=lambda x: (abs(x - centre), x))]


def _order(one: Scored) -> str:
    return digest("demo", one.item.key)


def _said(one: Scored, language: Language) -> str:
    gave, wrote = _SAID[language]
    said = gave.format(", ".join(map(str, one.scores)))
    comments = "; ".join(" ".join(x.split()) for x in one.comments if x.strip())
    return f"{said} {wrote.format(comments)}" if comments else said
