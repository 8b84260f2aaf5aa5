"""Sites of recordings: the folders that tell recorders apart, without those of days and of memory cards."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath

_YEAR = r"(?:19|20)\d\d"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = "|".join(
    [
        rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",  # 20240501
        rf"{_YEAR}[-_. ]{_MONTH}(?:[-_. ]{_DAY})?",  # 2024-05-01, 2024-05
        rf"{_DAY}[-_. ]{_DAY}[-_. ]{_YEAR}",  # 01.05.2024, 05-31-2024
        rf"(?:{_DAY}[-_. ]?)?{_MONTH_NAME}[-_. ]?{_YEAR}",  # 1 May 2024
        rf"{_YEAR}[-_. ]?{_MONTH_NAME}(?:[-_. ]?{_DAY})?",  # 2024-May-01
    ]
)
_TIME = r"[-_ T]?\d\d[-_:.h]?\d\d(?:[-_:.m]?\d\d)?|[-_ ](?:am|pm|day|night|dawn|dusk)"
_WHEN_TEXT = rf"(?:{_DATE})(?:{_TIME})?(?:[-_ ]+(?:to[-_ ]+)?(?:{_DATE})(?:{_TIME})?)?"
_WHEN = re.compile(_WHEN_TEXT, re.IGNORECASE)
# "north_20240501": a recorder's card, copied on a day.
_DATED = re.compile(
    rf"(?P<before>.*?[^-_. ])[-_ ]+(?:{_WHEN_TEXT})|(?:{_WHEN_TEXT})[-_ ]+(?P<after>[^-_. ].*)", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:day|night|week|month|year|session|visit|folder)[-_ ]?\d+|1\d{12}", re.IGNORECASE)
# Folders that recorders, cameras and people make for files of any place: Song Meters write Data or Data_AC, cameras
# DCIM and 100MEDIA (JEITA CP-3461, "Design rule for Camera File system": three digits, five capitals, digits or _).
_STORAGE = re.compile(
    r"data(_[a-z]{2})?|dcim|private|avchd|bdmv|media|raw|audio|sounds?|recordings?|videos?|voice|wav|flac|mp3",
    re.IGNORECASE,
)
_CAMERA = re.compile(r"[1-9]\d\d(?=\d*[A-Z_])[0-9A-Z_]{5}")


def name_sites(folders: Sequence[tuple[PurePath, PurePath]]) -> list[str]:
    """Name the sites of recordings: one name for one place, whatever the arguments are.

    A site is the path from the folder that was passed to the recording, without folders that say when or on what it
    was recorded: days, months and years (``20240501``, ``2024-05-01``, ``2024/05/01``, ``night 2``) and storage
    (``Data``, ``DCIM``, ``100MEDIA``, ``WAV``). A date at either end of a name is left out as well
    (``north_20240501``). If nothing is left, the site has the name of the folder that was passed, or if that is such a
    folder itself, of the folder that contains it. Names that different places would share begin with the folders above
    that tell them apart.

    Parameters
    ----------
    folders : sequence of (PurePath, PurePath)
        For each recording the folder that was passed, absolute, and the folder of the recording relative to it.

    Returns
    -------
    list of str
        The site of each recording, with "/" between folders.
    """
    places = {pair: _place(*pair) for pair in set(folders)}
    lengths = dict(places.values())  # number of folders in the name of each place
    while True:
        sharing = defaultdict(list)
        for place, length in lengths.items():
            sharing[_name(place, length)].append(place)
        ambiguous = [place for group in sharing.values() if len(group) > 1 for place in group]
        longer = {place: lengths[place] + 1 for place in ambiguous if lengths[place] < len(place)}
        if not longer:  # whole paths differ
            return [_name(places[pair][0], lengths[places[pair][0]]) for pair in folders]
        lengths |= longer


def _place(root: PurePath, inside: PurePath) -> tuple[tuple[str, ...], int]:
    """The folders that identify a place, and how many of them name it."""
    parts = _telling([*root.parts, *inside.parts])
    above, below = parts[: len(root.parts)], [part for part in parts[len(root.parts) :] if part]
    while above and not above[-1]:
        above.pop()
    if len(above) <= 1:  # only the root of the file system is left
        above = list(root.parts)
    # Folders above keep their own names: they lead to the place, and are not part of it.
    place = (*root.parts[: len(above) - 1], above[-1] or root.parts[len(above) - 1], *below)
    return place, len(below) or 1


def _telling(parts: Sequence[str]) -> list[str]:
    """What each folder's name says about the place; empty for folders of days or storage."""
    telling = []
    before = ""  # what the number in the folder above is: 2024/05/01
    for part in parts:
        if re.fullmatch(_YEAR, part):
            before, name = "year", ""
        elif before == "year" and re.fullmatch(rf"{_MONTH}|{_MONTH_NAME}", part, re.IGNORECASE):
            before, name = "month", ""
        else:
            is_day = before == "month" and re.fullmatch(_DAY, part)
            before, name = "", "" if is_day else _without_date(part)
        telling.append(name)
    return telling


def _without_date(part: str) -> str:
    if any(pattern.fullmatch(part) for pattern in (_WHEN, _NUMBERED, _STORAGE, _CAMERA)):
        return ""
    dated = _DATED.fullmatch(part)
    return (dated["before"] or dated["after"]) if dated else part


def _name(place: tuple[str, ...], length: int) -> str:
    first, *others = place[-length:]
    if length == len(place):  # the root of the file system, on Windows a drive or share
        first = first.rstrip("/\\")
    return "/".join([first, *others]) or "/"
