"""Arms: each one fully resolved model configuration, and which of its settings are enforced."""

from pathlib import Path
from typing import NamedTuple, Self

from pydantic import model_validator

from judges.digest import digest
from judges.rubric import Slug, Text
from judges.sampling import Sampling
from judges.verdict import Frozen
from pipeline import files
from pipeline.capacity import Mark, Profile, ThinkingMode
from pipeline.errors import UserError
from pipeline.knobs import Knobs
from pipeline.models.catalogue import Model, asked_identity, taken
from pipeline.programs.catalogue import IDENTITY, Program


class ArmFile(Frozen):
    """An arm as `data/arms/<id>.yaml` gives it."""

    id: Slug
    title: Text
    model: Slug
    """A name of `data/models.yaml`."""
    program: Program = "direct"
    sampling: Sampling = Sampling()
    knobs: Knobs = Knobs()
    profile: Profile

    @model_validator(mode="after")
    def _window_leaves_room(self) -> Self:
        check_window(self.sampling, self.knobs)
        return self


def check_window(sampling: Sampling, knobs: Knobs) -> None:
    """Refuse a window of which nothing is known to be left for the task.

    Raises:
        ValueError: there is no limit on the reply, or it fills the window, or so little is left
            that nothing could be seen of the drafts of which one is picked.
    """
    if knobs.window_tokens is None:
        return
    if sampling.max_tokens is None:
        raise ValueError("knobs.window_tokens needs sampling.max_tokens: the reply's share of it")
    if sampling.max_tokens >= knobs.window_tokens:
        raise ValueError(
            f"sampling.max_tokens is {sampling.max_tokens}, which leaves nothing of "
            f"knobs.window_tokens, {knobs.window_tokens}, for the task"
        )
    each = (knobs.window_tokens - sampling.max_tokens) // 2 // knobs.candidates
    if knobs.candidates > 1 and each < _LEAST_DRAFT:
        raise ValueError(
            f"knobs.window_tokens is {knobs.window_tokens} and knobs.candidates "
            f"{knobs.candidates}: beside a reply of {sampling.max_tokens} that shows the model "
            f"{each} tokens of each when it picks one, expected {_LEAST_DRAFT} or more"
        )


_LEAST_DRAFT = 32
"""Tokens of a draft below which it could as well be picked unseen."""


class Arm(NamedTuple):
    """An arm with its model: nothing downstream asks where it came from."""

    name: str
    title: Text
    model: Model
    program: Program
    sampling: Sampling
    profile: Profile
    knobs: Knobs = Knobs()

    @property
    def identity(self) -> str:
        """The digest of all that determines its answers: not its name, price or claimed profile."""
        turned = self.knobs.told()
        asked = asked_identity(self.model, self.sampling)
        return digest("arm", asked, *([turned] if turned else []))

    @property
    def where(self) -> str:
        """How messages name it: its file, or the step of a ladder that it is."""
        return f"arm {self.name}" if "+" in self.name else f"data/arms/{self.name}.yaml"

    @property
    def program_identity(self) -> str:
        """The digest of what its program asks."""
        return IDENTITY[self.program]


class Setting(NamedTuple):
    """One field of an arm and how it is known."""

    field: str
    value: str
    mark: Mark


def load(path: Path, root: Path, models: dict[str, Model] | None) -> Arm | None:
    """The arm of a file; None where the file is sound but the catalogue itself is at fault.

    Raises:
        UserError: the file does not fit, or names a model that is not in the catalogue.
    """
    arm = files.load(path, ArmFile, root)
    name = files.shown(path, root)
    if arm.id != path.stem:
        raise UserError(f"{name}: id is {arm.id!r}, expected {path.stem!r} (the file's name)")
    if models is None:
        return None
    model = find_model(arm.model, models, f"{name}: model")
    made = Arm(arm.id, arm.title, model, arm.program, arm.sampling, arm.profile, arm.knobs)
    if faults := possible(made, name):
        raise UserError("\n".join(faults))
    return made


def find_model(wanted: str, models: dict[str, Model], where: str) -> Model:
    """The model of that name.

    Raises:
        UserError: there is none; the message says which there are.
    """
    if wanted not in models:
        known = ", ".join(sorted(models))
        raise UserError(f"{where} {wanted!r} is not in data/models.yaml; there are: {known}")
    return models[wanted]


