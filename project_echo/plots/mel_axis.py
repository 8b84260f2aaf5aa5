"""Mel spectrograms on axes in Hz and s."""

from typing import Any

import librosa
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from project_echo.features.config import Features

OCTAVES = 250 * 2 ** np.arange(10)  # Hz
COLOURS = "magma"  # lightness rises evenly: readable in grey, and by the colour-blind


def draw(axes: Axes, image: np.ndarray, features: Features, start_s: float = 0.0, **style: Any) -> AxesImage:
    """Draw the spectrogram of a window on axes in Hz and s.

    Parameters
    ----------
    axes : Axes
        What to draw on.
    image : np.ndarray of float, shape (n_mels, frames)
        One value per mel band and frame.
    features : Features
        How the image was computed.
    start_s : float
        Start of the window in its recording, s.
    **style
        Colours, as `Axes.imshow` takes them.

    Returns
    -------
    AxesImage
        The image, for a colour bar.
    """
    first = start_s + (features.n_fft - features.hop_length) / 2 / features.sample_rate
    last = first + features.n_frames * features.hop_length / features.sample_rate
    extent = (first, last, -0.5, features.n_mels - 0.5)
    # Without interpolation: smoothed noise makes the file three times as large.
    shown = axes.imshow(image, origin="lower", aspect="auto", interpolation="nearest", extent=extent, **style)
    hz = octaves(features)
    axes.set_yticks(mel_position(hz, features), [f"{tick}" for tick in hz])
    return shown


def octaves(features: Features) -> np.ndarray:
    """Frequencies of the ticks, Hz: the octaves of 250 Hz within the mel bands."""
    centres = _centres(features)
    return OCTAVES[(centres[0] <= OCTAVES) & (centres[-1] >= OCTAVES)]


def mel_position(hz: np.ndarray, features: Features) -> np.ndarray:
    """Positions of frequencies on the mel axis.

    Parameters
    ----------
    hz : np.ndarray of float, shape (n,)
        Frequencies, Hz.
    features : Features
        Number and limits of the mel bands.

    Returns
    -------
    np.ndarray of float, shape (n,)
        0 is the centre of the lowest band, n_mels - 1 that of the highest.
    """
    return np.interp(hz, _centres(features), np.arange(features.n_mels))


def _centres(features: Features) -> np.ndarray:
    edges: np.ndarray = librosa.mel_frequencies(features.n_mels + 2, fmin=features.fmin, fmax=features.fmax)
    return edges[1:-1]
