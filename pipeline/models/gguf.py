"""A GGUF file on disk, run by the llama.cpp engine inside this process."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from dspy.lm15 import Request, Response, ServerError

from pipeline.models import faults, showing, weights, wire
from pipeline.models.catalogue import Model
from pipeline.models.connections import Connections
from pipeline.models.serving import Serving
from pipeline.models.showing import Fact

_LISTED_SECONDS = 10.0


class GgufEngine:
    """One attempt per call. The weights are loaded at the first call and freed at the end."""

    def __init__(self, model: Model, root: Path) -> None:
        """Nothing is loaded yet."""
        self.model = model
        self._path = root / str(model.file)
        self._server: Any = None
        self._key = secrets.token_hex(16)
        self._threads = ThreadPoolExecutor(model.limits.concurrency, thread_name_prefix=model.id)

    def _load(self) -> Any:
        import xllamacpp

        slots = self.model.limits.concurrency
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.model_alias = {self.model.name}
        params.n_ctx = int(self.model.context_tokens or 0) * slots  # the window is split over slots
        params.n_parallel = slots
        params.n_gpu_layers = self.model.gpu_layers
        if self.model.threads is not None:
            params.cpuparams.n_threads = self.model.threads
        params.use_jinja = True
        params.warmup = False
        params.verbosity = -1
        params.api_keys = [self._key]  # its port on the loopback answers nobody else
        if self.model.serving is not None:
            _load_as(self.model.serving, params, self._path.parent)
        params.fit_params = False  # take the window as declared, never a smaller one that fits
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            raise ServerError(f"{self.model.file}: {error}", provider="gguf") from error

    def _ask(self, body: dict[str, Any]) -> Any:
        try:
            return self._server.handle_chat_completions(body)
        except (ValueError, RuntimeError) as error:
            raise ServerError(str(error), provider="gguf") from error

    async def complete(self, request: Request) -> Response:
        """The reply to `request`.

        Raises:
            dspy.lm15.LM15Error: the file cannot be loaded, the prompt does not fit, or it failed.
        """
        if self._server is None:
            self._server = self._load()
        run = asyncio.get_running_loop().run_in_executor
        reply = await run(self._threads, self._ask, wire.body(request))
        if "error" in reply:
            code = int(reply["error"].get("code") or 500)
            raise faults.from_status(code, reply, {}, "gguf")
        return wire.response(reply, request, "gguf")

    async def probe(self) -> None:
        """Load the weights: that is all that can fail before the first call.

        Raises:
            dspy.lm15.ServerError: the engine cannot load the file.
        """
        if self._server is None:
            self._server = self._load()

    async def shown(self) -> tuple[Fact, ...]:
        """What the file shows, and the window that the loaded engine says it has.

        Raises:
            dspy.lm15.LM15Error: the file cannot be loaded.
            UserError: the file is none.
        """
        await self.probe()
        found = showing.of_file(weights.read(self._path, str(self.model.file)))
        key = {"authorization": f"Bearer {self._key}"}
        own = Connections(f"{self._server.listening_address}/v1", key)
        try:
            reply = await own.ask("GET", "/models", b"", _LISTED_SECONDS)
        finally:
            own.close()
        window = next(
            (
                fact._replace(source="loaded")
                for fact in showing.of_listing(orjson.loads(reply.body)["data"][0])
                if fact.field == "context_tokens"
            ),
            None,
        )
        return (*found, window) if window else found

    async def aclose(self) -> None:
        """Free the weights."""
        self._threads.shutdown()
        self._server = None


def _load_as(serving: Serving, params: Any, folder: Path) -> None:
    """Put what `serving` says into the engine's parameters."""
    import xllamacpp

    if serving.kv_cache is not None:
        kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{serving.kv_cache.upper()}")
        params.cache_type_k = params.cache_type_v = kind
    if serving.speculative is not None:
        kinds, wanted = xllamacpp.common_speculative_type, serving.speculative
        simple = {"draft": "DRAFT_SIMPLE", "ngram": "NGRAM_SIMPLE"}[wanted.method]
        params.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{simple}")]
        if wanted.model is not None:
            params.speculative.draft.mparams.path = str(folder / wanted.model)
            params.speculative.draft.n_max = wanted.tokens
