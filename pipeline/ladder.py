"""The ladder resolved: from the ends and the study's ablations to arms, each whole."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from judges.rubric import Text
from judges.sampling import Sampling, Settings
from pipeline.ablations import Ablation, Interaction, Level, Move
from pipeline.ablations import moved as given
from pipeline.arms import Arm, check_window, find_model, possible
from pipeline.claims import claimed
from pipeline.errors import Faults, UserError
from pipeline.greedy import unvaried
from pipeline.knobs import Knobs
from pipeline.models.catalogue import TAKES, Model, taken
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
    faults = Faults()
    rungs = []
    for number, ablation in enumerate(ablations):
        end = ends[ablation.start]
        places: dict[str, int] = {}
        for place, level in enumerate(ablation.levels):
            said = f"{where}: ablations[{number}].levels[{place}]"
            arm = faults.take(partial(_taken, end, ablation.factor, level, models, said, found))
            if arm is None:
                continue
            if arm.name == end.name:
                why = f"{level.label} is how {end.name} already is"
                if end.model.provider == "recorded":
                    why = f"{end.name} has recorded answers, which no {ablation.factor} reaches"
                faults.lines.append(f"{said}: {why}: nothing moves")
            elif (first := places.setdefault(arm.name, place)) != place:
                same = f"{level.label} asks what levels[{first}] asks; name it once"
                faults.lines.append(f"{said}: {same}")
            last = place + 1 == len(ablation.levels)
            row = (ablation.factor, ablation.start, level.label, place, last, end.name, arm.name)
            rungs.append(Rung(*row))
    crossed = [
        faults.take(
            partial(_crossing, x, ends[x.start], models, f"{where}: interactions[{number}]", found)
        )
        for number, x in enumerate(interactions)
    ]
    faults.raise_any()
    crossings = tuple(x for x in crossed if x is not None)
    return Ladder(found.between, tuple(rungs), crossings)


class _Arms:
    """Arms by what they ask: a second one that asks the same is the first."""

    def __init__(self, ends: Mapping[End, Arm]) -> None:
        self._known = {(x.identity, x.program): x for x in ends.values()}
        self._ends = {x.name for x in ends.values()}

    def take(self, arm: Arm, where: str) -> Arm:
        found = self._known.setdefault((arm.identity, arm.program), arm)
        if found is arm and sum(x.name == arm.name for x in self._known.values()) > 1:
            said = f"{arm.name}: two levels are called so; give them a `name` each"
            raise UserError(f"{where}: {said}")
        return found

    @property
    def between(self) -> tuple[Arm, ...]:
        return tuple(x for x in self._known.values() if x.name not in self._ends)


def _taken(
    end: Arm, factor: Factor, level: Level, models: dict[str, Model], where: str, found: _Arms
) -> Arm:
    return found.take(moved(end, factor, level, models, where), where)


def _crossing(
    one: Interaction, end: Arm, models: dict[str, Model], where: str, found: _Arms
) -> Crossing:
    faults = Faults()

    def step(start: Arm, move: Move, place: str) -> Arm | None:
        said = f"{where}.{place}"
        return faults.take(partial(_taken, start, move.factor, move.level, models, said, found))

    first = step(end, one.first, "first")
    other = step(end, one.second, "second") if isinstance(one.second, Move) else None
    faults.raise_any()
    assert first is not None
    label = f"{one.first.factor} {one.first.level.label}"
    if not isinstance(one.second, Move):
        return Crossing(one.start, label, one.second, end.name, first.name, None, None)
    both = step(first, one.second, "second")
    faults.raise_any()
    assert other is not None
    assert both is not None
    if len({x.name for x in (end, first, other, both)}) < 4:
        raise UserError(f"{where}: two of its four arms are one: nothing is crossed")
    second = f"{one.second.factor} {one.second.level.label}"
    return Crossing(one.start, label, second, end.name, first.name, other.name, both.name)


def moved(end: Arm, factor: Factor, level: Level, models: dict[str, Model], where: str) -> Arm:
    """`end` with one factor at `level`, and all else as it is.

    Raises:
        UserError: the level names no model, one that differs in more than the factor, or settings
            that cannot be; every fault, one a line.
    """
    faults = Faults()
    model = faults.take(partial(_model, end.model, factor, level, models, where))
    sampling = faults.take(partial(_sampled, end.sampling, factor, level.sampling, where))
    knobs = faults.take(partial(_knobs, end.knobs, level.knobs, where))
    if sampling is not None and knobs is not None:
        try:
            check_window(sampling, knobs)
        except ValueError as error:
            faults.lines.append(f"{where}: {error}")
    faults.raise_any()
    assert model is not None
    assert sampling is not None
    assert knobs is not None
    name = f"{end.name}+{factor}={level.label}"
    title = Text(en=f"{end.title.en}: {level.label}", ru=f"{end.title.ru}: {level.label}")
    arm = Arm(name, title, model, end.program, sampling, end.profile, knobs)
    arm = arm._replace(profile=claimed(end, arm, factor, level, where))
    faults.lines += possible(arm, where)
    if factor == "context" and (window := _window(arm)) == _window(end):
        faults.lines.append(
            f"{where}: {level.label} leaves the window as it is at {end.name} "
            f"({window or 'none'}); a level of context gives another knobs.window_tokens, or a "
            "model with another window: what goes with it (max_tokens, cut) does not move alone"
        )
    if factor == "thinking" and arm.identity != end.identity and _thinks(arm) == _thinks(end):
        faults.lines.append(f"{where}: {_no_thought(end, level)}")
    if factor == "sampling" and (why := unvaried(arm, end)):
        faults.lines.append(f"{where}: {level.label} {why}")
    faults.raise_any()
    return arm


def _thinks(arm: Arm) -> tuple[object, ...]:
    """What is really sent or done about its thinking."""
    sent = taken(arm.model, arm.sampling)
    budget = sent.get("thinking_budget_tokens")
    return sent.get("effort"), budget, arm.knobs.thinking_tokens


def _no_thought(end: Arm, level: Level) -> str:
    """Why a level that moves no more than the length of the reply is none of thinking."""
    provider = end.model.provider
    able = TAKES[provider] - set(end.model.refuses)
    fields = [f"sampling.{x}" for x in ("effort", "thinking_budget_tokens") if x in able]
    return (
        f"{level.label} moves sampling.max_tokens alone, which cuts off the reply and makes no "
        f"thinking shorter: {end.model.id} (provider {provider}) is told nothing else than at "
        f"{end.name}; give another {' or '.join([*fields, 'knobs.thinking_tokens'])}, with which "
        "max_tokens may move"
    )


def _window(arm: Arm) -> int | None:
    """What a task and its reply have to fit into; None = not known, and nothing cuts."""
    return arm.knobs.window_tokens or arm.model.context_tokens


def _model(old: Model, factor: Factor, level: Level, models: dict[str, Model], where: str) -> Model:
    """The model of a level: the end's, another one, or its file loaded otherwise."""
    model = old
    if level.model is not None:
        model = find_model(level.model, models, f"{where}: model")
        _check_held(old, model, factor, where)
    return _served(model, level.serving, where) if given(level.serving) else model


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
    turned = given(serving)
    label = "-".join(
        f"no_{name}" if value is None else _plain(value) for name, value in turned.items()
    )
    values = model.model_dump() | {"serving": old | turned}
    return _valid(Model, values | {"id": f"{model.id[:40]}__{label}"[:60]}, where)


