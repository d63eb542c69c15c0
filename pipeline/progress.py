"""What a terminal shows: progress while models are asked, and short tables at the end."""

import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from pipeline.audit import Audit
from pipeline.doctor import Need
from pipeline.plan import ANSWER_TOKENS, Plan
from pipeline.ratings import PANEL
from pipeline.study import Design

if TYPE_CHECKING:
    from pipeline.derive import Derived
    from pipeline.work import Progress

_REFRESH_SECONDS = 0.2


@contextmanager
def watch(progress: "Progress") -> Iterator[None]:
    """Show rate, cost and time left on standard error, where that is a terminal."""
    flying = sum(x.model.limits.concurrency for x in progress.endpoints)
    if not sys.stderr.isatty():
        yield
        return
    from tqdm import tqdm

    print(
        f"{progress.stage}: {progress.total} calls; if stopped, at most {flying} calls in flight "
        "are paid again (after a power cut also those of the last half second)",
        file=sys.stderr,
    )
    columns, rows = shutil.get_terminal_size()
    bar = tqdm(
        total=progress.total,
        desc=progress.stage,
        unit=" call",
        file=sys.stderr,
        ncols=columns,
        nrows=rows,
    )
    over = threading.Event()

    def refresh() -> None:
        bar.n = progress.done
        said = [f"{progress.purse.spent:.4f} $"]
        if progress.failed:
            said.append(f"{progress.failed} failed")
        if progress.waits_for is not None:
            said.append(f"waiting for {progress.waits_for}")
        bar.set_postfix_str(", ".join(said))

    def keep() -> None:
        while not over.wait(_REFRESH_SECONDS):
            refresh()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        refresh()
        bar.close()


def summary(design: Design, derived: "Derived") -> list[str]:
    """The short table of a study: per rubric both arms, the gap and the panel beside people."""
    overall = derived.gaps.filter(pl.col("task_kind").is_null())
    panel = derived.agreement.filter(
        pl.col("comparison") == "judge-human", pl.col("rater") == PANEL
    )
    rated = not derived.ratings.filter(pl.col("kind") == "human").is_empty()
    beside = {row["rubric"]: row for row in panel.to_dicts()} if rated else {}
    verdict = {row["rubric"]: row["verdict"] for row in derived.panel_verdicts.to_dicts()}
    rows = [
        [
            row["rubric"],
            _number(row["high"]),
            _number(row["low"]),
            _number(row["gap"], sign=True),
            _alpha(beside.get(row["rubric"])),
            verdict.get(row["rubric"], "not known"),
        ]
        for row in overall.to_dicts()
    ]
    high, low = design.hicap.name, design.locap.name
    head = ["rubric", high, low, "gap", "panel-human alpha [95%]", "panel is"]
    note = "gap: uncorrected, judges only; no interval on the human scale"
    said = ["written texts and designed levels: no measurement of any model or person"]
    return [*(said if design.written else []), *table([head, *rows]), note]


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
    if found.differing:
        lines.append(f"made anew, they differed from the records: {', '.join(found.differing)}")
    if found.missing:
        lines.append(f"made anew, they were missing: {', '.join(found.missing)}")
    if not found.differing and not found.missing:
        lines.append("every derived file is, byte for byte, what the records make")
    return lines


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text in columns, the first row as a head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return [lines[0], "  ".join("-" * w for w in widths), *lines[1:]]


def _number(value: float | None, sign: bool = False) -> str:
    return "none" if value is None else f"{value:+.2f}" if sign else f"{value:.2f}"


def _alpha(row: dict[str, object] | None) -> str:
    if row is None:
        return "no human ratings"
    if row["alpha"] is None:
        return f"undefined: {row['note']}"
    if row["low"] is None:
        return f"{row['alpha']:.2f} [no interval]"
    return f"{row['alpha']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
