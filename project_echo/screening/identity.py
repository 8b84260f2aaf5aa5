"""Whether a recording is still the file that was screened."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from project_echo.core import files

Identity = dict[str, int | str]


def stamp(path: Path) -> Identity:
    """Size (`bytes`) and modification time (`changed_ns`) of a file. Raises OSError if it cannot be read."""
    status = path.stat()
    return {"bytes": status.st_size, "changed_ns": status.st_mtime_ns}


def identify(path: Path, before: Identity) -> Identity:
    """The stamp of a file that was read, and the SHA-256 of its content (`sha256`).

    The content is hashed whole: an editor that silences a part changes neither the size nor the rest. That reads the
    file once more, at about 1 GB/s from the cache of the disk, which is little beside decoding it.

    Parameters
    ----------
    path : Path
        The file.
    before : Identity
        Its `stamp` before it was read.

    Returns
    -------
    Identity
        `before` alone if the file was changed since, so that no other content passes for what was read.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    digest = _sha256(path, *stamp(path).values())
    return {**before, "sha256": digest} if stamp(path) == before else before


def is_unchanged(path: Path, metadata: Mapping[str, Any]) -> bool:
    """Whether a file is the one that was screened.

    It is if its size and time are the same, without reading it. If only the time differs, its whole content decides:
    FAT stores local time, so times of its files move by an hour with daylight saving time and by more with the time
    zone, file systems round times differently, and copies have times of their own. An edit that keeps the size and
    sets the time back is not noticed.

    Parameters
    ----------
    path : Path
        The file.
    metadata : mapping
        What `identify` returned when it was screened. Without `sha256`, as earlier versions wrote, the time alone
        decides.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    now = stamp(path)
    if now["bytes"] != metadata.get("bytes"):
        return False
    if now["changed_ns"] == metadata.get("changed_ns"):
        return True
    return "sha256" in metadata and _sha256(path, *now.values()) == metadata["sha256"]


@lru_cache(maxsize=1024)  # a review asks about a recording once for each of its events
def _sha256(path: Path, *_stamp: int | str) -> str:
    return files.sha256(path)
