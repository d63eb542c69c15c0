"""From records to everything a report shows: the tables, and each answer beside its verdicts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from judges.evidence import Normalised, locate, normalise
from pipeline import (
    beware,
    certificate,
    conclude,
    extremes,
    judgement,
    moved,
    questions,
    ratings,
    score,
    tallied,
)
from pipeline.arms import Arm
from pipeline.certificate import Certificate
from pipeline.derive import Derived, State, owed_calls
from pipeline.extremes import Extreme
from pipeline.ledger import Look
from pipeline.looks import Pair, pair, reports
from pipeline.pages.slip import (
    AnswerSlip,
    ArmSlip,
    FailureRow,
    HumanSlip,
    JudgeSlip,
    LookSlip,
    QuoteSlip,
    Slip,
    TuningCounts,
    TuningSlip,
    VerdictSlip,
)
from pipeline.rungs import Crossing, Known, Rung
from pipeline.score import WantedVerdict
from pipeline.verifying import marks, observing, said
from pipeline.verifying.compare import Check

Records = Mapping[str, dict[str, Any]]


class Composed(NamedTuple):
    """A study, counted."""

    derived: Derived
    slip: Slip
    certificate: Certificate


def compose(state: State) -> Composed:
    """The tables of a study, the slip of its report, and the certificate of its panel."""
    design, run = state.design, state.run
    answers = {x["key"]: x for x in run.responses.read(x.key for x in state.responses.wanted)}
    replies = {x["key"]: x for x in run.benchmarks.read(x.key for x in state.replies.wanted)}
    verdicts = {x["key"]: x for x in run.verdicts.read(x.key for x in state.verdicts.wanted)}
    scape = {x["key"]: x for x in run.landscape.read(x.key for x in state.landscape.wanted)}
    table, draws = ratings.collect(
        [ratings.Judged(x.want, x.item.key) for x in state.judged],
        state.verdicts.wanted,
        {key: ratings.scored(record) for key, record in verdicts.items()},
        state.verdicts.given_up,
        state.human,
    )
    terms = judgement.terms(design)
    stored = tallied.Stored(answers, replies, verdicts, scape, table, draws)
    derived = tallied.tables(state, terms, stored)
    judges = _judges(state)
    given = _given(state, answers)
    seen = _seen(state, given)
    hidden = judgement.hidden_gaps(derived.agreement, derived.corrected)
    panel = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    apart = {x for x, all_ in seen.items() if any(y.source == "answers" and y.final for y in all_)}
    held = certificate.certify(state.basis, verdicts, state.verdicts.given_up, panel, apart)
    shown = terms.marked(held.outdated)
    derived = derived._replace(
        headline=tallied.picture(terms, derived, held.outdated, hidden),
        **tallied.climbed(design, terms, derived, held.outdated, *_moved(state, seen, given)),
    )
    slip = Slip(
        name=design.study.name,
        title=design.study.title,
        about=design.study.about,
        banner=beware.banner(state, held),
        warnings=(
            *beware.contradictions(seen),
            *beware.warnings(state, derived, judges, answers, verdicts),
        ),
        conclusion=conclude.conclusion(shown, derived, held.outdated),
        arms=_arms(state, seen),
        judges=judges,
        criteria=shown.criteria,
        rubrics=design.rubrics,
        failures=_failures(state),
        tuning=tuple(_tuning(state)),
        answers=_answers(state, answers, verdicts),
        owed=owed_calls(state),
        facts=_facts(state),
        hidden_gaps=hidden,
        outdated=held.outdated,
        questions=questions.answers(
            derived.levels,
            shown.criteria,
            [x.name for x in design.ends],
            {**hidden, **held.outdated},
        ),
        simulated=False,
        equivalence=terms.limits.equivalence,
        benchmark_titles={x.benchmark.id: x.benchmark.title for x in design.benchmarks},
        **{name: value for name, value in derived._asdict().items() if name in Slip._fields},
    )
    return Composed(derived, slip, held)


def _tuning(state: State) -> Iterable[TuningSlip]:
    """What tuning has seen of each rubric by the panel as it stands.

    The wording of today first, then those before it whose lockbox was opened, the latest first.
    """
    study, panel = state.design.study.name, score.panel_identity(state.design)
    for rubric, version in state.tuned.versions.items():
        looks = [x for x in state.tuned.looks if x.rubric == rubric]
        seen = len(reports(looks))
        counts = TuningCounts(
            sum(x.half == "tune" for x in looks),
            sum(x.half == "lockbox" for x in looks) - seen,
            seen,
        )
        found = pair(looks, version, study, panel)
        if found.tune or found.lockbox or seen:
            yield _version_slip(rubric, version, counts, found)
        for earlier in sorted({x.version for x in looks} - {version}, reverse=True):
            found = pair(looks, earlier, study, panel)
            if found.lockbox is not None:
                yield _version_slip(rubric, earlier, None, found)


def _version_slip(
    rubric: str, version: int, counts: TuningCounts | None, found: Pair
) -> TuningSlip:
    one, gain = found.tune or found.lockbox, found.optimism
    return TuningSlip(
        rubric,
        version,
        None if one is None else one.against,
        counts,
        _look(found.tune),
        _look(found.lockbox),
        *((None,) * 3 if gain is None else (gain.value, gain.low, gain.high)),
    )


def _look(look: Look | None) -> LookSlip | None:
    if look is None:
        return None
    return LookSlip(look.alpha, look.low, look.high, look.change, look.change_low, look.change_high)


def _given(state: State, answers: Records) -> dict[str, list[dict[str, Any]]]:
    """The stored answers of each arm, by its name."""
    given: dict[str, list[dict[str, Any]]] = {x.name: [] for x in state.design.arms}
    for want in state.responses.wanted:
        if want.key in answers:
            given[want.arm.name].append(answers[want.key])
    return given


def _seen(state: State, given: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[Check, ...]]:
    """What files, servers and answers showed of each arm, by its name."""
    known = observing.kept(state.run)
    return {x.name: marks.checks(x, known, given[x.name]) for x in state.design.arms}


def _moved(
    state: State,
    seen: Mapping[str, tuple[Check, ...]],
    given: Mapping[str, list[dict[str, Any]]],
) -> tuple[dict[Rung, Known], dict[Crossing, Known]]:
    """What is known of each step of the ladder, and of each pair of factors."""
    shown = {}
    for arm in state.design.arms:
        checks = seen[arm.name]
        actual = arm._replace(profile=marks.actual(arm, checks))
        shown[arm.name] = moved.Shown(actual, marks.settings(arm, checks), given[arm.name])
    between, languages = state.design.ladder, state.design.study.languages
    prompts = len(state.design.tasks) * len(languages)
    return (
        moved.of(between.rungs, shown, prompts),
        moved.crossed(between.crossings, shown, prompts),
    )


def _arms(state: State, shown: Mapping[str, tuple[Check, ...]]) -> tuple[ArmSlip, ArmSlip]:
    def slip(role: Extreme, arm: Arm) -> ArmSlip:
        rows = () if state.design.written else marks.held(role, arm, shown[arm.name])
        return ArmSlip(
            role=role,
            name=arm.name,
            title=arm.title,
            model=arm.model.name,
            family=arm.model.family,
            training=arm.model.training,
            settings=said.rows(marks.settings(arm, shown[arm.name])),
            capacity=said.capacity(rows),
            unmet=extremes.unmet(role, arm.name, rows) if rows else None,
        )

    return slip("hicap", state.design.hicap), slip("locap", state.design.locap)


def _judges(state: State) -> tuple[JudgeSlip, ...]:
    design = state.design
    slips = []
    for judge in design.panel.judges:
        model = design.models[judge.model] if judge.model is not None else None
        slips.append(
            JudgeSlip(
                id=judge.id,
                model=model.name if model else None,
                computed=judge.computed,
                family=model.family if model else None,
                scoring=judge.scoring,
                draws=judge.draws,
                own_family=tuple(
                    arm.name
                    for arm in design.ends
                    if model is not None and arm.model.family == model.family
                ),
            )
        )
    return tuple(slips)


def _failures(state: State) -> tuple[FailureRow, ...]:
    """The failed calls of what the study still wants, by stage, asker and kind."""
    every = (state.responses, state.replies, state.verdicts, state.landscape)
    wanted = {x.key for found in every for x in found.wanted}
    run = state.run
    stored = run.responses.keys() | run.benchmarks.keys()
    stored |= run.verdicts.keys() | run.landscape.keys()
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in state.run.failures.records():
        if record["key"] in wanted:
            groups[record["stage"], record["who"], record["kind"]].append(record)
    return tuple(
        FailureRow(
            stage=stage,
            who=who,
            kind=kind,
            calls=sum(x["attempts"] for x in group),
            message=group[-1]["message"],
            still_owed=len({x["key"] for x in group} - stored),
        )
        for (stage, who, kind), group in sorted(groups.items())
    )


def _answers(state: State, answers: Records, verdicts: Records) -> tuple[AnswerSlip, ...]:
    by_item: dict[str, list[WantedVerdict]] = defaultdict(list)
    for verdict in state.verdicts.wanted:
        by_item[verdict.item.key].append(verdict)
    items = {x.want.key: x.item.key for x in state.judged}
    humans: dict[str, list[HumanSlip]] = defaultdict(list)
    for rating, _ in state.human:
        humans[rating.response_key].append(
            HumanSlip(rating.rubric, rating.rater, rating.score, rating.comment)
        )
    slips = []
    for want in state.responses.wanted:
        record = answers.get(want.key)
        if record is None:
            continue
        text = normalise(record["text"])
        slips.append(
            AnswerSlip(
                key=want.key,
                arm=want.arm.name,
                task=want.task.id,
                task_kind=want.task.kind,
                task_title=want.task.title,
                prompt=want.prompt,
                language=want.language,
                draw=want.draw,
                model=record["call"]["model"],
                seconds=record["call"]["seconds"],
                tokens_out=record["call"]["tokens_out"],
                verdicts=tuple(
                    _verdict(verdict, verdicts[verdict.key], text)
                    for verdict in by_item.get(items.get(want.key, ""), ())
                    if verdict.key in verdicts
                ),
                humans=tuple(humans.get(want.key, ())),
                **{x: record[x] for x in ("text", "reasoning", "finish", "said", "language_found")},
            )
        )
    return tuple(slips)


def _verdict(want: WantedVerdict, record: dict[str, Any], text: Normalised) -> VerdictSlip:
    said = record["verdict"]
    measured = said["measurement"] or {}
    quotes = []
    for quote in said["evidence"]:
        span = locate(quote["text"], text) if quote["found"] else None
        quotes.append(
            QuoteSlip(quote["text"], span.start if span else None, span.end if span else None)
        )
    return VerdictSlip(
        rubric=want.rubric.id,
        judge=want.judge.id,
        draw=want.draw,
        quotes=tuple(quotes),
        expectation=measured.get("expectation"),
        probabilities=tuple(measured["probabilities"]) if measured else None,
        **{x: said[x] for x in ("score", "reason", "rationale", "how")},
    )


def _facts(state: State) -> tuple[tuple[str, str], ...]:
    """What the figures were made with and from, for the foot of the page."""
    times = [x["at"] for x in state.run.responses.read(x.key for x in state.responses.wanted)]
    seals = {
        name: journal.seal()
        for name, journal in state.run.journals.items()
        if name != "landscape" or len(journal)
    }
    return (
        *state.versions.items(),
        ("answers written", f"{min(times)} .. {max(times)}" if times else "none"),
        *((f"{name}.jsonl", f"{x.records} records, {x.digest}") for name, x in seals.items()),
    )
