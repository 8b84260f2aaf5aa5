import numpy as np
import pytest

from project_echo.evaluation.reliability import expected_calibration_error, reliability_bins


def test_reliability_counts_every_clip_once_in_the_bin_of_its_confidence() -> None:
    confidences = np.array([0.0, 0.1, 0.11, 0.55, 0.6, 0.95, 1.0])
    correct = np.array([0, 1, 0, 1, 0, 1, 1], dtype=bool)
    table = reliability_bins(confidences, correct)
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
    error = expected_calibration_error(np.array(confidences), np.array(correct))
    assert error == pytest.approx(expected)
