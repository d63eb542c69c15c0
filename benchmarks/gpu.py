"""How fast vLLM is driven on a GPU, beside its own benchmark in the same run; weights are dummies.

    python -m benchmarks.gpu

A dense model and a mixture of experts are written as configurations with a tokeniser of their own,
served by the command that `antipode serve` would run plus `--load-format dummy`, and verified as a
study would. Then answers and verdicts are asked, and `vllm bench serve` asks as many of the same
lengths. Without a GPU or without vLLM it says that it was not run.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from dspy.lm15 import Config, Message, Request
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from benchmarks import workload
from judges import form, judging
from judges.rubric import Rubric, Text
from judges.sampling import Sampling
from pipeline import files
from pipeline.arms import Arm
from pipeline.capacity import Experts, Profile, Thinking
from pipeline.models.catalogue import Limits, Model
from pipeline.models.compatible import CompatibleEngine
from pipeline.models.endpoint import Endpoint
from pipeline.models.serving import Shape
from pipeline.serving import cards, command, installed, options
from pipeline.verifying import compare, observing

PORT, WINDOW, AT_ONCE, CALLS, WRITTEN = 8765, 8192, 64, 512, 128
LEAST = 0.9
WAIT_SECONDS = 600
_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LAYERS, HEADS, KV_HEADS, HEAD_DIM = 16, 16, 4, 128
_BUILD: dict[str, Any] = {
    "hidden_size": HEADS * HEAD_DIM,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "head_dim": HEAD_DIM,
    "intermediate_size": 6144,
    "max_position_embeddings": WINDOW,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1e6,
    "tie_word_embeddings": False,
    "hidden_act": "silu",
    "torch_dtype": "bfloat16",
    "bos_token_id": 0,
    "eos_token_id": 2,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "dense": _BUILD | {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"},
    "mixture": _BUILD
    | {
        "architectures": ["Qwen3MoeForCausalLM"],
        "model_type": "qwen3_moe",
        "num_experts": 32,
        "num_experts_per_tok": 4,
        "moe_intermediate_size": 768,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "norm_topk_prob": True,
    },
}


class Rate(NamedTuple):
    """What a number of calls came to."""

    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float

    @property
    def tokens_a_second(self) -> float:
        """Both ways together."""
        return (self.tokens_in + self.tokens_out) / self.seconds


def write_weights(folder: Path, name: str) -> Path:
    """A model's folder without weights: its configuration, tokeniser and chat template."""
    path = folder / name
    path.mkdir()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=8192,
        special_tokens=list(_SPECIAL),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    texts = [x.read_text("utf-8") for x in sorted((workload.ROOT / "rubrics").glob("*.yaml"))]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path / "tokenizer.json"))
    said = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": _SPECIAL[2],
        "pad_token": _SPECIAL[0],
        "chat_template": _TEMPLATE,
        "model_max_length": WINDOW,
    }
    (path / "tokenizer_config.json").write_text(json.dumps(said), "utf-8")
    config = CONFIGS[name] | {"vocab_size": tokenizer.get_vocab_size()}
    (path / "config.json").write_text(json.dumps(config), "utf-8")
    return path


def arm_of(path: Path) -> Arm:
    """The arm that serves such a folder."""
    config = json.loads((path / "config.json").read_text("utf-8"))
    experts = config.get("num_experts", 0)
    model = Model(
        id=path.name,
        provider="vllm",
        name=str(path),
        family="dummy",
        training="base",
        quantisation="none",
        base_url=f"http://127.0.0.1:{PORT}/v1",
        context_tokens=WINDOW,
        shape=Shape(layers=LAYERS, kv_heads=KV_HEADS, head_dim=HEAD_DIM, context_tokens=WINDOW),
        limits=Limits(concurrency=AT_ONCE),
    )
    profile = Profile(
        quantisation="none",
        weight_bits=16,
        experts=Experts(total=experts, active=config.get("num_experts_per_tok", 0)),
        context_tokens=WINDOW,
        thinking=Thinking(mode="none"),
        inference="defaults",
    )
    title = Text(en=path.name, ru=path.name)
    return Arm(path.name, title, model, "direct", Sampling(max_tokens=WRITTEN), profile)


