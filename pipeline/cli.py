"""The command `antipode`: verbs, exit codes and what is printed; the work is done elsewhere."""

import argparse
import difflib
import gc
import logging
import os
import re
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pipeline import people_verbs, serve_verb, workshop
from pipeline.errors import UserError
from pipeline.workshop import MEND, OK, OWED, Does, say

if TYPE_CHECKING:
    from pipeline.tabled.counted import Counted

_DISPLAYS = {"DISPLAY", "WAYLAND_DISPLAY"}
"""Without one of these a browser would be one in the terminal."""
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code: 0 done, 1 calls still owed, 2 to be mended, 130 interrupted."""
    options = _parser().parse_args(arguments)
    # records live to the end: at the usual 700 a tenth of an audit goes into looking at them again
    gc.set_threshold(100_000, 20, 20)
    logging.getLogger("dspy.clients.lm").setLevel(
        logging.ERROR
    )  # a cut-off answer is in its record
    root = Path.cwd()
    try:
        apart = options.verb is audit and Path(options.run).is_dir()  # a run may be anywhere
        if not apart and not (root / "data" / "studies").is_dir():
            raise UserError(f"{root}: no data/studies here; run antipode in the project's folder")
        verb: Does = options.verb
        return verb(options, root)
    except UserError as error:
        print(error, file=sys.stderr)
        return MEND
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # so that closing it fails no more
        return OK
    except OSError as error:
        said = f"{error.filename or root}: {error.strerror or error}"
        print(f"{said}. What was stored before is safe; mend it and go on.", file=sys.stderr)
        return MEND
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED


class _Parser(argparse.ArgumentParser):
    """A parser that names what may have been meant by a word it does not know."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 2."""
        told = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        names = re.findall(r"[\w-]+", told[2]) if told else []
        close = difflib.get_close_matches(told[1], names, n=1) if told else []
        super().error(f"{message}; did you mean {close[0]!r}?" if close else message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="antipode",
        description="How much creative thinking model capacity buys, and how far the judges of "
        "it may be believed.",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    def verb(name: str, does: Does, said: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=said, description=said)
        sub.set_defaults(verb=does)
        return sub

    named = {"help": "a name of data/studies", "nargs": "?", "default": "sample"}
    scored = verb("score", score, "run a study to its report, or go on with it")
    scored.add_argument("study", **named)  # type: ignore[arg-type]
    scored.add_argument(
        "--require-calibrated",
        action="store_true",
        help="ask nothing, and exit 2, where the panel's certificate is missing or stale",
    )
    planned = verb("plan", plan, "say what a study will ask and cost, and check all that is free")
    planned.add_argument("study", **named)  # type: ignore[arg-type]
    planned.add_argument(
        "--show-prompt", metavar="RUBRIC", help="print the exact prompt of one item on a rubric"
    )
    verified = verb(
        "verify",
        verify,
        "ask the arms' endpoints what they are, and with prompts as long as the window (paid where "
        "the endpoint is) whether they take it",
    )
    verified.add_argument("study", help="a name of data/studies")
    verified.add_argument("arms", nargs="*", metavar="ARM", help="an arm of it; all if left out")
    verb("doctor", doctor, "say what each study needs and what of it is there").add_argument(
        "study", nargs="?", help="a name of data/studies; all of them where it is left out"
    )
    verb(
        "audit", audit, "count a run again from its folder alone, and say what was altered"
    ).add_argument("run", help="a name of data/runs, or the path of a run's folder")
    people_verbs.add(verb)
    workshop.add(verb)
    serve_verb.add(verb)
    brought = verb("import", bring, "make a study of ratings that somebody else made")
    brought.add_argument("ratings", type=Path, help="a CSV or parquet file, one score a row")
    brought.add_argument(
        "--columns",
        type=Path,
        required=True,
        metavar="YAML",
        help="names the table's columns and scales; data/imports has some to begin with",
    )
    verb("schema", schema, "write the JSON schemas of the YAML files into data/schema")
    return parser


def score(options: argparse.Namespace, root: Path) -> int:
    """Run a study to its report."""
    from pipeline import console, judgement, progress, run, study
    from pipeline.tabled import counted, kinds

    if kinds.is_one(options.study, root):
        if options.require_calibrated:
            raise UserError(f"{options.study}: a table of ratings has no certificate")
        return _show_counted(counted.execute(counted.load(options.study, root), root), root)
    design = study.load(options.study, root)
    needed = options.require_calibrated
    result = run.execute(design, progress.watch, say, needed)
    if result.owed:
        print("PARTIAL: calls are owed, so every figure below is of a part only")
    told = [console.uncalibrated(result.uncalibrated)] if result.uncalibrated else []
    told += [console.written(result.derived.ratings)] if design.written else []
    terms = judgement.terms(design)
    for line in console.summary(terms, result.derived, told, result.uncalibrated):
        print(line)
    if not result.asked and not result.owed and not result.stopped:
        print("nothing to ask: every answer and verdict is there; the figures are up to date")
        if all(x.model is None for x in design.panel.judges):
            print("its judges only count words, which no wording of a rubric changes")
    print(f"report: {result.report.relative_to(root)}")
    for said in (*result.reasons, *result.stopped):
        say(said)
    if result.owed:
        but = f", but not with those of {', '.join(result.contradicted)}"
        rest = but if result.contradicted else ""
        print(f"{result.owed} calls are still owed: the same command goes on with them{rest}")
    if result.altered or (needed and result.uncalibrated):
        return MEND
    return OWED if result.owed or result.stopped else OK


def _counted_summary(found: "Counted") -> list[str]:
    """The short table of a table of ratings, and before it what its figures are."""
    from pipeline import console
    from pipeline.tabled import slips

    open_ones = slips.uncalibrated(found.terms, found.derived.ratings)
    said = [f"UNCALIBRATED: no answer has both sides: {', '.join(open_ones)}"] if open_ones else []
    said += [console.SIMULATED] if found.study.simulation is not None else []
    return console.summary(found.terms, found.derived, said, open_ones)


def _show_counted(found: "Counted", root: Path) -> int:
    from pipeline import console

    for line in _counted_summary(found):
        print(line)
    for name in found.altered:
        say(f"{name}: ALTERED: it was not what was sealed; made anew from the table's source")
    for line in console.titled(found.terms.criteria, [x.en for x in found.warnings]):
        print(line)
    for warning in found.warnings:
        print(f"beware: {warning.en}")
    print(f"{found.scores} ratings; nobody was asked anything")
    print(f"report: {found.report.relative_to(root)}")
    return OK


def bring(options: argparse.Namespace, root: Path) -> int:
    """Import a table of ratings."""
    from pipeline.tabled import bring

    return _show_counted(bring.bring(options.ratings, options.columns, root), root)


def plan(options: argparse.Namespace, root: Path) -> int:
    """Say what a study will ask."""
    from pipeline import checklists, plan, study
    from pipeline.store import Run
    from pipeline.tabled import kinds
    from pipeline.verifying import verify

    if kinds.is_one(options.study, root):
        from pipeline.tabled import counted

        counted.table_of(counted.load(options.study, root), root)
        print("calls: 0; this study is a table of ratings, and nobody is asked anything")
        return OK
    design = study.load(options.study, root)
    if options.show_prompt is not None:
        print(plan.show_prompt(design, options.show_prompt))
        return OK
    run = Run.look(design.folder)
    lines = checklists.plan_lines(design, plan.plan(design, run))
    for line in [*lines, *checklists.profile_lines(verify.ends(design, run))]:
        print(line)
    return OK


def verify(options: argparse.Namespace, root: Path) -> int:
    """Ask a study's endpoints what they are, the window too."""
    from pipeline import checklists, study
    from pipeline.verifying import verify

    design = study.load(options.study, root)
    found = verify.verify(design, options.arms)
    for line in checklists.verified_lines(found):
        print(line)
    print(
        "kept in the study's run: antipode score refuses an arm that it contradicts, antipode plan "
        "sets it beside what the two ends ask"
    )
    return MEND if any(x.faults for x in found) else OK


def doctor(options: argparse.Namespace, root: Path) -> int:
    """Say what each study needs."""
    from pipeline import checklists, doctor

    names = sorted(x.stem for x in (root / "data" / "studies").glob("*.yaml"))
    asked = [options.study] if options.study else names
    needs = [need for name in asked for need in doctor.examine(name, root)]
    for line in checklists.doctor_lines(asked, needs):
        print(line)
    return OK if not options.study or all(need.there for need in needs) else MEND


def audit(options: argparse.Namespace, root: Path) -> int:
    """Count a run again."""
    from pipeline import audit, certificate, console, judgement, snapshot
    from pipeline.tabled import counted

    named = root / "data" / "runs" / options.run
    folder = named if named.is_dir() else Path(options.run)
    if not folder.is_dir():
        there = sorted(x.name for x in named.parent.glob("*") if (x / snapshot.NAME).is_file())
        close = difflib.get_close_matches(options.run, there, n=1)
        hint = (
            f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(there) or 'none'}"
        )
        raise UserError(f"{named}: no such run; {hint}")
    run = audit.sealed(folder)
    if "table" in run.manifest:
        table = counted.audit(run)
        lines = _counted_summary(table) + console.counted_lines(table)
    else:
        found = audit.audit(folder)
        open_ones = certificate.uncalibrated_rubrics(folder)
        told = [console.uncalibrated(open_ones)] if open_ones else []
        told += [console.written(found.derived.ratings)] if found.design.written else []
        lines = console.summary(judgement.terms(found.design), found.derived, told, open_ones)
        lines += console.audit_lines(found)
    for line in lines:
        print(line)
    page = (folder / "report.html").resolve()
    print(f"report: {page}")
    if sys.stdout.isatty() and (sys.platform == "darwin" or _DISPLAYS & os.environ.keys()):
        webbrowser.open(f"{page.as_uri()}#agreement")
    return OK


def schema(options: argparse.Namespace, root: Path) -> int:
    """Write the schemas."""
    from pipeline import schema

    for path in schema.write(root / "data" / "schema"):
        print(path.relative_to(root))
    return OK
