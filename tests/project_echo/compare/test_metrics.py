from typing import Any

import pytest

from project_echo.compare import metrics

CROSSVAL = {"accuracy": {"mean": 0.9, "low": 0.8, "high": 1.0}, "macro_f1": {"pooled": 0.88, "low": 0.7, "high": 0.95}}


def texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(metric) for name, metric in metrics.with_bounds(values).items()}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (CROSSVAL, {"accuracy.mean": "0.9000 (0.8000 to 1.0000)", "macro_f1.pooled": "0.8800 (0.7000 to 0.9500)"}),
        (
            {"x": {"false_alarms": 0.1, "false_alarms_95": {"low": 0, "high": 0.2}}},
            {"x.false_alarms": "0.1000 (0 to 0.2000)"},
        ),
        ({"accuracy": 1.0, "wilson_95": {"low": 0.67, "high": 1.0}}, {"accuracy": "1.0000 (0.6700 to 1.0000)"}),
        ({"draws": 9, "draws_90": {"low": 0.8, "high": 1.0}}, {"draws": "9", "draws_90": "0.8000 to 1.0000"}),
    ],
)
def test_bounds_stand_beside_their_value(values: dict[str, Any], shown: dict[str, str]) -> None:
    assert texts(values) == shown


@pytest.mark.parametrize(
    "labels",
    [{"low": 0.5, "high": 1.0}, {"low": 0.5}, {"low": {"f1": 0.5}, "high": {"f1": 1.0}}, {"low": "a", "high": "b"}],
)
def test_labels_called_low_and_high_are_no_bounds(labels: dict[str, Any]) -> None:
    assert set(texts({"recall": labels})) == set(metrics.leaves({"recall": labels}))


def test_accuracy_and_macro_f1_are_always_there_and_the_rest_where_it_reads_differently() -> None:
    before = {**CROSSVAL, "draws": 3, "same": 0.5, "pair": "a / b", "gone": 1, "close": 0.50001}
    after = {**CROSSVAL, "draws": 5, "same": 0.5, "pair": "a / c|d", "new": 0.25, "close": 0.50002}
    found = metrics.pairs({"metrics/crossval.json": before}, {"metrics/crossval.json": after})
    assert metrics.rows(found, {"accuracy": "-0.1 to 0.1"}) == [
        ["`crossval: accuracy.mean`", *["0.9000 (0.8000 to 1.0000)"] * 2, "0", "-0.1 to 0.1"],
        ["`crossval: macro_f1.pooled`", *["0.8800 (0.7000 to 0.9500)"] * 2, "0", ""],
        ["`crossval: draws`", "3", "5", "+2", ""],
        ["`crossval: gone`", "1", "", "", ""],
        ["`crossval: new`", "", "0.2500", "", ""],
        ["`crossval: pair`", "`a / b`", "`a / c\\|d`", "", ""],
    ]


def test_accuracy_and_macro_f1_are_there_even_without_metrics() -> None:
    rows = metrics.rows(metrics.pairs({}, {"metrics/infer.json": {"right": 1}}), {})
    assert [row[:3] for row in rows] == [
        ["`crossval: accuracy.mean`", "", ""],
        ["`crossval: macro_f1.pooled`", "", ""],
        ["`infer: right`", "", "1"],
    ]


def test_a_change_has_its_sign() -> None:
    sides = [{"metrics/infer.json": {"confidence": value}} for value in (0.75, 0.5)]
    assert metrics.rows(metrics.pairs(*sides), {})[-1] == ["`infer: confidence`", "0.7500", "0.5000", "-0.2500", ""]


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
