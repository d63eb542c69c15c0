"""How fast ratings are audited: a study, many people, a bootstrap, ten million ratings.

`python -m benchmarks.audit`. All data are simulated and seeded; each part runs in a process of its
own. The figures are for reading: they are printed as met or not met, and the exit code is 0.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from judges.rubric import Text
from pipeline import findings, judgement
from pipeline.stats import agreement, bootstrap, delta, differences, gap, levels, pairwise
from pipeline.stats.alpha import Floats
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion, Terms
from pipeline.stats.thresholds import Thresholds
from pipeline.tables import RATINGS

ARMS = Arms("high", "low")
SCALES = {"ordinal": (1.0, 2.0, 3.0, 4.0, 5.0), "nominal": (0.0, 1.0), "interval": (0.0, 100.0)}
PEOPLE, JUDGES = 4, 6
"""Of a study; the last of the judges only counts, and the first is of the high arm's family."""

Work = Callable[[], object]
Figures = dict[str, float]


class Mark(NamedTuple):
    """What a part may take."""

    part: str
    what: str
    seconds: float | None = None
    peak_mb: float | None = None


MARKS = (
    Mark("study", "all tables of 1,000 answers x 8 rubrics x 10 raters, in memory", 10),
    Mark("verb", "`antipode audit` of the same with texts: read, counted, reported, compared", 10),
    Mark("names", "delta and pairwise of 123 people on 350 answers, three names", 5),
    Mark("grades", "the same on five levels", 5),
    Mark("bootstrap-ordinal", "10,000 replicates of alpha on 5 x 100,000, ordinal", 1),
    Mark("bootstrap-nominal", "the same, nominal", 1),
    Mark("bootstrap-interval", "the same, interval", 1),
    Mark("aggregate", "agreement and means of 10,000,000 ratings", 30, 4_000),
    Mark("distinct-interval", "full audit of 1,020,000 different scores, interval", 120, 4_000),
    Mark("distinct-ordinal", "the same, ordinal", 120, 4_000),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each part in a child and print; with `--part`, be that child."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["write", *(mark.part for mark in MARKS)])
    parser.add_argument("--file", type=Path, help="where the ten million ratings lie")
    options = parser.parse_args(arguments)
    if options.part:
        print(json.dumps(_measured(_prepared(options.part, options.file))))
        return 0
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    print("wall s   CPU s  peak MB")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "ratings.parquet")
        _child("write", file)
        for mark in MARKS:
            found = _child(mark.part, file)
            numbers = found["seconds"], found["cpu_seconds"], found["peak_mb"]
            row = "{:6.2f}  {:6.2f}  {:7.0f}".format(*numbers)
            print(f"{row}  {mark.what}: {_met(mark, found)}", flush=True)
    return 0


