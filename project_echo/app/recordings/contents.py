"""What a folder contains: recordings by label, or by site."""

import os
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from project_echo.core.errors import EchoError
from project_echo.core.labels import NO_ANIMAL, NONE, PARTIAL, UNSEEN, label_key
from project_echo.core.names import printable
from project_echo.corpora import folder as corpus
from project_echo.corpora.collected import Found
from project_echo.corpora.joined import LEDGER
from project_echo.corpora.partial import TABLE
from project_echo.media.file_types import SUFFIXES, is_system_name
from project_echo.media.name_time import from_name
from project_echo.screening import discovery

Kind = Literal["labels", "field"]  # recordings in the folders of labels, or as recorders wrote them

KEPT = 4  # folders in memory
# Files may be filled, or become readable, under the same name: what took a moment to find is soon found again, what
# took seconds stays for minutes.
KEPT_S, KEPT_TIMES = 3.0, 100.0
QUICK_S, NAMES_TIMES = 0.1, 10.0  # names that took longer to look at are looked at again after 10 times as long
NAMES = 100  # that tell whether names are times


@dataclass(frozen=True)
class Item:
    """A recording in a folder.

    Attributes
    ----------
    path : Path
    name : str
        Relative to the folder, as people read it.
    group : str
        Its label (of other sounds ``none/<kind>``), or its site.
    source : str
        What a split never divides; empty for recordings without labels.
    """

    path: Path
    name: str
    group: str
    source: str = ""


@dataclass(frozen=True)
class Group:
    """A label or a site."""

    name: str
    recordings: int
    sources: int
    is_learned: bool  # a label, or a kind of other sounds; not unseen or partially labelled recordings


@dataclass(frozen=True)
class Contents:
    """What a folder contains.

    Attributes
    ----------
    kind : Kind
    items : tuple of Item
        Sorted by name.
    groups : tuple of Group
        Animals first, then other sounds; or sites by name.
    skipped : tuple of (str, str)
        Names of files that are not recordings although they may look so, and the reasons.
    problem : str
        Why nothing was found; empty if something was.
    """

    kind: Kind
    items: tuple[Item, ...] = ()
    groups: tuple[Group, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Glance:
    """What a folder seems to contain, by its names alone."""

    kind: Kind
    recordings: int
    is_complete: bool  # whether all names were seen
    labels: int  # folders that hold recordings


def glance(folder: Path, budget_s: float = 0.3) -> Glance:
    """Look at the names in a folder, for as long as there is time.

    Parameters
    ----------
    folder : Path
    budget_s : float
        Time after which the rest is not looked at, s.

    Returns
    -------
    Glance
    """
    end = time.monotonic() + budget_s
    recordings, times, is_complete = 0, 0, True
    tops: set[str] = set()
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not is_system_name(name)]
        found = [name for name in names if is_sound_name(name)]
        if found:
            times += sum(from_name(name) is not None for name in found[: max(0, NAMES - recordings)])
            tops.update(Path(place).relative_to(folder).parts[:1] or [""])
        recordings += len(found)
        if time.monotonic() > end:
            is_complete = False
            break
    kind = _guess(folder, tops, are_times=2 * times > min(recordings, NAMES))
    labels = {name for name in tops if label_key(name) not in {UNSEEN, *NO_ANIMAL}}
    return Glance(kind, recordings, is_complete, len(labels))


def is_sound_name(name: str) -> bool:
    """Whether a name is that of audio or video, by its suffix."""
    return os.path.splitext(name)[1][1:].lower() in SUFFIXES and not is_system_name(name)  # noqa: PTH122  (20,000)


def _guess(folder: Path, tops: set[str], *, are_times: bool) -> Kind:
    """What recordings are; `tops` are the folders that hold some, "" for `folder` itself."""
    if any((folder / name).is_file() for name in (TABLE, LEDGER)):
        return "labels"
    if any(label_key(name) in {UNSEEN, *NO_ANIMAL} for name in tops):
        return "labels"
    return "labels" if len(tops) > 1 and "" not in tops and not are_times else "field"


def read_contents(folder: Path, kind: Kind) -> Contents:
    """Find the recordings in a folder, as training or screening does.

    Parameters
    ----------
    folder : Path
    kind : Kind
        By what they are grouped.

    Returns
    -------
    Contents
        From memory, as long as the names in the folder are the same.
    """
    with _READING.setdefault((folder, kind), threading.Lock()):  # who reloads a page waits for what is being read
        return _read_contents(folder, kind)


def _read_contents(folder: Path, kind: Kind) -> Contents:
    begin = time.monotonic()
    kept = _KEPT.get((folder, kind))
    if kept and begin < kept.same_until:
        return kept.contents
    names, looked = _names(folder), time.monotonic()
    same_s = NAMES_TIMES * (looked - begin) if looked - begin > QUICK_S else 0.0
    if kept and kept.names == names and begin < kept.until:
        _KEPT[folder, kind] = kept._replace(same_until=looked + same_s)
        return kept.contents
    try:
        contents = _labelled(folder) if kind == "labels" else _by_site(folder)
    except EchoError as error:
        contents = Contents(kind, problem=" ".join(str(error).split()))
    end = time.monotonic()
    _KEPT[folder, kind] = _Kept(names, contents, end + max(KEPT_S, KEPT_TIMES * (end - looked)), end + same_s)
    for key in list(_KEPT)[:-KEPT]:
        _KEPT.pop(key, None)
    return contents


class _Kept(NamedTuple):
    names: int
    contents: Contents
    until: float
    same_until: float  # names are not looked at again before


_KEPT: dict[tuple[Path, Kind], _Kept] = {}
_READING: dict[tuple[Path, Kind], threading.Lock] = {}


def _names(folder: Path) -> int:
    """A number that changes with the names in a folder."""
    return hash(tuple((place, tuple(sorted(names))) for place, _, names in os.walk(folder)))


def _labelled(folder: Path) -> Contents:
    found, skipped = corpus.find_recordings(folder)
    items = tuple(Item(item.paths[0], printable(item.original), _group(item), printable(item.source)) for item in found)
    learned = {_group(item): not item.unseen and item.label != PARTIAL for item in found}
    sources: dict[str, set[str]] = defaultdict(set)
    for item in items:
        sources[item.group].add(item.source)
    numbers = Counter(item.group for item in items)
    ordered = sorted(numbers, key=lambda name: (not learned[name], label_key(name.split("/")[0]) == NONE, name))
    groups = tuple(Group(name, numbers[name], len(sources[name]), learned[name]) for name in ordered)
    return Contents("labels", items, groups, tuple((printable(name), reason) for name, reason in skipped))


def _group(item: Found) -> str:
    if item.unseen:
        return UNSEEN
    return printable(f"{NONE}/{item.kind}" if item.label == NONE and item.kind != NONE else item.label)


def _by_site(folder: Path) -> Contents:
    found, skipped = discovery.find_recordings([folder])
    items = tuple(Item(item.path, printable(item.path.relative_to(folder)), item.site) for item in found)
    numbers = Counter(item.group for item in items)
    groups = tuple(Group(name, numbers[name], 0, is_learned=False) for name in sorted(numbers, key=str.casefold))
    prefix = f"{printable(folder.as_posix())}/"
    return Contents("field", items, groups, tuple((name.removeprefix(prefix), reason) for name, reason in skipped))
