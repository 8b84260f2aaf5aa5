"""Charts: figure, summary and table show the same numbers."""

import numpy as np
import pandas as pd
import pytest

from project_echo.plots.palette import label_colors
from project_echo.report import charts
from tests.project_echo.report.figures import figure

LABELS = ["<b>boar</b>", "tree_frog"]
SCORES = pd.DataFrame({"label": LABELS, "f1": [0.5, 0.75]})


def test_a_confusion_matrix_shows_counts_and_shares() -> None:
    chart = charts.confusion(np.array([[3, 1], [0, 4]]), LABELS, "Confusion")
    (heatmap,), layout = figure(chart)
    assert heatmap["text"] == [[3, 1], [0, 4]]
    assert heatmap["z"] == [[0.75, 0.25], [0, 1]]
    assert [layout[axis]["title"]["text"] for axis in ("xaxis", "yaxis")] == ["predicted", "true"]
    assert "87.5%" in chart.summary
    assert "8 predictions" in chart.summary
    assert chart.table.to_numpy().tolist() == [["<b>boar</b>", 3, 1], ["tree frog", 0, 4]]


def test_labels_are_escaped_for_plotly_and_shown_as_they_are_elsewhere() -> None:
    chart = charts.f1_scores(SCORES, "F1")
    (bars,), _ = figure(chart)
    assert bars["x"] == ["&lt;b&gt;boar&lt;/b&gt;", "tree frog"]
    assert bars["y"] == [0.5, 0.75]
    assert "<b>boar</b> (0.500)" in chart.summary
    assert list(chart.table["label"]) == ["<b>boar</b>", "tree frog"]


def test_labels_have_their_colors_of_other_figures() -> None:
    (bars,), _ = figure(charts.f1_scores(SCORES, "F1"))
    assert bars["marker"]["color"] == [label_colors(LABELS)[label] for label in LABELS]


def test_labels_that_look_like_numbers_stay_names_and_ties_are_all_named() -> None:
    numbered = pd.DataFrame({"label": ["1", "02", "true"], "f1": [0.5, 0.75, 0.75]})
    chart = charts.f1_scores(numbered, "F1")
    (bars,), layout = figure(chart)
    assert layout["xaxis"]["type"] == "category"
    assert bars["x"] == ["1", "02", "true"]
    assert chart.summary.index("02 and true (0.750)") < chart.summary.index("1 (0.500)")
    assert "02" not in charts.f1_scores(numbered.assign(f1=1.0), "F1").summary
    assert charts.confusion(np.eye(3), list(numbered["label"]), "Confusion").table.shape == (3, 4)


def test_a_learning_curve_shows_accuracies_with_their_intervals() -> None:
    curve = pd.DataFrame({"train": [1, 9], "accuracy": [0.7, 0.9], "low": [0.6, 0.85], "high": [0.75, 1.0]})
    chart = charts.learning_curve(curve)
    (line,), layout = figure(chart)
    assert (line["x"], line["y"]) == ([1, 9], [0.7, 0.9])
    assert line["error_y"]["array"] == pytest.approx([0.05, 0.1])
    assert line["error_y"]["arrayminus"] == pytest.approx([0.1, 0.05])
    assert layout["xaxis"]["tickvals"] == [1, 9]
    assert all(text in chart.summary for text in ("0.700", "1 training source ", "0.900", "9 training sources"))


def test_accuracies_of_single_draws_are_counted_around_their_mean() -> None:
    chart = charts.draw_accuracies(
        pd.DataFrame({"draw": range(4), "accuracy": [0.5, 1.0, 1.0, 1.0]}), {"value": 0.875, "low": 0.8, "high": 0.95}
    )
    (bars,), layout = figure(chart)
    assert (bars["x"], bars["y"]) == ([0.5, 1.0], [1, 3])
    band, mean = layout["shapes"]
    assert (band["x0"], band["x1"], mean["x0"], mean["x1"]) == (0.8, 0.95, 0.875, 0.875)
    assert all(text in chart.summary for text in ("0.500", "1.000", "0.875"))
    assert chart.table.to_numpy().tolist() == [[0.5, 1], [1.0, 3]]


def test_a_history_names_the_epoch_that_was_kept_and_a_regression_has_none() -> None:
    final = pd.DataFrame({"epoch": [1], "loss": [0.1], "val_loss": [0.2], "accuracy": [1.0], "val_accuracy": [1.0]})
    lines, _ = figure(charts.training_history(final, "Loss"))
    assert [(line["name"], line["y"]) for line in lines] == [("training", [0.1]), ("validation", [0.2])]
    longer = pd.concat([final, final.assign(epoch=2, val_loss=0.15), final.assign(epoch=3)], ignore_index=True)
    summary = charts.training_history(longer, "Loss").summary
    assert "Epoch 2 of 3" in summary
    assert "0.150" in summary
    summary = charts.training_history(final, "Loss").summary
    assert "Epoch 1" not in summary
    assert "0.200" in summary
