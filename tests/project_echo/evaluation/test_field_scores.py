"""Scores of windows equal those of scikit-learn, and those worked out by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from project_echo.core.labels import NONE
from project_echo.evaluation.field_scores import (
    WindowTruth,
    auc,
    average_precision,
    precision_recall_curves,
    score_windows,
    weighted_auc,
    weighted_average_precision,
    window_truth,
)

LABELS = ["boar", "fox", NONE]
THRESHOLDS = {"boar": 0.5, "fox": 0.5}


def truth_table(*calls: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(calls, columns=["label", "start_s", "end_s"])


def windows_at(*starts: float) -> tuple[np.ndarray, np.ndarray]:
    """Windows of 5 s."""
    return np.array(starts), np.array(starts) + 5


def simulated(
    n_recordings: int = 12, n_windows: int = 20, folds: int = 3, seed: int = 1
) -> tuple[pd.DataFrame, WindowTruth, np.ndarray]:
    """Windows whose scores are higher where the label is, and rounded, so that some are tied."""
    draw = np.random.default_rng(seed)
    n = n_recordings * n_windows
    positive = np.column_stack([draw.random((n, 2)) < 0.25, np.zeros(n, dtype=bool)])
    distractor = ~positive.any(axis=1) & (draw.random(n) < 0.3)
    scores = np.clip(np.round(0.3 + 0.3 * positive + 0.2 * draw.standard_normal((n, 3)), 2), 0, 1)
    recordings = np.repeat([f"night-{number}" for number in range(n_recordings)], n_windows)
    windows = pd.DataFrame({"recording": recordings, **dict(zip(LABELS, scores.T, strict=True))})
    truth = WindowTruth(positive, ~positive.any(axis=1) & ~distractor, distractor)
    return windows, truth, np.repeat(np.arange(n_recordings) % folds, n_windows)


def score(windows: pd.DataFrame, truth: WindowTruth, folds: np.ndarray) -> dict[str, Any]:
    reached = windows[LABELS].to_numpy() >= [THRESHOLDS.get(label, np.inf) for label in LABELS]
    return score_windows(windows, truth, LABELS, folds, reached, seed=1)


@pytest.mark.parametrize(
    ("call", "positive"),
    [
        ((4.0, 9.0), True),  # a second of it
        ((4.1, 9.1), False),
        ((4.7, 5.3), True),  # half of it
        ((4.8, 5.4), False),
        ((1.0, 1.2), True),
        ((5.0, 8.0), False),
        ((-2.0, 1.0), True),
    ],
)
def test_a_window_holds_a_second_or_half_of_a_call(call: tuple[float, float], positive: bool) -> None:
    held = window_truth(truth_table(("boar", *call)), *windows_at(0), LABELS)
    assert held.positive.tolist() == [[positive, False, False]]


def test_two_parts_that_are_too_short_do_not_make_a_call() -> None:
    held = window_truth(truth_table(("boar", -3, 0.6), ("boar", 4.4, 8)), *windows_at(0), LABELS)
    assert not held.positive.any()


def test_windows_with_nothing_and_with_distractors_alone_are_told_apart() -> None:
    truth = truth_table(("boar", 6, 8), (NONE, 7, 9), (NONE, 21, 22), ("fox", 34.8, 38))
    held = window_truth(truth, *windows_at(0, 5, 20, 30, 40), LABELS)
    assert held.positive.tolist() == [[False] * 3, [True, False, False], *[[False] * 3] * 3]
    assert held.empty.tolist() == [True, False, False, False, True]  # the fourth has some of a fox
    assert held.distractor.tolist() == [False, False, True, False, False]


def test_a_recording_without_calls_is_background() -> None:
    held = window_truth(truth_table(), *windows_at(0, 5), LABELS)
    assert held.empty.all()
    assert not held.distractor.any()
    assert held.positive.shape == (2, 3)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
        lambda rows: len({positive for positive, _ in rows}) == 2
    )
)
def test_average_precision_and_auc_equal_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    truth, scores = np.array([row[0] for row in rows]), np.array([row[1] / 5 for row in rows])
    assert average_precision(truth, scores) == pytest.approx(average_precision_score(truth, scores))
    assert auc(scores[truth], scores[~truth]) == pytest.approx(roc_auc_score(truth, scores))


def test_weights_equal_repeated_windows() -> None:
    positives, negatives = np.array([[2.0, 0, 1], [1, 1, 0]]), np.array([[1.0, 3, 0], [0, 1, 0]])
    for row, values in enumerate((positives, negatives)[0]):
        counts = np.concatenate([values, negatives[row]]).astype(int)
        scores, truth = np.repeat([3, 2, 1, 3, 2, 1], counts), np.repeat([True] * 3 + [False] * 3, counts)
        expected = average_precision(truth, scores), auc(scores[truth], scores[~truth])
        assert weighted_average_precision(positives, negatives)[row] == pytest.approx(expected[0])
        assert weighted_auc(positives, negatives)[row] == pytest.approx(expected[1])


def test_without_positives_or_negatives_nothing_is_defined() -> None:
    assert np.isnan(average_precision(np.zeros(3, dtype=bool), np.arange(3.0)))
    assert np.isnan(auc(np.array([]), np.arange(3.0)))
    assert np.isnan(auc(np.arange(3.0), np.array([])))
    assert np.isnan(auc(np.array([]), np.array([])))


def test_scores_are_means_over_labels_of_means_over_folds() -> None:
    windows, truth, folds = simulated()
    scores = score(windows, truth, folds)
    against = {"auc": ~truth.empty | truth.empty, "auc_background": truth.empty, "auc_distractors": truth.distractor}
    values: dict[str, list[float]] = {name: [] for name in ("map", *against)}
    for column, label in enumerate(LABELS[:2]):
        positive, score_of = truth.positive[:, column], windows[label].to_numpy()
        of_folds = [
            average_precision_score(positive[folds == fold], score_of[folds == fold]) for fold in np.unique(folds)
        ]
        values["map"].append(float(np.mean(of_folds)))
        assert scores["per_label"][label]["average_precision"] == pytest.approx(np.mean(of_folds))
        assert scores["per_label"][label]["windows"] == positive.sum()
        for name, negatives in against.items():
            chosen = [(positive | negatives) & (folds == fold) for fold in np.unique(folds)]
            values[name].append(float(np.mean([roc_auc_score(positive[rows], score_of[rows]) for rows in chosen])))
            assert scores["per_label"][label][name] == pytest.approx(values[name][-1])
    for name, of_labels in values.items():
        assert scores[name]["value"] == pytest.approx(np.mean(of_labels))
        assert scores[name]["low"] < scores[name]["value"] < scores[name]["high"]
    assert set(scores["per_label"]) == {"boar", "fox"}


def test_folds_on_different_scales_lose_nothing() -> None:
    windows, truth, folds = simulated()
    scaled = windows.assign(**{label: windows[label] / (1 + folds) for label in LABELS})
    assert score(scaled, truth, folds)["map"] == score(windows, truth, folds)["map"]


def test_the_interval_contains_the_score_of_labels_that_are_rare() -> None:
    """Without correction it does not: a positive that is drawn twice counts twice at its place in the ranking."""
    draw = np.random.default_rng(3)
    windows, truth, folds = simulated(n_recordings=30, folds=5)
    positive = truth.positive & (draw.random(truth.positive.shape) < 0.1)
    random = windows.assign(**{label: draw.random(len(windows)) for label in LABELS[:2]})
    interval = score(random, WindowTruth(positive, truth.empty, truth.distractor), folds)["map"]
    assert 0 <= interval["low"] < interval["value"] < interval["high"]
    assert interval["value"] - interval["low"] > 0.2 * (interval["high"] - interval["low"])


def test_more_recordings_narrow_the_interval_and_more_windows_of_the_same_do_not() -> None:
    def width(windows: pd.DataFrame, truth: WindowTruth, folds: np.ndarray) -> float:
        interval = score(windows, truth, folds)["map"]
        return float(interval["high"] - interval["low"])

    windows, truth, folds = simulated()
    again = np.tile(np.arange(len(windows)), 3)
    repeated = WindowTruth(truth.positive[again], truth.empty[again], truth.distractor[again])
    once = width(windows, truth, folds)
    assert width(windows.iloc[again], repeated, folds[again]) == pytest.approx(once, rel=0.05)
    assert width(*simulated(n_recordings=60)) < 0.7 * once


def test_both_of_two_labels_are_found_if_both_reach_their_thresholds() -> None:
    windows = pd.DataFrame({"recording": list("aabb"), "boar": [0.5, 0.9, 0.9, 0.9], "fox": [0.6, 0.4, 0.9, 0.9]})
    positive = np.array([[True, True, False]] * 3 + [[True, False, False]])
    scores = score(windows.assign(none=0), WindowTruth(positive, np.zeros(4, bool), np.zeros(4, bool)), np.zeros(4))
    assert scores["windows_with_two"] == 3
    assert scores["both_found"]["value"] == pytest.approx(2 / 3)
    assert scores["both_found"]["low"] <= 2 / 3 <= scores["both_found"]["high"]


def test_what_does_not_occur_has_no_score() -> None:
    windows, truth, folds = simulated()
    positive, none = np.zeros_like(truth.positive), np.zeros(len(windows), dtype=bool)
    positive[:, 0] = truth.positive[:, 0]
    scores = score(windows, WindowTruth(positive, truth.empty, none), folds)
    expected = {"windows": 0, "average_precision": None, "auc": None, "auc_background": None, "auc_distractors": None}
    assert scores["per_label"]["fox"] == expected
    assert scores["map"]["value"] == scores["per_label"]["boar"]["average_precision"]
    assert scores["auc_distractors"] is scores["both_found"] is None
    nothing = score(windows, WindowTruth(np.zeros_like(positive), truth.empty, none), folds)
    assert nothing["map"] is nothing["auc"] is None


def test_curves_of_a_fold_pass_through_its_precisions() -> None:
    windows = pd.DataFrame({"recording": "a", "boar": [0.9, 0.8, 0.7, 0.6], "fox": 0.0, NONE: 0.0}, index=range(4))
    positive = np.zeros((4, 3), dtype=bool)
    positive[[0, 2], 0] = True
    truth = WindowTruth(positive, np.all(~positive, axis=1), np.zeros(4, bool))
    curves = precision_recall_curves(windows, truth, LABELS, np.zeros(4))
    assert set(curves["label"]) == {"boar"}  # no fox
    assert (curves.loc[curves["recall"] <= 0.5, "precision"] == 1).all()
    assert curves.loc[curves["recall"] > 0.5, "precision"].to_numpy() == pytest.approx(2 / 3)
    assert curves["recall"].tolist() == pytest.approx(np.linspace(0, 1, 51).tolist())
