"""The plain program: the task as it stands is the whole prompt, the reply is the answer."""

from typing import Any

import dspy
from dspy.signatures.signature import Signature

from pipeline.programs.thinking import split_thinking


class PlainAdapter(dspy.Adapter):
    """Sends the task and nothing else: a small model must not fail on the form of the question."""

    def format(
        self, signature: type[Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """One user message, or in a second turn the three messages of both."""
        messages = [{"role": "user", "content": inputs["task"]}]
        if "then" in inputs:
            messages.append({"role": "assistant", "content": inputs["first"]})
            messages.append({"role": "user", "content": inputs["then"]})
        return messages

    def parse(self, signature: type[Signature], completion: str) -> dict[str, Any]:
        """The whole reply is the answer."""
        return {"answer": completion}


class Direct(dspy.Module):
    """task -> answer, in one call, or in two where the task has a second turn."""

    def __init__(self) -> None:
        """No state: the prompt is the task."""
        super().__init__()
        self.answer = dspy.Predict("task -> answer")
        self.again = dspy.Predict("task, first, then -> answer")

    async def aforward(self, task: str, then: str | None = None) -> dspy.Prediction:
        """The prediction whose `turns` are the replies; nothing is asked after an empty one.

        In the second turn the model sees its answer without its thinking.
        """
        with dspy.context(adapter=PlainAdapter(), disable_history=True):
            turns = [str((await self.answer.acall(task=task)).answer)]
            first = split_thinking(turns[0])[1]
            if then is not None and first:
                again = await self.again.acall(task=task, first=first, then=then)
                turns.append(str(again.answer))
        return dspy.Prediction(turns=turns)
