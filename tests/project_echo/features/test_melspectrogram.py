"""Log-mel images: a window of a recording and a clip of the same samples have the same image."""

import json
import pickle
from typing import Any

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from project_echo.features.config import Features
from project_echo.features.melspectrogram import MelSpectrogram, to_db, window_starts
from tests.sounds import RATE, hiss, mel_spectrogram, tone

FEATURES = Features(
    sample_rate=RATE,
    window_s=1.0,
    n_fft=512,
    win_length=1024,
    hop_length=441,
    n_mels=64,
    fmin=50.0,
    fmax=11025.0,
    top_db=80.0,
)
RECORDING = (tone(700, 4) * np.linspace(0.1, 1, 4 * RATE) + 0.02 * hiss(4)).astype(np.float32)


@pytest.mark.parametrize("hop_s", [0.02, 0.37, 1.0, 2.9])
def test_a_window_of_a_recording_equals_the_clip_of_the_same_samples(hop_s: float) -> None:
    spectrogram = mel_spectrogram(FEATURES)
    starts = window_starts(len(RECORDING), FEATURES, hop_s)[:12]
    windows = spectrogram.window_images(RECORDING, starts)
    assert len(windows) == len(starts) >= 2
    for window, start in zip(windows, starts * FEATURES.hop_length, strict=True):
        clip = RECORDING[start : start + FEATURES.window_samples]
        np.testing.assert_array_equal(window, spectrogram.image(clip))


