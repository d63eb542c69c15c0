"""The probes of a rubric: `rubrics/probes/<rubric>.yaml`, checked against the rubrics there are."""

import difflib
from pathlib import Path

from judges.probe import Probes
from pipeline import files
from pipeline.errors import UserError


def load(rubric: str, root: Path) -> Probes:
    """All probes of `rubric`.

    Raises:
        UserError: there is no such file, it does not fit, or it names another rubric than its own
            or one that is not there; one line per fault.
    """
    path = root / "rubrics" / "probes" / f"{rubric}.yaml"
    parsed, name = files.parse(path, root), files.shown(path, root)
    found = files.validate(parsed, Probes, name)
    where = f"{name}:{parsed.lines[('rubric',)]}: field 'rubric' is {found.rubric!r}"
    known = sorted(x.stem for x in (root / "rubrics").glob("*.yaml"))
    if found.rubric not in known:
        close = difflib.get_close_matches(found.rubric, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}"
        raise UserError(f"{where}, which is no rubric; {hint}")
    if found.rubric != path.stem:
        raise UserError(f"{where}, expected {path.stem!r} (the file's name)")
    return found
