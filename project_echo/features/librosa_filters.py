"""Librosa's mel filters, computed once, at training time, because librosa takes seconds to import."""

import numpy as np
from librosa.filters import mel

from project_echo.features.config import Features

STEPS_PER_UNIT = 2**24  # weights, which are well below 1, are multiples of 2**-24: float32 holds them exactly


def compute_mel_filters(features: Features) -> np.ndarray:
    """Librosa's mel filters.

    Computed in float64 and rounded to multiples of 2**-24, which hides the last bits, in which processors differ.

    Parameters
    ----------
    features : Features

    Returns
    -------
    np.ndarray of shape (n_mels, n_fft // 2 + 1), float32
    """
    weights = mel(
        sr=features.sample_rate,
        n_fft=features.n_fft,
        n_mels=features.n_mels,
        fmin=features.fmin,
        fmax=features.fmax,
        dtype=np.float64,
    )
    filters: np.ndarray = (np.rint(weights * STEPS_PER_UNIT) / STEPS_PER_UNIT).astype(np.float32)
    return filters
