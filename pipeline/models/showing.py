"""What a file or a server shows of a model without being paid for it, in one vocabulary."""

from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from judges.rubric import Text
from pipeline.errors import UserError
from pipeline.models import weights
from pipeline.models.catalogue import Model, identity
from pipeline.models.weights import Weights
from pipeline.records import Shown

Source = Literal[
    "file", "header", "tensors", "listed", "meta", "props", "loaded", "counted", "answers"
]
SOURCES: dict[Source, Text] = {
    "file": Text(en="the file itself", ru="сам файл"),
    "header": Text(en="the file's header", ru="заголовок файла"),
    "tensors": Text(en="the file's tensors", ru="тензоры файла"),
    "listed": Text(en="the server's list of models", ru="список моделей сервера"),
    "meta": Text(en="the server's list of models", ru="список моделей сервера"),
    "props": Text(en="the server's properties", ru="свойства сервера"),
    "loaded": Text(en="the engine with the file loaded", ru="движок после загрузки файла"),
    "counted": Text(en="prompts of counted length", ru="запросы известной длины"),
    "answers": Text(en="the answers", ru="сами ответы"),
}
"""Where a fact stood: `listed` is GET /v1/models, `meta` what llama.cpp adds to it, `props` its
GET /props, `counted` what `antipode verify` asks."""
ROUNDED = ("meta", "props", "loaded")
"""Where llama.cpp tells its window, which it rounds up to a multiple of `WINDOW_STEP`."""
WINDOW_STEP = 256


NOTHING = "nothing"
"""The field of a look that showed nothing: it clears what the look before it showed."""
Place = tuple[str, str | None]
"""A model by its identity, and the address or file where it is looked at."""


def place(model: Model) -> Place:
    """Of what a look at `model` tells: another server may serve anything under the same name."""
    return identity(model), model.base_url or model.file


class Fact(NamedTuple):
    """One thing shown: a field of a model or of a capacity profile, its value, and where it stood.

    Beside the fields of `Profile` and `Model`: `architecture`, `sliding_window` (tokens, 0 =
    none), `trained_tokens` (the window that the model was made for), `root` (what a server says
    it loaded), `build` (of the server), `replied` (the name under which it answered),
    `window.accepted`, `window.refused` and `window.kept` (tokens, of `pipeline.models.window`),
    and `NOTHING`.
    """

    field: str
    value: Shown
    source: Source
    at: str | None = None
    """When it was shown, where it is remembered; None = just now."""


def of_file(found: Weights) -> tuple[Fact, ...]:
    """What a GGUF file shows."""
    facts = [
        Fact("fingerprint", found.fingerprint, "file"),
        Fact("architecture", found.architecture, "header"),
        Fact("parameters_billion", found.parameters / 1e9, "tensors"),
        Fact("weight_bits", round(found.bits, 3), "tensors"),
        Fact("quantisation", found.quantisation, "tensors"),
        Fact("experts.total", found.experts, "header"),
        Fact("experts.active", found.experts_active, "header"),
        Fact("sliding_window", found.sliding_window or 0, "header"),
    ]
    if found.expert_parameters is not None:
        facts.append(Fact("experts.size_billion", found.expert_parameters / 1e9, "tensors"))
    if found.context_tokens is not None:
        facts.append(Fact("trained_tokens", found.context_tokens, "header"))
    return tuple(facts)


def of_listing(entry: dict[str, Any]) -> tuple[Fact, ...]:
    """What an entry of a server's list of models shows: vLLM's window, llama.cpp's weights."""
    facts = [Fact("name", str(entry["id"]), "listed")]
    if isinstance(root := entry.get("root"), str):
        facts.append(Fact("root", root, "listed"))
    if isinstance(window := entry.get("max_model_len"), int):
        facts.append(Fact("context_tokens", window, "listed"))
    meta = entry.get("meta")
    if not isinstance(meta, dict):
        return tuple(facts)
    count, size = meta.get("n_params"), meta.get("size")
    if isinstance(count, int) and count > 0:
        facts.append(Fact("parameters_billion", count / 1e9, "meta"))
        if isinstance(size, int):
            facts.append(Fact("weight_bits", round(8 * size / count, 3), "meta"))
    for theirs, field in {"n_ctx": "context_tokens", "n_ctx_train": "trained_tokens"}.items():
        if isinstance(value := meta.get(theirs), int) and value > 0:
            facts.append(Fact(field, value, "meta"))
    if isinstance(kind := meta.get("ftype"), str):
        facts.append(Fact("quantisation", type_name(kind), "meta"))
    return tuple(facts)


def type_name(said: str) -> str:
    """The name of a quantisation as files have it, from llama.cpp's words for it.

    >>> type_name("Q4_K - Medium"), type_name("all F32"), type_name("Q8_0")
    ('Q4_K_M', 'F32', 'Q8_0')
    """
    name, _, size = said.removesuffix(" (guessed)").removeprefix("all ").partition(" - ")
    letters = {"Small": "_S", "Medium": "_M", "Large": "_L"}
    return name.split()[0] + letters.get(size.split()[0], "") if size else name


def of_props(props: dict[str, Any]) -> tuple[Fact, ...]:
    """What llama.cpp's properties show: the window of one slot, the file, the build."""
    settings = props.get("default_generation_settings")
    facts = []
    if isinstance(settings, dict) and isinstance(settings.get("n_ctx"), int):
        facts.append(Fact("context_tokens", settings["n_ctx"], "props"))
    named = {"model_path": "root", "build_info": "build"}
    for theirs, field in named.items():
        if isinstance(value := props.get(theirs), str) and value:
            facts.append(Fact(field, value, "props"))
    return tuple(facts)


def of_local_file(model: Model, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """What the file shows that a server on this machine says it has loaded; none elsewhere.

    It is read only where it holds as many parameters as the server counts: the path may be that
    of another machine behind a tunnel.
    """
    said = {x.field: x.value for x in facts}
    path, count = Path(str(said.get("root", ""))), said.get("parameters_billion")
    here = urlsplit(str(model.base_url)).hostname in ("localhost", "127.0.0.1", "::1")
    if not here or count is None or not path.is_absolute() or path.suffix != ".gguf":
        return ()
    try:
        found = weights.read(path, str(path))
    except UserError:
        return ()  # not on this machine after all: what the server says of itself has to do
    return of_file(found) if found.parameters == round(float(count) * 1e9) else ()


def merged(*shown: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """One fact for each field: the last that tells it."""
    return tuple({fact.field: fact for facts in shown for fact in facts}.values())


def margin(window: int) -> int:
    """Tokens by which the two prompts stay within and go beyond a window.

    >>> margin(512), margin(131072)
    (32, 2621)
    """
    return max(32, window // 50)
