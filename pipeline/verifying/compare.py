"""What was shown of a model, set beside what an arm's profile and catalogue entry say of it."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from judges.rubric import Text
from pipeline.arms import Arm
from pipeline.models import weights
from pipeline.models.catalogue import answers
from pipeline.models.showing import ROUNDED, WINDOW_STEP, Fact, Source, margin
from pipeline.records import Shown

PARAMETERS_WITHIN = 0.05
"""A profile rounds: 7.6 for 7.62, or the 7 of a name for 7.25."""
BITS_WITHIN = 0.1
"""Embeddings are often kept in more bits: Q4_0 as a whole is 4.5 to 4.9, Q5_0 is 5.5."""
TRAINED = "trained_tokens"
"""The kind of fact that only ever refutes a window: one that is longer, of a file loaded here."""


class Check(NamedTuple):
    """One field, declared and shown."""

    field: str
    """Dotted, as `arms.settings` names it: `profile.context_tokens`, `model.quantisation`."""
    declared: Shown | None
    """None = nothing was declared, so nothing can be contradicted."""
    found: Shown
    source: Source
    agrees: bool
    fact: str
    """The kind of fact that it rests on: `Fact.field`, or what `spent` counts in answers."""
    at: str | None = None
    """When it was shown, where it is remembered."""
    words: Text | None = None
    """What was found in words; None = `found` says it."""

    @property
    def bound(self) -> bool:
        """Whether `found` only bounds the declared value and is none of it."""
        return self.fact in _BOUNDS

    @property
    def final(self) -> bool:
        """Whether it contradicts, and does so whatever the answers that are still owed show.

        That unlimited thinking was not made use of yet does not: a later answer may. Nor does that
        the limit on replies cut it, or that it named no draft: those answers are the arm's own all
        the same.
        """
        return not self.agrees and self.declared != "unlimited" and self.fact != "picked"

    @property
    def shown(self) -> Text:
        """What was found, in words."""
        if self.words is not None:
            return self.words
        if self.fact == "sliding_window":
            if not self.found:
                return Text(en="no sliding window", ru="скользящего окна нет")
            return Text(
                en=f"a sliding window of {self.found} tokens",
                ru=f"скользящее окно в {self.found} токенов",
            )
        en, ru = _WINDOW.get(self.fact, ("{}", "{}"))
        return Text(en=en.format(self.found), ru=ru.format(self.found))


_BOUNDS = (
    "window.accepted",
    "window.refused",
    "thought",
    "cut",
    "spent",
    "filled",
    "experts.differ",
    TRAINED,
)
_WINDOW = {
    "window.accepted": ("takes a prompt of {} tokens", "принимает запрос из {} токенов"),
    "window.refused": ("refuses a prompt of {} tokens", "отвергает запрос из {} токенов"),
    "window.kept": (
        "cuts a longer prompt to {} tokens without a word",
        "молча обрезает более длинный запрос до {} токенов",
    ),
    TRAINED: ("was made for a window of {} tokens", "сделан для окна в {} токенов"),
}


Agrees = Callable[[Shown, Fact], bool | None]
"""Whether a declared value and a fact agree; None where they cannot be compared."""


def checks(arm: Arm, facts: Iterable[Fact]) -> tuple[Check, ...]:
    """Everything that was shown of fields that the arm declares or could declare.

    Facts of other kinds (the build of a server) give none; nor does the window a model was made
    for, but where a file that is loaded here, as it is, is given a longer one.
    """
    found = [
        Check(field, declared, fact.value, fact.source, agrees, fact.field, fact.at)
        for fact in facts
        for field, declared in _declared(arm, fact.field)
        if (agrees := _agrees(arm, declared, fact)) is not None
    ]
    return tuple(found)


def _declared(arm: Arm, field: str) -> list[tuple[str, Shown | None]]:
    """The fields of the arm that a fact tells about, and what each declares."""
    profile, model = arm.profile, arm.model
    if field == "sliding_window":
        extras = None if profile.extras is None else ", ".join(profile.extras) or "none"
        own = model.serving.sliding_window if model.serving is not None else None
        served: list[tuple[str, Shown | None]] = [("model.serving.sliding_window", own)]
        return [("profile.extras", extras), *(served if own is not None else [])]
    windows: list[tuple[str, Shown | None]] = [
        ("profile.context_tokens", profile.context_tokens),
        *([("model.context_tokens", model.context_tokens)] if model.context_tokens else []),
    ]
    if arm.knobs.window_tokens is not None or (
        profile.context_tokens is None and field.startswith("window.")
    ):
        # A window that we cut to is not the server's; a bound on an undeclared one shows no value.
        windows = windows[1:]
    ours: dict[str, list[tuple[str, Shown | None]]] = {
        "parameters_billion": [("profile.parameters_billion", profile.parameters_billion)],
        "weight_bits": [("profile.weight_bits", profile.weight_bits)],
        "quantisation": [
            ("profile.quantisation", profile.quantisation),
            *([("model.quantisation", model.quantisation)] if model.quantisation else []),
        ],
        "experts.total": [("profile.experts.total", profile.experts.total)],
        "experts.active": [("profile.experts.active", profile.experts.active)],
        "experts.size_billion": [("profile.experts.size_billion", profile.experts.size_billion)],
        "context_tokens": windows,
        "window.accepted": windows,
        "window.refused": windows,
        "window.kept": windows,
        TRAINED: windows if model.provider == "gguf" else [],  # a server may stretch it
        "fingerprint": [("model.fingerprint", model.fingerprint)],
        "name": [("model.name", model.name)],
        "replied": [("model.name", model.name)],
        "root": [("model.name", model.name)] if model.provider == "vllm" else [],
    }
    return ours.get(field, [])


def _agrees(arm: Arm, declared: Shown | None, fact: Fact) -> bool | None:
    if fact.field == "sliding_window":
        return _same_window_of_attention(declared, fact)
    if fact.field == TRAINED:
        return False if int(declared or 0) > int(fact.value) else None
    if declared is None:
        return True
    if fact.field in ("name", "replied"):
        return all(answers(arm.model, x) for x in str(fact.value).split(", "))
    return _RULES.get(fact.field, _same)(declared, fact)


def _same(declared: Shown, fact: Fact) -> bool:
    return declared == fact.value


def _within(share: float) -> Agrees:
    return lambda declared, fact: (
        abs(float(declared) - float(fact.value)) <= share * float(declared)
    )


def _same_root(declared: Shown, fact: Fact) -> bool | None:
    """By names of a hub, which does not tell large letters from small.

    A folder that was loaded, or a name of the user's own, says nothing of the weights.
    """
    names = (str(declared), str(fact.value))
    if not all(re.fullmatch(_OF_A_HUB, x) for x in names):
        return None
    return names[0].casefold() == names[1].casefold()


_OF_A_HUB = r"[A-Za-z0-9][\w.-]*/[\w.-]+"


def _same_context(declared: Shown, fact: Fact) -> bool:
    most = int(declared) + (WINDOW_STEP - 1 if fact.source in ROUNDED else 0)
    return int(declared) <= int(fact.value) <= most


def _accepts(declared: Shown, fact: Fact) -> bool:
    """A prompt about as long as the window was taken whole, and none that is longer."""
    least, most = int(declared) - margin(int(declared)), int(declared) + WINDOW_STEP - 1
    # What a list calls the longest prompt of an API is the window of its maker, not set by us.
    return int(fact.value) >= least and (fact.source == "listed" or int(fact.value) <= most)


def _refuses(declared: Shown, fact: Fact) -> bool:
    """No prompt that should fit was refused."""
    return int(fact.value) > int(declared) - margin(int(declared))


def _keeps(declared: Shown, fact: Fact) -> bool:
    """What was left of a prompt that was cut without a word is about the window."""
    return abs(int(fact.value) - int(declared)) <= margin(int(declared)) + WINDOW_STEP


def _same_quantisation(declared: Shown, fact: Fact) -> bool | None:
    """By name, where what is declared is the name of a kind of GGUF, or none."""
    found, said = str(fact.value).upper(), str(declared).upper().replace("-", "_")
    said = {"FP16": "F16", "FP32": "F32", "BFLOAT16": "BF16", "FLOAT16": "F16"}.get(said, said)
    if said == "NONE":
        return found in weights.UNQUANTISED
    if said not in weights.type_names():
        return None
    return said == found or found.startswith(f"{said}_") or said.startswith(f"{found}_")


def _same_window_of_attention(declared: Shown | None, fact: Fact) -> bool | None:
    """Extras name a sliding window where the file has one; `serving` says how many tokens.

    That a file has none refutes the extras that name it and proves none of the others.
    """
    if isinstance(declared, int):
        return declared == fact.value
    if declared is None:
        return None
    if ("sliding_window" in str(declared)) != bool(fact.value):
        return False
    return True if declared == "sliding_window" else None


_RULES: dict[str, Agrees] = {
    "parameters_billion": _within(PARAMETERS_WITHIN),
    "weight_bits": _within(BITS_WITHIN),
    "experts.size_billion": _within(BITS_WITHIN),
    "context_tokens": _same_context,
    "quantisation": _same_quantisation,
    "root": _same_root,
    "window.accepted": _accepts,
    "window.refused": _refuses,
    "window.kept": _keeps,
}
