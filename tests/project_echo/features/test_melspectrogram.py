"""Log-mel images: a window of a recording and a clip of the same samples have the same image."""

import json
from typing import Any

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.features.config import Features
from project_echo.features.melspectrogram import log_mel_image, mel_power, window_images, window_starts
from tests.sounds import RATE, hiss, tone

FEATURES = Features(
    sample_rate=RATE,
    window_s=1.0,
    n_fft=1024,
    win_lengths=(256, 512, 1024),
    hop_length=441,
    n_mels=64,
    fmin=50.0,
    fmax=11025.0,
    top_db=80.0,
)
STEP_DB = 0.0625  # of half precision, between 64 and 128
RECORDING = (tone(700, 4) * np.linspace(0.1, 1, 4 * RATE) + 0.02 * hiss(4)).astype(np.float32)


@pytest.mark.parametrize("hop_s", [0.02, 0.37, 1.0, 2.9])
@pytest.mark.parametrize("win_lengths", [(1024,), (256, 512, 1024)])
def test_a_window_of_a_recording_equals_the_clip_of_the_same_samples(
    hop_s: float, win_lengths: tuple[int, ...]
) -> None:
    features = FEATURES.model_copy(update={"win_lengths": win_lengths})
    starts = window_starts(len(RECORDING), features, hop_s)[:12]
    windows = window_images(RECORDING, starts, features)
    assert len(windows) == len(starts) >= 2
    for window, start in zip(windows, starts * features.hop_length, strict=True):
        clip = log_mel_image(RECORDING[start : start + features.window_samples], features)
        np.testing.assert_allclose(window, clip, atol=STEP_DB)


@pytest.mark.parametrize(
    "changes", [{}, {"win_lengths": (1024,)}, {"n_mels": 40}, {"hop_length": 300}, {"fmin": 900.0}]
)
def test_power_equals_that_of_librosa(changes: dict[str, Any]) -> None:
    features = FEATURES.model_copy(update=changes)
    sizes = {"n_fft": features.n_fft, "hop_length": features.hop_length, "center": False}
    filters = librosa.filters.mel(
        sr=RATE, n_fft=features.n_fft, n_mels=features.n_mels, fmin=features.fmin, fmax=features.fmax
    )
    expected = [
        filters @ np.abs(librosa.stft(RECORDING, **sizes, win_length=win_length)) ** 2
        for win_length in features.win_lengths
    ]
    power = mel_power(RECORDING, features)
    np.testing.assert_allclose(power, np.stack(expected, axis=-1), rtol=1e-4, atol=1e-6 * power.max())


@pytest.mark.parametrize("hz", [200, 1000, 3000, 9000])
def test_a_tone_is_in_the_band_of_its_frequency(hz: int) -> None:
    bands = librosa.mel_frequencies(FEATURES.n_mels + 2, fmin=FEATURES.fmin, fmax=FEATURES.fmax)[1:-1]
    # The shortest window resolves pitch too coarsely for this.
    for channel in np.moveaxis(log_mel_image(tone(hz, 1), FEATURES), -1, 0)[1:]:
        loudest = bands[channel.mean(axis=1).argmax()]
        assert abs(loudest - hz) <= max(45, 0.05 * hz)


def test_rows_run_from_low_to_high_pitch_and_columns_from_early_to_late() -> None:
    rising = np.concatenate([tone(300, 0.5), tone(5000, 0.5)])
    image = log_mel_image(rising, FEATURES)[..., 0]
    first, last = image[:, :10].mean(axis=1).argmax(), image[:, -10:].mean(axis=1).argmax()
    assert first < FEATURES.n_mels // 3 < last


@pytest.mark.parametrize("gain", [0.01, 0.5, 3.0])
def test_the_level_of_a_clip_does_not_change_its_image(gain: float) -> None:
    clip = RECORDING[: FEATURES.window_samples]
    np.testing.assert_allclose(log_mel_image(gain * clip, FEATURES), log_mel_image(clip, FEATURES), atol=STEP_DB)


def test_an_image_spans_top_db_up_to_0_db_in_every_channel() -> None:
    image = log_mel_image(tone(1000, 1), FEATURES)
    assert (image.max(axis=(0, 1)) == 0).all()
    assert image.min() == -FEATURES.top_db
    assert image.dtype == np.float16


def test_digital_silence_is_top_db_below_0_everywhere() -> None:
    assert (log_mel_image(np.zeros(FEATURES.window_samples, np.float32), FEATURES) == -FEATURES.top_db).all()


@given(
    samples=st.integers(64, 3000),
    n_fft=st.integers(16, 64),
    hop_length=st.integers(1, 500),
    n_mels=st.integers(8, 12),
    channels=st.sampled_from([1, 3]),
)
@settings(max_examples=40, deadline=None)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_an_image_has_the_shape_that_features_states(
    samples: int, n_fft: int, hop_length: int, n_mels: int, channels: int
) -> None:
    win_lengths = tuple(n_fft // divisor for divisor in (4, 2, 1)[-channels:])
    sizes = {"sample_rate": 8000, "window_s": samples / 8000, "n_fft": n_fft, "win_lengths": win_lengths}
    bands = {"hop_length": hop_length, "n_mels": n_mels, "fmin": 0.0, "fmax": 4000.0}
    features = FEATURES.model_copy(update=sizes | bands)  # smaller than the network takes
    sound = hiss(samples / 8000, 8000)
    assert log_mel_image(sound, features).shape == features.image_shape
    assert mel_power(sound, features).shape == (n_mels, features.n_frames, channels)
    last_frame_ends = (features.n_frames - 1) * hop_length + n_fft
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
    np.testing.assert_allclose(window_images(short, starts, FEATURES)[0], log_mel_image(padded, FEATURES), atol=STEP_DB)


def test_features_survive_json() -> None:
    from_json = Features(**json.loads(FEATURES.model_dump_json()))
    assert from_json == FEATURES
    assert hash(from_json) == hash(FEATURES)
