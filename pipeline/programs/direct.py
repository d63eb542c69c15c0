"""The plain program: the task as it stands is the whole prompt, the reply is the answer."""

from typing import Any

import dspy
from dspy.signatures.signature import Signature


class PlainAdapter(dspy.Adapter):
    """Sends the task and nothing else: a small model must not fail on the form of the question."""

    def format(
        self, signature: type[Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """One user message."""
        return [{"role": "user", "content": inputs["task"]}]

    def parse(self, signature: type[Signature], completion: str) -> dict[str, Any]:
        """The whole reply is the answer."""
        return {"answer": completion}


class Direct(dspy.Module):
    """task -> answer, in one call."""

    def __init__(self) -> None:
        """No state: the prompt is the task."""
        super().__init__()
        self.answer = dspy.Predict("task -> answer")

    async def aforward(self, task: str) -> dspy.Prediction:
        """The prediction whose `answer` is the reply."""
        with dspy.context(adapter=PlainAdapter(), disable_history=True):
            return await self.answer.acall(task=task)
