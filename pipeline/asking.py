"""Asking models: endpoints made and probed, jobs worked off, endpoints closed."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from pydantic import BaseModel

from pipeline import generate, preflight, score
from pipeline.arms import Arm
from pipeline.bench import Bench
from pipeline.benchmarks import asked as asked_of
from pipeline.benchmarks import harness
from pipeline.benchmarks.asked import Replies, WantedReply
from pipeline.costs import known_cost, unknown_costs
from pipeline.forms import Forms
from pipeline.landscape import ask
from pipeline.landscape.wanted import Landscape
from pipeline.models.catalogue import Model
from pipeline.models.endpoint import Endpoint, connect, share_limits
from pipeline.owed import Responses, Verdicts
from pipeline.records import Failure, Stage, now
from pipeline.score import WantedVerdict
from pipeline.store import Run
from pipeline.study import Design
from pipeline.verifying import observing
from pipeline.work import Job, Outcome, Progress, Purse, work_off

Watch = Callable[[Progress], AbstractContextManager[object]]
"""Entered while a stage asks models: whoever shows progress does it inside."""


async def responses(design: Design, run: Run, found: Responses, watch: Watch) -> Outcome:
    """Ask the arms for the answers they owe; one that its answers contradict is asked no more.

    Raises:
        UserError: a key or file is missing, a server does not answer, or an arm is not what its
            profile says.
        OSError: the disk failed.
    """
    # Judges too, so that no answer is paid for in vain; but weights on this disk are not loaded
    # before their turn: two models may not fit side by side.
    owed = found.missing
    arms = [x.arm.model for x in owed]
    judges = [design.models[x.model] for x in design.panel.judges if x.model is not None]
    check([*arms, *judges], design)
    named = list({x.arm.name: x.arm for x in owed}.values())
    observing.refuse(named, observing.of_files(named, design.root))
    observing.refuse_answered(named, found.wanted, run)
    endpoints = await connected([*arms, *(x for x in judges if not x.local)], design)
    try:
        await observing.hold(named, endpoints, run)
        jobs = [
            generate.job(x, endpoints[x.arm.model.id])._replace(ends=partial(_contradicted, x.arm))
            for x in owed
        ]
        return await _work(jobs, "answers", design, run, watch)
    finally:
        await closed(endpoints)


def _contradicted(arm: Arm, record: BaseModel) -> bool:
    """Whether an answer shows that the arm is not what its files say."""
    return bool(observing.answered(arm, [record.model_dump()]))


async def benchmarks(design: Design, run: Run, found: Replies, watch: Watch) -> Outcome:
    """Have lm-eval put the benchmark questions to the arms that owe them.

    lm-eval runs in a thread of its own, and its model asks from there on this loop.

    Raises:
        UserError: lm-eval, a key or a file is missing, or a server does not answer.
        OSError: the disk failed.
    """
    by_key = {x.key: x for x in found.wanted}
    loop = asyncio.get_running_loop()
    outcomes: list[Outcome] = []
    working: list[asyncio.Task[None]] = []
    endpoints = await connected([x.arm.model for x in found.missing], design)

    async def work(keys: Sequence[str]) -> None:
        owed = [by_key[x] for x in dict.fromkeys(keys) if x not in run.benchmarks]
        jobs = [asked_of.job(x, endpoints[x.arm.model.id]) for x in owed]
        outcomes.append(await _work(jobs, "benchmarks", design, run, watch))

    async def started(keys: Sequence[str]) -> None:
        working.append(asyncio.create_task(work(keys)))
        await working[-1]

    def ask(keys: Sequence[str]) -> dict[str, str]:
        asyncio.run_coroutine_threadsafe(started(keys), loop).result()
        return {x["key"]: asked_of.said(x) for x in run.benchmarks.read(keys)}

    try:
        await _evaluated(found.wanted, ask, working)
    finally:
        await closed(endpoints)
    return outcomes[-1]


async def _evaluated(
    questions: Sequence[WantedReply], ask: harness.Ask, working: list[asyncio.Task[None]]
) -> None:
    """Wait for lm-eval; where this is cancelled, for what it has begun as well."""
    evaluation = asyncio.create_task(asyncio.to_thread(harness.evaluate, questions, ask))
    try:
        await asyncio.shield(evaluation)
    except harness.StillOwedError:
        pass  # what failed is in failures.jsonl, and is owed
    except asyncio.CancelledError:
        for task in working:
            task.cancel()
        await asyncio.wait([*working, evaluation])
        raise


async def verdicts(design: Bench, run: Run, found: Verdicts, forms: Forms, watch: Watch) -> Outcome:
    """Compute the verdicts that are computed, and ask the judges for the others.

    Those that did not fit a judge's window are looked at again: the window may have grown.

    Raises:
        UserError: a key or file is missing, or a server does not answer.
        OSError: the disk failed.
    """
    owed = found.missing + found.unfit
    noted = {x.key for x in found.unfit}
    computed = [x for x in owed if x.judge.computed is not None]
    for want in computed:
        run.verdicts.append(score.compute(want))
    asked = [x for x in owed if x.judge.computed is None]
    if not asked:
        return Outcome(len(computed), 0, 0, ())
    unfit = preflight.unfit(asked, design, forms)
    for want in asked:
        if want.key in unfit and want.key not in noted:
            _leave_out(want, unfit[want.key], run)
    asked = [x for x in asked if x.key not in unfit]
    if not asked:
        return Outcome(len(computed), 0, 0, ())
    endpoints = await connected([design.models[str(x.judge.model)] for x in asked], design)
    try:
        budget = design.budget is not None
        jobs = [score.job(x, endpoints[str(x.judge.model)], forms, budget) for x in asked]
        outcome = await _work(jobs, "verdicts", design, run, watch)
        return outcome._replace(done=outcome.done + len(computed))
    finally:
        await closed(endpoints)


async def landscape(design: Design, run: Run, found: Landscape, watch: Watch) -> Outcome:
    """Ask for what is lacking of the probability landscape.

    Raises:
        UserError: a key or file is missing, or a server does not answer.
        OSError: the disk failed.
    """
    assert design.study.landscape is not None
    logprobs = design.study.landscape.logprobs
    arms = [x for x in found.missing if x.kind != "embedding"]
    texts = [x for x in found.missing if x.kind == "embedding"]
    check([x.model for x in texts], design, chat=False)
    answering = await connected([x.model for x in arms], design)
    embedding: dict[str, Endpoint] = {}
    try:
        embedding = await connected([x.model for x in texts], design, chat=False)
        share_limits([*answering.values(), *embedding.values()])
        jobs = [ask.job(x, logprobs, answering[x.model.id]) for x in arms]
        jobs += [ask.job(x, logprobs, embedding[x.model.id]) for x in texts]
        return await _work(jobs, "landscape", design, run, watch)
    finally:
        await closed(answering)
        await closed(embedding)


def _leave_out(want: WantedVerdict, why: str, run: Run) -> None:
    """Note that a verdict is not asked for, as its item does not fit."""
    run.failures.append(
        Failure(
            key=want.key,
            stage="verdicts",
            who=want.judge.id,
            kind="unfit",
            message=why,
            attempts=0,
            cost=0.0,
            at=now(),
        )
    )


async def _work(
    jobs: Sequence[Job], stage: Stage, design: Bench, run: Run, watch: Watch
) -> Outcome:
    spent = sum(known_cost(journal.records()) for journal in run.journals.values())
    purse = Purse(design.budget, spent)
    paid = {
        "answers": run.responses,
        "benchmarks": run.benchmarks,
        "verdicts": run.verdicts,
        "landscape": run.landscape,
    }
    unknown = sum(unknown_costs(x.records()) for x in paid.values())
    if unknown:
        purse.stop(f"the cost of {unknown} stored answers or verdicts is not known")
    progress = Progress(stage, jobs, purse)
    with watch(progress):
        return await work_off(jobs, stage, paid[stage], run, purse, progress)


def check(models: Sequence[Model], design: Bench, chat: bool = True) -> None:
    """Refuse models whose key or file is missing here, all of them at once.

    Without `chat` they are only to embed texts.

    Raises:
        UserError: one line for each.
    """
    unique = {model.id: model for model in models}
    faults = [x for m in unique.values() for x in preflight.model_faults(m, design, chat)]
    preflight.raise_any(faults)


async def connected(
    models: Sequence[Model], design: Bench, chat: bool = True
) -> dict[str, Endpoint]:
    """An endpoint for each of `models`, probed.

    Without `chat` they are only to embed texts, and files are not loaded before the first.

    Raises:
        UserError: a key or file is missing, or a server does not answer.
    """
    check(models, design, chat)
    unique = {model.id: model for model in models}
    endpoints = {x: connect(model, design.root, design.tasks) for x, model in unique.items()}
    share_limits(endpoints.values())
    try:
        await preflight.probe(x for x in endpoints.values() if chat or not x.model.local)
    except BaseException:
        await closed(endpoints)
        raise
    return endpoints


async def closed(endpoints: dict[str, Endpoint]) -> None:
    """Let go of every endpoint."""
    for endpoint in endpoints.values():
        await endpoint.engine.aclose()
