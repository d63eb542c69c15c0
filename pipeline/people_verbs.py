"""The verbs that concern people: the rating page, and the gold that comes of it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UserError
from pipeline.workshop import MEND, OK, STUDY, Verb, say

if TYPE_CHECKING:
    from pipeline.rating.intake import Added
    from pipeline.study import Design


def add(verb: Verb) -> None:
    """Put these verbs among the others."""
    rated = verb("rate", rate, "serve the blind rating page, or write it as a file for each person")
    rated.add_argument("study", **STUDY)  # type: ignore[arg-type]
    rated.add_argument(
        "--raters",
        default="",
        metavar="NAMES",
        help="deal more, to these pseudonyms: anna,boris:ru (who reads Russian alone); whoever was "
        "invited before goes on, with it or without",
    )
    rated.add_argument("--prompts", type=int, default=10, help="tasks to draw (10)")
    rated.add_argument("--seed", type=int, default=0, help="of the draw (0); it is kept")
    rated.add_argument(
        "--export", action="store_true", help="a self-contained file for each person, for the mail"
    )
    rated.add_argument("--host", default="127.0.0.1", help="where to serve (this machine alone)")
    rated.add_argument("--port", type=int, default=8765)
    rated.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="a name by which others reach it besides, or a proxy's: rate.example.org:443",
    )
    rated.add_argument("--tls-certificate", type=Path, metavar="PEM")
    rated.add_argument("--tls-key", type=Path, metavar="PEM")
    rated.add_argument(
        "--database",
        metavar="URL",
        help="postgresql+psycopg://...; a file beside the gold if left out",
    )
    people = verb("gold", gold, "what people should rate next; take in, list, check gold")
    people.add_argument("what", choices=["plan", "list", "check", "add", "export", "merge"])
    people.add_argument("names", nargs="*", metavar="NAME", help="a study; files before it")
    people.add_argument("--alpha", type=float, metavar="HALF", help="plan: alpha +- this")
    people.add_argument("--gap", type=float, metavar="HALF", help="plan: the gap +- this, levels")
    people.add_argument("--prompts", type=int, default=10, help="plan: prompts to rate next (10)")
    people.add_argument("--seed", type=int, default=0, help="plan: of the draw (0); it is kept")
    people.add_argument("--into", type=Path, metavar="FILE", help="export, merge: where to")


def rate(options: argparse.Namespace, root: Path) -> int:
    """Have people rate."""
    from pipeline import study
    from pipeline.rating import dealing
    from pipeline.rating import rate as rating
    from pipeline.rating.address import Served
    from pipeline.tabled import kinds

    if kinds.is_one(options.study, root):
        raise UserError(f"{options.study}: is a table of ratings: there is nothing to rate")
    if faults := _faults(options):
        raise UserError("\n".join(faults))
    design = study.load(options.study, root)
    raters = dealing.invited(options.raters, design)
    opened = dealing.opened(design)
    wish = dealing.Wish(raters, options.prompts, options.seed) if raters else None
    if options.export:
        if wish is None:
            raise UserError("--export needs --raters: a file is made for each person")
        for path in rating.export(opened, wish, options.database):
            print(path.relative_to(root))
        print("each hands back a file: antipode gold add FILE " + options.study)
        return OK
    where = Served(
        options.host.removeprefix("[").removesuffix("]"),  # as IPv6 addresses stand in links
        options.port,
        options.tls_certificate,
        options.tls_key,
        options.database,
        tuple(options.name),
    )
    _told(rating.serve(opened, wish, where, say), design)
    return OK


def _faults(options: argparse.Namespace) -> list[str]:
    """What cannot be meant."""
    faults = []
    if (options.tls_certificate is None) != (options.tls_key is None):
        faults.append("--tls-certificate and --tls-key stand together, or neither")
    if not 0 < options.port < 65536:
        faults.append(f"--port is {options.port}, expected 1 to 65535")
    if options.prompts < 1:
        faults.append(f"--prompts is {options.prompts}, expected 1 or more")
    return faults


def gold(options: argparse.Namespace, root: Path) -> int:
    """One of the verbs on gold."""
    does = {
        "plan": _plan,
        "list": _list,
        "check": _check,
        "add": _add,
        "export": _export,
        "merge": _merge,
    }
    return does[options.what](options, root)


def _plan(options: argparse.Namespace, root: Path) -> int:
    """Say what people should rate next."""
    from pipeline import checklists, goldplan, study
    from pipeline.stats.thresholds import Target
    from pipeline.tabled import kinds

    name = _one(options, "sample")
    if kinds.is_one(name, root):
        raise UserError(f"{name}: is a table of ratings: there is nobody to ask for more")
    design = study.load(name, root)
    given = {x: y for x in ("alpha", "gap") if (y := getattr(options, x)) is not None}
    wanted = (design.study.target or Target()).model_copy(update=given)
    if not (0 < wanted.alpha < 1 and wanted.gap > 0 and options.prompts > 0):
        raise UserError("--alpha must lie between 0 and 1, --gap and --prompts above 0")
    for line in checklists.gold_lines(
        goldplan.plan(design, wanted, options.prompts, options.seed), root
    ):
        print(line)
    return OK


def _one(options: argparse.Namespace, otherwise: str | None = None) -> str:
    """The study that is named."""
    names = options.names or ([otherwise] if otherwise is not None else [])
    if len(names) != 1:
        raise UserError(f"gold {options.what} takes one study: antipode gold {options.what} NAME")
    return str(names[0])


def _list(options: argparse.Namespace, root: Path) -> int:
    from pipeline.columns import table
    from pipeline.rating import books

    head = ["file", "rater", "class", "scores", "not judged", "answers", "rubrics", "from", "to"]
    rows = [
        [
            book.name,
            x.rater,
            x.rater_class,
            str(x.ratings),
            str(x.unjudged),
            str(x.answers),
            ", ".join(x.rubrics),
            x.first[:10],
            x.last[:10],
        ]
        for book in books.listed(root)
        for x in book.people
    ]
    for line in table([head, *rows]) if rows else ["data/gold: no ratings yet"]:
        print(line)
    return OK


def _check(options: argparse.Namespace, root: Path) -> int:
    from pipeline import study
    from pipeline.columns import table
    from pipeline.rating import books

    name = _one(options, "sample")
    found = books.checked(study.load(name, root))
    if found.unnamed:
        said = ", ".join(f"data/gold/{x}.csv" for x in found.unnamed)
        print(f"not checked, as data/studies/{name}.yaml does not name them: {said}")
    for fault in found.faults:
        print(fault)
    if not found.flags and not found.faults:
        print(f"nothing looks wrong{' in what was checked' if found.unnamed else ''}")
        return OK
    rows = [[x.rater, x.rubric or "", x.what, str(x.ratings)] for x in found.flags]
    for line in table([["rater", "rubric", "what", "ratings"], *rows]) if rows else []:
        print(line)
    print("nothing was dropped: ask them, or take their rows out yourself")
    return MEND


def _add(options: argparse.Namespace, root: Path) -> int:
    from pipeline import study
    from pipeline.rating import books

    if len(options.names) < 2:
        raise UserError("gold add takes files and then a study: antipode gold add anna.json NAME")
    *paths, name = options.names
    design = study.load(name, root)
    for path in paths:
        _told(books.added(Path(path), design), design)
    return OK


def _export(options: argparse.Namespace, root: Path) -> int:
    from pipeline import study
    from pipeline.rating import books

    name = _one(options, "sample")
    path = options.into or root / f"{name}_gold.parquet"
    count = books.exported(study.load(name, root), path)
    print(f"{count} ratings: {path}")
    return OK


def _merge(options: argparse.Namespace, root: Path) -> int:
    from pipeline import study
    from pipeline.rating import books

    if len(options.names) < 2 or options.into is None:
        raise UserError(
            "gold merge takes files, a study and --into: gold merge a.csv b.csv NAME --into c.csv"
        )
    *paths, name = options.names
    design = study.load(name, root)
    _told(books.merged([Path(x) for x in paths], options.into, design), design, merged=True)
    return OK


def _told(found: "Added", design: "Design", merged: bool = False) -> None:
    """Say what came into a gold file, and what is to be known of it."""
    from pipeline import files
    from pipeline.rating.intake import unnamed

    shown = files.shown(found.path, design.root)
    print(f"{shown}: {found.new} new, {found.revised} revised, {found.same} there already")
    for line in found.notes:
        print(line)
    for pair in found.differing:
        if merged or pair.old:  # a revision is no news; one that is not taken is
            print(pair.said())
    if merged:
        return
    if said := unnamed(found.path, design):
        print(said)
