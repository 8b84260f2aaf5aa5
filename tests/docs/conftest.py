"""A small world in which the documentation's commands run: two recorders, and a classifier that needs no training."""

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import compare_halves
from tests.sounds import FEATURES, hiss, tone, write_wav

LABELS = ["boar", "tree frog"]
NIGHTS = {"pond": (1500, 3900), "wood": (100, 900)}  # Hz, range of the calls that each recorder heard
DURATION_S, CALL_S = 60, 4


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nights/<site>/20260501_220000.wav and boars/, a classifier of boar and tree frog."""
    folder = tmp_path_factory.mktemp("world")
    rate = FEATURES.sample_rate
    for site, (low_hz, high_hz) in NIGHTS.items():
        call = sum(tone(hz, CALL_S, rate, 0.05) for hz in np.geomspace(low_hz, high_hz, 16))
        samples = hiss(DURATION_S, rate, 0.01)
        for start_s in (10, 40):
            samples[start_s * rate : (start_s + CALL_S) * rate] += call
        write_wav(folder / "nights" / site / "20260501_220000.wav", samples, rate)
    (folder / "boars").mkdir()
    compare_halves(folder / "boars", LABELS, [0.3, -0.3], [-3.0, -3.0], thresholds=[0.5, 0.5], slices=3, sources=10)
    return folder
