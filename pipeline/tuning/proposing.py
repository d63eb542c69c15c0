"""New words for a rubric, sought where a judge and people disagree, for a person to accept."""

from collections.abc import Sequence
from typing import NamedTuple

from judges.rubric import Rubric, seen_digest
from judges.verdict import Language
from judges.wording import Example, Words, places, reworded, words
from pipeline import files
from pipeline.errors import UserError
from pipeline.models.catalogue import taken
from pipeline.preflight import raise_any
from pipeline.tuning import amending
from pipeline.tuning.metering import Budget, Meter
from pipeline.tuning.searching import (
    Found,
    Standing,
    Wanted,
    parted,
    reflector_of,
    round_calls,
    search,
)

_PROMPTS = 4
"""Fewest prompts: two to reflect on, two to choose by."""
_NOTHING = "nothing better than the present words was found"


class Change(NamedTuple):
    """One text of the file and what is proposed for it."""

    name: str
    """Such as `levels[2].anchor.en`."""
    before: str
    after: str


class Proposal(NamedTuple):
    """What is proposed; nothing has been written.

    It was chosen among several by its score on the selection set, so that score is flattering:
    only prompts that were in neither set can say how much is really gained.
    """

    rubric: str
    language: Language
    judge: str
    changes: tuple[Change, ...]
    """Empty where nothing better was found."""
    seen: bool
    """Whether people would see other words too: ratings of the present ones do not count for the
    new (gold carries the digest of what was seen)."""
    prompts: int
    """Of the selection set: no rewriting has reflected on them."""
    before: Standing
    after: Standing | None
    """None where nothing better was found."""
    calls: int
    """Requests to models, failed ones and retries included."""
    failed: dict[str, int]
    """Requests that brought nothing of use, by kind of fault."""
    cost: float | None
    """US dollars of all replies; None where any of them is not known."""
    said: tuple[str, ...]
    """That nothing was found, where so; and why the search ended."""
    diff: str
    """Unified, from the project's folder; empty where there is nothing to change."""


def propose(wanted: Wanted, examples: Sequence[Example], budget: Budget, seed: int = 0) -> Proposal:
    """Words by which the judge comes nearer to people, found by DSPy's GEPA within `budget`.

    Nothing is written. Examples are parted by prompt: on one half the rewriter reflects, by the
    other a candidate is chosen.

    Raises:
        UserError: something must be mended first; nothing was asked then.
    """
    examples = [x for x in examples if x.scores]
    reflected, selected = parted(examples, seed)
    text = files.read(wanted.path, wanted.root)
    raise_any(
        [
            *_file_faults(wanted, text),
            *_model_faults(wanted, budget),
            *_example_faults(wanted.language, reflected, selected, budget),
        ]
    )
    meter = Meter(budget)
    found = search(wanted, reflected, selected, meter, seed)
    return _proposal(wanted, text, found, len({x.prompt for x in selected}), meter)


def _file_faults(wanted: Wanted, text: str) -> list[str]:
    """What keeps the file from being changed text by text."""
    name = files.shown(wanted.path, wanted.root)
    if not wanted.path.is_relative_to(wanted.root):
        return [f"{name}: is not in the project's folder {wanted.root}; a diff is made from there"]
    if _loaded(text, name) != wanted.rubric:
        return [f"{name}: has changed since it was read; start again"]
    now = words(wanted.rubric, wanted.language)
    trial = {x: f"{' '.join(said.split())} : #" for x, said in now.items()}
    if _amended(wanted, text, trial) is None:
        return [f"{name}: its texts cannot be changed one by one; write each out, without & and *"]
    return []


def _loaded(text: str, name: str) -> Rubric:
    return files.validate(files.parse_text(text.removeprefix("\ufeff"), name), Rubric, name)


def _amended(wanted: Wanted, text: str, new: Words) -> str | None:
    """The file's text with the words of `new`; None where it would not load as that rubric."""
    known = places(wanted.rubric, wanted.language)
    name = files.shown(wanted.path, wanted.root)
    amended = amending.amended(text, {known[x]: said for x, said in new.items()})
    try:
        same = _loaded(amended, name) == reworded(wanted.rubric, wanted.language, new)
    except UserError:
        return None
    return amended if same else None


def _model_faults(wanted: Wanted, budget: Budget) -> list[str]:
    """What is wrong with the judge and the reflector, and what a budget in dollars needs."""
    judge = wanted.judge
    if judge.model is None:
        return [f"judge {judge.id!r} is computed: it reads no words; take one that is a model"]
    known = ", ".join(sorted(wanted.models)) or "none"
    faults = []
    for model_id, sampling in {judge.model: judge.sampling, **dict([reflector_of(wanted)])}.items():
        model = wanted.models.get(model_id)
        if model is None:
            faults.append(f"data/models.yaml: there is no model {model_id!r}; there are: {known}")
        elif budget.dollars is None:
            continue
        elif model.price is None:
            faults.append(f"a budget in dollars needs the price of {model_id} in data/models.yaml")
        elif model.price.output_per_million > 0 and "max_tokens" not in taken(model, sampling):
            faults.append(
                f"a budget in dollars needs a limit on the replies of {model_id}: set "
                f"sampling.max_tokens of judge {judge.id!r} in its panel"
            )
    return faults


def _example_faults(
    language: Language, reflected: Sequence[Example], selected: Sequence[Example], budget: Budget
) -> list[str]:
    prompts = len({x.prompt for x in (*reflected, *selected)})
    if prompts < _PROMPTS:
        return [
            f"of the tune half, answers to {prompts} prompts are read in {language}, at least "
            f"{_PROMPTS} are needed: a rewriting is chosen on prompts that it has not reflected on"
        ]
    needed = len(selected) + round_calls(reflected, selected)
    if budget.calls < needed:
        return [
            f"the budget is {budget.calls} calls, at least {needed} are needed: "
            f"{len(selected)} answers to choose by, and as many again with a first rewriting"
        ]
    return []


def _proposal(wanted: Wanted, text: str, found: Found, prompts: int, meter: Meter) -> Proposal:
    rubric, language = wanted.rubric, wanted.language
    now, known = words(rubric, language), places(rubric, language)
    new = {x: said for x, said in (found.words or {}).items() if said != now[x]}
    amended = _amended(wanted, text, new)
    if amended is None:
        raise AssertionError("the file took a trial of every text before the first call")
    path = wanted.path.relative_to(wanted.root).as_posix()
    ended = (meter.ended,) if meter.ended else ()
    return Proposal(
        rubric=rubric.id,
        language=language,
        judge=wanted.judge.id,
        changes=tuple(Change(files.dotted(known[x]), now[x], new[x]) for x in new),
        seen=seen_digest(reworded(rubric, language, new), language)
        != seen_digest(rubric, language),
        prompts=prompts,
        before=found.before,
        after=found.after,
        calls=meter.calls,
        failed=dict(sorted(meter.failed.items())),
        cost=meter.cost,
        said=ended if new else (_NOTHING, *ended),
        diff=amending.diff(text, amended, path),
    )
