"""vLLM's options: read from its source without importing it, and what is checked against them."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import vllm_package
from conftest import ROOT
from dspy.lm15 import Config, Message, Request
from hypothesis import given, settings
from hypothesis import strategies as st

from judges.sampling import Sampling
from pipeline.errors import UserError
from pipeline.models import wire
from pipeline.models.catalogue import TAKES, Model
from pipeline.models.compatible import CompatibleEngine
from pipeline.serving import installed, options, remake
from pipeline.serving.options import KEPT, REQUESTS, Field, argument_faults, request_faults

OPTIONS = options.load(ROOT / KEPT)
CHAT = "/v1/chat/completions"
VLLM = Model(
    id="big",
    provider="vllm",
    name="maker/model",
    family="f",
    training="instruct",
    base_url="http://127.0.0.1:8000/v1",
)


def test_the_kept_list_is_of_the_version_that_the_project_names() -> None:
    assert OPTIONS.version == "0.33.0"
    assert len(OPTIONS.flags) == 320
    assert {"awq", "gptq", "fp8"} <= set(OPTIONS.choices("--quantization"))
    assert not {"bitsandbytes", "gguf"} & set(OPTIONS.choices("--quantization"))
    assert OPTIONS.flags["--gpu-memory-utilization"].default == 0.92
    assert OPTIONS.aliases["-tp"] == "--tensor-parallel-size"
    assert "qwen3" in OPTIONS.choices("--reasoning-parser")


def test_every_class_that_is_named_is_in_the_list() -> None:
    held = [*OPTIONS.flags.values(), *(f for x in OPTIONS.classes.values() for f in x.values())]
    assert {name for field in held for name in field.of} <= OPTIONS.classes.keys()


@pytest.mark.parametrize("made", [vllm_package.folder, vllm_package.wheel])
def test_a_list_is_remade_from_a_folder_or_a_wheel_and_nothing_is_imported(
    tmp_path: Path, made: Any
) -> None:
    found = remake.remake(made(tmp_path))
    assert "vllm" not in sys.modules
    assert found.version == "9.9.9"
    assert found.choices("--quantization") == ("awq", "old_one")
    assert found.deprecated_quantisation == ("old_one",)
    assert found.choices("--reasoning-parser") == ("beam", "qwen3")
    assert found.choices("--kv-cache-dtype") == ("auto", "fp8")
    assert found.choices("--dtype") == ("auto", "bfloat16")
    assert found.choices("--level") == ("LOW", "HIGH")
    assert found.flags["--max-model-len"].least == -8
    share = found.flags["--gpu-memory-utilization"]
    assert (share.takes, share.above, share.most, share.default) == ("number", 0, 1, 0.5)
    takes = {name: field.takes for name, field in found.flags.items()}
    assert takes["--enable-prefix-caching"] == takes["--headless"] == "switch"
    assert takes["--log-requests"] == "switch"
    assert takes["--port"] == takes["--tensor-parallel-size"] == "integer"
    assert takes["--api-key"] == takes["--served-model-name"] == "list"
    assert takes["--speculative-config"] == "json"
    assert takes["--hf-token"] == "text"
    assert found.flags["--tensor-parallel-size"].default == 1
    assert found.classes["SpeculativeConfig"]["method"].choices == ("ngram", "draft_model")
    assert found.aliases == {"-q": "--quantization", "-tp": "--tensor-parallel-size"}
    assert found.classes[REQUESTS[CHAT]]["messages"].required
    assert found.classes[REQUESTS[CHAT]]["reasoning_effort"].choices == ("none", "high")
    assert found.classes[REQUESTS[CHAT]]["top_k"].least == -1
    assert "schema" in found.classes["Format"]
    assert found.classes["CompletionRequest"]["logprobs"].kinds == ("integer", "null")
    embedding = found.classes[REQUESTS["/v1/embeddings"]]
    assert embedding.keys() == {"model", "input", "special"}
    assert embedding["input"].required
    assert not embedding["special"].required, "the base that is named first is the one that counts"


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("vllm/engine/arg_utils.py", "vllm.engine.arg_utils: no such module"),
        ("vllm/reasoning/__init__.py", "vllm.reasoning: no such module"),
        ("vllm/__init__.py", "holds no package 'vllm'"),
    ],
)
def test_a_vllm_that_is_built_otherwise_is_said_to_be(tmp_path: Path, gone: str, said: str) -> None:
    folder = vllm_package.folder(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(UserError, match=said):
        remake.remake(folder)


def test_a_request_that_is_called_otherwise_is_said_to_be(tmp_path: Path) -> None:
    folder = vllm_package.folder(tmp_path)
    file = folder / "entrypoints/pooling/embed/protocol.py"
    file.write_text(file.read_text("utf-8").replace("EmbeddingCompletion", "Embedding"), "utf-8")
    said = r"embed\.protocol: no class EmbeddingCompletionRequest; this version is built otherwise"
    with pytest.raises(UserError, match=said):
        remake.remake(folder)


def test_the_script_writes_the_list_and_it_reads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert remake.main([str(vllm_package.wheel(tmp_path))]) == 0
    assert "vLLM 9.9.9" in capsys.readouterr().out
    assert options.load(tmp_path / KEPT) == remake.remake(tmp_path / "vllm-9.9.9-py3-none-any.whl")
    assert remake.main([]) == remake.main([str(tmp_path)]) == 2


def test_a_missing_or_broken_list_says_how_to_remake_it(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no such file; make it: python -m pipeline.serving.remake"
    ):
        options.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"version": 1}')
    with pytest.raises(UserError, match=r"version: .* remake it"):
        options.load(tmp_path / "bad.json")


def test_the_installed_version_is_checked_against_and_not_the_kept_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vllm_package.folder(tmp_path / "lib/python3.12/site-packages")
    command = tmp_path / "bin/vllm"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # none beside the tests
    monkeypatch.setenv("PATH", str(command.parent))
    found = installed.find()
    assert found == (command, tmp_path / "lib/python3.12/site-packages/vllm")
    listed = installed.listed(ROOT, found)
    assert listed.options.version == "9.9.9"
    assert (
        "vLLM 9.9.9, which is installed here (data/vllm_options.json is of 0.33.0:" in listed.source
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed.find() is None
    assert installed.listed(ROOT, None).options == OPTIONS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "1"], "the model comes first"),
        (["m", "--max-model-length", "8192"], "did you mean --max-model-len?"),
        (["m", "--max-model-len", "many"], "--max-model-len is 'many', expected integer"),
        (
            ["m", "--tensor-parallel-size", "0"],
            "--tensor-parallel-size is 0, expected integer >= 1",
        ),
        (["m", "--gpu-memory-utilization", "1.5"], "expected number above 0 <= 1"),
        (["m", "--quantization", "bitsandbytes"], "'bitsandbytes', which vLLM 0.33.0 lacks"),
        (["m", "--kv-cache-dtype", "q8_0"], "'q8_0', which vLLM 0.33.0 lacks"),
        (["m", "--dtype", "int8"], "'int8', which vLLM 0.33.0 lacks"),
        (["m", "--enable-prefix-caching", "yes"], "takes no value"),
        (["m", "--seed"], "--seed takes one value, not 0"),
        (["m", "--seed", "1", "2"], "--seed takes one value, not 2"),
        (["m", "--speculative-config", "ngram"], "is 'ngram', expected JSON"),
        (["m", "--speculative-config", '{"methode":"ngram"}'], "did you mean 'method'?"),
        (["m", "--speculative-config", '{"method":"n-gram"}'], "did you mean 'ngram'?"),
        (["m", "--speculative-config", '{"num_speculative_tokens":0}'], "expected integer above 0"),
        (["m", "--hf-overrides", "[1]"], "expected object"),
    ],
)
def test_what_vllm_would_refuse_is_said(arguments: list[str], said: str) -> None:
    (fault,) = argument_faults(arguments, OPTIONS)
    assert said in fault


SWITCHES = sorted(x for x, field in OPTIONS.flags.items() if field.takes == "switch")
CHOICES = sorted(x for x, field in OPTIONS.flags.items() if field.takes == "choice")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(SWITCHES), unique=True, max_size=4),
    st.lists(st.sampled_from(CHOICES), unique=True, max_size=4),
    st.data(),
)
def test_what_is_in_the_list_parses_and_a_letter_off_does_not(
    switches: list[str], chosen: list[str], data: st.DataObject
) -> None:
    arguments = ["m", *switches]
    for flag in chosen:
        arguments += [flag, str(data.draw(st.sampled_from(OPTIONS.flags[flag].choices)))]
    assert argument_faults(arguments, OPTIONS) == ()
    for flag in (*switches, *chosen):
        wrong = [f"{x}x" if x == flag else x for x in arguments]
        assert any(f"{flag}x is no option" in x for x in argument_faults(wrong, OPTIONS))


def body(sampling: Sampling) -> dict[str, Any]:
    """What the compatible engine sends a vLLM server."""
    config = wire.config_of(VLLM, sampling, draw=1)
    messages = (Message.user("О чём думает камень?"),)
    request = Request(model=VLLM.name, system="Be brief.", messages=messages, config=config)
    return cast(dict[str, Any], orjson.loads(CompatibleEngine(VLLM)._body(request)))


FULL: dict[str, Any] = {
    "temperature": 0.9,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.05,
    "frequency_penalty": 0.1,
    "presence_penalty": -0.1,
    "seed": 7,
    "max_tokens": 4096,
    "stop": ("END", "\n\n"),
    "effort": "high",
    "thinking_budget_tokens": 512,
}


def test_every_setting_that_vllm_takes_goes_into_a_field_that_it_knows() -> None:
    assert FULL.keys() == TAKES["vllm"]
    sent = body(Sampling(**FULL))
    assert request_faults(CHAT, sent, OPTIONS) == ()
    assert sent["thinking_token_budget"] == 512
    assert len(sent) == len(FULL) + 2  # and the model and the messages


@pytest.mark.parametrize("effort", ["off", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_every_effort_is_one_that_vllm_knows(effort: Any) -> None:
    assert request_faults(CHAT, body(Sampling(effort=effort)), OPTIONS) == ()


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "temperature": st.floats(0, 2),
            "top_p": st.floats(0.01, 1),
            "top_k": st.integers(1, 10**6),
            "seed": st.integers(-(2**62), 2**62),
            "max_tokens": st.integers(1, 10**6),
            "stop": st.lists(st.text(min_size=1), max_size=3).map(tuple),
        },
    )
)
def test_any_settings_make_a_body_that_vllm_knows(settings: dict[str, Any]) -> None:
    assert request_faults(CHAT, body(Sampling(**settings)), OPTIONS) == ()


def test_a_judges_request_has_only_fields_that_vllm_knows() -> None:
    schema = {
        "type": "json_schema",
        "name": "verdict",
        "strict": True,
        "schema": {"type": "object"},
    }
    config = Config(max_tokens=100, response_format=schema, logprobs=20)
    messages = (Message.user("?"),)
    sent = wire.body(Request(model=VLLM.name, system=None, messages=messages, config=config))
    assert {"response_format", "logprobs", "top_logprobs"} <= sent.keys()
    assert request_faults(CHAT, sent, OPTIONS) == ()
    del sent["response_format"]["json_schema"]["name"]
    assert request_faults(CHAT, sent, OPTIONS) == ("response_format.json_schema.name is missing",)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"guided_json": {}}, "guided_json is no field of ChatCompletionRequest"),
        ({"thinking_budget": 5}, "did you mean 'thinking_token_budget'?"),
        ({"reasoning_effort": "off"}, "reasoning_effort is 'off', which vLLM 0.33.0 lacks"),
        ({"top_k": "many"}, "top_k is 'many', expected integer"),
        ({"seed": 2**70}, "seed is"),
        ({"response_format": {"type": "yaml"}}, "response_format.type is 'yaml'"),
        ({"logprobs": 5}, "logprobs is 5, expected boolean"),
    ],
)
def test_what_vllm_would_ignore_or_refuse_of_a_request_is_said(
    field: dict[str, Any], said: str
) -> None:
    (fault,) = request_faults(CHAT, {"model": "m", "messages": []} | field, OPTIONS)
    assert said in fault


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "/v1/completions",
            {"prompt": "Once", "return_token_as_token_ids": True},
            "did you mean 'return_tokens_as_token_ids'?",
        ),
        ("/v1/completions", {"prompt": "Once", "logprobs": True}, "logprobs is True, expected int"),
        ("/v1/completions", {"messages": []}, "messages is no field of CompletionRequest"),
        ("/v1/embeddings", {"model": "m"}, "input is missing"),
        ("/v1/embeddings", {"input": ["x"], "encoding_format": "floats"}, "did you mean 'float'?"),
        ("/v1/embeddings", {"input": ["x"], "normalize": True}, "normalize is no field of Embed"),
    ],
)
def test_what_vllm_would_not_take_at_its_other_paths_is_said(
    path: str, body: dict[str, Any], said: str
) -> None:
    (fault,) = request_faults(path, body, OPTIONS)
    assert said in fault


def test_a_request_without_messages_is_incomplete() -> None:
    assert request_faults(CHAT, {"model": "m"}, OPTIONS) == ("messages is missing",)


@settings(deadline=None)
@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers(), max_size=2))
def test_a_field_without_kinds_takes_anything(value: Any) -> None:
    assert options.value_faults("x", value, Field(), OPTIONS) == []


def test_the_kept_list_is_written_as_the_script_writes_it() -> None:
    text = (ROOT / KEPT).read_text("utf-8")
    assert text == OPTIONS.model_dump_json(indent=1, exclude_defaults=True) + "\n"
    assert json.loads(text)["flags"].keys() == OPTIONS.flags.keys()
