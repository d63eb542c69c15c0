"""What a terminal shows at the end: short tables and plain lines."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline import judgement
from pipeline.audit import Audit
from pipeline.doctor import Need
from pipeline.goldplan import GoldPlan
from pipeline.plan import ANSWER_TOKENS, Plan
from pipeline.ratings import PANEL
from pipeline.stats.planning import Needed
from pipeline.stats.terms import Terms
from pipeline.study import Design
from pipeline.tabled.counted import Counted
from pipeline.taskcheck import TaskCheck
from pipeline.tasks import Task

if TYPE_CHECKING:
    from pipeline.derive import Derived

WRITTEN = "written texts and designed levels: no measurement of any model or person"
SIMULATED = "SIMULATED raters and judges: no measurement of any model or person"


def summary(
    terms: Terms,
    derived: "Derived",
    said: Sequence[str] = (),
    uncalibrated: Sequence[str] = (),
) -> list[str]:
    """The short table of a study: per rubric both arms, the gap and the panel beside people.

    `said` are lines that stand before it: what the figures are, where they measure nothing;
    `uncalibrated` the rubrics on which the panel is not held against people as it stands.
    """
    panel = derived.agreement.filter(
        pl.col("comparison") == "judge-human", pl.col("rater") == PANEL
    )
    rated = not derived.ratings.filter(pl.col("kind") == "human").is_empty()
    beside = {row["rubric"]: row for row in panel.to_dicts()} if rated else {}
    judged = not derived.ratings.filter(pl.col("kind") != "human").is_empty()
    verdict = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    verdict |= {x: "uncalibrated" for x in uncalibrated if x in verdict}
    belief = {
        x.id: [
            _alpha(beside.get(x.id)) if judged else "no judges",
            verdict.get(x.id, "unrated" if judged else "no judges"),
        ]
        for x in terms.criteria
    }
    head = ["panel-human alpha [95%]", "panel is"]
    if terms.arms is None:
        return [*said, *table([["rubric", *head], *([x, *cells] for x, cells in belief.items())])]
    gaps = _gaps(terms, derived, verdict)
    rows = [[x, *gaps[x], *cells] for x, cells in belief.items() if x in gaps]
    lines = table([["rubric", *terms.arms, "gap", "human-scale gap [95%]", *head], *rows])
    notes = ["gap: uncorrected, judges only, no interval of its own; the human-scale gap has one"]
    if any(cells[2] == _WITHHELD for cells in gaps.values()):
        notes.append(
            f"{_WITHHELD}: people's ratings do not show that this panel can be believed there; its "
            "own figures are in the report"
        )
    return [*said, *lines, *notes]


_WITHHELD = "withheld"


def uncalibrated(rubrics: Sequence[str]) -> str:
    """The line that comes first where the panel is not held against people on these rubrics."""
    return (
        f"UNCALIBRATED: {', '.join(rubrics)}: not held against people as it stands; see the report"
    )


def _gaps(terms: Terms, derived: "Derived", verdict: dict[str, str]) -> dict[str, list[str]]:
    """Per rubric both arms and the gap as the panel sees them, and the gap on the human scale."""
    hidden = judgement.hidden_gaps(derived.agreement, derived.corrected)
    human = {
        row["rubric"]: f"{row['gap']:+.2f} {_interval(row)}"
        for row in derived.corrected.filter(pl.col("answers") == "judged").to_dicts()
        if row["gap"] is not None and row["rubric"] not in hidden
    }
    panel = {
        row["rubric"]: [_number(row["high"]), _number(row["low"]), _number(row["gap"], sign=True)]
        for row in derived.gaps.filter(pl.col("task_kind").is_null()).to_dicts()
    }
    return {
        x.id: [
            *(panel[x.id] if verdict.get(x.id) == "usable" else ["-", "-", _WITHHELD]),
            human.get(x.id, "not known"),
        ]
        for x in terms.criteria
        if x.id in panel or x.id in human
    }


def plan_lines(design: Design, plan: Plan) -> list[str]:
    """The plan as a table and a sum."""
    head = [
        "stage",
        "who",
        "model",
        "calls",
        "stored",
        "tokens in",
        "tokens out <=",
        "$ <=",
        "at once",
    ]
    rows = [
        [
            x.stage,
            x.who,
            x.model,
            str(x.calls),
            str(x.stored),
            f"~{x.prompt_tokens:.0f}",
            "no limit" if x.reply_tokens is None else str(x.reply_tokens),
            "unknown" if x.cost is None else f"{x.cost:.2f}",
            str(x.concurrency),
        ]
        for x in plan.lines
    ]
    cost = "unknown (a price or a limit is missing)" if plan.cost is None else f"{plan.cost:.2f} $"
    budget = "" if design.study.budget is None else f"; budget {design.study.budget:g} $"
    return [
        *table([head, *rows]),
        f"calls: {plan.calls} at most; cost at most: {cost}{budget}",
        f"tokens are estimated; an answer not written yet counts as {ANSWER_TOKENS} tokens. "
        "Every file, prompt and reply form was checked; no server was asked (doctor does that).",
    ]


def doctor_lines(studies: Sequence[str], needs: Sequence[Need]) -> list[str]:
    """What each study needs, and what to do about what is missing."""
    lines = []
    for study in studies:
        mine = [x for x in needs if x.study == study]
        ready = all(x.there for x in mine)
        lines.append(f"{study}: {'ready' if ready else 'not ready'}")
        for need in mine:
            lines.append(f"  {'ok     ' if need.there else 'missing'} {need.what}")
            lines += [f"          {need.todo}"] if need.todo else []
    return lines


def audit_lines(found: Audit) -> list[str]:
    """What counting a run again came to."""
    lines = [f"{found.sealed} sealed records, none altered"]
    if found.unsealed:
        lines.append(f"{found.unsealed} records came after the last seal: unsealed, not altered")
    return [*lines, *_mended(found)]


def counted_lines(found: Counted) -> list[str]:
    """What counting a table of ratings again came to."""
    return [f"{found.scores} sealed ratings, none altered", *_mended(found)]


def _mended(found: Audit | Counted) -> list[str]:
    lines = []
    if found.differing:
        lines.append(f"made anew, they differed from the records: {', '.join(found.differing)}")
    if found.missing:
        lines.append(f"made anew, they were missing: {', '.join(found.missing)}")
    if not found.differing and not found.missing:
        lines.append("every derived file is, byte for byte, what the records make")
    return lines


def gold_lines(found: GoldPlan, root: Path) -> list[str]:
    """What people should rate next, and why as much."""
    target = found.target
    head = [
        "rubric",
        "answers of 2+ people",
        "alpha +-",
        f"answers for +-{target.alpha:g}",
        "prompts of both arms",
        "gap +-",
        f"prompts for +-{target.gap:g}",
    ]
    rows = [
        [
            x.rubric,
            str(x.answers),
            _number(x.alpha_half),
            _needed(x.answers_needed),
            str(x.prompts),
            _number(x.gap_half),
            _needed(x.prompts_needed),
        ]
        for x in found.outlooks
    ]
    lines = table([head, *rows])
    lines += [
        f"{x.rubric}: {need.note}"
        for x in found.outlooks
        for need in (x.answers_needed, x.prompts_needed)
        if need.note is not None
    ]
    if found.plan is None or found.sheet is None:
        return [*lines, "nothing left to rate: enough people have rated both arms of every prompt"]
    first = found.rows["prompt"].unique(maintain_order=True)
    people = found.rows.group_by("prompt").agg(pl.col("raters").max())["raters"]
    return [
        *lines,
        f"rate next, in this order, both arms of each: {', '.join(first)}",
        f"people per prompt: {', '.join(f'{n} on {c}' for n, c in _counts(people))}",
        f"plan, with seed and probabilities (it names the arms): {found.plan.relative_to(root)}",
        f"sheet to hand out: {found.sheet.relative_to(root)}",
    ]


def task_lines(found: TaskCheck) -> list[str]:
    """The tasks with their length, and how the kinds are balanced."""
    head = [
        "task",
        "kind",
        "core",
        "turns",
        "words en",
        "words ru",
        "prompt tokens en/ru",
        "checked",
    ]
    rows = [
        [
            x.task.id,
            x.task.kind,
            "core" if x.task.core else "",
            "2" if x.task.then is not None else "1",
            str(x.sizes["en"].words),
            str(x.sizes["ru"].words),
            f"~{x.sizes['en'].tokens:.0f} / ~{x.sizes['ru'].tokens:.0f}",
            _checked(x.task),
        ]
        for x in found.rows
    ]
    kinds = sorted({x.task.kind for x in found.rows})
    balance = [
        [
            kind,
            str(sum(x.task.kind == kind for x in found.rows)),
            str(sum(x.task.kind == kind and x.task.core for x in found.rows)),
        ]
        for kind in kinds
    ]
    core = sum(x.task.core for x in found.rows)
    said = f"{len(found.rows)} tasks, {core} of them core; {len(found.faults)} faults"
    return [*table([head, *rows]), "", *table([["kind", "tasks", "core"], *balance]), said]


def _checked(task: Task) -> str:
    """What code can tell of an answer to it."""
    named = task.constraints.model_fields_set if task.constraints is not None else set()
    return ", ".join([*sorted(named), *(["planted"] if task.planted else [])])


def _counts(people: pl.Series) -> list[tuple[int, int]]:
    return [(int(n), int((people == n).sum())) for n in people.unique().sort(descending=True)]


def _needed(need: Needed) -> str:
    return "see below" if need.number is None else str(need.number)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text in columns, the first row as a head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return [lines[0], "  ".join("-" * w for w in widths), *lines[1:]]


def _number(value: float | None, sign: bool = False) -> str:
    return "none" if value is None else f"{value:+.2f}" if sign else f"{value:.2f}"


def _alpha(row: dict[str, Any] | None) -> str:
    if row is None:
        return "no human ratings"
    if row["alpha"] is None:
        return f"undefined: {row['note']}"
    return f"{row['alpha']:.2f} {_interval(row)}"


def _interval(row: dict[str, Any]) -> str:
    if row["low"] is None or row["high"] is None:
        return "[no interval]"
    return f"[{row['low']:.2f}, {row['high']:.2f}]"
