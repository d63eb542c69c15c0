"""Somebody else's ratings into the project: the table and the YAML that names its columns."""

import shutil
from pathlib import Path

from pipeline import files
from pipeline.errors import UserError
from pipeline.tabled import counted, read
from pipeline.tabled.counted import Counted
from pipeline.tabled.kinds import TableStudy


def bring(ratings: Path, names: Path, root: Path) -> Counted:
    """The ratings in `ratings`, whose columns the YAML `names` names, as a study that is counted.

    The YAML becomes `data/studies/<name>.yaml` and the table `data/imports/<name>.<ending>`, so
    that `antipode score <name>` counts it again.

    Raises:
        UserError: a file is at fault (nothing is written then), or the name is another study's.
    """
    study = files.load(names, TableStudy, root)
    if study.columns is None:
        raise UserError(
            f"{files.shown(names, root)}: has no `columns`: a simulation reads no table"
        )
    if ratings.suffix not in counted.SUFFIXES:
        wanted = " or ".join(counted.SUFFIXES)
        raise UserError(
            f"{files.shown(ratings, root)}: ends in {ratings.suffix!r}, expected {wanted}"
        )
    read.read(ratings, study, root)
    kept = root / "data" / "studies" / f"{study.name}.yaml"
    told = names.read_bytes()
    if kept.exists() and kept.read_bytes() != told:
        raise UserError(
            f"{files.shown(kept, root)}: is there already and differs; edit it and run "
            f"`antipode score {study.name}`, or give this one another name"
        )
    place = root / "data" / "imports" / f"{study.name}{ratings.suffix}"
    place.parent.mkdir(parents=True, exist_ok=True)
    for other in (place.with_suffix(x) for x in counted.SUFFIXES):
        if other.exists() and other.read_bytes() != ratings.read_bytes():
            said = "holds other ratings; remove it, or give these another name"
            raise UserError(f"{files.shown(other, root)}: {said}")
    if not place.exists():
        shutil.copyfile(ratings, place)
    if not kept.exists():
        kept.write_bytes(told)
    return counted.execute(study, root)
