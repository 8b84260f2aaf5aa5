"""Decode any audio or video file to samples, or say why it cannot be used."""

import re
from pathlib import Path

import numpy as np

from project_echo.media import ffmpeg, riff
from project_echo.media.errors import UnusableMediaError

# A file may state a slightly longer duration than it contains (encoder padding). Below this fraction it is truncated.
MIN_COMPLETE_FRACTION = 0.95
MIN_DURATION_S = 0.05
MAX_MAGNITUDE = 1e12  # in some float files full scale is 2^31; from 1e18 on the power is infinite in float32
MIN_PEAK = 2.0**-15  # one step of 16 bits; anything quieter is silence
_ESTIMATED = b"Estimating duration from bitrate"
_VIDEO = re.compile(rb"^  Stream #0:.*: Video: (?!.*\(attached pic\))", re.MULTILINE)
_CUT_SHORT = re.compile(rb"partial file|ended prematurely")  # the words of ffmpeg's MP4 and Matroska readers
_MAX_OGG_PAGE_BYTES = 65_307
_OGG_HEADER_BYTES = 27
_LAST_PAGE = 4  # flag


def decode(path: Path, sample_rate: int) -> np.ndarray:
    """Decode the first audio stream of a media file, mixed to mono and resampled.

    Never reads the network, other files or playlists.

    Parameters
    ----------
    path : Path
        Any audio or video file; its name does not matter.
    sample_rate : int
        Of the samples returned, Hz.

    Returns
    -------
    np.ndarray of shape (n,), float32
        Samples; full scale is -1 to 1, and float files may exceed it.

    Raises
    ------
    UnusableMediaError
        If the file is missing, unreadable, empty, not a media file, damaged, truncated, silent or without an audio
        track. The message is the reason. Streams (MPEG-TS, ADTS, AMR, ...) state neither length nor end, and ffmpeg
        does not notice that a CAF or W64 file ends early, so a truncated one of these is decoded as it is.
    """
    _raise_if(file_truncation(path))
    output, log = ffmpeg.run(pcm_command(path, sample_rate))
    samples = np.frombuffer(output, dtype="<f4")
    duration_s = samples.size / sample_rate
    _raise_if(sound_truncation(duration_s, log))
    check_audible(duration_s, measure_peak(samples))
    return samples


def _raise_if(reason: str) -> None:
    if reason:
        raise UnusableMediaError(reason)


def pcm_command(path: Path, sample_rate: int) -> list[str]:
    """Build the ffmpeg command that writes a file's sound to standard output: mono float32 at `sample_rate` Hz."""
    return ffmpeg.audio_command(path, {}, "pipe:", format="f32le", acodec="pcm_f32le", ac=1, ar=sample_rate)


def file_truncation(path: Path) -> str:
    """Check for a missing end where ffmpeg does not notice it.

    Parameters
    ----------
    path : Path
        Any file. The size that a RIFF file (WAV, AVI) states is checked, and the last page of an Ogg file.

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
            tail = stream.read()
    except OSError as error:
        raise UnusableMediaError(f"cannot be read ({error.strerror})") from None
    if size == 0:
        raise UnusableMediaError("empty file")
    stated = riff.stated_bytes(head)
    if stated is not None and stated < riff.UNKNOWN_BYTES and size < MIN_COMPLETE_FRACTION * stated:
        return f"truncated: contains {size} of {stated + riff.PREFIX_BYTES} bytes"
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
    """Compare the sound of a file with the duration that the file states.

    Parameters
    ----------
    duration_s : float
        Of the decoded sound, s.
    log : bytes
        ffmpeg's log of decoding it.

    Returns
    -------
    str
        How the file is truncated; empty if it is complete or states no duration.
    """
    stated_s = ffmpeg.logged_duration_s(log)
    if not stated_s or _ESTIMATED in log:
        return ""
    # The pictures of a video may last longer than its sound, so there the duration alone proves nothing.
    conclusive = _CUT_SHORT.search(log) or not _VIDEO.search(log)
    if conclusive and duration_s < MIN_COMPLETE_FRACTION * stated_s - 0.1:
        return f"truncated: contains {duration_s:.1f} s of {stated_s:.1f} s"
    return ""


def measure_peak(samples: np.ndarray) -> float:
    """Largest magnitude of samples.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)

    Returns
    -------
    float
        0 if there are no samples.

    Raises
    ------
    UnusableMediaError
        If a sample is not finite, or larger than MAX_MAGNITUDE.
    """
    if not samples.size:
        return 0.0
    peak = max(-float(samples.min()), float(samples.max()))  # NumPy's minimum and maximum are NaN if any sample is
    if not np.isfinite(peak):
        raise UnusableMediaError("contains samples that are not finite")
    if peak > MAX_MAGNITUDE:
        raise UnusableMediaError(f"contains samples as large as {peak:.0e}, more than any sound")
    return peak


def check_audible(duration_s: float, peak: float) -> None:
    """Refuse a recording that is too short (s) or too quiet (largest magnitude) to contain any sound.

    Raises
    ------
    UnusableMediaError
        If it is shorter than MIN_DURATION_S or quieter than MIN_PEAK.
    """
    if duration_s < MIN_DURATION_S:
        raise UnusableMediaError(f"contains no sound ({duration_s:.3f} s)")
    if peak < MIN_PEAK:
        raise UnusableMediaError("silent")
