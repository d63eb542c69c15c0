"""What a GGUF file says of itself, read before it is loaded."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import UserError
from pipeline.models.serving import Shape

_BLOCKS = 64
_BLOCK = 1 << 16


class Weights(NamedTuple):
    """The facts of a GGUF file that a study depends on."""

    fingerprint: str
    context_tokens: int | None
    """The window the model was trained for."""
    chat_template: bool


def fingerprint(path: Path) -> str:
    """16 hex characters from the file's size and 64 blocks of 64 KiB spread over it.

    Quantisations, revisions and fine-tunes of one model differ in every block, so a sample tells
    them apart at once where hashing all of a 140 GB file would take minutes.
    """
    size = path.stat().st_size
    state = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for index in range(_BLOCKS):
            file.seek(max(0, size - _BLOCK) * index // (_BLOCKS - 1))
            state.update(file.read(_BLOCK))
    return state.hexdigest()[:16]


def pools(path: Path) -> bool:
    """Whether the GGUF file at `path` says how a text's tokens become one vector."""
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    architecture = fields.get("general.architecture")
    return architecture is not None and f"{architecture.contents()}.pooling_type" in fields


def read(path: Path, shown: str) -> Weights:
    """The facts of the GGUF file at `path`; `shown` is how messages call it.

    Raises:
        UserError: there is no such file, or it is no GGUF.
    """
    from gguf import GGUFReader

    if not path.is_file():
        raise UserError(f"{shown}: no such file (put the weights there, or mend `file`)")
    try:
        fields = GGUFReader(path).fields
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise UserError(f"{shown}: is no GGUF file ({error})") from None
    architecture = fields.get("general.architecture")
    name = architecture.contents() if architecture else ""
    window = fields.get(f"{name}.context_length")
    return Weights(
        fingerprint=fingerprint(path),
        context_tokens=int(window.contents()) if window else None,
        chat_template="tokenizer.chat_template" in fields,
    )


def shape(path: Path) -> Shape | None:
    """The shape that a GGUF file gives, for its memory; None where layers differ in their heads.

    The file is taken to be one that `read` took.
    """
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    architecture = fields["general.architecture"].contents()

    def number(name: str) -> int | None:
        field = fields.get(f"{architecture}.{name}")
        value = field.contents() if field is not None else None
        return value if isinstance(value, int) else None

    heads, width = number("attention.head_count"), number("embedding_length")
    size = number("attention.key_length") or (width // heads if width and heads else None)
    layers, window = number("block_count"), number("context_length")
    kept = number("attention.head_count_kv")
    if layers is None or kept is None or size is None or window is None:
        return None
    return Shape(layers=layers, kv_heads=kept, head_dim=size, context_tokens=window)
