"""What a worker does with one recording."""

from pathlib import Path

import numpy as np

from project_echo.screening import worker
from tests.sounds import encode, hiss

DAY_S = 86_400


def test_a_day_of_thrifty_speech_may_be_read_on_a_slow_machine(tmp_path: Path) -> None:
    """Opus, the slowest to decode for its size, at 100 times real time; no small file is waited for so long."""
    sound = np.concatenate([hiss(10), np.zeros_like(hiss(50))])
    thrifty = ("-ar", "16000", "-b:a", "6k", "-application", "voip", "-dtx", "1")
    minute = encode(tmp_path / "minute.opus", sound, *thrifty).stat().st_size
    assert worker.patience_s(minute * DAY_S // 60) > DAY_S / 100
    assert worker.patience_s(10**6) < 200
    assert worker.patience_s(10**15) == DAY_S, "a file with holes may have any size"
