"""Sites of recordings: the folders that tell recorders apart, without those of days and of memory cards.

When in doubt, a folder is a site. Two places taken for one have their activity in one row, and nobody can see it in the
results. One place taken for two can be seen in them, but if its recordings are collected as sources, a split of the
corpus may have the place on both sides, which makes a classifier look better than it is. Names alone can exclude
neither, so find_recordings logs the sites and the folders that are left out.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath

_YEAR = r"(?:19|20)\d\d"
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_MONTH_OF_1, _DAY_OF_1 = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"  # of one digit or two
_MONTH_NAMES = (  # English, French, German, Spanish
    "jan feb mar apr may jun jul aug sep sept oct nov dec "
    "january february march april june july august september october november december "
    "janv f[eé]v f[eé]vr avr juil d[eé]c "
    "janvier f[eé]vrier mars avril mai juin juillet ao[uû]t septembre octobre novembre d[eé]cembre "
    "okt dez januar j[aä]nner februar m[aä]rz maerz juni juli oktober dezember "
    "ene abr ago dic "
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
)
# A whole word: marsh, mayfield and decoy are places. macOS may store an accent as a character of its own.
_NAME = r"(?<![^\W\d_])(?:{})(?![^\W\d_])".format(
    "|".join(_MONTH_NAMES.replace("]", "][\u0300-\u036f]?").split()),
)
_GAP = r"[-_., ]{0,2}"
_TIME = r"[-_ T]?(?:[01]\d|2[0-3])[-_:.h]?[0-5]\d(?:[-_:.m]?[0-5]\d)?|[-_ ](?:am|pm|day|night|dawn|dusk)"


def _period(dates: Sequence[str]) -> str:
    """Expression for one of the dates, with or without a time, or two of them."""
    date = rf"(?:{'|'.join(dates)})(?:{_TIME})?"
    return rf"(?:{date}(?:[-_ ]+(?:to[-_ ]+)?{date})?)"


# Dates that nothing else looks like.
_CLEAR = [
    rf"{_YEAR}{_MONTH}{_DAY}",  # 20240501
    rf"{_YEAR}[-_. ]{_MONTH}[-_. ]{_DAY}",  # 2024-05-01
    rf"(?:{_DAY}[-_. ]{_MONTH}|{_MONTH}[-_. ]{_DAY})[-_. ]{_YEAR}",  # 01.05.2024, 05-31-2024
    rf"(?:{_DAY_OF_1})?{_NAME}{_GAP}{_YEAR}",  # 1May2024, May 2024
    rf"{_YEAR}{_GAP}{_NAME}(?:{_GAP}{_DAY})?",  # 2024May01, 2024-May
]
# Dates if they are the whole name: plot_2024_10 is a plot, and "mic 1 May 2024" is of mic 1. A year with a number of
# one digit is no month: 2024_1 may have a 2024_13 beside it.
_WHOLE = [
    rf"{_YEAR}[-_. ]{_MONTH}|{_MONTH}[-_. ]{_YEAR}",  # 2024-05, 05-2024
    rf"{_YEAR}[-_. ]{_MONTH_OF_1}[-_. ]{_DAY_OF_1}",  # 2024-5-1
    rf"(?:{_DAY_OF_1}[-_. ]{_MONTH_OF_1}|{_MONTH_OF_1}[-_. ]{_DAY_OF_1})[-_. ]{_YEAR}",  # 1.5.2024
    rf"{_DAY_OF_1}{_GAP}{_NAME}{_GAP}{_YEAR}|{_NAME}{_GAP}{_DAY_OF_1}[-_., ]{{1,2}}{_YEAR}",  # 1 May 2024, May 1, 2024
    rf"2\d(?:{_MONTH}{_DAY}|-{_MONTH}-{_DAY}|_{_MONTH}_{_DAY}|\.{_MONTH}\.{_DAY})",  # 240501, 24-05-01; since 2020
]
_MAY_HOLD_DATE = re.compile(rf"{_YEAR}|2\d[-_.]?[01]\d")
_WHEN = _period(_CLEAR + _WHOLE)
# "north_20240501": a recorder's card, copied on a day.
_DATED = rf"(?P<before>.*?[^-_. ])[-_ ]+{_period(_CLEAR)}|{_period(_CLEAR)}[-_ ]+(?P<after>[^-_. ].*)"
_YEAR_MONTH = re.compile(rf"{_YEAR}[-_. ]{_MONTH}")
_MONTH_BELOW_YEAR = re.compile(rf"{_MONTH}|(?:{_MONTH}{_GAP})?{_NAME}", re.IGNORECASE)
# Milliseconds since 1970 are of ELOC recorders.
_NUMBERED = re.compile(r"(?:day|night|week|month|year|session|visit)[-_ ]?\d+|1\d{12}", re.IGNORECASE)
# Folders that recorders, cameras and people make for files of any place. Song Meters write Data, the SM5 Data_AC
# ("SD Card File Structure" of their user guides); Data_NE may be a place.
_STORAGE = re.compile(
    r"data|data_ac|private|avchd|bdmv|media|raw|audio|sounds?|record(?:ings?)?|videos?|voice|wav|flac|mp3|stereo",
    re.IGNORECASE,
)
# Zoom recorders write STEREO/FOLDER01/ZOOM0001, cameras 100MEDIA: JEITA CP-3461, "Design rule for Camera File system",
# three digits and five characters of the maker's choice. 100NORTH is such a folder only below DCIM. SD1 may be the
# first card of a recorder or the card of the first recorder: a site.
_DEVICE = re.compile(
    r"FOLDER(?:0[1-9]|10)|ZOOM\d{4}|"
    r"[1-9]\d\d(?:MEDIA|GOPRO|CANON|NIKON|OLYMP|MSDCF|APPLE|RECNX|EK113|_PANA|_FUJI|_BTCF)"
)
_BELOW_DCIM = re.compile(r"[1-9]\d\d[0-9A-Z_]{5}")


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
    # Number of folders in the name of each place: of a place passed in two ways, the longer name.
    lengths: dict[tuple[str, ...], int] = {}
    for place, length in places.values():
        lengths[place] = max(length, lengths.get(place, 0))
    while True:
        sharing = defaultdict(list)
        for place, length in lengths.items():
            sharing[_name(place, length)].append(place)
        ambiguous = [place for group in sharing.values() if len(group) > 1 for place in group]
        longer = {place: lengths[place] + 1 for place in ambiguous if lengths[place] < len(place)}
        if not longer:  # whole paths differ
            return [_name(places[pair][0], lengths[places[pair][0]]) for pair in folders]
        lengths |= longer


def left_out(folders: Sequence[tuple[PurePath, PurePath]]) -> list[str]:
    """Names of folders that name_sites left out or shortened, each once, in the order of the recordings."""
    names: dict[str, None] = {}
    for root, inside in dict.fromkeys(folders):
        parts = [*root.parts, *inside.parts]
        telling = _telling(parts)
        # Of the folders above, those from the one that names the place.
        first = max((i for i in range(len(root.parts)) if telling[i]), default=0) or len(root.parts)
        pairs = zip(parts[first:], telling[first:], strict=True)
        names |= dict.fromkeys(part for part, told in pairs if told != part)
    return list(names)


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
    above = ""  # what the folder above is: 2024/05/01, DCIM/100NORTH
    for part in parts:
        if re.fullmatch(_YEAR, part):
            kind, name = "year", ""
        elif _YEAR_MONTH.fullmatch(part) or (above == "year" and _MONTH_BELOW_YEAR.fullmatch(part)):
            kind, name = "month", ""
        elif part.upper() == "DCIM":
            kind, name = "dcim", ""
        else:
            is_day = above == "month" and re.fullmatch(_DAY, part)
            is_camera = above == "dcim" and _BELOW_DCIM.fullmatch(part)
            kind, name = "", "" if is_day or is_camera else _without_date(part)
        above = kind
        telling.append(name)
    return telling


def _without_date(part: str) -> str:
    if any(pattern.fullmatch(part) for pattern in (_NUMBERED, _STORAGE, _DEVICE)):
        return ""
    if not _MAY_HOLD_DATE.search(part):  # the expressions below take a while to compile
        return part
    if re.fullmatch(_WHEN, part, re.IGNORECASE):
        return ""
    dated = re.fullmatch(_DATED, part, re.IGNORECASE)
    return (dated["before"] or dated["after"]) if dated else part


def _name(place: tuple[str, ...], length: int) -> str:
    first, *others = place[-length:]
    if length == len(place):  # the root of the file system, on Windows a drive or share
        first = first.rstrip("/\\")
    return "/".join([first, *others]) or "/"
