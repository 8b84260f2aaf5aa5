"""Times in the names of recordings, as recorders and people write them.

References
----------
AudioMoth firmware, main.c (github.com/OpenAcousticDevices/AudioMoth-Firmware-Basic).
Wildlife Acoustics, SM3BAT User Guide, section 8.1.
QUT Ecoacoustics, EMU, FileNameParsingFixtures.csv (github.com/QutEcoacoustics/emu): names of many recorders.
Ecoacoustics known problems FL008 (github.com/ecoacoustics/known-problems): days with a space for their zero.
BirdNET-Pi, birdnet_recording.sh (github.com/Nachtzuster/BirdNET-Pi).
Ocean Instruments, SoundTrap User Guide: serial number and YYMMDDhhmmss.
"""

import re
from datetime import datetime, timezone

from project_echo.media.timestamps import checked

FIRST_AUDIOMOTH_YEAR = 2016  # the first was built in 2017; an earlier hexadecimal name is not a time

# What stands for a colon in a name: typed or copied look-alikes, and what Windows and macOS make of it on other disks.
_COLONS = str.maketrans(dict.fromkeys("\u2236\ua789\uff1a\uf022\uf03a", ":"))
_SPACE = r"[ \u00a0\u202f]"

_DATE = r"(?<!\d)(?P<year>\d{4})(?P<dash>[-._ ]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d| \d(?=T))"
_GAP = "|".join(
    (
        r"[-_Tt$ .,@]{1,3}",  # Song Meters set by GPS write $
        r"(?<=\d{8})",  # 20240501053000
        # Words, and numbers of up to three digits. A number behind them is a time only if it is written as one.
        r"[-_. ](?:birdnet|at)(?:-[A-Za-z]+\d*_\d+)?[-_. ](?=\d\d?[-._])",
        r"\D(?:\D|(?<!\d)\d{1,3}(?!\d)){0,40}?(?=(?<!\d)\d\d?[:h])",
    )
)
_TIME = (
    r"(?P<hour>\d\d?)(?P<colon>[-:._ h]?)(?P<minute>\d\d)(?:(?:(?P=colon)|(?<=h\d\d)m)(?P<second>\d\d))?"
    r"(?:[.,]\d+|(?:\d{3}){1,3})?(?!\d)"
    rf"(?:{_SPACE}?(?P<half>[AaPp])[Mm](?![A-Za-z\d]))?"
)
_DECIMALS = r"\.\d+(?![A-Za-z\d])"  # of a coordinate; .3gp is a format
_ZONE = "|".join(
    (
        r"Z(?![A-Za-z])",
        r"[-_ ]Z(?=\.|$)",
        r"[-_ ]?\(?(?:UTC|GMT)(?:[+-]\d\d?(?:[:.]?\d\d)?(?!\d))?(?![A-Za-z])",
        rf"[+-]\d\d(?:(?:[-:]|(?P=colon))?\d\d(?!\d|{_DECIMALS})|(?!\d|{_DECIMALS}|[+-]\d))",
    )
)
_STAMP = re.compile(rf"{_DATE}(?P<gap>{_GAP}){_TIME}(?P<zone>{_ZONE})?", re.ASCII)
_SOUNDTRAP = re.compile(
    r"\d{4,10}\.(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)\.", re.ASCII
)
# Eight decimal digits may also be a date or a number, so one digit has to be a letter. Until 2038.
_HEXADECIMAL = re.compile(r"(?=.*[A-F])([5-7][0-9A-F]{7})\.(?:[Ww][Aa][Vv]|[Ff][Ll][Aa][Cc])")


def from_name(name: str) -> datetime | None:
    """Find the start time of a recording in its file name.

    A date of four digits of the year, two of the month and two of the day, and a time of day behind it. If a name has
    several, the first counts, which is the start where recorders write start and end. A date alone is not a time, and
    two digits of a year are read in SoundTrap's names only, as nobody can tell 010524 from a number or from a day.

    Parameters
    ----------
    name : str
        Name of a file, without its folders.

    Returns
    -------
    datetime or None
        To the second; with a zone if the name states one: ``Z``, ``+0200``, ``+02:00``, ``+02-00``, ``+02``, ``UTC+2``.
        None if there is no possible date and time.
    """
    name = name.translate(_COLONS)
    if match := _HEXADECIMAL.fullmatch(name):
        started = datetime.fromtimestamp(int(match[1], 16), timezone.utc)
        return started if started.year >= FIRST_AUDIOMOTH_YEAR else None
    if match := _SOUNDTRAP.match(name):
        return checked({**match.groupdict(), "year": f"20{match['year']}", "zone": None})
    position = 0
    while match := _STAMP.search(name, position):
        if time := _stamped(match):
            return time
        position = match.start() + 1
    return None


def _stamped(match: re.Match[str]) -> datetime | None:
    """The time of a match of _STAMP, or None if its digits mean something else."""
    parts: dict[str, str | None] = match.groupdict()
    hour, zone, gap, colon = match["hour"], match["zone"] or "", match["gap"], match["colon"]
    if match["second"] is None:
        if colon not in {":", "h"} and gap.upper() != "T":  # 20240501_0012 may be a counter
            return None
        zone = "" if zone.startswith("-") else zone  # 0530-0600 may be start and end
    if match["half"] and 1 <= int(hour) <= 12:
        hour = f"{int(hour) % 12 + 12 * (match['half'] in 'Pp'):02}"
    # Where hyphens join everything, two more digits are a number; elsewhere they are hours.
    if re.fullmatch(r"-\d\d", zone) and "-" in gap:
        zone = ""
    zone = re.sub(r"^[-_ ]?\(?(?=[ZUG])", "", zone)
    parts |= {"day": match["day"].replace(" ", "0"), "hour": hour, "second": match["second"] or "00", "zone": zone}
    return checked(parts)
