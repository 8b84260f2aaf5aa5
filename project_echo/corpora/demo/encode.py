"""Encode samples in audio formats, and in MP4 with a moving spectrogram as its picture."""

from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.corpora.demo.sounds import Samples
from project_echo.media import ffmpeg
from project_echo.media.errors import UnusableMediaError

# Encoders and settings that give the same bytes on every x86-64 processor (libopus does not), and are fast.
_AAC = {"acodec": "aac", "aac_coder": "fast", "b:a": "96k"}
_H264 = {
    "vcodec": "libx264",
    "preset": "ultrafast",
    "crf": 30,
    "pix_fmt": "yuv420p",
    "x264-params": "cpu-independent=1",
}
FORMATS: dict[str, dict[str, Any]] = {
    "wav": {"acodec": "pcm_s16le"},
    "flac": {"acodec": "flac"},
    "mp3": {"acodec": "libmp3lame", "b:a": "96k", "compression_level": 7},
    "ogg": {"acodec": "libvorbis", "q:a": 4},
    "m4a": _AAC,
    "mp4": _AAC | _H264,
}
_SPECTROGRAM = {
    "size": "256x144",
    "fps": 5,
    "slide": "scroll",
    "stop": 8000,  # Hz
    "color": "magma",
    "scale": "log",
    "limit": -30,  # dBFS of the brightest color
    "drange": 70,  # dB from there to black
}


def write(samples: Samples, sample_rate: int, path: Path, stored_rate: int | None = None) -> None:
    """Encode samples as a file. The same samples give the same bytes.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
        Mono, clipped to -1..1.
    sample_rate : int
        Of the samples, Hz.
    path : Path
        The file to write, in the format of its suffix, one of FORMATS. An MP4 has H.264 and AAC; its picture is a
        scrolling spectrogram.
    stored_rate : int, optional
        Sample rate of the file, Hz; that of the samples by default.

    Raises
    ------
    EchoError
        If the format is not one of FORMATS, or ffmpeg fails.
    """
    suffix = path.suffix.lstrip(".")
    if suffix not in FORMATS:
        raise EchoError(f"{path}: cannot be written as {suffix or 'a file without suffix'}. Use {', '.join(FORMATS)}.")
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    options = FORMATS[suffix] | ffmpeg.BITEXACT | {"threads": 1, "ar": stored_rate or sample_rate}
    with files.atomic_path(path) as temporary:
        sound = ffmpeg.pcm_source(sample_rate).audio
        url = ffmpeg.file_url(temporary)
        if suffix == "mp4":
            copies = sound.filter_multi_output("asplit")
            output = copies[0].filter("showspectrum", **_SPECTROGRAM).output(copies[1], url, **options)
        else:
            output = sound.output(url, **options)
        command = ffmpeg.command(output.global_args("-filter_complex_threads", "1"))
        try:
            ffmpeg.run(command, pcm)
        except UnusableMediaError as error:
            raise EchoError(
                f"{path}: cannot be written ({error}). Free disk space, or unset IMAGEIO_FFMPEG_EXE if it names an "
                "ffmpeg without this encoder."
            ) from None
