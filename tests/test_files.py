"""Wrong files: every fault at once, each with its line and what would be right."""

import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Project
from hypothesis import given
from hypothesis import strategies as st

from judges.panel import Panel
from judges.rubric import Rubric
from pipeline import arms, files, gold, study
from pipeline.errors import UserError
from pipeline.models import catalogue
from pipeline.tasks import Task

RUBRIC = (ROOT / "rubrics/irony.yaml").read_text("utf-8")


def load(tmp_path: Path, text: str, model: type = Rubric) -> object:
    path = tmp_path / "file.yaml"
    path.write_text(text, "utf-8")
    return files.load(path, model, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: ordinal", "metrik: ordinal", "'metrik' is not known; did you mean 'metric'?"),
        ("metric: ordinal", "metric: ordinal\nmetric: nominal", "'metric' is given twice"),
        (
            "metric: ordinal",
            "metric: ratio",
            "'ratio', expected 'ordinal', 'nominal' or",
        ),
        ("- level: 2", "- level: 3", "levels[1].level is 3, expected 2"),
        ("- level: 2", "- level: no", "is False, expected a valid integer (quote it"),
        ("- level: 2", "- lewel: 2", "'levels[1].lewel' is not known; did you mean 'level'?"),
        ("- level: 2", "- level: '2'", "'levels[1].level' is '2', expected a valid integer"),
    ],
)
def test_a_wrong_rubric_is_named_by_file_line_and_field(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in RUBRIC
    with pytest.raises(UserError, match=rf"(?m)^file.yaml:\d+: .*{re.escape(said)}"):
        load(tmp_path, RUBRIC.replace(old, new, 1))


def test_the_line_is_the_right_one(tmp_path: Path) -> None:
    lines = RUBRIC.splitlines()
    number = next(i for i, x in enumerate(lines) if x.startswith("metric"))
    lines[number] = "metrik: ordinal"
    with pytest.raises(UserError, match=rf"(?m)^file.yaml:{number + 1}: field 'metrik'"):
        load(tmp_path, "\n".join(lines))


def test_a_fault_of_the_whole_file_has_the_line_of_the_field_it_names(tmp_path: Path) -> None:
    lines = RUBRIC.splitlines()
    number = next(i for i, x in enumerate(lines) if x.strip() == "- level: 3")
    lines[number] = lines[number].replace("3", "7")
    with pytest.raises(UserError, match=rf"^file.yaml:{number + 1}: levels\[2\].level is 7"):
        load(tmp_path, "\n".join(lines))


@pytest.mark.parametrize("rest", ["e: 'good'\n", "e: fine\n"])
def test_a_quote_that_lacks_its_end_is_sought_where_it_opens(tmp_path: Path, rest: str) -> None:
    text = "a: fine\nb: 'left open\nc: fine\nd: fine\n" + rest
    with pytest.raises(UserError, match=r"the quote that opens in line 2 left open\?"):
        load(tmp_path, text)
    with pytest.raises(UserError) as caught:
        load(tmp_path, "a: 'two\n  lines'\nb: [1\n" + rest)
    assert "left open" not in str(caught.value)


def test_a_rubric_without_one_language_is_refused(tmp_path: Path) -> None:
    start = RUBRIC.index("question:")
    russian = RUBRIC.index("  ru:", start)
    end = RUBRIC.index("\nlook_for", russian)
    with pytest.raises(UserError, match=r"field 'question\.ru' is missing"):
        load(tmp_path, RUBRIC[:russian] + RUBRIC[end:])


def test_a_missing_field_says_where_it_lacks_and_what_to_write(project: Project) -> None:
    project.models(
        other={"provider": "openai", "name": "x", "family": "f", "training": "base"},
        mine={"provider": "openai-compatible", "name": "x", "base_url": "http://127.0.0.1:1/v1"},
    )
    with pytest.raises(UserError) as caught:
        catalogue.load(project.root / "data/models.yaml", project.root)
    assert str(caught.value).splitlines() == [
        "data/models.yaml:7: field 'models.mine.family' is missing; write family: text",
        "data/models.yaml:7: field 'models.mine.training' is missing; write training: base | "
        "instruct | fine-tuned",
    ]
    path = project.write("data/arms/big.yaml", {"id": "big", "title": {"en": "b"}, "model": "mine"})
    with pytest.raises(UserError) as caught:
        files.load(path, arms.ArmFile, project.root)
    assert str(caught.value).splitlines() == [
        "data/arms/big.yaml:2: field 'title.ru' is missing; write ru: text",
        "data/arms/big.yaml:1: field 'profile' is missing; write profile: {quantisation: text, "
        "thinking: {mode: unlimited | capped | none}, inference: tuned | defaults}",
    ]


def test_all_faults_of_a_file_are_said_at_once(tmp_path: Path) -> None:
    text = RUBRIC.replace("metric: ordinal", "metric: ratio", 1).replace("id: irony", "id: No!", 1)
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file.yaml: the file is empty"),
        ("a: [1", "file.yaml:1: not valid YAML"),
        ("a: b: c", "file.yaml:1: not valid YAML"),
        ("- 1", "file.yaml:1:"),
        ("just words", "file.yaml:1:"),
        ("a: !!int abc", "file.yaml: not valid YAML"),
        ("a: &x [*x]", "refers to itself"),
        ("[" * 3000, "nested too deep"),
    ],
)
def test_what_is_no_rubric_at_all(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        load(tmp_path, text)


@given(st.text(max_size=200))
def test_no_text_makes_the_loader_fail_in_any_other_way(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(UserError):
            files.load(path, Task, Path(folder))


def test_both_readers_of_yaml_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = ("rubrics", "judges/panels", "data")
    texts = [path.read_text("utf-8") for x in folders for path in (ROOT / x).rglob("*.yaml")]
    texts.append("a: |2-\n   x\r\nb: 'it''s 😀'\n\nc: [1, ~, \"\\u00e9\"]\n")
    texts.append("- >\n  x\n\n  y\n- {k: 1.5}")

    def read() -> list[object]:
        return [(files.parse_text(x, "x"), files.scalars(x)) for x in texts]

    quick = read()
    monkeypatch.setattr(files, "_QUICK", yaml.SafeLoader)
    assert quick == read()


def test_a_missing_file_says_which_there_are(project: Project) -> None:
    project.study()
    with pytest.raises(UserError, match=r"trail\.yaml: no such file; did you mean 'trial'"):
        study.load("trail", project.root)


@pytest.mark.parametrize("name", ["server", "моё"])
def test_a_study_whose_file_has_no_latin_name_is_told_so_at_once(
    project: Project, name: str
) -> None:
    project.write("data/studies/моё.yaml", {"name": name, "title": {"en": "x", "ru": "x"}})
    with pytest.raises(UserError, match=r"^data/studies/моё.yaml: .* small Latin letters.*'моё'"):
        study.load("моё", project.root)


def test_a_study_says_every_fault_of_every_file(project: Project) -> None:
    project.models(big={"provider": "vllm", "name": "x", "family": "f", "training": "base"})
    project.arm("high", "bog")
    project.task("empty", " ", "Что?")
    project.panel({"id": "a", "computed": "length"}, {"id": "a", "computed": "self_reference"})
    project.study(rubrics=["ironie"])
    with pytest.raises(UserError) as caught:
        study.load("trial", project.root)
    said = str(caught.value)
    for part in (
        "data/models.yaml:2: models.big: provider vllm needs `base_url`",
        "data/arms/low.yaml: no such file; there are: high",
        "rubrics/ironie.yaml: no such file; did you mean 'irony'?",
        "data/tasks/empty.yaml:7: field 'text.en'",
        "two judges are called 'a'",
    ):
        assert part in said, said


@pytest.mark.parametrize(
    ("judges", "said"),
    [
        ([{"id": "a"}], "needs either `model` or `computed`"),
        ([{"id": "a", "model": "m", "computed": "length"}], "needs either `model` or `computed`"),
        ([{"id": "a", "computed": "length", "draws": 2}], "have no meaning"),
        ([{"id": "panel", "computed": "length"}], "cannot be called 'panel'"),
        ([{"id": "a", "model": "m"}, {"id": "b", "model": "m"}], "one voice would count twice"),
        (
            [{"id": "a", "model": "m", "sampling": {"temprature": 1}}],
            r"field 'judges\[0\].sampling.temprature' is not known; did you mean 'temperature'\?",
        ),
        (
            [{"id": "a", "model": "m", "sampling": {"thinking_budget_tokens": 100}}],
            "effort must say how hard",
        ),
    ],
)
def test_a_wrong_panel(tmp_path: Path, judges: list[object], said: str) -> None:
    import yaml

    with pytest.raises(UserError, match=said):
        load(tmp_path, yaml.safe_dump({"id": "p", "judges": judges}), Panel)


def test_an_unknown_model_says_which_there_are(project: Project) -> None:
    project.models(
        big={"provider": "openai", "name": "x", "family": "f", "training": "base"},
    )
    project.arm("high", "bog")
    models = catalogue.load(project.root / "data/models.yaml", project.root)
    with pytest.raises(UserError, match=r"'bog' is not in data/models.yaml; there are: big"):
        arms.load(project.root / "data/arms/high.yaml", project.root, models)


GOLD = "rater,rater_class,response_key,rubric,rubric_digest,score\n"
KEY, DIGEST = "a" * 32, "b" * 32
IRONY = files.load(ROOT / "rubrics/irony.yaml", Rubric, ROOT)


def read_gold(tmp_path: Path, data: bytes) -> tuple[gold.Row, ...]:
    path = tmp_path / "gold.csv"
    path.write_bytes(data)
    return gold.load(path, tmp_path, (IRONY,))


@pytest.mark.parametrize(
    "data",
    [
        GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n",
        "\ufeff" + GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n",
        (GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n").replace("\n", "\r\n"),
        (GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n").replace(",", ";"),
        (GOLD + f"ann;expert;{KEY};irony;{DIGEST};4,0\n").replace(",", ";", 5),
        (GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n").replace(",", "\t"),
        GOLD + f' ann , expert ,{KEY},irony,{DIGEST},"4.0"\n\n',
    ],
    ids=["plain", "bom", "crlf", "semicolon", "decimal comma", "tab", "spaces"],
)
def test_gold_is_read_as_spreadsheets_write_it(tmp_path: Path, data: str) -> None:
    (row,) = read_gold(tmp_path, data.encode())
    assert (row.rating.rater, row.rating.score, row.rating.rater_class) == ("ann", 4, "expert")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"ann,expert,{KEY},irony,{DIGEST},6", r"gold.csv:2: score is 6, expected one of 1..5"),
        (f"ann,expert,{KEY},irony,{DIGEST},3.5", "score is 3.5, expected a level of the rubric"),
        (
            f"ann,expert,{KEY},irony,{DIGEST},good",
            "score is 'good', expected a level of the rubric",
        ),
        (f"ann,guru,{KEY},irony,{DIGEST},4", "rater_class is 'guru', expected 'expert'"),
        (f"ann,expert,xyz,irony,{DIGEST},4", "response_key is 'xyz'"),
        (f"ann,expert,{KEY},irony,{DIGEST}", "another number of columns"),
        (
            f"ann,expert,{KEY},irony,{DIGEST},4\nann,expert,{KEY},irony,{DIGEST},5",
            "gold.csv:3: 'ann' has already scored this answer",
        ),
    ],
)
def test_wrong_gold_is_named_by_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_gold(tmp_path, (GOLD + line + "\n").encode())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f",expert,{KEY},irony,{DIGEST},4", "there is a score, but nobody is named in `rater`"),
        ("half of an answer", "has another number of columns than the header"),
        (f"ann,expert,{KEY},irony,{DIGEST},3_0", "score is '3_0', expected a level"),
        (f"ann,expert,{KEY},irony,{DIGEST},", "or clear `rater` if this answer was not rated"),
    ],
)
def test_no_rating_is_lost_in_silence(tmp_path: Path, line: str, said: str) -> None:
    whole = f"ann,expert,{KEY},irony,{DIGEST},4\n"
    with pytest.raises(UserError) as caught:
        read_gold(tmp_path, (GOLD + whole + line + "\n").encode())
    assert "gold.csv:3: " in str(caught.value)
    assert said in str(caught.value)


