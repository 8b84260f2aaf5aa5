"""Recordings as every browser plays them: H.264 and AAC."""

import re
import subprocess
from pathlib import Path

import ffmpeg

from project_echo import files, media
from project_echo.errors import EchoError

_PICTURES = re.compile(rb"^  Stream #0:.*: Video: (?!.*\(attached pic\))", re.MULTILINE)
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
    return bool(_PICTURES.search(said))


def playable(recording: Path, target: Path) -> None:
    """Write a recording anew as MP4: with pictures at most 480 lines high if it has any, else its sound alone.

    Raises EchoError if ffmpeg fails.
    """
    video = target.suffix == ".mp4"
    options = SAME_BYTES | SOUND | (PICTURE if video else {}) | {"movflags": "+faststart", "format": "mp4"}
    with files.replacing(target) as beside:
        source = ffmpeg.input("", protocol_whitelist="file,pipe", format_whitelist=media.FORMATS)
        streams = [source["V:0"], source["a:0"]] if video else [source["a:0"]]
        sink = ffmpeg.output(*streams, f"file:{beside}", **options)
        _run(sink.global_args("-y"), recording, check=True)


def poster(video: Path, at_s: float, target: Path) -> None:
    """Write one picture of a video, as JPEG: what is seen before it plays."""
    with files.replacing(target) as beside:
        source = ffmpeg.input("", ss=at_s, protocol_whitelist="file,pipe", format_whitelist=media.FORMATS)
        sink = source.output(f"file:{beside}", format="image2", vframes=1, update=1, **{"q:v": 4, **SAME_BYTES})
        _run(sink.global_args("-y"), video, check=True)


def _run(sink: ffmpeg.nodes.OutputStream, recording: Path, check: bool) -> bytes:
    words = sink.global_args("-nostdin", "-hide_banner").compile(cmd=media.ffmpeg_path())
    words = [word or f"file:{recording}" for word in words]  # as in media.reading
    done = subprocess.run(words, capture_output=True, timeout=media.TIME_LIMIT_S, check=False)
    if check and done.returncode:
        raise EchoError(f"{recording}: ffmpeg cannot write it for the report: {media.failure(done.stderr)}")
    return done.stderr
