"""The folder of results: one run at a time, nobody else's files written over, what was left half-written swept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from project_echo.core.errors import EchoError

JOURNAL = ".journal"
LOCK = ".lock"
WRITTEN = ["recordings.csv", "events.csv", "windows.parquet", "activity.csv", "activity.png", "skipped.csv"]
WRITTEN += ["alerts.csv", "clips", "raven", "audacity", "kaleidoscope"]


@contextmanager
def prepared(output: Path) -> Iterator[None]:
    """Within it the folder is there, and no other run writes into it.

    Raises EchoError if it is a file, holds what looks like results of something else, or another run is at work in it.
    """
    _check(output)
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / LOCK, fallback_to_soft=False)  # the system's: it ends with the process, however that ends
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise EchoError(
            f"--output {output}: another run is at work there. Wait until it has ended, or name another folder."
        ) from None
    except OSError:  # some network drives know no locks; whatever else is wrong shows when results are written
        pass
    try:
        _sweep(output)
        yield
    finally:
        lock.release()


def _check(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise EchoError(f"--output {output} is a file. Name a folder.")
    foreign = [name for name in WRITTEN if (output / name).exists()]
    if foreign and not (output / JOURNAL).is_dir():
        raise EchoError(
            f"--output {output} holds {', '.join(foreign)}, which another program or person put there and this one "
            "would replace. Name a folder of its own."
        )


def _sweep(output: Path) -> None:
    """Remove what a killed run left half-written; workers that outlived it may be at it still."""
    for place in (output, output / JOURNAL):
        for left in [*place.glob(".writing-*"), *place.glob(".*-writing-*")]:
            # A worker that outlived the killed run may come before us.
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    for left in (output / JOURNAL).glob("*.begun"):  # an earlier layout
        left.unlink(missing_ok=True)
