"""Any audio or video to samples and back, through ffmpeg."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
import numpy as np

from project_echo.core.errors import EchoError

# Containers that hold sound themselves. Playlists and scripts (hls, dash, concat, ...) are left out on purpose: such a
# file can name other files and addresses, and ffmpeg would open them.
FORMATS = (
    "wav,w64,aiff,caf,au,flac,mp3,ogg,aac,ac3,eac3,amr,ape,wv,tta,dsf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,"
    "mpeg,mpegts,mpegvideo,mxf,nut,rm"
)
TIME_LIMIT_S = 600
# A file may state a slightly longer duration than it holds (encoder padding); below this share it counts as truncated.
COMPLETE = 0.95
SHORTEST_S = 0.05
LOUDEST = 1e12  # in some float files full scale is 2^31; from 1e18 on the power of a sound is infinite in float32
SILENCE = 2.0**-15  # one step of 16 bits
_NO_SOUND = ("Output file does not contain any stream", "does not contain any stream", "matches no streams")
_DURATION = re.compile(rb"^  Duration: (\d+):(\d+):(\d+\.\d+)", re.MULTILINE)
_ESTIMATED = b"Estimating duration from bitrate"
_PICTURES = re.compile(rb"^  Stream #0:.*: Video: (?!.*\(attached pic\))", re.MULTILINE)
_CUT = re.compile(rb"partial file|ended prematurely")  # in the words of ffmpeg's MP4 and Matroska readers
_UNFINISHED = 0x7FFF0000  # from here on a RIFF size says that the writer did not know it
_OGG_PAGE = 65307  # bytes, at most


class UnusableMediaError(EchoError):
    """A file that holds no sound we can use; the message is the reason, fit for a row in skipped.csv."""


@cache
def ffmpeg_path() -> str:
    """The ffmpeg to run: imageio-ffmpeg's pinned binary, so results are the same on machines with and without one.

    The environment variable IMAGEIO_FFMPEG_EXE names another.
    """
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise EchoError("No ffmpeg for this platform. Install one and set IMAGEIO_FFMPEG_EXE to its path.") from None


def decode(path: Path, rate: int) -> np.ndarray:
    """Sound of a media file as mono float32 samples, shape (n,), resampled to `rate` Hz.

    Raises UnusableMediaError, with the reason, for a file that is missing, unreadable, empty, not media, without an
    audio track, damaged, truncated or silent. Streams (MPEG-TS, ADTS, AMR, ...) carry neither length nor end, and
    ffmpeg does not say that a CAF or W64 file ends early, so of these one that was cut short is taken as it is. Never
    reads the network, other files or playlists.
    """
    _refuse(missing_end(path))
    sound, log = run(command(path, rate))
    samples = np.frombuffer(sound, dtype="<f4")
    _refuse(missing_sound(samples.size / rate, log))
    check_heard(samples.size / rate, peak(samples))
    return samples


def _refuse(reason: str) -> None:
    if reason:
        raise UnusableMediaError(reason)


def command(path: Path, rate: int) -> list[str]:
    """The ffmpeg command that writes the sound of a file to its standard output, as mono float32 at `rate` Hz."""
    return reading(path, {}, "pipe:", format="f32le", acodec="pcm_f32le", ac=1, ar=rate)


def reading(path: Path, stretch: dict[str, Any], target: str, **output: object) -> list[str]:
    """The ffmpeg command that writes a stretch (ss and t, s) of the sound of a file, with options of the output."""
    return compiled(source(**stretch).output(target, map="0:a:0", **output), path)


def source(**options: object) -> ffmpeg.nodes.FilterableStream:
    """A file as ffmpeg reads it: never the network, other files or playlists. `compiled` puts its name in."""
    return ffmpeg.input("", protocol_whitelist="file,pipe", format_whitelist=FORMATS, **options)


def compiled(sink: ffmpeg.nodes.OutputStream, path: Path) -> list[str]:
    """The ffmpeg command of an output of `source`, where the source is the file `path`."""
    words = sink.global_args("-nostdin", "-hide_banner").compile(cmd=ffmpeg_path())
    # The name comes last, as ffmpeg-python fails at one that is not UTF-8. "file:" keeps ffmpeg from taking a name such
    # as "-x" for an option or "a:b" for a protocol.
    return [word or f"file:{path}" for word in words]


def missing_end(path: Path) -> str:
    """That a file is cut short, where ffmpeg passes over it; empty if it is whole, or a format where ffmpeg tells.

    Looks at the size that a RIFF file (WAV, AVI) states, and the page that ends an Ogg file. Raises UnusableMediaError
    for what is no file, cannot be read or is empty.
    """
    try:
        if not path.is_file():  # before it is opened: a named pipe would wait for its writer
            raise UnusableMediaError("not a file")
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8)
            stream.seek(max(0, size - _OGG_PAGE))
            tail = stream.read()
    except OSError as error:
        raise UnusableMediaError(f"cannot be read ({error.strerror})") from None
    if size == 0:
        raise UnusableMediaError("empty file")
    stated = int.from_bytes(head[4:], "little")
    if head.startswith(b"RIFF") and size < COMPLETE * stated and stated < _UNFINISHED:
        return f"truncated: holds {size} of the {stated + 8} bytes that it states"
    if head.startswith(b"OggS") and not _ends_ogg(tail[tail.rfind(b"OggS") :]):
        return "truncated: its last page is missing"
    return ""


def _ends_ogg(page: bytes) -> bool:
    """Whether a page is whole and marked as the last one (RFC 3533, section 6)."""
    if len(page) < 27:
        return False
    header = 27 + page[26]
    return bool(page[5] & 4) and len(page) >= header + sum(page[27:header])


def run(words: list[str]) -> tuple[bytes, bytes]:
    """What an ffmpeg command writes to its standard output, and its log. UnusableMediaError if it fails or hangs."""
    try:
        done = subprocess.run(words, capture_output=True, timeout=TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise UnusableMediaError(f"ffmpeg took more than {TIME_LIMIT_S} s") from None
    if done.returncode:
        raise UnusableMediaError(failure(done.stderr))
    return done.stdout, done.stderr


def failure(log: bytes) -> str:
    """Why ffmpeg gave up, for people, from what it wrote to its standard error."""
    text = log.decode(errors="replace")
    if any(words in text for words in _NO_SOUND):
        return "no audio track"
    if "moov atom not found" in text:
        return "truncated: the index at its end (moov atom) is missing"
    if "Format not on whitelist" in text or "not on the whitelist" in text:
        return "not a media file (playlists and scripts are refused)"
    last = [line for line in text.splitlines() if line.strip()][-1:]
    if "Invalid data found" in text:
        return "not a media file, or damaged at its start"
    return "ffmpeg cannot read it: " + "".join(last).strip()


def missing_sound(held_s: float, log: bytes) -> str:
    """That a file holds less sound than ffmpeg's log says that it states; empty if it does not."""
    states_s = stated_s(log)
    if not states_s or _ESTIMATED in log:
        return ""
    # Pictures may outlast the sound of a video, so there a short sound alone is no sign.
    cut = _CUT.search(log) or not _PICTURES.search(log)
    if cut and held_s < COMPLETE * states_s - 0.1:
        return f"truncated: holds {held_s:.1f} s of the {states_s:.1f} s that it states"
    return ""


def stated_s(log: bytes) -> float:
    """The duration in ffmpeg's log: what a file states, or its bit rate lets expect, in seconds; 0 if nothing tells."""
    found = _DURATION.search(log)
    if not found:
        return 0.0
    hours, minutes, seconds = (float(part) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def peak(samples: np.ndarray) -> float:
    """Largest magnitude, 0 of no samples; raises UnusableMediaError if one is no number, or too large for a sound."""
    if not samples.size:
        return 0.0
    highest = max(-float(samples.min()), float(samples.max()))  # NumPy's are NaN if any sample is
    if not np.isfinite(highest):
        raise UnusableMediaError("holds samples that are not finite numbers")
    if highest > LOUDEST:
        raise UnusableMediaError(f"holds samples as large as {highest:.0e}, which is no sound")
    return highest


def check_heard(seconds: float, highest: float) -> None:
    """Raise UnusableMediaError for a recording too short or too quiet to hold any sound; `highest` is its peak."""
    if seconds < SHORTEST_S:
        raise UnusableMediaError(f"no sound in it ({seconds:.3f} s)")
    if highest < SILENCE:
        raise UnusableMediaError("silent")
