"""What the header of a recording says, read once: how long it is, when it was made, and what is wrong with it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import soundfile

from project_echo.core.errors import file_reason
from project_echo.media import completeness, ffmpeg, plain, probe
from project_echo.media.errors import UnusableMediaError
from project_echo.media.recording_time import recorded_at

KEPT = 50_000  # headers in memory


@dataclass(frozen=True)
class Header:
    """What the header of a recording says.

    Attributes
    ----------
    duration_s : float
        0 if it is not known.
    recorded : datetime or None
        When it begins.
    problem : str
        What is wrong with the file; empty if nothing is, as far as can be known without decoding.
    """

    duration_s: float = 0.0
    recorded: datetime | None = None
    problem: str = ""


def read_header(path: Path) -> Header:
    """Read the header of a recording, from memory if the file has not changed since.

    Of WAV and FLAC it takes less than a millisecond, of other formats, for which ffmpeg starts, about 50.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Header
    """
    try:
        status = path.stat()
    except OSError as error:
        return Header(problem=file_reason(error))
    return _read(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=KEPT)
def _read(path: Path, size: int, modified_ns: int) -> Header:
    try:
        duration_s, problem = _duration(path)
    except UnusableMediaError as error:
        return Header(problem=str(error))
    return Header(duration_s, recorded_at(path, None), problem)


def _duration(path: Path) -> tuple[float, str]:
    """The duration of a file, s, and how it is truncated. Raises UnusableMediaError if it has no sound."""
    truncation = completeness.file_truncation(path)
    with suppress(OSError, soundfile.SoundFileError), plain.open_plain(path) as sound:
        if sound is not None:
            return sound.frames / sound.samplerate, truncation
    log = probe.log(path)
    if completeness.understated_sound(path) is None and not probe.audio_tracks(log):
        reason = "no audio track" if b"Input #0" in log else ffmpeg.failure_reason(log)
        raise UnusableMediaError(truncation or reason)
    return probe.stated_duration_s(path), truncation
