"""Each provider's engine on a real HTTP server: what is sent, what is read, what is a fault."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from dspy import lm15
from fake_server import FakeServer, Reply, completion, running

from judges.judging import asked, request_for
from judges.sampling import Sampling
from pipeline.models import anthropic_api, faults, wire
from pipeline.models.catalogue import TAKES, Model, Provider, taken
from pipeline.models.endpoint import ATTEMPTS, Answered, Endpoint, Pace, connect, share_limits

ALL = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    min_p=0.1,
    frequency_penalty=0.1,
    presence_penalty=0.2,
    seed=7,
    max_tokens=4000,
    stop=("END",),
    effort="high",
    thinking_budget_tokens=2000,
)
REQUEST = lm15.Request(model="fake", system="s", messages=(lm15.Message.user("hello"),))


def model(provider: Provider, address: str, **fields: Any) -> Model:
    base = {
        "id": "m",
        "name": "fake",
        "family": "f",
        "training": "instruct",
        "key_env": "TRIAL_KEY",
        "timeout_seconds": 20,
    }
    return Model(**cast(Any, base | {"provider": provider, "base_url": address} | fields))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAL_KEY", "sk-test-0123456789")
    monkeypatch.setattr("pipeline.models.endpoint._wait", lambda attempt, retry_after: 0.0)


def ask(which: Model, sampling: Sampling = ALL, draw: int = 0) -> Answered:
    async def once() -> Answered:
        endpoint = connect(which, Path(), ())
        try:
            config = wire.config_of(which, sampling, draw)
            request = lm15.Request(
                model=which.name, system="s", messages=REQUEST.messages, config=config
            )
            return await endpoint.ask(request)
        finally:
            await endpoint.engine.aclose()

    return asyncio.run(once())


def probe(which: Model) -> None:
    async def once() -> None:
        endpoint = connect(which, Path(), ())
        try:
            await endpoint.engine.probe()
        finally:
            await endpoint.engine.aclose()

    asyncio.run(once())


CHAT: tuple[Provider, ...] = ("openai", "vllm", "openai-compatible")


@pytest.mark.parametrize("provider", CHAT)
def test_what_a_provider_takes_is_what_its_server_gets(
    server: FakeServer, provider: Provider
) -> None:
    which = model(provider, server.address)
    answered = ask(which, draw=2)
    (body,) = server.bodies
    spelled = {"effort": "reasoning_effort", "thinking_budget_tokens": "thinking_token_budget"}
    if provider == "openai":
        spelled["max_tokens"] = "max_completion_tokens"
    sent = {name: body.get(spelled.get(name, name)) for name in ALL.told()}
    expected = {x: y for x, y in ALL.told().items() if x in TAKES[provider]}
    expected |= {"seed": 9, "stop": ["END"]}
    assert {x: y for x, y in sent.items() if y is not None} == expected
    assert body["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "hello"},
    ]
    assert server.headers[0]["Authorization"] == "Bearer sk-test-0123456789"
    assert answered.response.usage.input_tokens == 100
    assert answered.response.model == "fake"


def test_a_model_may_refuse_what_its_provider_takes(server: FakeServer) -> None:
    which = model("openai", server.address, refuses=("temperature", "seed"))
    ask(which)
    assert not {"temperature", "seed"} & set(server.bodies[0])
    assert not {"temperature", "seed"} & set(taken(which, ALL))


def test_claude_is_told_what_it_takes_and_nothing_else() -> None:
    which = model("anthropic", "http://127.0.0.1:1")
    config = wire.config_of(which, ALL, 0)
    fields = anthropic_api.body(
        lm15.Request(model="c", system="s", messages=REQUEST.messages, config=config)
    )
    assert fields == {
        "model": "c",
        "max_tokens": 4000,
        "system": "s",
        "messages": [{"role": "user", "content": "hello"}],
        "stop_sequences": ["END"],
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "output_config": {"effort": "high"},
    }


@pytest.mark.parametrize(
    ("effort", "thinking", "output"),
    [
        ("off", {"type": "disabled"}, None),
        ("low", {"type": "adaptive"}, {"effort": "low"}),
        ("minimal", {"type": "adaptive"}, None),
    ],
)
def test_claudes_effort(effort: Any, thinking: object, output: object) -> None:
    which = model("anthropic", "http://127.0.0.1:1")
    config = wire.config_of(which, Sampling(max_tokens=9, effort=effort), 0)
    fields = anthropic_api.body(lm15.Request(model="c", messages=REQUEST.messages, config=config))
    assert fields["thinking"] == thinking
    assert fields.get("output_config") == output


def test_claude_gets_the_verdicts_schema_and_is_not_asked_for_probabilities() -> None:
    from test_judging import FORM, ITEM

    config = asked(FORM, lm15.Config(max_tokens=9), measured=False)
    request = request_for(FORM, ITEM, "c", config)
    schema = anthropic_api.body(request)["output_config"]["format"]
    assert schema == {"type": "json_schema", "schema": FORM.response_format["schema"]}
    measured = asked(FORM, lm15.Config(max_tokens=9), measured=True)
    with pytest.raises(lm15.UnsupportedFeatureError, match="no log-probabilities"):
        anthropic_api.body(request_for(FORM, ITEM, "c", measured))


FAULTS: list[tuple[Reply, str, int]] = [
    ((401, {"error": {"message": "bad key"}}, {}), "auth", 1),
    ((402, {"error": {"message": "pay"}}, {}), "billing", 1),
    ((429, {"error": {"message": "quota", "code": "insufficient_quota"}}, {}), "billing", 1),
    ((404, {"error": {"message": "who?"}}, {}), "unknown_model", 1),
    ((400, {"error": {"message": "maximum context length is 10"}}, {}), "overflow", 1),
    ((400, {"error": {"message": "no"}}, {}), "invalid_request", 1),
    ((429, {"error": {"message": "slow"}}, {"Retry-After": "1"}), "rate_limit", ATTEMPTS),
    ((500, {"error": {"message": "oh"}}, {}), "server", ATTEMPTS),
    ((504, {"error": {"message": "late"}}, {}), "timeout", ATTEMPTS),
    (None, "transport", ATTEMPTS),
    ({"choices": []}, "server", ATTEMPTS),
    ({"choices": [{"message": None}]}, "server", ATTEMPTS),
]


@pytest.mark.parametrize("provider", CHAT)
@pytest.mark.parametrize(("reply", "kind", "tries"), FAULTS)
def test_faults_have_one_name_at_every_provider(
    server: FakeServer, provider: Provider, reply: Reply, kind: str, tries: int
) -> None:
    server.reply = lambda body: reply
    with pytest.raises(lm15.LM15Error) as caught:
        ask(model(provider, server.address))
    fault = faults.describe(caught.value)
    if reply is None and provider == "openai":
        kind = "timeout"  # the SDK's word for a server that hangs up; it is retried all the same
        assert "Server disconnected" in fault.message
    assert (fault.kind, server.calls) == (kind, tries)
    assert getattr(caught.value, "attempts", None) == tries


def test_garbage_is_a_servers_fault(server: FakeServer) -> None:
    server.reply = lambda body: b"<html>oops"
    with pytest.raises(lm15.ServerError, match="the reply is no JSON: '<html>oops'"):
        ask(model("vllm", server.address))


def test_retry_after_is_honoured(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[tuple[int, float | None]] = []
    monkeypatch.setattr(
        "pipeline.models.endpoint._wait",
        lambda attempt, retry_after: waits.append((attempt, retry_after)) or 0.0,
    )
    replies: Iterator[Reply] = iter([(429, {}, {"Retry-After": "17"}), completion("yes")])
    server.reply = lambda body: next(replies)
    assert ask(model("vllm", server.address)).attempts == 2
    assert waits == [(1, 17.0)]


@pytest.mark.parametrize("provider", CHAT)
def test_a_probe_is_free_and_names_what_is_wrong(server: FakeServer, provider: Provider) -> None:
    probe(model(provider, server.address))
    assert (server.calls, server.listed) == (0, 1)
    server.models = ["other"]
    with pytest.raises(lm15.UnsupportedModelError, match="there is no model 'fake'"):
        probe(model(provider, server.address))
    server.models_status = 401
    with pytest.raises(lm15.AuthError):
        probe(model(provider, server.address))


def test_thinking_comes_back_beside_the_text(server: FakeServer) -> None:
    server.reply = lambda body: completion("said", reasoning="thought")
    response = ask(model("vllm", server.address)).response
    assert response.text == "said"
    assert [x.text for x in response.message.parts if x.type == "thinking"] == ["thought"]


def test_log_probabilities_come_back_where_asked(server: FakeServer) -> None:
    top = [{"token": "3", "logprob": -0.1}, {"token": "4", "logprob": -2.0}]
    reply = cast(dict[str, Any], completion("3"))
    reply["choices"][0]["logprobs"] = {
        "content": [{"token": "3", "logprob": -0.1, "top_logprobs": top}]
    }
    request = lm15.Request(model="fake", messages=REQUEST.messages, config=lm15.Config(logprobs=20))
    response = wire.response(reply, request, "vllm")
    assert response.logprobs is not None
    assert [x.token for x in response.logprobs[0].top] == ["3", "4"]
    assert wire.body(request)["top_logprobs"] == 20
    assert wire.response(reply, REQUEST, "vllm").logprobs is None


@pytest.mark.parametrize(
    "said",
    [
        "Incorrect API key provided: sk-proj-abcdefgh12345. See docs",
        "header Authorization: Bearer abc.def-ghi was refused",
        "the key sk-test-0123456789 has expired",
    ],
)
def test_what_looks_like_a_key_is_scrubbed(said: str) -> None:
    cleaned = faults.scrub(said)
    for secret in ("sk-proj-abcdefgh12345", "abc.def-ghi", "sk-test-0123456789"):
        assert secret not in cleaned


def test_a_pace_spreads_calls_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))

    monkeypatch.setattr("pipeline.models.endpoint.time.monotonic", lambda: now[0])
    monkeypatch.setattr("pipeline.models.endpoint.asyncio.sleep", sleep)

    async def take_three(pace: Pace) -> None:
        for _ in range(3):
            await pace.take(2)

    asyncio.run(take_three(Pace(60)))
    assert slept == [2, 4]
    slept.clear()
    asyncio.run(take_three(Pace(None)))
    assert slept == []


@pytest.mark.parametrize("provider", CHAT)
@pytest.mark.parametrize("when", ["Wed, 21 Oct 2015 07:28:00 -0000", "Wed, 21 Oct 2015 07:28:00"])
def test_a_retry_after_without_a_zone_is_utc(
    server: FakeServer, provider: Provider, when: str
) -> None:
    replies: Iterator[Reply] = iter([(429, {}, {"Retry-After": when}), completion("yes")])
    server.reply = lambda body: next(replies)
    assert ask(model(provider, server.address)).response.text == "yes"


def test_a_redirect_says_where_to(server: FakeServer) -> None:
    server.reply = lambda body: (307, {}, {"Location": "https://elsewhere/v1"})
    with pytest.raises(lm15.InvalidRequestError, match="redirects to https://elsewhere/v1; write"):
        ask(model("vllm", server.address))


@pytest.mark.parametrize("provider", CHAT)
def test_a_reply_with_the_key_in_it_is_not_kept(server: FakeServer, provider: Provider) -> None:
    server.reply = lambda body: completion("my key is sk-test-0123456789, is it not?")
    with pytest.raises(lm15.InvalidRequestError, match="repeats the key in") as caught:
        ask(model(provider, server.address))
    assert "0123456789" not in str(caught.value)
    assert server.calls == 1


def test_a_key_is_taken_out_before_a_message_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "f" * 64)
    said = "x" * 290 + "f" * 64 + "\x1b[31m red"
    assert "ffff" not in faults.scrub(said, 300)
    assert "\x1b" not in faults.scrub(said)


def test_a_list_of_parts_and_a_number_for_an_id_are_read(server: FakeServer) -> None:
    def reply(body: dict[str, Any]) -> Reply:
        said = completion("")
        assert isinstance(said, dict)
        said["choices"][0]["message"]["content"] = [{"type": "text", "text": x} for x in "ab"]
        return (201, said | {"id": 7}, {})

    server.reply = reply
    assert ask(model("vllm", server.address)).response.text == "ab"


def test_a_judges_model_is_a_savable_lm() -> None:
    import dspy
    from test_judging import FORM

    from pipeline.models.lm import judge_lm

    with running() as server:
        which = model("openai-compatible", server.address)
        lm = judge_lm(which, Sampling(max_tokens=50, seed=3), FORM.response_format)
        state = lm.dump_state()
        assert "sk-test" not in str(state)
        loaded = dspy.BaseLM.load_state(state, allow_custom_lm_class=True)
        assert loaded("hello") == lm("hello")
        assert [x["seed"] for x in server.bodies] == [3, 3]
        asked = [x["response_format"]["json_schema"]["schema"] for x in server.bodies]
        assert asked == [FORM.response_format["schema"]] * 2, "what a study asks"


def test_an_endpoint_says_what_it_waits_for() -> None:
    class Silent:
        model = Model(
            id="slow",
            provider="openai",
            name="x",
            family="f",
            training="base",
            limits={"requests_per_minute": 5},  # type: ignore[arg-type]
        )

    endpoint = Endpoint(Silent.model, cast(Any, Silent()))
    assert endpoint.waits_for is None
    endpoint.requests.waiting = 1
    assert endpoint.waits_for == "slow: 5 requests a minute"


GARBAGE = [b"", b"{", b'{"choices": [{"mess', b"<html>", b"[]", b"null", b'"x"', b"\xff\xfe"]


@pytest.mark.parametrize("provider", CHAT)
@pytest.mark.parametrize("raw", GARBAGE, ids=repr)
def test_garbage_is_a_servers_fault_at_every_provider(
    server: FakeServer, provider: Provider, raw: bytes
) -> None:
    server.reply = lambda body: raw
    with pytest.raises(lm15.LM15Error) as caught:
        ask(model(provider, server.address))
    assert faults.describe(caught.value).kind == "server"
    assert server.calls == ATTEMPTS


@pytest.mark.parametrize("provider", CHAT)
@pytest.mark.parametrize("finish", ["abort", "error", "load", ""])
def test_an_end_that_is_none_is_a_fault(
    server: FakeServer, provider: Provider, finish: str
) -> None:
    server.reply = lambda body: completion("half an ans", finish=finish)
    with pytest.raises(lm15.ServerError):
        ask(model(provider, server.address))


@pytest.mark.parametrize("provider", CHAT)
def test_half_a_surrogate_pair_is_made_storable(server: FakeServer, provider: Provider) -> None:
    message = b'"finish_reason": "stop", "message": {"content": "cut \\ud83d"}'
    raw = b'{"choices": [{"index": 0, ' + message + b"}]}"
    server.reply = lambda body: raw
    try:
        text = ask(model(provider, server.address)).response.text
    except lm15.ServerError:
        return  # a parser that refuses it outright is as good: nothing unstorable came through
    assert text == "cut ?"


def test_a_server_that_names_no_model_is_not_said_to_have_named_one(server: FakeServer) -> None:
    reply = cast(dict[str, Any], completion("yes"))
    del reply["model"]
    server.reply = lambda body: reply
    assert ask(model("vllm", server.address)).response.model == wire.UNNAMED


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("1e9", 600.0), ("-1", 0.0), ("nan", None), ("inf", None), ("soon", None)],
)
def test_retry_after_is_read_or_left(value: str, seconds: float | None) -> None:
    assert faults._retry_after({"retry-after": value}) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert faults._retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert faults._retry_after({"retry-after": "Wed, 21 Oct 2215 07:28:00 GMT"}) == 600.0


def test_endpoints_of_one_address_share_the_strictest_limits() -> None:
    limits = ({"requests_per_minute": 10}, {"requests_per_minute": 5}, {})
    endpoints = [
        Endpoint(model("vllm", "http://127.0.0.1:1", limits=x), cast(Any, None)) for x in limits
    ]
    other = Endpoint(model("vllm", "http://127.0.0.1:2"), cast(Any, None))
    share_limits([*endpoints, other])
    assert {x.requests.per_minute for x in endpoints} == {5}
    assert len({id(x.requests) for x in endpoints}) == 1
    assert other.requests.per_minute is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key_env": "LLM_LOGIN"}, "key_env"),
        ({"base_url": "http://user:word@127.0.0.1:1"}, "holds a user or password"),
        ({"file": "x.gguf"}, "has no `file`"),
    ],
)
def test_a_key_has_no_place_in_the_catalogue(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        model("vllm", "http://127.0.0.1:1", **fields)
