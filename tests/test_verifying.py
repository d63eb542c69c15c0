"""Profiles are verified: what a file, a server or the answers show stops a run or marks a field."""

import asyncio
import base64
import io
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import tiny_gguf
import yaml
from conftest import Project
from dspy import lm15
from fake_server import FakeServer, completion, running
from llama_server import serving

from judges.rubric import Text
from judges.sampling import Sampling
from pipeline import audit, doctor, plan, run, study
from pipeline.arms import Arm
from pipeline.capacity import Profile
from pipeline.errors import UserError
from pipeline.models import faults, weights
from pipeline.models.catalogue import Model, answers, identity
from pipeline.models.endpoint import connect
from pipeline.models.showing import Fact
from pipeline.store import Run
from pipeline.verifying import compare, observing, spent, verify, wrongs

WINDOW = 512
FREE = {"input_per_million": 0, "output_per_million": 0}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("weights")
    return {
        "q4": tiny_gguf.write(folder / "q4.gguf", "Q4_0", 2048),
        "other": tiny_gguf.write(folder / "other.gguf", "Q4_0", 2048, seed=1),
        "f16": tiny_gguf.write(folder / "f16.gguf", "F16", 2048),
        "moe": tiny_gguf.write(folder / "moe.gguf", "Q8_0", 2048, experts=4),
    }


@pytest.fixture(scope="module")
def llama(files: dict[str, Path]) -> Iterator[str]:
    """A llama.cpp server of the dense Q4_0 file, two slots of 512 tokens."""
    with serving(files["q4"], WINDOW, slots=2) as address:
        yield address


def profile(found: weights.Weights, **changes: Any) -> dict[str, Any]:
    """The profile of an arm that runs the file of `found`, with a window of 512."""
    base = {
        "parameters_billion": found.parameters / 1e9,
        "quantisation": found.quantisation,
        "weight_bits": round(found.bits, 2),
        "experts": {"total": found.experts, "active": found.experts_active},
        "context_tokens": WINDOW,
        "thinking": {"mode": "none"},
        "extras": [],
        "inference": "defaults",
    }
    return base | changes


def write_arm(project: Project, name: str, model: str, **fields: Any) -> None:
    """An arm with a profile of its own."""
    text = {"en": name, "ru": name}
    arm = {"id": name, "title": text, "model": model, "sampling": {"max_tokens": 8}}
    project.write(f"data/arms/{name}.yaml", {**arm, "profile": fields})


def entry(address: str, **fields: Any) -> dict[str, Any]:
    """A catalogue entry of a server that is free."""
    base = {"provider": "openai-compatible", "name": "tiny", "family": "t", "training": "base"}
    return {**base, "base_url": address, "price": FREE, **fields}


def two_arms(project: Project, low: dict[str, Any], low_profile: dict[str, Any]) -> None:
    """A study whose low arm is told; the high one is the same server by another revision."""
    project.models(big=low | {"revision": "high", "fingerprint": None}, small=low)
    write_arm(project, "high", "big", **low_profile)
    write_arm(project, "low", "small", **low_profile)
    project.task("stone", "What does the stone think?", "О чём думает камень?")
    project.panel({"id": "length", "computed": "length"})
    project.study()


def execute(project: Project) -> run.Result:
    design = study.load("trial", project.root)
    return run.execute(design, lambda _: nullcontext(), lambda _: None)


def refused(project: Project) -> list[str]:
    """The lines with which a run of the study is refused."""
    with pytest.raises(UserError) as caught:
        execute(project)
    return str(caught.value).splitlines()


def marks(project: Project, arm: str) -> dict[str, str]:
    """The mark of each field of an arm, as the manifest keeps it."""
    folder = project.root / "data" / "runs" / "trial"
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    return {field: mark for field, _, mark in manifest["arms"][arm]}


def test_a_file_tells_its_architecture_its_types_and_its_experts(files: dict[str, Path]) -> None:
    dense, moe = (weights.read(files[x], x) for x in ("q4", "moe"))
    assert (dense.architecture, dense.quantisation, dense.experts) == ("llama", "Q4_0", 0)
    assert (moe.quantisation, moe.experts, moe.experts_active) == ("Q8_0", 4, 2)
    # Three matrices of 64 x 128 in each of two layers.
    assert moe.expert_parameters == 2 * 3 * 64 * 128
    assert weights.read(files["f16"], "f16").quantisation == "F16"
    size = sum(x.size for x in weights._tensors(reader(files["moe"])))
    assert moe.bits == pytest.approx(8 * size / moe.parameters)
    assert moe.context_tokens == 2048
    assert moe.sliding_window is None


def reader(file: Path) -> Any:
    from gguf import GGUFReader

    return GGUFReader(file)


def test_split_weights_are_read_whole_or_not_at_all(files: dict[str, Path], tmp_path: Path) -> None:
    first = tmp_path / "big-00001-of-00002.gguf"
    first.write_bytes(files["q4"].read_bytes())
    with pytest.raises(UserError, match=r"big-00002-of-00002.gguf is not beside it"):
        weights.read(first, "big")
    (tmp_path / "big-00002-of-00002.gguf").write_bytes(files["q4"].read_bytes())
    one = weights.read(files["q4"], "q4")
    assert weights.read(first, "big").parameters == 2 * one.parameters


