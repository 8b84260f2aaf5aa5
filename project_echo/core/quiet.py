"""Silence native code that writes to standard error."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()  # of two threads at once, one would keep the null device of the other as its original


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Discard what is written to file descriptor 2 inside the block. Exceptions pass through."""
    with _lock:
        _flush()
        try:
            original = os.dup(2)
        except OSError:  # a program without a console has none
            yield
            return
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(original, 2)
            os.close(original)
            os.close(null)


def _flush() -> None:
    if sys.stderr:
        sys.stderr.flush()
