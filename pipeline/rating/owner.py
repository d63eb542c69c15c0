"""What the owner sees while people rate: how far each is, and how far people agree."""

import io
from statistics import median

import polars as pl

from judges.rubric import Text
from judges.verdict import Language
from pipeline import tables
from pipeline.pages import owner as page
from pipeline.pages.owner import Agreed, Figures, Progress, Sheet, Split
from pipeline.rating import intake
from pipeline.rating.desk import Desk
from pipeline.stats import agreement, planning
from pipeline.stats.thresholds import Target

SPLIT = 2
"""Levels between the highest and the lowest score from which people are split on an answer."""
_MOST_SPLITS = 12


def figures(desk: Desk) -> Figures:
    """The figures of the moment. A look on the way is labelled interim."""
    saved = desk.shelf.saved(desk.handout.id)
    taken = intake.taken(desk.handout, saved, desk.classes())
    target = desk.design.study.target or Target()
    ratings = _ratings(desk, taken)
    metrics = {x.id: x.metric for x in desk.design.rubrics}
    humans = agreement.by_rubric(ratings, metrics).filter(pl.col("comparison") == "humans")
    rows = {x["rubric"]: x for x in humans.to_dicts()}
    return Figures(
        tuple(_progress(desk, taken, x) for x in desk.handout.raters),
        tuple(_agreed(rows[x.id], x.title, target) for x in desk.design.rubrics),
        tuple(_splits(desk, taken)),
        target,
    )


def download(desk: Desk, kind: str) -> bytes:
    """The ratings so far, repeats left out, as a gold file or as parquet."""
    saved = desk.shelf.saved(desk.handout.id)
    first = intake.taken(desk.handout, saved, desk.classes()).first
    if kind == "csv":
        return intake.written(first)
    held = io.BytesIO()
    pl.DataFrame([x.model_dump() for x in first]).write_parquet(held)
    return held.getvalue()


def render(desk: Desk, language: Language, csrf: str) -> str:
    """The owner's page of the moment."""
    return page.render(_sheet(desk, language, csrf), figures(desk))


def forgetting(desk: Desk, rater: str, language: Language, csrf: str) -> str:
    """The page that asks whether all that `rater` wrote shall go."""
    return page.forgetting(_sheet(desk, language, csrf), rater)


def _sheet(desk: Desk, language: Language, csrf: str) -> Sheet:
    dealt = desk.handout
    return Sheet(desk.design.study.title, dealt.at, dealt.seed, language, csrf)


def _ratings(desk: Desk, taken: intake.Taken) -> pl.DataFrame:
    prompts = {x.response: x.prompt for x in desk.handout.items}
    base = dict.fromkeys(tables.RATINGS.names())
    rows = [
        {
            **base,
            "response": x.response_key,
            "prompt": prompts[x.response_key],
            "rubric": x.rubric,
            "rater": x.rater,
            "kind": "human",
            "score": float(x.score),
        }
        for x in taken.first
        if x.score is not None
    ]
    return pl.DataFrame(rows, schema=tables.RATINGS)


def _progress(desk: Desk, taken: intake.Taken, rater: str) -> Progress:
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
        desk.classes().get(rater),
        len(own),
        len(desk.handout.of(rater)),
        sum(x.score is None for x in own),
        median(times) if times else None,
        sum(again) / len(again) if again else None,
    )


def _agreed(row: dict[str, object], title: Text, target: Target) -> Agreed:
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
        half is None or half > target.alpha,
        None if row["note"] is None else str(row["note"]),
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _splits(desk: Desk, taken: intake.Taken) -> list[Split]:
    """The answers on which people are furthest apart, the widest first."""
    given: dict[tuple[str, str], list[int]] = {}
    for rating in taken.first:
        if rating.score is not None:
            given.setdefault((rating.response_key, rating.rubric), []).append(rating.score)
    wide = [(place, x) for place, x in given.items() if max(x) - min(x) >= SPLIT]
    wide.sort(key=lambda x: (min(x[1]) - max(x[1]), x[0]))
    return [
        Split(rubric, item.task, item.answer, tuple(sorted(scores)))
        for (response, rubric), scores in wide[:_MOST_SPLITS]
        for item in [desk.item(response)]
    ]
