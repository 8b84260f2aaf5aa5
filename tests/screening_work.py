"""Screening that goes wrong or slowly, for worker processes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from project_echo.media.stream import Stream
from project_echo.screening import worker
from project_echo.screening.worker import Outcome, screen_recording
from tests.work import kill_itself


def deadly_screen(path: Path, recording: str, *others: Any) -> Outcome:
    """Screen a recording, but kill the process if the recording is called deadly."""
    if "deadly" in recording:
        others[-1].mark_active(recording)
        kill_itself()
    return screen_recording(path, recording, *others)


class _SlowStream(Stream):
    def __iter__(self) -> Iterator[np.ndarray]:
        for block in super().__iter__():
            time.sleep(0.05)
            yield block


def slow_screen(*arguments: Any) -> Outcome:
    """Screen a recording slowly, and note its progress after every block."""
    with patch.object(worker, "PROGRESS_INTERVAL_S", 0), patch.object(worker, "Stream", _SlowStream):
        return screen_recording(*arguments)
