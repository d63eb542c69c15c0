"""How much more people must rate, and which answers next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl

from judges.verdict import Language
from pipeline import compose, derive, judgement, owed, sheet, store
from pipeline.derive import Derived
from pipeline.errors import UserError
from pipeline.ledger import Ledger
from pipeline.owed import JudgedAnswer, Responses
from pipeline.stats import differences, planning
from pipeline.stats.differences import Arms
from pipeline.stats.planning import Needed
from pipeline.stats.terms import Criterion
from pipeline.stats.thresholds import Target
from pipeline.store import Run
from pipeline.study import Design


class Outlook(NamedTuple):
    """Where one rubric stands and what it still takes."""

    rubric: str
    answers: int
    """Rated by at least two people."""
    alpha_half: float | None
    """Half the width of the interval of people's alpha now."""
    answers_needed: Needed
    """In all, with as many people each as now."""
    by_people: dict[int, int]
    """The same at 2 to 5 people each; empty where nothing is needed or known."""
    prompts: int
    """That people rated in both arms."""
    gap_half: float | None
    prompts_needed: Needed


class GoldPlan(NamedTuple):
    """What people should rate next, and why as much."""

    target: Target
    outlooks: tuple[Outlook, ...]
    rows: pl.DataFrame
    """GOLD_PLAN."""
    plan: Path | None
    """The file that keeps it, for the owner: it names the arms. None where nothing is left."""
    sheet: Path | None
    """The sheet to hand out."""

    undrawn: int
    """Prompts that could have been drawn too."""


GIVEN = pl.Schema(dict.fromkeys(("response", "rubric", "rater"), pl.String()))


class Before(NamedTuple):
    """What was handed out, whether or not it is rated yet, and for whom the next draw is."""

    people: pl.DataFrame
    """GIVEN: who was handed which answer on which rubric, or has rated it."""
    barred: frozenset[str]
    """Prompts that are for none of the next people."""
    late: frozenset[str]
    """Prompts that are for some of them: drawn after all others."""
    languages: frozenset[Language]
    """That they read."""
    invited: int
    """How many they are."""
    least: int
    """Prompts that they need; where fewer lack people, those that have enough are drawn as well."""


def plan(
    design: Design, target: Target, count: int, seed: int, before: Before | None = None
) -> GoldPlan:
    """The outlook of every rubric, and `count` prompts to rate next, both arms of each.

    Who was handed an answer counts as one who rates it; None = who has rated one counts alone.

    The plan and its sheet are put into data/gold/plans under a number of their own, so that the
    seed and the probabilities of every draw are kept.

    Raises:
        UserError: the study has not been run as it stands, or a record was altered.
    """
    run = Run.look(design.folder)
    if run.altered:
        said = ", ".join(store.file_of(x) for x in run.altered)
        raise UserError(f"{design.folder}: ALTERED: {said}: no plan rests on changed records")
    responses = owed.responses(design, run)
    if responses.missing:
        said = f"{len(responses.missing)} answers are not there yet: run antipode score"
        raise UserError(f"{design.study.name}: {said} {design.study.name} first")
    human = owed.human_ratings(design, run, responses.wanted)
    tuned = Ledger(design.root).tuned(design.study.name, design.rubrics)
    forms = owed.forms(design, run, responses.wanted, human)
    state = derive.standing(design, run, forms, human, tuned)
    derived, judged = compose.compose(state).derived, state.judged
    records = {x["key"]: x for x in run.responses.read(x.key for x in responses.wanted)}
    arms = Arms(design.hicap.name, design.locap.name)
    given = _scored(design, run, responses) if before is None else before.people
    answers = _same_draws(judgement.answers_table(responses, records, {}), given)
    rubrics = [x.id for x in design.rubrics]
    rows, undrawn = _next(answers, given, arms, rubrics, (count, seed), before)
    used = judgement.independent(judgement.terms(design), derived.ratings)
    criteria = judgement.terms(design).criteria
    outlooks = tuple(outlook(derived, used, x, arms, target) for x in criteria)
    if rows.is_empty():
        return GoldPlan(target, outlooks, rows, None, None, undrawn)
    return GoldPlan(target, outlooks, rows, *_keep(design, judged, rows), undrawn)


def _scored(design: Design, run: Run, responses: Responses) -> pl.DataFrame:
    """GIVEN: who scored which answer; a level that a text was written for is nobody's score."""
    people = owed.by_people(owed.human_ratings(design, run, responses.wanted))
    scores = [(x.response_key, x.rubric, x.rater) for x in people if x.score is not None]
    return pl.DataFrame(scores, schema=GIVEN, orient="row")


def _next(
    answers: pl.DataFrame,
    given: pl.DataFrame,
    arms: Arms,
    rubrics: Sequence[str],
    wish: tuple[int, int],
    before: Before | None,
) -> tuple[pl.DataFrame, int]:
    """GOLD_PLAN for a wish (how many prompts, seed), and how many more could have been drawn."""
    count, seed = wish
    if before is not None:
        answers = answers.filter(pl.col("language").is_in(list(before.languages)))
    people = _people(answers, given, arms, rubrics)
    rated = _rated(people)
    barred = frozenset[str]() if before is None else before.barred
    late = frozenset[str]() if before is None else before.late
    free = set(people["prompt"]) - barred
    wanting = free - set(rated["prompt"])
    if before is None or len(wanting) >= min(count, before.least):
        rows = planning.next_prompts(answers, rated, arms, count, seed, barred, late)
        return rows, len(wanting) - rows["prompt"].n_unique()
    # Enough people have nearly all of it: beyond them it goes to everybody who is asked.
    each = {prompt: most + before.invited for prompt, _, most in people.iter_rows()}
    rows = planning.next_prompts(answers, rated, arms, count, seed, barred, late, each)
    return rows, len(free) - rows["prompt"].n_unique()


