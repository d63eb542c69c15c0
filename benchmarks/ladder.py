"""How long a ladder of 20 arms takes to plan, and its finished store to report.

python -m benchmarks.ladder
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks import finished

MOST_PLAN, MOST_REPORT, MOST_MB = 2.0, 30.0, 1000


def speed() -> bool:
    """Print how long a ladder of 20 arms, 70 tasks, 2 draws, 7 rubrics and 3 judges takes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = [sys.executable, "-m", "benchmarks.ladder", "--make", str(root)]
        subprocess.run(made, check=True)
        plan, _ = _took(root, "plan")
        report, peak = _took(root, "score")
    print(f"plan: {plan:.2f} s (mark {MOST_PLAN:g} s)")
    print(f"report of its finished store: {report:.1f} s, {peak:.0f} MB", end=" ")
    print(f"(marks {MOST_REPORT:g} s, {MOST_MB} MB)")
    return plan < MOST_PLAN and report < MOST_REPORT and peak < MOST_MB


def _took(root: Path, verb: str) -> tuple[float, float]:
    command = [str(Path(sys.executable).with_name("antipode")), verb, finished.STUDY]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{verb} failed"
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def make(root: Path) -> None:
    """The finished study of that size, its answers and verdicts made up."""
    finished.write_files(root, 70)
    path = root / "data/studies" / f"{finished.STUDY}.yaml"
    study = yaml.safe_load(path.read_text("utf-8"))
    levels = [{"sampling": {"temperature": x / 10}} for x in range(9)]
    study["ablations"] = [
        {"factor": "sampling", "start": start, "levels": levels} for start in ("hicap", "locap")
    ]
    study |= {"languages": ["en"], "draws": 2}
    study["rubrics"] = sorted(x.stem for x in (root / "rubrics").glob("*.yaml"))
    path.write_text(yaml.safe_dump(study, allow_unicode=True), "utf-8")
    path = root / "judges/panels" / f"{finished.STUDY}.yaml"
    judges = [{"id": f"judge_{n}", "model": f"judge_{n}"} for n in range(3)]
    path.write_text(yaml.safe_dump({"id": finished.STUDY, "judges": judges}), "utf-8")
    finished.write_records(root)


def main(arguments: list[str]) -> int:
    """The figures, or only the store in a folder (`--make FOLDER`); 1 where a mark is missed."""
    if arguments[:1] == ["--make"]:
        make(Path(arguments[1]))
        return 0
    return 0 if speed() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