def _child(part: str, file: Path) -> Figures:
    command = [sys.executable, "-m", "benchmarks.audit", "--part", part, "--file", str(file)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Figures = json.loads(ran.stdout)
    return figures


def _measured(work: Work) -> Figures:
    """One run of what was prepared; the peak is that of the whole process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _met(mark: Mark, found: Figures) -> str:
    bounds = {"seconds": (mark.seconds, "s"), "peak_mb": (mark.peak_mb, "MB")}
    told = [
        f"under {most:,g} {unit} {'met' if found[name] < most else 'not met'}"
        for name, (most, unit) in bounds.items()
        if most is not None
    ]
    return ", ".join(told)


# --- the parts: each prepares its data and gives back what is to be timed ----------------------


def _prepared(part: str, file: Path) -> Work:
    kind, _, metric = part.partition("-")
    parts: dict[str, Callable[[], Work]] = {
        "study": _study,
        "verb": lambda: _verb(file.parent / "project"),
        "names": lambda: _crowd("nominal", 3),
        "grades": lambda: _crowd("ordinal", 5),
        "bootstrap": lambda: _bootstrap(metric),
        "write": lambda: lambda: ten_million().write_parquet(file),
        "aggregate": lambda: lambda: _aggregate(file),
        "distinct": lambda: _distinct(metric),
    }
    return parts[kind]()


def _study() -> Work:
    """Eight rubrics of all metrics, two draws a judge."""
    random = np.random.default_rng(1)
    metrics = {f"rubric-{i}": "ordinal" for i in range(6)} | {"yes": "nominal", "per": "interval"}
    answers = places(250)
    tables = [_of_rubric(random, answers, *named) for named in metrics.items()]
    ratings, draws = (pl.concat(parts) for parts in zip(*tables, strict=True))
    terms = terms_of(metrics, {"judge-0": [ARMS.high]})
    facts = with_facts(random, answers)
    return lambda: _audit(terms, ratings, facts, draws)


def _verb(root: Path) -> Work:
    """An imported table whose answers have 250 words, and the command that counts it again."""
    random = np.random.default_rng(1)
    metrics = {f"rubric{i}": "ordinal" for i in range(8)}
    answers = places(250)
    table = pl.concat([_of_rubric(random, answers, *named)[0] for named in metrics.items()])
    words = random.choice([f"word{n}" for n in range(4000)], (answers.height, 250))
    texts = pl.DataFrame({"response": answers["response"], "text": [" ".join(x) for x in words]})
    kept = table.filter(pl.col("kind") != "panel").join(texts, on="response")
    (root / "data" / "studies").mkdir(parents=True)
    columns = {"item": "response", "prompt": "prompt", "system": "arm", "criterion": "rubric"}
    columns |= {x: x for x in ("rater", "kind", "score", "language", "text")}
    scale = {"levels": [1, 2, 3, 4, 5]}
    criteria = {x: {"title": {"en": x, "ru": x}, **scale} for x in metrics}
    about = {"name": "big", "title": {"en": "big", "ru": "big"}, "columns": columns}
    wanted = about | {"criteria": criteria, "high": ARMS.high, "low": ARMS.low}
    (root / "big.json").write_text(json.dumps(wanted), "utf-8")  # JSON is YAML
    kept.select(columns.values()).write_csv(root / "big.csv")
    antipode = [sys.executable, "-m", "pipeline"]
    brought = [*antipode, "import", "big.csv", "--columns", "big.json"]
    subprocess.run(brought, cwd=root, check=True, stdout=subprocess.DEVNULL)
    again = partial(subprocess.run, cwd=root, check=True, stdout=subprocess.DEVNULL)
    return lambda: again([*antipode, "audit", "big"])


def _crowd(metric: str, values: int) -> Work:
    """As many people as in DICES, each answer a prompt."""
    random = np.random.default_rng(2)
    answers = places(350)[:350].with_columns(prompt=pl.col("response"))
    truth = random.normal(0, 1, 350)
    ratings = pl.concat(
        rated(answers, "safety", f"person-{i:03}", "human", _levels(random, truth, values))
        for i in range(123)
    )
    metrics = {"safety": metric}
    return lambda: (delta.by_rubric(ratings, metrics), pairwise.by_rubric(ratings, metrics))


def _bootstrap(metric: str) -> Work:
    random = np.random.default_rng(3)
    truth = random.normal(0, 1, 100_000)
    values = np.stack([_levels(random, truth, 5) for _ in range(5)])
    return lambda: bootstrap.replicates(values, metric, 10_000)


def ten_million() -> pl.DataFrame:
    """Three people and two judges on 20 rubrics and 100,000 answers."""
    random = np.random.default_rng(4)
    answers = places(25_000)
    raters = [("ann", "human"), ("bob", "human"), ("eve", "human"), ("x", "judge"), ("y", "judge")]

    def parts() -> Iterator[pl.DataFrame]:
        for place in range(20):
            truth = random.normal(0, 1, answers.height)
            for rater, kind in raters:
                scores = _levels(random, truth, 5)
                yield rated(answers, f"rubric-{place:02}", rater, kind, scores)

    return pl.concat(parts())


def _aggregate(file: Path) -> None:
    ratings = pl.read_parquet(file)
    assert ratings.height == 10_000_000
    rubrics = ratings["rubric"].unique().sort()
    found = agreement.by_rubric(ratings, dict.fromkeys(rubrics, "ordinal"))
    assert found.filter(comparison="humans")["alpha"].null_count() == 0
    assert differences.by_answer(ratings, ARMS).height == 2_000_000
    assert levels.by_arm(ratings, ARMS).height == 2 * len(rubrics)


def _distinct(metric: str) -> Work:
    """Three people, two judges and the panel, no two scores alike."""
    random = np.random.default_rng(5)
    answers = places(42_500)
    truth = random.normal(0, 1, answers.height)
    scores = [50 + 10 * (truth + random.normal(0, 1, answers.height)) for _ in range(6)]
    kinds = ["human"] * 3 + ["judge"] * 2 + ["panel"]
    ratings = pl.concat(
        rated(answers, "depth", f"{kind}-{i}" if kind != "panel" else kind, kind, own)
        for i, (kind, own) in enumerate(zip(kinds, scores, strict=True))
    )
    assert ratings["score"].n_unique() == 1_020_000
    terms, facts = terms_of({"depth": metric}, {}), with_facts(random, answers)
    draws = ratings.filter(kind="judge").with_columns(judge_draw=pl.lit(0, pl.Int64))
    return lambda: _audit(terms, ratings, facts, draws)


def _audit(
    terms: Terms, ratings: pl.DataFrame, answers: pl.DataFrame, draws: pl.DataFrame
) -> list[object]:
    """All sections, as `make score` has them."""
    return [
        judgement.of(terms, ratings, answers),
        judgement.unrated(terms, ratings, draws),
        agreement.by_rubric(ratings, terms.metrics),
        gap.uncorrected(ratings, *ARMS),
    ]


# --- data --------------------------------------------------------------------------------------


def places(prompts: int) -> pl.DataFrame:
    """Four answers per prompt: two languages, two arms."""
    i = np.arange(4 * prompts)
    return pl.DataFrame(
        {
            "response": [f"{x * 2654435761 % 2**64:016x}" for x in i.tolist()],
            "prompt": [f"task-{x // 4:05}" for x in i.tolist()],
            "task_kind": np.where(i // 4 % 2, "irony", "metaphor"),
            "language": np.where(i // 2 % 2, "ru", "en"),
            "arm": np.where(i % 2, ARMS.low, ARMS.high),
            "draw": np.zeros(len(i), np.int64),
        }
    )


def rated(
    answers: pl.DataFrame, rubric: str, rater: str, kind: str, scores: Floats, counts: bool = False
) -> pl.DataFrame:
    """One rater's scores of all answers on one rubric, as RATINGS."""
    machine = None if kind != "judge" else counts
    return answers.with_columns(
        rubric=pl.lit(rubric),
        rater=pl.lit(rater),
        kind=pl.lit(kind),
        rater_class=pl.lit("crowd" if kind == "human" else None, pl.String),
        computed=pl.lit(machine, pl.Boolean),
        score=pl.Series(scores, dtype=pl.Float64),
        reason=pl.lit(None, pl.String),
    ).select(pl.col(name).cast(dtype) for name, dtype in RATINGS.items())


def terms_of(metrics: dict[str, str], own: dict[str, list[str]]) -> Terms:
    """The terms of rubrics that are nothing but a metric and its scale."""
    criteria = [Criterion(x, Text(en=x, ru=x), m, SCALES[m]) for x, m in metrics.items()]
    return Terms(tuple(criteria), ARMS, own, Thresholds())


def with_facts(random: np.random.Generator, answers: pl.DataFrame) -> pl.DataFrame:
    """ANSWERS: nine in ten are complete, and all lengths are known."""
    finish = random.choice(["complete", "truncated"], answers.height, p=[0.9, 0.1])
    words = random.integers(50, 600, answers.height)
    told = answers.with_columns(finish=pl.Series(finish), words=pl.Series(words))
    return told.select(findings.ANSWERS.names())


def _of_rubric(
    random: np.random.Generator, answers: pl.DataFrame, rubric: str, metric: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """RATINGS and DRAWS of one rubric, better by half a level in the high arm."""
    truth = random.normal(0, 1, answers.height) + 0.5 * (answers["arm"] == ARMS.high).to_numpy()

    def scores(noise: float) -> Floats:
        if metric == "interval":
            return np.round(50 + 10 * (truth + random.normal(0, noise, len(truth))), 3)
        return _levels(random, truth, len(SCALES[metric]), noise) - (metric == "nominal")

    parts, own, draws = [], [], []
    for i in range(PEOPLE):
        parts.append(rated(answers, rubric, f"person-{i}", "human", scores(0.9)))
    for i in range(JUDGES):
        name, counts = f"judge-{i}", i == JUDGES - 1
        twice = [scores(1.5 if counts else 0.6) for _ in range(2)]
        both = [rated(answers, rubric, name, "judge", x, counts) for x in twice]
        draws += [x.with_columns(judge_draw=pl.lit(k, pl.Int64)) for k, x in enumerate(both)]
        own.append(twice[0] if metric == "nominal" else np.mean(twice, axis=0))
        parts.append(rated(answers, rubric, name, "judge", own[-1], counts))
    panel = np.median(own[:-1], axis=0)
    parts.append(rated(answers, rubric, "panel", "panel", panel))
    return pl.concat(parts), pl.concat(draws)


def _levels(random: np.random.Generator, truth: Floats, values: int, noise: float = 0.9) -> Floats:
    """Scores 1 to `values`."""
    middle = (values + 1) / 2
    return np.clip(np.round(middle + truth + random.normal(0, noise, len(truth))), 1, values)


if __name__ == "__main__":
    sys.exit(main())
