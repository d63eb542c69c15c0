"""The plain program: the task as it stands is the whole prompt, the reply is the answer."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any

import dspy
from dspy.signatures.signature import Signature
from dspy.utils.exceptions import AdapterParseError

from judges.verdict import Language
from pipeline.programs.thinking import split_thinking
from pipeline.programs.words import NOW, PICK, TASK, aloud

Fit = Callable[[str, Sequence[str], str], tuple[str, list[str]]]
"""The task and the drafts as far as there is room for them beside the words that ask for one."""


class PlainAdapter(dspy.Adapter):
    """Sends the task and nothing else: a small model must not fail on the form of the question."""

    def format(
        self, signature: type[Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """One user message, and after it what the model said so far with what is asked next."""
        messages = [{"role": "user", "content": inputs["task"]}]
        for said, asked in (("thoughts", "now"), ("first", "then")):
            if said in inputs:
                messages.append({"role": "assistant", "content": inputs[said]})
                messages.append({"role": "user", "content": inputs[asked]})
        return messages

    def parse(self, signature: type[Signature], completion: str) -> dict[str, Any]:
        """The whole reply is the answer."""
        return {"answer": completion}


# Made once: DSPy builds a class of each, which takes longer than all else that an answer does here.
_ASKED = dspy.Signature("task -> answer")
_THOUGHT = dspy.Signature("task, thoughts, now -> answer")
_AGAIN = dspy.Signature("task, first, then -> answer")


class Draft(dspy.Module):
    """task -> answer, in one call, or in two where the task has a second turn.

    With `thinks` a call goes before, in which the model thinks aloud.
    """

    def __init__(self, language: Language, thinks: bool) -> None:
        """No state: the prompt is the task."""
        super().__init__()
        self._language: Language = language
        self.think = dspy.Predict(_ASKED) if thinks else None
        self.answer = dspy.Predict(_THOUGHT if thinks else _ASKED)
        self.again = dspy.Predict(_AGAIN)

    async def aforward(self, task: str, then: str | None = None) -> dspy.Prediction:
        """The prediction whose `turns` are the replies; nothing is asked after an empty one.

        In the second turn the model sees its answer without its thinking.
        """
        more, thoughts = {}, ""
        with dspy.context(adapter=PlainAdapter(), disable_history=True):
            if self.think is not None:
                said = await _reply(self.think, task=aloud(task, self._language))
                thoughts = "\n".join(x for x in split_thinking(said) if x)
                more = {"thoughts": thoughts, "now": NOW[self._language]}
            turns = [await _reply(self.answer, task=task, **more)]
            first = split_thinking(turns[0])[1]
            if then is not None and first:
                turns.append(await _reply(self.again, task=task, first=first, then=then))
        return dspy.Prediction(turns=turns, thoughts=thoughts)


async def _reply(predict: Any, **inputs: str) -> str:
    """What the model said; DSPy takes an empty reply for a fault, here it says something."""
    try:
        return str((await predict.acall(**inputs)).answer)
    except AdapterParseError:
        return ""


class Answering(dspy.Module):
    """One draft, which is the answer, or several of which the model picks one."""

    def __init__(self, language: Language, thinks: bool, drafts: int, fit: Fit) -> None:
        """No state: the prompts are the task and what the knobs add."""
        super().__init__()
        self._language: Language = language
        self._fit = fit
        self.drafts = [Draft(language, thinks) for _ in range(drafts)]
        self.pick = dspy.Predict(_ASKED) if drafts > 1 else None

    async def aforward(self, task: str, then: str | None = None) -> dspy.Prediction:
        """The prediction with `turns`, `thoughts`, and which of the drafts was `kept`, from 0.

        `picking` is what the model said when it was asked to pick, None where it was not, and
        `named` the draft that this names: where it names none, the first is kept.
        """
        made = await self._drafted(task, then)
        picking = None if self.pick is None else await self._picking_of(task, then, made)
        named = None if picking is None else picked(picking, len(made))
        kept = named or 0
        return dspy.Prediction(
            turns=made[kept].turns,
            thoughts=made[kept].thoughts,
            kept=kept,
            named=named,
            picking=picking,
        )

    async def _drafted(self, task: str, then: str | None) -> list[Any]:
        """Every draft; where one fails the others are waited for, since they are paid for."""
        asked = (draft.acall(task=task, then=then) for draft in self.drafts)
        made = await asyncio.gather(*asked, return_exceptions=True)
        for one in made:
            if isinstance(one, BaseException):
                raise one
        return made

    async def _picking_of(self, task: str, then: str | None, made: list[Any]) -> str:
        """What the model says when it is asked to pick one of the drafts."""
        answers = ["\n\n".join(split_thinking(x)[1] for x in one.turns) for one in made]
        asked = task if then is None else f"{task}\n\n{then}"
        asked, answers = self._fit(asked, answers, self._picking("", [""] * len(made)))
        with dspy.context(adapter=PlainAdapter(), disable_history=True):
            return await _reply(self.pick, task=self._picking(asked, answers))

    def _picking(self, asked: str, answers: Sequence[str]) -> str:
        """What the model is asked, to pick one of `answers`."""
        parts = [f"{TASK[self._language]}:\n\n{asked}"]
        parts += [f"=== {number} ===\n\n{answer}" for number, answer in enumerate(answers, 1)]
        parts.append(f"======\n\n{PICK[self._language].format(count=len(answers))}")
        return "\n\n".join(parts)


_SHORT = 200
"""Characters beyond which a text is no mere choice: a number in it may be about anything."""


def picked(reply: str, drafts: int) -> int | None:
    """Which draft `reply` names, from 0; None where it names none, or several.

    A short reply may say more than the number; of a long one the first line counts.

    >>> picked("<think>1 or 2?</think> Answer 2.", 3), picked("2) because it sees more", 3)
    (1, 1)
    >>> picked("1 or 2", 3), picked("4", 3), picked("I like both", 3)
    (None, None, None)
    """
    said = split_thinking(reply)[1]
    if len(said) > _SHORT:
        said = said.partition("\n")[0]
    if len(said) > _SHORT:
        return None
    numbers = [int(x) for x in re.findall(r"\d+(?:[.,]\d+)*", said) if x.isdecimal()]
    named = {x for x in numbers if 1 <= x <= drafts}
    return named.pop() - 1 if len(named) == 1 else None
