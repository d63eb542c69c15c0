"""How far apart do two arms lie on each prompt: as people see it and as the panel sees it.

A prompt is a task: its draws and both its languages are averaged before the arms are compared. Arms
are compared language by language, in those that all of them have: what a language is worth, no arm
is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipeline.tables import panel_judges

_PLACE = ["rubric", "prompt", "language", "arm", "response"]
COLUMNS = [*_PLACE, "kind", "rater", "computed", "score"]
"""The columns of RATINGS that means and differences rest on: ten million rows are 2 GB with all."""
NO_ANSWER = ("refused", "empty", "overflow")
"""What an answer's `finish` is where there is nothing to judge."""


_WHO = ("people", "panel")


class Arms(NamedTuple):
    """The two arms that are compared: high - low."""

    high: str
    low: str


class Paired(NamedTuple):
    """The ratings that a difference of arms may be made of, and those left out."""

    ratings: pl.DataFrame
    one_arm: pl.DataFrame
    """rubric and rater of each person who did not score answers of every arm."""
    left_out: pl.DataFrame
    """rubric and how many `ratings` of others are left out: not every arm of the prompt scored."""


def by_answer(
    ratings: pl.DataFrame, arms: Arms, without: Collection[str] = frozenset()
) -> pl.DataFrame:
    """Per answer of the two arms the mean score of people and of the panel; null = none.

    Columns: rubric, prompt, language, arm, response, people, panel, partial (only some of the
    judges scored it). The panel's judges called `without` are left out.
    """
    assert arms.high != arms.low, "a gap lies between two arms"
    return score_means(ratings.filter(pl.col("arm").is_in(list(arms))), without)


def score_means(ratings: pl.DataFrame, without: Collection[str] = frozenset()) -> pl.DataFrame:
    """What `by_answer` gives, of the answers of all arms."""
    assert not ratings["score"].is_nan().any(), "a missing score is null, never NaN"
    # which judges make up the panel is a question to all rubrics; all else goes rubric by rubric
    members = panel_judges(ratings.select("kind", "computed").unique())
    ratings = ratings.select(COLUMNS)
    parts = [
        _means(ratings.filter(pl.col("rubric") == rubric), members, without)
        for rubric in ratings["rubric"].unique().sort()
    ]
    return pl.concat(parts) if parts else _means(ratings, members, without)


def _means(ratings: pl.DataFrame, members: pl.DataFrame, without: Collection[str]) -> pl.DataFrame:
    """`score_means` of one rubric; `members` are the sorts of judge that make up the panel."""
    score = pl.col("score")
    judges = ratings.filter(pl.col("kind") == "judge", ~pl.col("rater").is_in(list(without)))
    panel = (
        judges.join(members, on=["kind", "computed"], how="semi", nulls_equal=True)
        .sort("rater")
        .group_by(_PLACE)
        .agg(score.mean().alias("panel"), score.count().alias("n"))
    )
    most = pl.col("n").max()
    panel = panel.with_columns(partial=pl.col("n").is_between(1, most - 1)).drop("n")
    human = ratings.filter(pl.col("kind") == "human")
    people = human.sort("rater").group_by(_PLACE).agg(score.mean().alias("people"))
    both = people.join(panel, on=_PLACE, how="full", coalesce=True, nulls_equal=True)
    return both.with_columns(pl.col("partial").fill_null(False)).sort("prompt", "arm", "response")


def paired(ratings: pl.DataFrame, arms: Sequence[str]) -> Paired:
    """`ratings` with people's such that how severe each is adds nothing to a difference of `arms`.

    Of a prompt that people scored in every arm, only scores of those stay who scored all of them
    there: what another adds cannot be told from that person's severity. Where these did not all
    score the same answers of it (draws, languages), each score is moved by what the person's own
    mean of the arms lies off the mean of all: an additive severity then cancels. Elsewhere scores
    stay as they are.
    """
    scored = ratings.filter(
        pl.col("kind") == "human", pl.col("score").is_not_null(), pl.col("arm").is_in(list(arms))
    )
    every = pl.col("arm").n_unique() == len(arms)
    counts = scored.group_by("rubric", "rater").agg(every=every)
    one_arm = counts.filter(~pl.col("every")).select("rubric", "rater").sort("rubric", "rater")
    place, person = ["rubric", "prompt"], ["rubric", "prompt", "rater"]
    whole = scored.group_by(place).agg(every=every).filter("every")
    persons = scored.group_by(person).agg(every=every, n=pl.len())
    dropped = persons.filter(~pl.col("every")).join(whole, on=place, how="semi")
    others = dropped.join(one_arm, on=["rubric", "rater"], how="anti")
    left_out = others.group_by("rubric").agg(pl.col("n").sum().alias("ratings")).sort("rubric")
    shifts = _shifts(scored.join(persons.filter("every"), on=person, how="semi"))
    if one_arm.is_empty() and dropped.is_empty() and shifts.is_empty():
        return Paired(ratings, one_arm, left_out)
    human = ratings.filter(pl.col("kind") == "human")
    kept = human.join(dropped, on=person, how="anti", maintain_order="left")
    kept = kept.join(one_arm, on=["rubric", "rater"], how="anti", maintain_order="left")
    moved = kept.join(shifts, on=person, how="left", maintain_order="left")
    moved = moved.with_columns(pl.col("score") + pl.col("shift").fill_null(0.0)).drop("shift")
    machines = ratings.filter(pl.col("kind") != "human")
    return Paired(pl.concat([machines, moved.select(ratings.columns)]), one_arm, left_out)


