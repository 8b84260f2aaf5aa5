"""A folder of one's own recordings."""

import os
from pathlib import Path

from project_echo.core.labels import NONE
from project_echo.core.names import portable_path
from project_echo.corpora.collected import UNSEEN, Corpus, copy, recordings, skipped


def collect_folder(folder: Path, target: Path) -> Corpus:
    """`<label>/<file>` (each file a source of its own), `<label>/<source>/<file>` and `unseen/<file>`.

    Background likewise: `none/<file>`, or with a kind `none/<kind>/<file>` and `none/<kind>/<source>/<file>`.
    Hidden files and folders (`.name`) are passed over.
    """
    rows, strays = [], []
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        parts = path.relative_to(folder).parts
        walked = path.is_dir() and not path.is_symlink() and any(path.iterdir())
        if walked or any(part.startswith(".") for part in parts):
            continue
        recording = portable_path(Path(*parts))
        reason = _astray(path, len(parts)) or copy(path, target / recording)
        if reason:
            strays.append((str(Path(*parts)), reason))
            continue
        rows.append((recording, *_named(parts), parts[0] == UNSEEN, str(Path(*parts))))
    return Corpus(recordings(rows), skipped(strays))


def _named(parts: tuple[str, ...]) -> tuple[str, str, str]:
    """Label, kind and source that the folders of a file name."""
    if parts[0] == UNSEEN:
        return "", "", "/".join(parts[:2])
    label, *inside = parts
    kind = inside.pop(0) if label == NONE and len(inside) > 1 else label
    return label, kind, inside[0] if len(inside) > 1 else "/".join(parts)


def _astray(path: Path, depth: int) -> str:
    """Why a path is no recording; empty if it may be one."""
    if path.is_dir():
        return "a link to a folder, which is not followed" if path.is_symlink() else "an empty folder"
    if not path.is_file():
        return "not a file"
    return "not in the folder of a label" if depth == 1 else ""
