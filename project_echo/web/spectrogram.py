"""Spectrogram images for pages, without axes: the page draws those."""

import math
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np

from project_echo.core import files
from project_echo.features.melspectrogram import MelSpectrogram, relative_levels, to_db
from project_echo.plots.mel_axis import COLORS, color_limits

MAX_COLUMNS = 1200  # more are wider than a page
BLOCK = 3000  # frames at once, so that a long recording takes no more memory than its samples
METADATA: dict[str, Any] = {"Software": None}  # no version of Matplotlib in the file


def decibels(samples: np.ndarray, spectrogram: MelSpectrogram) -> np.ndarray:
    """Log-mel spectrogram of a whole recording, in dB below its maximum.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float
        The recording.
    spectrogram : MelSpectrogram
        How it is computed.

    Returns
    -------
    np.ndarray of shape (n_mels, columns), float32
        -top_db to 0, low frequencies first. Columns cover the recording evenly from start to end. If there would be
        more than MAX_COLUMNS, a column is the maximum of several frames, so that a short call in a long recording stays
        visible.
    """
    features = spectrogram.features
    samples = np.pad(samples, features.win_length // 2)
    n_frames = 1 + (len(samples) - features.win_length) // features.hop_length
    per_column = math.ceil(n_frames / MAX_COLUMNS)
    step = per_column * max(1, BLOCK // per_column)
    columns = []
    for first in range(0, n_frames, step):
        last = first + step - 1
        block = samples[first * features.hop_length : last * features.hop_length + features.win_length]
        levels = spectrogram.levels(block)
        columns.append(np.maximum.reduceat(levels, np.arange(0, levels.shape[1], per_column), axis=1))
    return to_db(relative_levels(np.concatenate(columns, axis=1), features), features)


def save(image: np.ndarray, path: Path) -> None:
    """Write a spectrogram as PNG without axes, high frequencies on top, the same bytes on every run.

    Parameters
    ----------
    image : np.ndarray of shape (n_mels, columns), float
        dB, as `decibels` returns.
    path : Path
        The file to write.
    """
    vmin, vmax = color_limits(image)
    with files.atomic_path(path) as temporary:
        matplotlib.image.imsave(temporary, image, vmin, vmax, COLORS, origin="lower", metadata=METADATA)
