"""Logistic regressions of several labels on one kernel by Newton's method, to nearly the last bit.

Solvers that stop at a tolerance stop elsewhere on another processor. Here what is left is the rounding of float64,
about 1e-11 of a logit, which rounding the solution hides.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from project_echo.core.errors import EchoError

MAX_STEPS = 100
MAX_PRODUCTS = 1000  # with the Hessian, in one step
# Relative accuracy of steps
ACCURACY = 0.3  # of the first steps
FORCING = 0.03  # of later ones, for a change of a logit by 1 in the step before; smaller for a smaller change
HIGHEST_ACCURACY = 1e-4  # of any, and of exact steps from the first on: what they leave stays in the solution
NEAR = 1e-3  # change of a logit up to which a whole step is right, and the loss too rough to tell
CONVERGED = 1e-7  # largest change of a logit in the last approximate step
SOLVED = 1e-9  # and in the last exact one

Multiply = Callable[[np.ndarray], np.ndarray]


def fit_logistic(
    multiply: Multiply, truth: np.ndarray, weight: np.ndarray, approximate: Multiply | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression with an L2 penalty of 1/2 for each label by itself.

    The coefficients are a sum of the rows, and what is solved for is the weights of the rows in it (`dual`): so each
    product with the Hessian takes one with the inner products of all rows.

    Parameters
    ----------
    multiply : callable
        Multiplies arrays of shape (n, rows), of any n of the labels, by the inner products of all rows.
    truth : np.ndarray of shape (labels, rows), float64
        1 for yes, 0 for no.
    weight : np.ndarray of shape (labels, rows)
        0 for rows that are left out.
    approximate : callable, optional
        A faster `multiply` of single precision, for the steps before the last. Where it does not suffice, as inner
        products do not have full rank, more steps with `multiply` follow.

    Returns
    -------
    dual : np.ndarray of shape (labels, rows)
        The residuals, by which each label's add up to nearly 0.
    bias : np.ndarray of shape (labels,)

    Raises
    ------
    EchoError
        If a solution is not reached in MAX_STEPS with `multiply`.

    References
    ----------
    Nocedal & Wright, "Numerical Optimization", 2nd edition, algorithm 7.1 (line search Newton-CG). Eisenstat & Walker,
    "Choosing the forcing terms in an inexact Newton method", SIAM J. Sci. Comput. 17, 1996. Zhu & Hastie,
    "Kernel logistic regression and the import vector machine", J. Comput. Graph. Stat. 14, 2005.
    """
    dual, logits = np.zeros_like(truth), np.zeros_like(truth)
    bias: np.ndarray = np.zeros((len(truth), 1))
    lowest = _loss(truth, weight, logits, dual, bias)
    phases = ((approximate or multiply, ACCURACY, CONVERGED), (multiply, HIGHEST_ACCURACY, SOLVED))
    for hessian, first_accuracy, enough in phases:
        accuracy: np.ndarray = np.full((len(truth), 1), first_accuracy)
        for _ in range(MAX_STEPS):
            step, bias_step = _newton_step(hessian, truth, weight, expit(logits), dual, accuracy)
            change = multiply(step) + bias_step
            largest = np.abs(change).max(axis=1, keepdims=True)
            length = np.ones_like(bias)
            for _halving in range(30):
                new = dual + length * step, bias + length * bias_step, logits + length * change
                loss = _loss(truth, weight, new[2], new[0], new[1])
                is_worse = (loss > lowest) & (largest > NEAR)
                if not is_worse.any():
                    break
                length[is_worse] /= 2
            (dual, bias, logits), lowest = new, np.minimum(lowest, loss)
            is_solved = largest <= enough
            if is_solved.all():
                break
            accuracy = np.where(is_solved, 1, np.clip(FORCING * largest, HIGHEST_ACCURACY, ACCURACY))
    if not is_solved.all():
        raise EchoError("train.C: the logistic regression does not converge. Use a smaller value.")
    # At the minimum, the weight of a row is its residual. The steps have left that open where inner products do not
    # have full rank: what they add up in the null space changes no logit, but may be large.
    residual: np.ndarray = weight * (truth - expit(logits))
    return residual, bias[:, 0]


def _loss(truth: np.ndarray, weight: np.ndarray, logits: np.ndarray, dual: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Loss of each label, shape (labels, 1)."""
    of_rows = weight * (np.logaddexp(0, logits) - truth * logits)
    loss: np.ndarray = (of_rows + dual * (logits - bias) / 2).sum(axis=1, keepdims=True)
    return loss


def _newton_step(
    multiply: Multiply,
    truth: np.ndarray,
    weight: np.ndarray,
    probabilities: np.ndarray,
    dual: np.ndarray,
    accuracy: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Solve the Hessian for the gradient by conjugate gradients, to a relative accuracy of each label; 1 for no step.

    Returns the steps of `dual` and of the bias. Inside, the last column of a vector is the bias, and pairs are a vector
    and its products with all rows.
    """
    curvatures = weight * probabilities * (1 - probabilities)
    curvature = np.maximum(curvatures.mean(axis=1, keepdims=True), np.finfo(float).tiny)  # scales the bias
    gradient = weight * (truth - probabilities)
    residual = np.hstack([gradient - dual, gradient.sum(axis=1, keepdims=True)])
    pair, product, solution = np.zeros((2, *residual.shape)), np.empty_like(residual), np.zeros_like(residual)
    active = accuracy < 1  # labels that are not solved yet

    def complete_pair() -> np.ndarray:
        unsolved = active[:, 0]  # of others the residuals stay, and with them their products
        pair[0], pair[1, unsolved, :-1] = residual, multiply(residual[unsolved, :-1])
        pair[1, :, -1:] = residual[:, -1:] / curvature
        return np.einsum("lr,lr->l", residual, pair[1])[:, np.newaxis]

    size = complete_pair()
    direction, target = pair.copy(), np.square(accuracy) * size
    for _ in range(MAX_PRODUCTS):
        active = size > target
        if not active.any():
            break
        # In place, and with few calls: the arrays are small, and there are hundreds of rounds.
        change = direction[1, :, :-1] + direction[1, :, -1:]
        change *= curvatures
        np.add(change, direction[0, :, :-1], out=product[:, :-1])
        np.add.reduce(change, axis=1, out=product[:, -1])
        length = _divide(size, np.einsum("lr,lr->l", direction[1], product)[:, np.newaxis], active)
        solution += length * direction[0]
        product *= length
        residual -= product
        previous, size = size, complete_pair()
        direction *= _divide(size, previous, active)
        direction += pair
    return solution[:, :-1], solution[:, -1:] / curvature


def _divide(numerator: np.ndarray, denominator: np.ndarray, where: np.ndarray) -> np.ndarray:
    """A quotient, and 0 where it is not asked for."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=where & (denominator > 0))
