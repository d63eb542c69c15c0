"""New words for a rubric: found by GEPA, chosen on other prompts, given as a diff, not applied."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dspy
import pytest
from conftest import Project
from fake_server import FakeServer, Reply, completion, verdict

from judges import form as forms
from judges.judging import asked, request_for
from judges.panel import Judge
from judges.rubric import Rubric
from judges.verdict import Item, Language
from judges.wording import Example, closeness, places, reworded, words
from pipeline import files
from pipeline.errors import UserError
from pipeline.models import catalogue
from pipeline.programs.evolving import Heard, MostAtIssue, WordsAdapter, evolve
from pipeline.tuning import amending, searching
from pipeline.tuning.metering import Budget
from pipeline.tuning.proposing import Proposal, propose
from pipeline.tuning.searching import Wanted

KEY: dict[Language, str] = {"en": "overturned", "ru": "наизнанку"}
"""The word by which the judge of these tests begins to see what people see."""
NEW: dict[Language, str] = {
    "en": "Means the opposite throughout, overturned without a sign: it is never said.",
    "ru": "Всё время подразумевает противоположное, наизнанку и без единой пометки.",
}


def is_rewriting(body: dict[str, Any]) -> bool:
    return str(body["response_format"]["json_schema"]["name"]) == "wording"


def wording(text: object) -> Reply:
    return completion(json.dumps({"wording": text}, ensure_ascii=False))


class Bench:
    """A judge that gives every answer 2 until the anchor of level 4 has the word it waits for."""

    def __init__(self, project: Project, server: FakeServer, language: Language = "en") -> None:
        self.project, self.server, self.language = project, server, language
        server.reply = self.reply
        self.new: Callable[[dict[str, Any]], Reply] = lambda _: wording(NEW[language])
        self.judge: Callable[[dict[str, Any], bool], Reply] = lambda _, keyed: verdict(
            4 if keyed else 2
        )
        entry = {
            "provider": "openai-compatible",
            "name": "fake",
            "training": "instruct",
            "base_url": server.address,
            "price": {"input_per_million": 1, "output_per_million": 2},
            "limits": {"concurrency": 4},
        }
        project.models(judge={**entry, "family": "a"}, writer={**entry, "family": "b"})
        self.path = project.root / "rubrics/irony.yaml"
        self.before = self.path.read_bytes()
        self.server.models = ["fake"]

    def reply(self, body: dict[str, Any]) -> Reply:
        if is_rewriting(body):
            return self.new(body)
        line = next(
            x for x in body["messages"][0]["content"].split("\n") if x.strip().startswith("4 (")
        )
        return self.judge(body, KEY[self.language] in line)

    @property
    def rubric(self) -> Rubric:
        return files.load(self.path, Rubric, self.project.root)

    def wanted(self, **more: Any) -> Wanted:
        root = self.project.root
        given: dict[str, Any] = {
            "root": root,
            "path": self.path,
            "rubric": self.rubric,
            "language": self.language,
            "judge": Judge.model_validate(
                {"id": "one", "model": "judge", "sampling": {"max_tokens": 200}}
            ),
            "models": catalogue.load(root / "data/models.yaml", root),
        }
        return Wanted(**given | more)

    def propose(self, calls: int = 60, dollars: float | None = None, **more: Any) -> Proposal:
        return propose(self.wanted(**more), examples(self.language), Budget(calls, dollars))

    def rewritings(self) -> list[str]:
        return [x["messages"][-1]["content"] for x in self.server.bodies if is_rewriting(x)]


def examples(language: Language = "en", prompts: int = 6, score: float = 4) -> list[Example]:
    """Two answers to each prompt, of which people say `score`, more or less."""
    return [
        Example(
            Item(
                key=f"{prompt}-{n}",
                language=language,
                task=f"Task {prompt}",
                answer=f"Answer {n} to it",
            ),
            f"task_{prompt}",
            (score, score, score),
            ("Never says it straight.",) if language == "en" else ("Прямо не сказано.",),
        )
        for prompt in range(prompts)
        for n in range(2)
    ]


@pytest.fixture(params=["en", "ru"])
def bench(request: pytest.FixtureRequest, project: Project, server: FakeServer) -> Bench:
    return Bench(project, server, request.param)


@pytest.fixture
def plain(project: Project, server: FakeServer) -> Bench:
    return Bench(project, server)


def apply(root: Path, diff: str, *tool: str) -> None:
    subprocess.run(tool or ("git", "apply", "-"), cwd=root, input=diff.encode(), check=True)


def test_the_words_that_help_are_found_and_the_diff_applies(bench: Bench) -> None:
    found = bench.propose()
    name = f"levels[3].anchor.{bench.language}"
    assert [(x.name, x.after) for x in found.changes if KEY[bench.language] in x.after][-1] == (
        name,
        NEW[bench.language],
    )
    assert found.after is not None
    assert (found.before.score, found.after.score) == (0.5, 1.0)
    assert (found.prompts, found.before.answers, found.before.failed) == (3, 6, 0)
    assert found.seen
    assert bench.path.read_bytes() == bench.before, "nothing is written"
    subprocess.run(["git", "init", "-q"], cwd=bench.project.root, check=True)
    apply(bench.project.root, found.diff)
    now = {x.name.removesuffix(f".{bench.language}"): x.after for x in found.changes}
    old = Rubric.model_validate(files.parse_text(bench.before.decode(), "old").data)
    assert bench.rubric == reworded(old, bench.language, now)
    removed = [x for x in found.diff.splitlines() if x.startswith("-") and x[:3] != "---"]
    assert all(KEY[bench.language] in x.after for x in found.changes)
    assert not [x for x in removed if x.startswith(("-#", "-  -", "-\n"))], "comments stay"
    assert bench.path.read_text("utf-8").splitlines()[:4] == bench.before.decode().splitlines()[:4]


def test_patch_applies_it_too(plain: Bench) -> None:
    apply(plain.project.root, plain.propose().diff, "patch", "-p1", "-s")
    assert KEY["en"] in plain.rubric.levels[3].anchor.en


def test_the_judge_is_asked_what_a_study_asks_it(plain: Bench) -> None:
    plain.propose()
    form = forms.build(plain.rubric, "en")
    by_user = {x["messages"][-1]["content"]: x for x in plain.server.bodies}
    for example in examples():
        config = asked(form, dspy.lm15.Config(max_tokens=200), measured=False)
        request = request_for(form, example.item, "fake", config)
        sent = by_user[str(request.messages[0].text)]
        assert sent["max_tokens"] == 200
        schema = sent["response_format"]["json_schema"]["schema"]
        assert schema == form.response_format["schema"]
    assert plain.server.bodies[0]["messages"][0]["content"] == form.system


def test_what_gepa_evaluates_is_a_predict_that_says_the_same() -> None:
    rubric = files.load(Path("rubrics/irony.yaml"), Rubric, Path())
    adapter = WordsAdapter(rubric, "ru", lambda *_: [], lambda *_: None)
    new = words(rubric, "ru") | {"question": "Так ли это?"}
    predict = adapter.build_program(new)
    assert isinstance(predict, dspy.Predict)
    form = forms.build(reworded(rubric, "ru", new), "ru")
    assert predict.signature.instructions == form.predict.signature.instructions
    assert "Вопрос: Так ли это?" in form.system


@pytest.mark.parametrize("calls", [6 + 7 + 6, 24, 40])
def test_the_budget_of_calls_is_kept(plain: Bench, calls: int) -> None:
    plain.new = lambda _: wording(f"Another attempt, number {plain.server.calls}.")
    found = plain.propose(calls)
    assert found.calls == plain.server.calls <= calls
    assert found.diff == ""
    assert "calls left may be too few" in found.said[-1]


def test_retries_are_calls_of_the_budget(plain: Bench) -> None:
    reply = plain.reply
    plain.server.reply = lambda body: (
        (429, {"error": "slow down"}, {"retry-after": "0"})
        if plain.server.calls % 2
        else reply(body)
    )
    found = plain.propose(24)
    assert found.calls == plain.server.calls <= 24
    assert found.failed["rate_limit"] >= found.calls // 3
    assert found.diff == ""


def test_too_small_a_budget_says_what_is_needed(plain: Bench) -> None:
    with pytest.raises(UserError, match="budget is 18 calls, at least 19 are needed"):
        plain.propose(18)
    assert plain.server.calls == 0


def test_the_budget_in_dollars_is_kept(plain: Bench) -> None:
    plain.new = lambda _: wording(f"Another attempt, number {plain.server.calls}.")
    found = plain.propose(500, dollars=0.02)
    assert found.cost is not None
    assert 0.002 < found.cost <= 0.02
    assert found.cost == pytest.approx(plain.server.calls * 140e-6)
    assert "budget of 0.02 US dollars is used up" in found.said[-1]


def test_a_server_that_hides_its_tokens_ends_a_budget_in_dollars(plain: Bench) -> None:
    def silent(body: dict[str, Any], keyed: bool) -> Reply:
        reply = verdict(2)
        assert isinstance(reply, dict)
        return {**reply, "usage": {}}

    plain.judge = silent
    found = plain.propose(500, dollars=1)
    assert found.cost is None
    assert "judge does not say how many tokens it took" in found.said[-1]
    assert plain.server.calls <= 4, "no more than were in flight"


def test_a_budget_in_dollars_needs_prices_and_limits(plain: Bench) -> None:
    judge = Judge.model_validate({"id": "one", "model": "judge"})
    with pytest.raises(UserError, match=r"limit on the replies of judge: set sampling.max_tokens"):
        plain.propose(dollars=1, judge=judge)
    models = plain.wanted().models
    models["writer"] = models["writer"].model_copy(update={"price": None})
    with pytest.raises(UserError, match="needs the price of writer"):
        plain.propose(dollars=1, models=models, reflector="writer")


def test_too_few_prompts_are_refused(plain: Bench) -> None:
    with pytest.raises(UserError, match="to 3 prompts are read in en, at least 4 are needed"):
        propose(plain.wanted(), examples(prompts=3), Budget(60))
    unscored = [x._replace(scores=()) for x in examples(prompts=1)]
    with pytest.raises(UserError, match="to 3 prompts"):
        propose(plain.wanted(), [*unscored, *examples(prompts=4)[2:]], Budget(60))
    assert plain.server.calls == 0


def test_it_reflects_on_other_prompts_than_it_chooses_by(plain: Bench) -> None:
    plain.new = lambda _: wording(f"Another attempt, number {plain.server.calls}.")
    plain.propose()
    reflected, selected = searching.parted(examples(), 0)
    assert not {x.prompt for x in reflected} & {x.prompt for x in selected}
    assert len(reflected) == len(selected) == 6
    seen = "\n".join(plain.rewritings())
    assert all(x.item.task in seen for x in reflected)
    assert not any(x.item.task in seen for x in selected)
    assert (
        searching.parted(examples(), 0) == (reflected, selected) != searching.parted(examples(), 1)
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_rewriter_reads_scores_comments_and_reasons(
    project: Project, server: FakeServer, language: Language
) -> None:
    bench = Bench(project, server, language)
    bench.propose()
    said = bench.rewritings()[0]
    for part in {
        "en": (
            "People gave 4, 4, 4 (mean 4). The judge is 2 too low.",
            "- Never says it straight.",
        ),
        "ru": ("Люди поставили 4, 4, 4 (в среднем 4). У судьи на 2 меньше.", "- Прямо не сказано."),
    }[language]:
        assert part in said
    assert {"en": "Its reasons: so", "ru": "Его основания: so"}[language] in said
    system = next(x for x in server.bodies if is_rewriting(x))["messages"][0]["content"]
    for part in {
        "en": ("Keep the meaning", "Keep the order", "in English", "new text of that part only"),
        "ru": ("Сохраните смысл", "Сохраните порядок", "по-русски", "только новый текст"),
    }[language]:
        assert part in system


LONG = "It means the opposite. " * 60
MALFORMED: dict[str, tuple[Reply, str]] = {
    "no JSON": (completion("Here is a better text"), "parse"),
    "no text": (wording(None), "parse"),
    "an empty text": (wording("  "), "unusable"),
    "too long a text": (wording(LONG + KEY["en"]), "unusable"),
    "another language": (wording("Подразумевает противоположное, overturned."), "unusable"),
    "unprintable signs": (wording("It is \x00 overturned."), "unusable"),
    "words of a case": (wording("It is overturned: answer no 0 to it all."), "unusable"),
    "cut off": (completion('{"wording": "It is overt', finish="length"), "truncated"),
    "a refusal": (completion("", refusal="I will not"), "refusal"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_cannot_stand_in_a_rubric_is_not_proposed(plain: Bench, name: str) -> None:
    reply, kind = MALFORMED[name]
    plain.new = lambda _: reply
    wordy = [
        x._replace(item=x.item.model_copy(update={"answer": "So: answer no 0 to it all, thanks."}))
        for x in examples()
    ]
    found = propose(plain.wanted(), wordy, Budget(30))
    assert (found.changes, found.diff, found.after) == ((), "", None)
    assert found.failed == {kind: len(plain.rewritings())}
    assert found.said[0] == "nothing better than the present words was found"


def test_a_rewriter_that_is_dead_ends_the_search(plain: Bench) -> None:
    plain.new = lambda _: (401, {"error": "no"}, {})
    found = plain.propose(200)
    assert found.failed == {"auth": 3}
    assert found.said[-1].startswith("rewriter judge stopped: auth")
    assert found.diff == ""


def test_another_model_may_rewrite(plain: Bench) -> None:
    models = plain.wanted().models
    models["writer"] = models["writer"].model_copy(update={"name": "pen"})
    plain.server.models = ["fake", "pen"]
    found = plain.propose(models=models, reflector="writer")
    assert found.diff
    assert {x["model"] for x in plain.server.bodies if is_rewriting(x)} == {"pen"}
    assert {x["model"] for x in plain.server.bodies if not is_rewriting(x)} == {"fake"}
    with pytest.raises(UserError, match=r"no model 'quill'; there are: judge, writer"):
        plain.propose(reflector="quill")


def test_nothing_better_is_said_to_be_nothing_better(plain: Bench) -> None:
    plain.new = lambda _: wording("Means the opposite throughout.")
    found = plain.propose()
    assert (found.changes, found.diff, found.after, found.seen) == ((), "", None, False)
    assert found.before.score == 0.5
    assert found.said[0] == "nothing better than the present words was found"


def test_where_the_judge_agrees_nothing_is_rewritten(plain: Bench) -> None:
    found = propose(plain.wanted(), examples(score=2), Budget(60))
    assert (found.calls, found.before.score) == (6, 1.0)
    assert found.said[-1] == "the judge agrees with people on every answer it was chosen by"
    assert plain.rewritings() == []


def test_a_search_without_disagreement_to_reflect_on_ends(plain: Bench) -> None:
    _, selected = searching.parted(examples(), 0)
    chosen = {x.prompt for x in selected}
    mixed = [x if x.prompt in chosen else x._replace(scores=(2,)) for x in examples()]
    found = propose(plain.wanted(), mixed, Budget(60))
    assert found.said[-1] == "there is no disagreement left to reflect on"
    assert plain.rewritings() == []


def test_a_judge_that_fails_is_reported_and_not_scored(plain: Bench) -> None:
    plain.judge = lambda *_: (400, {"error": "no such schema"}, {})
    found = plain.propose()
    assert found.before._replace(score=0) == (0, 6, 0, 6)
    assert "judge one stopped: invalid_request: no such schema" in found.said[-1]
    assert found.failed["invalid_request"] == found.calls == plain.server.calls
    assert (found.diff, found.cost) == ("", 0)


def test_an_abstention_scores_nothing_and_is_counted_apart(plain: Bench) -> None:
    plain.judge = lambda body, keyed: (
        verdict(None, abstention="no irony to judge")
        if "Answer 0" in body["messages"][-1]["content"]
        else verdict(4 if keyed else 2)
    )
    found = plain.propose()
    assert found.before == (0.25, 6, 3, 0)
    assert found.after == (0.5, 6, 3, 0)
    assert any("gave no level. Why: abstained: no irony" in x for x in plain.rewritings())


def test_a_lost_call_does_not_look_like_a_gain(plain: Bench) -> None:
    _, selected = searching.parted(examples(), 0)
    lost = iter([True])

    def judge(body: dict[str, Any], keyed: bool) -> Reply:
        """The new words help on the answers that are reflected on, and on no other."""
        user = body["messages"][-1]["content"]
        if not any(x.item.task in user for x in selected):
            return verdict(4 if keyed else 2)
        return completion("no verdict at all") if next(lost, False) else verdict(2)

    plain.judge = judge
    found = plain.propose()
    assert any(KEY["en"] in x["messages"][0]["content"] for x in plain.server.bodies)
    assert found.before == (pytest.approx(0.5 * 5 / 6), 6, 0, 1)
    assert found.failed == {"parse": 1}
    assert (found.changes, found.diff) == ((), "")


def test_two_anchors_that_help_on_different_answers_are_both_found(plain: Bench) -> None:
    def judge(body: dict[str, Any]) -> Reply:
        if is_rewriting(body):
            return wording(NEW["en"])
        lines = [x.strip() for x in body["messages"][0]["content"].split("\n")]
        low = "Answer 1" in body["messages"][-1]["content"]
        anchor = next(x for x in lines if x.startswith("1 (" if low else "4 ("))
        return verdict((1 if low else 4) if KEY["en"] in anchor else 2)

    plain.server.reply = judge
    both = [x._replace(scores=(1,) if x.item.key.endswith("1") else (4,)) for x in examples()]
    found = propose(plain.wanted(), both, Budget(200))
    assert {x.name for x in found.changes} >= {"levels[0].anchor.en", "levels[3].anchor.en"}
    assert found.after is not None
    assert found.after.score == 1


def test_a_measured_judge_is_compared_by_its_mean_level(plain: Bench) -> None:
    def measured(body: dict[str, Any], keyed: bool) -> Reply:
        reply = verdict(4 if keyed else 2)
        assert isinstance(reply, dict)
        level, other = ("4", "3") if keyed else ("2", "3")
        top = [{"token": x, "logprob": -0.6931471805599453} for x in (level, other)]
        reply["choices"][0]["logprobs"] = {
            "content": [
                {"token": '{"score": ', "logprob": 0.0, "top_logprobs": []},
                {"token": level, "logprob": -0.6931471805599453, "top_logprobs": top},
            ]
        }
        return reply

    plain.judge = measured
    judge = Judge.model_validate({"id": "one", "model": "judge", "scoring": "measured"})
    found = plain.propose(judge=judge)
    assert found.before.score == pytest.approx(1 - 1.5 / 4)
    assert found.after is not None
    assert found.after.score == pytest.approx(1 - 0.5 / 4)


def test_nothing_is_printed_and_no_file_is_left(
    plain: Bench, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(plain.project.root)
    before = {x: x.read_bytes() for x in plain.project.root.rglob("*") if x.is_file()}
    assert plain.propose().diff
    assert capfd.readouterr() == ("", "")
    assert {x: x.read_bytes() for x in plain.project.root.rglob("*") if x.is_file()} == before


def test_the_same_seed_proposes_the_same(plain: Bench) -> None:
    assert plain.propose() == plain.propose()


def test_a_computed_judge_reads_no_words(plain: Bench) -> None:
    with pytest.raises(UserError, match="judge 'one' is computed: it reads no words"):
        plain.propose(judge=Judge.model_validate({"id": "one", "computed": "length"}))


def test_a_file_that_has_changed_or_lies_elsewhere_is_refused(plain: Bench, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"rubrics/irony.yaml: has changed since it was read"):
        plain.propose(rubric=reworded(plain.rubric, "en", {"question": "Is it?"}))
    other = tmp_path / "irony.yaml"
    other.write_bytes(plain.before)
    with pytest.raises(UserError, match="is not in the project's folder"):
        plain.propose(path=other)
    assert plain.server.calls == 0


def test_texts_that_share_an_anchor_are_refused_before_anything_is_asked(plain: Bench) -> None:
    text = plain.before.decode()
    line = "    - >-\n      Whether the tone lasts to the end or breaks off into a moral.\n"
    assert line in text
    shared = text.replace(line, "    - &one Who is hit?\n    - *one\n")
    plain.path.write_text(shared, "utf-8")
    with pytest.raises(UserError, match=r"irony.yaml: its texts cannot be changed one by one"):
        plain.propose()
    assert plain.server.calls == 0


def test_a_mistake_of_our_own_is_not_swallowed_by_the_optimiser() -> None:
    rubric = files.load(Path("rubrics/irony.yaml"), Rubric, Path())

    def wrong(*_: object) -> str:
        raise KeyError("a mistake")

    def low(_: object, given: Any) -> list[Heard]:
        return [Heard(2, "so", failed=False) for _ in given]

    adapter = WordsAdapter(rubric, "en", low, wrong)
    reflected, selected = searching.parted(examples(), 0)
    with pytest.raises(KeyError, match="a mistake"):
        evolve(adapter, rubric, "en", reflected, selected, lambda n, _: n > 3, 0)


def test_the_anchors_that_were_confused_are_rewritten_first() -> None:
    rubric = files.load(Path("rubrics/irony.yaml"), Rubric, Path())
    now, one = words(rubric, "en"), examples(score=5)[0]
    select = MostAtIssue(rubric)
    heard = [(one, Heard(3, "so", failed=False)), (one, Heard(None, "no", failed=False))]
    order = [select(None, heard, [], 0, now)[0] for _ in now]
    assert order[:3] == ["levels[2].anchor", "levels[4].anchor", "question"]
    assert sorted(order) == sorted(now), "each is tried once before any is tried again"
    assert select(None, heard, [], 1, now) == ["levels[2].anchor"], "another candidate begins anew"


def test_on_a_nominal_scale_closeness_is_the_share_that_agrees() -> None:
    rubric = files.load(Path("rubrics/irony.yaml"), Rubric, Path())
    example = examples()[0]._replace(scores=(1, 4, 4, 5))
    nominal = rubric.model_copy(update={"metric": "nominal"})
    assert closeness(4, example, nominal) == 0.5
    assert closeness(4, example, rubric) == 1 - 0.5 / 4


FORMS = {
    "folded": ">-\n    one two\n    three # four",
    "folded with a comment": ">  # why\n    one two\n\n    three",
    "literal": "|\n    one\n    two",
    "indented by number": "|2-\n     one\n    two",
    "bare": "one two",
    "bare on two lines": "one\n    two",
    "single quotes": "'one ''two'''",
    "double quotes": '"one \\"two\\""',
}
VALUES = ["a: b #c", "'quoted' \"twice\"", "- «ещё» — \\n {x}", "word " * 40 + "end"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_changed_in_the_form_it_has(form: str, ends: str) -> None:
    text = f"# top\na: {{b: 1}}  # kept\nc:\n  d: {FORMS[form]}\n\n  # below\n  e: 'x'   # kept\n"
    text = text.replace("\n", ends)
    for value in VALUES:
        new = amending.amended(text, {("c", "d"): value})
        data = files.parse_text(new, "new").data
        assert data == {"a": {"b": 1}, "c": {"d": value, "e": "x"}}
        for kept in ("# top", "a: {b: 1}  # kept", f"{ends}{ends}  # below{ends}  e: 'x'   # kept"):
            assert kept in new
        assert new.count("\r\n") == (new.count("\n") if ends == "\r\n" else 0)
        block = form.startswith(("folded", "literal", "indented"))
        assert new.split("d: ")[1][0] == (">" if block else "'" if form[0] == "s" else '"')


@pytest.mark.parametrize(
    "text", ["a: >-\n  one\nb: two", "a: one", "\ufeffa: 'one'\n", "x: {a: one, b: [one]}\r\n"]
)
def test_the_diff_of_any_file_applies(text: str, tmp_path: Path) -> None:
    place = next(x for x in files.scalars(text) if x[-1] == "a")
    new = amending.amended(text, {place: "three — «four»"})
    path = tmp_path / "some/file.yaml"
    path.parent.mkdir()
    path.write_bytes(text.encode())
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    apply(tmp_path, amending.diff(text, new, "some/file.yaml"))
    assert path.read_bytes().decode() == new
    assert amending.diff(new, new, "some/file.yaml") == ""


@pytest.mark.parametrize("path", sorted(Path("rubrics").glob("*.yaml")), ids=lambda x: x.stem)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_text_of_every_shipped_rubric_can_be_changed(path: Path, language: Language) -> None:
    rubric, text = files.load(path, Rubric, Path()), files.read(path, Path())
    for name, place in places(rubric, language).items():
        same = amending.amended(text, {place: words(rubric, language)[name]})
        assert files.parse_text(same, "same").data == files.parse(path, Path()).data
        new = amending.amended(text, {place: NEW[language]})
        loaded = files.validate(files.parse_text(new, "new"), Rubric, "new")
        assert loaded == reworded(rubric, language, {name: NEW[language]})
        old, other = text.splitlines(), new.splitlines()
        assert [x for x in old if x.startswith("#")] == [x for x in other if x.startswith("#")]
