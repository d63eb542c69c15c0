"""A rubric's wordings under DSPy's GEPA: what it evaluates, reflects on and accepts."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any, NamedTuple

import dspy
from dspy.teleprompt.gepa.gepa_utils import DspyAdapter
from gepa.api import optimize
from gepa.core.adapter import EvaluationBatch
from gepa.core.result import GEPAResult

from judges import form as forms
from judges.form import Form
from judges.rubric import Rubric
from judges.verdict import Language
from judges.wording import Example, Words, closeness, reworded, words
from pipeline.programs.rewriting import Case

MINIBATCH = 3
"""Answers that one rewriting reflects on: DSPy's own default."""

_SAID: dict[Language, dict[str, str]] = {
    "en": {
        "judged": "The judge gave {score:g}. Its reasons: {said}",
        "abstained": "The judge gave no level. Why: {said}",
        "people": "People gave {scores} (mean {mean:.2g}).",
        "low": " The judge is {gap:.2g} too low.",
        "high": " The judge is {gap:.2g} too high.",
        "agrees": " The judge agrees.",
        "wrote": "People wrote:",
    },
    "ru": {
        "judged": "Судья поставил {score:g}. Его основания: {said}",
        "abstained": "Судья не поставил уровня. Почему: {said}",
        "people": "Люди поставили {scores} (в среднем {mean:.2g}).",
        "low": " У судьи на {gap:.2g} меньше.",
        "high": " У судьи на {gap:.2g} больше.",
        "agrees": " Судья с ними согласен.",
        "wrote": "Люди написали:",
    },
}


class Heard(NamedTuple):
    """What came of asking a judge about one example."""

    score: float | None
    """None where it abstained or the call failed."""
    said: str
    """Its reasons; why it abstained; or what failed."""
    failed: bool


class Evolved(NamedTuple):
    """A candidate that GEPA kept, and its mean closeness on the selection set."""

    words: Words
    score: float


Evaluated = EvaluationBatch[tuple[Example, Heard], Heard]
Ask = Callable[[Form, Sequence[Example]], list[Heard]]
Rewrite = Callable[[Rubric, str, Sequence[Case]], str | None]
"""The new text of one wording of a rubric, given disagreements; None where none came."""


class WordsAdapter(DspyAdapter):
    """DSPy's own adapter to GEPA, where a candidate is a rubric's wordings by name.

    DSPy's would rewrite the instructions of a Predict as one text, which no rubric could be read
    back from, and asks through threads that print. Here a candidate is made a rubric, the rubric
    a form whose Predict is the program, and `ask` puts that form to the judge as a study does.
    """

    def __init__(self, rubric: Rubric, language: Language, ask: Ask, rewrite: Rewrite) -> None:
        """Nothing is asked yet."""
        super().__init__(
            student_module=forms.build(rubric, language).predict,
            metric_fn=closeness,
            feedback_map={},
            custom_instruction_proposer=self._rewritten,
        )
        self._rubric, self._language = rubric, language
        self._ask, self._rewrite = ask, rewrite

    def build_program(self, candidate: Words) -> dspy.Predict:
        """The judge of these words: savable, and what another optimiser may go on with."""
        return self._form(candidate).predict

    def _form(self, candidate: Words) -> Form:
        return forms.build(reworded(self._rubric, self._language, candidate), self._language)

    def evaluate(
        self,
        batch: list[Example],
        candidate: Words,
        capture_traces: bool = False,
        num_threads: int | None = None,
    ) -> Evaluated:
        """The judge's closeness to people on each example; 0 where it gave no score."""
        heard = self._ask(self._form(candidate), batch)
        return EvaluationBatch(
            outputs=heard,
            scores=[
                value(x, example, self._rubric) for x, example in zip(heard, batch, strict=True)
            ],
            trajectories=list(zip(batch, heard, strict=True)) if capture_traces else None,
        )

    def batch_evaluate(
        self, items: list[tuple[Words, list[Example]]], *, capture_traces: bool = True
    ) -> list[Evaluated]:
        """One after the other: what goes on at once is `ask`'s business, not that of threads."""
        return [self.evaluate(batch, words, capture_traces) for words, batch in items]

    def make_reflective_dataset(
        self,
        candidate: Words,
        eval_batch: Evaluated,
        components_to_update: list[str],
    ) -> dict[str, list[dict[str, Any]]]:
        """The examples as the rewriter reads them; failed calls say nothing of the words."""
        records = [
            {
                "Inputs": {"task": example.item.task, "answer": example.item.answer},
                "Generated Outputs": judged(heard, self._language),
                "Feedback": feedback(heard, example, self._language),
            }
            for example, heard in eval_batch.trajectories or []
            if not heard.failed
        ]
        return dict.fromkeys(components_to_update, records) if records else {}

    def _rewritten(
        self,
        candidate: Words,
        reflective_dataset: Mapping[str, Sequence[Mapping[str, Any]]],
        components_to_update: list[str],
    ) -> Words:
        """The new texts; empty where there is nothing to reflect on or nothing usable came."""
        rubric = reworded(self._rubric, self._language, candidate)
        new: Words = {}
        for name in components_to_update:
            cases = [
                Case(**x["Inputs"], judged=x["Generated Outputs"], people=x["Feedback"])
                for x in reflective_dataset.get(name, ())
            ]
            text = self._rewrite(rubric, name, cases) if cases else None
            if text is not None:
                new[name] = text
        return new


