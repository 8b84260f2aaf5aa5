"""The recordings that lie under the files and folders that a user names."""

import errno
import os
import re
import stat
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from project_echo.core.errors import EchoError

# Suffixes of sound and video. WAC is Wildlife Acoustics' own compression (openecoacoustics.org, "Audio formats"), and
# not among media.FORMATS: it is found nevertheless, so that the list of skipped recordings names it.
SUFFIXES = (
    "3gp aac ac3 aif aifc aiff amr ape asf au avi caf flac flv m2ts m4a m4v mka mkv mov mp2 mp3 mp4 mpeg mpg mts mxf "
    "oga ogg ogv opus ra rm snd tta ts w64 wac wav wave webm wma wmv wv"
)
_SUFFIXES = {f".{suffix}" for suffix in SUFFIXES.split(" ")}
# Bins and side files of macOS (.Trash, ._a.wav), Linux (.Trash-1000) and Windows ($RECYCLE.BIN).
_HIDDEN = (".", "$RECYCLE.BIN")
_ESCAPE = re.compile(r"\\(\\|r|x[0-9a-f]{2})")
_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
_REASONS = {
    errno.ENOENT: "not there",
    errno.ELOOP: "a link that leads back to itself",
    errno.EACCES: "may not be opened (no permission)",
    errno.EPERM: "may not be opened (no permission)",
}


@dataclass(frozen=True)
class Recording:
    """A file to screen: where it is, its name in tables, and the site it was made at."""

    path: Path
    name: str
    site: str


def recordings(given: Sequence[Path], without: Path | None = None) -> tuple[list[Recording], list[tuple[str, str]]]:
    r"""What lies under the given files and folders, and what is not to be opened, as (name, reason); sorted by name.

    In folders, files with a suffix of sound or video are taken, and hidden ones passed over; a file that is given is
    taken whatever its name. Links are followed. Each file is taken once, under the first name that it has in the order
    of what is given, where a name without links goes before one through links. Names are the paths as given and what
    lies below, with "/" between folders; bytes that are not UTF-8 become escapes such as \xff, and a backslash is
    doubled, so that two files never share a name. The site of a recording is its folder below the folder that was
    given ("north/day 1"), or the name of that folder if it lies in it directly or was itself given. The folder
    `without` is passed over: results, which may hold sounds, may lie among the recordings.

    Raises EchoError if there is no recording at all.
    """
    found: list[Recording] = []
    refused: dict[str, str] = {}
    seen = {(state.st_dev, state.st_ino) for state in [without.stat()]} if without and without.exists() else set()
    waiting = deque((path, path) for path in given)
    while waiting:
        path, root = waiting.popleft()
        try:
            status = path.stat()
            mode, same = status.st_mode, (status.st_dev, status.st_ino)
            if same in seen or (stat.S_ISREG(mode) and path != root and path.suffix.lower() not in _SUFFIXES):
                continue
            seen.add(same)
            if stat.S_ISREG(mode):
                found.append(Recording(path, _text(path), _site(path, root)))
            elif stat.S_ISDIR(mode):
                inside = [below for below in sorted(path.iterdir()) if not below.name.startswith(_HIDDEN)]
                waiting.extendleft((below, root) for below in reversed(inside) if not below.is_symlink())
                waiting.extend((below, root) for below in inside if below.is_symlink())
            else:
                refused[_text(path)] = "not a file, but " + _KINDS.get(stat.S_IFMT(mode), "something else")
        except OSError as error:
            refused[_text(path)] = _REASONS.get(error.errno or 0, error.strerror or "cannot be opened")
    if not found:
        reasons = "".join(f" {name}: {reason}." for name, reason in list(refused.items())[:5])
        named = ", ".join(_text(path) for path in given) or "nothing"
        raise EchoError(
            f"No recordings under {named}.{reasons} Name files of sound or video, or folders that hold such."
        )
    return sorted(found, key=lambda recording: recording.name), sorted(refused.items())


def _text(path: Path) -> str:
    # A carriage return would split the row in readers of CSV that do not know it quoted.
    name = path.as_posix().replace("\\", r"\\").replace("\r", r"\r")
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def path_of(name: str) -> Path:
    """Where a recording is, of its name in the results; a relative one as seen from the folder that it was given in."""
    return Path(_ESCAPE.sub(lambda found: _plain(found[1]), name))


def _plain(escape: str) -> str:
    """What `_text` wrote an escape for: a backslash, a carriage return, or a byte that is not UTF-8."""
    return {"\\": "\\", "r": "\r"}.get(escape) or os.fsdecode(bytes.fromhex(escape[1:]))


def _site(path: Path, root: Path) -> str:
    folder = path.parent
    if folder not in (root, root.parent):
        return _text(folder.relative_to(root))
    own = folder.name if folder.name not in {"", ".."} else folder.resolve().name
    return _text(Path(own)) if own else folder.anchor
