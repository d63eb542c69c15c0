import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stats import adjust

P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
METHODS = (adjust.holm, adjust.benjamini_hochberg, adjust.benjamini_yekutieli)

each = pytest.mark.parametrize("method", METHODS)
probabilities = st.lists(st.none() | st.floats(0, 1), max_size=12)


# Numbers of R 4.2.2, p.adjust.
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            adjust.holm,
            [0.01, 0.072, 0.312, 0.312, 0.312, 0.312, 0.312, 0.615, 0.615, 0.615],
        ),
        (
            adjust.benjamini_hochberg,
            [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057142857143, 0.216, 0.216, 0.216],
        ),
        (
            adjust.benjamini_yekutieli,
            [
                0.02928968253968,
                0.1171587301587,
                0.2460333333333,
                0.2460333333333,
                0.2460333333333,
                0.2928968253968,
                0.3096337868481,
                0.6326571428571,
                0.6326571428571,
                0.6326571428571,
            ],
        ),
    ],
)
def test_reference_p_adjust(method: adjust.Method, expected: list[float]) -> None:
    assert method(P) == pytest.approx(expected, abs=1e-9)
    turned = method(P[::-1])
    assert turned == pytest.approx(expected[::-1], abs=1e-9)


@each
@given(p=probabilities)
def test_adjusting_never_lowers_and_keeps_the_order(
    method: adjust.Method, p: list[float | None]
) -> None:
    found = method(p)
    assert [x is None for x in found] == [x is None for x in p]
    both = sorted((x, y) for x, y in zip(p, found, strict=True) if x is not None and y is not None)
    assert all(x <= y * (1 + 1e-12) and y <= 1 for x, y in both)
    assert np.all(np.diff([y for _, y in both]) >= 0)


@each
@given(p=probabilities)
def test_nulls_are_not_counted(method: adjust.Method, p: list[float | None]) -> None:
    known = [x for x in p if x is not None]
    assert [x for x in method(p) if x is not None] == method(known)


@each
def test_one_question_needs_no_correction_and_none_gives_none(method: adjust.Method) -> None:
    assert method([0.03]) == [0.03]
    assert method([]) == []
    assert method([None]) == [None]


@each
@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(method: adjust.Method, wrong: float) -> None:
    with pytest.raises(ValueError, match="expected a number from 0 to 1, or None"):
        method([0.5, wrong])
