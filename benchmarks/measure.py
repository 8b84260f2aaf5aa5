"""Time of work, and time and memory of commands, all of their processes included."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def describe_machine() -> str:
    """Operating system, architecture and number of cores."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def with_python_on_path() -> dict[str, str]:
    """Environment variables with the folder of this Python first on PATH: stages run `python`."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def real_time_factor(work: Callable[[], object], duration_s: float, runs: int) -> float:
    """Speed in multiples of real time, the median of several runs.

    Parameters
    ----------
    work : callable
        Processes `duration_s` seconds of sound.
    duration_s : float
    runs : int
        If there are several, one more comes before them that does not count.

    Returns
    -------
    float
    """
    if runs > 1:
        work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return duration_s / statistics.median(seconds)


def measure_command(command: list[str], folder: Path) -> tuple[float, int]:
    """Run a command with the caches of Keras and pip empty, and exit with its output if it fails.

    Parameters
    ----------
    command : list of str
    folder : Path
        Its working directory. Keras' cache is beside it.

    Returns
    -------
    seconds : float
        Wall time.
    peak : int
        Largest resident memory of all processes together, bytes, sampled ten times a second. Pages that processes share
        count once for each of them, so this is an upper estimate.

    Raises
    ------
    SystemExit
        If the command fails.
    """
    environment = {**with_python_on_path(), "KERAS_HOME": str(folder.parent / "keras"), "PIP_NO_CACHE_DIR": "1"}
    peak = 0
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        while process.poll() is None:
            peak = max(peak, resident_bytes(process.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{log.read().decode()}")
    return seconds, peak


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all its descendants, bytes."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended after it was listed
        pass
    return total
