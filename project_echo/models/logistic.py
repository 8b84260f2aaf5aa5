"""The logistic head: two regularized logistic regressions on embeddings, one among animals, one against background.

It is linear, so it becomes two dense layers of the saved network, and with dozens of clips it is trained in a fraction
of a second. Training time grows with the cube of clips times views, so beyond ROWS of them it is approximated.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import log_softmax, logsumexp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from project_echo.core.seeds import generator

VARIANCE_FLOOR = 0.01  # of the mean variance over all channels
SHRINKAGE = 0.1  # of the copies' covariance towards a multiple of the identity
ROWS = 2000  # clips times views; of more, only as many span the weights
BLOCK = 256  # clips whose embeddings are in memory at once, where there are more rows


class Embeddings(Protocol):
    """Shape (clips, views, width), float32: an array, or `examples.Views`, which reads from disk on access."""

    shape: tuple[int, ...]

    def __getitem__(self, clips: Any, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Linear:
    """A linear map from embeddings to logits: weights of shape (width, outputs), bias of shape (outputs,)."""

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Logits, shape (clips, outputs), of embeddings of shape (clips, width)."""
        logits: np.ndarray = embeddings @ self.weights + self.bias
        return logits


@dataclass(frozen=True)
class Logistic:
    """The logistic head: `animals` tells the animals apart, `presence` tells them from background.

    `presence` has an output for each animal and one for background, of which only the last is used. It is None if
    there was no background to learn from.
    """

    animals: Linear
    presence: Linear | None

    def log_probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """Log-probabilities, shape (clips, labels), of embeddings of shape (clips, width); `none` is the last label."""
        animals: np.ndarray = log_softmax(self.animals.logits(embeddings), axis=1)
        if self.presence is None:
            return animals
        presence = log_softmax(self.presence.logits(embeddings), axis=1)
        animal = logsumexp(presence[:, :-1], axis=1, keepdims=True)
        return np.hstack([animals + animal, presence[:, -1:]])


def fit(
    embeddings: Embeddings, targets: np.ndarray, n_animals: int, C: float, balanced: bool, seed: int = 0
) -> Logistic:
    """Fit the logistic head.

    Background has a regression of its own: as one more class among the animals it cost about a point of accuracy (dog,
    frog, pig and rooster of ESC-50).

    Parameters
    ----------
    embeddings : Embeddings of shape (clips, views, width)
        Of clips and their augmented copies.
    targets : np.ndarray of int, shape (clips,)
        Indices of labels; from `n_animals` on they are background.
    n_animals : int
    C : float
        Inverse of the regularization strength, as in scikit-learn, for coordinates that are whitened as in `_fit`.
    balanced : bool
        Whether rarer classes weigh more.
    seed : int
        Draws the clips that span the weights, where there are more than ROWS rows.

    Returns
    -------
    Logistic
    """
    animals, clips = np.flatnonzero(targets < n_animals), np.arange(len(targets))
    with threadpool_limits(1):  # the order of sums, and so their last bits, depends on the threads
        if n_animals > 1:
            among_animals = _fit(embeddings, animals, targets[animals], C, balanced, seed)
        else:  # nothing to tell apart: always probability 1
            among_animals = Linear(np.zeros((embeddings.shape[-1], 1)), np.zeros(1))
        if len(animals) == len(clips):
            return Logistic(among_animals, None)
        presence = _fit(embeddings, clips, np.minimum(targets, n_animals), C, balanced, seed)
        return Logistic(among_animals, presence)


