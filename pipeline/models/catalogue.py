"""Which models there are, where they are reached, and what makes one of them itself."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from judges.digest import digest
from judges.rubric import Prose, Slug
from judges.sampling import Sampling
from judges.verdict import Frozen
from pipeline import files
from pipeline.models.serving import Serving, Shape, embeddable

Provider = Literal["openai", "anthropic", "vllm", "openai-compatible", "gguf", "recorded"]
Training = Literal["base", "instruct", "fine-tuned"]
Setting = Literal[
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "max_tokens",
    "stop",
    "effort",
    "thinking_budget_tokens",
]

_CHAT = frozenset[str](
    {"temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "max_tokens", "stop"}
)
TAKES: dict[Provider, frozenset[str]] = {
    "openai": _CHAT | {"effort"},
    "anthropic": frozenset({"max_tokens", "stop", "effort", "thinking_budget_tokens"}),
    "vllm": _CHAT | {"top_k", "min_p", "effort", "thinking_budget_tokens"},
    "openai-compatible": _CHAT | {"top_k", "min_p", "effort"},
    "gguf": _CHAT | {"top_k", "min_p"},
    "recorded": frozenset({"seed"}),
}
"""The settings that each provider's requests can carry; the others are refused, and said to be."""

GIVES_LOGPROBS: frozenset[Provider] = frozenset({"openai", "vllm", "openai-compatible", "gguf"})
"""Providers whose chat replies may carry the probabilities of their tokens."""
CONTINUES: frozenset[Provider] = frozenset({"vllm", "openai-compatible", "gguf"})
"""Providers that show what they would say next after a bare text."""
EMBEDS: frozenset[Provider] = frozenset({"openai", "vllm", "openai-compatible", "gguf"})
"""Providers that have an /v1/embeddings."""

_SECRET = r"^[A-Z][A-Z0-9_]*(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL)$"
KEY_ENV: dict[Provider, str] = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_ADDRESSED = ("vllm", "openai-compatible")
_WINDOWED = (*_ADDRESSED, "gguf")
"""Providers whose window is set where the model is started; an API's is the provider's own."""


class Price(Frozen):
    """US dollars per million tokens; 0 says that the model costs nothing to ask."""

    input_per_million: Annotated[float, Field(ge=0)]
    output_per_million: Annotated[float, Field(ge=0)]
    """Thinking is billed as output."""


class Limits(Frozen):
    """How hard an endpoint may be driven. There are no others."""

    concurrency: Annotated[StrictInt, Field(ge=1, le=4096)] = 8
    """Calls in flight at once; for `gguf`, slots of the embedded server."""
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    """Prompt (estimated) and largest reply together."""


