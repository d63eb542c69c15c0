"""Whether a panel was held against people's ratings as it stands, and what would undo that."""

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from judges.digest import digest
from judges.rubric import Rubric, Text, seen_digest, whole_digest
from judges.verdict import Frozen, Language
from pipeline import files, gold, ratings, score
from pipeline.errors import UserError
from pipeline.forms import FormDigests
from pipeline.owed import JudgedAnswer, Responses
from pipeline.score import WantedVerdict
from pipeline.stats import differences
from pipeline.study import Design

NAME = "certificate.json"
RATED_AGAIN = 10
"""Answers that must be rated again under a new wording before a panel is calibrated on it."""

Records = Mapping[str, dict[str, Any]]


class Marks(Frozen):
    """Digests of all that a calibration rests on; a comment in a YAML file is in none of them."""

    wording: str
    """Of the rubric as judges are told it."""
    form: str
    """Of the prompts in which they are told it."""
    judges: str
    """Of the judges' models, settings and draws."""
    aggregation: str
    thresholds: str
    gold: str
    """Of people's ratings on the rubric."""


class RubricCertificate(Frozen):
    """How the panel stands on one rubric."""

    rubric: str
    calibrated: bool
    reasons: tuple[Text, ...]
    """Why it is not calibrated; empty where it is."""
    marks: Marks
    served: dict[str, tuple[str, ...]]
    """Per judging model the names under which its server answered on rated answers."""
    ratings: int
    older: int
    """Of them those made under another wording than today's."""
    accepted: bool
    """Whether older ratings were taken for ratings of today's wording by somebody's decision."""
    people: int
    verdict: str | None
    """Of the panel; being calibrated does not make it usable."""


class Certificate(Frozen):
    """The certificate of a run, one entry per rubric."""

    study: str
    rubrics: tuple[RubricCertificate, ...]

    @property
    def outdated(self) -> dict[str, Text]:
        """Rubrics on which the panel is not calibrated, and the first reason.

        None where people rated nothing at all: then nothing is to be told apart.
        """
        rated = any(x.ratings for x in self.rubrics)
        return {x.rubric: x.reasons[0] for x in self.rubrics if x.reasons and rated}


class Basis(NamedTuple):
    """What a certificate is made from."""

    design: Design
    judged: tuple[JudgedAnswer, ...]
    wanted: tuple[WantedVerdict, ...]
    human: tuple[gold.Row, ...]
    forms: FormDigests
    read_in: tuple[Language, ...]
    """The languages in which rubrics are read for its answers, those still owed included."""
    accepted: frozenset[str]
    """Rubrics for whose wording of today older ratings were accepted."""


def read_in(
    design: Design, judged: Sequence[JudgedAnswer], responses: Responses
) -> tuple[Language, ...]:
    """The languages in which rubrics are read: for the answers there are, and those still owed."""
    languages = [x.item.language for x in judged] + [x.language for x in responses.missing]
    return tuple(sorted({design.rubric_language(x) for x in languages}))


def certify(
    basis: Basis,
    verdicts: Records,
    given_up: Mapping[str, str],
    panel: Mapping[str, str],
    apart: Collection[str] = (),
) -> Certificate:
    """The certificate of a study; `panel` is the verdict on the panel by rubric.

    Of the arms `apart`, which their answers contradict, no verdict is asked: none is owed.
    """
    spared = {x.item.key for x in basis.judged if x.want.arm.name in apart}
    settled = given_up.keys() | verdicts.keys()
    return Certificate(
        study=basis.design.study.name,
        rubrics=tuple(
            _certify(basis, rubric, verdicts, settled, spared, panel.get(rubric.id))
            for rubric in basis.design.rubrics
        ),
    )


def form(basis: Basis, rubric: Rubric) -> str:
    """The digest of the prompts in which judges are told `rubric`, answers still owed included."""
    forms = basis.forms
    return digest(
        [
            score.form_identity(forms, rubric, forms.told(rubric.id, x, by, None), by)
            for x in basis.read_in
            for by in _panel(basis.design)
        ]
    )