def _shifts(scored: pl.DataFrame) -> pl.DataFrame:
    """rubric, prompt, rater and `shift`: what brings each person to the mean severity there.

    Only of prompts of which not everybody scored the same answers: elsewhere it would cancel.
    """
    place = ["rubric", "prompt"]
    counts = scored.group_by(place).agg(
        uneven=pl.len() != pl.col("rater").n_unique() * pl.col("response").n_unique()
    )
    uneven = scored.join(counts.filter("uneven"), on=place, how="semi")
    by_arm = uneven.sort("response").group_by(*place, "rater", "arm").agg(pl.col("score").mean())
    own = by_arm.sort("arm").group_by(*place, "rater").agg(pl.col("score").mean()).sort("rater")
    return own.select(
        *place, "rater", (pl.col("score").mean().over(place) - pl.col("score")).alias("shift")
    )


def with_refused(
    means: pl.DataFrame, answers: pl.DataFrame, levels_of: Mapping[str, Mapping[str, float]]
) -> pl.DataFrame:
    """`means` and the answers that were refused, at a level for each arm and rubric.

    `answers` are ANSWERS, `levels_of` the level by rubric for each arm. People and panel alike are
    taken to give it.
    """
    absent = answers.filter(pl.col("finish").is_in(NO_ANSWER))
    rows = [
        {"arm": arm, "rubric": rubric, "level": float(level)}
        for arm, levels in levels_of.items()
        for rubric, level in levels.items()
    ]
    schema = {"arm": pl.String, "rubric": pl.String, "level": pl.Float64}
    levels = pl.DataFrame(rows, schema=schema)
    levels = levels.filter(pl.col("rubric").is_in(means["rubric"].unique().implode()))
    scored = means.filter(pl.any_horizontal(pl.col("people", "panel").is_not_null()))
    refused = (
        absent.select("prompt", "language", "arm", "response")
        .join(levels, on="arm")
        .join(scored, on=_PLACE, how="anti", nulls_equal=True)
        .select(
            *_PLACE,
            pl.col("level").alias("people"),
            pl.col("level").alias("panel"),
            pl.lit(False).alias("partial"),
            pl.lit(True).alias("refused"),
        )
    )
    kept = means.join(refused, on=_PLACE, how="anti", nulls_equal=True).with_columns(
        refused=pl.lit(False)
    )
    return pl.concat([kept, refused.select(kept.columns)]).sort(_PLACE)


def by_prompt(means: pl.DataFrame, arms: Arms) -> pl.DataFrame:
    """Per rubric and prompt the difference high - low, as people and as the panel see it.

    Columns: rubric, prompt, people, panel (null = no language in which both arms have a score),
    gold (people scored answers of both arms in one language at least), settled (both arms gave no
    answer at all), one_armed (people scored answers, and in no language those of both arms),
    partial. A difference is the mean of those of the languages. On a gold prompt the panel's is
    taken over the very answers that people scored there, elsewhere over all.
    """
    if "refused" not in means.columns:
        means = means.with_columns(refused=pl.lit(False))
    place, cell = ["rubric", "prompt"], ["rubric", "prompt", "language"]
    rated = pl.col("people").is_not_null()
    asked = (rated & ~pl.col("refused")).any().over(place)
    means = means.with_columns(rated=rated & (asked | pl.col("refused").all().over(place)))
    arm_rated = [(pl.col("rated") & (pl.col("arm") == arm)).any().over(cell) for arm in arms]
    means = means.with_columns(both=arm_rated[0] & arm_rated[1])
    gold, any_rated = pl.col("both").any().over(place), pl.col("rated").any().over(place)
    means = means.with_columns(gold=gold, one_armed=any_rated & ~gold)
    used = means.filter((pl.col("rated") & pl.col("both")) | ~pl.col("gold"))
    high, low = (pl.col("arm") == arm for arm in arms)
    cells = used.group_by(cell).agg(
        *((pl.col(x).filter(high).mean() - pl.col(x).filter(low).mean()).alias(x) for x in _WHO),
        pl.col("gold", "one_armed").first(),
        pl.col("refused").all(),
        pl.col("partial").sum(),
    )
    prompts = (
        cells.sort(cell)
        .group_by(place)
        .agg(
            pl.when(pl.col("gold").first()).then(pl.col("people").mean()).alias("people"),
            pl.col("panel").mean(),
            pl.col("gold", "one_armed").first(),
            (pl.col("refused").all() & pl.col("gold").first()).alias("settled"),
            pl.col("partial").sum(),
        )
    )
    return prompts.sort(place)


def sides(table: pl.DataFrame, value: str, arms: Arms) -> pl.DataFrame:
    """Per prompt the mean of a column in each arm, over the languages in which both arms have one.

    Columns: prompt, high, low; draws are averaged first. `table` has prompt, language, arm.
    """
    known = table.drop_nulls(value)
    high, low = (
        known.filter(arm=arm).group_by("prompt", "language").agg(pl.col(value).mean().alias(side))
        for side, arm in zip(("high", "low"), arms, strict=True)
    )
    both = high.join(low, on=["prompt", "language"], nulls_equal=True).sort("prompt", "language")
    return both.group_by("prompt").agg(pl.col("high", "low").mean()).sort("prompt")
