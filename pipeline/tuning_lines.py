"""What a terminal shows of tuning: figures, the answers that moved, and what was asked."""

import textwrap
from collections.abc import Sequence

from pipeline.columns import number, table
from pipeline.ledger import Half, Look
from pipeline.looks import reports
from pipeline.ratings import PANEL
from pipeline.stats.tuned import Change, Comparison, People, Standing, Whole
from pipeline.tuning.judged import Spent
from pipeline.tuning.moved import Moved
from pipeline.tuning.shots import Shots
from pipeline.tuning.tune import Tuned
from pipeline.tuning.versions import Difference, History, worded

_WIDTH = 100
_BEGIN = 40
"""Letters of an answer by which it is known."""
_NEARER = "nearer to people"
_NAMES: dict[Half, str] = {"tune": "tune half", "lockbox": "lockbox"}


def tuned(found: Tuned) -> list[str]:
    """What tuning came to."""
    version, against = found.version, found.against
    beside = "nothing to compare with yet" if against is None else f"beside @{against.number}"
    ratings = ", ".join(f"{n} under {x}" for x, n in sorted(found.wordings.items()))
    return [
        f"{version.rubric}@{version.number} {beside}; ratings: {ratings}",
        f"gold: {found.split[0]} tasks to tune on, {found.split[1]} sealed in the lockbox",
        *_unsealed(found.reported),
        *_figures(found),
        *_judgement(found),
        *_moved(found.moved),
        *_probes(found),
        *(_shots(found.shots) if found.shots is not None else []),
        *_spent(found),
        *_counted(found.looks, found.searches, version.number),
    ]


def _unsealed(reported: Sequence[str]) -> list[str]:
    told = "reports made before the tasks were dealt and sealed are not counted, of"
    return [f"{told} {', '.join(reported)}"] if reported else []


def _figures(found: Tuned) -> list[str]:
    if not found.halves:
        return ["no figures: verdicts are still owed"]
    sides = [_column(one) for one in found.halves.values()]
    rows = [["", *(_NAMES[half] for half in found.halves)]]
    rows += [[name, *(side[name] for side in sides)] for name in sides[0]]
    return table(rows)


def _column(one: Comparison) -> dict[str, str]:
    before = one.before
    return {
        "answers, tasks": f"{one.answers}, {one.prompts}",
        "people among themselves": _people(one.people),
        "ceiling: one more person": number(one.people.ceiling),
        "panel before": "-" if before is None else _alpha(before),
        "panel now": _alpha(one.after),
        "judges' scores left out": "-" if before is None else str(one.left_out),
        "change": "-" if one.change is None else _change(one.change),
        "delta before [90%]": "-" if before is None else _delta(before),
        "delta now [90%]": _delta(one.after),
        "before by all its scores": "-"
        if one.whole_before is None
        else _alpha(one.whole_before.standing),
        "now by all its scores": "-" if one.whole is None else _alpha(one.whole.standing),
        "judges' scores before": _given(one.whole_before),
        "judges' scores now": _given(one.whole),
    }


def _given(one: Whole | None) -> str:
    return "-" if one is None else f"{one.given} of {one.wanted}, {one.wanted - one.given} lacking"


def _people(people: People) -> str:
    return _with(people.alpha, people.low, people.high, people.note)


def _alpha(one: Standing) -> str:
    return _with(one.alpha, one.low, one.high, one.note)


def _delta(one: Standing) -> str:
    return _with(one.delta, one.delta_low, one.delta_high, one.note, sign=True)


def _change(one: Change) -> str:
    return _with(one.value, one.low, one.high, one.note, sign=True)


def _with(
    value: float | None, low: float | None, high: float | None, note: str | None, sign: bool = False
) -> str:
    if value is None:
        return f"undefined: {note or 'no score'}"
    ends = (
        "no interval"
        if low is None or high is None
        else f"{low:{'+' * sign}.2f}, {high:{'+' * sign}.2f}"
    )
    return f"{number(value, sign=sign)} [{ends}]"


