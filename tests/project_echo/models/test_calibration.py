"""Platt scaling of scores whose miscalibration is known, and how well probabilities are calibrated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from project_echo.evaluation.reliability import expected_calibration_error
from project_echo.models import calibration
from project_echo.models.calibration import HIGHEST_INTERCEPT, SLOPES, Calibration, uncalibrated
from project_echo.models.shrinkage import PSEUDO_SOURCES


def simulated(
    slopes: list[float], intercepts: list[float], n: int = 4000, n_sources: int = 2000, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of labels whose log-odds are slope times score plus intercept; their truth, and sources of windows."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(0, 3, (n, len(slopes)))
    truth = draw.uniform(size=scores.shape) < expit(np.array(slopes) * scores + np.array(intercepts))
    return scores, truth, np.arange(n) % n_sources


@pytest.mark.parametrize("slope", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("intercept", [-2.0, 0.0, 1.5])
def test_slope_and_intercept_of_many_sources_are_recovered(slope: float, intercept: float) -> None:
    fitted = calibration.fit(*simulated([slope] * 2, [intercept] * 2, n=8000, n_sources=8000))
    np.testing.assert_allclose(fitted.slope, slope, rtol=0.12)
    np.testing.assert_allclose(fitted.intercept, intercept, atol=0.15)


def test_labels_have_their_own_of_many_sources_and_those_of_all_of_few() -> None:
    slopes, intercepts = [0.4, 2.5], [1.5, -1.5]
    many = calibration.fit(*simulated(slopes, intercepts, n=20_000, n_sources=20_000))
    np.testing.assert_allclose(many.slope, slopes, rtol=0.15)
    np.testing.assert_allclose(many.intercept, intercepts, atol=0.2)
    few = calibration.fit(*simulated(slopes, intercepts, n=20_000, n_sources=2))
    assert abs(np.log(few.slope[0] / few.slope[1])) < 0.15 * abs(np.log(many.slope[0] / many.slope[1]))
    for value in (*np.log(few.slope), *few.intercept):
        assert abs(value) < 0.2


@pytest.mark.parametrize("n_sources", [1, 5, PSEUDO_SOURCES, 200])
def test_estimates_are_shrunk_by_sources_however_many_windows_there_are(n_sources: int) -> None:
    """A single label is shrunk twice: towards that of all labels, which is its own, shrunk towards none."""
    scores, truth, sources = simulated([2.0], [1.0], n=40_000, n_sources=n_sources)
    fitted = calibration.fit(scores, truth, sources)
    share = n_sources / (n_sources + PSEUDO_SOURCES)
    share += (1 - share) * share
    assert np.log(fitted.slope[0]) == pytest.approx(share * np.log(2), rel=0.07)
    assert fitted.intercept[0] == pytest.approx(share, rel=0.1)


def test_windows_whose_truth_is_unknown_are_left_out_label_by_label() -> None:
    scores, truth, sources = simulated([0.5, 2.0], [1.0, -1.0], n=1000, n_sources=100)
    known = np.random.default_rng(2).uniform(size=truth.shape) < 0.7
    fitted = calibration.fit(scores, truth, sources, known)
    assert fitted == calibration.fit(np.where(known, scores, 99.0), truth ^ ~known, sources, known)
    assert fitted != calibration.fit(scores, truth, sources)
    whole = known.all(axis=1)[:, np.newaxis] & np.ones(2, bool)
    assert calibration.fit(scores, truth, sources, whole) == calibration.fit(
        scores[whole[:, 0]], truth[whole[:, 0]], sources[whole[:, 0]]
    )


def losses(probabilities: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Negative log-likelihood, and expected calibration error."""
    loss = -np.log(np.where(truth, probabilities, 1 - probabilities)).mean()
    return float(loss), expected_calibration_error(probabilities.ravel(), truth.ravel())


@pytest.mark.parametrize("slope", [0.3, 3.0])
def test_scaling_lowers_loss_and_calibration_error_and_keeps_the_order(slope: float) -> None:
    scores, truth, sources = simulated([slope] * 3, [-1.0] * 3)
    before = uncalibrated(3).probabilities(scores)
    after = calibration.fit(scores, truth, sources).probabilities(scores)
    (loss, error), (loss_before, error_before) = losses(after, truth), losses(before, truth)
    assert loss < loss_before
    assert error < 0.03 < error_before
    for column, scaled in zip(scores.T, after.T, strict=True):
        assert (np.diff(scaled[np.argsort(column)]) >= 0).all()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("n_sources", [3, 10_000])
def test_estimates_stay_within_bounds_where_the_likelihood_has_no_maximum(
    sign: int, scale: float, n_sources: int
) -> None:
    """Of scores that separate the windows, or are always wrong."""
    truth = np.tile([True, False, False], 20)[:, np.newaxis]
    scores = sign * scale * np.where(truth, 1.0, -1.0)
    fitted = calibration.fit(scores, truth, np.arange(60) % n_sources)
    assert SLOPES[0] * (1 - 1e-9) <= fitted.slope[0] <= SLOPES[1] * (1 + 1e-9)
    assert abs(fitted.intercept[0]) <= HIGHEST_INTERCEPT
    assert np.isfinite(fitted.probabilities(scores)).all()


@pytest.mark.parametrize("constant", [0.0, 4.0, -1e6])
def test_scores_that_are_all_the_same_can_be_calibrated(constant: float) -> None:
    truth = np.arange(40)[:, np.newaxis] % 4 == 0
    fitted = calibration.fit(np.full((40, 1), constant), truth, np.arange(40))
    assert np.isfinite([*fitted.slope, *fitted.intercept]).all()


def test_a_label_without_windows_has_the_calibration_of_all() -> None:
    scores, truth, sources = simulated([2.0, 2.0], [0.5, 0.5])
    truth[:, 1] = False
    fitted = calibration.fit(scores, truth, sources)
    alone = calibration._fit_one(scores.T.ravel(), truth.T.ravel())
    share = 2000 / (2000 + PSEUDO_SOURCES)
    assert np.log(fitted.slope[1]) == pytest.approx(alone[0] * share)
    assert fitted.intercept[1] == pytest.approx(alone[1] * share)


def test_the_order_of_windows_changes_nothing_that_counts() -> None:
    scores, truth, sources = simulated([2.0, 0.5], [0.5, -1.0])
    order = np.random.default_rng(2).permutation(len(scores))
    fitted, again = (
        calibration.fit(scores, truth, sources),
        calibration.fit(scores[order], truth[order], sources[order]),
    )
    np.testing.assert_allclose([again.slope, again.intercept], [fitted.slope, fitted.intercept], atol=1e-9)


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=2), st.floats(0.2, 5), st.floats(-5, 5))
def test_probabilities_are_those_of_scaled_scores_of_any_shape(scores: list[float], slope: float, shift: float) -> None:
    scaled = Calibration((slope, 1.0), (shift, 0.0)).probabilities(np.tile(scores, (2, 3, 1)))
    assert scaled.shape == (2, 3, 2)
    np.testing.assert_allclose(scaled[0, 1], expit([slope * scores[0] + shift, scores[1]]))
