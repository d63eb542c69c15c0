import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stats import alpha, bootstrap
from pipeline.stats.alpha import METRICS, Codes, Floats

_ = np.nan
EXAMPLE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)


def noisy(units: int, seed: int = 0, raters: int = 3, missing: float = 0.2) -> Floats:
    random = np.random.default_rng(seed)
    truth = random.normal(3, 1, units)
    values = np.clip(np.round(truth + random.normal(0, 1, (raters, units))), 1, 5)
    values[random.random(values.shape) < missing] = np.nan
    return values


def one_replicate(values: Floats, weight: Codes, metric: str) -> float | None:
    """Alpha of the sample in which unit i stands `weight[i]` times, by the plain function."""
    return alpha.point(np.repeat(values, weight, axis=1), metric).value


@settings(max_examples=60, deadline=None)
@given(
    units=st.integers(3, 9),
    metric=st.sampled_from(METRICS),
    wide=st.booleans(),
    seed=st.integers(0, 999),
)
def test_every_replicate_is_alpha_of_its_sample(
    units: int, metric: str, wide: bool, seed: int
) -> None:
    values = noisy(units, seed)
    if wide and metric == "interval":  # more values than are sorted into patterns
        values = np.hstack([values + x / 7 for x in range(30)])
    table = alpha.pairable(values)
    if len(table.domain) < 2:
        return
    patterns = bootstrap._patterns(table, metric, np.arange(len(table.size)))
    weight = np.random.default_rng(seed).multinomial(
        len(table.size), patterns.times / patterns.times.sum(), 5
    )
    found = bootstrap._alphas(weight, patterns.sums, metric, len(table.domain))
    kept = values[:, table.kept]
    for each, got in zip(weight, found, strict=True):
        expected = one_replicate(kept, each, metric)
        if expected is None:
            assert np.isnan(got)
        else:
            assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_replicates_scatter_about_alpha_and_repeat_by_seed(metric: str) -> None:
    values = noisy(200)
    centre = alpha.point(values, metric).value
    found = bootstrap.replicates(values, metric, 2000, seed=4)
    assert len(found.alpha) == 2000
    assert found.alpha.mean() == pytest.approx(centre, abs=0.01)
    again = bootstrap.replicates(values, metric, 2000, seed=4)
    assert np.array_equal(found.alpha, again.alpha)
    assert not np.array_equal(found.alpha, bootstrap.replicates(values, metric, 2000, 5).alpha)


def test_whole_prompts_scatter_more_than_their_answers() -> None:
    values = np.repeat(noisy(30, missing=0.0), 5, axis=1)  # five times the same answer
    alone = bootstrap.replicates(values, "interval", 2000)
    whole = bootstrap.replicates(values, "interval", 2000, prompts=np.repeat(np.arange(30), 5))
    assert whole.alpha.std() == pytest.approx(5**0.5 * alone.alpha.std(), rel=0.15)
    assert whole.alpha.mean() == pytest.approx(alone.alpha.mean(), abs=0.05)


def test_replicates_in_which_nothing_differs_are_counted() -> None:
    values = np.array([[1.0, 1, 1, 2], [1, 1, 1, 2]])
    found = bootstrap.replicates(values, "nominal", 500)
    assert (found.alpha == 1).all()
    assert len(found.alpha) + found.undefined == 500
    assert 0.2 < found.undefined / 500 < 0.45  # (3/4)^4 = .32


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full((2, 4), np.nan), "nothing is rated"),
        (np.array([[1.0, np.nan], [np.nan, 2.0]]), "no answer has two ratings"),
        (np.ones((2, 4)), "all ratings are equal (1)"),
        (
            np.arange(40_000.0).reshape(2, 20_000),
            "too many different scores for a bootstrap: 40000 in 20000 answers",
        ),
    ],
)
def test_no_replicates_have_a_reason(values: Floats, reason: str) -> None:
    assert bootstrap.replicates(values, "ordinal", 10) == (pytest.approx([]), 0, reason)


def test_published_example_lies_within_its_replicates() -> None:
    found = bootstrap.replicates(EXAMPLE, "ordinal", 4000)
    low, high = np.quantile(found.alpha, (0.025, 0.975))
    assert low < 0.8153875037549 < high


def test_unknown_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="metric 'ratio' is not known"):
        bootstrap.replicates(EXAMPLE, "ratio")


@pytest.mark.parametrize("metric", METRICS)
def test_ten_thousand_replicates_of_half_a_million_ratings_take_under_a_second(metric: str) -> None:
    values = noisy(100_000, raters=5, missing=0.0)
    seconds = []
    for _again in range(3):  # other work on this machine may slow one of them
        start = time.perf_counter()
        found = bootstrap.replicates(values, metric, 10_000)
        seconds.append(time.perf_counter() - start)
        assert len(found.alpha) == 10_000
    assert min(seconds) < 1.0
