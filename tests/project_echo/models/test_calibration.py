"""Temperature scaling of predictions whose miscalibration is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from project_echo.models import calibration


def simulated(factor: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities whose logits are `factor` times too large, and targets."""
    draw = np.random.default_rng(1)
    logits = draw.normal(0, 1.5, (n, 4))
    targets = np.array([draw.choice(4, p=row) for row in softmax(logits, axis=1)])
    return log_softmax(factor * logits, axis=1), targets


def errors(probabilities: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """Negative log-likelihood, and expected calibration error."""
    correct = probabilities.argmax(axis=1) == targets
    loss = -np.log(probabilities[np.arange(len(targets)), targets]).mean()
    return float(loss), calibration.expected_calibration_error(probabilities.max(axis=1), correct)


@pytest.mark.parametrize("factor", [0.3, 1.0, 3.0])
def test_the_temperature_is_the_factor_of_the_logits(factor: float) -> None:
    assert calibration.fit_temperature(*simulated(factor)) == pytest.approx(factor, rel=0.1)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_scaling_lowers_loss_and_calibration_error_and_keeps_the_most_probable_label(factor: float) -> None:
    log_probabilities, targets = simulated(factor)
    before = np.exp(log_probabilities)
    after = calibration.apply_temperature(before, calibration.fit_temperature(log_probabilities, targets))
    assert (after.argmax(axis=1) == before.argmax(axis=1)).all()
    (loss, error), (loss_before, error_before) = errors(after, targets), errors(before, targets)
    assert loss < loss_before
    assert error < 0.03 < error_before


@pytest.mark.parametrize("shift", [0, 1])  # all correct, all wrong
def test_the_temperature_stays_within_bounds_where_the_likelihood_has_no_maximum(shift: int) -> None:
    targets = np.arange(30) % 3
    log_probabilities = log_softmax(5 * np.eye(3)[(targets + shift) % 3], axis=1)
    assert 1 / 20 <= calibration.fit_temperature(log_probabilities, targets) <= 20


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=5), st.floats(1 / 20, 20))
def test_scaled_probabilities_add_up_to_1_and_keep_their_order(logits: list[float], temperature: float) -> None:
    before = softmax([logits], axis=1)
    after = calibration.apply_temperature(before, temperature)
    assert after.sum() == pytest.approx(1)
    assert (np.diff(after[0, np.argsort(before[0])]) >= 0).all()
    np.testing.assert_allclose(calibration.apply_temperature(before, 1), before, atol=1e-9)


def test_a_probability_of_0_can_be_scaled() -> None:
    scaled = calibration.apply_temperature(np.array([[1.0, 0.0, 0.0]]), 5)
    assert np.isfinite(np.log(scaled)).all()
    assert scaled.argmax() == 0


def test_reliability_counts_every_clip_once_in_the_bin_of_its_confidence() -> None:
    confidences = np.array([0.0, 0.1, 0.11, 0.55, 0.6, 0.95, 1.0])
    correct = np.array([0, 1, 0, 1, 0, 1, 1], dtype=bool)
    table = calibration.reliability(confidences, correct)
    assert table["clips"].tolist() == [2, 1, 2, 2]
    assert table["accuracy"].tolist() == [0.5, 0, 0.5, 1]
    assert table["confidence"].tolist() == pytest.approx([0.05, 0.11, 0.575, 0.975])
    assert table["from"].tolist() == pytest.approx([0, 0.1, 0.5, 0.9])
    assert (table["to"] - table["from"]).tolist() == pytest.approx([0.1] * 4)


@pytest.mark.parametrize(
    ("confidences", "correct", "expected"),
    [
        ([1.0, 1.0], [True, True], 0),
        ([1.0, 1.0], [False, False], 1),
        ([0.75] * 4, [True, True, True, False], 0),
        ([0.75] * 4 + [0.95], [True] * 5, (4 * 0.25 + 0.05) / 5),
    ],
)
def test_the_calibration_error_equals_that_worked_out_by_hand(
    confidences: list[float], correct: list[bool], expected: float
) -> None:
    error = calibration.expected_calibration_error(np.array(confidences), np.array(correct))
    assert error == pytest.approx(expected)
