"""The figure of an unseen recording."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from project_echo.plots.style import styled
from project_echo.plots.timeline import MAX_SHOWN, shown_labels, timeline
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


def of_many(n_animals: int) -> Figure:
    """The figure of a recording with many animals, the last of which reach most."""
    labels = [f"chestnut-sided_warbler_{number:02}" for number in range(n_animals)]
    windows = pd.DataFrame(np.outer([0.5, 1], np.arange(1.0, n_animals + 1) / n_animals), columns=labels)
    windows.insert(0, "start_s", [0.0, 1.0])
    windows.insert(1, "end_s", [5.0, 6.0])
    summary = {"recording": "unseen/woods.wav", "label": labels[0], "truth": "", "verdict": "", "agreement": 0.5}
    return timeline(windows, summary)


def look(line: Line2D) -> tuple[object, ...]:
    return line.get_color(), line.get_linestyle(), line.get_linewidth()


@pytest.mark.parametrize("n_animals", [1, 4, 8, 9, 12, 30])
def test_lines_can_be_told_apart_and_the_legend_shows_them_as_they_are(n_animals: int) -> None:
    figure = of_many(n_animals)
    over_time, final = figure.axes
    named = [line for line in over_time.lines if not str(line.get_label()).startswith("_")]
    assert len(over_time.lines) == n_animals
    assert len(named) == min(n_animals, MAX_SHOWN)
    assert str(named[0].get_label()).endswith("00")  # the recording's own label, which reaches least
    (legend,) = figure.legends
    assert [look(line) for line in legend.get_lines()] == [look(line) for line in named]
    assert len({look(line) for line in named}) == len(named)
    assert len({(line.get_color(), line.is_dashed(), str(line._dash_pattern)) for line in named}) == len(named)
    bars = [bar.get_width() for bar in final.patches]
    assert len(bars) == len(named) + (n_animals > MAX_SHOWN)
    assert max(bars) == pytest.approx(0.75)
    if n_animals > MAX_SHOWN:  # the highest of those that are not shown
        assert bars[-1] == pytest.approx(0.75 * (n_animals - MAX_SHOWN + 1) / n_animals)


@pytest.mark.parametrize("n_animals", [1, 4, 8, 30])
@styled()
def test_nothing_that_is_written_overlaps_or_leaves_the_figure(n_animals: int) -> None:
    figure = of_many(n_animals)
    FigureCanvasAgg(figure).draw()
    (legend,) = figure.legends
    texts = [*legend.get_texts(), *figure.axes[1].get_yticklabels()]
    boxes = [text.get_window_extent() for text in texts]
    for number, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height
        assert not box.count_overlaps(boxes[number + 1 :])


def test_all_animals_are_shown_up_to_the_number_of_colors_and_always_that_of_the_recording() -> None:
    maxima = {f"l{number}": (number + 1) / 100 for number in range(MAX_SHOWN)}
    assert shown_labels(pd.DataFrame([maxima]), "l0") == list(maxima)
    more = pd.DataFrame([{"a": 0.0, **maxima}])
    assert shown_labels(more, "none") == list(maxima)
    assert shown_labels(more, "a") == ["a", *list(maxima)[1:]]
