"""The axes of a mel spectrogram in Hz and s, the same in figures and pages."""

from typing import Any

import librosa
import numpy as np

from project_echo.features.config import Features

OCTAVES = 250 * 2 ** np.arange(10)  # Hz
COLOURS = "magma"  # even steps of lightness: reads in grey, and to the colour-blind


def draw(axes: Any, image: np.ndarray, features: Features, start_s: float = 0.0, **style: Any) -> Any:
    """Draw one image of a window, shape (n_mels, frames), on axes in Hz and s; `style` is imshow's.

    The window begins `start_s` after its recording does. Nothing is smoothed: noise makes a file three times as large.
    """
    first = start_s + (features.n_fft - features.hop_length) / 2 / features.sample_rate
    last = first + features.n_frames * features.hop_length / features.sample_rate
    extent = (first, last, -0.5, features.n_mels - 0.5)
    shown = axes.imshow(image, origin="lower", aspect="auto", interpolation="nearest", extent=extent, **style)
    hz = octaves(features)
    axes.set_yticks(band(hz, features), [f"{tick}" for tick in hz])
    return shown


def octaves(features: Features) -> np.ndarray:
    """Frequencies to label, Hz: the octaves of 250 Hz that lie within the bands."""
    centres = _centres(features)
    return OCTAVES[(centres[0] <= OCTAVES) & (centres[-1] >= OCTAVES)]


def band(hz: np.ndarray, features: Features) -> np.ndarray:
    """Where frequencies lie among the mel bands: 0 in the middle of the lowest, n_mels - 1 in that of the highest."""
    return np.interp(hz, _centres(features), np.arange(features.n_mels))


def _centres(features: Features) -> np.ndarray:
    edges: np.ndarray = librosa.mel_frequencies(features.n_mels + 2, fmin=features.fmin, fmax=features.fmax)
    return edges[1:-1]
