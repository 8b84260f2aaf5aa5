"""Small pieces of work for other processes, in a module that is quick to import there."""

import os
import signal
from pathlib import Path

import numpy as np
import threadpoolctl


def process(*_: int) -> int:
    return os.getpid()


def threads(*_: int) -> set[int]:
    """How many threads the libraries of this process may use."""
    np.ones((200, 200)) @ np.ones((200, 200))
    return {library["num_threads"] for library in threadpoolctl.threadpool_info()}


def mark(folder: Path, item: int) -> int:
    (folder / str(item)).touch()
    return item


def kill_itself(*_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_itself_once(folder: Path, item: int) -> int:
    """Item 7 ends its process with SIGKILL, the first time."""
    if item == 7 and not (folder / "7").exists():
        mark(folder, item)
        kill_itself()
    return item
