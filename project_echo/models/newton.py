"""Multinomial logistic regression by Newton's method, to nearly the last bit.

Solvers that stop at a tolerance stop elsewhere on another processor. Here what is left is the rounding of float64,
about 1e-11 of a logit, which rounding the solution hides.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax, softmax

MAX_STEPS = 100
MAX_PRODUCTS = 1000  # with the Hessian, in one step
ACCURACY = 0.3  # of the first steps; of others, in proportion to the square of the step before
HIGHEST_ACCURACY = 1e-8  # more would be less than rounding
CONVERGED = 1e-6  # largest change of a logit in the last step: what is left is of the order of its square

Multiply = Callable[[np.ndarray], np.ndarray]


def fit_multinomial(
    features: np.ndarray, targets: np.ndarray, sample_weight: np.ndarray, C: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a multinomial logistic regression with an L2 penalty on its coefficients.

    The coefficients are a sum of the rows, and what is solved for is the weights of the rows in it (`dual`). So a step
    takes one product with the inner products of all rows. At the minimum, the weights are C times the residuals.

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
    Nocedal & Wright, "Numerical Optimization", 2nd edition, algorithm 7.1 (line search Newton-CG). Zhu & Hastie,
    "Kernel logistic regression and the import vector machine", J. Comput. Graph. Stat. 14, 2005.
    """
    x = features * np.sqrt(C)  # for a penalty of 1
    multiply = _multiplication(x)
    truth = sample_weight * np.eye(targets.max() + 1)[:, targets]  # classes in rows, here and below
    dual, bias, logits = np.zeros_like(truth), np.zeros((len(truth), 1)), np.zeros_like(truth)

    def loss(dual: np.ndarray, bias: np.ndarray, logits: np.ndarray) -> float:
        return float(np.vdot(dual, logits - bias) / 2 - np.vdot(truth, log_softmax(logits, axis=0)))

    lowest, accuracy = loss(dual, bias, logits), ACCURACY
    for _ in range(MAX_STEPS):
        probabilities = softmax(logits, axis=0)
        step, bias_step, change = _newton_step(multiply, truth, sample_weight, probabilities, dual, accuracy)
        # Near the minimum, losses differ by less than their rounding.
        tolerance = 1e-12 * abs(lowest)
        for halvings in range(30):
            length = 0.5**halvings
            reached = loss(dual + length * step, bias + length * bias_step, logits + length * change)
            if reached <= lowest + tolerance:
                break
        dual, bias, lowest = dual + length * step, bias + length * bias_step, min(lowest, reached)
        logits = multiply(dual) + bias
        largest = float(np.abs(change).max())
        if largest <= CONVERGED:
            break
        accuracy = ACCURACY * float(np.clip(largest**2, HIGHEST_ACCURACY, 1))
    residuals = truth - sample_weight * softmax(logits, axis=0)
    return np.sqrt(C) * (residuals @ x).T, bias[:, 0]


def _multiplication(x: np.ndarray) -> Multiply:
    """Multiplication of sums of rows, shape (classes, rows), by the inner products of all rows."""
    if len(x) > 2 * x.shape[1]:
        return lambda dual: dual @ x @ x.T
    kernel = x @ x.T
    return lambda dual: dual @ kernel


def _newton_step(
    multiply: Multiply,
    truth: np.ndarray,
    sample_weight: np.ndarray,
    probabilities: np.ndarray,
    dual: np.ndarray,
    accuracy: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve the Hessian for the gradient by conjugate gradients, to a relative accuracy.

    Returns the steps of `dual` and of the bias, and how the former changes the logits. Inside, a vector has the bias as
    its last column, and is a pair: itself, and its products with all rows.
    """
    weighted = sample_weight * probabilities
    curvature = np.vdot(weighted, 1 - probabilities) / len(truth)  # scales the bias

    def with_products(vector: np.ndarray) -> np.ndarray:
        pair[0], pair[1, :, :-1], pair[1, :, -1] = vector, multiply(vector[:, :-1]), vector[:, -1] / curvature
        return pair

    gradient = truth - weighted
    residual = np.hstack([gradient - dual, gradient.sum(axis=1, keepdims=True)])
    residual -= residual.mean(axis=0)  # 0 but for rounding, and nothing determines that direction
    pair = np.empty((2, *residual.shape))
    direction = with_products(residual).copy()
    size = np.vdot(residual, direction[1])
    solution, product, target = np.zeros_like(pair), np.empty_like(residual), accuracy**2 * size
    for _ in range(MAX_PRODUCTS):
        if size <= target:
            break
        # In place where that saves time: the arrays are small, and there are hundreds of rounds.
        change = direction[1, :, :-1] + direction[1, :, -1:]
        change *= weighted
        change -= probabilities * change.sum(axis=0)
        np.add(change, direction[0, :, :-1], out=product[:, :-1])
        product[:, -1] = change.sum(axis=1)
        length = size / np.vdot(direction[1], product)
        solution += length * direction
        residual -= length * product
        previous, size = size, np.vdot(residual, with_products(residual)[1])
        direction *= size / previous
        direction += pair
    bias_step = solution[1, :, -1:]
    return solution[0, :, :-1], bias_step, solution[1, :, :-1] + bias_step
