"""What must be said of a table of ratings before its figures."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from judges.rubric import Text
from judges.surface import language_of
from pipeline import beware, judgement
from pipeline.beware import text
from pipeline.derive import Derived
from pipeline.stats.terms import Terms
from pipeline.tabled.kinds import TableStudy
from pipeline.tabled.table import Table

MOST_ANSWERS = 5000
"""Answers that the report's reader carries; of a larger table it carries none."""


def warnings(study: TableStudy, terms: Terms, table: Table, derived: Derived) -> tuple[Text, ...]:
    """What a reader must know to believe the figures of a table."""
    return (
        *beware.rated_by(derived.ratings),
        *beware.interim(study.target, derived, terms.criteria),
        *_about_families(terms, derived.ratings),
        *_about_raters(study, derived.ratings),
        *_about_scores(terms, table),
        *_about_answers(study, table),
    )


def _about_families(terms: Terms, scores: pl.DataFrame) -> Iterable[Text]:
    titles = {x.id: x.title.quoted for x in terms.criteria}
    for rubric, judges in judgement.dependent(terms, scores).items():
        yield text(
            f"No independent judge on {titles[rubric].en}: every one is of an arm's own family "
            f"({', '.join(judges)}), and the gap there is made of their scores.",
            f"По рубрике {titles[rubric].ru} нет независимого судьи: все из семейства одного из "
            f"полюсов ({', '.join(judges)}), и разрыв там посчитан по их оценкам.",
        )


def _about_raters(study: TableStudy, scores: pl.DataFrame) -> Iterable[Text]:
    if scores.filter(pl.col("kind") == "judge").is_empty():
        yield text(
            "The table has no judge: only people among themselves are shown.",
            "В таблице нет судей: показано только согласие людей между собой.",
        )
    if study.slots:
        yield text(
            "A rater here is a place in the table and not always the same person: a rater's "
            "severity, and what one person left out is worth, cannot be read from it.",
            "Оценщик здесь — место в таблице, а не всегда один и тот же человек: судить по ней о "
            "строгости отдельного человека и о том, чего без него не хватает, нельзя.",
        )
    if study.columns is not None and study.columns.prompt is None:
        yield text(
            "No column says which task an answer is to: every answer counts as a task of its own, "
            "so intervals are too narrow where answers share one.",
            "Ни один столбец не говорит, к какому заданию ответ: каждый ответ считается отдельным "
            "заданием, и там, где задание у ответов общее, интервалы слишком узки.",
        )


def _about_scores(terms: Terms, table: Table) -> Iterable[Text]:
    missing = table.scores["score"].null_count()
    if missing:
        yield text(
            f"Rows without a score: {missing} of {table.scores.height}.",
            f"Строк без оценки: {missing} из {table.scores.height}.",
        )
    titles = {x.id: x.title.quoted for x in terms.criteria}
    for row in _off_scale(table.scores, terms):
        title = titles[row["rubric"]]
        yield text(
            f"Scores that are no level of {title.en}, used as they are: people {row['human']}; "
            f"judges, whose scores between two levels are taken for means: {row['judge']}.",
            f"Оценки, которых нет среди уровней шкалы {title.ru}, взяты как есть: у людей "
            f"{row['human']}, у судей (оценки между уровнями сочтены средними) {row['judge']}.",
        )


def _about_answers(study: TableStudy, table: Table) -> Iterable[Text]:
    for one, other in _look_alike(table.scores):
        yield text(
            f"{one!r} and {other!r} differ only by case or by letters that look alike: are they "
            "one?",
            f"{one!r} и {other!r} отличаются только регистром или похожими буквами: не одно ли "
            "это?",
        )
    foreign = _foreign(table, study)
    if foreign:
        yield text(
            "Answers in other letters than those of the language they are said to be in: "
            f"{foreign}. `language:` in the study's file says it for all.",
            f"Ответов, написанных не теми буквами, какие у названного языка: {foreign}. Язык для "
            "всех задаёт `language:` в файле исследования.",
        )
    if table.scores["response"].n_unique() > MOST_ANSWERS:
        yield text(
            f"More than {MOST_ANSWERS} answers: they are not shown one by one.",
            f"Ответов больше {MOST_ANSWERS}: по одному они не показаны.",
        )


def _off_scale(scores: pl.DataFrame, terms: Terms) -> list[dict[str, Any]]:
    """How many scores of people and of judges are no level, or pass the ends, of a scale.

    A judge's score between two levels is none of these, for means are; names have nothing between.
    """
    counted = []
    for criterion in terms.criteria:
        own = scores.filter(pl.col("rubric") == criterion.id).drop_nulls("score")
        off = ~pl.col("score").is_between(criterion.scale[0], criterion.scale[-1])
        if criterion.stepped:
            no_level = ~pl.col("score").is_in(list(criterion.scale))
            named = criterion.metric == "nominal"
            off = off | (no_level & (pl.lit(named) | (pl.col("kind") == "human")))
        found = own.filter(off)["kind"].to_list()
        if found:
            counts = {kind: found.count(kind) for kind in ("human", "judge")}
            counted.append({"rubric": criterion.id, **counts})
    return counted


def _look_alike(scores: pl.DataFrame) -> list[tuple[str, str]]:
    """Pairs of names of one column that a person would take for one."""
    pairs = []
    for column in ("rubric", "rater", "arm"):
        first: dict[str, str] = {}
        for name in scores[column].unique().sort():
            other = first.setdefault(name.casefold().translate(_LATIN), name)
            pairs += [(other, name)] if other != name else []
    return pairs


_LATIN = str.maketrans("асеорхукмтвнё", "aceopxykmtbhe")
"""Cyrillic letters and the Latin ones that look like them, in small letters."""


def _foreign(table: Table, study: TableStudy) -> int:
    """Answers whose letters are not those of their language, as far as there are texts."""
    languages = table.scores.select("response", "language").unique("response")
    known = table.texts.join(languages, on="response")
    return sum(
        (found := language_of(row["text"])) is not None and found != row["language"]
        for row in known.iter_rows(named=True)
    )
