"""What a terminal shows at the end: short tables and plain lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline import gold, judgement
from pipeline.columns import number, table
from pipeline.ratings import PANEL
from pipeline.stats import causes as ladder_causes
from pipeline.stats.terms import Criterion, Terms

if TYPE_CHECKING:
    from pipeline.audit import Audit
    from pipeline.derive import Derived
    from pipeline.tabled.counted import Counted

SIMULATED = "SIMULATED raters and judges: no measurement of any model or person"


def written(ratings: pl.DataFrame) -> str:
    """What the figures of written texts are, which may be set beside the levels designed for."""
    if ratings.filter(kind="human", rater=gold.DESIGNED).is_empty():
        return "written texts: no measurement of any model"
    return "written texts and designed levels: no measurement of any model or person"


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
    lines += [
        _decided(row)
        for row in derived.panel_verdicts.to_dicts()
        if row["verdict"] == verdict[row["rubric"]] != "usable"
    ]
    if not judged:
        return [*said, *lines]
    notes = ["gap: uncorrected, judges only, no interval of its own"]
    if any(cells[2] == _WITHHELD for cells in gaps.values()):
        notes.append(
            f"{_WITHHELD}: people's ratings do not show that this panel can be believed there; its "
            "own figures are in the report"
        )
    return [*said, *lines, *notes, *causes(derived.effects, derived.causes)]


_CONTROL = {
    "alike": "holds, nothing moves at all",
    "holds": "holds",
    "fails": "FAILS, the effects below are not to be believed",
    "shifted": "FAILS, the effects below are not to be believed",
    "uncounted": "ran and is not counted",
    "none": "was not run",
}


def causes(effects: pl.DataFrame, found: pl.DataFrame) -> list[str]:
    """What a ladder says of each cause that it tests, and which it does not.

    From EFFECTS and CAUSES; nothing where there is no ladder.
    """
    if effects.is_empty():
        return []
    every = found.unique("cause", keep="first", maintain_order=True).sort("cause").to_dicts()
    tested = [x for x in every if x["state"] != "not tested"]
    rest = ", ".join(str(x["cause"]) for x in every if x["state"] == "not tested")
    control = ladder_causes.control(effects)
    said = _CONTROL[control.state]
    return [
        f"null control: {said}" + (f" ({control.note})" if control.note else ""),
        *(
            f"cause {x['cause']}, {x['factor']}: {x['state']}"
            + (f" ({x['because']})" if x["because"] else "")
            for x in tested
        ),
        *([f"causes not tested here: {rest}"] if rest else []),
    ]


def _decided(row: dict[str, Any]) -> str:
    """Which conditions decide the verdict, and what would settle it where it is open."""
    line = f"{row['rubric']}: {row['verdict']}, decided by {row['decided_by']}"
    if row["prompts_needed"] is None:
        return line
    needed = f"{row['prompts_needed']} tasks with {row['people_needed']} people per answer"
    return f"{line}; about {needed} would decide"


_WITHHELD = "withheld"


def uncalibrated(rubrics: Sequence[str]) -> str:
    """The line that comes first where the panel is not held against people on these rubrics."""
    return (
        f"UNCALIBRATED: {', '.join(rubrics)}: not held against people as it stands; see the report"
    )


def titled(criteria: Sequence[Criterion], said: Sequence[str]) -> list[str]:
    """A line on which ids of the table these sentences mean by titles; none where they do not."""
    met = [x for x in criteria if any(x.title.en in line for line in said)]
    told = [f"{x.id} is {x.title.en!r}" for x in met if x.title.en != x.id]
    return [f"in the lines below: {', '.join(told)}"] if told else []


def _hidden(derived: "Derived") -> list[str]:
    """What stands in place of the panel's own figures: nothing where there is no panel."""
    judges = derived.ratings.filter(pl.col("kind") != "human")
    return ["-", "-", "-" if judges.is_empty() else _WITHHELD]


def _gaps(terms: Terms, derived: "Derived", verdict: dict[str, str]) -> dict[str, list[str]]:
    """Per rubric both arms and the gap as the panel sees them, and the gap on the human scale."""
    hidden = judgement.hidden_gaps(derived.agreement, derived.corrected)
    human = {
        row["rubric"]: f"{number(row['gap'], sign=True)} {_interval(row)}"
        for row in derived.corrected.filter(pl.col("answers") == "judged").to_dicts()
        if row["gap"] is not None and row["rubric"] not in hidden
    }
    panel = {
        row["rubric"]: [number(row["high"]), number(row["low"]), number(row["gap"], sign=True)]
        for row in derived.gaps.filter(pl.col("task_kind").is_null()).to_dicts()
    }
    return {
        x.id: [
            *(panel[x.id] if verdict.get(x.id) == "usable" else _hidden(derived)),
            human.get(x.id, "not known"),
        ]
        for x in terms.criteria
        if x.id in panel or x.id in human
    }


def audit_lines(found: "Audit") -> list[str]:
    """What counting a run again came to."""
    lines = [f"{found.sealed} sealed records, none altered"]
    for name, count in found.strays.items():
        lines.append(f"{name}: lines that are no record, left out: {count}")
    if found.unsealed:
        lines.append(f"{found.unsealed} records came after the last seal: unsealed, not altered")
    lines += _mended(found)
    if found.filled:
        lines.append("but sheet.csv: somebody has written in it, and it is left as it is")
    return lines


def counted_lines(found: "Counted") -> list[str]:
    """What counting a table of ratings again came to."""
    return [f"{found.scores} sealed ratings, none altered", *_mended(found)]


def _mended(found: "Audit | Counted") -> list[str]:
    lines = []
    if found.differing:
        lines.append(f"made anew, they differed from the records: {', '.join(found.differing)}")
    if found.missing:
        lines.append(f"made anew, they were missing: {', '.join(found.missing)}")
    if not found.differing and not found.missing:
        lines.append("every derived file is, byte for byte, what the records make")
    return lines


def _alpha(row: dict[str, Any] | None) -> str:
    if row is None:
        return "no human ratings"
    if row["alpha"] is None:
        return f"undefined: {row['note']}"
    return f"{number(row['alpha'])} {_interval(row)}"


def _interval(row: dict[str, Any]) -> str:
    if row["low"] is None or row["high"] is None:
        return "[no interval]"
    return f"[{number(row['low'])}, {number(row['high'])}]"
