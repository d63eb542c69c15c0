"""What may and what may not be concluded from a study, in plain sentences."""

from collections.abc import Collection, Iterable
from typing import Any

import polars as pl

from judges.rubric import Text
from pipeline import judgement, tables
from pipeline.beware import text
from pipeline.derive import Derived
from pipeline.pages.slip import Concluded
from pipeline.ratings import PANEL
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion, Terms

Row = dict[str, Any]


def conclusion(
    terms: Terms, derived: Derived, outdated: Collection[str] = ()
) -> tuple[Concluded, ...]:
    """What may and what may not be concluded, in plain sentences.

    `outdated` are rubrics that people rated, but on which the panel is not calibrated.
    """
    rubrics = {x.id: x for x in terms.criteria}
    if terms.arms is None:
        return tuple(_belief(derived, rubrics))
    overall = derived.gaps.filter(pl.col("task_kind").is_null(), pl.col("gap").is_not_null())
    found = []
    if overall.is_empty() and not _shown(derived):
        found.append(
            _alone(
                "Nothing can be concluded yet: no task has a score in both arms.",
                "Пока нельзя заключить ничего: ни у одного задания нет оценки на обоих полюсах.",
            )
        )
        return tuple(found)
    judges = tables.panel_judges(derived.ratings)
    if judges.height and judges["computed"].all():
        found.append(
            _alone(
                "Nothing may be said of any rubric: the judges of this panel only count words, so "
                "every rubric gets the same figures.",
                "Ни об одной рубрике ничего сказать нельзя: судьи этой панели только считают "
                "слова, поэтому числа у всех рубрик одинаковы.",
            )
        )
        return tuple(found)
    found += _human_gaps(terms.arms, derived, rubrics)
    found += _panel_gaps(terms.arms, derived, rubrics, overall, outdated)
    found += _untested(derived, rubrics)
    found += _belief(derived, rubrics)
    found += _not_known(derived, rubrics, [rubric for rubric, _ in _pairs(overall)])
    return tuple(found)


def _shown(derived: Derived) -> list[Row]:
    """The rows of CORRECTED whose gap may be shown."""
    hidden = judgement.hidden_gaps(derived.agreement, derived.corrected)
    return derived.corrected.filter(
        pl.col("answers") == "judged", ~pl.col("rubric").is_in(list(hidden))
    ).to_dicts()


def _human_gaps(arms: Arms, derived: Derived, rubrics: dict[str, Criterion]) -> Iterable[Concluded]:
    """The gaps that people would see, where they may be shown."""
    shown = _shown(derived)
    if not shown:
        return
    said = [
        (x["rubric"], f"{_signed(x['gap'])} [{_signed(x['low'])}, {_signed(x['high'])}]")
        for x in shown
    ]
    alone = all(x["weight"] == 0 for x in shown)
    how_en = "as people alone rated it" if alone else "corrected for the judges' errors"
    how_ru = "по оценкам одних людей" if alone else "с поправкой на ошибки судей"
    yield Concluded(
        text(
            f"On the human scale, {how_en}, {arms.high} less {arms.low} is, in points of the scale "
            f"with 95% intervals (below 0: {arms.low} is the higher one)",
            f"На шкале людей, {how_ru}, разница «{arms.high} минус {arms.low}» в пунктах шкалы, с "
            f"95%-ми интервалами (ниже нуля — выше {arms.low})",
        ),
        tuple(_of(rubrics, x, y) for x, y in said),
    )


def _panel_gaps(
    arms: Arms,
    derived: Derived,
    rubrics: dict[str, Criterion],
    overall: pl.DataFrame,
    outdated: Collection[str],
) -> Iterable[Concluded]:
    """The panel's own gaps, but for rubrics on which people do not bear the panel out."""
    verdict = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    verdict |= dict.fromkeys(outdated, "uncalibrated")
    pairs = [(r, g) for r, g in _pairs(overall) if verdict.get(r) == "usable"]
    withheld = [r for r, _ in _pairs(overall) if verdict.get(r) != "usable"]
    if pairs:
        yield Concluded(
            text(
                f"On these tasks this panel's own scores put {arms.high} less {arms.low} at, in "
                f"points of the scale (below 0: {arms.low} is the higher one)",
                f"На этих заданиях по оценкам самой панели разница «{arms.high} минус {arms.low}» "
                f"в пунктах шкалы (ниже нуля — выше {arms.low})",
            ),
            tuple(_of(rubrics, r, _signed(g)) for r, g in pairs),
        )
    if withheld:
        why = [(r, verdict.get(r, "unrated")) for r in withheld]
        yield Concluded(
            text(
                "The panel's own scores are withheld, as people's ratings do not show that it can "
                "be believed, on",
                "Собственные оценки панели не приводятся, так как оценки людей не показывают, что "
                "ей можно верить, по рубрикам",
            ),
            tuple(
                text(
                    _with(rubrics[r].title.en, x),
                    _with(rubrics[r].title.ru, _VERDICTS[x]),
                )
                for r, x in why
            ),
        )


