"""What the tests of the stages share: a folder with its own params.yaml, spectrograms, a split, and a backbone."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.models import pretrained
from project_echo.models.backend import keras
from tests.sounds import FEATURES
from tests.stages.workspaces import change_params, write_params, write_split


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory, with the repository's params.yaml."""
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path)
    return tmp_path


@pytest.fixture
def set_params(workspace: Path) -> Callable[..., None]:
    """Change parameters of one section: `set_params("train", epochs=3)`."""
    return partial(change_params, workspace)


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
    """A split of the clips of animals, with labels as in LABELS."""
    path = workspace / "split.csv"
    write_split(path, background=False)
    return path


@pytest.fixture
def split_with_background(workspace: Path) -> Path:
    """The same, with as much background."""
    path = workspace / "split.csv"
    write_split(path, background=True)
    return path


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models/backbone with random weights, always the same."""
    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("backbone")
    pretrained.empty().save_weights(folder / "mobilenet_v2.weights.h5")
    return folder