def marks(basis: Basis, rubric: Rubric) -> Marks:
    """The digests that a calibration on `rubric` rests on now."""
    design = basis.design
    judges = _panel(design)
    return Marks(
        wording=digest([whole_digest(rubric, x) for x in basis.read_in]),
        form=form(basis, rubric),
        judges=digest([(score.judge_identity(design, by), by.draws) for by in judges]),
        aggregation=_aggregation(),
        thresholds=digest(design.study.thresholds.model_dump(mode="json")),
        gold=digest(
            sorted(
                (x.rater, x.rater_class, x.response_key, str(x.score), x.rubric_digest or "")
                for x, _ in _rated(basis, rubric)
            )
        ),
    )


@cache
def _aggregation() -> str:
    """The digest of the code that makes a panel of judges: its comments and docstrings aside."""
    parts = []
    for part in (ratings.over_draws, ratings.panel, differences.score_means, differences._means):
        tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        parts.append(ast.dump(tree))
    return digest(parts)


def check(basis: Basis, folder: Path, edited: Collection[str]) -> None:
    """Refuse a study whose certificate is missing or stale, before anything is paid.

    `edited` are the run's derived files that are not what was written.

    Raises:
        UserError: what is not there, or what has changed, each in one line for all its rubrics.
    """
    path = folder / NAME
    if NAME in edited:
        raise UserError(
            f"{path}: is not what was written; run the study without --require-calibrated to make "
            "it anew"
        )
    before = {x.rubric: x for x in _load(path).rubrics}
    faults: dict[str, list[str]] = {}
    for rubric in basis.design.rubrics:
        said = _stale(before.get(rubric.id), marks(basis, rubric), basis)
        if said is not None:
            faults.setdefault(said, []).append(rubric.id)
    if faults:
        where = files.shown(path, basis.design.root)
        raise UserError("\n".join(f"{where}: {', '.join(x)}: {y}" for y, x in faults.items()))


def uncalibrated_rubrics(folder: Path) -> tuple[str, ...]:
    """The rubrics that the certificate in `folder` does not call calibrated.

    Raises:
        UserError: there is none.
    """
    return tuple(x.rubric for x in _load(folder / NAME).rubrics if not x.calibrated)


def _load(path: Path) -> Certificate:
    check_there(path)
    try:
        return Certificate.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UserError(f"{path}: is no certificate: {error.errors()[0]['msg']}") from None


def check_there(path: Path) -> None:
    """Refuse a study that has no certificate yet.

    Raises:
        UserError: it has none.
    """
    if not path.exists():
        said = "no certificate yet; run the study without --require-calibrated first"
        raise UserError(f"{path}: {said}")


def uncalibrated(certificate: Certificate, titles: Mapping[str, Text]) -> Text | None:
    """The line that a report begins with, or None where every rubric is calibrated."""
    open_ones = [x for x in certificate.rubrics if not x.calibrated]
    if not open_ones:
        return None
    by_reason: dict[Text, list[str]] = {}
    for one in open_ones:
        for reason in one.reasons:
            by_reason.setdefault(reason, []).append(one.rubric)

    def said(language: str) -> str:
        return "; ".join(
            f"{', '.join(getattr(titles[x].quoted, language) for x in rubrics)} — "
            f"{getattr(reason, language)}"
            for reason, rubrics in by_reason.items()
        )

    return Text(
        en=f"UNCALIBRATED: this panel was not held against people's ratings: {said('en')}.",
        ru=f"НЕ ОТКАЛИБРОВАНО: эту панель не сверяли с оценками людей: {said('ru')}.",
    )


