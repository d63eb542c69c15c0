"""A run counted again from its folder alone: same bytes, and every change seen."""

import csv
import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from conftest import Project
from fake_server import FakeServer
from test_run import go

from pipeline import audit, cli, console
from pipeline.errors import UserError


@pytest.fixture
def finished(served: Project, server: FakeServer, tmp_path: Path) -> Path:
    """A finished run's folder, moved away from its project, which is gone."""
    go(served)
    folder = tmp_path / "elsewhere"
    shutil.move(served.root / "data/runs/trial", folder)
    shutil.rmtree(served.root)
    return folder


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    request.getfixturevalue("finished")

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an audit asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_same_records_make_the_same_bytes(finished: Path) -> None:
    found = audit.audit(finished)
    assert (found.differing, found.missing, found.unsealed) == ((), (), 0)
    assert found.sealed == 10, "answers, verdicts, and what the server showed of both models"


def test_what_was_deleted_is_made_again_to_the_byte(finished: Path) -> None:
    derived = [*finished.glob("*.parquet"), *finished.glob("*.csv"), finished / "report.html"]
    before = {path.name: path.read_bytes() for path in derived}
    for path in derived:
        path.unlink()
    assert set(audit.audit(finished).missing) == set(before)
    assert {path.name: path.read_bytes() for path in derived} == before


def test_a_derived_file_that_was_touched_is_named_and_mended(finished: Path) -> None:
    path = finished / "ratings.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"irony", b"depth"))
    assert audit.audit(finished).differing == ("ratings.csv",)
    assert path.read_bytes() == before


def test_a_sheet_that_somebody_has_written_in_is_theirs_and_is_said_to_be(finished: Path) -> None:
    assert not audit.audit(finished).filled
    path = finished / "sheet.csv"
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    rows[0] |= {"rater": "anna", "score": "4"}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    theirs = path.read_bytes()
    found = audit.audit(finished)
    assert (found.filled, found.differing) == (True, ())
    assert console.audit_lines(found)[-1].startswith("but sheet.csv: somebody has written in it")
    assert path.read_bytes() == theirs


def fields(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [y for name, x in value.items() for y in fields(x, (*at, name))]
    return [at]


@pytest.mark.parametrize("name", ["responses", "verdicts"])
def test_a_change_of_any_field_of_a_sealed_record_is_seen(finished: Path, name: str) -> None:
    path = finished / f"{name}.jsonl"
    lines = path.read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    for at in fields(first):
        changed = json.loads(lines[0])
        place = changed
        for part in at[:-1]:
            place = place[part]
        place[at[-1]] = "changed" if place[at[-1]] != "changed" else "else"
        path.write_text(
            "\n".join([json.dumps(changed, ensure_ascii=False, separators=(",", ":")), *lines[1:]])
            + "\n",
            "utf-8",
        )
        with pytest.raises(UserError, match=rf"{name}\.jsonl: ALTERED"):
            audit.audit(finished)


def test_a_removed_record_is_seen(finished: Path) -> None:
    path = finished / "verdicts.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(UserError, match="ALTERED"):
        audit.audit(finished)


def test_a_changed_design_is_seen(finished: Path) -> None:
    path = finished / "design.json"
    path.write_text(path.read_text("utf-8").replace('"draws": 1', '"draws": 2', 1), "utf-8")
    with pytest.raises(UserError, match=r"design\.json: ALTERED"):
        audit.audit(finished)


def test_what_came_after_the_seal_is_unsealed(finished: Path) -> None:
    path = finished / "failures.jsonl"
    record = {"key": "f" * 32, "stage": "verdicts", "who": "one", "kind": "server", "message": "m"}
    record |= {"attempts": 1}
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n")
    assert audit.audit(finished).unsealed == 1


def test_lines_that_are_no_record_are_counted(finished: Path) -> None:
    path = finished / "verdicts.jsonl"
    first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([first, b"not a record\n", *rest]))
    found = audit.audit(finished)
    assert found.strays == {"verdicts.jsonl": 1}
    assert "verdicts.jsonl: lines that are no record, left out: 1" in console.audit_lines(found)


def test_a_run_is_audited_where_no_project_is(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.chdir(nowhere)
    assert cli.main(["audit", str(finished)]) == 0
    assert "byte for byte" in capsys.readouterr().out
    assert cli.main(["audit", "trial"]) == 2
    assert "no data/studies here" in capsys.readouterr().err


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no sealed manifest"):
        audit.audit(tmp_path)


def test_a_record_of_somebody_elses_is_named(finished: Path) -> None:
    path = finished / "verdicts.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"key":"zz"}\n')
    assert audit.audit(finished).sealed == 10, "no key: it is what a crash left"
    path.write_bytes(whole + b'{"key":"' + b"0" * 32 + b'","judge":"me"}\n')
    with pytest.raises(UserError, match=r"verdicts\.jsonl: the record of 0+ has no item, no rub"):
        audit.audit(finished)
    first = json.loads(whole.splitlines()[0])
    typed = {**first, "key": "0" * 32, "draw": "first", "verdict": [3]}
    path.write_bytes(whole + json.dumps(typed, separators=(",", ":")).encode() + b"\n")
    with pytest.raises(UserError, match=r"record of 0+ has a strange draw, a strange verdict;"):
        audit.audit(finished)
    del first["call"]
    path.write_bytes(json.dumps(first, separators=(",", ":")).encode() + b"\n" + whole)
    with pytest.raises(UserError, match="ALTERED"):
        audit.audit(finished)


def test_a_design_without_its_model_is_named(finished: Path) -> None:
    path = finished / "design.json"
    path.write_text(path.read_text("utf-8").replace('"id": "big"', '"id": "huge"'), "utf-8")
    with pytest.raises(UserError, match=r"design\.json: is no design .*: it has no model big"):
        audit.audit(finished)
