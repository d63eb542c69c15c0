"""How far apart do two arms lie on the human scale: the gap corrected for the judges' error.

Valid with any judge, a bad one included: a judge that errs towards one arm moves it nowhere, and
one that errs at random only adds nothing (METHOD, section 5).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import polars as pl

from pipeline.findings import CORRECTED
from pipeline.stats import differences, effect, ppi
from pipeline.stats.differences import Arms, Paired
from pipeline.stats.ppi import Estimate
from pipeline.tables import conform

Row = dict[str, str | float | int | None]


class Sides(NamedTuple):
    """The differences of one rubric's prompts, and what to beware of."""

    prompts: pl.DataFrame
    """Rows of `differences.by_prompt`."""
    notes: tuple[str, ...]


def by_rubric(
    ratings: pl.DataFrame,
    arms: Arms,
    answers: pl.DataFrame | None = None,
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> pl.DataFrame:
    """The corrected gap of each rubric, as CORRECTED; what is not defined is null, with a note.

    The row `judged` is the main one: all judged answers. With `answers` (ANSWERS) a row `complete`
    leaves truncated ones out. With the lowest and the highest level of each rubric (`ends`) too,
    refused answers count: at the lowest level in `lowest`; in `worst` those of the high arm at the
    lowest and those of the low arm at the highest, in `best` the other way round. Whatever people
    would have said of an answer that was not given, the gap of all prompts lies between the latter
    two (Manski 1990). These three use the panel as far as `judged` does: with a weight of each its
    own they would also differ by how the levels put in go with the panel's scores. Whom the gap of
    one kind of task or language concerns filters `ratings` beforehand.
    """
    whole = _counted(ratings.select(differences.COLUMNS), arms)
    rows: list[Row] = []
    choices = _choices(whole, ratings, answers, ends, arms)
    for rubric in ratings["rubric"].unique().sort():
        common = None
        for name, (used, change) in choices.items():
            sides = _sides(change(used.means.filter(rubric=rubric)), used.pairs, rubric, arms)
            found = estimate(sides.prompts, common if name in _WITH_REFUSED else None)
            if name == "judged" and found.value is not None:
                common = found.weight
            place = {"rubric": rubric, "answers": name, "high_arm": arms.high, "low_arm": arms.low}
            rows.append(place | _row(sides, found))
    return conform(pl.DataFrame(rows, schema=CORRECTED), CORRECTED)


_WITH_REFUSED = ("lowest", "worst", "best")
_TOO_FEW = "people alone: the panel scored too few of the prompts that people rated"


def estimate(prompts: pl.DataFrame, weight: float | None = None) -> Estimate:
    """The corrected gap of one rubric from rows of `differences.by_prompt`.

    `weight` is how far the panel is used; None = as far as it helps.

    Prompts on which neither arm gave an answer differ for certain by what their levels differ: they
    thin the estimate from the others and are no sample of anything.
    """
    open_ones = prompts.filter(~pl.col("settled"))
    gold = open_ones.filter(pl.col("gold"))
    paired = gold.drop_nulls("panel")
    others = open_ones.filter(~pl.col("gold"))["panel"].drop_nulls().to_numpy()
    if 2 * paired.height < gold.height or paired.is_empty():
        found = ppi.plain(gold["people"].to_numpy())._replace(others=len(others))
        nobody = prompts["panel"].is_null().all()
        note = "people alone: nobody judged" if nobody else _TOO_FEW
        found = found if found.note else found._replace(note=note)
    else:
        people, panel = (paired[x].to_numpy() for x in ("people", "panel"))
        found = ppi.mean(people, panel, others, given=weight)
    share, certain = _settled(prompts)
    return found if share == 1 else _thinned(found, share, certain)


def _settled(prompts: pl.DataFrame) -> tuple[float, float]:
    """The share of prompts that are open, and what the settled ones add to the mean of all."""
    settled = prompts.filter(pl.col("settled"))["people"].to_numpy()
    if not len(settled):
        return 1.0, 0.0
    return 1 - len(settled) / prompts.height, float(settled.sum()) / prompts.height


class _Counted(NamedTuple):
    """The ratings that count, and their means by answer."""

    pairs: Paired
    means: pl.DataFrame


def _counted(ratings: pl.DataFrame, arms: Arms) -> _Counted:
    pairs = differences.paired(ratings, arms)
    return _Counted(pairs, differences.by_answer(pairs.ratings, arms))


def _choices(
    whole: _Counted,
    ratings: pl.DataFrame,
    answers: pl.DataFrame | None,
    ends: Mapping[str, tuple[float, float]] | None,
    arms: Arms,
) -> dict[str, tuple[_Counted, Callable[[pl.DataFrame], pl.DataFrame]]]:
    """Which answers count, by name, and what is put in for those that were not given."""

    def as_is(means: pl.DataFrame) -> pl.DataFrame:
        return means

    found: dict[str, tuple[_Counted, Callable[[pl.DataFrame], pl.DataFrame]]]
    found = {"judged": (whole, as_is)}
    if answers is None:
        return found
    # Who rated both arms is another question once answers are left out.
    complete = answers.filter(finish="complete").select("response")
    left = ratings.select(differences.COLUMNS).join(
        complete, on="response", how="semi", maintain_order="left"
    )
    found["complete"] = _counted(left, arms), as_is
    if ends is not None:
        low, high = ({x: end[i] for x, end in ends.items()} for i in (0, 1))
        for name, of_high, of_low in (
            ("lowest", low, low),
            ("worst", low, high),
            ("best", high, low),
        ):
            levels = {arms.high: of_high, arms.low: of_low}
            put = partial(differences.with_refused, answers=answers, levels_of=levels)
            found[name] = whole, put
    return found


def _sides(means: pl.DataFrame, pairs: Paired, rubric: str, arms: Arms) -> Sides:
    prompts = differences.by_prompt(means, arms)
    alone = pairs.one_arm.filter(rubric=rubric)["rater"].to_list()
    gold = prompts.filter(pl.col("gold"))
    counts = {
        "ratings left out, as their rater saw one arm of the prompt only": pairs.left_out.filter(
            rubric=rubric
        )["ratings"].sum(),
        "prompts that people rated in both arms in no language, not gold": prompts[
            "one_armed"
        ].sum(),
        "gold prompts left out, as the panel did not score them": gold["panel"].null_count(),
        "prompts left out, as neither people nor the panel scored both arms": prompts.filter(
            ~pl.col("gold"), pl.col("panel").is_null()
        ).height,
        "answers scored by some of the judges only": prompts["partial"].sum(),
    }
    if prompts["panel"].is_null().all():  # nobody judged: that is said once
        counts = {x: n for x, n in counts.items() if "panel" not in x}
    notes = [f"{what}: {count}" for what, count in counts.items() if count]
    if alone:
        notes.insert(0, f"raters left out, as they saw one arm only: {', '.join(alone)}")
    return Sides(prompts, tuple(notes))


def _row(sides: Sides, found: Estimate) -> Row:
    prompts = sides.prompts
    gold = prompts.filter(pl.col("gold"), ~pl.col("settled"))
    people, panel = gold["people"].to_numpy(), prompts["panel"].drop_nulls().to_numpy()
    share, certain = _settled(prompts)
    return {
        "gap": found.value,
        "low": found.low,
        "high": found.high,
        "error": found.error,
        "freedom": found.freedom,
        "p": found.p,
        "gold_prompts": found.gold,
        "other_prompts": found.others,
        "weight": found.weight,
        "saved": found.saved,
        "people_only": float(people.mean()) * share + certain if len(people) else None,
        "judges_only": float(panel.mean()) if len(panel) else None,
        "cliffs_delta": effect.paired_delta(people),
        "note": "; ".join(x for x in (found.note, *sides.notes) if x) or None,
    }


def _thinned(found: Estimate, share: float, certain: float) -> Estimate:
    """`found` where only this share of the prompts is open and the rest adds what is `certain`."""
    if found.value is None:
        return found
    value = found.value * share + certain
    if found.error is None or found.freedom is None:
        return found._replace(value=value)
    moved = ppi.student(value, found.error * share, found.freedom)
    return found._replace(**{x: getattr(moved, x) for x in ("value", "low", "high", "error", "p")})
