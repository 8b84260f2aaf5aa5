"""Resample samples in memory, exactly as files are resampled when they are decoded."""

import math

import numpy as np

from project_echo.media import ffmpeg


def resample(samples: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """Resample mono sound with ffmpeg, so that the result is that of a float WAV file with these samples.

    A sound shorter than ffmpeg's filter (a millisecond or two) has the length below all the same, which as a file it
    would not.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float32
    sample_rate, target_rate : int
        Hz, of `samples` and of the result.

    Returns
    -------
    np.ndarray of shape (ceil(n * target_rate / sample_rate),), float32

    Raises
    ------
    UnusableMediaError
        If ffmpeg fails.
    """
    if sample_rate == target_rate:
        return samples
    resampled = _run(samples, sample_rate, target_rate)
    n_samples = math.ceil(len(samples) * target_rate / sample_rate)
    if len(resampled) < n_samples:  # ffmpeg gives too few of a sound that is shorter than its filter
        padded = np.pad(samples, (0, sample_rate))
        resampled = _run(padded, sample_rate, target_rate)[:n_samples]
    return resampled


def _run(samples: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    source = ffmpeg.pcm_source(sample_rate, "f32le")
    command = ffmpeg.command(source.output("pipe:", format="f32le", acodec="pcm_f32le", ac=1, ar=target_rate))
    output, _ = ffmpeg.run(command, samples.astype("<f4").tobytes())
    return np.frombuffer(output, dtype="<f4")
