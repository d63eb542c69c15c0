import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stats.pairs import number
from pipeline.stats.remembered import _HELD, _MOST, remembered

ASKED: list[int] = []


@remembered
def total(values: np.ndarray, shared: object, metric: str) -> float:
    ASKED.append(1)
    return float(np.nansum(values))


def asked(*args: object) -> int:
    ASKED.clear()
    total(*args)  # type: ignore[arg-type]
    return len(ASKED)


def test_the_same_scores_are_measured_once_whatever_array_holds_them() -> None:
    wide = np.arange(24.0).reshape(4, 6)
    shared = number(np.arange(3), np.array([5, 5, 7]))
    assert asked(wide[:, ::2], shared, "ordinal") == 1
    assert asked(wide[:, ::2].copy(), number(np.arange(3), np.array([5, 5, 7])), "ordinal") == 0


def test_another_score_form_prompt_metric_or_kind_of_number_is_measured_anew() -> None:
    values = np.arange(12.0)
    shared = number(np.arange(3), np.array([5, 5, 7]))
    assert asked(values, shared, "nominal") == 1
    changed = values.copy()
    changed[4] = np.nan
    for other in (
        (changed, shared, "nominal"),
        (values.reshape(3, 4), shared, "nominal"),
        (values.reshape(4, 3), shared, "nominal"),
        (values.astype(np.int64), shared, "nominal"),
        (values, number(np.arange(3), np.array([5, 6, 7])), "nominal"),
        (values, shared, "interval"),
    ):
        assert asked(*other) == 1, other
    assert asked(values, shared, "nominal") == 0


def test_a_value_that_was_changed_in_place_is_seen() -> None:
    values = np.ones(5)
    assert total(values, None, "x") == 5
    values[0] = 3
    assert total(values, None, "x") == 7


def test_old_and_large_results_are_not_held() -> None:
    first = np.full(2, -1.0)
    assert asked(first, None, "old") == 1
    for i in range(_HELD):
        total(np.full(2, float(i)), None, "old")
    assert asked(first, None, "old") == 1
    large = np.zeros(_MOST // 8 + 1)
    assert [asked(large, None, "large") for _ in range(2)] == [1, 1]


FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=16)


@given(st.lists(st.lists(FLOATS, max_size=6), min_size=1, max_size=6))
def test_what_is_remembered_is_what_is_measured(lists: list[list[float]]) -> None:
    for scores in lists * 2:
        values = np.array(scores)
        assert total(values, None, "any") == float(np.nansum(values))
