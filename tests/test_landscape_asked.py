"""How the landscape is asked: wire forms, servers that give nothing, plans and faults."""

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from conftest import ROOT, Project
from dspy import lm15
from fake_server import FakeServer, Reply, completion, is_verdict_request, verdict

from pipeline import doctor, plan, run, study
from pipeline.errors import UserError
from pipeline.models import measuring
from pipeline.models.catalogue import Model
from pipeline.models.endpoint import connect
from pipeline.serving import options

TOP = [("a", 0.6), ("b", 0.3), ("c", 0.05)]


def as_mapped(*shown: tuple[str, float]) -> Reply:
    """A completion in the form of vLLM."""
    top = {token: math.log(p) for token, p in shown}
    choice = {"text": "a", "index": 0, "logprobs": {"top_logprobs": [top]}}
    usage = {"prompt_tokens": 7, "completion_tokens": 1}
    return {"model": "fake", "choices": [choice], "usage": usage}


def as_chat(text: str, *shown: tuple[str, float]) -> Reply:
    """A chat completion of one token with its alternatives."""
    top = [{"token": token, "logprob": math.log(p)} for token, p in shown]
    said: Any = completion(text)
    said["choices"][0]["logprobs"] = {
        "content": [{"token": text, "logprob": math.log(0.6), "top_logprobs": top}]
    }
    return said


def everything(body: dict[str, Any]) -> Reply:
    """A server that gives all that is asked."""
    if "input" in body:
        size = float(len(body["input"][0]))
        return {"model": "fake", "data": [{"embedding": [1.0, size]}], "usage": {}}
    if "prompt" in body:
        return as_mapped(*TOP)
    if is_verdict_request(body):
        return verdict(3)
    prompt = body["messages"][-1]["content"]
    words = f"The stone says {body.get('max_tokens')} {body.get('seed')} words on {prompt}"
    return as_chat(words, *TOP) if body.get("logprobs") else completion(words)


def without(*kinds: str) -> Any:
    """A server that gives all but probabilities (`chat`, `prompt`)."""

    def reply(body: dict[str, Any]) -> Reply:
        said: Any = everything(body)
        if ("prompt" in body and "prompt" in kinds) or ("messages" in body and "chat" in kinds):
            for choice in said["choices"]:
                choice.pop("logprobs", None)
        return said

    return reply


@contextmanager
def unwatched(_: object) -> Iterator[None]:
    yield


def execute(project: Project) -> run.Result:
    return run.execute(study.load("trial", project.root), unwatched, lambda _: None)


def asks(project: Project, **fields: object) -> None:
    """Have the study of `served` measure its landscape."""
    project.study(languages=["ru", "en"], draws=2, landscape=fields)


def records(project: Project) -> list[dict[str, Any]]:
    return [orjson.loads(x) for x in project.lines("landscape")]


def test_both_forms_of_a_completion_are_read() -> None:
    mapped = measuring.next_token(as_mapped(("token_id:5", 0.6), ("x", 0.3)), 20, "vllm")
    assert mapped.tokens == ("#5", "x")
    assert mapped.logprobs == pytest.approx((math.log(0.6), math.log(0.3)), abs=1e-5)
    assert (mapped.tokens_in, mapped.tokens_out) == (7, 1)
    listed = {"id": 9, "token": "y", "logprob": -0.5, "top_logprobs": []}
    listed["top_logprobs"] = [{"id": 9, "token": "y", "logprob": -0.5}]
    reply = {"choices": [{"text": "y", "logprobs": {"content": [listed]}}]}
    found = measuring.next_token(reply, 20, "gguf")
    assert (found.tokens, found.logprobs, found.tokens_in) == (("#9",), (-0.5,), None)


def test_a_token_drawn_beyond_the_most_probable_is_left_out() -> None:
    found = measuring.next_token(as_mapped(("z", 0.001), *TOP), 3, "vllm")
    assert found.tokens == ("a", "b", "c")


def test_parts_of_letters_are_kept_without_a_name() -> None:
    found = measuring.next_token(as_mapped(("a", 0.6), ("\N{REPLACEMENT CHARACTER}", 0.3)), 20, "x")
    assert found.tokens == ("a", "")
    assert len(found.logprobs) == 2


