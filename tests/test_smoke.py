"""A whole study on real inference: tiny models that this file writes, on the llama.cpp engine."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
import tiny_gguf
import xllamacpp
from conftest import ROOT, Project

from judges.sampling import Sampling
from pipeline.models import weights
from pipeline.models.catalogue import Model

pytestmark = pytest.mark.smoke

WINDOW = 512
LONG = "Follow every link of this chain of causes to its end and name the last of them. " * 40


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A dense Q4_0 model with a small window, and a mixture in F16 with a large one."""
    folder = tmp_path_factory.mktemp("weights")
    return {
        "dense": tiny_gguf.write(folder / "dense_q4.gguf", "Q4_0", WINDOW),
        "moe": tiny_gguf.write(folder / "moe_f16.gguf", "F16", 32768, experts=4),
    }


@pytest.fixture(scope="module")
def server(files: dict[str, Path]) -> Iterator[str]:
    """The address of a llama.cpp server that serves the mixture."""
    params = xllamacpp.CommonParams()
    params.model.path = str(files["moe"])
    params.model_alias = {"tiny-moe"}
    params.n_ctx, params.n_parallel = 32768, 1
    params.cache_prompt = False  # a reused prefix rounds differently, and the scores must be equal
    params.use_jinja, params.warmup, params.verbosity = True, False, -1
    running = xllamacpp.Server(params)
    yield running.listening_address
    del running


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path], server: str) -> Project:
    """A finished study: both files in this process as arms, one server as judge by two roads."""
    project = Project(tmp_path_factory.mktemp("проект с пробелом"))
    free = {"input_per_million": 0, "output_per_million": 0}
    common: dict[str, Any] = {"training": "base", "price": free}
    project.models(
        dense={
            "provider": "gguf",
            "name": "dense",
            "family": "tiny-dense",
            **common,
            "file": str(files["dense"]),
            "quantisation": "Q4_0",
            "context_tokens": WINDOW,
            "fingerprint": weights.fingerprint(files["dense"]),
            "limits": {"concurrency": 1},
        },
        moe={
            "provider": "gguf",
            "name": "moe",
            "family": "tiny-moe",
            **common,
            "file": str(files["moe"]),
            "quantisation": "F16",
            "context_tokens": 8192,
            "fingerprint": weights.fingerprint(files["moe"]),
            "limits": {"concurrency": 1},
        },
        served={
            "provider": "openai-compatible",
            "name": "tiny-moe",
            "family": "tiny-judge",
            **common,
            "base_url": f"{server}/v1",
            "context_tokens": 16384,
            "limits": {"concurrency": 1},
        },
        sdk={
            "provider": "openai",
            "name": "tiny-moe",
            "family": "tiny-judge",
            **common,
            "base_url": f"{server}/v1",
            "key_env": "SMOKE_KEY",
            "limits": {"concurrency": 1},
        },
    )
    project.arm("high", "moe", temperature=1, seed=1, max_tokens=40)
    project.arm("low", "dense", temperature=1, seed=1, max_tokens=40)
    project.task("stone", "Say what the stone thinks.", "Скажи, что думает камень.", kind="irony")
    project.task("door", "What is a door without a wall?", "Что такое дверь без стены?")
    project.task("chain", LONG, LONG, kind="long_chain")
    project.panel(
        {
            "id": "by_http",
            "model": "served",
            "scoring": "measured",
            "sampling": {"temperature": 1, "seed": 1, "max_tokens": 400},
        },
        {
            "id": "by_sdk",
            "model": "sdk",
            "sampling": {"temperature": 1, "seed": 2, "max_tokens": 400},
        },
        {"id": "length", "computed": "length"},
    )
    project.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    run(project)
    return project


ENVIRONMENT = os.environ | {"SMOKE_KEY": "not-a-real-key", "PYTHONPATH": str(ROOT)}
COMMAND = (sys.executable, "-m", "pipeline", "score", "trial")


