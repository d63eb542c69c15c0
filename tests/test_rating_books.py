"""Gold taken in, listed, checked, exported and merged: nothing is dropped in silence."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import polars as pl
import pytest
from conftest import Project
from fake_server import FakeServer
from people import go, people, rated

from pipeline import cli, store, study
from pipeline.errors import UserError
from pipeline.rating import books, dealing, intake, owner, pages_of, rate, returned
from pipeline.rating.dealing import Wish
from pipeline.rating.handout import Handout
from pipeline.rating.shelf import Shelf


@pytest.fixture
def dealt(served: Project, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A study of six tasks with a page for each of two people."""
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    go(served)
    design = study.load("trial", served.root)
    rate.export(dealing.opened(design), Wish(dealing.invited("anna,boris", design), 6, 1))
    monkeypatch.chdir(served.root)
    return served


def handout(project: Project) -> Handout:
    (path,) = (project.root / "data/gold/handouts").glob("*.json")
    return Handout.model_validate_json(path.read_bytes())


def back(project: Project, rater: str = "anna", held: Handout | None = None) -> Path:
    """The file that a person's page hands back, with every item rated."""
    design = study.load("trial", project.root)
    held = held or handout(project)
    judged = {x.want.key: x for x in dealing.opened(design).judged}
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
    design = study.load("trial", dealt.root)
    none = intake.unnamed(intake.own_file(design), design)
    assert none is None, "a file that is not there cannot be named"
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    said = capsys.readouterr().out
    assert f"data/gold/trial.csv: {first} new, 0 revised, 0 there already" in said
    assert "gold: [trial]" in said, "the study does not name it yet"
    second = [x for x in handout(dealt).of("anna") if x.again]
    assert second
    assert f"data/gold/trial_again.csv: {len(second)} new, 0 revised, 0 there already" in said
    kept = read(dealt.root / "data/gold/trial_again.csv")
    assert {x["response_key"] for x in kept} == {x.response for x in second}
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
    assert f"trial        anna   expert  {first}" in capsys.readouterr().out
    assert books.checked(study.load("trial", dealt.root)).unnamed == (), "second scores are no gold"


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
        ({"when": "yesterday"}, "ratings.0.when: .*is 'yesterday', expected a moment in ISO 8601"),
        ({"seconds": float("inf")}, r"ratings\.0\.seconds: Input should be"),
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
        ("anna,Anna", "name each person once"),
        ("anna/../boris", "expected a pseudonym"),
        ("anna:fr,b!", "reads 'fr', expected ru or en, or no colon\nrater 'b!': expected a pseud"),
        (
            "panel,anna,one",
            "'panel': is the name of a judge.*\nrater 'one': is the name of a judge",
        ),
        ("Panel,ONE", "rater 'Panel': is the name.*\nrater 'ONE': is the name of a judge"),
        ("anna,Owner", "rater 'Owner': is the name of a judge, the panel, the owner or designed"),
        ("anna,design", "rater 'design': is the name of a judge, the panel, the owner or designed"),
        (",".join(f"p{n}" for n in range(40)), r"of 40 people \(.*name 9 people at most"),
    ],
)
def test_people_who_cannot_be_dealt_to_are_refused_before_anything_is_written(
    served: Project, server: FakeServer, raters: str, said: str
) -> None:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    go(served)
    design = study.load("trial", served.root)
    with pytest.raises(UserError, match=said):
        rate.export(dealing.opened(design), Wish(dealing.invited(raters, design), 6, 1))
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
    checked = books.checked(study.load("trial", served.root))
    assert (checked.faults, checked.unnamed) == ((), ())
    found = {(x.rater, x.what): x.ratings for x in checked.flags}
    each = len(rows) // 3
    assert found["boris", "always the same level (3)"] == each
    assert found["boris", "faster than the answer can be read"] == each
    assert found["anna", "rated under other words than today's"] == 1
    assert found["anna", "which words were seen is not known"] == 1
    assert not any(rater == "Вера" for rater, _ in found)
    assert go(served).derived.ratings.filter(kind="human").height == len(rows), "nothing dropped"


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_a_row_that_cannot_be_is_flagged_beside_the_rest(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rated(served, people)
    monkeypatch.chdir(served.root)
    path = served.root / "data/gold/three.csv"
    rows = read(path)
    rows[0]["score"] = "9"
    rows[1]["response_key"] = "0" * 32
    rows[2]["rater"] = "one"
    rows[3]["seconds"] = "0.1"
    write(path, rows)
    (served.root / "data/gold/other.csv").write_text(path.read_text("utf-8"), "utf-8")
    assert cli.main(["gold", "check", "trial"]) == 2
    said = capsys.readouterr().out
    assert "data/gold/three.csv:2: score is 9, expected one of 1..5" in said
    assert "rated an answer that is none of the study's" in said
    assert "rater 'one' is also the name of a judge" in said
    assert "data/studies/trial.yaml does not name them: data/gold/other.csv" in said
    assert "faster than the answer can be read" in said


def test_what_was_not_looked_at_is_not_called_right(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rated(served, people)
    monkeypatch.chdir(served.root)
    assert cli.main(["gold", "check", "trial"]) == 0
    assert capsys.readouterr().out == "nothing looks wrong\n"
    gold_here = served.root / "data/gold"
    (gold_here / "other.csv").write_text((gold_here / "three.csv").read_text("utf-8"), "utf-8")
    assert cli.main(["gold", "check", "trial"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("does not name them: data/gold/other.csv")
    assert said[1:] == ["nothing looks wrong in what was checked"]


def test_an_answer_is_read_once_for_all_its_questions(served: Project, server: FakeServer) -> None:
    for n in range(8):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    rated(served, people, rubrics=["irony", "depth"])
    path = served.root / "data/gold/three.csv"
    rows = read(path)
    slow: set[tuple[str, str]] = set()
    for row in rows:
        place = (row["rater"], row["response_key"])
        # The second question on an answer that was read takes a moment.
        row["seconds"] = "0.1" if place in slow or row["rater"] == "boris" else "60"
        slow.add(place)
        if row["rater"] == "Вера":
            row["score"] = "2"
    write(path, rows)
    found = {
        (x.rater, x.rubric, x.what): x.ratings
        for x in books.checked(study.load("trial", served.root)).flags
    }
    each = len(rows) // 3
    assert found["boris", None, "faster than the answer can be read"] == each
    assert found["Вера", None, "always the same level (2)"] == each
    assert not any(rater == "anna" for rater, _, _ in found)


def as_table(path: Path) -> str:
    """What the page's button "The same as a table (CSV)" makes of it, as a spreadsheet saves it."""
    held = json.loads(path.read_text("utf-8"))
    head = {x: held[x] for x in ("study", "rater", "rater_class", "form")}
    columns = "id rubric rubric_digest language score comment reason seconds when revision"
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow([*head, *columns.split()])
    for one in held["ratings"]:
        cells = [one[x] for x in columns.split()]
        table.writerow([*head.values(), *("" if x is None else x for x in cells)])
    return "\ufeff" + text.getvalue().replace("20.0", "20,0")


def test_the_pages_own_table_gives_the_rows_that_its_file_does(dealt: Project) -> None:
    design = study.load("trial", dealt.root)
    path = back(dealt)
    edit(path, 0, score=None, reason="broken", comment='ends; "so"')
    table = dealt.root / "anna.csv"
    table.write_text(as_table(path), "utf-8", newline="")
    gold = dealt.root / "data/gold/trial.csv"
    books.added(path, design)
    wanted = gold.read_bytes()
    gold.unlink()
    books.added(table, design)
    assert gold.read_bytes() == wanted
    assert b"cannot judge: the answer is broken" in wanted


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (";4;", ";9;", "score is 9, expected a level of irony"),
        (";4;", ";four;", "is not what a rating page hands back: ratings"),
        (";20,0;", ";1e999;", r"ratings\.0\.seconds: Input should be"),
        ("trial;anna", "trial;vera", "rater is not the same in all rows"),
        (";seconds;", ";time;", "column 'seconds' is missing"),
    ],
)
def test_a_spoilt_table_is_refused(dealt: Project, old: str, new: str, said: str) -> None:
    text = as_table(back(dealt))
    assert old in text
    table = dealt.root / "anna.csv"
    table.write_text(text.replace(old, new, 1), "utf-8", newline="")
    with pytest.raises(UserError, match=said):
        books.added(table, study.load("trial", dealt.root))


def reword(project: Project, name: str) -> None:
    path = project.root / f"rubrics/{name}.yaml"
    text = path.read_text("utf-8")
    fresh = text.replace("question:\n  en: >-\n", "question:\n  en: >-\n    Now, ")
    path.write_text(fresh.replace("  ru: >-\n", "  ru: >-\n    Итак, ", 1), "utf-8")


def test_old_words_are_said_when_a_file_comes_back(dealt: Project, capsys: Any) -> None:
    back(dealt)
    reword(dealt, "irony")
    first = sum(not x.again for x in handout(dealt).of("anna"))
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    said = capsys.readouterr().out
    assert f"beware: {first} of the ratings were made under other words of irony" in said
    dealt.study(languages=["ru", "en"], rubrics=["depth"])
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    assert "are on irony, which trial does not ask" in capsys.readouterr().out
    (dealt.root / "rubrics/irony.yaml").unlink()
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 2
    assert "is on 'irony', and rubrics/ has it no more" in capsys.readouterr().err


def test_a_person_who_is_somebody_else_in_the_gold_is_refused(dealt: Project) -> None:
    dealt.study(languages=["ru", "en"], gold=["trial"])
    design = study.load("trial", dealt.root)
    path = back(dealt)
    books.added(path, design)
    kept = (dealt.root / "data/gold/trial.csv").read_bytes()
    body = json.loads(path.read_text("utf-8"))
    # The same ratings anew may correct the class; others beside them may not.
    path.write_text(json.dumps(body | {"rater_class": "other"}), "utf-8")
    books.added(path, design)
    (dealt.root / "data/gold/trial.csv").write_bytes(kept)
    half = body | {"rater_class": "other", "ratings": body["ratings"][:4]}
    path.write_text(json.dumps(half), "utf-8")
    with pytest.raises(UserError, match=r"anna.json: 'anna' is crowd here and expert at data/gold"):
        books.added(path, design)
    assert (dealt.root / "data/gold/trial.csv").read_bytes() == kept
    rows = read(dealt.root / "data/gold/trial.csv")
    write(dealt.root / "judge.csv", [x | {"rater": "one"} for x in rows])
    with pytest.raises(UserError, match=r"judge.csv: rater 'one' is also the name of a judge"):
        books.added(dealt.root / "judge.csv", design)


def test_a_file_of_who_was_deleted_is_taken_in_no_more(dealt: Project) -> None:
    design = study.load("trial", dealt.root)
    path = back(dealt)
    page = next((dealt.root / "data/gold/handouts").rglob("anna.html"))
    opened = dealing.opened(design)
    with closing(Shelf(f"sqlite:///{dealt.root}/one.db")) as shelf:
        desk = rate.desk_of(opened, shelf)
        desk.forget("anna")
        assert [x.rater for x in owner.figures(desk).progress] == ["boris"]
    assert not page.exists()
    with pytest.raises(UserError, match=r"dealt to 'anna' in no handout .*deleted is in none"):
        books.added(path, design)
    assert books.added(back(dealt, "boris"), design).new > 0


def test_a_revision_counts_whatever_the_clock_said(dealt: Project, capsys: Any) -> None:
    path = back(dealt)
    design = study.load("trial", dealt.root)
    items = handout(dealt).of("anna")
    first, again = (next(n for n, x in enumerate(items) if x.again == y) for y in (False, True))
    for n, score in ((first, 4), (again, 4)):
        edit(path, n, score=score, when="2026-03-01T00:00:00Z", revision=2)
    books.added(path, design)
    edit(path, first, score=5, when="2026-02-01T00:00:00Z", revision=3)
    added = books.added(path, design)
    assert (added.revised, added.differing[0].old) == (1, False)
    response, rubric = items[first].response, items[first].rubric

    def held() -> list[tuple[int | None, int | None]]:
        rows = intake.every(intake.own_file(design), dealt.root)
        return [
            (x.score, x.revision) for x in rows if (x.response_key, x.rubric) == (response, rubric)
        ]

    assert held() == [(5, 3)]
    capsys.readouterr()
    for n in (first, again):  # an older file of hers, found again
        edit(path, n, score=1, when="2026-04-01T00:00:00Z", revision=1)
    assert cli.main(["gold", "add", "anna.json", "trial"]) == 0
    said = capsys.readouterr().out
    assert held() == [(5, 3)]
    assert "5 (2026-02-01T00:00:00Z) counts, 1 (2026-04-01T00:00:00Z) does not" in said
    assert "4 (2026-03-01T00:00:00Z) counts, 1 (2026-04-01T00:00:00Z) does not" in said
    old, new = (x for x in (added.differing[0].not_this, added.differing[0].counts))
    assert intake.latest([old, new]) == intake.latest([new, old]) == (new,)


def test_files_that_come_back_at_once_are_all_taken_in(dealt: Project) -> None:
    design = study.load("trial", dealt.root)
    path = intake.own_file(design)
    back(dealt, "anna")
    back(dealt, "boris")
    with ThreadPoolExecutor() as pool:
        with store.alone(path):
            boris = pool.submit(books.added, dealt.root / "boris.json", design)
            with pytest.raises(TimeoutError):
                boris.result(timeout=1)
            # As another process that holds the lock puts hers there meanwhile.
            anna = returned.ratings(dealt.root / "anna.json", design).ratings
            store.replace(path, intake.written(anna))
        assert boris.result().new > 0
    assert {x.rater for x in intake.every(path, dealt.root)} == {"anna", "boris"}
    with ThreadPoolExecutor() as pool:
        with store.alone(path):
            gone = pool.submit(intake.without, path, "anna", dealt.root)
            with pytest.raises(TimeoutError):
                gone.result(timeout=0.2)
        gone.result()
    assert {x.rater for x in intake.every(path, dealt.root)} == {"boris"}


def test_two_scores_of_one_item_in_one_file_are_refused(dealt: Project) -> None:
    path = back(dealt)
    body = json.loads(path.read_text("utf-8"))
    body["ratings"].append(body["ratings"][1] | {"score": 2, "revision": 2})
    path.write_text(json.dumps(body), "utf-8")
    table = dealt.root / "anna.csv"
    table.write_text(as_table(path), "utf-8", newline="")
    said = rf"ratings\[{len(body['ratings']) - 1}\] rates the same as ratings\[1\]: keep one"
    for one in (path, table):
        with pytest.raises(UserError, match=said):
            books.added(one, study.load("trial", dealt.root))
    assert not (dealt.root / "data/gold/trial.csv").exists(), "nothing is written"


def test_a_mark_before_the_json_or_a_name_in_capitals_changes_nothing(dealt: Project) -> None:
    path = back(dealt)
    other = dealt.root / "ANNA.JSON"
    other.write_text(path.read_text("utf-8"), "utf-8-sig")
    design = study.load("trial", dealt.root)
    added = books.added(other, design)
    assert added.new > 0
    assert books.added(path, design) == added._replace(new=0, same=added.new, notes=ANY)


def test_half_a_character_is_no_reason_to_crash(dealt: Project) -> None:
    path = back(dealt)
    edit(path, 0, comment="a\ud83d b")
    books.added(path, study.load("trial", dealt.root))
    assert "a\ufffd b" in (dealt.root / "data/gold/trial.csv").read_text("utf-8")


def test_a_deal_takes_a_number_that_is_free(dealt: Project) -> None:
    design = study.load("trial", dealt.root)
    folder = dealt.root / "data/gold/handouts"
    opened = dealing.opened(design)
    rate.export(opened, Wish(dealing.invited("vera", design), 2, 2))
    (folder / "trial_1.json").unlink()
    kept = (folder / "trial_2.json").read_bytes()
    rate.export(opened, Wish(dealing.invited("dora", design), 2, 3))
    assert (folder / "trial_2.json").read_bytes() == kept, "none is written over"
    assert (folder / "trial_3.json").exists()
    (folder / "trial_4.json").touch()  # cut short
    assert books.added(back_of(dealt, "trial_3", "dora"), design).new > 0


def back_of(project: Project, name: str, rater: str) -> Path:
    held = Handout.model_validate_json(
        (project.root / f"data/gold/handouts/{name}.json").read_bytes()
    )
    return back(project, rater, held)


def test_who_reads_one_language_is_dealt_that_one(served: Project, server: FakeServer) -> None:
    for n in range(5):
        served.task(f"more_{n}", f"More {n}?", f"Расскажите ещё раз, и подробно: {n}?")
    go(served)
    design = study.load("trial", served.root)
    rate.export(
        dealing.opened(design), Wish(dealing.invited("anna:en,boris:ru,vera", design), 6, 1)
    )
    held = handout(served)
    spoken = {x: {y.language for y in held.of(x)} for x in held.raters}
    assert spoken == {"anna": {"en"}, "boris": {"ru"}, "vera": {"en", "ru"}}
    assert held.reads == {"anna": "en", "boris": "ru"}
    arms: dict[tuple[str, str, str], set[str]] = {}
    for x in held.items:
        arms.setdefault((x.rater, x.prompt, x.language), set()).add(x.response)
    mine = [len(x) for (rater, _, _), x in arms.items() if rater != "vera"]
    assert mine
    assert set(mine) == {2}, "both arms by the same person"


def test_an_export_needs_no_times_in_its_first_hundred_rows(
    served: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(36):
        served.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    rated(served, people)
    monkeypatch.chdir(served.root)
    path = served.root / "data/gold/three.csv"
    rows = read(path)
    assert len(rows) > 400
    write(path, [x | {"seconds": "3.5" if n > 300 else ""} for n, x in enumerate(rows)])
    assert cli.main(["gold", "export", "trial", "--into", "all.parquet"]) == 0
    table = pl.read_parquet("all.parquet")
    assert table.schema["seconds"] == pl.Float64
    assert table["seconds"].null_count() == 301


def test_the_later_date_counts_however_it_is_written(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rated(served, people)
    monkeypatch.chdir(served.root)
    row = read(served.root / "data/gold/three.csv")[0]
    write(served.root / "old.csv", [row | {"score": "1", "when": "30.11.2026 18:00"}])
    merge = ["gold", "merge", "old.csv", "new.csv", "trial", "--into"]
    for into, when in (("a.csv", "01.12.2026"), ("b.csv", "2026-11-30T20:00:00+01:00")):
        write(served.root / "new.csv", [row | {"score": "5", "when": when}])
        assert cli.main([*merge, into]) == 0
        assert "5 (2026-1" in capsys.readouterr().out
        assert [x["score"] for x in read(served.root / into)] == ["5"]
    for when in ("12/01/2026", "31.02.2026", "yesterday"):
        write(served.root / "new.csv", [row | {"score": "5", "when": when}])
        assert cli.main([*merge, "c.csv"]) == 2
        assert f"new.csv:2: when is '{when}', expected a date as 2026-" in capsys.readouterr().err
    assert not (served.root / "c.csv").exists()


def test_one_person_of_two_classes_is_not_merged(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rated(served, people)
    monkeypatch.chdir(served.root)
    held = [x for x in read(served.root / "data/gold/three.csv") if x["rater"] == "anna"]
    write(served.root / "a.csv", held[:2])
    write(served.root / "b.csv", [x | {"rater_class": "expert"} for x in held[2:]])
    assert cli.main(["gold", "merge", "a.csv", "b.csv", "trial", "--into", "c.csv"]) == 2
    said = capsys.readouterr().err
    assert "b.csv:2: 'anna' is expert here and crowd at a.csv:2" in said
    assert not (served.root / "c.csv").exists()
    assert cli.main(["gold", "merge", "b.csv", "b.csv", "trial", "--into", "a.csv"]) == 2
    assert "b.csv:2: 'anna' is expert here and crowd at a.csv:2" in capsys.readouterr().err
    # All of them anew under the other class: a correction, as it is for `gold add`.
    write(served.root / "b.csv", [x | {"rater_class": "expert"} for x in held])
    assert cli.main(["gold", "merge", "a.csv", "b.csv", "trial", "--into", "c.csv"]) == 0
    assert {x["rater_class"] for x in read(served.root / "c.csv")} == {"expert"}


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
    write(
        served.root / "other.csv",
        [
            x | {"score": "1" if n == 0 else x["score"]}
            for n, x in enumerate(read(gold / "three.csv"))
        ],
    )
    arguments = ["gold", "merge", "data/gold/three.csv", "other.csv", "trial", "--into", "c.csv"]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "anna scored" in said
    assert "1 (no date) counts" in said
    assert "11 there already" in said
    for wrong in (
        ["gold", "merge", "trial"],
        ["gold", "add", "x.json"],
        ["gold", "check", "a", "b"],
    ):
        assert cli.main(wrong) == 2
