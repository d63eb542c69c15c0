"""Many rate at once while their server is killed; how fast it is, `benchmarks.rating` says."""

from pathlib import Path

from benchmarks import rating


def test_people_who_rate_at_once_lose_and_double_nothing_when_their_server_is_killed(
    tmp_path: Path,
) -> None:
    found = rating.storm(tmp_path, people=24, kills=2, seconds=None, saves=240)
    assert len(found.seconds) >= 240
    assert (found.lost, found.doubled) == (0, 0)
    assert sum(len(rows) for rows in found.stored.values()) >= len(found.seconds)
