"""The results folder: locked by one run at a time; partial files are removed, and files of others never replaced."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from project_echo.core.errors import EchoError

JOURNAL = ".journal"
LOCK = ".lock"
RESULTS = ["recordings.csv", "events.csv", "windows.parquet", "activity.csv", "activity.png", "skipped.csv"]
RESULTS += ["alerts.csv", "clips", "raven", "audacity", "kaleidoscope"]


@contextmanager
def open_output(folder: Path) -> Iterator[None]:
    """Create the results folder if needed and lock it against other runs.

    Raises
    ------
    EchoError
        If it is a file, contains what looks like results of another program, or is in use by another run.
    """
    _check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, fallback_to_soft=False)  # the system's lock ends with the process, however that ends
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise EchoError(
            f"--output {folder} is in use by another run. Wait until it has finished, or choose another folder."
        ) from None
    except OSError:  # some network drives have no locks; any other fault shows when results are written
        pass
    try:
        _remove_partial_files(folder)
        yield
    finally:
        lock.release()


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise EchoError(f"--output {folder} is a file. Choose a folder.")
    foreign = [name for name in RESULTS if (folder / name).exists()]
    if foreign and not (folder / JOURNAL).is_dir():
        raise EchoError(
            f"--output {folder} contains {', '.join(foreign)}, which project-echo did not write and would replace. "
            "Choose another folder."
        )


def _remove_partial_files(folder: Path) -> None:
    """Remove temporary files of a killed run; workers that outlived it may be writing them still."""
    for parent in (folder, folder / JOURNAL):
        for path in [*parent.glob(".writing-*"), *parent.glob(".*-writing-*")]:
            # Such a worker may rename or remove the file first.
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
