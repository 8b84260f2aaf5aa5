"""What the tests of the stages share: a folder with a params.yaml of its own, and a classifier without surprises."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from project_echo import classifier, files, saving, weights
from project_echo.tf import keras
from tests.sounds import FEATURES

ROOT = Path(__file__).parents[2]
LABELS = ["<b>low & slow</b>", "high pitched"]  # as people name things


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the repository's params.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def set_params(workspace: Path) -> Callable[..., None]:
    """Change parameters of one section: `set_params("train", epochs=3)`."""

    def change(section: str, **values: Any) -> None:
        params = files.read_yaml(workspace / "params.yaml")
        params[section] |= values
        (workspace / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")

    return change


@pytest.fixture(scope="session")
def by_pitch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved classifier that compares the lower half of the mel bands with the upper: no training, no doubt."""
    network = keras.Sequential(
        [
            keras.Input(FEATURES.shape),
            keras.layers.AveragePooling2D((FEATURES.n_mels // 2, FEATURES.frames)),  # (batch, halves, 1, channels)
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    low, high = [[0.03, -0.03]] * 3, [[-0.03, 0.03]] * 3
    network.layers[-1].set_weights([np.array(low + high, dtype=np.float32), np.zeros(2, dtype=np.float32)])
    folder = tmp_path_factory.mktemp("classifier")
    saving.save(network, LABELS, FEATURES, {}, folder)
    assert classifier.load(folder).labels == tuple(LABELS)
    return folder


@pytest.fixture(scope="session")
def spectrograms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of six clips per label, two views each: noise, louder in the half of the bands that the label names."""
    folder = tmp_path_factory.mktemp("spectrograms")
    draw = np.random.default_rng(1)
    for place, label in enumerate(("low", "high")):
        for number in range(6):
            images = draw.uniform(-80, -60, (2, *FEATURES.shape))
            half = slice(16 * place, 16 * (place + 1))
            images[:, half] += 60
            files.write_array(images.astype(np.float16), folder / label / f"{number}.npy")
    files.write_json(asdict(FEATURES), folder / "features.json")
    return folder


@pytest.fixture
def split(workspace: Path) -> Path:
    """Four sources per label to train on, one to decide, one to score; labels as in LABELS."""
    parts = ["train"] * 4 + ["validation", "test"]
    rows = [
        (f"{folder}/{number}", f"{folder}/{number}.wav", label, label, f"{folder}-{number}", part)
        for folder, label in zip(("low", "high"), LABELS, strict=True)
        for number, part in enumerate(parts)
    ]
    path = workspace / "split.csv"
    files.write_table(pd.DataFrame(rows, columns=["clip", "recording", "label", "kind", "source", "part"]), path)
    return path


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models/backbone with random weights, always the same."""
    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("backbone")
    weights.empty().save_weights(folder / "mobilenet_v2.weights.h5")
    return folder
