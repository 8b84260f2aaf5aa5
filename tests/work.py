"""Small pieces of work for other processes, in a module that is quick to import there."""

import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import threadpoolctl


def process(*_: int) -> int:
    return os.getpid()


def threads(*_: int) -> set[int]:
    """Numbers of threads that the native libraries of this process may use."""
    np.ones((200, 200)) @ np.ones((200, 200))
    return {library["num_threads"] for library in threadpoolctl.threadpool_info()}


def mark(folder: Path, item: int | str) -> int | str:
    (folder / str(item)).touch()
    return item


class Holder:
    """Something large that calls share."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values


def is_mapped(shared: Holder, _: int) -> tuple[bool, float]:
    """Whether the values are a memory map, and the last of them."""
    return isinstance(shared.values, np.memmap), float(shared.values[-1])


class Traced:
    """Leaves a file in a folder whenever a process unpickles it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict[str, Path]) -> None:
        self.__dict__ |= state
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()


def wait_a_little(_: Traced, item: int) -> int:
    time.sleep(0.02)
    return item


def kill_itself_once_sharing(_: str, folder: Path, item: int) -> int:
    return kill_itself_once(folder, item)


def kill_itself(*_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_itself_if_big(name: str) -> str:
    if name == "big.wav":
        kill_itself()
    return name


def kill_itself_on_signal(folder: Path, name: str) -> str:
    """If the name is big, kill the process as soon as the file `signal` exists."""
    if name == "big":
        while not (folder / "signal").exists():
            time.sleep(0.01)
        kill_itself()
    return name


def time_out(_: int) -> None:
    raise TimeoutError("network drive")


def kill_itself_once(folder: Path, item: int) -> int:
    """Kill the process over item 7, the first time."""
    if item == 7 and not (folder / "7").exists():
        mark(folder, item)
        kill_itself()
    return item


def processes_left() -> list[psutil.Process]:
    """Processes that this one started, except workers that wait for parallel work, and the browser of other tests."""
    children = psutil.Process().children(recursive=True)
    return [
        child
        for child in children
        if not {"joblib", "dask", "multiprocessing", "playwright", "chromium", "chrome"} & _words(child)
    ]


def _words(process: psutil.Process) -> set[str]:
    try:
        return set(re.findall(r"\w+", " ".join(process.cmdline())))
    except psutil.NoSuchProcess:
        return {"joblib"}
