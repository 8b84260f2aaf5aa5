"""Recordings whose bytes are the same under several names."""

import hashlib
import logging
import os
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.text import count
from project_echo.corpora.collected import Found, examples
from project_echo.media.file_types import file_type

logger = logging.getLogger(__name__)
_END_BYTES = 2**16


def leave_out_copies(found: Sequence[Found], origin: Path) -> tuple[list[Found], list[tuple[str, str]]]:
    """Use every recording once, although it lies in the corpus under several names.

    A copy in another part of the split would be a leak. A copy in the folder of unseen recordings stays, and is warned
    of.

    Parameters
    ----------
    found : sequence of Found
        Recordings of one file each are compared.
    origin : Path
        The corpus, for the error message.

    Returns
    -------
    kept : list of Found
        Of copies the one with the shortest name.
    skipped : list of (str, str)
        Name and reason of the others.

    Raises
    ------
    EchoError
        If the same bytes have different labels, or are different kinds of background.
    """
    by_path = {recording.paths[0]: recording for recording in found if len(recording.paths) == 1}
    conflicts: list[str] = []
    copies: dict[Found, Found] = {}
    learned: list[str] = []
    for paths in same_bytes(list(by_path)):
        group = sorted((by_path[path] for path in paths), key=lambda recording: _simplest(recording.original))
        labelled = [recording for recording in group if not recording.unseen]
        kinds = {recording.kind: recording for recording in reversed(labelled)}
        if len(kinds) > 1:
            if _may_be_media(paths[0]):  # a licence or a logger's settings may lie in every folder
                names = [f"{kinds[kind].original} ({kind})" for kind in sorted(kinds)]
                conflicts.append(" and ".join(names))
            continue
        copies |= dict.fromkeys(labelled[1:], labelled[0])
        unseen = [recording for recording in group if recording.unseen] if labelled else []
        learned += [f"{recording.original} = {labelled[0].original}" for recording in unseen]
    if conflicts:
        raise EchoError(
            f"{origin}: the same bytes have different labels or kinds of background: {examples(conflicts)}. "
            "Keep one of each."
        )
    if copies:
        pairs = [f"{copy.original} = {first.original}" for copy, first in copies.items()]
        logger.warning(
            "%s: %s left out, as the same bytes are there under another name: %s",
            *(origin, count(len(pairs), "recording"), examples(pairs)),
        )
    if learned:
        logger.warning(
            "%s: %s the same as one that is learned from, so its prediction says nothing about new recordings: %s",
            *(origin, "1 unseen recording is" if len(learned) == 1 else f"{len(learned)} unseen recordings are"),
            examples(learned),
        )
    kept = [recording for recording in found if recording not in copies]
    return kept, [(copy.original, f"the same bytes as {first.original}") for copy, first in copies.items()]


def same_bytes(paths: Sequence[Path]) -> list[list[Path]]:
    """Groups of files with the same bytes.

    Only files of equal size are opened, and only those whose ends are equal too are read whole, as recorders write many
    files of one size. A file that cannot be read is like no other.

    Parameters
    ----------
    paths : sequence of Path

    Returns
    -------
    list of list of Path
        Groups of two or more, each in the order of `paths`.
    """
    groups = [list(paths)]
    for key in (_size, _ends, files.sha256):
        groups = [part for group in groups for part in _grouped(group, key) if len(part) > 1]
    return groups


def _grouped(paths: Sequence[Path], key: Callable[[Path], Hashable]) -> list[list[Path]]:
    groups: dict[Hashable, list[Path]] = {}
    for path in paths:
        try:
            groups.setdefault(key(path), []).append(path)
        except OSError:
            continue
    return list(groups.values())


def _size(path: Path) -> int:
    return path.stat().st_size


def _ends(path: Path) -> bytes:
    with path.open("rb") as stream:
        start = stream.read(_END_BYTES)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _END_BYTES))
        return hashlib.sha256(start + stream.read()).digest()


def _may_be_media(path: Path) -> bool:
    """Whether a file is audio or video, or may be."""
    kind = file_type(path)
    return kind.is_media or bool(kind.reason)


def _simplest(name: str) -> tuple[int, bytes]:
    """Key that sorts "a.wav" before "a (1).wav" and "a - Copy.wav"."""
    return len(name), os.fsencode(name)
