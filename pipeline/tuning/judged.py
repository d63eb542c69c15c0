"""One wording put to a study's panel on the answers that people rated."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from judges.panel import Panel
from judges.rubric import Rubric
from judges.verdict import Item
from pipeline import asking, owed, ratings, tables
from pipeline.costs import total
from pipeline.forms import Forms
from pipeline.owed import Verdicts
from pipeline.ratings import PANEL
from pipeline.stats import alpha, tuned
from pipeline.stats.alpha import Codes, Floats
from pipeline.stats.tuned import Comparison, Whole
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning.rated import Rated
from pipeline.work import Outcome


class Spent(NamedTuple):
    """What asking came to."""

    asked: int
    """Verdicts that were asked of models and came."""
    owed: int
    cost: float | None
    """US dollars; None = not known."""
    stopped: tuple[str, ...]

    def plus(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.asked + other.asked,
            self.owed + other.owed,
            total([self.cost, other.cost]),
            tuple(dict.fromkeys((*self.stopped, *other.stopped))),
        )


NOTHING = Spent(0, 0, 0.0, ())


class Worded(NamedTuple):
    """A wording and a panel, as a study would have them."""

    design: Design
    """The study with that rubric alone, and that panel."""
    forms: Forms


def worded(design: Design, run: Run, rubric: Rubric, panel: Panel | None = None) -> Worded:
    """A study with one rubric, worded so.

    Raises:
        UserError: a judge is to be shown more answers than people have rated.
    """
    one = design._replace(rubrics=(rubric,), panel=panel or design.panel)
    responses = owed.responses(one, run)
    human = owed.human_ratings(one, run, responses.wanted)
    return Worded(one, owed.forms(one, run, responses.wanted, human))


async def ask(worded: Worded, run: Run, items: Sequence[Item], watch: asking.Watch) -> Spent:
    """Ask the panel for the verdicts on `items` that are not there.

    Raises:
        UserError: a key or file is missing, or a server does not answer.
        OSError: the disk failed.
    """
    held = run.verdicts.keys()
    found = owed.verdicts(worded.design, run, items, worded.forms)
    outcome = Outcome(0, 0, 0, ())
    if found.missing or found.unfit:
        outcome = await asking.verdicts(worded.design, run, found, worded.forms, watch)
    left = owed.verdicts(worded.design, run, items, worded.forms).missing
    return spent(run, held, len(left), outcome.stopped)


def spent(run: Run, held: set[str], left: int, stopped: tuple[str, ...]) -> Spent:
    """What came since the run held `held`."""
    came = [x["call"] for x in run.verdicts.read(run.verdicts.keys() - held)]
    calls = [x for x in came if x is not None]
    return Spent(len(calls), left, total([0.0, *(x["cost"] for x in calls)]), stopped)


class Heard(NamedTuple):
    """What the panel said of rated answers under a wording."""

    ratings: pl.DataFrame
    """RATINGS: people, judges and the panel."""
    verdicts: dict[str, list[dict[str, Any]]]
    """The stored verdicts of models by the key of the answer, judge by judge."""


def heard(worded: Worded, run: Run, rated: Rated) -> Heard:
    """What is stored of the panel's verdicts on `rated`, beside what people gave."""
    items = [x.item for x in rated.answers]
    found: Verdicts = owed.verdicts(worded.design, run, items, worded.forms)
    stored = {x["key"]: x for x in run.verdicts.read(x.key for x in found.wanted)}
    collected = ratings.collect(
        [ratings.Judged(x.want, x.item.key) for x in rated.answers],
        found.wanted,
        {key: ratings.scored(record) for key, record in stored.items()},
        found.given_up,
        rated.human,
    )
    by_item: dict[str, list[dict[str, Any]]] = {}
    for want in found.wanted:
        if want.key in stored and want.judge.model is not None:
            by_item.setdefault(want.item.key, []).append(stored[want.key])
    said = {x.want.key: by_item.get(x.item.key, []) for x in rated.answers}
    return Heard(collected.ratings, said)


class Paired(NamedTuple):
    """What a panel said under two wordings, by the same judges of each answer."""

    now: Heard
    before: Heard
    left_out: int
    """Judges' scores that have none beside them under the other wording."""


def paired(now_: Heard, before: Heard) -> Paired:
    """Both, with the panel made anew of those judges of an answer that scored it under both.

    Else a judge that abstains under one wording alone would move the panel, and look like a gain.
    """
    keys = ["response", "rubric", "rater"]
    sides = [tables.panel_judges(x.ratings).drop_nulls("score") for x in (now_, before)]
    both = [
        one.join(other, on=keys, how="semi", maintain_order="left")
        for one, other in (sides, sides[::-1])
    ]
    one, other = (
        x._replace(
            ratings=ratings.in_order(
                pl.concat([x.ratings.filter(pl.col("kind") != "panel"), ratings.panel(judges)])
            )
        )
        for x, judges in zip((now_, before), both, strict=True)
    )
    return Paired(one, other, sum(x.height for x in sides) - sum(x.height for x in both))


def compared(now_: Heard, before: Heard | None, rubric: Rubric) -> Comparison:
    """The panel beside people under one wording and, where there is one, under another.

    Of each answer by the judges that scored it under both; the others' scores are counted. Each
    wording by itself, with all its scores, comes along.
    """
    wholes = [_whole(x, rubric) for x in (now_, before) if x is not None]
    left_out = 0
    if before is not None:
        now_, before, left_out = paired(now_, before)
    found = _beside_people([x for x in (now_, before) if x is not None], rubric)
    return found._replace(
        left_out=left_out,
        whole=wholes[0],
        whole_before=wholes[1] if before is not None else None,
    )


def alphas(now_: Heard, before: Heard, rubric: Rubric) -> tuple[float | None, float | None]:
    """The panel's two alphas of `compared` alone: now and before, by the judges of both."""
    both = paired(now_, before)
    people, panels, prompts = _grids([both.now, both.before], rubric)
    return tuned.alphas(people, panels[0], panels[1], prompts, rubric.metric)


def given(one: Heard) -> int:
    """How many scores the panel's judges gave."""
    judges = tables.panel_judges(one.ratings)
    return judges.height - judges["score"].null_count()


def _whole(one: Heard, rubric: Rubric) -> Whole:
    wanted = tables.panel_judges(one.ratings.filter(pl.col("rubric") == rubric.id))
    given = wanted.height - wanted["score"].null_count()
    return Whole(_beside_people([one], rubric).after, given, wanted.height)


def _beside_people(sides: Sequence[Heard], rubric: Rubric) -> Comparison:
    """One wording, or two, beside people; of each side the panel as it stands in its ratings."""
    people, panels, prompts = _grids(sides, rubric)
    other = panels[1] if len(panels) > 1 else None
    return tuned.compare(people, panels[0], other, prompts, rubric.metric)


def _grids(sides: Sequence[Heard], rubric: Rubric) -> tuple[Floats, list[Floats], Codes]:
    """People x answers, each side's panel and the prompts, one entry per answer."""
    grids = [alpha.pivot(x.ratings.filter(pl.col("rubric") == rubric.id)) for x in sides]
    panels = []
    for grid in grids:
        row = np.flatnonzero((grid.raters["rater"] == PANEL).to_numpy())
        silent = np.full(len(grid.prompts), np.nan)
        panels.append(grid.values[row[0]] if len(row) else silent)
    people = grids[0].values[(grids[0].raters["kind"] == "human").to_numpy()]
    return people, panels, grids[0].prompts
