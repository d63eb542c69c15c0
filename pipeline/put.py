"""What is really put to a model of a task: instructions before it, and what its window loses."""

from collections.abc import Sequence
from typing import NamedTuple

from judges.verdict import Language
from pipeline.arms import Arm
from pipeline.costs import tokens_estimated
from pipeline.knobs import Cut
from pipeline.programs.words import INSTRUCTIONS
from pipeline.records import Removed


class Put(NamedTuple):
    """The turns of one task as one arm is asked them."""

    first: str
    second: str | None
    removed: Removed | None
    """What the arm's window had no room for; None = nothing."""


def put(first: str, second: str | None, language: Language, arm: Arm) -> Put | None:
    """What `arm` is asked of a task's turns; None where its window has no room for any of it.

    The window must hold, at its fullest, the task, both replies at their longest and the second
    question: the task is cut to what is left. Tokens are estimated, as in plans.
    """
    if arm.knobs.instructions is not None:
        first = f"{INSTRUCTIONS[language]}\n\n{first}"
    if arm.knobs.window_tokens is None:
        return Put(first, second, None)
    reply = arm.sampling.max_tokens or 0
    room = arm.knobs.window_tokens - reply - (arm.knobs.thinking_tokens or 0)
    if second is not None:
        room -= reply + int(tokens_estimated(second)) + 1
    kept = cut(first, room, arm.knobs.cut)
    if not kept:
        return None
    gone = len(first) - len(kept)
    removed = Removed(where=arm.knobs.cut, characters=gone, of=len(first)) if gone else None
    return Put(kept, second, removed)


def fitted(arm: Arm, task: str, drafts: Sequence[str], words: str) -> tuple[str, list[str]]:
    """A task and drafts of an answer, cut to what `arm`'s window holds with `words` and a reply.

    The task takes half the room at most; the drafts share what it leaves alike, so that none is
    put at a disadvantage.
    """
    if arm.knobs.window_tokens is None:
        return task, list(drafts)
    room = arm.knobs.window_tokens - (arm.sampling.max_tokens or 0) - tokens_estimated(words)
    kept = cut(task, room / 2, arm.knobs.cut)
    each = (room - tokens_estimated(kept)) / len(drafts)
    return kept, [cut(x, each, arm.knobs.cut) for x in drafts]


def cut(text: str, room: float, where: Cut) -> str:
    """As much of `text` as is about `room` tokens, what is lost being lost at `where`.

    >>> cut("a long line of words", 2, "start")
    'f words'
    >>> cut("a long line of words", 2, "middle")
    'a lords'
    """
    if tokens_estimated(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens_estimated(_kept(text, middle, where)) <= room:
            low = middle
        else:
            high = middle - 1
    return _kept(text, low, where)


def _kept(text: str, count: int, where: Cut) -> str:
    if where == "start":
        return text[len(text) - count :]
    if where == "end":
        return text[:count]
    head = (count + 1) // 2
    return text[:head] + text[len(text) - (count - head) :]
