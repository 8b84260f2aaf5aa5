"""Multinomial logistic regression: the minimum that scikit-learn approaches, and its gradient is zero."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from project_echo.models.newton import fit_multinomial


def overlapping(n: int, width: int, classes: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, targets and weights, of classes that cannot be told apart fully if there are more rows than columns."""
    draw = np.random.default_rng(seed)
    targets = np.append(np.arange(classes), draw.integers(0, classes, n - classes))
    features = draw.normal(0, 1, (n, width)) * np.linspace(0.1, 3, width) + np.eye(width)[targets % width]
    return features, targets, draw.uniform(0.2, 3, n)


def gradient(
    features: np.ndarray, targets: np.ndarray, weight: np.ndarray, C: float, fitted: tuple[np.ndarray, np.ndarray]
) -> float:
    """The largest gradient of the loss, relative to the sum of the residuals."""
    coefficients, bias = fitted
    residuals = weight[:, None] * (softmax(features @ coefficients + bias, axis=1) - np.eye(len(bias))[targets])
    if len(bias) == 2:  # scikit-learn has their difference alone, of which they have half the penalty
        C = C / 2
    of_coefficients = features.T @ residuals + coefficients / C
    return float(max(np.abs(of_coefficients).max(), np.abs(residuals.sum(axis=0)).max()) / np.abs(residuals).sum())


@pytest.mark.parametrize("C", [1e-4, 0.01, 1])
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize(("n", "width"), [(400, 8), (40, 30), (20, 90)])  # products by features, and by inner products
def test_the_gradient_is_zero_but_for_rounding(n: int, width: int, classes: int, C: float) -> None:
    features, targets, weight = overlapping(n, width, classes)
    coefficients, bias = fit_multinomial(features, targets, weight, C)
    assert coefficients.shape == (width, classes)
    assert gradient(features, targets, weight, C, (coefficients, bias)) < 1e-11
    assert abs(bias.sum()) < 1e-9
    np.testing.assert_allclose(coefficients.sum(axis=1), 0, atol=1e-9)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize(("n", "width"), [(300, 8), (30, 60)])
def test_it_is_scikit_learns_logistic_regression(n: int, width: int, classes: int) -> None:
    features, targets, weight = overlapping(n, width, classes)
    plain = LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-12, max_iter=200)
    plain.fit(features, targets, sample_weight=weight)
    coefficients, bias = fit_multinomial(features, targets, weight, 0.1)
    predicted = softmax(features @ coefficients + bias, axis=1)
    np.testing.assert_allclose(predicted, plain.predict_proba(features), atol=1e-7)


def test_the_order_of_rows_and_columns_matters_to_no_digit_that_counts() -> None:
    features, targets, weight = overlapping(60, 90, 4)
    rows, columns = (np.random.default_rng(seed).permutation(n) for seed, n in ((2, 60), (3, 90)))
    coefficients, bias = fit_multinomial(features, targets, weight, 1)
    shuffled, bias_again = fit_multinomial(features[rows][:, columns], targets[rows], weight[rows], 1)
    np.testing.assert_allclose(shuffled, coefficients[columns], atol=1e-11)
    np.testing.assert_allclose(bias_again, bias, atol=1e-11)


def test_without_features_the_bias_is_that_of_the_frequencies() -> None:
    targets = np.array([0, 0, 0, 1])
    for features in (np.zeros((4, 0)), np.zeros((4, 3))):
        coefficients, bias = fit_multinomial(features, targets, np.ones(4), 1)
        assert (coefficients == 0).all()
        np.testing.assert_allclose(softmax(bias), [0.75, 0.25])


def test_rows_that_occur_twice_count_twice() -> None:
    features, targets, weight = overlapping(20, 30, 3)
    heavy = fit_multinomial(features, targets, 2 * weight, 1)
    twice = fit_multinomial(np.tile(features, (2, 1)), np.tile(targets, 2), np.tile(weight, 2), 1)
    for value, expected in zip(twice, heavy, strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-11)


def test_large_separable_features_converge() -> None:
    features, targets, weight = overlapping(40, 60, 3)
    fitted = fit_multinomial(1e3 * features, targets, weight, 10)
    assert np.isfinite(fitted[0]).all()
    predicted = (1e3 * features @ fitted[0] + fitted[1]).argmax(axis=1)
    assert (predicted == targets).all()