def test_a_server_that_is_what_was_declared_runs_and_is_marked(
    project: Project, llama: str, files: dict[str, Path]
) -> None:
    found = weights.read(files["q4"], "q4")
    declared = entry(llama, context_tokens=WINDOW, fingerprint=found.fingerprint)
    two_arms(project, declared, profile(found))
    execute(project)
    known = marks(project, "low")
    for field in ("parameters_billion", "quantisation", "weight_bits", "experts.total"):
        assert known[f"profile.{field}"] == "verified", field
    assert known["profile.context_tokens"] == known["model.context_tokens"] == "verified"
    assert known["model.fingerprint"] == known["model.name"] == "verified"
    assert known["profile.extras"] == "declared", "no sliding window proves no other extra"
    assert known["profile.thinking.mode"] == "verified", "no answer was thought about"
    assert known["sampling.max_tokens"] == "enforced"
    assert known["model.family"] == "declared"


def test_a_server_with_another_window_stops_the_run_before_any_call(
    project: Project, llama: str, files: dict[str, Path]
) -> None:
    wrong = 8192
    found = weights.read(files["q4"], "q4")
    two_arms(project, entry(llama, context_tokens=wrong), profile(found, context_tokens=wrong))
    high, low = refused(project)
    assert low == (
        f"arm low: profile: context_tokens is 8192, but the server's properties ({llama}) shows "
        "512; write 512, or start the server with 8192"
    )
    assert high.startswith("arm high")
    assert not project.lines("responses"), "nothing was asked"
    assert not project.lines("failures")


def test_a_server_with_other_weights_stops_the_run_field_by_field(
    project: Project, llama: str, files: dict[str, Path]
) -> None:
    """The profile is that of a mixture in 8 bits; the server was started with another file."""
    found = weights.read(files["moe"], "moe")
    two_arms(project, entry(llama, quantisation="Q8_0"), profile(found, weight_bits=12.0))
    said = [x for x in refused(project) if x.startswith("arm low")]
    fields = [x.removeprefix("arm low: profile: ").split()[0] for x in said]
    assert fields == [
        "parameters_billion",
        "weight_bits",
        "quantisation",
        "experts.total",
        "experts.active",
    ]
    assert all(llama in x and "start the server with" in x for x in said)
    assert not project.lines("responses")


def test_another_file_of_the_same_shape_is_known_by_its_fingerprint(
    project: Project, llama: str, files: dict[str, Path]
) -> None:
    found = weights.read(files["other"], "other")
    two_arms(project, entry(llama, fingerprint=found.fingerprint), profile(found))
    (line,) = refused(project)
    served = weights.fingerprint(files["q4"])
    assert line.startswith(f"data/models.yaml: small: fingerprint is {found.fingerprint!r}")
    assert served in line


def vllm(project: Project, server: FakeServer, **listing: Any) -> None:
    """Two arms on one server in the shape of vLLM's list of models."""
    server.listing = {"owned_by": "vllm", "root": "maker/fake", "parent": None, **listing}
    model = entry(server.address, provider="vllm", name="fake", context_tokens=4096)
    base = {"quantisation": "awq", "context_tokens": 4096, "inference": "defaults"}
    server.models = ["fake", "fake-high"]
    told = server.reply

    def named(body: dict[str, Any]) -> Any:
        said = told(body)
        return {**said, "model": body["model"]} if isinstance(said, dict) else said

    server.reply = named
    project.models(big=model | {"name": "fake-high"}, small=model)
    for name, thinking in (("high", {"mode": "unlimited"}), ("low", {"mode": "none"})):
        write_arm(project, name, "big" if name == "high" else "small", **base, thinking=thinking)
    project.task("stone", "What does the stone think?", "О чём думает камень?")
    project.panel({"id": "length", "computed": "length"})
    project.study()


def test_the_window_of_vllm_is_read_and_a_wrong_one_stops_the_run(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=32768)
    lines = refused(project)
    assert [x.split(":")[0] for x in lines] == ["arm high", "arm low"]
    assert "context_tokens is 4096, but the server's list of models" in lines[1]
    assert "shows 32768; write 32768, or start the server with 4096" in lines[1]
    assert server.calls == 0
    server.listing["max_model_len"] = 4096
    execute(project)
    assert marks(project, "low")["profile.context_tokens"] == "verified"
    shown = [orjson.loads(x) for x in project.lines("observations")]
    windows = [x["value"] for x in shown if x["field"] == "context_tokens"]
    assert windows == [32768, 32768, 4096, 4096], "both models, before and after"


def test_doctor_says_what_contradicts_a_profile(project: Project, server: FakeServer) -> None:
    vllm(project, server, max_model_len=32768)
    needs = {x.what.split(":")[0]: x for x in doctor.examine("trial", project.root)}
    assert not needs["small"].there
    assert "context_tokens is 4096" in needs["small"].todo
    server.listing["max_model_len"] = 4096
    assert all(x.there for x in doctor.examine("trial", project.root))


