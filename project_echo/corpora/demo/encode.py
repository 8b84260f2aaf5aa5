"""Sound to files of every kind, through ffmpeg: audio formats, and MP4 with a moving picture of its own sound."""

import subprocess
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.corpora.demo.sounds import Samples
from project_echo.media.decode import TIME_LIMIT_S, ffmpeg_path

FORMATS: dict[str, dict[str, Any]] = {
    "wav": {"acodec": "pcm_s16le"},
    "flac": {"acodec": "flac"},
    "mp3": {"acodec": "libmp3lame", "b:a": "96k"},
    "ogg": {"acodec": "libvorbis", "q:a": 4},
    "m4a": {"acodec": "aac", "b:a": "96k"},
    "mp4": {"acodec": "aac", "b:a": "96k", "vcodec": "libx264", "preset": "veryfast", "crf": 30, "pix_fmt": "yuv420p"},
}
# Dates, random stream numbers and the encoders' names would make every file differ from the last run's.
_SAME_BYTES = {"map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact", "flags:v": "+bitexact", "threads": 1}
_PICTURE = {
    "size": "256x144",
    "fps": 10,
    "slide": "scroll",
    "stop": 8000,
    "color": "magma",
    "scale": "log",
    "limit": -30,  # dBFS of the brightest colour
    "drange": 70,  # dB from there to black
}


def write(samples: Samples, rate: int, path: Path, stored_rate: int | None = None) -> None:
    """Write mono samples (shape (n,), -1..1) as the format of the path's suffix, one of FORMATS.

    An MP4 gets H.264 and AAC, the picture a scrolling spectrogram of the sound. EchoError if ffmpeg fails.
    """
    kind = path.suffix.lstrip(".")
    if kind not in FORMATS:
        raise EchoError(f"{path}: sound is written as {', '.join(FORMATS)}, not as {kind or 'a file without suffix'}.")
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    options = FORMATS[kind] | _SAME_BYTES | {"ar": stored_rate or rate}
    with files.atomic_path(path) as beside:
        sound = ffmpeg.input("pipe:", format="s16le", ar=rate, ac=1, threads=1).audio
        if kind == "mp4":
            copies = sound.filter_multi_output("asplit")
            picture = copies[0].filter("showspectrum", **_PICTURE)
            sink = ffmpeg.output(picture, copies[1], f"file:{beside}", **options)
        else:
            sink = sound.output(f"file:{beside}", **options)
        _run(sink.global_args("-y", "-hide_banner", "-filter_complex_threads", "1"), pcm, path)


def _run(stream: ffmpeg.nodes.OutputStream, pcm: bytes, path: Path) -> None:
    try:
        done = subprocess.run(
            stream.compile(cmd=ffmpeg_path()), input=pcm, capture_output=True, timeout=TIME_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise EchoError(f"{path}: ffmpeg took more than {TIME_LIMIT_S} s to write it. Try again.") from None
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines()]
        reasons = [line for line in lines if line and line != "Conversion failed!"] or ["it gives no reason"]
        raise EchoError(f"{path}: ffmpeg cannot write it: {reasons[-1]}")
