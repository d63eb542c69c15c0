"""How long `antipode score` takes to find that a finished study of 100,000 verdicts owes nothing.

`make bench`, or `python -m benchmarks.restart [--verdicts N]`. The figures are for reading: they
are printed as met or not met, and the exit code is 0 either way.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

STUDY = "restart"
VERDICTS_PER_TASK = 800
"""These two are those of `benchmarks.finished`, which is not imported: a child's peak memory begins
with its parent's, so this process stays small."""
AGAIN = 3
MOST_SECONDS = 3.0
MOST_MB = 500


class Took(NamedTuple):
    """One whole process."""

    seconds: float
    peak_mb: float
    said: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the study, report it, and measure what a further `score` takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=100_000)
    tasks = max(1, parser.parse_args(arguments).verdicts // VERDICTS_PER_TASK)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = [sys.executable, "-m", "benchmarks.finished", str(root), str(tasks)]
        subprocess.run(made, check=True)
        stored = sum(x.stat().st_size for x in (root / "data" / "runs" / STUDY).glob("*.jsonl"))
        print(f"{tasks * VERDICTS_PER_TASK} verdicts, {stored / 1e6:.0f} MB of records")
        first = _score(root)
        report = (root / "data" / "runs" / STUDY / "report.html").stat().st_size
        print(
            f"first report: {first.seconds:.1f} s, {first.peak_mb:.0f} MB; "
            f"its page is {report / 1e6:.0f} MB"
        )
        again = [_score(root) for _ in range(AGAIN)]
    assert all("nothing to ask" in x.said for x in again), again[0].said
    print(f"score again, median of {AGAIN}:")
    seconds, peak = median(x.seconds for x in again), median(x.peak_mb for x in again)
    print(f"under {MOST_SECONDS:g} s: {seconds:.2f} s, {_met(seconds < MOST_SECONDS)}")
    print(f"under {MOST_MB} MB: {peak:.0f} MB, {_met(peak < MOST_MB)}")
    return 0


def _score(root: Path) -> Took:
    """`antipode score` in `root`, from its start to its end."""
    command = [str(Path(sys.executable).with_name("antipode")), "score", STUDY]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert process.returncode == 0, said
    return Took(seconds, usage.ru_maxrss / 1024, said)


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


if __name__ == "__main__":
    sys.exit(main())
