"""What the judges owe: each answer on each rubric, by each judge, each draw."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from judges import surface
from judges.digest import digest
from judges.panel import Judge
from judges.rubric import Rubric, whole_digest
from judges.verdict import Item, Verdict
from pipeline.bench import Bench
from pipeline.costs import cost_of, tokens_estimated, worst_cost
from pipeline.forms import Asked, FormDigests, Forms, Told
from pipeline.models.catalogue import asked_identity
from pipeline.records import Call, VerdictRecord, now, verdict_key

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint
    from pipeline.work import Job

REFUSALS = 3
"""How often a judge may refuse one verdict before it is no longer asked for."""


class WantedVerdict(NamedTuple):
    """One verdict that the study asks for."""

    key: str
    item: Item
    rubric: Rubric
    rubric_digest: str
    told: Told
    judge: Judge
    draw: int


def judge_identity(design: Bench, judge: Judge) -> str:
    """The digest of all of a judge that determines its verdicts; its id is not part of it."""
    if judge.computed is not None:
        return surface.identity(judge.computed)
    model = design.models[str(judge.model)]
    return digest("judge", asked_identity(model, judge.sampling), judge.scoring)


def panel_identity(design: Bench) -> str:
    """The digest of a panel: its judges' identities, how often and with how many demos each."""
    return digest([(judge_identity(design, x), x.draws, x.demos) for x in design.panel.judges])


def form_identity(forms: FormDigests, rubric: Rubric, told: Told, by: Judge) -> str:
    """The digest of what a judge is told of a rubric; a computed judge is told only its scale."""
    if by.computed is not None:
        return digest("scale", rubric.scale)
    return forms.digest(told)


def wanted(design: Bench, items: Sequence[Item], forms: FormDigests) -> tuple[WantedVerdict, ...]:
    """Every verdict that the study asks for on `items`: equal answers are judged once."""
    unique = {item.key: item for item in items}.values()
    languages = {item.language: design.rubric_language(item.language) for item in unique}
    found: dict[str, WantedVerdict] = {}
    for judge in design.panel.judges:
        who = judge_identity(design, judge)
        for rubric in design.rubrics:
            whole = {x: whole_digest(rubric, x) for x in set(languages.values())}
            asked: dict[Told, str] = {}
            for language in whole if judge.demos else ():
                forms.digest(forms.told(rubric.id, language, judge, None))
            for item in unique:
                language = languages[item.language]
                told = forms.told(rubric.id, language, judge, item)
                if told not in asked:
                    asked[told] = f"{rubric.id}:{form_identity(forms, rubric, told, judge)}"
                for draw in range(judge.draws):
                    key = verdict_key(item.key, asked[told], who, draw)
                    found[key] = WantedVerdict(
                        key, item, rubric, whole[language], told, judge, draw
                    )
    return tuple(found.values())


def job(want: WantedVerdict, endpoint: "Endpoint", forms: Forms, budget: bool) -> "Job":
    """The job that asks a model for one verdict; what it may cost counts only under a budget."""
    from pipeline.work import Job

    model = endpoint.model
    limit = want.judge.sampling.max_tokens
    worst = worst_cost(model.price, prompt_tokens(want, forms), limit) if budget else None
    return Job(
        key=want.key,
        who=want.judge.id,
        endpoint=endpoint,
        worst_cost=worst,
        ask=partial(ask, want, endpoint, forms.asked(want.told, want.judge, want.draw, model)),
    )


def prompt_tokens(want: WantedVerdict, forms: Forms) -> float:
    """About how many tokens the prompt of a verdict is: form, task, answer and their fences."""
    item = want.item
    said = tokens_estimated(item.task) + tokens_estimated(item.answer)
    return forms.tokens(want.told) + said + _FENCE_TOKENS


_FENCE_TOKENS = 60


async def ask(want: WantedVerdict, endpoint: "Endpoint", asked: Asked) -> VerdictRecord:
    """The verdict of a judging model, as a record.

    Raises:
        faults.CALL_FAULTS: the call failed, or its reply was no verdict.
    """
    from judges.judging import read, request_for
    from pipeline.models.wire import UNNAMED

    model = endpoint.model
    request = request_for(asked.form, want.item, model.name, asked.config)
    answered = await endpoint.ask(request)
    response, usage = answered.response, answered.response.usage
    call = Call(
        model=None if response.model == UNNAMED else response.model,
        tokens_in=usage.input_tokens,
        tokens_out=usage.output_tokens,
        tokens_thinking=usage.reasoning_tokens,
        seconds=round(answered.seconds, 3),
        cost=cost_of(model.price, usage.input_tokens, usage.output_tokens),
        attempts=answered.attempts,
        request=digest(asked.digest, want.item.key),
    )
    verdict = read(asked.form, want.item, want.judge.scoring == "measured", response)
    return _record(want, verdict, call)


def compute(want: WantedVerdict) -> VerdictRecord:
    """The verdict of a computed judge, as a record."""
    assert want.judge.computed is not None
    return _record(want, surface.judge(want.judge.computed, want.item, want.rubric), None)


def _record(want: WantedVerdict, verdict: Verdict, call: Call | None) -> VerdictRecord:
    return VerdictRecord(
        key=want.key,
        item=want.item.key,
        rubric=want.rubric.id,
        rubric_digest=want.rubric_digest,
        language=want.told.language,
        judge=want.judge.id,
        draw=want.draw,
        verdict=verdict,
        call=call,
        at=now(),
    )
