"""An arm into the exact arguments of `vllm serve`."""

import json
from urllib.parse import urlsplit

from pipeline.arms import Arm
from pipeline.models.serving import Serving, Shape, Speculative
from pipeline.serving import memory

CACHES = {"f16": "float16", "bf16": "bfloat16", "fp8": "fp8"}
"""vLLM's names of the types in which it can keep keys and values."""
FULL = (None, "none")
"""`quantisation` of weights as they were published."""


def arguments(arm: Arm, count: int | None) -> tuple[str, ...]:
    """What follows `vllm serve` for this arm, on `count` cards; None = as vLLM chooses.

    The arm is taken to be sound: `refusals.of` says whether it is.
    """
    model, serving = arm.model, arm.model.serving or Serving()
    window = memory.window(arm)
    overrides = hf_overrides(serving, model.shape)
    quantised = model.quantisation not in FULL
    speculative = serving.speculative
    values: dict[str, str | int | float | None] = {
        "--served-model-name": model.name,
        "--revision": model.revision,
        "--quantization": model.quantisation if quantised else None,
        "--dtype": serving.dtype,
        "--max-model-len": window,
        "--kv-cache-dtype": CACHES[serving.kv_cache] if serving.kv_cache else None,
        "--hf-overrides": _json(overrides) if overrides else None,
        "--reasoning-parser": serving.reasoning_parser,
        "--speculative-config": _json(_speculative(speculative)) if speculative else None,
        "--tensor-parallel-size": count,
        "--gpu-memory-utilization": serving.memory_share,
        "--max-num-seqs": serving.sequences,
        "--seed": arm.sampling.seed or 0,
    }
    mixture = bool(arm.profile.experts.total)
    switches = {
        "--enable-expert-parallel": mixture and (count or 1) > 1,
        "--enable-return-routed-experts": mixture,
        "--enable-prefix-caching": True,
    }
    host, port = address(str(model.base_url))
    given = [part for flag, x in values.items() if x is not None for part in (flag, str(x))]
    on = [flag for flag, wanted in switches.items() if wanted]
    return (model.name, *given, *on, "--host", host, "--port", str(port))


def hf_overrides(serving: Serving, shape: Shape | None) -> dict[str, object]:
    """What is changed of the model's own configuration, by its names; empty: nothing.

    vLLM 0.33 takes a dictionary in it whole, so YaRN's parameters name rope_theta too, and does
    not multiply the window by the factor: max_position_embeddings is given as stretched. A window
    of attention holds for every layer only where `layer_types` says so of each.
    """
    changed: dict[str, object] = {}
    if serving.active_experts is not None:
        changed["num_experts_per_tok"] = serving.active_experts
    if serving.sliding_window is not None:
        changed["use_sliding_window"] = True
        changed["sliding_window"] = serving.sliding_window
        changed["layer_types"] = ["sliding_attention"] * (shape.layers if shape else 0)
    if serving.yarn is not None:
        changed["max_position_embeddings"] = serving.yarn.context_tokens
        changed["rope_parameters"] = {
            "rope_type": "yarn",
            "factor": serving.yarn.factor,
            "original_max_position_embeddings": serving.yarn.original_tokens,
            "rope_theta": serving.yarn.rope_theta,
        }
    return changed


def address(base_url: str) -> tuple[str, int]:
    """Host and port at which a server of that address listens."""
    parts = urlsplit(base_url)
    return str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _speculative(wanted: Speculative) -> dict[str, object]:
    if wanted.method == "ngram":
        return {"method": "ngram", "num_speculative_tokens": wanted.tokens}
    return {
        "method": "draft_model",
        "model": wanted.model,
        "num_speculative_tokens": wanted.tokens,
    }


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"))
