"""An arm that its own answers contradict is dropped from every later stage, and the run says so."""

from collections import Counter
from typing import Any

import pytest
import yaml
from conftest import Project
from fake_server import FakeServer, completion, is_verdict_request, verdict
from test_benchmarks import bench
from test_verifying import CAPPED, entry, execute, marks, routed, vllm, write_arm

from judges.rubric import Text
from judges.sampling import Sampling
from pipeline import checklists, cli, plan, study
from pipeline.arms import Arm
from pipeline.capacity import Profile
from pipeline.errors import UserError
from pipeline.knobs import Knobs
from pipeline.landscape.wanted import Landscape, Wanted
from pipeline.models.catalogue import Model
from pipeline.verifying import spent, wrongs

SHOWN = "arm low: profile: experts.active is 2, but the answers"
MIXTURE = CAPPED | {"experts": {"total": 8, "active": 2}}


def prepared(project: Project, server: FakeServer, **study: Any) -> None:
    """A judged study of five tasks; one expert works in every answer of either arm."""

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        said = completion(f"{body['model']} is patient: {str(body.get('messages'))[-40:]}")
        assert isinstance(said, dict)
        said["choices"][0]["routed_experts"] = routed([[[4]]])
        return said

    server.reply = reply
    vllm(project, server, max_model_len=4096)
    server.models.append("judge")
    models = yaml.safe_load((project.root / "data/models.yaml").read_text("utf-8"))["models"]
    models["judge"] = entry(server.address, name="judge", family="other")
    project.models(**{x: y | {"limits": {"concurrency": 32}} for x, y in models.items()})
    write_arm(project, "high", "big", **CAPPED)
    write_arm(project, "low", "small", **MIXTURE)
    for n in range(4):
        project.task(f"more{n}", f"What of {n}?", f"Что о {n}?")
    project.panel({"id": "one", "model": "judge"})
    project.study(**study)


def asked(server: FakeServer) -> Counter[str]:
    """How often each model was asked."""
    return Counter(x["model"] for x in server.bodies)


def test_an_arm_whose_answers_were_all_in_flight_is_asked_nothing_after_them(
    project: Project, server: FakeServer
) -> None:
    bench(project)
    prepared(project, server, benchmarks=[{"name": "sums"}], landscape={})
    server.hold_until = 10
    result = execute(project)
    assert server.most_flying >= 10, "every answer was on its way before one came back"
    assert result.contradicted == ("low",)
    (line,) = [x for x in result.stopped if x.startswith("arm ")]
    assert line.startswith(SHOWN)
    counts = asked(server)
    assert counts["fake"] == 5, "its answers, and no benchmark and no landscape"
    assert counts["fake-high"] > 5 + 8
    assert counts["judge"] == 5, "the verdicts on the other arm's answers"
    page = result.report.read_text("utf-8")
    assert f"Stopped early: {SHOWN}" in page


def test_one_answer_of_other_experts_stops_its_arm_and_the_field_says_why(
    project: Project, server: FakeServer
) -> None:
    """The second answer shows one expert at work, all others two as declared."""
    prepared(project, server)
    models = yaml.safe_load((project.root / "data/models.yaml").read_text("utf-8"))["models"]
    project.models(**{x: y | {"limits": {"concurrency": 1}} for x, y in models.items()})
    told = server.reply
    asked_of_low = 0

    def reply(body: dict[str, Any]) -> Any:
        nonlocal asked_of_low
        said: Any = told(body)
        if body["model"] == "fake":
            asked_of_low += 1
            said["choices"][0]["routed_experts"] = routed([[[4] if asked_of_low == 2 else [4, 7]]])
        return said

    server.reply = reply
    result = execute(project)
    assert asked(server)["fake"] == 2
    assert result.contradicted == ("low",)
    (line,) = [x for x in result.stopped if x.startswith("arm ")]
    assert line.startswith(
        "arm low: profile: experts.active is 2, but the answers differ: 1 at work in 1 of 2, 2 at "
        "work in 1 of 2; serve it so that 2 work on every token; the answers that are stored are"
    )
    assert marks(project, "low")["profile.experts.active"] == "contradicted"
    said = "ответы расходятся: 1 в работе в 1 из 2, 2 в работе в 1 из 2"
    assert said in result.report.read_text("utf-8")


BUDGET = {"effort": "low", "thinking_budget_tokens": 200, "max_tokens": 3000}


