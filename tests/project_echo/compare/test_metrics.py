"""Metrics and parameters before and after."""

from typing import Any

import pytest

from project_echo.compare import metrics

ACCURACY = {"value": 0.9, "low": 0.8, "high": 1.0}
CROSSVAL = {"accuracy": ACCURACY, "macro_f1": {"value": 0.88, "low": 0.7, "high": 0.95}}


def test_a_metric_with_its_interval_is_one() -> None:
    flat = metrics.flatten_metrics({"draws": 9, **CROSSVAL, "confused": {"pair": ["boar", "fox"]}})
    assert flat == {
        "draws": metrics.Metric(9),
        "accuracy": metrics.Metric(0.9, (0.8, 1.0)),
        "macro_f1": metrics.Metric(0.88, (0.7, 0.95)),
        "confused.pair": metrics.Metric(["boar", "fox"]),
    }


@pytest.mark.parametrize(
    "recall",
    [
        {"low": 0.5, "high": 1.0},
        {**ACCURACY, "fox": 0.5},
        {"value": {"f1": 0.5}, "low": 0.5, "high": 1.0},
        {"value": "a", "low": "b", "high": "c"},
    ],
)
def test_labels_called_value_low_and_high_are_not_an_interval(recall: dict[str, Any]) -> None:
    assert set(metrics.flatten_metrics({"recall": recall})) == set(metrics.flatten({"recall": recall}))


def test_recall_by_snr_has_its_bounds_and_the_order_of_its_decibels() -> None:
    by_snr = {snr: {"calls": 3, "value": 0.5, "low": 0.25, "high": 0.75} for snr in ("10", "-5", "5")}
    values = {"metrics/field.json": {"events": {"recall_by_snr": by_snr}}}
    pairs = metrics.pair_metrics(values, values)
    recalls = [name for _, name in pairs if name.endswith(".value")]
    assert recalls == [f"events.recall_by_snr.{snr}.value" for snr in ("-5", "5", "10")]
    assert len(pairs) == 6
    (before, _) = pairs["metrics/field.json", recalls[0]]
    assert before == metrics.Metric(0.5, (0.25, 0.75))


def test_the_accuracy_of_decisions_that_are_not_made_is_null() -> None:
    pairs = metrics.pair_metrics({"metrics/crossval.json": {"decided": None}}, {"metrics/crossval.json": CROSSVAL})
    assert pairs["metrics/crossval.json", "decided.accuracy"] == (metrics.Metric(None), None)


def test_values_that_differ_are_listed_by_dotted_name() -> None:
    before = {"train": {"C": 0.01, "head": "dense", "same": [1, 2]}, "old": None, "kind": 1}
    after = {"train": {"C": 0.1, "head": "a|b", "same": [1, 2], "bands": [4, "last"]}, "kind": "1"}
    assert metrics.changed_values(before, after) == [
        ["`kind`", "`1`", '`"1"`'],
        ["`old`", "`null`", ""],
        ["`train.C`", "`0.01`", "`0.1`"],
        ["`train.bands`", "", '`[4, "last"]`'],
        ["`train.head`", '`"dense"`', '`"a\\|b"`'],
    ]
