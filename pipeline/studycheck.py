"""Whether what a study names can be compared: what no file is wrong in by itself."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from judges.panel import Panel
from judges.rubric import Rubric, measurable
from pipeline import arms
from pipeline.errors import Faults
from pipeline.models.catalogue import EMBEDS, Model
from pipeline.tasks import Task

if TYPE_CHECKING:
    from pipeline.study import Study


class Named(NamedTuple):
    """What a study names, as far as its files are sound."""

    root: Path
    models: dict[str, Model] | None
    ends: tuple[arms.Arm, arms.Arm] | None
    tasks: tuple[Task, ...]
    rubrics: tuple[Rubric, ...]
    panel: Panel | None


def check(study: "Study", named: Named, faults: Faults) -> None:
    """Keep every fault of what is named together; what is not sound by itself is passed over."""
    _check_tasks(named.tasks, study, faults)
    _check_crossed(named.tasks, study, faults)
    _check_gold(study, named.root, faults)
    if named.models is not None and named.panel is not None:
        _check_judges(named.panel, named.models, named.rubrics, faults)
    if named.models is not None:
        _check_embeddings(study, named.models, faults)
    if named.ends is not None:
        _check_ends(*named.ends, study, faults)
        _check_askable(named.ends, study, faults)


def check_servers(models: Sequence[Model], faults: Faults) -> None:
    """Refuse entries of one vLLM server that differ in what only its start can set.

    A request cannot say how the weights are loaded: both would be asked exactly the same, and what
    they answer would be called an effect of the difference. A server holds one model, whatever
    names it gives to it.
    """
    served = {x.id: x for x in models if x.provider == "vllm"}
    for one, other in combinations(served.values(), 2):
        if _address(one) != _address(other):
            continue
        if differ := _started_otherwise(one, other):
            faults.lines.append(
                f"data/models.yaml: {one.id} ({one.name} at {one.base_url}) and {other.id} "
                f"({other.name} at {other.base_url}) are one server, but differ in "
                f"{', '.join(differ)}, which its start sets and no request can; start a server "
                "for each, with a base_url of its own"
            )


_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")


def _address(model: Model) -> tuple[str, int, str]:
    """Host, port and path of a server, the same however they are spelled."""
    parts = urlsplit(str(model.base_url))
    host = (parts.hostname or "").rstrip(".")
    with suppress(ValueError):  # a name
        host = str(ip_address(host))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return "localhost" if host in _HERE else host, port, parts.path.rstrip("/")


def _started_otherwise(one: Model, other: Model) -> list[str]:
    """The fields in which two servers would have to be started otherwise."""
    was, now = (x.serving.changes() if x.serving else {} for x in (one, other))
    differ = [f"serving.{x}" for x in sorted(was.keys() | now.keys()) if was.get(x) != now.get(x)]
    if (one.quantisation or "none") != (other.quantisation or "none"):
        differ.append("quantisation")
    if one.revision != other.revision:
        differ.append("revision")
    if None not in (windows := {one.context_tokens, other.context_tokens}) and len(windows) > 1:
        differ.append("context_tokens")
    if None not in (one.shape, other.shape) and one.shape != other.shape:
        differ.append("shape")
    return differ


def _check_ends(high: arms.Arm, low: arms.Arm, study: "Study", faults: Faults) -> None:
    """Two arms that ask the same would be one under two names."""
    if (high.identity, high.program) == (low.identity, low.program):
        faults.lines.append(
            f"data/studies/{study.name}.yaml: arms {high.name!r} and {low.name!r} would be asked "
            "exactly the same; a difference must be in the model (name, revision, quantisation, "
            "fingerprint) or in a setting that reaches it"
        )


def _check_tasks(tasks: tuple[Task, ...], study: "Study", faults: Faults) -> None:
    """Two tasks with one text would be one under two names."""
    for language in study.languages:
        first: dict[str, str] = {}
        for task in tasks:
            other = first.setdefault(task.prompt(language), task.id)
            if other != task.id:
                faults.lines.append(
                    f"data/tasks/{task.id}.yaml: text.{language} is that of {other!r} too"
                )


def _check_crossed(tasks: tuple[Task, ...], study: "Study", faults: Faults) -> None:
    """A factor is crossed with languages, or with long chains, only where there are both sides."""
    for number, one in enumerate(study.interactions):
        where = f"data/studies/{study.name}.yaml: interactions[{number}].second is {one.second!r}"
        if one.second == "language" and len(study.languages) < 2:
            (only,) = study.languages
            faults.lines.append(
                f"{where}, but `languages` names {only} alone; name both, or take it out"
            )
        long = [x.kind == "long_chain" for x in tasks]
        if one.second == "long_chain" and tasks and (all(long) or not any(long)):
            there = "every task is" if all(long) else "no task of the study is"
            faults.lines.append(
                f"{where}, but {there} of kind long_chain; name tasks of both sorts, or take it out"
            )


def _check_gold(study: "Study", root: Path, faults: Faults) -> None:
    """A gold file that is named is there; but people may be about to write the study's own."""
    folder = root / "data" / "gold"
    own = {study.name, f"{study.name}_people"}
    lacking = [x for x in study.gold if x not in own and not (folder / f"{x}.csv").is_file()]
    there = ", ".join(sorted(x.stem for x in folder.glob("*.csv"))) or "none"
    faults.lines += [f"data/gold/{x}.csv: no such file; there are: {there}" for x in lacking]


