"""Excerpts of recordings as WAV files, at times counted from the first sound."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from project_echo.core import files
from project_echo.media import completeness, ffmpeg, levels
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track

CONTEXT_S = 0.5  # added before and after: a call is hard to recognize if the sound starts and ends with it
# Decoded before an excerpt: codecs need earlier frames, and seeking cannot reach sound before the first picture.
RUN_UP_S = 30.0
BLOCK_FRAMES = 1 << 18
_TIME_BASE = re.compile(rb"^#tb 0: (\d+)/(\d+)$", re.MULTILINE)
_FRAME = re.compile(rb"^0, *-?\d+, *(-?\d+),", re.MULTILINE)


def cut(recording: Path, track: Track, start_s: float, end_s: float, target: Path) -> None:
    """Cut part of a recording, with CONTEXT_S before and after, to mono 16-bit WAV at its own sample rate.

    It is the sound that is screened, for listening: a part louder than full scale, which 16 bits would clip, becomes
    quieter, and a very quiet one louder (`levels.listening_gain`).

    Parameters
    ----------
    recording : Path
        Any audio or video file.
    track : Track
        Which sound of it is used, and how.
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
    with files.atomic_path(target) as temporary, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        source = completeness.input_options(recording, offset_s)
        options: dict[str, Any] = {"t": end_s + CONTEXT_S - offset_s}
        if "skip_initial_bytes" not in source:
            # Times are those written in the file (copyts): they mean the same whether ffmpeg reads from its start or
            # seeks.
            begin_s = first_sound_s(recording, track.index) + offset_s
            if offset_s > RUN_UP_S:
                source |= {"ss": begin_s - RUN_UP_S, "seek_timestamp": 1, "noaccurate_seek": None}
            options |= {"ss": begin_s, "copyts": None}
        options |= {"format": "wav", "acodec": "pcm_f32le", "ac": 1, "af": track.mix}
        floats = Path(folder) / "floats.wav"
        ffmpeg.run(ffmpeg.audio_command(recording, source, ffmpeg.file_url(floats), track.index, **options))
        if not soundfile.info(floats).frames:
            raise UnusableMediaError(f"contains no sound from {start_s:.1f} to {end_s:.1f} s")
        _write_for_listening(floats, track.gain, temporary)


def _write_for_listening(floats: Path, gain: float, target: Path) -> None:
    """Convert a float WAV file to 16 bits; samples that are not finite become 0."""
    peak = max(levels.replace_unusable(gain * block)[1] for block in _blocks(floats))
    gain *= levels.listening_gain(peak)
    with soundfile.SoundFile(target, "w", soundfile.info(floats).samplerate, 1, "PCM_16", format="WAV") as wav:
        for block in _blocks(floats):
            samples, _, _ = levels.replace_unusable(gain * block)
            wav.write(np.clip(samples, -1, 1))


def _blocks(path: Path) -> Iterator[np.ndarray]:
    blocks: Iterator[np.ndarray] = soundfile.blocks(path, BLOCK_FRAMES, dtype="float32")
    return blocks


def first_sound_s(recording: Path, track: int = 0) -> float:
    """The time stamp of the first sound of an audio track of a recording, s.

    Raises
    ------
    UnusableMediaError
        If the recording cannot be read or has no such track.

    References
    ----------
    ffmpeg, muxer framecrc: "#tb 0: 1/22050" is the time base of stream 0, "0, 33075, 33075, ..." a frame of it, with
    its decoding and presentation time stamps.
    """
    options: dict[str, Any] = {"format": "framecrc", "frames:a": 1, "copyts": None}
    source = completeness.input_options(recording)
    output, _ = ffmpeg.run(ffmpeg.audio_command(recording, source, "pipe:", track, **options))
    time_base, frame = _TIME_BASE.search(output), _FRAME.search(output)
    return int(frame[1]) * int(time_base[1]) / int(time_base[2]) if time_base and frame else 0.0
