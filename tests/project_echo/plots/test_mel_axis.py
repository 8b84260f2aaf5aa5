"""Frequencies on a mel axis."""

import numpy as np
import pytest

from project_echo.plots import mel_axis
from tests.sounds import FEATURES, mel_spectrogram, tone


@pytest.mark.parametrize("hz", [500, 1000, 2000])
def test_a_tone_is_loudest_in_the_band_of_its_frequency(hz: int) -> None:
    image = mel_spectrogram().image(tone(hz, 1, FEATURES.sample_rate))
    loudest = image.mean(axis=(1, 2)).argmax()
    assert abs(mel_axis.mel_position(np.array([hz]), FEATURES)[0] - loudest) < 1


def test_ticks_are_the_octaves_within_the_bands() -> None:
    assert mel_axis.octaves(FEATURES).tolist() == [250, 500, 1000, 2000]
    assert mel_axis.octaves(FEATURES.model_copy(update={"fmin": 400.0})).tolist() == [500, 1000, 2000]
