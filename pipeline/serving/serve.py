"""Serving one arm: what would be started, and starting it."""

import os
import shlex
from pathlib import Path
from typing import NamedTuple, NoReturn

from pipeline import arms, study
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.models import catalogue
from pipeline.serving import cards, command, estimate, memory, options, refusals
from pipeline.serving.cards import Card, Machine
from pipeline.serving.installed import Installed
from pipeline.serving.memory import Fit
from pipeline.serving.options import Listed
from pipeline.study import Design


class Planned(NamedTuple):
    """A `vllm serve` that nothing is known against."""

    arguments: tuple[str, ...]
    """After `vllm serve`."""
    fit: Fit | None
    """The cards it is for; None where it takes more than 8, or memory is not known."""
    machine: Machine
    listed: Listed


def load(name: str, of: str | None, root: Path) -> Arm:
    """The arm `data/arms/<name>.yaml` with its model, or the arm so called of the study `of`.

    Raises:
        UserError: every fault of the arm or the catalogue, or of the study.
    """
    arm = _of_file(name, root) if of is None else _of_study(name, study.load(of, root))
    if arm.model.provider in ("vllm", "gguf"):
        return arm
    said = {
        "recorded": f"has recorded answers in {arm.model.file}: there is no model to start",
        "openai-compatible": f"is another program's, at {arm.model.base_url}: start it there",
    }.get(arm.model.provider, f"is served by {arm.model.provider}: there is nothing to start")
    raise UserError(f"{name}: its model {arm.model.id} {said} (vllm and gguf are started here)")


def _of_file(name: str, root: Path) -> Arm:
    path = root / "data" / "arms" / f"{Path(name).stem if name.endswith('.yaml') else name}.yaml"
    arm = arms.load(path, root, catalogue.load(root / "data" / "models.yaml", root))
    assert arm is not None
    return arm


def _of_study(name: str, design: Design) -> Arm:
    found = next((x for x in design.arms if x.name == name), None)
    if found is None:
        known = ", ".join(x.name for x in design.arms)
        raise UserError(f"no arm {name!r} in the study {design.study.name}; there are: {known}")
    return found


def planned(arm: Arm, listed: Listed) -> Planned:
    """The command for a `vllm` arm, checked against the listed options.

    Raises:
        UserError: every reason why vLLM would refuse it, and what would be right.
    """
    faults = list(refusals.of(arm, listed.options))
    machine = None
    try:
        machine = cards.machine(arm.model.serving.card if arm.model.serving else None)
    except UserError as error:
        faults.append(f"data/models.yaml: {arm.model.id}: serving.{error}")
    if faults or machine is None:
        raise UserError("\n".join(faults))
    fit = memory.smallest(arm, machine.card)
    named = arm.model.serving.card if arm.model.serving else None
    if fit is None and memory.fit(arm, machine.card, 1) is not None:
        able = [f"{x.cards} x {x.card.name}" for x in memory.holding(arm)]
        if named is not None or not able:  # else another card can be taken than the one supposed
            said = f"serving.card is {named!r}: " if named is not None else ""
            raise UserError(
                f"data/models.yaml: {arm.model.id}: {said}{_overfull(machine.card)}; these would: "
                f"{', '.join(able) or 'none'}"
            )
    arguments = command.arguments(arm, fit.cards if fit is not None else None)
    unknown = options.argument_faults(arguments, listed.options)
    if unknown:
        raise UserError("\n".join(f"{arm.where}: vllm serve: {x}" for x in unknown))
    return Planned(arguments, fit, machine, listed)


def shown(arm: Arm, plan: Planned) -> list[str]:
    """The command as a shell takes it, then all that is said of it as comments."""
    notes = [
        f"checked against {plan.listed.source}",
        _placed(arm, plan),
        *estimate.lines(arm, plan.fit.cards if plan.fit is not None else None),
    ]
    return [written(plan.arguments), *(f"# {x}" for x in notes)]


def written(arguments: tuple[str, ...]) -> str:
    """The command, quoted for a shell, one flag a line."""
    parts = ["vllm serve"]
    for argument in arguments:
        flag = argument.startswith("--")
        parts.append((" \\\n  " if flag else " ") + shlex.quote(argument))
    return "".join(parts)


def start(arm: Arm, plan: Planned, found: Installed) -> NoReturn:
    """Become `vllm serve`.

    Raises:
        UserError: the cards here do not hold it, or the package has no command.
    """
    if found.command is None:
        raise UserError(f"{found.package}: vLLM is there, but no command `vllm` beside it")
    if short := _short(arm, plan):
        raise UserError(f"{arm.name}: {short}")
    os.execv(found.command, ["vllm", "serve", *plan.arguments])


def _short(arm: Arm, plan: Planned) -> str:
    """Why this machine does not hold it; empty where it does, or where memory is not known."""
    card, here = plan.machine.card, plan.machine.here or 0
    if memory.fit(arm, card, 1) is None:
        return ""
    if plan.fit is None:
        return _overfull(card)
    if plan.fit.cards > here:
        return f"needs {plan.fit.cards} x {card.name}, and {here} are in this machine"
    return ""


def _overfull(card: Card) -> str:
    return f"{cards.COUNTS[-1]} x {card.name} do not hold it: lower context_tokens, or quantise"


def _placed(arm: Arm, plan: Planned) -> str:
    """One line on the cards that the command is for."""
    card, why = plan.machine.card.name, plan.machine.why
    count = plan.fit.cards if plan.fit is not None else None
    chosen = f"for {count} x {card} ({why})" if count else f"reckoned on {card} ({why})"
    short = _short(arm, plan) if plan.machine.here or plan.fit is None else ""
    return f"{chosen}; {short}" if short else chosen