def _judgement(found: Tuned) -> list[str]:
    """What may be said of the change."""
    box = found.halves.get("lockbox")
    tune = found.halves.get("tune")
    lines = []
    if tune is not None and tune.change is not None:
        lines.append(f"on the tune half: {_verdict(tune.change)}")
    flatters = "the tune half was looked at before and flatters; --open-lockbox decides, once"
    if box is not None and box.change is not None:
        lines.append(f"in the lockbox, which decides: {_verdict(box.change)}")
    elif tune is not None and tune.change is not None:
        lines.append(flatters)
    through = reports(found.looks, found.version.number)
    if through:
        lines.append(
            "the lockbox of this version was already seen through a report (of "
            f"{', '.join(f'{x.study}, {x.at[:10]}' for x in through)}): it is no longer sealed"
        )
    if found.optimism is not None:
        assert found.against is not None, "there is a gain only beside another version"
        lines.append(
            f"optimism beside @{found.against.number} (gain on the tune half less gain in the "
            f"lockbox): {_change(found.optimism)}"
        )
    if found.above:
        told = ", ".join(
            f"@{x.version} at {number(x.alpha)} (this one {number(x.today)})" for x in found.above
        )
        lines.append(f"earlier versions stand higher on the tune half, by scores of both: {told}")
    return lines


def _verdict(change: Change) -> str:
    if change.low is None or change.high is None:
        return f"cannot be told ({change.note or 'no interval'})"
    if change.low > 0:
        return _NEARER
    if change.high < 0:
        return "further from people"
    return "no change that these ratings can show"


def _moved(found: Sequence[Moved]) -> list[str]:
    if not found:
        return []
    lines = ["", f"the {len(found)} answers that moved most:"]
    for one in found:
        people = ", ".join(map(str, one.people))
        how = "nearer" if one.nearer else "no nearer"
        lines.append(
            f'  {one.task} ({one.language}), "{_begin(one.answer)}": '
            f"panel {one.before:g} to {one.after:g}, people {people}: {how}"
        )
        for said in one.said:
            for when, score, why in (
                ("before", said.before, said.why_before),
                ("now", said.after, said.why_after),
            ):
                gave = "no score" if score is None else f"{score:g}"
                lines += textwrap.wrap(
                    f"{said.judge} {when}, {gave}: {' '.join(why.split())}",
                    _WIDTH,
                    initial_indent="    ",
                    subsequent_indent="      ",
                )
    return [*lines, ""]


def _begin(text: str) -> str:
    return textwrap.shorten(text, _BEGIN, placeholder=" ...")


def _probes(found: Tuned) -> list[str]:
    if found.probes is None:
        return ["no probes of this rubric"]
    if not found.probes:
        return ["probes not asked: verdicts on the rated answers are still owed"]
    head = ["probes, the panel", "moved where it must", "stayed where it must", "no score"]
    rows = []
    for name, shares in found.probes.items():
        mine = {x["must"]: x for x in shares.filter(rater=PANEL).to_dicts()}
        rows.append([name, *(_share(mine.get(x)) for x in ("move", "stay"))])
        rows[-1].append(str(sum(x["missing"] for x in mine.values())))
    return table([head, *rows])


def _share(row: dict[str, float] | None) -> str:
    if row is None or row["share"] is None:
        return "none"
    return f"{row['right']} of {row['probes']} [{row['low']:.2f}, {row['high']:.2f}]"


