"""What became of what was asked: which answers came, what they keep to, what it all cost."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline import costs, tables
from pipeline.derive import State
from pipeline.tasks import checks

Records = Mapping[str, dict[str, Any]]


def completion(state: State, answers: Records) -> pl.DataFrame:
    """COMPLETION: what became of the answers asked for, per arm and language."""
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for want in state.responses.wanted:
        record = answers.get(want.key)
        cell = rows[want.arm.name, want.language]
        cell["wanted"] += 1
        cell["owed" if record is None else str(record["finish"])] += 1
    names = ("wanted", "complete", "truncated", "refused", "empty", "overflow", "owed")
    return tables.conform(
        pl.DataFrame(
            [
                {"arm": arm, "language": language, **{name: cell[name] for name in names}}
                for (arm, language), cell in rows.items()
            ],
            schema=tables.COMPLETION,
        ),
        tables.COMPLETION,
    )


def checks_table(state: State) -> pl.DataFrame:
    """CHECKS: what each judged answer keeps of what its task sets, as far as code can tell."""
    rows = [
        {
            "response": want.key,
            "task": want.task.id,
            "language": want.language,
            "arm": want.arm.name,
            "check": check.name,
            "met": check.met,
            "found": check.found,
        }
        for want, item in state.judged
        for check in checks(want.task, want.language, item.answer)
    ]
    return tables.conform(pl.DataFrame(rows, schema=tables.CHECKS), tables.CHECKS)


def costs_table(
    state: State, answers: Records, replies: Records, verdicts: Records
) -> pl.DataFrame:
    """COSTS: calls, tokens, time and money per arm and judge.

    Calls are requests sent, tries again included: an answer of two turns took two or more. Beside
    the records in use: those asked earlier and no longer wanted, and the failed calls.
    """
    calls: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for want in state.responses.wanted:
        if want.key in answers:
            calls["answers", want.arm.name].append(answers[want.key]["call"])
    for reply in state.replies.wanted:
        if reply.key in replies:
            calls["benchmarks", reply.arm.name].append(replies[reply.key]["call"])
    for verdict in state.verdicts.wanted:
        record = verdicts.get(verdict.key)
        if record is not None and record["call"] is not None:
            calls["verdicts", verdict.judge.id].append(record["call"])
    asked_by = {x.key: x.who for x in state.landscape.wanted}
    for record in state.run.landscape.read(asked_by):
        calls["landscape", asked_by[record["key"]]].append(record["call"])
    for journal, wanted in (
        (state.run.responses, {x.key for x in state.responses.wanted}),
        (state.run.benchmarks, {x.key for x in state.replies.wanted}),
        (state.run.verdicts, {x.key for x in state.verdicts.wanted}),
        (state.run.landscape, {x.key for x in state.landscape.wanted}),
    ):
        for record in journal.read(journal.keys() - wanted):
            if record["call"] is not None:
                who = record.get("arm") or record.get("judge") or record["who"]
                calls["superseded", who].append(record["call"])
    for record in state.run.failures.records():
        failed = {"attempts": record["attempts"], "cost": record.get("cost")}
        calls["failed", record["who"]].append(_NOTHING | failed)
    rows = [
        {
            "stage": stage,
            "who": who,
            "calls": sum(x["attempts"] for x in group),
            "seconds": sum(x["seconds"] for x in group),
            **{
                name: costs.total([x[name] for x in group])
                for name in ("tokens_in", "tokens_out", "tokens_thinking", "cost")
            },
        }
        for (stage, who), group in calls.items()
    ]
    return tables.conform(pl.DataFrame(rows, schema=tables.COSTS), tables.COSTS)


_NOTHING = {"tokens_in": None, "tokens_out": None, "tokens_thinking": None, "seconds": 0.0}
"""What is known of a failed call but its cost and how often it was tried."""