def test_a_cell_as_long_as_an_answer_is_read(tmp_path: Path) -> None:
    data = GOLD.strip() + ",comment\n" + f"ann,crowd,{KEY},irony,{DIGEST},4,{'x' * 200_000}\n"
    (row,) = read_gold(tmp_path, data.encode())
    assert len(row.rating.comment) == 200_000


def test_a_sheet_that_nobody_filled_in_is_no_gold_and_a_header_alone_is(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gold\.csv: has no rating on a rubric of the study"):
        read_gold(tmp_path, (GOLD + f",,{KEY},irony,{DIGEST},\n").encode())
    assert read_gold(tmp_path, GOLD.encode() + b"\n") == ()


def test_gold_with_wrong_columns(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="column 'score' is missing"):
        read_gold(tmp_path, b"rater,skore,response_key,rubric,rubric_digest\n")


def test_a_score_that_could_not_be_given_is_null_with_its_reason(tmp_path: Path) -> None:
    data = GOLD.strip() + ",comment\n" + f"ann,crowd,{KEY},irony,{DIGEST},,half of it is missing\n"
    (row,) = read_gold(tmp_path, data.encode())
    assert (row.rating.score, row.rating.comment) == (None, "half of it is missing")


def test_an_unknown_answer_is_named(tmp_path: Path) -> None:
    rows = read_gold(tmp_path, (GOLD + f"ann,expert,{KEY},irony,{DIGEST},4\n").encode())
    with pytest.raises(
        UserError, match=rf"gold.csv:2: response_key '{KEY}' is no answer of"
    ) as told:
        gold.check_known(rows, {"c" * 32}, "trial")
    assert "study 'trial'; 1 of the ratings in gold.csv are of none" in str(told.value)
    assert "change it back; else take those rows out" in str(told.value)


def test_many_unknown_answers_are_one_line_a_file(tmp_path: Path) -> None:
    lines = "".join(f"rater{x},expert,{KEY},irony,{DIGEST},4\n" for x in range(16))
    rows = read_gold(tmp_path, (GOLD + lines).encode())
    with pytest.raises(UserError, match="16 of the ratings") as told:
        gold.check_known(rows, {"c" * 32}, "trial")
    assert len(str(told.value).splitlines()) == 1
