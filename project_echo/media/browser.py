"""Recordings in formats that every browser plays: MP4 with H.264 and AAC, or AAC alone."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.media import excerpt, ffmpeg, levels
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track

MAX_DELAY_S = 0.1  # viewers do not notice that the sound starts this much later than the pictures
_AUDIO = {"acodec": "aac", "b:a": "96k", "ac": 1}
_VIDEO = {
    "vcodec": "libx264",
    "preset": "veryfast",
    "crf": 26,
    "pix_fmt": "yuv420p",
    # The same bytes on every machine: x264 cuts the work by the number of threads, by default that of the cores.
    "threads": 4,
    "x264-params": "cpu-independent=1",
    "vf": "scale=-2:min(480\\,trunc(ih/2)*2)",
}
_FIRST_VIDEO = "V:0"  # the first video stream that is not an attached picture, such as an album's cover


def has_video(recording: Path) -> bool:
    """Whether a file has a video stream; False if it cannot be read at all."""
    output = ffmpeg.media_source().output("pipe:", format="null", t=0, map=f"0:{_FIRST_VIDEO}")
    try:
        ffmpeg.run(ffmpeg.command(output, recording))
    except UnusableMediaError:  # there is nothing to map; any other fault shows when the sound is written
        return False
    return True


def write_playable(recording: Path, track: Track, samples: np.ndarray, sample_rate: int, target: Path) -> None:
    """Convert a recording for browsers, with the sound that is screened.

    Parameters
    ----------
    recording : Path
        Any audio or video file.
    track : Track
        Which sound of it is used.
    samples : np.ndarray of shape (n,), float
        That sound, decoded. If it is louder than full scale, or very quiet, its level is changed for listening.
    sample_rate : int
        Of `samples`, Hz.
    target : Path
        With the suffix .mp4: video, at most 480 lines high. With .m4a: the sound alone. Either starts with the first
        sound, as windows do; the pictures of a video may start before it.

    Raises
    ------
    UnusableMediaError
        If ffmpeg fails, or takes too long.
    """
    is_video = target.suffix == ".mp4"
    sound = ffmpeg.pcm_source(sample_rate, "f32le")
    gain = levels.listening_gain(levels.measure_peak(samples))
    streams = [sound]
    if is_video:
        streams = [ffmpeg.media_source(**_seek_first_sound(recording, track))[_FIRST_VIDEO], sound]
    options = ffmpeg.BITEXACT | _AUDIO | (_VIDEO if is_video else {}) | {"movflags": "+faststart", "format": "mp4"}
    with files.atomic_path(target) as temporary:
        output = streams[0].output(*streams[1:], ffmpeg.file_url(temporary), **options)
        ffmpeg.run(ffmpeg.command(output, recording), (gain * samples).astype("<f4").tobytes())


def _seek_first_sound(recording: Path, track: Track) -> dict[str, Any]:
    """Options of the input that skip the pictures before the first sound."""
    first_s = excerpt.first_sound_s(recording, track.index)
    return {"ss": first_s, "seek_timestamp": 1} if first_s > MAX_DELAY_S else {}


def write_poster(video: Path, at_s: float, target: Path) -> None:
    """Write a picture of a video as JPEG.

    Parameters
    ----------
    video : Path
        Any video file.
    at_s : float
        Time of the picture, s. If the pictures end earlier, the first one is written.
    target : Path
        The JPEG file to write.

    Raises
    ------
    UnusableMediaError
        If the video cannot be read.
    """
    with files.atomic_path(target) as temporary:
        with suppress(UnusableMediaError):
            _write_picture(video, at_s, temporary)
        if not temporary.stat().st_size:
            _write_picture(video, 0, temporary)


def _write_picture(video: Path, at_s: float, target: Path) -> None:
    options = {"format": "image2", "vframes": 1, "update": 1, "q:v": 4, **ffmpeg.BITEXACT}
    output = ffmpeg.media_source(ss=at_s).output(ffmpeg.file_url(target), **options)
    ffmpeg.run(ffmpeg.command(output, video))
