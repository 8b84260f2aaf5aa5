"""Screening that goes wrong or is watched, for worker processes, and the command in a process of its own."""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from project_echo import cli
from project_echo.media.stream import Stream
from project_echo.screening import worker
from project_echo.screening.journal import Journal
from project_echo.screening.progress import Active
from project_echo.screening.worker import Outcome, screen_file
from tests.work import kill_itself

# Forked from a server that has imported the command: a run starts at once, not after two seconds of imports.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["project_echo.screening.writers", "project_echo.screening.batch"])


def start_command(arguments: list[str], log: Path, **changes: Any) -> Any:
    """Start `project-echo` with these arguments in a process and session of its own, its output going to `log`.

    `changes` are those of run_command.
    """
    process = _processes.Process(target=run_command, args=(arguments, log), kwargs=changes)
    process.start()
    return process


def run_command(arguments: list[str], log: Path, max_file_bytes: int = 0, deadly: bool = False) -> None:
    """Run `project-echo` as main() does, with a limit on the size of files, or as deadly_screen does."""
    os.setsid()  # so that a test can kill its workers with it
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server ignores it
    with log.open("wb") as stream:
        os.dup2(stream.fileno(), sys.stdout.fileno())
        os.dup2(stream.fileno(), sys.stderr.fileno())

    if max_file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))
    if deadly:
        worker.screen_file = deadly_screen
    sys.argv = ["project-echo", *arguments]
    cli.main()


def deadly_screen(path: Path, recording: str, *others: Any) -> Outcome:
    """Screen a recording, but kill the process if the recording is called deadly."""
    if "deadly" in recording:
        others[-1].mark_active(recording)
        kill_itself()
    return screen_file(path, recording, *others)


def watched_screen(*arguments: Any) -> Outcome:
    """Screen a recording and note its progress after every block; wait until the main process has looked twice.

    The main process counts its looks in the file `looks` of the journal (`count_looks`).
    """
    looks = arguments[-1].folder / "looks"

    class WatchedStream(Stream):
        def __iter__(self) -> Iterator[np.ndarray]:
            for block in super().__iter__():
                yield block
                seen, limit = _size(looks), time.monotonic() + 60
                while _size(looks) < seen + 2 and time.monotonic() < limit:
                    time.sleep(0.002)

    with patch.object(worker, "PROGRESS_INTERVAL_S", 0), patch.object(worker, "Stream", WatchedStream):
        return screen_file(*arguments)


def count_looks(active: Callable[[Journal], Active]) -> Callable[[Journal], Active]:
    """Journal.active that adds a byte to the file `looks` of the journal with every call."""

    def counting(journal: Journal) -> Active:
        found = active(journal)
        with (journal.folder / "looks").open("ab") as stream:
            stream.write(b".")
        return found

    return counting


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
