"""lm-eval at work: its tasks made of our questions, its model an arm asked through our endpoints.

The only module that imports lm-eval, an extra: half a gigabyte with what it needs, and six seconds
to import, so it is loaded where something is owed and nowhere else.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.benchmarks.asked import WantedReply
from pipeline.benchmarks.marking import mark
from pipeline.errors import UserError

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance

Ask = Callable[[Sequence[str]], dict[str, str]]
"""Replies by key: asks what is not stored, and leaves out what still is owed."""

INSTALL = 'pip install "lm-eval[api]>=0.4.13"'


class StillOwedError(Exception):
    """Some replies could not be had now: lm-eval cannot finish, and the run owes them."""


def installed() -> bool:
    """Whether lm-eval is there."""
    return find_spec("lm_eval") is not None


def check_installed(study: str) -> None:
    """Refuse to go on without lm-eval.

    Raises:
        UserError: it is not installed.
    """
    if not installed():
        raise UserError(
            f"data/studies/{study}.yaml: benchmarks needs the extra lm-eval, which is not "
            f"installed: {INSTALL} into the .venv, or take `benchmarks` out"
        )


def evaluate(questions: Sequence[WantedReply], ask: Ask) -> dict[str, float]:
    """lm-eval's accuracy by arm/benchmark/language/form, once all is asked.

    All tasks go into one evaluation, so that every question is owed at once and all arms are
    asked side by side.

    Raises:
        StillOwedError: `ask` could not bring all of them.
    """
    import lm_eval.api.task
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    lm_eval.api.task.tqdm = lambda found, **_: found  # a bar per task would break up our own
    groups: dict[str, list[WantedReply]] = {}
    for want in questions:
        asked = want.question
        name = f"{want.arm.name}/{asked.benchmark}/{asked.language}/{asked.form}"
        groups.setdefault(name, []).append(want)
    found = simple_evaluate(
        model=_model(ask),
        tasks=[_task(name, group) for name, group in groups.items()],
        task_manager=TaskManager(include_defaults=False),
        bootstrap_iters=0,
        log_samples=False,
        random_seed=None,  # nothing here is drawn by lm-eval
        numpy_random_seed=None,
        torch_random_seed=None,
    )
    assert found is not None, "lm-eval gives None on ranks beside the first only"
    return {name: float(found["results"][name]["right,none"]) for name in groups}


def documents(task: str, folder: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents of a task or group of lm-eval, each with its task's name; needs a network.

    `folder` has further tasks.

    Raises:
        UserError: lm-eval has no task of that name.
    """
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=None if folder is None else str(folder))
    if task not in manager.all_tasks:
        raise UserError(f"lm-eval has no task {task!r}; lm-eval ls tasks lists them")
    for name, one in sorted(manager.load([task])["tasks"].items()):
        for document in one.eval_docs:
            yield name, dict(document)


def _task(name: str, group: Sequence[WantedReply]) -> dict[str, Any]:
    """A task of lm-eval: zero examples shown, each question asked as text, marked by ours."""
    by_key = {x.key: x.question for x in group}

    def items(**_: Any) -> dict[str, Any]:
        from datasets import Dataset

        rows = [{"key": x.key, "prompt": x.prompt, "right": x.question.right} for x in group]
        return {"test": Dataset.from_list(rows)}

    def marked(doc: dict[str, str], replies: Sequence[str]) -> dict[str, float]:
        return {"right": float(mark(by_key[doc["key"]], replies[0]) == "right")}

    return {
        "task": name,
        "custom_dataset": items,
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": lambda doc: doc["prompt"],
        "doc_to_target": lambda doc: doc["right"],
        "process_results": marked,
        "metric_list": [{"metric": "right", "aggregation": "mean", "higher_is_better": True}],
        "generation_kwargs": {"until": []},
        "num_fewshot": 0,
    }


def _model(ask: Ask) -> Any:
    """A model of lm-eval whose text comes through our endpoints."""
    from lm_eval.api.model import LM

    class Endpoints(LM):  # type: ignore[misc]
        """Chat models give no log-likelihood of a text that they did not write."""

        def loglikelihood(self, requests: "list[Instance]", **_: Any) -> Any:
            raise NotImplementedError("chat models are asked for text: generate_until")

        loglikelihood_rolling = loglikelihood

        def generate_until(self, requests: "list[Instance]", **_: Any) -> list[str]:
            keys = [str(x.doc["key"]) for x in requests]
            replies = ask(keys)
            if any(x not in replies for x in keys):
                raise StillOwedError
            return [replies[x] for x in keys]

    return Endpoints()
