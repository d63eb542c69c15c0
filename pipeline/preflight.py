"""What can be known to fail before it costs anything: keys, files, windows, dead servers."""

import asyncio
import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.bench import Bench
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.forms import Forms
from pipeline.generate import WantedResponse
from pipeline.models.catalogue import Model
from pipeline.score import WantedVerdict, prompt_tokens
from pipeline.study import Design

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint

_PROBES = 2
_PROBE_SECONDS = 2.2


def model_faults(model: Model, design: Bench, chat: bool = True) -> list[str]:
    """What is missing on this machine for `model`, without asking any server.

    Without `chat` it is only to embed texts.
    """
    where = f"data/models.yaml: {model.id}"
    if model.env is not None and not os.environ.get(model.env):
        return [f"{where} needs the environment variable {model.env}, which is not set"]
    if model.env is not None and not re.fullmatch(r"[!-~]+", os.environ[model.env]):
        said = f"the key in {model.env} holds a space, a line break or a letter that is not ASCII"
        return [f"{where}: {said}"]
    if model.provider == "gguf":
        return _weight_faults(model, design, where, chat)
    if model.provider == "recorded":
        from pipeline.models import recorded

        try:
            recorded.load(design.root / str(model.file), design.root)
        except UserError as error:
            return str(error).splitlines()
    return []


def _weight_faults(model: Model, design: Bench, where: str, chat: bool) -> list[str]:
    from pipeline.models import weights

    path = design.root / str(model.file)
    try:
        found = weights.read(path, f"{where}: file {model.file!r}")
    except UserError as error:
        return [str(error)]
    faults = []
    if model.fingerprint is None:
        faults.append(f'{where} needs a line for {model.file}: fingerprint: "{found.fingerprint}"')
    elif found.fingerprint != model.fingerprint:
        faults.append(
            f"{where}: fingerprint is {model.fingerprint!r}, but {model.file} has "
            f"{found.fingerprint!r}; if it is the file you mean, write fingerprint: "
            f'"{found.fingerprint}"'
        )
    if chat and not found.chat_template:
        faults.append(
            f"{where}: {model.file} has no chat template, so it cannot be asked as a chat model; "
            "take an instruct version of it"
        )
    if found.context_tokens is not None and (model.context_tokens or 0) > found.context_tokens:
        faults.append(
            f"{where}: context_tokens is {model.context_tokens}, the model was made for "
            f"{found.context_tokens}"
        )
    return faults


def recording_faults(owed: Iterable[WantedResponse], design: Design) -> list[str]:
    """The answers that recorded arms owe and their files do not have."""
    return [
        f"{want.arm.model.file}: no answer of variant {want.arm.model.name!r} to task "
        f"{want.task.id!r} in {want.language}, draw {want.draw} (add it, or take the task out of "
        "the study)"
        for want in owed
        if want.arm.model.provider == "recorded"
        and f"{want.arm.name}/{want.task.id}/{want.language}/{want.draw}" not in design.recorded
    ]


def unfit(owed: Iterable[WantedVerdict], design: Bench, forms: Forms) -> dict[str, str]:
    """Of the owed verdicts, those whose prompt and reply do not fit the judge's window, and why."""
    found: dict[str, str] = {}
    for want in owed:
        window = design.models[str(want.judge.model)].context_tokens
        needed = prompt_tokens(want, forms) + (want.judge.sampling.max_tokens or 0)
        if window is not None and needed > window:
            found[want.key] = (
                f"takes about {needed:.0f} tokens with its reply, the window is {window}: not asked"
            )
    return found


def budget_faults(design: Design) -> list[str]:
    """What a budget needs to be kept and the study does not say: prices, and limits on replies."""
    if design.study.budget is None:
        return []
    where = f"data/studies/{design.study.name}.yaml: budget needs"
    asked = [(arm.name, arm.model, arm.sampling) for arm in design.arms] + [
        (judge.id, design.models[judge.model], judge.sampling)
        for judge in design.panel.judges
        if judge.model is not None
    ]
    faults = []
    asking = design.study.landscape
    if asking is not None and asking.embeddings is not None:
        embedder = design.models[asking.embeddings]
        if embedder.price is None:
            faults.append(f"{where} the price of {embedder.id}: set it in data/models.yaml")
    for who, model, sampling in asked:
        if model.price is None:
            faults.append(f"{where} the price of {model.id}: set it in data/models.yaml")
        elif model.price.output_per_million > 0 and sampling.max_tokens is None:
            faults.append(f"{where} a limit on the replies of {who}: set sampling.max_tokens")
    return faults


def embedding_faults(design: Design) -> list[str]:
    """What is missing on this machine for the model that embeds the answers."""
    asked = design.study.landscape
    if asked is None or asked.embeddings is None:
        return []
    return model_faults(design.models[asked.embeddings], design, chat=False)


def task_window_faults(design: Design, forms: Forms) -> list[str]:
    """The judges whose window cannot hold even the rubric and the longest task."""
    faults = []
    for judge in design.panel.judges:
        model = design.models.get(judge.model or "")
        if model is None or model.context_tokens is None:
            continue
        needed, task_id = max(
            (
                forms.tokens(forms.told(rubric.id, design.rubric_language(language), judge, None))
                + tokens_estimated(task.prompt(language))
                + (judge.sampling.max_tokens or 0),
                task.id,
            )
            for rubric in design.rubrics
            for language in design.study.languages
            for task in design.tasks
        )
        if needed > model.context_tokens:
            faults.append(
                f"judges/panels/{design.panel.id}.yaml: judge {judge.id!r} needs about "
                f"{needed:.0f} tokens for rubric, task {task_id!r} and reply before any answer, "
                f"its window is {model.context_tokens}; leave such tasks out, or take another judge"
            )
    return faults


async def probe(endpoints: Iterable["Endpoint"]) -> None:
    """Ask every endpoint something free, all at once, twice at most, in under five seconds.

    Raises:
        UserError: one line per endpoint that cannot be asked.
    """
    said = await asyncio.gather(*(problem(endpoint) for endpoint in endpoints))
    faults = [line for line in said if line is not None]
    if faults:
        raise UserError("\n".join(faults))


async def problem(endpoint: "Endpoint") -> str | None:
    """None where the endpoint answers something free; else the line that says why not."""
    from dspy.lm15 import LM15Error

    from pipeline.models import faults

    model = endpoint.model
    said = ""
    for _ in range(_PROBES):
        try:
            async with asyncio.timeout(None if model.local else _PROBE_SECONDS):
                await endpoint.engine.probe()
            return None
        except LM15Error as error:
            fault = faults.describe(error)
            said = f"{fault.kind}: {fault.message}"
            if fault.kind not in faults.RETRYABLE:
                break
        except TimeoutError:
            said = "timeout: no answer"
    address = model.base_url or (model.file if model.local else f"the {model.provider} API")
    key = f", key from {model.env}" if model.env else ", no key"
    return f"data/models.yaml: {model.id} ({model.name} at {address}{key}): {said}"


def raise_any(faults: list[str]) -> None:
    """Raise `faults` together.

    Raises:
        UserError: there is at least one; at most twenty are shown.
    """
    if faults:
        more = [f"... and {len(faults) - 20} more"] if len(faults) > 20 else []
        raise UserError("\n".join([*dict.fromkeys(faults)][:20] + more))
