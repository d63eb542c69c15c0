"""Is a planted cause found, and no other; and how long a ladder takes to plan and to report.

    python -m benchmarks.ladder [seeds]

Planted: arms whose answers lie lower where they see less of the task, scored by a scripted panel,
with three people on the two ends; every other factor is moved from both ends and takes nothing.
Each seed goes the whole way from ratings to causes: the panel's verdict first, since nothing is
told of a panel that is not usable.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from benchmarks import finished
from judges.rubric import Text
from pipeline import judgement
from pipeline.findings import ANSWERS
from pipeline.ratings import panel
from pipeline.rungs import End, Factor, Rung
from pipeline.stats import causes, ladder
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion, Terms
from pipeline.stats.thresholds import Thresholds
from pipeline.tables import RATINGS

RUBRICS = ("depth", "irony")
WINDOWS = {"high": 1.0, "low": 0.0, "short": 0.4, "long": 0.6}
"""How much of depth each window leaves; it is all that a narrow one takes."""
NULLS: tuple[Factor, ...] = (
    "quantisation",
    "attention",
    "experts",
    "sampling",
    "thinking",
    "extras",
    "speculative",
)
"""Factors that take nothing here: each is moved from both ends, but for the null control."""
PROMPTS, PEOPLE = 70, 3
MOST_PLAN, MOST_REPORT, MOST_MB = 2.0, 30.0, 1000


def rungs() -> tuple[Rung, ...]:
    """Two steps of context, and of every other factor one from each end."""
    steps: list[tuple[Factor, End, str]] = [
        ("context", "hicap", "short"),
        ("context", "locap", "long"),
    ]
    steps += [(x, "hicap", f"high {x}") for x in NULLS]
    steps += [(x, "locap", f"low {x}") for x in NULLS if x != "speculative"]
    ends = {"hicap": "high", "locap": "low"}
    return tuple(Rung(x, start, arm, 0, True, ends[start], arm) for x, start, arm in steps)


def arms() -> dict[str, float]:
    """How high each arm lies: the others where their end does."""
    own = {x.arm: WINDOWS[x.end] for x in rungs() if x.arm not in WINDOWS}
    return WINDOWS | own


def scores(
    shifts: Mapping[str, float],
    random: np.random.Generator,
    prompts: int = PROMPTS,
    people: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """RATINGS of two judges on every arm, and of so many people on some of them."""
    rows = []
    for prompt in range(prompts):
        level = random.normal(3, 0.4)
        for arm, shift in shifts.items():
            true = level + shift + random.normal(0, 0.5)
            raters = [("a", "judge"), ("b", "judge")]
            raters += [(f"p{x}", "human") for x in range((people or {}).get(arm, 0))]
            for rubric in RUBRICS:
                for rater, kind in raters:
                    value = float(np.clip(np.round(true + random.normal(0, 0.5)), 1, 5))
                    rows.append(
                        dict.fromkeys(RATINGS.names())
                        | {
                            "response": f"{prompt}-{arm}",
                            "prompt": f"t{prompt}",
                            "task_kind": "long_chain" if prompt % 2 else "irony",
                            "language": "ru" if prompt % 3 else "en",
                            "arm": arm,
                            "draw": 0,
                            "rubric": rubric,
                            "rater": rater,
                            "kind": kind,
                            "rater_class": "expert" if kind == "human" else None,
                            "computed": False if kind == "judge" else None,
                            "score": value,
                        }
                    )
    return pl.DataFrame(rows, schema=RATINGS)


def states(seed: int) -> dict[str, str]:
    """What is told of each cause, from ratings through the panel's verdict."""
    people = {"high": PEOPLE, "low": PEOPLE}
    own = scores(arms(), np.random.default_rng(seed), people=people)
    ratings = pl.concat([own, panel(own.filter(kind="judge"))])
    scale = (1.0, 2.0, 3.0, 4.0, 5.0)
    criteria = tuple(Criterion(x, Text(en=x, ru=x), "ordinal", scale) for x in RUBRICS)
    terms = Terms(criteria, Arms("high", "low"), {}, Thresholds())
    there = ratings.select("response", "prompt", "arm").unique().sort("response")
    facts = {"finish": "complete", "words": 100}
    rows = [dict.fromkeys(ANSWERS.names()) | x | facts for x in there.to_dicts()]
    verdicts = judgement.of(terms, ratings, pl.DataFrame(rows, schema=ANSWERS)).panel_verdicts
    usable = verdicts.filter(verdict="usable")["rubric"].to_list()
    effects = ladder.effects(ladder.seen(ratings, usable, terms.ends), rungs())
    return {x["factor"]: x["state"] for x in causes.of(effects, usable).to_dicts()}


def planted(seeds: int) -> bool:
    """Print in how many seeds each cause came out supported; whether all is as it should be."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        found.update(factor for factor, state in states(seed).items() if state == "supported")
    print(f"supported in so many of {seeds} seeds (context is planted):")
    for factor in causes.CAUSE.values():
        print(f"  {factor}: {found[factor]}")
    others = max(found[x] for x in causes.CAUSE.values() if x != "context")
    return found["context"] >= 0.95 * seeds and others <= 0.10 * seeds


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
    """Both parts; 1 where a mark is missed."""
    if arguments[:1] == ["--make"]:
        make(Path(arguments[1]))
        return 0
    right = planted(int(arguments[0]) if arguments else 100)
    quick = speed()
    return 0 if right and quick else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
