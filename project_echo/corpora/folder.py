"""Collect a folder of labelled recordings."""

import os
from pathlib import Path

from project_echo.core.labels import NONE, UNSEEN
from project_echo.core.names import portable_path
from project_echo.corpora.collected import Corpus, copy_recording, recordings_table, skipped_table


def collect_folder(folder: Path, target: Path) -> Corpus:
    """Collect a folder of labelled recordings.

    Parameters
    ----------
    folder : Path
        Contains `<label>/<file>` (each file is a source), `<label>/<source>/<file>` and `unseen/<file>`; background
        in `none/<file>`, `none/<kind>/<file>` or `none/<kind>/<source>/<file>`. Hidden files and folders (`.name`)
        are ignored.
    target : Path
        The folder to copy the recordings to, under portable names.

    Returns
    -------
    Corpus
        The tables of recordings and of what was skipped.

    Raises
    ------
    EchoError
        If a copy cannot be written.
    """
    rows, skipped = [], []
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        parts = path.relative_to(folder).parts
        is_walked = path.is_dir() and not path.is_symlink() and any(path.iterdir())
        if is_walked or any(part.startswith(".") for part in parts):
            continue
        original = Path(*parts)
        recording = portable_path(original)
        reason = _reason_to_skip(path, len(parts)) or copy_recording(path, target / recording)
        if reason:
            skipped.append((str(original), reason))
        else:
            rows.append((recording, *_label_kind_source(parts), parts[0] == UNSEEN, str(original)))
    return Corpus(recordings_table(rows), skipped_table(skipped))


def _label_kind_source(parts: tuple[str, ...]) -> tuple[str, str, str]:
    """Label, kind and source of a file, from the parts of its path."""
    if parts[0] == UNSEEN:
        return "", "", "/".join(parts[:2])
    label, *inside = parts
    kind = inside.pop(0) if label == NONE and len(inside) > 1 else label
    return label, kind, inside[0] if len(inside) > 1 else "/".join(parts)


def _reason_to_skip(path: Path, depth: int) -> str:
    """Why a path is not a recording; empty if it may be one."""
    if path.is_dir():
        return "a link to a folder, which is not followed" if path.is_symlink() else "an empty folder"
    if not path.is_file():
        return "not a file"
    return "not in the folder of a label" if depth == 1 else ""
