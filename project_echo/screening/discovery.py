"""Find the recordings in files and folders that a user names."""

import logging
import os
import re
import stat
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from project_echo.core.errors import EchoError, file_reason, kind_reason
from project_echo.core.names import printable
from project_echo.core.text import count
from project_echo.media.file_types import file_type, is_system_name
from project_echo.screening.output import is_result
from project_echo.screening.sites import left_out, name_sites

MAX_NAMES = 10  # of sites in a line of the log
logger = logging.getLogger(__name__)
_ESCAPE = re.compile(r"\\(\\|r|x[0-9a-f]{2})")


@dataclass(frozen=True)
class Recording:
    """A file to screen: its path, its name in the results, and the site where it was recorded."""

    path: Path
    name: str
    site: str


def find_recordings(paths: Sequence[Path]) -> tuple[list[Recording], list[tuple[str, str]]]:
    r"""Find the recordings in files and folders.

    Folders are searched for audio and video files (`file_types.file_type`); what may hold sound but cannot be used has
    a reason. Hidden files and folders, those of the system and results of screenings and reviews are passed over. A
    file that is passed itself is taken whatever its name. Links are followed. Each file is taken once, under its first
    name in the order of `paths`, where a name without links precedes one through links.

    Names are the paths as given and what lies below, with "/" between folders. Bytes that are not UTF-8 become escapes
    such as \xff, a carriage return becomes \r, and a backslash is doubled, so that no two files share a name;
    recording_path reverses it. Sites are named by their folders: see sites.name_sites. They
    are logged at INFO with the folders that are no sites, as names may mislead.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders. The folder of the results may be one of them, or lie in one.

    Returns
    -------
    recordings : list of Recording
        Sorted by name.
    skipped : list of (str, str)
        Name and reason of what cannot be used, sorted.

    Raises
    ------
    EchoError
        If there are no recordings.
    """
    found: list[tuple[Path, Path]] = []  # recordings, each with the path that led to it
    skipped: dict[str, str] = {}
    seen: set[object] = set()
    refused: dict[object, str] = {}  # names of files that are no recordings, unless they are passed themselves
    queue = deque((path, path) for path in paths)
    while queue:
        path, root = queue.popleft()
        try:
            status = path.stat()
            identity = _identity(path, status)
            if identity in seen:
                continue
            if stat.S_ISREG(status.st_mode):
                kind = file_type(path) if path != root else None
                if kind is None or kind.is_media:
                    found.append((path, root))
                    skipped.pop(refused.get(identity, ""), None)
                else:
                    if kind.reason and identity not in refused:
                        refused[identity] = _text(path)
                        skipped[_text(path)] = kind.reason
                    continue  # not seen: another name of it may say that it is sound
            elif stat.S_ISDIR(status.st_mode):
                children = [
                    child for child in sorted(path.iterdir()) if not is_system_name(child.name) and not is_result(child)
                ]
                queue.extendleft((child, root) for child in reversed(children) if not child.is_symlink())
                queue.extend((child, root) for child in children if child.is_symlink())
            else:
                skipped[_text(path)] = kind_reason(status.st_mode)
            seen.add(identity)
        except OSError as error:
            skipped[_text(path)] = _reason(path, error)
    if not found:
        reasons = "".join(f" {name}: {reason}." for name, reason in list(skipped.items())[:5])
        if not paths:
            raise EchoError("No recordings given. Pass audio or video files, or folders containing them.")
        names = ", ".join(_text(path) for path in paths)
        raise EchoError(
            f"No recordings found in {names}.{reasons} Pass audio or video files, or folders containing them."
        )
    folders = [_folders(path, root) for path, root in found]
    sites = [_text(Path(site)) for site in name_sites(folders)]
    recordings = [Recording(path, _text(path), site) for (path, _), site in zip(found, sites, strict=True)]
    others = {_text(Path(name)) for name in left_out(folders)}
    logger.info(
        "%s: %s%s", count(len(set(sites)), "site"), _some(set(sites)), f"; not sites: {_some(others)}" if others else ""
    )
    return sorted(recordings, key=lambda recording: recording.name), sorted(skipped.items())


def _some(names: Collection[str]) -> str:
    first, n_more = sorted(names)[:MAX_NAMES], len(names) - MAX_NAMES
    return ", ".join(first) + (f" and {n_more} more" if n_more > 0 else "")


def _identity(path: Path, status: os.stat_result) -> object:
    """The same for all names of a file or folder. Some network drives, and exFAT on Windows, have no file numbers."""
    if status.st_ino:
        return status.st_dev, status.st_ino
    return os.path.normcase(os.path.realpath(path))


def _folders(path: Path, root: Path) -> tuple[Path, Path]:
    """The folder that was passed, absolute, or that of the file that was, and the recording's folder relative to it."""
    folder = root if path != root else root.parent
    return folder.resolve() if ".." in folder.parts else folder.absolute(), path.parent.relative_to(folder)


def _reason(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return "a link to what does not exist: connect its disk, or remove the link"
    return file_reason(error)


def recording_path(name: str) -> Path:
    """Path of a recording from its name in the results; a relative path is relative to where `predict` was run."""
    return Path(_ESCAPE.sub(lambda match: _unescaped(match[1]), name))


def _text(path: Path) -> str:
    # A carriage return would split the row in CSV readers that do not expect it within quotes.
    return printable(path.as_posix().replace("\\", r"\\").replace("\r", r"\r"))


def _unescaped(escape: str) -> str:
    """What `_text` wrote an escape for: a backslash, a carriage return, or a byte that is not UTF-8."""
    return {"\\": "\\", "r": "\r"}.get(escape) or os.fsdecode(bytes.fromhex(escape[1:]))
