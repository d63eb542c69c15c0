"""Somebody else's table of ratings: read, counted, audited; and the simulated study."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from rated import GOLD

from pipeline import audit, cli, files, judgement
from pipeline.errors import UserError
from pipeline.stats import agreement
from pipeline.tabled import bring, counted, read
from pipeline.tabled.kinds import TableStudy

COLUMNS = {
    "item": "story",
    "prompt": "task",
    "system": "who",
    "criterion": "on",
    "rater": "by",
    "kind": "kind",
    "score": "mark",
}
KINDLESS = {x: y for x, y in COLUMNS.items() if x != "kind"}
STUDY: dict[str, Any] = {
    "name": "theirs",
    "title": {"en": "Theirs", "ru": "Чужое"},
    "columns": COLUMNS,
    "scale": {"levels": [1, 2, 3, 4, 5]},
    "high": "big",
    "low": "small",
}
HEAD = "story,task,who,on,by,kind,mark\n"


def rows(prompts: int = 12) -> str:
    """Two systems on each task, two people and two judges, on one criterion."""
    lines = [
        f"{p}-{who},{p},{who},wit,{rater},{kind},{1 + (p * 7 + shift + (who == 'big')) % 5}"
        for p in range(prompts)
        for who in ("big", "small")
        for rater, kind, shift in (
            ("ann", "human", 0),
            ("bob", "human", 1),
            ("gpt", "judge", 0),
            ("claude", "judge", 2),
        )
    ]
    return HEAD + "\n".join(lines) + "\n"


class Place:
    """A project with nothing but folders, and a table beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "data/studies").mkdir(parents=True)
        self.ratings, self.columns = root / "ratings.csv", root / "columns.yaml"

    def study(self, **more: Any) -> TableStudy:
        text = yaml.safe_dump({**STUDY, **more}, allow_unicode=True)
        self.columns.write_text(text, encoding="utf-8")
        return files.load(self.columns, TableStudy, self.root)

    def read(self, text: str | bytes, **more: Any) -> pl.DataFrame:
        data = text if isinstance(text, bytes) else text.encode()
        self.ratings.write_bytes(data)
        return read.read(self.ratings, self.study(**more), self.root).scores

    def bring(self, text: str | None = None, **more: Any) -> counted.Counted:
        self.ratings.write_text(text or rows(), encoding="utf-8")
        self.study(**more)
        return bring.bring(self.ratings, self.columns, self.root)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "чужие оценки")


def test_a_table_becomes_a_study_that_can_be_audited(place: Place) -> None:
    found = place.bring()
    assert found.scores == 96
    assert set(found.derived.ratings["kind"]) == {"human", "judge", "panel"}
    assert found.derived.corrected.filter(answers="judged")["gold_prompts"].to_list() == [12]
    page = found.report.read_text("utf-8")
    assert "These ratings were made elsewhere and imported" in page
    again = counted.execute(counted.load("theirs", place.root), place.root)
    assert again.derived.ratings.equals(found.derived.ratings)
    moved = place.root.parent / "moved"
    shutil.move(place.root / "data/runs/theirs", moved)
    seen = counted.audit(audit.sealed(moved))
    assert (seen.differing, seen.missing) == ((), ())


@pytest.mark.parametrize("name", ["scores.parquet", "texts.parquet", "design.json"])
def test_an_altered_table_is_refused(place: Place, name: str) -> None:
    folder = place.bring().report.parent
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=f"{name}: ALTERED"):
        counted.audit(audit.sealed(folder))
    path.unlink()
    if name != "design.json":
        with pytest.raises(UserError, match=f"{name}: no such file, though it was sealed"):
            counted.audit(audit.sealed(folder))


def test_one_score_moved_by_hand_is_refused(place: Place) -> None:
    folder = place.bring().report.parent
    scores = pl.read_parquet(folder / "scores.parquet")
    scores[0, "score"] = 5.0 if scores[0, "score"] != 5.0 else 4.0
    scores.write_parquet(folder / "scores.parquet")
    with pytest.raises(UserError, match="ALTERED"):
        counted.audit(audit.sealed(folder))


