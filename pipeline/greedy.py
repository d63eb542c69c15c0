"""What of the settings of choice reaches a model, and when none of it can change an answer."""

from pipeline.arms import Arm, greedy
from pipeline.models.catalogue import taken

PENALTIES = ("frequency_penalty", "presence_penalty")


def sent(arm: Arm) -> dict[str, float]:
    """The settings with a number that reach the arm's model."""
    reached = taken(arm.model, arm.sampling)
    return {x: y for x, y in reached.items() if isinstance(y, int | float)}


def unvaried(arm: Arm, end: Arm) -> str | None:
    """Why a step of sampling gives the very answers of its end, in words; None = it need not.

    Where both always take the most probable token, only a penalty changes which one that is. Of a
    step that is its end nothing is said here.
    """
    here, there = greedy(arm), greedy(end)
    if here is None or there is None or arm.identity == end.identity:
        return None
    was, now = (sent(x) for x in (end, arm))
    if any(was.get(x, 0) != now.get(x, 0) for x in PENALTIES):
        return None
    return (
        f"changes no answer: {there} at {end.name} and {here} at the level, at which the most "
        "probable token is taken whatever else is set; let the choice vary (temperature above 0, "
        "top_k other than 1) at one of them, or move a penalty"
    )
