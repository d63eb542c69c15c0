"""Why an arm cannot be served by vLLM as it stands: every reason, and what would be right."""

import difflib
from urllib.parse import urlsplit

from pipeline.arms import Arm
from pipeline.models.serving import Serving
from pipeline.serving import command, memory
from pipeline.serving.options import Options

_FOUR_BITS = (
    "awq",
    "gptq",
    "compressed-tensors",
    "mxfp4",
    "modelopt_fp4",
    "nvfp4_per_token",
    "torchao",
)
"""Methods by which published weights come in 4 bits, or vLLM brings them to 4 itself."""
_HALF = ("awq", "awq_marlin", "gptq", "gptq_marlin", "fp8")
"""Methods whose kernels work in 16 bits alone."""
_NOT_VLLM = "GGUF files are for provider gguf"


def of(arm: Arm, options: Options) -> tuple[str, ...]:
    """Why vLLM would not serve this arm, one line a reason; empty: nothing is known against it."""
    model = arm.model
    where = f"data/models.yaml: {model.id}"
    serving = model.serving or Serving()
    return (
        *(f"{where}: {x}" for x in _quantisation(arm, options)),
        *(f"{where}: {x}" for x in _window(arm, serving)),
        *(f"{where}: {x}" for x in _cache(serving, options)),
        *(f"{where}: {x}" for x in _attention(arm, serving)),
        *(f"{where}: {x}" for x in _type(arm, serving)),
        *(f"{where}: {x}" for x in _address(str(model.base_url))),
        *_thinking(arm, serving, options, where),
        *_bits(arm, serving),
        *_experts(arm, serving, where),
        *extras(arm),
    )


def _quantisation(arm: Arm, options: Options) -> list[str]:
    method, known = arm.model.quantisation, options.choices("--quantization")
    claimed = arm.profile.quantisation
    found = []
    if method not in command.FULL and method not in known:
        four = ", ".join(x for x in _FOUR_BITS if x in known)
        hint = (
            f" ({_NOT_VLLM})" if method and method.upper().startswith(("Q", "GGUF", "IQ")) else ""
        )
        found.append(
            f"quantisation is {method!r}, which vLLM {options.version} lacks{hint}; of 4 bits it "
            f"has {four}; `none` = the weights as published. All: {', '.join(known)}"
        )
    elif method in options.deprecated_quantisation:
        found.append(
            f"quantisation is {method!r}, which vLLM {options.version} is giving up and refuses; "
            "take weights in another form"
        )
    if not claimed.startswith("not ") and (method or "none") != claimed:  # not stated, not known
        found.append(
            f"quantisation is {method or 'none'!r}, but {arm.where} claims "
            f"profile.quantisation {claimed!r}; make them one"
        )
    return found


def _window(arm: Arm, serving: Serving) -> list[str]:
    shape, yarn, tokens = arm.model.shape, serving.yarn, memory.window(arm)
    if shape is None or tokens is None:
        return []
    if yarn is not None and yarn.context_tokens <= shape.context_tokens:
        return [
            f"serving.yarn stretches the window to {yarn.context_tokens}, and the model has "
            f"{shape.context_tokens} without it; leave it out, since it costs short texts"
        ]
    if yarn is not None and tokens > yarn.context_tokens:
        return [
            f"context_tokens is {tokens}, beyond the {yarn.context_tokens} to which serving.yarn "
            f"stretches it (factor {yarn.factor:g} x {yarn.original_tokens})"
        ]
    if yarn is None and tokens > shape.context_tokens:
        return [
            f"context_tokens is {tokens}, beyond the {shape.context_tokens} that the model was "
            "made for; lower it, or stretch the window with serving.yarn where its maker says how"
        ]
    return []


def _cache(serving: Serving, options: Options) -> list[str]:
    kept, known = serving.kv_cache, options.choices("--kv-cache-dtype")
    if kept is None:
        return []
    wanted = command.CACHES.get(kept)
    if wanted is None or wanted not in known:
        able = ", ".join(x for x, name in command.CACHES.items() if name in known)
        return [
            f"serving.kv_cache is {kept!r}, which vLLM {options.version} lacks (it is a type of "
            f"llama.cpp); expected one of {able}: fp8 is the smallest"
        ]
    if wanted != "fp8" and serving.dtype != wanted:
        return [
            f"serving.kv_cache is {kept!r} and serving.dtype {serving.dtype or 'left to vLLM'!r}; "
            f"vLLM keeps 16 bits only in the weights' own type: set dtype: {wanted}, or leave "
            "kv_cache out"
        ]
    return []