def _plain(value: object) -> str:
    held = [x for x in value.values() if x is not None] if isinstance(value, dict) else [value]
    text = "_".join(map(str, held))
    return "".join(x if x.isalnum() else "_" for x in text.lower())


def _sampled(old: Sampling, factor: Factor, new: Settings, where: str) -> Sampling:
    """`old` with `new` over it; another effort ends the budget of the old one."""
    told = old.told()
    if factor == "thinking" and "effort" in new.model_fields_set:
        told.pop("thinking_budget_tokens", None)
    return _valid(Sampling, told | given(new), f"{where}: sampling")


def _knobs(old: Knobs, new: Knobs, where: str) -> Knobs:
    return _valid(Knobs, old.model_dump() | given(new), f"{where}: knobs")


T = TypeVar("T", Model, Sampling, Knobs)


def _valid(kind: type[T], values: dict[str, Any], where: str) -> T:
    """`values` as a `kind`.

    Raises:
        UserError: every field that is not what it must be, one a line.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise UserError("\n".join(f"{where}: {x}" for x in _told(error))) from None


def _told(error: ValidationError) -> list[str]:
    lines = []
    for one in error.errors(include_url=False):
        place = ".".join(str(x) for x in one["loc"])
        said = one["msg"].removeprefix("Value error, ")
        lines.append(f"{place}: {said}" if place else said)
    return lines
