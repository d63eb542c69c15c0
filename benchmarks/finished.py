"""A finished study of many verdicts in a folder of its own: files, answers and verdicts made up.

`python -m benchmarks.finished FOLDER TASKS` makes it; a task brings 800 verdicts.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import yaml
from dspy.lm15 import Message, Request, Response, Usage

from benchmarks.workload import QUOTED, ROOT, answer
from judges import surface
from judges.verdict import Language
from pipeline import generate, owed, score, study
from pipeline.forms import Forms
from pipeline.models.compatible import CompatibleEngine
from pipeline.models.endpoint import Endpoint
from pipeline.store import Run
from pipeline.study import Design

STUDY = "restart"
RUBRICS = ("depth", "irony", "meta_reflection", "ontological_branching")
LANGUAGES: tuple[Language, Language] = ("ru", "en")
DRAWS = 5
JUDGES = 5
JUDGE_DRAWS = 2
VERDICTS_PER_TASK = 2 * len(LANGUAGES) * DRAWS * len(RUBRICS) * JUDGES * JUDGE_DRAWS
_KINDS = ("creative", "long_chain", "irony", "ontology", "meta_reflection", "philosophical")
_RATIONALE_CHARACTERS = 600
_ENOUGH_TO_TELL = 600
"""Characters of a request that show its language."""


class _Author(CompatibleEngine):
    """Writes an answer, or a verdict where the request asks for its form; asks no server."""

    def __init__(self) -> None:
        self._count = 0

    async def complete(self, request: Request) -> Response:
        self._count += 1
        asked = request.messages[-1].text or ""
        language = surface.language_of(asked[:_ENOUGH_TO_TELL]) or "en"
        text = answer(self._count, language)
        if request.config.response_format is not None:
            choice = random.Random(self._count)
            quotes = [choice.choice(list(QUOTED.values())) for _ in range(2)]
            verdict = {
                "rationale": text[:_RATIONALE_CHARACTERS],
                "evidence": quotes,
                "score": choice.randint(1, 5),
                "abstention": None,
            }
            text = json.dumps(verdict, ensure_ascii=False)
        return Response(
            id=None,
            model=request.model,
            message=Message.assistant(text),
            finish_reason="stop",
            usage=Usage(input_tokens=2400, output_tokens=210),
        )


def make(root: Path, tasks: int) -> None:
    """Write the study's files and all its records: nothing is owed, no report is made yet."""
    write_files(root, tasks)
    write_records(root)


def write_records(root: Path) -> None:
    """Every answer and verdict that the study in `root` wants."""
    asyncio.run(_write_records(study.load(STUDY, root)))


async def _write_records(design: Design) -> None:
    author = _Author()
    endpoints = {name: Endpoint(model, author) for name, model in design.models.items()}
    forms = Forms(design, {})
    with Run(design.folder) as run:
        wanted = owed.responses(design, run).wanted
        for want in wanted:
            run.responses.append(await generate.job(want, endpoints[want.arm.model.id]).ask())
        items = [x.item for x in owed.judged(run, wanted)]
        for verdict in score.wanted(design, items, forms):
            endpoint = endpoints[str(verdict.judge.model)]
            job = score.job(verdict, endpoint, forms, budget=False)
            run.verdicts.append(await job.ask())


def write_files(root: Path, tasks: int) -> None:
    """The files of a project with the one study, whose models nobody will ask."""
    for name, content in _files(tasks).items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (root / "rubrics").symlink_to(ROOT / "rubrics")


def _files(tasks: int) -> dict[str, Any]:
    """The files of a study whose arms and judges stand on servers that are never asked."""
    server = {
        "provider": "openai-compatible",
        "base_url": "http://127.0.0.1:9/v1",
        "training": "instruct",
        "price": {"input_per_million": 0.5, "output_per_million": 1.5},
    }
    judges = [f"judge_{n}" for n in range(JUDGES)]
    models = {x: {**server, "name": x, "family": x} for x in ("high", "low", *judges)}
    files: dict[str, Any] = {
        f"data/studies/{STUDY}": {
            "name": STUDY,
            "title": {"en": "A finished study", "ru": "Законченное исследование"},
            "arms": {"hicap": "high", "locap": "low"},
            "tasks": "all",
            "languages": list(LANGUAGES),
            "draws": DRAWS,
            "rubrics": list(RUBRICS),
            "panel": STUDY,
        },
        "data/models": {"models": models},
        f"judges/panels/{STUDY}": {
            "id": STUDY,
            "judges": [{"id": x, "model": x, "draws": JUDGE_DRAWS} for x in judges],
        },
    }
    for arm in ("high", "low"):
        files[f"data/arms/{arm}"] = {
            "id": arm,
            "title": {"en": arm, "ru": arm},
            "model": arm,
            "profile": {
                "quantisation": "none",
                "thinking": {"mode": "none"},
                "inference": "defaults",
            },
        }
    for n in range(tasks):
        files[f"data/tasks/task_{n}"] = {
            "id": f"task_{n}",
            "kind": _KINDS[n % len(_KINDS)],
            "title": {"en": f"Task {n}", "ru": f"Задание {n}"},
            "text": {x: answer(n, x) for x in LANGUAGES},
        }
    return files


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
