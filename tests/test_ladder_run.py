"""A ladder of real models, self-written: every rung is loaded, asked, judged and reported."""

import json
from typing import Any

import polars as pl
import pytest
import tiny_gguf
from conftest import Project

from pipeline import cli, study
from pipeline.models import weights

LADDER = [
    {"factor": "quantisation", "start": "hicap", "levels": ["q8", "q4"]},
    {
        "factor": "context",
        "start": "hicap",
        # The tokeniser of these files makes more tokens than are estimated: cut to fewer of them.
        "levels": [
            512,
            {"name": "256", "knobs": {"window_tokens": 170}, "profile": {"context_tokens": 256}},
        ],
    },
    {"factor": "attention", "start": "hicap", "levels": [{"serving": {"kv_cache": "q4_0"}}]},
    {"factor": "experts", "start": "hicap", "levels": ["one_expert"]},
    {"factor": "sampling", "start": "hicap", "levels": [{"sampling": {"temperature": 1.5}}]},
    {"factor": "thinking", "start": "locap", "levels": [32]},
    {"factor": "instructions", "start": "locap", "levels": ["detailed"]},
    {
        "factor": "speculative",
        "start": "hicap",
        "levels": [{"serving": {"speculative": {"method": "ngram"}}}],
    },
]


@pytest.fixture
def laddered(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A study of a mixture of experts against a small dense model, and a ladder between them."""
    folder = project.root / "models"
    folder.mkdir()

    def entry(name: str, quantisation: str, window: int, **more: int) -> dict[str, Any]:
        path = tiny_gguf.write(folder / f"{name}.gguf", quantisation, 2048, **more)
        return {
            "provider": "gguf",
            "name": name,
            "family": "tiny",
            "training": "base",
            "file": f"models/{name}.gguf",
            "fingerprint": weights.fingerprint(path),
            "quantisation": quantisation,
            "context_tokens": window,
            "limits": {"concurrency": 1},
            "price": {"input_per_million": 0, "output_per_million": 0},
        }

    project.models(
        full=entry("full", "F16", 2048, experts=4),
        q8=entry("q8", "Q8_0", 2048, experts=4),
        q4=entry("q4", "Q4_0", 2048, experts=4),
        one_expert=entry("one_expert", "F16", 2048, experts=4, active=1),
        small=entry("small", "Q4_0", 512),
    )
    project.arm("high", "full", temperature=0.9, max_tokens=40, seed=1)
    project.arm("low", "small", max_tokens=40, seed=1)
    for n in range(3):
        project.task(f"t{n}", f"Question {n}? {'Much to read. ' * 60}Answer.", f"Вопрос {n}?")
    project.panel({"id": "length", "computed": "length"})
    project.study(ablations=LADDER, landscape={})
    monkeypatch.chdir(project.root)
    return project


def test_a_ladder_of_real_models_runs_to_its_report(
    laddered: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    design = study.load("trial", laddered.root)
    assert len(design.arms) >= 8
    assert cli.main(["score", "trial"]) == 0
    assert "causes not tested here: 1, 2, 3, 4, 5, 6, 7" in capsys.readouterr().out
    run = laddered.root / "data/runs/trial"
    answers: dict[str, dict[str, Any]] = {x.name: {} for x in design.arms}
    for line in laddered.lines("responses"):
        record = json.loads(line)
        answers[record["arm"]][record["task"]] = record
    assert all(len(x) == 3 for x in answers.values())
    texts = {arm: [x["text"] for _, x in sorted(own.items())] for arm, own in answers.items()}
    assert texts["high+speculative=ngram-4"] == texts["high"], "guessing ahead loses nothing"
    for arm in ("quantisation=q4", "attention=q4_0", "experts=one_expert"):
        assert texts[f"high+{arm}"] != texts["high"], arm
    cut = answers["high+context=256"]["t0"]
    assert cut["removed"]["where"] == "start"
    assert cut["call"]["tokens_in"] < answers["high"]["t0"]["call"]["tokens_in"]
    assert answers["low+thinking=32"]["t0"]["reasoning"]
    effects = pl.read_parquet(run / "effects.parquet")
    assert effects["arm"].n_unique() == len(design.arms) - 2
    marks = dict(effects.select("factor", "mark").unique().iter_rows())
    assert marks == {
        **dict.fromkeys(("quantisation", "experts"), "verified"),  # by the file's own header
        "context": "verified",  # by the engine's own count
        "thinking": "verified",  # by the notes, which the end has not
        **dict.fromkeys(("attention", "sampling"), "enforced"),
        **dict.fromkeys(("instructions", "speculative"), "enforced"),
    }
    ways = dict(effects.select("factor", "way").unique().iter_rows())
    assert ways == {
        **dict.fromkeys(("quantisation", "experts"), "down"),  # by the file's own header
        **dict.fromkeys(("context", "attention"), "down"),
        **dict.fromkeys(("sampling", "thinking"), "up"),
        **dict.fromkeys(("instructions", "speculative"), None),
    }
    cuts = dict(effects.select("level", "cut").unique().iter_rows())
    assert {x: cuts[x] for x in ("q8", "512", "256")} == {"q8": None, "512": 0, "256": 3}
    causes = pl.read_parquet(run / "causes.parquet")
    assert causes["cause"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert set(causes["state"]) == {"not tested"}, "a panel that counts words is usable on nothing"
    page = (run / "report.html").read_text("utf-8")
    assert "The null control ran and is not counted, because on no rubric is the panel both" in page
    assert 'id="landscapes"' not in page, "ten arms of which nothing is known are no table"
    assert page.count("Not known of any arm — one draw per answer: ") == 1
    capsys.readouterr()
    assert cli.main(["score", "trial"]) == 0
    assert "nothing to ask" in capsys.readouterr().out
    assert cli.main(["audit", "trial"]) == 0
    assert "byte for byte" in capsys.readouterr().out
