"""A study that is not run yet, made once; its recordings are named by people who use spaces and umlauts."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.studies.create import create_study
from tests.sounds import write_wav

RATE = 8000


@pytest.fixture(scope="session")
def own_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three short recordings of each of two labels, and of background; nobody writes to them."""
    folder = tmp_path_factory.mktemp("recordings") / "Aufnahmen am Bärensee"
    draw = np.random.default_rng(1)
    for name in ("Frösche", "Eule", "none/Wind"):
        for number in range(3):
            write_wav(folder / name / f"{number} morgens.wav", 0.1 * draw.standard_normal(RATE // 10), RATE)
    return folder


@pytest.fixture(scope="session")
def new_study(own_recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without git; tests that write to it take a copy."""
    folder = tmp_path_factory.mktemp("studies") / "meine Studie ü"
    create_study(folder, own_recordings, {"train.C": 0.1, "crossval.train_sizes": []}, git=False)
    return folder
