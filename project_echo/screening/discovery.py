"""Find the recordings in files and folders that a user names."""

import errno
import os
import re
import stat
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from project_echo.core.errors import EchoError

# Suffixes of audio and video files. WAC, Wildlife Acoustics' own compression (openecoacoustics.org, "Audio formats"),
# cannot be decoded; it is searched for so that skipped.csv lists it.
SUFFIXES = (
    "3gp aac ac3 aif aifc aiff amr ape asf au avi caf flac flv m2ts m4a m4v mka mkv mov mp2 mp3 mp4 mpeg mpg mts mxf "
    "oga ogg ogv opus ra rm snd tta ts w64 wac wav wave webm wma wmv wv"
)
_SUFFIXES = {f".{suffix}" for suffix in SUFFIXES.split(" ")}
# Trash folders and sidecar files of macOS (.Trash, ._a.wav), Linux (.Trash-1000) and Windows ($RECYCLE.BIN).
_HIDDEN = (".", "$RECYCLE.BIN")
_ESCAPE = re.compile(r"\\(\\|r|x[0-9a-f]{2})")
_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
_REASONS = {
    errno.ENOENT: "does not exist",
    errno.ELOOP: "symbolic link loop",
    errno.EACCES: "no permission to open it",
    errno.EPERM: "no permission to open it",
}


@dataclass(frozen=True)
class Recording:
    """A file to screen: its path, its name in the results, and the site where it was recorded."""

    path: Path
    name: str
    site: str


def find_recordings(
    paths: Sequence[Path], exclude: Path | None = None
) -> tuple[list[Recording], list[tuple[str, str]]]:
    r"""Find the recordings in files and folders.

    Folders are searched for audio and video files by suffix, hidden ones excepted; a file that is named itself is
    taken whatever its name. Links are followed. Each file is taken once, under its first name in the order of `paths`,
    where a name without links precedes one through links.

    Names are the paths as given and what lies below, with "/" between folders. Bytes that are not UTF-8 become escapes
    such as \xff, a carriage return becomes \r, and a backslash is doubled, so that no two files share a name;
    recording_path reverses it. The site of a recording is its folder below the folder that was named
    ("north/day 1"), or the name of that folder if the recording lies directly in it or was named itself.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    exclude : Path, optional
        A folder to leave out: the results, which may lie among the recordings and contain clips.

    Returns
    -------
    recordings : list of Recording
        Sorted by name.
    skipped : list of (str, str)
        Name and reason of what cannot be opened, sorted.

    Raises
    ------
    EchoError
        If there are no recordings.
    """
    recordings: list[Recording] = []
    skipped: dict[str, str] = {}
    seen = {(status.st_dev, status.st_ino) for status in [exclude.stat()]} if exclude and exclude.exists() else set()
    queue = deque((path, path) for path in paths)
    while queue:
        path, root = queue.popleft()
        try:
            status = path.stat()
            mode, identity = status.st_mode, (status.st_dev, status.st_ino)
            if identity in seen or (stat.S_ISREG(mode) and path != root and path.suffix.lower() not in _SUFFIXES):
                continue
            seen.add(identity)
            if stat.S_ISREG(mode):
                recordings.append(Recording(path, _text(path), _site(path, root)))
            elif stat.S_ISDIR(mode):
                children = [child for child in sorted(path.iterdir()) if not child.name.startswith(_HIDDEN)]
                queue.extendleft((child, root) for child in reversed(children) if not child.is_symlink())
                queue.extend((child, root) for child in children if child.is_symlink())
            else:
                skipped[_text(path)] = f"{_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file"
        except OSError as error:
            skipped[_text(path)] = _REASONS.get(error.errno or 0, error.strerror or "cannot be opened")
    if not recordings:
        reasons = "".join(f" {name}: {reason}." for name, reason in list(skipped.items())[:5])
        names = ", ".join(_text(path) for path in paths) or "nothing"
        raise EchoError(
            f"No recordings found in {names}.{reasons} Pass audio or video files, or folders containing them."
        )
    return sorted(recordings, key=lambda recording: recording.name), sorted(skipped.items())


def recording_path(name: str) -> Path:
    """Path of a recording from its name in the results; a relative path is relative to where `predict` was run."""
    return Path(_ESCAPE.sub(lambda match: _unescaped(match[1]), name))


def _text(path: Path) -> str:
    # A carriage return would split the row in CSV readers that do not expect it within quotes.
    name = path.as_posix().replace("\\", r"\\").replace("\r", r"\r")
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _unescaped(escape: str) -> str:
    """What `_text` wrote an escape for: a backslash, a carriage return, or a byte that is not UTF-8."""
    return {"\\": "\\", "r": "\r"}.get(escape) or os.fsdecode(bytes.fromhex(escape[1:]))


def _site(path: Path, root: Path) -> str:
    folder = path.parent
    if folder not in (root, root.parent):
        return _text(folder.relative_to(root))
    name = folder.name if folder.name not in {"", ".."} else folder.resolve().name
    return _text(Path(name)) if name else folder.anchor
