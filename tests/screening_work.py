"""Screening that goes wrong or slowly, for worker processes, and the command in a process of its own."""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from project_echo import cli
from project_echo.media.stream import Stream
from project_echo.screening import worker
from project_echo.screening.worker import Outcome, screen_recording
from tests.work import kill_itself

# Forked from a server that has imported the command: a run starts at once, not after two seconds of imports.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["project_echo.screening.command"])


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
    import faulthandler

    if max_file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))
    if deadly:
        worker.screen_recording = deadly_screen
    sys.argv = ["project-echo", *arguments]
    cli.main()


def deadly_screen(path: Path, recording: str, *others: Any) -> Outcome:
    """Screen a recording, but kill the process if the recording is called deadly."""
    if "deadly" in recording:
        others[-1].mark_active(recording)
        kill_itself()
    return screen_recording(path, recording, *others)


class _SlowStream(Stream):
    def __iter__(self) -> Iterator[np.ndarray]:
        for block in super().__iter__():
            time.sleep(0.05)
            yield block


def slow_screen(*arguments: Any) -> Outcome:
    """Screen a recording slowly, and note its progress after every block."""
    with patch.object(worker, "PROGRESS_INTERVAL_S", 0), patch.object(worker, "Stream", _SlowStream):
        return screen_recording(*arguments)
