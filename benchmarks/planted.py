"""Is a planted cause found, and no other: a ladder of scripted arms under a scripted panel.

    python -m benchmarks.planted [seeds]

A study on disk is run by `run.execute` itself. Each task's text holds the words of twelve
witnesses, one after another; an arm reasons from those that it still sees in what it is put, and a
narrow window cuts the first of them off. Its depth is how many witnesses it reasons from. Nothing
else takes or gives depth within one size of model, though every other factor is moved as well,
through the knobs, settings and models that move it in a real study. Three people rate the
two ends, two judges all arms; both go by the answer alone. Seeds differ in all that chance decides:
what each arm makes of a witness it sees, and how each judge and person reads an answer.
"""

import asyncio
import csv
import hashlib
import json
import re
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from dspy.lm15 import Request

from benchmarks.scripted import answered_by, write
from judges.rubric import seen_digest
from pipeline import asking, gold, owed, run, study
from pipeline.models.catalogue import Model
from pipeline.programs.words import PICK, THINK
from pipeline.stats import causes
from pipeline.store import Run
from pipeline.study import Design

HOME = Path(__file__).resolve().parents[1]
TASKS, WITNESSES, PEOPLE = 48, 12, 3
JUDGES = ("first", "second")
RUBRICS = ("depth", "irony")
KINDS = ("creative", "irony", "ontology", "philosophical")
TALENT = {"large": 0.85, "small": 0.6}
"""How often a model of that size makes something of a witness that it sees."""
NARROW, REPLY = 420, 200
"""The narrow window and the reply's share of it, tokens: less than half of a task is left."""
NOISE = {"judge": 0.5, "person": 1.0}
"""The deviation of one reading of an answer, levels."""
DEEP, SHALLOW = "bears on what the others leave out", "is one more voice among all the others"
_SAW = (
    "the lamp burned on the side of the river, and the gate had not been locked that evening.",
    "a cart without a horse stood in the lane, and its driver was asking for the way to a mill.",
    "nobody had rung the bell, and yet those in the yard looked up as though it had been rung.",
    "there were two coats on one hook, and whoever came for the first one took both with them.",
)
WRY, PLAIN = "and nobody smiled, which was the joke", "and that was all that anybody said of it"
ENDS: dict[str, dict[str, Any]] = {
    "large": {"thinking_tokens": 64, "candidates": 2},
    "small": {"window_tokens": NARROW},
}
LEVELS: dict[str, dict[str, Any]] = {
    "context": {
        "hicap": {"knobs": {"window_tokens": NARROW}},
        "locap": {"knobs": {"window_tokens": None}},
    },
    "thinking": {"hicap": {"knobs": {"thinking_tokens": None}}},
    "extras": {"hicap": 1, "locap": 2},
    "sampling": {
        "hicap": {"sampling": {"temperature": 0.2}},
        "locap": {"sampling": {"temperature": 1.0}},
    },
    "quantisation": {"hicap": "large_quantised", "locap": "small_whole"},
    "attention": {"hicap": "large_sliding", "locap": "small_attentive"},
    "experts": {"hicap": "large_few", "locap": "small_more"},
    "speculative": {"hicap": "large_guessing"},
}
"""Where each factor is moved to from each end."""


def script(seed: int, model: Model, request: Request) -> str:
    """What a model says: a judge's verdict, rough notes, its choice of drafts, or an answer."""
    said = request.messages[-1].text or ""
    every = tuple(x.text for x in request.messages)
    random = _chance(seed, model.id, request.config.temperature, request.config.seed, every)
    if request.config.response_format is not None:
        rubric = next(x for x in RUBRICS if _question(x) in f"{request.system}{said}")
        score = reading("judge", said, rubric, random)
        reply = {"rationale": "so", "evidence": [], "score": score, "abstention": None}
        return json.dumps(reply)
    if said.endswith(PICK["en"].format(count=2)):
        return str(random.integers(1, 3))
    if said.endswith(THINK["en"]):
        return "Some of them saw it and some of them did not."
    return answer(request.messages[0].text or "", TALENT[model.id.split("_")[0]], random)


def answer(put: str, talent: float, random: np.random.Generator) -> str:
    """As many sentences as a task has witnesses, of one length whatever the arm has seen."""
    seen = re.findall(r"Witness (\w+) ", put)
    deep = random.binomial(len(seen), talent)
    wry = random.binomial(WITNESSES, random.uniform(0.25, 0.75))
    ends = [WRY] * wry + [PLAIN] * (WITNESSES - wry)
    middles = [DEEP] * deep + [SHALLOW] * (WITNESSES - deep)
    random.shuffle(middles)
    return "\n".join(
        f"What was said {n} {middle}, {end}."
        for n, (middle, end) in enumerate(zip(middles, ends, strict=True), 1)
    )


def reading(who: str, text: str, rubric: str, random: np.random.Generator) -> int:
    """The level that one reader gives to an answer."""
    share = text.count(DEEP if rubric == "depth" else WRY) / WITNESSES
    return int(np.clip(np.round(1 + 4 * share + random.normal(0, NOISE[who])), 1, 5))


def _chance(*told: object) -> np.random.Generator:
    """The same for the same: what is said does not hang on who is asked first."""
    return np.random.default_rng(list(hashlib.sha256(repr(told).encode()).digest()))


@cache
def _question(rubric: str) -> str:
    return str(
        yaml.safe_load((HOME / f"rubrics/{rubric}.yaml").read_text("utf-8"))["question"]["en"]
    )