def _attention(arm: Arm, serving: Serving) -> list[str]:
    if serving.sliding_window is not None and arm.model.shape is None:
        return ["serving.sliding_window needs `shape`: every layer is told of it by number"]
    return []


def _type(arm: Arm, serving: Serving) -> list[str]:
    if memory.method(arm) not in _HALF or serving.dtype != "float32":
        return []
    return [
        "serving.dtype is 'float32', in which vLLM does not compute weights of "
        f"{arm.model.quantisation}; expected float16, or leave it out"
    ]


def _bits(arm: Arm, serving: Serving) -> list[str]:
    """Where the profile's bits a weight are none that the method brings.

    Some weights stay in 16 bits, so the mean may lie above the method's own: of a small model the
    embedding and the head are a third. Weights as published may have been published in FP8.
    """
    method, said = memory.method(arm), arm.profile.weight_bits
    if said is None or method not in memory.WEIGHT_BITS:
        return []
    if method == "none":
        low, high = (16, 32) if serving.dtype == "float32" else (8, 16)
        fits = 0.9 * low <= said <= 1.1 * high
        wanted = f"{low} to {high} (name the method of weights published in fewer)"
    else:
        bits = [memory.WEIGHT_BITS[method], *memory.OTHER_BITS.get(method, ())]
        fits = any(0.9 * x <= said <= 1.1 * (x + max(0, 16 - x) / 3) for x in bits)
        wanted = f"about {' or '.join(f'{x:g}' for x in bits)}"
    if fits:
        return []
    return [
        f"{arm.where}: profile.weight_bits is {said:g}, but the weights are loaded by quantisation "
        f"{arm.model.quantisation or 'none'!r}: expected {wanted}, or leave it out"
    ]


def extras(arm: Arm) -> list[str]:
    """Where the profile's extras are not those with which the model is loaded.

    A sliding window may be the model's own, so one that is claimed need not be served.
    """
    claimed, serving = arm.profile.extras, arm.model.serving or Serving()
    if claimed is None:
        return []
    where = f"{arm.where}: profile.extras"
    found = []
    guesses = serving.speculative is not None
    if guesses != ("speculative_decoding" in claimed):
        found.append(
            f"{where} lacks speculative_decoding, but {arm.model.id} has serving.speculative in "
            "data/models.yaml; name it"
            if guesses
            else f"{where} names speculative_decoding, but {arm.model.id} has no "
            "serving.speculative in data/models.yaml: nothing would guess ahead; make them one"
        )
    if serving.sliding_window is not None and "sliding_window" not in claimed:
        found.append(
            f"{where} lacks sliding_window, but {arm.model.id} has serving.sliding_window in "
            "data/models.yaml; name it"
        )
    return found


def _address(base_url: str) -> list[str]:
    parts = urlsplit(base_url)
    if parts.scheme == "http" and parts.path.rstrip("/") == "/v1":
        return []
    return [
        f"base_url is {base_url!r}, but the server that is started here answers at "
        "http://HOST:PORT/v1; what stands before it (TLS, other paths) is not ours to start"
    ]


def _thinking(arm: Arm, serving: Serving, options: Options, where: str) -> list[str]:
    parser, known = serving.reasoning_parser, options.choices("--reasoning-parser")
    if parser is None:
        if arm.sampling.thinking_budget_tokens is None:
            return []
        return [
            f"{arm.where}: sampling.thinking_budget_tokens needs "
            f"serving.reasoning_parser of {arm.model.id} in data/models.yaml: vLLM refuses a "
            f"budget without it (400). There are: {', '.join(known)}"
        ]
    if parser in known:
        return []
    close = difflib.get_close_matches(parser, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}"
    said = f"serving.reasoning_parser is {parser!r}, which vLLM {options.version} lacks"
    return [f"{where}: {said}; {hint}"]


def _experts(arm: Arm, serving: Serving, where: str) -> list[str]:
    active, experts = serving.active_experts, arm.profile.experts
    if active is None:
        return []
    profile = f"{arm.where}: profile.experts"
    if experts.total == 0:
        return [f"{where}: serving.active_experts is {active}, but {profile}.total is 0 (dense)"]
    if experts.total is not None and active > experts.total:
        return [
            f"{where}: serving.active_experts is {active}, but the model has {experts.total} "
            f"({profile}.total)"
        ]
    if experts.active is not None and experts.active != active:
        return [
            f"{where}: serving.active_experts is {active}, but {profile}.active is "
            f"{experts.active}; make them one"
        ]
    return []
