"""How often do the intervals hold what they claim to hold: seeded simulations, in minutes.

`python -m benchmarks.coverage` prints the figures, exits 1 where one lies outside its bounds, and
goes on to those of the verdict on a panel (`benchmarks.coverage_panel`).
"""

import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks import coverage_panel
from pipeline.stats import alpha, equate, jackknife, ppi, regression
from pipeline.stats.alpha import Floats

SEEDS = 4_000
LEVELS = (1, 5)


class Figure(NamedTuple):
    """A share of the simulated studies, and where it must lie; no bounds = for information."""

    what: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def held(self) -> bool:
        return (self.low is None or self.value >= self.low) and (
            self.high is None or self.value <= self.high
        )


def rounded(latent: Floats) -> Floats:
    """Levels of 1 to 5."""
    return np.clip(np.round(latent), *LEVELS)


def ratings(random: np.random.Generator, prompts: int, noise: float) -> Floats:
    """Three people on three answers per prompt; half of the variance lies between prompts."""
    truth = np.repeat(random.normal(0, 0.7, prompts), 3) + random.normal(0, 0.7, 3 * prompts)
    return rounded(3 + truth + random.normal(0, noise, (3, 3 * prompts)))


def drawn(seed: int, prompts: int, noise: float, metric: str) -> Floats:
    """`ratings` of a seed; nominal ones are yes or no, about as many of each."""
    values = ratings(np.random.default_rng(seed), prompts, noise)
    return np.asarray(values > 3, np.float64) if metric == "nominal" else values


def alpha_coverage(seeds: int) -> Iterator[Figure]:
    """The eta-jackknife by prompt, three answers per prompt."""
    for prompts in (15, 30, 60):
        for noise, metric in (
            (1.1, "ordinal"),
            (0.7, "ordinal"),
            (1.1, "interval"),
            (1.1, "nominal"),
        ):
            truth = alpha.point(drawn(10**6, 100_000, noise, metric), metric).value
            assert truth is not None
            held, wrong_unit = 0, 0
            for seed in range(seeds):
                values = drawn(seed, prompts, noise, metric)
                by_prompt = jackknife.interval(values, np.repeat(np.arange(prompts), 3), metric)
                by_answer = jackknife.interval(values, np.arange(3 * prompts), metric)
                held += _holds(by_prompt, truth)
                wrong_unit += _holds(by_answer, truth)
            what = f"alpha {truth:.2f}, {metric}, {prompts} prompts of three answers"
            yield Figure(f"{what}: interval by prompt", held / seeds, 0.92, 0.97)
            yield Figure(f"{what}: by answer, for contrast", wrong_unit / seeds)


def _holds(interval: jackknife.Interval, truth: float) -> bool:
    return (
        interval.low is not None and interval.high is not None
    ) and interval.low <= truth <= interval.high


class Gaps(NamedTuple):
    """Differences high - low of one simulated study, on gold prompts first."""

    people: Floats
    panel: Floats


def gaps(random: np.random.Generator, prompts: int, gap: float = 0.5, bias: float = 0.4) -> Gaps:
    """People's mean of three, and a judge of latent r .9 that squeezes the scale to .6.

    The judge adds `bias` levels to every answer of the high arm.
    """
    shape = (prompts, 2)
    latent = random.normal(0, 1, shape)
    high = np.array([1.0, 0.0])
    people = rounded(3 + latent + gap * high + random.normal(0, 0.8, (3, *shape))).mean(axis=0)
    seen = 0.9 * (latent + gap * high) + np.sqrt(1 - 0.81) * random.normal(0, 1, shape)
    judge = 3 + 0.6 * seen + bias * high
    return Gaps(people[:, 0] - people[:, 1], judge[:, 0] - judge[:, 1])


