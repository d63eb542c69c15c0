"""What the answers themselves show of an arm: thinking spent, experts at work, names replied."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from judges.rubric import Text
from pipeline.arms import Arm
from pipeline.models.catalogue import named
from pipeline.records import Shown
from pipeline.verifying.compare import Check

_SHOW_THEIR_THINKING = ("vllm", "openai-compatible", "gguf")
"""Where thinking comes as text, so that an answer without any was given without thinking."""


def checks(arm: Arm, records: Sequence[dict[str, Any]]) -> tuple[Check, ...]:
    """What the stored answers of `arm` show; nothing where there are none, or no model gave them.

    `records` are those of `responses.jsonl`.
    """
    # What a server turned away as too long shows nothing.
    given = [x for x in records if x["finish"] != "overflow"]
    if not given or arm.model.provider == "recorded":
        return ()
    return (*_thinking(arm, given), *_experts(arm, given), *_names(arm, given))


def thought(arm: Arm, record: dict[str, Any]) -> bool | None:
    """Whether an answer was thought about; None where the server neither counts nor shows it."""
    counted = record["call"].get("tokens_thinking")
    if counted or record.get("reasoning_words"):
        return True
    if counted == 0 or arm.model.provider in _SHOW_THEIR_THINKING:
        return False
    return None


def _thinking(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """How many answers were thought about: without thinking none may, unlimited some must."""
    mode = arm.profile.thinking.mode
    known = [said for x in records if (said := thought(arm, x)) is not None]
    all_known, thinking = len(known) == len(records), sum(known)
    shown: dict[str, bool | None] = {
        # One answer that was thought about refutes "none" and bears out "unlimited"; an answer
        # of which it is not known leaves the rest unproven.
        "none": False if thinking else True if all_known else None,
        "unlimited": True if thinking else False if all_known else None,
        "capped": None,
    }
    agrees = shown[mode]
    if agrees is None:
        return []
    words = Text(
        en=f"{thinking} of {len(records)} answers were thought about",
        ru=f"с размышлением {thinking} из {len(records)} ответов",
    )
    return [_check("profile.thinking.mode", mode, thinking, agrees, "thought", words)]


def _check(
    field: str,
    declared: Shown | None,
    found: Shown,
    agrees: bool,
    fact: str,
    words: Text | None = None,
) -> Check:
    return Check(field, declared, found, "answers", agrees, fact, words=words)


def _experts(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """The experts at work in the answers: each of them must have as many as are declared."""
    counts = Counter(n for x in records if (n := x["call"].get("experts")) is not None)
    if not counts:
        return []
    field, declared = "profile.experts.active", arm.profile.experts.active
    if len(counts) == 1:
        (found,) = counts
        agrees = declared in (None, found)
        return [_check(field, declared, found, agrees, "experts.active")]
    if declared is None:
        return []  # no one number was shown
    told, every = sorted(counts.items()), counts.total()
    en = ", ".join(f"{n} at work in {x} of {every}" for n, x in told)
    ru = ", ".join(f"{n} в работе в {x} из {every}" for n, x in told)
    words = Text(en=f"the answers differ: {en}", ru=f"ответы расходятся: {ru}")
    found = max(n for n in counts if n != declared)
    return [_check(field, declared, found, False, "experts.differ", words)]


def _names(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """The names under which the server answered, where it said any."""
    names = sorted({name for x in records if (name := x["call"]["model"])})
    if not names:
        return []
    own = arm.model.name
    agrees = all(named(arm.model.provider, own, name) for name in names)
    return [_check("model.name", own, ", ".join(names), agrees, "name")]
