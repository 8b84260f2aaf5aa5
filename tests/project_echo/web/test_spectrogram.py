"""Spectrogram images of whole recordings."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from project_echo.plots import mel_axis
from project_echo.web import spectrogram
from tests.sounds import FEATURES, FOLDED, hiss, mel_spectrogram, tone

RATE = FEATURES.sample_rate


def test_a_tone_is_loud_in_its_band_from_its_start() -> None:
    samples = np.concatenate([np.zeros(RATE, dtype=np.float32), tone(1000, 1, RATE)]) + hiss(2, RATE, 1e-4)
    image = spectrogram.decibels(samples, mel_spectrogram())
    assert image.shape == (FEATURES.n_mels, 1 + 2 * RATE // FEATURES.hop_length)
    loud = image > -20
    assert abs(loud.sum(axis=1).argmax() - mel_axis.mel_position(np.array([1000]), FEATURES)[0]) <= 1
    assert loud.any(axis=0).argmax() == pytest.approx(image.shape[1] / 2, abs=1)
    assert image.max() == 0
    assert image.min() >= -FEATURES.top_db


def test_columns_cover_a_recording_whatever_the_length_of_the_fft() -> None:
    images = [spectrogram.decibels(hiss(2, RATE), mel_spectrogram(features)) for features in (FEATURES, FOLDED)]
    assert images[0].shape == images[1].shape


def test_a_click_in_a_long_recording_stays_visible_at_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrogram, "MAX_COLUMNS", 50)
    monkeypatch.setattr(spectrogram, "BLOCK", 70)  # in several blocks
    samples = hiss(30, RATE, 1e-4)
    samples[20 * RATE] = 1
    image = spectrogram.decibels(samples, mel_spectrogram())
    assert image.shape[1] <= 50
    assert image.mean(axis=0).argmax() == pytest.approx(20 / 30 * image.shape[1], abs=1)


@pytest.mark.parametrize("samples", [np.zeros(RATE, dtype=np.float32), np.zeros(10, dtype=np.float32)])
def test_silence_and_a_few_samples_have_an_image(tmp_path: Path, samples: np.ndarray) -> None:
    image = spectrogram.decibels(samples, mel_spectrogram())
    assert np.isfinite(image).all()
    spectrogram.save(image, tmp_path / "silence.png")
    assert matplotlib.image.imread(tmp_path / "silence.png").shape[:2] == image.shape


def test_high_frequencies_are_on_top_and_a_second_file_has_the_same_bytes(tmp_path: Path) -> None:
    image = spectrogram.decibels(tone(3000, 1, RATE) + hiss(1, RATE, 1e-3), mel_spectrogram())
    for name in ("first.png", "second.png"):
        spectrogram.save(image, tmp_path / name)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
    brightness = matplotlib.image.imread(tmp_path / "first.png")[:, :, :3].sum(axis=(1, 2))
    assert brightness.argmax() < FEATURES.n_mels / 3
