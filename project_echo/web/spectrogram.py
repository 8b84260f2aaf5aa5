"""A spectrogram as a picture for pages, without axes: they are drawn by the page."""

import math
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np

from project_echo.core import files
from project_echo.features.config import Features
from project_echo.features.melspectrogram import mel_power
from project_echo.plots.mel_axis import COLOURS

COLUMNS = 1200  # at most: more are wider than a page
BLOCK = 3000  # frames at once, so that a long recording takes no more memory than its samples
NO_NAMES: dict[str, Any] = {"Software": None}  # of the program in the file


def decibels(samples: np.ndarray, features: Features) -> np.ndarray:
    """Decibels below the loudest point, -top_db to 0, shape (n_mels, columns), from low to high, float32.

    `samples` has shape (n,). The columns share its time from start to end; where there would be more than COLUMNS,
    frames are joined and the loudest of them is shown, so that a short call in a long recording is seen.
    """
    one = features.model_copy(update={"win_lengths": (features.n_fft,)})
    samples = np.pad(samples, features.n_fft // 2)
    frames = 1 + (len(samples) - one.n_fft) // one.hop_length
    joined = math.ceil(frames / COLUMNS)
    step = joined * max(1, BLOCK // joined)
    found = []
    for first in range(0, frames, step):
        stretch = samples[first * one.hop_length : (first + step - 1) * one.hop_length + one.n_fft]
        power = mel_power(stretch, one)[:, :, 0]
        found.append(np.maximum.reduceat(power, np.arange(0, power.shape[1], joined), axis=1))
    power = np.concatenate(found, axis=1)
    floor = 10.0 ** (-features.top_db / 10)
    image = 10 * np.log10(np.maximum(power / max(float(power.max()), 1e-30), floor))
    return np.clip(image, -features.top_db, 0).astype(np.float32)  # the logarithm's last bit differs by processor


def save(image: np.ndarray, path: Path) -> None:
    """Write decibels, shape (n_mels, columns), as a PNG without axes, high frequencies on top, the same on every run.

    What is no louder than usual stays dark: in a noisy recording all would be bright otherwise.
    """
    quiet = float(np.median(image))
    with files.atomic_path(path) as beside:
        matplotlib.image.imsave(beside, image, vmin=quiet - 3, vmax=0, cmap=COLOURS, origin="lower", metadata=NO_NAMES)
