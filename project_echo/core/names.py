"""Portable names of files and folders: names that every file system and tool accepts."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath, PurePosixPath

# Windows allows none of these in a name; "/" and "\" separate folders.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# Devices of Windows, whatever follows after a dot; also with the superscripts 1 to 3 (learn.microsoft.com, "Naming
# Files, Paths, and Namespaces").
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\xb9\xb2\xb3]) *(\.|$)", re.IGNORECASE)


def printable(path: object) -> str:
    r"""A path as text that any file can hold: bytes that are not UTF-8 become escapes such as \xff."""
    return os.fsencode(str(path)).decode("utf-8", errors="backslashreplace")


def is_portable_name(text: str) -> bool:
    """Whether a text can be the name of a file or folder on any system; hidden names and "-x" are not."""
    if not text or text != text.strip(" .") or text.startswith("-"):
        return False
    return not (_FORBIDDEN.search(text) or _DEVICE.match(text))


def portable_paths(paths: Iterable[PurePath]) -> dict[PurePath, str]:
    """Portable relative paths of files that lie together: no two are the same where the case of letters is ignored.

    As Windows and macOS do. The path that is all lower case keeps its name, the others get a digest, so that names do
    not depend on the order.

    Parameters
    ----------
    paths : iterable of PurePath
        Any relative paths.

    Returns
    -------
    dict of PurePath to str
        By the original path; as `portable_path` if no other differs in case only.
    """
    portable = {path: portable_path(path) for path in paths}
    sharing = Counter(name.casefold() for name in portable.values())
    return {
        path: name if sharing[name.casefold()] == 1 or name == name.casefold() else _with_digest(name, path)
        for path, name in portable.items()
    }


def portable_path(path: PurePath) -> str:
    """A portable relative path, unique to the original path.

    Folders have no dot in their names, so none can have the name of a file that a stage writes beside it. Names are cut
    to their last 100 characters: stages add to them, and file systems end at 255 bytes. No name is one of a device or
    ends in a dot, which Windows refuses. Every path that had to be changed gets a digest of the original.

    Parameters
    ----------
    path : PurePath
        Any relative path.

    Returns
    -------
    str
        The path with "/" between folders.
    """
    *folders, name = (os.fsencode(part).decode("latin-1")[-100:] for part in path.parts)
    parts = [*(folder.replace(".", "_") for folder in folders), name]
    changed = "/".join(_plain(part) for part in parts)
    return changed if changed == path.as_posix() else _with_digest(changed, path)


def _plain(name: str) -> str:
    """ASCII letters, digits, dots, `_` and `-` where another character or a leading or final dot is not allowed."""
    plain = re.sub(r"^[-.]|\.$", "_", re.sub(r"[^A-Za-z0-9._-]", "_", name))
    return f"_{plain}" if _DEVICE.match(plain) else plain


def _with_digest(portable: str, path: PurePath) -> str:
    name = PurePosixPath(portable)
    return f"{name.with_suffix('')}-{_digest(os.fsencode(path))}{name.suffix}"


def portable_name(text: str, identity: str | None = None) -> str:
    """A portable name for a file (without suffix) or folder.

    Parameters
    ----------
    text : str
        What the name should look like; it is cut to its last 60 characters.
    identity : str, optional
        What the name stands for. Names of different identities differ, as they contain a digest. By default the text
        is its own identity, and gets a digest only if it had to be changed.

    Returns
    -------
    str
        ASCII letters, digits, `_` and `-`, at most 69 characters.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", "_", text)[-60:].lstrip("-")
    if identity is None and name and name == text and not _DEVICE.match(name):
        return name
    digest = _digest(os.fsencode(text if identity is None else identity))
    return f"{name}-{digest}" if name else digest


def portable_label(text: str) -> str:
    """A portable name for the folder of a label: readable in any script, but not unique to the text.

    Parameters
    ----------
    text : str
        A label as a person typed it.

    Returns
    -------
    str
        The text with `_` instead of spaces and of characters that Windows forbids, at most 60 characters; empty if
        nothing is left.
    """
    name = re.sub(r"\s+", "_", _FORBIDDEN.sub("_", text)).lstrip(".-")
    return (f"_{name}" if _DEVICE.match(name) else name)[:60].rstrip(".")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