def _with(title: str, why: str) -> str:
    """A title with the reason behind it, once."""
    return title if title.endswith(f"({why})") else f"{title} ({why})"


def _untested(derived: Derived, rubrics: dict[str, Criterion]) -> Iterable[Concluded]:
    """Usable panels of which something could not be tested."""
    usable = derived.panel_verdicts.filter(pl.col("verdict") == "usable")["rubric"].implode()
    rows = derived.conditions.filter(
        pl.col("rubric").is_in(usable),
        pl.col("rater") == PANEL,
        pl.col("state") == "untested",
        pl.col("condition").is_in(list(_CONDITIONS)),
    ).to_dicts()
    for name in dict.fromkeys(row["rubric"] for row in rows):
        mine = [row for row in rows if row["rubric"] == name]
        en = "; ".join(f"{x['condition']}: {x['note']}" for x in mine)
        ru = ", ".join(_CONDITIONS[x["condition"]] for x in mine)
        title = rubrics[name].title.quoted
        yield _alone(
            f"On {title.en} the panel is called usable though not all could be tested ({en}).",
            f"По рубрике {title.ru} панель названа пригодной, хотя проверить "
            f"удалось не всё; не проверено: {ru}.",
        )


def _not_known(
    derived: Derived, rubrics: dict[str, Criterion], scored: list[str]
) -> Iterable[Concluded]:
    """The rubrics of which nobody can say what gap people would see."""
    known = {row["rubric"] for row in _shown(derived)}
    unknown = [x for x in scored if x not in known]
    if unknown:
        yield Concluded(
            text(
                "What may not be said: that people would see the gap that the judges see. The "
                "judges' scores are not corrected for their errors there, and what people would "
                "see is not known, on",
                "Чего сказать нельзя: что люди увидели бы тот же разрыв, что и судьи. Оценки судей "
                "здесь не исправлены, и каким был бы разрыв по оценкам людей, неизвестно, по "
                "рубрикам",
            ),
            tuple(_of(rubrics, x) for x in unknown),
        )


_VERDICTS = {
    "uncalibrated": "не откалибрована",
    "unrated": "никто не оценивал",
    "rank-only": "только для порядка",
    "undecided": "не решено",
    "not usable": "непригодна",
}


_CONDITIONS = {
    "alternative-annotator": "не хуже ли судья, чем ещё один человек",
    "floor": "лучше ли панель, чем счётчик слов",
    "arm-bias": "не подыгрывает ли панель одному из полюсов",
}


def _signed(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def _russian(number: str) -> str:
    """Numbers of an English text with decimal commas."""
    return number.replace(", ", "; ").replace(".", ",").replace("unknown", "неизвестно")


def _belief(derived: Derived, rubrics: dict[str, Criterion]) -> Iterable[Concluded]:
    """Where the panel's agreement with people is beyond chance, and where that is not shown."""
    beside = derived.agreement.filter(pl.col("comparison") == "judge-human")
    panel = beside.filter(pl.col("rater") == PANEL).to_dicts()
    if derived.ratings.filter(pl.col("kind") == "human").is_empty():
        return
    sure = [row for row in panel if row["low"] is not None and row["low"] > 0]
    against = [row["rubric"] for row in panel if row["high"] is not None and row["high"] < 0]
    unsure = [row["rubric"] for row in panel if row not in sure and row["rubric"] not in against]
    if sure:
        said = [
            (row["rubric"], f"{row['alpha']:.2f} [{row['low']:.2f}, {row['high']:.2f}]")
            for row in sure
        ]
        yield Concluded(
            text(
                "The panel agrees with people better than chance (alpha: 1 is full agreement, 0 is "
                "chance; 95% interval) on",
                "Панель согласна с людьми больше, чем случайно (альфа: 1 — полное согласие, 0 — "
                "случайное; 95%-й интервал), по рубрикам",
            ),
            tuple(_of(rubrics, x, y) for x, y in said),
        )
    if against:
        yield Concluded(
            text(
                "The panel disagrees with people more than chance would (alpha wholly below 0) on",
                "Панель расходится с людьми сильнее, чем случайно (альфа целиком ниже нуля), по "
                "рубрикам",
            ),
            tuple(_of(rubrics, x) for x in against),
        )
    if unsure:
        yield Concluded(
            text(
                "The panel has not been shown to agree with people better than chance on",
                "Не показано, что согласие панели с людьми выше случайного, по рубрикам",
            ),
            tuple(_of(rubrics, x) for x in unsure),
        )


def _alone(en: str, ru: str) -> Concluded:
    return Concluded(text(en, ru), ())


def _of(rubrics: dict[str, Criterion], rubric: str, said: str = "") -> Text:
    """A rubric, and figures of it in English form."""
    title = rubrics[rubric].title
    return text(f"{title.en} {said}".strip(), f"{title.ru} {_russian(said)}".strip())


def _pairs(overall: pl.DataFrame) -> list[tuple[str, float]]:
    return [(str(row["rubric"]), float(row["gap"])) for row in overall.to_dicts()]
