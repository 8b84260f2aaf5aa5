"""How addresses name files and folders, and which of them may be shown."""

from pathlib import Path

from starlette.requests import Request

from project_echo.app.context import context_of
from project_echo.core.names import printable
from project_echo.screening.discovery import recording_path


def address_of(path: Path) -> str:
    r"""A path as text for addresses: the name that results give it.

    "/" stands between folders. Bytes that are not UTF-8 are escapes such as \xff, a carriage return is \r, and a
    backslash is doubled.
    """
    return printable(path.as_posix().replace("\\", r"\\").replace("\r", r"\r"))


def whole_number(text: str, default: int) -> int:
    """A whole number of at least 0 in an address or a form, such as that of a page; the default if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def requested_path(request: Request, name: str = "path") -> Path:
    """The file or folder that an address names, with symbolic links followed.

    Raises
    ------
    PermissionError
        If it lies outside all opened folders.
    """
    return context_of(request).opened.check(recording_path(request.query_params.get(name, "")))
