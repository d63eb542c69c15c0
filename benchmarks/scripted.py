"""Models that answer in this process by a script, so that a whole study runs without a server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from dspy.lm15 import Message, Request, Response, TextPart, Usage

from pipeline import asking
from pipeline.models.catalogue import Model
from pipeline.models.endpoint import Endpoint

Script = Callable[[Model, Request], str]
"""The whole reply of a model to a request."""


class Scripted:
    """An engine whose replies are a script's."""

    def __init__(self, model: Model, script: Script) -> None:
        self.model = model
        self._script = script

    async def complete(self, request: Request) -> Response:
        return Response(
            id="scripted",
            model=self.model.name,
            message=Message.assistant([TextPart(self._script(self.model, request))]),
            finish_reason="stop",
            usage=Usage(input_tokens=1, output_tokens=1),
        )

    async def probe(self) -> None:
        return

    async def shown(self) -> tuple[()]:
        return ()

    async def aclose(self) -> None:
        return


@contextmanager
def answered_by(script: Script) -> Iterator[None]:
    """Models are answered for by `script`; recorded ones are read as ever."""
    ask = asking.connect

    def connect(model: Model, root: Path, tasks: Any) -> Endpoint:
        if model.provider == "recorded":
            return ask(model, root, tasks)
        return Endpoint(model, Scripted(model, script))

    with mock.patch.object(asking, "connect", connect):
        yield


def write(root: Path, path: str, value: object) -> None:
    """A YAML file of the project in `root`."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), "utf-8")
