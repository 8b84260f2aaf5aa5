"""Where sites are: from a table that a person fills in, or else from what recorders write into their files.

References
----------
GUANO metadata specification 1.0 (guano-md.org): the field "Loc Position".
Wildlife Acoustics, wa_meta.h, version 1 (wamd chunks): the entry GPS_FIRST, and its two forms as the program wamd2guano
of guano-py reads them.
"""

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table, write_table
from project_echo.media.chunks import chunks

TABLE = "sites.csv"  # in the folder of results
COLUMNS = {"site": str, "latitude": str, "longitude": str}
MAX_FILES = 4096  # whose positions are kept in memory
_GUANO = re.compile(r"^[ \t\0]*Loc Position[ \t]*:[ \t]*(\S+)[ \t]+(\S+)[ \t\r\0]*$", re.MULTILINE)
_WAMD_GPS_FIRST = 0x0006


class Position(NamedTuple):
    """A place on Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


class Located(NamedTuple):
    """A site and where it is known from."""

    position: Position
    source: Literal["table", "recording"]


def locate_sites(
    recordings: Mapping[str, Iterable[str]], table: Mapping[str, Position], find_file: Callable[[str], Path | None]
) -> dict[str, Located]:
    """Locate sites.

    Parameters
    ----------
    recordings : mapping of str to iterable of str
        Names of the recordings of each site.
    table : mapping of str to Position
        What a person has stated: it wins, as recorders may be moved, and have no position before they see satellites.
    find_file : callable
        The file of a recording; None if it may not be read, or is gone.

    Returns
    -------
    dict of str to Located
        Of the sites that are known. Of each other site one file is read: that of the first recording that has one.
    """
    located = {}
    for site, names in recordings.items():
        if site in table:
            located[site] = Located(table[site], "table")
            continue
        path = next(filter(None, map(find_file, names)), None)
        if path and (position := position_of(path)):
            located[site] = Located(position, "recording")
    return located


def position_of(path: Path) -> Position | None:
    """The position that a WAV file states, from memory if it was read before; None if it states none."""
    try:
        return _read_position(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=MAX_FILES)
def _read_position(path: Path, changed_ns: int) -> Position | None:
    found = chunks(path, (b"guan", b"wamd"))
    for parse in (_guano_position, _wamd_position):
        for name, content in found:
            if position := parse(name, content):
                return position
    return None


def _guano_position(name: bytes, content: bytes) -> Position | None:
    match = name == b"guan" and _GUANO.search(content.decode(errors="replace"))
    return _checked(match[1], match[2]) if match else None


def _wamd_position(name: bytes, content: bytes) -> Position | None:
    """The first position of a Song Meter ("WGS84, 47.5, N, 8.5, W") or of an EMTouch ("WGS84, 47.5, -8.5")."""
    offset = 0
    while name == b"wamd" and offset + 6 <= len(content):
        identifier, size = struct.unpack_from("<HI", content, offset)
        if identifier == _WAMD_GPS_FIRST:
            text = content[offset + 6 : offset + 6 + size].decode("latin-1").strip("\0")
            _, *parts = (part.strip() for part in text.split(","))
            if len(parts) > 3 and parts[1] in ("N", "S") and parts[3] in ("E", "W"):
                signs = {"N": "", "E": "", "S": "-", "W": "-"}
                return _checked(signs[parts[1]] + parts[0], signs[parts[3]] + parts[2])
            return _checked(*parts[:2]) if len(parts) > 1 else None
        offset += 6 + size
    return None


def _checked(latitude: str, longitude: str) -> Position | None:
    """A position as a recorder states it; without satellites some state 0, 0."""
    try:
        position = Position(_degrees(latitude, 90), _degrees(longitude, 180))
    except ValueError:
        return None
    return None if position == (0, 0) else position


def parse_positions(rows: Iterable[tuple[str, str, str]]) -> dict[str, Position]:
    """Positions of sites as a person states them.

    Parameters
    ----------
    rows : iterable of (str, str, str)
        Site, latitude and longitude, each in degrees, with a point or a comma before the decimals. Sites without both
        are left out.

    Returns
    -------
    dict of str to Position

    Raises
    ------
    EchoError
        If a number is missing, is none, or is not on Earth. It names the site.
    """
    positions = {}
    for site, *texts in rows:
        latitude, longitude = (text.strip() for text in texts)
        if latitude or longitude:
            numbers = [
                _stated(site, what, text, limit)
                for what, text, limit in (("latitude", latitude, 90), ("longitude", longitude, 180))
            ]
            positions[site] = Position(*numbers)
    return positions


def _stated(site: str, what: str, text: str, limit: int) -> float:
    if not text:
        raise EchoError(f"Site {site} has no {what}. Give both latitude and longitude, or neither.")
    try:
        return _degrees(text, limit)
    except ValueError:
        raise EchoError(
            f'The {what} of site {site} is "{text}". Give degrees from -{limit} to {limit}, such as '
            f"{'47.3769' if limit == 90 else '-8.5417'}; south and west are negative."
        ) from None


def _degrees(text: str, limit: int) -> float:
    degrees = float(text.replace(",", "."))
    if not math.isfinite(degrees) or abs(degrees) > limit:
        raise ValueError(text)
    return degrees


def read_positions(folder: Path) -> dict[str, Position]:
    """Read the table of sites in a folder of results; empty if there is none. Raises EchoError if it is not valid."""
    path = folder / TABLE
    if not path.is_file():
        return {}
    remedy = "Correct the table, or remove it."
    table = read_table(path, COLUMNS, remedy)
    try:
        return parse_positions(table.itertuples(index=False, name=None))
    except EchoError as error:
        raise EchoError(f"{path}: {error} {remedy}") from None


def write_positions(positions: Mapping[str, Position], folder: Path) -> None:
    """Write the table of sites into a folder of results."""
    rows = [(site, f"{place.latitude:.10g}", f"{place.longitude:.10g}") for site, place in sorted(positions.items())]
    write_table(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object), folder / TABLE)