def possible(arm: Arm, name: str) -> list[str]:
    """Why no model can be what the arm says, one line a reason; `name` is where it says so."""
    model, claimed = arm.model, arm.profile.context_tokens
    window, cut = model.context_tokens, arm.knobs.window_tokens
    given = f"the window of {window} that data/models.yaml gives {model.id}"
    found, held = [], cut or window
    if window is not None and (cut or 0) > window:
        found.append(f"knobs.window_tokens is {cut}, beyond {given}")
    if window is not None and (claimed or 0) > window:
        found.append(f"profile.context_tokens is {claimed}, beyond {given}")
    elif claimed is not None and (
        not cuts_to(claimed, cut) if cut is not None else claimed != (window or claimed)
    ):
        found.append(
            f"profile.context_tokens is {claimed}, but knobs.window_tokens cuts to {cut}; make "
            "them one (where answers show that a tokeniser makes more tokens than are estimated, "
            f"the knob may be down to a quarter of the window: {-(-claimed // _FEWEST)})"
            if cut is not None
            else f"profile.context_tokens is {claimed}, but nothing cuts a task to that: it has "
            f"{given}; write {window} in both, {claimed} in both, or cut by knobs.window_tokens"
        )
    if window is not None and (arm.sampling.max_tokens or 0) >= window:
        found.append(
            f"sampling.max_tokens is {arm.sampling.max_tokens}, which leaves no room for a task in "
            f"{given}"
        )
    budget = arm.sampling.thinking_budget_tokens
    if held is not None and (budget or 0) >= held:
        found.append(
            f"sampling.thinking_budget_tokens is {budget}, which leaves no room for a task in a "
            f"window of {held}"
        )
    experts = arm.profile.experts
    if experts.total is not None and (experts.active or 0) > experts.total:
        found.append(
            f"profile.experts.active is {experts.active}, more than the {experts.total} there are "
            "(profile.experts.total)"
        )
    if model.provider == "anthropic" and arm.sampling.max_tokens is None:
        found.append("sampling.max_tokens is missing (Anthropic requires it)")
    return [f"{name}: {x}" for x in (*found, *_thinking_faults(arm), *_alike(arm))]


def _alike(arm: Arm) -> list[str]:
    """Where the drafts of which a model is to pick one would all be the same text."""
    drafts, setting = arm.knobs.candidates, greedy(arm)
    if drafts == 1 or setting is None:
        return []
    return [
        f"knobs.candidates is {drafts}, but {setting}, at which every "
        "draft is the same text whatever its seed; let it vary, or ask for one candidate"
    ]


def greedy(arm: Arm) -> str | None:
    """The setting by which the model always takes its most probable token, in words; None = none.

    Nothing that narrows or widens the choice changes its answers then; penalties do.
    """
    sent = taken(arm.model, arm.sampling)
    found = (f"sampling.{x} is {y}" for x, y in _GREEDY.items() if sent.get(x) == y)
    return next(found, None)


_GREEDY = {"temperature": 0, "top_k": 1}


_FEWEST = 4
"""How many tokens at most a tokeniser makes of one that is estimated: about one of each letter."""


def cuts_to(claimed: int, cut: int) -> bool:
    """Whether cutting to `cut` tokens by estimate may give a window of `claimed`."""
    return cut <= claimed <= _FEWEST * cut


_NO_CAPACITY = ("id", "price", "limits", "refuses", "key_env", "base_url", "timeout_seconds")
"""Fields of a model that say where and how hard it is asked, not what it is."""


_LOADED = ("file", "context_tokens", "gpu_layers", "threads", "serving")
"""Fields of a model that the embedded engine is loaded with."""
_TUNED = frozenset(
    {"temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty"}
) | {"effort", "thinking_budget_tokens"}
"""Settings by which inference is no longer the server's default."""


