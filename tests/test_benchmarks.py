"""Benchmarks: items, their forms, how replies are marked, and a study that asks them."""

import ast
import asyncio
import json
import operator
import re
import threading
from collections import Counter
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tiny_gguf
from conftest import ROOT, Project
from fake_server import FakeServer, completion, is_verdict_request, verdict
from hypothesis import given
from hypothesis import strategies as st
from people import go

from pipeline import asking, audit, plan, study
from pipeline.benchmarks import asked as asked_of
from pipeline.benchmarks import fetch, harness, items, wordings
from pipeline.benchmarks.items import Benchmark, Choice, Hub, Item, Loaded
from pipeline.benchmarks.marking import mark
from pipeline.benchmarks.wordings import Question
from pipeline.errors import UserError
from pipeline.models import weights
from pipeline.stats import benchmarks
from pipeline.stats.differences import Arms
from pipeline.store import Run

SHIPPED = ("common_ground", "everyday_sums")
LOADED = {name: items.load(Choice(name=name), ROOT, ("en", "ru")) for name in SHIPPED}
_SUMS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def worked_out(node: ast.AST) -> float:
    """A sum of plain numbers; anything else is refused."""
    match node:
        case ast.Expression(body):
            return worked_out(body)
        case ast.Constant(int() | float() as value):
            return value
        case ast.BinOp(left, op, right):
            return float(_SUMS[type(op)](worked_out(left), worked_out(right)))
    raise AssertionError(f"no sum: {ast.dump(node)}")


def test_the_shipped_sums_come_to_their_answers() -> None:
    loaded = LOADED["everyday_sums"]
    assert len(loaded.items) >= 30
    for item in loaded.items:
        assert item.check is not None, item.id
        found = worked_out(ast.parse(item.check, mode="eval"))
        assert found == pytest.approx(float(item.answer)), item.id


def test_the_shipped_questions_that_can_be_worked_out_are_right() -> None:
    loaded = LOADED["common_ground"]
    assert len(loaded.items) >= 40
    checked = [x for x in loaded.items if x.check is not None]
    assert len(checked) >= 12
    for item in checked:
        assert item.check is not None
        assert item.options is not None
        found = worked_out(ast.parse(item.check, mode="eval"))
        for options in (item.options.en, item.options.ru):
            assert options is not None
            said = [float(re.search(r"\d+", x)[0]) for x in options]  # type: ignore[index]
            assert said[items.LETTERS.index(item.answer)] == pytest.approx(found), item.id
            assert len(set(said)) == len(said), item.id


def test_no_letter_is_right_much_more_often_than_another() -> None:
    counts = Counter(x.answer for x in LOADED["common_ground"].items)
    assert set(counts) == set("ABCD")
    assert max(counts.values()) - min(counts.values()) <= 1
    assert LOADED["common_ground"].benchmark.chance == 0.25


@pytest.mark.parametrize("name", SHIPPED)
def test_each_item_has_two_wordings_in_two_languages(name: str) -> None:
    for item in LOADED[name].items:
        assert item.reworded is not None
        for language in ("en", "ru"):
            one, other = (str(getattr(x, language)) for x in (item.question, item.reworded))
            assert one != other
            # The same numbers in figures or in words: a rewording may not change the question.
            cyrillic = bool(re.search("[а-яё]", one.lower()))
            assert cyrillic == (language == "ru"), (item.id, language)


def test_every_shipped_file_loads_or_says_how_its_items_come() -> None:
    for path in sorted((ROOT / "data/benchmarks").glob("*.yaml")):
        if path.stem in SHIPPED:
            continue
        with pytest.raises(UserError, match=f"antipode benchmark {path.stem} fetches them"):
            items.load(Choice(name=path.stem), ROOT, ("en",))


# --- the three forms


