"""What a terminal shows before and beside a study: plans, needs, gold, tasks, probes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.columns import number, table
from pipeline.models.showing import SOURCES
from pipeline.plan import ANSWER_TOKENS, Plan
from pipeline.ratings import PANEL
from pipeline.study import Design
from pipeline.tasks import Task

if TYPE_CHECKING:  # a plan must not wait for what other verbs import
    from pipeline.doctor import Need
    from pipeline.goldplan import GoldPlan
    from pipeline.parity import Parity
    from pipeline.probing import Probed
    from pipeline.stats.planning import Needed
    from pipeline.taskcheck import TaskCheck
    from pipeline.verifying.verify import End, Verified


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
        *_calls_beyond_answers(design),
        *_steps_that_are_ends(design),
        *(f"{x} is left out: {'; '.join(said)}" for x, said in plan.left_out.items()),
        f"calls: {plan.calls} at most; cost at most: {cost}{budget}",
        f"tokens are estimated; an answer not written yet counts as {ANSWER_TOKENS} tokens. "
        "Every file, prompt and reply form was checked; no server was asked (doctor does that).",
    ]


def _calls_beyond_answers(design: Design) -> list[str]:
    """A line on why there are more calls than answers; none where each answer is one call."""
    two = [x.id for x in design.tasks if x.then is not None]
    aloud = [x.name for x in design.arms if x.knobs.thinking_tokens is not None]
    drafts = [x.name for x in design.arms if x.knobs.candidates > 1]
    why = [f"a second turn of {', '.join(two)}"] * bool(two)
    why += [f"thinking aloud in {', '.join(aloud)}"] * bool(aloud)
    why += [f"drafts and the picking of one in {', '.join(drafts)}"] * bool(drafts)
    return [f"more calls than answers, as there are: {'; '.join(why)}"] * bool(why)


def _steps_that_are_ends(design: Design) -> list[str]:
    """A line for each step of the ladder that arrives at an end, and so has no calls of its own."""
    ends = {x.name for x in design.ends}
    return [
        f"{x.factor} {x.level} from {x.end}: asks what {x.arm} asks, whose answers stand for it"
        for x in design.ladder.rungs
        if x.arm in ends
    ]


def profile_lines(ends: "Sequence[End]") -> list[str]:
    """What both ends of a study ask, what their arms are, and what is not met."""
    head = ["", "asked", "actual", "known by", "met"]
    lines: list[str] = []
    for end in ends:
        rows = [
            [
                x.title.en + (f", {x.unit.en}" if x.unit else ""),
                x.asked.en,
                x.actual.en,
                x.mark or "-",
                x.met,
            ]
            for x in end.rows
        ]
        lines += ["", *table([[f"{end.extreme}: {end.arm}", *head[1:]], *rows]), end.unmet]
    return lines


def verified_lines(found: "Sequence[Verified]") -> list[str]:
    """What was shown of each arm, field by field, and what contradicts it."""
    lines: list[str] = []
    for one in found:
        rows = [
            [
                x.field,
                "-" if x.declared is None else str(x.declared),
                x.shown.en,
                SOURCES[x.source].en,
                "verified" if x.agrees else "CONTRADICTED",
            ]
            for x in one.checks
        ]
        head = [one.arm.name, "declared", "found", "by", ""]
        lines += table([head, *rows]) if rows else [f"{one.arm.name}: its endpoint shows nothing"]
        lines += [f"{one.arm.name}: {one.remark}"] if one.remark else []
        lines += [*one.faults, ""]
    return lines


def doctor_lines(studies: Sequence[str], needs: "Sequence[Need]") -> list[str]:
    """What each study needs, and what to do about what is missing."""
    lines = []
    for study in studies:
        mine = [x for x in needs if x.study == study]
        ready = all(x.there for x in mine)
        lines.append(f"{study}: {'ready' if ready else 'not ready'}")
        for need in mine:
            lines.append(f"  {'ok     ' if need.there else need.lacks} {need.what}")
            lines += [f"          {x}" for x in need.todo.splitlines()]
    return lines


def gold_lines(found: "GoldPlan", root: Path) -> list[str]:
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
            number(x.alpha_half),
            _needed(x.answers_needed, x.answers),
            str(x.prompts),
            number(x.gap_half),
            _needed(x.prompts_needed, x.prompts),
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
    lines += [
        f"{x.rubric}: alpha +-{target.alpha:g} takes, at so many people each: "
        + ", ".join(f"{people}: {answers} answers" for people, answers in x.by_people.items())
        for x in found.outlooks
        if x.by_people
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


def probe_lines(found: "Probed", root: Path) -> list[str]:
    """How a panel and its judges did on the probes, and where they failed."""
    rows = [
        [row["rubric"], row["rater"], *_shares(row["rubric"], row["rater"], found.shares)]
        for row in found.shares.unique(["rubric", "rater"], maintain_order=True).to_dicts()
    ]
    head = [
        "rubric",
        "judge",
        "moved where it must",
        "stayed where it must",
        "no score",
        "one side only",
    ]
    wrong = found.moved.filter(~pl.col("right"))
    failed = [
        f"{x['rubric']}/{x['probe']} ({x['language']}, {x['kind']}, must {x['must']}): "
        f"{x['base']:g} to {x['changed']:g}"
        for x in wrong.filter(pl.col("rater") == PANEL).to_dicts()
    ]
    lines = table([head, *rows]) if rows else []
    lines += ["the panel failed on:", *(f"  {x}" for x in failed)] if failed else []
    lines.append(f"asked {found.asked} verdicts; kept in {found.bench.folder.relative_to(root)}")
    if found.owed:
        lines.append(f"{found.owed} verdicts are still owed: the same command goes on with them")
    return lines


def _shares(rubric: str, rater: str, shares: pl.DataFrame) -> list[str]:
    mine = {x["must"]: x for x in shares.filter(rubric=rubric, rater=rater).to_dicts()}
    told = []
    for must in ("move", "stay"):
        row = mine.get(must)
        if row is None or row["share"] is None:
            told.append("none")
            continue
        told.append(f"{row['right']} of {row['probes']} [{row['low']:.2f}, {row['high']:.2f}]")
    return [*told, *(str(sum(x[name] for x in mine.values())) for name in ("missing", "left_out"))]


def parity_lines(found: "Parity", root: Path) -> list[str]:
    """How far each judge's score moves with the language of the rubric."""
    head = ["rubric", "judge", "ru - en", "95%", "answers", "tasks", "no score", "one only", ""]
    rows = [
        [
            row["rubric"],
            row["rater"],
            number(row["shift"], sign=True),
            "none" if row["low"] is None else f"[{row['low']:+.2f}, {row['high']:+.2f}]",
            str(row["answers"]),
            str(row["prompts"]),
            str(row["missing"]),
            str(row["left_out"]),
            row["note"] or "",
        ]
        for row in found.shifts.to_dicts()
    ]
    lines = [
        *table([head, *rows]),
        "shift in levels of the same answers, of the panel over the judges that scored both; "
        "0: the wording is the same. One only: scores left out, as the other language has none",
    ]
    lines.append(f"asked {found.asked} verdicts; kept in {found.folder.relative_to(root)}")
    if found.owed:
        lines.append(f"{found.owed} verdicts are still owed: the same command goes on with them")
    return lines


def task_lines(found: "TaskCheck") -> list[str]:
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


def _needed(need: "Needed", there: int) -> str:
    """In all, and how many more than there are."""
    if need.number is None:
        return "see below"
    return f"{need.number} ({max(need.number - there, 0)} more)"
