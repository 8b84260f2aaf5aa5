"""Figures of an evaluation show their tables."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from project_echo.core.labels import NONE
from project_echo.plots import evaluation
from project_echo.plots.style import styled
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import HISTORY, LABELS


def test_the_confusion_shows_counts_by_truth_and_prediction() -> None:
    axes = figures.confusion().axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert axes.get_title("left").startswith("Confusion")
    counts = {text.get_position(): text.get_text() for text in axes.texts}
    assert counts == {
        (column, row): text
        for row, texts in enumerate((["2", "0", "1"], ["0", "3", "0"], ["0", "0", "0"]))
        for column, text in enumerate(texts)
    }
    shares = axes.images[0].get_array()
    assert shares is not None
    np.testing.assert_allclose(shares, [[2 / 3, 0, 1 / 3], [0, 1, 0], [0, 0, 0]])


def test_scores_per_class_are_bars_over_the_label_and_its_number_of_clips() -> None:
    axes = figures.per_class().axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "cane toad\n3 clips",
        "Füchse & co\n3 clips",
        "001\n0 clips",
    ]
    assert [bars.get_label() for bars in axes.containers] == ["precision", "recall", "F1"]
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    assert heights == [[1, 0.5, 0], [0.5, 1, 0], [0.7, 0.7, 0]]


@pytest.mark.parametrize(("panel", "measure"), [(0, "loss"), (1, "accuracy")])
def test_the_history_marks_the_epoch_that_was_kept(panel: int, measure: str) -> None:
    train, validation, kept = figures.history().axes[panel].lines
    assert [line.get_label() for line in (train, validation, kept)] == ["train", "validation", "kept"]
    np.testing.assert_array_equal(train.get_xydata(), HISTORY[["epoch", measure]])
    np.testing.assert_array_equal(validation.get_xydata(), HISTORY[["epoch", f"val_{measure}"]])
    assert np.asarray(kept.get_xdata()).tolist() == [5, 5]


def test_a_history_of_one_row_is_drawn_as_bars() -> None:
    for axes in figures.history_of_one_row().axes:
        assert [label.get_text() for label in axes.get_yticklabels()] == ["train", "validation"]
        assert [bar.get_width() for bar in axes.containers[0]] == pytest.approx([0.2, 0.2])


def test_predictions_are_a_cell_for_each_clip_and_label_and_wrong_ones_are_marked() -> None:
    axes = figures.predictions().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "cane toad",
        "Füchse & co  (wrong)",
        "001  (wrong)",
    ]
    assert [label.get_text() for label in axes.get_xticklabels()] == [label.replace("_", " ") for label in LABELS]
    np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), [[0.9, 0.8, 0.0]] * 3)
    assert {text.get_text() for text in axes.texts} == {"0.90", "0.80", "0.00"}
    corners = [patch.get_xy() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert corners == [(-0.5, -0.5), (-0.5, 0.5)]  # the prediction of the third clip is none


def test_a_probability_of_zero_looks_like_the_paper() -> None:
    figure = figures.predictions()
    image = figure.axes[0].images[0]
    assert image.to_rgba(0.0) == figure.get_facecolor() != image.to_rgba(0.2)


@pytest.mark.parametrize("n_animals", [1, 2, 9, 30])
@styled()
def test_the_labels_of_predictions_fit_and_do_not_overlap(n_animals: int) -> None:
    labels = [f"chestnut-sided_warbler_{number:02}" for number in range(n_animals)]
    table = pd.DataFrame({"truth": labels, "prediction": NONE}).join(pd.DataFrame(np.eye(n_animals), columns=labels))
    figure = evaluation.predictions(table.tail(3), labels)
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    boxes = [text.get_window_extent() for text in [*axes.get_xticklabels(), *axes.get_yticklabels()]]
    assert len(boxes) == n_animals + min(3, n_animals)
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height
    title, name = figure.texts[0].get_window_extent(), axes.xaxis.get_label().get_window_extent()
    assert not title.overlaps(axes.get_window_extent())
    assert not name.count_overlaps(boxes)
    if n_animals == 30:  # upright, so that their boxes are those of the letters
        assert not any(box.count_overlaps(boxes[number + 1 :]) for number, box in enumerate(boxes))
