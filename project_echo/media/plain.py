"""WAV and FLAC files that libsndfile reads exactly as ffmpeg does, without starting a process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import soundfile

from project_echo.media import riff

# Sample formats for which libsndfile gives exactly ffmpeg's float32 samples, as test_stream.py verifies.
SUBTYPES = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")


@contextmanager
def open_plain(path: Path) -> Iterator[soundfile.SoundFile | None]:
    """Open a plain file: FLAC, or a WAV of exactly the size that it states.

    Parameters
    ----------
    path : Path
        A regular file.

    Yields
    ------
    SoundFile or None
        None if it is another file; reading it, ffmpeg and libsndfile may differ.

    Raises
    ------
    OSError, SoundFileError
        If it cannot be read.
    """
    with path.open("rb") as file:
        if not _may_be_plain(path, file):
            yield None
            return
        with soundfile.SoundFile(file) as sound:
            plain = sound.format in {"WAV", "WAVEX", "FLAC"} and sound.subtype in SUBTYPES and sound.frames > 0
            yield sound if plain else None


def _may_be_plain(path: Path, file: IO[bytes]) -> bool:
    head = file.read(riff.HEAD_BYTES)
    file_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    if head.startswith(b"fLaC"):
        return True
    if not riff.is_complete_wav(head, file_bytes):
        return False
    sound = riff.find_sound(path)
    return sound is not None and not sound.is_understated


def read(sound: soundfile.SoundFile, n_frames: int) -> np.ndarray:
    """The next samples of a plain file.

    Parameters
    ----------
    sound : SoundFile
    n_frames : int

    Returns
    -------
    np.ndarray of shape (n_frames, channels), float32

    Raises
    ------
    SoundFileError
        If there are fewer.
    """
    if sound.subtype == "PCM_16":  # three times as fast as libsndfile's own conversion, and the same
        block = sound.read(n_frames, dtype="int16", always_2d=True) * np.float32(2.0**-15)
    else:
        block = sound.read(n_frames, dtype="float32", always_2d=True)
    if len(block) < n_frames:
        raise soundfile.SoundFileError("damaged or truncated")
    return block
