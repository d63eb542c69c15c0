"""What a study wants, what of it is stored, and what is therefore owed."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from judges.verdict import Item
from pipeline import generate, gold, score
from pipeline.bench import Bench
from pipeline.errors import UserError
from pipeline.generate import WantedResponse
from pipeline.records import item_of
from pipeline.score import FormDigests, WantedVerdict
from pipeline.store import Run
from pipeline.study import Design

REFUSED = "the judge refused every time it was asked"
UNFIT = "the answer does not fit the judge's window"


class JudgedAnswer(NamedTuple):
    """A stored answer that judges see, and the item they see."""

    want: WantedResponse
    item: Item


class Responses(NamedTuple):
    """The answers that the study wants."""

    wanted: tuple[WantedResponse, ...]
    missing: tuple[WantedResponse, ...]
    """Not stored yet."""


class Verdicts(NamedTuple):
    """The verdicts that the study wants on the answers it has."""

    wanted: tuple[WantedVerdict, ...]
    missing: tuple[WantedVerdict, ...]
    """Neither stored nor refused for good."""
    given_up: dict[str, str]
    """Keys that are not asked for, and why: refused as often as a judge is asked, or too long."""
    unfit: tuple[WantedVerdict, ...]
    """Those of them that did not fit a judge's window when last looked at."""


def responses(design: Design, run: Run) -> Responses:
    """The answers the study wants and those it lacks."""
    wanted = generate.wanted(design)
    return Responses(wanted, tuple(x for x in wanted if x.key not in run.responses))


def judged(run: Run, wanted: Sequence[WantedResponse]) -> tuple[JudgedAnswer, ...]:
    """The stored answers that there is something to judge in, in the order of `wanted`.

    An item has the language that the answer is really in, whatever was asked.
    """
    found = {
        record["key"]: record
        for record in run.responses.read(x.key for x in wanted)
        if record["finish"] in ("complete", "truncated")
    }
    return tuple(
        JudgedAnswer(
            x,
            item_of(x.prompt, found[x.key]["text"], found[x.key]["language_found"] or x.language),
        )
        for x in wanted
        if x.key in found
    )


def verdicts(design: Bench, run: Run, items: Sequence[Item], forms: FormDigests) -> Verdicts:
    """The verdicts that are wanted on `items` and those that are lacking."""
    wanted = score.wanted(design, items, forms)
    refusals: Counter[str] = Counter()
    last: dict[str, str] = {}
    for record in run.failures.records():
        refusals[record["key"]] += record["kind"] == "refusal"
        last[record["key"]] = record["kind"]
    given_up = {
        x.key: REFUSED if refusals[x.key] >= score.REFUSALS else UNFIT
        for x in wanted
        if x.key not in run.verdicts
        and (refusals[x.key] >= score.REFUSALS or last.get(x.key) == "unfit")
    }
    return Verdicts(
        wanted,
        tuple(x for x in wanted if x.key not in run.verdicts and x.key not in given_up),
        given_up,
        tuple(x for x in wanted if given_up.get(x.key) == UNFIT),
    )


def human_ratings(
    design: Design, run: Run, wanted: Sequence[WantedResponse]
) -> tuple[gold.Row, ...]:
    """The study's gold ratings, checked against the answers it wants or has.

    Raises:
        UserError: a file is at fault, or rates an answer that is neither.
    """
    rows = tuple(
        row
        for name in design.study.gold
        for row in gold.load(
            design.root / "data" / "gold" / f"{name}.csv", design.root, design.rubrics
        )
    )
    gold.check_known(rows, {x.key for x in wanted} | run.responses.keys())
    machines = {"panel", *(judge.id for judge in design.panel.judges)}
    faults = [
        f"{where}: rater {rating.rater!r} is also the name of a judge or of the panel"
        for rating, where in rows
        if rating.rater in machines
    ]
    if faults := faults[:1] + gold.repeats(rows)[:20] + gold.classes(rows)[:20]:
        raise UserError("\n".join(faults))
    return rows
