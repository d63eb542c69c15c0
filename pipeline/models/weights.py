"""What a GGUF file says of itself, read before it is loaded."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import UserError
from pipeline.models.serving import Shape

_BLOCKS = 64
_BLOCK = 1 << 16
_SHARD = re.compile(r"^(.*)-\d{5}-of-(\d{5})\.gguf$")
UNQUANTISED = frozenset({"F32", "F16", "BF16", "F64"})
"""Types that hold a weight as a number of its own."""


class Tensor(NamedTuple):
    """One tensor of a file."""

    name: str
    kind: str
    """Its type, such as Q4_0."""
    elements: int
    size: int
    """Bytes."""
    matrix: bool
    """Whether it has two dimensions or more."""


class Weights(NamedTuple):
    """The facts of a GGUF file, all its parts together, that a study depends on."""

    fingerprint: str
    """Of the file that is named."""
    context_tokens: int | None
    """The window the model was trained for."""
    chat_template: bool
    architecture: str
    parameters: int
    """Counted from the tensors."""
    bits: float
    """Bits per weight over all tensors: the scales of a quantisation are counted with them."""
    kind: str
    """The type that holds most weights of the layers."""
    file_type: str | None
    """What the header calls the whole, such as Q4_K_M; None where it does not say."""
    experts: int
    """0 = dense."""
    experts_active: int
    expert_parameters: int | None
    """Of one expert, over all layers; None where there are none."""
    sliding_window: int | None
    """Tokens; None = the header has none, so attention reaches back over the whole window."""

    @property
    def quantisation(self) -> str:
        """The name of its quantisation: what the header says where the tensors bear it out."""
        borne_out = self.file_type is not None and self.file_type[:2] == self.kind[:2]
        return str(self.file_type) if borne_out else self.kind


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
        UserError: there is no such file, a part of it is missing, or it is no GGUF.
    """
    from gguf import GGUFReader

    if not path.is_file():
        raise UserError(f"{shown}: no such file (put the weights there, or mend `file`)")
    readers = []
    for part in _parts(path, shown):
        try:
            readers.append(GGUFReader(part))
        except (ValueError, KeyError, IndexError, OSError) as error:
            raise UserError(f"{shown}: is no GGUF file ({error})") from None
    fields = readers[0].fields
    name = _of(fields, "general.architecture", "")
    experts = int(_of(fields, f"{name}.expert_count", 0))
    tensors = [tensor for reader in readers for tensor in _tensors(reader)]
    if not tensors:
        raise UserError(f"{shown}: is a GGUF file without weights; name the file that has them")
    window = _of(fields, f"{name}.context_length", None)
    sliding = int(_of(fields, f"{name}.attention.sliding_window", 0))
    return Weights(
        fingerprint=fingerprint(path),
        context_tokens=None if window is None else int(window),
        chat_template="tokenizer.chat_template" in fields,
        architecture=name,
        parameters=sum(x.elements for x in tensors),
        bits=8 * sum(x.size for x in tensors) / sum(x.elements for x in tensors),
        kind=_main(tensors),
        file_type=_file_type(fields),
        experts=experts,
        experts_active=int(_of(fields, f"{name}.expert_used_count", 0)) if experts else 0,
        expert_parameters=_of_one_expert(tensors, experts),
        sliding_window=sliding or None,
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


def _parts(path: Path, shown: str) -> list[Path]:
    """The files of split weights in their order, or the one file."""
    split = _SHARD.match(path.name)
    if split is None:
        return [path]
    count = int(split[2])
    parts = [path.with_name(f"{split[1]}-{i:05}-of-{count:05}.gguf") for i in range(1, count + 1)]
    if lacking := [x.name for x in parts if not x.is_file()]:
        raise UserError(f"{shown}: {', '.join(lacking[:3])} is not beside it; all parts are needed")
    return parts


def _tensors(reader: Any) -> list[Tensor]:
    return [
        Tensor(x.name, x.tensor_type.name, int(x.n_elements), int(x.n_bytes), len(x.shape) > 1)
        for x in reader.tensors
    ]


def _of(fields: Mapping[str, Any], name: str, default: Any) -> Any:
    """A value of the header; the largest where each layer has its own."""
    field = fields.get(name)
    if field is None:
        return default
    value = field.contents()
    return max(value, default=default) if isinstance(value, list) else value


def _main(tensors: Iterable[Tensor]) -> str:
    """The type of most weights in the matrices of the layers."""
    counts: Counter[str] = Counter()
    for x in tensors:
        counts[x.kind] += x.elements * (x.matrix and x.name.startswith("blk."))
    return counts.most_common(1)[0][0]


def _file_type(fields: Mapping[str, Any]) -> str | None:
    from gguf import LlamaFileType

    number = _of(fields, "general.file_type", None)
    known = {int(x): x.name for x in LlamaFileType}
    name = known.get(int(number)) if number is not None else None
    return None if name in (None, "GUESSED") else str(name).split("_", 1)[1]


def _of_one_expert(tensors: Iterable[Tensor], experts: int) -> int | None:
    """Parameters of one expert: llama.cpp keeps all experts of a layer in one `_exps` tensor."""
    if not experts:
        return None
    return sum(x.elements for x in tensors if "_exps." in x.name) // experts


def type_names() -> frozenset[str]:
    """Every name of a quantisation that a GGUF file can have."""
    from gguf import GGMLQuantizationType, LlamaFileType

    wholes = {x.name.split("_", 1)[1] for x in LlamaFileType if "_" in x.name}
    return frozenset({x.name for x in GGMLQuantizationType} | wholes)