@given(first=st.integers(0, 4 * RATE - 3000), n_frames=st.integers(1, 300), offset=st.integers(0, 440))
@settings(max_examples=30, deadline=None)
def test_levels_of_a_frame_do_not_depend_on_the_frames_beside_it(first: int, n_frames: int, offset: int) -> None:
    spectrogram = mel_spectrogram(FEATURES)
    samples = RECORDING[offset:]
    first //= FEATURES.hop_length
    n_frames = min(n_frames, (len(samples) - FEATURES.win_length) // FEATURES.hop_length - first)
    start, end = first * FEATURES.hop_length, (first + n_frames) * FEATURES.hop_length + FEATURES.win_length
    part = spectrogram.levels(samples[start:end])
    np.testing.assert_array_equal(part, spectrogram.levels(samples)[:, first : first + part.shape[1]])


def expected_image(samples: np.ndarray, features: Features) -> np.ndarray:
    """One channel of the image before it is rounded, in float64 and straight from the definition."""
    frames = sliding_window_view(samples.astype(np.float64), features.win_length)[:: features.hop_length]
    spectrum = np.fft.rfft(frames * scipy.signal.get_window("hann", features.win_length), axis=1)
    power = np.abs(spectrum[:, :: features.win_length // features.n_fft]) ** 2
    filters = librosa.filters.mel(
        sr=features.sample_rate, n_fft=features.n_fft, n_mels=features.n_mels, fmin=features.fmin, fmax=features.fmax
    )
    mel_power = filters @ power.T
    decibels = 10 * np.log10(mel_power / mel_power.max())
    return np.maximum(-127, 127 + decibels * 254 / features.top_db)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hop_length": 300},
        {"n_fft": 1024},
        {"n_fft": 600, "win_length": 1200},
        {"n_mels": 40},
        {"fmin": 900.0},
        {"top_db": 30.0},
    ],
)
def test_an_image_is_the_log_mel_power_below_the_loudest_point(changes: dict[str, Any]) -> None:
    features = FEATURES.model_copy(update=changes)
    for start in (0, 50_000):
        clip = RECORDING[start : start + features.window_samples]
        image, expected = mel_spectrogram(features).image(clip), expected_image(clip, features)
        # Half a step of the image, and half a step of the table for the value and for the peak.
        tolerance = 0.5 + 2 * 0.0022 * 254 / features.top_db
        np.testing.assert_allclose(image, np.repeat(expected[..., np.newaxis], 3, axis=2), rtol=0, atol=tolerance)


@pytest.mark.slow  # numba compiles librosa's functions after an installation
def test_power_equals_that_of_librosa() -> None:
    features = FEATURES.model_copy(update={"n_fft": 1024})
    expected = librosa.feature.melspectrogram(
        y=RECORDING, sr=RATE, n_fft=1024, hop_length=441, center=False, n_mels=64, fmin=50.0, fmax=11025.0
    )
    levels = mel_spectrogram(features).levels(RECORDING)
    np.testing.assert_allclose(levels * 80 / 254, 10 * np.log10(expected), rtol=0, atol=0.003)


@pytest.mark.parametrize("hz", [200, 1000, 3000, 9000])
def test_a_tone_is_in_the_band_of_its_frequency(hz: int) -> None:
    bands = librosa.mel_frequencies(FEATURES.n_mels + 2, fmin=FEATURES.fmin, fmax=FEATURES.fmax)[1:-1]
    loudest = bands[mel_spectrogram(FEATURES).image(tone(hz, 1))[..., 0].mean(axis=1).argmax()]
    assert abs(loudest - hz) <= max(45, 0.05 * hz)


def test_rows_run_from_low_to_high_pitch_and_columns_from_early_to_late() -> None:
    rising = np.concatenate([tone(300, 0.5), tone(5000, 0.5)])
    image = mel_spectrogram(FEATURES).image(rising)[..., 0]
    first, last = image[:, :10].mean(axis=1).argmax(), image[:, -10:].mean(axis=1).argmax()
    assert first < FEATURES.n_mels // 3 < last


@pytest.mark.parametrize("gain", [0.01, 0.5, 3.0])
def test_the_level_of_a_clip_does_not_change_its_image(gain: float) -> None:
    clip = RECORDING[: FEATURES.window_samples]
    spectrogram = mel_spectrogram(FEATURES)
    np.testing.assert_allclose(spectrogram.image(np.float32(gain) * clip), spectrogram.image(clip), rtol=0, atol=1)


def test_an_image_spans_top_db_up_to_0_db_in_every_channel() -> None:
    image = mel_spectrogram(FEATURES).image(tone(1000, 1))
    assert (image.max(axis=(0, 1)) == 127).all()
    assert image.min() == -127
    assert image.dtype == np.int8
    assert to_db(np.array([-127, 0, 127], np.int8), FEATURES).tolist() == [-80, -40, 0]


def test_digital_silence_is_top_db_below_0_everywhere() -> None:
    assert (mel_spectrogram(FEATURES).image(np.zeros(FEATURES.window_samples, np.float32)) == -127).all()


def test_the_three_channels_are_the_same() -> None:
    image = mel_spectrogram(FEATURES).image(RECORDING[:RATE])
    np.testing.assert_array_equal(image, np.repeat(image[..., :1], 3, axis=2))


def test_a_pickled_spectrogram_makes_the_same_images() -> None:
    spectrogram = mel_spectrogram(FEATURES)
    copy: MelSpectrogram = pickle.loads(pickle.dumps(spectrogram))
    np.testing.assert_array_equal(copy.image(RECORDING[:RATE]), spectrogram.image(RECORDING[:RATE]))


@given(
    samples=st.integers(64, 3000),
    n_fft=st.integers(8, 32),
    parts=st.integers(1, 2),
    hop_length=st.integers(1, 500),
    n_mels=st.integers(8, 12),
)
@settings(max_examples=40, deadline=None)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_an_image_has_the_shape_that_features_states(
    samples: int, n_fft: int, parts: int, hop_length: int, n_mels: int
) -> None:
    sizes = {"sample_rate": 8000, "window_s": samples / 8000, "n_fft": n_fft, "win_length": parts * n_fft}
    bands = {"hop_length": hop_length, "n_mels": n_mels, "fmin": 0.0, "fmax": 4000.0}
    features = FEATURES.model_copy(update=sizes | bands)  # smaller than the network takes
    sound = hiss(samples / 8000, 8000)
    assert mel_spectrogram(features).image(sound).shape == features.image_shape
    assert mel_spectrogram(features).levels(sound).shape == (n_mels, features.n_frames)
    last_frame_ends = (features.n_frames - 1) * hop_length + features.win_length
    assert last_frame_ends <= samples < last_frame_ends + hop_length


@given(n_samples=st.integers(1, 200_000), hop_s=st.floats(0.001, 10), hop_length=st.integers(1, 5000))
def test_windows_are_evenly_spaced_and_end_within_the_recording(n_samples: int, hop_s: float, hop_length: int) -> None:
    features = FEATURES.model_copy(update={"hop_length": hop_length})
    starts = window_starts(n_samples, features, hop_s)
    assert starts[0] == 0
    steps = np.unique(np.diff(starts))
    assert len(steps) <= 1
    assert (steps > 0).all()
    ends = starts * hop_length + features.window_samples
    assert ends[-1] <= max(n_samples, features.window_samples)
    if len(starts) > 1:
        assert n_samples < ends[-1] + steps[0] * hop_length  # no room for one more


@pytest.mark.parametrize("seconds", [0.01, 0.3])
def test_a_recording_shorter_than_a_window_is_one_window_padded_with_silence(seconds: float) -> None:
    short = tone(1000, seconds)
    starts = window_starts(len(short), FEATURES, 0.5)
    assert starts.tolist() == [0]
    padded = np.pad(short, (0, FEATURES.window_samples - len(short)))
    spectrogram = mel_spectrogram(FEATURES)
    np.testing.assert_array_equal(spectrogram.window_images(short, starts)[0], spectrogram.image(padded))


def test_features_survive_json() -> None:
    from_json = Features(**json.loads(FEATURES.model_dump_json()))
    assert from_json == FEATURES
    assert hash(from_json) == hash(FEATURES)
