"""TensorFlow keeps quiet and repeats itself."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from project_echo.models.backend import keras, repeatable

ROOT = Path(__file__).parents[3]


def test_importing_tensorflow_prints_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import project_echo.models.backend"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_same_seed_gives_same_weights_and_another_seed_others() -> None:
    def drawn(seed: int) -> np.ndarray:
        repeatable(seed)
        return keras.layers.Dense(4)(keras.ops.ones((1, 3))).numpy()

    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert (drawn(1) != drawn(2)).all()