class Model(Frozen):
    """One entry of `data/models.yaml`: a model and the endpoint that serves it."""

    id: Slug
    provider: Provider
    name: Prose
    """What the endpoint calls it; for `recorded`, the variant in the file of answers."""
    answers_as: Prose | None = None
    """The name in its replies, where that is another than `name`: of a gateway's deployment, of a
    maker's alias. It is not sent, and is no part of what the model is: no answer is asked again."""
    family: Prose
    """Whose it is, such as "qwen": a judge of an arm's own family is flagged."""
    training: Training
    revision: StrictStr | None = None
    quantisation: StrictStr | None = None
    """Tells apart weights that the endpoint calls by one name."""
    fingerprint: Annotated[StrictStr, StringConstraints(pattern=r"^[0-9a-f]{16}$")] | None = None
    """`gguf`, and needed there: `antipode doctor` prints the line to write. For
    `openai-compatible` it names the file that a llama.cpp server on this machine must have."""
    base_url: StrictStr | None = None
    """`vllm` and `openai-compatible`: such as http://127.0.0.1:8000/v1"""
    key_env: StrictStr | None = None
    """The environment variable that holds the key, never the key itself. Its name ends in KEY,
    TOKEN, SECRET, PASSWORD or CREDENTIAL, so that its value can be kept out of every message."""
    file: StrictStr | None = None
    """`gguf`: the weights; `recorded`: the answers. Relative to the project's folder."""
    context_tokens: Annotated[StrictInt, Field(ge=64)] | None = None
    """The window, prompt and reply together; `gguf` is loaded with it. Of `gguf` and servers it is
    part of what the model is: another window asks its arms again."""
    gpu_layers: StrictInt = 0
    """`gguf`: layers put on the GPU; -1 = all."""
    threads: Annotated[StrictInt, Field(ge=1)] | None = None
    refuses: tuple[Setting, ...] = ()
    """Settings that this very model rejects though its provider's requests can carry them."""
    serving: Serving | None = None
    """`vllm` and `gguf`: how the weights are loaded."""
    shape: Shape | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 600
    price: Price | None = None
    """None = not known: costs are then unknown, never 0."""
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _fits_its_provider(self) -> Self:
        needs = {
            "base_url": self.provider in _ADDRESSED,
            "file": self.provider in ("gguf", "recorded"),
            "context_tokens": self.provider == "gguf",
        }
        for field, needed in needs.items():
            if needed and getattr(self, field) is None:
                raise ValueError(f"provider {self.provider} needs `{field}`")
        if self.file is not None and not needs["file"]:
            raise ValueError(f"provider {self.provider} has no `file`")
        if self.serving is not None and self.provider not in ("vllm", "gguf"):
            raise ValueError(f"provider {self.provider} loads no weights of ours: no `serving`")
        if self.provider == "gguf" and self.serving is not None:
            embeddable(self.serving)
        if self.answers_as is not None and self.local:
            raise ValueError(f"provider {self.provider} answers under its `name`: no `answers_as`")
        if self.fingerprint is not None and self.provider not in ("gguf", "openai-compatible"):
            raise ValueError(f"provider {self.provider} has no `fingerprint`")
        return self

    @field_validator("key_env")
    @classmethod
    def _names_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(_SECRET, name):
            # What stands here may be the key itself: it is not repeated.
            raise ValueError(
                "key_env must be the name of an environment variable, such as MY_API_KEY, and "
                "never the key; it ends in KEY, TOKEN, SECRET, PASSWORD or CREDENTIAL"
            )
        return name

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"base_url {url!r} must begin with http:// or https://")
        if "@" in url:
            raise ValueError("base_url holds a user or password; name a variable in key_env")
        try:
            named = urlsplit(url).hostname is not None and urlsplit(url).port != 0
        except ValueError:
            named = False
        if not named or not re.fullmatch(r"[!-~]+", url) or "?" in url or "#" in url:
            said = f"base_url {url!r} is no address; write it like http://127.0.0.1:8000/v1"
            raise ValueError(f"{said}, other letters as the address bar copies them")
        return url

    @property
    def env(self) -> str | None:
        """The environment variable of its key, or None where it needs none."""
        return self.key_env or KEY_ENV.get(self.provider)

    @property
    def local(self) -> bool:
        """Whether it answers without any server or key."""
        return self.provider in ("gguf", "recorded")


def load(path: Path, root: Path) -> dict[str, Model]:
    """The models of a catalogue file by id.

    Raises:
        UserError: as for `files.load_map`.
    """
    return files.load_map(path, Model, root, "models")


_DATED = r"-(\d{4}-\d\d-\d\d|\d{8}|\d{6}|\d{3,4}|v\d+|latest)"


def named(provider: str, name: str, said: str) -> bool:
    """Whether `said` is the model that `provider` has under `name`.

    A server has a model under the very name that it was given. An API has it under an alias too,
    to which it adds a date or a version; whatever else is added makes it another model.

    >>> named("openai", "gpt-4.1", "gpt-4.1-2025-04-14"), named("openai", "gpt-4.1", "gpt-4.1-nano")
    (True, False)
    >>> named("vllm", "qwen", "qwen-2025-04-14"), named("vllm", "qwen", "qwen")
    (False, True)
    """
    if said == name or provider not in _BY_ALIAS:
        return said == name
    return re.fullmatch(re.escape(name.removesuffix("-latest")) + _DATED, said) is not None


_BY_ALIAS = ("openai", "anthropic")


def answers(model: Model, said: str) -> bool:
    """Whether `said` is a name of `model`: its own, or the one under which it is to answer.

    Large letters are as good as small ones: gateways write a name either way.
    """
    own, given, other = model.name.casefold(), said.casefold(), model.answers_as
    return named(model.provider, own, given) or (other is not None and other.casefold() == given)


def identity(model: Model) -> str:
    """The digest of what makes a model itself: not its address, price, limits or our name."""
    return digest(
        "model",
        model.provider,
        model.name,
        model.revision,
        model.quantisation,
        model.fingerprint,
        model.context_tokens if model.provider in _WINDOWED else None,
        *([changes] if (changes := model.serving.changes() if model.serving else {}) else []),
    )


def taken(model: Model, sampling: Sampling) -> dict[str, object]:
    """The settings of `sampling` that a request to `model` will carry, by name."""
    able = TAKES[model.provider] - set(model.refuses)
    return {name: value for name, value in sampling.told().items() if name in able}


def asked_identity(model: Model, sampling: Sampling) -> str:
    """The digest of a model with the settings that really reach it."""
    return digest("asked", identity(model), taken(model, sampling))
