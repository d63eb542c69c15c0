"""What a study wants to know of the probability landscape, and where it cannot be known."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import product
from typing import NamedTuple

from judges.digest import digest
from judges.sampling import Sampling
from judges.verdict import Language
from pipeline.arms import Arm
from pipeline.costs import tokens_estimated
from pipeline.landscape import records
from pipeline.landscape.records import Kind
from pipeline.models.catalogue import CONTINUES, GIVES_LOGPROBS, Model
from pipeline.owed import JudgedAnswer, Responses
from pipeline.programs.words import aloud
from pipeline.put import put
from pipeline.store import Run
from pipeline.study import Design
from pipeline.tasks import Task

OPENING_TOKENS = 128
"""Tokens of an opening: enough for a stable mean of a task, a fraction of what an answer costs."""
MOST_TOKENS = 2000
"""Tokens, estimated, of the longest text that is continued or task that is opened: a landscape is
measured at hundreds of places, and texts of books belong to other questions."""
NO_TASK = "no task fits, as the arm puts it"
_WORD = re.compile(r"\w+|[^\w\s]+")
"""A word or a run of signs: tokenisers cut at its end too."""


class Wanted(NamedTuple):
    """One call that the study wants."""

    key: str
    kind: Kind
    who: str
    """The arm, or the embedding model."""
    model: Model
    sampling: Sampling | None
    """Of an opening."""
    text: str
    """The task as the arm puts it, the text to be continued, or the text to be embedded."""
    task: str
    language: Language
    arm: str
    """Whose answers it is about; of a next token, whose next token."""
    draw: int


class Landscape(NamedTuple):
    """All that the study wants of the landscape."""

    wanted: tuple[Wanted, ...]
    missing: tuple[Wanted, ...]
    """Not stored yet, each key once."""
    lacking: dict[tuple[str, str], str]
    """(measure, arm) that cannot be measured, and why."""

    def without(self, arms: Collection[str]) -> "Landscape":
        """What the other arms want; a call that one of them shares is theirs."""
        wanted = tuple(x for x in self.wanted if x.arm not in arms)
        lacks = {x.key for x in self.missing}
        missing = {x.key: x for x in wanted if x.key in lacks}
        return Landscape(wanted, tuple(missing.values()), self.lacking)


class Prefix(NamedTuple):
    """A text that every arm continues."""

    text: str
    task: str
    language: Language


NOTHING = Landscape((), (), {})


def of(design: Design, run: Run, responses: Responses, judged: Sequence[JudgedAnswer]) -> Landscape:
    """What the study wants of the landscape and what of it is lacking.

    Places are drawn from the answers once all of these are there, so that they stay the same.
    """
    asked = design.study.landscape
    if asked is None:
        return NOTHING
    wanted: list[Wanted] = []
    lacking: dict[tuple[str, str], str] = {}
    texts = () if responses.missing else prefixes(design, judged)
    for arm in design.arms:
        for measure, able in (("entropy_own", GIVES_LOGPROBS), ("entropy_same", CONTINUES)):
            if (why := _unable(arm.model, measure, able, design)) is not None:
                lacking[measure, arm.name] = why
        if ("entropy_own", arm.name) not in lacking:
            openings = _openings(design, arm)
            wanted += openings
            if not openings:
                lacking["entropy_own", arm.name] = NO_TASK
        if ("entropy_same", arm.name) not in lacking:
            wanted += _next(design, arm, texts)
    if asked.embeddings is None:
        lacking |= {("spread", x.name): "no embeddings asked for" for x in design.arms}
    else:
        wanted += _embeddings(design.models[asked.embeddings], judged)
    missing = {x.key: x for x in wanted if x.key not in run.landscape}
    return Landscape(tuple(wanted), tuple(missing.values()), lacking)


def _unable(model: Model, measure: str, able: frozenset[str], design: Design) -> str | None:
    """Why a measure is not to be had of `model`; None where it is."""
    asked = design.study.landscape
    assert asked is not None
    if asked.logprobs is None:
        return "no log-probabilities asked for"
    if measure == "entropy_same" and asked.prefixes is None:
        return "no prefixes asked for"
    if model.provider == "recorded":
        return "its answers are recorded: no model is asked"
    if model.provider == "anthropic":
        return "Claude gives no log-probabilities"
    return None if model.provider in able else "its service continues no bare text"


def opening_sampling(arm: Arm) -> Sampling:
    """The settings of an opening: those of the arm's first call, cut short."""
    own = arm.sampling
    whole = arm.knobs.thinking_tokens or own.max_tokens or OPENING_TOKENS
    most = min(whole, OPENING_TOKENS)
    # a thinking budget that the opening never reaches would only be refused
    thinking = own.thinking_budget_tokens
    kept = thinking if thinking is not None and thinking < most else None
    return own.model_copy(update={"max_tokens": most, "thinking_budget_tokens": kept})


