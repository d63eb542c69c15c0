"""How far is an answer from the common one: the computed companion of the rubric on leaps.

Two texts are near where they say the same words in the same pairs. Words count by their first
letters, so that endings do not part them, and by how rare they are in the study (tf-idf; Salton and
Buckley 1988). A distance is 1 - cosine: 0 the same words, 1 none in common. Nobody judges here: a
far answer may be nonsense, a near one a quotation; that is why it stands beside the rubric and not
in its place.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.findings import ORIGINALITY
from pipeline.stats.differences import Arms
from pipeline.stats.ppi import plain
from pipeline.tables import conform

_WORD = re.compile(r"[^\W\d_]+")
_STEM = 5
"""Letters of a word that count; Russian endings begin about there."""
LEAST_OTHERS = 2
"""Fewer others are no pool: with one, both answers are as far from it as each other."""
MOST_ANSWERS = 20_000
"""Answers beyond which distances are not counted."""

Vector = dict[str, float]


class Distances(NamedTuple):
    """How far one answer is."""

    pool: float | None
    """Mean distance to the other answers to its task in its language; None = under two, as next."""
    nearest: float | None
    """To the nearest of them."""
    banal: float | None
    """Distance to the banal answer written for the task; None = the task has none."""


def grams(text: str) -> Counter[str]:
    """The stems and pairs of neighbouring stems of a text, with their numbers.

    >>> grams("Озеро и озёра").most_common(1)
    [('озеро', 1)]
    >>> sorted(grams("The lake, the lakes"))
    ['lake', 'lake the', 'lakes', 'the', 'the lake', 'the lakes']
    """
    stems = [x.lower()[:_STEM] for x in _WORD.findall(text.replace("ё", "е").replace("Ё", "Е"))]
    return Counter(chain(stems, map(" ".join, pairwise(stems))))


def distances(
    texts: Sequence[str], banal: str | None, rarity: Vector, common: float
) -> list[Distances]:
    """How far each of the answers to one task is; `common` is the rarity of what is not known."""
    vectors = [_vector(grams(x), rarity, common) for x in texts]
    template = None if banal is None else _vector(grams(banal), rarity, common)
    found = []
    for place, one in enumerate(vectors):
        others = [1 - _cosine(one, x) for i, x in enumerate(vectors) if i != place]
        pool = len(others) >= LEAST_OTHERS
        found.append(
            Distances(
                float(np.mean(others)) if pool else None,
                min(others) if pool else None,
                None if template is None else 1 - _cosine(one, template),
            )
        )
    return found


def by_answer(texts: pl.DataFrame) -> pl.DataFrame:
    """The distances of every answer, as ORIGINALITY.

    `texts` has a row per answer: response, prompt, language, arm, text, banal (null = the task has
    none). Empty where there are more than `MOST_ANSWERS`, or no task has two.
    """
    if texts.height > MOST_ANSWERS or texts["prompt"].is_unique().all():
        return pl.DataFrame(schema=ORIGINALITY)
    rows = []
    for (language,), spoken in texts.sort("language", "prompt", "response").group_by(
        ["language"], maintain_order=True
    ):
        rarity, common = _rarity(spoken["text"].to_list())
        for (prompt,), part in spoken.group_by(["prompt"], maintain_order=True):
            banal = part["banal"][0]
            found = distances(part["text"].to_list(), banal, rarity, common)
            rows += [
                {
                    "response": row["response"],
                    "prompt": prompt,
                    "language": language,
                    "arm": row["arm"],
                    **one._asdict(),
                    "others": part.height - 1,
                }
                for row, one in zip(part.to_dicts(), found, strict=True)
            ]
    return conform(pl.DataFrame(rows, schema=ORIGINALITY), ORIGINALITY)


class Gap(NamedTuple):
    """How much further one arm's answers are than the other's, over prompts."""

    measure: str
    """pool | nearest | banal."""
    high: float | None
    low: float | None
    gap: float | None
    gap_low: float | None
    """95% interval, Student's over prompts."""
    gap_high: float | None
    prompts: int


def gaps(found: pl.DataFrame, arms: Arms) -> list[Gap]:
    """The arms set side by side on each measure, from ORIGINALITY."""
    result = []
    for measure in ("pool", "nearest", "banal"):
        means = (
            found.drop_nulls(measure)
            .group_by("prompt", "arm")
            .agg(pl.col(measure).mean())
            .sort("prompt", "arm")
        )
        sides = [means.filter(arm=x).select("prompt", x=measure) for x in arms]
        both = sides[0].join(sides[1], on="prompt", maintain_order="left")
        change = (both["x"] - both["x_right"]).to_numpy()
        if not len(change):
            result.append(Gap(measure, None, None, None, None, None, 0))
            continue
        spread = plain(change) if len(change) >= 3 else None
        result.append(
            Gap(
                measure,
                float(both["x"].to_numpy().mean()),
                float(both["x_right"].to_numpy().mean()),
                float(change.mean()),
                None if spread is None else spread.low,
                None if spread is None else spread.high,
                len(change),
            )
        )
    return result


def _rarity(texts: Sequence[str]) -> tuple[Vector, float]:
    """log((1 + n) / (1 + texts with it)) + 1 of each gram, and of one that no text has."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(grams(text).keys())
    most = len(texts) + 1
    return {x: math.log(most / (1 + n)) + 1 for x, n in counts.items()}, math.log(most) + 1


def _vector(counts: Counter[str], rarity: Vector, common: float) -> Vector:
    """The weights of a text, of length 1; empty where it has no word."""
    weights = {x: (1 + math.log(n)) * rarity.get(x, common) for x, n in counts.items()}
    size = math.sqrt(sum(x * x for x in weights.values()))
    return {x: w / size for x, w in weights.items()} if size else {}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = sorted((one, other), key=len)
    return min(1.0, sum(w * large[x] for x, w in small.items() if x in large))
