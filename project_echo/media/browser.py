"""Recordings as every browser plays them: H.264 and AAC."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import ffmpeg

from project_echo.core import files
from project_echo.media import decode
from project_echo.media.decode import UnusableMediaError
from project_echo.screening import clips

LATE_S = 0.1  # sound that begins so late after the pictures is not heard as late
# Dates and the encoders' names would make every file differ from the last run's.
SAME_BYTES = {"map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact", "flags:v": "+bitexact"}
SOUND = {"acodec": "aac", "b:a": "96k", "ac": 1}
ENCODING = {
    "vcodec": "libx264",
    "preset": "veryfast",
    "crf": 26,
    "pix_fmt": "yuv420p",
    "vf": "scale=-2:min(480\\,trunc(ih/2)*2)",
}
FIRST_PICTURES = "V:0"  # the first stream of pictures; the cover of an album is none


def has_pictures(recording: Path) -> bool:
    """Whether a file is a video."""
    try:
        decode.run(
            decode.compiled(decode.source().output("pipe:", format="null", t=0, map=f"0:{FIRST_PICTURES}"), recording)
        )
    except UnusableMediaError:  # nothing to map: what else may be wrong with it shows when its sound is written
        return False
    return True


def playable(recording: Path, target: Path) -> None:
    """Write a recording anew: as .mp4 with pictures, at most 480 lines high, or as .m4a its sound alone.

    Both begin where the sound begins, as windows are told from there; in a video the pictures may begin before. Raises
    UnusableMediaError if ffmpeg fails, or takes too long.
    """
    video = target.suffix == ".mp4"
    source = decode.source(**(_begin(recording) if video else {}))
    streams = [source[FIRST_PICTURES], source["a:0"]] if video else [source["a:0"]]
    options = SAME_BYTES | SOUND | (ENCODING if video else {}) | {"movflags": "+faststart", "format": "mp4"}
    with files.atomic_path(target) as beside:
        _write(ffmpeg.output(*streams, f"file:{beside}", **options), recording)


def _begin(recording: Path) -> dict[str, Any]:
    """Where to read a video from."""
    first_s = clips.first_sound_s(recording)
    return {"ss": first_s, "seek_timestamp": 1} if first_s > LATE_S else {}


def poster(video: Path, at_s: float, target: Path) -> None:
    """Write one picture of a video, as JPEG: what is seen before it plays. Of pictures that end before, the first."""
    with files.atomic_path(target) as beside:
        with suppress(UnusableMediaError):
            _write(_picture(at_s, beside), video)
        if not beside.stat().st_size:
            _write(_picture(0, beside), video)


def _picture(at_s: float, target: Path) -> ffmpeg.nodes.OutputStream:
    options = {"format": "image2", "vframes": 1, "update": 1, "q:v": 4, **SAME_BYTES}
    return decode.source(ss=at_s).output(f"file:{target}", **options)


def _write(sink: ffmpeg.nodes.OutputStream, recording: Path) -> None:
    decode.run(decode.compiled(sink.global_args("-y"), recording))