def test_thinking_that_contradicts_its_profile_is_said_in_the_report(
    project: Project, server: FakeServer
) -> None:
    """The low arm is not to think and thinks; the high one may without limit, and does not."""

    def reply(body: dict[str, Any]) -> Any:
        thinking = {"reasoning": "I weigh it."} if body.get("max_tokens") == 9 else {}
        return completion("A stone is patient.", **thinking)

    server.reply = reply
    vllm(project, server, max_model_len=4096)
    low = {"quantisation": "awq", "thinking": {"mode": "none"}, "inference": "defaults"}
    text = {"en": "low", "ru": "low"}
    arm = {"id": "low", "title": text, "model": "small", "sampling": {"max_tokens": 9}}
    project.write("data/arms/low.yaml", {**arm, "profile": low})
    result = execute(project)
    assert marks(project, "low")["profile.thinking.mode"] == "contradicted"
    assert marks(project, "high")["profile.thinking.mode"] == "contradicted"
    page = result.report.read_text("utf-8")
    assert "1 of 1 answers were thought about" in page
    assert "с размышлением 0 из 1 ответов" in page
    assert page.count("is not what its files say: profile.thinking.mode") == 2


@pytest.mark.parametrize(
    ("provider", "counted", "words", "known"),
    [
        ("openai", 12, 0, True),
        ("openai", 0, 0, False),
        ("openai", None, 0, None),
        ("anthropic", None, 0, None),
        ("anthropic", None, 7, True),
        ("vllm", None, 0, False),
        ("gguf", None, 3, True),
        ("openai-compatible", 0, 5, True),
    ],
)
def test_thinking_that_an_api_neither_counts_nor_shows_is_not_known(
    provider: str, counted: int | None, words: int, known: bool | None
) -> None:
    served = {"base_url": "http://127.0.0.1:1/v1"}
    file = {"file": "x.gguf", "context_tokens": 512}
    where = {"vllm": served, "openai-compatible": served, "gguf": file}.get(provider, {})
    model = Model(id="m", provider=provider, name="m", family="t", training="base", **where)
    base = {"quantisation": "none", "inference": "defaults"}
    text = Text(en="a", ru="а")
    call = {"tokens_thinking": counted, "model": None}
    record = {"finish": "complete", "call": call, "reasoning_words": words}
    for mode, agrees in (("none", False), ("unlimited", True)):
        held = Profile.model_validate({**base, "thinking": {"mode": mode}})
        arm = Arm("a", text, model, "direct", Sampling(), held)
        assert spent.thought(arm, record) is known
        said = [x.agrees for x in spent.checks(arm, [record])]
        assert said == ([] if known is None else [agrees == known])
        capped = Profile.model_validate({**base, "thinking": {"mode": "capped"}})
        assert spent.checks(arm._replace(profile=capped), [record]) == ()


def routed(experts: list[list[list[int]]], kind: str = "uint8") -> str:
    """vLLM's routing of a reply: tokens x layers x active experts."""
    file = io.BytesIO()
    np.save(file, np.array(experts, kind))
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int32"])
def test_experts_at_work_are_counted_from_the_routing(
    project: Project, server: FakeServer, kind: str
) -> None:
    said = completion("A stone is patient.")
    assert isinstance(said, dict)
    # A layer that is dense names one expert for all; a token never counts one twice.
    tokens = [[[0, 0, 0], [7, 3, 5]], [[0, 0, 0], [1, 2, 1]]] * 40
    said["choices"][0]["routed_experts"] = routed(tokens, kind)
    server.reply = lambda _: said
    vllm(project, server, max_model_len=4096)
    execute(project)
    assert {orjson.loads(x)["call"]["experts"] for x in project.lines("responses")} == {3}
    assert marks(project, "low")["profile.experts.active"] == "verified"


@pytest.mark.parametrize(
    "malformed",
    [
        "k05VTVBZ!!!!garbage",
        routed([[[]]]),
        routed([[[1, 2]]])[:-60],
        base64.b64encode(b"\x93NUMPY\x01\x00\x10\x00{'descr': ('|u1,\n").decode(),
        [[1, 2]],
    ],
)
def test_a_routing_that_cannot_be_read_shows_nothing_and_the_answer_counts(
    project: Project, server: FakeServer, malformed: Any
) -> None:
    said = completion("A stone is patient.")
    assert isinstance(said, dict)
    said["choices"][0]["routed_experts"] = malformed
    server.reply = lambda _: said
    vllm(project, server, max_model_len=4096)
    assert execute(project).owed == 0
    assert {orjson.loads(x)["call"]["experts"] for x in project.lines("responses")} == {None}


def test_what_was_shown_is_kept_and_counted_again_offline(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=4096)
    result = execute(project)
    first = result.report.read_text("utf-8")
    assert "Profiles: asked, actual, met" in first
    assert "verified" in first
    server.models_status = 500
    result.report.unlink()
    audit.audit(result.report.parent)
    assert result.report.read_text("utf-8") == first
    assert not execute(project).asked, "the report needs no server"


def test_an_altered_observation_is_seen(project: Project, server: FakeServer) -> None:
    vllm(project, server, max_model_len=4096)
    folder = execute(project).report.parent
    file = folder / "observations.jsonl"
    file.write_bytes(file.read_bytes().replace(b"4096", b"8192"))
    with pytest.raises(UserError, match=r"observations.jsonl: ALTERED"):
        audit.audit(folder)


