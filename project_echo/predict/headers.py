"""What ffmpeg says of a file without reading it through: an answer in a moment, however long it is."""

import re
import subprocess
from pathlib import Path

from project_echo.media import FORMATS, ffmpeg_path

TIME_LIMIT_S = 30
_DURATION = re.compile(r"^  Duration: (\d+):(\d+):(\d+\.\d+)", re.MULTILINE)


def described(path: Path) -> str:
    """The description of a file: its duration, metadata and streams, a line each; empty if ffmpeg hangs over it."""
    command = [ffmpeg_path(), "-nostdin", "-hide_banner", "-protocol_whitelist", "file,pipe"]
    command += ["-format_whitelist", FORMATS, "-i", f"file:{path}"]
    try:
        log = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT_S, check=False).stderr
    except subprocess.TimeoutExpired:
        return ""
    return log.decode(errors="replace")


def stated_s(path: Path) -> float:
    """The duration that a file states, or that its bit rate lets expect, in seconds; 0 if nothing tells."""
    found = _DURATION.search(described(path))
    if not found:
        return 0.0
    hours, minutes, seconds = (float(part) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds
