"""The programs by name: what an arm's file may say under `program`."""

from typing import TYPE_CHECKING, Any, Literal

from judges.digest import digest
from judges.verdict import Language

if TYPE_CHECKING:
    from pipeline.programs.direct import Fit

Program = Literal["direct"]

IDENTITY: dict[Program, str] = {"direct": digest("program", "direct", "user message = task")}
"""The digest of what each program asks: it changes when the program would ask something else."""


def build(program: Program, language: Language, thinks: bool, drafts: int, fit: "Fit") -> Any:
    """A new module of that program, a dspy.Module; it has `drafts`, and `pick` where several.

    `fit` cuts what is shown of the drafts to pick one.
    """
    from pipeline.programs.direct import Answering

    return {"direct": Answering}[program](language, thinks, drafts, fit)
