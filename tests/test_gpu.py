"""What the benchmark on a GPU can show without one."""

import asyncio
import json
from pathlib import Path

import pytest
from conftest import ROOT
from fake_server import FakeServer, answer_or_verdict
from tokenizers import Tokenizer

from benchmarks import gpu
from pipeline.serving import command, options, refusals

KEPT = options.load(ROOT / "data/vllm_options.json")


def test_without_a_gpu_it_says_that_it_was_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert gpu.main() == 0
    assert capsys.readouterr().out.startswith("not run: no GPU is here")


@pytest.mark.parametrize("name", list(gpu.CONFIGS))
def test_the_command_of_a_dummy_is_one_that_vllm_takes(tmp_path: Path, name: str) -> None:
    path = gpu.write_weights(tmp_path, name)
    arm = gpu.arm_of(path)
    assert refusals.of(arm, KEPT) == ()
    given = (*command.arguments(arm, 1), "--load-format", "dummy")
    assert options.argument_faults(given, KEPT) == ()
    config = json.loads((path / "config.json").read_text("utf-8"))
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    assert config["vocab_size"] == tokenizer.get_vocab_size()
    assert tokenizer.token_to_id("<|im_end|>") == config["eos_token_id"]
    assert ("--enable-return-routed-experts" in given) == (name == "mixture")


def test_calls_are_counted_as_the_server_counts_them(tmp_path: Path, server: FakeServer) -> None:
    server.reply = answer_or_verdict
    arm = gpu.arm_of(gpu.write_weights(tmp_path, "dense"))
    model = arm.model.model_copy(update={"base_url": server.address})
    asked = [*gpu.answers(arm)[:5], *gpu.verdicts(arm)[:5]]
    rate = asyncio.run(gpu.asked(arm._replace(model=model), asked))
    assert (rate.calls, server.calls) == (10, 10)
    assert rate.tokens_in > 0
    assert rate.tokens_out > 0
    assert sum("response_format" in x for x in server.bodies) == 5
    sent = zip(server.paths, server.bodies, strict=True)
    assert all(options.request_faults(path, x, KEPT) == () for path, x in sent)


def test_vllms_own_figure_is_read_or_missed() -> None:
    said = "Output token throughput (tok/s): 900.1\nTotal Token throughput (tok/s):   5120.50\n"
    assert gpu.total_throughput(said) == 5120.5
    with pytest.raises(RuntimeError, match="printed no total token throughput"):
        gpu.total_throughput("an error")