def test_derived_files_are_made_again(place: Place) -> None:
    folder = place.bring().report.parent
    (folder / "deltas.csv").write_text("nonsense")
    (folder / "triage.parquet").unlink()
    found = counted.audit(audit.sealed(folder))
    assert (found.differing, found.missing) == (("deltas.csv",), ("triage.parquet",))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "1-big,1,big,wit,ann,human,4",
            "row 97 below the head: 'ann' has already scored '1-big' on 'wit'",
        ),
        ("x,1,big,wit,ann,judge,4", "rater 'ann' has more than one kind"),
        ("1-big,2,big,wit,new,human,4", "item '1-big' has more than one prompt"),
        ("x,1,big,wit,new,human,good", "row 97 below the head: score is 'good', expected a number"),
        ("x,1,big,wit,new,human,inf", "row 97 below the head: score is 'inf', expected a number"),
        (
            "x,1,big,wit,new,robot,4",
            "row 97 below the head: kind is 'robot', expected one of: human, judge",
        ),
        (",1,big,wit,new,human,4", "row 97 below the head: the item is empty"),
        ("x,1,big,wit,,human,4", "row 97 below the head: the rater is empty"),
        ("x,1,big,,new,human,4", "row 97 below the head: the criterion is empty"),
        ("x,1,big,wit,panel,judge,4", "row 97 below the head: no rater may be called 'panel'"),
    ],
)
def test_each_fault_is_named_by_its_row(place: Place, line: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        place.read(rows() + line + "\n")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"columns": {**COLUMNS, "prompt": "topic"}}, "no column 'topic', which columns.prompt"),
        ({"high": "huge"}, "`high` names the system 'huge'; there are: big, small"),
        ({"criteria": {"depth": {"levels": [1, 2]}}}, "no criterion 'depth'; there are: wit"),
        ({"own": {"gpt": ["tiny"]}}, "`own` names 'tiny', which is not in the table"),
        (
            {"columns": KINDLESS, "kinds": {"human": "human", "judge": "judge"}},
            "`kinds` tells of judges, but `columns` names no `kind`",
        ),
        (
            {"columns": KINDLESS, "own": {"gpt": ["big"]}},
            "add columns.kind, or leave out `own`",
        ),
        ({"only": {"who": "nobody"}}, "no row fits `only`"),
        ({"high": None}, "`high` and `low` stand together"),
        ({"scale": {"levels": [1, 3, 2]}}, "worst to best in rising numbers"),
        ({"scale": {"between": [0, 1]}}, "has the metric interval"),
        ({"scale": None}, "must say what scores there are"),
        ({"columns": {**COLUMNS, "scores": ["a"]}}, "either `score` or `scores`"),
        ({"colums": 1}, "field 'colums' is not known; did you mean 'columns'?"),
    ],
)
def test_a_wrong_yaml_is_named(place: Place, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        place.bring(**more)
    assert said in str(caught.value)
    assert not (place.root / "data/runs").exists(), "nothing is written"


@pytest.mark.parametrize("data", [b"", HEAD.encode(), b"\xff\xfe\x00", b"story\n1\n"])
def test_no_table_is_refused_in_one_line(place: Place, data: bytes) -> None:
    with pytest.raises(UserError, match=r"ratings\.csv"):
        place.read(data)


def test_the_tables_of_spreadsheets_are_read(place: Place) -> None:
    plain = place.read(rows())
    odd = "\ufeff" + rows().replace(",", ";").replace("\n", "\r\n")
    assert place.read(odd).equals(plain)
    half = place.read(odd.replace(";1\r", ";1,5\r"))
    assert 1.5 in half["score"]
    parquet = place.root / "ratings.parquet"
    pl.read_csv(rows().encode(), schema_overrides={"task": pl.Int64}).write_parquet(parquet)
    assert read.read(parquet, place.study(), place.root).scores.equals(plain)


def test_a_column_for_each_criterion_is_the_same_as_a_row_for_each(place: Place) -> None:
    columns = {k: v for k, v in COLUMNS.items() if k not in ("criterion", "score")}
    wide = "story,task,who,by,kind,wit,depth\n1,1,big,ann,human,4,2\n2,1,small,ann,human,3,\n"
    found = place.read(wide, columns={**columns, "scores": ["wit", "depth"]})
    told = {(x["response"], x["rubric"]): x["score"] for x in found.to_dicts()}
    assert told == {
        ("1", "wit"): 4.0,
        ("1", "depth"): 2.0,
        ("2", "wit"): 3.0,
        ("2", "depth"): None,
    }


def test_words_and_gaps_for_scores(place: Place) -> None:
    text = HEAD + "1,1,big,wit,ann,human,Yes\n1,1,big,wit,bob,human,No\n1,1,big,wit,eve,human,NA\n"
    found = place.read(
        text,
        values={"Yes": 1, "No": 0},
        scale={"metric": "nominal", "levels": [0, 1]},
        high=None,
        low=None,
    )
    assert found.sort("rater")["score"].to_list() == [1.0, 0.0, None]


@given(scores=st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=20))
def test_every_number_is_read_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory, scores: list[float]
) -> None:
    place = Place(tmp_path_factory.mktemp("numbers"))
    lines = [f"{i},1,big,wit,ann,human,{score!r}" for i, score in enumerate(scores)]
    more = {"high": None, "low": None, "scale": {"metric": "interval", "between": [0, 1]}}
    found = place.read(HEAD + "\n".join(lines) + "\n", **more)
    assert found["score"].to_list() == scores, "never clipped"


