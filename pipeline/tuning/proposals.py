"""What a user asks of a proposal, the gold that it rests on, and where its diff is put."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from judges.panel import Judge
from judges.verdict import Language
from judges.wording import Example
from pipeline import files, store
from pipeline.errors import UserError
from pipeline.ledger import Ledger, Search, split
from pipeline.records import now
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tuning import rated, versions
from pipeline.tuning.metering import Budget
from pipeline.tuning.proposing import Proposal
from pipeline.tuning.rated import Rated
from pipeline.tuning.searching import Standing, Wanted


class Asked(NamedTuple):
    """What is asked for."""

    rubric: str
    language: Language | None
    """Whose words; None = that in which most of the rated answers are read."""
    judge: str | None
    """Of the panel; None = its first model."""
    reflector: str | None
    calls: int
    dollars: float | None
    seed: int


class Proposed(NamedTuple):
    """A proposal, and where its diff lies."""

    study: str
    proposal: Proposal
    diff: Path | None
    """None where nothing better was found."""


def propose(design: Design, asked: Asked) -> Proposed:
    """Words by which a judge comes nearer to people, from the tune half of a study's gold.

    The rubric's file is left alone; the diff is put beside the study's run.

    Raises:
        UserError: something must be mended first; nothing was asked then.
    """
    from pipeline.tuning.proposing import propose as search

    ledger = Ledger(design.root)
    with Run(design.folder) as run:
        gold = rated.of(design, run, asked.rubric)
        path = design.root / "rubrics" / f"{asked.rubric}.yaml"
        version = versions.keep(gold.rubric, files.read(path, design.root), ledger, now())
        dealt = split(gold.prompts, ledger, asked.seed, now())
        ledger.add(*([dealt] if dealt is not None else []))
        part = rated.half(gold, ledger, "tune")
        language = asked.language or _most_read(part, design)
        examples = _examples(part, design, language)
        wanted = Wanted(
            design.root,
            path,
            gold.rubric,
            language,
            _judge(design, asked.judge),
            design.models,
            asked.reflector,
            design.tasks,
        )
        found = search(wanted, examples, Budget(asked.calls, asked.dollars), asked.seed)
        if found.calls:
            entry = Search(
                at=now(),
                rubric=asked.rubric,
                version=version.number,
                study=design.study.name,
                judge=found.judge,
                language=language,
                answers=len(examples),
                calls=found.calls,
                cost=found.cost,
                found=bool(found.diff),
            )
            ledger.add(entry)
        return Proposed(design.study.name, found, _kept(design, found))


def _most_read(part: Rated, design: Design) -> Language:
    read = Counter(design.rubric_language(x.item.language) for x in part.answers)
    return max(sorted(read), key=lambda x: read[x])


def _judge(design: Design, name: str | None) -> Judge:
    models = [x for x in design.panel.judges if x.model is not None]
    if name is None:
        return models[0]
    found = next((x for x in models if x.id == name), None)
    if found is None:
        there = ", ".join(x.id for x in models)
        raise UserError(
            f"judges/panels/{design.panel.id}.yaml: no judge {name!r} that is a model; there are: "
            f"{there}"
        )
    return found


def _examples(part: Rated, design: Design, language: Language) -> list[Example]:
    """The rated answers for which the rubric is read in `language`."""
    scores: dict[str, list[float]] = defaultdict(list)
    comments: dict[str, list[str]] = defaultdict(list)
    for rating, _ in part.human:
        assert rating.score is not None, "the gold of a rubric has scores only"
        scores[rating.response_key].append(float(rating.score))
        comments[rating.response_key] += [rating.comment] if rating.comment else []
    return [
        Example(
            x.item, x.want.task.id, tuple(sorted(scores[x.want.key])), tuple(comments[x.want.key])
        )
        for x in part.answers
        if design.rubric_language(x.item.language) == language
    ]


def _kept(design: Design, found: Proposal) -> Path | None:
    if not found.diff:
        return None
    folder = design.folder / "proposals"
    folder.mkdir(exist_ok=True)
    number = 1 + len(list(folder.glob(f"{found.rubric}_*.diff")))
    path = folder / f"{found.rubric}_{number}.diff"
    store.replace(path, found.diff.encode())
    return path


def lines(found: Proposed, root: Path) -> list[str]:
    """What a terminal shows of a proposal."""
    one = found.proposal
    cost = "cost not known" if one.cost is None else f"{one.cost:.4f} $"
    failed = ", ".join(f"{n} {kind}" for kind, n in one.failed.items())
    told = [
        f"judge {one.judge} on {one.rubric} ({one.language}), on {one.prompts} tasks of the tune "
        "half that no rewriting has seen:",
        f"  now      {_standing(one.before)}",
    ]
    if not one.before.heard:
        told[1:] = ["  the judge gave no verdict: nothing can be said of its words"]
    if one.after is not None:
        told.append(f"  proposed {_standing(one.after)}")
    told += [f"  {x}" for x in one.said]
    told.append(f"asked {one.calls} requests ({cost})" + (f"; failed: {failed}" if failed else ""))
    if found.diff is None:
        return told
    told += ["", one.diff.rstrip(), ""]
    where = found.diff.relative_to(root)
    told += [
        "the score flatters: the proposal was chosen by it among several. To take it:",
        f"  git apply {where}   (or: patch -p1 < {where}), then antipode tune {one.rubric} "
        f"{found.study}",
    ]
    if one.seen:
        told.append("people would see other words too: the ratings there are become older gold")
    return told


def _standing(one: Standing) -> str:
    aside = [
        f"{n} {what}" for n, what in ((one.abstained, "abstained"), (one.failed, "failed")) if n
    ]
    said = f"closeness to people {one.score:.3f} of 1 on {one.answers} answers"
    return said + (f" ({', '.join(aside)})" if aside else "")
