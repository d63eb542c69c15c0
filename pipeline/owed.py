"""What a study wants, what of it is stored, and what is therefore owed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from judges.rubric import seen_digest
from judges.verdict import Item, Language
from pipeline import generate, gold, score
from pipeline.bench import Bench
from pipeline.demos import Demos, Scored, prompts
from pipeline.errors import UserError
from pipeline.forms import FormDigests, Forms
from pipeline.generate import WantedResponse
from pipeline.ledger import Ledger
from pipeline.records import item_of
from pipeline.score import WantedVerdict
from pipeline.store import Run
from pipeline.study import Design

REFUSED = "the judge refused every time it was asked"
UNFIT = "the answer does not fit the judge's window"


class JudgedAnswer(NamedTuple):
    """A stored answer that judges see, and the item they see."""

    want: WantedResponse
    item: Item


class Responses(NamedTuple):
    """The answers that the study wants."""

    wanted: tuple[WantedResponse, ...]
    missing: tuple[WantedResponse, ...]
    """Not stored yet."""


class Verdicts(NamedTuple):
    """The verdicts that the study wants on the answers it has."""

    wanted: tuple[WantedVerdict, ...]
    missing: tuple[WantedVerdict, ...]
    """Neither stored nor refused for good."""
    given_up: dict[str, str]
    """Keys that are not asked for, and why: refused as often as a judge is asked, or too long."""
    unfit: tuple[WantedVerdict, ...]
    """Those of them that did not fit a judge's window when last looked at."""

    def on(self, items: Collection[str]) -> "Verdicts":
        """Those on these items alone, by their keys."""
        wanted, missing, unfit = (
            tuple(x for x in found if x.item.key in items)
            for found in (self.wanted, self.missing, self.unfit)
        )
        given_up = {x.key: self.given_up[x.key] for x in wanted if x.key in self.given_up}
        return Verdicts(wanted, missing, given_up, unfit)


def responses(design: Design, run: Run) -> Responses:
    """The answers the study wants and those it lacks."""
    wanted = generate.wanted(design)
    return Responses(wanted, tuple(x for x in wanted if x.key not in run.responses))


def judged(run: Run, wanted: Sequence[WantedResponse]) -> tuple[JudgedAnswer, ...]:
    """The stored answers that there is something to judge in, in the order of `wanted`.

    An item has the language that the answer is really in, whatever was asked.
    """
    found = {
        record["key"]: record
        for record in run.responses.read(x.key for x in wanted)
        if record["finish"] in ("complete", "truncated")
    }
    return tuple(
        JudgedAnswer(
            x,
            item_of(x.prompt, found[x.key]["text"], found[x.key]["language_found"] or x.language),
        )
        for x in wanted
        if x.key in found
    )


def verdicts(design: Bench, run: Run, items: Sequence[Item], forms: FormDigests) -> Verdicts:
    """The verdicts that are wanted on `items` and those that are lacking."""
    wanted = score.wanted(design, items, forms)
    refusals: Counter[str] = Counter()
    last: dict[str, str] = {}
    for record in run.failures.records():
        refusals[record["key"]] += record["kind"] == "refusal"
        last[record["key"]] = record["kind"]
    given_up = {
        x.key: REFUSED if refusals[x.key] >= score.REFUSALS else UNFIT
        for x in wanted
        if x.key not in run.verdicts
        and (refusals[x.key] >= score.REFUSALS or last.get(x.key) == "unfit")
    }
    return Verdicts(
        wanted,
        tuple(x for x in wanted if x.key not in run.verdicts and x.key not in given_up),
        given_up,
        tuple(x for x in wanted if given_up.get(x.key) == UNFIT),
    )


def machines(design: Design) -> frozenset[str]:
    """The names of raters that no person may have."""
    return frozenset({"panel", *(judge.id for judge in design.panel.judges)})