def test_the_three_forms_hold_one_content() -> None:
    loaded = LOADED["common_ground"]
    asked = wordings.questions(loaded, ("en", "ru"))
    assert len(asked) == len(loaded.items) * 3 * 2
    by_item: dict[tuple[str, str], dict[str, Question]] = {}
    for one in asked:
        by_item.setdefault((one.item, one.language), {})[one.form] = one
    for forms in by_item.values():
        plain, shuffled, reworded = (forms[x] for x in wordings.FORMS)
        assert sorted(plain.options) == sorted(shuffled.options)
        assert plain.right != shuffled.right, "the right option must move"
        right = {x.options[items.LETTERS.index(x.right)] for x in forms.values()}
        assert len(right) == 1
        assert plain.options == reworded.options
        assert len({x.prompt for x in forms.values()}) == 3
        for x in forms.values():
            assert f"{x.right}) {right.copy().pop()}" in x.prompt


def test_a_smaller_subset_is_part_of_a_larger_one() -> None:
    chosen = [
        [x.id for x in items.load(Choice(name="everyday_sums", items=n), ROOT, ("en",)).items]
        for n in (5, 12, 30)
    ]
    assert [len(x) for x in chosen] == [5, 12, 30]
    assert set(chosen[0]) < set(chosen[1]) < set(chosen[2])
    assert chosen[0] != chosen[2][:5], "a subset is drawn, not the head of the file"


@given(st.integers(2, 10), st.integers(0, 9), st.text(max_size=8))
def test_a_shuffle_is_an_order_in_which_the_right_one_moves(n: int, right: int, seed: str) -> None:
    right %= n
    order = wordings.shuffled(n, right, seed)
    assert sorted(order) == list(range(n))
    assert order[right] != right
    assert order == wordings.shuffled(n, right, seed)


# --- marking


def choice(right: str = "B", language: Any = "en") -> Question:
    return Question("b", "i", language, "plain", "?", ("tin", "brass", "lead", "zinc"), right)


def number(right: str, language: Any = "en") -> Question:
    return Question("b", "i", language, "plain", "?", (), right)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("B", "right"),
        ("**B**", "right"),
        ("(B)", "right"),
        ("Brass is an alloy.\n\nAnswer: B.", "right"),
        ("The correct answer is B) brass.", "right"),
        ("В", "right"),  # Cyrillic
        ("Ответ: В", "right"),
        ("C", "wrong"),
        ("A", "wrong"),
        ("B) tin", "unreadable"),
        ("B or C", "unreadable"),
        ("b", "unreadable"),
        ("E", "unreadable"),
        ("Brass", "unreadable"),
        ("B\nI am quite sure of it", "unreadable"),
        ("A stone", "unreadable"),
        ("", "unreadable"),
        ("\n \n", "unreadable"),
    ],
)
def test_a_letter_is_read_strictly(reply: str, said: str) -> None:
    assert mark(choice(), reply) == said


@pytest.mark.parametrize(
    ("reply", "right", "language", "said"),
    [
        ("1250", "1250", "en", "right"),
        ("1,250", "1250", "en", "right"),
        ("1 250", "1250", "ru", "right"),
        ("1\u00a0250", "1250", "ru", "right"),
        ("2,5", "2.5", "ru", "right"),
        ("2.50", "2.5", "en", "right"),
        ("So 3 + 4 is\n**7**.", "7", "en", "right"),
        ("Ответ: −4", "-4", "ru", "right"),
        ("8", "7", "en", "wrong"),
        ("2,5", "25", "en", "unreadable"),
        ("7 candles", "7", "en", "unreadable"),
        ("about 7", "7", "en", "unreadable"),
        ("3 + 4 = 7", "7", "en", "unreadable"),
        ("seven", "7", "en", "unreadable"),
    ],
)
def test_a_number_is_read_strictly(reply: str, right: str, language: Any, said: str) -> None:
    assert mark(number(right, language), reply) == said


@given(st.decimals(-99999, 99999, allow_nan=False, places=2), st.sampled_from(["en", "ru"]))
def test_a_number_written_in_the_manner_of_its_language_is_right(value: Decimal, lang: Any) -> None:
    english = f"{value:,}"
    russian = english.translate({ord(","): " ", ord("."): ","})
    said = english if lang == "en" else russian
    assert mark(number(str(value), lang), f"Let me see.\n{said}") == "right"


