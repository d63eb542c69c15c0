"""The ladder resolved: from the ends and the study's ablations to arms, each whole."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from judges.rubric import Text
from judges.sampling import Sampling
from pipeline.ablations import Ablation, Interaction, Level, Move
from pipeline.arms import Arm, check_window, find_model, inference, thinking_sent
from pipeline.capacity import Profile
from pipeline.errors import UserError
from pipeline.knobs import Knobs
from pipeline.models.catalogue import Model
from pipeline.models.serving import Serving
from pipeline.rungs import Crossing, End, Factor, Rung

_MAY_DIFFER: dict[Factor, tuple[str, ...]] = {
    "quantisation": ("quantisation", "name", "revision", "file", "fingerprint"),
    "size": ("shape", "name", "revision", "file", "fingerprint"),
    "context": ("context_tokens",),
    "attention": ("serving.kv_cache", "serving.sliding_window"),
    "experts": ("serving.active_experts",),
    "speculative": ("serving.speculative",),
}
"""What of a model's entry a factor is, and what must follow it: other weights are another file."""
_OTHER_FILE = ("file", "fingerprint", "name")
"""What of a GGUF file with other active experts differs: its header says how many there are."""
_HELD = (
    "provider",
    "family",
    "training",
    "name",
    "revision",
    "quantisation",
    "file",
    "fingerprint",
    "shape",
    "context_tokens",
    "refuses",
)


class Ladder(NamedTuple):
    """All arms between the ends."""

    arms: tuple[Arm, ...]
    """Without the ends, each asked once."""
    rungs: tuple[Rung, ...]
    crossings: tuple[Crossing, ...]


NONE = Ladder((), (), ())


def resolve(
    ablations: Sequence[Ablation],
    interactions: Sequence[Interaction],
    ends: Mapping[End, Arm],
    models: dict[str, Model],
    where: str,
) -> Ladder:
    """Every arm that the ablations and interactions name, identical ones once.

    Raises:
        UserError: every level that cannot be, one a line; `where` is the study's file.
    """
    found = _Arms(ends)
    faults: list[str] = []
    rungs = []
    for number, ablation in enumerate(ablations):
        end = ends[ablation.start]
        for place, level in enumerate(ablation.levels):
            said = f"{where}: ablations[{number}].levels[{place}]"
            try:
                arm = found.take(moved(end, ablation.factor, level, models, said))
            except UserError as error:
                faults += str(error).splitlines()
                continue
            if arm.name == end.name:
                faults.append(f"{said}: {level.label} is how {end.name} already is: nothing moves")
            last = place + 1 == len(ablation.levels)
            row = (ablation.factor, ablation.start, level.label, place, last, end.name, arm.name)
            rungs.append(Rung(*row))
    crossings = []
    for number, one in enumerate(interactions):
        said = f"{where}: interactions[{number}]"
        try:
            crossings.append(_crossing(one, ends[one.start], models, said, found))
        except UserError as error:
            faults += str(error).splitlines()
    if faults:
        raise UserError("\n".join(faults))
    return Ladder(found.between, tuple(rungs), tuple(crossings))


class _Arms:
    """Arms by what they ask: a second one that asks the same is the first."""

    def __init__(self, ends: Mapping[End, Arm]) -> None:
        self._known = {(x.identity, x.program): x for x in ends.values()}
        self._ends = {x.name for x in ends.values()}

    def take(self, arm: Arm) -> Arm:
        found = self._known.setdefault((arm.identity, arm.program), arm)
        if found is arm and sum(x.name == arm.name for x in self._known.values()) > 1:
            raise UserError(f"{arm.name}: two levels are called so; give them a `name` each")
        return found

    @property
    def between(self) -> tuple[Arm, ...]:
        return tuple(x for x in self._known.values() if x.name not in self._ends)


def _crossing(
    given: Interaction, end: Arm, models: dict[str, Model], where: str, found: _Arms
) -> Crossing:
    first = moved(end, given.first.factor, given.first.level, models, f"{where}.first")
    one = found.take(first).name
    label = f"{given.first.factor} {given.first.level.label}"
    if not isinstance(given.second, Move):
        return Crossing(given.start, label, given.second, end.name, one, None, None)
    factor, level = given.second.factor, given.second.level
    other = found.take(moved(end, factor, level, models, f"{where}.second")).name
    both = found.take(moved(first, factor, level, models, f"{where}.second")).name
    if len({end.name, one, other, both}) < 4:
        raise UserError(f"{where}: two of its four arms are one: nothing is crossed")
    return Crossing(given.start, label, f"{factor} {level.label}", end.name, one, other, both)


