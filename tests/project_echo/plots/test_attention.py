"""Spectrograms with attention maps over them, on axes in Hz and s."""

import numpy as np

from project_echo.plots import attention
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import FEATURES, IMAGE

EVIDENCE = np.linspace(0, 1, IMAGE[..., 0].size, dtype=np.float32).reshape(IMAGE.shape[:2])


def test_the_map_lies_over_its_spectrogram_on_a_scale_from_0_to_1() -> None:
    axes, scale = attention.overlays([[attention.Panel("", IMAGE, EVIDENCE)]], FEATURES, "").axes
    spectrogram, heat = axes.images
    np.testing.assert_array_equal(spectrogram.get_array(), IMAGE.mean(axis=-1, dtype=np.float32))
    np.testing.assert_array_equal(heat.get_array(), EVIDENCE)
    assert spectrogram.get_extent() == heat.get_extent()
    assert heat.get_clim() == (0, 1)
    assert "evidence" in scale.get_ylabel()


def test_every_panel_has_its_title_and_the_figure_one() -> None:
    figure = figures.overlays()
    titles = [axes.get_title("left") for axes in figure.axes if axes.images]
    assert titles == ["cane_toad", "Füchse & co"] * 2
    assert figure.get_suptitle() == "001"


def test_frequencies_are_labelled_in_hz() -> None:
    axes = figures.overlays().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["250", "500", "1000", "2000"]


def test_time_is_that_of_the_recording_and_ends_with_the_window() -> None:
    axes = attention.overlays([[attention.Panel("", IMAGE, EVIDENCE, start_s=7.0)]], FEATURES, "").axes[0]
    first, last = axes.get_xlim()
    assert 7 <= first < 7.01
    assert 7.97 < last <= 8
