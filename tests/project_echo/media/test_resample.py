"""Resampling of samples in memory."""

import math
from pathlib import Path

import numpy as np
import pytest

from project_echo.media.decode import decode
from project_echo.media.resample import resample
from tests.sounds import hiss, loudest_hz, tone, write_wav


@pytest.mark.parametrize(("sample_rate", "target_rate"), [(44_100, 22_050), (48_000, 22_050), (8000, 22_050)])
def test_samples_are_resampled_as_a_file_is_decoded(tmp_path: Path, sample_rate: int, target_rate: int) -> None:
    samples = 1.5 * hiss(0.7, sample_rate) + tone(440, 0.7, sample_rate)
    path = write_wav(tmp_path / "a.wav", samples, sample_rate, subtype="FLOAT")
    np.testing.assert_array_equal(resample(samples, sample_rate, target_rate), decode(path, target_rate))


def test_pitch_and_duration_stay() -> None:
    resampled = resample(tone(1000, 2, 48_000), 48_000, 8000)
    assert resampled.dtype == np.float32
    assert len(resampled) == 16_000
    assert loudest_hz(resampled, 8000) == pytest.approx(1000, abs=1)


def test_samples_at_the_target_rate_stay_as_they_are() -> None:
    samples = hiss(0.1, 8000)
    np.testing.assert_array_equal(resample(samples, 8000, 8000), samples)


@pytest.mark.parametrize("sample_rate", [8000, 44_100, 384_000])
@pytest.mark.parametrize("n_samples", [1, 10, 33, 50, 500])
def test_a_sound_of_a_few_samples_has_its_length(n_samples: int, sample_rate: int) -> None:
    resampled = resample(hiss(n_samples / sample_rate, sample_rate), sample_rate, 22_050)
    assert len(resampled) == math.ceil(n_samples * 22_050 / sample_rate)
