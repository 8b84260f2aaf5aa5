"""Metrics against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from project_echo.evaluation import metrics

LABELS = ["boar", "fox", "frog", "owl"]
# One boar is taken for a fox, two foxes for a boar, a frog for an owl; no clip is of an owl.
TRUTH = np.array(["boar", "boar", "boar", "fox", "fox", "fox", "frog", "frog"])
PREDICTION = np.array(["boar", "boar", "fox", "fox", "boar", "boar", "frog", "owl"])


def test_metrics_equal_those_worked_out_by_hand() -> None:
    scores = metrics.classification_metrics(TRUTH, PREDICTION, LABELS)
    assert scores["clips"] == 8
    assert scores["accuracy"] == metrics.wilson_ci(TRUTH == PREDICTION)
    assert scores["accuracy"]["value"] == 0.5
    boar, fox, frog = 4 / 7, 2 / 5, 2 / 3  # 2 / (2 + (2 + 1) / 2), 1 / (1 + (1 + 2) / 2), 1 / (1 + 1 / 2)
    assert scores["macro_f1"] == pytest.approx((boar + fox + frog + 0) / 4)
    assert scores["per_class"]["boar"] == pytest.approx({"precision": 0.5, "recall": 2 / 3, "f1": boar, "support": 3})
    assert scores["per_class"]["owl"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
    assert scores["most_confused"] == {"pair": ["boar", "fox"], "errors": 3}


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=30))
def test_metrics_equal_those_of_scikit_learn_and_scipy(pairs: list[tuple[str, str]]) -> None:
    """Which evaluation does without, as they take longer to import than all of it takes."""
    truth, prediction = np.array(pairs).T
    expected = precision_recall_fscore_support(truth, prediction, labels=LABELS, zero_division=0)
    table = metrics.per_class(truth, prediction, LABELS)
    for column, values in zip(["precision", "recall", "f1", "support"], expected, strict=True):
        np.testing.assert_allclose(table[column], values)
    np.testing.assert_array_equal(
        metrics.confusion(truth, prediction, LABELS), confusion_matrix(truth, prediction, labels=LABELS)
    )
    hits = truth == prediction
    interval = binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, method="wilson")
    scores = metrics.wilson_ci(hits)
    assert (scores["low"], scores["high"]) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(
    ("n_hits", "n", "low", "high"),
    [
        # R. G. Newcombe, Stat. Med. 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (7, 8, 0.5291, 0.9776),  # the formula, by hand
    ],
)
def test_the_interval_of_a_proportion_is_wilsons(n_hits: int, n: int, low: float, high: float) -> None:
    interval = metrics.wilson_ci(np.arange(n) < n_hits)
    assert interval == pytest.approx({"value": n_hits / n, "low": low, "high": high}, abs=5e-5)


@pytest.mark.parametrize(
    ("truth", "prediction", "pair"),
    [("aab", "bbb", "ab"), ("abb", "aaa", "ab"), ("abcc", "bacc", "ab"), ("bccc", "cbbc", "bc")],
)
def test_errors_of_a_pair_are_counted_in_both_directions(truth: str, prediction: str, pair: str) -> None:
    confused = metrics.most_confused(np.array(list(truth)), np.array(list(prediction)), ["a", "b", "c"])
    errors = sum(sorted([true, predicted]) == list(pair) for true, predicted in zip(truth, prediction, strict=True))
    assert confused == {"pair": list(pair), "errors": errors}


def test_without_an_error_no_pair_is_confused() -> None:
    assert metrics.most_confused(TRUTH, TRUTH, LABELS) == {"pair": None, "errors": 0}


def test_rejection_rates_equal_those_counted_by_hand() -> None:
    truth = ["boar", "boar", "fox", "fox", "none", "none", "none"]
    prediction = ["boar", "none", "boar", "fox", "none", "fox", "none"]
    assert metrics.rejection_rates(pd.Series(truth), pd.Series(prediction)) == {
        "detection_rate": 3 / 4,
        "correct_detection_rate": 2 / 4,
        "background_clips": 3,
        "false_positive_rate": metrics.wilson_ci(np.array([False, True, False])),
    }


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_rows_of_the_confusion_matrix_are_the_truth(pairs: list[tuple[str, str]]) -> None:
    truth, prediction = (np.array(column) for column in zip(*pairs, strict=True))
    counts = metrics.confusion(truth, prediction, list("abc"))
    for row, true in enumerate("abc"):
        for column, predicted in enumerate("abc"):
            assert counts[row, column] == pairs.count((true, predicted))
