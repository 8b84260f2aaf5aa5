"""How long a worker may read one recording."""

from pathlib import Path

import numpy as np

from project_echo.screening import worker
from tests.sounds import encode, hiss

DAY_S = 86_400


def test_the_time_limit_allows_a_day_of_compressed_speech_on_a_slow_machine(tmp_path: Path) -> None:
    """Opus is the slowest to decode for its size; the slow machine decodes at 100 times real time."""
    sound = np.concatenate([hiss(10), np.zeros_like(hiss(50))])
    low_bit_rate = ("-ar", "16000", "-b:a", "6k", "-application", "voip", "-dtx", "1")
    minute = encode(tmp_path / "minute.opus", sound, *low_bit_rate).stat().st_size
    assert worker.timeout_s(minute * DAY_S // 60) > DAY_S / 100
    assert worker.timeout_s(10**6) < 200, "a small file need not be given so long"
    assert worker.timeout_s(10**15) == DAY_S, "a sparse file may have any size"
