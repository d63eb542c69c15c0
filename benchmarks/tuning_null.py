"""How often tuning on labels shuffled at random sees a gain in the lockbox, by the real tuning.

A study on disk is tuned by `pipeline.tuning.tune` itself: scripted judges answer in this process,
people's scores are drawn anew for every seed and have nothing to do with the answers, every wording
is looked at, the one that stands best is taken, and the lockbox is opened on it.

Run from the project folder, minutes on one core:

    python -m benchmarks.tuning_null [seeds]
"""

import csv
import hashlib
import json
import shutil
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from dspy.lm15 import Request

from benchmarks.scripted import answered_by, write
from judges.rubric import Rubric
from pipeline import files, generate, gold, run, study
from pipeline.ledger import Ledger
from pipeline.models.catalogue import Model
from pipeline.study import Design
from pipeline.tuning import tune
from pipeline.tuning.tune import Tuned, Wish

HOME = Path(__file__).resolve().parents[1]
TASKS, WORDINGS, PEOPLE = 40, 6, 3
RUBRIC = "irony"


class Found(NamedTuple):
    """What tuning on one draw of labels came to."""

    held: bool
    """Whether the lockbox's interval of the change contains 0."""
    tune_half: float
    """The gain there of the wording that was taken, on the one that tuning began with."""
    lockbox: float
    """Its gain in the lockbox, on the version it is set beside."""


def judge(model: Model, request: Request) -> str:
    """A judge that guesses by the answer and by all that it is told."""
    said = (request.system or "", request.messages[-1].text)
    level = 1 + hashlib.sha256(repr(said).encode()).digest()[0] % 5
    return json.dumps({"rationale": "so", "evidence": [], "score": level, "abstention": None})


def build(root: Path) -> Design:
    """A study of so many tasks, with the answers of two arms and the verdicts on them."""
    names = [f"t{n:02}" for n in range(TASKS)]
    both = {"en": "x", "ru": "y"}
    for name in names:
        text = {"en": f"What is {name}?", "ru": f"Что такое {name}?"}
        task = {"id": name, "kind": "creative", "title": both, "text": text}
        write(root, f"data/tasks/{name}.yaml", task)
    answers = [
        {"task": x, "language": "en", "variant": v, "text": f"{x} is a thing of {v}."}
        for x in names
        for v in ("high", "low")
    ]
    write(root, "data/answers.yaml", {"origin": "written", "answers": answers})
    base = {"training": "instruct", "price": {"input_per_million": 0, "output_per_million": 0}}
    told = base | {"provider": "recorded", "file": "data/answers.yaml", "family": "written"}
    judge = base | {"provider": "openai-compatible", "name": "judge", "family": "judge"}
    judge |= {"base_url": "http://127.0.0.1:9/v1", "context_tokens": 16384}
    models = {x: told | {"name": x} for x in ("high", "low")} | {"judge": judge}
    write(root, "data/models.yaml", {"models": models})
    profile = {"quantisation": "none", "thinking": {"mode": "none"}, "inference": "defaults"}
    for arm in ("high", "low"):
        fields = {"id": arm, "title": both, "model": arm, "profile": profile}
        write(root, f"data/arms/{arm}.yaml", fields)
    one = {"id": "one", "model": "judge", "sampling": {"max_tokens": 200}}
    write(root, "judges/panels/one.yaml", {"id": "one", "judges": [one]})
    (root / "rubrics").mkdir()
    shutil.copy(HOME / "rubrics" / f"{RUBRIC}.yaml", root / "rubrics")
    trial = {"name": "trial", "title": both, "arms": {"hicap": "high", "locap": "low"}}
    trial |= {"tasks": "all", "languages": ["en"], "rubrics": [RUBRIC], "panel": "one"}
    write(root, "data/studies/trial.yaml", trial)
    unrated = study.load("trial", root)
    run.execute(unrated, lambda _: nullcontext(), lambda _: None)
    (root / "data/gold").mkdir()
    label(root, [x.key for x in generate.wanted(unrated)], 0)
    write(root, "data/studies/trial.yaml", trial | {"gold": ["people"]})
    return study.load("trial", root)


def label(root: Path, keys: list[str], seed: int) -> None:
    """People who agree with one another, about qualities dealt to the answers at random."""
    random = np.random.default_rng((7, seed))
    quality = random.permutation(random.normal(3, 1, len(keys)))
    given = np.clip(np.round(quality + random.normal(0, 0.7, (PEOPLE, len(keys)))), 1, 5)
    with (root / "data/gold/people.csv").open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, gold.COLUMNS)
        table.writeheader()
        for rater, scores in enumerate(given):
            for key, level in zip(keys, scores, strict=True):
                row = {"rater": f"p{rater}", "response_key": key, "rubric": RUBRIC}
                table.writerow(row | {"score": int(level)})


def worded(design: Design, wording: int) -> Design:
    """The study after an edit of the rubric: wording 0 is the one that it came with."""
    loaded = yaml.safe_load((HOME / "rubrics" / f"{RUBRIC}.yaml").read_text("utf-8"))
    if wording:
        for language, line in (("en", f"Line {wording}."), ("ru", f"Строка {wording}.")):
            loaded["look_for"][language].append(line)
    write(design.root, f"rubrics/{RUBRIC}.yaml", loaded)
    path = design.root / "rubrics" / f"{RUBRIC}.yaml"
    return design._replace(rubrics=(files.load(path, Rubric, design.root),))


def tuned(design: Design, seed: int, open_lockbox: bool = False) -> Tuned:
    return tune.tune(design, Wish(RUBRIC, seed, open_lockbox), lambda _: nullcontext())


def one_seed(design: Design, seed: int) -> Found:
    """Tune on the labels of one seed, from nothing, and open the lockbox."""
    root = design.root
    (root / "rubrics/tuning.jsonl").unlink(missing_ok=True)
    shutil.rmtree(root / "rubrics/versions", ignore_errors=True)
    label(root, [x.key for x in generate.wanted(design)], seed)
    wordings: dict[int, int] = {}
    for wording in range(WORDINGS + 1):
        wordings[tuned(worded(design, wording), seed).version.number] = wording
    looks = Ledger(root).looks(RUBRIC)
    # The one judge scores every answer under every wording: the alphas are of the same scores.
    alphas = {x.version: x.alpha for x in looks if x.alpha is not None}
    best = max(alphas, key=lambda x: alphas[x])
    found = tuned(worded(design, wordings[best]), seed, open_lockbox=True)
    change = found.halves["lockbox"].change
    assert change is not None
    assert change.value is not None
    assert change.low is not None
    assert change.high is not None
    gain = alphas[best] - alphas[1]
    return Found(change.low <= 0 <= change.high, gain, change.value)


def main(seeds: int) -> None:
    """Print the share of draws whose lockbox shows no change, and both mean gains."""
    with tempfile.TemporaryDirectory() as folder, answered_by(judge):
        design = build(Path(folder))
        found = np.array([one_seed(design, seed) for seed in range(seeds)])
    held, tune_half, lockbox = found.mean(axis=0)
    print(f"{seeds} draws of labels, {WORDINGS} edits, {TASKS} tasks")
    print(f"lockbox interval contains 0: {held:.1%}")
    print(f"gain on the tune half: {tune_half:+.3f}; in the lockbox: {lockbox:+.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