# --- faults of the files


def bench(project: Project, name: str = "sums", lines: list[dict[str, Any]] | None = None) -> None:
    """A benchmark of numbers, one question a line."""
    folder = project.root / "data/benchmarks"
    folder.mkdir(exist_ok=True)
    project.write(
        f"data/benchmarks/{name}.yaml",
        {
            "id": name,
            "title": {"en": name, "ru": name},
            "kind": "number",
            "items": f"{name}.jsonl",
            "chance": 0,
        },
    )
    made = lines if lines is not None else [sum_of(n) for n in range(1, 9)]
    text = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in made)
    (folder / f"{name}.jsonl").write_text(text, "utf-8")


def sum_of(n: int) -> dict[str, Any]:
    return {
        "id": f"s{n}",
        "question": {"en": f"What is {n} plus {n}?", "ru": f"Сколько будет {n} плюс {n}?"},
        "reworded": {"en": f"Add {n} to {n}.", "ru": f"Прибавьте {n} к {n}."},
        "answer": str(2 * n),
    }


def test_all_faults_of_a_benchmark_are_said_at_once(served: Project) -> None:
    bad = [
        {**sum_of(1), "answer": "two"},
        {**sum_of(2), "colour": "red"},
        sum_of(3),
        sum_of(3),
        {**sum_of(4), "options": {"en": ["8", "9"], "ru": ["8", "9"]}, "answer": "A"},
    ]
    bench(served, lines=bad)
    served.study(benchmarks=[{"name": "sums"}, {"name": "sams"}])
    with pytest.raises(UserError) as raised:
        study.load("trial", served.root)
    said = str(raised.value)
    assert "data/benchmarks/sums.jsonl:1" in said
    assert "answer is 'two', expected a number: 12.5" in said
    assert "field 'colour' is not known" in said
    assert "two items are called 's3'" in said
    assert "s4: a benchmark of kind 'number' has items with no options" in said
    assert "data/benchmarks/sams.yaml: no such file; did you mean 'sums'?" in said


def test_more_items_than_there_are_and_a_language_without_items(served: Project) -> None:
    bench(served)
    with pytest.raises(UserError, match=r"9 items are wanted, sums\.jsonl has 8"):
        items.load(Choice(name="sums", items=9), served.root, ("en",))
    english = [{**sum_of(1), "question": {"en": "?"}, "reworded": None}]
    bench(served, lines=english)
    with pytest.raises(UserError, match="its items are in en, the study asks in ru"):
        items.load(Choice(name="sums"), served.root, ("ru",))


def test_recorded_arms_cannot_be_asked_a_benchmark(project: Project) -> None:
    for name in ("data/sample", "data/arms", "data/tasks", "judges/panels"):
        target = project.root / name
        target.mkdir(exist_ok=True)
        for path in (ROOT / name).glob("*.yaml"):
            (target / path.name).write_bytes(path.read_bytes())
    models = (ROOT / "data/models.yaml").read_bytes()
    (project.root / "data/models.yaml").write_bytes(models)
    bench(project)
    arms = {"hicap": "sample_high", "locap": "sample_low"}
    project.study(
        arms=arms, tasks=["to_be"], panel="surface", benchmarks=[{"name": "sums"}], gold=[]
    )
    with pytest.raises(UserError, match="cannot be put to arm 'sample_high', whose answers are"):
        study.load("trial", project.root)


def test_a_leaderboard_of_another_form_is_refused(served: Project) -> None:
    bench(served)
    folder = served.root / "data/leaderboards"
    folder.mkdir()
    (folder / "sums.csv").write_text("model,score\na,0.5\nb,57\n", "utf-8")
    with pytest.raises(UserError, match=r"sums\.csv:3: .*score.* 57"):
        items.leaderboard("sums", served.root)
    (folder / "sums.csv").write_text("name,score\na,0.5\n", "utf-8")
    with pytest.raises(UserError, match="expected model,score"):
        items.leaderboard("sums", served.root)


# --- a study that asks them