@pytest.mark.parametrize(
    ("tokens", "words", "mark"),
    [
        (5000, 5000, "contradicted"),
        (200, 150, "verified"),
        (230, 150, "verified"),  # the server's own closing sentence
        (None, 5000, "contradicted"),  # every word is a token or more
        (None, 150, "enforced"),  # but how many more nobody says
        (0, 0, "enforced"),  # no answer made use of it
    ],
)
def test_thinking_that_was_spent_is_held_against_its_budget(
    project: Project, server: FakeServer, tokens: int | None, words: int, mark: str
) -> None:
    prepared(project, server)
    write_arm(project, "low", "small", **CAPPED | {"inference": "tuned"})
    low = project.root / "data/arms/low.yaml"
    arm = yaml.safe_load(low.read_text("utf-8"))
    project.write("data/arms/low.yaml", arm | {"sampling": BUDGET})

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        said: Any = completion("A stone.", body["model"], reasoning="hm " * words)
        if tokens is not None:
            said["usage"]["completion_tokens_details"] = {"reasoning_tokens": tokens}
        return said

    server.reply = reply
    result = execute(project)
    known = marks(project, "low")
    assert known["sampling.thinking_budget_tokens"] == known["profile.thinking.mode"] == mark
    assert known["sampling.effort"] == "enforced"
    assert result.contradicted == (("low",) if mark == "contradicted" else ())
    if mark == "contradicted":
        unit = "words" if tokens is None else "tokens"
        assert any(
            x.startswith(
                f"arm low: sampling: thinking_budget_tokens is 200, but up to 5000 {unit} of "
                "thinking were spent in one call; serve it so that the cap holds"
            )
            for x in result.stopped
        ), result.stopped


@pytest.mark.parametrize(
    ("aloud", "own", "mark"),
    [(60, 0, "verified"), (900, 0, "contradicted"), (60, 900, "contradicted")],
)
def test_thinking_aloud_is_held_against_its_cap_by_its_own_call(
    project: Project, server: FakeServer, aloud: int, own: int, mark: str
) -> None:
    prepared(project, server)
    write_arm(project, "low", "small", **CAPPED | {"inference": "tuned"})
    low = project.root / "data/arms/low.yaml"
    arm = yaml.safe_load(low.read_text("utf-8"))
    knobs = {"thinking_tokens": 64}
    project.write("data/arms/low.yaml", arm | {"sampling": {"max_tokens": 3000}, "knobs": knobs})

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        noting = body.get("max_tokens") == 64
        said: Any = completion("A stone.", body["model"])
        said["usage"]["completion_tokens"] = aloud if noting else 5000
        said["usage"]["completion_tokens_details"] = {"reasoning_tokens": 0 if noting else own}
        return said

    server.reply = reply
    assert execute(project).contradicted == (("low",) if mark == "contradicted" else ())
    known = marks(project, "low")
    assert known["knobs.thinking_tokens"] == known["profile.thinking.mode"] == mark


@pytest.mark.parametrize(
    ("letters", "claimed", "cut", "mark"),
    [
        (4.0, 512, 512, "verified"),  # fewer tokens than are estimated
        (3.4, 512, 512, "verified"),  # within the room of the estimate
        (1.75, 512, 512, "contradicted"),  # twice as many
        (1.75, 850, 512, "verified"),  # told what it is
        (1.75, 512, 312, "verified"),  # cut to fewer
        (3.5, 512, 212, "declared"),  # nothing came near the window that is claimed
        (None, 512, 512, "enforced"),  # the server counts nothing
    ],
)
def test_a_window_is_held_against_what_the_server_counts(
    project: Project,
    server: FakeServer,
    letters: float | None,
    claimed: int,
    cut: int,
    mark: str,
) -> None:
    prepared(project, server)
    project.task("long", "Word. " * 900, "Слово. " * 900)
    write_arm(project, "low", "small", **CAPPED | {"context_tokens": claimed})
    low = project.root / "data/arms/low.yaml"
    arm = yaml.safe_load(low.read_text("utf-8"))
    knobs = {"window_tokens": cut}
    project.write("data/arms/low.yaml", arm | {"sampling": {"max_tokens": 112}, "knobs": knobs})

    def reply(body: dict[str, Any]) -> Any:
        if is_verdict_request(body):
            return verdict(3)
        said: Any = completion("A stone.", body["model"])
        count = None if letters is None else int(len(body["messages"][-1]["content"]) / letters)
        said["usage"]["prompt_tokens"] = count
        return said

    server.reply = reply
    result = execute(project)
    assert marks(project, "low")["profile.context_tokens"] == mark
    if mark != "contradicted":
        assert not result.contradicted
        return
    assert marks(project, "low")["knobs.window_tokens"] == mark
    (line,) = [x for x in result.stopped if x.startswith("arm ")]
    assert line == (
        "arm low: profile: context_tokens is 512, but the longest call comes to 912 tokens: its "
        "prompt as the server counts it, and its reply at the longest; its tokeniser makes 2.00 "
        "tokens of one that is estimated: declare what it is by profile.context_tokens 912, or "
        "cut to 512 by knobs.window_tokens 312, with profile.context_tokens 512"
    )
    assert "самый длинный вызов — 912 токенов" in result.report.read_text("utf-8")
    lines = len(project.lines("responses"))
    project.write(
        "data/arms/low.yaml",
        arm
        | {"sampling": {"max_tokens": 112}, "knobs": knobs}
        | {"profile": arm["profile"] | {"context_tokens": 912}},
    )
    assert not execute(project).owed
    assert len(project.lines("responses")) <= lines + 6, "the stored answers count on"


