"""The wordings of a rubric: each kept as its file stood, found again, and set side by side."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from judges.rubric import Rubric, seen_digest
from judges.verdict import Language
from pipeline import files, rubrics, store
from pipeline.errors import UserError
from pipeline.ledger import Ledger, Look, Version, seen, version_digest

_NAMED = re.compile(r"([a-z][a-z0-9_]*)(?:@(\d+))?")
_SEEN = re.compile(r"question\.|levels\[\d+\]\.(name|anchor)\.")
"""The fields that people see; judges are told all of them."""


class Worded(NamedTuple):
    """A wording and what it is called."""

    label: str
    """Such as depth@2, or the path of a file."""
    rubric: Rubric


class Changed(NamedTuple):
    """One text that two wordings have otherwise."""

    field: str
    before: str
    """Empty where there is none."""
    after: str
    seen: bool
    """Whether people see it; what only judges are told leaves people's ratings as they are."""


class Difference(NamedTuple):
    """What two wordings have otherwise."""

    one: Worded
    other: Worded
    changes: tuple[Changed, ...]
    same: bool
    """Whether judges are told the same: comments and layout count for nothing."""


def keep(rubric: Rubric, text: str, ledger: Ledger, at: str) -> Version:
    """The version that `rubric` is; a new one is kept, with `text` as its file's content."""
    held = ledger.version(rubric)
    if held is not None:
        return held
    root = ledger.path.parents[1]
    folder = path_of(rubric.id, 0, root).parent
    taken = [int(x.stem) for x in folder.glob("*.yaml") if x.stem.isdigit()]
    number = 1 + max([*taken, *(x.number for x in ledger.versions(rubric.id))], default=0)
    path = path_of(rubric.id, number, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    store.replace(path, text.encode())
    version = Version(
        at=at,
        rubric=rubric.id,
        number=number,
        digest=version_digest(rubric),
        seen=seen(rubric),
        scale=rubric.scale,
    )
    ledger.add(version)
    return version


def path_of(rubric: str, number: int, root: Path) -> Path:
    """Where a version's file is."""
    return root / "rubrics" / "versions" / rubric / f"{number}.yaml"


def load(version: Version, root: Path) -> Rubric:
    """The wording of a version.

    Raises:
        UserError: its file is missing, or is not what it was.
    """
    path = path_of(version.rubric, version.number, root)
    if not path.exists():
        raise UserError(
            f"{files.shown(path, root)}: the kept wording is gone; bring it back (it is part of "
            "the project), or take the line of that version out of rubrics/tuning.jsonl"
        )
    rubric = files.load(path, Rubric, root)
    if version_digest(rubric) != version.digest:
        raise UserError(
            f"{files.shown(path, root)}: is not the wording that was kept under this number; edit "
            f"rubrics/{version.rubric}.yaml, and leave the kept ones as they are"
        )
    return rubric


def find(name: str, ledger: Ledger, root: Path) -> Worded:
    """The wording that a user names: depth (as it stands), depth@2 (a kept one), or a file.

    Raises:
        UserError: there is none by that name.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name) if Path(name).is_absolute() else root / name
        return Worded(name, rubrics.load(path, root))
    match = _NAMED.fullmatch(name)
    if match is None:
        raise UserError(f"{name!r} names no rubric; expected depth, depth@2 or a file.yaml")
    rubric, number = match.groups()
    if number is None:
        return Worded(name, rubrics.load(root / "rubrics" / f"{rubric}.yaml", root))
    kept = {x.number: x for x in ledger.versions(rubric)}
    if int(number) not in kept:
        there = ", ".join(f"{rubric}@{x}" for x in kept) or "none yet (antipode tune keeps them)"
        raise UserError(f"there is no {name}; there are: {there}")
    return Worded(name, load(kept[int(number)], root))


def difference(one: Worded, other: Worded) -> Difference:
    """What `other` has otherwise than `one`, field by field."""
    before, after = (_texts(x.rubric) for x in (one, other))
    changes = tuple(
        Changed(x, before.get(x, ""), after.get(x, ""), _SEEN.match(x) is not None)
        for x in dict.fromkeys((*before, *after))
        if before.get(x) != after.get(x)
    )
    same = version_digest(one.rubric) == version_digest(other.rubric)
    return Difference(one, other, changes, same)


def _texts(rubric: Rubric) -> dict[str, str]:
    """Every text of a rubric by its place, in the order of the file."""
    found: dict[str, str] = {}
    _walk(rubric.model_dump(mode="json", exclude_none=True), "", found)
    return found


def _walk(value: object, at: str, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _walk(inner, f"{at}.{key}" if at else str(key), found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _walk(inner, f"{at}[{index}]", found)
    else:
        found[at] = str(value)


class History(NamedTuple):
    """A version and every look at it."""

    version: Version
    looks: tuple[Look, ...]


def histories(rubrics: Sequence[str], ledger: Ledger) -> list[History]:
    """The versions of these rubrics, or of all that have any, oldest first.

    Raises:
        UserError: nothing is kept of a rubric that is named.
    """
    kept = list(dict.fromkeys(x.rubric for x in ledger.of(Version)))
    for name in rubrics:
        if name not in kept:
            there = ", ".join(kept) or "none yet (antipode tune keeps them)"
            raise UserError(f"no version of {name!r} is kept; there are: {there}")
    return [
        History(x, tuple(y for y in ledger.looks(x.rubric) if y.version == x.number))
        for name in rubrics or kept
        for x in ledger.versions(name)
    ]


def worded(change: Changed) -> str:
    """A change in one line: words that went in [-brackets-], words that came in {+braces+}.

    >>> worded(Changed("question.en", "How deep is it?", "How far is it?", True))
    'How [-deep-] {+far+} is it?'
    """
    one, other = change.before.split(), change.after.split()
    parts: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += one[a:b]
            continue
        parts += [f"[-{' '.join(one[a:b])}-]"] if b > a else []
        parts += [f"{{+{' '.join(other[c:d])}+}}"] if d > c else []
    return " ".join(parts)


TODAY = "today's words"


def under(digest: str | None, rubric: Rubric, language: Language, ledger: Ledger) -> str:
    """Under which version people gave a rating that carries this digest of what they saw.

    "today's words" where people see the same today.
    """
    if digest is None:
        return "words not known"
    if digest == seen_digest(rubric, language):
        return TODAY
    found = [x.number for x in ledger.versions(rubric.id) if x.seen[language] == digest]
    return f"{rubric.id}@{found[-1]}" if found else "older words"
