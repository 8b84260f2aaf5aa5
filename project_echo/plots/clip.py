"""Figures of a clip for a page: waveform, spectrogram, augmented copies, evidence for a label."""

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from project_echo.features.config import Features
from project_echo.plots.attention import HEAT
from project_echo.plots.mel_axis import COLORS, color_limits, draw, mel_position, octaves
from project_echo.plots.palette import PALETTE
from project_echo.plots.svg import MUTED, new_figure, page_style

SHADES, FEW_SHADES = 48, 16  # of a spectrogram, of one with a second scale or of a small one: more make a file larger
CHUNKS = 420  # of a waveform: as many as the figure is wide, px
TICK = 16  # px that the name of a frequency needs


@page_style()
def sound(samples: np.ndarray, image: np.ndarray, features: Features) -> Figure:
    """Waveform of a clip above its log-mel spectrogram.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float
        Sound of the clip.
    image : np.ndarray of shape (n_mels, frames, 3), float
        Log-mel image of the same seconds, dB below its maximum.
    features : Features
        How the image was computed.

    Returns
    -------
    Figure
    """
    figure = new_figure(330)
    wave, mel = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2.4))
    # A pixel holds many samples: their minimum and maximum look like the line through them.
    chunks = np.array_split(samples, min(len(samples), CHUNKS))
    seconds = np.linspace(0, features.window_s, len(chunks))
    low, high = np.array([(chunk.min(), chunk.max()) for chunk in chunks]).T
    wave.fill_between(seconds, low, high, color=PALETTE[0], linewidth=0)
    highest = max(1e-6, float(np.abs(samples).max()))
    wave.set(ylim=(-1.05 * highest, 1.05 * highest), yticks=[])
    wave.tick_params(labelbottom=False)
    wave.spines[:].set_visible(False)
    wave.set_title("waveform", color=MUTED, fontweight="normal")
    _spectrogram(mel, _shades(image, COLORS), features, 200)
    mel.set(xlim=(0, features.window_s), xlabel="time, s")
    mel.set_title("frequency, Hz", color=MUTED, fontweight="normal")
    return figure


@page_style()
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
    figure = new_figure(50 + 108 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for number, axes in enumerate(grid.flat):
        if number >= len(images):
            axes.remove()
            continue
        _spectrogram(axes, _shades(_halved(images[number]), COLORS, FEW_SHADES), features, 80)
        axes.set_title("as recorded" if number == 0 else f"copy {number}", color=MUTED, fontweight="normal")
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.tick_params(labelbottom=number + columns >= len(images))
    figure.supxlabel("time, s; frequency upwards, Hz", fontsize=13, color=MUTED)
    return figure


@page_style()
def evidence(image: np.ndarray, attention: np.ndarray, features: Features) -> Figure:
    """Evidence for a label (Grad-CAM) in warm colors, over the spectrogram of a clip in gray.

    Parameters
    ----------
    image : np.ndarray of shape (n_mels, frames, 3), float
        Log-mel image, dB below its maximum.
    attention : np.ndarray of shape (n_mels, frames), float
        0 to 1.
    features : Features
        How the image was computed.

    Returns
    -------
    Figure
    """
    figure = new_figure(280)
    axes = figure.subplots()
    heat = HEAT(np.round(attention * FEW_SHADES) / FEW_SHADES)
    opacity = heat[..., 3:]
    mixed = opacity * heat[..., :3] + (1 - opacity) * _shades(image, "gray", FEW_SHADES)
    _spectrogram(axes, mixed, features, 220)
    axes.set(xlim=(0, features.window_s), xlabel="time, s")
    axes.set_title("frequency, Hz", color=MUTED, fontweight="normal")
    return figure


def _halved(image: np.ndarray) -> np.ndarray:
    """The maxima of pairs of frames, for a small figure."""
    return np.maximum.reduceat(image, np.arange(0, image.shape[1], 2), axis=1)


def _shades(image: np.ndarray, colors: str, n: int = SHADES) -> np.ndarray:
    """Colors of a log-mel image, shape (n_mels, frames, 3), 0 to 1."""
    decibels = image[..., 0].astype(np.float32)
    low, high = color_limits(decibels)
    shares = np.clip((decibels - low) / max(1e-6, high - low), 0, 1)
    shades: np.ndarray = matplotlib.colormaps[colors](np.round(shares * n) / n)[..., :3]
    return shades


def _spectrogram(axes: Axes, colors: np.ndarray, features: Features, height: float) -> None:
    """Draw a spectrogram, some px high, as it is, for a browser to scale."""
    draw(axes, np.round(255 * colors).astype(np.uint8), features).set_interpolation("none")
    hz = octaves(features)
    hz = hz[:: -(-len(hz) * TICK // int(height))]
    axes.set_yticks(mel_position(hz, features), [f"{tick}" for tick in hz])
    axes.spines[:].set_visible(False)
