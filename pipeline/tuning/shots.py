"""How many rated answers a judge should be shown: compared on the tune half, decided elsewhere."""

import asyncio
from typing import NamedTuple

from judges.panel import Panel
from judges.rubric import Rubric
from pipeline import asking
from pipeline.errors import UserError
from pipeline.ledger import Half
from pipeline.stats.tuned import Comparison
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import judged
from pipeline.tuning.judged import NOTHING, Spent
from pipeline.tuning.rated import Rated

COUNTS = (0, 4, 8, 16)


class Shot(NamedTuple):
    """One number of demonstrations."""

    demos: int
    halves: dict[Half, Comparison]
    """Beside none at all; empty where it could not be tried, or verdicts are owed."""
    spent: Spent
    note: str | None
    """Why it could not be tried."""


class Shots(NamedTuple):
    """What the comparison came to."""

    tried: tuple[Shot, ...]
    best: int | None
    """The number with the highest change against none on the tune half; None where there is none.

    The change and not the alpha: each alpha stands on the judges that scored with that number and
    with none, so that two numbers' alphas may be of different judges.
    """

    @property
    def gained(self) -> bool:
        """Whether showing some gained on the tune half against none, and all were tried."""
        return bool(self.best) and not self.spent.owed

    @property
    def spent(self) -> Spent:
        """What all of them asked."""
        whole = NOTHING
        for one in self.tried:
            whole = whole.plus(one.spent)
        return whole


def compare(
    design: Design, run: Run, rubric: Rubric, parts: dict[Half, Rated], watch: asking.Watch
) -> Shots:
    """Judge the gold with 0, 4, 8 and 16 demonstrations, each beside none.

    Those shown with an answer are never answers to its own task, so that each task is a fold of
    its own; nor are they of the lockbox. On the lockbox, where it is among `parts`, only the best
    of the tune half is tried beside none at all, and nothing where none at all is the best.

    Raises:
        UserError: a key or file is missing, or a server does not answer.
        OSError: the disk failed.
    """
    tune: dict[Half, Rated] = {"tune": parts["tune"]}
    found = [_shot(design, run, rubric, count, tune, watch) for count in COUNTS]
    ranked = [(x, -one.demos) for one in found if (x := _gain(one)) is not None]
    best = -max(ranked)[1] if ranked else None
    tried = Shots(tuple(found), best)
    if "lockbox" in parts and best is not None and tried.gained:
        box: dict[Half, Rated] = {"lockbox": parts["lockbox"]}
        at = COUNTS.index(best)
        opened = _shot(design, run, rubric, best, box, watch)
        found[at] = found[at]._replace(
            halves={**found[at].halves, **opened.halves}, spent=found[at].spent.plus(opened.spent)
        )
    return Shots(tuple(found), best)


def with_demos(panel: Panel, count: int) -> Panel:
    """The models of a panel, each shown that many."""
    judges = [x for x in panel.judges if x.model is not None]
    shown = tuple(x.model_copy(update={"demos": count}) for x in judges)
    return panel.model_copy(update={"judges": shown})


def _gain(one: Shot) -> float | None:
    """Its change against none on the tune half; of none itself 0, so that nobody ties with it."""
    tune = one.halves.get("tune")
    if tune is None or tune.after.alpha is None:
        return None
    return 0.0 if one.demos == 0 else tune.change and tune.change.value


def _shot(
    design: Design,
    run: Run,
    rubric: Rubric,
    count: int,
    parts: dict[Half, Rated],
    watch: asking.Watch,
) -> Shot:
    items = [x.item for part in parts.values() for x in part.answers]
    none = judged.worded(design, run, rubric, with_demos(design.panel, 0))
    spent = asyncio.run(judged.ask(none, run, items, watch))
    try:
        some = judged.worded(design, run, rubric, with_demos(design.panel, count))
    except UserError as error:
        return Shot(count, {}, spent, str(error).splitlines()[0])
    if count:
        spent = spent.plus(asyncio.run(judged.ask(some, run, items, watch)))
    if spent.owed:
        return Shot(count, {}, spent, f"{spent.owed} verdicts are still owed")
    halves = {
        half: judged.compared(judged.heard(some, run, part), judged.heard(none, run, part), rubric)
        for half, part in parts.items()
    }
    return Shot(count, halves, spent, None)
