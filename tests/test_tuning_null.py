"""Tuning on labels shuffled at random, by the real tuning code from the edit to the lockbox."""

from pathlib import Path

import numpy as np

from benchmarks import tuning_null
from benchmarks.scripted import answered_by


def test_the_real_tuning_sees_no_gain_in_labels_shuffled_at_random(tmp_path: Path) -> None:
    # Twenty of the two hundred draws of benchmarks/tuning_null.py, where 93% is asked.
    with answered_by(tuning_null.judge):
        design = tuning_null.build(tmp_path)
        found = np.array([tuning_null.one_seed(design, seed) for seed in range(20)])
    held, tune_half, lockbox = found.mean(axis=0)
    assert held >= 0.9
    assert tune_half > 0.15, "the tune half flatters whoever takes the best of seven"
    assert abs(lockbox) < 0.15
