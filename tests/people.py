"""Studies that are run to their end, and people who rate what came of them."""

import csv
import hashlib
from collections.abc import Callable
from contextlib import nullcontext

from conftest import Project

from pipeline import run, study


def go(project: Project, name: str = "trial", calibrated: bool = False) -> run.Result:
    said: list[str] = []
    return run.execute(
        study.load(name, project.root), lambda _: nullcontext(), said.append, calibrated
    )


def rated(
    project: Project, score: Callable[[dict[str, str], int], int], **more: object
) -> run.Result:
    """The study with its sheet filled in by three people who score as `score` says."""
    go(project)
    sheet = (project.root / "data/runs/trial/sheet.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(sheet.splitlines()))
    with (project.root / "data/gold/three.csv").open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        for n, rater in enumerate(("anna", "boris", "Вера")):
            table.writerows(x | {"rater": rater, "score": str(score(x, n))} for x in rows)
    project.study(languages=["ru", "en"], gold=["three"], **more)
    return go(project)


def people(row: dict[str, str], rater: int) -> int:
    """People who see the high arm about two levels above the low one, each a little differently."""
    level = 4 if "in 100:" in row["answer"] else 2
    return level + (hashlib.sha256(f"{row['response_key']}{rater}".encode()).digest()[0] % 4 == 0)
