"""Find the recordings in a folder of labelled recordings."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL, UNSEEN, label_key, same_names
from project_echo.core.names import portable_path, portable_paths
from project_echo.corpora.collected import Found
from project_echo.corpora.partial import TABLE
from project_echo.corpora.readable import reason_not_readable
from project_echo.media.file_types import file_type, is_system_name


def find_recordings(folder: Path) -> tuple[list[Found], list[tuple[str, str]]]:
    """Find the recordings in a folder of labelled recordings.

    Parameters
    ----------
    folder : Path
        Contains `<label>/<file>` (each file is a source), `<label>/<source>/<file>` and `unseen/<file>`; background
        in `none/<file>`, `none/<kind>/<file>` or `none/<kind>/<source>/<file>`; and, as in the folder of a label,
        recordings of which nothing is known but what labels.csv states, in `partially_labelled`. Folders below a source
        belong to it. `None` and `Unseen` are the same as `none` and `unseen`. Hidden files and folders (`.name`) and
        those of the system (trash, previews) are passed over, and so is labels.csv (`partial.read_stated`). Links to
        files are followed, links to folders are not: DVC would not notice changes in there.

    Returns
    -------
    found : list of Found
        To be copied under portable names.
    skipped : list of (str, str)
        Name and reason of what cannot be used, as far as can be known without decoding.

    Raises
    ------
    EchoError
        If the folder cannot be opened, or two folders of labels or of kinds of background have the same name but for
        case, spaces, underscores or the form of their accents.
    """
    _check_names(folder)
    found, skipped = [], []
    for path, problem in sorted(_walk(folder, folder / TABLE), key=lambda entry: os.fsencode(entry[0])):
        original = path.relative_to(folder)
        reason = problem or _reason_to_skip(path, len(original.parts))
        if reason:
            skipped.append((str(original), reason))
        else:
            found.append(_found(path, original))
    recordings = portable_paths(Path(item.recording) for item in found)  # A.wav and a.wav are one file on Windows
    return [replace(item, recording=recordings[Path(item.recording)]) for item in found], skipped


def _check_names(folder: Path) -> None:
    """Raise EchoError if folders that are labels, or kinds of background, differ only in case, spaces or accents."""
    try:
        labels = _subfolders(folder)
    except OSError as error:
        raise EchoError(f"{folder} cannot be opened ({error.strerror}). Check its permissions.") from None
    clashes = [same_names(labels)]
    for name in labels:
        if label_key(name) == NONE:
            with suppress(OSError):  # it will be in the list of what was skipped
                clashes.append(same_names(_subfolders(folder / name)))
    if clash := "; ".join(filter(None, clashes)):
        raise EchoError(f"{folder}: the folders {clash} differ only in case, spaces or accents. Rename or merge them.")


def _subfolders(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if _is_folder(path) and not is_system_name(path.name)]


def _is_folder(path: Path) -> bool:
    return _leads_to_folder(path) and not path.is_symlink()


def _leads_to_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        return False


def _walk(folder: Path, labels: Path) -> Iterator[tuple[Path, str]]:
    """Everything in a folder but folders that hold something, and the table `labels`; with why it was not searched."""
    for path in folder.iterdir():
        if is_system_name(path.name) or path == labels:
            continue
        if not _is_folder(path):
            yield path, ""
            continue
        try:
            is_empty = not any(path.iterdir())
        except OSError as error:
            yield path, f"a folder that cannot be opened ({error.strerror})"
            continue
        if is_empty:
            yield path, "an empty folder"
        yield from _walk(path, labels)


def _found(path: Path, original: Path) -> Found:
    top, *inside = original.parts
    folder = next((name for name in (NONE, UNSEEN, PARTIAL) if label_key(top) == name), top)
    parts = (folder, *inside)
    recording = portable_path(Path(*parts))
    if folder == UNSEEN:
        return Found(recording, "", "", "/".join(parts[:2]), True, str(original), (path,))
    kind = inside.pop(0) if folder == NONE and len(inside) > 1 else folder
    source = inside[0] if len(inside) > 1 else "/".join(parts)
    return Found(recording, folder, kind, source, False, str(original), (path,))


def _reason_to_skip(path: Path, depth: int) -> str:
    """Why a path is not a recording; empty if it may be one."""
    if _leads_to_folder(path):
        return "a link to a folder, which is not followed"
    reason = reason_not_readable(path)
    if reason or depth == 1:
        return reason or "not in the folder of a label"
    if not path.stat().st_size:
        return "an empty file"
    kind = file_type(path)
    return "" if kind.is_media else kind.reason or "not audio or video"
