"""What the owner sees while people rate: how far each is, and how far people agree."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from statistics import median
from typing import get_args

import polars as pl

from judges.rubric import Text
from judges.verdict import Language
from pipeline import gold, tables
from pipeline.pages import owner as page
from pipeline.pages.owner import Agreed, Figures, Progress, Sheet, Split
from pipeline.rating import attention, collecting, intake, spreadsheets
from pipeline.rating.desk import Desk
from pipeline.rating.handout import Dealt
from pipeline.stats import agreement, planning
from pipeline.stats.thresholds import Target

_MARK = b"\xef\xbb\xbf"
"""Without it at the start Excel takes UTF-8 for something else."""
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
    today, stale = _by_wording(desk, taken)
    ratings = _ratings(desk, today)
    metrics = {x.id: x.metric for x in desk.design.rubrics}
    humans = agreement.by_rubric(ratings, metrics).filter(pl.col("comparison") == "humans")
    rows = {x["rubric"]: x for x in humans.to_dicts()}
    left, shut = _left(desk, taken)
    return Figures(
        _progress(desk, taken, Counter(x.rater for x in left)),
        len(taken.again) + sum(x.again for x in left),
        tuple(
            _agreed(
                rows[x.id],
                x.title,
                target,
                len(desk.judged),
                Counter(y.rater for y in left if y.rubric == x.id and not y.again),
                stale[x.id],
                sum(y.rubric == x.id and not y.again for y in shut),
            )
            for x in desk.design.rubrics
        ),
        tuple(_splits(desk, today)),
        target,
        (desk.design.study.target or Target()) != target,
    )


def fixed(desk: Desk) -> Target:
    """The target that was fixed when the study was first dealt: it is not moved on the way."""
    noted = (x.target for x in desk.every() if x.target is not None)
    return next(noted, None) or desk.design.study.target or Target()


def _by_wording(desk: Desk, taken: intake.Taken) -> tuple[intake.Taken, Counter[str]]:
    """What was rated under today's words, and by rubric how many ratings under others."""
    now = {
        (x.id, desk.today(x.id, language))
        for x in desk.design.rubrics
        for language in get_args(Language)
    }
    first = tuple(x for x in taken.first if (x.rubric, x.rubric_digest) in now)
    old = Counter(x.rubric for x in taken.first if (x.rubric, x.rubric_digest) not in now)
    return taken._replace(first=first), old


def _left(desk: Desk, taken: intake.Taken) -> tuple[list[Dealt], list[Dealt]]:
    """The items that nobody has rated yet: those still to come, and those that are closed."""
    left: list[Dealt] = []
    shut: list[Dealt] = []
    done = {(intake.place(x), again) for again in (0, 1) for x in taken[again]}
    for dealt, raters in desk.people():
        for rater in raters:
            gone = {x for one in desk.closed(dealt, rater) for x in one.items}
            for item in dealt.of(rater):
                if item.level is None and (intake.place_of(item), item.again) not in done:
                    (shut if item.id in gone else left).append(item)
    return left, shut


def download(desk: Desk, kind: str) -> bytes:
    """The ratings so far, repeats left out, as a table for a spreadsheet or as parquet."""
    first = collecting.so_far(desk).first
    if kind == "csv":
        return _MARK + _harmless(intake.written(first))
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


def _progress(desk: Desk, taken: intake.Taken, left: Counter[str]) -> tuple[Progress, ...]:
    """How far everybody is, over all that was dealt to them and is not closed.

    Of people who rate in a file what was taken in of it.
    """
    invited = {x.rater for x in desk.invited()}
    said: dict[str, str] = dict(desk.callings())
    said |= {x.rater: x.rater_class for x in taken.first if x.rater not in invited}
    missed = attention.missed(collecting.attended(desk))
    people = dict.fromkeys(x for _, raters in desk.people() for x in raters)
    return tuple(
        _person(x, left[x], said, taken)._replace(in_file=x not in invited, missed=missed.get(x))
        for x in people
    )


def _person(rater: str, left: int, said: Mapping[str, str], taken: intake.Taken) -> Progress:
    own = [x for x in (*taken.first, *taken.again) if x.rater == rater]
    # By wording too: a score under other words tells nothing of how far one repeats oneself.
    first = {intake.place(x): x.score for x in taken.first if x.rater == rater}
    again = [
        x.score == first[intake.place(x)]
        for x in taken.again
        if x.rater == rater and intake.place(x) in first
    ]
    times = [x.seconds for x in own if x.seconds is not None]
    return Progress(
        rater,
        said.get(rater),
        len(own),
        len(own) + left,
        sum(x.score is None for x in own),
        median(times) if times else None,
        sum(again),
        len(again),
    )


def _agreed(
    row: dict[str, object],
    title: Text,
    target: Target,
    there: int,
    left: Counter[str],
    stale: int,
    shut: int,
) -> Agreed:
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
        there,
        tuple(sorted(left.items())),
        stale,
        shut,
        half is not None and half <= target.alpha,
        str(row["note"]) if row["note"] and row["ratings"] else None,  # that nobody rated is seen
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
        Split(rubric, item.language, item.task, item.answer, tuple(own))
        for (response, rubric), own in wide[:_MOST_SPLITS]
        if (item := desk.item(response)) is not None
    ]
