"""A planted cause, found by whole studies of scripted arms, judges and people."""

import numpy as np
import pytest

from benchmarks import planted


@pytest.mark.parametrize("seed", range(2))
def test_the_planted_cause_is_found_and_no_other(seed: int) -> None:
    # Two of the hundred seeds of benchmarks/planted.py, where 95 are asked.
    told = planted.states(seed)
    assert [factor for factor, state in told.items() if state == "supported"] == ["context"]
    assert set(told.values()) == {"supported", "not supported"}, "every factor is moved"


def test_a_window_that_takes_nothing_from_the_answers_is_no_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = planted.answer

    def untouched(put: str, talent: float, random: np.random.Generator) -> str:
        whole = " ".join(f"Witness {n} " for n in range(planted.WITNESSES))
        return answer(whole, talent, random)

    monkeypatch.setattr(planted, "answer", untouched)
    assert "supported" not in planted.states(0).values()
