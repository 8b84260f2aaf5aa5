"""The app as a person starts it: the command, in a process that can be killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.project_echo.conftest import ROOT, wait_for


@dataclass(frozen=True)
class AppProcess:
    """A running `project-echo app`."""

    process: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        """Kill the server without warning, and wait until the jobs that it had started have ended by themselves."""
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(started, timeout=60)
        assert not alive, alive


@contextmanager
def start_app(workspace: Path, stderr: int | None = None) -> Iterator[AppProcess]:
    """Start the app with a workspace, and an end for its errors as in `subprocess`; it is stopped as by Ctrl-C."""
    command = [sys.executable, "-m", "project_echo.cli", "app", str(workspace), "--no-browser"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env=environment, encoding="utf-8") as process:
        assert process.stdout
        address = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/$", process.stdout.readline().strip())
        assert address, process.poll()
        try:
            yield AppProcess(process, address[0])
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                wait_for(lambda: process.poll() is not None)
