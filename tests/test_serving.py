"""Serving an arm: the command, what is refused, memory and speed, and what is really started."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_gguf
import vllm_package
import yaml
from conftest import ROOT, Project
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import arms
from pipeline.arms import Arm
from pipeline.errors import UserError
from pipeline.models import catalogue, weights
from pipeline.models.catalogue import Model, identity
from pipeline.models.serving import Serving, Shape
from pipeline.serving import (
    cards,
    command,
    estimate,
    memory,
    options,
    refusals,
    serve,
    throughput,
)
from pipeline.serving.cards import CARDS, GIB
from pipeline.serving.options import KEPT, Listed, argument_faults

OPTIONS = options.load(ROOT / KEPT)
LISTED = Listed(OPTIONS, "vLLM 0.33.0")
MODELS = catalogue.load(ROOT / "data/models.yaml", ROOT)
YARN = {"factor": 4, "original_tokens": 32768, "rope_theta": 1000000}


def shipped(name: str) -> Arm:
    arm = arms.load(ROOT / f"data/arms/{name}.yaml", ROOT, MODELS)
    assert arm is not None
    return arm


SERVED = [
    x.stem
    for x in sorted((ROOT / "data/arms").glob("*.yaml"))
    if shipped(x.stem).model.provider == "vllm"
]
HIGH, LOW = shipped("qwen3_high"), shipped("qwen3_low")


def changed(arm: Arm, *, profile: dict[str, Any] | None = None, **fields: Any) -> Arm:
    """`arm` with other fields of its model, and of its profile."""
    model = Model.model_validate(arm.model.model_dump() | fields)
    told = type(arm.profile).model_validate(arm.profile.model_dump() | (profile or {}))
    return arm._replace(model=model, profile=told)


def loaded_as(arm: Arm, **fields: Any) -> Arm:
    """`arm` with other fields of `serving`."""
    given = arm.model.serving.model_dump() if arm.model.serving is not None else {}
    return changed(arm, serving=given | fields)


def value(arguments: tuple[str, ...], flag: str) -> str:
    return arguments[arguments.index(flag) + 1]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A path that holds no program but what a test puts there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def handed_on(command: str) -> list[str]:
    """What a shell that is given `command` hands on to `vllm`."""
    script = f'vllm() {{ printf "%s\\n" "$@"; }}\n{command}'
    return subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


# --- the command


@pytest.mark.parametrize("name", SERVED)
def test_the_command_of_every_shipped_arm_parses(name: str, bare: Path) -> None:
    plan = serve.planned(shipped(name), LISTED)
    assert argument_faults(plan.arguments, OPTIONS) == ()
    for flag in (x for x in plan.arguments if x.startswith("--")):
        wrong = tuple(f"{x}e" if x == flag else x for x in plan.arguments)
        assert argument_faults(wrong, OPTIONS)
    assert plan.fit is not None


def test_the_shipped_pair_is_of_one_family_and_two_capacities() -> None:
    assert HIGH.model.family == LOW.model.family
    assert HIGH.model.training == LOW.model.training
    assert HIGH.profile.quantisation == "none"
    assert HIGH.profile.experts.total == 128
    assert LOW.profile.quantisation == "awq"
    assert LOW.profile.experts.total == 0


def test_the_large_arm_is_spread_and_tells_which_experts_worked(bare: Path) -> None:
    found = serve.planned(HIGH, LISTED).arguments
    assert found[0] == "Qwen/Qwen3-235B-A22B"
    assert value(found, "--max-model-len") == "40960"
    assert value(found, "--reasoning-parser") == "qwen3"
    assert value(found, "--tensor-parallel-size") == "8"
    assert value(found, "--served-model-name") == "Qwen/Qwen3-235B-A22B"
    assert (value(found, "--host"), value(found, "--port")) == ("127.0.0.1", "8002")
    assert {"--enable-expert-parallel", "--enable-return-routed-experts"} <= set(found)
    assert "--enable-prefix-caching" in found
    assert "--quantization" not in found


def test_the_small_arm_is_quantised_and_dense() -> None:
    found = command.arguments(LOW, 1)
    assert value(found, "--quantization") == "awq"
    assert not {"--enable-expert-parallel", "--enable-return-routed-experts"} & set(found)


def test_all_that_a_model_can_be_told_is_in_the_command() -> None:
    arm = loaded_as(
        changed(
            HIGH,
            revision="abc",
            profile={
                "experts": {"total": 128, "active": 1},
                "extras": ["sliding_window", "speculative_decoding"],
            },
        ),
        dtype="bfloat16",
        kv_cache="fp8",
        active_experts=1,
        sliding_window=4096,
        speculative={"method": "draft", "model": "Qwen/Qwen3-0.6B", "tokens": 3},
        memory_share=0.8,
        sequences=16,
    )
    assert refusals.of(arm, OPTIONS) == ()
    found = command.arguments(arm, 8)
    assert argument_faults(found, OPTIONS) == ()
    assert value(found, "--revision") == "abc"
    assert value(found, "--dtype") == "bfloat16"
    assert value(found, "--kv-cache-dtype") == "fp8"
    assert value(found, "--gpu-memory-utilization") == "0.8"
    assert value(found, "--max-num-seqs") == "16"
    overrides = json.loads(value(found, "--hf-overrides"))
    assert overrides["num_experts_per_tok"] == 1
    assert overrides["sliding_window"] == 4096
    assert overrides["layer_types"] == ["sliding_attention"] * 94
    assert json.loads(value(found, "--speculative-config")) == {
        "method": "draft_model",
        "model": "Qwen/Qwen3-0.6B",
        "num_speculative_tokens": 3,
    }


def test_a_stretched_window_is_given_whole_since_vllm_multiplies_nothing() -> None:
    arm = loaded_as(changed(HIGH, context_tokens=131072), yarn=YARN)
    assert refusals.of(arm, OPTIONS) == ()
    overrides = json.loads(value(command.arguments(arm, 8), "--hf-overrides"))
    assert overrides == {
        "max_position_embeddings": 131072,
        "rope_parameters": {
            "rope_type": "yarn",
            "factor": 4.0,
            "original_max_position_embeddings": 32768,
            "rope_theta": 1000000.0,
        },
    }


def test_the_printed_command_is_what_a_shell_hands_on(bare: Path) -> None:
    arm = loaded_as(
        changed(LOW, profile={"extras": ["speculative_decoding"]}), speculative={"method": "ngram"}
    )
    plan = serve.planned(arm, LISTED)
    written, *notes = serve.shown(arm, plan)
    assert handed_on(written) == ["serve", *plan.arguments]
    assert all(x.startswith("# ") for x in notes)


def test_where_a_model_runs_changes_no_answer_and_how_it_is_loaded_does() -> None:
    plain = identity(LOW.model)
    for fields in ({"card": "L4"}, {"memory_share": 0.5}, {"sequences": 4}):
        assert identity(loaded_as(LOW, **fields).model) == plain
    for fields in ({"yarn": YARN}, {"kv_cache": "fp8"}, {"dtype": "float16"}):
        assert identity(loaded_as(LOW, **fields).model) != plain


# --- what is refused


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        (changed(LOW, quantisation="bitsandbytes"), "of 4 bits it has awq, gptq"),
        (changed(LOW, quantisation="Q4_0"), "GGUF files are for provider gguf"),
        (changed(LOW, quantisation="fp_quant"), "is giving up and refuses"),
        (changed(LOW, quantisation="none"), "claims profile.quantisation 'awq'; make them one"),
        (changed(LOW, context_tokens=65536), "65536, beyond the 40960 that the model was made for"),
        (
            loaded_as(changed(LOW, context_tokens=200000), yarn=YARN),
            "200000, beyond the 131072 to which serving.yarn stretches it (factor 4 x 32768)",
        ),
        (
            loaded_as(LOW, yarn=YARN | {"factor": 1.2}),
            "the model has 40960 without it; leave it out",
        ),
        (loaded_as(LOW, kv_cache="q8_0"), "expected one of f16, bf16, fp8"),
        (loaded_as(LOW, kv_cache="f32"), "'f32', which vLLM 0.33.0 lacks"),
        (loaded_as(LOW, kv_cache="f16", dtype="bfloat16"), "set dtype: float16"),
        (loaded_as(LOW, kv_cache="bf16"), "'left to vLLM'; vLLM keeps 16 bits only"),
        (
            loaded_as(LOW, reasoning_parser=None),
            "thinking_budget_tokens needs serving.reasoning_par",
        ),
        (loaded_as(LOW, reasoning_parser="qwen"), "did you mean 'qwen3'?"),
        (loaded_as(LOW, active_experts=2), "total is 0 (dense)"),
        (loaded_as(HIGH, active_experts=200), "but the model has 128"),
        (loaded_as(HIGH, active_experts=1), "profile.experts.active is 8; make them one"),
        (loaded_as(changed(LOW, shape=None), sliding_window=512), "needs `shape`"),
        (
            changed(LOW, profile={"weight_bits": 16}),
            "profile.weight_bits is 16, but the weights are loaded by quantisation 'awq': expected "
            "about 4.25",
        ),
        (
            changed(HIGH, profile={"weight_bits": 4.25}),
            "by quantisation 'none': expected 8 to 16 (name the method of weights published in",
        ),
        (changed(HIGH, profile={"weight_bits": 32}), "by quantisation 'none': expected 8 to 16"),
        (
            loaded_as(changed(HIGH, profile={"weight_bits": 8}), dtype="float32"),
            "by quantisation 'none': expected 16 to 32",
        ),
        (
            changed(
                LOW,
                quantisation="auto_awq",
                profile={"quantisation": "auto_awq", "weight_bits": 16},
            ),
            "by quantisation 'auto_awq': expected about 4.25",
        ),
        (
            changed(LOW, quantisation="fp8", profile={"quantisation": "fp8", "weight_bits": 4}),
            "by quantisation 'fp8': expected about 8",
        ),
        (loaded_as(LOW, dtype="float32"), "vLLM does not compute weights of awq; expected float16"),
        (
            loaded_as(changed(LOW, quantisation="auto_gptq"), dtype="float32"),
            "vLLM does not compute weights of auto_gptq; expected float16",
        ),
        (
            changed(LOW, profile={"extras": ["sliding_window", "speculative_decoding"]}),
            "names speculative_decoding, but qwen3_small has no serving.speculative",
        ),
        (loaded_as(LOW, speculative={"method": "ngram"}), "lacks speculative_decoding, but"),
        (loaded_as(LOW, sliding_window=512), "lacks sliding_window, but qwen3_small has serving"),
        (changed(LOW, base_url="https://gpu.example/v1"), "answers at http://HOST:PORT/v1"),
        (changed(LOW, base_url="http://127.0.0.1:8003"), "answers at http://HOST:PORT/v1"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(arm: Arm, said: str) -> None:
    found = refusals.of(arm, OPTIONS)
    assert any(said in x for x in found), found
    with pytest.raises(UserError):
        serve.planned(arm, LISTED)


@pytest.mark.parametrize(
    ("method", "bits", "dtype"),
    [
        ("awq", 6.1, None),  # a third of it is an embedding in 16 bits
        ("gptq", 8.25, None),
        ("auto_gptq", 8.25, None),
        ("auto_awq", 4.25, None),
        ("none", 16, None),
        ("none", 8, None),  # published in FP8
        ("none", 32, "float32"),
        ("compressed-tensors", 4.25, None),
        ("none", None, None),
    ],
)
def test_bits_that_a_method_brings_are_taken(
    method: str, bits: float | None, dtype: str | None
) -> None:
    told = {"quantisation": method, "weight_bits": bits}
    assert (
        refusals.of(
            loaded_as(changed(LOW, quantisation=method, profile=told), dtype=dtype), OPTIONS
        )
        == ()
    )


def test_a_named_card_that_does_not_hold_the_model_is_refused(bare: Path) -> None:
    """Without a card the command is for one that is supposed, and says that it does not hold it.

    Where no listed card holds it there is no machine that the command would be for.
    """
    arm = loaded_as(HIGH, card="RTX 4090")
    said = r"serving.card is 'RTX 4090': 8 x RTX 4090 do not hold it: .*; these would: .*4 x H200"
    with pytest.raises(UserError, match=said):
        serve.planned(arm, LISTED)
    large = changed(HIGH, profile={"parameters_billion": 400})
    plan = serve.planned(large, LISTED)
    assert "--tensor-parallel-size" not in plan.arguments
    assert any("8 x H100 80GB do not hold it" in x for x in serve.shown(large, plan))
    huge = changed(HIGH, profile={"parameters_billion": 4000})
    with pytest.raises(UserError, match=r"8 x H100 80GB do not hold it: .*; these would: none"):
        serve.planned(huge, LISTED)
    unknown = changed(arm, shape=None)
    assert serve.planned(unknown, LISTED).fit is None, "nothing is known against it"


@pytest.mark.parametrize(
    ("profile", "more", "said"),
    [
        (
            {"context_tokens": 2048},
            {},
            "profile.context_tokens is 2048, but nothing cuts a task to that: it has the window of "
            "4096 that data/models.yaml gives big; write 4096 in both, 2048 in both, or cut by",
        ),
        (
            {"context_tokens": 2048},
            {"knobs": {"window_tokens": 500}, "sampling": {"max_tokens": 9}},
            "knobs.window_tokens cuts to 500; make them one (where answers show that a tokeniser "
            "makes more tokens than are estimated, the knob may be down to a quarter of the "
            "window: 512)",
        ),
        (
            {"context_tokens": 512},
            {"knobs": {"window_tokens": 1024}, "sampling": {"max_tokens": 9}},
            "profile.context_tokens is 512, but knobs.window_tokens cuts to 1024; make them one",
        ),
        ({"context_tokens": 8192}, {}, "profile.context_tokens is 8192, beyond the window of 4096"),
        (
            {},
            {"knobs": {"window_tokens": 8192}, "sampling": {"max_tokens": 9}},
            "knobs.window_tokens is 8192, beyond the window of 4096",
        ),
        (
            {"thinking": {"mode": "capped"}, "inference": "tuned"},
            {"sampling": {"effort": "low", "thinking_budget_tokens": 5000}},
            "thinking_budget_tokens is 5000, which leaves no room for a task in a window of 4096",
        ),
        ({}, {"sampling": {"max_tokens": 4096}}, "which leaves no room for a task in the window"),
        (
            {"experts": {"total": 8, "active": 64}},
            {},
            "profile.experts.active is 64, more than the 8 there are",
        ),
        (
            {"inference": "tuned"},
            {"knobs": {"candidates": 4}, "sampling": {"temperature": 0, "max_tokens": 9}},
            "knobs.candidates is 4, but sampling.temperature is 0, at which every draft is the "
            "same text whatever its seed; let it vary, or ask for one candidate",
        ),
        (
            {"inference": "tuned"},
            {"knobs": {"candidates": 2}, "sampling": {"top_k": 1, "max_tokens": 9}},
            "knobs.candidates is 2, but sampling.top_k is 1, at which every draft",
        ),
    ],
)
def test_an_arm_that_no_model_can_be_is_refused_before_anything_asks_it(
    vllm_project: Project, profile: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    path = vllm_project.root / "data/arms/high.yaml"
    arm = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump(arm | more | {"profile": arm["profile"] | profile}), "utf-8")
    assert "shape" not in (vllm_project.root / "data/models.yaml").read_text("utf-8")
    with pytest.raises(UserError) as caught:
        serve.load("high", None, vllm_project.root)
    assert str(caught.value).startswith("data/arms/high.yaml: ")
    assert said in str(caught.value)


def test_a_window_that_is_cut_for_each_request_is_served_whole(vllm_project: Project) -> None:
    path = vllm_project.root / "data/arms/high.yaml"
    arm = yaml.safe_load(path.read_text("utf-8"))
    arm |= {"knobs": {"window_tokens": 1024}, "sampling": {"max_tokens": 9}}
    arm["profile"]["context_tokens"] = 1024
    path.write_text(yaml.safe_dump(arm), "utf-8")
    found = command.arguments(serve.load("high", None, vllm_project.root), 1)
    assert value(found, "--max-model-len") == "4096"


def test_every_reason_is_given_at_once(bare: Path) -> None:
    arm = loaded_as(
        changed(LOW, quantisation="gguf", context_tokens=65536),
        kv_cache="q4_0",
        reasoning_parser="qwen",
        card="H300",
    )
    with pytest.raises(UserError) as error:
        serve.planned(arm, LISTED)
    lines = str(error.value).splitlines()
    assert len(lines) == 6  # the method twice: vLLM lacks it, and the profile claims another
    assert all(x.startswith("data/models.yaml: qwen3_small: ") for x in lines)
    assert "there are: RTX 3090" in lines[-1]


def test_a_list_without_a_flag_refuses_the_command_that_needs_it(bare: Path) -> None:
    flags = {x: field for x, field in OPTIONS.flags.items() if x != "--enable-prefix-caching"}
    older = OPTIONS.model_copy(update={"flags": flags, "version": "0.1"})
    with pytest.raises(UserError, match=r"--enable-prefix-caching is no option of vLLM 0\.1"):
        serve.planned(LOW, Listed(older, "older"))


# --- memory and speed


def test_keys_and_values_and_weights_are_those_that_the_build_gives() -> None:
    assert memory.token(HIGH).value == 2 * 94 * 4 * 128 * 2 == 192512
    assert memory.token(HIGH, 8).value == 2 * 192512  # eight cards, four heads: each has a copy
    assert memory.token(loaded_as(HIGH, kv_cache="fp8")).value == 192512 / 2
    assert memory.weights(HIGH).value == 235e9 * 2
    # Published: 6.1 GB on disk. Almost a third of it is the embedding, in 16 bits.
    assert memory.weights(LOW).value == pytest.approx(6.2e9, rel=0.02)
    assert memory.held(loaded_as(LOW, sliding_window=100), 8192) == 100


@pytest.mark.parametrize(
    ("arm", "card", "said"),
    [
        # four heads on eight cards: each card keeps a copy
        (HIGH, "H100 80GB", "376 KiB a token on 8 cards, 14.7 GiB for a window of 40960"),
        (HIGH, "H200", "188 KiB a token on 4 cards, 7.3 GiB for a window of 40960"),
        (LOW, "H200", "144 KiB a token, 1.1 GiB for a window of 8192"),
    ],
)
def test_the_keys_and_values_that_are_printed_are_those_of_the_commands_cards(
    bare: Path, arm: Arm, card: str, said: str
) -> None:
    arm = loaded_as(arm, card=card)
    shown = serve.shown(arm, serve.planned(arm, LISTED))
    assert any(f"keys and values {said}" in x for x in shown), shown


def test_the_large_arm_takes_eight_cards_of_80_gb_and_fits_no_desktop() -> None:
    fits = {x.name: memory.smallest(HIGH, x) for x in CARDS}
    counts = {name: fit.cards if fit is not None else None for name, fit in fits.items()}
    assert (counts["H100 80GB"], counts["H200"], counts["RTX 4090"]) == (8, 4, None)
    small = memory.smallest(LOW, cards.named("RTX 3090"))
    assert small is not None
    assert small.cards == 1


@settings(deadline=None)
@given(
    layers=st.integers(1, 128),
    heads=st.integers(1, 16),
    billions=st.floats(0.5, 700),
    window=st.integers(512, 131072),
    card=st.sampled_from(CARDS),
)
def test_the_fewest_cards_are_fewest_and_hold_it(
    layers: int, heads: int, billions: float, window: int, card: cards.Card
) -> None:
    shape = {"layers": layers, "kv_heads": heads, "head_dim": 128, "context_tokens": window}
    arm = changed(
        LOW,
        shape=shape,
        context_tokens=window,
        profile={"parameters_billion": billions, "context_tokens": window},
    )
    fit = memory.smallest(arm, card)
    sizes = [memory.fit(arm, card, n) for n in cards.COUNTS]
    fewer = [x for x in sizes if x is not None and (fit is None or x.cards < fit.cards)]
    assert all(x.windows < 1 for x in fewer)
    if fit is not None:
        loaded, one = memory.weights(arm).value, memory.token(arm, fit.cards).value
        assert loaded is not None
        assert one is not None
        room = fit.cards * (card.memory * memory.SHARE - memory.OVERHEAD)
        assert loaded + fit.windows * one * window <= room * (1 + 1e-9)


def test_weights_of_a_method_whose_kernel_vllm_chooses_are_as_large() -> None:
    unsaid = changed(LOW, profile={"weight_bits": None})
    assert memory.weights(unsaid).value is not None
    chosen = changed(unsaid, quantisation="auto_awq")
    assert memory.weights(chosen).value == memory.weights(unsaid).value


def test_what_is_not_known_is_said_and_no_card_is_claimed(bare: Path) -> None:
    arm = changed(LOW, shape=None, profile={"parameters_billion": None})
    assert memory.smallest(arm, CARDS[0]) is None
    (line,) = estimate.lines(arm)
    assert "profile.parameters_billion is not given" in line
    assert "qwen3_small: shape is not given" in line
    plan = serve.planned(arm, LISTED)
    assert "--tensor-parallel-size" not in plan.arguments


def test_a_mixture_works_with_few_of_its_weights_and_a_crowd_reads_them_all() -> None:
    active = throughput.active_parameters(HIGH).value
    assert active == pytest.approx(22.6e9, rel=0.01)
    whole = memory.weights(HIGH).value
    assert whole is not None
    alone, crowd = (throughput.weights_read(HIGH, n).value for n in (1, 1000))
    assert alone == pytest.approx(2 * 22.6e9, rel=0.01)
    assert crowd == pytest.approx(whole, rel=0.001)
    assert throughput.weights_read(LOW, 1).value == memory.weights(LOW).value


def test_speed_is_a_range_of_what_memory_and_compute_allow() -> None:
    card = cards.named("H100 80GB")
    assert card.bandwidth is not None
    assert card.compute is not None
    fit = memory.smallest(LOW, card)
    assert fit is not None
    loaded = memory.weights(LOW).value
    assert loaded is not None
    found = throughput.decode(LOW, fit, 1, 1)
    assert found.high == pytest.approx(0.7 * card.bandwidth / loaded, rel=0.01)
    assert found.low == pytest.approx(0.3 * card.bandwidth / loaded, rel=0.01)
    assert throughput.prefill(LOW, fit).high == pytest.approx(0.7 * card.compute / (2 * 8.2e9))
    many = throughput.decode(LOW, fit, 64, 1)
    far = throughput.decode(LOW, fit, 64, 8192)
    assert many.high is not None
    assert found.high is not None
    assert far.high is not None
    assert found.high < many.high <= 64 * found.high
    assert far.high < many.high


def test_the_speed_of_a_card_that_is_not_in_the_table_is_not_known() -> None:
    odd = cards.Card("Odd 48", 48 * GIB, None, None)
    found = estimate.of(LOW, odd)
    assert found.fit is not None
    assert found.alone == (None, None, "Odd 48 is not in the table of cards")
    assert found.prompts.low is None


# --- the cards that are here


@pytest.mark.parametrize(
    ("shown", "name", "mib"),
    [
        ("NVIDIA H200", "H200", 143771),
        ("NVIDIA H100 80GB HBM3", "H100 80GB", 81559),
        ("NVIDIA H100 PCIe", "H100 PCIe", 81559),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB", 81920),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB", 40960),
        ("NVIDIA GeForce RTX 4090", "RTX 4090", 24564),
        ("NVIDIA L40S", "L40S", 46068),
        ("NVIDIA L4", "L4", 23034),
        ("NVIDIA H100 NVL", "NVIDIA H100 NVL", 95830),
    ],
)
def test_a_card_is_known_by_name_and_memory(bare: Path, shown: str, name: str, mib: int) -> None:
    program(bare, "nvidia-smi", f'echo "{shown}, {mib}"\necho "{shown}, {mib}"')
    found = cards.machine(None)
    assert (found.card.name, found.here) == (name, 2)
    assert found.card.memory == mib * 2**20
    assert (found.card.bandwidth is None) == (name not in {x.name for x in CARDS})


def test_without_a_card_one_is_supposed_and_said_to_be(bare: Path) -> None:
    assert cards.machine(None).here == 0
    assert "supposed" in cards.machine(None).why
    program(bare, "nvidia-smi", "exit 9")
    assert cards.present() == []
    assert cards.machine("L4").card.name == "L4"


# --- what is started


def antipode(
    root: Path, *arguments: str, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"PATH": path} if path else {})
    run = [sys.executable, "-m", "pipeline", *arguments]
    return subprocess.run(
        run, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def vllm_project(project: Project) -> Project:
    """A project with one vLLM arm and the kept list."""
    shutil.copy(ROOT / KEPT, project.root / KEPT)
    project.models(
        big={
            "provider": "vllm",
            "name": "maker/model",
            "family": "f",
            "training": "instruct",
            "base_url": "http://127.0.0.1:8009/v1",
            "context_tokens": 4096,
        },
        api={"provider": "anthropic", "name": "c", "family": "c", "training": "instruct"},
    )
    project.arm("high", "big")
    project.arm("low", "api", max_tokens=5)
    return project


def test_without_vllm_the_command_is_printed_and_nothing_is_started(
    vllm_project: Project, bare: Path
) -> None:
    told = antipode(vllm_project.root, "serve", "high", path=str(bare))
    assert told.returncode == 2
    assert told.stdout.startswith("vllm serve maker/model")
    assert "vLLM is not installed here" in told.stderr
    assert antipode(vllm_project.root, "serve", "high", "--print", path=str(bare)).returncode == 0


def installed_vllm(folder: Path) -> Path:
    """A vLLM whose command says what it was started with."""
    vllm_package.folder(folder / "lib/python3.12/site-packages")
    (folder / "bin").mkdir()
    return program(folder / "bin", "vllm", 'printf "started %s\\n" "$@"').parent


def test_an_installed_vllm_is_started_with_exactly_the_printed_command(
    vllm_project: Project, tmp_path: Path
) -> None:
    path = f"{installed_vllm(tmp_path / 'own')}:/usr/bin:/bin"
    told = antipode(vllm_project.root, "serve", "high", path=path)
    assert told.returncode == 0, told.stderr
    assert "checked against vLLM 9.9.9, which is installed here" in told.stdout
    printed = handed_on(told.stdout.split("\n#")[0])
    started = [x.removeprefix("started ") for x in told.stdout.splitlines() if "started " in x]
    assert started == printed


def test_a_step_of_a_ladder_is_served_by_its_name(vllm_project: Project, bare: Path) -> None:
    models = yaml.safe_load((vllm_project.root / "data/models.yaml").read_text("utf-8"))["models"]
    models["big4"] = models["big"] | {
        "name": "maker/model-4bit",
        "quantisation": "awq",
        "base_url": "http://127.0.0.1:8010/v1",
    }
    vllm_project.models(**models)
    vllm_project.task("stone", "What?", "Что?")
    vllm_project.panel({"id": "length", "computed": "length"})
    steps = [
        {"factor": "quantisation", "start": "hicap", "levels": ["big4"]},
        {
            "factor": "quantisation",
            "start": "hicap",
            "levels": [{"model": "big4", "name": "odd", "profile": {"weight_bits": 16}}],
        },
    ]
    vllm_project.study(ablations=steps[:1])
    step = "high+quantisation=big4"
    told = antipode(vllm_project.root, "serve", step, "--study", "trial", "--print", path=str(bare))
    assert told.returncode == 0, told.stderr
    arguments = tuple(handed_on(told.stdout.split("\n#")[0]))
    assert arguments[1] == "maker/model-4bit"
    assert (value(arguments, "--quantization"), value(arguments, "--port")) == ("awq", "8010")
    told = antipode(vllm_project.root, "serve", "high+size=x", "--study", "trial")
    assert told.stderr == (
        f"no arm 'high+size=x' in the study trial; there are: high, low, {step}\n"
    )
    vllm_project.study(ablations=steps[1:])
    told = antipode(vllm_project.root, "serve", "high+quantisation=odd", "--study", "trial")
    assert told.stderr.startswith("arm high+quantisation=odd: profile.weight_bits is 16, but")


def test_too_few_cards_stop_it_before_it_starts(vllm_project: Project, tmp_path: Path) -> None:
    models = vllm_project.root / "data/models.yaml"
    shape = "{layers: 94, kv_heads: 4, head_dim: 128, context_tokens: 4096}"
    models.write_text(
        models.read_text("utf-8").replace("    family: f\n", f"    family: f\n    shape: {shape}\n")
    )
    arm = vllm_project.root / "data/arms/high.yaml"
    arm.write_text(
        arm.read_text("utf-8").replace("profile:\n", "profile:\n  parameters_billion: 235\n")
    )
    folder = installed_vllm(tmp_path / "own")
    program(folder, "nvidia-smi", 'echo "NVIDIA H200, 143771"')
    told = antipode(vllm_project.root, "serve", "high", path=f"{folder}:/usr/bin:/bin")
    assert told.returncode == 2
    assert "high: needs 4 x H200, and 1 are in this machine" in told.stderr
    assert "started" not in told.stdout


def test_what_others_serve_is_refused(vllm_project: Project, project: Project) -> None:
    told = antipode(vllm_project.root, "serve", "low")
    assert told.returncode == 2
    assert told.stderr == (
        "low: its model api is served by anthropic: there is nothing to start "
        "(vllm and gguf are started here)\n"
    )
    assert "there is no model to start" in antipode(ROOT, "serve", "sample_high").stderr
    assert "did you mean 'high'?" in antipode(vllm_project.root, "serve", "higt").stderr


@pytest.fixture
def gguf_project(project: Project, tmp_path: Path) -> Project:
    """A project with one arm on a file."""
    file = tiny_gguf.write(tmp_path / "tiny.gguf", "Q8_0", 512)
    project.models(
        tiny={
            "provider": "gguf",
            "name": "tiny",
            "family": "t",
            "training": "instruct",
            "file": str(file),
            "fingerprint": weights.fingerprint(file),
            "context_tokens": 512,
            "limits": {"concurrency": 2},
            "serving": {"kv_cache": "q8_0"},
        }
    )
    project.arm("low", "tiny")
    return project


def test_a_file_is_printed_with_what_it_takes(gguf_project: Project) -> None:
    told = antipode(gguf_project.root, "serve", "low", "--print")
    assert told.returncode == 0, told.stderr
    assert "2 slots of 512 tokens; kv_cache q8_0" in told.stdout
    # 2 x 2 layers x 2 heads x 32 dimensions at 8.5 bits
    assert f"{2 * 2 * 2 * 32 * 8.5 / 8 / 1024:.1f} KiB a token" in told.stdout


@pytest.fixture
def serving(gguf_project: Project) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The served arm, and the address that it printed."""
    run = [sys.executable, "-m", "pipeline", "serve", "low"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        run, cwd=gguf_project.root, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = next(x for x in process.stdout if "answers at" in x)
    yield process, line.split("answers at ")[1].split(";")[0]
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_file_is_served_until_interrupted(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, address = serving
    assert address.startswith("http://127.0.0.1:")
    asked = {"model": "tiny", "messages": [{"role": "user", "content": "?"}], "max_tokens": 4}
    request = urllib.request.Request(
        f"{address}/chat/completions",
        json.dumps(asked).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        said = json.load(reply)
    assert said["model"] == "tiny"
    assert said["usage"]["completion_tokens"] > 0
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


def test_a_file_that_cannot_be_loaded_as_said_is_refused_with_every_reason(
    gguf_project: Project,
) -> None:
    models = gguf_project.root / "data/models.yaml"
    text = models.read_text("utf-8").replace("context_tokens: 512", "context_tokens: 4096")
    written = text[text.index("fingerprint: ") + 13 :].split("\n")[0]
    models.write_text(text.replace(written, '"0123456789abcdef"'))
    told = antipode(gguf_project.root, "serve", "low", "--print")
    assert told.returncode == 2
    assert "context_tokens is 4096, beyond the 512" in told.stderr
    assert "it is another file" in told.stderr


def test_a_port_that_is_taken_is_said(
    gguf_project: Project, serving: tuple[subprocess.Popen[str], str]
) -> None:
    models = gguf_project.root / "data/models.yaml"
    address = serving[1]
    models.write_text(
        models.read_text("utf-8").replace(
            "    family: t\n", f"    family: t\n    base_url: {address}\n"
        )
    )
    told = antipode(gguf_project.root, "serve", "low")
    assert told.returncode == 2
    assert f"(at {address.removeprefix('http://').removesuffix('/v1')})" in told.stderr


def test_an_embedded_engine_is_not_told_what_only_vllm_is() -> None:
    for fields in ({"yarn": YARN}, {"card": "L4"}, {"sequences": 4}):
        with pytest.raises(ValueError, match=r"a GGUF file fixes that itself|only vLLM is told"):
            Model(
                id="x",
                provider="gguf",
                name="n",
                family="f",
                training="base",
                file="x.gguf",
                context_tokens=512,
                serving=Serving.model_validate(fields),
                shape=Shape(layers=1, kv_heads=1, head_dim=1, context_tokens=1),
            )
