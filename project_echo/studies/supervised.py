"""Run `dvc repro` in the working folder. When the process that started this one ends, however it ends, this one does.

python -m project_echo.studies.supervised check report

Its standard input is a pipe of that process, which the system closes even when the process is killed. Without this,
DVC and the stage that runs would work on, and the next run would find the study in use.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

INTERRUPT_S = 5.0  # that a stage has to end by itself, before it is killed

_ending = threading.Event()


def main() -> int:
    """Run DVC, and return its exit code."""
    watching = threading.Thread(target=watch, args=(keep_input(), end_all), daemon=True)
    watching.start()
    from dvc.cli import main as dvc  # noqa: PLC0415  (takes a second, in which the pipe is already watched)

    code: int = dvc(["--wait-for-lock", "repro", *sys.argv[1:]])
    if _ending.is_set():
        watching.join()
    return code


def keep_input() -> int:
    """Give standard input another number, and stages an empty one.

    On Windows a process hangs when it starts with a pipe as its input that another one is reading from.
    """
    pipe, empty = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return pipe


def watch(pipe: int, end: Callable[[], None]) -> None:
    """Wait until a pipe is closed, then end everything."""
    while os.read(pipe, 1):
        pass
    _ending.set()
    end()


def end_all(code: int = 1) -> None:
    """End all that this process has started, and the process itself with an exit code."""
    import psutil  # noqa: PLC0415  (comes with DVC)

    children = psutil.Process().children(recursive=True)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.terminate() if os.name == "nt" else child.send_signal(signal.SIGINT)
    psutil.wait_procs(children, timeout=INTERRUPT_S)
    for child in {*children, *psutil.Process().children(recursive=True)}:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
