"""What command lines of project-echo and of stages share: paths as arguments, output that never fails, a quick end."""

import argparse
import atexit
import errno
import gc
import io
import logging
import os
import sys
from pathlib import Path


def as_path(value: str | os.PathLike[str], name: str) -> Path:
    """An argument as a path. Raises ValueError, naming the argument, if it is empty: it would be the current folder."""
    if not os.fspath(value).strip():
        raise ValueError(f"{name} is empty: name a file or folder ('.' is the current one)")
    return Path(value)


def path_argument(text: str) -> Path:
    """An argparse type: a path that is not empty, as of a script's variable that is not set."""
    try:
        return as_path(text, "the path")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; if a script passes a variable, set it") from None


def escape_unencodable_output() -> None:
    r"""Print characters that the output's encoding does not have as escapes (``\u017c``), instead of failing.

    On Windows a redirected log has the encoding of the system's code page, which has few characters, and file names
    that are not UTF-8 can be printed in no encoding.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a program without a console has none
            stream.reconfigure(errors="backslashreplace")


def skip_garbage_search_at_exit() -> None:
    """Let this program end without a search for garbage: 0.2 s for memory that the system frees anyway."""
    atexit.register(gc.freeze)


class OutputHandler(logging.StreamHandler):  # generic only from Python 3.11 on
    """Write log messages to a stream. If its reader has gone (``| head``), the work goes on without messages."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Discard this message and those to come if nobody reads the stream, as the documentation of SIGPIPE says."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError) and error.errno in {errno.EPIPE, errno.EINVAL}:  # EINVAL on Windows
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
        else:
            super().handleError(record)
