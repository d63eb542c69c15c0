"""Which benchmark questions a study wants of its arms, and which of them it still lacks."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from judges.digest import digest
from judges.verdict import Language
from pipeline import generate
from pipeline.arms import Arm
from pipeline.benchmarks.marking import mark
from pipeline.benchmarks.wordings import Question, questions
from pipeline.costs import worst_cost
from pipeline.findings import MARKS
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tables import conform

if TYPE_CHECKING:
    from pipeline.models.endpoint import Endpoint
    from pipeline.work import Job


class WantedReply(NamedTuple):
    """One benchmark question for one arm; `generate.answer` asks it as it asks a task."""

    key: str
    arm: Arm
    question: Question

    @property
    def name(self) -> str:
        """What the record calls it."""
        return f"{self.question.benchmark}/{self.question.item}/{self.question.form}"

    @property
    def language(self) -> Language:
        """The language it is asked in."""
        return self.question.language

    @property
    def draw(self) -> int:
        """Each is asked once."""
        return 0

    @property
    def first(self) -> str:
        """All that is put to the model."""
        return self.question.prompt

    @property
    def second(self) -> str | None:
        """There is no second turn."""
        return None

    @property
    def prompt(self) -> str:
        """The same as `first`."""
        return self.question.prompt

    @property
    def turns(self) -> int:
        """Replies that it takes."""
        return 1


class Replies(NamedTuple):
    """The replies that a study wants on benchmarks."""

    wanted: tuple[WantedReply, ...]
    missing: tuple[WantedReply, ...]
    """Not stored yet."""

    def without(self, arms: Collection[str]) -> "Replies":
        """Those of the other arms."""
        wanted, missing = (tuple(x for x in found if x.arm.name not in arms) for found in self)
        return Replies(wanted, missing)


def wanted(design: Design) -> tuple[WantedReply, ...]:
    """Every benchmark question for every arm that it is put to, in a fixed order.

    The key is made of all that determines a reply, the arm and the wording: the same question in
    two forms that come out alike would be asked once.
    """
    ends = {x.name for x in design.ends}
    put = [(x.arms, questions(x, design.study.languages)) for x in design.benchmarks]
    return tuple(
        WantedReply(digest("benchmark", *who, question.prompt), arm, question)
        for arm in design.arms
        for who in [(arm.identity, arm.program_identity)]
        for arms, every in put
        if arms == "all" or arm.name in ends
        for question in every
    )


def replies(design: Design, run: Run) -> Replies:
    """The replies the study wants, and those it lacks."""
    every = wanted(design)
    return Replies(every, tuple(x for x in every if x.key not in run.benchmarks))


def job(want: WantedReply, endpoint: "Endpoint") -> "Job":
    """The job that asks one question."""
    from pipeline.work import Job

    price, tokens = want.arm.model.price, generate.tokens_of(want)
    return Job(
        key=want.key,
        who=want.arm.name,
        endpoint=endpoint,
        worst_cost=worst_cost(price, tokens, generate.most_tokens_of(want)),
        ask=partial(generate.answer, want, endpoint),
    )


def said(record: Mapping[str, Any]) -> str:
    """What is marked of a stored reply: nothing where it was cut off, refused or did not fit."""
    return str(record["text"]) if record["finish"] == "complete" else ""


def marks(found: Replies, records: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """MARKS of the stored replies; null for those that are owed."""
    rows = []
    for want in found.wanted:
        asked, record = want.question, records.get(want.key)
        rows.append(
            {
                "arm": want.arm.name,
                "benchmark": asked.benchmark,
                "item": asked.item,
                "language": asked.language,
                "form": asked.form,
                "mark": None if record is None else mark(asked, said(record)),
                "finish": None if record is None else record["finish"],
                "reply": None if record is None else record["text"],
                "right": asked.right,
            }
        )
    return conform(pl.DataFrame(rows, schema=MARKS), MARKS)
