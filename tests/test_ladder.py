"""One factor is moved and the rest held; what it does is found, and what it does not is not."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import ROOT, Project
from hypothesis import given, settings
from hypothesis import strategies as st
from scored import scores

from pipeline import study
from pipeline.ablations import Ablation, level_of
from pipeline.arms import Arm
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.models.catalogue import Model, identity
from pipeline.put import cut, put
from pipeline.rungs import Crossing, Known, Rung
from pipeline.stats import causes, crossed, known_groups, ladder
from pipeline.stats.differences import Arms
from pipeline.tables import RATINGS

SHAPE = {"layers": 9, "kv_heads": 1, "head_dim": 8, "context_tokens": 64}
ENDS = {"depth": (1.0, 5.0), "irony": (1.0, 5.0)}


def entry(**more: Any) -> dict[str, Any]:
    base = {
        "provider": "gguf",
        "name": "tiny",
        "family": "t",
        "training": "base",
        "file": "models/a.gguf",
        "quantisation": "F16",
        "context_tokens": 2048,
    }
    return base | more


@pytest.fixture
def laddered(project: Project) -> Project:
    """Two ends of files that nobody loads here, and what a ladder between them may name."""
    project.models(
        full=entry(),
        q4=entry(quantisation="Q4_0", file="models/q4.gguf"),
        short=entry(context_tokens=512),
        other=entry(family="u", quantisation="Q4_0"),
        one_expert=entry(file="models/one.gguf", name="one"),
    )
    project.arm("high", "full", temperature=0.8, max_tokens=200, seed=1)
    project.arm("low", "q4", max_tokens=100, seed=1)
    project.task("stone", "What?", "Что?")
    project.panel({"id": "length", "computed": "length"})
    return project


def load(project: Project, **fields: Any) -> study.Design:
    project.study(**fields)
    return study.load("trial", project.root)


def test_a_rung_moves_its_factor_and_nothing_else(laddered: Project) -> None:
    found = load(
        laddered,
        ablations=[
            {"factor": "quantisation", "start": "hicap", "levels": ["q4"]},
            {"factor": "context", "start": "hicap", "levels": [1024, 512]},
            {"factor": "sampling", "start": "hicap", "levels": [{"sampling": {"temperature": 0}}]},
            {"factor": "thinking", "start": "locap", "levels": [64]},
            {
                "factor": "attention",
                "start": "hicap",
                "levels": [{"serving": {"kv_cache": "q4_0"}}],
            },
            {"factor": "experts", "start": "hicap", "levels": ["one_expert"]},
            {"factor": "extras", "start": "locap", "levels": [3]},
            {"factor": "instructions", "start": "locap", "levels": ["detailed"]},
            {
                "factor": "speculative",
                "start": "hicap",
                "levels": [{"serving": {"speculative": {"method": "ngram"}}}],
            },
        ],
    )
    high = found.hicap
    by = {x.name: x for x in found.ladder.arms}
    assert len(by) == 10
    quantised = by["high+quantisation=q4"]
    assert quantised.model.id == "q4"
    assert (quantised.sampling, quantised.knobs) == (high.sampling, high.knobs)
    assert quantised.profile.quantisation == "Q4_0"
    narrow = by["high+context=512"]
    assert (narrow.model, narrow.knobs.window_tokens) == (high.model, 512)
    assert narrow.profile.context_tokens == 512
    cold = by["high+sampling=temperature 0"]
    assert cold.sampling == high.sampling.model_copy(update={"temperature": 0.0})
    kept = by["high+attention=q4_0"].model
    assert kept.serving is not None
    assert kept.serving.kv_cache == "q4_0"
    assert kept.model_copy(update={"serving": None, "id": "full"}) == high.model
    rungs = [x for x in found.ladder.rungs if x.factor == "context"]
    assert [(x.level, x.last) for x in rungs] == [("1024", False), ("512", True)]
    assert [x.name for x in found.arms[:2]] == ["high", "low"]


def test_a_step_that_guesses_ahead_has_that_extra_and_one_that_does_not_has_not(
    laddered: Project,
) -> None:
    path = laddered.root / "data/arms/high.yaml"
    arm = yaml.safe_load(path.read_text("utf-8"))
    arm["profile"]["extras"] = ["attention_sinks"]
    path.write_text(yaml.safe_dump(arm), "utf-8")
    guessing = {"serving": {"speculative": {"method": "ngram"}}}
    found = load(
        laddered,
        ablations=[
            {"factor": "speculative", "start": "hicap", "levels": [guessing]},
            {"factor": "quantisation", "start": "hicap", "levels": ["q4"]},
        ],
    )
    guesses, plain = (x.profile.extras for x in found.ladder.arms)
    assert guesses == ("attention_sinks", "speculative_decoding")
    assert plain == ("attention_sinks",)


def test_arms_that_ask_the_same_are_asked_once(laddered: Project) -> None:
    found = load(
        laddered,
        ablations=[
            {"factor": "context", "start": "hicap", "levels": [512]},
            {"factor": "quantisation", "start": "hicap", "levels": ["q4"]},
        ],
        interactions=[
            {
                "start": "hicap",
                "first": {"factor": "quantisation", "level": "q4"},
                "second": {"factor": "context", "level": 512},
            }
        ],
    )
    assert [x.name for x in found.ladder.arms] == [
        "high+context=512",
        "high+quantisation=q4",
        "high+quantisation=q4+context=512",
    ]
    (crossing,) = found.ladder.crossings
    assert crossing.one == "high+quantisation=q4"
    assert crossing.other == "high+context=512"
    assert crossing.both == "high+quantisation=q4+context=512"


@pytest.mark.parametrize(
    ("ablation", "said"),
    [
        (("quantisation", "hicap", ["other"]), "differs from 'full' in family too"),
        (("quantisation", "hicap", ["none_such"]), "is not in data/models.yaml"),
        (("context", "hicap", [128]), "leaves nothing of knobs.window_tokens, 128"),
        (("sampling", "hicap", [{"model": "q4"}]), "factor sampling does not move model"),
        (("context", "hicap", [{"sampling": {"top_p": 0.5}}]), "does not move sampling.top_p"),
        (
            (
                "context",
                "hicap",
                [{"knobs": {"window_tokens": 512}, "profile": {"weight_bits": 4}}],
            ),
            "factor context does not move profile.weight_bits: one at a time",
        ),
        (
            ("sampling", "hicap", [{"sampling": {"temperature": True}}]),
            "levels[0].sampling.temperature' is True, expected a number",
        ),
        (
            ("context", "hicap", [{"sampling": {"max_tokens": 100}}]),
            "max_tokens 100 leaves the window as it is at high (2048); a level of context gives",
        ),
        (
            ("context", "hicap", [{"knobs": {"window_tokens": 2048, "cut": "end"}}]),
            "2048 end leaves the window as it is at high (2048)",
        ),
        (("sampling", "hicap", [{"sampling": {"temperature": 0.8}}]), "nothing moves"),
        (("size", "hicap", [{"name": "x"}]), "a level of size moves nothing"),
        (("context", "hicap", [512, 512]), "levels[1]: 512 asks what levels[0] asks; name it once"),
        (
            ("context", "hicap", [512, 256, {"name": "half", "knobs": {"window_tokens": 512}}]),
            "levels[2]: half asks what levels[0] asks",
        ),
        (
            ("sampling", "hicap", [{"name": "a", "sampling": {"top_p": x}} for x in (0.5, 0.6)]),
            "two levels are called so",
        ),
    ],
)
def test_a_level_that_cannot_be_is_refused(
    laddered: Project, ablation: tuple[str, str, list[Any]], said: str
) -> None:
    factor, start, levels = ablation
    with pytest.raises(UserError) as caught:
        load(laddered, ablations=[{"factor": factor, "start": start, "levels": levels}])
    assert said in str(caught.value)
    assert "data/studies/trial.yaml" in str(caught.value)


@pytest.fixture
def turned(laddered: Project) -> Project:
    """The high arm with every knob turned, so that each can be put back."""
    path = laddered.root / "data/arms/high.yaml"
    arm = yaml.safe_load(path.read_text("utf-8"))
    arm["sampling"] |= {"top_p": 0.9, "effort": "high"}
    arm["knobs"] = {
        "window_tokens": 1024,
        "cut": "end",
        "instructions": "detailed",
        "thinking_tokens": 32,
        "candidates": 3,
    }
    arm["profile"] |= {"thinking": {"mode": "capped"}, "inference": "tuned"}
    path.write_text(yaml.safe_dump(arm), "utf-8")
    models = yaml.safe_load((laddered.root / "data/models.yaml").read_text("utf-8"))
    models["models"]["full"]["serving"] = {
        "kv_cache": "q4_0",
        "speculative": {"method": "ngram"},
    }
    laddered.write("data/models.yaml", models)
    return laddered


@pytest.mark.parametrize(
    ("factor", "level", "label", "part", "field", "value"),
    [
        ("extras", 1, "1", "knobs", "candidates", 1),
        ("extras", {"knobs": {"candidates": None}}, "1", "knobs", "candidates", 1),
        (
            "context",
            {"knobs": {"window_tokens": 512, "cut": None}},
            "512 start",
            "knobs",
            "cut",
            "start",
        ),
        ("instructions", "brief", "brief", "knobs", "instructions", None),
        (
            "instructions",
            {"knobs": {"instructions": None}},
            "brief",
            "knobs",
            "instructions",
            None,
        ),
        (
            "thinking",
            {"knobs": {"thinking_tokens": None}},
            "thinking_tokens default",
            "knobs",
            "thinking_tokens",
            None,
        ),
        (
            "context",
            {"knobs": {"window_tokens": None}},
            "window_tokens default",
            "knobs",
            "window_tokens",
            None,
        ),
        ("sampling", "defaults", "defaults", "sampling", "temperature", None),
        ("sampling", "defaults", "defaults", "sampling", "top_p", None),
        (
            "sampling",
            {"sampling": {"temperature": None}},
            "temperature default",
            "sampling",
            "temperature",
            None,
        ),
        (
            "speculative",
            {"serving": {"speculative": None}},
            "speculative default",
            "serving",
            "speculative",
            None,
        ),
        (
            "attention",
            {"serving": {"kv_cache": None}},
            "kv_cache default",
            "serving",
            "kv_cache",
            None,
        ),
    ],
)
def test_a_level_can_put_its_factor_back_to_the_default(
    turned: Project, factor: str, level: Any, label: str, part: str, field: str, value: Any
) -> None:
    found = load(turned, ablations=[{"factor": factor, "start": "hicap", "levels": [level]}])
    (arm,) = found.ladder.arms
    assert arm.name == f"high+{factor}={label}"
    held = {"knobs": arm.knobs, "sampling": arm.sampling, "serving": arm.model.serving}
    was = {
        "knobs": found.hicap.knobs,
        "sampling": found.hicap.sampling,
        "serving": found.hicap.model.serving,
    }
    assert getattr(held[part], field) == value != getattr(was[part], field)
    others = {x: held[x] for x in held if x != part}
    assert others == {x: was[x] for x in was if x != part}
    kept = study.Study.model_validate_json(found.study.model_dump_json())
    assert study.climb(kept, found.hicap, found.locap, found.models) == found.ladder


def test_a_reply_that_moves_along_with_its_window_is_no_window_in_the_label(
    laddered: Project,
) -> None:
    level = {"knobs": {"window_tokens": 512}, "sampling": {"max_tokens": 100}}
    found = load(laddered, ablations=[{"factor": "context", "start": "hicap", "levels": [level]}])
    (arm,) = found.ladder.arms
    assert arm.name == "high+context=512 max_tokens 100"
    assert (arm.knobs.window_tokens, arm.sampling.max_tokens) == (512, 100)


def test_a_level_that_is_at_the_default_already_moves_nothing(laddered: Project) -> None:
    level = {"sampling": {"top_p": None}}
    with pytest.raises(UserError, match="top_p default is how high already is: nothing moves"):
        load(laddered, ablations=[{"factor": "sampling", "start": "hicap", "levels": [level]}])


@pytest.fixture
def thinking(served: Project) -> Project:
    """The high arm is a vLLM server that is told to think."""
    path = served.root / "data/arms/high.yaml"
    arm = yaml.safe_load(path.read_text("utf-8"))
    arm["sampling"]["effort"] = "high"
    arm["profile"] |= {"thinking": {"mode": "unlimited"}, "inference": "tuned"}
    path.write_text(yaml.safe_dump(arm), "utf-8")
    models = yaml.safe_load((served.root / "data/models.yaml").read_text("utf-8"))
    models["models"]["big"]["provider"] = "vllm"
    served.write("data/models.yaml", models)
    return served


def test_a_level_is_held_to_its_rules_where_it_lies_over_its_end(thinking: Project) -> None:
    """A budget needs an effort, and the high end has one; the low one has none."""
    moves = {"factor": "thinking", "levels": [{"sampling": {"thinking_budget_tokens": 64}}]}
    (arm,) = load(thinking, ablations=[{**moves, "start": "hicap"}]).ladder.arms
    assert (arm.sampling.effort, arm.sampling.thinking_budget_tokens) == ("high", 64)
    with pytest.raises(UserError, match=r"levels\[0\]: sampling: thinking_budget_tokens is set"):
        load(thinking, ablations=[{**moves, "start": "locap"}])


def test_a_level_that_sends_nothing_of_thinking_says_what_its_model_does(
    thinking: Project,
) -> None:
    level: dict[str, Any] = {"sampling": {"effort": None}}
    moves = {"factor": "thinking", "start": "hicap"}
    with pytest.raises(UserError, match="the model's own default holds; say what that is"):
        load(thinking, ablations=[{**moves, "levels": [level]}])
    level["profile"] = {"thinking": {"mode": "none"}}
    (moved,) = load(thinking, ablations=[{**moves, "levels": [level]}]).ladder.arms
    assert (moved.sampling.effort, moved.profile.thinking.mode) == (None, "none")


@pytest.mark.parametrize(
    ("start", "sampling"),
    [
        ("hicap", {"max_tokens": 64}),  # told to think as hard as before, and then cut off
        ("locap", {"max_tokens": 64}),  # told nothing of thinking at all
        ("locap", {"effort": "low", "thinking_budget_tokens": 32, "max_tokens": 64}),  # refused
    ],
)
def test_a_level_of_thinking_that_only_cuts_the_reply_off_is_refused(
    thinking: Project, start: str, sampling: dict[str, Any]
) -> None:
    path = thinking.root / "data/models.yaml"
    models = yaml.safe_load(path.read_text("utf-8"))
    models["models"]["small"]["refuses"] = ["effort", "thinking_budget_tokens"]
    thinking.write("data/models.yaml", models)
    level = {"sampling": sampling, "profile": {"thinking": {"mode": "capped"}}}
    moves = {"factor": "thinking", "start": start}
    with pytest.raises(UserError) as caught:
        load(thinking, ablations=[{**moves, "levels": [level]}])
    line = str(caught.value).splitlines()[-1]
    assert "data/studies/trial.yaml: ablations[0].levels[0]: " in line
    assert "moves sampling.max_tokens alone" in line
    right = "sampling.effort or sampling.thinking_budget_tokens or " if start == "hicap" else ""
    assert f"give another {right}knobs.thinking_tokens, with which max_tokens may move" in line
    if start == "locap":
        aloud = {"sampling": {"max_tokens": 64}, "knobs": {"thinking_tokens": 32}}
        (arm,) = load(thinking, ablations=[{**moves, "levels": [aloud]}]).ladder.arms
        assert (arm.knobs.thinking_tokens, arm.profile.thinking.mode) == (32, "capped")


def test_a_level_of_sampling_is_refused_where_no_choice_is_left_to_narrow(
    laddered: Project,
) -> None:
    laddered.arm("high", "full", temperature=0.0, top_p=1.0, max_tokens=200, seed=1)

    def levels(*sampling: dict[str, Any]) -> list[dict[str, Any]]:
        given = [{"sampling": x} for x in sampling]
        return [{"factor": "sampling", "start": "hicap", "levels": given}]

    with pytest.raises(UserError) as caught:
        load(laddered, ablations=levels({"top_p": 0.5}, {"temperature": 0.7, "top_k": 1}))
    first, second = str(caught.value).splitlines()[-2:]
    said = "levels[0]: top_p 0.5 changes no answer: sampling.temperature is 0 at high"
    assert said in first
    assert "or move a penalty" in first
    assert "sampling.temperature is 0 at high and sampling.top_k is 1 at the level" in second
    free = load(laddered, ablations=levels({"temperature": 0.7}, {"frequency_penalty": 0.5}))
    assert len(free.ladder.arms) == 2
    with pytest.raises(UserError, match="is how high already is: nothing moves"):
        load(laddered, ablations=levels({"temperature": 0.0}))


def test_notes_aloud_do_not_come_on_top_of_a_models_own_thinking(thinking: Project) -> None:
    """A number is for a model that has no thinking: of one that has it caps nothing."""
    moves = {"factor": "thinking", "start": "hicap"}
    said = r"levels\[0\]: knobs.thinking_tokens is 64, but with effort 'high' .* on top; to cap"
    with pytest.raises(UserError, match=said):
        load(thinking, ablations=[{**moves, "levels": [64]}])
    level = {"sampling": {"effort": "off"}, "knobs": {"thinking_tokens": 64}}
    (arm,) = load(thinking, ablations=[{**moves, "levels": [level]}]).ladder.arms
    assert (arm.sampling.effort, arm.profile.thinking.mode) == ("off", "capped"), "its notes"
    path = thinking.root / "data/arms/high.yaml"
    high = yaml.safe_load(path.read_text("utf-8"))
    high |= {"knobs": {"thinking_tokens": 64}}
    high["profile"] |= {"thinking": {"mode": "capped"}}
    path.write_text(yaml.safe_dump(high), "utf-8")
    with pytest.raises(UserError, match=r"data/arms/high.yaml: knobs.thinking_tokens is 64, but"):
        load(thinking)


def test_a_step_is_refused_what_its_end_is_refused(thinking: Project) -> None:
    """What is sent and what the profile says are one, and Claude is told how long it may write."""
    moves = {"factor": "thinking", "start": "hicap"}
    level = {"sampling": {"effort": "off"}, "profile": {"thinking": {"mode": "unlimited"}}}
    said = r"levels\[0\]: profile.thinking.mode is 'unlimited', but what is sent .* makes it 'none'"
    with pytest.raises(UserError, match=said):
        load(thinking, ablations=[{**moves, "levels": [level]}])
    models = yaml.safe_load((thinking.root / "data/models.yaml").read_text("utf-8"))
    models["models"]["big"] = {
        "provider": "anthropic",
        "name": "claude",
        "family": "claude",
        "training": "instruct",
    }
    thinking.write("data/models.yaml", models)
    endless = {"sampling": {"effort": "low", "max_tokens": None}}
    with pytest.raises(UserError, match=r"levels\[0\]: sampling.max_tokens is missing .Anthropic"):
        load(thinking, ablations=[{**moves, "levels": [endless]}])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"ablations": [{"factor": "context", "start": "hicap", "levels": ["4096", True]}]},
            [
                "ablations[0].levels[0]: a level of context is '4096', expected a whole number "
                "(unquoted), a name of data/models.yaml, or fields",
                "ablations[0].levels[1]: a level of context is True, expected",
            ],
        ),
        (
            {"ablations": [{"factor": "sampling", "start": "hicap", "levels": ["default"]}]},
            ["a level of sampling is 'default', expected `defaults`, or fields"],
        ),
        (
            {"ablations": [{"factor": "context", "start": "hicap", "levels": []}]},
            ["field 'ablations[0].levels' is [], expected 1 or more of them"],
        ),
        (
            {
                "interactions": [
                    {
                        "start": "hicap",
                        "first": {"factor": "context", "level": 512},
                        "second": "lang",
                    }
                ]
            },
            [
                "field 'interactions[0].second' is 'lang', expected 'language' or 'long_chain', or "
                "fields, as in {factor: ...}; known are: factor, level"
            ],
        ),
        (
            {
                "ablations": [
                    {
                        "factor": "sampling",
                        "start": "hicap",
                        "levels": [{"model": "q4"}, {"name": "x"}],
                    }
                ]
            },
            [
                "levels[0]: factor sampling does not move model: one at a time; levels[1]: a level "
                "of sampling moves nothing"
            ],
        ),
        (
            {
                "ablations": [
                    {
                        "factor": "context",
                        "start": "hicap",
                        "levels": [{"model": "other", "knobs": {"window_tokens": 128}}, "nope"],
                    }
                ]
            },
            [
                "levels[0]: model 'other' differs from 'full' in family, quantisation too",
                "levels[0]: sampling.max_tokens is 200, which leaves nothing of",
                "levels[1]: model 'nope' is not in data/models.yaml",
            ],
        ),
    ],
)
def test_every_fault_of_a_ladder_is_told_where_it_stands(
    laddered: Project, fields: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        load(laddered, **fields)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(said), lines
    for line, wanted in zip(lines, said, strict=True):
        assert line.startswith("data/studies/trial.yaml")
        assert wanted in line


def test_every_fault_of_a_study_is_told_at_once(laddered: Project) -> None:
    with pytest.raises(UserError) as caught:
        load(
            laddered,
            gold=["nobody"],
            landscape={"embeddings": "vectors"},
            benchmarks=[{"name": "sums"}],
            ablations=[{"factor": "quantisation", "start": "hicap", "levels": ["q5"]}],
            interactions=[
                {"start": "hicap", "first": {"factor": "context", "level": 512}, "second": x}
                for x in ("language", "long_chain")
            ],
        )
    wanted = [
        "data/benchmarks/sums.yaml: no such file",
        "data/studies/trial.yaml: ablations[0].levels[0]: model 'q5' is not in data/models.yaml",
        "interactions[0].second is 'language', but `languages` names en alone; name both, or take",
        "interactions[1].second is 'long_chain', but no task of the study is of kind long_chain",
        "data/gold/nobody.csv: no such file; there are: none",
        "data/studies/trial.yaml: landscape.embeddings 'vectors' is not in data/models.yaml",
    ]
    lines = str(caught.value).splitlines()
    assert len(lines) == len(wanted), lines
    for line, said in zip(lines, wanted, strict=True):
        assert said in line


def test_what_is_crossed_has_both_sides(laddered: Project) -> None:
    crossed = {"start": "hicap", "first": {"factor": "context", "level": 512}}
    both = [{**crossed, "second": x} for x in ("language", "long_chain")]
    laddered.task("chain", "Why, and why?", "Почему и почему?", kind="long_chain")
    assert len(load(laddered, languages=["ru", "en"], interactions=both).ladder.crossings) == 2
    with pytest.raises(UserError, match="but every task is of kind long_chain"):
        load(laddered, tasks=["chain"], languages=["ru", "en"], interactions=both)


@pytest.mark.parametrize(
    ("more", "differ"),
    [
        ({"serving": {"kv_cache": "fp8"}}, "serving.kv_cache"),
        ({"quantisation": "awq"}, "quantisation"),
        ({"context_tokens": 512}, "context_tokens"),
        ({"revision": "b", "quantisation": "fp8"}, "quantisation, revision"),
        ({"quantisation": "awq", "base_url": "http://127.0.0.1:2/v1"}, None),
        ({"quantisation": "awq", "name": "other"}, "quantisation"),  # of one process
        ({"name": "other", "shape": SHAPE | {"layers": 8}}, "shape"),
        ({"name": "other"}, None),
        ({"quantisation": "awq", "base_url": "http://127.0.0.1:1/v1/"}, "quantisation"),
        ({"quantisation": "awq", "base_url": "http://LocalHost:1/v1"}, "quantisation"),
        ({"quantisation": "awq", "base_url": "http://[0:0::1]:1/v1"}, "quantisation"),
        ({"quantisation": "awq", "base_url": "http://127.0.0.1:1/other/v1"}, None),
        ({"quantisation": "awq", "base_url": "http://gpu.example:1/v1"}, None),
        ({"serving": {"sequences": 4}, "limits": {"concurrency": 2}}, None),
    ],
)
def test_one_vllm_server_is_not_two_models(
    laddered: Project, more: dict[str, Any], differ: str | None
) -> None:
    """What only the start of a server sets cannot differ between two entries of one server."""
    base = {
        "provider": "vllm",
        "name": "m",
        "family": "t",
        "training": "base",
        "quantisation": "none",
        "base_url": "http://127.0.0.1:1/v1",
        "context_tokens": 2048,
        "shape": SHAPE,
    }
    laddered.models(full=base, q4=base | more)
    if differ is None:
        assert load(laddered).locap.model.id == "q4"
        return
    with pytest.raises(UserError) as caught:
        load(laddered)
    said = str(caught.value)
    assert said.startswith("data/models.yaml: full (m at http://127.0.0.1:1/v1) and q4 (")
    assert f"are one server, but differ in {differ}, which its start sets" in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://gpu.example/v1", "http://GPU.example:80/v1/"),
        ("https://gpu.example./v1", "https://gpu.example:443/v1"),
    ],
)
def test_a_port_that_goes_without_saying_is_the_same_server(
    laddered: Project, one: str, other: str
) -> None:
    base = {"provider": "vllm", "name": "m", "family": "t", "training": "base"}
    laddered.models(
        full={**base, "quantisation": "none", "base_url": one},
        q4={**base, "quantisation": "awq", "base_url": other},
    )
    with pytest.raises(UserError, match="are one server, but differ in quantisation, which"):
        load(laddered)


def test_a_server_with_a_smaller_window_is_a_step_of_context(laddered: Project) -> None:
    base = {"provider": "vllm", "name": "m", "family": "t", "training": "base"}
    wide = {**base, "base_url": "http://127.0.0.1:1/v1", "context_tokens": 2048}
    narrow = {**base, "base_url": "http://127.0.0.1:2/v1", "context_tokens": 512}
    small = {**base, "name": "s", "base_url": "http://127.0.0.1:3/v1"}
    laddered.models(full=wide, short=narrow, q4=small)
    steps = [{"factor": "context", "start": "hicap", "levels": ["short"]}]
    (arm,) = load(laddered, ablations=steps).ladder.arms
    assert (arm.model.id, arm.profile.context_tokens) == ("short", 512)
    elsewhere = Model(id="full", **{**wide, "base_url": "http://127.0.0.1:9/v1"})
    assert identity(elsewhere) == identity(load(laddered).hicap.model), "an address is none of it"
    hosted = {"provider": "openai", "name": "m", "family": "t", "training": "instruct"}
    apis = [Model(id="api", **hosted, context_tokens=x) for x in (None, 1000, 2000)]
    assert len({identity(x) for x in apis}) == 1, "a hosted model's window is its provider's own"


@given(st.text(max_size=400), st.integers(0, 200), st.sampled_from(["start", "middle", "end"]))
@settings(deadline=None)
def test_a_cut_fits_and_loses_no_more_than_it_must(text: str, room: int, where: Any) -> None:
    kept = cut(text, room, where)
    assert tokens_estimated(kept) <= room or kept == ""
    if kept != text:
        assert tokens_estimated(kept) > room - 1, "one letter more would not fit"
    if where == "start":
        assert text.endswith(kept)
    elif where == "end":
        assert text.startswith(kept)


def test_a_narrow_window_loses_the_start_of_a_long_task(laddered: Project) -> None:
    laddered.task("long", f"KEY at the start. {'Noise. ' * 900}What is the key?", "Что?")
    found = load(laddered, ablations=[{"factor": "context", "start": "hicap", "levels": [512]}])
    task = next(x for x in found.tasks if x.id == "long")
    whole, narrow = (
        put(task.first("en"), None, "en", x) for x in (found.hicap, found.ladder.arms[0])
    )
    assert whole is not None
    assert narrow is not None
    assert whole.removed is None
    assert narrow.first.endswith("What is the key?")
    assert "KEY" not in narrow.first
    assert narrow.removed is not None
    assert narrow.removed.characters == len(whole.first) - len(narrow.first)


def test_the_shipped_ladder_says_what_its_windows_do_to_its_tasks() -> None:
    shipped = study.load("qwen3_ladder", ROOT)
    wide, narrow = (x for x in shipped.ladder.arms if "+context=" in x.name)

    def become(arm: Arm) -> tuple[int, int]:
        """How many tasks `arm` is shown in part, and how many not at all."""
        every = [(x, y) for x in shipped.tasks for y in shipped.study.languages]
        seen = {(x.id, y): put(x.first(y), x.second(y), y, arm) for x, y in every}
        parts = {x for (x, _), got in seen.items() if got is not None and got.removed is not None}
        return len(parts), len({x for (x, _), got in seen.items() if got is None})

    (none, lost), (cuts, as_many) = become(wide), become(narrow)
    written = (ROOT / "data/studies/qwen3_ladder.yaml").read_text("utf-8")
    assert f"Of the {len(shipped.tasks)} tasks 8k cuts {cuts} and 16k {none}" in written
    assert lost == as_many
    assert f"and the {lost} of two turns have no\n" in written


def rung(factor: Any, start: Any, arm: str) -> Rung:
    return Rung(factor, start, arm, 0, True, "high" if start == "hicap" else "low", arm)


RUNGS = (
    rung("context", "hicap", "short"),
    rung("context", "locap", "long"),
    rung("quantisation", "hicap", "q4"),
    rung("thinking", "locap", "thinks"),
    rung("speculative", "hicap", "guessed"),
)
NULL = {"high": 1.0, "low": 0.0, "q4": 1.0, "thinks": 0.0, "guessed": 1.0}


def found(arms: dict[str, float], seed: int, usable: tuple[str, ...] = ("depth", "irony")) -> Any:
    table = scores(arms, np.random.default_rng(seed), 40)
    known = {x: Known("enforced", "down" if x.start == "hicap" else "up") for x in RUNGS}
    effects = ladder.effects(ladder.seen(table, usable, ENDS), RUNGS, known)
    return effects, {x["factor"]: x for x in causes.of(effects, usable).to_dicts()}


def test_a_planted_effect_is_found_and_others_are_not() -> None:
    counts: dict[str, int] = dict.fromkeys(causes.CAUSE.values(), 0)
    held = 0
    for seed in range(100):
        effects, told = found({**NULL, "short": 0.4, "long": 0.6}, seed)
        for factor, row in told.items():
            counts[factor] += row["state"] == "supported"
        held += causes.control(effects).state == "holds"
    assert counts.pop("context") >= 95
    assert max(counts.values()) <= 10
    assert held >= 88, "the null control's 95% interval holds 0"
    assert told["experts"]["state"] == "not tested"
    assert told["experts"]["because"] == "no arm of this study moves experts alone"


def test_a_cause_needs_both_directions_where_both_ran() -> None:
    _, told = found({**NULL, "short": 0.0, "long": 0.0}, 1)
    assert told["context"]["state"] == "not supported"
    assert told["context"]["because"] == "from locap: the effect may be chance"
    _, told = found({**NULL, "short": 2.0, "long": 1.0}, 1)
    assert told["context"]["because"] == "from hicap: it moves the other way"


def test_without_a_usable_panel_no_cause_is_told() -> None:
    effects, told = found({**NULL, "short": 0.0, "long": 1.0}, 1, usable=())
    assert told["context"]["state"] == "not tested"
    assert told["context"]["because"] == "on no rubric is the panel both usable and calibrated"
    assert effects["effect"].is_null().all()
    assert "the panel is not usable or not calibrated on it" in effects["note"][0]
    means = effects.filter(pl.col("rubric").is_null())
    assert set(means["note"]) == {"on no rubric is the panel both usable and calibrated"}, (
        "no task lacks a score"
    )
    said = causes.control(effects)
    assert said == ("uncounted", "on no rubric is the panel both usable and calibrated"), (
        "it ran all the same"
    )


def test_people_correct_an_effect_where_they_rated_both_arms() -> None:
    table = scores(
        {"high": 1.0, "short": 0.0}, np.random.default_rng(2), 40, people={"high": 3, "short": 3}
    )
    (row,) = RUNGS[:1]
    effects = ladder.effects(ladder.seen(table, (), ENDS), (row,)).to_dicts()
    assert {x["basis"] for x in effects if x["rubric"]} <= {"people", "people and panel"}
    assert all(x["gold_prompts"] == 40 and x["effect"] < -0.5 for x in effects if x["rubric"])


def test_crossed_factors_show_what_one_adds_to_the_other() -> None:
    def added(both: float, second: str = "ctx") -> dict[str, Any]:
        arms = {"high": 1.0, "q4": 0.8, "ctx": 0.8, "both": both}
        seen = ladder.seen(scores(arms, np.random.default_rng(5), 200), tuple(ENDS), ENDS)
        named = second not in ("language", "long_chain")
        one = Crossing(
            "hicap", "q4", second, "high", "q4", *(("ctx", "both") if named else (None, None))
        )
        rows = crossed.by_rubric(seen, [one]).to_dicts()
        return next(x for x in rows if x["rubric"] is None)

    assert added(0.6)["low"] < 0 < added(0.6)["high"], "each takes .2, both .4"
    assert added(-0.4)["high"] < 0, "together they take far more"
    chains = added(0.6, "long_chain")
    assert chains["low"] < 0 < chains["high"]
    assert chains["prompts"] == 200
    language = added(0.6, "language")
    assert language["effect"] is None
    assert "0 of 3 prompts" in language["note"], "no prompt was answered in both languages"


def test_a_rubric_that_counts_words_parts_nothing_between_answers_of_equal_length() -> None:
    random = np.random.default_rng(4)
    rows, words = [], {}
    for prompt in range(150):
        for arm, middle in (("high", 300), ("low", 200)):
            name, count = f"{prompt}-{arm}", int(random.normal(middle, 80))
            words[name] = max(count, 20)
            true = 3 + (arm == "high") + random.normal(0, 0.5)
            for rubric, value in (
                ("irony", 1.0 + min(4, words[name] // 100)),
                ("depth", float(np.clip(np.round(true), 1, 5))),
            ):
                rows.append(
                    dict.fromkeys(RATINGS.names())
                    | {
                        "response": name,
                        "prompt": f"t{prompt}",
                        "arm": arm,
                        "rubric": rubric,
                        "rater": "a",
                        "kind": "judge",
                        "computed": False,
                        "score": value,
                    }
                )
    seen = ladder.seen(pl.DataFrame(rows, schema=RATINGS), (), ENDS)
    by = {
        x["rubric"]: x for x in known_groups.by_rubric(seen, Arms("high", "low"), words).to_dicts()
    }
    assert by["irony"]["tells"] is True
    assert by["irony"]["adjusted_low"] < 0 < by["irony"]["adjusted_high"]
    assert abs(by["irony"]["adjusted"]) < 0.5
    assert by["depth"]["adjusted_low"] > 0.3, "what is no length stays"


@pytest.mark.parametrize(
    ("lengths", "told"), [(((150, 400), (120, 350)), True), (((250, 600), (60, 180)), False)]
)
def test_a_step_of_length_is_followed_and_lengths_apart_tell_nothing(
    lengths: tuple[tuple[int, int], ...], told: bool
) -> None:
    held = 0
    for seed in range(20):
        random, rows, words = np.random.default_rng(seed), [], {}
        for prompt in range(70):
            for arm, (low, high) in zip(("high", "low"), lengths, strict=True):
                name = f"{prompt}-{arm}"
                words[name] = int(random.integers(low, high))
                facts = {"response": name, "prompt": f"t{prompt}", "arm": arm, "rubric": "irony"}
                facts |= {"rater": "a", "kind": "judge"}
                score = {"computed": False, "score": 5.0 if words[name] > 200 else 1.0}
                rows.append(dict.fromkeys(RATINGS.names()) | facts | score)
        seen = ladder.seen(pl.DataFrame(rows, schema=RATINGS), (), {"irony": (1.0, 5.0)})
        (row,) = known_groups.by_rubric(seen, Arms("high", "low"), words).to_dicts()
        if not told:
            assert row["adjusted"] is None
            assert "hardly overlap" in row["note"]
            continue
        held += row["adjusted_low"] <= 0 <= row["adjusted_high"]
        assert abs(row["adjusted"]) < 0.6
    assert held >= (18 if told else 0)


@pytest.mark.parametrize(
    ("more", "factor", "said"),
    [
        (
            {"shape": {"layers": 9, "kv_heads": 1, "head_dim": 8, "context_tokens": 64}},
            "quantisation",
            "shape",
        ),
        ({"refuses": ["temperature"]}, "quantisation", "refuses"),
        ({"file": "models/b.gguf", "context_tokens": 512}, "context", "file"),
        (
            {"quantisation": "F16", "file": "models/b.gguf"},
            "quantisation",
            "has the quantisation of",
        ),
    ],
)
def test_other_weights_are_not_the_same_factor(
    laddered: Project, more: dict[str, Any], factor: str, said: str
) -> None:
    path = laddered.root / "data/models.yaml"
    models = yaml.safe_load(path.read_text("utf-8"))
    changed = {"quantisation": "Q4_0"} if factor == "quantisation" else {}
    models["models"]["strange"] = entry(**{**changed, **more})
    path.write_text(yaml.safe_dump(models), "utf-8")
    with pytest.raises(UserError, match=said):
        load(laddered, ablations=[{"factor": factor, "start": "hicap", "levels": ["strange"]}])


def test_another_effort_ends_a_budget_and_another_budget_keeps_its_effort(
    laddered: Project,
) -> None:
    path = laddered.root / "data/models.yaml"
    server = {"provider": "vllm", "base_url": "http://127.0.0.1:9/v1", "file": None}
    other = server | {"base_url": "http://127.0.0.1:8/v1"}
    models = {"full": entry(**server), "q4": entry(name="small", quantisation="Q4_0", **other)}
    path.write_text(yaml.safe_dump({"models": models}), "utf-8")
    laddered.arm("high", "full", effort="high", thinking_budget_tokens=64, max_tokens=200)
    arm = yaml.safe_load((laddered.root / "data/arms/high.yaml").read_text("utf-8"))
    arm["profile"]["thinking"] = {"mode": "capped"}
    laddered.write("data/arms/high.yaml", arm)
    levels = [{"sampling": {"thinking_budget_tokens": 32, "max_tokens": 300}}, "off", "high"]
    found = load(laddered, ablations=[{"factor": "thinking", "start": "hicap", "levels": levels}])
    told = [(x.sampling.effort, x.sampling.thinking_budget_tokens) for x in found.ladder.arms]
    assert told == [("high", 32), ("off", None), ("high", None)]
    assert [x.profile.thinking.mode for x in found.ladder.arms] == ["capped", "none", "unlimited"]
    arm["profile"]["thinking"] = {"mode": "none"}
    laddered.write("data/arms/high.yaml", arm)
    with pytest.raises(UserError, match="but what is sent"):
        load(laddered)


def test_short_spellings_are_levels() -> None:
    given = Ablation.model_validate(
        {"factor": "thinking", "start": "hicap", "levels": ["off", 512]}
    )
    assert [x.label for x in given.levels] == ["off", "512"]
    assert level_of("size", "big") == {"model": "big"}
