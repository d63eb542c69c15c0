"""A YAML file with some of its texts changed, and everything else left as it stands."""

import difflib
import json
import re
import textwrap
from collections.abc import Mapping

from pipeline import files
from pipeline.fields import Path_
from pipeline.files import Scalar

_NARROWEST, _WIDEST = 60, 120
_HEADER = re.compile(r"[|>][-+0-9]*")


def amended(text: str, changes: Mapping[Path_, str]) -> str:
    """The YAML `text` with new values at the places of `changes`, each written as the old one was.

    A block is folded again to the width of the file; what is quoted stays quoted. Comments, blank
    lines and line ends of the rest are kept to the letter. New values are single paragraphs.
    """
    found = files.scalars(text)
    width = _width(text)
    for place in sorted(changes, key=lambda x: found[x].start, reverse=True):
        scalar = found[place]
        written = text[scalar.start : scalar.end]
        if scalar.style in (">", "|"):
            end = scalar.start + len(written.rstrip())
            new = _folded(text, scalar, changes[place], width)
        else:
            end, new = scalar.end, _inline(changes[place], scalar.style)
        text = text[: scalar.start] + new + text[end:]
    return text


def _folded(text: str, scalar: Scalar, new: str, width: int) -> str:
    """`new` as a folded block with the indentation of the old one."""
    written = text[scalar.start : scalar.end]
    header, *content = written.split("\n")
    first = next((x for x in content if x.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    lines = textwrap.wrap(new, width - len(indent), break_long_words=False, break_on_hyphens=False)
    return _line_end(text).join(
        [_HEADER.sub(">-", header.rstrip("\r"), count=1), *(indent + line for line in lines)]
    )


def _inline(new: str, style: str | None) -> str:
    if style == "'":
        return "'" + new.replace("'", "''") + "'"
    return json.dumps(new, ensure_ascii=False)  # what stood bare may need quotes by now


def _width(text: str) -> int:
    """How wide the file is written, its comments left aside."""
    lines = [x.rstrip() for x in text.split("\n") if not x.lstrip().startswith("#")]
    return min(max(_NARROWEST, *map(len, lines)), _WIDEST)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def diff(before: str, after: str, path: str) -> str:
    """The unified diff that `git apply` and `patch -p1` take at the root that `path` starts from.

    Empty where the texts are equal.
    """
    lines = difflib.unified_diff(
        _lines(before), _lines(after), f"a/{path}", f"b/{path}", lineterm="\n"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    r"""Lines with their ends; only \n ends a line, as for `patch`."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
