"""The search for better words itself: two sets of examples, GEPA between them, one budget."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judges.panel import Judge, Panel
from judges.rubric import Rubric
from judges.sampling import Sampling
from judges.verdict import Language
from judges.wording import Example, Words, reworded
from pipeline import asking
from pipeline.models.catalogue import Model
from pipeline.probing import ProbeBench
from pipeline.tasks import Task
from pipeline.tuning.metering import Meter

if TYPE_CHECKING:
    from judges.form import Form
    from pipeline.tuning.hearing import Hearing

_REFLECTING = Sampling(max_tokens=4096)
"""What a reflecting model is told that is not the judge itself: room for thinking, little else."""


class Wanted(NamedTuple):
    """Whose words are to be rewritten, and by whom."""

    root: Path
    path: Path
    """The rubric's file, under `root`."""
    rubric: Rubric
    """As the file has it."""
    language: Language
    """The language whose words are rewritten; the other's stay."""
    judge: Judge
    """Who has to come nearer to people. It is asked once an answer, whatever its draws."""
    models: dict[str, Model]
    reflector: str | None = None
    """The model that rewrites; None = the judge's own."""
    tasks: tuple[Task, ...] = ()
    """Only for recorded models."""


class Standing(NamedTuple):
    """How near a judge comes to people on the selection set."""

    score: float
    """Mean closeness, 0 to 1; an answer without a score counts 0."""
    answers: int
    abstained: int
    failed: int
    """Answers whose call failed: that is no fault of the words, see `Proposal`."""

    @property
    def heard(self) -> int:
        """Answers on which the judge said anything."""
        return self.answers - self.failed


def parted(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """The examples to reflect on and those to select by: whole prompts, half of them each.

    Of an odd number the selection set gets one more.
    """
    prompts = sorted({x.prompt for x in examples})
    random.Random(seed).shuffle(prompts)
    first = set(prompts[: len(prompts) // 2])
    return [x for x in examples if x.prompt in first], [
        x for x in examples if x.prompt not in first
    ]


def reflector_of(wanted: Wanted) -> tuple[str, Sampling]:
    """The model that rewrites and what it is told; a judge's own limit may be short for it."""
    judge = wanted.judge
    if wanted.reflector not in (None, judge.model):
        return str(wanted.reflector), _REFLECTING
    most = judge.sampling.max_tokens
    room = None if most is None else max(most, 2048)
    return str(judge.model), judge.sampling.model_copy(update={"max_tokens": room})


def round_calls(reflected: Sequence[Example], selected: Sequence[Example]) -> int:
    """The most calls that one round of GEPA may take, retries aside."""
    from pipeline.programs.evolving import MINIBATCH

    return 2 * min(MINIBATCH, len(reflected)) + 1 + len(selected)


class Found(NamedTuple):
    """What the search came to."""

    words: Words | None
    before: Standing
    after: Standing | None


def search(
    wanted: Wanted,
    reflected: Sequence[Example],
    selected: Sequence[Example],
    meter: Meter,
    seed: int,
) -> Found:
    """Ask judge and rewriter as long as `meter` lets them, and choose.

    Raises:
        UserError: a key is missing or a server does not answer; nothing was asked then.
    """
    from judges import form as forms
    from pipeline.programs.evolving import WordsAdapter, evolve
    from pipeline.tuning.hearing import Hearing

    rubric, language = wanted.rubric, wanted.language
    now = forms.build(rubric, language)
    most = round_calls(reflected, selected)
    with asyncio.Runner() as runner:
        endpoints = runner.run(asking.connected(_models(wanted), _bench(wanted)))
        try:
            hearing = Hearing(
                runner, endpoints, wanted.judge, reflector_of(wanted), language, meter
            )

            def stop(round_: int, best: float) -> bool:
                if all(hearing.kept(now, x).failed for x in selected):
                    last = hearing.kept(now, selected[-1]).said
                    meter.end(f"judge {wanted.judge.id!r} gave no verdict at all ({last})")
                if best >= 1:
                    meter.end("the judge agrees with people on every answer it was chosen by")
                if meter.left < most:
                    meter.end(f"the {meter.left} calls left may be too few: a round takes {most}")
                if round_ >= meter.budget.calls:
                    meter.end("there is no disagreement left to reflect on")
                return meter.ended is not None

            adapter = WordsAdapter(rubric, language, hearing.judged, hearing.rewritten)
            kept = evolve(adapter, rubric, language, reflected, selected, stop, seed)
        finally:
            runner.run(asking.closed(endpoints))
    return _best(hearing, now, [x.words for x in kept], wanted, selected)


def _best(
    hearing: "Hearing",
    now: "Form",
    kept: Sequence[Words],
    wanted: Wanted,
    selected: Sequence[Example],
) -> Found:
    """The best of the kept candidates that really gains on the words as they are."""
    from judges import form as forms

    rubric, language = wanted.rubric, wanted.language
    before = _standing(hearing, now, rubric, selected)
    better: list[tuple[Standing, Words]] = []
    for candidate in kept:
        form = forms.build(reworded(rubric, language, candidate), language)
        standing = _standing(hearing, form, rubric, selected)
        if standing.score > before.score and _gains(hearing, now, form, rubric, selected):
            better.append((standing, candidate))
    if not better:
        return Found(None, before, None)
    standing, candidate = max(better, key=lambda x: x[0].score)
    return Found(candidate, before, standing)


def _models(wanted: Wanted) -> list[Model]:
    return [wanted.models[str(wanted.judge.model)], wanted.models[reflector_of(wanted)[0]]]


def _bench(wanted: Wanted) -> ProbeBench:
    panel = Panel(id="proposing", judges=(wanted.judge,))
    return ProbeBench(wanted.root, panel, (wanted.rubric,), wanted.models, wanted.tasks)


def _standing(
    hearing: "Hearing", form: "Form", rubric: Rubric, selected: Sequence[Example]
) -> Standing:
    from pipeline.programs.evolving import value

    heard = [hearing.kept(form, x) for x in selected]
    scores = [value(h, x, rubric) for h, x in zip(heard, selected, strict=True)]
    return Standing(
        score=sum(scores) / len(scores),
        answers=len(selected),
        abstained=sum(h.score is None and not h.failed for h in heard),
        failed=sum(h.failed for h in heard),
    )


def _gains(
    hearing: "Hearing", now: "Form", new: "Form", rubric: Rubric, selected: Sequence[Example]
) -> bool:
    """Whether `new` is better where neither call failed: a lost call must not look like a gain."""
    from pipeline.programs.evolving import value

    gains = [
        value(hearing.kept(new, x), x, rubric) - value(hearing.kept(now, x), x, rubric)
        for x in selected
        if not hearing.kept(new, x).failed and not hearing.kept(now, x).failed
    ]
    return sum(gains) > 1e-9
