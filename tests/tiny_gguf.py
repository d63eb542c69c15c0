"""Tiny real llama.cpp models, written by the tests themselves: real tokeniser, real quantisation.

The weights are random but for one channel of the residual stream, which is held constant and
serves as a bias on the output: it keeps the model to printable ASCII and makes it end strings soon,
so that an untrained model writes valid short JSON under a grammar.
"""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WIDTH, LAYERS, HEADS, INNER = 64, 2, 2, 128
ROOT = Path(__file__).resolve().parents[1]


def _texts() -> list[str]:
    """What the tokeniser learns from: the rubrics that judges read, and the form of a verdict."""
    rubrics = [x.read_text("utf-8") for x in sorted((ROOT / "rubrics").glob("*.yaml"))]
    reply = '{"rationale": "so", "evidence": ["word"], "score": 3, "abstention": null}'
    return [*rubrics, (ROOT / "judges/form.py").read_text("utf-8"), reply * 20]


def _tokenizer() -> tuple[list[str], list[str]]:
    """Tokens by id and merges of a byte-level BPE."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=2400,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    size = -(-len(model["vocab"]) // 32) * 32
    tokens = [f"<unused{i}>" for i in range(size)]
    for token, index in model["vocab"].items():
        tokens[index] = token
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]]
    return tokens, merges


def _bias(tokens: list[str]) -> np.ndarray[Any, Any]:
    """What the constant channel adds to each token's logit: printable ASCII only, quotes early."""
    bias = np.full(len(tokens), -6.0, np.float32)
    for index, token in enumerate(tokens):
        if token.startswith("<"):
            bias[index] = 0.0 if token == "<|im_end|>" else -6.0
        elif all(c in "ĠĊ" or " " < c < "\x7f" for c in token):
            bias[index] = 3.0 if token.startswith('"') else 2.0 if token in "12345" else 0.0
            if token.startswith(("Ċ", "\\", "n", "null")):  # no escapes; score rarely null
                bias[index] = -6.0
    return bias


def write(
    path: Path,
    quantisation: str,
    context: int,
    experts: int = 0,
    template: bool = True,
    seed: int = 0,
    active: int = 2,
) -> Path:
    """Write one model: `F16`, `Q8_0` or `Q4_0`; dense, or a mixture with `active` experts."""
    tokens, merges = _tokenizer()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_layer_norm_rms_eps(1e-5)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(active)
    _add_vocabulary(writer, tokens, merges, template)
    _add_tensors(writer, quantisation, experts, tokens, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_vocabulary(writer: Any, tokens: list[str], merges: list[str], template: bool) -> None:
    kinds = [
        gguf.TokenType.CONTROL
        if token in SPECIAL
        else gguf.TokenType.UNUSED
        if token.startswith("<unused")
        else gguf.TokenType.NORMAL
        for token in tokens
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    if template:
        writer.add_chat_template(TEMPLATE)


def _add_tensors(
    writer: Any, quantisation: str, experts: int, tokens: list[str], rng: np.random.Generator
) -> None:
    kind = getattr(gguf.GGMLQuantizationType, quantisation)
    file_type = {"F16": "MOSTLY_F16", "Q8_0": "MOSTLY_Q8_0", "Q4_0": "MOSTLY_Q4_0"}[quantisation]
    writer.add_file_type(getattr(gguf.LlamaFileType, file_type))

    def put(name: str, values: np.ndarray[Any, Any], exact: bool = False) -> None:
        values = values.astype(np.float32)
        if exact:
            writer.add_tensor(name, values)
        elif quantisation == "F16":
            writer.add_tensor(name, values.astype(np.float16))
        else:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    def random(*shape: int) -> np.ndarray[Any, Any]:
        return rng.normal(0, 0.08, shape)

    embedding, output = random(len(tokens), WIDTH), random(len(tokens), WIDTH)
    embedding[:, 0] = 4.0  # the constant channel: nothing below writes to it
    output[:, 0] = _bias(tokens)
    put("token_embd.weight", embedding, exact=True)
    put("output_norm.weight", np.ones(WIDTH), exact=True)
    put("output.weight", output, exact=True)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        put(block + "attn_norm.weight", np.ones(WIDTH), exact=True)
        put(block + "ffn_norm.weight", np.ones(WIDTH), exact=True)
        for name in "qkv":
            put(f"{block}attn_{name}.weight", random(WIDTH, WIDTH))
        out, down = random(WIDTH, WIDTH), random(*([experts] * bool(experts)), WIDTH, INNER)
        out[0] = 0.0
        down[..., 0, :] = 0.0
        put(block + "attn_output.weight", out)
        if experts:
            put(block + "ffn_gate_inp.weight", random(experts, WIDTH), exact=True)
            put(block + "ffn_gate_exps.weight", random(experts, INNER, WIDTH))
            put(block + "ffn_up_exps.weight", random(experts, INNER, WIDTH))
            put(block + "ffn_down_exps.weight", down)
        else:
            put(block + "ffn_gate.weight", random(INNER, WIDTH))
            put(block + "ffn_up.weight", random(INNER, WIDTH))
            put(block + "ffn_down.weight", down)
