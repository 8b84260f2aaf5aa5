"""Figures of a clip: waveform, spectrogram, augmented copies."""

import numpy as np
from matplotlib.figure import Figure

from project_echo.features.config import Features
from project_echo.plots.mel_axis import draw_spectrogram
from project_echo.plots.palette import PALETTE
from project_echo.plots.style import styled


@styled()
def sound(samples: np.ndarray, image: np.ndarray, features: Features) -> Figure:
    """Waveform of a clip above its log-mel spectrogram.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float
        Sound of the clip.
    image : np.ndarray of shape (n_mels, frames, 3), float
        Log-mel image of the same seconds, dB below its maximum. Its channels are averaged.
    features : Features
        How the image was computed.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(8.5, 4.6), layout="constrained")
    wave, mel = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    # A pixel holds many samples: their minimum and maximum look like the line through them.
    chunks = np.array_split(samples, min(len(samples), 1700))
    seconds = np.linspace(0, features.window_s, len(chunks))
    low, high = np.array([(chunk.min(), chunk.max()) for chunk in chunks]).T
    wave.fill_between(seconds, low, high, color=PALETTE[0], linewidth=0)
    highest = max(1e-6, float(np.abs(samples).max()))
    wave.set(ylim=(-1.05 * highest, 1.05 * highest), ylabel="amplitude")
    shown = draw_spectrogram(mel, image, features)
    mel.set(xlim=(0, features.window_s), xlabel="time, s", ylabel="frequency, Hz")
    figure.colorbar(shown, ax=mel, label="dB below the loudest", pad=0.01)
    return figure


@styled()
def copies(images: np.ndarray, features: Features) -> Figure:
    """Spectrograms of a clip and its augmented copies, side by side.

    Parameters
    ----------
    images : np.ndarray of shape (views, n_mels, frames, 3), float
        Log-mel images in dB, first that of the clip as recorded.
    features : Features
        How the images were computed.

    Returns
    -------
    Figure
    """
    columns = min(3, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(8.5, 0.4 + 2.1 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for number, axes in enumerate(grid.flat):
        if number >= len(images):
            axes.remove()
            continue
        draw_spectrogram(axes, images[number], features)
        axes.set_title("as recorded" if number == 0 else f"copy {number}", fontsize=10, fontweight="normal")
        axes.tick_params(labelbottom=number + columns >= len(images))
    figure.supxlabel("time, s", fontsize=11)
    figure.supylabel("frequency, Hz", fontsize=11)
    return figure
