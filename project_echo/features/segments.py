"""Choosing the segments of a recording that become clips."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveInt

from project_echo.core.validation import Schema


class Segmentation(Schema):
    """The section `segment` of params.yaml."""

    hop_s: Annotated[float, Field(ge=0.01)]  # step between candidates, s; clips are named by their start in ms
    max_per_recording: PositiveInt  # clips kept of a recording, the loudest
    min_db: Annotated[float, Field(le=0)]  # quieter candidates count as silence, dB below the loudest of the recording


@dataclass(frozen=True)
class Segments:
    """The segments kept of a recording, and the number of candidates that were not."""

    starts: np.ndarray  # samples, ascending, shape (segments,)
    levels_dbfs: np.ndarray  # RMS, dBFS, shape (segments,)
    n_silent: int  # digital silence, or too quiet
    n_surplus: int  # loud enough, but there were enough louder ones


def loudest_segments(samples: np.ndarray, length: int, hop: int, max_segments: int, min_db: float) -> Segments:
    """Choose the loudest segments of a recording.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
        The recording. One that is shorter than `length` is a single candidate.
    length : int
        Samples of a segment.
    hop : int
        Samples from one candidate to the next. Segments overlap where it is less than `length`.
    max_segments : int
        Segments to keep.
    min_db : float
        Candidates with a lower RMS level, in dB relative to the loudest candidate, count as silence: how loud a
        recording is depends on its recorder. Digital silence always does.

    Returns
    -------
    Segments
    """
    starts = np.arange(0, max(0, len(samples) - length) + 1, hop)
    return loudest_of(samples, starts, length, max_segments, min_db)


def loudest_of(samples: np.ndarray, starts: np.ndarray, length: int, max_segments: int, min_db: float) -> Segments:
    """Choose the loudest of some segments of a recording, given their starts in samples; see `loudest_segments`."""
    levels = np.array([level_dbfs(samples[start : start + length]) for start in starts])
    loud = np.flatnonzero((levels >= levels.max(initial=-np.inf) + min_db) & (levels > -np.inf))
    kept = np.sort(loud[np.argsort(-levels[loud], kind="stable")][:max_segments])
    return Segments(starts[kept], levels[kept], n_silent=len(starts) - len(loud), n_surplus=len(loud) - len(kept))


def padded_segment(samples: np.ndarray, start: int, length: int) -> np.ndarray:
    """The segment of `length` samples from `start`, padded with zeros where the recording ends before."""
    segment = samples[start : start + length]
    return np.pad(segment, (0, length - len(segment)))


def level_dbfs(samples: np.ndarray) -> float:
    """RMS level in dB relative to a full scale of 1.0; minus infinity for digital silence."""
    power = np.mean(np.square(samples, dtype=np.float64))
    return 10 * float(np.log10(power)) if power > 0 else -np.inf
