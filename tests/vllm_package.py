"""A package laid out as vLLM's is, too small to serve and failing if anything imports it."""

import zipfile
from pathlib import Path

FILES = {
    "vllm/__init__.py": "",
    "vllm/_version.py": "__version__ = version = '9.9.9'\n",
    "vllm/config/__init__.py": "from .cache import CacheConfig\nfrom .model import ModelConfig\n",
    "vllm/config/cache.py": """
from typing import Literal
CacheDType = Literal["auto", "fp8"]
class CacheConfig:
    cache_dtype: CacheDType | str = "auto"
    gpu_memory_utilization: float = Field(default=0.5, gt=0, le=1)
    enable_prefix_caching: bool = True
""",
    "vllm/config/model.py": """
if TYPE_CHECKING:
    import vllm.model_executor.layers.quantization as me_quant
else:
    me_quant = LazyLoader("model_executor", globals(), "vllm.model_executor.layers.quantization")
LIMIT = -(2**3)
class SpeculativeConfig:
    num_speculative_tokens: int = Field(default=None, gt=0)
    method: Literal["ngram", MoreMethods] | None = None
    quantization: me_quant.QuantizationMethods | str | None = None
MoreMethods = Literal["draft_model"]
class ModelConfig:
    kind: ClassVar[str] = "x"
    quantization: me_quant.QuantizationMethods | str | None = None
    max_model_len: int = Field(default=None, ge=LIMIT)
    seed: int = 0
    speculative: SpeculativeConfig | None = None
    dtype: Literal["auto", "bfloat16"] | torch.dtype = "auto"
    revision: str | None = None
    served_model_name: str | list[str] | None = None
""",
    "vllm/model_executor/layers/quantization/__init__.py": """
QuantizationMethods = Literal["awq", "old_one"]
DEPRECATED_QUANTIZATION_METHODS = ["old_one"]
""",
    "vllm/reasoning/__init__.py": """
_REASONING_PARSERS_TO_REGISTER = {"qwen3": ("file", "Class"), "beam": ("file", "Class")}
""",
    "vllm/engine/arg_utils.py": """
from vllm.config import CacheConfig, ModelConfig
class EngineArgs:
    @staticmethod
    def add_cli_args(parser):
        model_kwargs = get_kwargs(ModelConfig)
        group = parser.add_argument_group(title="ModelConfig")
        group.add_argument("--quantization", "-q", **model_kwargs["quantization"])
        group.add_argument("--max-model-len", **model_kwargs["max_model_len"])
        group.add_argument("--seed", **model_kwargs["seed"])
        group.add_argument("--dtype", **model_kwargs["dtype"])
        group.add_argument("--revision", **model_kwargs["revision"])
        group.add_argument("--served-model-name", **model_kwargs["served_model_name"])
        group.add_argument("--speculative-config", **model_kwargs["speculative"])
        cache_kwargs = get_kwargs(CacheConfig)
        group.add_argument("--kv-cache-dtype", **cache_kwargs["cache_dtype"])
        share_kwargs = cache_kwargs["gpu_memory_utilization"]
        group.add_argument("--gpu-memory-utilization", **share_kwargs)
        group.add_argument(
            "--enable-prefix-caching", **{**cache_kwargs["enable_prefix_caching"], "default": None}
        )
        group.add_argument("--reasoning-parser", type=str)
        group.add_argument("--tensor-parallel-size", "-tp", type=int, default=1)
        parser.add_argument("--level", choices=["LOW", "HIGH"])
        return parser
class AsyncEngineArgs(EngineArgs):
    @staticmethod
    def add_cli_args(parser):
        parser.add_argument("--log-requests", action=argparse.BooleanOptionalAction)
        return parser
""",
    "vllm/entrypoints/common/cli_args.py": """
class BaseFrontendArgs:
    api_key: list[str] | None = None
    hf_token: bool | str | None = None
class FrontendArgs(BaseFrontendArgs):
    host: str | None = None
    port: int = 8000
def make_arg_parser(parser):
    parser.add_argument("model_tag", type=str, nargs="?")
    parser.add_argument("--headless", action="store_true", default=False)
    return parser
""",
    "vllm/entrypoints/openai/chat_completion/protocol.py": """
from vllm.renderers import Effort
class Format(Base):
    type: Literal["text", "json_schema"]
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
class ChatCompletionRequest(Base):
    messages: list[Message]
    temperature: float | None = None
    top_k: Annotated[int, Field(ge=-1)] | None = None
    reasoning_effort: Effort | None = None
    response_format: Format | None = None
""",
    "vllm/entrypoints/openai/completion/protocol.py": """
class CompletionRequest(Base):
    prompt: list[int] | str | None = None
    logprobs: int | None = None
    return_tokens_as_token_ids: bool | None = None
""",
    "vllm/entrypoints/pooling/base/protocol.py": """
class Basic(Base):
    model: str | None = None
class Bare(Base):
    input: list[int] | str | list[str]
    special: bool = Field(default=True)
class Tokenized:
    special: bool
""",
    "vllm/entrypoints/pooling/embed/protocol.py": """
from ..base.protocol import Bare, Basic, Tokenized
class EmbeddingCompletionRequest(
    Basic,
    Bare,
    Tokenized,
):
    pass
""",
    "vllm/renderers/__init__.py": "from .params import Effort as Effort\n",
    "vllm/renderers/params.py": 'Effort = Literal["none", "high"]\n',
}
RAISES = "raise RuntimeError('imported')\n"


def texts() -> dict[str, str]:
    """The files by path; each would fail if it were imported."""
    return {
        name: f"{RAISES if name.endswith('__init__.py') else ''}{text}"
        for name, text in FILES.items()
    }


def folder(at: Path) -> Path:
    """The package's own folder, under `at`."""
    for name, text in texts().items():
        file = at / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return at / "vllm"


def wheel(at: Path) -> Path:
    """The package as a wheel."""
    path = at / "vllm-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts().items():
            archive.writestr(name, text)
    return path
