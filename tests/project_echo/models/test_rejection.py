"""Thresholds, and the clips that are rejected by them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from project_echo.core.labels import NONE, animal_labels, sorted_labels
from project_echo.models import rejection

LABELS = ["boar", "fox", NONE]
PROBABILITIES = np.array([[0.6, 0.3, 0.1], [0.1, 0.3, 0.6], [0.0, 0.1, 0.9]])
SCORES = st.lists(st.integers(0, 8).map(lambda eighths: eighths / 8), min_size=1, max_size=60)  # with ties
PERCENT = st.integers(1, 99)


def test_none_is_the_last_label_and_not_an_animal() -> None:
    assert sorted_labels(["owl", NONE, "ape", "zebra"]) == ["ape", "owl", "zebra", NONE]
    assert sorted_labels(["owl", "ape"]) == ["ape", "owl"]
    assert animal_labels(["ape", "owl", NONE]) == ["ape", "owl"]


def test_a_clip_gets_an_animal_label_from_the_threshold_on() -> None:
    assert rejection.decide(PROBABILITIES, LABELS, 0.4).tolist() == ["boar", "fox", NONE]
    assert rejection.decide(PROBABILITIES, LABELS, 0.5).tolist() == ["boar", NONE, NONE]


def test_without_a_threshold_every_clip_gets_an_animal_label() -> None:
    assert rejection.decide(PROBABILITIES, LABELS, None).tolist() == ["boar", "fox", "fox"]
    assert rejection.decide(PROBABILITIES[:, :2], LABELS[:2], None).tolist() == ["boar", "fox", "fox"]


def test_the_animal_probability_is_1_minus_that_of_background() -> None:
    np.testing.assert_allclose(rejection.animal_probability(PROBABILITIES, LABELS), 1 - PROBABILITIES[:, 2])


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


def test_a_threshold_for_no_background_clips_is_an_error() -> None:
    with pytest.raises(ValueError, match="background"):
        rejection.threshold_for_false_positive_rate(np.array([]), 0.05)
