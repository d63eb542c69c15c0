"""The command `antipode`: verbs, exit codes and what is printed; the work is done elsewhere."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.errors import UserError

OK, OWED, MEND, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code: 0 done, 1 calls still owed, 2 to be mended, 130 interrupted."""
    options = _parser().parse_args(arguments)
    logging.getLogger("dspy.clients.lm").setLevel(
        logging.ERROR
    )  # a cut-off answer is in its record
    root = Path.cwd()
    try:
        if not (root / "data" / "studies").is_dir():
            raise UserError(f"{root}: no data/studies here; run antipode in the project's folder")
        verb: Callable[[argparse.Namespace, Path], int] = options.verb
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="antipode",
        description="How much creative thinking model capacity buys, and how far the judges of "
        "it may be believed.",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    def verb(
        name: str, does: Callable[[argparse.Namespace, Path], int], said: str
    ) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=said, description=said)
        sub.set_defaults(verb=does)
        return sub

    named = {"help": "a name of data/studies", "nargs": "?", "default": "sample"}
    verb("score", score, "run a study to its report, or go on with it").add_argument(
        "study",
        **named,  # type: ignore[arg-type]
    )
    planned = verb("plan", plan, "say what a study will ask and cost, and check all that is free")
    planned.add_argument("study", **named)  # type: ignore[arg-type]
    planned.add_argument(
        "--show-prompt", metavar="RUBRIC", help="print the exact prompt of one item on a rubric"
    )
    verb("doctor", doctor, "say what each study needs and what of it is there").add_argument(
        "study", nargs="?", help="a name of data/studies; all of them where it is left out"
    )
    verb(
        "audit", audit, "count a run again from its folder alone, and say what was altered"
    ).add_argument("run", help="a name of data/runs, or the path of a run's folder")
    verb("schema", schema, "write the JSON schemas of the YAML files into data/schema")
    return parser


def score(options: argparse.Namespace, root: Path) -> int:
    """Run a study to its report."""
    from pipeline import progress, run, study

    design = study.load(options.study, root)
    result = run.execute(design, progress.watch, _say)
    if result.owed:
        print("PARTIAL: calls are owed, so every figure below is of a part only")
    for line in progress.summary(design, result.derived):
        print(line)
    if not result.asked and not result.owed:
        print("nothing to do: every answer and verdict is there")
    print(f"report: {result.report.relative_to(root)}")
    for said in (*result.reasons, *result.stopped):
        _say(said)
    if result.owed:
        print(f"{result.owed} calls are still owed: the same command goes on with them")
        return OWED
    return OK


def plan(options: argparse.Namespace, root: Path) -> int:
    """Say what a study will ask."""
    from pipeline import plan, progress, study

    design = study.load(options.study, root)
    if options.show_prompt is not None:
        print(plan.show_prompt(design, options.show_prompt))
        return OK
    for line in progress.plan_lines(design, plan.plan(design)):
        print(line)
    return OK


def doctor(options: argparse.Namespace, root: Path) -> int:
    """Say what each study needs."""
    from pipeline import doctor, progress

    names = sorted(x.stem for x in (root / "data" / "studies").glob("*.yaml"))
    asked = [options.study] if options.study else names
    needs = [need for name in asked for need in doctor.examine(name, root)]
    for line in progress.doctor_lines(asked, needs):
        print(line)
    return OK if not options.study or all(need.there for need in needs) else MEND


def audit(options: argparse.Namespace, root: Path) -> int:
    """Count a run again."""
    from pipeline import audit, progress

    named = root / "data" / "runs" / options.run
    found = audit.audit(named if named.is_dir() else Path(options.run))
    for line in (*progress.summary(found.design, found.derived), *progress.audit_lines(found)):
        print(line)
    print(f"report: {found.report}")
    return OK


def schema(options: argparse.Namespace, root: Path) -> int:
    """Write the schemas."""
    from pipeline import schema

    for path in schema.write(root / "data" / "schema"):
        print(path.relative_to(root))
    return OK


def _say(line: str) -> None:
    print(line, file=sys.stderr)
