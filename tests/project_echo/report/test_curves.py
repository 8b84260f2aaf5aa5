"""Curves of the report: drawing, summary and table show the same numbers."""

import numpy as np
import pandas as pd

from project_echo.report import curves
from tests.project_echo.report.figures import hovers, texts

CURVE = pd.DataFrame({"train": [1, 9], "accuracy": [0.7, 0.9], "low": [0.6, 0.85], "high": [0.75, 1.0]})
HISTORY = pd.DataFrame(
    {"epoch": [1, 2, 3], "loss": [0.3, 0.2, 0.1], "val_loss": [0.2, 0.15, 0.4], "accuracy": 1.0, "val_accuracy": 0.5}
)


def test_a_learning_curve_shows_accuracies_with_their_intervals() -> None:
    chart = curves.learning_curve(CURVE, "accuracy among animals", "Learning")
    assert {"1", "9", "70%", "90%", "accuracy among animals"} <= set(texts(chart))
    assert any("60.0% to 75.0%" in text for text in hovers(chart))
    assert all(text in chart.summary for text in ("70%", "1 training source ", "90%", "9"))
    assert chart.table.equals(CURVE)


def test_a_learning_curve_may_have_a_single_point() -> None:
    chart = curves.learning_curve(CURVE[:1], "accuracy", "Learning")
    assert "70%" in texts(chart)
    assert "9" not in texts(chart)


def test_accuracies_of_single_draws_are_counted_around_their_mean() -> None:
    chart = curves.draw_accuracies(
        pd.DataFrame({"draw": range(4), "accuracy": [0.5, 1.0, 1.0, 1.0]}),
        {"value": 0.875, "low": 0.8, "high": 0.95},
        "accuracy",
    )
    assert hovers(chart) == ["accuracy 50.0%: 1 draw", "accuracy 100.0%: 3 draws"]
    assert all(text in chart.summary for text in ("50%", "100%", "88%"))
    assert chart.table.to_numpy().tolist() == [[0.5, 1], [1.0, 3]]
    ticks = [float(text[:-1]) for text in texts(chart) if text.endswith("%") and " " not in text]
    assert ticks
    assert max(ticks) <= 100


def test_a_history_shows_loss_and_accuracy_and_names_the_epoch_that_was_kept() -> None:
    chart = curves.training_history(HISTORY, "Training")
    assert "Epoch 2 of 3" in chart.summary
    assert "0.150" in chart.summary
    assert texts(chart).count("training") == texts(chart).count("validation") == 2
    assert set(hovers(chart)) == {"training loss", "validation loss", "training accuracy", "validation accuracy"}
    assert chart.table.equals(HISTORY)


def test_intervals_of_a_curve_stay_within_its_axes() -> None:
    values = np.array([[0.05, 0.0, 1.0], [1.0, 0.9, 1.0]])
    drawn = curves.interval_curve(np.array([-5.0, 20.0]), values, ["-5\n3 calls", "20\n4 calls"], ("dB", "found"))
    assert "4 calls" in drawn