def adder(body: dict[str, Any]) -> Any:
    """Adds well; the small model knows the plain wording by heart and nothing else."""
    prompt = body["messages"][-1]["content"]
    if is_verdict_request(body):
        return verdict(3)
    if (
        "плюс" not in prompt
        and "plus" not in prompt
        and "Add" not in prompt
        and "Приб" not in prompt
    ):
        return completion("A stone.\n\nIt thinks.")
    n = int(re.search(r"\d+", prompt)[0])  # type: ignore[index]
    by_heart = body.get("max_tokens") == 50 and ("Add" in prompt or "Приб" in prompt)
    return completion(f"Let me see.\n{2 * n + by_heart}")


def table(project: Project, name: str) -> pl.DataFrame:
    return pl.read_parquet(project.root / "data/runs/trial" / f"{name}.parquet")


def asked(project: Project) -> Project:
    bench(project)
    project.study(languages=["ru", "en"], benchmarks=[{"name": "sums"}])
    return project


def test_a_study_asks_its_benchmarks_once_and_counts_each_form(
    served: Project, server: FakeServer
) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    server.reply = adder
    folder = served.root / "data/leaderboards"
    folder.mkdir()
    (folder / "sums.csv").write_text("model,score\na,0.5\nb,1\n", "utf-8")
    result = go(served)
    assert result.owed == 0
    assert len(served.lines("benchmarks")) == 8 * 2 * 2 * 2
    rows = {
        (x["arm"], x["form"]): x
        for x in table(served, "benchmarks").filter(pl.col("language").is_null()).to_dicts()
    }
    assert [rows["high", x]["accuracy"] for x in ("plain", "reworded", "every")] == [1, 1, 1]
    assert [rows["low", x]["accuracy"] for x in ("plain", "reworded", "every")] == [1, 0, 0]
    assert rows["low", "reworded"]["drop"] == 1
    assert rows["low", "reworded"]["drop_low"] > 0.3
    assert rows["high", "reworded"]["drop"] == 0
    assert rows["high", "plain"]["percentile"] == 75
    assert rows["high", "plain"]["items"] == 8
    gaps = {x["form"]: x for x in table(served, "benchmark_gaps").to_dicts()}
    assert (gaps["plain"]["gap"], gaps["reworded"]["gap"]) == (0, 1)
    page = result.report.read_text("utf-8")
    assert ">options shuffled<" not in page, "sums have no options"
    assert "in other words" in page
    assert "each arm does the same on every item" in page
    calls = server.calls
    assert go(served).asked == 0
    assert server.calls == calls


LADDER = [
    {"factor": "sampling", "start": "hicap", "levels": [{"sampling": {"temperature": 0}}]},
    {"factor": "instructions", "start": "locap", "levels": ["detailed"]},
]
COLD, TOLD = "high+sampling=temperature 0", "low+instructions=detailed"


def colder(body: dict[str, Any]) -> Any:
    """Adds well, but at no temperature only what is odd."""
    if is_verdict_request(body):
        return verdict(3)
    found = re.search(r"\d+", body["messages"][-1]["content"])
    n = int(found[0]) if found is not None else 0
    return completion(str(2 * n + (body.get("temperature") == 0 and n % 2 == 0)))


