"""Mel bands and the file of mel filters, which a trained classifier carries along.

Prediction therefore needs neither librosa, which takes seconds to import, nor logarithms, which differ between
processors.
"""

import math
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features


def band_edges(features: Features) -> np.ndarray:
    """Frequencies between which the mel bands lie, Hz, shape (n_mels + 2,).

    Band i rises from edge i to its center, edge i + 1, and falls to edge i + 2. Evenly spaced on Slaney's scale.
    """
    mels = np.linspace(_mel(features.fmin), _mel(features.fmax), features.n_mels + 2)
    return np.array([_hz(mel) for mel in mels])


def check_bands(features: Features) -> None:
    """Raise EchoError if mel bands hold no bin of the FFT: they would be silent whatever is heard.

    Parameters
    ----------
    features : Features
    """
    edges = band_edges(features) * features.n_fft / features.sample_rate  # in bins
    n_bins = np.ceil(edges[2:]) - 1 - np.floor(edges[:-2])
    if empty := int((n_bins < 1).sum()):
        raise EchoError(
            f"params.yaml: features: {empty} of {features.n_mels} mel bands (n_mels) hold no bin of the FFT (n_fft "
            f"{features.n_fft}, a bin every {features.sample_rate / features.n_fft:.1f} Hz). Raise n_fft and "
            "win_length, lower n_mels, or move fmin and fmax apart."
        )


def _mel(hz: float) -> float:
    """Pitch on Slaney's scale, librosa's default: linear up to 1 kHz, then logarithmic.

    References
    ----------
    M. Slaney, "Auditory Toolbox, version 2", Interval Research Corporation, Technical Report 1998-010, 1998.
    """
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def _hz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)


def write_mel_filters(filters: np.ndarray, path: Path) -> None:
    """Write mel filters as a .npz file of the weights that are not zero, the same bytes on every run.

    Parameters
    ----------
    filters : np.ndarray of shape (n_mels, n_fft // 2 + 1), float32
        As `librosa_filters.compute_mel_filters` returns them.
    path : Path
        The file to write.
    """
    bands, bins = np.nonzero(filters)
    arrays = {
        "shape": np.array(filters.shape, "<i4"),
        "bands": bands.astype("<i4"),
        "bins": bins.astype("<i4"),
        "weights": filters[bands, bins].astype("<f4"),
    }
    files.write_arrays(arrays, path)


def read_mel_filters(path: Path, features: Features, remedy: str = files.REMEDY) -> np.ndarray:
    """Read mel filters, as `write_mel_filters` wrote them.

    Parameters
    ----------
    path : Path
        The .npz file.
    features : Features
        The features that the filters were computed for.
    remedy : str
        What to do if the file cannot be read, for the error message; by default, to run the stage that writes it.

    Returns
    -------
    np.ndarray of shape (n_mels, n_fft // 2 + 1), float32

    Raises
    ------
    EchoError
        If the file does not exist, is damaged, or does not fit the features.
    """
    arrays = files.read_arrays(path, remedy)
    shape = features.n_mels, features.n_fft // 2 + 1
    try:
        found = tuple(arrays["shape"].tolist())
        if found != shape:
            raise EchoError(f"{path} holds mel filters of shape {found}; these features need {shape}. {remedy}")
        filters = np.zeros(shape, np.float32)
        filters[arrays["bands"], arrays["bins"]] = arrays["weights"]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise EchoError(f"{path} is not a file of mel filters ({error}). {remedy}") from error
    return filters
