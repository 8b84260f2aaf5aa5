"""The figure of an unseen recording."""

import numpy as np
import pytest

from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import LABELS


def test_probabilities_are_drawn_at_the_middle_of_each_window() -> None:
    over_time = figures.timeline().axes[0]
    assert [line.get_label() for line in over_time.lines] == [label.replace("_", " ") for label in LABELS]
    for line in over_time.lines:
        np.testing.assert_allclose(line.get_xydata(), [(2.5, 0.2), (3.5, 0.6)])
    assert over_time.get_xlim() == (0, 6)


def test_the_title_names_recording_label_verdict_and_truth() -> None:
    title = figures.timeline().axes[0].get_title("left")
    assert all(part in title for part in ("cane_toad.mp4", "001", "wrong", "Füchse & co"))


def test_bars_are_the_means_of_all_windows_beside_their_agreement() -> None:
    final = figures.timeline().axes[1]
    assert [bar.get_width() for bar in final.patches] == pytest.approx([0.4] * 3)
    assert "2 windows" in final.get_xlabel()
    assert "50%" in final.get_xlabel()
