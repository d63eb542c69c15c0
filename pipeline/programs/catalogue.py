"""The programs by name: what an arm's file may say under `program`."""

from typing import Any, Literal

from judges.digest import digest

Program = Literal["direct"]

IDENTITY: dict[Program, str] = {"direct": digest("program", "direct", "user message = task")}
"""The digest of what each program asks: it changes when the program would ask something else."""


def build(program: Program) -> Any:
    """A new module of that program, a dspy.Module."""
    from pipeline.programs.direct import Direct

    return {"direct": Direct}[program]()
