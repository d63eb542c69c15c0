"""What the report of a table of ratings shows."""

from collections import defaultdict
from typing import NamedTuple

import polars as pl

from judges import surface
from judges.rubric import Text
from pipeline import conclude, findings, judgement, questions, ratings, tables, tallied
from pipeline.beware import text
from pipeline.derive import Derived
from pipeline.pages.slip import AnswerSlip, HumanSlip, JudgeSlip, Slip, VerdictSlip
from pipeline.stats import (
    agreement,
    difficulty,
    gap,
    known_groups,
    ladder,
    originality,
    repetition,
    structure,
)
from pipeline.stats.terms import Terms
from pipeline.tabled import floor, heed
from pipeline.tabled.heed import MOST_ANSWERS
from pipeline.tabled.kinds import TableStudy
from pipeline.tabled.table import FINISHES, Table


class Composed(NamedTuple):
    """A table of ratings, counted."""

    terms: Terms
    derived: Derived
    slip: Slip


def compose(study: TableStudy, table: Table, facts: tuple[tuple[str, str], ...]) -> Composed:
    """The tables and the slip of a study of ratings."""
    named = tuple(table.scores["rubric"].unique().sort())
    terms = study.terms(named)
    every = floor.with_counts(table, terms)
    draws = _draws(every)
    scores = _ratings(draws)
    answers = _answers(table)
    judged = judgement.of(terms, scores, answers, _order(table))
    said = answers.filter(pl.col("finish").is_in(["complete", "truncated"]))
    places = said.select("response", "prompt", "arm", "language")
    texts = table.texts.join(places, on="response", maintain_order="left")
    texts = texts.with_columns(banal=pl.lit(None, pl.String))
    derived = Derived(
        ratings=scores,
        agreement=agreement.by_rubric(scores, terms.metrics),
        strata=agreement.by_stratum(scores, terms.metrics),
        gaps=_gaps(terms, scores),
        completion=_completion(table, answers),
        costs=pl.DataFrame(schema=tables.COSTS),
        checks=pl.DataFrame(schema=tables.CHECKS),
        landscape=pl.DataFrame(schema=findings.LANDSCAPE),
        landscape_gaps=pl.DataFrame(schema=findings.LANDSCAPE_GAPS),
        divergence=pl.DataFrame(schema=findings.DIVERGENCE),
        marks=pl.DataFrame(schema=findings.MARKS),
        benchmarks=pl.DataFrame(schema=findings.BENCHMARKS),
        benchmark_gaps=pl.DataFrame(schema=findings.BENCHMARK_GAPS),
        benchmark_effects=pl.DataFrame(schema=findings.BENCHMARK_EFFECTS),
        structure=structure.by_answer(texts),
        headline=pl.DataFrame(schema=findings.HEADLINE),
        repetition=repetition.by_arm(texts),
        originality=originality.by_answer(texts),
        difficulty=_difficulty(study, terms, scores),
        effects=pl.DataFrame(schema=findings.EFFECTS),
        causes=pl.DataFrame(schema=findings.CAUSES),
        crossings=pl.DataFrame(schema=findings.CROSSINGS),
        known_groups=_known_groups(terms, scores, answers),
        **judged._asdict(),
        **judgement.unrated(terms, scores, draws.filter(pl.col("kind") == "judge"))._asdict(),
    )
    hidden = judgement.hidden_gaps(derived.agreement, judged.corrected)
    outdated = dict.fromkeys(uncalibrated(terms, scores), _NOBODY)
    shown = terms.marked(outdated)
    derived = derived._replace(headline=tallied.picture(terms, derived, outdated, hidden))
    slip = Slip(
        name=study.name,
        title=study.title,
        about=study.about,
        banner=banner(study, terms, scores),
        warnings=heed.warnings(study, terms, table, derived),
        conclusion=conclude.conclusion(shown, derived, outdated),
        questions=questions.answers(judged.levels, shown.criteria, terms.arms or (), hidden),
        simulated=study.simulation is not None,
        arms=(),
        judges=_judges(every, terms, simulated=study.simulation is not None),
        criteria=shown.criteria,
        rubrics=(),
        failures=(),
        tuning=(),
        answers=_answer_slips(table, answers, draws),
        owed=0,
        facts=facts,
        hidden_gaps=hidden,
        equivalence=terms.limits.equivalence,
        benchmark_titles={},
        outdated=outdated,
        **{name: value for name, value in derived._asdict().items() if name in Slip._fields},
    )
    return Composed(terms, derived, slip)


