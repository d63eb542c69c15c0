"""How does a rater stand beside people, compared with how people stand beside each other.

METHOD section 2. The judge is never pooled with the people: noise beside them would show
agreement.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from pipeline.findings import DELTAS
from pipeline.stats import alpha, crosstabs, jackknife, pairs
from pipeline.stats.alpha import Codes, Floats, Grid
from pipeline.stats.contrast import Contrast, Sample, contrast
from pipeline.stats.pairs import Measure
from pipeline.stats.remembered import remembered
from pipeline.tables import conform

Row = dict[str, str | float | int | None]


def of_judge(judge: Floats, people: Floats, prompts: Codes, metric: str) -> Contrast:
    """The mean over people h of alpha({judge, h}), less alpha(people) on the same answers: delta.

    `people` is people x answers, `judge` and `prompts` have one entry per answer; NaN is no
    score. The answers are those that the judge and somebody scored: a judge is not compared with
    how people agree on answers that it left out. The interval is the jackknife-t over their
    prompts, in which both terms lose the prompt at once.

    Raters blocked by prompt: a pair that shares few prompts has too small an expected
    disagreement, and delta of a judge who is a person like the others comes out at -.06 (12
    prompts, 3 of 11 raters). Such pairs are taken together, which leaves .00 and changes nothing
    where everyone rates everything: `pairs.beside`.

    >>> people = np.array([[1.0, 2, 3, 1, 2, 3, 1, 3], [1, 1, 3, 2, 2, 3, 1, 2]])
    >>> found = of_judge(np.array([1.0, 2, 3, 2, 2, 3, 1, 3]), people, np.arange(8), "interval")
    >>> [round(x, 3) for x in (found.one, found.other, found.value, found.low, found.high)]
    [0.863, 0.743, 0.121, -0.022, 0.263]
    """
    shared = _shared(judge[None], people, prompts)
    return contrast(
        beside(judge[shared.kept], people[:, shared.kept], shared, metric),
        _of_people(people[:, shared.kept], shared, metric),
    )


def ceiling(people: Floats, prompts: Codes, metric: str) -> Contrast:
    """What one more person would reach: the mean over two people of alpha, beside alpha(people).

    Its delta is 0 but for the different weight of the pairs; the alpha is what a judge's mean can
    hope for.
    """
    rated = np.flatnonzero((~np.isnan(people)).sum(axis=0) >= 2)
    shared = pairs.number(rated, prompts)
    couples = pairs.among(people[:, rated], shared.prompt)
    one = pairs.mean(couples, shared.prompts, _alpha_of(metric))
    return contrast(one, _of_people(people[:, rated], shared, metric))


def floor(
    panel: Floats, counting: Floats, people: Floats, prompts: Codes, metric: str
) -> tuple[int, Contrast] | None:
    """The panel beside people less the best judge that only counts, and the row of that judge.

    `counting` is judges x answers. The best is the one with the highest mean alpha on the answers
    that the panel, the counting judge and somebody scored; it is not chosen anew when a prompt is
    deleted. None where no counting judge has a value. Above 0 with its 90% bound, the panel is
    better than word counts.
    """
    found = []
    for row, words in enumerate(counting):
        shared = _shared(np.stack((panel, words)), people, prompts)
        answers = people[:, shared.kept]
        one, other = (beside(x[shared.kept], answers, shared, metric) for x in (panel, words))
        if other.value is not None:
            found.append((other.value, -row, contrast(one, other)))
    if not found:
        return None
    _, row, best = max(found, key=lambda entry: entry[:2])
    return -row, best


@remembered
def beside(judge: Floats, people: Floats, shared: pairs.Numbered, metric: str) -> Sample:
    """The mean over people h of alpha({judge, h}); all arrays hold the answers of `shared`."""
    found = pairs.beside(judge, people, shared.prompt)
    return pairs.mean(found, shared.prompts, _alpha_of(metric))


def by_rubric(
    ratings: pl.DataFrame, metrics: Mapping[str, str], places: bool = False
) -> pl.DataFrame:
    """Every judge, the panel and each person left out beside the people, as DELTAS.

    Per rubric of `metrics` (rubric -> metric) a row for each judge and panel, for each person, for
    the ceiling, and where a panel and counting judges are there, for the floor. Where human
    raters are `places` in a table, a place left out is no person: its row is null, with the reason.
    """
    rows = [
        {"rubric": rubric, "metric": metric, **row}
        for rubric, metric in metrics.items()
        for row in _rows(alpha.pivot(ratings.filter(pl.col("rubric") == rubric)), metric, places)
    ]
    return conform(pl.DataFrame(rows, schema=DELTAS), DELTAS)


_NOBODY = Contrast(None, None, None, 0, alpha.PLACES)
"""What is known of a person left out where raters are places in a table."""


def _rows(grid: Grid, metric: str, places: bool) -> Iterator[Row]:
    kind, names = grid.raters["kind"].to_numpy(), grid.raters["rater"]
    people = grid.values[kind == "human"]
    for comparison in ("judge", "panel"):
        for place in np.flatnonzero(kind == comparison):
            found = of_judge(grid.values[place], people, grid.prompts, metric)
            about = (f"{comparison}-human", names[int(place)], "humans")
            yield _row(about, found, grid.values[place], people)
    for row, place in enumerate(np.flatnonzero(kind == "human")):
        others = np.delete(people, row, axis=0)
        found = of_judge(people[row], others, grid.prompts, metric) if not places else _NOBODY
        about = ("left-out-human", names[int(place)], "humans")
        yield _row(about, found, people[row], others)
    everyone = np.where((~np.isnan(people)).sum(axis=0) >= 2, 0.0, np.nan)
    top = ceiling(people, grid.prompts, metric)
    yield _row(("ceiling", None, "humans"), top, everyone, people)
    counting = np.flatnonzero((kind == "judge") & grid.raters["computed"].to_numpy())
    for place in np.flatnonzero(kind == "panel"):
        panel = grid.values[place]
        best = floor(panel, grid.values[counting], people, grid.prompts, metric)
        if best is not None:
            about = ("floor", names[int(place)], names[int(counting[best[0]])])
            words = grid.values[counting[best[0]]]
            yield _row(about, best[1], np.where(np.isnan(words), np.nan, panel), people)


def _row(about: tuple[str, str | None, str], found: Contrast, judge: Floats, people: Floats) -> Row:
    comparison, rater, yardstick = about
    met = ~np.isnan(people) & ~np.isnan(judge)
    return {
        "comparison": comparison,
        "rater": rater,
        "yardstick": yardstick,
        "alpha": found.one,
        "yardstick_alpha": found.other,
        "delta": found.value,
        **{x: getattr(found, x) for x in ("low", "high", "low_95", "high_95", "error", "prompts")},
        "units": int(met.any(axis=0).sum()),
        "people": int(met.any(axis=1).sum()),
        "note": found.note,
    }


def _shared(judges: Floats, people: Floats, prompts: Codes) -> pairs.Numbered:
    """The answers that all of `judges` and somebody scored."""
    rated = ~np.isnan(judges).any(axis=0) & (~np.isnan(people)).any(axis=0)
    return pairs.number(np.flatnonzero(rated), prompts)


@remembered
def _of_people(people: Floats, shared: pairs.Numbered, metric: str) -> Sample:
    found = alpha.point(people, metric)
    left = jackknife.left_out(people, shared.prompt, shared.prompts, metric)
    return Sample(found.value, left, found.reason and f"people: {found.reason}")


def _alpha_of(metric: str) -> Measure:
    return lambda pairs, prompts: crosstabs.alphas(pairs, prompts, metric)
