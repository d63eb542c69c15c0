"""What the ladder is to the statistics: which arm stands beside which, and what was moved."""

from typing import Literal, NamedTuple

Factor = Literal[
    "quantisation",
    "attention",
    "context",
    "experts",
    "sampling",
    "thinking",
    "extras",
    "size",
    "instructions",
    "speculative",
]
End = Literal["hicap", "locap"]
Way = Literal["up", "down"]
"""To more of a factor, or to less."""
CONTROL = "speculative"
"""The null control: guessing ahead loses nothing, so its effect is 0."""


class Rung(NamedTuple):
    """One arm of the ladder beside the end that it starts from."""

    factor: Factor
    start: End
    level: str
    place: int
    """Among the levels of its ablation, from 0."""
    last: bool
    """Whether it is the farthest level, on which the test of a cause rests."""
    end: str
    """The name of the arm it starts from."""
    arm: str
    """The name of the arm it is: of another rung, or of the other end, where that is the same."""


class Known(NamedTuple):
    """What is known of a rung before anything is scored; of a crossing, what was answered."""

    mark: str | None = None
    """How it is known that it moved its factor; None = not at all."""
    way: Way | None = None
    """Which way it moved it; None = that cannot be told."""
    thought: bool | None = None
    """Whether its answers were seen to be thought about that way, more or less than its end's.

    None = it moves no thinking, or nobody can tell.
    """
    reply: bool = False
    """Whether the limit of the reply moved along with the window."""
    cut: int | None = None
    """Prompts that its window cuts otherwise than its end's; None = it moves no such window."""
    asked: int | None = None
    """Prompts that are put to its arms, each language counted; None = not counted."""
    answered: int | None = None
    """Those of them that all of its arms answered."""


class Crossing(NamedTuple):
    """Two factors crossed from one end."""

    start: End
    first: str
    second: str
    """Another factor's level; or `language` or `long_chain`, which are no factors of an arm."""
    end: str
    one: str
    """The arm with the first factor moved."""
    other: str | None
    """With the second moved; None where the second is no factor of an arm."""
    both: str | None
