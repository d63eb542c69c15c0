"""Any server that speaks chat completions: vLLM, llama.cpp, Ollama, LM Studio."""

import os
from typing import Any

import orjson
from dspy import lm15
from dspy.lm15 import Config, Request, Response

from pipeline.errors import UserError
from pipeline.models import faults, measuring, showing, wire
from pipeline.models.catalogue import Model, answers
from pipeline.models.connections import Connections, Reply
from pipeline.models.measuring import Embedded, NextToken
from pipeline.models.showing import Fact

_PROBE_SECONDS = 2.0
_MOST_FIXED = 256
"""Sets of settings kept ready; a study has one per judge, rubric, language and draw."""


class CompatibleEngine:
    """One attempt per call, over a pool of kept connections."""

    def __init__(self, model: Model) -> None:
        """Nothing is connected until the first call."""
        self.model = model
        self._url = str(model.base_url).rstrip("/")
        key = os.environ.get(model.env, "") if model.env else ""
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._headers = headers
        self._connections = Connections(self._url, headers)
        self._fixed: dict[int, tuple[Config, bytes]] = {}

    def _body(self, request: Request) -> bytes:
        """The body as JSON; what one set of settings has in common is put together once."""
        config = request.config
        kept = self._fixed.get(id(config))
        if kept is None or kept[0] is not config:
            fixed = wire.body(request) | {"model": request.model}
            del fixed["messages"]
            if len(self._fixed) >= _MOST_FIXED:
                self._fixed.clear()
            kept = self._fixed[id(config)] = (config, orjson.dumps(fixed)[:-1] + b',"messages":')
        return kept[1] + orjson.dumps(wire.messages(request)) + b"}"

    async def complete(self, request: Request) -> Response:
        """The reply to `request`.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached, refuses, fails or talks nonsense.
        """
        parsed = await self._posted("/chat/completions", self._body(request))
        return wire.response(parsed, request, self.model.provider)

    async def next_token(self, text: str, most: int) -> NextToken:
        """The `most` most probable tokens after `text`, without any chat template.

        Raises:
            dspy.lm15.LM15Error: as `complete`.
        """
        model = self.model
        body = measuring.completion_body(model.name, text, most, model.provider == "vllm")
        reply = await self._posted("/completions", orjson.dumps(body))
        return measuring.next_token(reply, most, model.provider)

    async def embed(self, text: str) -> Embedded:
        """The embedding of `text`.

        Raises:
            dspy.lm15.LM15Error: as `complete`.
        """
        body = {"model": self.model.name, "input": [text], "encoding_format": "float"}
        reply = await self._posted("/embeddings", orjson.dumps(body))
        return measuring.embedded(reply, self.model.provider)

    async def _posted(self, path: str, data: bytes) -> Any:
        """The reply to `data`, parsed."""
        seconds = self.model.timeout_seconds
        status, headers, raw = await self._ask("POST", path, data, seconds)
        parsed = _json(raw)
        if not 200 <= status < 300:
            said = parsed if parsed is not None else raw.decode("utf-8", "replace")
            raise faults.from_status(status, said, headers, self.model.provider)
        if parsed is None:
            said = f"the reply is no JSON: {faults.scrub(raw.decode('utf-8', 'replace'), 80)!r}"
            raise lm15.ServerError(said, provider=self.model.provider)
        return parsed

    async def probe(self) -> None:
        """Ask for the list of models: free, and enough to know server, key and name.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached, refuses, or does not have the model.
        """
        url, provider = f"{self._url}/models", self.model.provider
        status, headers, raw = await self.models()
        listed = _json(raw)
        if status == 404:
            said = f"no {url}; does base_url end in /v1?"
            raise lm15.UnsupportedModelError(said, provider=provider, status=status)
        if status != 200:
            said = listed or raw.decode("utf-8", "replace")
            raise faults.from_status(status, said, headers, provider)
        names = [str(x["id"]) for x in _listed(listed, url, provider)]
        faults.check_served(self.model, names)

    async def shown(self) -> tuple[Fact, ...]:
        """What the server's list says of the model, and where it is llama.cpp, its properties.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached, or lists no models.
        """
        model, url = self.model, f"{self._url}/models"
        entries = _listed(_json((await self.models()).body), url, model.provider)
        fitting = [x for x in entries if x["id"] == model.name]
        fitting = fitting or [x for x in entries if answers(model, str(x["id"]))]
        said = showing.of_listing(fitting[0]) if fitting else ()
        if not fitting or fitting[0].get("owned_by") != "llamacpp":
            return said
        said = showing.merged(said, showing.of_props(await self._props()))
        return showing.merged(said, showing.of_local_file(self.model, said))

    async def _props(self) -> dict[str, Any]:
        """llama.cpp's properties; none where it does not give them."""
        above = Connections(self._url.removesuffix("/v1"), self._headers)
        try:
            reply = await self._ask("GET", "/props", b"", _PROBE_SECONDS, above)
        finally:
            above.close()
        props = _json(reply.body) if reply.status == 200 else None
        return props if isinstance(props, dict) else {}

    async def models(self) -> Reply:
        """The server's list of models, as it came.

        Raises:
            dspy.lm15.LM15Error: the server cannot be reached.
        """
        return await self._ask("GET", "/models", b"", _PROBE_SECONDS)

    async def _ask(
        self, method: str, path: str, data: bytes, seconds: float, by: Connections | None = None
    ) -> Reply:
        url, provider = f"{self._url}{path}", self.model.provider
        try:
            return await (by or self._connections).ask(method, path, data, seconds)
        except TimeoutError as error:
            said = f"no reply from {url} within {seconds:g} s"
            raise lm15.TimeoutError(said, provider=provider) from error
        except (OSError, ValueError) as error:
            hint = "; is the server started?" if "Connect call failed" in str(error) else ""
            said = f"{url}: {error or type(error).__name__}{hint}"
            raise lm15.TransportError(said, provider=provider) from error

    async def aclose(self) -> None:
        """Close the connections."""
        self._connections.close()


async def served(model: Model) -> dict[str, Any]:
    """What the server says of the model by that name, without times and ids.

    Raises:
        UserError: the server does not say.
    """
    engine = CompatibleEngine(model)
    try:
        listed = _json((await engine.models()).body)
        entry = next(x for x in listed["data"] if x["id"] == model.name)
    except (lm15.LM15Error, KeyError, TypeError, StopIteration):
        raise UserError(f"{model.base_url}/models does not list {model.name!r}") from None
    finally:
        await engine.aclose()
    return {x: value for x, value in entry.items() if x not in ("created", "permission")}


def _listed(listed: Any, url: str, provider: str) -> list[dict[str, Any]]:
    """The entries of a server's list of models.

    Raises:
        dspy.lm15.ServerError: it is no such list.
    """
    try:
        return [{**x, "id": str(x["id"])} for x in listed["data"]]
    except (KeyError, TypeError) as error:
        raise lm15.ServerError(f"{url} lists no models", provider=provider) from error


def _json(raw: bytes) -> Any:
    """The parsed body, or None where it is no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
