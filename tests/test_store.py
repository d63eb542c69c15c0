"""The append-only files: what a crash, a full disk or a second process may do to them."""

import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from judges.digest import digest, digest_of_names
from pipeline import store
from pipeline.errors import UserError
from pipeline.journal import Journal, Seal


class Record(BaseModel):
    key: str
    text: str


def record(n: int, text: str = "x") -> Record:
    return Record(key=digest(n), text=text)


@given(st.lists(st.text() | st.integers(-(2**63), 2**64 - 1)))
def test_the_quick_key_of_names_is_the_key(parts: list[str | int]) -> None:
    assert digest_of_names(*parts) == digest(*parts)


def test_what_was_appended_is_read_back_by_key(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    for n in range(5):
        journal.append(record(n, f"ответ {n}\n"))
    journal.close()
    again = Journal(tmp_path / "a.jsonl")
    assert len(again) == 5
    assert digest(3) in again
    assert digest(9) not in again
    assert [x["text"] for x in again.read([digest(3), digest(1), digest(9)])] == [
        "ответ 1\n",
        "ответ 3\n",
    ]


def test_the_first_record_of_a_key_counts_and_all_are_listed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    journal.append(record(1, "first"))
    journal.append(record(1, "second"))
    assert [x["text"] for x in journal.read([digest(1)])] == ["first"]
    assert [x["text"] for x in journal.records()] == ["first", "second"]


@given(st.integers(1, 200))
def test_a_torn_last_line_is_left_out_and_never_runs_into_the_next(cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        journal = Journal(path)
        for n in range(3):
            journal.append(record(n))
        journal.close()
        whole = path.read_bytes()
        path.write_bytes(whole[: -min(cut, len(whole))])
        kept = path.read_bytes()
        again = Journal(path)
        assert again.torn == (0 if kept.endswith(b"\n") or not kept else 1)
        before = again.keys()
        again.append(record(7, "after"))
        again.close()
        last = Journal(path)
        assert last.keys() == before | {digest(7)}
        assert path.read_bytes().startswith(kept)


def test_a_full_disk_tears_one_line_and_loses_nothing_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal(path)
    journal.append(record(1))
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:10]))
    with pytest.raises(OSError, match="no space") as caught:
        journal.append(record(2))
    assert caught.value.errno == errno.ENOSPC
    monkeypatch.undo()
    journal.append(record(3))
    journal.close()
    again = Journal(path)
    assert again.keys() == {digest(1), digest(3)}
    assert again.torn == 1


def test_a_seal_is_blind_to_order_and_sees_every_change(tmp_path: Path) -> None:
    def sealed(*records: Record) -> Seal:
        path = tmp_path / "a.jsonl"
        path.unlink(missing_ok=True)
        journal = Journal(path)
        for each in records:
            journal.append(each)
        journal.close()
        return Journal(path).seal()

    one = sealed(record(1), record(2))
    assert one == sealed(record(2), record(1))
    assert one != sealed(record(1), record(2, "y"))
    assert one != sealed(record(1))


