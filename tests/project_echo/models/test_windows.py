"""Window probabilities over a recording, compared with those of the whole at once."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.features.melspectrogram import window_starts
from project_echo.media.errors import UnusableMediaError
from project_echo.models.window_tables import window_table
from project_echo.models.windows import predict_windows
from tests.sounds import FEATURES, hiss, mel_spectrogram

LABELS = ("boar", "fox", "frog")


def levels(images: np.ndarray) -> np.ndarray:
    """Stands in for a network: three numbers from which a window's images are recognized."""
    means = images.astype(np.float32).mean(axis=(1, 3))
    return np.stack([means[:, 0], means[:, 10], means[:, -1]], axis=1)


def levels_of_windows(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return levels(mel_spectrogram().window_images(samples, starts))


@given(
    seconds=st.floats(0.05, 6),
    hop_s=st.floats(0.03, 3),
    cuts=st.lists(st.floats(0, 1), max_size=8),
    threads=st.integers(1, 4),
)
@settings(max_examples=40)
def test_windows_do_not_depend_on_the_blocks_of_sound_or_on_threads(
    seconds: float, hop_s: float, cuts: list[float], threads: int
) -> None:
    sound = hiss(seconds, FEATURES.sample_rate) * np.linspace(0.1, 1, round(seconds * FEATURES.sample_rate))
    sound = sound.astype(np.float32)
    starts = window_starts(len(sound), FEATURES, hop_s)
    expected = levels(mel_spectrogram().window_images(sound, starts))
    blocks = np.split(sound, sorted(round(cut * len(sound)) for cut in cuts))
    probabilities = predict_windows(iter(blocks), FEATURES, levels_of_windows, hop_s, threads)
    np.testing.assert_array_equal(probabilities, expected)
    windows = window_table(probabilities, LABELS, FEATURES, hop_s, duration_s=max(seconds, FEATURES.window_s))
    assert windows["start_s"].tolist() == (starts * FEATURES.hop_length / FEATURES.sample_rate).tolist()
    assert (windows["end_s"] - windows["start_s"]).to_numpy() == pytest.approx(FEATURES.window_s)


def test_threads_work_side_by_side_and_few_blocks_are_read_ahead() -> None:
    block = hiss(2, FEATURES.sample_rate)
    together = threading.Barrier(3, timeout=60)
    n_read = n_done = 0
    most_ahead = 0

    def blocks() -> Iterator[np.ndarray]:
        nonlocal n_read, most_ahead
        for _ in range(30):
            n_read += 1
            most_ahead = max(most_ahead, n_read - n_done)
            yield block

    def predict(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        nonlocal n_done
        together.wait()  # passes only if three threads are here
        n_done += 1
        return levels_of_windows(samples, starts)

    assert len(predict_windows(blocks(), FEATURES, predict, 1.0, threads=3)) == 60
    assert most_ahead <= 10


def test_an_error_of_reading_or_of_a_thread_ends_the_work() -> None:
    def damaged() -> Iterator[np.ndarray]:
        yield hiss(2, FEATURES.sample_rate)
        raise UnusableMediaError("damaged")

    def fail(_samples: np.ndarray, _starts: np.ndarray) -> np.ndarray:
        raise MemoryError("full")

    with pytest.raises(UnusableMediaError, match="damaged"):
        predict_windows(damaged(), FEATURES, levels_of_windows, 1.0, threads=2)
    with pytest.raises(MemoryError, match="full"):
        predict_windows([hiss(2, FEATURES.sample_rate)] * 5, FEATURES, fail, 1.0, threads=2)


def test_whatever_a_prediction_has_for_each_window_is_put_together() -> None:
    def predict(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        return np.repeat(levels_of_windows(samples, starts)[:, np.newaxis], 7, axis=1)

    blocks = [hiss(1.3, FEATURES.sample_rate)] * 4
    slices = predict_windows(blocks, FEATURES, predict, 0.5)
    expected = predict_windows(blocks, FEATURES, levels_of_windows, 0.5)
    assert slices.shape == (len(expected), 7, 3)
    np.testing.assert_array_equal(slices[:, 4], expected)