@pytest.mark.parametrize(
    "reply",
    [{}, {"choices": []}, as_mapped(("a", 0.9), ("b", 0.8)), as_mapped(("a", 1.5)), "no", None],
)
def test_what_is_no_distribution_is_a_fault(reply: Any) -> None:
    with pytest.raises(lm15.ServerError, match="is no completion"):
        measuring.next_token(reply, 20, "vllm")


@pytest.mark.parametrize("vector", [[], [0.0, 0.0], [1.0, math.nan], ["x"], None])
def test_what_has_no_direction_is_no_embedding(vector: Any) -> None:
    with pytest.raises(lm15.ServerError, match="is no embedding"):
        measuring.embedded({"data": [{"embedding": vector}]}, "vllm")


def test_only_vllm_is_asked_to_name_tokens_by_id(server: FakeServer) -> None:
    server.reply = everything

    async def ask(provider: str) -> None:
        about = {"name": "fake", "family": "x", "training": "base", "base_url": server.address}
        model = Model.model_validate({"id": "m", "provider": provider, **about})
        endpoint = connect(model, Path(), ())
        try:
            await endpoint.next_token("Once", 20)
        finally:
            await endpoint.engine.aclose()

    for provider in ("vllm", "openai-compatible"):
        asyncio.run(ask(provider))
    named, plain = server.bodies
    assert (named.pop("return_tokens_as_token_ids"), named) == (True, plain)
    assert (plain["prompt"], plain["max_tokens"], plain["logprobs"]) == ("Once", 1, 20)


def test_a_landscape_is_asked_beside_answers_that_stay_as_they_are(
    served: Project, server: FakeServer
) -> None:
    server.reply = everything
    served.study(languages=["ru", "en"], draws=2)
    execute(served)
    before, calls = served.lines("responses"), server.calls
    asks(served, logprobs=20, prefixes=4, embeddings="judge")
    found = execute(served)
    assert (found.owed, served.lines("responses")) == (0, before)
    asked = server.bodies[calls:]
    openings = [x for x in asked if "messages" in x]
    assert {(x["top_logprobs"], x["max_tokens"]) for x in openings} == {(20, 100), (20, 50)}
    assert sum("prompt" in x for x in asked) == 2 * 4
    texts = {x["input"][0] for x in asked if "input" in x}
    assert len(texts) == sum("input" in x for x in asked), "equal texts are embedded once"
    divergence = found.derived.divergence.filter(measure="forward")
    assert divergence["value"].max() == 0
    costs = found.derived.costs.filter(stage="landscape")
    assert set(costs["who"]) == {"high", "low", "judge"}


def test_an_opening_is_what_the_arm_first_puts_to_its_model(
    served: Project, server: FakeServer
) -> None:
    served.task("long", "What does it read? " + "Much to read. " * 100, "Что?")
    steps = {"context": 300, "thinking": 64, "instructions": "detailed", "extras": 2}
    served.study(
        landscape={"logprobs": 20},
        ablations=[{"factor": x, "start": "hicap", "levels": [y]} for x, y in steps.items()],
    )

    def reply(body: dict[str, Any]) -> Reply:
        picks = "messages" in body and "=== 1 ===" in body["messages"][-1]["content"]
        return completion("1") if picks else everything(body)

    server.reply = reply
    found = execute(served)
    assert found.owed == 0
    opened = [x for x in server.bodies if "top_logprobs" in x]
    first = [
        x
        for x in server.bodies
        if "top_logprobs" not in x
        and not is_verdict_request(x)
        and len(x["messages"]) == 1
        and "=== 1 ===" not in x["messages"][0]["content"]
    ]
    asked, begun = (
        {(x["messages"][0]["content"], x["max_tokens"]) for x in part} for part in (first, opened)
    )
    assert begun == asked
    # of both tasks: the ends, aloud and with instructions; of the window only the one that it cuts
    assert len(opened) == 4 * 2 + 1
    assert 64 in {most for _, most in begun}, "notes are as short as the arm may write them"
    of = found.derived.landscape.filter(measure="entropy_own", language="en")
    assert of.height == 6
    assert of["value"].null_count() == 0


def test_an_arm_that_no_task_fits_says_so(served: Project, server: FakeServer) -> None:
    server.reply = everything
    served.task("stone", "What is read? " + "Much to read. " * 600, "Что прочитано?")
    served.study(landscape={"logprobs": 20})
    found = execute(served)
    assert found.owed == 0
    of = found.derived.landscape.filter(measure="entropy_own")
    assert set(of["note"]) == {"no task fits, as the arm puts it"}


