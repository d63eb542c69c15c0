"""What a study will ask, before it asks: calls, tokens, money, and every prompt tried."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from pipeline import owed, preflight, score
from pipeline.benchmarks import asked
from pipeline.costs import tokens_estimated, total, worst_cost
from pipeline.errors import UserError
from pipeline.forms import Forms, Told
from pipeline.generate import calls_of, most_tokens_of, tokens_of
from pipeline.landscape import ask, wanted
from pipeline.models.catalogue import Model
from pipeline.records import Stage, item_of
from pipeline.store import Run
from pipeline.study import Design
from pipeline.verifying import observing

ANSWER_TOKENS = 500
"""How long an answer that is not written yet is taken to be, where its arm allows as much."""


class Line(NamedTuple):
    """What one arm or judge will be asked."""

    stage: Stage
    who: str
    model: str
    calls: int
    """Owed: what is stored is not asked again."""
    stored: int
    prompt_tokens: float
    """Of all owed calls together; estimated."""
    reply_tokens: int | None
    """At most; None where no limit is sent."""
    cost: float | None
    """US dollars at most; None = a price or a limit is not known."""
    concurrency: int


class Plan(NamedTuple):
    """What a study will ask."""

    lines: tuple[Line, ...]
    left_out: dict[str, tuple[str, ...]]
    """Arms that are asked nothing more, and what their stored answers contradict of each."""

    @property
    def calls(self) -> int:
        """All calls to models; judges that only count make none."""
        return sum(line.calls for line in self.lines)

    @property
    def cost(self) -> float | None:
        """US dollars at most; None = not known for some of it."""
        return total([line.cost for line in self.lines])


def plan(design: Design, run: Run | None = None) -> Plan:
    """The plan of `design`, with everything checked that costs nothing to check.

    `run` is its run where that is read already.

    Raises:
        UserError: a prompt, a window, a recording or a gold file would fail, a file of weights is
            not what the profile of its arm says, or an arm that owes answers is not what those
            that are stored show.
    """
    run = run or Run.look(design.folder)
    answers = owed.responses(design, run)
    human = owed.human_ratings(design, run, answers.wanted)
    forms = owed.forms(design, run, answers.wanted, human)
    preflight.raise_any(
        preflight.budget_faults(design)
        + preflight.task_window_faults(design, forms)
        + preflight.recording_faults(answers.missing, design)
    )
    observing.refuse(design.arms, observing.of_files(design.arms, design.root))
    observing.refuse_answered([x.arm for x in answers.missing], answers.wanted, run)
    out = observing.contradicted(answers.wanted, run)
    try_parser(design, forms)
    questions = asked.replies(design, run).without(out)
    lines = (*_arm_lines(design, answers), *_benchmark_lines(design, questions))
    judged = owed.judged(run, answers.wanted)
    lines += tuple(_judge_lines(design, run, answers, judged, forms, out))
    lines += tuple(_landscape_lines(design, run, answers, judged, out))
    return Plan(lines, {name: tuple(said) for name, said in out.items()})


def try_parser(design: Design, forms: Forms) -> None:
    """Read a sample reply of every level and an abstention through every form.

    Raises:
        AssertionError: a form would not take its own replies; that is a mistake of this program.
    """
    if all(judge.computed is not None for judge in design.panel.judges):
        return
    from judges.judging import read, sample_reply

    item = item_of("task", "answer", "en")
    for rubric in design.rubrics:
        for language in {design.rubric_language(x) for x in design.study.languages}:
            form = forms.get(Told(rubric.id, language))
            for level in (*rubric.scale, None):
                assert read(form, item, False, sample_reply(level)).score == level


def _arm_lines(design: Design, answers: owed.Responses) -> list[Line]:
    lines = []
    missing = {x.key for x in answers.missing}
    for arm in design.arms:
        mine = [x for x in answers.wanted if x.arm is arm]
        due = [x for x in mine if x.key in missing]
        prompt = sum(x.tokens for x in due)
        limits = [x.most_tokens for x in due]
        reply = total([None if x is None else float(x) for x in limits])
        calls, stored = (
            sum(x.calls for x in due),
            sum(x.calls for x in mine if x.key not in missing),
        )
        lines.append(
            _line(
                "answers",
                arm.name,
                arm.model,
                calls,
                stored,
                prompt,
                None if reply is None else int(reply),
            )
        )
    return lines


def _benchmark_lines(design: Design, questions: asked.Replies) -> list[Line]:
    """None where the study asks no benchmark."""
    missing = {x.key for x in questions.missing}
    lines = []
    for arm in design.arms:
        mine = [x for x in questions.wanted if x.arm is arm]
        due = [x for x in mine if x.key in missing]
        most = total([None if (y := most_tokens_of(x)) is None else float(y) for x in due])
        calls, every = (sum(map(calls_of, x)) for x in (due, mine))
        if mine:
            lines.append(
                _line(
                    "benchmarks",
                    arm.name,
                    arm.model,
                    calls,
                    every - calls,
                    sum(map(tokens_of, due)),
                    None if most is None else int(most),
                )
            )
    return lines


def _judge_lines(
    design: Design,
    run: Run,
    answers: owed.Responses,
    judged: Sequence[owed.JudgedAnswer],
    forms: Forms,
    out: Collection[str],
) -> list[Line]:
    verdicts = owed.verdicts(design, run, [x.item for x in judged], forms)
    verdicts = verdicts.on({x.item.key for x in judged if x.want.arm.name not in out})
    wanted = Counter(x.judge.id for x in verdicts.wanted)
    due: dict[str, list[float]] = {judge.id: [] for judge in design.panel.judges}
    for x in verdicts.missing:
        if x.judge.computed is None:
            due[x.judge.id].append(score.prompt_tokens(x, forms))
    lines = []
    for judge in design.panel.judges:
        if judge.computed is not None:
            continue
        stored = wanted[judge.id] - len(due[judge.id])
        prompts = list(due[judge.id])
        for want in answers.missing:
            most = want.arm.sampling.max_tokens or ANSWER_TOKENS
            for rubric in design.rubrics:
                language = design.rubric_language(want.language)
                told = forms.told(rubric.id, language, judge, None)
                prompt = forms.tokens(told) + tokens_estimated(want.prompt)
                prompts += [prompt + min(most, ANSWER_TOKENS)] * judge.draws
        model = design.models[str(judge.model)]
        limit = judge.sampling.max_tokens
        reply = limit * len(prompts) if limit is not None else None
        lines.append(_line("verdicts", judge.id, model, len(prompts), stored, sum(prompts), reply))
    return lines


def _landscape_lines(
    design: Design,
    run: Run,
    answers: owed.Responses,
    judged: Sequence[owed.JudgedAnswer],
    out: Collection[str],
) -> list[Line]:
    """What the landscape takes; answers that are not written yet are guessed at."""
    found = wanted.of(design, run, answers, judged).without(out)
    models = {x.who: x.model for x in found.wanted}
    due: dict[str, list[tuple[float, int]]] = {x: [] for x in models}
    for x in found.missing:
        due[x.who].append((tokens_estimated(x.text), ask.most_tokens(x)))
    asked = design.study.landscape
    if asked is not None and asked.embeddings is not None:
        model = models.setdefault(asked.embeddings, design.models[asked.embeddings])
        most = [x.arm.sampling.max_tokens or ANSWER_TOKENS for x in answers.missing]
        due.setdefault(model.id, []).extend((min(x, ANSWER_TOKENS), 0) for x in most)
    if asked is not None and asked.prefixes is not None and answers.missing:
        able = [x for x in design.arms if ("entropy_same", x.name) not in found.lacking]
        for arm in (x for x in able if x.name not in out):
            models[arm.name] = arm.model
            text = (wanted.room(design, 1), 1)
            due.setdefault(arm.name, []).extend([text] * asked.prefixes)
    lines = []
    for who, calls in due.items():
        stored = len({x.key for x in found.wanted if x.who == who and x.key in run.landscape})
        prompt, reply = sum(x for x, _ in calls), sum(x for _, x in calls)
        lines.append(_line("landscape", who, models[who], len(calls), stored, prompt, reply))
    return lines


def _line(
    stage: Stage, who: str, model: Model, calls: int, stored: int, prompt: float, reply: int | None
) -> Line:
    return Line(
        stage=stage,
        who=who,
        model=model.name,
        calls=calls,
        stored=stored,
        prompt_tokens=prompt,
        reply_tokens=reply,
        cost=worst_cost(model.price, prompt, reply) if calls else 0.0,
        concurrency=model.limits.concurrency,
    )


def show_prompt(design: Design, rubric: str) -> str:
    """The exact prompt that a judging model gets for one item of the study on `rubric`.

    The item is the first stored answer, or a placeholder where none is stored yet.

    Raises:
        UserError: the study has no such rubric.
    """
    from judges.form import user_message

    known = [x.id for x in design.rubrics]
    if rubric not in known:
        raise UserError(f"rubric {rubric!r} is not in the study; there are: {', '.join(known)}")
    run = Run.look(design.folder)
    wanted = owed.responses(design, run).wanted
    stored = owed.judged(run, wanted)
    first = wanted[0]
    item = (
        stored[0].item
        if stored
        else item_of(first.prompt, "(the answer will stand here)", first.language)
    )
    form = Forms(design, {}).get(Told(rubric, design.rubric_language(item.language)))
    return f"--- system\n{form.system}\n--- user\n{user_message(form, item)}"
