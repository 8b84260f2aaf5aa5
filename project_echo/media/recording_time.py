"""Start times of recordings, from file names and from recorders' metadata.

References
----------
AudioMoth firmware, setHeaderComment in main.c (github.com/OpenAcousticDevices/AudioMoth-Firmware-Basic).
Wildlife Acoustics, SM3BAT User Guide, section 8.1 (file names), and wa_meta.h, version 1 (wamd chunks).
GUANO metadata specification 1.0 (guano-md.org).
RFC 3339 (dates and times), ISO/IEC 14496-12, 8.2.2 (MP4), RFC 9559, DateUTC (Matroska).
"""

import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from project_echo.media import riff
from project_echo.media.probe import description

FIRST_YEAR, LAST_YEAR = 1971, 2099  # a clock that was never set shows 1970, or the 1904 of MP4
FIRST_AUDIOMOTH_YEAR = 2016  # the first was built in 2017; an earlier hexadecimal name is not a time
MAX_DIFFERENCE = timedelta(minutes=1)  # between the name and the metadata of the same time

_OFFSET = r"(?P<zone>Z(?![A-Za-z])|[+-]\d{2}:?\d{2}(?!\d))?"
# Song Meters set by GPS write $ between date and time.
_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>\d{4})(?P<dash>[-._]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)[-_T$ ]"
    r"(?P<hour>\d\d)(?P<colon>[-:._]?)(?P<minute>\d\d)(?P=colon)(?P<second>\d\d)(?!\d)(?:\.\d+)?" + _OFFSET,
    re.ASCII,
)
_HEXADECIMAL = re.compile(r"(?=.*[A-F])[5-7][0-9A-F]{7}\.WAV")  # until 2038
# RFC 3339, and its variants in recorders: a space instead of the T, +0200, -5:00.
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d+)?"
    r"\s*(?P<zone>Z|[+-](?:\d{1,2}:\d\d|\d{4})(?!\d))?"
)
_AUDIOMOTH = re.compile(
    r"Recorded at (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d+)? (?P<day>\d\d)/(?P<month>\d\d)/"
    r"(?P<year>\d{4}) (?:\(UTC(?P<zone>[+-]\d{1,2}(?::\d\d)?)?\)|by AudioMoth)"
)
_GUANO = re.compile(r"^[ \t\0]*Timestamp[ \t]*:(.*)$", re.MULTILINE)
_CREATION = re.compile(r"^ {4}creation_time +: (.*)$", re.MULTILINE)  # streams' own are indented further
_ZONE = re.compile(r"([+-])(\d{1,2}):?(\d\d)?")
_WAMD_START_TIME = 0x0005


