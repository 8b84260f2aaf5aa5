"""The process of a job, as the app sees it: how it is started, read and killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import psutil

from project_echo.studies.tools import environment

KILLING_S = 5.0  # that the system has to end what is killed in


def start(command: Sequence[str], log: TextIO, folder: Path) -> "subprocess.Popen[str]":
    """Start a process with pipes for its input and output; its errors go to a file.

    It works in a folder of the app: Python would import modules that lie in the one in which the app was started.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        encoding="utf-8",
        errors="replace",
        env=environment(),
        cwd=folder,
        start_new_session=sys.platform != "win32",  # Ctrl-C in the terminal ends it by way of the app
    )


def read(line: str) -> dict[str, Any]:
    """What a process has told; nothing if the line is not of `job_process` but of a library that prints."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def how_it_ended(code: int) -> str:
    """How a process ended that had not said that it would."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "The system killed its process, probably because memory was full. Close other programs, then continue."
    return f"Its process ended without a message (code {code})."


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process, if it still runs, with all that it has started, and wait until they have ended."""
    if process.poll() is not None:
        return
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        running = [*parent.children(recursive=True), parent]
        for each in running:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(running, timeout=KILLING_S)


def kill_rest(process: "subprocess.Popen[str]") -> None:
    """Kill what a process that has just ended has left: its workers, if it was killed itself. Windows keeps them."""
    if sys.platform != "win32":
        with suppress(OSError):  # nothing is left
            os.killpg(process.pid, signal.SIGKILL)
