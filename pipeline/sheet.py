"""What people need to rate a study's answers: no arm, no model, in no telling order."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from judges.rubric import seen_digest
from pipeline import gold
from pipeline.owed import JudgedAnswer
from pipeline.study import Design


def blank(design: Design, answers: Sequence[JudgedAnswer]) -> bytes:
    """The sheet as CSV: a row per answer and rubric, in the order given, which must tell nothing.

    A filled-in copy is a gold file: rows whose `rater` is empty are no ratings.
    """
    text = io.StringIO(newline="")
    columns = (*gold.SHEET, *(x for x in gold.COLUMNS if x != "revision"))  # the page counts them
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    for want, item in answers:
        for rubric in design.rubrics:
            table.writerow(
                {
                    "task": item.task,
                    "answer": item.answer,
                    "response_key": want.key,
                    "rubric": rubric.id,
                    "rubric_digest": seen_digest(rubric, design.rubric_language(item.language)),
                }
            )
    return b"\xef\xbb\xbf" + text.getvalue().encode()  # the mark by which spreadsheets see UTF-8


_BY_PEOPLE = tuple(x for x in gold.COLUMNS if x not in {"response_key", "rubric", "rubric_digest"})


def filled(path: Path) -> bool:
    """Whether somebody has begun to rate in the sheet at `path`: then it must not be replaced."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, UnicodeDecodeError):
        return path.exists()
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return any((row.get(x) or "").strip() for row in rows for x in _BY_PEOPLE)


def rubrics(design: Design) -> bytes:
    """The rubrics as text in both languages, as the people who rate need them, and nothing else."""
    parts = []
    for language, look, ignore, boundary, levels in (
        ("en", "Look for", "Ignore", "What belongs to other rubrics", "Levels"),
        (
            "ru",
            "На что смотреть",
            "На что не смотреть",
            "Что относится к другим рубрикам",
            "Уровни",
        ),
    ):
        for rubric in design.rubrics:
            lines = [f"{getattr(rubric.title, language)} ({rubric.id})"]
            lines += ["=" * len(lines[0]), "", getattr(rubric.question, language), ""]
            for head, said in ((look, rubric.look_for), (ignore, rubric.ignore)):
                lines += [f"{head}:", *(f"- {x}" for x in getattr(said, language)), ""]
            if rubric.boundary is not None:
                lines += [f"{boundary}:", getattr(rubric.boundary, language), ""]
            lines.append(f"{levels}:")
            for level in rubric.levels:
                name, anchor = getattr(level.name, language), getattr(level.anchor, language)
                lines.append(f"{level.level} — {name}: {anchor}")
            parts.append("\n".join(lines))
    return ("\n\n\n".join(parts) + "\n").encode()
