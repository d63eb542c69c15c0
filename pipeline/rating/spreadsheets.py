"""Text that a spreadsheet may open without taking any of it for a formula, and back."""

import re

_ACTIVE = "=+\\-@＝＋－＠"
# Where semicolons part cells, a comma-separated file falls into other cells than it was written in.
_START = r"(^|[;\t])([\s\"]*)"
_OPEN = re.compile(f"{_START}('*[{_ACTIVE}])")
_SHUT = re.compile(f"{_START}'('*[{_ACTIVE}])")


def harmless(text: str) -> str:
    r"""`text` in one line, with an apostrophe before whatever some spreadsheet takes for a formula.

    >>> harmless("x;=1+1"), harmless("first\n=1+2"), harmless("a=b")
    ("x;'=1+1", 'first =1+2', 'a=b')
    """
    return _OPEN.sub(r"\1\2'\3", " ".join(text.splitlines()))


def plain(text: str) -> str:
    """What `harmless` was made of, but for its line breaks.

    >>> plain(harmless("'=1; =2")), plain("it's"), plain("'quoted'")
    ("'=1; =2", "it's", "'quoted'")
    """
    return _SHUT.sub(r"\1\2\3", text)