def build(root: Path) -> None:
    """The files of the study, without people's ratings."""
    both = {"en": "x", "ru": "y"}
    for number in range(TASKS):
        text = " ".join(
            f"Witness {chr(65 + n)} saw case {number} from a place of their own: {_SAW[n % 4]}"
            for n in range(WITNESSES)
        )
        kind = KINDS[number % len(KINDS)]
        task = {"id": f"case_{number}", "kind": kind, "title": both}
        write(root, f"data/tasks/case_{number}.yaml", task | {"text": {"en": text, "ru": text}})
    base = {"training": "instruct", "price": {"input_per_million": 0, "output_per_million": 0}}
    base |= {"base_url": "http://127.0.0.1:9/v1", "context_tokens": 32768}
    loaded = {
        "large": ("none", {}),
        "large_quantised": ("awq", {}),
        "large_sliding": ("none", {"sliding_window": 512}),
        "large_few": ("none", {"active_experts": 1}),
        "large_guessing": ("none", {"speculative": {"method": "ngram"}}),
        "small": ("awq", {"sliding_window": 512, "active_experts": 1}),
        "small_whole": ("none", {"sliding_window": 512, "active_experts": 1}),
        "small_attentive": ("awq", {"active_experts": 1}),
        "small_more": ("awq", {"sliding_window": 512}),
    }
    models: dict[str, dict[str, Any]] = {}
    for port, (name, (quantisation, serving)) in enumerate(loaded.items(), 9001):
        own = {"provider": "vllm", "base_url": f"http://127.0.0.1:{port}/v1", "family": "arms"}
        own |= {"name": name.split("_")[0], "quantisation": quantisation, "serving": serving}
        models[name] = base | own
    for name in JUDGES:
        own = {"provider": "openai-compatible", "base_url": "http://127.0.0.1:9/v1"}
        models[name] = base | own | {"name": name, "family": name}
    write(root, "data/models.yaml", {"models": models})
    judges = [{"id": x, "model": x, "sampling": {"max_tokens": 200}} for x in JUDGES]
    write(root, "judges/panels/scripted.yaml", {"id": "scripted", "judges": judges})
    for name, knobs in ENDS.items():
        profile = {"quantisation": "none", "inference": "tuned"}
        profile |= {"thinking": {"mode": "capped" if "thinking_tokens" in knobs else "none"}}
        sampling = {"temperature": 0.7, "seed": 1, "max_tokens": REPLY}
        arm = {"id": name, "title": both, "model": name, "sampling": sampling}
        write(root, f"data/arms/{name}.yaml", arm | {"knobs": knobs, "profile": profile})
    (root / "rubrics").symlink_to(HOME / "rubrics")
    trial = {"name": "trial", "title": both, "arms": {"hicap": "large", "locap": "small"}}
    trial |= {"tasks": "all", "languages": ["en"], "rubrics": list(RUBRICS), "panel": "scripted"}
    trial["ablations"] = [
        {"factor": factor, "start": start, "levels": [level]}
        for factor, levels in LEVELS.items()
        for start, level in levels.items()
    ]
    write(root, "data/studies/trial.yaml", trial)


def rate(design: Design, seed: int) -> None:
    """People's ratings of every answer of the two ends, as the file that the study names."""
    ends = {x.name for x in design.ends}
    with Run(design.folder) as held:
        found = owed.responses(design, held).wanted
        texts = {x["key"]: x["text"] for x in held.responses.read([x.key for x in found])}
    digests = {x.id: seen_digest(x, "en") for x in design.rubrics}
    path = design.root / "data/gold/people.csv"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, gold.COLUMNS)
        table.writeheader()
        for want in found:
            for rubric in RUBRICS if want.arm.name in ends else ():
                for person in range(PEOPLE):
                    random = _chance(seed, person, rubric, want.key)
                    score = reading("person", texts[want.key], rubric, random)
                    row = {"rater": f"p{person}", "response_key": want.key, "rubric": rubric}
                    table.writerow(row | {"rubric_digest": digests[rubric], "score": score})


def states(seed: int) -> dict[str, str]:
    """What the run says of each cause, from nothing: asked, rated, judged and told."""
    with tempfile.TemporaryDirectory() as folder, answered_by(partial(script, seed)):
        root = Path(folder)
        build(root)
        design = study.load("trial", root)
        with Run(design.folder) as held:
            found = owed.responses(design, held)
            asyncio.run(asking.responses(design, held, found, lambda _: nullcontext()))
        rate(design, seed)
        path = root / "data/studies/trial.yaml"
        path.write_text(path.read_text("utf-8") + "gold: [people]\n", "utf-8")
        result = run.execute(study.load("trial", root), lambda _: nullcontext(), lambda _: None)
        assert result.owed == 0, result.reasons
        rows = result.derived.causes.to_dicts()
    return {x["factor"]: x["state"] for x in rows}


def main(seeds: int) -> int:
    """Print in how many seeds each cause came out supported; 1 where that is not as planted."""
    found: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for one in pool.map(states, range(seeds)):
            found.update(factor for factor, state in one.items() if state == "supported")
    print(f"supported in so many of {seeds} seeds (context is planted):")
    for factor in causes.CAUSE.values():
        print(f"  {factor}: {found[factor]}")
    others = max(found[x] for x in causes.CAUSE.values() if x != "context")
    return 0 if found["context"] >= 0.95 * seeds and others <= 0.10 * seeds else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
