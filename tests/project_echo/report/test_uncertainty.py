"""Charts over all draws of crossval."""

from typing import Any

import pandas as pd
import pytest

from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report.uncertainty import DECIDED, MOST_PROBABLE, UncertaintyCharts, share_below, uncertainty_charts
from tests.project_echo.report.figures import hovers, texts

POOLED = pd.DataFrame(
    [(0, "a", "s1", "boar", "boar"), (0, "b", "s2", "boar", "boar"), (0, "c", "s3", "toad", "boar")],
    columns=POOLED_COLUMNS,
)
THRESHOLDS = pd.DataFrame(
    [
        (0, "a", "s1", "boar", "none"),
        (0, "b", "s2", "boar", "boar"),
        (0, "c", "s3", "toad", "toad"),
        (0, "d", "s4", "none", "boar"),
    ],
    columns=POOLED_COLUMNS,
)
BINS = pd.DataFrame(
    [
        ("before", 0.2, 0.3, 0.2, 0.1, 5),
        ("before", 0.8, 0.9, 0.8, 1.0, 5),
        ("after", 0.0, 0.1, 0.05, 0.1, 8),
        ("after", 0.1, 0.2, 0.15, 0.1, 2),
    ],
    columns=["scaling", "from", "to", "confidence", "accuracy", "clips"],
)
SCORES: dict[str, Any] = {
    "draws": 1,
    "accuracy": {"value": 2 / 3, "low": 0.3, "high": 0.9},
    "decided": {"accuracy": {"value": 2 / 3, "low": 0.3, "high": 0.9}},
    "calibration": {"expected_calibration_error": {"before": 0.15, "after": 0.01}},
}


def charts(clips: pd.DataFrame = THRESHOLDS, **changes: object) -> UncertaintyCharts:
    accuracies = pd.DataFrame({"draw": [0], "accuracy": [2 / 3]})
    curve = pd.DataFrame({"train": [1], "accuracy": [2 / 3], "low": [0.3], "high": [0.9]})
    return uncertainty_charts(POOLED, clips, accuracies, curve, BINS, {**SCORES, **changes}, ["boar", "toad"])


def test_the_confusion_is_of_decisions_and_has_none_as_row_and_column() -> None:
    confusion = charts().confusion
    assert list(confusion.table["true"]) == ["boar", "toad", "none"]
    assert confusion.table[["boar", "toad", "none"]].to_numpy().tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_decisions_stand_beside_the_most_probable_label() -> None:
    table = charts().by_label.table
    values = table.set_index(["series", "label"])["value"]
    assert values[DECIDED].to_dict() == pytest.approx({"all labels": 2 / 3, "boar": 0.5, "toad": 1})
    assert values[MOST_PROBABLE].to_dict() == pytest.approx({"all labels": 2 / 3, "boar": 1, "toad": 0})


def test_without_thresholds_there_is_only_the_most_probable_label() -> None:
    by_label = charts(POOLED, decided=None).by_label
    assert "series" not in by_label.table
    assert by_label.table.set_index("label")["value"].to_dict() == pytest.approx(
        {"all labels": 2 / 3, "boar": 1, "toad": 0}
    )


def test_what_the_other_charts_are_of_is_named() -> None:
    shown = charts()
    assert all("accuracy among animals" in chart.summary.lower() for chart in (shown.learning_curve, shown.draws))


def test_reliability_shows_bins_before_and_after_calibration() -> None:
    reliability = charts().reliability
    assert len(hovers(reliability)) == len(reliability.table) == 4
    assert {"before calibration", "after calibration"} <= set(texts(reliability))
    assert all(number in reliability.summary for number in ("15.0", "1.0", "80%"))
    assert share_below(BINS, 0.1) == 0.8


def test_labels_whose_intervals_overlap_are_not_named_as_best_and_worst() -> None:
    table = charts().by_label.table.set_index(["series", "label"])
    assert table.loc[(DECIDED, "boar"), "high"] > table.loc[(DECIDED, "toad"), "low"]
    assert "toad" not in charts().by_label.summary