_NOBODY = Text(
    en="no answer has scores of people and of judges",
    ru="ни у одного ответа нет оценок и людей, и судей",
)


def banner(study: TableStudy, terms: Terms, scores: pl.DataFrame) -> tuple[Text, ...]:
    """What these ratings are, before everything else."""
    nobody = uncalibrated(terms, scores)
    open_ones = [x.title.quoted for x in terms.criteria if x.id in nobody]
    en, ru = (", ".join(getattr(x, language) for x in open_ones) for language in ("en", "ru"))
    said = text(
        "UNCALIBRATED: judges were held against nobody, for no answer has scores of both, on: "
        f"{en}.",
        "НЕ ОТКАЛИБРОВАНО: судей не с кем сверить, ни у одного ответа нет оценок и людей, и судей: "
        f"{ru}.",
    )
    first = (said,) if open_ones else ()
    if study.simulation is not None:
        return first  # what it is the page says by itself, in every heading
    imported = text(
        "These ratings were made elsewhere and imported: no model was asked for this report.",
        "Эти оценки поставлены не здесь и взяты готовыми: для отчёта не спрашивали ни одну модель.",
    )
    return (*first, imported, *((study.source,) if study.source is not None else ()))


def uncalibrated(terms: Terms, scores: pl.DataFrame) -> tuple[str, ...]:
    """The criteria on which judges were held against nobody: no answer has both sides' scores."""
    scored = scores.filter(pl.col("score").is_not_null())
    sides = [scored.filter(pl.col("kind") == x) for x in ("human", "judge")]
    places = ["rubric", "response"]
    both = sides[0].select(places).join(sides[1].select(places), on=places, how="semi")
    judged = set(scores.filter(pl.col("kind") == "judge")["rubric"].unique())
    held = set(both["rubric"].unique())
    return tuple(x.id for x in terms.criteria if x.id in judged - held)


def _draws(scores: pl.DataFrame) -> pl.DataFrame:
    """DRAWS of judges, and people's rows beside them in the same form."""
    reason = pl.when(pl.col("score").is_null()).then(pl.lit("no score in the table"))
    return tables.conform(
        scores.drop("order", "finish").with_columns(
            task_kind=pl.lit(None, pl.String), draw=pl.lit(0, pl.Int64), reason=reason
        ),
        findings.DRAWS,
    )


def _ratings(draws: pl.DataFrame) -> pl.DataFrame:
    human = pl.col("kind") == "human"
    judges = ratings.over_draws(draws.filter(~human))
    people = tables.conform(draws.filter(human).drop("judge_draw"), tables.RATINGS)
    return ratings.in_order(pl.concat([judges, ratings.panel(judges), people]))


def _order(table: Table) -> pl.DataFrame:
    """ORDER of the judges; empty where it is not known."""
    known = table.scores.filter(pl.col("kind") == "judge").drop_nulls("order")
    found = known.group_by("rubric", "rater", "response").agg(pl.col("order").mean())
    return tables.conform(found.sort("rubric", "rater", "response"), findings.ORDER)


