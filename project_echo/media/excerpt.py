"""Excerpts of recordings as WAV files, at times counted from the first sound."""

import re
from pathlib import Path
from typing import Any

import soundfile

from project_echo.core import files
from project_echo.media import ffmpeg
from project_echo.media.errors import UnusableMediaError

CONTEXT_S = 0.5  # added before and after: a call is hard to recognize if the sound starts and ends with it
# Decoded before an excerpt: codecs need earlier frames, and seeking cannot reach sound before the first picture.
RUN_UP_S = 30.0
_TIME_BASE = re.compile(rb"^#tb 0: (\d+)/(\d+)$", re.MULTILINE)
_FRAME = re.compile(rb"^0, *-?\d+, *(-?\d+),", re.MULTILINE)


def cut(recording: Path, start_s: float, end_s: float, target: Path) -> None:
    """Cut part of a recording, with CONTEXT_S before and after, to 16-bit WAV at its own sample rate and channels.

    Parameters
    ----------
    recording : Path
        Any audio or video file.
    start_s, end_s : float
        Start and end in seconds from the first sound, as windows count them. In a video the sound may begin before
        the pictures, or after.
    target : Path
        The WAV file to write.

    Raises
    ------
    UnusableMediaError
        If the recording cannot be read, or contains no sound there.
    """
    offset_s = max(0.0, start_s - CONTEXT_S)
    with files.atomic_path(target) as temporary:
        # Times are those written in the file (copyts): they mean the same whether ffmpeg reads from its start or seeks.
        begin_s = first_sound_s(recording) + offset_s
        seek: dict[str, Any] = {"ss": begin_s - RUN_UP_S, "seek_timestamp": 1, "noaccurate_seek": None}
        stretch: dict[str, Any] = {"ss": begin_s, "t": end_s + CONTEXT_S - offset_s, "copyts": None}
        wav: dict[str, Any] = {"format": "wav", "acodec": "pcm_s16le"}
        url = ffmpeg.file_url(temporary)
        ffmpeg.run(ffmpeg.audio_command(recording, seek if offset_s > RUN_UP_S else {}, url, **stretch, **wav))
        if not soundfile.info(temporary).frames:
            raise UnusableMediaError(f"contains no sound from {start_s:.1f} to {end_s:.1f} s")


def first_sound_s(recording: Path) -> float:
    """The time stamp of a recording's first sound, s.

    Raises
    ------
    UnusableMediaError
        If the recording cannot be read or has no audio track.

    References
    ----------
    ffmpeg, muxer framecrc: "#tb 0: 1/22050" is the time base of stream 0, "0, 33075, 33075, ..." a frame of it, with
    its decoding and presentation time stamps.
    """
    options: dict[str, Any] = {"format": "framecrc", "frames:a": 1, "copyts": None}
    output, _ = ffmpeg.run(ffmpeg.audio_command(recording, {}, "pipe:", **options))
    time_base, frame = _TIME_BASE.search(output), _FRAME.search(output)
    return int(frame[1]) * int(time_base[1]) / int(time_base[2]) if time_base and frame else 0.0
