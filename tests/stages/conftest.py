"""What the tests of the stages share: a folder with its own params.yaml, spectrograms, a split, and a backbone."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from project_echo.core import files
from project_echo.core.tables import write_table
from project_echo.datasets.copies import COLUMNS
from project_echo.datasets.views import CALL_COLUMNS
from project_echo.features.config import LOUDEST
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models.card import BACKBONE, FILTERS
from project_echo.models.litert_file import Int8Graph
from tests.conftest import LABELS
from tests.sounds import FEATURES
from tests.stages.workspaces import change_params, write_params, write_split

MIDDLE_HZ = 1230  # below which half of the mel bands of FEATURES are


@pytest.fixture(scope="module", autouse=True)
def _one_process() -> Iterator[None]:
    """Stages work in this process: others take longer to start. That it changes no byte is tested in test_pipeline."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")
        yield


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

    Those of `hum`, which is background, are hardly louder in the lower half. Calls last as long as their clips.
    """
    folder = tmp_path_factory.mktemp("spectrograms")
    draw = np.random.default_rng(1)
    for label, half, louder in (("low", slice(16), 60), ("high", slice(16, 32), 60), ("hum", slice(16), 2)):
        for number in range(6):
            images = draw.uniform(-80, -60, (2, *FEATURES.image_shape))
            images[:, half] += louder
            steps = np.rint(LOUDEST * (1 + 2 * images / FEATURES.top_db))
            files.write_array(steps.astype(np.int8), folder / label / f"{number}.npy")
    clips = [f"{label}/{number}" for label in ("low", "high", "hum") for number in range(6)]
    copies = pd.DataFrame([dict.fromkeys(COLUMNS, "") | {"clip": clip, "view": 1} for clip in clips])
    labels = {"low": LABELS[0], "high": LABELS[1]}
    calls = [
        (clip, view, labels[clip.split("/")[0]], 0.0, FEATURES.window_s, "yes")
        for clip in clips
        if clip.split("/")[0] in labels
        for view in range(2)
    ]
    write_table(copies, folder / "copies.csv")
    write_table(pd.DataFrame(calls, columns=CALL_COLUMNS), folder / "calls.csv")
    files.write_json(FEATURES.model_dump(), folder / "features.json")
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    return folder


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound of clips of the same names: noise below or above the middle of the bands, or, of `hum`, in all."""
    folder = tmp_path_factory.mktemp("clips")
    draw = np.random.default_rng(1)
    hz = np.fft.rfftfreq(FEATURES.window_samples, 1 / FEATURES.sample_rate)
    for label, gain in (("low", hz < MIDDLE_HZ), ("high", hz > MIDDLE_HZ), ("hum", np.where(hz < MIDDLE_HZ, 1.4, 1))):
        (folder / label).mkdir()
        for number in range(6):
            noise = np.fft.irfft(gain * np.fft.rfft(draw.normal(0, 0.1, FEATURES.window_samples)))
            soundfile.write(folder / label / f"{number}.wav", noise, FEATURES.sample_rate, subtype="FLOAT")
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
    """models/backbone with a network of one layer, 16 rows of 8 channels, instead of MobileNetV2: no TensorFlow."""
    folder = tmp_path_factory.mktemp("backbone")
    weights = np.random.default_rng(1).normal(0, 0.5, (8, 3, 3, 3))
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *FEATURES.image_shape), 1 / LOUDEST)
    tap = graph.convolution("tap", image, weights, np.ones(8), (0.0, 6.0), depthwise=False, stride=2, relu6=True)
    (folder / BACKBONE).write_bytes(graph.serialize(image, [tap]))
    return folder


@pytest.fixture(scope="session")
def keras_backbone(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Path:
    """The same with Keras weights, which are random and those of MobileNetV2."""
    # Imported here, as TensorFlow takes seconds.
    from project_echo.models import pretrained  # noqa: PLC0415
    from project_echo.models.backend import keras  # noqa: PLC0415

    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("backbone")
    (folder / BACKBONE).write_bytes((backbone / BACKBONE).read_bytes())
    pretrained.empty().save_weights(folder / "mobilenet_v2.weights.h5")
    return folder