def _fit(embeddings: Embeddings, clips: np.ndarray, targets: np.ndarray, C: float, balanced: bool, seed: int) -> Linear:
    """Logistic regression on embeddings that are standardized, then whitened by the covariance of a clip's copies.

    That is within-class covariance normalization with every clip as a class (Hatch, Kajarekar & Stolcke, "Within-class
    covariance normalization for SVM-based speaker recognition", Interspeech 2006): directions in which a clip and its
    copies differ say nothing about the class.

    Of more than ROWS rows (clips times views), a sample spans the weights and gives mean and variance, and all are
    learned from: the Nyström method (Williams & Seeger, "Using the Nyström method to speed up kernel machines", NIPS
    2000).
    """
    _, views, width = embeddings.shape
    every = len(clips) * views <= ROWS
    sample = clips if every else clips[sample_evenly(targets, ROWS // views, seed)]
    flat = embeddings[sample].reshape(-1, width).astype(np.float32)
    mean, variance = flat.mean(axis=0), flat.var(axis=0)
    scale = np.sqrt(floor_variance(variance))
    flat -= mean
    flat /= scale
    # The penalty keeps the weights within the span of the clips, which has at most as many coordinates as there are
    # rows: far fewer than channels.
    eigenvalues, rotation = np.linalg.eigh((flat @ flat.T).astype(np.float64))
    kept = eigenvalues > 1e-6 * eigenvalues[-1]
    lengths = np.sqrt(eigenvalues[kept])
    span = rotation[:, kept] / lengths  # flat.T @ span: orthonormal columns
    if every:
        coordinates = rotation[:, kept] * lengths
    else:
        coordinates = _project(embeddings, clips, mean, (flat.T @ span.astype(np.float32)) / scale[:, np.newaxis])
    whitening = _whitening(coordinates.reshape(len(clips), views, -1)).astype(coordinates.dtype)
    regression = LogisticRegression(C=C, class_weight="balanced" if balanced else None, tol=1e-5, max_iter=1000)
    coordinates = coordinates @ whitening  # the same name, as memory may not hold both
    regression.fit(coordinates, np.repeat(targets, views))
    coefficients, bias = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # of two classes scikit-learn keeps the second alone
        coefficients, bias = np.vstack([0 * coefficients, coefficients]), np.append(0, bias)
    weights = flat.T @ (span @ (whitening @ coefficients.T)) / scale[:, np.newaxis]
    return Linear(weights, bias - mean @ weights)


def sample_evenly(targets: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Draw `n` clips evenly from all classes, so that rare ones are not lost; their indices, sorted."""
    shuffled = generator(seed, "evenly").permutation(len(targets))
    rank_in_class = pd.Series(shuffled).groupby(targets[shuffled]).cumcount()
    drawn: np.ndarray = np.sort(shuffled[np.argsort(rank_in_class, kind="stable")[:n]])
    return drawn


def _project(embeddings: Embeddings, clips: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coordinates of all views along axes of shape (width, axes): shape (clips * views, axes), float32."""
    views = embeddings.shape[1]
    coordinates = np.empty((len(clips) * views, axes.shape[1]), dtype=np.float32)
    for start in range(0, len(clips), BLOCK):
        block = embeddings[clips[start : start + BLOCK]].reshape(-1, len(mean))
        coordinates[start * views : start * views + len(block)] = (block - mean) @ axes
    return coordinates


def floor_variance(variance: np.ndarray) -> np.ndarray:
    """Variances to standardize by, shape (width,), with a floor of VARIANCE_FLOOR of their mean.

    A channel that is constant in a small training set may vary later, and would be divided by 0.
    """
    floor = max(VARIANCE_FLOOR * variance.mean(), np.finfo(np.float32).tiny)
    floored: np.ndarray = np.maximum(variance, floor)
    return floored


def _whitening(coordinates: np.ndarray) -> np.ndarray:
    """Whitening matrix, shape (width, width), of coordinates of shape (clips, views, width)."""
    width = coordinates.shape[-1]
    power = np.mean(np.square(coordinates))
    differences = (coordinates - coordinates.mean(axis=1, keepdims=True)).reshape(-1, width)
    covariance = differences.T @ differences / len(differences)
    level = np.trace(covariance) / width
    if level <= 1e-6 * power:  # no copies, or none that differ
        return np.eye(width)
    lower = np.linalg.cholesky(covariance / level + SHRINKAGE * np.eye(width))
    whitening: np.ndarray = np.linalg.inv(lower).T
    return whitening
