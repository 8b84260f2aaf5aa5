"""Times in the metadata of WAV files, as recorders write them.

References
----------
AudioMoth firmware, setHeaderComment in main.c (github.com/OpenAcousticDevices/AudioMoth-Firmware-Basic).
Wildlife Acoustics, wa_meta.h, version 1 (wamd chunks).
GUANO metadata specification 1.0 (guano-md.org).
EBU Tech 3285, version 2, section 2.3 (bext chunks).
"""

import re
import struct
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from project_echo.media.chunks import chunks
from project_echo.media.timestamps import checked, parse_iso

_AUDIOMOTH = re.compile(
    r"Recorded at (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d+)? (?P<day>\d\d)/(?P<month>\d\d)/"
    r"(?P<year>\d{4}) (?:\(UTC(?P<zone>[+-]\d{1,2}(?::\d\d)?)?\)|by AudioMoth)"
)
_GUANO = re.compile(r"^[ \t\0]*Timestamp[ \t]*:(.*)$", re.MULTILINE)
_WAMD_START_TIME = 0x0005
_BEXT_DATE, _BEXT_TIME = slice(320, 330), slice(330, 338)  # OriginationDate and OriginationTime
# The standard recommends -, _, :, space and . as separators, and allows any.
_BEXT = re.compile(
    r"(?P<year>\d{4})\D(?P<month>\d\d)\D(?P<day>\d\d)(?P<hour>\d\d)\D(?P<minute>\d\d)\D(?P<second>\d\d)", re.ASCII
)


def metadata_times(path: Path) -> Iterator[datetime]:
    """Read the times in the metadata of a WAV file.

    AudioMoth's comment comes first, then GUANO, then Song Meter's wamd: recorders write these when they start, most of
    them with their zone. The bext chunk of Broadcast Wave comes last: it has no zone, and editors write into it when
    they saved the file.

    Parameters
    ----------
    path : Path
        Any file; another format, or a damaged file, has no times.

    Yields
    ------
    datetime
        The most reliable first, without a zone if it is not stated.
    """
    found = chunks(path, (b"LIST", b"guan", b"wamd", b"bext"))
    for parse in (_audiomoth_time, _guano_time, _wamd_time, _bext_time):
        for name, content in found:
            if time := parse(name, content):
                yield time


def _audiomoth_time(name: bytes, content: bytes) -> datetime | None:
    """The time in AudioMoth's comment (ICMT). Firmware 1.0 states no zone; its clock is UTC, as 1.0.1 writes."""
    match = name == b"LIST" and content.startswith(b"INFO") and _AUDIOMOTH.search(content.decode("latin-1"))
    if not match:
        return None
    time = checked(match.groupdict())
    return time.replace(tzinfo=time.tzinfo or timezone.utc) if time else None


def _guano_time(name: bytes, content: bytes) -> datetime | None:
    """The field Timestamp of GUANO metadata."""
    match = name == b"guan" and _GUANO.search(content.decode(errors="replace"))
    return parse_iso(match[1]) if match else None


def _wamd_time(name: bytes, content: bytes) -> datetime | None:
    """The start time in Wildlife Acoustics' metadata, which are entries of identifier, size and content."""
    offset = 0
    while name == b"wamd" and offset + 6 <= len(content):
        identifier, size = struct.unpack_from("<HI", content, offset)
        if identifier == _WAMD_START_TIME:
            return parse_iso(content[offset + 6 : offset + 6 + size].decode("latin-1"))
        offset += 6 + size
    return None


def _bext_time(name: bytes, content: bytes) -> datetime | None:
    """The date and time of origination in Broadcast Wave's metadata."""
    match = name == b"bext" and _BEXT.fullmatch((content[_BEXT_DATE] + content[_BEXT_TIME]).decode("latin-1"))
    return checked({**match.groupdict(), "zone": None}) if match else None
