"""Which stretches of a recording become clips."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Segments:
    """Clips kept of a recording, and what became of the candidates that were not."""

    starts: np.ndarray  # samples, in time order
    levels_dbfs: np.ndarray  # RMS, dBFS
    n_silent: int
    n_surplus: int  # loud enough, but louder ones filled the places


def cut(samples: np.ndarray, length: int, hop: int, at_most: int, min_dbfs: float) -> Segments:
    """Choose the `at_most` loudest stretches of `length` samples, one candidate every `hop` samples.

    A recording shorter than `length` is one candidate. Quieter than `min_dbfs` (RMS over the samples there are, dB
    relative to full scale 1.0) counts as silence. Chosen stretches may overlap where `hop` is less than `length`.
    """
    starts = np.arange(0, max(0, len(samples) - length) + 1, hop)
    levels = np.array([level_dbfs(samples[start : start + length]) for start in starts])
    loud = np.flatnonzero(levels >= min_dbfs)
    kept = np.sort(loud[np.argsort(-levels[loud], kind="stable")][:at_most])
    return Segments(starts[kept], levels[kept], n_silent=len(starts) - len(loud), n_surplus=len(loud) - len(kept))


def padded(samples: np.ndarray, start: int, length: int) -> np.ndarray:
    """The stretch of `length` samples from `start`, filled up with zeros where the recording ends before."""
    stretch = samples[start : start + length]
    return np.pad(stretch, (0, length - len(stretch)))


def level_dbfs(samples: np.ndarray) -> float:
    """RMS level in dB relative to a full-scale value of 1.0; minus infinity for digital silence."""
    power = np.mean(np.square(samples, dtype=np.float64))
    return 10 * float(np.log10(power)) if power > 0 else -np.inf
