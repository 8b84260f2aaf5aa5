"""Decode any audio or video file to samples, or say why it cannot be used."""

from pathlib import Path

import numpy as np

from project_echo.media import ffmpeg
from project_echo.media.stream import Stream
from project_echo.media.track import Track, choose_track

BLOCK_SAMPLES = 1 << 20


def decode(path: Path, sample_rate: int, track: Track | None = None) -> np.ndarray:
    """Decode the sound of a media file, mixed to mono and resampled.

    Never reads the network, other files or playlists.

    Parameters
    ----------
    path : Path
        Any audio or video file; its name does not matter.
    sample_rate : int
        Of the samples returned, Hz.
    track : Track, optional
        Which sound of the file is used, and how; by default what choose_track chooses.

    Returns
    -------
    np.ndarray of shape (n,), float32
        Samples; full scale is -1 to 1, and float files may exceed it. Those of a Stream, bit for bit.

    Raises
    ------
    UnusableMediaError
        If it has no usable sound. The message is the reason; see Stream.
    """
    samples, _ = decode_with_note(path, sample_rate, track or choose_track(path))
    return samples


def decode_with_note(path: Path, sample_rate: int, track: Track) -> tuple[np.ndarray, str]:
    """Decode as `decode` does, and say what is wrong or unusual about the file although it can be used.

    Returns
    -------
    samples : np.ndarray of shape (n,), float32
    note : str
        Empty if there is nothing to say.
    """
    stream = Stream(path, track, sample_rate, BLOCK_SAMPLES, ffmpeg.TIME_LIMIT_S)
    blocks = list(stream)
    return np.concatenate(blocks), stream.note
