"""Training the logistic head: two regularized logistic regressions, one among animals, one against background.

It is linear in the embedding, so it is fitted in the space that the training clips span, which has far fewer dimensions
than an embedding has channels. Training time grows with the cube of clips times views, so beyond ROWS of them it is
approximated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from project_echo.core.seeds import generator
from project_echo.models.gram import Span, combine, gram_matrices, solve_lower, span
from project_echo.models.head import Linear, Logistic, join_logits
from project_echo.models.newton import fit_multinomial

SHRINKAGE = 0.1  # of the copies' covariance towards a multiple of the identity
ROWS = 2000  # clips times views; of more, only as many span the weights
BLOCK = 256  # clips whose embeddings are in memory at once, where there are more rows
COEFFICIENT_BITS, WEIGHT_BITS = 16, 24  # to which solutions are rounded
BIAS_STEP = 2.0**-12


class Embeddings(Protocol):
    """Shape (clips, views, width), int16: an array, or `examples.Views`, which reads from disk on access."""

    shape: tuple[int, ...]

    def __getitem__(self, clips: Any, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Regression:
    """A regression on inner products with rows: coefficients of shape (rows, outputs), bias of shape (outputs,).

    The coefficients of an output add up to 0; the bias is that of the mean of the rows.
    """

    coefficients: np.ndarray
    bias: np.ndarray

    def logits(self, kernel: np.ndarray) -> np.ndarray:
        """Logits, shape (clips, outputs), from inner products about the mean, shape (clips, rows)."""
        logits: np.ndarray = kernel @ self.coefficients + self.bias
        return logits


@dataclass(frozen=True)
class Dual:
    """The logistic head in terms of inner products with its training rows, and with their mean (`center`).

    Their parts are added up by `weights`.
    """

    weights: np.ndarray
    center: np.ndarray
    animals: Regression
    presence: Regression | None

    def log_probabilities(self, grams: np.ndarray) -> np.ndarray:
        """Log-probabilities, shape (clips, labels), from inner products of shape (parts, clips, rows)."""
        kernel = combine(grams, self.weights) - self.center
        presence = None if self.presence is None else self.presence.logits(kernel)
        return join_logits(self.animals.logits(kernel), presence)


def fit(
    embeddings: Embeddings,
    sizes: Sequence[int],
    targets: np.ndarray,
    n_animals: int,
    C: float,
    balanced: bool,
    seed: int = 0,
) -> Logistic:
    """Fit the logistic head.

    Background has a regression of its own: as one more class among the animals it cost about a point of accuracy (dog,
    frog, pig and rooster of ESC-50).

    Of more than ROWS rows (clips times views), a sample spans the weights and gives mean and variances, and all are
    learned from: the Nyström method (Williams & Seeger, "Using the Nyström method to speed up kernel machines", NIPS
    2000).

    Parameters
    ----------
    embeddings : Embeddings of shape (clips, views, width)
        Of clips and their augmented copies.
    sizes : sequence of int
        Entries of each part of an embedding (`embedding.parts`), which are scaled by their mean variance.
    targets : np.ndarray of int, shape (clips,)
        Indices of labels; from `n_animals` on they are background.
    n_animals : int
    C : float
        Inverse of the regularization strength, as in scikit-learn, for coordinates that are centered, scaled (part by
        part, not channel by channel), by all clips, and whitened as in `_solve`, each regression by its own clips.
    balanced : bool
        Whether rarer classes weigh more.
    seed : int
        Draws the clips that span the weights, where there are more than ROWS rows.

    Returns
    -------
    Logistic
        Its weights have so few bits that their products with embeddings are exact.
    """
    clips, views, width = embeddings.shape
    every = clips * views <= ROWS
    sample = np.arange(clips) if every else sample_evenly(targets, ROWS // views, seed)
    rows = embeddings[sample].reshape(-1, width)
    with threadpool_limits(1):  # the order of sums, and so their last bits, depends on the threads
        grams = gram_matrices(rows, rows, sizes)
        if every:
            dual = fit_dual(grams, sizes, targets, n_animals, C, balanced)
        else:
            spanned = span(grams, sizes)
            coordinates = np.concatenate(
                [
                    spanned.coordinates(gram_matrices(embeddings[block].reshape(-1, width), rows, sizes))
                    for block in np.split(np.arange(clips), range(BLOCK, clips, BLOCK))
                ]
            )
            dual = _solve(spanned, coordinates, targets, n_animals, C, balanced)
        presence = None if dual.presence is None else _linear(dual.presence, dual.weights, rows, sizes)
        return Logistic(_linear(dual.animals, dual.weights, rows, sizes), presence)


def fit_dual(
    grams: np.ndarray, sizes: Sequence[int], targets: np.ndarray, n_animals: int, C: float, balanced: bool
) -> Dual:
    """Fit the logistic head from the Gram matrices of its training rows alone; see `fit`.

    Parameters
    ----------
    grams : np.ndarray of shape (parts, rows, rows)
        What `gram_matrices` returns for the rows: all views of the first clip, then of the second, and so on.
    sizes : sequence of int
        Entries of each part of an embedding.
    targets : np.ndarray of int, shape (clips,)
    n_animals : int
    C : float
    balanced : bool

    Returns
    -------
    Dual
    """
    spanned = span(grams, sizes)
    return _solve(spanned, spanned.rows, targets, n_animals, C, balanced)


def _solve(
    spanned: Span, coordinates: np.ndarray, targets: np.ndarray, n_animals: int, C: float, balanced: bool
) -> Dual:
    """Fit both regressions on coordinates of shape (rows, dimensions), whitened by the covariance of a clip's copies.

    Each is whitened by its own clips: copies of steady background say little about how calls vary (half a point of
    accuracy on dog, frog, pig and rooster of ESC-50).

    That is within-class covariance normalization with every clip as a class (Hatch, Kajarekar & Stolcke, "Within-class
    covariance normalization for SVM-based speaker recognition", Interspeech 2006): directions in which a clip and its
    copies differ say nothing about the class.
    """
    views = len(coordinates) // len(targets)
    targets = np.repeat(targets, views)

    def fit_rows(rows: np.ndarray, classes: np.ndarray) -> Regression:
        factor = _covariance_factor(coordinates[rows], views)
        whitened = solve_lower(factor, coordinates[rows].T).T
        counts = np.bincount(classes)
        weight = (len(classes) / (len(counts) * counts))[classes] if balanced else np.ones(len(classes))
        coefficients, bias = fit_multinomial(whitened, classes, weight, C)
        coefficients = spanned.coefficients(solve_lower(factor, coefficients, transposed=True))
        return Regression(coefficients, bias)

    is_animal = targets < n_animals
    if n_animals > 1:
        among_animals = fit_rows(is_animal, targets[is_animal])
    else:  # nothing to tell apart: always probability 1
        among_animals = Regression(np.zeros((len(spanned.rows), 1)), np.zeros(1))
    presence = None if is_animal.all() else fit_rows(np.full(len(targets), True), np.minimum(targets, n_animals))
    return Dual(spanned.weights, spanned.center, among_animals, presence)


def _covariance_factor(coordinates: np.ndarray, views: int) -> np.ndarray:
    """Cholesky factor of the covariance of a clip's copies, of coordinates of shape (rows, dimensions)."""
    n_rows, dimensions = coordinates.shape
    of_clips = coordinates.reshape(n_rows // views, views, dimensions)
    differences = (of_clips - of_clips.mean(axis=1, keepdims=True)).reshape(n_rows, dimensions)
    covariance = differences.T @ differences / n_rows
    level = np.trace(covariance) / max(1, dimensions)
    if level <= 1e-6 * np.sum(np.square(coordinates)) / max(1, coordinates.size):  # no copies, or none that differ
        return np.eye(dimensions)
    factor: np.ndarray = np.linalg.cholesky(covariance / level + SHRINKAGE * np.eye(dimensions))
    return factor


def _linear(regression: Regression, weights: np.ndarray, rows: np.ndarray, sizes: Sequence[int]) -> Linear:
    """A regression on inner products as one on embeddings, rounded so that every processor gets the same."""
    coefficients = _round(_share(regression.coefficients, rows), COEFFICIENT_BITS)
    coefficients[0] -= coefficients.sum(axis=0)  # by rounding, the mean has got in, which may be large
    of_parts = [
        weight * (part.astype(np.float64).T @ coefficients)  # a sum of integers, but for a power of two
        for weight, part in zip(weights, np.split(rows, np.cumsum(sizes)[:-1], axis=1), strict=True)
    ]
    rounded = _round(np.concatenate(of_parts), WEIGHT_BITS)
    bias = np.rint((regression.bias - rows.mean(axis=0) @ rounded) / BIAS_STEP) * BIAS_STEP
    return Linear(rounded, bias)


def _share(coefficients: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Give rows that are the same the mean of their coefficients; which of them spans the space depends on rounding."""
    _, group, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    totals = np.zeros((len(counts), coefficients.shape[1]))
    np.add.at(totals, group, coefficients)
    shared: np.ndarray = (totals / counts[:, np.newaxis])[group]
    return shared


def _round(values: np.ndarray, bits: int) -> np.ndarray:
    """Round to multiples of a power of two, by which the largest value has at most `bits` bits."""
    _, exponent = np.frexp(np.abs(values).max(initial=0))
    step = 2.0 ** (int(exponent) - bits)
    rounded: np.ndarray = np.rint(values / step) * step
    return rounded


def sample_evenly(targets: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Draw `n` clips evenly from all classes, so that rare ones are not lost; their indices, sorted."""
    shuffled = generator(seed, "evenly").permutation(len(targets))
    rank_in_class = pd.Series(shuffled).groupby(targets[shuffled]).cumcount()
    drawn: np.ndarray = np.sort(shuffled[np.argsort(rank_in_class, kind="stable")[:n]])
    return drawn