def test_every_arm_of_the_ladder_is_asked_and_set_beside_its_end(
    served: Project, server: FakeServer
) -> None:
    pytest.importorskip("lm_eval")
    bench(served)
    given = {"languages": ["ru", "en"], "ablations": LADDER}
    served.study(**given, benchmarks=[{"name": "sums"}])
    server.reply = colder
    lines = {x.who: x.calls for x in plan_of(served) if x.stage == "benchmarks"}
    assert lines == dict.fromkeys(["high", "low", COLD, TOLD], 32)
    assert go(served).owed == 0
    found = {
        (x["arm"], x["form"]): x
        for x in table(served, "benchmarks").filter(pl.col("language").is_null()).to_dicts()
    }
    assert {x for x, _ in found} == {"high", "low", COLD, TOLD}
    assert [found[x, "plain"]["corrected"] for x in ("high", COLD, TOLD)] == [1, 0.5, 1]
    assert 0 < found[COLD, "plain"]["corrected_low"] < 0.5 < found[COLD, "plain"]["corrected_high"]
    steps = {(x["arm"], x["form"]): x for x in table(served, "benchmark_effects").to_dicts()}
    assert set(steps) == {(x, y) for x in (COLD, TOLD) for y in ("plain", "reworded")}
    one = steps[COLD, "plain"]
    assert (one["factor"], one["start"], one["end"]) == ("sampling", "hicap", "high")
    assert (one["effect"], one["only_arm"], one["only_end"], one["items"]) == (-0.5, 0, 4, 8)
    marked = table(served, "marks").filter(form="plain")
    sides = benchmarks.sides(marked, Arms(COLD, "high"))
    held = benchmarks.paired((sides["high"] - sides["low"]).to_numpy())
    assert held is not None
    assert (one["low"], one["high"]) == (held.low, held.high)
    assert steps[TOLD, "plain"]["effect"] == 0
    assert steps[TOLD, "plain"]["low"] < 0 < steps[TOLD, "plain"]["high"]
    assert table(served, "headline").filter(group="benchmark")["prompts"].to_list() == [8]
    page = (served.root / "data/runs/trial/report.html").read_text("utf-8")
    assert "The same steps on benchmarks" in page
    assert "Те же ступени на бенчмарках" in page
    assert f"\N{MINUS SIGN}0.50 [\N{MINUS SIGN}{-held.low:.2f}" in page

    pictured, calls = table(served, "headline"), server.calls
    served.study(**given, benchmarks=[{"name": "sums", "arms": "ends"}])
    assert {x.who for x in plan_of(served) if x.stage == "benchmarks"} == {"high", "low"}
    go(served)
    assert server.calls == calls
    assert set(table(served, "benchmarks")["arm"]) == {"high", "low"}
    assert table(served, "benchmark_effects").is_empty()
    assert table(served, "headline").equals(pictured), "the picture is that of the two ends"
    page = (served.root / "data/runs/trial/report.html").read_text("utf-8")
    assert "The same steps on benchmarks" not in page


def test_benchmarks_are_put_to_all_arms_or_to_the_ends(served: Project) -> None:
    bench(served)
    served.study(benchmarks=[{"name": "sums", "arms": "steps"}])
    with pytest.raises(UserError, match=r"benchmarks\W*0\W*arms.*'all' or 'ends'"):
        study.load("trial", served.root)


def plan_of(project: Project) -> tuple[plan.Line, ...]:
    return plan.plan(study.load("trial", project.root)).lines


def test_the_same_run_is_made_again_byte_for_byte_from_its_folder(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    server.reply = adder
    go(served)
    monkeypatch.setattr(harness, "installed", lambda: False)
    found = audit.audit(served.root / "data/runs/trial")
    assert (found.differing, found.missing, found.unsealed) == ((), (), 0)


def test_an_altered_benchmark_answer_is_found(served: Project, server: FakeServer) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    server.reply = adder
    go(served)
    path = served.root / "data/runs/trial/benchmarks.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Let me see", b"Let us see", 1))
    with pytest.raises(UserError, match=r"benchmarks\.jsonl: ALTERED"):
        audit.audit(path.parent)


def test_what_fails_is_owed_and_only_that_is_asked_again(
    served: Project, server: FakeServer
) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    broken = "What is 3 plus 3?"

    def faulty(body: dict[str, Any]) -> Any:
        if broken in body["messages"][-1]["content"] and body["max_tokens"] == 50:
            return 400, {"error": {"message": "no threes today"}}, {}
        return adder(body)

    server.reply = faulty
    result = go(served)
    assert result.owed == 1
    assert any("low: benchmarks owed: 1" in x and "no threes today" in x for x in result.reasons)
    rows = table(served, "benchmarks").filter(arm="low", form="plain", language="en").to_dicts()
    assert (rows[0]["items"], rows[0]["owed"], rows[0]["accuracy"]) == (7, 1, 1.0)
    before = served.lines("benchmarks")
    server.reply = adder
    server.bodies.clear()
    assert go(served).owed == 0
    assert [x["messages"][-1]["content"][: len(broken)] for x in server.bodies] == [broken]
    assert served.lines("benchmarks")[: len(before)] == before


