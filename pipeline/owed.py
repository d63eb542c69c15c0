"""What a study wants, what of it is stored, and what is therefore owed."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from judges.verdict import Item
from pipeline import generate, gold, score
from pipeline.generate import WantedResponse
from pipeline.records import item_of
from pipeline.score import FormDigests, WantedVerdict
from pipeline.store import Run
from pipeline.study import Design


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
    given_up: frozenset[str]
    """Keys that a judge refused as often as it is asked."""


def responses(design: Design, run: Run) -> Responses:
    """The answers the study wants and those it lacks."""
    wanted = generate.wanted(design)
    return Responses(wanted, tuple(x for x in wanted if x.key not in run.responses))


def judged(run: Run, wanted: Sequence[WantedResponse]) -> tuple[JudgedAnswer, ...]:
    """The stored answers that there is something to judge in, in the order of `wanted`."""
    texts = {
        record["key"]: record["text"]
        for record in run.responses.read(x.key for x in wanted)
        if record["finish"] in ("complete", "truncated")
    }
    return tuple(
        JudgedAnswer(x, item_of(x.prompt, texts[x.key], x.language))
        for x in wanted
        if x.key in texts
    )


def verdicts(
    design: Design, run: Run, answers: Sequence[JudgedAnswer], forms: FormDigests
) -> Verdicts:
    """The verdicts the study wants on `answers` and those it lacks."""
    wanted = score.wanted(design, [x.item for x in answers], forms)
    refusals = Counter(x["key"] for x in run.failures.records() if x["kind"] == "refusal")
    given_up = frozenset(key for key, count in refusals.items() if count >= score.REFUSALS)
    missing = tuple(x for x in wanted if x.key not in run.verdicts and x.key not in given_up)
    return Verdicts(wanted, missing, given_up)


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
    return rows