def _check_askable(ends: tuple[arms.Arm, ...], study: "Study", faults: Faults) -> None:
    """Benchmarks ask what no recording holds."""
    faults.lines += [
        f"data/studies/{study.name}.yaml: benchmarks cannot be put to arm {arm.name!r}, whose "
        "answers are recorded; take `benchmarks` out, or an arm with a model that can be asked"
        for arm in ends
        if study.benchmarks and arm.model.provider == "recorded"
    ]


def _check_embeddings(study: "Study", models: dict[str, Model], faults: Faults) -> None:
    where = f"data/studies/{study.name}.yaml: landscape.embeddings"
    name = study.landscape.embeddings if study.landscape is not None else None
    if name is None:
        return
    model = faults.take(partial(arms.find_model, name, models, where))
    if model is not None and model.provider not in EMBEDS:
        faults.lines.append(
            f"{where} {name!r} has provider {model.provider}, which embeds nothing; expected one "
            f"of {', '.join(sorted(EMBEDS))}"
        )


def _check_judges(
    panel: Panel, models: dict[str, Model], rubrics: tuple[Rubric, ...], faults: Faults
) -> None:
    where = f"judges/panels/{panel.id}.yaml: judge"
    for judge in panel.judges:
        if judge.model is None:
            continue
        said = f"{where} {judge.id!r}: model"
        model = faults.take(partial(arms.find_model, judge.model, models, said))
        if model is None:
            continue
        if model.provider == "recorded":
            faults.lines.append(f"{said} {model.id!r} has recorded answers, it cannot judge")
        if model.provider == "anthropic" and judge.sampling.max_tokens is None:
            faults.lines.append(f"{where} {judge.id!r}: sampling.max_tokens is missing (required)")
        if model.provider == "anthropic" and judge.scoring == "measured":
            faults.lines.append(
                f"{where} {judge.id!r}: scoring is 'measured', but Claude gives no "
                "log-probabilities; expected 'stated'"
            )
        for rubric in rubrics if judge.scoring == "measured" else ():
            if not measurable(rubric.scale):
                faults.lines.append(
                    f"{where} {judge.id!r}: scoring is 'measured', but on {rubric.id} one level's "
                    "digits begin another's (1 and 10), and no token can tell them apart; expected "
                    "'stated', or levels that do not"
                )
