"""Dates, times and UTC offsets in text, checked.

References
----------
RFC 3339 and ISO 8601 (dates, times and offsets).
"""

import re
from datetime import datetime, timedelta, timezone

FIRST_YEAR, LAST_YEAR = 1971, 2099  # a clock that was never set shows 1970, or the 1904 of MP4

# RFC 3339, and its variants in recorders: a space instead of the T, +0200, -5:00, +05.
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[Tt ](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,]\d+)?"
    r"\s*(?P<zone>[Zz]|(?:UTC|GMT)?[+-](?:\d{4}|\d{1,2}(?::\d\d)?)(?![\d:])|UTC|GMT)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d{1,2})(?:\D?(\d\d))?", re.ASCII)


def parse_iso(text: str) -> datetime | None:
    """The date and time at the start of a text, as in ISO 8601; with a zone if it states one, None if it is none."""
    match = _ISO.match(text.strip(" \t\r\n\0"))
    return checked(match.groupdict()) if match else None


def checked(parts: dict[str, str | None]) -> datetime | None:
    """Make a time of its parts.

    Parameters
    ----------
    parts : dict
        Digits of year, month, day, hour, minute and second; `zone` as utc_offset takes it.

    Returns
    -------
    datetime or None
        To the second, without a zone if there is none; None if it is impossible, such as 30 February, or if the year is
        not between FIRST_YEAR and LAST_YEAR.
    """
    text = "{year}-{month}-{day}T{hour}:{minute}:{second}".format(**parts)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=utc_offset(parts["zone"])) if FIRST_YEAR <= time.year <= LAST_YEAR else None


def utc_offset(text: str | None) -> timezone | None:
    """The zone of an offset.

    Parameters
    ----------
    text : str or None
        ``Z``, ``UTC``, ``GMT``, or hours and perhaps minutes: ``+02``, ``-5:00``, ``+0930``, ``+02-00``, ``UTC+2``.

    Returns
    -------
    timezone or None
        From -12:00 to +14:00 in quarter hours; None for other text, such as the number ``-0001``.
    """
    text = (text or "").upper()
    if text in {"Z", "UTC", "GMT"}:
        return timezone.utc
    match = _OFFSET.fullmatch(text.removeprefix("UTC").removeprefix("GMT"))
    if not match or text in {"-0000", "-00"}:
        return None
    minutes = int(match[1] + "1") * (60 * int(match[2]) + int(match[3] or 0))
    possible = -12 * 60 <= minutes <= 14 * 60 and minutes % 15 == 0
    return timezone(timedelta(minutes=minutes)) if possible else None
