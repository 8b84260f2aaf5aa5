"""The process of a job, as the app sees it: how it is started, followed and killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import psutil

from project_echo.studies.tools import environment

KILLING_S = 5.0  # that the system has to end what is killed in


def run(
    command: Sequence[str],
    call: Mapping[str, Any],
    log: Path,
    on_start: Callable[["subprocess.Popen[str]"], None],
    on_told: Callable[[Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Run a process to its end.

    Parameters
    ----------
    command : sequence of str
        A program that does as `job_process` says.
    call : mapping
        What it is to do: its first line of input.
    log : Path
        The file to which its errors are appended; it works in the folder of this file.
    on_start : callable
        Called with the process once it knows what to do; closing its input ends it.
    on_told : callable
        Called with what each line tells, except for the end.

    Returns
    -------
    dict of str to Any
        What it has told last: "result", "error" or "stopped".
    """
    with log.open("a", encoding="utf-8") as stream:
        process = _start(command, stream, log.parent)
    assert process.stdin and process.stdout
    end: dict[str, Any] = {}
    try:
        with suppress(BrokenPipeError):  # it has ended already
            process.stdin.write(f"{json.dumps(call)}\n")
            process.stdin.flush()
        on_start(process)
        for line in process.stdout:
            told = _read(line)
            if told.keys() & {"result", "error", "stopped"}:
                end = told
            else:
                on_told(told)
        process.wait()
    finally:
        kill(process)
        _kill_rest(process)
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):  # what it has not read
                pipe.close()
    return end or {"error": f"{_how_it_ended(process.wait())} Its output is in {log}."}


def _start(command: Sequence[str], log: TextIO, folder: Path) -> "subprocess.Popen[str]":
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


def _read(line: str) -> dict[str, Any]:
    """What a process has told; nothing if the line is not of `job_process` but of a library that prints."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _how_it_ended(code: int) -> str:
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


def _kill_rest(process: "subprocess.Popen[str]") -> None:
    """Kill what a process that has just ended has left: its workers, if it was killed itself. Windows keeps them."""
    if sys.platform != "win32":
        with suppress(OSError):  # nothing is left
            os.killpg(process.pid, signal.SIGKILL)