def _certify(
    basis: Basis,
    rubric: Rubric,
    verdicts: Records,
    settled: Collection[str],
    spared: Collection[str],
    panel: str | None,
) -> RubricCertificate:
    rated = _rated(basis, rubric)
    scored = [x for x, _ in rated if x.score is not None]
    items = {x.want.key: x.item.key for x in basis.judged}
    gold_items = {items[x.response_key] for x in scored}
    mine = [x for x in basis.wanted if x.rubric.id == rubric.id and x.judge in _panel(basis.design)]
    on_gold = _served([x for x in mine if x.item.key in gold_items], verdicts)
    everywhere = _served(mine, verdicts)
    open_items = gold_items - set(spared)
    owed = sum(x.item.key in open_items and x.key not in settled for x in mine)
    reasons = [
        *_unrated(basis, scored),
        *_unread(basis, scored),
        *_unseen(basis, rubric, scored),
        *_owed(owed),
        *_renamed(on_gold, everywhere if scored else {}),
    ]
    return RubricCertificate(
        rubric=rubric.id,
        calibrated=not reasons,
        reasons=tuple(reasons),
        marks=marks(basis, rubric),
        served={judge: tuple(sorted(names)) for judge, names in sorted(on_gold.items())},
        ratings=len(scored),
        older=len(_wordings(basis, rubric, scored).other),
        accepted=rubric.id in basis.accepted,
        people=len({x.rater for x in scored}),
        verdict=panel,
    )


def _panel(design: Design) -> tuple[Any, ...]:
    """The judges that make up the panel: its models, or where there are none those that count."""
    models = tuple(x for x in design.panel.judges if x.model is not None)
    return models or design.panel.judges


def _rated(basis: Basis, rubric: Rubric) -> list[gold.Row]:
    there = {x.want.key for x in basis.judged}
    return [
        x for x in basis.human if x.rating.rubric == rubric.id and x.rating.response_key in there
    ]


def _served(wanted: Iterable[WantedVerdict], verdicts: Records) -> dict[str, set[str]]:
    """Per judge the model names that its server gave with its verdicts."""
    found: dict[str, set[str]] = {}
    for want in wanted:
        call = verdicts[want.key]["call"] if want.key in verdicts else None
        if call is not None:
            found.setdefault(want.judge.id, set()).add(call["model"] or "(not said)")
    return found


def _unrated(basis: Basis, scored: Sequence[gold.Rating]) -> Iterable[Text]:
    """Who or what is not among the people's ratings that a panel must be held against."""
    if not scored:
        yield Text(en="rated by nobody", ru="никто не оценивал")
        return
    people: dict[str, set[str]] = {}
    for rating in scored:
        people.setdefault(rating.response_key, set()).add(rating.rater)
    if all(len(x) < 2 for x in people.values()):
        yield Text(
            en="no answer was rated by two people, so nothing tells how people agree",
            ru="ни одного ответа не оценили двое, так что о согласии людей ничего не известно",
        )
    arm_of = {x.want.key: x.want.arm.name for x in basis.judged}
    rated = {arm_of[x] for x in people}
    for arm in basis.design.ends:
        if arm.name not in rated:
            yield Text(
                en=f"nobody has rated an answer of {arm.name}",
                ru=f"никто не оценил ни одного ответа {arm.name}",
            )


def _unread(basis: Basis, scored: Sequence[gold.Rating]) -> Iterable[Text]:
    """Languages in which judges read the rubric, and nobody's rating is on such an answer."""
    languages = {x.want.key: basis.design.rubric_language(x.item.language) for x in basis.judged}
    rated = {languages[x.response_key] for x in scored}
    for language in basis.read_in if scored else ():
        if language not in rated:
            names = {"en": ("English", "английских"), "ru": ("Russian", "русских")}[language]
            yield Text(
                en=f"nobody has rated {names[0]} answers",
                ru=f"никто не оценивал {names[1]} ответов",
            )


