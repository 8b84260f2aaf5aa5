"""Logistic regressions by Newton's method: the minimum that scikit-learn approaches, and its gradient is zero."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from project_echo.core.errors import EchoError
from project_echo.models import newton
from project_echo.models.newton import fit_logistic


def overlapping(n: int, width: int, labels: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, truth and weights of labels, several of which may hold; some rows of each are left out."""
    draw = np.random.default_rng(seed)
    features = draw.normal(0, 1, (n, width)) * np.linspace(0.1, 3, width)
    logits = features @ draw.normal(0, 1, (width, labels)) / np.sqrt(width) - 1
    truth = (draw.uniform(size=(labels, n)) < expit(logits.T)).astype(float)
    truth[:, :2] = [0, 1]
    weight = draw.uniform(0.2, 3, (labels, n)) * (draw.uniform(size=(labels, n)) > 0.2)
    weight[:, :2] = 1
    return features, truth, weight


def fit(features: np.ndarray, truth: np.ndarray, weight: np.ndarray, C: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the features, shape (width, labels), and bias, shape (labels,)."""
    kernel = C * features @ features.T
    dual, bias = fit_logistic(lambda vectors: vectors @ kernel, truth, weight)
    return C * (dual @ features).T, bias


@pytest.mark.parametrize("C", [1e-4, 0.01, 1])
@pytest.mark.parametrize("labels", [1, 4])
@pytest.mark.parametrize(("n", "width"), [(400, 8), (40, 30), (20, 90)])
def test_the_gradient_is_zero_but_for_rounding(n: int, width: int, labels: int, C: float) -> None:
    features, truth, weight = overlapping(n, width, labels)
    coefficients, bias = fit(features, truth, weight, C)
    assert (coefficients.shape, bias.shape) == ((width, labels), (labels,))
    residuals = weight.T * (expit(features @ coefficients + bias) - truth.T)
    of_coefficients = features.T @ residuals + coefficients / C
    largest = max(np.abs(of_coefficients).max(), np.abs(residuals.sum(axis=0)).max())
    assert largest / np.abs(residuals).sum() < 1e-7


@pytest.mark.parametrize("solver", ["newton-cholesky", "lbfgs"])
@pytest.mark.parametrize(("n", "width"), [(300, 8), (30, 60)])
def test_each_label_is_scikit_learns_logistic_regression(n: int, width: int, solver: str) -> None:
    features, truth, weight = overlapping(n, width, 3)
    coefficients, bias = fit(features, truth, weight, 0.1)
    for label in range(3):
        plain = LogisticRegression(C=0.1, solver=solver, tol=1e-10, max_iter=10_000)
        plain.fit(features, truth[label], sample_weight=weight[label])
        np.testing.assert_allclose(coefficients[:, label], plain.coef_[0], atol=1e-5)
        assert bias[label] == pytest.approx(plain.intercept_[0], abs=1e-5)


def test_products_are_computed_only_for_labels_that_are_not_solved_yet() -> None:
    features, truth, weight = overlapping(60, 20, 2)
    weight[0] /= 1e4  # solved at once, as the penalty decides
    kernel, rows = features @ features.T, []

    def multiply(vectors: np.ndarray) -> np.ndarray:
        rows.append(len(vectors))
        return vectors @ kernel

    fit_logistic(multiply, truth, weight)
    assert set(rows) == {1, 2}


def test_a_label_is_fitted_as_if_it_were_alone() -> None:
    features, truth, weight = overlapping(60, 20, 3)
    coefficients, bias = fit(features, truth, weight, 1)
    for label in range(3):
        alone, its_bias = fit(features, truth[[label]], weight[[label]], 1)
        np.testing.assert_allclose(coefficients[:, label], alone[:, 0], atol=1e-9)
        assert bias[label] == pytest.approx(its_bias[0], abs=1e-9)


def test_rows_of_no_weight_are_as_if_they_were_not_there() -> None:
    features, truth, weight = overlapping(60, 20, 1)
    weight[:, 40:] = 0
    for value, expected in zip(
        fit(features, truth, weight, 1), fit(features[:40], truth[:, :40], weight[:, :40], 1), strict=True
    ):
        np.testing.assert_allclose(value, expected, atol=1e-9)


def test_the_order_of_rows_and_columns_matters_to_no_digit_that_counts() -> None:
    features, truth, weight = overlapping(60, 90, 2)
    rows, columns = (np.random.default_rng(seed).permutation(n) for seed, n in ((2, 60), (3, 90)))
    coefficients, bias = fit(features, truth, weight, 1)
    shuffled, bias_again = fit(features[rows][:, columns], truth[:, rows], weight[:, rows], 1)
    np.testing.assert_allclose(shuffled, coefficients[columns], atol=1e-9)
    np.testing.assert_allclose(bias_again, bias, atol=1e-9)


def test_without_features_the_bias_is_that_of_the_frequencies() -> None:
    coefficients, bias = fit(np.zeros((4, 3)), np.array([[0.0, 0, 0, 1]]), np.ones((1, 4)), 1)
    assert (coefficients == 0).all()
    np.testing.assert_allclose(expit(bias), 0.25)


def test_rows_that_occur_twice_count_twice() -> None:
    features, truth, weight = overlapping(20, 30, 2)
    heavy = fit(features, truth, 2 * weight, 1)
    twice = fit(np.tile(features, (2, 1)), np.tile(truth, 2), np.tile(weight, 2), 1)
    for value, expected in zip(twice, heavy, strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-8)


@pytest.mark.parametrize("width", [0, 1, 8, 60])
def test_the_weights_of_rows_are_residuals_whatever_the_rank_of_their_inner_products(width: int) -> None:
    features, truth, weight = overlapping(40, max(1, width), 2)
    kernel = features[:, :width] @ features[:, :width].T
    dual, bias = fit_logistic(lambda vectors: vectors @ kernel, truth, weight)
    np.testing.assert_allclose(dual, weight * (truth - expit(dual @ kernel + bias[:, np.newaxis])), atol=1e-9)
    np.testing.assert_allclose(dual.sum(axis=1), 0, atol=1e-9)


@pytest.mark.parametrize(("C", "width", "atol"), [(100, 1, 1e-8), (100, 8, 1e-8), (100, 60, 1e-8), (1, 60, 1e-11)])
def test_steps_in_single_precision_lead_to_the_same_solution(C: float, width: int, atol: float) -> None:
    features, truth, weight = overlapping(40, width, 2)
    kernel = C * features @ features.T
    rough = kernel.astype(np.float32)
    expected = fit_logistic(lambda vectors: vectors @ kernel, truth, weight)
    solution = fit_logistic(lambda vectors: vectors @ kernel, truth, weight, lambda vectors: vectors @ rough)
    for value, exact in zip(solution, expected, strict=True):
        np.testing.assert_allclose(value, exact, rtol=10 * atol, atol=atol)


@pytest.mark.parametrize("C", [1, 100])
def test_separable_features_converge(C: float) -> None:
    features, truth, _ = overlapping(40, 60, 2)
    coefficients, bias = fit(features, truth, np.ones(truth.shape), C)
    assert np.isfinite(coefficients).all()
    assert ((features @ coefficients + bias > 0) == (truth.T == 1)).all()


def test_no_solution_is_an_error_that_names_the_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newton, "MAX_STEPS", 1)
    with pytest.raises(EchoError, match=r"train\.C"):
        fit(*overlapping(40, 60, 2), 1)