def settings(arm: Arm) -> tuple[Setting, ...]:
    """Every field of the arm that has a value: enforced, refused, or no more than declared.

    What a file, a server or answers showed of them is added by `pipeline.verifying.marks`.
    """
    reaches = taken(arm.model, arm.sampling)
    told: list[Setting] = [
        Setting(f"sampling.{name}", str(value), "enforced" if name in reaches else "refused")
        for name, value in arm.sampling.told().items()
    ]
    turned = arm.knobs.model_dump(exclude_defaults=True)
    told += [Setting(f"knobs.{name}", str(value), "enforced") for name, value in turned.items()]
    embedded = arm.model.provider == "gguf"
    for name, value in arm.model.model_dump(mode="json", exclude_none=True).items():
        if name in _NO_CAPACITY or (name == "gpu_layers" and not embedded):
            continue
        mark: Mark = "enforced" if name == "name" or (embedded and name in _LOADED) else "declared"
        held = (
            _flat(f"model.{name}", value) if isinstance(value, dict) else {f"model.{name}": value}
        )
        told += [Setting(field, str(one), mark) for field, one in held.items()]
    enforced = _enforced(arm)
    return tuple(
        told
        + [
            Setting(name, str(value), "enforced" if name in enforced else "declared")
            for name, value in _flat(
                "profile", arm.profile.model_dump(mode="json", exclude_none=True)
            ).items()
        ]
    )


def inference(arm: Arm) -> str:
    """Whether the settings that reach the model are `tuned` or leave it at its `defaults`."""
    turned = {"instructions", "thinking_tokens", "candidates"} & arm.knobs.told().keys()
    reached = _TUNED & taken(arm.model, arm.sampling).keys()
    return "tuned" if reached or turned else "defaults"


_SHORT = ("minimal", "low", "medium")
"""Efforts by which a provider thinks shorter than it would."""


def thinking_sent(arm: Arm) -> ThinkingMode | None:
    """How long the model may think by what is really sent; None = nothing is said of it."""
    reaches = taken(arm.model, arm.sampling)
    if "thinking_budget_tokens" in reaches or arm.knobs.thinking_tokens is not None:
        return "capped"
    if reaches.get("effort") == "off":
        return "none"
    effort = reaches.get("effort")
    return None if effort is None else "capped" if effort in _SHORT else "unlimited"


def _thinking_faults(arm: Arm) -> list[str]:
    """Where a profile's thinking is another than what is sent, or is cut off by our own waiting."""
    claimed, sent, waited = arm.profile.thinking, thinking_sent(arm), arm.model.timeout_seconds
    effort = taken(arm.model, arm.sampling).get("effort", "off")
    found = []
    if arm.knobs.thinking_tokens is not None and effort != "off":
        found.append(
            f"knobs.thinking_tokens is {arm.knobs.thinking_tokens}, but with effort {effort!r} the "
            "model thinks of itself: its notes would come on top; to cap its own thinking write "
            "sampling.thinking_budget_tokens (vllm, anthropic) or a lower effort; for notes in its "
            "place, effort: 'off'"
        )
    if sent is not None and sent != claimed.mode:
        found.append(
            f"profile.thinking.mode is {claimed.mode!r}, but what is sent (effort, "
            f"thinking_budget_tokens, knobs.thinking_tokens) makes it {sent!r}; make them one"
        )
    if claimed.seconds is not None and claimed.seconds > waited:
        found.append(
            f"profile.thinking.seconds is {claimed.seconds:g}, but data/models.yaml waits "
            f"for {arm.model.id} {waited:g} s (timeout_seconds)"
        )
    return found


def _enforced(arm: Arm) -> frozenset[str]:
    """The fields of the profile that we see to ourselves."""
    embedded = arm.model.provider == "gguf"
    seen_to = {
        "profile.inference": arm.profile.inference == inference(arm),
        "profile.thinking.mode": thinking_sent(arm) == arm.profile.thinking.mode,
        "profile.context_tokens": arm.profile.context_tokens
        in (arm.knobs.window_tokens, arm.model.context_tokens if embedded else None),
    }
    return frozenset(field for field, is_so in seen_to.items() if is_so)


def _flat(prefix: str, values: dict[str, object]) -> dict[str, object]:
    """Nested fields by dotted name."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(f"{prefix}.{name}", value)
        elif isinstance(value, list):
            flat[f"{prefix}.{name}"] = ", ".join(str(x) for x in value) or "none"
        else:
            flat[f"{prefix}.{name}"] = value
    return flat
