"""The long texts that tasks are read with, from the files that their YAML names."""

from pathlib import Path

from judges.rubric import Text
from pipeline.errors import UserError
from pipeline.tasks import Task


def with_text(task: Task, root: Path) -> Task:
    """`task` with the text that its `reads_file` names in `reads`; as it is where it names none.

    Raises:
        UserError: the text is missing, empty or no UTF-8 in one of the languages.
    """
    if task.reads_file is None:
        return task
    texts = {x: _text(task, f"{task.reads_file}.{x}.txt", root) for x in ("en", "ru")}
    return task.model_copy(update={"reads": Text(**texts), "reads_file": None})


def _text(task: Task, name: str, root: Path) -> str:
    folder = root / "data" / "texts"
    where = f"data/tasks/{task.id}.yaml: reads_file is {task.reads_file!r}, but data/texts/{name}"
    try:
        text = (folder / name).read_text("utf-8").strip()
    except FileNotFoundError:
        there = sorted({x.name.split(".")[0] for x in folder.glob("*.txt")})
        raise UserError(f"{where} is missing; there are: {', '.join(there) or 'none'}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{where} cannot be read as UTF-8 text: {error}") from None
    if not text:
        raise UserError(f"{where} is empty")
    return text
