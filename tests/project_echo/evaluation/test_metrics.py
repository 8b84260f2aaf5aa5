"""Scores against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.evaluation import metrics

LABELS = ["boar", "fox", "frog", "owl"]
#               boar once a fox; fox right, twice a boar; frog right; owl is never there, but named once
TRUTH = np.array(["boar", "boar", "boar", "fox", "fox", "fox", "frog", "frog"])
NAMED = np.array(["boar", "boar", "fox", "fox", "boar", "boar", "frog", "owl"])


def test_scores_are_as_worked_out_by_hand() -> None:
    found = metrics.score(TRUTH, NAMED, LABELS)
    assert found["clips"] == 8
    assert found["accuracy"] == 0.5
    boar, fox, frog = 4 / 7, 2 / 5, 2 / 3  # 2 / (2 + (2 + 1) / 2), 1 / (1 + (1 + 2) / 2), 1 / (1 + 1 / 2)
    assert found["macro_f1"] == pytest.approx((boar + fox + frog + 0) / 4)
    assert found["per_class"]["boar"] == pytest.approx({"precision": 0.5, "recall": 2 / 3, "f1": boar, "support": 3})
    assert found["per_class"]["owl"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
    assert found["most_confused"] == {"pair": "boar / fox", "errors": 3}


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # R. G. Newcombe, Stat. Med. 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (7, 8, 0.5291, 0.9776),  # the formula, by hand
    ],
)
def test_the_interval_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    truth = np.array(["a"] * n)
    found = metrics.score(truth, np.where(np.arange(n) < right, "a", "b"), ["a", "b"])["wilson_95"]
    assert (found["low"], found["high"]) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("truth", "named", "pair"),
    [("aab", "bbb", "a / b"), ("abb", "aaa", "a / b"), ("abcc", "bacc", "a / b"), ("bccc", "cbbc", "b / c")],
)
def test_confusion_is_counted_either_way_round(truth: str, named: str, pair: str) -> None:
    found = metrics.most_confused(np.array(list(truth)), np.array(list(named)), ["a", "b", "c"])
    errors = sum(sorted([first, second]) == pair.split(" / ") for first, second in zip(truth, named, strict=True))
    assert found == {"pair": pair, "errors": errors}


def test_no_confusion_names_no_pair() -> None:
    assert metrics.most_confused(TRUTH, TRUTH, LABELS) == {"pair": "none", "errors": 0}


def test_rejection_is_counted_as_by_hand() -> None:
    truth = ["boar", "boar", "fox", "fox", "none", "none", "none"]
    named = ["boar", "none", "boar", "fox", "none", "fox", "none"]
    assert metrics.rejected(pd.Series(truth), pd.Series(named)) == {
        "animals_named": 3 / 4,
        "animals_named_rightly": 2 / 4,
        "background_clips": 3,
        "false_alarms": pytest.approx(1 / 3),
    }


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_rows_of_the_confusion_are_the_truth(pairs: list[tuple[str, str]]) -> None:
    truth, named = (np.array(column) for column in zip(*pairs, strict=True))
    counts = metrics.confusion(truth, named, list("abc"))
    for row, true in enumerate("abc"):
        for column, label in enumerate("abc"):
            assert counts[row, column] == pairs.count((true, label))
