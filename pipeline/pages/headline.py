"""What the headline picture shows, and the sentence that it supports."""

import math
from collections.abc import Sequence

from judges.rubric import Text
from pipeline.pages.notes import note
from pipeline.pages.numerals import fill, listed, number
from pipeline.pages.slip import Slip
from pipeline.pages.views import Row, rows, titles
from pipeline.pages.words import WORDS

GROUPS = ("benchmark", "rubric", "structure")


def names(slip: Slip) -> dict[tuple[str, str], Text]:
    """What each row of HEADLINE is called, by its group and name."""
    return {
        ("structure", "structure"): WORDS["headline_structure_row"],
        **{("benchmark", name): said for name, said in slip.benchmark_titles.items()},
        **{("rubric", name): said for name, said in titles(slip.criteria).items()},
    }


def drawn(slip: Slip) -> list[Row]:
    """The rows of HEADLINE that stand in the picture."""
    return [row for row in rows(slip.headline) if row["value"] is not None]


def undrawn(slip: Slip) -> list[Text]:
    """What the picture lacks, each with the reason."""
    called = names(slip)
    found = []
    for group in GROUPS:
        mine = [row for row in rows(slip.headline) if row["group"] == group]
        if not mine or (group == "rubric" and all(x["value"] is None for x in mine)):
            found.append(WORDS[f"headline_no_{group}"])
        for row in mine:
            if row["value"] is None:
                said, why = called[group, row["name"]], note(row["note"] or "")
                found.append(Text(en=f"{said.en} — {why.en}", ru=f"{said.ru} — {why.ru}"))
    return found


def sentences(slip: Slip) -> list[Text]:
    """What the picture supports, the main sentence first."""
    every = rows(slip.headline)
    marks, criteria = ([x for x in every if x["group"] == y] for y in ("benchmark", "rubric"))
    rubrics = [x for x in criteria if x["stands"] is not None]
    structure = [x for x in every if x["group"] == "structure" and x["stands"] is not None]
    lacking = {"benchmark": any(x["stands"] for x in marks), "rubric": bool(rubrics)}
    found = []
    if not all(lacking.values()):
        what = listed(WORDS[f"headline_lack_{x}"] for x, there in lacking.items() if not there)
        found.append(fill("headline_says_lacks", what=what))
    else:
        found += [_main(slip, marks, criteria), _prediction(slip, criteria)]
    found += [_silent(slip, x) for x in marks if x["stands"] is None]
    for row in structure:
        gap = _estimate(row)
        found.append(fill(f"headline_structure_{row['stands']}", gap=gap))
    return found


def _silent(slip: Slip, row: Row) -> Text:
    """That a benchmark told nothing, and why."""
    return fill(
        "headline_silent", name=names(slip)[row["group"], row["name"]], why=note(row["note"])
    )


def _counted(criteria: Sequence[Row], key: str = "stands") -> dict[str, Text]:
    """On how many of how many rubrics there is something to say."""
    known = sum(x[key] is not None for x in criteria)
    return {"known": number(known, 0), "rubrics": number(len(criteria), 0)}


def _main(slip: Slip, marks: Sequence[Row], criteria: Sequence[Row]) -> Text:
    rubrics = [x for x in criteria if x["stands"] is not None]
    same = all(x["stands"] == "equivalent" for x in marks)
    apart, far = _apart(rubrics), _apart(marks)
    values = {
        "bound": number(slip.equivalence),
        "apart": _told(slip, apart),
        "benchmarks": _told(slip, far),
        "needed": _needed(marks, slip.equivalence),
        **_counted(criteria),
    }
    if same:
        alike = all(x["stands"] == "equivalent" for x in rubrics)
        return fill(
            f"headline_says_{'illusion' if apart else 'same' if alike else 'quiet'}", **values
        )
    if far and apart:
        ways = {x["value"] > 0 for x in (*far, *apart)}
        return fill(f"headline_says_{'both' if len(ways) == 1 else 'opposed'}", **values)
    kind = "benchmarks" if far else "creative" if apart else "open"
    return fill(f"headline_says_{kind}", **values)


def _apart(found: Sequence[Row]) -> list[Row]:
    return [x for x in found if x["stands"] == "apart"]


def _prediction(slip: Slip, criteria: Sequence[Row]) -> Text:
    """Whether a gap on a rubric differs surely from the mean gap of the benchmarks."""
    known = [x for x in criteria if x["beyond"] is not None]
    sure = [x for x in known if x["beyond_low"] > 0 or x["beyond_high"] < 0]
    if sure:
        said = listed(_named(slip, x, _span(x, "beyond")) for x in sure)
        return fill("headline_predicts_not", beyond=said)
    reach = max(abs(x[end]) for x in known for end in ("beyond_low", "beyond_high"))
    counted = _counted(criteria, "beyond")
    return fill("headline_predicts_open", reach=number(reach, 1), **counted)


def _told(slip: Slip, found: Sequence[Row]) -> Text:
    return listed(_named(slip, x, _estimate(x)) for x in found)


def _named(slip: Slip, row: Row, said: Text) -> Text:
    title = names(slip)[row["group"], row["name"]].quoted
    return Text(en=f"{title.en} {said.en}", ru=f"{title.ru} {said.ru}")


def _estimate(row: Row) -> Text:
    return _span(row, "value")


def _span(row: Row, name: str) -> Text:
    """A value with its 95% interval, as the picture writes it."""
    ends = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    value, low, high = (number(row[x], 2, signed=True) for x in (name, *ends))
    return Text(en=f"{value.en} [{low.en}, {high.en}]", ru=f"{value.ru} [{low.ru}; {high.ru}]")


def _needed(marks: Sequence[Row], bound: float) -> Text:
    """About how many items would show equivalence where it is open and the gap is small enough."""
    most = 0
    for row in marks:
        if row["stands"] != "open":
            continue
        room = bound - abs(row["low_90"] + row["high_90"]) / 2
        if room <= bound / 10:  # so near the bound that the count would be a guess
            return WORDS["headline_no_needed"]
        half = (row["high_90"] - row["low_90"]) / 2
        most = max(most, math.ceil(row["prompts"] * (half / room) ** 2))
    return fill("headline_needed", items=number(most, 0)) if most else WORDS["headline_no_needed"]


def table(slip: Slip) -> list[Row]:
    """BENCHMARKS over both languages together; by language they stand in benchmarks.csv."""
    return [x for x in rows(slip.benchmarks) if x["language"] is None]