def _known_groups(terms: Terms, scores: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    if terms.arms is None:
        return pl.DataFrame(schema=findings.KNOWN_GROUPS)
    seen = ladder.seen(judgement.independent(terms, scores), (), terms.ends)
    words = dict(answers.select("response", "words").iter_rows())
    return known_groups.by_rubric(seen, terms.arms, words)


def _difficulty(study: TableStudy, terms: Terms, scores: pl.DataFrame) -> pl.DataFrame:
    """DIFFICULTY; empty where nobody says which task an answer is to, or there are too many."""
    known = study.columns is None or study.columns.prompt is not None
    if not known or scores["prompt"].n_unique() > MOST_ANSWERS:
        return pl.DataFrame(schema=findings.DIFFICULTY)
    return difficulty.by_task(scores, terms.ends, terms.arms)


def _completion(table: Table, answers: pl.DataFrame) -> pl.DataFrame:
    """COMPLETION of the answers; empty where the table does not say what became of them."""
    if (table.scores["finish"] == "complete").all():
        return pl.DataFrame(schema=tables.COMPLETION)
    counts = answers.group_by("arm", "language", maintain_order=True).agg(
        pl.len().alias("wanted"),
        *((pl.col("finish") == x).sum().alias(x) for x in FINISHES),
        pl.lit(0).alias("owed"),
    )
    schema = tables.COMPLETION
    return tables.conform(counts.cast(schema), schema)


def _answers(table: Table) -> pl.DataFrame:
    """ANSWERS: all that were rated."""
    words = table.texts.select(
        "response",
        words=pl.col("text").map_elements(lambda x: len(surface.words(x)), pl.Int64),
    )
    answers = table.scores.group_by("response").agg(
        pl.col("prompt", "language", "arm", "finish").first()
    )
    return tables.conform(
        answers.join(words, on="response", how="left")
        .with_columns(
            task_kind=pl.lit(None, pl.String),
            draw=pl.lit(0, pl.Int64),
        )
        .sort("response"),
        findings.ANSWERS,
    )


def _gaps(terms: Terms, scores: pl.DataFrame) -> pl.DataFrame:
    if terms.arms is None:
        return pl.DataFrame(schema=tables.GAPS)
    used = judgement.independent(terms, scores)
    return gap.uncorrected(used, terms.arms.high, terms.arms.low)


def _judges(scores: pl.DataFrame, terms: Terms, simulated: bool) -> tuple[JudgeSlip, ...]:
    found = (
        scores.filter(pl.col("kind") == "judge")
        .group_by("rater")
        .agg(pl.col("computed").first(), pl.col("judge_draw").n_unique().alias("draws"))
    )
    return tuple(
        JudgeSlip(
            id=row["rater"],
            model=None,
            computed=row["rater"] if row["computed"] else None,
            family=None,
            scoring="simulated" if simulated else "recorded",
            draws=row["draws"],
            own_family=tuple(terms.own.get(row["rater"], ())),
        )
        for row in found.sort("rater").iter_rows(named=True)
    )


def _answer_slips(
    table: Table, answers: pl.DataFrame, draws: pl.DataFrame
) -> tuple[AnswerSlip, ...]:
    if answers.height > MOST_ANSWERS:
        return ()
    said: dict[str, list[VerdictSlip]] = defaultdict(list)
    human: dict[str, list[HumanSlip]] = defaultdict(list)
    place = ("response", "rubric", "rater", "judge_draw")
    rows = draws.select(*place, "kind", "score", "reason").sort(place)
    for response, rubric, rater, draw, kind, score, reason in rows.iter_rows():
        if kind == "human":
            human[response].append(HumanSlip(rubric, rater, score, reason or ""))
            continue
        said[response].append(
            VerdictSlip(
                rubric=rubric,
                judge=rater,
                draw=draw,
                score=score,
                reason=reason,
                rationale="",
                quotes=(),
                how="recorded",
                expectation=None,
                probabilities=None,
            )
        )
    texts = {row["response"]: row for row in table.texts.to_dicts()}
    return tuple(
        AnswerSlip(
            key=row["response"],
            arm=row["arm"],
            task=row["prompt"],
            task_kind=None,
            task_title=Text(en=row["prompt"], ru=row["prompt"]),
            prompt=texts.get(row["response"], {}).get("task") or "",
            language=row["language"],
            draw=0,
            text=texts.get(row["response"], {}).get("text") or "",
            reasoning=None,
            finish=row["finish"],
            said=None,
            language_found=None,
            model=None,
            seconds=None,
            tokens_out=None,
            verdicts=tuple(said[row["response"]]),
            humans=tuple(human[row["response"]]),
        )
        for row in answers.to_dicts()
    )