def opening_prompt(arm: Arm, task: Task, language: Language) -> str | None:
    """What the arm's first call puts to the model; None where its window has no room for a task.

    An arm that thinks aloud is first asked for its notes.
    """
    asked = put(task.first(language), task.second(language), language, arm)
    if asked is None:
        return None
    return asked.first if arm.knobs.thinking_tokens is None else aloud(asked.first, language)


def _openings(design: Design, arm: Arm) -> list[Wanted]:
    """An opening of an answer to every task that is not too long, as it stands and as it is put."""
    asked, sampling = design.study.landscape, opening_sampling(arm)
    assert asked is not None
    assert asked.logprobs is not None
    most = room(design, sampling.max_tokens)
    found = []
    for task, language in product(design.tasks, design.study.languages):
        prompt = opening_prompt(arm, task, language)
        texts = (task.first(language), prompt or "")
        if prompt is None or max(map(tokens_estimated, texts)) > most:
            continue
        key = records.opening_key(arm.model, sampling, asked.logprobs, prompt)
        about = (arm.name, arm.model, sampling, prompt, task.id, language, arm.name, 0)
        found.append(Wanted(key, "opening", *about))
    return found


def _next(design: Design, arm: Arm, texts: Sequence[Prefix]) -> list[Wanted]:
    asked = design.study.landscape
    assert asked is not None
    assert asked.logprobs is not None
    return [
        Wanted(
            records.next_key(arm.model, asked.logprobs, x.text),
            "next",
            arm.name,
            arm.model,
            None,
            x.text,
            x.task,
            x.language,
            arm.name,
            0,
        )
        for x in texts
    ]


def _embeddings(model: Model, judged: Sequence[JudgedAnswer]) -> list[Wanted]:
    return [
        Wanted(
            records.embedding_key(model, x.item.answer),
            "embedding",
            model.id,
            model,
            None,
            x.item.answer,
            x.want.task.id,
            x.want.language,
            x.want.arm.name,
            x.want.draw,
        )
        for x in judged
    ]


def room(design: Design, reply: int | None) -> float:
    """Tokens that a text may have: what every arm's window holds beside `reply`, or the most."""
    windows = [x.model.context_tokens for x in design.arms if x.model.context_tokens is not None]
    return min([MOST_TOKENS, *(x - (reply or 0) for x in windows)])


def prefixes(design: Design, judged: Sequence[JudgedAnswer]) -> tuple[Prefix, ...]:
    """The texts that every arm continues: each a task, and an answer up to the end of a word.

    Half of the places lie in answers of the high end, half in those of the low one, spread evenly
    over tasks, languages and draws; which places is decided by the answers' own keys, so equal
    answers give equal places. None at the very end, after which an answer only stops.
    """
    asked = design.study.landscape
    if asked is None or asked.prefixes is None:
        return ()
    most = room(design, 1)
    found: list[Prefix] = []
    for place, end in enumerate((design.hicap, design.locap)):
        count = (asked.prefixes + 1 - place) // 2
        answers = [x for x in judged if x.want.arm.name == end.name]
        found += _places(_dealt(answers), count, most)
    return tuple(found)


def _dealt(answers: Sequence[JudgedAnswer]) -> list[JudgedAnswer]:
    """The answers so that any first few are of as many tasks as can be, all languages of each."""
    return sorted(
        answers, key=lambda x: (x.want.draw, digest("deal", x.want.task.id), x.want.language)
    )


def _places(answers: Sequence[JudgedAnswer], count: int, most: float) -> list[Prefix]:
    """`count` places, one an answer in turn; fewer where the answers have no more."""
    ends: dict[str, list[str]] = {x.want.key: _texts(x, most) for x in answers}
    found: list[Prefix] = []
    taken: dict[str, int] = defaultdict(int)
    while len(found) < count and any(ends.values()):
        for one in answers:
            texts = ends[one.want.key]
            if not texts or len(found) >= count:
                continue
            turn = taken[one.want.key]
            taken[one.want.key] += 1
            at = int(digest("place", one.want.key, turn)[:8], 16) % len(texts)
            found.append(Prefix(texts.pop(at), one.want.task.id, one.want.language))
    return found


def _texts(one: JudgedAnswer, most: float) -> list[str]:
    """Every text of an answer that may be continued."""
    before = f"{one.want.prompt}\n\n"
    answer = one.item.answer
    ends = [x.end() for x in _WORD.finditer(answer)][:-1]
    texts = (before + answer[:end] for end in ends)
    return [x for x in texts if tokens_estimated(x) <= most]
