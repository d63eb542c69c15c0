"""A rubric from its file: held to what no single field can tell, each fault with its line."""

from collections.abc import Iterator
from pathlib import Path

from judges.rubric import Rubric, Text
from judges.surface import language_of
from judges.verdict import Language
from pipeline import files
from pipeline.errors import UserError
from pipeline.fields import Path_

Fault = tuple[Path_, str]
"""Where it stands in the file, and what is wrong and what would be right."""


def load(path: Path, root: Path) -> Rubric:
    """The rubric at `path`.

    Raises:
        UserError: as for `files.load`; or a text is not in its language, the two languages have
            lists of unequal length, two levels are one, or an example is missing.
    """
    parsed, name = files.parse(path, root), files.shown(path, root)
    rubric = files.validate(parsed, Rubric, name)
    found = [*_foreign(rubric), *_unequal(rubric), *_one_twice(rubric), *_examples(rubric)]
    if found:
        raise UserError(
            "\n".join(
                f"{name}:{_line(at, parsed.lines)}: field {files.dotted(at)!r} {said}"
                for at, said in sorted(found, key=lambda x: _line(x[0], parsed.lines))
            )
        )
    return rubric


def _line(at: Path_, lines: dict[Path_, int]) -> int:
    """Of a field that is not there, the line of what it would stand in."""
    return next(lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in lines)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


_SCRIPTS: dict[Language, tuple[str, str]] = {
    "en": ("Latin", "English"),
    "ru": ("Cyrillic", "Russian"),
}


def _foreign(rubric: Rubric) -> Iterator[Fault]:
    """Texts that are not in their language, told by script."""
    for at, text in _texts(rubric):
        for language, (script, name) in _SCRIPTS.items():
            said = getattr(text, language)
            if language_of(said) == language:
                continue
            if language == "ru" and _plain(text.en) == _plain(text.ru):
                yield (*at, "ru"), "is the English one again; write it in Russian"
            else:
                yield (*at, language), f"is not mostly {script} letters; write it in {name}"
    for field in ("look_for", "ignore"):
        for language, (script, name) in _SCRIPTS.items():
            for index, line in enumerate(getattr(getattr(rubric, field), language)):
                if language_of(line) != language:
                    yield (
                        (field, language, index),
                        f"is not mostly {script} letters; write it in {name}",
                    )


def _texts(rubric: Rubric) -> Iterator[tuple[Path_, Text]]:
    """The texts of a rubric, each with where it stands; those of lists left out."""
    given = ("title", "question", "boundary", "examples_answer")
    whole: list[tuple[Path_, Text | None]] = [((x,), getattr(rubric, x)) for x in given]
    whole += [
        (("levels", index, x), getattr(level, x))
        for index, level in enumerate(rubric.levels)
        for x in ("name", "anchor", "example")
    ]
    yield from ((at, text) for at, text in whole if text is not None)


def _unequal(rubric: Rubric) -> Iterator[Fault]:
    for name in ("look_for", "ignore"):
        given = getattr(rubric, name)
        if len(given.en) != len(given.ru):
            yield (
                (name,),
                f"has {len(given.en)} lines in English and {len(given.ru)} in Russian; a judge "
                "must be told the same in both",
            )


def _one_twice(rubric: Rubric) -> Iterator[Fault]:
    for name in ("name", "anchor"):
        for language in ("en", "ru"):
            first: dict[str, int] = {}
            for index, level in enumerate(rubric.levels):
                text = _plain(getattr(getattr(level, name), language))
                other = first.setdefault(text, level.level)
                if other != level.level:
                    yield (
                        ("levels", index, name, language),
                        f"is that of level {other}; say what sets level {level.level} apart",
                    )


def _examples(rubric: Rubric) -> Iterator[Fault]:
    last = len(rubric.levels) - 1
    # Of five levels the first, the third and the fifth.
    needed = {0, last} | ({last // 2} if last % 2 == 0 else set())
    told = ", ".join(str(rubric.levels[x].level) for x in sorted(needed))
    for index in sorted(needed):
        if rubric.levels[index].example is None:
            yield (
                ("levels", index, "example"),
                f"is missing; the levels {told} need one, all on one task",
            )
