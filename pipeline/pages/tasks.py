"""How hard the tasks came out, and how far from the common one the answers are."""

from typing import NamedTuple

from judges.rubric import Text
from pipeline.pages.numerals import both
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row
from pipeline.stats import originality
from pipeline.stats.differences import Arms
from pipeline.stats.originality import Gap


class Task(NamedTuple):
    """A task and how it came out by people and by the panel."""

    title: Text
    people: Row | None
    """Of DIFFICULTY; None where nobody rated it."""
    panel: Row | None

    @property
    def best(self) -> Row:
        """The row that may be believed more: that of people where there is one."""
        found = self.people or self.panel
        assert found is not None, "a task without scores has no row"
        return found

    @property
    def partial(self) -> str | None:
        """What the row's note says of the rubrics it lacks."""
        parts = str(self.best["note"] or "").split("; ")
        return next((x for x in parts if " rubrics: " in x), None)


def hardest(slip: Slip) -> list[Task]:
    """Every task that has scores, the hardest first: by people where they rated it."""
    titles = {x.task: x.task_title for x in slip.answers}
    found: dict[str, dict[str, Row]] = {}
    for row in slip.difficulty.to_dicts():
        found.setdefault(row["prompt"], {})[row["by"]] = row
    tasks = [
        Task(titles.get(name, both(name)), rows.get("people"), rows.get("panel"))
        for name, rows in found.items()
    ]
    return sorted(tasks, key=lambda x: (-x.best["difficulty"], x.title.en))


def distances(slip: Slip) -> list[Gap]:
    """How far the answers of both arms are; of one arm only where none are compared."""
    pair = slip.pair
    if pair is None:
        return []
    found = originality.gaps(slip.originality, Arms(*pair))
    return [x for x in found if x.prompts]
