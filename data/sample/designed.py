"""Print the sample study's gold: for each written answer, the levels that it was written for.

`python data/sample/designed.py > data/gold/sample.csv`, from the project folder, whenever a text
of answers.yaml, a task or the wording of a rubric has changed.
"""

import csv
import sys
from pathlib import Path

from judges.rubric import seen_digest
from pipeline import generate, gold, study
from pipeline.models import recorded

_COMMENT = {
    "en": "the level the text was written for; nobody rated it",
    "ru": "уровень, на который текст написан; никто его не оценивал",
}


def rows(root: Path) -> list[dict[str, object]]:
    """One row per answer and rubric, in the columns of `pipeline.gold`."""
    design = study.load("sample", root)
    found: list[dict[str, object]] = []
    for want in generate.wanted(design):
        file = root / str(want.arm.model.file)
        levels = next(
            x.levels
            for x in recorded.load(file, root).answers
            if (x.variant, x.task, x.language) == (want.arm.model.name, want.task.id, want.language)
        )
        for rubric in design.rubrics:
            found.append(
                dict.fromkeys(gold.COLUMNS, "")
                | {
                    "rater": gold.DESIGNED,
                    "rater_class": "skilled",
                    "response_key": want.key,
                    "rubric": rubric.id,
                    "rubric_digest": seen_digest(rubric, want.language),
                    "score": levels[rubric.id],
                    "comment": _COMMENT[want.language],
                }
            )
    return found


if __name__ == "__main__":
    table = csv.DictWriter(sys.stdout, gold.COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows(Path.cwd()))
