"""Mel spectrograms on axes in Hz and s."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from project_echo.features.config import Features
from project_echo.features.mel_filters import band_edges

OCTAVES = 250 * 2 ** np.arange(10)  # Hz
COLORS = "magma"  # lightness rises evenly: readable in gray, and by the color-blind


def color_limits(decibels: np.ndarray, margin_db: float = 3) -> tuple[float, float]:
    """Color limits of a spectrogram that put its background noise at the lower end, so that calls stand out.

    Parameters
    ----------
    decibels : np.ndarray of any shape
        dB below the maximum.
    margin_db : float
        By how much the lower limit is below the median, dB.

    Returns
    -------
    lowest, highest : float
        dB.
    """
    return float(np.median(decibels)) - margin_db, 0.0


def draw_spectrogram(
    axes: Axes, image: np.ndarray, features: Features, start_s: float = 0.0, cmap: str = COLORS, margin_db: float = 3
) -> AxesImage:
    """Draw the log-mel image of a window on axes in Hz and s.

    Parameters
    ----------
    axes : Axes
        What to draw on.
    image : np.ndarray of shape (n_mels, frames, 3), float
        Log-mel image, dB below its maximum.
    features : Features
        How the image was computed.
    start_s : float
        Start of the window in its recording, s.
    cmap : str
        Name of the color map.
    margin_db : float
        See `color_limits`.

    Returns
    -------
    AxesImage
        The image, for a color bar.
    """
    decibels = image[..., 0].astype(np.float32)
    vmin, vmax = color_limits(decibels, margin_db)
    return draw(axes, decibels, features, start_s, cmap=cmap, vmin=vmin, vmax=vmax)


def draw(axes: Axes, values: np.ndarray, features: Features, start_s: float = 0.0, **style: Any) -> AxesImage:
    """Draw values of mel bands and frames on axes in Hz and s.

    Parameters
    ----------
    axes : Axes
        What to draw on.
    values : np.ndarray of shape (n_mels, frames), float
        One value per mel band and frame.
    features : Features
        How the spectrogram was computed.
    start_s : float
        Start of the window in its recording, s.
    **style
        Colors, as `Axes.imshow` takes them.

    Returns
    -------
    AxesImage
        The image, for a color bar.
    """
    first = start_s + (features.win_length - features.hop_length) / 2 / features.sample_rate
    last = first + features.n_frames * features.hop_length / features.sample_rate
    extent = (first, last, -0.5, features.n_mels - 0.5)
    # Without interpolation: smoothed noise makes the file three times as large.
    shown = axes.imshow(values, origin="lower", aspect="auto", interpolation="nearest", extent=extent, **style)
    hz = octaves(features)
    axes.set_yticks(mel_position(hz, features), [f"{tick}" for tick in hz])
    return shown


def octaves(features: Features) -> np.ndarray:
    """Frequencies of the ticks, Hz: the octaves of 250 Hz within the mel bands."""
    centers = _centers(features)
    return OCTAVES[(centers[0] <= OCTAVES) & (centers[-1] >= OCTAVES)]


def mel_position(hz: np.ndarray, features: Features) -> np.ndarray:
    """Positions of frequencies on the mel axis.

    Parameters
    ----------
    hz : np.ndarray of shape (n,), float
        Frequencies, Hz.
    features : Features
        Number and limits of the mel bands.

    Returns
    -------
    np.ndarray of shape (n,), float
        0 is the center of the lowest band, n_mels - 1 that of the highest.
    """
    return np.interp(hz, _centers(features), np.arange(features.n_mels))


def _centers(features: Features) -> np.ndarray:
    return band_edges(features)[1:-1]
