"""The results folder: locked by one run at a time; partial files are removed, and files of others never replaced."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table
from project_echo.media.file_types import SUFFIXES

JOURNAL = ".journal"
LOCK = ".lock"
RESULTS = ["recordings.csv", "events.csv", "windows.parquet", "activity.csv", "activity.png", "skipped.csv"]
RESULTS += ["alerts.csv", "clips", "raven", "audacity", "kaleidoscope", "embeddings"]
CLIPS, CLIPS_TABLE = "clips", "clips.csv"
REVIEW_PAGE, REVIEW_EVENTS, REVIEW_MEDIA = "index.html", "events.csv", "media"  # in the folder of a review


def is_result(path: Path) -> bool:
    """Whether a file or folder is the result of a screening or review, by its name and what lies beside it.

    Recordings may lie in the same folder as results, which are not screened.
    """
    if path.name == REVIEW_MEDIA:
        return all((path.parent / name).is_file() for name in (REVIEW_PAGE, REVIEW_EVENTS))
    if path.name == CLIPS and (path / CLIPS_TABLE).is_file():  # results may have been copied without the journal
        return True
    return path.name in RESULTS and (path.parent / JOURNAL).is_dir()


@contextmanager
def open_output(folder: Path) -> Iterator[None]:
    """Create the results folder if needed and lock it against other runs.

    Raises
    ------
    EchoError
        If `check_output` finds a reason, or it is in use by another run.
    """
    check_output(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # The system's lock (fcntl; on Windows, msvcrt) ends with the process, however that ends. The file stays: removing
    # it would let two later runs lock two different files.
    lock = FileLock(folder / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise EchoError(
            f"The output folder {folder} is in use by another run. Wait until it has finished, or choose another."
        ) from None
    except OSError:  # some network drives have no locks; any other fault shows when results are written
        pass
    try:
        _remove_partial_files(folder)
        yield
    finally:
        lock.release()


def check_output(folder: Path) -> None:
    """Check that writing results into a folder replaces nothing but earlier results.

    Raises
    ------
    EchoError
        If it is a file, contains what looks like results of another program, or recordings lie among the results.
    """
    if folder.exists() and not folder.is_dir():
        raise EchoError(f"The output {folder} is a file. Choose a folder.")
    foreign = [name for name in RESULTS if (folder / name).exists()]
    if foreign and not (folder / JOURNAL).is_dir():
        raise EchoError(
            f"The output folder {folder} contains {', '.join(foreign)}, which project-echo did not write and would "
            "replace. Choose another folder."
        )
    for name in foreign:
        for path in _foreign_sounds(folder / name):
            raise EchoError(f"{path} lies among the results, which are replaced. Move it elsewhere.")


def _foreign_sounds(folder: Path) -> Iterator[Path]:
    """Audio and video files in a folder of results that are no clips of its table."""
    table = folder / CLIPS_TABLE
    written = set(read_table(table, {"file": str}, "Remove it.")["file"]) if table.is_file() else set()
    for path in sorted(folder.rglob("*")):  # of a file, nothing
        if path.suffix[1:].lower() in SUFFIXES and path.relative_to(folder).as_posix() not in written:
            yield path


def _remove_partial_files(folder: Path) -> None:
    """Remove temporary files of a killed run; workers that outlived it may be writing them still."""
    for parent in (folder, folder / JOURNAL):
        for path in [*parent.glob(".writing-*"), *parent.glob(".*-writing-*")]:
            # Such a worker may rename or remove the file first. On Windows a file that it has open stays until the
            # next run: removing it fails there.
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
