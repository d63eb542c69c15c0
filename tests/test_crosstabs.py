from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stats import alpha, crosstabs, jackknife, pairwise, ranks
from pipeline.stats.alpha import METRICS
from pipeline.stats.pairs import Measured, Pair

PROMPTS = 4
SCORE = st.sampled_from([0.1, 1.0, 2.5, 3.0, 7.0])
ROW = st.tuples(SCORE, SCORE, st.integers(0, PROMPTS - 1))
unhurried = settings(deadline=None, max_examples=60)


def pair(rows: Sequence[tuple[float, float, int]], raters: int = 1) -> Pair:
    one, two, prompt = (np.array(x) for x in zip(*rows, strict=True))
    return Pair(one.astype(float), two.astype(float), prompt.astype(np.int64), raters)


PAIRS = st.lists(st.lists(ROW, min_size=1, max_size=12).map(pair), min_size=1, max_size=5)


def same(one: Measured, two: Measured) -> bool:
    """Equal to rounding; where nothing is defined the left-out samples mean nothing."""
    if one.value is None or two.value is None:
        return one.value is two.value and one.reason == two.reason
    assert one.value == pytest.approx(two.value, abs=1e-12)
    assert one.left_out.defined.tolist() == two.left_out.defined.tolist()
    here = one.left_out.defined
    assert one.left_out.value[here] == pytest.approx(two.left_out.value[here], abs=1e-12)
    return True


@pytest.mark.parametrize("metric", METRICS)
@given(met=PAIRS)
@unhurried
def test_alpha_from_tables_is_alpha_of_each_pair_alone(metric: str, met: list[Pair]) -> None:
    for found, each in zip(crosstabs.alphas(met, PROMPTS, metric), met, strict=True):
        both = np.stack((each.one, each.two))
        value = alpha.point(both, metric)
        left = jackknife.left_out(both, each.prompt, PROMPTS, metric)
        assert same(found, Measured(value.value, value.reason, left))


@given(met=PAIRS)
@unhurried
def test_tau_from_tables_is_tau_of_each_pair_alone(met: list[Pair]) -> None:
    for found, each in zip(crosstabs.taus(met, PROMPTS), met, strict=True):
        assert same(found, ranks.measured(each, PROMPTS))


@given(met=PAIRS, levels=st.sampled_from([(), (1.0, 2.0, 3.0), (-4.0, 9.0)]))
@unhurried
def test_other_measures_from_tables_are_those_of_each_pair_alone(
    met: list[Pair], levels: tuple[float, ...]
) -> None:
    found = pairwise._each(met, levels)
    assert tuple(found) == pairwise.MEASURES
    for name, measure in pairwise._OF_PAIR.items():
        for value, each in zip(found[name], met, strict=True):
            alone = measure(each, levels)
            assert value.reason == alone.reason
            assert (value.value is None) == (alone.value is None)
            if value.value is not None:
                assert value.value == pytest.approx(alone.value, abs=1e-9)


def test_many_pairs_go_in_batches_and_many_values_alone() -> None:
    random = np.random.default_rng(5)
    prompt = np.arange(200) % 50
    few = [
        Pair(*random.integers(1, 6, (2, 200)).astype(float), prompt=prompt, raters=1)
        for _ in range(1_500)
    ]
    assert crosstabs._CELLS < 1_500 * 5**2 * 51
    many = [Pair(*random.normal(size=(2, 200)), prompt=prompt, raters=1) for _ in range(2)]
    for met in (few, many):
        found = crosstabs.alphas(met, 50, "ordinal")
        assert len(found) == len(met)
        last = np.stack((met[-1].one, met[-1].two))
        value = alpha.point(last, "ordinal")
        left = jackknife.left_out(last, prompt, 50, "ordinal")
        assert same(found[-1], Measured(value.value, value.reason, left))


def test_no_pairs_are_no_numbers() -> None:
    assert crosstabs.alphas([], 3, "ordinal") == []
    assert crosstabs.taus([], 3) == []


def test_infinite_interval_scores_are_refused() -> None:
    met = [Pair(np.array([1.0, np.inf]), np.array([1.0, 2.0]), np.array([0, 1]), 1)]
    with pytest.raises(ValueError, match=r"interval scores reach from 1\.0 to inf"):
        crosstabs.alphas(met, 2, "interval")
