"""Multinomial logistic regression by Newton's method, to nearly the last bit.

Solvers that stop at a tolerance stop elsewhere on another processor. Here what is left is the rounding of float64,
about 1e-11 of a logit, which rounding the solution hides.
"""

from collections.abc import Callable

import numpy as np

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

    The coefficients are a sum of the rows, and what is solved for is the weights of the rows in it (`dual`): so each
    product with the Hessian takes one with the inner products of all rows.

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
    truth: np.ndarray = sample_weight * np.eye(targets.max() + 1)[:, targets]  # classes in rows, here and below
    if len(truth) == 2:  # scikit-learn has a single column then: the difference of ours, with twice their penalty
        C = C / 2
    x = features * np.sqrt(C)  # for a penalty of 1
    multiply = _multiplication(x)
    dual, logits = np.zeros_like(truth), np.zeros_like(truth)
    bias: np.ndarray = np.zeros((len(truth), 1))
    logs = _log_softmax(logits)
    lowest, accuracy = -float(np.vdot(truth, logs)), ACCURACY
    for _ in range(MAX_STEPS):
        step, bias_step = _newton_step(multiply, truth, sample_weight, np.exp(logs), dual, accuracy)
        change = multiply(step) + bias_step
        # Near the minimum, losses differ by less than their rounding.
        tolerance = 1e-12 * abs(lowest)
        for halvings in range(30):
            length = 0.5**halvings
            new_dual, new_bias, new_logits = dual + length * step, bias + length * bias_step, logits + length * change
            logs = _log_softmax(new_logits)
            loss = float(np.vdot(new_dual, new_logits - new_bias) / 2 - np.vdot(truth, logs))
            if loss <= lowest + tolerance:
                break
        dual, bias, logits, lowest = new_dual, new_bias, new_logits, min(lowest, loss)
        largest = float(np.abs(change).max())
        if largest <= CONVERGED:
            break
        accuracy = ACCURACY * float(np.clip(largest**2, HIGHEST_ACCURACY, 1))
    return np.sqrt(C) * (dual @ x).T, bias[:, 0]


def _multiplication(x: np.ndarray) -> Multiply:
    """Multiplication of sums of rows, shape (classes, rows), by the inner products of all rows."""
    if len(x) > 2 * x.shape[1]:
        return lambda dual: dual @ x @ x.T
    kernel = x @ x.T
    return lambda dual: dual @ kernel


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of logits of shape (classes, rows); SciPy's takes longer for small arrays."""
    shifted = logits - logits.max(axis=0)
    shifted -= np.log(np.exp(shifted).sum(axis=0))
    return shifted


def _newton_step(
    multiply: Multiply,
    truth: np.ndarray,
    sample_weight: np.ndarray,
    probabilities: np.ndarray,
    dual: np.ndarray,
    accuracy: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Solve the Hessian for the gradient by conjugate gradients, to a relative accuracy.

    Returns the steps of `dual` and of the bias. Inside, the last column of a vector is the bias, and pairs are a vector
    and its products with all rows.
    """
    weighted = sample_weight * probabilities
    curvature = np.vdot(weighted, 1 - probabilities) / len(truth)  # scales the bias
    gradient = truth - weighted
    residual = np.hstack([gradient - dual, gradient.sum(axis=1, keepdims=True)])
    residual -= residual.mean(axis=0)  # 0 but for rounding, and nothing determines that direction
    pair, product, solution = np.empty((2, *residual.shape)), np.empty_like(residual), np.zeros_like(residual)

    def complete_pair() -> float:
        pair[0], pair[1, :, :-1], pair[1, :, -1] = residual, multiply(residual[:, :-1]), residual[:, -1] / curvature
        return float(np.vdot(residual, pair[1]))

    size = complete_pair()
    direction, target = pair.copy(), accuracy**2 * size
    for _ in range(MAX_PRODUCTS):
        if size <= target:
            break
        # In place, and with few calls: the arrays are small, and there are hundreds of rounds.
        change = direction[1, :, :-1] + direction[1, :, -1:]
        change *= weighted
        change -= probabilities * np.add.reduce(change, axis=0)
        np.add(change, direction[0, :, :-1], out=product[:, :-1])
        np.add.reduce(change, axis=1, out=product[:, -1])
        length = size / np.vdot(direction[1], product)
        solution += length * direction[0]
        product *= length
        residual -= product
        previous, size = size, complete_pair()
        direction *= size / previous
        direction += pair
    return solution[:, :-1], solution[:, -1:] / curvature
