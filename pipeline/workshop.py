"""The verbs of the workshop: tasks and rubrics checked, tried and tuned."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UserError

if TYPE_CHECKING:
    from pipeline.study import Design

OK, OWED, MEND = 0, 1, 2
"""Exit codes: done, calls still owed, something to be mended."""
Does = Callable[[argparse.Namespace, Path], int]
Verb = Callable[[str, Does, str], argparse.ArgumentParser]
CALLS = 200
"""Requests of a search, unless told otherwise."""
STUDY = {"help": "a name of data/studies", "nargs": "?", "default": "sample"}


def add(verb: Verb) -> None:
    """Put these verbs among the others."""
    probed = verb("probe", probe, "try a panel on pairs of texts where its score must move, or not")
    probed.add_argument("--panel", required=True, help="a name of judges/panels")
    probed.add_argument(
        "--rubric", action="append", default=[], help="a rubric that has probes; all where left out"
    )
    verb(
        "parity", parity, "judge a study's answers under the rubrics in both languages"
    ).add_argument("study", **STUDY)  # type: ignore[arg-type]
    verb("tasks", tasks_check, "check the tasks, and show their length and balance").add_argument(
        "what", choices=["check"]
    )
    tuned = verb("tune", tune, "judge a rubric's gold under its wording of today, and compare")
    tuned.add_argument("rubric", help="a name of rubrics/")
    tuned.add_argument(
        "study", nargs="?", help="a name of data/studies; the one whose gold it can be tuned on"
    )
    tuned.add_argument(
        "--against",
        type=int,
        metavar="N",
        help="the version to compare with; the earlier one that stood best on the tune half",
    )
    tuned.add_argument("--seed", type=int, help="of the deal of tasks (0); it is kept")
    tuned.add_argument(
        "--open-lockbox",
        action="store_true",
        help="count on the sealed tasks too: once for each version of the rubric",
    )
    tuned.add_argument(
        "--demos",
        action="store_true",
        help="compare judges that are shown 0, 4, 8 and 16 rated answers",
    )
    tuned.add_argument(
        "--accept-gold",
        action="store_true",
        help="take ratings of older wordings for ratings of today's; this is written down",
    )
    _add_propose(tuned)
    worded = verb("rubric", rubric, "set wordings of a rubric side by side, or list them")
    worded.add_argument("what", choices=["diff", "history"])
    worded.add_argument("names", nargs="*", metavar="NAME", help="depth, depth@2, or a file.yaml")

    fetched = verb("benchmark", benchmark, "fetch the items of a published benchmark, once")
    fetched.add_argument("name", help="a name of data/benchmarks that has a hub")


def _add_propose(tuned: argparse.ArgumentParser) -> None:
    proposed = tuned.add_argument_group("new words, proposed by a model")
    proposed.add_argument(
        "--propose", action="store_true", help="have words rewritten where judge and people differ"
    )
    proposed.add_argument(
        "--language", choices=["en", "ru"], help="whose words; what most answers are read in"
    )
    proposed.add_argument("--judge", help="the judge to come nearer; the panel's first model")
    proposed.add_argument("--reflector", metavar="MODEL", help="who rewrites; the judge's model")
    proposed.add_argument("--calls", type=int, help=f"requests at most ({CALLS})")
    proposed.add_argument("--dollars", type=float, help="US dollars at most")


def benchmark(options: argparse.Namespace, root: Path) -> int:
    """Fetch the items of a benchmark."""
    from pipeline.benchmarks import fetch

    path, count = fetch.fetch(options.name, root)
    print(f"{path.relative_to(root)}: {count} items")
    return OK


def tasks_check(options: argparse.Namespace, root: Path) -> int:
    """Check the tasks."""
    from pipeline import checklists, taskcheck

    found = taskcheck.check(root)
    for line in checklists.task_lines(found):
        print(line)
    for fault in found.faults:
        say(fault)
    return MEND if found.faults else OK


def parity(options: argparse.Namespace, root: Path) -> int:
    """Compare the rubrics in both languages."""
    from pipeline import checklists, parity, progress, study

    _check_asks(options.study, root)
    found = parity.compare(study.load(options.study, root), progress.watch)
    for line in checklists.parity_lines(found, root):
        print(line)
    for said in found.stopped:
        say(said)
    return OWED if found.owed else OK


def probe(options: argparse.Namespace, root: Path) -> int:
    """Try a panel on the probes of its rubrics."""
    from pipeline import checklists, probing, progress

    found = probing.probe(probing.load(options.panel, options.rubric, root), progress.watch)
    for line in checklists.probe_lines(found, root):
        print(line)
    for said in found.stopped:
        say(said)
    return OWED if found.owed else OK


def tune(options: argparse.Namespace, root: Path) -> int:
    """Tune a rubric."""
    from pipeline import progress, study, tuning_lines
    from pipeline.tuning import rated
    from pipeline.tuning import tune as tuning

    if options.study is not None:
        _check_asks(options.study, root)
    _check_together(options)
    design = study.load(options.study or rated.study_of(options.rubric, root), root)
    if options.accept_gold:
        entry = tuning.accept(design, options.rubric)
        print(
            f"accepted: older ratings count for {entry.rubric}@{entry.version}; written to "
            "rubrics/tuning.jsonl, and the report says so"
        )
        return OK
    if options.propose:
        return _propose(design, options, root)
    wish = tuning.Wish(
        options.rubric, options.seed, options.open_lockbox, options.demos, options.against
    )
    found = tuning.tune(design, wish, progress.watch)
    for line in tuning_lines.tuned(found):
        print(line)
    spent = [found.gold, found.probed, *([found.shots.spent] if found.shots is not None else [])]
    for said in dict.fromkeys(x for one in spent for x in one.stopped):
        say(said)
    return OWED if any(one.owed for one in spent) else OK


def _check_asks(study: str, root: Path) -> None:
    from pipeline.tabled import kinds

    if kinds.is_one(study, root):
        raise UserError(f"{study}: is a table of ratings: no judge of it can be asked")


_OF_A_PROPOSAL = ("language", "judge", "reflector", "calls", "dollars")


def _check_together(options: argparse.Namespace) -> None:
    """Options that do nothing together are refused, and budgets that let nothing through."""
    faults = []
    asked = ("propose", "accept_gold", "open_lockbox", "demos")
    flags = [f"--{x.replace('_', '-')}" for x in asked if getattr(options, x)]
    if len(flags) > 1 and flags != ["--open-lockbox", "--demos"]:
        faults.append(f"{' and '.join(flags)} are different jobs: give one")
    if not options.propose:
        given = [f"--{x}" for x in _OF_A_PROPOSAL if getattr(options, x) is not None]
        if given:
            belong = "belongs" if len(given) == 1 else "belong"
            faults.append(f"{', '.join(given)} {belong} to --propose, which is not given")
    if options.against is not None and (options.propose or options.accept_gold):
        faults.append("--against names a version to compare with: no other job takes it")
    for name in ("calls", "dollars"):
        if (most := getattr(options, name)) is not None and not most > 0:
            faults.append(f"--{name} {most:g}: must be above 0")
    if faults:
        raise UserError("\n".join(faults))


def _propose(design: "Design", options: argparse.Namespace, root: Path) -> int:
    from pipeline.tuning import proposals

    asked = proposals.Asked(
        options.rubric,
        options.language,
        options.judge,
        options.reflector,
        options.calls or CALLS,
        options.dollars,
        options.seed or 0,
    )
    found = proposals.propose(design, asked)
    for line in proposals.lines(found, root):
        print(line)
    if not found.proposal.before.heard:
        return MEND
    return OWED if found.diff is None and found.proposal.failed else OK


def rubric(options: argparse.Namespace, root: Path) -> int:
    """Set wordings side by side, or list them."""
    from pipeline import tuning_lines
    from pipeline.ledger import Ledger
    from pipeline.tuning import versions

    ledger = Ledger(root)
    if options.what == "diff":
        if len(options.names) != 2:
            raise UserError("rubric diff takes two: antipode rubric diff depth@1 depth")
        one, other = (versions.find(x, ledger, root) for x in options.names)
        told = tuning_lines.difference(versions.difference(one, other))
    else:
        told = tuning_lines.history(versions.histories(options.names, ledger))
    for line in told:
        print(line)
    return OK


def say(line: str) -> None:
    """One line for a person, beside what is printed."""
    print(line, file=sys.stderr)
