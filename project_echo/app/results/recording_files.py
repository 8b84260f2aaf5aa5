"""Files of the recordings that results name, as far as the app may show them."""

from pathlib import Path
from typing import NamedTuple

from project_echo.app.opened import OpenedFolders
from project_echo.screening.discovery import recording_path


class RecordingFile(NamedTuple):
    """The file of a recording, or why it cannot be shown."""

    path: Path | None
    problem: str = ""  # in a few words, with what to do; empty if there is a path
    advice: str = ""  # the same as sentences


def find_recording(name: str, opened: OpenedFolders) -> RecordingFile:
    """Find the file of a recording by its name in results.

    Parameters
    ----------
    name : str
        As `screening.discovery` gives it.
    opened : OpenedFolders

    Returns
    -------
    RecordingFile
    """
    path = recording_path(name)
    if not path.is_absolute():
        return RecordingFile(
            None,
            "screen it here to listen",
            "These results were made elsewhere, so the location of this recording is not known. Screen it here.",
        )
    try:
        actual = opened.check(path)
    except PermissionError:
        return RecordingFile(
            None, "open its folder to listen", "The folder of this recording is not opened. Open it to listen."
        )
    if not _is_file(actual):
        return RecordingFile(None, "missing: connect its disk", "The file is missing. Connect its disk, or restore it.")
    return RecordingFile(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # of a disk with a fault
        return False
