"""A GGUF file on disk, run by the llama.cpp engine inside this process."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from dspy.lm15 import Request, Response, ServerError

from pipeline.errors import UserError
from pipeline.models import faults, measuring, showing, weights, wire
from pipeline.models.catalogue import Model
from pipeline.models.connections import Connections
from pipeline.models.measuring import Embedded, NextToken
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
        self._embedder: Any = None
        self._key = secrets.token_hex(16)
        self._threads = ThreadPoolExecutor(model.limits.concurrency, thread_name_prefix=model.id)

    def _load(self, embedding: bool = False) -> Any:
        params = _parameters(self.model, self._path)
        params.api_keys = [self._key]  # its port on the loopback answers nobody else
        if embedding:
            _embed_whole_texts(params, self._path)
        try:
            return _server(params)
        except RuntimeError as error:
            raise ServerError(f"{self.model.file}: {error}", provider="gguf") from error

    async def _ask(self, handle: Callable[[dict[str, Any]], Any], body: dict[str, Any]) -> Any:
        def ask() -> Any:
            try:
                return handle(body)
            except (ValueError, RuntimeError) as error:
                raise ServerError(str(error), provider="gguf") from error

        reply = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        if "error" in reply:
            code = int(reply["error"].get("code") or 500)
            raise faults.from_status(code, reply, {}, "gguf")
        return reply

    async def complete(self, request: Request) -> Response:
        """The reply to `request`.

        Raises:
            dspy.lm15.LM15Error: the file cannot be loaded, the prompt does not fit, or it failed.
        """
        if self._server is None:
            self._server = self._load()
        reply = await self._ask(self._server.handle_chat_completions, wire.body(request))
        return wire.response(reply, request, "gguf")

    async def next_token(self, text: str, most: int) -> NextToken:
        """The `most` most probable tokens after `text`, without the chat template.

        Raises:
            dspy.lm15.LM15Error: as `complete`.
        """
        if self._server is None:
            self._server = self._load()
        body = measuring.completion_body(self.model.name, text, most, by_id=False)
        reply = await self._ask(self._server.handle_completions, body)
        return measuring.next_token(reply, most, "gguf")

    async def embed(self, text: str) -> Embedded:
        """The embedding of `text`, by weights that are loaded apart from those that answer.

        Raises:
            dspy.lm15.LM15Error: as `complete`.
        """
        if self._embedder is None:
            self._embedder = self._load(embedding=True)
        body = {"model": self.model.name, "input": [text]}
        return measuring.embedded(await self._ask(self._embedder.handle_embeddings, body), "gguf")

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
        self._server = self._embedder = None


def _embed_whole_texts(params: Any, path: Path) -> None:
    """Have texts embedded whole; where the file does not say how, by the mean of their tokens."""
    import xllamacpp

    params.embedding = True
    params.n_batch = params.n_ubatch = params.n_ctx  # a text that is pooled is not split up
    if not weights.pools(path):
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN


class Listening(NamedTuple):
    """A loaded file that answers on a port of this machine."""

    server: Any
    """The engine; it ends when this is let go."""
    address: str
    """The base URL of its OpenAI-compatible endpoint."""


def listen(model: Model, root: Path, host: str, port: int) -> Listening:
    """Load the model's file as a study does and answer on a port; 0 = any that is free.

    Raises:
        UserError: the engine cannot load the file, or the port is taken.
    """
    params = _parameters(model, root / str(model.file))
    params.hostnames, params.port = [host], port
    try:
        server = _server(params)
    except RuntimeError as error:
        raise UserError(f"{model.file}: {error} (at {host}:{port or 'any port'})") from error
    return Listening(server, f"{server.listening_address}/v1")


def _parameters(model: Model, path: Path) -> Any:
    """The engine's parameters for this file."""
    import xllamacpp

    slots = model.limits.concurrency
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {model.name}
    params.n_ctx = int(model.context_tokens or 0) * slots  # the window is split over slots
    params.n_parallel = slots
    params.n_gpu_layers = model.gpu_layers
    if model.threads is not None:
        params.cpuparams.n_threads = model.threads
    params.use_jinja = True
    params.warmup = False
    params.verbosity = -1
    if model.serving is not None:
        _load_as(model.serving, params, path.parent)
    params.fit_params = False  # take the window as declared, never a smaller one that fits
    return params


def _server(params: Any) -> Any:
    import xllamacpp

    return xllamacpp.Server(params)


def _load_as(serving: Serving, params: Any, folder: Path) -> None:
    """Put what `serving` says into the engine's parameters."""
    import xllamacpp

    if serving.kv_cache is not None:
        kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{serving.kv_cache.upper()}")
        params.cache_type_k = params.cache_type_v = kind
    if serving.speculative is not None:
        kinds, wanted = xllamacpp.common_speculative_type, serving.speculative
        # The engine has a NGRAM_SIMPLE too, which was never seen to guess a token.
        kind = {"draft": "DRAFT_SIMPLE", "ngram": "NGRAM_MAP_K"}[wanted.method]
        params.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{kind}")]
        if wanted.method == "ngram":
            params.speculative.ngram_map_k.size_m = wanted.tokens
        if wanted.model is not None:
            params.speculative.draft.mparams.path = str(folder / wanted.model)
            params.speculative.draft.n_max = wanted.tokens
