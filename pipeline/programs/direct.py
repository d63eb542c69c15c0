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


class NoPickError(Exception):
    """The model was asked which of its drafts it keeps, and named none: the answer is owed."""


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
        """The prediction with `turns`, `thoughts`, and which of the drafts was `chosen`, from 0.

        Raises:
            NoPickError: the model named none of its drafts.
        """
        made = await asyncio.gather(*(draft.acall(task=task, then=then) for draft in self.drafts))
        chosen = 0 if self.pick is None else await self._picked(task, then, made)
        return dspy.Prediction(
            turns=made[chosen].turns, thoughts=made[chosen].thoughts, chosen=chosen
        )

    async def _picked(self, task: str, then: str | None, made: list[Any]) -> int:
        answers = ["\n\n".join(split_thinking(x)[1] for x in one.turns) for one in made]
        asked = task if then is None else f"{task}\n\n{then}"
        asked, answers = self._fit(asked, answers, self._picking("", [""] * len(made)))
        with dspy.context(adapter=PlainAdapter(), disable_history=True):
            reply = await _reply(self.pick, task=self._picking(asked, answers))
        return picked(reply, len(made))

    def _picking(self, asked: str, answers: Sequence[str]) -> str:
        """What the model is asked, to pick one of `answers`."""
        parts = [f"{TASK[self._language]}:\n\n{asked}"]
        parts += [f"=== {number} ===\n\n{answer}" for number, answer in enumerate(answers, 1)]
        parts.append(f"======\n\n{PICK[self._language].format(count=len(answers))}")
        return "\n\n".join(parts)


_SHOWN = 120
"""Characters of such a reply that the message shows."""


def picked(reply: str, drafts: int) -> int:
    """Which draft `reply` names, from 0.

    Raises:
        NoPickError: it names none, or says more than a number.

    >>> picked("<think>hm</think> 2.", 3)
    1
    """
    said = re.fullmatch(r"\W*(\d{1,2})\W*", split_thinking(reply)[1])
    if said is None or not 1 <= int(said.group(1)) <= drafts:
        shown = reply if len(reply) <= _SHOWN else f"{reply[: _SHOWN - 3]}..."
        raise NoPickError(
            f"picking one of its drafts, the model said {shown!r}; expected the number of one, "
            f"1 to {drafts}, and nothing else"
        )
    return int(said.group(1)) - 1
