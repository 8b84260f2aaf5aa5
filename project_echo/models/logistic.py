"""Training the logistic head: a regularized logistic regression for each label by itself.

It is linear in the embedding, so it is fitted in the space that the training slices span, which has fewer dimensions
than an embedding has entries. Time grows with the square of the slices, so beyond ROWS of them it is approximated.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.linalg.blas import dsymv, ssymv
from threadpoolctl import threadpool_limits

from project_echo.core.seeds import generator
from project_echo.datasets.views import UNSTATED
from project_echo.models.gram import OFFSET, gram_matrix
from project_echo.models.head import Linear
from project_echo.models.newton import Multiply, fit_logistic

ROWS = 6000  # of more slices, only LANDMARKS span the weights
LANDMARKS = 2000
MAX_ROWS = 24_000  # that are learned from; of more, as many are drawn
JITTER = 1e-6  # added to the inner products of landmarks, relative to their mean square
COEFFICIENT_BITS, WEIGHT_BITS = 16, 24  # to which solutions are rounded
BIAS_STEP = 2.0**-12


@dataclass(frozen=True)
class Dual:
    """Regressions in terms of inner products with their training rows.

    Attributes
    ----------
    coefficients : np.ndarray of shape (rows, labels)
        Each label's add up to 0.
    center : np.ndarray of shape (rows,)
        Inner products of the rows with their mean.
    bias : np.ndarray of shape (labels,)
        Logits at the mean of the rows.
    """

    coefficients: np.ndarray
    center: np.ndarray
    bias: np.ndarray

    def logits(self, gram: np.ndarray) -> np.ndarray:
        """Logits, shape (n, labels), from inner products with the rows, shape (n, rows)."""
        logits: np.ndarray = (gram - self.center) @ self.coefficients + self.bias
        return logits


def fit(rows: np.ndarray, weights: np.ndarray, truth: np.ndarray, C: float, balanced: bool, seed: int = 0) -> Linear:
    """Fit the logistic head.

    Of more than ROWS rows, a sample spans the weights: the Nyström method (Williams & Seeger, "Using the Nyström method
    to speed up kernel machines", NIPS 2000).

    Parameters
    ----------
    rows : np.ndarray of shape (rows, width), uint8
        Embeddings of slices.
    weights : np.ndarray of shape (width,)
        By which products of entries are multiplied (`embedding.entry_weights`).
    truth : np.ndarray of shape (rows, labels), int8
        1 for yes, 0 for no, less for unknown, which is left out.
    C : float
        Inverse of the regularization strength, as in scikit-learn, for embeddings about their mean whose mean square is
        1. Rows with a label that is UNSTATED do not enter that square: they change the regressions of labels of which
        they state something, and no other.
    balanced : bool
        Whether, for each label, yes and no have the same weight in all.
    seed : int
        Draws the rows where there are too many.

    Returns
    -------
    Linear
        Its weights have so few bits that their products with embeddings are exact.
    """
    if len(rows) > MAX_ROWS:
        kept = draw_rows(len(rows), seed)
        rows, truth = rows[kept], truth[kept]
    with threadpool_limits(1):  # the order of sums, and so their last bits, depends on the threads
        if len(rows) <= ROWS:
            dual = fit_dual(gram_matrix(rows, rows, weights), truth, C, balanced)
            return as_linear(dual, rows, weights)
        landmarks = np.sort(generator(seed, "landmarks").permutation(len(rows))[:LANDMARKS])
        dual = _fit_landmarks(gram_matrix(rows, rows[landmarks], weights), landmarks, truth, C, balanced)
        return as_linear(dual, rows[landmarks], weights)


def draw_rows(n: int, seed: int) -> np.ndarray:
    """Indices of the rows that `fit` learns from, of `n`: all, or MAX_ROWS. Others need not be read."""
    if n <= MAX_ROWS:
        return np.arange(n)
    return np.sort(generator(seed, "rows").permutation(n)[:MAX_ROWS])


def fit_dual(gram: np.ndarray, truth: np.ndarray, C: float, balanced: bool) -> Dual:
    """Fit the logistic head from the inner products of its training rows, shape (rows, rows); see `fit`."""
    means = gram.mean(axis=0)
    kernel = gram - means
    kernel += means.mean() - means[:, np.newaxis]
    scale = C / _mean_square(kernel.diagonal(), truth, lambda share: kernel @ share)
    kernel *= scale
    rough = kernel.astype(np.float32)
    # One triangle of the matrix is read for each label, which takes half the time of a product with all of it.
    dual, bias = _solve(
        lambda vectors: np.stack([dsymv(1.0, kernel.T, vector) for vector in vectors]),
        truth,
        balanced,
        lambda vectors: np.stack([ssymv(1.0, rough.T, vector) for vector in vectors]),
    )
    return Dual(_sum_to_zero(scale * dual.T), means, bias)


def _fit_landmarks(gram: np.ndarray, landmarks: np.ndarray, truth: np.ndarray, C: float, balanced: bool) -> Dual:
    """Fit from inner products with some of the rows, shape (rows, landmarks); coefficients are of the landmarks.

    The matrix is overwritten: it takes more memory than all else.
    """
    means = gram[landmarks].mean(axis=0)
    kernel = np.subtract(gram, means, out=gram)
    kernel -= kernel.mean(axis=1, keepdims=True)
    among = kernel[landmarks]
    factor = cholesky(among + JITTER * _at_least(among.diagonal().mean()) * np.eye(len(landmarks)), lower=True)
    coordinates = solve_triangular(factor, kernel.T, lower=True, overwrite_b=True).T
    squares = [np.square(part).sum(axis=1) for part in np.array_split(coordinates, 24)]
    scale = C / _mean_square(np.concatenate(squares), truth, lambda share: coordinates @ (coordinates.T @ share))
    dual, bias = _solve(lambda vectors: scale * ((vectors @ coordinates) @ coordinates.T), truth, balanced)
    spanned = solve_triangular(factor, scale * (dual @ coordinates).T, lower=True, trans=1)
    return Dual(_sum_to_zero(spanned), means, bias)


def _solve(
    multiply: Multiply, truth: np.ndarray, balanced: bool, approximate: Multiply | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """`fit_logistic` for truth of shape (rows, labels) with unknown values.

    A label that all known rows have, or none of them, has no finite solution. It gets zero weights, and as bias the
    log-odds of its frequency by Laplace's rule of succession; 0 if nothing is known.
    """
    known = truth.T >= 0
    yes = truth.T == 1
    n_yes, n_no = yes.sum(axis=1), (known & ~yes).sum(axis=1)
    dual, bias = np.zeros(yes.shape), np.log((n_yes + 1) / (n_no + 1))
    varies = (n_yes > 0) & (n_no > 0)
    if varies.any():
        dual[varies], bias[varies] = _solve_varying(multiply, yes[varies], known[varies], balanced, approximate)
    return dual, bias


def _solve_varying(
    multiply: Multiply, yes: np.ndarray, known: np.ndarray, balanced: bool, approximate: Multiply | None
) -> tuple[np.ndarray, np.ndarray]:
    """`fit_logistic` for labels, of bool arrays of shape (labels, rows), with rows that have each and that have not."""
    weight = known.astype(np.float64)
    if balanced:
        n_yes, n = yes.sum(axis=1, keepdims=True), known.sum(axis=1, keepdims=True)
        weight *= np.where(yes, n / (2 * n_yes), n / (2 * (n - n_yes)))
    return fit_logistic(multiply, yes.astype(np.float64), weight, approximate)


def _mean_square(squares: np.ndarray, truth: np.ndarray, multiply: Multiply) -> float:
    """Mean square of rows about their mean, without rows with a label that is UNSTATED.

    Parameters
    ----------
    squares : np.ndarray of shape (rows,)
        Of all rows, about the mean of all.
    truth : np.ndarray of shape (rows, labels)
    multiply : callable
        Multiplies an array of shape (rows,) by the inner products of all rows about that mean.

    Returns
    -------
    float
    """
    counts = (truth != UNSTATED).all(axis=1)
    if counts.all() or not counts.any():
        return _at_least(squares.mean())
    share = counts / counts.sum()
    return _at_least(squares[counts].mean() - share @ multiply(share))  # the second term is the square of their mean


def _at_least(square: float) -> float:
    return max(float(square), float(np.finfo(np.float32).tiny))


def _sum_to_zero(coefficients: np.ndarray) -> np.ndarray:
    """Coefficients of shape (rows, labels) without what rounding has added to their sum, which the mean would enter."""
    centered: np.ndarray = coefficients - coefficients.mean(axis=0)
    return centered


def as_linear(dual: Dual, rows: np.ndarray, weights: np.ndarray) -> Linear:
    """Regressions on inner products as one on embeddings, rounded so that every processor gets the same."""
    coefficients = _round(dual.coefficients, COEFFICIENT_BITS)
    coefficients[0] -= coefficients.sum(axis=0)  # by rounding, the mean has got in, which may be large
    sums = np.zeros((rows.shape[1], coefficients.shape[1]))
    for start in range(0, len(rows), 512):  # of integers, but for powers of two
        sums += (rows[start : start + 512].astype(np.float64) - OFFSET).T @ coefficients[start : start + 512]
    rounded = _round(weights[:, np.newaxis] * sums, WEIGHT_BITS)
    mean = rows.mean(axis=0, dtype=np.float64)
    bias = np.rint((dual.bias - mean @ rounded) / BIAS_STEP) * BIAS_STEP
    return Linear(rounded, bias)


def _round(values: np.ndarray, bits: int) -> np.ndarray:
    """Round to multiples of a power of two, by which the largest value has at most `bits` bits."""
    _, exponent = np.frexp(np.abs(values).max(initial=0))
    step = 2.0 ** (int(exponent) - bits)
    rounded: np.ndarray = np.rint(values / step) * step
    return rounded