def run(project: Project) -> str:
    """What `antipode score trial` prints, run to its end in a process of its own."""
    done = subprocess.run(
        COMMAND, cwd=project.root, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def keys(lines: list[bytes]) -> set[str]:
    return {orjson.loads(line)["key"] for line in lines}


def scores(project: Project) -> pl.DataFrame:
    table = pl.read_parquet(project.root / "data/runs/trial/ratings.parquet")
    return table.sort("response", "rubric", "rater")


def test_a_study_killed_halfway_goes_on_to_the_same_end(smoke: Project) -> None:
    expected, figures = keys(smoke.lines("verdicts")), scores(smoke)
    answers = [orjson.loads(line) for line in smoke.lines("responses")]
    assert len(answers) == 12
    assert len(expected) == 10 * 2 * 3  # two answers had no room, so nobody judges them
    os.rename(smoke.root / "data/runs", smoke.root / "whole")

    process = subprocess.Popen(
        COMMAND,
        cwd=smoke.root,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while len(smoke.lines("verdicts")) < 30 and process.poll() is None:
        os.sched_yield()
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {name: smoke.lines(name) for name in ("responses", "verdicts")}
    assert len(before["verdicts"]) < len(expected)

    run(smoke)
    for name, lines in before.items():
        assert smoke.lines(name)[: len(lines)] == lines
    assert keys(smoke.lines("verdicts")) == expected
    assert scores(smoke).equals(figures)

    assert "nothing to ask" in run(smoke)


def test_the_small_window_truly_refuses_what_is_longer(smoke: Project) -> None:
    answers = [orjson.loads(line) for line in smoke.lines("responses")]
    refused = {(x["arm"], x["task"]) for x in answers if x["finish"] == "overflow"}
    assert refused == {("low", "chain")}
    said = next(x["said"] for x in answers if x["finish"] == "overflow")
    assert f"available context size ({WINDOW} tokens)" in said
    assert not [x for x in answers if x["finish"] == "overflow" and x["text"]]


def test_verdicts_are_strict_and_carry_how_they_were_got(smoke: Project) -> None:
    records = [orjson.loads(line) for line in smoke.lines("verdicts")]
    by_judge = {
        x["judge"]: [y["verdict"] for y in records if y["judge"] == x["judge"]] for x in records
    }
    assert {x["how"] for x in by_judge["by_http"]} == {"measured"}
    assert {x["how"] for x in by_judge["by_sdk"]} == {"stated"}
    assert {x["how"] for x in by_judge["length"]} == {"computed"}
    measured = [x["measurement"] for x in by_judge["by_http"] if x["score"] is not None]
    assert measured
    for found in measured:
        assert abs(sum(found["probabilities"]) - 1) < 1e-9
        assert 1 <= found["expectation"] <= 5
    for verdict in by_judge["by_http"] + by_judge["by_sdk"]:
        assert verdict["score"] in (1, 2, 3, 4, 5, None)
        assert (verdict["score"] is None) == (verdict["reason"] is not None)


def test_the_anthropic_sdk_asks_the_same_server(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dspy.lm15 import Message, Request

    from pipeline.models.endpoint import connect
    from pipeline.models.wire import config_of

    monkeypatch.setenv("SMOKE_KEY", "not-a-real-key")
    model = Model(
        id="claude",
        provider="anthropic",
        name="tiny-moe",
        family="x",
        training="base",
        base_url=server,
        key_env="SMOKE_KEY",
    )

    async def ask() -> Any:
        endpoint = connect(model, Path(), ())
        try:
            await endpoint.engine.probe()
            config = config_of(model, Sampling(max_tokens=20, temperature=0.5), 0)
            assert config.temperature is None, "Claude takes no temperature"
            request = Request(model=model.name, messages=(Message.user("hello"),), config=config)
            return await endpoint.ask(request)
        finally:
            await endpoint.engine.aclose()

    answered = asyncio.run(ask())
    assert answered.response.finish_reason == "length"
    assert answered.response.usage.output_tokens == 20
    assert answered.response.model == "tiny-moe"