@pytest.mark.parametrize(
    ("filled", "right"),
    [
        (2000, "declare what it is by profile.context_tokens 2000, or cut to 512 by knobs.window"),
        (3312, "estimated: cut to 512 by knobs.window_tokens 162, with profile.context_tokens 512"),
        (30112, "estimated: no estimate cuts to it: leave knobs.window_tokens out"),
    ],
)
def test_what_would_be_right_of_a_window_can_be_written(filled: int, right: str) -> None:
    address = "http://127.0.0.1:9/v1"
    model = Model(id="m", provider="vllm", name="m", family="t", training="base", base_url=address)
    held = Profile.model_validate(CAPPED | {"context_tokens": 512})
    knobs, sampling = Knobs(window_tokens=512), Sampling(max_tokens=112)
    arm = Arm("low", Text(en="low", ru="низ"), model, "direct", sampling, held, knobs)
    call = {"model": None, "tokens_thinking": None}
    record = {"finish": "complete", "reasoning_words": 0, "call": call}
    found = spent.checks(arm, [record | {"largest": {"filled": filled}}])
    (line,) = wrongs.lines(arm, found)
    assert right in line


def test_a_run_that_owes_nothing_says_so_too_and_does_not_end_well(
    project: Project,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepared(project, server)
    write_arm(project, "low", "small", **CAPPED)
    monkeypatch.chdir(project.root)
    assert cli.main(["score", "trial"]) == cli.OK
    calls = server.calls
    write_arm(project, "low", "small", **MIXTURE)
    for _ in range(2):
        capsys.readouterr()
        assert cli.main(["score", "trial"]) == cli.OWED
        told = capsys.readouterr()
        assert SHOWN in told.err
        assert "nothing to ask" not in told.out
    assert server.calls == calls


def test_what_is_owed_of_such_an_arm_is_not_said_to_go_on(
    project: Project,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepared(project, server)
    monkeypatch.chdir(project.root)
    assert cli.main(["score", "trial"]) == cli.OWED
    said = "5 calls are still owed: the same command goes on with them, but not with those of low"
    assert said in capsys.readouterr().out


def test_a_plan_counts_nothing_of_such_an_arm_and_says_why(
    project: Project, server: FakeServer
) -> None:
    bench(project)
    prepared(project, server)
    write_arm(project, "low", "small", **CAPPED)
    execute(project)
    more = {"benchmarks": [{"name": "sums"}], "landscape": {"logprobs": 3}}
    project.panel({"id": "one", "model": "judge", "draws": 2})
    project.study(**more)
    whole = plan.plan(study.load("trial", project.root))
    write_arm(project, "low", "small", **MIXTURE)
    design = study.load("trial", project.root)
    found = plan.plan(design)
    assert whole.left_out == {}
    assert found.calls * 2 == whole.calls, "the other end's benchmarks, verdicts and openings"
    assert {x.stage for x in found.lines if x.calls} == {"benchmarks", "verdicts", "landscape"}
    assert not any(x.who == "low" and x.calls for x in found.lines)
    (line,) = [x for x in checklists.plan_lines(design, found) if "left out" in x]
    assert line.startswith(f"low is left out: {SHOWN}")
    server.bodies.clear()
    assert execute(project).asked == found.calls == len(server.bodies)


def test_a_plan_is_refused_where_the_run_would_be(project: Project, server: FakeServer) -> None:
    prepared(project, server)
    write_arm(project, "low", "small", **CAPPED)
    execute(project)
    write_arm(project, "low", "small", **MIXTURE)
    project.study(draws=2)
    with pytest.raises(UserError, match=SHOWN) as of_plan:
        plan.plan(study.load("trial", project.root))
    with pytest.raises(UserError, match=SHOWN) as of_run:
        execute(project)
    assert str(of_plan.value) == str(of_run.value)


def test_a_call_that_two_arms_share_stays_the_other_arms() -> None:
    address = "http://127.0.0.1:9/v1"
    model = Model(id="m", provider="vllm", name="m", family="t", training="base", base_url=address)
    one, two, own = (
        Wanted(key, "opening", arm, model, None, "Say.", "stone", "en", arm, 0)
        for key, arm in (("k", "high"), ("k", "low"), ("l", "low"))
    )
    found = Landscape((one, two, own), (two, own), {})
    assert found.without(("low",)) == Landscape((one,), (one,), {})
    assert found.without(()).missing == (two, own)
