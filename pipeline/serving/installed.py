"""The vLLM that is installed here, and the list of options that commands are checked against."""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from pipeline.serving import options
from pipeline.serving.options import KEPT, Listed, Options
from pipeline.serving.remake import remake


class Installed(NamedTuple):
    """A vLLM on this machine."""

    command: Path | None
    """What starts it; None = only the package is there."""
    package: Path | None
    """Its folder; None = the command is there and its package was not found beside it."""


def find() -> Installed | None:
    """The vLLM of this environment, or else that of the `vllm` on the path; None = there is none.

    Nothing of it is imported.
    """
    spec = importlib.util.find_spec("vllm")
    if spec is not None and spec.origin is not None:
        beside = Path(sys.executable).parent / "vllm"
        other = shutil.which("vllm")
        command = beside if beside.is_file() else Path(other) if other else None
        return Installed(command, Path(spec.origin).parent)
    on_path = shutil.which("vllm")
    if on_path is None:
        return None
    prefix = Path(on_path).resolve().parent.parent
    held = sorted(prefix.glob("lib*/python3*/site-packages/vllm/_version.py"))
    return Installed(Path(on_path), held[0].parent if held else None)


def listed(root: Path, found: Installed | None) -> Listed:
    """The options of the installed vLLM, read anew, or else the list kept in the project.

    Raises:
        UserError: the installed one is built otherwise than the reader knows, or no list is kept.
    """
    kept = options.load(root / KEPT)
    if found is None:
        return Listed(kept, f"vLLM {kept.version}, the list kept in {KEPT}; none is installed here")
    if found.package is None:
        said = f"vLLM {kept.version}, the list kept in {KEPT}; no package beside {found.command}"
        return Listed(kept, said)
    own = remake(found.package)
    return Listed(own, f"vLLM {own.version}, which is installed here{_told(own, kept)}")


def _told(own: Options, kept: Options) -> str:
    """How the installed list differs from the kept one, in a few words; empty: it does not."""
    gone = len(kept.flags.keys() - own.flags.keys())
    new = len(own.flags.keys() - kept.flags.keys())
    other = sum(own.flags[x] != kept.flags[x] for x in own.flags.keys() & kept.flags.keys())
    if not gone + new + other:
        return ""
    return (
        f" ({KEPT} is of {kept.version}: {new} flags are new, {gone} are gone, "
        f"{other} take other values)"
    )