def embedded(file: Path, **fields: Any) -> dict[str, Any]:
    """A catalogue entry of a file in this process."""
    base = {"provider": "gguf", "name": "tiny", "family": "t", "training": "base", "price": FREE}
    found = {"fingerprint": weights.fingerprint(file), "context_tokens": WINDOW}
    return {**base, "file": str(file), **found, **fields}


def test_a_file_is_verified_before_it_is_loaded_and_its_window_after(
    project: Project, files: dict[str, Path]
) -> None:
    found = weights.read(files["moe"], "moe")
    two_arms(project, embedded(files["moe"]), profile(found))
    project.models(big=embedded(files["f16"]), small=embedded(files["moe"]))
    write_arm(project, "high", "big", **profile(weights.read(files["f16"], "f16")))
    execute(project)
    known = marks(project, "low")
    assert known["profile.experts.active"] == known["profile.context_tokens"] == "verified"
    assert known["model.fingerprint"] == "verified"
    wrong = profile(found, experts={"total": 8, "active": 2}, parameters_billion=7.6)
    write_arm(project, "low", "small", **wrong)
    with pytest.raises(UserError) as caught:
        plan.plan(study.load("trial", project.root))
    lines = str(caught.value).splitlines()
    assert [x.split()[3] for x in lines] == ["parameters_billion", "experts.total"]
    assert all("take the file that is" in x for x in lines)


def test_a_window_beyond_the_files_own_is_refused_by_a_plan_too(
    project: Project, files: dict[str, Path]
) -> None:
    found = weights.read(files["q4"], "q4")
    own = found.context_tokens
    assert own is not None
    two_arms(project, embedded(files["q4"]), profile(found))
    project.models(
        big=embedded(files["q4"], revision="high"),
        small=embedded(files["q4"], context_tokens=own + 64),
    )
    write_arm(project, "low", "small", **profile(found, context_tokens=own + 64))
    with pytest.raises(UserError) as caught:
        plan.plan(study.load("trial", project.root))
    assert str(caught.value) == (
        f"arm low: profile: context_tokens is {own + 64}, but {files['q4']} was made for a window "
        f"of {own} tokens; write {own} or fewer, or take a model made for more"
    )
    cut = {"sampling": {"max_tokens": 8}, "knobs": {"window_tokens": 256}}
    arm = {"id": "low", "title": {"en": "low", "ru": "low"}, "model": "small", **cut}
    project.write("data/arms/low.yaml", arm | {"profile": profile(found, context_tokens=256)})
    with pytest.raises(UserError, match=r"^data/models.yaml: small: context_tokens is \d+, but"):
        plan.plan(study.load("trial", project.root))
    project.models(big=embedded(files["q4"], revision="high"), small=embedded(files["q4"]))
    plan.plan(study.load("trial", project.root))


@pytest.mark.parametrize(
    ("said", "agrees"),
    [
        ("Q4_0", True),
        ("q4_0", True),
        ("Q8_0", False),
        ("none", False),
        ("F16", False),
        ("four bits or so", True),
    ],
)
def test_a_quantisation_is_compared_where_it_is_the_name_of_one(
    project: Project, files: dict[str, Path], said: str, agrees: bool
) -> None:
    found = weights.read(files["q4"], "q4")
    two_arms(project, embedded(files["q4"]), profile(found, quantisation=said))
    project.models(big=embedded(files["q4"], revision="high"), small=embedded(files["q4"]))
    design = study.load("trial", project.root)
    if agrees:
        plan.plan(design)
    else:
        with pytest.raises(UserError, match=f"quantisation is {said!r}, but .* shows 'Q4_0'"):
            plan.plan(design)


def test_a_sliding_window_is_what_the_file_has(project: Project, files: dict[str, Path]) -> None:
    found = weights.read(files["q4"], "q4")
    two_arms(project, embedded(files["q4"]), profile(found, extras=["sliding_window"]))
    project.models(big=embedded(files["q4"], revision="high"), small=embedded(files["q4"]))
    with pytest.raises(UserError, match="shows no sliding window; write so, or take the file"):
        plan.plan(study.load("trial", project.root))
    two_arms(project, embedded(files["q4"]), profile(found, extras=["attention_sinks"]))
    project.models(big=embedded(files["q4"], revision="high"), small=embedded(files["q4"]))
    plan.plan(study.load("trial", project.root))


def test_verify_tries_the_window_with_prompts_of_counted_length(
    project: Project, llama: str, files: dict[str, Path]
) -> None:
    found = weights.read(files["q4"], "q4")
    two_arms(project, entry(llama, context_tokens=WINDOW), profile(found))
    (one,) = verify.verify(study.load("trial", project.root), ["low"])
    assert one.faults == ()
    shown = [orjson.loads(x) for x in project.lines("observations")]
    tried = {x["field"]: x["value"] for x in shown if x["source"] == "counted"}
    assert WINDOW - 40 <= tried["window.accepted"] <= WINDOW
    assert tried["window.refused"] > WINDOW
    assert not project.lines("responses")