def _same_draws(answers: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """`answers` without the other draws where people were given one: who joins them sees theirs."""
    seen = pl.col("response").is_in(people["response"].implode())
    return answers.filter(seen | ~seen.any().over("prompt", "language", "arm"))


def _people(
    answers: pl.DataFrame, given: pl.DataFrame, arms: Arms, rubrics: Sequence[str]
) -> pl.DataFrame:
    """Per prompt the `fewest` and the `most` people that any of its answers has on any rubric.

    Of both arms, in every language in which both have answered: people may read one alone.
    """
    place = ["prompt", "language", "arm", "rubric"]
    both = planning.of_both_arms(answers, arms)
    wanted = pl.DataFrame({"rubric": list(rubrics)}, schema={"rubric": pl.String})
    places = both.select("prompt", "language", "arm").unique().join(wanted, how="cross")
    counts = given.join(both, on="response").group_by(place).agg(pl.col("rater").n_unique())
    each = pl.col("rater").fill_null(0)
    return (
        places.join(counts, on=place, how="left")
        .group_by("prompt")
        .agg(each.min().alias("fewest"), each.max().alias("most"))
    )


def _rated(people: pl.DataFrame) -> pl.DataFrame:
    """The prompts that need no more people: on every rubric and in both arms enough rated them.

    Three are enough; once so many prompts have three that the rest needs fewer, one is.
    """
    whole = people.filter(pl.col("fewest") >= planning.MANY)
    if whole.height >= planning.FULLY_RATED:
        whole = people.filter(pl.col("fewest") >= 1)
    return whole.select("prompt")


def outlook(
    derived: Derived, ratings: pl.DataFrame, criterion: Criterion, arms: Arms, target: Target
) -> Outlook:
    """Where a rubric stands beside the target; `ratings` are those that the gap is made of."""
    rubric = criterion.id
    human = derived.agreement.filter(rubric=rubric, comparison="humans").to_dicts()
    alpha = human[0] if human else {"low": None, "high": None, "units": 0}
    half, answers = _half(alpha), int(alpha["units"] or 0)
    pairs = differences.paired(ratings, arms).ratings
    prompts = differences.by_prompt(
        differences.by_answer(pairs.filter(pl.col("rubric") == rubric), arms), arms
    )
    both = prompts.filter(pl.col("gold")).drop_nulls(["people", "panel"])
    people, panel = both["people"].to_numpy(), both["panel"].to_numpy()
    gap = Needed(None, "fewer than 3 prompts that people rated in both arms: nothing to start from")
    if len(people) >= 3:
        flat = people.std() == 0 or panel.std() == 0
        correlation = 0.0 if flat else float(np.corrcoef(people, panel)[0, 1])
        scored = prompts.drop_nulls("panel").height
        gap = planning.for_gap(
            target.gap * criterion.unit, float(people.var(ddof=1)), correlation, scored
        )
    now = derived.corrected.filter(rubric=rubric, answers="judged").to_dicts()
    needed = planning.for_alpha(answers, half or 0.0, target.alpha)
    each = _people_each(ratings, rubric) if half else 3.0
    agreed = alpha.get("alpha") or 0.45
    return Outlook(
        rubric,
        answers,
        half,
        needed,
        planning.by_people(needed.number, each, agreed) if needed.number and each else {},
        both.height,
        _half(now[0]) if now else None,
        gap,
    )


def _people_each(ratings: pl.DataFrame, rubric: str) -> float | None:
    """Mean number of people on an answer that at least two rated."""
    scored = ratings.filter(
        pl.col("rubric") == rubric, pl.col("kind") == "human", pl.col("score").is_not_null()
    )
    counts = scored.group_by("response").agg(pl.col("rater").n_unique())["rater"]
    return cast("float | None", counts.filter(counts >= 2).mean())


def _half(row: dict[str, Any]) -> float | None:
    """Half the width of an interval, where there is one and it has any."""
    low, high = row["low"], row["high"]
    return None if low is None or high is None or high == low else float(high - low) / 2


def _keep(
    design: Design, judged: tuple[JudgedAnswer, ...], rows: pl.DataFrame
) -> tuple[Path, Path]:
    """Put the plan and its sheet where they stay."""
    folder = design.root / "data" / "gold" / "plans"
    folder.mkdir(parents=True, exist_ok=True)
    text = rows.write_csv()
    for number in range(1, 10_000):
        path = folder / f"{design.study.name}_{number}.csv"
        if not path.exists():
            store.replace(path, text.encode())
        elif path.read_text(encoding="utf-8") != text:
            continue
        break
    places = dict(zip(rows["response"], rows["place"], strict=True))
    wanted = places.keys()
    handed = folder / f"{path.stem}_sheet.csv"
    if not handed.exists():
        chosen = sorted(
            (x for x in judged if x.want.key in wanted),
            key=lambda x: (places[x.want.key], x.want.key),
        )
        store.replace(handed, sheet.blank(design, chosen))
    return path, handed