def moved(end: Arm, factor: Factor, level: Level, models: dict[str, Model], where: str) -> Arm:
    """`end` with one factor at `level`, and all else as it is.

    Raises:
        UserError: the level names no model, one that differs in more than the factor, or settings
            that cannot be.
    """
    model = end.model
    if level.model is not None:
        model = find_model(level.model, models, f"{where}: model")
        _check_held(end.model, model, factor, where)
    if level.serving.changes():
        model = _served(model, level.serving, where)
    try:
        sampling = _sampled(end.sampling, factor, level.sampling)
        knobs = Knobs(**{**end.knobs.model_dump(), **level.knobs.model_dump(exclude_unset=True)})
        check_window(sampling, knobs)
    except (ValidationError, ValueError) as error:
        raise UserError(f"{where}: {_first(error)}") from None
    name = f"{end.name}+{factor}={level.label}"
    title = Text(en=f"{end.title.en}: {level.label}", ru=f"{end.title.ru}: {level.label}")
    profile = _claimed(end, factor, model, sampling, knobs, level)
    return Arm(name, title, model, end.program, sampling, profile, knobs)


def _check_held(old: Model, new: Model, factor: Factor, where: str) -> None:
    """Refuse another model that differs from the end's in more than its factor, or not in it."""
    free = _MAY_DIFFER[factor]
    follows = _OTHER_FILE if factor == "experts" and old.provider == "gguf" else ()
    was, now = (x.serving.changes() if x.serving else {} for x in (old, new))
    differ = [x for x in _HELD if getattr(old, x) != getattr(new, x)]
    differ += [f"serving.{x}" for x in sorted(was.keys() | now.keys()) if was.get(x) != now.get(x)]
    more = [x for x in differ if x not in (*free, *follows)]
    if more:
        raise UserError(
            f"{where}: model {new.id!r} differs from {old.id!r} in {', '.join(more)} too; a "
            f"level of {factor} may differ in {', '.join(free)} alone (one factor at a time)"
        )
    itself = {"quantisation": ("quantisation",), "size": ("name", "shape", "file")}
    if not set(differ) & {*itself.get(factor, free), *follows}:
        wanted = " or ".join(itself.get(factor, free))
        raise UserError(f"{where}: model {new.id!r} has the {wanted} of {old.id!r}: nothing moves")


def _served(model: Model, serving: Serving, where: str) -> Model:
    """The same file loaded otherwise."""
    if model.provider != "gguf":
        raise UserError(
            f"{where}: serving: {model.id} is loaded by its server; start one more and give it an "
            "entry in data/models.yaml, which the level then names as `model`"
        )
    old = model.serving.model_dump() if model.serving else {}
    values = model.model_dump() | {"serving": old | serving.model_dump(exclude_none=True)}
    label = "-".join(_plain(x) for x in serving.changes().values())
    try:
        return Model.model_validate(values | {"id": f"{model.id[:40]}__{label}"[:60]})
    except ValidationError as error:
        raise UserError(f"{where}: {_first(error)}") from None


def _plain(value: object) -> str:
    text = "_".join(map(str, value.values())) if isinstance(value, dict) else str(value)
    return "".join(x if x.isalnum() else "_" for x in text.lower())


def _sampled(old: Sampling, factor: Factor, new: Sampling) -> Sampling:
    """`old` with `new` over it; another effort ends the budget of the old one."""
    told = old.told()
    if factor == "thinking" and new.effort is not None:
        told.pop("thinking_budget_tokens", None)
    return Sampling.model_validate(told | new.told())


def _claimed(
    end: Arm, factor: Factor, model: Model, sampling: Sampling, knobs: Knobs, level: Level
) -> Profile:
    """The end's profile where the level moves it: what it does not say is not known any more."""
    values: dict[str, Any] = end.profile.model_dump()
    if level.model is not None and factor == "quantisation":
        values |= {"quantisation": model.quantisation or "not stated", "weight_bits": None}
    if level.model is not None and factor == "size":
        values |= {"parameters_billion": None, "experts": {}}
    if level.model is not None and factor == "experts":
        active = model.serving.active_experts if model.serving else None
        values["experts"] = {**values["experts"], "active": active}
    if factor == "thinking":
        mode = thinking_sent(end._replace(sampling=sampling, knobs=knobs))
        values["thinking"] = {"mode": mode or values["thinking"]["mode"]}
    values["context_tokens"] = knobs.window_tokens or model.context_tokens
    values |= level.profile.model_dump(exclude_none=True)
    moved = end._replace(
        model=model, sampling=sampling, knobs=knobs, profile=Profile.model_validate(values)
    )
    return moved.profile.model_copy(update={"inference": inference(moved)})


def _first(error: Exception) -> str:
    """The first fault, in one line."""
    if isinstance(error, ValidationError):
        one = error.errors(include_url=False)[0]
        place = ".".join(str(x) for x in one["loc"])
        return f"{place}: {one['msg']}" if place else str(one["msg"])
    return str(error)