def value(heard: Heard, example: Example, rubric: Rubric) -> float:
    """The metric: closeness to the people's mean, 0 where there is no score."""
    return 0.0 if heard.score is None else closeness(heard.score, example, rubric)


def judged(heard: Heard, language: Language) -> str:
    """What the judge gave and why, in words."""
    said = _SAID[language]["abstained" if heard.score is None else "judged"]
    return said.format(score=heard.score, said=heard.said)


def feedback(heard: Heard, example: Example, language: Language) -> str:
    """What people gave and wrote, and how far the judge is from it, in words."""
    said, middle = _SAID[language], mean(example.scores)
    scores = ", ".join(f"{x:g}" for x in example.scores)
    text = said["people"].format(scores=scores, mean=middle)
    if heard.score is not None:
        gap = heard.score - middle
        word = "agrees" if abs(gap) < 0.25 else "low" if gap < 0 else "high"
        text += said[word].format(gap=abs(gap))
    comments = [f"- {' '.join(x.split())}" for x in example.comments if x.strip()]
    return "\n".join([text, said["wrote"], *comments] if comments else [text])


class MostAtIssue:
    """Which wording to rewrite: the one that this candidate tried least, then most at issue.

    At issue is the anchor of the level that the judge gave and of that which people gave, by how
    far they are apart; the question half as much, for it is read every time; the lines of what to
    look for share as much between them.
    """

    def __init__(self, rubric: Rubric) -> None:
        """`rubric` only for its levels."""
        self._rubric = rubric
        self._tried: Counter[tuple[int, str]] = Counter()

    def __call__(
        self,
        state: Any,
        trajectories: Sequence[Any],
        subsample_scores: Sequence[float],
        candidate_idx: int,
        candidate: Words,
    ) -> list[str]:
        """One name, as GEPA asks it of a component selector."""
        lines = sum(name.startswith("look_for") for name in candidate)
        blame = dict.fromkeys(candidate, 0.0)
        for example, heard in trajectories:
            if heard.score is None:
                continue
            middle = mean(example.scores)
            gap = abs(heard.score - middle)
            for level in {round(heard.score), round(middle)}:
                blame[f"levels[{level - self._rubric.scale[0]}].anchor"] += gap
            for name in candidate:
                blame[name] += gap / 2 * (name == "question")
                blame[name] += gap / 2 / lines * name.startswith("look_for")
        name = min(candidate, key=lambda x: (self._tried[candidate_idx, x], -blame[x]))
        self._tried[candidate_idx, name] += 1
        return [name]


class _Watch:
    """GEPA's log, which nobody reads; but a mistake that it would only note there rises."""

    def __init__(self) -> None:
        self._outside = sys.exception()

    def log(self, message: str) -> None:
        error = sys.exception()
        if error is not None and error is not self._outside:
            raise error


def evolve(
    adapter: WordsAdapter,
    rubric: Rubric,
    language: Language,
    reflected: Sequence[Example],
    selected: Sequence[Example],
    stop: Callable[[int, float], bool],
    seed: int,
) -> list[Evolved]:
    """The candidates that GEPA kept, best on `selected` first; the rubric as it is is among them.

    Rewritings are reflected on `reflected` alone. `stop` is asked before each round, with its
    number and the best score so far; GEPA's own limits count evaluations and not what they cost.
    """
    result: GEPAResult[Heard, int] = optimize(
        seed_candidate=words(rubric, language),
        trainset=list(reflected),
        valset=list(selected),
        adapter=adapter,
        module_selector=MostAtIssue(rubric),
        reflection_minibatch_size=min(MINIBATCH, len(reflected)),
        use_merge=True,
        stop_callbacks=lambda state: stop(state.i + 1, max(state.program_full_scores_val_set)),
        logger=_Watch(),
        track_best_outputs=False,
        seed=seed,
    )
    kept = map(Evolved, result.candidates, result.val_aggregate_scores)
    return sorted(kept, key=lambda x: -x.score)