@pytest.mark.parametrize(
    ("real", "cut", "line"),
    [
        (4096, False, None),
        (2048, False, "refuses a prompt of 4015 tokens"),
        (10**6, False, "takes a prompt of 4433 tokens"),
        (1024, True, "cuts a longer prompt to 1024 tokens without a word"),
    ],
)
def test_verify_finds_a_window_that_is_smaller_larger_or_cut_without_a_word(
    project: Project, server: FakeServer, real: int, cut: bool, line: str | None
) -> None:
    """A server whose list says nothing of its window, and that counts words and seven more."""

    def reply(body: dict[str, Any]) -> Any:
        tokens = 7 + len(body["messages"][-1]["content"].split())
        if tokens > real and not cut:
            return (400, {"error": {"message": "the context length is exceeded"}}, {})
        said = completion("yes")
        assert isinstance(said, dict)
        said["usage"]["prompt_tokens"] = min(tokens, real)
        return said

    server.reply = reply
    vllm(project, server)
    (one,) = verify.verify(study.load("trial", project.root), ["low"])
    assert one.remark is None
    assert server.calls <= 4
    if line is None:
        assert one.faults == ()
    else:
        (said,) = one.faults
        assert line in said
        assert "declare the window it has, or start the server with 4096" in said


def counting(server: FakeServer, real: list[int]) -> None:
    """A server that counts words and seven more, and cuts what is longer than `real` silently."""

    def reply(body: dict[str, Any]) -> Any:
        said = completion("A stone is patient.", body["model"])
        assert isinstance(said, dict)
        tokens = 7 + sum(len(x["content"].split()) for x in body["messages"])
        said["usage"]["prompt_tokens"] = min(tokens, real[0])
        return said

    server.reply = reply


def test_what_verify_found_stops_the_run_until_verify_finds_otherwise(
    project: Project, server: FakeServer
) -> None:
    real = [2048]
    counting(server, real)
    vllm(project, server, max_model_len=4096)
    write_arm(project, "high", "big", **CAPPED)
    design = study.load("trial", project.root)
    assert all(x.faults for x in verify.verify(design, []))
    calls = server.calls
    _, low = refused(project)
    assert re.fullmatch(
        r"arm low: profile: context_tokens is 4096, but http://\S+ cuts a longer prompt to 2048 "
        r"tokens without a word \(seen \d{4}-\d\d-\d\d \d\d:\d\d UTC; `antipode verify` looks "
        r"again\); "
        r"declare the window it has, or start the server with 4096",
        low,
    )
    assert server.calls == calls, "nothing was asked"
    real[0] = 4096
    with pytest.raises(UserError, match="cuts a longer prompt"):
        execute(project)

    def refusing(body: dict[str, Any]) -> Any:
        words = sum(len(x["content"].split()) for x in body["messages"])
        if words > 4096:
            return (400, {"error": {"message": "the context length is exceeded"}}, {})
        return whole(body)

    whole = server.reply
    server.reply = refusing
    assert not any(x.faults for x in verify.verify(design, []))
    assert execute(project).owed == 0
    assert marks(project, "low")["profile.context_tokens"] == "verified"


def misnamed(project: Project, server: FakeServer) -> study.Design:
    """A study whose server has answered `verify` under another name."""
    counting(server, [4096])
    vllm(project, server)
    write_arm(project, "high", "big", **CAPPED)
    told = server.reply
    server.reply = lambda body: {**told(body), "model": "other"}  # type: ignore[dict-item]
    design = study.load("trial", project.root)
    assert all(x.faults for x in verify.verify(design, []))
    server.reply = told
    return design


