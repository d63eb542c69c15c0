"""Where a reply's thinking ends and its answer begins."""

import re

_THINK = re.compile(
    r"\s*<think(?:ing)?>(?P<open>.*?)(?:</think(?:ing)?>|\Z)"
    r"|(?P<bare>(?:(?!<think).)*?)</think(?:ing)?>[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""Thinking at the beginning of a reply: between tags, or up to a closing tag whose opening one
stood in the prompt. Tags that an answer only speaks of stand elsewhere, or inside a line."""


def split_thinking(text: str) -> tuple[str, str]:
    r"""The thinking that a reply begins with, and the answer after it.

    >>> split_thinking("<think>so</think> Yes.")
    ('so', 'Yes.')
    >>> split_thinking("first this\n</think>\n\nYes.")
    ('first this', 'Yes.')
    >>> split_thinking("The <think> tag is a stage direction.")
    ('', 'The <think> tag is a stage direction.')
    """
    found = _THINK.match(text)
    if found is None:
        return "", text.strip()
    thinking = found.group("open") if found.group("open") is not None else found.group("bare")
    return thinking.strip(), text[found.end() :].strip()
