"""TensorFlow prints nothing, and a seed makes it repeatable."""

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


def test_the_same_seed_gives_the_same_weights_and_another_seed_gives_others() -> None:
    def initial_weights(seed: int) -> np.ndarray:
        repeatable(seed)
        return keras.layers.Dense(4)(keras.ops.ones((1, 3))).numpy()

    np.testing.assert_array_equal(initial_weights(1), initial_weights(1))
    assert (initial_weights(1) != initial_weights(2)).all()
