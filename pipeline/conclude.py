"""What may and what may not be concluded from a study, in plain sentences."""

from collections.abc import Iterable

import polars as pl

from judges.rubric import Rubric, Text
from pipeline import judgement
from pipeline.beware import text
from pipeline.derive import Derived, State
from pipeline.ratings import PANEL


def conclusion(state: State, derived: Derived) -> tuple[Text, ...]:
    """What may and what may not be concluded, in plain sentences."""
    rubrics = {x.id: x for x in state.design.rubrics}
    overall = derived.gaps.filter(pl.col("task_kind").is_null(), pl.col("gap").is_not_null())
    found = []
    if overall.is_empty():
        found.append(
            text(
                "Nothing can be concluded yet: no task has a score in both arms.",
                "Пока нельзя заключить ничего: ни у одного задания нет оценки на обоих полюсах.",
            )
        )
        return tuple(found)
    if all(judge.computed is not None for judge in state.design.panel.judges):
        found.append(
            text(
                "Nothing may be said of any rubric: the judges of this panel only count words, so "
                "every rubric gets the same figures.",
                "Ни об одной рубрике ничего сказать нельзя: судьи этой панели только считают "
                "слова, поэтому числа у всех рубрик одинаковы.",
            )
        )
        return tuple(found)
    found += _human_gaps(state, derived, rubrics)
    found += _panel_gaps(state, derived, rubrics, overall)
    found += _belief(derived, rubrics)
    found.append(
        text(
            "What may not be said: that people would see the same gap. These are the judges' own "
            "scores, not corrected for their errors; the gap that people would see is not known.",
            "Чего сказать нельзя: что люди увидели бы тот же разрыв. Это оценки самих судей, без "
            "поправки на их ошибки; каким был бы разрыв по оценкам людей, неизвестно.",
        )
    )
    return tuple(found)


def _human_gaps(state: State, derived: Derived, rubrics: dict[str, Rubric]) -> Iterable[Text]:
    """The gaps that people would see, where they may be shown."""
    hidden = judgement.hidden_gaps(derived.conditions, derived.corrected)
    shown = derived.corrected.filter(
        pl.col("answers") == "judged", ~pl.col("rubric").is_in(list(hidden))
    ).to_dicts()
    if not shown:
        return
    high, low = state.design.hicap.name, state.design.locap.name
    said = [
        (x["rubric"], f"{x['gap']:+.2f} [{_bound(x['low'])}, {_bound(x['high'])}]") for x in shown
    ]
    en = "; ".join(f"{_title(rubrics, x, 'en')} {y}" for x, y in said)
    ru = "; ".join(f"{_title(rubrics, x, 'ru')} {_russian(y)}" for x, y in said)
    yield text(
        f"On the human scale, corrected for the judges' errors, {high} is above {low} by, in "
        f"levels with 95% intervals (negative: below): {en}.",
        f"На шкале людей, с поправкой на ошибки судей, {high} выше, чем {low}, на столько уровней "
        f"(95%-е интервалы; минус означает «ниже»): {ru}.",
    )


def _panel_gaps(
    state: State, derived: Derived, rubrics: dict[str, Rubric], overall: pl.DataFrame
) -> Iterable[Text]:
    """The panel's own gaps, but for rubrics on which people do not bear the panel out."""
    high, low = state.design.hicap.name, state.design.locap.name
    verdict = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    pairs = [(r, g) for r, g in _pairs(overall) if verdict.get(r, "usable") == "usable"]
    withheld = [r for r, _ in _pairs(overall) if verdict.get(r, "usable") != "usable"]
    if pairs:
        en = ", ".join(f"{_title(rubrics, r, 'en')} {g:+.2f}" for r, g in pairs)
        ru = ", ".join(f"{_title(rubrics, r, 'ru')} {_russian(f'{g:+.2f}')}" for r, g in pairs)
        yield text(
            f"What may be said: on these tasks this panel scores {high} higher than {low} by, in "
            f"levels (negative: lower): {en}.",
            f"Что можно сказать: на этих заданиях панель ставит {high} выше, чем {low}, на "
            f"столько уровней (минус означает «ниже»): {ru}.",
        )
    if withheld:
        en = ", ".join(f"{_title(rubrics, r, 'en')} ({verdict[r]})" for r in withheld)
        ru = ", ".join(f"{_title(rubrics, r, 'ru')} ({_VERDICTS[verdict[r]]})" for r in withheld)
        yield text(
            f"The panel's own scores are withheld, as people do not bear it out, on: {en}.",
            f"Собственные оценки панели не приводятся, так как люди её не подтверждают: {ru}.",
        )


_VERDICTS = {
    "rank-only": "только для порядка",
    "undecided": "не решено",
    "not usable": "непригодна",
}


def _bound(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.2f}"


def _russian(number: str) -> str:
    """Numbers of an English text with decimal commas."""
    return number.replace(", ", "; ").replace(".", ",").replace("unknown", "неизвестно")


def _belief(derived: Derived, rubrics: dict[str, Rubric]) -> Iterable[Text]:
    """Where the panel's agreement with people is beyond chance, and where that is not shown."""
    beside = derived.agreement.filter(pl.col("comparison") == "judge-human")
    panel = beside.filter(pl.col("rater") == PANEL).to_dicts()
    if derived.ratings.filter(pl.col("kind") == "human").is_empty():
        return
    sure = [row for row in panel if row["low"] is not None and row["low"] > 0]
    unsure = [row["rubric"] for row in panel if row not in sure]
    if sure:
        said = [
            (row["rubric"], f"{row['alpha']:.2f} [{row['low']:.2f}, {row['high']:.2f}]")
            for row in sure
        ]
        en = "; ".join(f"{_title(rubrics, x, 'en')} {y}" for x, y in said)
        ru = "; ".join(
            f"{_title(rubrics, x, 'ru')} {y.replace(', ', '; ').replace('.', ',')}" for x, y in said
        )
        yield text(
            "The panel agrees with people better than chance (alpha: 1 is full agreement, 0 is "
            f"chance; 95% interval) on: {en}.",
            "Панель согласна с людьми больше, чем случайно (альфа: 1 — полное согласие, 0 — "
            f"случайное; 95%-й интервал), по рубрикам: {ru}.",
        )
    if unsure:
        en = ", ".join(_title(rubrics, x, "en") for x in unsure)
        ru = ", ".join(_title(rubrics, x, "ru") for x in unsure)
        yield text(
            f"The panel has not been shown to agree with people better than chance on: {en}.",
            f"Не показано, что согласие панели с людьми выше случайного, по рубрикам: {ru}.",
        )


def _pairs(overall: pl.DataFrame) -> list[tuple[str, float]]:
    return [(str(row["rubric"]), float(row["gap"])) for row in overall.to_dicts()]


def _title(rubrics: dict[str, Rubric], rubric: str, language: str) -> str:
    return str(getattr(rubrics[rubric].title, language)).lower()