def test_without_lm_eval_one_line_says_how_to_get_it_and_nothing_is_asked(
    served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(served)
    monkeypatch.setattr(harness, "installed", lambda: False)
    with pytest.raises(UserError, match=r'extra lm-eval, which is not installed: pip install "lm-'):
        go(served)
    assert server.calls == 0


def test_a_plan_counts_benchmark_calls_and_their_price(served: Project) -> None:
    asked(served)
    lines = {(x.stage, x.who): x for x in plan.plan(study.load("trial", served.root)).lines}
    assert lines["benchmarks", "high"].calls == 32
    assert lines["benchmarks", "low"].reply_tokens == 32 * 50
    assert lines["benchmarks", "low"].cost > 0


def test_renaming_an_arm_asks_nothing_and_another_wording_asks_itself(
    served: Project, server: FakeServer
) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    server.reply = adder
    go(served)
    calls = server.calls
    served.arm("tall", "big", temperature=0.5, max_tokens=100)
    served.study(
        languages=["ru", "en"],
        benchmarks=[{"name": "sums"}],
        arms={"hicap": "tall", "locap": "low"},
    )
    go(served)
    assert server.calls == calls
    lines = [sum_of(n) for n in range(1, 9)]
    lines[0]["reworded"]["en"] = "Add 1 to 1, please."
    bench(served, lines=lines)
    go(served)
    assert server.calls == calls + 2


def test_lm_eval_counts_as_we_do(served: Project, server: FakeServer) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    server.reply = adder
    go(served)
    design = study.load("trial", served.root)
    with Run(design.folder) as run:
        found = asked_of.replies(design, run)
        stored = {x["key"]: asked_of.said(x) for x in run.benchmarks.records()}
    scores = harness.evaluate(found.wanted, lambda keys: {x: stored[x] for x in keys})
    mine = table(served, "benchmarks").filter(
        pl.col("language").is_not_null(), pl.col("form") != "every"
    )
    assert scores == {
        f"{x['arm']}/{x['benchmark']}/{x['language']}/{x['form']}": x["accuracy"]
        for x in mine.to_dicts()
    }


# --- published items


def test_documents_of_the_hub_become_items() -> None:
    sums = Hub(task="gsm8k", after="####")
    found = fetch.item("00001", "gsm8k", {"question": "Q?", "answer": "9*2\n#### 1,018"}, sums)
    assert (found.answer, found.question.en, found.languages) == ("1018", "Q?", ("en",))
    exam = Hub(task="mmlu", options="choices")
    document = {"question": "Q?", "choices": ["a", "b", "c", "d"], "answer": 2}
    found = fetch.item("00001", "mmlu_law", document, exam)
    assert (found.answer, found.topic) == ("C", "mmlu_law")
    loaded = Loaded(
        benchmark=Benchmark(
            id="mmlu",
            title={"en": "m", "ru": "m"},
            kind="multiple_choice",
            items="hub/mmlu.jsonl",
            chance=0.25,
        ),
        items=(found,),
    )
    assert [x.form for x in wordings.questions(loaded, ("ru", "en"))] == ["plain", "shuffled"]


def test_a_task_of_lm_eval_is_fetched_through_lm_eval(project: Project, tmp_path: Path) -> None:
    pytest.importorskip("lm_eval")
    data = tmp_path / "d.jsonl"
    data.write_text('{"question": "Two and two?", "answer": "so\\n#### 4"}\n' * 2, "utf-8")
    ours = tmp_path / "tasks"
    ours.mkdir()
    (ours / "tiny_sums.yaml").write_text(
        "task: tiny_sums\ndataset_path: json\n"
        f"dataset_kwargs: {{data_files: {{test: {data}}}, cache_dir: {tmp_path / 'cache'}}}\n"
        "test_split: test\noutput_type: generate_until\n"
        "doc_to_text: '{{question}}'\ndoc_to_target: '{{answer}}'\n",
        "utf-8",
    )
    bench(project)
    base = {"id": "tiny", "title": {"en": "t", "ru": "t"}, "kind": "number", "chance": 0}
    hub = {"task": "tiny_sums", "after": "####"}
    project.write("data/benchmarks/tiny.yaml", {**base, "items": "hub/tiny.jsonl", "hub": hub})
    path, count = fetch.fetch("tiny", project.root, ours)
    assert count == 2
    assert items.load(Choice(name="tiny"), project.root, ("en",)).items[0].answer == "4"
    assert path == project.root / "data/benchmarks/hub/tiny.jsonl"
    with pytest.raises(UserError, match="has no hub; its items come with the project"):
        fetch.fetch("sums", project.root)


def test_an_item_needs_its_answer_among_its_options() -> None:
    base = {"id": "x", "question": {"en": "?"}, "options": {"en": ["a", "b"]}}
    with pytest.raises(ValueError, match="answer is 'C', expected a letter from A to B"):
        Item.model_validate({**base, "answer": "C"})
    with pytest.raises(ValueError, match="an option stands there twice"):
        Item.model_validate({**base, "options": {"en": ["a", "a"]}, "answer": "A"})


def test_a_stopped_run_keeps_what_came_and_asks_the_rest(
    served: Project, server: FakeServer
) -> None:
    pytest.importorskip("lm_eval")
    asked(served)
    go_on = threading.Event()

    def stuck(body: dict[str, Any]) -> Any:
        if "7" in body["messages"][-1]["content"]:
            go_on.set()
            server.full.clear()
            server.hold_until = 10**6  # from here on nobody is answered
        return adder(body)

    design = study.load("trial", served.root)

    async def stopped() -> None:
        with Run(design.folder) as run:
            found = asked_of.replies(design, run)
            work = asyncio.create_task(
                asking.benchmarks(design, run, found, lambda _: nullcontext())
            )
            await asyncio.to_thread(go_on.wait, 60)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work

    server.reply = stuck
    asyncio.run(stopped())
    kept = served.lines("benchmarks")
    assert 0 < len(kept) < 64
    server.hold_until = 0
    server.reply = adder
    server.bodies.clear()
    assert go(served).owed == 0
    assert served.lines("benchmarks")[: len(kept)] == kept
    asked_again = [x for x in server.bodies if "камень" not in x["messages"][-1]["content"]]
    assert len([x for x in asked_again if not is_verdict_request(x)]) <= 64 - len(kept) + 4


def test_the_embedded_engine_is_asked_too(project: Project, tmp_path: Path) -> None:
    """Weights that know nothing: every reply is kept, and none can be read."""
    pytest.importorskip("lm_eval")
    entries = {}
    for name, quantisation in (("big", "F16"), ("small", "Q4_0")):
        file = tiny_gguf.write(tmp_path / f"{name}.gguf", quantisation, 512)
        entries[name] = {
            "provider": "gguf",
            "name": name,
            "family": name,
            "training": "base",
            "file": str(file),
            "quantisation": quantisation,
            "context_tokens": 512,
            "fingerprint": weights.fingerprint(file),
            "limits": {"concurrency": 1},
        }
    project.models(**entries)
    project.arm("high", "big", max_tokens=12, temperature=1, seed=5)
    project.arm("low", "small", max_tokens=12, temperature=1, seed=5)
    project.task("stone", "What does the stone think?", "О чём думает камень?")
    project.panel({"id": "length", "computed": "length"})
    bench(project, lines=[sum_of(n) for n in (1, 2, 3)])
    project.study(benchmarks=[{"name": "sums"}])
    assert go(project).owed == 0
    found = table(project, "marks")
    assert found.height == 3 * 2 * 2
    assert set(found["mark"]) == {"unreadable"}
    assert found["reply"].n_unique() > 1
    again = audit.audit(project.root / "data/runs/trial")
    assert (again.differing, again.missing) == ((), ())
