"""A blank sheet of a study's answers for people to rate: no arm, no model, in no telling order."""

import csv
import io
from collections.abc import Sequence

from judges.rubric import seen_digest
from pipeline import gold
from pipeline.owed import JudgedAnswer
from pipeline.study import Design


def blank(design: Design, answers: Sequence[JudgedAnswer]) -> bytes:
    """The sheet as CSV: a row per answer and rubric, in the order of the answers' keys.

    A filled-in copy is a gold file: rows whose `rater` is empty are no ratings.
    """
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, (*gold.SHEET, *gold.COLUMNS), lineterminator="\n")
    table.writeheader()
    for want, item in sorted(answers, key=lambda x: x.want.key):
        for rubric in design.rubrics:
            table.writerow(
                {
                    "task": item.task,
                    "answer": item.answer,
                    "response_key": want.key,
                    "rubric": rubric.id,
                    "rubric_digest": seen_digest(rubric, design.rubric_language(want.language)),
                }
            )
    return b"\xef\xbb\xbf" + text.getvalue().encode()  # the mark by which spreadsheets see UTF-8
