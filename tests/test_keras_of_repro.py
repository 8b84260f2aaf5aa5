"""The Keras model that `dvc repro` exported: what the integers of the classifier change."""

import os
from pathlib import Path

import pytest

from project_echo.core import files

DIFFERENCE = Path(__file__).parents[1] / "models" / "keras" / "difference.json"


def test_integers_change_probabilities_little_and_labels_hardly() -> None:
    if not DIFFERENCE.is_file():
        reason = "there is no exported model: run dvc repro first"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    difference = files.read_json(DIFFERENCE)
    assert difference["clips"] >= 16
    assert difference["largest"] < 0.2
    assert difference["median"] < 0.02
    assert difference["same_label"] >= 0.8  # of 16 clips, background among them, of which no animal is probable
