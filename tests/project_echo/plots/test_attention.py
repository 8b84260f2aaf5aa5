"""Spectrograms with attention over them, on axes in Hz and s."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.features import melspectrogram
from project_echo.plots import attention, style
from tests.sounds import FEATURES, tone

RATE = FEATURES.sample_rate


def panel(start_s: float = 0.0) -> attention.Panel:
    attention = np.zeros(FEATURES.image_shape[:2], dtype=np.float32)
    attention[:4, :4] = 1
    return attention.Panel("cane toad, $5", melspectrogram.image(tone(1000, 1, RATE), FEATURES), attention, start_s)


@pytest.mark.parametrize("rows", [[[panel()]], [[panel(), panel()]] * 3])
def test_a_figure_is_the_same_bytes_twice(tmp_path: Path, rows: list[list[attention.Panel]]) -> None:
    for name in ("first.png", "second.png"):
        style.save(attention.overlays(rows, FEATURES, "a_b & co"), tmp_path / name)
    first = (tmp_path / "first.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert first == (tmp_path / "second.png").read_bytes()


def test_frequencies_stand_beside_the_picture_in_hz() -> None:
    axes = attention.overlays([[panel()]], FEATURES, "").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["250", "500", "1000", "2000"]


def test_time_is_that_of_the_recording_and_ends_with_the_window() -> None:
    first, last = attention.overlays([[panel(7.0)]], FEATURES, "").axes[0].get_xlim()
    assert 7 <= first < 7.01
    assert 7.97 < last <= 8
