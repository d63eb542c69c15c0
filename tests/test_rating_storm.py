"""Many rate at once while their server is killed."""

from pathlib import Path

from benchmarks import rating


def test_fifty_people_at_once_and_a_server_killed_five_times_lose_and_double_nothing(
    tmp_path: Path,
) -> None:
    found = rating.storm(tmp_path, people=50, kills=5, seconds=None, saves=1500)
    assert len(found.seconds) >= 1500
    assert (found.lost, found.doubled) == (0, 0)
    assert sum(len(rows) for rows in found.stored.values()) >= len(found.seconds)
