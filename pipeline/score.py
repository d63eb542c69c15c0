"""What the judges owe: each answer on each rubric, by each judge, each draw."""

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from judges import surface
from judges.digest import digest
from judges.panel import Judge
from judges.rubric import Rubric, whole_digest
from judges.verdict import Item, Language, Verdict
from pipeline.bench import Bench
from pipeline.costs import cost_of, tokens_estimated, worst_cost
from pipeline.errors import UserError
from pipeline.models.catalogue import Model, asked_identity
from pipeline.records import Call, VerdictRecord, now, verdict_key

if TYPE_CHECKING:
    from dspy.lm15 import Config

    from judges.form import Form
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
    language: Language
    """Of the rubric."""
    judge: Judge
    draw: int


class Asked(NamedTuple):
    """What the requests of one judge on one rubric have in common."""

    form: "Form"
    config: "Config"
    digest: str


class Forms:
    """The forms of a study: each rubric in each language it is read in, rendered once.

    Rendering needs DSPy, which takes a second to load; the digests of forms that have not changed
    are remembered by the run, so that a study with nothing to ask starts without it.
    """

    def __init__(self, design: Bench, digests: dict[str, str]) -> None:
        """`digests` are those that the run remembers."""
        self._rubrics = {rubric.id: rubric for rubric in design.rubrics}
        self._made: dict[tuple[str, Language], Form] = {}
        self._source = digest(version("dspy"), [x.read_text(encoding="utf-8") for x in _SOURCES])
        self.digests = digests
        self._asked: dict[tuple[str, str, Language, int], Asked] = {}
        self._tokens: dict[tuple[str, Language], float] = {}
        self.used: dict[str, str] = {}
        """Digest of each form that was asked for, by rubric and language."""

    def get(self, rubric: str, language: Language) -> "Form":
        """The form of a rubric in a language."""
        from judges.form import build

        if (rubric, language) not in self._made:
            self._made[rubric, language] = build(self._rubrics[rubric], language)
        return self._made[rubric, language]

    def tokens(self, rubric: str, language: Language) -> float:
        """About how many tokens that form is without task and answer."""
        if (rubric, language) not in self._tokens:
            form = self.get(rubric, language)
            texts = (form.system, *form.parts)
            self._tokens[rubric, language] = sum(map(tokens_estimated, texts))
        return self._tokens[rubric, language]

    def asked(self, want: "WantedVerdict", model: Model) -> "Asked":
        """What every request of that judge, form and draw has in common."""
        from judges.judging import asked
        from pipeline.models.wire import config_of

        place = (want.judge.id, want.rubric.id, want.language, want.draw)
        if place not in self._asked:
            form, judge = self.get(want.rubric.id, want.language), want.judge
            config = config_of(model, judge.sampling, want.draw)
            config = asked(form, config, judge.scoring == "measured")
            self._asked[place] = Asked(form, config, digest(form.digest, repr(config)))
        return self._asked[place]

    def digest(self, rubric: str, language: Language) -> str:
        """The digest of that form."""
        name = digest(whole_digest(self._rubrics[rubric], language), language, self._source)
        if name not in self.digests:
            self.digests[name] = self.get(rubric, language).digest
        self.used[f"{rubric}:{language}"] = self.digests[name]
        return self.digests[name]


class KeptForms:
    """The digests of forms as a run's folder keeps them: nothing is rendered again."""

    def __init__(self, digests: dict[str, str]) -> None:
        """`digests` by rubric and language, as `Forms.used` has them."""
        self._digests = digests

    def digest(self, rubric: str, language: Language) -> str:
        """The digest of the form that was put to judges.

        Raises:
            UserError: the run's design does not have it.
        """
        name = f"{rubric}:{language}"
        if name not in self._digests:
            raise UserError(f"design.json: forms has no {name!r}; the run's design is not whole")
        return self._digests[name]


class FormDigests(Protocol):
    """Whoever knows the digests of forms."""

    def digest(self, rubric: str, language: Language) -> str:
        """The digest of a rubric's form in a language."""


_SOURCES = [Path(surface.__file__).with_name(name) for name in ("form.py", "evidence.py")]


def judge_identity(design: Bench, judge: Judge) -> str:
    """The digest of all of a judge that determines its verdicts; its id is not part of it."""
    if judge.computed is not None:
        return surface.identity(judge.computed)
    model = design.models[str(judge.model)]
    return digest("judge", asked_identity(model, judge.sampling), judge.scoring)


def form_identity(forms: FormDigests, rubric: Rubric, lang: Language, by: Judge) -> str:
    """The digest of what a judge is told of a rubric; a computed judge is told only its scale."""
    if by.computed is not None:
        return digest("scale", rubric.scale)
    return forms.digest(rubric.id, lang)


def wanted(design: Bench, items: Sequence[Item], forms: FormDigests) -> tuple[WantedVerdict, ...]:
    """Every verdict that the study asks for on `items`: equal answers are judged once."""
    unique = {item.key: item for item in items}.values()
    languages = {item.language: design.rubric_language(item.language) for item in unique}
    found: dict[str, WantedVerdict] = {}
    for judge in design.panel.judges:
        who = judge_identity(design, judge)
        for rubric in design.rubrics:
            read_in = sorted(set(languages.values()))
            asked = {x: f"{rubric.id}:{form_identity(forms, rubric, x, judge)}" for x in read_in}
            whole = {x: whole_digest(rubric, x) for x in read_in}
            for item in unique:
                language = languages[item.language]
                for draw in range(judge.draws):
                    key = verdict_key(item.key, asked[language], who, draw)
                    found[key] = WantedVerdict(
                        key, item, rubric, whole[language], language, judge, draw
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
        ask=partial(ask, want, endpoint, forms.asked(want, model)),
    )


def prompt_tokens(want: WantedVerdict, forms: Forms) -> float:
    """About how many tokens the prompt of a verdict is: form, task, answer and their fences."""
    item = want.item
    said = tokens_estimated(item.task) + tokens_estimated(item.answer)
    return forms.tokens(want.rubric.id, want.language) + said + _FENCE_TOKENS


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
        language=want.language,
        judge=want.judge.id,
        draw=want.draw,
        verdict=verdict,
        call=call,
        at=now(),
    )
