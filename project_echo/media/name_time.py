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

_DATE = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<dash>[-._ ]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d| \d(?=T))", re.ASCII)

# What stands behind the date, tried in this order. Gap, hour, colon and minute are always there, the second perhaps.
_SEPARATOR = r"[-_Tt$ .,@]{1,3}"
_PARTS = r"(?P<hour>\d\d?) (?P<colon>[-:._ h]) (?P<minute>\d\d) (?:(?P=colon)|(?<=h\d\d)m) (?P<second>\d\d)"
_FRACTION = r"(?:[.,]\d+ | (?:\d{3}){1,3})?"
_FORMS = {
    # AudioMoth, Frontier Labs (T), Song Meters ($ if set by GPS), phones (milliseconds); also 20240501053000
    "digits": rf"(?P<gap>{_SEPARATOR}|(?<=\d{{8}}))"
    rf"(?P<hour>\d\d) (?P<colon>) (?P<minute>\d\d) (?P<second>\d\d) {_FRACTION}",
    # Avisoft and JASCO (05-30-00), Peersonic (05_30_00), ISO 8601 (05:30:00), people (05.30.00, 05h30m00)
    "parts": rf"(?P<gap>{_SEPARATOR}) {_PARTS} {_FRACTION}",
    # ISO 8601 to the minute. Without the T, 20240501_0012 may be a counter, and 2024-05-01_05-30 site and plot.
    "minutes": r"(?P<gap>[Tt]) (?P<hour>\d\d) (?P<colon>[-:._ h]?) (?P<minute>\d\d)",
    # BirdNET-Pi (birdnet-RTSP_1-05_30_00), macOS and WhatsApp (at 5.30.00 AM)
    "word": rf"(?P<gap>[-_. ](?:birdnet|at)(?:-[A-Za-z]+\d*_\d+)?[-_. ]) {_PARTS} {_FRACTION}",
    # BirdNET-Pi (birdnet-RTSP_1-05:30:00) and people (pond_7_05h30): words and numbers of up to three digits between. A
    # number behind them is a time only if it is written as one.
    "clock": r"(?P<gap>\D (?:\D|(?<!\d)\d{1,3}(?!\d)){0,40}?) (?<!\d)"
    r"(?P<hour>\d\d?) (?P<colon>[:h]) (?P<minute>\d\d)"
    rf"(?:(?:(?P=colon)|(?<=h\d\d)m) (?P<second>\d\d) {_FRACTION})?",
}
_HALF = rf"(?:{_SPACE}?(?P<half>[AaPp])[Mm](?![A-Za-z\d]))?"

# Behind an offset stands a separator, never a letter or a unit: -12dB, -10kHz, -05min, +12°C.
_END = rf"(?=[-_+.,;@~#&()\[\]{{}}]|{_SPACE}|$)"
_NO_DECIMALS = r"(?!\.\d+(?![A-Za-z\d]))"  # of a coordinate
_NO_FRACTION = r"(?![.,]\d(?!g[p2]))"  # +12.5dB; .3gp and .3g2 are formats
_SIGN = r"(?:\+|-(?!00))"  # no place is at -00:30, but -0030 is a number
_ZONE = "|".join(
    (
        r"Z(?![A-Za-z])",
        r"[-_ ]Z(?=\.|$)",
        rf"[-_ ]?\(?(?:UTC|GMT) [+-]\d\d?(?:[:.]?\d\d)? {_END} {_NO_FRACTION}",
        rf"[-_ ]?\(?(?:UTC|GMT) {_END} (?![+-]\d{{1,4}}(?!\d))",  # not of UTC+2h, which is not UTC
        rf"{_SIGN}\d{{4}} {_END} {_NO_DECIMALS}",
        # +02:00; a hyphen, or what the time has between its parts, stands for the colon. -06-00-00 is the end.
        rf"{_SIGN}\d\d(?:[-:]|(?P=colon))\d\d {_END} {_NO_DECIMALS} (?!-\d\d(?!\.?\d))",
        rf"[+-]\d\d {_END} {_NO_FRACTION} (?![+-]\d)",
    )
)
_TIMES = [re.compile(f"{form} (?!\\d) {_HALF} (?P<zone>{_ZONE})?", re.ASCII | re.VERBOSE) for form in _FORMS.values()]

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
        ``-05`` is an offset behind ``T053000`` only, elsewhere a number. None if there is no possible date and time.
    """
    name = name.translate(_COLONS)
    if match := _HEXADECIMAL.fullmatch(name):
        started = datetime.fromtimestamp(int(match[1], 16), timezone.utc)
        return started if started.year >= FIRST_AUDIOMOTH_YEAR else None
    if match := _SOUNDTRAP.match(name):
        return checked({**match.groupdict(), "year": f"20{match['year']}", "zone": None})
    position = 0
    while date := _DATE.search(name, position):
        time = next(filter(None, (form.match(name, date.end()) for form in _TIMES)), None)
        if time and (found := _checked(date, time)):
            return found
        position = date.start() + 1
    return None


def _checked(date: re.Match[str], time: re.Match[str]) -> datetime | None:
    """The time of a date and what stands behind it, or None if it is impossible."""
    parts: dict[str, str | None] = date.groupdict() | time.groupdict()
    hour, second, zone = time["hour"], parts.get("second"), time["zone"] or ""
    if time["half"] and 1 <= int(hour) <= 12:
        hour = f"{int(hour) % 12 + 12 * (time['half'] in 'Pp'):02}"
    if second is None and zone.startswith("-"):  # 0530-0600 may be start and end
        zone = ""
    # 053000-01 is the first of several exported parts. No recorder is known to write the hours of an offset like that:
    # those of Frontier Labs and EMU's own names have minutes. EMU reads -09 as an offset; a number is far more common.
    if re.fullmatch(r"-\d\d", zone) and time["gap"].upper() != "T":
        zone = ""
    zone = re.sub(r"^[-_ ]?\(?(?=[ZUG])", "", zone)
    parts |= {"day": date["day"].replace(" ", "0"), "hour": hour, "second": second or "00", "zone": zone}
    return checked(parts)
