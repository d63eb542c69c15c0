"""The tables of the probability landscape, from what a study has stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from pipeline.landscape.records import unpacked
from pipeline.landscape.wanted import Landscape, Wanted
from pipeline.owed import JudgedAnswer
from pipeline.stats import breadth, landscape, repetition
from pipeline.stats.breadth import Pair
from pipeline.study import Design

Records = Mapping[str, dict[str, Any]]
Cell = dict[str, Any]
Draws = dict[tuple[str, str, str], dict[int, str]]
"""(arm, prompt, language) -> text, or key of an embedding, by draw."""


class Tables(NamedTuple):
    """What is known of the landscape; all empty where it is not asked for."""

    landscape: pl.DataFrame
    """LANDSCAPE."""
    landscape_gaps: pl.DataFrame
    """LANDSCAPE_GAPS."""
    divergence: pl.DataFrame
    """DIVERGENCE."""


def tables(
    design: Design, wanted: Landscape, records: Records, judged: Sequence[JudgedAnswer]
) -> Tables:
    """The tables of a study, of what is stored by now."""
    if design.study.landscape is None:
        nothing = pl.DataFrame(schema=breadth.CELLS)
        return Tables(
            breadth.by_arm(nothing, {}),
            breadth.gaps(pl.DataFrame(schema=breadth.PAIRED)),
            breadth.divergences(pl.DataFrame(schema=breadth.APART), {}),
        )
    pairs = pairs_of(design)
    entropies = _frame(_entropies(wanted.wanted, records))
    answers = _answers(judged)
    vectors = {
        x.key: unpacked(found["vector"])
        for x in wanted.wanted
        if x.kind == "embedding" and (found := records.get(x.key)) and found["vector"]
    }
    embedded = _embedded(wanted.wanted, vectors)
    cells = pl.concat([entropies, _frame(_distinct(answers)), _frame(_spread(embedded, vectors))])
    paired = pl.concat(
        [
            breadth.differences(entropies, pairs),
            _paired(_distinct_gaps(answers, pairs)),
            _paired(_spread_gaps(embedded, vectors, pairs)),
        ]
    )
    apart, refused = _apart(design, pairs, wanted, records)
    return Tables(
        breadth.by_arm(cells, _lacking(design, wanted, records, cells)),
        breadth.gaps(paired),
        breadth.divergences(apart, refused),
    )


def pairs_of(design: Design) -> list[Pair]:
    """The pairs of arms that are set side by side: the ends, and each other arm with either end."""
    ends = (design.hicap.name, design.locap.name)
    between = [x.name for x in design.arms if x.name not in ends]
    return [ends, *((ends[0], x) for x in between), *((x, ends[1]) for x in between)]


def _entropies(wanted: Sequence[Wanted], records: Records) -> Iterable[Cell]:
    """The mean bounds over the places of each arm, prompt and language."""
    found: dict[tuple[str, str, str, str], list[landscape.Entropy]] = defaultdict(list)
    names = {"opening": "entropy_own", "next": "entropy_same"}
    for want in wanted:
        if want.kind in names and (record := records.get(want.key)) is not None:
            place = (names[want.kind], want.arm, want.language, want.task)
            found[place] += [landscape.entropy(x) for x in record["logprobs"]]
    for (measure, arm, language, prompt), places in found.items():
        if places:
            mean = np.array(places).mean(axis=0)
            yield _cell(measure, arm, language, prompt, float(mean[0]), len(places)) | {
                "most": float(mean[1]),
                "rest": float(mean[2]),
            }


def _answers(judged: Sequence[JudgedAnswer]) -> Draws:
    found: Draws = defaultdict(dict)
    for want, item in judged:
        found[want.arm.name, want.task.id, want.language][want.draw] = item.answer
    return found


def _embedded(wanted: Sequence[Wanted], vectors: Mapping[str, list[float]]) -> Draws:
    found: Draws = defaultdict(dict)
    for want in wanted:
        if want.key in vectors:
            found[want.arm, want.task, want.language][want.draw] = want.key
    return found


def _several(draws: Draws) -> Iterable[tuple[tuple[str, str, str], list[str]]]:
    """The draws of each cell that has two or more: as many as the arm with the fewest has."""
    fewest: dict[tuple[str, str], int] = {}
    for (_, prompt, language), texts in draws.items():
        if len(texts) > 1:
            least = fewest.get((prompt, language), len(texts))
            fewest[prompt, language] = min(least, len(texts))
    for place, texts in sorted(draws.items()):
        if len(texts) > 1:
            yield place, _first(texts, fewest[place[1], place[2]])


def _first(texts: Mapping[int, str], count: int) -> list[str]:
    return [texts[x] for x in sorted(texts)[:count]]


def _distinct(answers: Draws) -> Iterable[Cell]:
    for (arm, prompt, language), texts in _several(answers):
        for n in (1, 2, 3):
            value = repetition.pooled(texts, n)
            if value is not None:
                yield _cell(f"distinct_{n}", arm, language, prompt, value, len(texts))


def _spread(embedded: Draws, vectors: Mapping[str, list[float]]) -> Iterable[Cell]:
    for (arm, prompt, language), keys in _several(embedded):
        value = landscape.spread([vectors[x] for x in keys])
        assert value is not None, "there are two draws"
        yield _cell("spread", arm, language, prompt, value, len(keys))


def _both(draws: Draws, pairs: Sequence[Pair]) -> Iterable[tuple[Cell, list[str], list[str]]]:
    """As many draws of both arms of a pair, two or more, wherever both have them."""
    places = sorted({(prompt, language) for _, prompt, language in draws})
    for high, low in pairs:
        for prompt, language in places:
            one, other = (draws.get((x, prompt, language), {}) for x in (high, low))
            count = min(len(one), len(other))
            if count > 1:
                about = {"high_arm": high, "low_arm": low, "language": language, "prompt": prompt}
                yield about, _first(one, count), _first(other, count)


def _distinct_gaps(answers: Draws, pairs: Sequence[Pair]) -> Iterable[Cell]:
    """Differences of distinct-n over as many draws, each cut to as many words: longer repeats."""
    for about, one, other in _both(answers, pairs):
        most = min(repetition.length(x) for x in (*one, *other))
        for n in (1, 2, 3):
            high, low = (repetition.pooled(x, n, most) for x in (one, other))
            if high is not None and low is not None:
                yield {**about, "measure": f"distinct_{n}", "difference": high - low}


def _spread_gaps(
    embedded: Draws, vectors: Mapping[str, list[float]], pairs: Sequence[Pair]
) -> Iterable[Cell]:
    for about, one, other in _both(embedded, pairs):
        high, low = (landscape.spread([vectors[x] for x in keys]) for keys in (one, other))
        assert high is not None, "there are two draws"
        assert low is not None, "there are two draws"
        yield {**about, "measure": "spread", "difference": high - low}


def _lacking(
    design: Design, wanted: Landscape, records: Records, cells: pl.DataFrame
) -> dict[tuple[str, str], str]:
    """Why a measure of an arm has no value at all, where it has none."""
    there = set(cells.select("measure", "arm").unique().iter_rows())
    told: dict[tuple[str, str], str] = {}
    kinds = {"opening": "entropy_own", "next": "entropy_same", "embedding": "spread"}
    for want in wanted.wanted:
        if (record := records.get(want.key)) is not None and record["said"]:
            told.setdefault((kinds[want.kind], want.arm), record["said"])
    few = "fewer than two draws of any answer" if design.study.draws > 1 else "one draw per answer"
    found: dict[tuple[str, str], str] = {}
    for measure in breadth.MEASURES:
        drawn = measure.startswith(("distinct", "spread"))
        for arm in design.arms:
            place = (measure, arm.name)
            if place not in there:
                known = wanted.lacking.get(place) or told.get(place)
                found[place] = known or (few if drawn else "not asked yet")
    return found


def _apart(
    design: Design, pairs: Sequence[Pair], wanted: Landscape, records: Records
) -> tuple[pl.DataFrame, dict[Pair, str]]:
    """APART of the pairs that can be held side by side; and why the others cannot."""
    places: dict[str, dict[str, tuple[Wanted, dict[str, Any]]]] = defaultdict(dict)
    for want in wanted.wanted:
        if want.kind == "next" and (record := records.get(want.key)) and record["tokens"]:
            places[want.arm][want.text] = (want, record)
    rows: list[Cell] = []
    refused: dict[Pair, str] = {}
    for high, low in pairs:
        lacking = (wanted.lacking.get(("entropy_same", x)) for x in (high, low))
        shared = [x for x in places[high] if x in places[low]]
        sides = [(places[high][x], places[low][x][1]) for x in shared]
        why = next((x for x in lacking if x), None) or _unlike([(x[1], y) for x, y in sides])
        if why is not None:
            refused[high, low] = why
            continue
        rows += [_distance((high, low), want, one, other) for (want, one), other in sides]
    return pl.DataFrame(rows, schema=breadth.APART), refused


def _unlike(sides: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> str | None:
    """Why next tokens may not be compared; None where all texts are as many tokens to both."""
    if not sides:
        return "no text was continued by both"
    counts = [(x["call"]["tokens_in"], y["call"]["tokens_in"]) for x, y in sides]
    if any(x is None or y is None for x, y in counts):
        return "a server does not count the tokens of a text: the tokenisers may differ"
    unlike = sum(x != y for x, y in counts)
    if unlike:
        return f"the tokenisers differ: {unlike} of {len(counts)} texts are not as many tokens"
    return None


def _distance(pair: Pair, want: Wanted, one: dict[str, Any], other: dict[str, Any]) -> Cell:
    sides = [
        {token or f"{landscape.UNTOLD}{name}{i}": p for i, (token, p) in enumerate(_shown(x))}
        for name, x in (("p", one), ("q", other))
    ]
    found = landscape.divergence(*sides)
    return {
        "high_arm": pair[0],
        "low_arm": pair[1],
        "language": want.language,
        "prompt": want.task,
        **found._asdict(),
        "same_top": float(found.same_top),
    }


def _shown(record: dict[str, Any]) -> Iterable[tuple[str, float]]:
    return zip(record["tokens"], record["logprobs"][0], strict=True)


def _cell(measure: str, arm: str, language: str, prompt: str, value: float, units: int) -> Cell:
    about = {"measure": measure, "arm": arm, "language": language, "prompt": prompt}
    return about | {"value": value, "most": None, "rest": None, "units": units}


def _frame(cells: Iterable[Cell]) -> pl.DataFrame:
    return pl.DataFrame(list(cells), schema=breadth.CELLS)


def _paired(cells: Iterable[Cell]) -> pl.DataFrame:
    return pl.DataFrame(list(cells), schema=breadth.PAIRED)
