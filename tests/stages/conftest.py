"""What the tests of the stages share: a folder with a params.yaml of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from project_echo.core import files
from project_echo.models import pretrained
from project_echo.models.backend import keras
from tests.conftest import LABELS
from tests.sounds import FEATURES

ROOT = Path(__file__).parents[2]


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
def spectrograms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of six clips per label, two views each: noise, louder in the half of the bands that the label names.

    Those of `hum`, which is background, are hardly louder in the lower half.
    """
    folder = tmp_path_factory.mktemp("spectrograms")
    draw = np.random.default_rng(1)
    for label, half, louder in (("low", slice(16), 60), ("high", slice(16, 32), 60), ("hum", slice(16), 2)):
        for number in range(6):
            images = draw.uniform(-80, -60, (2, *FEATURES.image_shape))
            images[:, half] += louder
            files.write_array(images.astype(np.float16), folder / label / f"{number}.npy")
    files.write_json(FEATURES.model_dump(), folder / "features.json")
    return folder


@pytest.fixture
def split(workspace: Path) -> Path:
    """Four sources per label to train on, one to decide, one to score; labels as in LABELS."""
    rows = [
        row for folder, label in zip(("low", "high"), LABELS, strict=True) for row in six_clips(folder, label, label)
    ]
    path = workspace / "split.csv"
    files.write_table(pd.DataFrame(rows, columns=["clip", "recording", "label", "kind", "source", "part"]), path)
    return path


@pytest.fixture
def split_with_background(split: Path) -> Path:
    """The same, with as much background."""
    table = files.read_table(split)
    background = pd.DataFrame(six_clips("hum", "none", "hum"), columns=table.columns)
    files.write_table(pd.concat([table, background]), split)
    return split


def six_clips(folder: str, label: str, kind: str) -> list[tuple[str, ...]]:
    """Rows of a split."""
    return [
        (f"{folder}/{number}", f"{folder}/{number}.wav", label, kind, f"{folder}-{number}", part)
        for number, part in enumerate(["train"] * 4 + ["validation", "test"])
    ]


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models/backbone with random weights, always the same."""
    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("backbone")
    pretrained.empty().save_weights(folder / "mobilenet_v2.weights.h5")
    return folder
