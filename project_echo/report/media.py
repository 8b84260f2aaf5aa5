"""Recordings as every browser plays them: H.264 and AAC."""

import subprocess
from pathlib import Path
from typing import Any

import ffmpeg

from project_echo import files, media
from project_echo.media import UnusableMediaError
from project_echo.predict import listening

LATE_S = 0.1  # sound that begins so late after the pictures is not heard as late
# Dates and the encoders' names would make every file differ from the last run's.
SAME_BYTES = {"map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact", "flags:v": "+bitexact"}
SOUND = {"acodec": "aac", "b:a": "96k", "ac": 1}
PICTURE = {
    "vcodec": "libx264",
    "preset": "veryfast",
    "crf": 26,
    "pix_fmt": "yuv420p",
    "vf": "scale=-2:min(480\\,trunc(ih/2)*2)",
}


def has_pictures(recording: Path) -> bool:
    """Whether a file is a video; a cover of an album is none."""
    source = ffmpeg.input("", protocol_whitelist="file,pipe", format_whitelist=media.FORMATS)
    said = _run(source.output("pipe:", format="null", t=0, map="0"), recording, check=False)
    return bool(media.PICTURES.search(said))


def playable(recording: Path, target: Path) -> None:
    """Write a recording anew: as .mp4 with pictures, at most 480 lines high, or as .m4a its sound alone.

    Both begin where the sound begins, as windows are told from there; in a video the pictures may begin before. Raises
    UnusableMediaError if ffmpeg fails, or takes too long.
    """
    video = target.suffix == ".mp4"
    begin = _begin(recording) if video else {}
    options = SAME_BYTES | SOUND | (PICTURE if video else {}) | {"movflags": "+faststart", "format": "mp4"}
    with files.replacing(target) as beside:
        source = ffmpeg.input("", protocol_whitelist="file,pipe", format_whitelist=media.FORMATS, **begin)
        streams = [source["V:0"], source["a:0"]] if video else [source["a:0"]]
        sink = ffmpeg.output(*streams, f"file:{beside}", **options)
        _run(sink.global_args("-y"), recording, check=True)


def _begin(recording: Path) -> dict[str, Any]:
    """Where to read a video from."""
    first_s = listening.first_sound_s(recording)
    return {"ss": first_s, "seek_timestamp": 1} if first_s > LATE_S else {}


def poster(video: Path, at_s: float, target: Path) -> None:
    """Write one picture of a video, as JPEG: what is seen before it plays. Of pictures that end before, the first."""
    with files.replacing(target) as beside:
        for second in (at_s, 0.0):
            source = ffmpeg.input("", ss=second, protocol_whitelist="file,pipe", format_whitelist=media.FORMATS)
            sink = source.output(f"file:{beside}", format="image2", vframes=1, update=1, **{"q:v": 4, **SAME_BYTES})
            _run(sink.global_args("-y"), video, check=second == 0)
            if beside.stat().st_size:
                return


def _run(sink: ffmpeg.nodes.OutputStream, recording: Path, check: bool) -> bytes:
    words = sink.global_args("-nostdin", "-hide_banner").compile(cmd=media.ffmpeg_path())
    words = [word or f"file:{recording}" for word in words]  # as in media.reading
    try:
        done = subprocess.run(words, capture_output=True, timeout=media.TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise UnusableMediaError(f"took more than {media.TIME_LIMIT_S} s to write for a browser") from None
    if check and done.returncode:
        raise UnusableMediaError(media.failure(done.stderr))
    return done.stderr
