"""Spectrograms with attention over them, on axes in Hz and s."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from project_echo import features, figures, overlays
from tests.sounds import FEATURES, tone

RATE = FEATURES.sample_rate


def panel(start_s: float = 0.0) -> overlays.Panel:
    attention = np.zeros(FEATURES.shape[:2], dtype=np.float32)
    attention[:4, :4] = 1
    return overlays.Panel("cane toad, $5", features.image(tone(1000, 1, RATE), FEATURES), attention, start_s)


@pytest.mark.parametrize("rows", [[[panel()]], [[panel(), panel()]] * 3])
def test_a_figure_is_the_same_bytes_twice(tmp_path: Path, rows: list[list[overlays.Panel]]) -> None:
    for name in ("first.png", "second.png"):
        figures.save(overlays.overlays(rows, FEATURES, "a_b & co"), tmp_path / name)
    first = (tmp_path / "first.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert first == (tmp_path / "second.png").read_bytes()


@pytest.mark.parametrize("hz", [500, 1000, 2000])
def test_a_tone_is_loudest_at_the_band_of_its_pitch(hz: int) -> None:
    loudest = features.image(tone(hz, 1, RATE), FEATURES).mean(axis=(1, 2)).argmax()
    assert abs(overlays.band(np.array([hz]), FEATURES)[0] - loudest) < 1


def test_frequencies_are_octaves_inside_the_bands() -> None:
    assert overlays.octaves(FEATURES).tolist() == [250, 500, 1000, 2000]
    assert overlays.octaves(replace(FEATURES, fmin=400.0)).tolist() == [500, 1000, 2000]
    axes = overlays.overlays([[panel()]], FEATURES, "").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["250", "500", "1000", "2000"]


def test_time_is_that_of_the_recording_and_ends_with_the_window() -> None:
    first, last = overlays.overlays([[panel(7.0)]], FEATURES, "").axes[0].get_xlim()
    assert 7 <= first < 7.01
    assert 7.97 < last <= 8
