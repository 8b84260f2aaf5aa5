"""Thresholds, and the clips that are rejected by them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.models import rejection

LABELS = ["boar", "fox"]
SCORES = st.lists(st.integers(0, 8).map(lambda eighths: eighths / 8), min_size=1, max_size=60)  # with ties
PERCENT = st.integers(1, 99)


def test_none_is_the_last_label_and_not_an_animal() -> None:
    assert sorted_labels(["owl", NONE, "ape", "zebra"]) == ["ape", "owl", "zebra", NONE]
    assert sorted_labels(["owl", "ape"]) == ["ape", "owl"]
    assert animal_labels(["ape", "owl", NONE]) == ["ape", "owl"]


def test_a_window_gets_the_most_probable_label_that_reaches_its_threshold() -> None:
    probabilities = np.array([[0.6, 0.3], [0.5, 0.8], [0.9, 0.7], [0.1, 0.1], [0.5, 0.2]])
    decided = rejection.decide(probabilities, LABELS, [0.5, 0.75])
    assert decided.tolist() == ["boar", "fox", "boar", NONE, "boar"]
    # The more probable one may be below its own threshold.
    assert rejection.decide(np.array([[0.6, 0.7]]), LABELS, [0.5, 0.75]).tolist() == ["boar"]


def test_without_thresholds_every_window_gets_its_most_probable_label() -> None:
    probabilities = np.array([[0.6, 0.3], [0.1, 0.3], [0.0, 0.0]])
    assert rejection.decide(probabilities, LABELS, None).tolist() == ["boar", "fox", "boar"]


@pytest.mark.parametrize("thresholds", [None, [0.5, 0.5]])
def test_no_windows_have_no_labels(thresholds: list[float] | None) -> None:
    assert rejection.decide(np.zeros((0, 2)), LABELS, thresholds).tolist() == []


def test_a_label_with_the_probability_0_can_be_rejected_and_accepted() -> None:
    assert rejection.decide(np.zeros((1, 2)), LABELS, [0.1, 0.1]).tolist() == [NONE]
    assert rejection.decide(np.zeros((1, 2)), LABELS, [0.1, 0.0]).tolist() == ["fox"]


@given(SCORES, PERCENT)
@example([rank / 50 for rank in range(50)], 58)  # 0.58 * 50 is 28.999999999999996
def test_the_threshold_for_a_false_positive_rate_is_the_lowest_possible(scores: list[float], percent: int) -> None:
    background = np.array(scores)
    allowed = Fraction(percent, 100) * len(scores)
    threshold = rejection.threshold_for_false_positive_rate(background, percent / 100)
    assert (background >= threshold).sum() <= allowed
    assert (background >= background[background < threshold].max()).sum() > allowed


@given(SCORES, PERCENT)
@example([rank / 10 for rank in range(10)], 90)  # (1 - 0.9) * 10 is 0.9999999999999998
def test_the_threshold_for_a_recall_is_the_highest_possible(scores: list[float], percent: int) -> None:
    animals = np.array(scores)
    wanted = Fraction(percent, 100) * len(scores)
    threshold = rejection.threshold_for_recall(animals, percent / 100)
    assert (animals >= threshold).sum() >= wanted
    assert (animals > threshold).sum() < wanted


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_the_false_positive_rate_holds_on_new_background_of_the_same_kind(rate: float) -> None:
    draw = np.random.default_rng(1)
    validation, test = draw.beta(0.5, 3, 3000), draw.beta(0.5, 3, 20000)
    measured = (test >= rejection.threshold_for_false_positive_rate(validation, rate)).mean()
    # Both the threshold and the rate are estimated from a sample.
    deviation = np.sqrt(rate * (1 - rate) * (1 / len(validation) + 1 / len(test)))
    assert abs(measured - rate) < 3 * deviation


def test_a_threshold_of_no_windows_is_an_error() -> None:
    with pytest.raises(ValueError, match="without the label"):
        rejection.threshold_for_false_positive_rate(np.array([]), 0.05)
