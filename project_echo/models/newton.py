"""Multinomial logistic regression by Newton's method, to nearly the last bit.

Solvers that stop at a tolerance stop elsewhere on another processor. Here what is left is the rounding of float64,
about 1e-11 of a logit, which rounding the solution hides.
"""

import numpy as np
from scipy.special import log_softmax, softmax

MAX_STEPS = 100
MAX_PRODUCTS = 1000  # with the Hessian, in one step
CONVERGED = 1e-13  # largest gradient, relative to that of zero coefficients


def fit_multinomial(
    features: np.ndarray, targets: np.ndarray, sample_weight: np.ndarray, C: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a multinomial logistic regression with an L2 penalty on its coefficients.

    Parameters
    ----------
    features : np.ndarray of shape (rows, width), float64
    targets : np.ndarray of int, shape (rows,)
        0 to classes - 1, each at least once.
    sample_weight : np.ndarray of shape (rows,)
    C : float
        Inverse of the regularization strength, as in scikit-learn.

    Returns
    -------
    coefficients : np.ndarray of shape (width, classes)
    bias : np.ndarray of shape (classes,)
        Its mean is 0.

    References
    ----------
    Nocedal & Wright, "Numerical Optimization", 2nd edition, algorithm 7.1 (line search Newton-CG) and algorithm 5.3
    (preconditioned conjugate gradients).
    """
    x = np.hstack([features, np.ones((len(features), 1))])
    truth = np.eye(targets.max() + 1)[targets]
    weight = sample_weight[:, np.newaxis]
    penalty = np.full((x.shape[1], 1), 1 / C)
    penalty[-1] = 0  # of the bias
    solution = np.zeros((x.shape[1], truth.shape[1]))

    def loss(solution: np.ndarray) -> float:
        return float(np.sum(penalty * solution**2) / 2 - np.sum(weight * truth * log_softmax(x @ solution, axis=1)))

    lowest, first = loss(solution), 0.0
    for _ in range(MAX_STEPS):
        probabilities = softmax(x @ solution, axis=1)
        gradient = x.T @ (weight * (probabilities - truth)) + penalty * solution
        gradient -= gradient.mean(axis=1, keepdims=True)  # 0 but for rounding, and nothing determines that direction
        size = float(np.abs(gradient).max())
        first = first or size
        if size <= CONVERGED * first:
            break
        step = _newton_step(x, weight * probabilities, probabilities, penalty, gradient, min(0.1, size / first))
        # Near the minimum, losses differ by less than their rounding.
        tolerance = 1e-12 * abs(lowest)
        for halvings in range(30):
            candidate = solution + step / 2**halvings
            reached = loss(candidate)
            if reached <= lowest + tolerance:
                break
        solution, lowest = candidate, min(lowest, reached)
    return solution[:-1], solution[-1]


def _newton_step(
    x: np.ndarray,
    weighted: np.ndarray,
    probabilities: np.ndarray,
    penalty: np.ndarray,
    gradient: np.ndarray,
    accuracy: float,
) -> np.ndarray:
    """Solve the Hessian for the gradient by preconditioned conjugate gradients, to a relative accuracy."""

    def hessian(direction: np.ndarray) -> np.ndarray:
        change = x @ direction
        mean = np.sum(probabilities * change, axis=1, keepdims=True)
        product: np.ndarray = x.T @ (weighted * (change - mean)) + penalty * direction
        return product

    # The same for all classes: their biases have no common part then, which nothing would determine.
    curvature = np.mean(weighted * (1 - probabilities), axis=1)
    inverse_diagonal = 1 / (curvature @ np.square(x) + penalty[:, 0])[:, np.newaxis]
    step, residual = np.zeros_like(gradient), -gradient
    conditioned = inverse_diagonal * residual
    direction, size = conditioned, np.sum(residual * conditioned)
    target = max(accuracy, 1e-8) ** 2 * size
    for _ in range(MAX_PRODUCTS):
        if size <= target:
            break
        product = hessian(direction)
        length = size / np.sum(direction * product)
        step += length * direction
        residual -= length * product
        conditioned = inverse_diagonal * residual
        previous, size = size, np.sum(residual * conditioned)
        direction = conditioned + size / previous * direction
    return step
