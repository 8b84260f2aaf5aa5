"""What ffmpeg says of a file without reading it through: an answer in a moment, however long it is."""

import subprocess
from functools import lru_cache
from pathlib import Path

from project_echo.media import decode
from project_echo.media.decode import FORMATS, ffmpeg_path

TIME_LIMIT_S = 30


def described(path: Path) -> str:
    """The description of a file: its duration, metadata and streams, a line each; empty if ffmpeg hangs over it."""
    return _log(path).decode(errors="replace")


def stated_s(path: Path) -> float:
    """The duration that a file states, or that its bit rate lets expect, in seconds; 0 if nothing tells."""
    return decode.stated_s(_log(path))


def _log(path: Path) -> bytes:
    try:
        state = path.stat()
    except OSError:
        return b""
    return _ask(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1)  # a screening asks for the duration and for the time of recording
def _ask(path: Path, size: int, changed_ns: int) -> bytes:
    """Ask ffmpeg, once for a file of this size and time of change."""
    command = [ffmpeg_path(), "-nostdin", "-hide_banner", "-protocol_whitelist", "file,pipe"]
    command += ["-format_whitelist", FORMATS, "-i", f"file:{path}"]
    try:
        return subprocess.run(command, capture_output=True, timeout=TIME_LIMIT_S, check=False).stderr
    except subprocess.TimeoutExpired:
        return b""