def test_whatever_a_study_sends_to_vllm_goes_into_fields_that_it_knows(
    served: Project, server: FakeServer
) -> None:
    catalogue = yaml.safe_load((served.root / "data/models.yaml").read_text("utf-8"))
    for one in catalogue["models"].values():
        one |= {"provider": "vllm", "quantisation": "none"}  # one server has one build
    served.models(**catalogue["models"])
    server.reply = everything
    asks(served, logprobs=20, prefixes=4, embeddings="judge")
    assert execute(served).owed == 0
    known = options.load(ROOT / options.KEPT)
    sent = list(zip(server.paths, server.bodies, strict=True))
    assert {path for path, _ in sent} == options.REQUESTS.keys()
    assert all("return_tokens_as_token_ids" in x for path, x in sent if path == "/v1/completions")
    assert [y for path, x in sent for y in options.request_faults(path, x, known)] == []


def test_a_server_without_probabilities_is_asked_once_and_its_row_says_why(
    served: Project, server: FakeServer
) -> None:
    server.reply = without("chat", "prompt")
    asks(served, logprobs=20, prefixes=4)
    found = execute(served)
    assert found.owed == 0
    rows = {(x["measure"], x["note"]) for x in found.derived.landscape.to_dicts()}
    for measure in ("entropy_own", "entropy_same"):
        assert (measure, "the server gives no log-probabilities") in rows
    (row,) = found.derived.divergence.to_dicts()
    assert row["value"] is None
    assert row["note"] == "no text was continued by both"
    calls = server.calls
    assert execute(served).asked == 0
    assert server.calls == calls


def test_a_model_that_refuses_probabilities_is_not_owed_for_ever(
    served: Project, server: FakeServer
) -> None:
    said = {"error": {"message": "You are not allowed to request logprobs from this model"}}
    server.reply = lambda body: (400, said, {}) if body.get("logprobs") else (everything(body))
    asks(served, logprobs=20)
    found = execute(served)
    assert found.owed == 0
    told = {x["said"] for x in records(served)}
    assert all(x.startswith("You are not allowed to request logprobs") for x in told)
    assert len(told) == 1


def test_a_failing_server_leaves_the_landscape_owed_and_says_so(
    served: Project, server: FakeServer
) -> None:
    def reply(body: dict[str, Any]) -> Reply:
        return (404, {"error": "no such path"}, {}) if "prompt" in body else everything(body)

    server.reply = reply
    asks(served, logprobs=20, prefixes=4)
    found = execute(served)
    assert found.owed == 8
    assert [x for x in found.reasons if "landscape owed: " in x and "(unknown_model)" in x]
    server.reply = everything
    assert execute(served).owed == 0


def test_a_text_too_long_to_embed_is_said_and_not_asked_again(
    served: Project, server: FakeServer
) -> None:
    def reply(body: dict[str, Any]) -> Reply:
        if "input" in body and "50" in body["input"][0]:
            return (400, {"error": {"message": "maximum context length is 8 tokens"}}, {})
        return everything(body)

    server.reply = reply
    asks(served, embeddings="judge")
    found = execute(served)
    assert found.owed == 0
    (low,) = found.derived.landscape.filter(measure="spread", arm="low").to_dicts()
    assert low["note"] == "a text does not fit the model's window"
    assert found.derived.landscape.filter(measure="spread", arm="high")["value"].null_count() == 0


def test_a_budget_stops_the_landscape_too(served: Project, server: FakeServer) -> None:
    server.reply = everything
    served.study(languages=["ru", "en"], draws=2)
    execute(served)
    spent = sum(
        json.loads(x)["call"]["cost"] for y in ("responses", "verdicts") for x in served.lines(y)
    )
    served.study(languages=["ru", "en"], draws=2, budget=spent + 1e-6, landscape={"logprobs": 20})
    found = execute(served)
    assert found.owed == 4
    assert [x for x in found.stopped if "budget" in x]