def test_scores_off_the_scale_are_counted_on_the_page(place: Place) -> None:
    text = rows().replace(",gpt,judge,5", ",gpt,judge,9")
    off = text.count(",gpt,judge,9")
    found = place.bring(text)
    said = (
        "Scores that are no level of “wit”, used as they are: people 0; judges, whose scores "
        f"between two levels are taken for means: {off}."
    )
    assert said in found.report.read_text("utf-8")
    assert found.derived.panel_verdicts["off_scale"].to_list() > [0]


def test_a_table_without_judges_arms_or_tasks_is_still_counted(place: Place) -> None:
    columns = {k: v for k, v in COLUMNS.items() if k in ("item", "rater", "score")}
    people = "\n".join(x for x in rows().splitlines() if "judge" not in x)
    found = place.bring(people, columns=columns, high=None, low=None)
    human = found.derived.agreement.filter(comparison="humans")
    assert human["alpha"].null_count() == 0
    assert found.derived.gaps.is_empty()
    page = found.report.read_text("utf-8")
    assert "The table has no judge" in page
    assert "every answer counts as a task of its own" in page


def test_one_person_on_each_answer_is_null_with_a_reason(place: Place) -> None:
    text = "\n".join(x for x in rows().splitlines() if ",bob," not in x) + "\n"
    found = place.bring(text)
    (row,) = found.derived.agreement.filter(comparison="humans").to_dicts()
    assert row["alpha"] is None
    assert row["note"]


def test_a_rater_of_one_arm_only_is_left_out_of_the_gap(place: Place) -> None:
    text = "\n".join(x for x in rows().splitlines() if "small,wit,bob" not in x) + "\n"
    (row,) = place.bring(text).derived.corrected.filter(answers="judged").to_dicts()
    assert "raters left out, as they saw one arm only: bob" in row["note"]