def _shots(found: Shots) -> list[str]:
    head = ["rated answers shown", "", "panel", "change against none [95%]", "left out", ""]
    rows = []
    for one in found.tried:
        if not one.halves:
            rows.append([str(one.demos), "", "", "", "", one.note or ""])
        for half, compared in one.halves.items():
            change = "-" if compared.change is None else _change(compared.change)
            mark = "best on the tune half" if one.demos == found.best and half == "tune" else ""
            figures = [_alpha(compared.after), change, str(compared.left_out)]
            rows.append([str(one.demos), _NAMES[half], *figures, mark])
    lines = table([head, *rows])
    if any(compared.left_out for one in found.tried for compared in one.halves.values()):
        lines.append(
            "left out: judges' scores that have none beside them with no answers shown, or the "
            "other way round; each row's panel and change are without them"
        )
    if found.best == 0:
        lines.append("none shown is best on the tune half: the lockbox has nothing to decide here")
    if found.best:
        box = next(x for x in found.tried if x.demos == found.best).halves.get("lockbox")
        if box is not None and box.change is not None:
            lines.append(
                f"in the lockbox, which decides, {found.best} shown: {_verdict(box.change)}"
            )
        if box is None or box.change is None:
            lines.append("the best of several on the tune half flatters: add --open-lockbox")
        elif _verdict(box.change) == _NEARER:
            lines.append(f"to show them, set `demos: {found.best}` of the judges in the panel")
    return lines


def _spent(found: Tuned) -> list[str]:
    def said(one: Spent) -> str:
        cost = "cost not known" if one.cost is None else f"{one.cost:.4f} $"
        return f"{one.asked} ({cost})"

    parts = {"rated answers": found.gold, "probes": found.probed}
    if found.shots is not None:
        parts["rated answers with demos"] = found.shots.spent
    lines = ["asked: verdicts on " + ", on ".join(f"{x} {said(y)}" for x, y in parts.items())]
    left = sum(x.owed for x in parts.values())
    if left:
        lines.append(f"{left} verdicts are still owed: the same command goes on with them")
    return lines


def _counted(looks: Sequence[Look], searches: int, version: int) -> list[str]:
    tune = [x for x in looks if x.half == "tune"]
    box = [x for x in looks if x.half == "lockbox" and x.by == "tune"]
    mine = sum(x.version == version for x in tune)
    return [
        f"looks counted in rubrics/tuning.jsonl: {len(tune)} at the tune half ({mine} at this "
        f"version), searches for words on it: {searches}; into the lockbox: {len(box)}, and "
        f"{len(reports(looks))} through reports of antipode score"
    ]


def history(found: Sequence[History]) -> list[str]:
    """The versions of rubrics: since when, and what was seen of each."""
    head = ["version", "since", "looks", "tune: panel [95%]", "change", "lockbox: panel", "change"]
    rows = []
    for version, looks in found:
        row = [f"{version.rubric}@{version.number}", version.at[:10], str(len(looks))]
        for half in ("tune", "lockbox"):
            mine = [x for x in looks if (x.half, x.demos, x.by) == (half, None, "tune")]
            row += _look(mine[-1]) if mine else ["-", "-"]
        rows.append(row)
    return table([head, *rows]) if rows else ["no version is kept yet: antipode tune keeps them"]


def _look(look: Look) -> list[str]:
    change = Change(look.change, look.change_low, look.change_high, None, look.prompts, None)
    return [
        _with(look.alpha, look.low, look.high, None),
        "-" if look.change is None else f"{_change(change)} against @{look.against}",
    ]


def difference(found: Difference) -> list[str]:
    """What two wordings have otherwise."""
    title = f"{found.one.label} -> {found.other.label}"
    if not found.changes:
        return [f"{title}: one wording; only comments or layout may differ"]
    lines = [title]
    for change in found.changes:
        who = "people and judges" if change.seen else "judges only"
        lines.append(f"{change.field} ({who}):")
        lines += textwrap.wrap(
            worded(change),
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    if found.same:
        lines.append("judges are told the same: nothing is asked again")
    elif any(x.seen for x in found.changes):
        lines.append("people see other words too: ratings of the one are no gold of the other")
    else:
        lines.append("people see the same words: their ratings stay, judges are asked again")
    return lines