@contextmanager
def served(arm: Arm, vllm: Sequence[str]) -> Iterator[None]:
    """vLLM with dummy weights for as long as the block runs.

    Raises:
        RuntimeError: it ended, or did not answer in ten minutes.
    """
    arguments = (*command.arguments(arm, 1), "--load-format", "dummy")
    process = subprocess.Popen([*vllm, "serve", *arguments], stdout=subprocess.DEVNULL)
    try:
        for _ in range(WAIT_SECONDS):
            if process.poll() is not None:
                raise RuntimeError(f"vllm serve ended with {process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=2):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(1)
        else:
            raise RuntimeError(f"no answer in {WAIT_SECONDS} s")
        yield
    finally:
        process.terminate()
        process.wait()


async def asked(arm: Arm, bodies: Sequence[Request]) -> Rate:
    """All of `bodies`, so many at once as the arm's model allows."""
    endpoint = Endpoint(arm.model, CompatibleEngine(arm.model))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(body: Request) -> tuple[int, int]:
        async with gate:
            usage = (await endpoint.ask(body)).response.usage
            return usage.input_tokens or 0, usage.output_tokens or 0

    start = time.perf_counter()
    try:
        counts = await asyncio.gather(*map(one, bodies))
    finally:
        await endpoint.engine.aclose()
    seconds = time.perf_counter() - start
    return Rate(len(counts), sum(x for x, _ in counts), sum(y for _, y in counts), seconds)


def answers(arm: Arm) -> list[Request]:
    """Tasks to be answered."""
    config = Config(max_tokens=WRITTEN, temperature=1.0)
    items = workload.items(CALLS)
    return [
        Request(
            model=arm.model.name,
            messages=(Message.user(x.task + "\n\n" + x.answer),),
            config=config,
        )
        for x in items
    ]


def verdicts(arm: Arm) -> list[Request]:
    """Items to be judged on depth, the reply's form as a JSON schema at the server."""
    rubric = files.load(workload.ROOT / "rubrics/depth.yaml", Rubric, workload.ROOT)
    forms = {x: form.build(rubric, x) for x in ("en", "ru")}
    config = Config(max_tokens=WRITTEN, temperature=0.0)
    return [
        judging.request_for(
            forms[x.language], x, arm.model.name, judging.asked(forms[x.language], config, False)
        )
        for x in workload.items(CALLS)
    ]


def own_benchmark(vllm: Sequence[str], arm: Arm, rate: Rate) -> float:
    """Tokens a second, both ways, of `vllm bench serve` with calls of the same lengths."""
    made = subprocess.run(
        [
            *vllm, "bench", "serve", "--backend", "openai-chat",
            "--endpoint", "/v1/chat/completions", "--host", "127.0.0.1", "--port", str(PORT),
            "--model", arm.model.name, "--dataset-name", "random", "--ignore-eos",
            "--random-input-len", str(rate.tokens_in // rate.calls),
            "--random-output-len", str(max(1, rate.tokens_out // rate.calls)),
            "--num-prompts", str(rate.calls), "--max-concurrency", str(AT_ONCE),
        ],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return total_throughput(made.stdout)


def total_throughput(said: str) -> float:
    """The total token throughput that vLLM's benchmark prints.

    >>> total_throughput("Total Token throughput (tok/s):           5120.50\\n")
    5120.5
    """
    found = re.search(r"Total [Tt]oken throughput \(tok/s\):\s+([\d.]+)", said)
    if found is None:
        raise RuntimeError("vllm bench serve printed no total token throughput")
    return float(found.group(1))


def measure(vllm: Sequence[str], path: Path) -> bool:
    """Serve, verify and drive one model; whether both rates reach 0.9 of vLLM's own."""
    arm = arm_of(path)
    with served(arm, vllm):
        shown = asyncio.run(_shown(arm))
        for check in compare.checks(arm, shown):
            print(f"{arm.name}: {check.field}: {check.declared} / {check.found}: {check.agrees}")
        enough = True
        for what, bodies in (("answers", answers(arm)), ("verdicts", verdicts(arm))):
            rate = asyncio.run(asked(arm, bodies))
            theirs = own_benchmark(vllm, arm, rate)
            share = rate.tokens_a_second / theirs
            enough &= share >= LEAST
            print(
                f"{arm.name}, {what}: {rate.calls / rate.seconds:.1f} calls/s, "
                f"{rate.tokens_a_second:.0f} tokens/s; vLLM's own {theirs:.0f}: {share:.2f} "
                f"(mark {LEAST})"
            )
    return enough


async def _shown(arm: Arm) -> Any:
    endpoint = Endpoint(arm.model, CompatibleEngine(arm.model))
    try:
        found = await observing.of_endpoints([endpoint])
        return next(iter(found.values()), ())
    finally:
        await endpoint.engine.aclose()


def main() -> int:
    """Both models; 1 where a mark is missed, 0 where it was not run."""
    vllm = shutil.which("vllm")
    here = cards.present()
    if not here or vllm is None:
        lacking = "no GPU" if not here else "no vLLM"
        print(f"not run: {lacking} is here (pip install 'antipode[vllm]' on a machine with a GPU)")
        return 0
    known = installed.listed(workload.ROOT, installed.find())
    print(f"{len(here)} x {here[0].name}, {known.options.version}")
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_weights(Path(folder), name) for name in CONFIGS]
        for path in paths:
            given = (*command.arguments(arm_of(path), 1), "--load-format", "dummy")
            if faults := options.argument_faults(given, known.options):
                print("\n".join(faults))
                return 1
        return 0 if all(list(map(partial(measure, [vllm]), paths))) else 1


if __name__ == "__main__":
    sys.exit(main())