def recorded_at(path: Path, zone: tzinfo | None) -> datetime | None:
    """Find the start time of a recording, to the second.

    The file name comes first: AudioMoth (``20240501_053000.WAV``; in old firmware Unix time in hexadecimal,
    ``5CE2A1B0.WAV``), Song Meter (``SITE_20240501_053000.wav``, ``SITE_0+1_20240501$053000.wav``), or date and time as
    in ISO 8601 anywhere in a name (``2024-05-01_05-30-00``, ``20240501T053000+0200``). Then the metadata of a WAV file:
    AudioMoth's comment, GUANO, Song Meter's wamd. Last the creation_time of the container, as ffmpeg reads it. The
    file's own times are ignored, as copying changes them. Impossible times and years before 1971 are ignored too.

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
    started = from_name(path.name)
    if started is None:
        started = next(_metadata_times(path), None) or _creation_time(path)
    elif started.tzinfo is None:
        started = _with_stated_zone(started, _metadata_times(path))
    if started is None or zone is None:
        return started
    return started.replace(tzinfo=zone) if started.tzinfo is None else started.astimezone(zone)


def from_name(name: str) -> datetime | None:
    """The first possible date and time in a file name; None if there is none."""
    for match in _IN_NAME.finditer(name):
        if time := _datetime(match):
            return time
    # Eight decimal digits may also be a date or a number, so one digit has to be a letter.
    if _HEXADECIMAL.fullmatch(name[:-4] + name[-4:].upper()):
        time = datetime.fromtimestamp(int(name[:8], 16), timezone.utc)
        return time if time.year >= FIRST_AUDIOMOTH_YEAR else None
    return None


def _with_stated_zone(name_time: datetime, metadata_times: Iterator[datetime]) -> datetime:
    """Add the zone of the metadata to the time of the name if both are the same time; a renamed file may differ."""
    for time in metadata_times:
        if time.tzinfo and abs(time.replace(tzinfo=None) - name_time) < MAX_DIFFERENCE:
            return name_time.replace(tzinfo=time.tzinfo)
    return name_time


def _metadata_times(path: Path) -> Iterator[datetime]:
    """Times in the metadata of a WAV file, the most reliable first."""
    chunks = riff.chunks(path, (b"LIST", b"guan", b"wamd"))
    for parse in (_audiomoth_time, _guano_time, _wamd_time):
        for name, content in chunks:
            if time := parse(name, content):
                yield time


def _audiomoth_time(name: bytes, content: bytes) -> datetime | None:
    """The time in AudioMoth's comment (ICMT). Firmware 1.0 states no zone; its clock is UTC, as 1.0.1 writes."""
    match = name == b"LIST" and content.startswith(b"INFO") and _AUDIOMOTH.search(content.decode("latin-1"))
    if not match:
        return None
    time = _datetime(match)
    return time.replace(tzinfo=time.tzinfo or timezone.utc) if time else None


def _guano_time(name: bytes, content: bytes) -> datetime | None:
    """The field Timestamp of GUANO metadata."""
    match = name == b"guan" and _GUANO.search(content.decode(errors="replace"))
    return _iso_time(match[1]) if match else None


def _wamd_time(name: bytes, content: bytes) -> datetime | None:
    """The start time in Wildlife Acoustics' metadata, which are entries of identifier, size and content."""
    offset = 0
    while name == b"wamd" and offset + 6 <= len(content):
        identifier, size = struct.unpack_from("<HI", content, offset)
        if identifier == _WAMD_START_TIME:
            return _iso_time(content[offset + 6 : offset + 6 + size].decode("latin-1"))
        offset += 6 + size
    return None


def _creation_time(path: Path) -> datetime | None:
    """The container's creation_time, which is UTC in MP4 and in Matroska."""
    if not path.is_file() or _starts_with(path, (b"RIFF", b"fLaC", b"OggS", b"FORM")):
        return None  # these have none, so ffmpeg need not start for each of a thousand files
    match = _CREATION.search(description(path))
    return _iso_time(match[1]) if match else None


def _starts_with(path: Path, signatures: tuple[bytes, ...]) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in signatures
    except OSError:
        return False


def _iso_time(text: str) -> datetime | None:
    match = _ISO.match(text.strip(" \t\r\n\0"))
    return _datetime(match) if match else None


def _datetime(match: re.Match[str]) -> datetime | None:
    """The time in a match, or None if it is impossible or its year is out of range."""
    text = "{year}-{month}-{day}T{hour}:{minute}:{second}".format(**match.groupdict())
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=_zone(match["zone"])) if FIRST_YEAR <= time.year <= LAST_YEAR else None


def _zone(text: str | None) -> timezone | None:
    """A UTC offset from -12:00 to +14:00 in quarter hours; None for other text, such as the number ``-0001``."""
    if text == "Z":
        return timezone.utc
    match = _ZONE.fullmatch(text or "")
    if not match or text == "-0000":
        return None
    minutes = int(match[1] + "1") * (60 * int(match[2]) + int(match[3] or 0))
    possible = -12 * 60 <= minutes <= 14 * 60 and minutes % 15 == 0
    return timezone(timedelta(minutes=minutes)) if possible else None
