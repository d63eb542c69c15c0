"""What the owner sees while people rate: how far each is, and how far people agree."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from statistics import median

import polars as pl

from judges.rubric import Text
from judges.verdict import Language
from pipeline import gold, tables
from pipeline.pages import owner as page
from pipeline.pages.owner import Agreed, Figures, Progress, Sheet, Split
from pipeline.rating import attention, collecting, intake, spreadsheets
from pipeline.rating.desk import Desk
from pipeline.stats import agreement, planning
from pipeline.stats.thresholds import Target

SPLIT = 2
"""Levels between the highest and the lowest score from which people are split on an answer."""
_MOST_SPLITS = 12


def figures(desk: Desk) -> Figures:
    """The figures of the moment.

    A look on the way is labelled interim: until every rating that was dealt is there, and the
    interval is as narrow as was wanted when it was first dealt.
    """
    taken = collecting.so_far(desk)
    target = fixed(desk)
    ratings = _ratings(desk, taken)
    metrics = {x.id: x.metric for x in desk.design.rubrics}
    humans = agreement.by_rubric(ratings, metrics).filter(pl.col("comparison") == "humans")
    rows = {x["rubric"]: x for x in humans.to_dicts()}
    left = _left(desk, taken)
    return Figures(
        _progress(desk, taken),
        tuple(_agreed(rows[x.id], x.title, target, left[x.id]) for x in desk.design.rubrics),
        tuple(_splits(desk, taken)),
        target,
        (desk.design.study.target or Target()) != target,
    )


def fixed(desk: Desk) -> Target:
    """The target that was fixed when the study was first dealt: it is not moved on the way."""
    noted = (x.target for x in desk.every() if x.target is not None)
    return next(noted, None) or desk.design.study.target or Target()


def _left(desk: Desk, taken: intake.Taken) -> Counter[str]:
    """By rubric how many ratings are still to come, of people and items that are not gone."""
    left: Counter[str] = Counter()
    done = {intake.place(x) for x in taken.first}
    for dealt, raters in desk.people():
        for rater in raters:
            shut = {x for one in desk.closed(dealt, rater) for x in one.items}
            open_ = (
                x for x in dealt.of(rater) if not x.again and x.level is None and x.id not in shut
            )
            left.update(x.rubric for x in open_ if intake.place_of(x) not in done)
    return left


def download(desk: Desk, kind: str) -> bytes:
    """The ratings so far, repeats left out, as a table for a spreadsheet or as parquet."""
    first = collecting.so_far(desk).first
    if kind == "csv":
        return _harmless(intake.written(first))
    held = io.BytesIO()
    gold.table(first).write_parquet(held)
    return held.getvalue()


def _harmless(data: bytes) -> bytes:
    """A CSV file in which no cell is a formula, whatever a spreadsheet takes to part cells."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [spreadsheets.harmless(x) for x in row] for row in rows
    )
    return text.getvalue().encode()


def render(desk: Desk, language: Language, csrf: str) -> str:
    """The owner's page of the moment."""
    return page.render(_sheet(desk, language, csrf), figures(desk))


def forgetting(desk: Desk, rater: str, language: Language, csrf: str) -> str:
    """The page that asks whether all that `rater` wrote shall go."""
    return page.forgetting(_sheet(desk, language, csrf), rater)


def _sheet(desk: Desk, language: Language, csrf: str) -> Sheet:
    dealt = desk.every()
    return Sheet(
        desk.design.study.title,
        tuple((x.at, x.seed) for x in dealt),
        language,
        csrf,
    )


def _ratings(desk: Desk, taken: intake.Taken) -> pl.DataFrame:
    """RATINGS on the rubrics that the study asks."""
    prompts = {x.response: x.prompt for dealt in desk.every() for x in dealt.items}
    asked = {x.id for x in desk.design.rubrics}
    base = dict.fromkeys(tables.RATINGS.names())
    rows = {
        (x.response_key, x.rubric, x.rater): {
            **base,
            "response": x.response_key,
            "prompt": prompts[x.response_key],
            "rubric": x.rubric,
            "rater": x.rater,
            "kind": "human",
            "score": float(x.score),
        }
        for x in taken.first
        if x.score is not None and x.rubric in asked
    }
    return pl.DataFrame(list(rows.values()), schema=tables.RATINGS)


def _progress(desk: Desk, taken: intake.Taken) -> tuple[Progress, ...]:
    """How far everybody is, over all that was dealt to them; in a file, what was taken in of it."""
    invited = {x.rater for x in desk.invited()}
    classes = desk.classes() | {
        x.rater: x.rater_class for x in taken.first if x.rater not in invited
    }
    dealt: Counter[str] = Counter()
    for one, raters in desk.people():
        dealt.update({x: sum(y.level is None for y in one.of(x)) for x in raters})
    missed = attention.missed(collecting.attended(desk))
    return tuple(
        _person(x, n, classes, taken)._replace(in_file=x not in invited, missed=missed.get(x))
        for x, n in dealt.items()
    )


def _person(rater: str, dealt: int, classes: Mapping[str, str], taken: intake.Taken) -> Progress:
    own = [x for x in (*taken.first, *taken.again) if x.rater == rater]
    first = {(x.response_key, x.rubric): x.score for x in taken.first if x.rater == rater}
    again = [
        x.score == first[x.response_key, x.rubric]
        for x in taken.again
        if x.rater == rater and (x.response_key, x.rubric) in first
    ]
    times = [x.seconds for x in own if x.seconds is not None]
    return Progress(
        rater,
        classes.get(rater),
        len(own),
        dealt,
        sum(x.score is None for x in own),
        median(times) if times else None,
        sum(again) / len(again) if again else None,
    )


def _agreed(row: dict[str, object], title: Text, target: Target, left: int) -> Agreed:
    alpha, low, high = (_number(row[x]) for x in ("alpha", "low", "high"))
    answers = int(str(row["units"] or 0))
    half = None if low is None or high is None else (high - low) / 2
    return Agreed(
        str(row["rubric"]),
        title,
        alpha,
        low,
        high,
        answers,
        planning.for_alpha(answers, half or 0.0, target.alpha),
        left,
        half is not None and half <= target.alpha,
        None if row["note"] is None else str(row["note"]),
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _splits(desk: Desk, taken: intake.Taken) -> list[Split]:
    """The answers on which people are furthest apart, the widest first."""
    given: dict[tuple[str, str], dict[str, int]] = {}
    asked = {x.id for x in desk.design.rubrics}
    for rating in taken.first:
        if rating.score is not None and rating.rubric in asked:
            people = given.setdefault((rating.response_key, rating.rubric), {})
            people[rating.rater] = rating.score
    scores = [(place, sorted(x.values())) for place, x in given.items()]
    wide = [(place, x) for place, x in scores if x[-1] - x[0] >= SPLIT]
    wide.sort(key=lambda x: (x[1][0] - x[1][-1], x[0]))
    return [
        Split(rubric, item.task, item.answer, tuple(own))
        for (response, rubric), own in wide[:_MOST_SPLITS]
        if (item := desk.item(response)) is not None
    ]
