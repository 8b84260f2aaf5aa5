"""The spectrograms stage: images of every clip and its augmented copies, whatever else is in the corpus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.features.config import read_features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from stages import spectrograms
from tests.sounds import hiss, tone

RATE = 8000
CLIPS, IMAGES = Path("data/clips"), Path("data/spectrograms")


@pytest.fixture(autouse=True)
def parameters(workspace: Path, set_params: Callable[..., None]) -> None:
    set_params("features", sample_rate=RATE, window_s=1.0, n_fft=512, win_lengths=[128, 256, 512], hop_length=200)
    set_params("features", n_mels=32, fmin=50.0, fmax=4000.0, top_db=80.0)
    set_params("augmentation", copies=2, roll_s=1.0, seed=1)


def run(*names: str) -> dict[str, np.ndarray]:
    """Run the stage on clips of different pitch; the images of each."""
    for name in names:
        files.write_sound(tone(300 + len(name) * 100, 1, RATE) + 0.01 * hiss(1, RATE), RATE, CLIPS / f"{name}.wav")
    files.write_table(pd.DataFrame({"clip": names}), CLIPS / "clips.csv")
    spectrograms.main(CLIPS, IMAGES)
    return {name: np.array(files.read_array(IMAGES / f"{name}.npy")) for name in names}


def test_the_first_image_is_of_the_clip_and_those_of_its_copies_differ() -> None:
    images = run("boar/001", "fox/a")
    features = read_features(IMAGES / "features.json")
    spectrogram = MelSpectrogram(features, read_mel_filters(IMAGES / "mel_filters.npz", features))
    assert features.image_shape == (32, 38, 3)
    for name, views in images.items():
        assert (views.shape, views.dtype) == ((3, *features.image_shape), np.int8)
        clip = files.read_sound(CLIPS / f"{name}.wav")[0]
        np.testing.assert_array_equal(views[0], spectrogram.image(clip))
        assert len({view.tobytes() for view in views}) == 3


def test_copies_do_not_depend_on_the_other_clips_or_on_the_number_of_workers() -> None:
    few = run("boar/001", "fox/a")  # in this process
    many = run("a", "bb", "fox/a", "ccc", "boar/001", "dddd")  # in several
    for name, views in few.items():
        np.testing.assert_array_equal(many[name], views)
    files.write_sound(files.read_sound(CLIPS / "a.wav")[0], RATE, CLIPS / "bb.wav")
    assert not (run("a")["a"][1:] == many["bb"][1:]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"reverberation_s": [2.0, 2.0]},
        {"pitch_semitones": [7.0, 7.0]},
        {"snr_db": [0.0, 0.0]},
        {"gain_db": [30.0, 30.0]},
        {"roll_s": 0.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_seed_and_ranges_change_the_copies_and_not_the_clip(
    set_params: Callable[..., None], changes: dict[str, Any]
) -> None:
    first = run("boar/001")["boar/001"]
    set_params("augmentation", **changes)
    second = run("boar/001")["boar/001"]
    np.testing.assert_array_equal(first[0], second[0])
    assert all((before != after).any() for before, after in zip(first[1:], second[1:], strict=True))


def test_without_copies_there_is_only_the_clip(set_params: Callable[..., None]) -> None:
    set_params("augmentation", copies=0)
    assert run("boar/001")["boar/001"].shape == (1, 32, 38, 3)