def _unseen(basis: Basis, rubric: Rubric, scored: Sequence[gold.Rating]) -> Iterable[Text]:
    """Too few ratings under today's wording, or nobody knows under which."""
    read_in = _read_in(basis)
    found = _wordings(basis, rubric, scored)
    changed = {read_in[x.response_key] for x in found.other}
    again = Counter(read_in[x] for x in {x.response_key for x in found.today})
    told = sum(again[x] for x in changed)
    enough = told >= RATED_AGAIN and all(again[x] for x in changed)
    if changed and not enough and rubric.id not in basis.accepted:
        other, where = len(found.other), ", ".join(f"{x} {again[x]}" for x in sorted(changed))
        en, ru = _accepting(basis.design)
        yield Text(
            en=f"rated under another wording than today's ({other} ratings; answers rated again: "
            f"{where}; needed are {RATED_AGAIN}, at least one in each language{en})",
            ru=f"оценивали по другой редакции, чем нынешняя (оценок: {other}; заново оценено "
            f"ответов: {where}; нужно {RATED_AGAIN}, хотя бы один на каждом языке{ru})",
        )
    if unknown := len(found.unknown):
        yield Text(
            en=f"which wording was rated is not known (no rubric_digest: {unknown} ratings)",
            ru=f"неизвестно, какую редакцию оценивали (нет rubric_digest, оценок: {unknown})",
        )


def _accepting(design: Design) -> tuple[str, str]:
    """How older ratings are accepted, in both languages; empty where judges only count words.

    It names no rubric, so that a reason which several rubrics share is said of them once.
    """
    if all(x.model is None for x in design.panel.judges):
        return "", ""
    command = f"antipode tune RUBRIC {design.study.name} --accept-gold"
    return f", or {command}", f", или {command}"


class _Wordings(NamedTuple):
    """Ratings by the wording under which they were made."""

    today: list[gold.Rating]
    other: list[gold.Rating]
    unknown: list[gold.Rating]


def _wordings(basis: Basis, rubric: Rubric, scored: Sequence[gold.Rating]) -> _Wordings:
    read_in = _read_in(basis)
    now = {language: seen_digest(rubric, language) for language in set(read_in.values())}
    known = [x for x in scored if x.rubric_digest is not None]
    return _Wordings(
        [x for x in known if x.rubric_digest == now[read_in[x.response_key]]],
        [x for x in known if x.rubric_digest != now[read_in[x.response_key]]],
        [x for x in scored if x.rubric_digest is None],
    )


def _read_in(basis: Basis) -> dict[str, Language]:
    """The language in which each answer's rubric is read."""
    return {x.want.key: basis.design.rubric_language(x.item.language) for x in basis.judged}


def _owed(count: int) -> Iterable[Text]:
    if count:
        yield Text(
            en=f"verdicts on rated answers are owed ({count})",
            ru=f"на оценённые ответы ещё нет вердиктов ({count})",
        )


def _renamed(on_gold: dict[str, set[str]], everywhere: dict[str, set[str]]) -> Iterable[Text]:
    """Judges whose server answered elsewhere under a name that no rated answer saw."""
    for judge, names in sorted(everywhere.items()):
        strange = ", ".join(sorted(names - on_gold.get(judge, set())))
        if strange:
            yield Text(
                en=f"{judge} also answered as {strange}, which judged no rated answer",
                ru=f"{judge} отвечал и под именем {strange}, которое оценённых ответов не судило",
            )


def _stale(kept: RubricCertificate | None, now: Marks, basis: Basis) -> str | None:
    """What is wrong with a certificate, or None."""
    again = "run the study without --require-calibrated to make it anew"
    if kept is None:
        return f"no certificate for this rubric; {again}"
    changed = [
        name for name in Marks.model_fields if getattr(kept.marks, name) != getattr(now, name)
    ]
    if changed:
        return f"the certificate is stale, changed since: {', '.join(changed)}; {again}"
    if kept.rubric in basis.accepted and not kept.accepted:
        return f"older ratings were accepted since it was made; {again}"
    if not kept.calibrated:
        return "uncalibrated: " + "; ".join(x.en for x in kept.reasons)
    return None