def test_a_seal_holds_what_was_found_and_what_was_appended_once_each(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    first = Journal(path)
    first.append(record(1))
    first.close()
    path.write_bytes(path.read_bytes() + b'{"key":"torn')
    journal = Journal(path)
    journal.append(record(2))
    sealed = journal.seal()
    journal.append(record(3))
    journal.close()
    assert sealed.records == 2
    assert sealed == Journal(path).seal(2) == journal.seal(2)
    assert journal.seal() == Journal(path).seal()
    assert journal.seal().records == 3


def test_what_came_after_the_seal_is_not_altered(tmp_path: Path) -> None:
    with store.Run(tmp_path / "run") as run:
        run.verdicts.append(record(1))
        run.seal({})
        run.verdicts.append(record(2))
    with store.Run(tmp_path / "run") as run:
        assert run.altered == []
    path = tmp_path / "run/verdicts.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"x"', b'"z"', 1))
    with store.Run(tmp_path / "run") as run:
        assert run.altered == ["verdicts"]
        run.seal({})
    with store.Run(tmp_path / "run") as run:
        assert run.altered == ["verdicts"], "a new seal heals nothing"


HOLD = """
import sys
from pathlib import Path
from pipeline.store import Run
with Run(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UserError, match=rf"another run .* \(process {holder.pid}\)"):
            store.Run(tmp_path / "run")
        holder.kill()
    with store.Run(tmp_path / "run"):
        pass  # a killed holder leaves no lock behind


def test_a_folder_that_was_made_for_nothing_is_taken_away(tmp_path: Path) -> None:
    with store.Run(tmp_path / "run"):
        assert (tmp_path / "run/lock").exists(), "held before anything is written"
    assert not (tmp_path / "run").exists()
    with store.Run(tmp_path / "run") as run:
        run.failures.append(record(1))
    assert (tmp_path / "run/failures.jsonl").exists()
    with store.Run(tmp_path / "sealed") as run:
        run.seal({})
    assert (tmp_path / "sealed/manifest.json").exists()
    (tmp_path / "mine").mkdir()
    with store.Run(tmp_path / "mine"):
        pass
    assert (tmp_path / "mine").exists(), "who made it keeps it"


def test_a_lock_that_was_taken_away_meanwhile_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run ends between the second one's opening of the lock file and its locking it."""
    first, real = store.Run(tmp_path / "run"), fcntl.flock

    def late(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", real)
        first.close()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with store.Run(tmp_path / "run"):
        with pytest.raises(UserError, match="another run is at work here"):
            store.Run(tmp_path / "run")
        assert (tmp_path / "run/manifest.json").exists()


def test_a_manifest_is_whole_or_old(tmp_path: Path) -> None:
    path = tmp_path / "a"
    store.replace(path, b"old")
    store.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert [x.name for x in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"form": 1, "seals": {"responses": 5}}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match="is no manifest"):
        store.Run(tmp_path)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal(path)
    journal.append(record(1, "some text"))
    journal.close()
    path.write_bytes(path.read_bytes().replace(b'"text"', b'"te,t'))
    with pytest.raises(UserError, match=rf"the line of {digest(1)} is damaged"):
        list(Journal(path).records())


def test_a_disk_that_fails_a_sync_is_said_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    journal.append(record(1))

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    for _ in range(2):
        with pytest.raises(OSError, match="input/output"):
            journal.sync()
    monkeypatch.undo()
    journal.close()


def test_two_records_of_one_key_are_called_altered(tmp_path: Path) -> None:
    with store.Run(tmp_path / "run") as run:
        run.verdicts.append(record(1))
        run.verdicts.append(record(1, "y"))
        run.failures.append(record(1))
        run.failures.append(record(1))
        run.seal({})
    assert store.Run.look(tmp_path / "run").altered == ["verdicts"], "which one counts is order"


def test_a_seal_that_was_taken_away_is_called_altered(tmp_path: Path) -> None:
    with store.Run(tmp_path / "run") as run:
        run.verdicts.append(record(1))
        run.seal({})
    path = tmp_path / "run/manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["seals"]["verdicts"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert store.Run.look(tmp_path / "run").altered == ["manifest", "verdicts"]


@pytest.mark.parametrize("seals", [{}, {"verdicts": [0, "e3b0c44298fc1c149afbf4c8996fb924"]}])
def test_a_hand_in_the_manifest_is_seen(tmp_path: Path, seals: dict[str, object]) -> None:
    with store.Run(tmp_path / "run") as run:
        run.verdicts.append(record(1))
        run.seal({})
    path = tmp_path / "run/manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(manifest | {"seals": seals}), encoding="utf-8")
    assert "manifest" in store.Run.look(tmp_path / "run").altered


def test_two_who_replace_one_file_both_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    fsync = os.fsync

    def late(descriptor: int) -> None:
        """Another writer is through while the first still waits for its disk."""
        monkeypatch.setattr(os, "fsync", fsync)
        store.replace(path, b"other")
        assert path.read_bytes() == b"other"

    monkeypatch.setattr(os, "fsync", late)
    store.replace(path, b"mine")
    assert path.read_bytes() == b"mine"
    assert [x.name for x in tmp_path.iterdir()] == ["a.csv"]


def test_what_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        store.replace(tmp_path / "a.csv", b"x")
    assert [x.name for x in tmp_path.iterdir()] == ["a.csv"]


def test_those_who_add_to_one_file_do_it_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("")
    script = (
        "import sys\nfrom pathlib import Path\nfrom pipeline import store\n"
        "path = Path(sys.argv[1])\n"
        "for n in range(50):\n"
        "    with store.alone(path):\n"
        "        store.replace(path, path.read_bytes() + b'x')\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [x.wait() for x in started] == [0] * 4
    assert len(path.read_bytes()) == 200
    assert [x.name for x in tmp_path.iterdir()] == ["a.txt"], "no lock stays behind"