def test_verifying_again_renews_the_time_of_what_it_finds_again(
    project: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting(server, [2048])
    vllm(project, server, max_model_len=4096)
    write_arm(project, "high", "big", **CAPPED)
    design = study.load("trial", project.root)
    for day in ("2031-01-01", "2031-02-02"):
        monkeypatch.setattr(observing, "now", lambda day=day: f"{day}T10:00:00.000+00:00")
        verify.verify(design, [])
    assert all("(seen 2031-02-02 10:00 UTC;" in x for x in refused(project))
    lines = len(project.lines("observations"))
    refused(project)
    assert len(project.lines("observations")) == lines, "a run writes down what is new alone"


def test_a_look_that_shows_nothing_clears_what_the_last_one_showed(
    project: Project, server: FakeServer
) -> None:
    design = misnamed(project, server)
    assert any("answered as 'other' (seen" in x for x in refused(project))

    def silent(body: dict[str, Any]) -> Any:
        said = completion("A stone is patient.")
        assert isinstance(said, dict)
        return {x: y for x, y in said.items() if x not in ("model", "usage")}

    server.reply = silent
    assert not any(x.faults for x in verify.verify(design, []))
    assert execute(project).owed == 0


def test_what_was_seen_at_one_address_is_not_held_against_another(
    project: Project, server: FakeServer
) -> None:
    misnamed(project, server)
    assert any(f"{server.address} answered as 'other'" in x for x in refused(project))
    with running() as moved:
        moved.models, moved.listing, moved.reply = server.models, server.listing, server.reply
        catalogue = project.root / "data/models.yaml"
        said = catalogue.read_text("utf-8")
        catalogue.write_text(said.replace(server.address, moved.address), "utf-8")
        assert execute(project).owed == 0
        assert marks(project, "low")["model.name"] == "verified"
    catalogue.write_text(said, "utf-8")
    write_arm(project, "low", "small", **CAPPED)
    project.task("more", "What of it?", "Что о нём?")
    assert any("answered as 'other' (seen" in x for x in refused(project)), "it still is there"


def test_entries_of_one_model_at_two_addresses_are_held_each_against_its_own_server(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=4096)
    with running() as other:
        other.models, other.reply = server.models, server.reply
        other.listing = {**server.listing, "max_model_len": 2048}
        model = entry(server.address, provider="vllm", name="fake", context_tokens=4096)
        project.models(big=model | {"base_url": other.address}, small=model)
        write_arm(project, "high", "big", **CAPPED)
        path = project.root / "data/arms/high.yaml"
        path.write_text(path.read_text("utf-8").replace("max_tokens: 8", "max_tokens: 9"), "utf-8")
        (line,) = refused(project)
    assert line.startswith("arm high: profile: context_tokens is 4096, but the server's list")
    assert other.address in line


def test_what_a_server_shows_no_more_is_not_remembered_against_it(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=32768)
    assert len(refused(project)) == 2
    del server.listing["max_model_len"]
    execute(project)
    assert marks(project, "low")["profile.context_tokens"] == "declared"


def test_verify_compares_the_name_under_which_its_own_prompts_are_answered(
    project: Project, server: FakeServer
) -> None:
    counting(server, [4096])
    vllm(project, server)
    told = server.reply
    server.reply = lambda body: {**told(body), "model": "other"}  # type: ignore[dict-item]
    (one,) = verify.verify(study.load("trial", project.root), ["low"])
    assert any(
        "name is 'fake', but http://" in x and "answered as 'other'" in x for x in one.faults
    )
    assert any("answered as 'other' (seen" in x for x in refused(project))


def test_verify_counts_what_stored_answers_show(project: Project, server: FakeServer) -> None:
    said = completion("A stone is patient.")
    assert isinstance(said, dict)
    said["choices"][0]["routed_experts"] = routed([[[4]]])
    server.reply = lambda _: said
    vllm(project, server, max_model_len=4096)
    write_arm(project, "low", "small", **CAPPED, experts={"total": 8, "active": 2})
    execute(project)
    (one,) = verify.verify(study.load("trial", project.root), ["low"])
    (line,) = one.faults
    assert line.startswith("arm low: profile: experts.active is 2, but the answers (http://")
    assert (
        "show 1; write 1, or start the server with 2; the answers that are stored are not" in line
    )


@pytest.mark.parametrize(
    ("provider", "said", "same"),
    [
        ("vllm", "gpt-4.1", True),
        ("openai-compatible", "GPT-4.1", True),
        ("openai", "GPT-4.1-2025-04-14", True),
        ("vllm", "gpt-4.1-2025-04-14", False),
        ("openai-compatible", "gpt-4.1-mini-awq", False),
        ("openai", "gpt-4.1-2025-04-14", True),
        ("openai", "gpt-4.1-0613", True),
        ("anthropic", "gpt-4.1-20251101", True),
        ("anthropic", "gpt-4.1-latest", True),
        ("openai", "gpt-4.1-nano", False),
        ("openai", "gpt-4.1-nano-2025-04-14", False),
        ("anthropic", "gpt-4.1-5-20250805", False),
    ],
)
def test_a_server_has_one_name_and_an_alias_of_an_api_lacks_a_date_or_a_version(
    provider: str, said: str, same: bool
) -> None:
    where = {"base_url": "http://127.0.0.1:1/v1"}
    model = Model(id="m", provider=provider, name="gpt-4.1", family="t", training="base", **where)
    held = Profile.model_validate(CAPPED)
    arm = Arm("a", Text(en="a", ru="а"), model, "direct", Sampling(), held)
    answered: dict[str, Any] = {"call": {"model": said, "tokens_thinking": None}, "spent": None}
    record = {**answered, "finish": "complete", "reasoning_words": 0}
    found = [
        *spent.checks(arm, [record]),
        *compare.checks(arm, [Fact("replied", said, "counted"), Fact("name", said, "listed")]),
    ]
    assert [x.agrees for x in found if x.field == "model.name"] == [same] * 3


@pytest.mark.parametrize(
    ("name", "replied"),
    [("my-gpt4o", "gpt-4o-2024-08-06"), ("openai/gpt-4o", "openai/gpt-4o-2024-08-06")],
)
def test_a_gateway_that_answers_under_another_name_goes_on_once_that_is_declared(
    project: Project, server: FakeServer, name: str, replied: str
) -> None:
    vllm(project, server)
    server.models.append(name)
    server.reply = lambda body: completion(
        "A stone is patient.", replied if body["model"] == name else body["model"]
    )
    models = yaml.safe_load((project.root / "data/models.yaml").read_text("utf-8"))["models"]
    small = models["small"] | {"provider": "openai-compatible", "name": name}
    project.models(**models | {"small": small})
    result = execute(project)
    assert result.contradicted == ("low",)
    assert any(
        f"name is {name!r}, but the answers ({server.address}) show {replied!r}; if that is the "
        f"model that is meant, write `answers_as: {replied}` beside its name, which asks nothing "
        "again; if it is another, name or start the one that is meant; the answers that are stored "
        "are then not this arm's" in x
        for x in result.stopped
    )
    project.models(**models | {"small": small | {"answers_as": replied}})
    calls = server.calls
    result = execute(project)
    assert (result.contradicted, result.stopped, result.owed) == ((), (), 0)
    assert server.calls == calls, "what is stored counts"
    assert marks(project, "low")["model.name"] == "verified"


def test_the_name_in_replies_is_no_part_of_what_a_model_is_and_is_told_by_its_letters() -> None:
    model = Model(
        id="m", provider="openai", name="gpt-4-turbo-preview", family="t", training="base"
    )
    told = model.model_copy(update={"answers_as": "gpt-4-0125-preview"})
    assert identity(told) == identity(model)
    said = ("gpt-4-0125-preview", "GPT-4-0125-Preview", "gpt-4-turbo-preview", "gpt-4-0126-preview")
    assert [answers(told, x) for x in said] == [True, True, True, False]
    assert [answers(model, x) for x in said] == [False, False, True, False]
    for provider, fields in {"gguf": {"context_tokens": 64}, "recorded": {}}.items():
        with pytest.raises(ValueError, match=f"{provider} answers under its `name`"):
            Model.model_validate(
                told.model_dump() | {"provider": provider, "file": "x.gguf"} | fields
            )


def test_an_alias_that_its_maker_does_not_list_is_known_by_the_name_that_it_answers_as() -> None:
    model = Model(
        id="m", provider="anthropic", name="claude-sonnet-4-0", family="c", training="base"
    )
    listed = ["claude-opus-4-5-20251101", "claude-sonnet-4-20250514"]
    with pytest.raises(lm15.UnsupportedModelError, match="alias of one of these, write that one"):
        faults.check_served(model, listed)
    faults.check_served(model.model_copy(update={"answers_as": listed[1]}), listed)


def test_several_names_in_the_replies_of_one_model_ask_for_one() -> None:
    model = Model(
        id="m", provider="openai", name="gpt-4-turbo-preview", family="t", training="base"
    )
    arm = Arm(
        "a", Text(en="a", ru="а"), model, "direct", Sampling(), Profile.model_validate(CAPPED)
    )
    said = Fact("replied", "gpt-4-0125-preview, gpt-4-1106-preview", "counted")
    (line,) = wrongs.lines(arm, compare.checks(arm, [said]))
    assert line.endswith("; name one model alone, by its full name: an alias may stand for several")


def test_a_server_that_lists_only_a_longer_name_has_no_such_model(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=4096)
    server.models = ["fake-high", "fake-mini-awq"]
    assert any(
        "there is no model 'fake'; the server lists: fake-high" in x for x in refused(project)
    )


@pytest.mark.parametrize(
    ("root", "wrong"),
    [
        ("Maker/Large-AWQ", False),
        ("maker/small", True),
        ("/srv/weights/small", False),
        ("./weights/small", False),
    ],
)
def test_a_server_that_loaded_another_model_of_a_hub_stops_the_run(
    project: Project, server: FakeServer, root: str, wrong: bool
) -> None:
    vllm(project, server, max_model_len=4096)
    name = "maker/large-AWQ"
    server.models, server.listing["root"] = [name], root
    model = entry(server.address, provider="vllm", name=name, context_tokens=4096)
    project.models(big=model, small=model)
    write_arm(project, "high", "big", **CAPPED)
    project.write(
        "data/arms/high.yaml",
        yaml.safe_load((project.root / "data/arms/high.yaml").read_text("utf-8"))
        | {"sampling": {"max_tokens": 9}},
    )
    write_arm(project, "low", "small", **CAPPED)
    if wrong:
        assert {x.split("; ", 1)[1] for x in refused(project)} == {
            f"write 'maker/small', or start the server with {name}"
        }
        assert server.calls == 0
    else:
        assert execute(project).owed == 0
        assert marks(project, "low")["model.name"] == "verified"


CAPPED: dict[str, Any] = {
    "quantisation": "awq",
    "context_tokens": 4096,
    "inference": "defaults",
    "thinking": {"mode": "capped"},
}


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"model": "other"}, "data/models.yaml: small: name is 'fake', but the answers"),
        ({"routed": [[[4]]]}, "arm low: profile: experts.active is 2, but the answers"),
        (
            {"reasoning": "I weigh it."},
            "arm low: profile: thinking.mode is 'none', but 1 of 1 answers were thought about; "
            "write the mode that it has, or change what is sent of thinking (effort); the answers "
            "that are stored are not this arm's",
        ),
    ],
)
def test_an_arm_that_its_answers_contradict_is_asked_no_more(
    project: Project, server: FakeServer, lie: dict[str, Any], said: str
) -> None:
    """The first answer shows it: the run asks the other arm on, and a second run is refused."""

    def reply(body: dict[str, Any]) -> Any:
        thinking = {"reasoning": lie["reasoning"]} if "reasoning" in lie else {}
        told = completion("A stone is patient.", **thinking)
        assert isinstance(told, dict)
        if "routed" in lie:
            told["choices"][0]["routed_experts"] = routed(lie["routed"])
        return told

    server.reply = reply
    vllm(project, server, max_model_len=4096)
    for n in range(4):
        project.task(f"more{n}", f"What of {n}?", f"Что о {n}?")
    models = yaml.safe_load((project.root / "data/models.yaml").read_text("utf-8"))
    for one in models["models"].values():
        one["limits"] = {"concurrency": 1}
    project.write("data/models.yaml", models)
    write_arm(project, "high", "big", **CAPPED)
    mode = {"mode": "none"} if "reasoning" in lie else {"mode": "capped"}
    low = CAPPED | {"thinking": mode, "experts": {"total": 8, "active": 2}}
    write_arm(project, "low", "small", **low)
    named = server.reply

    def lying(body: dict[str, Any]) -> Any:
        told = named(body)
        assert isinstance(told, dict)
        return {
            **told,
            "model": lie.get("model", told["model"]) if body["model"] == "fake" else told["model"],
        }

    server.reply = lying
    result = execute(project)
    assert [x for x in result.stopped if said in x], result.stopped
    answers = [orjson.loads(x)["arm"] for x in project.lines("responses")]
    assert (answers.count("high"), answers.count("low")) == (5, 1)
    calls = server.calls
    (line,) = refused(project)
    assert said in line
    assert "begin a run of its own: another name for the study, or its folder put away" in line
    assert server.calls == calls


