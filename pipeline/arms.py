"""Arms: each one fully resolved model configuration, and what became of every setting of it."""

from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from judges.digest import digest
from judges.rubric import Slug, Text
from judges.sampling import Sampling
from judges.verdict import Frozen
from pipeline import files
from pipeline.capacity import Profile
from pipeline.errors import UserError
from pipeline.knobs import Knobs
from pipeline.models.catalogue import Model, asked_identity, taken
from pipeline.programs.catalogue import IDENTITY, Program

Fate = Literal["sent", "loaded", "refused", "declared"]
"""`sent` with every request, `loaded` into the engine, `refused` by the provider, or only said."""


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
        ValueError: there is no limit on the reply, or it fills the window.
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
    def program_identity(self) -> str:
        """The digest of what its program asks."""
        return IDENTITY[self.program]


class Setting(NamedTuple):
    """One field of an arm and what became of it."""

    field: str
    value: str
    fate: Fate


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
    if model.provider == "anthropic" and arm.sampling.max_tokens is None:
        raise UserError(f"{name}: sampling.max_tokens is missing (Anthropic requires it)")
    window, claimed = model.context_tokens, arm.profile.context_tokens
    if window is not None and claimed is not None and claimed > window:
        raise UserError(
            f"{name}: profile.context_tokens is {claimed}, but data/models.yaml gives "
            f"{model.id} a window of {window}"
        )
    if window is not None and (arm.sampling.max_tokens or 0) >= window:
        raise UserError(
            f"{name}: sampling.max_tokens is {arm.sampling.max_tokens}, which leaves no room for "
            f"a task in the window of {window} that data/models.yaml gives {model.id}"
        )
    return Arm(arm.id, arm.title, model, arm.program, arm.sampling, arm.profile, arm.knobs)


def find_model(wanted: str, models: dict[str, Model], where: str) -> Model:
    """The model of that name.

    Raises:
        UserError: there is none; the message says which there are.
    """
    if wanted not in models:
        known = ", ".join(sorted(models))
        raise UserError(f"{where} {wanted!r} is not in data/models.yaml; there are: {known}")
    return models[wanted]


_NO_CAPACITY = ("id", "price", "limits", "refuses", "key_env", "base_url", "timeout_seconds")
"""Fields of a model that say where and how hard it is asked, not what it is."""


def settings(arm: Arm) -> tuple[Setting, ...]:
    """Every field of the arm that has a value, and whether the model was told of it."""
    reaches = taken(arm.model, arm.sampling)
    told: list[Setting] = [
        Setting(f"sampling.{name}", str(value), "sent" if name in reaches else "refused")
        for name, value in arm.sampling.told().items()
    ]
    turned = arm.knobs.model_dump(exclude_defaults=True)
    told += [Setting(f"knobs.{name}", str(value), "sent") for name, value in turned.items()]
    embedded = arm.model.provider == "gguf"
    loaded = ("file", "context_tokens", "gpu_layers", "threads") if embedded else ()
    for name, value in arm.model.model_dump(mode="json", exclude_none=True).items():
        if name in _NO_CAPACITY or (name == "gpu_layers" and not embedded):
            continue
        fate: Fate = "loaded" if name in loaded else "sent" if name == "name" else "declared"
        told.append(Setting(f"model.{name}", str(value), fate))
    declared = _flat("profile", arm.profile.model_dump(mode="json", exclude_none=True))
    return tuple(told + [Setting(name, str(value), "declared") for name, value in declared.items()])


def _flat(prefix: str, values: dict[str, object]) -> dict[str, object]:
    """Nested fields by dotted name."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(f"{prefix}.{name}", value)
        elif value != []:
            flat[f"{prefix}.{name}"] = value
    return flat