def test_a_million_different_scores_do_no_harm(place: Place) -> None:
    count = 1_000_000
    table = pl.DataFrame({"story": pl.int_range(count // 2, eager=True).cast(pl.String)})
    both = [
        table.with_columns(by=pl.lit(x), mark=(pl.col("story").cast(pl.Float64) + i) / count)
        for i, x in enumerate(("ann", "bob"))
    ]
    path = place.root / "ratings.parquet"
    pl.concat(both).write_parquet(path)
    place.study(
        columns={"item": "story", "rater": "by", "score": "mark"},
        scale={"metric": "interval", "between": [0, 1]},
        high=None,
        low=None,
    )
    found = bring.bring(path, place.columns, place.root)
    assert found.derived.agreement.filter(comparison="humans")["alpha"][0] > 0.99


def test_where_raters_are_places_nothing_is_said_of_single_persons(place: Place) -> None:
    lines = [HEAD.strip()]
    lines += [
        f"{p}-{who},{p},{who},wit,{rater},{kind},{1 + (p * 7 + p // 3 + shift * (p % 2)) % 5}"
        for p in range(40)
        for who in ("big", "small")
        for rater, kind, shift in (
            ("1", "human", 0),
            ("2", "human", 1),
            ("3", "human", 2),
            ("gpt", "judge", 0),
        )
    ]
    text = "\n".join(lines) + "\n"
    persons = place.bring(text).derived
    assert persons.alternatives["passes"].null_count() == 0, "80 answers each are enough"
    places = place.bring(text, name="placed", slots=True)
    found = places.derived
    for table, columns in (
        (found.alternatives, ("winning_rate", "passes", "p", "advantage")),
        (found.compression, ("people", "ratio", "low", "high")),
        (found.deltas.filter(comparison="left-out-human"), ("alpha", "delta", "low", "high")),
    ):
        assert table.height > 0
        assert set(table["note"]) == {"raters are places in the table, not persons"}
        assert all(table[x].null_count() == table.height for x in columns)
    (condition,) = found.conditions.filter(
        rater="panel", condition="alternative-annotator"
    ).to_dicts()
    assert (condition["state"], condition["note"]) == ("untested", found.alternatives["note"][0])
    kept = pl.col("comparison") != "left-out-human"
    assert found.deltas.filter(kept).equals(persons.deltas.filter(kept)), "the rest is the same"
    assert found.agreement.equals(persons.agreement)
    assert "оценщики здесь — места в таблице, а не люди" in places.report.read_text("utf-8")


def test_the_same_name_is_not_given_twice(place: Place) -> None:
    place.bring()
    place.bring()
    with pytest.raises(UserError, match="is there already and differs"):
        place.bring(slots=True)
    with pytest.raises(UserError, match="holds other ratings"):
        place.bring(rows(11))


def test_the_command_imports_and_scores(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.root)
    place.ratings.write_text(rows())
    place.study()
    assert cli.main(["import", "ratings.csv", "--columns", "columns.yaml"]) == 0
    assert "96 ratings; nobody was asked anything" in capsys.readouterr().out
    for verb in (["score", "theirs"], ["plan", "theirs"], ["doctor", "theirs"]):
        assert cli.main(verb) == 0
    assert cli.main(["audit", "theirs"]) == 0
    assert "96 sealed ratings, none altered" in capsys.readouterr().out
    (place.root / "data/imports/theirs.csv").unlink()
    assert cli.main(["score", "theirs"]) == 2
    assert "bring them with `antipode import`" in capsys.readouterr().err


# --- the simulated study ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> counted.Counted:
    root = tmp_path_factory.mktemp("simulated")
    (root / "data/studies").mkdir(parents=True)
    shutil.copy(ROOT / "data/studies/simulated.yaml", root / "data/studies")
    return counted.execute(counted.load("simulated", root), root)


def test_the_simulated_study_shows_every_verdict(simulated: counted.Counted) -> None:
    rows = simulated.derived.panel_verdicts.to_dicts()
    verdicts = {row["rubric"]: (row["verdict"], row["decided_by"]) for row in rows}
    assert {verdict for verdict, _ in verdicts.values()} == {
        "usable",
        "rank-only",
        "undecided",
        "not usable",
    }
    decided = {x for _, by in verdicts.values() for x in by.split(", ")}
    assert decided >= {"human-alpha", "delta", "alternative-annotator", "floor", "arm-bias"}
    alone = simulated.derived.judge_verdicts
    assert set(alone["rater"]) == set(
        simulated.derived.ratings.filter(kind="judge", computed=False)["rater"]
    )
    page = simulated.report.read_text("utf-8")
    assert "taken alone" in page
    first = page[page.index("<body>") :].partition("</p>")[0]
    assert "UNCALIBRATED" in first, "what comes first on the page"
    looks = set(simulated.derived.triage["look"])
    assert looks == {"rubric ambiguous", "judge wrong", "gold suspect"}
    hidden = judgement.hidden_gaps(simulated.derived.agreement, simulated.derived.corrected)
    assert set(hidden) == {"irony", "unrated"}, "gaps that may not be shown"


def test_the_simulated_study_shows_every_other_state(simulated: counted.Counted) -> None:
    page = simulated.report.read_text("utf-8")
    first = page.index("UNCALIBRATED: judges were held against nobody")
    assert first < page.index("<h1>")
    said = "\n".join(x.en for x in simulated.warnings)
    assert "INTERIM" in said
    assert "“Too little known”, “Nobody rated it”." in said
    assert "ни у одного ответа нет оценок и людей, и судей: «Никто не оценивал»." in page
    assert "Scores that are no level of “A judge that strays off the scale”" in said
    derived = simulated.derived
    ends = derived.completion.filter(arm="low").select(pl.col("refused", "truncated").sum())
    assert min(ends.row(0)) > 0
    kin = derived.own_family.filter(rubric="kinship").row(0, named=True)
    assert kin["judges"] == "kin_one"
    assert kin["gap_with"] > kin["gap_without"] + 0.1
    drift = derived.bias.filter(rubric="weary", rater="drifting_one", factor="order")
    assert (drift["low"] > 0).all()
    assert set(derived.ratings["language"]) == {"en", "ru"}
    assert derived.repeatability.filter(pl.col("draws") > 1).height
    bounds = derived.corrected.filter(rubric="depth")
    worst, best = (bounds.filter(answers=x)["gap"].item() for x in ("worst", "best"))
    assert worst < best, "refusals bound the gap"


def test_what_became_of_an_answer_and_when_it_was_seen_come_along(place: Place) -> None:
    head, *lines = rows().splitlines()
    table = [f"{head},end,seen"]
    for place_, line in enumerate(lines):
        cut = line.startswith("3-small")
        table.append(f"{line},{'truncated' if cut else ''},{place_ if 'judge' in line else ''}")
    columns = {**COLUMNS, "finish": "end", "order": "seen"}
    found = place.bring("\n".join(table), columns=columns)
    counts = found.derived.completion.filter(arm="small").row(0, named=True)
    assert (counts["wanted"], counts["complete"], counts["truncated"]) == (12, 11, 1)
    whole = found.derived.corrected.filter(answers="complete")["gold_prompts"].item()
    assert whole == 11
    assert "order" in set(found.derived.bias["factor"])


@pytest.mark.parametrize(
    ("end", "seen", "said"),
    [
        ("lost", "1", "finish is 'lost', expected one of: complete, truncated, refused"),
        ("refused", "1", "item 'x' is refused, and yet 'ann' scored it"),
        ("", "first", "order is 'first', expected a whole number, or nothing"),
    ],
)
def test_an_ending_or_an_order_that_cannot_be_is_named(
    place: Place, end: str, seen: str, said: str
) -> None:
    columns = {**COLUMNS, "finish": "end", "order": "seen"}
    head, *lines = rows().splitlines()
    text = "\n".join([f"{head},end,seen", *(f"{x},," for x in lines)])
    with pytest.raises(UserError) as caught:
        place.read(f"{text}\nx,1,big,wit,ann,human,4,{end},{seen}\n", columns=columns)
    assert said in str(caught.value)


def test_the_simulated_study_is_named_so(simulated: counted.Counted) -> None:
    page = simulated.report.read_text("utf-8")
    assert page.index("Simulated: the raters and judges") < page.index("<h1>")
    assert set(simulated.derived.ratings.filter(kind="human")["rater"].str.slice(0, 10)) == {
        "simulated_"
    }


# --- published ratings --------------------------------------------------------------------------


def published(tmp_path: Path, name: str, columns: str) -> counted.Counted:
    source = GOLD / name / "ratings.parquet"
    if not source.exists():
        pytest.skip(f"the human ratings of {name} are not here: {source}")
    (tmp_path / "data/studies").mkdir(parents=True)
    return bring.bring(source, ROOT / "data/imports" / f"{columns}.yaml", tmp_path)


def test_ttcw_as_published_is_not_to_be_believed(tmp_path: Path) -> None:
    found = published(tmp_path, "ttcw", "ttcw")
    verdicts = found.derived.panel_verdicts
    assert set(verdicts["verdict"]) <= {"not usable", "undecided"}
    assert verdicts.height == 14
    assert verdicts["decided_by"].null_count() == 0
    assert found.derived.own_family["judges"].unique().to_list() == ["cgpt"]


def test_hanna_as_published_counts_what_is_off_the_scale(tmp_path: Path) -> None:
    found = published(tmp_path, "hanna", "hanna")
    page = found.report.read_text("utf-8")
    assert "Scores that are no level of “Coherence”" in page
    failing = found.derived.panel_verdicts.filter(pl.col("rubric").is_in(["Coherence", "Surprise"]))
    assert failing["decided_by"].str.contains("human-alpha").all()


def test_judgebench_recipes_as_published(tmp_path: Path) -> None:
    found = published(tmp_path, "judgebench", "recipes")
    human = found.derived.agreement.filter(comparison="humans", rubric="grammar")
    assert human["alpha"][0] == pytest.approx(0.41512699786609375, abs=1e-9)


def test_what_a_run_keeps_names_its_source(place: Place) -> None:
    folder = place.bring().report.parent
    kept = json.loads((folder / "design.json").read_text("utf-8"))
    assert kept["file"] == "data/imports/theirs.csv"
    assert kept["table_study"]["columns"]["item"] == "story"


def test_names_and_letters_that_look_like_slips_are_said(place: Place) -> None:
    text = rows() + "0-big,0,big,Wit,ann,human,4\n0-small,0,small,wit,аnn,human,4\n"
    found = place.bring(text)
    said = [x.en for x in found.warnings]
    assert any("'Wit' and 'wit' differ only by case" in x for x in said)
    assert any("'ann' and 'аnn' differ only by case or by letters" in x for x in said)


def test_russian_texts_called_english_are_said(place: Place) -> None:
    text = "\n".join(
        f"{x},{'text' if i == 0 else 'рассказ о камне'}" for i, x in enumerate(rows().splitlines())
    )
    columns = {**COLUMNS, "text": "text"}
    said = [x.en for x in place.bring(text, columns=columns).warnings]
    assert any("Answers in other letters" in x and ": 24." in x for x in said)


def test_a_title_needs_no_scale_of_its_own(place: Place) -> None:
    found = place.bring(criteria={"wit": {"title": {"en": "Wit", "ru": "Остроумие"}}})
    assert found.terms.criteria[0].scale == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert "Остроумие" in found.report.read_text("utf-8")
    with pytest.raises(UserError, match="names no `levels`, and there is no common `scale`"):
        place.study(scale=None, criteria={"wit": {}})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,2,3,4,5,6,7,8", "line 98 has 8 cells, the head has 7"),
        ('"open', "is a quote not closed?"),
    ],
)
def test_a_broken_line_is_named(place: Place, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("?", r"\?")):
        place.read(rows() + line + "\n")


def test_blank_lines_of_a_spreadsheet_are_no_rows(place: Place) -> None:
    assert place.read(rows() + ",,,,,,\n" * 3).height == 96


def test_an_altered_run_is_said_and_made_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place.bring().report.parent
    (folder / "scores.parquet").write_bytes(b"nothing")
    monkeypatch.chdir(place.root)
    assert cli.main(["score", "theirs"]) == 0
    assert "scores.parquet: ALTERED" in capsys.readouterr().err
    assert cli.main(["audit", "theirs"]) == 0
    capsys.readouterr()
    assert cli.main(["score", "theirs", "--require-calibrated"]) == 2
    assert cli.main(["gold", "plan", "theirs"]) == 2
    assert cli.main(["audit", "thiers"]) == 2
    assert "did you mean 'theirs'?" in capsys.readouterr().err


def numeric(place: Place, score: list[float], **more: Any) -> pl.DataFrame:
    """The scores of a parquet file whose column of scores holds numbers."""
    path = place.root / "ratings.parquet"
    frame = pl.DataFrame({"story": [str(i) for i in range(len(score))], "mark": score})
    frame.with_columns(by=pl.lit("ann")).write_parquet(path)
    columns = {"item": "story", "rater": "by", "score": "mark"}
    study = place.study(columns=columns, high=None, low=None, **more)
    return read.read(path, study, place.root).scores


def test_what_is_missing_is_missing_in_numbers_too(place: Place) -> None:
    found = numeric(place, [1.0, -9.0, 3.0], missing=["-9", "NA"])
    assert found["score"].to_list() == [1.0, None, 3.0]
    worded = numeric(place, [1.0, 2.0, 5.0], values={"1": 4, "2": 5})
    assert worded["score"].to_list() == [4.0, 5.0, 5.0]
    with pytest.raises(UserError, match="out of reach"):
        numeric(place, [1e300])


@pytest.mark.parametrize(
    "score",
    [
        pl.Series([[1], [2]]),
        pl.Series([b"\xff", b"a"]),
        pl.Series([True, False]),
        pl.Series([1, 2], dtype=pl.Duration),
    ],
)
def test_columns_that_hold_no_scores_are_refused_in_one_line(
    place: Place, score: pl.Series
) -> None:
    path = place.root / "ratings.parquet"
    pl.DataFrame({"story": ["a", "b"], "by": "ann", "mark": score}).write_parquet(path)
    study = place.study(
        columns={"item": "story", "rater": "by", "score": "mark"}, high=None, low=None
    )
    said = r"ratings\.parquet: column 'mark' \(columns\.score\) holds \w+"
    with pytest.raises(UserError, match=said):
        read.read(path, study, place.root)


def test_a_score_out_of_reach_is_refused_in_a_csv_too(place: Place) -> None:
    with pytest.raises(UserError, match="score is '1e300', expected a number"):
        place.read(rows() + "x,1,big,wit,new,human,1e300\n")


def test_scores_in_the_billions_are_drawn(place: Place) -> None:
    text = "\n".join(
        x if i == 0 else x[:-1] + str(int(x[-1]) * 10**9) for i, x in enumerate(rows().splitlines())
    )
    found = place.bring(text + "\n", scale={"metric": "interval", "between": [0, 10**10]})
    assert found.report.exists()


def test_texts_of_some_answers_make_no_floor(place: Place) -> None:
    text = "\n".join(
        f"{x},{'text' if i == 0 else 'a stone' if 'big,wit' in x else ''}"
        for i, x in enumerate(rows().splitlines())
    )
    found = place.bring(text + "\n", columns={**COLUMNS, "text": "text"})
    assert found.derived.ratings.filter(computed=True, kind="judge").is_empty()


def test_a_column_given_twice_is_refused(place: Place) -> None:
    with pytest.raises(UserError, match="column 'mark' is given twice"):
        place.read(rows().replace("kind,mark", "mark,mark", 1))


def test_without_judges_the_gap_is_that_of_people(place: Place) -> None:
    lines = [x for x in rows().splitlines() if "judge" not in x]
    high = [x[:-1] + str(min(5, int(x[-1]) + 1)) if "big,wit" in x else x for x in lines[1:]]
    same = [x for x in high if ",ann," in x]
    both = [*same, *(x.replace(",ann,", ",bob,") for x in same)]
    odd = [x.replace(",ann,", ",eve,")[:-1] + "3" for x in same[:6]]
    found = place.bring("\n".join([lines[0], *both, *odd]) + "\n")
    page = found.report.read_text("utf-8")
    assert "On the human scale, as people alone rated it" in page
    assert "Nothing can be concluded yet" not in page
    assert "No person has rated" not in page
    assert "The panel’s errors are corrected" not in page
    (row,) = found.derived.corrected.filter(answers="judged").to_dicts()
    assert row["note"] == "people alone: nobody judged"


def test_a_panel_that_is_right_to_the_last_level_does_no_harm(place: Place) -> None:
    lines = [HEAD.strip()]
    for p in range(12):
        for who in ("big", "small"):
            true = 1 + (p + (who == "big")) % 5
            noise = 1 + (p * 3 + 2 * (who == "big")) % 5
            for on, judged in (("wit", true), ("depth", noise)):
                lines += [f"{p}-{who},{p},{who},{on},{x},human,{true}" for x in ("ann", "bob")]
                lines.append(f"{p}-{who},{p},{who},{on},gpt,judge,{judged}")
    found = place.bring("\n".join(lines) + "\n")
    assert found.derived.calibration.filter(rubric="wit")["note"].to_list() == [None]


def test_thousands_of_values_and_a_family_without_arms_do_no_harm(place: Place) -> None:
    random = np.random.default_rng(3)
    lines = [HEAD.strip()]
    for p in range(2100):
        true = random.normal()
        lines += [
            f"{p},{p},{'big' if p % 2 else 'small'},wit,{x},{kind},{true + random.normal() / 3}"
            for x, kind in (("a", "human"), ("b", "human"), ("c", "human"), ("gpt", "judge"))
        ]
    found = place.bring(
        "\n".join(lines) + "\n",
        scale={"metric": "interval", "between": [-4, 4]},
        high=None,
        low=None,
        own={"gpt": ["big"]},
    )
    assert found.derived.panel_verdicts["verdict"].to_list() == ["usable"]
    rank = found.derived.conditions.filter(condition="rank", rater="panel")
    assert rank["state"].to_list() == ["untested"]


def test_word_counts_are_the_floor_of_a_table_with_texts(place: Place) -> None:
    text = "\n".join(
        f"{x},{'text' if i == 0 else 'a stone ' * (1 + i % 40)}"
        for i, x in enumerate(rows(3).splitlines())
    )
    by_item: dict[str, str] = {}
    lines = []
    for i, line in enumerate(text.splitlines()):
        cells, _, said = line.rpartition(",")
        item = cells.split(",")[0]
        lines.append(f"{cells},{said if i == 0 else by_item.setdefault(item, said)}")
    found = place.bring("\n".join(lines) + "\n", columns={**COLUMNS, "text": "text"})
    counting = found.derived.ratings.filter(computed=True, kind="judge")
    assert set(counting["rater"]) == {"length", "lexical_diversity", "self_reference"}
    assert set(found.derived.ratings.filter(kind="panel")["computed"]) == {False}


def spoil_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"owed": 0', '"owed": 1'), "utf-8")


def spoil_design(folder: Path) -> None:
    path = folder / "design.json"
    path.write_text(path.read_text("utf-8").replace("Theirs", "Ours"), "utf-8")


def forge_a_verdict(folder: Path) -> None:
    path = folder / "panel_verdicts.parquet"
    pl.read_parquet(path).with_columns(verdict=pl.lit("usable")).write_parquet(path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_manifest, "manifest.json"),
        (spoil_design, "design.json"),
        (forge_a_verdict, "panel_verdicts.parquet"),
        (lambda folder: (folder / "scores.parquet").unlink(), ""),
    ],
)
def test_scoring_heals_a_run_whose_source_is_there(
    place: Place, spoil: Any, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = place.bring().report.parent
    before = (folder / "panel_verdicts.parquet").read_bytes()
    spoil(folder)
    monkeypatch.chdir(place.root)
    assert cli.main(["score", "theirs"]) == 0
    assert said in capsys.readouterr().err
    assert (folder / "panel_verdicts.parquet").read_bytes() == before
    assert cli.main(["audit", "theirs"]) == 0


def test_judges_and_people_on_different_answers_are_uncalibrated(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    lines = rows(24).splitlines()
    apart = [x for x in lines[1:] if ("human" in x) == (int(x.split(",")[1]) < 12)]
    found = place.bring("\n".join([lines[0], *apart]))
    assert "UNCALIBRATED: judges were held against nobody" in found.report.read_text("utf-8")
    monkeypatch.chdir(place.root)
    for verb in ("score", "audit"):
        assert cli.main([verb, "theirs"]) == 0
        said = capsys.readouterr().out
        assert said.startswith("UNCALIBRATED: no answer has both sides: wit")
        assert re.search(r"^wit .* uncalibrated$", said, re.MULTILINE)


def test_a_judge_of_the_own_family_stays_where_it_is_alone(place: Place) -> None:
    wit = rows()
    alone = "\n".join(x.replace(",wit,", ",d,") for x in wit.splitlines()[1:] if "claude" not in x)
    found = place.bring(f"{wit}{alone}\n", own={"gpt": ["big"]})
    gaps = {x["rubric"]: x for x in found.derived.gaps.to_dicts()}
    assert gaps["d"]["gap"] is not None, "its only judge is not left out"
    assert gaps["wit"]["gap"] != gaps["d"]["gap"]
    assert any(
        "No independent judge on “d”: every one is of an arm's own family (gpt)" in x.en
        for x in found.warnings
    )
    kin = {x["rubric"]: x["note"] for x in found.derived.own_family.to_dicts()}
    assert kin["d"] == "no independent judge"
    assert "nobody judged" not in (found.report.read_text("utf-8"))


def test_wholly_alike_raters_of_a_few_tasks_prove_nothing(place: Place) -> None:
    lines = [
        f"{p}-{who},{p},{who},wit,{rater},{kind},{1 + (p * 2 + (who == 'big')) % 5}"
        for p in range(3)
        for who in ("big", "small")
        for rater, kind in (("ann", "human"), ("bob", "human"), ("eve", "human"), ("gpt", "judge"))
    ]
    found = place.bring(HEAD + "\n".join(lines) + "\n", target={"alpha": 0.1})
    row = found.derived.panel_verdicts.row(0, named=True)
    assert row["verdict"] == "undecided"
    human = found.derived.agreement.filter(comparison="humans").row(0, named=True)
    assert (human["alpha"], human["low"]) == (1.0, None)
    assert any("INTERIM" in x.en for x in found.warnings)


def test_places_as_spreadsheets_write_them_and_thousands_that_may_be_decimals(
    place: Place,
) -> None:
    columns = {**COLUMNS, "order": "seen"}
    head, *lines = rows(3).splitlines()
    text = "\n".join([f"{head},seen", *(f"{x},{n + 1}.0" for n, x in enumerate(lines))])
    assert place.read(text, columns=columns)["order"].max() == len(lines)
    with pytest.raises(UserError, match="order is 0, expected 1, 2, 3"):
        place.read(text.replace(",1.0", ",0.0", 1), columns=columns)
    odd = re.sub(r"human,\d\n", 'human,"4,000"\n', rows(3), count=1)
    with pytest.raises(UserError, match=r"score is '4,000': is that a thousand or a decimal comma"):
        place.read(odd, scale={"levels": list(range(1, 6))})
    share = re.sub(r"human,\d\n", 'human,"0,125"\n', rows(3), count=1)
    assert 0.125 in place.read(share)["score"].to_list(), "no thousand begins with 0"


def test_agreement_is_told_for_each_language_and_arm(simulated: counted.Counted) -> None:
    parts = simulated.derived.strata.filter(rubric="depth", rater="panel")
    assert set(parts["value"]) == {"en", "ru", "high", "low"}
    ratings = simulated.derived.ratings
    russian = agreement.by_rubric(
        ratings.filter(rubric="depth", language="ru"), {"depth": "ordinal"}
    )
    expected = russian.filter(rater="panel")["alpha"].item()
    assert parts.filter(value="ru")["alpha"].item() == pytest.approx(expected)


def test_what_was_said_instead_of_an_answer_is_no_text_of_the_arm(place: Place) -> None:
    ends = {"0-big": "refused", "1-big": "empty", "2-big": "overflow", "3-big": "truncated"}
    head, *lines = rows().splitlines()
    table = [f"{head},end,said"]
    for line in lines:
        item = line.split(",")[0]
        end = ends.get(item, "complete")
        kept = line if end in ("complete", "truncated") else line.rpartition(",")[0] + ","
        table.append(f"{kept},{end},the sea of {item} keeps its own counsel")
    columns = {**COLUMNS, "finish": "end", "text": "said"}
    found = place.bring("\n".join(table), columns=columns).derived
    assert set(found.originality["response"]).isdisjoint({"0-big", "1-big", "2-big"})
    assert "3-big" in set(found.originality["response"])
    assert found.repetition.filter(arm="big")["answers"].sum() == 9