def test_unlimited_thinking_that_no_answer_made_use_of_yet_stops_nothing(
    project: Project, server: FakeServer
) -> None:
    vllm(project, server, max_model_len=4096)
    execute(project)
    assert marks(project, "high")["profile.thinking.mode"] == "contradicted"
    (one,) = verify.verify(study.load("trial", project.root), ["high"])
    (line,) = one.faults
    assert line == (
        "arm high: profile: thinking.mode is 'unlimited', but 0 of 1 answers were thought about; "
        "write the mode that it has, or change what is sent of thinking (effort)"
    )
    project.task("more", "What of it?", "Что о нём?")
    assert execute(project).owed == 0


@pytest.mark.parametrize(
    ("texts", "limit", "said"),
    [
        # Broken off in mid-thought, once: nothing but thinking came.
        (["", "A stone."], 8, "cut off in mid-thought 1 of 2 answers that were thought about"),
        # No answer that was thought about ended by itself.
        (["A st", "A s"], 8, "cut off 2 of 2 answers that were thought about"),
        (["A stone.", "A s"], 8, None),
    ],
)
def test_thinking_that_the_limit_on_replies_cuts_is_not_unlimited(
    project: Project, server: FakeServer, texts: list[str], limit: int, said: str | None
) -> None:
    def reply(body: dict[str, Any]) -> Any:
        text = texts["further" in body["messages"][-1]["content"]]
        return completion(
            text, finish="stop" if text.endswith(".") else "length", reasoning="I weigh it."
        )

    server.reply = reply
    vllm(project, server, max_model_len=4096)
    project.task("more", "What further?", "Что further?")
    write_arm(project, "low", "small", **CAPPED)
    result = execute(project)
    assert not result.owed, "it stops nothing"
    mark = marks(project, "high")["profile.thinking.mode"]
    page = result.report.read_text("utf-8")
    if said is None:
        assert mark == "verified"
        return
    assert mark == "contradicted"
    assert f"the limit on replies ({limit}) {said}" in page
    assert "предел длины ответа (8) оборвал" in page
    design = study.load("trial", project.root)
    (one,) = verify.verify(design, ["high"])
    assert one.faults[0].endswith("; raise sampling.max_tokens, or write that it is capped")
    with Run(design.folder) as run_:
        (row,) = [x for x in verify.ends(design, run_)[0].rows if x.row == "thinking"]
    assert (row.met, row.mark) == ("no", "contradicted")
    assert row.actual.en == "unlimited by its profile, otherwise by its answers"


