"""The probability landscape of real arms: self-written GGUF files on the llama.cpp engine."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest
import tiny_gguf
import xllamacpp
from conftest import Project

from pipeline import audit, owed, run, study
from pipeline.landscape import wanted
from pipeline.models import weights
from pipeline.models.catalogue import Model
from pipeline.models.endpoint import connect
from pipeline.stats import landscape
from pipeline.store import Run

TASKS = {
    "stone": ("Say what the stone thinks.", "Скажи, что думает камень."),
    "door": ("What is a door without a wall?", "Что такое дверь без стены?"),
    "sea": ("Who owns the silence of the sea?", "Чья тишина у моря?"),
    "clock": ("Write to a clock that stopped.", "Напиши часам, которые встали."),
}
FREE = {"input_per_million": 0, "output_per_million": 0}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One model of one seed in three precisions, which writes words."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny_gguf, "_bias", words_alone)
        return {x: tiny_gguf.write(folder / f"{x}.gguf", x, 1024) for x in ("F16", "Q8_0", "Q4_0")}


def words_alone(tokens: list[str]) -> np.ndarray[Any, Any]:
    """A bias on the output towards English words with a space before them, and to the end."""
    words = [x[:1] == "Ġ" and x[1:].isascii() and x[1:].isalpha() for x in tokens]
    bias = np.where(words, 0.0, -6.0).astype(np.float32)
    bias[tokens.index("<|im_end|>")] = -1.0
    return bias


def entry(file: Path, **fields: object) -> dict[str, Any]:
    return {
        "provider": "gguf",
        "name": file.stem,
        "family": "tiny",
        "training": "base",
        "file": str(file),
        "quantisation": file.stem,
        "fingerprint": weights.fingerprint(file),
        "context_tokens": 1024,
        "price": FREE,
        "limits": {"concurrency": 1},
    } | fields


@contextmanager
def unwatched(_: object) -> Iterator[None]:
    yield


def execute(project: Project) -> run.Result:
    return run.execute(study.load("trial", project.root), unwatched, lambda _: None)


def prepare(
    project: Project, high: dict[str, Any], low: dict[str, Any], asked: dict[str, object] | None
) -> None:
    """A study of two draws in two languages, whose judge only counts."""
    project.models(high=high, low=low)
    for arm in ("high", "low"):
        project.arm(arm, arm, temperature=1, seed=1, max_tokens=40)
    for name, (en, ru) in TASKS.items():
        project.task(name, en, ru)
    project.panel({"id": "length", "computed": "length"})
    more = {} if asked is None else {"landscape": asked}
    project.study(languages=["ru", "en"], draws=2, **more)


EVERYTHING: dict[str, object] = {"logprobs": 20, "prefixes": 16, "embeddings": "low"}


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path]
) -> tuple[Project, run.Result]:
    """A study that measured everything, and what it came to."""
    project = Project(tmp_path_factory.mktemp("finished"))
    prepare(project, entry(files["F16"]), entry(files["Q4_0"]), EVERYTHING)
    return project, execute(project)


@pytest.fixture
def whole(finished: tuple[Project, run.Result], tmp_path: Path) -> Project:
    """A copy of it."""
    shutil.copytree(finished[0].root, tmp_path / "copy")
    project = Project.__new__(Project)
    project.root = tmp_path / "copy"
    return project


def test_a_study_measures_its_landscape_and_asks_nothing_twice(
    finished: tuple[Project, run.Result], whole: Project
) -> None:
    first = finished[1]
    assert first.owed == 0, first.reasons
    records = [orjson.loads(x) for x in whole.lines("landscape")]
    kinds = [x["kind"] for x in records]
    assert kinds.count("opening") == 2 * len(TASKS) * 2
    assert kinds.count("next") == 2 * 16
    assert 0 < kinds.count("embedding") <= 2 * len(TASKS) * 2 * 2
    table = first.derived.landscape
    assert table.filter(pl.col("value").is_null()).is_empty()
    assert set(table["language"]) == {None, "en", "ru"}
    entropies = table.filter(pl.col("most").is_not_null())
    assert (entropies["most"] >= entropies["value"]).all()
    apart = first.derived.divergence
    whole_row = apart.filter(pl.col("measure") == "forward", pl.col("language").is_null())
    assert whole_row["value"][0] > 0
    assert whole_row["prefixes"][0] == 16
    again = execute(whole)
    assert again.asked == 0
    assert len(whole.lines("landscape")) == len(records)


def test_the_figures_are_made_again_from_the_folder_byte_for_byte(whole: Project) -> None:
    folder = whole.root / "data/runs/trial"
    names = ("landscape.csv", "landscape_gaps.csv", "divergence.csv", "report.html")
    before = {x: (folder / x).read_bytes() for x in names}
    for name in names:
        (folder / name).unlink()
    found = audit.audit(folder)
    assert set(names) <= set(found.missing)
    assert {x: (folder / x).read_bytes() for x in names} == before


def test_a_changed_landscape_record_is_seen(whole: Project) -> None:
    file = whole.root / "data/runs/trial/landscape.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"said":null', b'"said":"no"', 1))
    assert Run.look(file.parent).altered == ["landscape"]


def test_a_killed_landscape_owes_only_what_is_lacking(whole: Project) -> None:
    file = whole.root / "data/runs/trial/landscape.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    manifest = whole.root / "data/runs/trial/manifest.json"
    manifest.unlink()
    file.write_bytes(b"".join(lines[:10]) + lines[10][:30])
    assert execute(whole).asked == len(lines) - 10
    keys = [
        orjson.loads(x)["key"]
        for x in file.read_bytes().splitlines()
        if x[:1] == b"{" and x[-1:] == b"}"
    ]
    assert sorted(keys) == sorted(orjson.loads(x)["key"] for x in lines)


def next_tokens(file: Path, texts: list[str]) -> list[dict[str, float]]:
    """What the model in `file` would say after each text."""
    return continued({"id": "tiny", **entry(file)}, texts)


def continued(fields: dict[str, Any], texts: list[str]) -> list[dict[str, float]]:
    """What the model of a catalogue entry would say after each text."""
    model = Model.model_validate(fields)

    async def ask() -> list[dict[str, float]]:
        endpoint = connect(model, Path("/"), ())
        try:
            found = [(await endpoint.next_token(x, 20)).value for x in texts]
        finally:
            await endpoint.engine.aclose()
        return [dict(zip(x.tokens, x.logprobs, strict=True)) for x in found]

    return asyncio.run(ask())


def test_fewer_bits_lie_further_from_the_full_weights(files: dict[str, Path]) -> None:
    texts = [f"{en} The answer number {i} says that" for en, _ in TASKS.values() for i in range(8)]
    full, eight, four = (next_tokens(files[x], texts) for x in ("F16", "Q8_0", "Q4_0"))
    near = [landscape.divergence(p, q) for p, q in zip(full, eight, strict=True)]
    far = [landscape.divergence(p, q) for p, q in zip(full, four, strict=True)]
    for measure in ("forward", "backward", "shannon"):
        small, large = (sum(getattr(x, measure) for x in found) for found in (near, far))
        assert 0 < 3 * small < large, measure
    assert all(landscape.divergence(p, p)[:3] == (0, 0, 0) for p in full)


def test_a_llama_server_says_the_same_over_http(files: dict[str, Path]) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(files["Q8_0"])
    params.model_alias = {"tiny"}
    params.n_ctx, params.n_parallel = 1024, 1
    params.use_jinja, params.warmup, params.verbosity = True, False, -1
    running = xllamacpp.Server(params)
    about = {"name": "tiny", "family": "tiny", "training": "base"}
    served = {"id": "far", "provider": "openai-compatible", **about}
    texts = ["The stone says that", "Камень думает"]
    far = continued(served | {"base_url": f"{running.listening_address}/v1"}, texts)
    del running
    near = next_tokens(files["Q8_0"], texts)
    assert [x.keys() for x in far] == [x.keys() for x in near]
    for one, other in zip(far, near, strict=True):
        assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-3)


@pytest.mark.parametrize("setting", [{"temperature": 0.2}, {"temperature": 1, "top_k": 1}])
def test_colder_sampling_is_seen_in_how_varied_the_draws_are(
    project: Project, files: dict[str, Path], setting: dict[str, object]
) -> None:
    same = entry(files["F16"])
    prepare(project, same, same, {})
    project.models(high=same, low=same)
    project.arm("low", "low", seed=1, max_tokens=40, **setting)
    found = execute(project).derived
    gap = found.landscape_gaps.filter(
        pl.col("measure") == "distinct_2", pl.col("language").is_null()
    )
    assert gap["difference"][0] > 0.05
    lacking = found.landscape.filter(pl.col("value").is_null())
    assert set(lacking["note"]) == {"no log-probabilities asked for", "no embeddings asked for"}


def test_another_tokeniser_is_refused(
    project: Project, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny_gguf, "_texts", lambda: ["a b c d e f g h"] * 50)
    other = tiny_gguf.write(tmp_path / "other.gguf", "F16", 1024)
    asked: dict[str, object] = {"logprobs": 20, "prefixes": 8}
    prepare(project, entry(files["F16"]), entry(other), asked)
    found = execute(project).derived
    (note,) = found.divergence["note"]
    assert note.startswith("the tokenisers differ: ")
    assert found.landscape.filter(measure="entropy_same")["value"].null_count() == 0


def test_places_are_the_same_whatever_order_the_answers_came_in(whole: Project) -> None:
    design = study.load("trial", whole.root)
    held = Run.look(design.folder)
    answers = owed.responses(design, held)
    judged = owed.judged(held, answers.wanted)
    texts = wanted.prefixes(design, judged)
    assert wanted.prefixes(design, judged[::-1]) == texts
    assert len({x.text for x in texts}) == 16
    assert {(x.task, x.language) for x in texts} == {(t, y) for t in TASKS for y in ("en", "ru")}
    waiting = answers._replace(missing=answers.wanted[:1])
    assert not [x for x in wanted.of(design, held, waiting, judged).wanted if x.kind == "next"]
