"""One judge and one rewriter, asked from code that cannot wait: what DSPy's optimisers need."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from judges.judging import NotAVerdictError, asked, read, request_for
from judges.panel import Judge
from judges.rubric import Rubric
from judges.sampling import Sampling
from judges.verdict import Language
from judges.wording import Example
from pipeline.models.endpoint import Endpoint
from pipeline.models.faults import CALL_FAULTS, describe
from pipeline.models.metered import meter as behind
from pipeline.models.wire import config_of
from pipeline.programs import rewriting
from pipeline.programs.evolving import Heard
from pipeline.programs.rewriting import Case, NotAWordingError
from pipeline.ratings import scored
from pipeline.tuning.metering import EndedError, Meter

if TYPE_CHECKING:
    from judges.form import Form


class Hearing:
    """Asks as a study asks, on a loop that runs while somebody waits for it, and only then.

    What a form brought on an item is remembered: the same question is not paid for twice. A call
    that failed is not, and is made again when it is asked for again.
    """

    def __init__(
        self,
        runner: asyncio.Runner,
        endpoints: Mapping[str, Endpoint],
        judge: Judge,
        reflector: tuple[str, Sampling],
        language: Language,
        meter: Meter,
    ) -> None:
        """`endpoints` by model id; they are put behind `meter`."""
        self._runner, self._judge, self._language = runner, judge, language
        self._meter = meter
        self._asks = endpoints[str(judge.model)]
        self._rewrites = endpoints[reflector[0]]
        self._sampling = reflector[1]
        self._judging = f"judge {judge.id}"
        self._rewriting = f"rewriter {reflector[0]}"
        self._rewritings = 0
        self._kept: dict[tuple[str, str], Heard] = {}
        for endpoint in {self._asks, self._rewrites}:
            behind(endpoint, meter)

    def kept(self, form: "Form", example: Example) -> Heard:
        """What came of the last time that `form` was asked about `example`."""
        return self._kept[form.digest, example.item.key]

    def judged(self, form: "Form", examples: Sequence[Example]) -> list[Heard]:
        """What the judge says of each example, in their order; each item is asked once."""
        owed = {
            x.item.key: x
            for x in examples
            if self._kept.get((form.digest, x.item.key), _OWED).failed
        }
        self._runner.run(self._ask_all(form, list(owed.values())))
        return [self.kept(form, x) for x in examples]

    async def _ask_all(self, form: "Form", examples: Sequence[Example]) -> None:
        places = asyncio.Semaphore(self._asks.model.limits.concurrency)

        async def ask(example: Example) -> None:
            async with places:
                self._kept[form.digest, example.item.key] = await self._ask(form, example)

        await asyncio.gather(*map(ask, examples))

    async def _ask(self, form: "Form", example: Example) -> Heard:
        """One call; a judge's further draws are a study's affair."""
        measured = self._judge.scoring == "measured"
        model = self._asks.model
        config = asked(form, config_of(model, self._judge.sampling, 0), measured)
        try:
            answered = await self._asks.ask(request_for(form, example.item, model.name, config))
            verdict = read(form, example.item, measured, answered.response)
        except EndedError as error:
            return Heard(None, str(error), failed=True)
        except CALL_FAULTS as error:
            fault = describe(error)
            replied = isinstance(error, NotAVerdictError)
            self._meter.useless(self._judging, fault.kind, fault.message, replied)
            return Heard(None, f"{fault.kind}: {fault.message}", failed=True)
        self._meter.useful(self._judging)
        score, reason = scored({"verdict": verdict.model_dump()})
        said = verdict.rationale if score is not None else str(reason)
        return Heard(score, said, failed=score is None and verdict.score is not None)

    def rewritten(self, rubric: Rubric, name: str, cases: Sequence[Case]) -> str | None:
        """The new text of the wording `name`, or None where none came that could be used."""
        return self._runner.run(self._rewrite(rubric, name, cases))

    async def _rewrite(self, rubric: Rubric, name: str, cases: Sequence[Case]) -> str | None:
        model = self._rewrites.model
        question = rewriting.ask(rubric, self._language, name, cases)
        config = config_of(model, self._sampling, self._rewritings)
        self._rewritings += 1
        try:
            answered = await self._rewrites.ask(rewriting.request(question, model.name, config))
            text = rewriting.read(question, answered.response, self._language, cases)
        except EndedError:
            return None
        except NotAWordingError as error:
            self._meter.useless(self._rewriting, error.kind, str(error), replied=True)
            return None
        except CALL_FAULTS as error:
            fault = describe(error)
            self._meter.useless(self._rewriting, fault.kind, fault.message, replied=False)
            return None
        self._meter.useful(self._rewriting)
        return text


_OWED = Heard(None, "", failed=True)
