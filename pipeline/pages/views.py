"""What stands in each table of the report, ready to be set."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from judges.rubric import Text
from pipeline.pages.notes import note
from pipeline.pages.numerals import both, counted, fill, listed, money, named, number
from pipeline.pages.slip import ArmSlip, SettingRow, Slip
from pipeline.pages.words import WORDS
from pipeline.stats.terms import Criterion

Row = dict[str, Any]


class Undefined(NamedTuple):
    """One reason why an alpha is missing, and where."""

    reason: Text
    places: tuple[Text, ...]


class SettingPair(NamedTuple):
    """One field of both arms; None where an arm does not have it."""

    field: str
    high: SettingRow | None
    low: SettingRow | None

    @property
    def differs(self) -> bool:
        """Whether the arms differ in it."""
        return (self.high and self.high.value) != (self.low and self.low.value)

    @property
    def gloss(self) -> Text | None:
        """A profile field in words; other fields are known by their names."""
        room, _, name = self.field.partition(".")
        return WORDS.get(f"field_{name}") if room == "profile" else None


def compared(slip: Slip) -> Text:
    """What was compared, or what is known where no arms are, in two sentences."""
    people = slip.ratings.filter(pl.col("kind") == "human")["rater"].n_unique()
    rated = slip.ratings.filter(pl.col("kind") == "human")["response"].n_unique()
    answers = len(slip.answers) if slip.arms else slip.ratings["response"].n_unique()
    counts = {
        "answers": counted(answers, "answer"),
        "judges": counted(len(slip.judges), "judge"),
        "rubrics": counted(len(slip.criteria), "rubric"),
    }
    if slip.arms:
        said = _two_arms(slip, counts)
    elif slip.pair:
        said = fill("compared_systems", high=slip.pair[0], low=slip.pair[1], **counts)
    else:
        said = fill("compared_ratings", **counts)
    and_people = (
        fill("compared_people", people=counted(people, "rater"), rated=str(rated))
        if people
        else WORDS["compared_nobody"]
    )
    return Text(en=f"{said.en} {and_people.en}", ru=f"{said.ru} {and_people.ru}")


def _two_arms(slip: Slip, counts: Mapping[str, Text]) -> Text:
    high, low = slip.arms
    languages = dict.fromkeys(answer.language for answer in slip.answers)
    return fill(
        "compared",
        high=high.title,
        high_arm=high.name,
        high_model=high.model,
        low=low.title,
        low_arm=low.name,
        low_model=low.model,
        tasks=counted(len({answer.task for answer in slip.answers}), "task"),
        languages=listed(named("in", x) for x in languages),
        **counts,
    )


def places(slip: Slip) -> tuple[str, ...]:
    """The parts that the page has, in their order; what has nothing to show is left out."""
    arms = bool(slip.arms)
    there = {
        "headline": slip.headline.height,
        "belief": True,
        "human_gap": arms or slip.pair,
        "gap": arms or slip.pair,
        "causes": slip.causes.height,
        "ladder": slip.effects.height,
        "crossings": slip.crossings.height,
        "agreement": True,
        "confusion": slip.confusion.height,
        "bias": slip.bias.height or slip.own_family.height,
        "known_groups": slip.known_groups.height,
        "triage": slip.ratings.filter(pl.col("kind") == "human").height,
        "calibration": slip.calibration.height,
        "tuning": slip.tuning,
        "repetition": slip.repetition.height,
        "originality": slip.originality.height and slip.pair,
        "difficulty": slip.difficulty.height,
        "landscape": slip.landscape.height,
        "completion": arms or slip.completion.height,
        "capacity": any(arm.capacity for arm in slip.arms),
        "arms": arms,
        "judges": arms or slip.judges,
        "cost": arms or slip.costs.height,
        "failures": arms or slip.failures,
        "reader": True,
        "rubrics": slip.rubrics,
        "questions": slip.questions,
    }
    return tuple(name for name, shown in there.items() if shown)


def handles(criteria: Sequence[Criterion]) -> dict[str, str]:
    """What the elements of each rubric are called by: its id, or its place where that is no name.

    A published criterion may be called anything.
    """
    return {
        x.id: x.id if re.fullmatch(r"[\w-]+", x.id) else f"rubric-{place}"
        for place, x in enumerate(criteria)
    }


def sifting(slip: Slip) -> dict[str, list[tuple[str, Text]]]:
    """What the sections on agreement can be narrowed to, by filter; a choice of one is none."""
    every = choices(slip)
    arms = slip.ratings["arm"].drop_nulls().unique(maintain_order=True)
    languages = slip.ratings["language"].drop_nulls().unique(maintain_order=True)
    found = {
        "rubric": every["rubric"],
        "judge": every["judge"],
        "arm": every["arm"] if slip.arms else [(x, both(x)) for x in arms],
        "language": [(x, named("in", x)) for x in languages],
    }
    return {name: values for name, values in found.items() if len(values) > 1}


def title(slip: Slip) -> Text:
    """The title of the page."""
    if not slip.simulated:
        return slip.title
    said, word = slip.title, WORDS["simulated"]
    return Text(en=f"{said.en} ({word.en})", ru=f"{said.ru} ({word.ru})")


def nobody_rated(slip: Slip) -> bool:
    """Whether there is no rating by a person."""
    return slip.ratings.filter(pl.col("kind") == "human").is_empty()


def titles(rubrics: Sequence[Criterion]) -> dict[str, Text]:
    """The title of each rubric by its id."""
    return {rubric.id: rubric.title for rubric in rubrics}


def rows(table: pl.DataFrame, rubric: str | None = None) -> list[Row]:
    """The rows of a table, or those on one rubric."""
    return (table if rubric is None else table.filter(pl.col("rubric") == rubric)).to_dicts()


def beside_people(slip: Slip, rubric: str) -> list[Row]:
    """AGREEMENT on a rubric in which people take part: themselves, the panel, then the judges."""
    found = [row for row in rows(slip.agreement, rubric) if row["comparison"] != "judges"]
    return sorted(found, key=lambda row: rank(row, floor(slip)))


def between_judges(slip: Slip, rubric: str) -> list[Row]:
    """AGREEMENT of the judges among themselves on a rubric."""
    return [row for row in rows(slip.agreement, rubric) if row["comparison"] == "judges"]


def floor(slip: Slip) -> set[str]:
    """The judges that only count."""
    return {judge.id for judge in slip.judges if judge.computed}


def rank(row: Row, counting: set[str]) -> int:
    """Where a row of AGREEMENT stands: people, panel, models, judges that only count."""
    if row["comparison"] == "humans":
        return 0
    return 1 if row["rater"] == "panel" else 3 if row["rater"] in counting else 2


def common_notes(table: Sequence[Row]) -> list[str]:
    """The parts of the notes that stand in every row, so that the page says them once."""
    parts = [str(row["note"] or "").split("; ") for row in table]
    return [x for x in parts[0] if x and all(x in row for row in parts)] if parts else []


def own_note(row: Row, common: Sequence[str]) -> str:
    """The note of a row without what every row says."""
    return "; ".join(x for x in str(row["note"] or "").split("; ") if x not in common)


def rater(name: str) -> Text:
    """How a rater is called on the page."""
    return WORDS["panel"] if name == "panel" else both(name)


def pairing(comparison: str, raters: Sequence[str]) -> Text:
    """Who is set beside whom in rows of AGREEMENT."""
    if comparison == "judge-human":
        return fill("with_people", rater=listed(rater(name) for name in raters))
    return WORDS["people_between" if comparison == "humans" else "judges_between"]


def undefined(slip: Slip, boarded: Collection[str] = ()) -> tuple[Undefined, ...]:
    """The alphas that are missing, by reason: who, and on which rubrics.

    On the rubrics that are `boarded`, a leaderboard says it of who stands beside people.
    """
    names = titles(slip.criteria)
    lacking: dict[tuple[str, str, str | None], list[str]] = {}
    for rubric in names:
        beside = [] if rubric in boarded else beside_people(slip, rubric)
        for row in [*beside, *between_judges(slip, rubric)]:
            if row["alpha"] is None:
                key = (row["note"] or "", row["comparison"], row["rater"])
                lacking.setdefault(key, []).append(rubric)
    together: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (reason, comparison, who), where in lacking.items():
        together.setdefault((reason, comparison, tuple(where)), []).append(who or "")
    found: dict[str, list[Text]] = {}
    for (reason, comparison, where_all), raters in together.items():
        everywhere = len(where_all) == len(names) > 1
        place = WORDS["everywhere"] if everywhere else listed(names[x] for x in where_all)
        who_all = pairing(comparison, raters)
        said = Text(en=f"{who_all.en} ({place.en})", ru=f"{who_all.ru} ({place.ru})")
        found.setdefault(reason, []).append(said)
    return tuple(
        Undefined(note(reason) if reason else WORDS["unknown"], tuple(places))
        for reason, places in found.items()
    )


def settings(arms: tuple[ArmSlip, ArmSlip]) -> tuple[SettingPair, ...]:
    """The fields of both arms side by side, in the order in which they first come."""
    high, low = ({row.field: row for row in arm.settings} for arm in arms)
    return tuple(SettingPair(x, high.get(x), low.get(x)) for x in dict.fromkeys([*high, *low]))


def setting(row: SettingRow) -> Text:
    """The value of a setting: numbers and a profile's fixed words in the page's language."""
    worded = row.field.startswith("profile.") or row.field in _WORDED
    if worded and f"value_{row.value}" in WORDS:
        return WORDS[f"value_{row.value}"]
    if not row.field.startswith("model.") and re.fullmatch(r"-?\d+\.\d+", row.value):
        return Text(en=row.value, ru=row.value.replace(".", ","))
    return plain(row.value)


_WORDED = ("model.provider", "model.training", "model.family")
"""Fields of a model whose values may be words for people; its name never is one."""


def fact(name: str, value: str) -> tuple[Text, Text]:
    """One line of the foot of the page: its name and what is said there."""
    said = [WORDS.get(f"fact_{x}") or plain(x) for x in (name, value)]
    if match := re.fullmatch(r"(\d+) records, ([0-9a-z:]+)", value):
        said[1] = fill("fact_records", count=match[1], digest=match[2])
    elif match := re.fullmatch(rf"{_MINUTE} \.\. {_MINUTE}", value):
        first, last = (f"{match[x]} {match[x + 1]}" for x in (1, 3))
        said[1] = fill("fact_at" if first == last else "fact_span", first=first, last=last)
    return said[0], said[1]


_MINUTE = r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*\+00:00"
"""A time of the records: a person reads its day and its minute."""


def plain(said: str) -> Text:
    """A foreign text as the page will hold it: a Text has no room for a lone surrogate."""
    return both(said.encode("utf-8", "replace").decode())


def untold(arms: tuple[ArmSlip, ArmSlip]) -> tuple[str, ...]:
    """What is known of the arms and is not among their settings."""
    told = {row.field for arm in arms for row in arm.settings}
    fields = {"model": "model.name", "family": "model.family", "training": "model.training"}
    return tuple(name for name, field in fields.items() if field not in told)


def cost_total(costs: pl.DataFrame) -> Text:
    """The sum of the costs; it says so where a part of them is not known."""
    known = costs["cost"].drop_nulls()
    if known.is_empty():
        return WORDS["money_unknown"]
    total = money(float(known.sum()))
    return fill("at_least", cost=total) if len(known) < costs.height else total


def tokens_total(costs: pl.DataFrame, column: str) -> Text:
    """The sum of a token column; unknown where a part of it is not known."""
    whole = not costs[column].has_nulls()
    return number(int(costs[column].sum()), 0) if whole else WORDS["unknown"]


def choices(slip: Slip) -> dict[str, list[tuple[str, Text]]]:
    """What the reader can be narrowed to, by filter: each value and what it is called."""
    answers = slip.answers
    kinds = dict.fromkeys(x.task_kind for x in answers if x.task_kind is not None)
    return {
        "arm": [(x.name, both(f"{WORDS[x.role].en}: {x.name}")) for x in slip.arms]
        or [(x, both(x)) for x in sorted({x.arm for x in answers})],
        "task": list({x.task: x.task_title for x in answers}.items()),
        "kind": [(x, named("kind", x)) for x in kinds],
        "language": [(x, named("in", x)) for x in dict.fromkeys(x.language for x in answers)],
        "rubric": list(titles(slip.criteria).items()),
        "judge": [(x.id, both(x.id)) for x in slip.judges],
    }


def marks() -> list[tuple[str, Text]]:
    """What an answer can be looked for by, beside where it belongs."""
    return [(x, WORDS[f"reader_mark_{x}"]) for x in ("missing", "abstained", "people", "finish")]
