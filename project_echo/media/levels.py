"""Levels of samples: which are not sound, what counts as silence, and how loud an excerpt is made for listening."""

import numpy as np

from project_echo.media.errors import UnusableMediaError

MIN_DURATION_S = 0.05
MAX_MAGNITUDE = 1e12  # more than any sound, whatever its scale; from 1e18 on the power is infinite in float32
MIN_PEAK = 2.0**-23  # one step of 24 bits; anything quieter is silence
# Lossy codecs make noise of digital silence: AMR and Opus for speech 2.3e-5, AC-3 8e-6; MP3, AAC and Vorbis none.
MIN_PEAK_LOSSY = 2.0**-15
# Numbers in a file that is read as the wrong format: a third of random bits, and half of the integers of a quiet
# recording, are no finite float of a sensible magnitude.
MAX_UNUSABLE_SHARE = 0.25
# Peaks of excerpts for listening: louder ones would be clipped, quieter ones be lost in 16 bits and to the ear.
LOUDEST, QUIETEST = 1.0, 2.0**-5


def measure_peak(samples: np.ndarray) -> float:
    """Largest magnitude of samples.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)

    Returns
    -------
    float
        0 if there are no samples.

    Raises
    ------
    UnusableMediaError
        If a sample is not finite, or larger than MAX_MAGNITUDE.
    """
    peak = magnitude(samples)
    if not np.isfinite(peak):
        raise UnusableMediaError("contains samples that are not finite")
    if peak > MAX_MAGNITUDE:
        raise UnusableMediaError(f"contains samples as large as {peak:.0e}, more than any sound")
    return peak


def magnitude(samples: np.ndarray) -> float:
    """The largest magnitude, 0 without samples; NumPy's minimum and maximum are NaN if any sample is."""
    return max(-float(samples.min()), float(samples.max())) if samples.size else 0.0


def replace_unusable(samples: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Replace samples that are no sound, not finite or larger than MAX_MAGNITUDE, by zeros.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float

    Returns
    -------
    samples : np.ndarray of shape (n,), float
        The same array if there are none.
    peak : float
        Their largest magnitude.
    unusable : np.ndarray of int
        Which were replaced.
    """
    peak = magnitude(samples)
    if peak <= MAX_MAGNITUDE:  # not so if it is NaN
        return samples, peak, np.zeros(0, np.intp)
    usable = np.abs(samples) <= MAX_MAGNITUDE
    samples = np.where(usable, samples, samples.dtype.type(0))
    return samples, magnitude(samples), np.flatnonzero(~usable)


def check_audible(duration_s: float, peak: float, min_peak: float = MIN_PEAK) -> None:
    """Refuse a recording that is too short (s) or too quiet (largest magnitude) to contain any sound.

    Raises
    ------
    UnusableMediaError
        If it is shorter than MIN_DURATION_S or quieter than `min_peak`.
    """
    if duration_s < MIN_DURATION_S:
        raise UnusableMediaError(f"contains no sound ({duration_s:.3f} s)")
    if peak < min_peak:
        raise UnusableMediaError("silent")


def listening_gain(peak: float) -> float:
    """Factor that brings sound with this largest magnitude between QUIETEST and LOUDEST.

    It is 1 if it is there already, and for silence.
    """
    if peak > LOUDEST:
        return LOUDEST / peak
    if MIN_PEAK <= peak < QUIETEST:
        return float(2.0 ** np.ceil(np.log2(QUIETEST / peak)))  # a power of two is exact in 16 bits
    return 1.0
