"""What must be said of a study before its figures: what it is, and what to beware of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from judges.rubric import Text, seen_digest
from pipeline import gold, judgement
from pipeline.certificate import Certificate, uncalibrated
from pipeline.derive import Derived, State
from pipeline.models.showing import SOURCES, Source
from pipeline.pages.slip import JudgeSlip
from pipeline.records import Shown
from pipeline.stats.terms import Criterion
from pipeline.stats.thresholds import Target
from pipeline.store import file_of
from pipeline.verifying.compare import Check

Records = Mapping[str, dict[str, Any]]


def banner(state: State, held: Certificate) -> tuple[Text, ...]:
    """What stands before everything else: no calibration, altered records, answers of no model."""
    open_ones = uncalibrated(held, {x.id: x.title for x in state.design.rubrics})
    found = [*([open_ones] if open_ones else []), *_altered(state)]
    if not state.design.written:
        return tuple(found)
    return (*found, _WRITTEN[any(x.rating.rater == gold.DESIGNED for x in state.human)])


_WRITTEN = {
    True: Text(
        en="These answers are written texts and the ratings are the levels they were designed "
        "for: nothing here is a measurement of any model or of any person.",
        ru="Эти ответы — специально написанные тексты, а оценки — уровни, на которые они были "
        "задуманы: здесь не измерены ни модели, ни люди.",
    ),
    False: Text(
        en="These answers are written texts: no figure here is a measurement of any model.",
        ru="Эти ответы — специально написанные тексты: ни одна модель здесь не измерена.",
    ),
}
"""What is said of written answers, by whether the levels they were designed for are the gold."""


def warnings(
    state: State,
    derived: Derived,
    judges: Sequence[JudgeSlip],
    answers: Records,
    verdicts: Records,
) -> tuple[Text, ...]:
    """What a reader must know to believe the figures, the gravest first."""
    found = [
        *(text(f"Stopped early: {x}.", f"Остановлено раньше срока: {x}.") for x in state.stopped),
        *rated_by(derived.ratings),
        *_stale_warning(state),
        *interim(state.design.study.target, derived, judgement.terms(state.design).criteria),
        *_family_warnings(state, judges),
        *_name_warnings(state, answers, verdicts),
        *_language_warning(answers),
        *_quote_warnings(state, verdicts),
        *_unmeasured(verdicts),
    ]
    if state.verdicts.given_up:
        unfit = len(state.verdicts.unfit)
        refused = len(state.verdicts.given_up) - unfit
        found.append(
            text(
                f"Verdicts without a score: refused by a judge for good {refused}, too long for a "
                f"judge's window {unfit}.",
                f"Вердиктов без оценки: судья окончательно отказался — {refused}, ответ не "
                f"поместился в окно судьи — {unfit}.",
            )
        )
    return tuple(found)


def _altered(state: State) -> Iterable[Text]:
    for name in state.run.altered:
        yield text(
            f"ALTERED: {file_of(name)} was changed after it was sealed: these figures rest on "
            "changed records. To start afresh, move the run's folder away.",
            f"ИЗМЕНЕНО: {file_of(name)} переписан после опечатывания, и эти числа опираются на "
            "изменённые записи. Чтобы начать заново, уберите папку этого прогона.",
        )


def contradictions(shown: Mapping[str, Iterable[Check]]) -> Iterable[Text]:
    """One sentence for each field that something contradicts, with all the arms it is about.

    `shown` is what was shown of each arm, by its name.
    """
    found: dict[tuple[str, Shown | None, Source], dict[str, list[Text]]] = {}
    for arm, checks in shown.items():
        for x in checks:
            if not x.agrees:
                arms = found.setdefault((x.field, x.declared, x.source), {})
                arms.setdefault(arm, []).append(x.shown)
    for (field, declared, source), arms in found.items():
        said = dict.fromkeys(x for own in arms.values() for x in own)
        names, by = ", ".join(arms), SOURCES[source]
        one = len(arms) == 1
        en = f"{names} is not what its files say" if one else "Arms are not what their files say"
        ru = f"{names if one else 'Плечи'} — не то, что сказано в {'его' if one else 'их'} файлах"
        en += f": {field} is declared as {declared}, but {by.en} show otherwise: "
        ru += f": {field} заявлено как {declared}, а на деле иначе ({by.ru}): "
        end = "" if one else f" ({len(arms)}: {names})"
        yield text(
            f"{en}{'; '.join(x.en for x in said)}{end}.",
            f"{ru}{'; '.join(x.ru for x in said)}{end}.",
        )


def rated_by(ratings: pl.DataFrame) -> Iterable[Text]:
    """Whether enough people rated at all to know anything."""
    human = ratings.filter(pl.col("kind") == "human")
    if human.is_empty():
        yield text(
            "No person has rated any of these answers: whether this panel can be believed is not "
            "known.",
            "Ни один человек не оценил этих ответов: можно ли верить этой панели, неизвестно.",
        )
    elif human["rater"].n_unique() == 1:
        yield text(
            "All ratings come from one rater: how far people agree among themselves is not known.",
            "Все оценки от одного оценщика: насколько люди согласны между собой, неизвестно.",
        )


def _stale_warning(state: State) -> Iterable[Text]:
    stale = _stale(state)
    titles = {x.id: x.title.quoted for x in state.design.rubrics}
    if stale:
        marks = {"en": ", accepted as they are", "ru": ", приняты как есть"}
        en, ru = (
            ", ".join(
                f"{getattr(titles[x], language)} ({n}{mark if x in state.tuned.accepted else ''})"
                for x, n in sorted(stale.items())
            )
            for language, mark in marks.items()
        )
        yield text(
            f"Ratings made under another wording of the rubric than today's: {en}.",
            f"Оценки, поставленные по другой редакции рубрики, чем нынешняя: {ru}.",
        )


def interim(
    target: Target | None, derived: Derived, criteria: Iterable[Criterion]
) -> Iterable[Text]:
    """The rubrics on which the gold is not yet as much as was wanted before it was made."""
    if target is None:
        return
    human = derived.agreement.filter(pl.col("comparison") == "humans").to_dicts()
    gaps = derived.corrected.filter(pl.col("answers") == "judged").to_dicts()
    criteria = tuple(criteria)
    level = {x.id: x.unit for x in criteria}
    wide = [(row, target.alpha) for row in human]
    wide += [(row, target.gap * level[row["rubric"]]) for row in gaps]
    short = {
        row["rubric"]
        for row, half in wide
        if row["low"] is None or (row["high"] - row["low"]) / 2 > half
    }
    if short:
        titles = [x.title.quoted for x in criteria if x.id in short]
        en, ru = (", ".join(getattr(x, language) for x in titles) for language in ("en", "ru"))
        wanted = {"en": f"alpha ±{target.alpha:g}", "ru": f"альфа ±{target.alpha:g}"}
        if gaps:
            wanted["en"] += f", gap ±{target.gap:g}"
            wanted["ru"] += f", разрыв ±{target.gap:g}"
        yield text(
            f"INTERIM: people's ratings are not yet as many as was set beforehand "
            f"({wanted['en']}): {en}.",
            f"ПРОМЕЖУТОЧНО: оценок людей пока меньше, чем было задано заранее "
            f"({wanted['ru'].replace('.', ',')}): {ru}.",
        )


def _stale(state: State) -> Counter[str]:
    rubrics = {x.id: x for x in state.design.rubrics}
    languages = {x.want.key: state.design.rubric_language(x.item.language) for x in state.judged}
    return Counter(
        rating.rubric
        for rating, _ in state.human
        if rating.response_key in languages
        and rating.score is not None
        and rating.rubric_digest is not None
        and rating.rubric_digest
        != seen_digest(rubrics[rating.rubric], languages[rating.response_key])
    )


def _family_warnings(state: State, judges: Sequence[JudgeSlip]) -> Iterable[Text]:
    models = [x for x in judges if x.model is not None]
    if not models:
        yield text(
            "No model sits on this panel: its judges only count words and signs.",
            "В этой панели нет моделей: её судьи только считают слова и знаки.",
        )
    for arm in state.design.ends:
        own = [x.id for x in models if arm.name in x.own_family]
        if not own:
            continue
        names = ", ".join(own)
        if len(own) == len(models):
            yield text(
                f"No independent judge for {arm.name}: every judging model is of its own family "
                f"({arm.model.family}).",
                f"Для {arm.name} нет независимого судьи: все судящие модели из его же семейства "
                f"({arm.model.family}).",
            )
        else:
            yield text(
                f"Judges of {arm.name}'s own family ({arm.model.family}), left out of the gap: "
                f"{names}.",
                f"Судьи из того же семейства, что {arm.name} ({arm.model.family}), в разрыв не "
                f"входят: {names}.",
            )


def _name_warnings(state: State, answers: Records, verdicts: Records) -> Iterable[Text]:
    """Servers that answered under more than one model name while the study ran."""
    names: dict[str, set[str]] = {}
    for want in state.responses.wanted:
        if want.key in answers and (name := answers[want.key]["call"]["model"]):
            names.setdefault(want.arm.name, set()).add(name)
    for verdict in state.verdicts.wanted:
        call = verdicts[verdict.key]["call"] if verdict.key in verdicts else None
        if call is not None and call["model"]:
            names.setdefault(verdict.judge.id, set()).add(call["model"])
    for who, found in names.items():
        if len(found) > 1:
            said = ", ".join(sorted(found))
            yield text(
                f"The server of {who} answered under several model names: {said}.",
                f"Сервер {who} отвечал под разными именами моделей: {said}.",
            )


def _language_warning(answers: Records) -> Iterable[Text]:
    other = sum(
        x["language_found"] is not None and x["language_found"] != x["language"]
        for x in answers.values()
    )
    if other:
        yield text(
            f"Answers in another language than asked: {other}.",
            f"Ответов не на том языке, на котором спросили: {other}.",
        )


def _unmeasured(verdicts: Records) -> Iterable[Text]:
    """Judges that were to be measured and whose servers sent no probabilities that can be read."""
    lost = Counter(
        x["judge"]
        for x in verdicts.values()
        if x["verdict"]["how"] == "measured"
        and x["verdict"]["score"] is not None
        and x["verdict"]["measurement"] is None
    )
    for judge, count in sorted(lost.items()):
        yield text(
            f"{judge}: {count} verdicts count for nothing, as their token probabilities could not "
            "be read; with `scoring: stated` its written levels would count.",
            f"{judge}: вердиктов, которые не учтены, так как вероятности токенов прочесть не "
            f"удалось, — {count}; при `scoring: stated` считались бы написанные уровни.",
        )


def _quote_warnings(state: State, verdicts: Records) -> Iterable[Text]:
    cited: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for verdict in state.verdicts.wanted:
        for quote in verdicts.get(verdict.key, {}).get("verdict", {}).get("evidence", ()):
            cited[verdict.judge.id] += 1
            missing[verdict.judge.id] += not quote["found"]
    for judge, count in missing.items():
        if count:
            yield text(
                f"{judge} cited {count} of its {cited[judge]} quotes wrongly: they are not in the "
                "answers.",
                f"{judge}: {count} из {cited[judge]} цитат неверны, в ответах их нет.",
            )


def text(en: str, ru: str) -> Text:
    """One sentence in both languages."""
    return Text(en=en, ru=ru)
