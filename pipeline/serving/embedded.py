"""A GGUF arm in the embedded engine: what would be loaded, and where it answers."""

from pathlib import Path

from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.models import weights
from pipeline.models.catalogue import Model
from pipeline.serving import command, memory, refusals
from pipeline.serving.cards import GIB

HOST, ANY_PORT = "127.0.0.1", 0


def address(model: Model) -> tuple[str, int]:
    """Where it is to answer: as its base_url says, or else on this machine, at any free port."""
    return command.address(model.base_url) if model.base_url else (HOST, ANY_PORT)


def faults(arm: Arm, root: Path) -> tuple[str, ...]:
    """Why the file cannot be loaded as the catalogue says, one line a reason.

    Raises:
        UserError: there is no such file, or it is no GGUF.
    """
    model = arm.model
    where = f"data/models.yaml: {model.id}"
    found = weights.read(root / str(model.file), f"{where}: file {model.file!r}")
    told = []
    if model.fingerprint is not None and found.fingerprint != model.fingerprint:
        told.append(
            f"{where}: fingerprint is {model.fingerprint!r}, but {model.file} has "
            f"{found.fingerprint!r}: it is another file"
        )
    if found.context_tokens is not None and (model.context_tokens or 0) > found.context_tokens:
        told.append(
            f"{where}: context_tokens is {model.context_tokens}, beyond the "
            f"{found.context_tokens} that the model was made for"
        )
    if not found.chat_template:
        told.append(f"{where}: {model.file} has no chat template; take an instruct version of it")
    return (*told, *refusals.extras(arm))


def shown(arm: Arm, root: Path) -> list[str]:
    """What would be loaded, and the memory it takes.

    Raises:
        UserError: it cannot be; every reason, and what would be right.
    """
    if told := faults(arm, root):
        raise UserError("\n".join(told))
    model = arm.model
    path = root / str(model.file)
    host, port = address(model)
    slots, window = model.limits.concurrency, int(model.context_tokens or 0)
    serving = model.serving.changes() if model.serving is not None else {}
    settings = ", ".join(f"{name} {value}" for name, value in serving.items())
    layers = {-1: "all layers", 0: "no layers"}.get(model.gpu_layers, f"{model.gpu_layers} layers")
    return [
        f"{model.file} into the embedded llama.cpp engine as {model.name!r}, {layers} on the GPU",
        f"{slots} slot{'s' * (slots != 1)} of {window} tokens"
        + (f"; {settings}" if settings else ""),
        _memory(arm, path, slots * window),
        "speed is not estimated: the bandwidth of this machine's memory is not known here",
        f"at http://{host}:{port or '(a free port)'}/v1",
    ]


def _memory(arm: Arm, path: Path, tokens: int) -> str:
    size = f"weights {path.stat().st_size / GIB:.2f} GiB"
    shape = arm.model.shape or weights.shape(path)
    one = memory.token(arm._replace(model=arm.model.model_copy(update={"shape": shape})))
    if one.value is None:
        return f"{size}; keys and values not known: its layers differ in their heads"
    return (
        f"{size}; keys and values {one.value / 1024:.1f} KiB a token, "
        f"{one.value * tokens / GIB:.2f} GiB for all slots"
    )
