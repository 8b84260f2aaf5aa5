"""Label probabilities in sliding windows over a recording."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from project_echo.features import melspectrogram
from project_echo.features.config import Features
from project_echo.features.melspectrogram import MelSpectrogram

TIME_COLUMNS = ["start_s", "end_s"]
WINDOWS_PER_BLOCK = 16  # read at once, if windows do not overlap
Predict = Callable[[np.ndarray], np.ndarray]  # images, int8, (windows, n_mels, frames, 3), to (windows, labels)


def predict_windows(
    blocks: Iterable[np.ndarray], spectrogram: MelSpectrogram, predict: Predict, hop_s: float
) -> np.ndarray:
    """Predict the label probabilities of every window of a recording, reading it block by block.

    Only one block, and less than a window of the blocks before it, is in memory. The windows are those of
    melspectrogram.window_starts, wherever the blocks begin and end.

    Parameters
    ----------
    blocks : iterable of np.ndarray of shape (n,), float32
        Samples of the recording in order, at the sample rate of the features.
    spectrogram : MelSpectrogram
    predict : callable
        Predicts the probabilities of images; see `Classifier.predict_images`.
    hop_s : float
        Step between windows, s; rounded to whole spectrogram frames.

    Returns
    -------
    np.ndarray of shape (windows, labels), float32
        A recording shorter than a window has one window, padded with zeros.
    """
    features = spectrogram.features
    step = melspectrogram.window_step(features, hop_s)
    probabilities = []
    buffer: np.ndarray = np.zeros(0, np.float32)
    to_skip = 0  # samples before the next window, where the hop is longer than a window
    for block in blocks:
        buffer = np.concatenate([buffer, block[to_skip:]])
        to_skip = max(0, to_skip - len(block))
        if len(buffer) >= features.window_samples:
            starts = melspectrogram.window_starts(len(buffer), features, hop_s)
            probabilities.append(predict(spectrogram.window_images(buffer, starts)))
            next_start = (starts[-1] + step) * features.hop_length
            buffer, to_skip = buffer[next_start:], max(0, next_start - len(buffer))
    if not probabilities:  # shorter than a window
        probabilities.append(predict(spectrogram.window_images(buffer, np.zeros(1, int))))
    return np.concatenate(probabilities)


def window_table(
    probabilities: np.ndarray, labels: Sequence[str], features: Features, hop_s: float, duration_s: float
) -> pd.DataFrame:
    """Tabulate window probabilities with the times of their windows.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
        As predict_windows returns them.
    labels : sequence of str
    features : Features
    hop_s : float
        Step between windows, s.
    duration_s : float
        Duration of the recording, s. The only window of a recording shorter than a window ends there.

    Returns
    -------
    pd.DataFrame
        A row per window: start_s, end_s (s from the start of the recording) and a column of probabilities per label.
    """
    frames = np.arange(len(probabilities)) * melspectrogram.window_step(features, hop_s)
    start_s = frames * features.hop_length / features.sample_rate
    windows = pd.DataFrame({"start_s": start_s, "end_s": np.minimum(start_s + features.window_s, duration_s)})
    return windows.join(pd.DataFrame(probabilities, columns=list(labels)))
