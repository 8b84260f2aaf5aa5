"""Folders that were opened: the app shows files of these and of its workspace, and of no other folder."""

import json
import os
import threading
from pathlib import Path

from project_echo.core.errors import EchoError, file_reason
from project_echo.core.files import write_json
from project_echo.core.names import printable

FILE = "opened.json"  # in the workspace


class OpenedFolders:
    """The folders that a person has opened, kept in a file of the workspace.

    Parameters
    ----------
    workspace : Path
        Its folder, which counts as opened.
    """

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / FILE
        self._workspace = workspace.resolve()
        self._lock = threading.Lock()
        self._folders = _read(self._path)

    def all(self) -> list[Path]:
        """The folders in the order in which they were opened, without the workspace."""
        return list(self._folders)

    def open(self, text: str) -> Path:
        """Open a folder by its path, which may begin with ~.

        Raises
        ------
        EchoError
            If there is no such folder, or it cannot be read.
        """
        typed = text.strip().strip('"')
        if not typed:
            raise EchoError("Type the path of a folder, or choose one from the list.")
        try:
            folder = Path(typed).expanduser().absolute()
            folder = folder.resolve() if ".." in folder.parts else folder  # one name for each folder
            if not folder.is_dir():
                raise EchoError(f"{folder} is not a folder. Correct the path, or connect the disk.")
            if printable(folder) != str(folder):
                raise EchoError(f"{printable(folder)} has a name that is not UTF-8. Rename it, then open it.")
            next(folder.iterdir(), None)
        except (OSError, RuntimeError, ValueError) as error:
            reason = file_reason(error) if isinstance(error, OSError) else str(error)
            raise EchoError(f"{typed}: {reason}") from None
        with self._lock:
            if folder not in self._folders:
                self._folders = [*self._folders, folder]
                write_json([str(path) for path in self._folders], self._path)
        return folder

    def close(self, folder: Path) -> None:
        """Forget a folder; nothing in it changes."""
        with self._lock:
            self._folders = [path for path in self._folders if path != folder]
            write_json([str(path) for path in self._folders], self._path)

    def check(self, path: Path) -> Path:
        """A file or folder that may be shown, with symbolic links followed.

        Raises
        ------
        PermissionError
            If it lies outside all opened folders.
        """
        try:
            actual = path.resolve()
            allowed = any(actual.is_relative_to(folder.resolve()) for folder in (self._workspace, *self._folders))
        except (OSError, RuntimeError, ValueError):  # a link to itself, a null character
            allowed = False
        if not allowed or not path.is_absolute():
            raise PermissionError(f"{path} is not in an opened folder")
        return actual


def short_path(path: object) -> str:
    """A path as people know it: with ~ for their home folder."""
    text = str(path)
    try:
        home = str(Path.home())
    except RuntimeError:  # there is none
        return text
    return f"~{text[len(home) :]}" if text == home or text.startswith(home + os.sep) else text


def _read(path: Path) -> list[Path]:
    """The folders of a file; none if it is missing or damaged. A relative one could be any."""
    try:
        texts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    known = texts if isinstance(texts, list) else []
    return [Path(text) for text in known if isinstance(text, str) and Path(text).is_absolute()]
