"""Spectrograms of whole recordings as pictures."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from project_echo.plots import mel_axis
from project_echo.web import spectrogram
from tests.sounds import FEATURES, hiss, tone

RATE = FEATURES.sample_rate


def test_a_tone_lies_at_its_pitch_from_when_it_begins() -> None:
    samples = np.concatenate([np.zeros(RATE, dtype=np.float32), tone(1000, 1, RATE)]) + hiss(2, RATE, 1e-4)
    image = spectrogram.decibels(samples, FEATURES)
    assert image.shape == (FEATURES.n_mels, 1 + 2 * RATE // FEATURES.hop_length)
    loud = image > -20
    assert abs(loud.sum(axis=1).argmax() - mel_axis.mel_position(np.array([1000]), FEATURES)[0]) <= 1
    assert loud.any(axis=0).argmax() == pytest.approx(image.shape[1] / 2, abs=1)
    assert image.max() == 0
    assert image.min() >= -FEATURES.top_db


def test_a_click_in_a_long_recording_is_seen_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrogram, "COLUMNS", 50)
    monkeypatch.setattr(spectrogram, "BLOCK", 70)  # in several blocks
    samples = hiss(30, RATE, 1e-4)
    samples[20 * RATE] = 1
    image = spectrogram.decibels(samples, FEATURES)
    assert image.shape[1] <= 50
    assert image.mean(axis=0).argmax() == pytest.approx(20 / 30 * image.shape[1], abs=1)


@pytest.mark.parametrize("samples", [np.zeros(RATE, dtype=np.float32), np.zeros(10, dtype=np.float32)])
def test_silence_and_snippets_have_a_picture_too(tmp_path: Path, samples: np.ndarray) -> None:
    image = spectrogram.decibels(samples, FEATURES)
    assert np.isfinite(image).all()
    spectrogram.save(image, tmp_path / "silence.png")
    assert matplotlib.image.imread(tmp_path / "silence.png").shape[:2] == image.shape


def test_high_frequencies_are_on_top_and_the_file_is_the_same_twice(tmp_path: Path) -> None:
    image = spectrogram.decibels(tone(3000, 1, RATE) + hiss(1, RATE, 1e-3), FEATURES)
    for name in ("first.png", "second.png"):
        spectrogram.save(image, tmp_path / name)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
    brightness = matplotlib.image.imread(tmp_path / "first.png")[:, :, :3].sum(axis=(1, 2))
    assert brightness.argmax() < FEATURES.n_mels / 3
