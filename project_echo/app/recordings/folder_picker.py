"""Choose a folder of this machine: names of folders, and nothing else."""

import os
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from project_echo.app.addresses import address_of, whole_number
from project_echo.app.context import show
from project_echo.app.recordings.contents import is_sound_name
from project_echo.core.errors import file_reason
from project_echo.core.names import printable
from project_echo.media.file_types import is_system_name
from project_echo.screening.discovery import recording_path

LISTED = 200  # folders on a page
_VOLUMES = ("/Volumes", "/media", "/run/media", "/mnt")


@dataclass(frozen=True)
class Listing:
    """Names in a folder.

    Attributes
    ----------
    folders : list of str
        Sorted as people do, without hidden ones.
    recordings : int
        Audio and video files in the folder itself, by their names.
    problem : str
        Why there are no names; empty if there may be some.
    """

    folders: list[str]
    recordings: int = 0
    problem: str = ""


def show_page(request: Request) -> HTMLResponse:
    """The folders in a folder."""
    query = request.query_params
    asked = query.get("at", "")
    folder = Path(os.path.abspath(recording_path(asked))) if asked else Path.home()  # noqa: PTH100  (".." is resolved)
    listing = list_folders(folder)
    sought = query.get("find", "").strip()
    folders = [name for name in listing.folders if sought.casefold() in name.casefold()]
    n_pages = max(1, -(-len(folders) // LISTED))
    number = min(n_pages, max(1, whole_number(query.get("p", ""), 1)))
    return show(
        request,
        "recordings/folder_picker.html",
        page="recordings",
        folder=printable(folder),
        at=address_of(folder),
        above=[(printable(path.name or path), address_of(path)) for path in reversed(folder.parents)],
        name=printable(folder.name or folder),
        is_named=printable(folder) == str(folder),
        listing=listing,
        folders=[
            (printable(name), address_of(folder / name)) for name in folders[LISTED * (number - 1) : LISTED * number]
        ],
        places=[(name, address_of(path)) for name, path in places()],
        sought=sought,
        number=number,
        n_pages=n_pages,
        limit=LISTED,
    )


def list_folders(folder: Path) -> Listing:
    """The names of the folders in a folder. Nothing is opened.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Listing
    """
    folders, recordings = [], 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_folder(entry):
                    folders.append(entry.name)
                else:
                    recordings += is_sound_name(entry.name)
    except (OSError, ValueError) as error:  # a null character in its name
        reason = file_reason(error) if isinstance(error, OSError) else "is not a name of a folder"
        return Listing([], problem=f"{printable(folder)}: {reason}.")
    shown = [name for name in folders if not is_system_name(name)]
    return Listing(sorted(shown, key=lambda name: (name.casefold(), name)), recordings)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def places() -> list[tuple[str, Path]]:
    """Where to start: the home folder, and disks."""
    return [("Home", Path.home()), *((str(path), path) for path in _disks())]


def _disks() -> Iterator[Path]:
    if sys.platform == "win32":
        yield from (path for letter in string.ascii_uppercase[2:] if (path := Path(f"{letter}:/")).exists())
        return
    yield Path("/")
    for volumes in map(Path, _VOLUMES):
        names = list_folders(volumes).folders
        # Linux has a folder for each person there, with the disks in it.
        own = [name for name in names if name == Path.home().name and volumes.name == "media"]
        yield from (volumes / name for name in names if name not in own)
        yield from (volumes / name / disk for name in own for disk in list_folders(volumes / name).folders)


ROUTES = [Route("/recordings/choose", show_page)]
