"""The process of a job: calls a function of the Python interface, and tells how it goes as lines of JSON.

    python -m project_echo.app.jobs.process

The first line of its standard input is the job, as JSON. The rest is a pipe of the app, which the system closes even
when the app is killed: then the job ends with all that it has started.
"""

import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import project_echo
from project_echo.core.errors import EchoError
from project_echo.core.files import read_json
from project_echo.core.progress import Progress
from project_echo.studies.before_after import change_rows
from project_echo.studies.outcome import figure_rows
from project_echo.studies.supervised import end_all, keep_input, watch

STOP_S = 10.0  # that the function has to end by itself when it is stopped
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "train": project_echo.train,
    "predict": project_echo.screen,
    "review": project_echo.review,
    "improve": project_echo.improve,
}


def main() -> None:
    """Read a job, run it, and end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script may have started the app with Ctrl-C ignored
    job = json.loads(_first_line())
    lines = Lines(os.dup(1))
    os.dup2(2, 1)  # what libraries print belongs to the log
    done = threading.Event()
    threading.Thread(target=watch, args=(keep_input(), lambda: _stop(done)), daemon=True).start()
    logger = logging.getLogger("project_echo")
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        lines.write(run(job["action"], job["arguments"], lines.progress))
    except KeyboardInterrupt:
        lines.write({"stopped": True})
    except BaseException:  # an error of this program: the app says where its output is
        traceback.print_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        done.set()
        sys.stdout.flush()
        end_all(0)  # workers of joblib, too


def run(action: str, arguments: dict[str, Any], on_progress: Callable[[Progress], None]) -> dict[str, Any]:
    """Call the function of an action.

    Parameters
    ----------
    action : str
        One of FUNCTIONS.
    arguments : dict
        Its keyword arguments.
    on_progress : callable

    Returns
    -------
    dict
        ``{"result": ...}`` (`summarize`), or ``{"error": ...}`` with a message for people.
    """
    try:
        return {"result": summarize(FUNCTIONS[action](**arguments, on_progress=on_progress))}
    except (EchoError, ValueError) as error:
        return {"error": " ".join(str(error).split())}
    except OSError as error:  # a full disk, a folder without write permission
        return {"error": f"{error.filename or 'The disk'}: {error.strerror or error}. Fix this, then continue."}


def summarize(value: Any) -> dict[str, Any]:
    """What the app shows of a function's result, as JSON has it.

    Parameters
    ----------
    value : Trained, Results or Path
        From `train` or `improve`, `screen`, `review`.

    Returns
    -------
    dict
        Of a training: stages (number of those that ran), figures (`outcome.figure_rows`), comparison ("better",
        "worse", "mixed", "same", or empty), and changes (`before_after.change_rows`). Of a screening: numbers of
        recordings, events, skipped, alerts. Of a review: page.
    """
    if isinstance(value, project_echo.Results):
        tables = ("recordings", "events", "skipped", "alerts")
        return {name: len(getattr(value, name)) for name in tables}
    if isinstance(value, Path):
        return {"page": str(value)}
    crossval, field = (read_json(value.study / "metrics" / f"{name}.json") for name in ("crossval", "field"))
    comparison = value.comparison
    return {
        "stages": len(value.stages),
        "figures": figure_rows(crossval, field),
        "comparison": comparison.kind if comparison else "",
        "changes": change_rows(comparison) if comparison else [],
    }


class Lines(logging.Handler):
    """Writes lines of JSON to a file descriptor: messages of the library, progress, and the end."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._stream = os.fdopen(descriptor, "w", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message."""
        level = "info" if record.levelno < logging.WARNING else "warning"
        self.write({"message": [level, record.getMessage()]})

    def progress(self, progress: Progress) -> None:
        """Write how far the work is."""
        self.write({"progress": [progress.fraction, progress.text, progress.left_s]})

    def write(self, value: dict[str, Any]) -> None:
        """Write a line."""
        with self.lock or threading.RLock():
            self._stream.write(f"{json.dumps(value)}\n")
            self._stream.flush()


def _first_line() -> str:
    """A line of standard input, of which not a byte more is read: the rest is watched."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode()


def _stop(done: threading.Event) -> None:
    """Let the function clean up after itself, then end everything."""
    signal.raise_signal(signal.SIGINT) if os.name == "nt" else os.kill(os.getpid(), signal.SIGINT)
    if not done.wait(STOP_S):
        end_all()


if __name__ == "__main__":
    main()