def test_the_plan_counts_what_the_landscape_takes(served: Project, server: FakeServer) -> None:
    server.reply = everything
    asks(served, logprobs=20, prefixes=4, embeddings="judge")
    design = study.load("trial", served.root)

    def lines() -> dict[str, tuple[int, int]]:
        found = [x for x in plan.plan(design).lines if x.stage == "landscape"]
        return {x.who: (x.calls, x.stored) for x in found}

    assert lines() == {"high": (2 + 4, 0), "low": (2 + 4, 0), "judge": (8, 0)}
    assert server.calls == 0
    execute(served)
    after = lines()
    assert after["high"] == (0, 2 + 4)
    assert after["judge"][0] == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"prefixes": 8}, "`logprobs` is missing"),
        ({"logprobs": 21}, "less than or equal to 20"),
        ({"embeddings": "jugde"}, "'jugde' is not in data/models.yaml"),
        ({"embeddings": "claude"}, "provider anthropic, which embeds nothing"),
        ({"entropy": True}, "entropy"),
    ],
)
def test_what_cannot_be_measured_is_refused_when_it_is_read(
    served: Project, asked: dict[str, object], said: str
) -> None:
    claude = {"provider": "anthropic", "name": "c", "family": "c", "training": "instruct"}
    path = served.root / "data/models.yaml"
    path.write_text(path.read_text("utf-8") + f"  claude: {json.dumps(claude)}\n", "utf-8")
    asks(served, **asked)
    with pytest.raises(UserError, match=said):
        study.load("trial", served.root)


def test_arms_without_probabilities_have_rows_that_say_so(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import owed
    from pipeline.landscape import wanted
    from pipeline.store import Run

    monkeypatch.setenv("OPENAI_API_KEY", "sk-none-of-yours")
    claude = {"provider": "anthropic", "name": "c", "family": "c", "training": "instruct"}
    gpt = {"provider": "openai", "name": "g", "family": "g", "training": "instruct"}
    served.models(big=claude, small=gpt, judge=gpt)
    served.arm("high", "big", max_tokens=10)
    asks(served, logprobs=20, prefixes=4)
    design = study.load("trial", served.root)
    held = Run.look(design.folder)
    found = wanted.of(design, held, owed.responses(design, held), ())
    assert found.lacking["entropy_own", "high"] == "Claude gives no log-probabilities"
    assert found.lacking["entropy_same", "high"] == "Claude gives no log-probabilities"
    assert found.lacking["entropy_same", "low"] == "its service continues no bare text"
    assert {(x.arm, x.kind) for x in found.wanted} == {("low", "opening")}


def test_the_doctor_looks_at_the_embedding_model(served: Project) -> None:
    away = {"provider": "openai", "name": "e", "family": "e", "training": "base"}
    path = served.root / "data/models.yaml"
    more = json.dumps(away | {"key_env": "NOT_SET_KEY"})
    path.write_text(path.read_text("utf-8") + f"  vectors: {more}\n", "utf-8")
    asks(served, embeddings="vectors")
    needs = [x for x in doctor.examine("trial", served.root) if x.what.startswith("vectors")]
    assert [x.there for x in needs] == [False]
    assert "NOT_SET_KEY" in needs[0].todo


def test_openai_embeds_through_its_sdk(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.reply = everything
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none-of-yours")
    about = {"name": "e", "family": "x", "training": "base", "base_url": server.address}
    model = Model.model_validate({"id": "m", "provider": "openai", **about})

    async def ask() -> None:
        endpoint = connect(model, Path(), ())
        try:
            assert (await endpoint.embed("four")).value.vector == (1.0, 4.0)
            with pytest.raises(lm15.CapabilityError, match="continue no bare text"):
                await endpoint.next_token("Once", 20)
            server.reply = lambda _: (429, {"error": "slow down"}, {"retry-after": "0"})
            with pytest.raises(lm15.RateLimitError) as caught:
                await endpoint.embed("four")
            assert caught.value.attempts == 4
        finally:
            await endpoint.engine.aclose()

    asyncio.run(ask())


def test_a_missing_key_of_the_embedding_model_is_said_before_an_answer_is_paid(
    served: Project, server: FakeServer
) -> None:
    away = {"provider": "openai", "name": "e", "family": "e", "training": "base"}
    path = served.root / "data/models.yaml"
    more = json.dumps(away | {"key_env": "NOT_SET_KEY"})
    path.write_text(path.read_text("utf-8") + f"  vectors: {more}\n", "utf-8")
    asks(served, embeddings="vectors")
    with pytest.raises(UserError, match="NOT_SET_KEY"):
        execute(served)
    assert server.calls == 0
