"""Portable names of files and folders: names that every file system and tool accepts."""

import hashlib
import os
import re
from pathlib import PurePath, PurePosixPath

# Windows allows none of these in a name; "/" and "\" separate folders.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def portable_path(path: PurePath) -> str:
    """A portable relative path, unique to the original path.

    Folders have no dot in their names, so none can have the name of a file that a stage writes beside it. Names are cut
    to their last 100 characters: stages add to them, and file systems end at 255 bytes. Every path that had to be
    changed gets a digest of the original.

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
    changed = re.sub(r"(^|/)[-.]", r"\1_", "/".join(re.sub(r"[^A-Za-z0-9._-]", "_", part) for part in parts))
    if changed == path.as_posix():
        return changed
    portable = PurePosixPath(changed)
    return f"{portable.with_suffix('')}-{_digest(os.fsencode(path))}{portable.suffix}"


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
    if identity is None and name and name == text:
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
    return re.sub(r"\s+", "_", _FORBIDDEN.sub("_", text)).lstrip(".-")[:60].rstrip(".")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
