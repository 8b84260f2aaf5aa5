"""When a recording began: from its name, or from what its recorder wrote into it."""

import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from project_echo.media import riff
from project_echo.media.probe import description

# A clock that was never set tells 1970, or the 1904 of MP4.
FIRST_YEAR, LAST_YEAR = 1971, 2099
# The first AudioMoth was built in 2017; a hexadecimal name that tells an earlier time is no time.
FIRST_AUDIOMOTH = 2016
# A name and the metadata of its file come of one clock if they differ by less.
SAME_CLOCK = timedelta(minutes=1)

_OFFSET = r"(?P<zone>Z(?![A-Za-z])|[+-]\d{2}:?\d{2}(?!\d))?"
# Song Meters set by GPS write $ between date and time (Wildlife Acoustics, SM3BAT User Guide, section 8.1).
_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>\d{4})(?P<dash>[-._]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)[-_T$ ]"
    r"(?P<hour>\d\d)(?P<colon>[-:._]?)(?P<minute>\d\d)(?P=colon)(?P<second>\d\d)(?!\d)(?:\.\d+)?" + _OFFSET,
    re.ASCII,
)
_HEXADECIMAL = re.compile(r"(?=.*[A-F])[5-7][0-9A-F]{7}\.WAV")  # until 2038
# RFC 3339, and as the recorders vary it: a space for the T, +0200, -5:00.
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
    """When a recording began, to the second; None where nothing tells. Never the file's own time: copies lose it.

    The name comes first: AudioMoth (``20240501_053000.WAV``, in old firmware Unix time in hexadecimal:
    ``5CE2A1B0.WAV``), Song Meter (``SITE_20240501_053000.wav``, ``SITE_0+1_20240501$053000.wav``), and date and time in
    the manner of ISO 8601 anywhere in a name (``2024-05-01_05-30-00``, ``20240501T053000+0200``). Then what the
    recorder wrote into a WAV file: AudioMoth's comment, GUANO, Song Meter's wamd. Last the creation_time of the
    container, as ffmpeg finds it.

    The result knows its zone if the name states it, or the recorder's metadata, or `zone`, the clock that recorders ran
    on that do not state it; otherwise it is naive. With `zone` all results are told in that zone, so that hours of the
    day mean the same for all recorders. Times that no clock shows, and years before 1971, are passed over. A damaged
    file tells nothing; it raises no error.
    """
    began = from_name(path.name)
    if began is None:
        began = next(_written(path), None) or _created(path)
    elif began.tzinfo is None:
        began = _with_zone(began, _written(path))
    if began is None or zone is None:
        return began
    return began.replace(tzinfo=zone) if began.tzinfo is None else began.astimezone(zone)


def from_name(name: str) -> datetime | None:
    """The first date and time in a file name that is possible."""
    for found in _IN_NAME.finditer(name):
        if began := _datetime(found):
            return began
    if _HEXADECIMAL.fullmatch(name[:-4] + name[-4:].upper()):
        # Digits alone may as well be a date or a number; then AudioMoth's comment tells.
        began = datetime.fromtimestamp(int(name[:8], 16), timezone.utc)
        return began if began.year >= FIRST_AUDIOMOTH else None
    return None


def _with_zone(named: datetime, written: Iterator[datetime]) -> datetime:
    """The name's time in the zone that the metadata states, if both come of one clock: people rename files."""
    for stated in written:
        if stated.tzinfo and abs(stated.replace(tzinfo=None) - named) < SAME_CLOCK:
            return named.replace(tzinfo=stated.tzinfo)
    return named


def _written(path: Path) -> Iterator[datetime]:
    """The times in a WAV file's metadata, the surest first."""
    chunks = riff.chunks(path, (b"LIST", b"guan", b"wamd"))
    for read in (_audiomoth, _guano, _wamd):
        for name, content in chunks:
            if began := read(name, content):
                yield began


def _audiomoth(name: bytes, content: bytes) -> datetime | None:
    """The time in the comment (ICMT) that AudioMoth's firmware writes (setHeaderComment in its main.c).

    Firmware 1.0 states no zone, and its clock is UTC, as 1.0.1 writes.
    """
    found = name == b"LIST" and content.startswith(b"INFO") and _AUDIOMOTH.search(content.decode("latin-1"))
    if not found:
        return None
    began = _datetime(found)
    return began.replace(tzinfo=began.tzinfo or timezone.utc) if began else None


def _guano(name: bytes, content: bytes) -> datetime | None:
    """The field Timestamp of GUANO metadata (specification 1.0, guano-md.org)."""
    found = name == b"guan" and _GUANO.search(content.decode(errors="replace"))
    return _iso(found[1]) if found else None


def _wamd(name: bytes, content: bytes) -> datetime | None:
    """The start time in Wildlife Acoustics' metadata (wa_meta.h, version 1): entries of number, size and content."""
    place = 0
    while name == b"wamd" and place + 6 <= len(content):
        number, size = struct.unpack_from("<HI", content, place)
        if number == _WAMD_START_TIME:
            return _iso(content[place + 6 : place + 6 + size].decode("latin-1"))
        place += 6 + size
    return None


def _created(path: Path) -> datetime | None:
    """The container's creation_time: UTC in MP4 (ISO/IEC 14496-12, 8.2.2) and in Matroska (RFC 9559, DateUTC)."""
    if not path.is_file() or _begins_with(path, (b"RIFF", b"fLaC", b"OggS", b"FORM")):
        return None  # they have none, and a thousand files need not each start ffmpeg to say so
    found = _CREATION.search(description(path))
    return _iso(found[1]) if found else None


def _begins_with(path: Path, marks: tuple[bytes, ...]) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in marks
    except OSError:
        return False


def _iso(text: str) -> datetime | None:
    found = _ISO.match(text.strip(" \t\r\n\0"))
    return _datetime(found) if found else None


def _datetime(found: re.Match[str]) -> datetime | None:
    """The time in a match, or None if no clock shows it."""
    text = "{year}-{month}-{day}T{hour}:{minute}:{second}".format(**found.groupdict())
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told.replace(tzinfo=_zone(found["zone"])) if FIRST_YEAR <= told.year <= LAST_YEAR else None


def _zone(text: str | None) -> timezone | None:
    """A UTC offset, from -12:00 to +14:00 in quarters; what else stands there (a number: ``-0001``) is none."""
    if text == "Z":
        return timezone.utc
    found = _ZONE.fullmatch(text or "")
    if not found or text == "-0000":
        return None
    minutes = int(found[1] + "1") * (60 * int(found[2]) + int(found[3] or 0))
    possible = -12 * 60 <= minutes <= 14 * 60 and minutes % 15 == 0
    return timezone(timedelta(minutes=minutes)) if possible else None
