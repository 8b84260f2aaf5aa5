"""What a file states about itself, without reading all of it."""

from functools import lru_cache
from pathlib import Path

from project_echo.media import ffmpeg


def description(path: Path) -> str:
    """Ffmpeg's description of a file (duration, metadata and streams, a line each); empty if there is none."""
    return _log(path).decode(errors="replace")


def stated_duration_s(path: Path) -> float:
    """The duration of a file, as it states it or estimated from its bit rate, s; 0 if there is none."""
    return ffmpeg.logged_duration_s(_log(path))


def _log(path: Path) -> bytes:
    try:
        status = path.stat()
    except OSError:
        return b""
    return _describe(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)  # a screening needs the duration and the time of recording of one file after the other
def _describe(path: Path, size: int, modified_ns: int) -> bytes:
    """Describe a file, once for its size and time of modification."""
    return ffmpeg.describe(path)
