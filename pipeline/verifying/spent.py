"""What the answers themselves show of an arm: thinking spent, experts at work, names replied."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from judges.rubric import Text
from pipeline.arms import Arm
from pipeline.models.catalogue import answers, taken
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
    found = (_thinking, _capped, _window, _experts, _picks, _names)
    return tuple(check for of in found for check in of(arm, given))


def thought(arm: Arm, record: dict[str, Any]) -> bool | None:
    """Whether an answer was thought about; None where the server neither counts nor shows it."""
    counted = record["call"].get("tokens_thinking")
    if counted or record.get("reasoning_words"):
        return True
    if counted == 0 or shows(arm):
        return False
    return None


def shows(arm: Arm) -> bool:
    """Whether all thinking of its answers comes as text."""
    return arm.model.provider in _SHOW_THEIR_THINKING


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
    if mode == "unlimited" and (cut := _cut(arm, records)) is not None:
        return [_check("profile.thinking.mode", mode, thinking, False, "cut", cut)]
    words = Text(
        en=f"{thinking} of {len(records)} answers were thought about",
        ru=f"с размышлением {thinking} из {len(records)} ответов",
    )
    return [_check("profile.thinking.mode", mode, thinking, agrees, "thought", words)]


def _cut(arm: Arm, records: Sequence[dict[str, Any]]) -> Text | None:
    """What shows that the limit on replies limits the thinking too; None where it leaves room.

    An answer that was broken off in mid-thought shows it; so does it where no answer that was
    thought about ended by itself.
    """
    thinking = [x for x in records if thought(arm, x)]
    broken = sum((x.get("largest") or {}).get("broken_off", False) for x in thinking)
    cut = sum(x["finish"] == "truncated" for x in thinking)
    if not thinking or (not broken and cut < len(thinking)):
        return None
    where = (" in mid-thought", " в середине размышления") if broken else ("", "")
    told, of = f"{broken or cut}", len(thinking)
    limit = arm.sampling.max_tokens
    return Text(
        en=f"the limit on replies ({limit or 'of the server'}) cut off{where[0]} {told} of {of} "
        "answers that were thought about",
        ru=f"предел длины ответа ({limit or 'у сервера'}) оборвал{where[1]} {told} из {of} "
        "ответов с размышлением",
    )


def _capped(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """The thinking of one call against the cap that is sent: what no answer made use of is open."""
    budget = taken(arm.model, arm.sampling).get("thinking_budget_tokens")
    aloud = arm.knobs.thinking_tokens
    found = []
    if isinstance(budget, int):
        most = _most(records, "thinking")
        found += _within("sampling.thinking_budget_tokens", budget, most, _counts(records))
    if aloud is not None:
        found += _within("knobs.thinking_tokens", aloud, _most(records, "aloud"), True)
        if budget is None and (most := _most(records, "thinking")) > aloud + slack(aloud):
            # It thinks by itself too, and nothing caps that.
            found += _within("knobs.thinking_tokens", aloud, most, _counts(records))
    told = next((x for x in found if not x.agrees), found[0] if found else None)
    if told is None or arm.profile.thinking.mode != "capped":
        return found
    return [*found, told._replace(field="profile.thinking.mode", declared="capped")]


def slack(cap: int) -> int:
    """Tokens by which thinking may go over its cap without contradicting it.

    A server that cuts thinking off closes it with tags and a sentence of its own, which may be
    counted (that of Qwen3's makers is about 25 tokens), and Claude takes a budget for a target.

    >>> slack(64), slack(4096)
    (64, 409)
    """
    return max(64, cap // 10)


def _within(field: str, cap: int, most: int, counted: bool) -> list[Check]:
    """Whether `most`, tokens or at least words, keep to `cap`; none where that shows nothing."""
    agrees = most <= cap + slack(cap)
    if agrees and not (counted and most):
        return []
    words = Text(
        en=f"up to {most} {'tokens' if counted else 'words'} of thinking were spent in one call",
        ru=f"до {most} {'токенов' if counted else 'слов'} размышления за один вызов",
    )
    return [_check(field, cap, most, agrees, "spent", words)]


def _window(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """What the server counts of the calls against the window to which tasks are cut by estimate.

    The window that is meant is the profile's, which may be larger than the knob where a tokeniser
    makes more tokens than are estimated; it is then borne out by a cut task that nearly fills it.
    """
    cut, most = arm.knobs.window_tokens, _most(records, "filled")
    if cut is None or not most:
        return []
    meant = arm.profile.context_tokens or cut
    agrees = most <= meant + max(_BESIDE, meant // 10)
    if agrees and meant != cut:
        shortened = [x for x in records if x.get("removed")]
        if not shortened or _most(shortened, "filled") < _NEARLY * meant:
            return []
    words = Text(
        en=f"the longest call comes to {most} tokens: its prompt as the server counts it, and its "
        "reply at the longest",
        ru=f"самый длинный вызов — {most} токенов: запрос по счёту сервера и ответ наибольшей "
        "длины",
    )
    fields: list[tuple[str, int | None]] = [("profile.context_tokens", arm.profile.context_tokens)]
    if meant == cut:
        fields.append(("knobs.window_tokens", cut))
    return [
        _check(field, said, most, agrees, "filled", words)
        for field, said in fields
        if said is not None
    ]


_BESIDE = 32
"""Tokens that a chat template puts beside a short prompt, and that no estimate knows of."""
_NEARLY = 0.75
"""Of a window, what a task that was cut to it fills at least, since estimates are high."""


def _most(records: Sequence[dict[str, Any]], what: str) -> int:
    """The most of it in any one call of the answers; 0 where nothing is known of it."""
    calls = [x.get("largest") or {} for x in records]
    return max(x.get(what) or 0 for x in calls)


def _counts(records: Sequence[dict[str, Any]]) -> bool:
    """Whether the server counts the tokens of all thinking."""
    return all(x["call"].get("tokens_thinking") is not None for x in records)


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


UNPICKED_WITHIN = 0.25
"""The share of answers up to which a model that names no draft counts as picking: a convention."""


def _picks(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """How often the model named one of its drafts; where it did not, the answer is its first."""
    picks = [pick for x in records if (pick := x.get("pick")) is not None]
    if not picks:
        return []
    named, of = sum(x["number"] is not None for x in picks), len(picks)
    agrees = of - named <= UNPICKED_WITHIN * of
    words = Text(
        en=f"the model named the draft that it keeps in {named} of {of} answers; the others are "
        "its first",
        ru=f"модель назвала черновик, который оставляет, в {named} из {of} ответов; в остальных "
        "взят первый",
    )
    field, declared = "knobs.candidates", arm.knobs.candidates
    if named == of:
        return [_check(field, declared, declared, True, "picked")]
    return [_check(field, declared, named, agrees, "picked", words)]


def _names(arm: Arm, records: Sequence[dict[str, Any]]) -> list[Check]:
    """The names under which the server answered, where it said any."""
    names = sorted({name for x in records if (name := x["call"]["model"])})
    if not names:
        return []
    agrees = all(answers(arm.model, name) for name in names)
    return [_check("model.name", arm.model.name, ", ".join(names), agrees, "name")]
