"""What is done to every request of an arm beside its settings."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt

from judges.digest import digest
from judges.verdict import Frozen
from pipeline.programs.words import INSTRUCTIONS, NOW, PICK, THINK

Cut = Literal["start", "middle", "end"]
_Count = Annotated[StrictInt, Field(ge=1, le=16)]


def _plain(given: object) -> object:
    return None if given == "brief" else given


def _start(given: object) -> object:
    return "start" if given is None else given


def _one(given: object) -> object:
    return 1 if given is None else given


Instructions = Annotated[
    Literal["detailed"] | None,
    BeforeValidator(_plain, json_schema_input_type=Literal["brief", "detailed"] | None),
]


class Knobs(Frozen):
    """What an arm does with a task before, around and after the model's own reply."""

    window_tokens: Annotated[StrictInt, Field(ge=64)] | None = None
    """The task is cut to what a window of so many tokens would hold with the reply; the count is
    estimated from its letters. None = nothing is cut."""
    cut: Annotated[Cut, BeforeValidator(_start, json_schema_input_type=Cut | None)] = "start"
    """What such a window loses: a rolling one the start, and so does null."""
    instructions: Instructions = None
    """`brief`, or None = the task as it stands."""
    thinking_tokens: Annotated[StrictInt, Field(ge=16)] | None = None
    """For a model without thinking of its own: it is first asked to think aloud, in so many tokens
    at most, and then to answer."""
    candidates: Annotated[_Count, BeforeValidator(_one, json_schema_input_type=_Count | None)] = 1
    """Answers that are asked for, of which the model then picks one; null = one."""

    def told(self) -> dict[str, object]:
        """What is turned, by name, with the words it puts: part of what an arm is."""
        told = self.model_dump(exclude_defaults=True)
        if self.window_tokens is None:
            told.pop("cut", None)
        words = {
            "instructions": INSTRUCTIONS,
            "thinking_tokens": (THINK, NOW),
            "candidates": PICK if self.window_tokens is None else (PICK, "cut to the window"),
        }
        return told | {f"{x} words": digest(y) for x, y in words.items() if x in told}
