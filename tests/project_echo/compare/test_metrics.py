"""Metrics and parameters before and after."""

from typing import Any

import pytest

from project_echo.compare import metrics

ACCURACY = {"value": 0.9, "low": 0.8, "high": 1.0}
CROSSVAL = {"accuracy": ACCURACY, "macro_f1": {"value": 0.88, "low": 0.7, "high": 0.95}}


def texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(metric) for name, metric in metrics.flatten_metrics(values).items()}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (CROSSVAL, {"accuracy": "0.9000 (0.8000 to 1.0000)", "macro_f1": "0.8800 (0.7000 to 0.9500)"}),
        ({"x": {"rate": {"value": 0.1, "low": 0, "high": 0.2}}}, {"x.rate": "0.1000 (0 to 0.2000)"}),
        ({"draws": 9, "macro_f1": 0.5}, {"draws": "9", "macro_f1": "0.5000"}),
        ({"confused": {"pair": ["boar", "fox"]}}, {"confused.pair": "boar and fox"}),
        ({"confused": {"pair": None}}, {"confused.pair": "none"}),
    ],
)
def test_a_metric_is_shown_with_its_interval(values: dict[str, Any], shown: dict[str, str]) -> None:
    assert texts(values) == shown


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
    assert set(texts({"recall": recall})) == set(metrics.flatten({"recall": recall}))


def test_rows_are_the_headlines_and_what_differs_in_the_digits_shown() -> None:
    before = {**CROSSVAL, "draws": 3, "same": 0.5, "pair": ["a", "b"], "gone": 1, "close": 0.50001}
    after = {**CROSSVAL, "draws": 5, "same": 0.5, "pair": ["a", "c|d"], "new": 0.25, "close": 0.50002}
    pairs = metrics.pair_metrics({"metrics/crossval.json": before}, {"metrics/crossval.json": after})
    assert metrics.metric_rows(pairs, {"accuracy": "-0.1 to 0.1", "draws": "not a headline"}) == [
        ["`crossval: accuracy`", *["0.9000 (0.8000 to 1.0000)"] * 2, "0", "-0.1 to 0.1"],
        ["`crossval: macro_f1`", *["0.8800 (0.7000 to 0.9500)"] * 2, "0", ""],
        ["`crossval: draws`", "3", "5", "+2", ""],
        ["`crossval: gone`", "1", "", "", ""],
        ["`crossval: new`", "", "0.2500", "", ""],
        ["`crossval: pair`", "`a and b`", "`a and c\\|d`", "", ""],
    ]


def test_the_headlines_are_there_without_metrics() -> None:
    rows = metrics.metric_rows(metrics.pair_metrics({}, {"metrics/infer.json": {"correct": 1}}), {})
    assert [row[:3] for row in rows] == [
        ["`crossval: accuracy`", "", ""],
        ["`crossval: macro_f1`", "", ""],
        ["`infer: correct`", "", "1"],
    ]


DECIDED = {"decided": {"accuracy": {"value": 0.75, "low": 0.5, "high": 1.0}}}


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (DECIDED, DECIDED, ["0.7500 (0.5000 to 1.0000)", "0.7500 (0.5000 to 1.0000)", "0", "-0.1 to 0.1"]),
        (
            {"decided": None},
            DECIDED,
            ["`none`", "0.7500 (0.5000 to 1.0000)", "", ""],
        ),  # the dense head, the logistic one
        ({}, DECIDED, ["", "0.7500 (0.5000 to 1.0000)", "", ""]),  # an earlier version
        ({"decided": None}, {"decided": None}, ["`none`", "`none`", "", ""]),
    ],
)
def test_the_accuracy_of_decisions_is_a_headline(
    before: dict[str, Any], after: dict[str, Any], cells: list[str]
) -> None:
    pairs = metrics.pair_metrics(*({"metrics/crossval.json": {**CROSSVAL, **side}} for side in (before, after)))
    rows = metrics.metric_rows(pairs, {"decided.accuracy": "-0.1 to 0.1"})
    assert rows[0] == ["`crossval: decided.accuracy`", *cells]
    assert [row[0] for row in rows[1:]] == ["`crossval: accuracy`", "`crossval: macro_f1`"]


def test_a_change_has_its_sign() -> None:
    before, after = ({"metrics/infer.json": {"mean_confidence": value}} for value in (0.75, 0.5))
    row = metrics.metric_rows(metrics.pair_metrics(before, after), {})[-1]
    assert row == ["`infer: mean_confidence`", "0.7500", "0.5000", "-0.2500", ""]


def test_a_change_of_the_interval_alone_is_shown() -> None:
    after = {**CROSSVAL, "rate": {**ACCURACY, "low": 0.7}}
    pairs = metrics.pair_metrics({"metrics/a.json": {"rate": ACCURACY}}, {"metrics/a.json": {"rate": after["rate"]}})
    row = metrics.metric_rows(pairs, {})[-1]
    assert row == ["`a: rate`", "0.9000 (0.8000 to 1.0000)", "0.9000 (0.7000 to 1.0000)", "0", ""]


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
