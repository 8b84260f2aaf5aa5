"""Whether a file is complete: what its data shows, not what its header states.

A stated duration proves nothing by itself. It may be the time at which the sound ends (a start offset), that of the
longest track, or a number that nobody updated.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from project_echo.media import ffmpeg, riff
from project_echo.media.errors import UnusableMediaError

# A file may state a slightly longer duration than it contains (encoder padding).
MIN_COMPLETE_FRACTION = 0.95
_ESTIMATED = b"Estimating duration from bitrate"
# Matroska states the time of its end, whenever it starts.
_MATROSKA_START = re.compile(
    rb"^Input #0, matroska,webm.*?^  Duration: [^,]*, start: (\d+\.\d+)", re.DOTALL | re.MULTILINE
)
_STREAM = re.compile(rb"^  Stream #0:.*: (?:Audio|Video): (?!.*\(attached pic\))", re.MULTILINE)
_CUT_SHORT = re.compile(rb"partial file|ended prematurely")  # the words of ffmpeg's MP4 and Matroska readers
_MAX_OGG_PAGE_BYTES = 65_307
_OGG_HEADER_BYTES = 27
_LAST_PAGE = 4  # flag


def file_truncation(path: Path) -> str:
    """Check for a missing end where ffmpeg does not notice it.

    Parameters
    ----------
    path : Path
        Any file. The size that a RIFF file (WAV, AVI) or RF64 or BW64 states is checked, and the last page of an Ogg
        file.

    Returns
    -------
    str
        How the file is truncated; empty if it is complete, or of another format.

    Raises
    ------
    UnusableMediaError
        If the path is not a regular file, or the file cannot be read or is empty.

    References
    ----------
    RFC 3533 (The Ogg Encapsulation Format), section 6.
    """
    try:
        if not path.is_file():  # checked first: opening a named pipe would wait for its writer
            raise UnusableMediaError("not a file")
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(riff.HEAD_BYTES)
            stream.seek(max(0, size - _MAX_OGG_PAGE_BYTES))
            tail = stream.read() if head.startswith(b"OggS") else b""
    except OSError as error:
        raise UnusableMediaError(f"cannot be read ({error.strerror})") from None
    if size == 0:
        raise UnusableMediaError("empty file")
    stated = riff.stated_bytes(head)
    if stated is not None and stated < riff.UNKNOWN_BYTES and size < MIN_COMPLETE_FRACTION * stated:
        return f"truncated: contains {size} of {stated + riff.PREFIX_BYTES} bytes"
    sound = _find_sound(path)
    is_known = sound is not None and sound.is_long and sound.stated < riff.UNKNOWN_LONG_BYTES
    if sound and is_known and sound.held < MIN_COMPLETE_FRACTION * sound.stated:
        return f"truncated: contains {size} of {sound.start + sound.stated} bytes"
    if head.startswith(b"OggS") and not _is_last_page(tail[tail.rfind(b"OggS") :]):
        return "truncated: the last Ogg page is missing"
    return ""


def _is_last_page(page: bytes) -> bool:
    """Whether an Ogg page is complete and marked as the last one."""
    if len(page) < _OGG_HEADER_BYTES:
        return False
    header_bytes = _OGG_HEADER_BYTES + page[26]
    content_bytes = sum(page[_OGG_HEADER_BYTES:header_bytes])
    return bool(page[5] & _LAST_PAGE) and len(page) >= header_bytes + content_bytes


def sound_truncation(duration_s: float, log: bytes) -> str:
    """Compare the sound of a file with what ffmpeg found.

    Parameters
    ----------
    duration_s : float
        Of the decoded sound, s.
    log : bytes
        ffmpeg's log of decoding it.

    Returns
    -------
    str
        How the file is truncated, or how its header may be wrong; empty if neither shows.
    """
    description, _, _ = log.partition(b"\nOutput #0")
    start = _MATROSKA_START.search(description)
    stated_s = ffmpeg.logged_duration_s(description) - (float(start[1]) if start else 0.0)
    if _CUT_SHORT.search(log):
        return f"truncated: contains {duration_s:.1f} s" + (f" of {stated_s:.1f} s" if stated_s > duration_s else "")
    # Of several streams, such as pictures, any may be the longest.
    conclusive = len(_STREAM.findall(description)) == 1 and _ESTIMATED not in log
    if conclusive and duration_s < MIN_COMPLETE_FRACTION * stated_s - 0.1:
        return f"contains {duration_s:.1f} s of the {stated_s:.1f} s that it states: truncated, or its header is wrong"
    return ""


def input_options(path: Path, start_s: float = 0.0) -> dict[str, Any]:
    """Options of a file as ffmpeg's input: all sound that a WAV file holds is read, whatever its header states.

    Uncompressed samples are read without the header: ffmpeg's reader of WAV files looks for more chunks after the
    stated end, eight bytes at a time where the sound is silent. Only then is the sound before `start_s` left out: where
    there is no header, ffmpeg cannot seek.
    """
    sound = understated_sound(path)
    if sound is None:
        return {}
    if not sound.codec:
        return {"ignore_length": 1}
    samples = {"format": sound.codec, "format_whitelist": sound.codec, "ar": sound.sample_rate, "ac": sound.channels}
    frame_bytes = sound.bytes_per_s // sound.sample_rate
    skipped = min(sound.held, round(start_s * sound.sample_rate) * frame_bytes)
    return {
        **samples,
        "skip_initial_bytes": sound.start + skipped,
        "t": (sound.held - skipped) / sound.bytes_per_s,
    }


def understatement(path: Path) -> str:
    """Say that a WAV file holds more sound than its header states; empty otherwise."""
    sound = understated_sound(path)
    if sound is None:
        return ""
    per_s = sound.bytes_per_s
    return f"its header states {sound.stated / per_s:.1f} s of sound; all {sound.held / per_s:.1f} s are used"


def understated_sound(path: Path) -> riff.Sound | None:
    """The sound of a WAV file that holds more than its header states; None of any other file."""
    sound = _find_sound(path)
    if sound is not None and sound.is_understated and sound.bytes_per_s and sound.sample_rate and sound.channels:
        return sound
    return None


def _find_sound(path: Path) -> riff.Sound | None:
    with suppress(OSError):
        return riff.find_sound(path)
    return None
