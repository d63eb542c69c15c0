"""Gold taken in, listed, checked, exported and merged: nothing is dropped in silence."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Project
from fake_server import FakeServer
from people import go, people, rated

from pipeline import cli, study
from pipeline.errors import UserError
from pipeline.rating import books, pages_of, rate
from pipeline.rating.handout import Handout
from pipeline.rating.rate import Wish


@pytest.fixture
def dealt(served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A study of six tasks with a page for each of two people."""
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    go(served)
    design = study.load("trial", served.root)
    rate.export(rate.opened(design), Wish(("anna", "boris"), 6, 1))
    monkeypatch.chdir(served.root)
    return served


def handout(project: Project) -> Handout:
    (path,) = (project.root / "data/gold/handouts").glob("*.json")
    return Handout.model_validate_json(path.read_bytes())


def back(project: Project, rater: str = "anna") -> Path:
    """The file that a person's page hands back, with every item rated."""
    design = study.load("trial", project.root)
    held = handout(project)
    judged = {x.want.key: x for x in rate.opened(design).judged}
    form = pages_of.page(design, judged, held, rater)
    ratings = [
        {
            "id": x.id,
            "score": 1 + n % 5,
            "comment": "",
            "reason": None,
            "seconds": 20.0,
            "when": f"2026-01-01T00:00:{n % 60:02}Z",
            "revision": 1,
            "rubric": x.rubric,
            "rubric_digest": x.digest,
            "language": x.language,
        }
        for n, x in enumerate(held.of(rater))
    ]
    body = {
        "kind": "antipode-ratings",
        "version": 1,
        "study": "trial",
        "rater": rater,
        "rater_class": "philosopher",
        "form": form.digest,
        "interface": "ru",
        "ratings": ratings,
    }
    path = project.root / f"{rater}.json"
    path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    return path


def edit(path: Path, place: int, **more: Any) -> None:
    body = json.loads(path.read_text("utf-8"))
    body["ratings"][place] |= more
    path.write_text(json.dumps(body), "utf-8")


def test_what_a_page_hands_back_becomes_gold_once(dealt: Project, capsys: Any) -> None:
    path = back(dealt)
    first = sum(not x.again for x in handout(dealt).of("anna"))
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    said = capsys.readouterr().out
    assert f"data/gold/trial.csv: {first} new, 0 revised, 0 there already" in said
    assert "gold: [trial]" in said, "the study does not name it yet"
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    assert f"0 new, 0 revised, {first} there already" in capsys.readouterr().out
    places = [n for n, x in enumerate(handout(dealt).of("anna")) if not x.again]
    edit(path, places[0], score=5, when="2026-02-01T00:00:00Z", revision=2)
    cli.main(["gold", "add", "anna.json", "trial"])
    assert "0 new, 1 revised" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO((dealt.root / "data/gold/trial.csv").read_text())))
    assert {x["rater_class"] for x in rows} == {"expert"}
    dealt.study(languages=["ru", "en"], gold=["trial"])
    assert go(dealt).derived.ratings.filter(kind="human").height == first
    assert cli.main(["gold", "list"]) == 0
    assert f"trial  anna   expert  {first}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"study": "other"}, "rates the study 'other', not 'trial'"),
        ({"rater": "boris"}, "these items were dealt to 'boris' in no handout"),
        ({"kind": "shopping list"}, "is not what a rating page hands back: kind"),
        ({"surprise": 1}, "is not what a rating page hands back: surprise"),
    ],
)
def test_a_file_of_another_kind_is_refused(dealt: Project, more: dict[str, Any], said: str) -> None:
    path = back(dealt)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | more), "utf-8")
    with pytest.raises(UserError, match=said):
        books.added(path, study.load("trial", dealt.root))
    assert not (dealt.root / "data/gold/trial.csv").exists(), "nothing is written"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"score": 9}, r"ratings\[0\]\.score is 9, expected a level of irony"),
        ({"score": None}, "either a score or a reason"),
        ({"id": "0" * 32}, "dealt to 'anna' in no handout"),
        ({"rubric_digest": "0" * 32}, "made under other words than those handed out"),
    ],
)
def test_a_rating_that_cannot_be_is_refused(
    dealt: Project, more: dict[str, Any], said: str
) -> None:
    path = back(dealt)
    edit(path, 0, **more)
    with pytest.raises(UserError, match=said):
        books.added(path, study.load("trial", dealt.root))


@pytest.mark.parametrize(
    ("raters", "said"),
    [
        (("anna", "Anna"), "name each person once"),
        (("anna/../boris",), "expected a pseudonym"),
        (tuple(f"p{n}" for n in range(40)), "of 40 people would have nothing to rate"),
    ],
)
def test_people_who_cannot_be_dealt_to_are_refused_before_anything_is_written(
    served: Project, server: FakeServer, raters: tuple[str, ...], said: str
) -> None:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    go(served)
    opened = rate.opened(study.load("trial", served.root))
    with pytest.raises(UserError, match=said):
        rate.export(opened, Wish(raters, 6, 1))
    assert not (served.root / "data/gold/handouts").exists()


def test_no_page_tells_of_arms_or_of_other_people(dealt: Project) -> None:
    held = handout(dealt)
    for path in (dealt.root / "data/gold/handouts").rglob("*.html"):
        page = path.read_text("utf-8")
        other = {"anna": "boris", "boris": "anna"}[path.stem]
        assert other not in page
        assert not any(x.response in page for x in held.items)
        assert not any(x.id in page for x in held.of(other))
        for secret in ('"high"', '"low"', "hicap", "locap", "fake"):
            assert secret not in page


def test_what_looks_wrong_is_flagged_and_kept(served: Project, capsys: Any) -> None:
    for n in range(12):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    rated(served, people)
    path = served.root / "data/gold/three.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    for row in rows:
        if row["rater"] == "boris":
            row |= {"score": "3", "seconds": "0.1"}
    rows[0]["rubric_digest"] = "0" * 32
    rows[1]["rubric_digest"] = ""
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    found = {(x.rater, x.what): x.ratings for x in books.checked(study.load("trial", served.root))}
    each = len(rows) // 3
    assert found["boris", "always the same level (3)"] == each
    assert found["boris", "faster than the answer can be read"] == each
    assert found["anna", "rated under other words than today's"] == 1
    assert found["anna", "which words were seen is not known"] == 1
    assert not any(rater == "Вера" for rater, _ in found)
    assert go(served).derived.ratings.filter(kind="human").height == len(rows), "nothing dropped"


def test_gold_is_exported_and_merged(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rated(served, people)
    monkeypatch.chdir(served.root)
    assert cli.main(["gold", "export", "trial", "--into", "all.parquet"]) == 0
    table = pl.read_parquet("all.parquet")
    assert table.height == 12
    assert {"rater", "rubric", "score"} <= set(table.columns)
    assert cli.main(["gold", "export", "trial", "--into", "all.xlsx"]) == 2
    gold = served.root / "data/gold"
    text = (gold / "three.csv").read_text("utf-8")
    later = text.replace(",anna,", ",olga,")
    (served.root / "more.csv").write_text(later, "utf-8")
    arguments = ["gold", "merge", "data/gold/three.csv", "more.csv", "trial", "--into", "both.csv"]
    assert cli.main(arguments) == 0
    assert "16 new" in capsys.readouterr().out
    for wrong in (
        ["gold", "merge", "trial"],
        ["gold", "add", "x.json"],
        ["gold", "check", "a", "b"],
    ):
        assert cli.main(wrong) == 2
