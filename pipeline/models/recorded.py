"""Answers that somebody else wrote or a model gave earlier, read from a file and given back."""

from pathlib import Path
from typing import Annotated, Literal

from dspy.lm15 import InvalidRequestError, Message, Request, Response, TextPart, ThinkingPart, Usage
from pydantic import Field, StrictInt, StrictStr

from judges.rubric import Slug
from judges.verdict import Frozen, Language
from pipeline import files
from pipeline.models.catalogue import Model
from pipeline.models.showing import Fact
from pipeline.tasks import TURN, Task


class Answer(Frozen):
    """One recorded answer."""

    task: Slug
    language: Language
    variant: StrictStr
    """Which of the file's answerers gave it: the `name` of the model entry."""
    draw: Annotated[StrictInt, Field(ge=0)] = 0
    text: StrictStr
    reasoning: StrictStr | None = None
    truncated: bool = False
    levels: dict[Slug, StrictInt] = Field(default_factory=dict)
    """Where the text was written for certain levels of the rubrics: which."""


class Answers(Frozen):
    """A file of recorded answers."""

    origin: Literal["written", "model"]
    """`written`: composed by a person for a purpose; the report says so in its first line."""
    answers: tuple[Answer, ...] = Field(min_length=1)


def load(path: Path, root: Path) -> Answers:
    """The recorded answers of a file.

    Raises:
        UserError: as for `files.load`.
    """
    return files.load(path, Answers, root)


_LANGUAGES: tuple[Language, ...] = ("en", "ru")


class RecordedEngine:
    """Looks the prompt up. The request's seed says which draw; without a seed it is the first."""

    def __init__(self, model: Model, root: Path, tasks: tuple[Task, ...]) -> None:
        """Read the file and note under which prompt each answer is found."""
        self.model = model
        prompts = {(t.id, lang): t.first(lang) for t in tasks for lang in _LANGUAGES}
        self._answers = {
            (prompts[x.task, x.language], x.draw): x
            for x in load(root / str(model.file), root).answers
            if x.variant == model.name and (x.task, x.language) in prompts
        }

    async def complete(self, request: Request) -> Response:
        """The recorded answer.

        Raises:
            dspy.lm15.InvalidRequestError: none is recorded for this prompt and draw.
        """
        prompt, draw = request.messages[0].text or "", request.config.seed or 0
        answer = self._answers.get((prompt, draw))
        if answer is None:
            said = (
                f"{self.model.file} has no answer of {self.model.name!r} to {prompt[:60]!r}, "
                f"draw {draw}"
            )
            raise InvalidRequestError(said, provider="recorded")
        turns = answer.text.split(TURN)
        text = turns[min(len(request.messages) // 2, len(turns) - 1)]
        thinking = [ThinkingPart(answer.reasoning)] if answer.reasoning else []
        return Response(
            id=None,
            model=self.model.name,
            message=Message.assistant([*thinking, TextPart(text)]),
            finish_reason="length" if answer.truncated else "stop",
            usage=Usage(),
        )

    async def probe(self) -> None:
        """Nothing to ask: the file was read when the engine was made."""

    async def shown(self) -> tuple[Fact, ...]:
        """Nothing: a file of answers knows no model."""
        return ()

    async def aclose(self) -> None:
        """Nothing to close."""
