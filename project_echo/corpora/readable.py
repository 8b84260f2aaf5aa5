"""Whether the files of a corpus can be read: dead links, pipes, permissions, names."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from project_echo.core.errors import EchoError, kind_reason
from project_echo.core.names import printable
from project_echo.core.text import count

_REASONS = {
    errno.ENOENT: "a link to a file that does not exist",
    errno.ELOOP: "a link that leads back to itself",
}


def reason_not_readable(path: Path) -> str:
    """Why a file cannot be read, without opening it; empty if it can. Links are followed."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return _REASONS.get(error.errno or 0, f"cannot be opened ({error.strerror})")
    if not stat.S_ISREG(mode):
        return kind_reason(mode)
    return "" if os.access(path, os.R_OK) else "no permission to read it"


def check_exists(path: Path, key: str) -> None:
    """Check that what a parameter names exists.

    Parameters
    ----------
    path : Path
        The value.
    key : str
        Name of the parameter.

    Raises
    ------
    EchoError
        If there is no such file or folder.
    """
    if path.exists():
        return
    if str(path).startswith("~"):
        raise EchoError(f"{key}: {path} does not exist, as ~ is not expanded here. Write the whole path.")
    where = "" if path.is_absolute() else f" in {Path.cwd()}"
    copied = "" if path.is_absolute() else ". `dvc exp run --temp` and --queue run in a copy: give an absolute path"
    raise EchoError(
        f"{path} does not exist{where}. Set {key} to a folder of recordings or a description (corpora/demo.yaml)"
        f"{copied}."
    )


def check_readable(path: Path, key: str) -> None:
    """Check that DVC can hash what a parameter names, a file or a folder with all that it contains.

    DVC hashes the dependencies of a stage before the stage runs. It ends at a dead link, a file without permission and
    a name that is not UTF-8 with an error of its own, and waits forever at a named pipe. Links to folders and folders
    without permission it passes over. (A list of hashes that a stage writes could stand in for the folder, but that
    stage would have to run every time, and `dvc status` would never be clean.)

    Parameters
    ----------
    path : Path
        The value.
    key : str
        Name of the parameter.

    Raises
    ------
    EchoError
        If it does not exist, or naming the first file that cannot be hashed.
    """
    check_exists(path, key)
    problems = list(_unhashable(path))
    if problems:
        name, reason = problems[0]
        others = f" (and {count(len(problems) - 1, 'other')})" if len(problems) > 1 else ""
        raise EchoError(
            f"{printable(name)}{others}: {reason}. DVC hashes every file of {key} and cannot pass over it. Repair, "
            "rename or remove it, then run again."
        )


def _unhashable(path: Path) -> Iterator[tuple[Path, str]]:
    if not path.is_dir():
        if reason := reason_not_readable(path):
            yield path, reason
        return
    for folder, subfolders, files in os.walk(path):
        subfolders.sort(key=os.fsencode)
        for name in sorted([*subfolders, *files], key=os.fsencode):
            if printable(name) != name:
                yield Path(folder, name), "its name is not UTF-8"
            elif name not in subfolders and (reason := reason_not_readable(Path(folder, name))):
                yield Path(folder, name), reason
