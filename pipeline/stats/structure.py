"""How orderly does an answer look: a score of its structure alone, computed from the text.

Creative-writing tests are said to score structure and not originality (MISSION, section 2). This
one sees nothing else: not a word's sense, and not length, as each part is a share or a ratio.
"""

import re
from typing import NamedTuple

import numpy as np
import polars as pl

from judges.surface import words
from pipeline.findings import STRUCTURE
from pipeline.tables import conform

PARTS = ("paragraphs", "variety", "lists", "connectives")
_BREAK = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"[.!?…]+[»”\")\]]*\s+|\n+")
_LISTED = re.compile(r"^\s*(?:[-*•–—]\s+|\d{1,2}[.)]\s+|#{1,6}\s+|\*\*[^*]+\*\*:?\s*$)")
_EN = """
    therefore thus hence however moreover furthermore nevertheless nonetheless meanwhile finally
    firstly secondly thirdly consequently although whereas because while instead otherwise then
"""
_RU = """
    поэтому итак следовательно однако кроме притом впрочем тем между наконец во-первых во-вторых
    в-третьих значит хотя тогда потому ибо зато затем иначе например напротив
"""
CONNECTIVES = {"en": frozenset(_EN.split()), "ru": frozenset(_RU.split())}
"""Words that say how one sentence hangs on another."""


class Structure(NamedTuple):
    """The parts of a text's structure; None where the text has too little to tell."""

    paragraphs: float | None
    """Per 100 words."""
    variety: float | None
    """Of the sentences: their lengths' standard deviation over the mean; of two or more."""
    lists: float | None
    """Share of the lines that are items of a list, or headings."""
    connectives: float | None
    """Per 100 words."""


def measure(text: str, language: str) -> Structure:
    """The structure of one text; all None where it has no word.

    >>> measure("One two. One two three four.", "en").variety  # lengths 2 and 4
    0.3333333333333333
    """
    said = words(text)
    if not said:
        return Structure(None, None, None, None)
    lengths = [n for x in _SENTENCE.split(text) if (n := len(words(x)))]
    variety = None
    if len(lengths) > 1:
        variety = float(np.std(lengths) / np.mean(lengths))
    lines = [x for x in text.splitlines() if x.strip()]
    hits = sum(x in CONNECTIVES[language] for x in said)
    return Structure(
        100 * len([x for x in _BREAK.split(text) if x.strip()]) / len(said),
        variety,
        sum(bool(_LISTED.match(x)) for x in lines) / len(lines),
        100 * hits / len(said),
    )


def by_answer(texts: pl.DataFrame) -> pl.DataFrame:
    """STRUCTURE: each answer's parts, and its score: the mean of their standardised values.

    `texts` has a row (response, prompt, arm, language, text) per answer. A part is standardised
    over all answers in its language, so that it weighs the same whatever its unit; one that does
    not vary, or is null, does not count.
    """
    rows = [
        {**row, **measure(row.pop("text"), row["language"])._asdict()}
        for row in texts.select("response", "prompt", "arm", "language", "text").to_dicts()
    ]
    table = pl.DataFrame(rows, schema={x: STRUCTURE[x] for x in STRUCTURE if x != "score"})
    centred = [
        ((pl.col(x) - pl.col(x).mean()) / _deviation(x)).over("language").alias(f"_{x}")
        for x in PARTS
    ]
    scored = table.with_columns(centred).with_columns(
        score=pl.mean_horizontal(*(f"_{x}" for x in PARTS))
    )
    return conform(scored.select(STRUCTURE.names()), STRUCTURE)


def _deviation(part: str) -> pl.Expr:
    """Null where the part does not vary."""
    deviation = pl.col(part).std()
    return pl.when(deviation > 1e-12).then(deviation)