def gap_coverage(seeds: int, gold: int = 30, others: int = 200) -> Iterator[Figure]:
    """PPI++ against the judge alone and against people alone."""
    truth = float(gaps(np.random.default_rng(10**6), 2_000_000).people.mean())
    held, alone, people_held, narrower = 0, 0, 0, []
    for seed in range(seeds):
        found = gaps(np.random.default_rng(seed), gold + others)
        corrected = ppi.mean(found.people[:gold], found.panel[:gold], found.panel[gold:])
        judge, people = ppi.plain(found.panel), ppi.plain(found.people[:gold])
        held += _covers(corrected, truth)
        alone += _covers(judge, truth)
        people_held += _covers(people, truth)
        narrower.append(_width(corrected) / _width(people))
    what = f"gap {truth:.2f}, n = {gold}, N = {others}"
    yield Figure(f"{what}: PPI++ holds it", held / seeds, 0.93, 0.97)
    yield Figure(f"{what}: judge alone holds it", alone / seeds, None, 0.5)
    yield Figure(f"{what}: people alone hold it", people_held / seeds)
    yield Figure(f"{what}: width of PPI++ / people alone", float(np.mean(narrower)), None, 0.9)


def _covers(found: ppi.Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def _width(found: ppi.Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def bias_alarms(seeds: int, prompts: int = 60) -> Iterator[Figure]:
    """A fair judge, answers whose length goes with their quality at r = .5: who raises an alarm."""
    alarms = {"regression of D": 0, "partial correlation": 0}
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        quality = random.normal(0, 1, 2 * prompts)
        length = 0.5 * quality + np.sqrt(0.75) * random.normal(0, 1, 2 * prompts)
        people = quality + random.normal(0, 0.9, (3, 2 * prompts))
        judge = 0.6 * quality + random.normal(0, 0.3, 2 * prompts)
        prompt = np.repeat(np.arange(prompts), 2)
        scale = equate.scale(judge, people, prompt)
        mean, one = people.mean(axis=0), np.ones(2 * prompts)
        if scale.slope is not None and scale.reason is None:
            error = judge / scale.slope - mean
            alarms["regression of D"] += _alarm(np.column_stack((one, length)), error, prompt, 1)
        naive = np.column_stack((one, mean, length))
        alarms["partial correlation"] += _alarm(naive, judge, prompt, 2)
    for what, count in alarms.items():
        bound = 0.08 if what == "regression of D" else None
        yield Figure(f"length bias of a fair judge, by {what}", count / seeds, None, bound)


def _alarm(columns: Floats, y: Floats, prompt: alpha.Codes, place: int) -> bool:
    found = regression.read(regression.least_squares(columns, y, prompt), place)
    return found.p is not None and found.p < 0.05


def bias_coverage(seeds: int, prompts: int = 60) -> Iterator[Figure]:
    """Bias towards the better arm: b, estimated over both arms, takes a part of it for merit."""
    high = np.tile([1.0, 0.0], prompts)
    prompt = np.repeat(np.arange(prompts), 2)
    columns = np.column_stack((np.ones(2 * prompts), high))
    for gap, bias in ((0.5, 0.0), (0.5, 0.5), (1.0, 0.5)):
        held, values = 0, []
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            quality = gap * high + random.normal(0, 1, 2 * prompts)
            people = quality + random.normal(0, 0.7, (3, 2 * prompts))
            judge = 0.6 * (quality + bias * high) + random.normal(0, 0.25, 2 * prompts)
            scale = equate.scale(judge, people, prompt)
            assert scale.slope is not None
            error = judge / scale.slope - people.mean(axis=0)
            found = regression.read(regression.least_squares(columns, error, prompt), 1)
            assert found.low is not None
            assert found.high is not None
            held += found.low <= bias <= found.high
            values.append(found.value)
        what = f"arm bias {bias:.1f} where the gap is {gap:.1f}"
        yield Figure(f"{what}: interval holds it", held / seeds, 0.92 if not bias else None, None)
        yield Figure(f"{what}: mean estimate", float(np.mean(values)))


def main() -> int:
    start = time.perf_counter()
    failed = 0
    for part in (
        gap_coverage(SEEDS),
        alpha_coverage(1_000),
        bias_alarms(1_000),
        bias_coverage(500),
    ):
        for figure in part:
            bounds = "" if figure.low is figure.high else f"  [{figure.low} .. {figure.high}]"
            failed += not figure.held
            sign = "" if figure.held else "  OUTSIDE"
            print(f"{figure.value:.3f}  {figure.what}{bounds}{sign}", flush=True)
    print(f"{time.perf_counter() - start:.0f} s, {failed} outside their bounds\n", flush=True)
    failed += coverage_panel.main(1_000)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
