"""Resample samples in memory, exactly as files are resampled when they are decoded."""

import numpy as np

from project_echo.media import ffmpeg


def resample(samples: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """Resample mono sound with ffmpeg, so that the result is that of a float WAV file with these samples.

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
    source = ffmpeg.pcm_source(sample_rate, "f32le")
    command = ffmpeg.command(source.output("pipe:", format="f32le", acodec="pcm_f32le", ac=1, ar=target_rate))
    output, _ = ffmpeg.run(command, samples.astype("<f4").tobytes())
    return np.frombuffer(output, dtype="<f4")
