"""GGUF files before they are loaded, and the embedded engine on one of them."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import tiny_gguf
from conftest import Project
from dspy.lm15 import Config, Message, Request

from pipeline import preflight, study
from pipeline.models import gguf, weights
from pipeline.models.catalogue import Model, identity
from pipeline.models.gguf import GgufEngine


def trial(project: Project, file: Path, **fields: object) -> list[str]:
    """The faults of a study whose arms run `file`."""
    entry = {
        "provider": "gguf",
        "name": "tiny",
        "family": "t",
        "training": "base",
        "file": str(file),
        "fingerprint": weights.fingerprint(file) if file.is_file() else "0" * 16,
        "context_tokens": 512,
    } | fields
    project.models(big=entry, small=entry | {"context_tokens": 256})
    project.arm("high", "big")
    project.arm("low", "small")
    project.task("stone", "What?", "Что?")
    project.panel({"id": "length", "computed": "length"})
    project.study()
    design = study.load("trial", project.root)
    return preflight.model_faults(design.models["big"], design)


def test_a_good_file_has_no_faults(project: Project, tmp_path: Path) -> None:
    assert trial(project, tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)) == []


def test_a_file_without_a_chat_template_is_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512, template=False)
    (fault,) = trial(project, file)
    assert "has no chat template" in fault


def test_other_weights_than_declared_are_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    (fault,) = trial(project, file, fingerprint="1" * 16)
    assert weights.fingerprint(file) in fault


def test_a_window_beyond_the_model_is_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    (fault,) = trial(project, file, context_tokens=4096)
    assert "context_tokens is 4096, the model was made for 512" in fault


@pytest.mark.parametrize("data", [b"", b"GGUF", b"not a model at all" * 100])
def test_what_is_no_gguf_is_refused(project: Project, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(data)
    (fault,) = trial(project, file)
    assert "is no GGUF file" in fault


def test_a_missing_file_is_named(project: Project, tmp_path: Path) -> None:
    (fault,) = trial(project, tmp_path / "none.gguf")
    assert "no such file" in fault


def test_quantisations_of_one_model_have_different_fingerprints(tmp_path: Path) -> None:
    files = [tiny_gguf.write(tmp_path / f"{x}.gguf", x, 512) for x in ("F16", "Q8_0", "Q4_0")]
    files.append(tiny_gguf.write(tmp_path / "other.gguf", "Q4_0", 512, seed=1))
    assert len({weights.fingerprint(x) for x in files}) == 4


def test_a_missing_fingerprint_is_printed_as_the_line_to_write(
    project: Project, tmp_path: Path
) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    (fault,) = trial(project, file, fingerprint=None)
    assert f'fingerprint: "{weights.fingerprint(file)}"' in fault


def test_the_embedded_engine_answers_this_process_only(tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    model = Model(
        id="tiny",
        provider="gguf",
        name="tiny",
        family="t",
        training="base",
        file=str(file),
        fingerprint=weights.fingerprint(file),
        context_tokens=512,
    )
    body = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()

    async def ask() -> None:
        engine = GgufEngine(model, Path())
        try:
            message = Message.user("hello")
            request = Request(model="tiny", messages=(message,), config=Config(max_tokens=4))
            response = await engine.complete(request)
            assert response.usage.output_tokens == 4
            url = f"{engine._server.listening_address}/v1/chat/completions"
            strange = urllib.request.Request(url, body, {"content-type": "application/json"})
            with pytest.raises(urllib.error.HTTPError, match="401") as caught:
                urllib.request.urlopen(strange)
            caught.value.close()
        finally:
            await engine.aclose()

    asyncio.run(ask())


def tiny(file: Path, **serving: object) -> Model:
    return Model(
        id="tiny",
        provider="gguf",
        name="tiny",
        family="t",
        training="base",
        file=str(file),
        context_tokens=1024,
        serving=serving or None,
        limits={"concurrency": 1},
    )


def said(model: Model) -> str:
    """What the engine answers from a fixed seed."""

    async def ask() -> str:
        engine = GgufEngine(model, Path("/"))
        config = Config(max_tokens=60, temperature=0.8, seed=3)
        request = Request(model="tiny", messages=(Message.user("hello there"),), config=config)
        try:
            return (await engine.complete(request)).text or ""
        finally:
            await engine.aclose()

    return asyncio.run(ask())


def test_a_coarser_cache_changes_answers_and_guessing_ahead_does_not(tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q8_0", 1024)
    tiny_gguf.write(tmp_path / "draft.gguf", "Q4_0", 1024, seed=1)
    plain = said(tiny(file))
    assert said(tiny(file, kv_cache="q4_0")) != plain
    assert said(tiny(file, speculative={"method": "ngram"})) == plain
    assert said(tiny(file, speculative={"method": "draft", "model": "draft.gguf"})) == plain


def test_tokens_are_guessed_ahead_from_the_text_itself_as_many_as_asked(tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q8_0", 1024)
    body = {
        "messages": [{"role": "user", "content": "the stone " * 10}],
        "max_tokens": 101,
        "temperature": 0,
        "logit_bias": [["a", 100]],  # a text that repeats itself, so that every guess is right
    }
    guessed = {}
    for tokens in (2, 8):
        model = tiny(file, speculative={"method": "ngram", "tokens": tokens})
        reply = gguf._server(gguf._parameters(model, file)).handle_chat_completions(body)
        assert reply["choices"][0]["message"]["content"] == "a" * 101
        guessed[tokens] = reply["timings"]["draft_n_accepted"]
    # Each guess is followed by a token of the model's own.
    assert 40 < guessed[2] <= 101 * 2 / 3
    assert 101 * 2 / 3 < guessed[8] <= 101 * 8 / 9


def test_how_weights_are_loaded_is_part_of_what_a_model_is(tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    models = [tiny(file), tiny(file, kv_cache="q4_0"), tiny(file, speculative={"method": "ngram"})]
    assert len({identity(x) for x in models}) == 3
    assert identity(tiny(file, kv_cache=None)) == identity(models[0])


@pytest.mark.parametrize(
    ("serving", "said"),
    [
        ({"active_experts": 1}, "active_experts: a GGUF file fixes that itself"),
        ({"kv_cache": "fp8"}, "which llama.cpp lacks"),
        ({"speculative": {"method": "draft"}}, "`draft` needs a `model`"),
    ],
)
def test_what_the_embedded_engine_cannot_be_told_is_refused(
    tmp_path: Path, serving: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        tiny(tmp_path / "a.gguf", **serving)
