"""Our endpoints as dspy.LM engines, so that a program or a judge is a real DSPy module."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import dspy
from dspy.lm15 import Config, Request, Response

from judges.sampling import Sampling
from pipeline.models.catalogue import Model
from pipeline.models.endpoint import Answered, Endpoint, connect
from pipeline.models.wire import config_of


class AsyncEngine:
    """DSPy's asynchronous engine over one endpoint, with the settings of an arm or judge.

    Keeps what was asked and answered in `log`: a program may make several calls for one answer.
    """

    def __init__(self, endpoint: Endpoint, config: Config) -> None:
        """Ask `endpoint` with `config`, whatever settings DSPy's own request carries."""
        self._endpoint = endpoint
        self._config = config
        self.log: list[Answered] = []

    async def complete(self, request: Request) -> Response:
        """The endpoint's reply; raises dspy.lm15 errors."""
        answered = await self._endpoint.ask(_settled(request, self._config))
        self.log.append(answered)
        return answered.response


class SyncEngine:
    """DSPy's synchronous, savable engine: what an optimiser runs a judge on."""

    def __init__(
        self, model: Model, sampling: Sampling, response_format: dict[str, Any] | None
    ) -> None:
        """Connects anew for every call: optimisers call from many threads."""
        self.model = model
        self.sampling = sampling
        self.response_format = response_format

    def complete(self, request: Request) -> Response:
        """The model's reply; raises dspy.lm15 errors."""
        return asyncio.run(self._once(request))

    async def _once(self, request: Request) -> Response:
        endpoint = connect(self.model, Path(), ())
        try:
            config = config_of(self.model, self.sampling, draw=0)
            asked = _settled(request, config)
            if self.response_format is not None:
                asked = replace(
                    asked, config=replace(asked.config, response_format=self.response_format)
                )
            return (await endpoint.ask(asked)).response
        finally:
            await endpoint.engine.aclose()

    def dump_state(self) -> dict[str, Any]:
        """Model and settings; never a key, which lives in the environment."""
        return {
            "model": self.model.model_dump(mode="json"),
            "sampling": self.sampling.model_dump(mode="json"),
            "response_format": self.response_format,
        }

    @classmethod
    def load_state(cls, state: dict[str, Any]) -> Self:
        """The engine that `dump_state` described."""
        return cls(
            Model.model_validate(state["model"]),
            Sampling.model_validate(state["sampling"]),
            state["response_format"],
        )


def _settled(request: Request, config: Config) -> Request:
    """`request` with our settings; the reply's format is the caller's."""
    asked = request.config
    return replace(
        request,
        config=replace(config, response_format=asked.response_format, logprobs=asked.logprobs),
    )


def program_lm(engine: AsyncEngine, model: Model) -> dspy.LM:
    """The LM that a program of an arm runs on: no cache, no retries but the endpoint's."""
    return dspy.LM(model.name, engine=_NoSync(), async_engine=engine, cache=False, num_retries=0)


def judge_lm(model: Model, sampling: Sampling, response_format: dict[str, Any]) -> dspy.LM:
    """A judge's model as a savable LM, for DSPy's optimisers: it is asked what a study asks it."""
    engine = SyncEngine(model, sampling, response_format)
    return dspy.LM(model.name, engine=engine, cache=False, num_retries=0)


class _NoSync:
    def complete(self, request: Request) -> Response:
        raise TypeError("a study asks asynchronously: call the program's acall")