def test_verify_names_the_arms_there_are(project: Project, server: FakeServer) -> None:
    vllm(project, server)
    with pytest.raises(UserError, match="no arm middle in the study; there are: high, low"):
        verify.verify(study.load("trial", project.root), ["middle"])


def test_a_server_that_counts_nothing_leaves_its_window_declared(
    project: Project, server: FakeServer
) -> None:
    said = completion("yes")
    assert isinstance(said, dict)
    del said["usage"]
    server.reply = lambda _: said
    vllm(project, server)
    (one,) = verify.verify(study.load("trial", project.root), ["low"])
    assert one.remark is not None
    assert "does not count" in one.remark
    assert {x.field for x in one.checks} == {"model.name"}


def test_the_longest_prompt_that_anthropic_lists_bounds_the_window(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-real-key")
    server.listing = {"type": "model", "max_input_tokens": 200_000}
    root = server.address.removesuffix("/v1")
    model = Model(
        id="m", provider="anthropic", name="fake", family="t", training="base", base_url=root
    )

    async def shown() -> tuple[Fact, ...]:
        endpoint = connect(model, Path(), ())
        try:
            await endpoint.engine.probe()
            return await endpoint.engine.shown()
        finally:
            await endpoint.engine.aclose()

    facts = asyncio.run(shown())
    assert facts[1] == Fact("window.accepted", 200_000, "listed")
    for window, wrong in ((200_000, 0), (100_000, 0), (1_000_000, 1)):
        base = {"quantisation": "not published", "thinking": {"mode": "none"}}
        held = Profile.model_validate({**base, "inference": "defaults", "context_tokens": window})
        arm = Arm("a", Text(en="a", ru="а"), model, "direct", Sampling(), held)
        assert len(wrongs.lines(arm, compare.checks(arm, facts))) == wrong
