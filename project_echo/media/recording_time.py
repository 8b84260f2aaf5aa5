"""Start times of recordings, from file names and from recorders' metadata.

References
----------
ISO/IEC 14496-12, 8.2.2 (MP4), RFC 9559, DateUTC (Matroska): the creation time of a container is UTC.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from project_echo.media.metadata_time import metadata_times
from project_echo.media.name_time import from_name
from project_echo.media.probe import description
from project_echo.media.timestamps import parse_iso

MAX_DIFFERENCE = timedelta(minutes=1)  # between two notes of the same time

# Formats without a creation_time, so that ffmpeg need not start for each of a thousand files.
_WITHOUT_CREATION_TIME = (b"RIFF", b"RF64", b"BW64", b"fLaC", b"OggS", b"FORM")
_CREATION = re.compile(r"^ {4}creation_time +: (.*)$", re.MULTILINE)  # streams' own are indented further


def recorded_at(path: Path, zone: tzinfo | None) -> datetime | None:
    """Find the start time of a recording, to the second.

    The file name comes first, as people correct it, and as tools that cut recordings give their parts new names and
    copy the metadata as they are (see name_time). Then the metadata of a WAV file (see metadata_time), last the
    creation_time of the container, as ffmpeg reads it. A time without a zone has that of the others, if they state the
    same time of day. The file's own times are ignored, as copying changes them, and so are the names of folders, which
    state a date at most. Impossible times and years before 1971 are ignored too.

    Parameters
    ----------
    path : Path
        The recording. A damaged file has no time; it raises no error.
    zone : tzinfo or None
        The time zone of recorders' clocks that do not state theirs. All results are converted to it, so that hours of
        the day mean the same for all recorders.

    Returns
    -------
    datetime or None
        With a time zone if the name or the metadata states one, or `zone` is given; otherwise naive. None if neither
        the name nor the file contains a time.
    """
    times = metadata_times(path)
    started = from_name(path.name) or next(times, None) or _creation_time(path)
    if started is not None and started.tzinfo is None:
        started = _with_stated_zone(started, times)
    if started is None or zone is None:
        return started
    return started.replace(tzinfo=zone) if started.tzinfo is None else started.astimezone(zone)


def _with_stated_zone(started: datetime, times: Iterator[datetime]) -> datetime:
    """Add the zone of one of the other times if both are the same clock time; those of a renamed file may differ."""
    for time in times:
        if time.tzinfo and abs(time.replace(tzinfo=None) - started) < MAX_DIFFERENCE:
            return started.replace(tzinfo=time.tzinfo)
    return started


def _creation_time(path: Path) -> datetime | None:
    """The container's creation_time, which is UTC in MP4 and in Matroska."""
    if not path.is_file() or _starts_with(path, _WITHOUT_CREATION_TIME):
        return None
    match = _CREATION.search(description(path))
    return parse_iso(match[1]) if match else None


def _starts_with(path: Path, signatures: tuple[bytes, ...]) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in signatures
    except OSError:
        return False
