"""Figures of one clip on its way: sound, spectrogram, augmented copies."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from project_echo.features.config import Features
from project_echo.plots.mel_axis import COLOURS, draw
from project_echo.plots.style import PALETTE


def sound(samples: np.ndarray, image: np.ndarray, features: Features) -> Figure:
    """Waveform, shape (n,), over the log-mel image (n_mels, frames, 3) of the same seconds, its channels averaged."""
    figure = Figure(figsize=(8.5, 4.6), layout="constrained")
    wave, mel = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    # Between two pixels stand many samples: their reach says what the line would.
    points = np.array_split(samples, min(len(samples), 1700))
    seconds = np.linspace(0, features.window_s, len(points))
    low, high = np.array([(part.min(), part.max()) for part in points]).T
    wave.fill_between(seconds, low, high, color=PALETTE[0], linewidth=0)
    highest = max(1e-6, float(np.abs(samples).max()))
    wave.set(ylim=(-1.05 * highest, 1.05 * highest), ylabel="amplitude")
    shown = _draw(mel, image, features)
    mel.set(xlim=(0, features.window_s), xlabel="time, s", ylabel="frequency, Hz")
    figure.colorbar(shown, ax=mel, label="dB below the loudest", pad=0.01)
    return figure


def copies(images: np.ndarray, features: Features) -> Figure:
    """The clip itself and its augmented copies, shape (views, n_mels, frames, 3), side by side."""
    columns = min(3, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(8.5, 0.4 + 2.1 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for number, axes in enumerate(grid.flat):
        if number >= len(images):
            axes.remove()
            continue
        _draw(axes, images[number], features)
        axes.set_title("as recorded" if number == 0 else f"copy {number}", fontsize=10, fontweight="normal")
        axes.tick_params(labelbottom=number + columns >= len(images))
    figure.supxlabel("time, s", fontsize=11)
    figure.supylabel("frequency, Hz", fontsize=11)
    return figure


def _draw(axes: Any, image: np.ndarray, features: Features) -> Any:
    decibels = image.mean(axis=-1, dtype=np.float32)
    return draw(axes, decibels, features, cmap=COLOURS, vmin=float(np.median(decibels)) - 3, vmax=0)
