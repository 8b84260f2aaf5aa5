"""Frequencies on a mel axis."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from project_echo.features.config import Features
from project_echo.plots import mel_axis
from tests.sounds import FEATURES, FOLDED, mel_spectrogram, tone


@pytest.mark.parametrize("hz", [500, 1000, 2000])
def test_a_tone_is_loudest_in_the_band_of_its_frequency(hz: int) -> None:
    image = mel_spectrogram().image(tone(hz, 1, FEATURES.sample_rate))
    loudest = image.mean(axis=(1, 2)).argmax()
    assert abs(mel_axis.mel_position(np.array([hz]), FEATURES)[0] - loudest) < 1


def test_ticks_are_the_octaves_within_the_bands() -> None:
    assert mel_axis.octaves(FEATURES).tolist() == [250, 500, 1000, 2000]
    assert mel_axis.octaves(FEATURES.model_copy(update={"fmin": 400.0})).tolist() == [500, 1000, 2000]


@pytest.mark.parametrize("features", [FEATURES, FOLDED])
def test_the_first_column_is_centered_on_the_first_window(features: Features) -> None:
    image = np.zeros(features.image_shape, np.float32)
    left, right, *_ = mel_axis.draw_spectrogram(Figure().subplots(), image, features, start_s=10.0).get_extent()
    column_s = (right - left) / features.n_frames
    assert column_s == pytest.approx(features.hop_length / features.sample_rate)
    assert left + column_s / 2 == pytest.approx(10 + features.win_length / 2 / features.sample_rate)
