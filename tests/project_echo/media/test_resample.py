"""Resampling of samples in memory."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media.decode import decode
from project_echo.media.resample import resample, resample_blocks
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


@given(
    st.lists(st.integers(0, 5000), max_size=9),
    st.sampled_from([1000, 8000, 22_049, 44_100, 47_999, 48_000, 384_000, 1_000_000]),
)
@settings(max_examples=50, deadline=None)
def test_blocks_of_any_sizes_give_the_samples_of_the_whole(sizes: list[int], sample_rate: int) -> None:
    samples = hiss(sum(sizes) / sample_rate, sample_rate)
    blocks = np.split(samples, np.cumsum(sizes)[:-1]) if sizes else []
    resampled = [*resample_blocks(blocks, sample_rate, 22_050)]
    assert sum(map(len, resampled)) == math.ceil(len(samples) * 22_050 / sample_rate)
    np.testing.assert_array_equal(np.concatenate(resampled), resample(samples, sample_rate, 22_050))


@pytest.mark.parametrize(("sample_rate", "target_rate"), [(44_100, 22_050), (48_000, 22_050), (16_000, 22_050)])
@pytest.mark.parametrize(("share", "error_db"), [(0.001, -100), (0.1, -100), (0.5, -100), (0.9, -58)])
def test_a_tone_in_the_passband_stays_as_it_is(
    sample_rate: int, target_rate: int, share: float, error_db: float
) -> None:
    hz = share * min(sample_rate, target_rate) / 2
    error = resample(tone(hz, 1, sample_rate), sample_rate, target_rate) - tone(hz, 1, target_rate)
    middle = slice(target_rate // 4, -target_rate // 4)  # the tone begins and ends abruptly
    assert np.abs(error[middle]).max() < 0.3 * 10 ** (error_db / 20)


@pytest.mark.parametrize("hz", [11_100, 12_000, 17_000, 23_000])
def test_a_tone_above_the_target_nyquist_frequency_is_gone(hz: float) -> None:
    resampled = resample(tone(hz, 1, 48_000), 48_000, 22_050)
    assert np.abs(resampled[5000:-5000]).max() < 0.3 * 10 ** (-100 / 20)
