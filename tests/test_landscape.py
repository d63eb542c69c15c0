"""The bounds of truncated distributions, held against the whole ones that were cut."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.landscape.records import packed, unpacked
from pipeline.stats import breadth, repetition
from pipeline.stats.landscape import UNTOLD, divergence, entropy, spread

Whole = dict[str, float]


def bits(p: np.ndarray) -> float:
    return float(-(p[p > 0] * np.log2(p[p > 0])).sum())


def kullback(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log2(p / q)).sum())


@st.composite
def distributions(draw: st.DrawFn, number: int) -> list[np.ndarray]:
    """`number` whole distributions over one vocabulary of 2 to 40 tokens, none of them 0."""
    size = draw(st.integers(2, 40))
    weights = st.lists(st.floats(-12, 4), min_size=size, max_size=size)
    found = [np.exp(np.array(draw(weights))) for _ in range(number)]
    return [x / x.sum() for x in found]


def cut(p: np.ndarray, shown: int) -> Whole:
    """The `shown` most probable tokens of a distribution, as a server shows them."""
    order = np.argsort(-p, kind="stable")[:shown]
    return {f"#{i}": math.log(p[i]) for i in order}


@given(distributions(1), st.integers(1, 20))
def test_the_bounds_hold_the_entropy_of_the_whole(found: list[np.ndarray], shown: int) -> None:
    (p,) = found
    bound = entropy(list(cut(p, shown).values()), vocabulary=len(p))
    assert bound.least <= bits(p) + 1e-9
    assert bound.most >= bits(p) - 1e-9
    assert 0 <= bound.least <= bound.most <= math.log2(len(p)) + 1e-9
    if shown >= len(p):
        assert bound.least == pytest.approx(bits(p), abs=1e-9)


@given(distributions(2), st.integers(1, 20), st.integers(1, 20))
def test_divergences_are_never_above_those_of_the_whole(
    found: list[np.ndarray], one: int, other: int
) -> None:
    p, q = found
    bound = divergence(cut(p, one), cut(q, other))
    middle = (p + q) / 2
    assert 0 <= bound.forward <= kullback(p, q) + 1e-7
    assert 0 <= bound.backward <= kullback(q, p) + 1e-7
    shannon = (kullback(p, middle) + kullback(q, middle)) / 2
    assert 0 <= bound.shannon <= min(1.0, shannon + 1e-7)
    tops = [{i for i, x in enumerate(y) if math.log(x) == math.log(y.max())} for y in (p, q)]
    if bound.same_top:
        assert tops[0] & tops[1]
    else:  # of tokens that are first together, a server may show any
        assert tops[0] != tops[1] or len(tops[0]) > 1
    assert 0 <= bound.shared <= 1 + 1e-12
    if min(one, other) >= len(p):
        assert bound.forward == pytest.approx(kullback(p, q), abs=1e-7)
        assert bound.shannon == pytest.approx(shannon, abs=1e-7)


@given(distributions(2), st.integers(1, 20))
def test_divergences_turn_around_with_their_sides(found: list[np.ndarray], shown: int) -> None:
    p, q = (cut(x, shown) for x in found)
    here, there = divergence(p, q), divergence(q, p)
    assert here.forward == pytest.approx(there.backward, abs=1e-9)
    assert here.shannon == pytest.approx(there.shannon, abs=1e-9)
    assert divergence(p, p)[:3] == (0, 0, 0)


@given(distributions(2), st.integers(2, 20), st.sets(st.integers(0, 19)))
def test_tokens_that_cannot_be_told_apart_never_raise_a_divergence(
    found: list[np.ndarray], shown: int, broken: set[int]
) -> None:
    p, q = found
    hidden = [
        {f"{UNTOLD}{side}{t}" if int(t[1:]) in broken else t: x for t, x in cut(y, shown).items()}
        for side, y in (("p", p), ("q", q))
    ]
    assert divergence(*hidden).forward <= kullback(p, q) + 1e-7


def test_a_token_that_one_side_hides_counts_by_the_most_it_can_be() -> None:
    one = {"a": math.log(0.5), "b": math.log(0.5)}
    other = {"c": math.log(0.9), "d": math.log(0.001)}
    # merged into one bucket the two would be the same
    assert divergence(one, other).forward > 5
    assert divergence(one, other).shared == 0


@given(st.integers(2, 6), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_spread_is_that_of_every_two(number: int, size: int, random: object) -> None:
    vectors = np.random.default_rng(random.randint(0, 9999)).normal(size=(number, size)) + 0.1
    expected = [
        1 - float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))
        for i, a in enumerate(vectors)
        for b in vectors[i + 1 :]
    ]
    found = spread(vectors.tolist())
    assert found == pytest.approx(np.mean(np.clip(expected, 0, 2)), abs=1e-9)
    assert spread((vectors * 7).tolist()) == pytest.approx(found, abs=1e-9)


def test_one_draw_has_no_spread_and_equal_ones_none() -> None:
    assert spread([[1.0, 2.0]]) is None
    assert spread([[1.0, 2.0], [2.0, 4.0]]) == pytest.approx(0, abs=1e-12)


@given(st.lists(st.text("ab ", max_size=30), min_size=1, max_size=4), st.integers(1, 3))
def test_a_text_drawn_twice_is_never_more_varied(texts: list[str], n: int) -> None:
    once = repetition.pooled(texts, n)
    twice = repetition.pooled([*texts, *texts], n)
    assert (once is None) == (twice is None)
    if once is not None and twice is not None:
        assert twice == pytest.approx(once / 2)


def test_a_stored_vector_is_the_one_that_came() -> None:
    assert unpacked(packed((0.25, -3.5, 0.1))) == pytest.approx([0.25, -3.5, 0.1])


def cells(**values: dict[str, list[float]]) -> pl.DataFrame:
    """CELLS of one measure: by arm, by language a value per prompt."""
    rows = [
        {
            "measure": "entropy_same",
            "arm": arm,
            "language": language,
            "prompt": f"p{i}",
            "value": value,
            "most": value + 1,
            "rest": 0.1,
            "units": 2,
        }
        for arm, languages in values.items()
        for language, numbers in languages.items()
        for i, value in enumerate(numbers)
    ]
    return pl.DataFrame(rows, schema=breadth.CELLS)


def test_means_are_over_prompts_and_languages_weigh_the_same() -> None:
    table = breadth.by_arm(
        cells(a={"en": [1.0, 2.0, 3.0], "ru": [3.0, 4.0]}), {("spread", "a"): "not asked yet"}
    )
    whole, en, ru, spread_row = (
        table.sort("measure", "language", nulls_last=False).to_dicts()[:3]
        + table.filter(measure="spread").to_dicts()
    )
    assert (whole["value"], whole["prompts"], whole["units"]) == (pytest.approx(8 / 3), 3, 10)
    assert (en["value"], en["most"], en["prompts"]) == (2, 3, 3)
    assert en["low"] == 0  # cut where an entropy ends
    assert (ru["value"], ru["low"]) == (3.5, None)
    assert ru["note"] == "no interval: 2 of 3 prompts needed"
    assert (spread_row["value"], spread_row["note"]) == (None, "not asked yet")


def test_arms_are_compared_on_the_prompts_that_both_have() -> None:
    both = cells(a={"en": [5.0, 5.5, 7.0, 100.0]}, b={"en": [4.0, 4.0, 5.0]})
    (row,) = breadth.gaps(breadth.differences(both, [("a", "b")])).to_dicts()
    assert (row["difference"], row["prompts"]) == (1.5, 3)
    assert row["low"] < 1.5 < row["high"]
    assert 0 < row["p"] < 1


def test_a_refused_pair_has_a_row_that_says_why() -> None:
    table = breadth.divergences(pl.DataFrame(schema=breadth.APART), {("a", "b"): "because"})
    (row,) = table.to_dicts()
    assert (row["high_arm"], row["value"], row["note"]) == ("a", None, "because")
