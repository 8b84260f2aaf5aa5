"""Where frequencies lie on the axis of a mel spectrogram, the same in figures and pages."""

import librosa
import numpy as np

from project_echo.features import Features

OCTAVES = 250 * 2 ** np.arange(10)  # Hz


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
