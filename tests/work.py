"""Small pieces of work for other processes, in a module that is quick to import there."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
import threadpoolctl

from project_echo.media.stream import Stream
from project_echo.screening import worker as predict_work
from project_echo.screening.worker import Outcome, screen


def process(*_: int) -> int:
    return os.getpid()


def threads(*_: int) -> set[int]:
    """How many threads the libraries of this process may use."""
    np.ones((200, 200)) @ np.ones((200, 200))
    return {library["num_threads"] for library in threadpoolctl.threadpool_info()}


def mark(folder: Path, item: int | str) -> int | str:
    (folder / str(item)).touch()
    return item


def kill_itself(*_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_itself_if_big(name: str) -> str:
    if name == "big.wav":
        kill_itself()
    return name


def kill_itself_once_told(folder: Path, name: str) -> str:
    """Big ends its process with SIGKILL, as soon as the file `told` is there."""
    if name == "big":
        while not (folder / "told").exists():
            time.sleep(0.01)
        kill_itself()
    return name


def time_out(_: int) -> None:
    raise TimeoutError("network drive")


def kill_itself_once(folder: Path, item: int) -> int:
    """Item 7 ends its process with SIGKILL, the first time."""
    if item == 7 and not (folder / "7").exists():
        mark(folder, item)
        kill_itself()
    return item


def deadly_screen(path: Path, recording: str, *others: Any) -> Outcome:
    """Screen a recording, but end the process over one that is called deadly."""
    if "deadly" in recording:
        others[-1].begin(recording)
        kill_itself()
    return screen(path, recording, *others)


class _Slow(Stream):
    def __iter__(self) -> Iterator[np.ndarray]:
        for block in super().__iter__():
            time.sleep(0.05)
            yield block


def slow_screen(*arguments: Any) -> Outcome:
    """Screen a recording slowly, and note after every block how far it is."""
    with patch.object(predict_work, "NOTED_S", 0), patch.object(predict_work, "Stream", _Slow):
        return screen(*arguments)


def processes_left() -> list[psutil.Process]:
    """Processes that this one started, but for those that wait for parallel work."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if not {"joblib", "dask", "multiprocessing"} & words(child)]


def words(process: psutil.Process) -> set[str]:
    try:
        return set(re.findall(r"\w+", " ".join(process.cmdline())))
    except psutil.NoSuchProcess:
        return {"joblib"}