def human_ratings(
    design: Design, run: Run, wanted: Sequence[WantedResponse]
) -> tuple[gold.Row, ...]:
    """The study's gold ratings, checked against the answers it wants or has.

    Raises:
        UserError: a file is at fault, or rates an answer that is neither.
    """
    rows = tuple(row for name in design.study.gold for row in _rows(name, design))
    gold.check_known(rows, {x.key for x in wanted} | run.responses.keys(), design.study.name)
    gold.check_unmixed(rows, design.study.name)
    taken = machines(design)
    faults = [
        f"{where}: rater {rating.rater!r} is also the name of a judge or of the panel"
        for rating, where in rows
        if rating.rater in taken
    ]
    if faults := faults[:1] + gold.repeats(rows)[:20] + gold.classes(rows)[:20]:
        raise UserError("\n".join(faults))
    return gold.newest(rows, _today(design, run, wanted))


def by_people(rows: Iterable[gold.Row]) -> list[gold.Rating]:
    """The ratings that people gave: a level that a text was written for is nobody's."""
    return [x.rating for x in rows if x.rating.rater != gold.DESIGNED]


def own_gold(design: Design) -> str:
    """The gold file into which people's ratings of a study go.

    A study of written answers has a gold file of its name that nobody rated: people's stand apart.
    """
    return f"{design.study.name}_people" if design.written else design.study.name


def _rows(name: str, design: Design) -> tuple[gold.Row, ...]:
    """The ratings of one gold file of a study; its own may hold none, whose raters may go again."""
    path = design.root / "data" / "gold" / f"{name}.csv"
    if name == own_gold(design):
        return gold.sound(gold.read(path, design.root, design.rubrics))
    return gold.load(path, design.root, design.rubrics)


def _today(
    design: Design, run: Run, wanted: Sequence[WantedResponse]
) -> Callable[[gold.Rating], str | None]:
    """The digest of what people see today of the rubric that a rating is on."""
    rubrics = {x.id: x for x in design.rubrics}

    @cache
    def languages() -> dict[str, Language]:
        return {x.want.key: x.item.language for x in judged(run, wanted)}

    def today(rating: gold.Rating) -> str | None:
        language = languages().get(rating.response_key)
        if language is None:
            return None
        return seen_digest(rubrics[rating.rubric], design.rubric_language(language))

    return today


def forms(
    design: Design, run: Run, wanted: Sequence[WantedResponse], human: Sequence[gold.Row]
) -> Forms:
    """The forms of a study, with what its judges may be shown.

    Raises:
        UserError: a judge is to be shown more answers than people have rated.
    """
    return Forms(design, dict(run.manifest.get("forms", {})), demos(design, run, wanted, human))


def demos(
    design: Design, run: Run, wanted: Sequence[WantedResponse], human: Sequence[gold.Row]
) -> Demos | None:
    """What the judges may be shown; None where none of them is shown anything.

    Only answers to tasks of the half that rubrics are tuned on, which people scored.
    """
    shown = [x for x in design.panel.judges if x.demos]
    if not shown:
        return None
    pool = _pool(design, judged(run, wanted), human, Ledger(design.root))
    found = Demos(pool, prompts(design.tasks))
    faults = [
        f"judges/panels/{design.panel.id}.yaml: judge {judge.id!r} is to be shown {judge.demos} "
        f"answers, and people have rated {there} on {rubric.id} that may be shown (of the tune "
        "half, the task of the judged answer left out): rate more, or run antipode tune "
        f"{rubric.id}, which deals the halves"
        for judge in shown
        for rubric in design.rubrics
        if (there := found.there(rubric)) < judge.demos
    ]
    if faults:
        raise UserError("\n".join(faults))
    return found


def _pool(
    design: Design, answers: Sequence[JudgedAnswer], human: Sequence[gold.Row], ledger: Ledger
) -> dict[str, list[Scored]]:
    """The rated answers of the tune half, by rubric."""
    tune = ledger.half("tune")
    there = {x.want.key: x for x in answers if x.want.task.id in tune}
    given: dict[tuple[str, str], list[gold.Rating]] = defaultdict(list)
    for rating, _ in human:
        if rating.response_key in there and rating.score is not None:
            given[rating.rubric, there[rating.response_key].want.key].append(rating)
    pool: dict[str, list[Scored]] = defaultdict(list)
    for (rubric, key), ratings in sorted(given.items()):
        one = there[key]
        pool[rubric].append(
            Scored(
                one.item,
                one.want.task.id,
                design.rubric_language(one.item.language),
                tuple(sorted(x.score for x in ratings if x.score is not None)),
                tuple(x.comment for x in ratings if x.comment),
            )
        )
    return pool
